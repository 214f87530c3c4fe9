//! Lists the Cairo sources of the program, which the crate carries with it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The packages that the program is compiled from.
const PACKAGES: [&str; 3] = ["corelib", "verifier", "recursive"];

fn main() -> io::Result<()> {
    let cairo = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../cairo");
    let mut files = vec![cairo.join("Scarb.toml")];
    for package in PACKAGES {
        let root = cairo.join(package);
        println!("cargo::rerun-if-changed={}", root.display());
        files.push(root.join("Scarb.toml"));
        walk(&root.join("src"), &mut files)?;
    }
    files.sort();
    let mut list = String::from("&[\n");
    for file in &files {
        println!("cargo::rerun-if-changed={}", file.display());
        let name = file.strip_prefix(&cairo).expect("below").to_str().expect("plain names");
        let path = file.canonicalize()?;
        writeln!(list, "({name:?}, include_str!({:?})),", path.display().to_string())
            .expect("a string takes everything");
    }
    list.push(']');
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("sources.rs"), list)
}

/// All Cairo files below a folder.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "cairo") {
            files.push(path);
        }
    }
    Ok(())
}
