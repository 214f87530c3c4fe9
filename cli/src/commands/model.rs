//! What `inspect` and `setup` share: importing, calibrating, quantising.

use std::path::PathBuf;

use anyhow::{Context, Result};
use stwo_ml_compiler::graph::{Array, DType, Graph};
use stwo_ml_compiler::import::{ImportOptions, Imported, import};
use stwo_ml_compiler::program::Compiled;
use stwo_ml_compiler::quantise::{QuantiseOptions, quantise};

use crate::args::{Preprocess, Source};
use crate::inputs::{Signature, expand, load};

/// Reads a model file.
pub fn read(source: &Source) -> Result<Imported> {
    let mut options = ImportOptions { batch_of_one: true, ..ImportOptions::default() };
    for text in &source.shapes {
        options.set(text, &[])?;
    }
    import(&source.model, &options)
        .with_context(|| format!("cannot import {}", source.model.display()))
}

/// Names and shapes of a model's inputs.
pub fn signature(imported: &Imported) -> Signature {
    let shape = |&id: &usize| imported.graph.nodes[id].shape.clone();
    Signature {
        names: imported.input_names.clone(),
        shapes: imported.graph.inputs.iter().map(shape).collect(),
    }
}

/// Reads and checks calibration inputs.
pub fn calibration(
    imported: &Imported,
    paths: &[PathBuf],
    how: Preprocess,
) -> Result<Vec<Vec<Array>>> {
    let signature = signature(imported);
    expand(paths)?
        .iter()
        .map(|path| {
            let arrays = load(path, how, &signature)?;
            imported.check_inputs(&arrays).with_context(|| format!("input {}", path.display()))?;
            Ok(arrays)
        })
        .collect()
}

/// Inputs for a first look without calibration: a fixed pseudo-random sequence in -1..1, indices
/// over their whole interval.
pub fn guessed(imported: &Imported, graph: &Graph) -> Vec<Vec<Array>> {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut next = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / (1u64 << 31) as f64
    };
    (0..4)
        .map(|_| {
            let ports = graph.inputs.iter().zip(&imported.input_bounds);
            ports
                .map(|(&id, bounds)| {
                    let node = &graph.nodes[id];
                    let n: usize = node.shape.iter().product();
                    let value = |u: f64| match (bounds, node.dtype) {
                        (Some((lo, hi)), _) => {
                            (*lo as f64 + u * (*hi - *lo + 1) as f64).floor().min(*hi as f64)
                        }
                        (None, DType::Float) => 2.0 * u - 1.0,
                        (None, DType::Int) => (u * 16.0).floor(),
                        (None, DType::Bool) => (u * 2.0).floor(),
                    };
                    Array {
                        shape: node.shape.clone(),
                        data: (0..n).map(|_| value(next())).collect(),
                    }
                })
                .collect()
        })
        .collect()
}

/// Quantises a model.
pub fn compile(imported: &Imported, calibration: &[Vec<Array>], bits: u32) -> Result<Compiled> {
    let ranges = imported.input_bounds.iter();
    let options = QuantiseOptions {
        bits,
        input_ranges: ranges.map(|b| b.map(|(lo, hi)| (lo as f64, hi as f64))).collect(),
        ..QuantiseOptions::default()
    };
    let mut compiled = quantise(&imported.graph, calibration, &options)?;
    for (port, name) in compiled.inputs.iter_mut().zip(&imported.input_names) {
        port.name.clone_from(name);
    }
    for (port, name) in compiled.outputs.iter_mut().zip(&imported.output_names) {
        port.name.clone_from(name);
    }
    Ok(compiled)
}
