//! Puts the Cairo sources of the verifier contract into the program: what `deploy` declares is then a
//! matter of the program alone.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Folders below `cairo/` that the contract is compiled from.
const FOLDERS: [&str; 3] = ["contract", "corelib", "verifier"];

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let cairo = here.join("../cairo");
    let mut files = vec![cairo.join("Scarb.toml")];
    for folder in FOLDERS {
        collect(&cairo.join(folder), &mut files)?;
    }
    files.sort();
    let mut code = String::from("&[\n");
    for path in files {
        println!("cargo::rerun-if-changed={}", path.display());
        let name = path.strip_prefix(&cairo).map_err(io::Error::other)?;
        let full = path.canonicalize()?;
        writeln!(code, "    ({name:?}, include_str!({full:?})),").map_err(io::Error::other)?;
    }
    code.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    fs::write(out.join("contract_sources.rs"), code)
}

/// Sources and manifests of a folder, without tests.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if path.is_dir() {
            collect(&path, files)?;
        } else if name == "Scarb.toml" || name.ends_with(".cairo") {
            files.push(path);
        }
    }
    Ok(())
}
