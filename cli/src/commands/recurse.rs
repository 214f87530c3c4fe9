//! Batches of proofs: another program makes and verifies them, since its dependencies are not those of
//! this one (docs/recursion.md).

use std::ffi::OsStr;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, anyhow, bail};

use crate::Style;
use crate::args::{Recurse, Verify};

/// The program.
const PROGRAM: &str = "stwo-ml-recurse";
/// First bytes of a batch, before its version.
const MAGIC: [u8; 7] = *b"STWOMLB";
const MISSING: &str = "stwo-ml-recurse is neither beside stwo-ml nor in PATH; from the sources, \
`scripts/patch_crates.sh && (cd recursion && cargo build --release --locked)` makes \
recursion/target/release/stwo-ml-recurse";

/// Runs the verb; comes back only when it cannot.
pub fn run(args: &Recurse, style: Style) -> Result<()> {
    if style.silent() {
        bail!("recurse knows neither --json nor --quiet");
    }
    hand_over("prove", &args.arguments)
}

/// Whether a file is a batch, of any version. One that cannot be read is none.
pub fn is_batch(path: &Path) -> bool {
    let mut bytes = [0; MAGIC.len()];
    File::open(path).and_then(|mut file| file.read_exact(&mut bytes)).is_ok() && bytes == MAGIC
}

/// Verifies a batch; comes back only when it cannot.
pub fn verify(args: &Verify, style: Style) -> Result<()> {
    let given = [
        ("--vk", args.vk.is_some()),
        ("--model", args.model.is_some()),
        ("--context", args.context.is_some()),
        ("--labels", args.labels.is_some()),
    ];
    if let Some((name, _)) = given.iter().find(|(_, given)| *given) {
        bail!(
            "{} is a batch of proofs, which says itself what it proves: {name} has no use",
            args.proof.display()
        );
    }
    let json = style.json.then_some(OsStr::new("--json"));
    let quiet = style.quiet.then_some(OsStr::new("--quiet"));
    let options = json.into_iter().chain(quiet);
    let path = [OsStr::new("--"), args.proof.as_os_str()];
    hand_over("verify", options.chain(path))
}

/// Becomes the other program: its output, its exit code and the signals to it are this one's.
fn hand_over(verb: &str, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<()> {
    let beside = std::env::current_exe().ok().map(|path| path.with_file_name(PROGRAM));
    let program = beside.filter(|path| path.is_file()).unwrap_or_else(|| PathBuf::from(PROGRAM));
    let error = Command::new(&program).arg(verb).args(arguments).exec();
    match error.kind() {
        ErrorKind::NotFound => Err(anyhow!(MISSING)),
        _ => Err(anyhow!(error).context(format!("cannot run {}", program.display()))),
    }
}
