//! Formatting of Cairo files, as `scarb fmt` does it.

use std::path::{Path, PathBuf};

use cairo_lang_formatter::cairo_formatter::FormattingError;
use cairo_lang_formatter::{CairoFormatter, FormatOutcome, FormatterConfig};

use crate::Error;

/// What to do with files that are not formatted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Formatting {
    /// List them.
    Check,
    /// Format them.
    Write,
}

/// Formats all `.cairo` files below a path; returns those that were not formatted.
///
/// # Errors
/// When a file cannot be parsed, read or written.
pub fn format_tree(root: &Path, formatting: Formatting) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    cairo_files(root, &mut files)?;
    files.sort();
    let formatter = CairoFormatter::new(FormatterConfig::default());
    let mut different = Vec::new();
    for path in files {
        let outcome = formatter.format_to_string(&path.as_path()).map_err(|e| {
            let what = match e {
                FormattingError::ParsingError(e) => e.to_string(),
                FormattingError::Error(e) => e.to_string(),
            };
            Error::Format { path: path.clone(), what }
        })?;
        if let FormatOutcome::DiffFound(diff) = outcome {
            if formatting == Formatting::Write {
                write(&path, &diff.formatted)?;
            }
            different.push(path);
        }
    }
    Ok(different)
}

/// Writes a file whole or not at all.
fn write(path: &Path, text: &str) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(Error::file(folder))?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(Error::file(path))?;
    file.persist(path).map_err(|e| Error::File { path: path.to_owned(), source: e.error })?;
    Ok(())
}

fn cairo_files(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    if !path.is_dir() {
        if path.extension().is_some_and(|e| e == "cairo") {
            files.push(path.to_owned());
        }
        return Ok(());
    }
    for entry in path.read_dir().map_err(Error::file(path))? {
        cairo_files(&entry.map_err(Error::file(path))?.path(), files)?;
    }
    Ok(())
}
