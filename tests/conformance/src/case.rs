//! Tests on disk.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use stwo_ml_compiler::graph::Array;
use stwo_ml_compiler::import::read_inputs;

/// The list of tests.
#[derive(Debug, Deserialize)]
pub struct Index {
    /// Version of the `onnx` package.
    pub onnx: String,
    /// Tests that the package generates.
    pub generated: usize,
    /// Tests that the filter selects.
    pub selected: usize,
    /// Those tests.
    pub cases: Vec<Entry>,
}

/// One line of the list.
#[derive(Debug, Deserialize)]
pub struct Entry {
    /// Name of the test, and of its folder.
    pub name: String,
    /// The operator that is tested.
    pub operator: String,
}

impl Index {
    /// Reads the list of a folder.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("index.json");
        let text = std::fs::read_to_string(&path).with_context(|| {
            format!("cannot read {} (scripts/conformance_cases.py writes it)", path.display())
        })?;
        serde_json::from_str(&text).with_context(|| format!("{} is damaged", path.display()))
    }
}

/// The arrays `{prefix}_0.npy`, `{prefix}_1.npy`, ... of a folder.
pub fn arrays(folder: &Path, prefix: &str) -> Result<Vec<Array>> {
    let mut arrays = vec![];
    loop {
        let path = folder.join(format!("{prefix}_{}.npy", arrays.len()));
        if !path.is_file() {
            return Ok(arrays);
        }
        arrays.extend(read_inputs(&path)?.into_iter().map(|(_, array)| array));
    }
}
