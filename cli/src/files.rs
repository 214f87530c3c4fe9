//! Output files: written whole or not at all, whatever happens.

use std::collections::BTreeSet;
use std::fs::{File, Permissions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, bail};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;
use tempfile::{NamedTempFile, TempPath};

/// Temporary files that exist. Whoever makes, renames or removes one holds the lock.
static TEMPORARY: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn temporary() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes temporary files when the program is interrupted or ended from outside. A file that grows
/// beyond the limit of the process is an error of writing, not the end of the program.
pub fn clean_up_on_signals() -> Result<()> {
    let mut signals =
        Signals::new([SIGINT, SIGTERM, SIGHUP, SIGXFSZ]).context("signals cannot be handled")?;
    std::thread::spawn(move || {
        let Some(signal) = signals.forever().find(|&signal| signal != SIGXFSZ) else { return };
        let files = temporary();
        files.iter().for_each(|path| _ = std::fs::remove_file(path));
        // The lock is held to the end: no file appears any more.
        eprintln!("stwo-ml: interrupted, nothing was written");
        std::process::exit(128 + signal);
    });
    Ok(())
}

/// A file that will be written: under a temporary name beside it, then renamed, so that readers
/// never see half of it. Anything but a regular file (a pipe, a device) is written to as it is.
pub struct Output {
    path: PathBuf,
    target: Target,
}

enum Target {
    Temporary(File, TempPath),
    Direct(File),
}

impl Output {
    /// Makes sure that the file can be written, before anything is computed for it.
    pub fn create(path: &Path) -> Result<Self> {
        let context = || format!("cannot write {}", path.display());
        let target = match std::fs::metadata(path) {
            Ok(found) if found.is_dir() => bail!("{}: it is a folder", context()),
            Ok(found) if !found.is_file() => {
                Target::Direct(File::options().write(true).open(path).with_context(context)?)
            }
            _ => {
                let folder = match path.parent() {
                    Some(p) if !p.as_os_str().is_empty() => p,
                    _ => Path::new("."),
                };
                let mut files = temporary();
                let (file, temporary) = tempfile::Builder::new()
                    .prefix(".stwo-ml-")
                    .permissions(Permissions::from_mode(0o666))
                    .tempfile_in(folder)
                    .with_context(context)?
                    .into_parts();
                files.insert(temporary.to_path_buf());
                Target::Temporary(file, temporary)
            }
        };
        Ok(Self { path: path.to_path_buf(), target })
    }

    /// Writes the file. Returns its length in bytes.
    pub fn write(self, write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<u64> {
        let Self { path, target } = self;
        let context = || format!("cannot write {}", path.display());
        let fill = |file: &File| -> std::io::Result<u64> {
            let mut out = Counted { file, length: 0 };
            let mut buffer = BufWriter::with_capacity(1 << 20, &mut out);
            write(&mut buffer)?;
            buffer.flush()?;
            drop(buffer);
            Ok(out.length)
        };
        match target {
            Target::Direct(file) => fill(&file).with_context(context),
            Target::Temporary(file, temporary_path) => {
                let temporary_file = NamedTempFile::from_parts(file, temporary_path);
                let name = temporary_file.path().to_path_buf();
                let length = fill(temporary_file.as_file());
                let synced = length.and_then(|n| temporary_file.as_file().sync_all().map(|()| n));
                let mut files = temporary();
                files.remove(&name);
                let length = synced.with_context(context)?;
                temporary_file.persist(&path).map_err(|e| e.error).with_context(context)?;
                Ok(length)
            }
        }
    }
}

/// Counts what is written.
struct Counted<'a> {
    file: &'a File,
    length: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = self.file.write(bytes)?;
        self.length += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// Writes a file whole or not at all.
pub fn write_atomically(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<u64> {
    Output::create(path)?.write(write)
}

/// Reads a file whole.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
