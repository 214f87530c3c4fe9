//! Groups that are proven already, kept in a folder until the batch is complete.
//!
//! The name of a part is a hash of everything that it depends on: program, parameters, statements and
//! inner proofs. What is found under it is verified nevertheless.

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use blake2::{Blake2s256, Digest as _};

use crate::batch::Inner;
use crate::file::MAGIC;
use crate::params::{PCS, PREPROCESSED_ROOT};
use crate::program::PROGRAM_HASH;
use crate::verify::verify_group;

/// A folder with parts.
pub struct Checkpoints {
    folder: PathBuf,
}

impl Checkpoints {
    /// The parts in a folder, which need not exist.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Where the group of these proofs is kept.
    #[must_use]
    pub fn path(&self, inner: &[Inner<'_>]) -> PathBuf {
        let mut hasher = Blake2s256::new();
        hasher.update(MAGIC);
        hasher.update(PROGRAM_HASH);
        hasher.update(PREPROCESSED_ROOT);
        let parameters = format!("{PCS:?}");
        hasher.update((parameters.len() as u64).to_le_bytes());
        hasher.update(parameters);
        for inner in inner {
            hasher.update(inner.digest());
        }
        self.folder.join(format!("{}.group", hex::encode(hasher.finalize())))
    }

    /// The group of these proofs, if it is there and valid. One that is there and not valid is an error.
    ///
    /// # Errors
    /// Why it is not valid.
    pub fn find(&self, inner: &[Inner<'_>]) -> Option<Result<Vec<u8>>> {
        let bytes = fs::read(self.path(inner)).ok()?;
        let check = || {
            let statements = verify_group(&bytes)?;
            let same = statements.iter().copied().eq(inner.iter().map(Inner::statement));
            anyhow::ensure!(same, "it has other statements");
            Ok(())
        };
        let checked = check().with_context(|| self.path(inner).display().to_string());
        Some(checked.map(|()| bytes))
    }

    /// Keeps a group: whole, or not at all.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep(&self, inner: &[Inner<'_>], group: &[u8]) -> Result<()> {
        fs::create_dir_all(&self.folder).with_context(|| self.folder.display().to_string())?;
        write(&self.path(inner), group)
    }

    /// Removes the groups of these proofs, and the folder if nothing else is in it.
    pub fn remove(&self, groups: &[&[Inner<'_>]]) {
        for inner in groups {
            // One that stays is of no harm.
            let _ = fs::remove_file(self.path(inner));
        }
        let _ = fs::remove_dir(&self.folder);
    }
}

/// Writes a file under a temporary name beside it, then renames it.
///
/// # Errors
/// It cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let context = || format!("cannot write {}", path.display());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::Builder::new()
        .prefix(".stwo-ml-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder.unwrap_or(Path::new(".")))
        .with_context(context)?;
    file.write_all(bytes).with_context(context)?;
    file.as_file().sync_all().with_context(context)?;
    file.persist(path).map_err(|e| e.error).with_context(context)?;
    Ok(())
}
