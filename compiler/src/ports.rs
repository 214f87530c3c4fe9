//! Between real numbers outside and integers inside: inputs, outputs, deviation.

use std::borrow::Borrow;

use stwo_ml_verifier::circuit::Kind;
use stwo_ml_verifier::functional::padded_indices;
use thiserror::Error;

use crate::execute::Trace;
use crate::graph::{Array, Graph};
use crate::program::{Compiled, Port};

/// Why an input does not fit a model.
#[derive(Clone, Debug, PartialEq, Error)]
#[allow(missing_docs)]
pub enum PortError {
    /// Another number of inputs.
    #[error("{got} inputs, the model has {expected} ({names})")]
    Count { got: usize, expected: usize, names: String },
    /// Another shape.
    #[error("input `{name}` has shape {got:?}, the model wants {expected:?}")]
    Shape { name: String, got: Vec<usize>, expected: Vec<usize> },
    /// NaN or an infinity.
    #[error("input `{name}`, entry {entry}: {value} is not a finite number")]
    NotFinite { name: String, entry: usize, value: f64 },
    /// An integer input outside its declared interval.
    #[error("input `{name}`, entry {entry}: {value} is outside {lo}..={hi}")]
    Range { name: String, entry: usize, value: f64, lo: i32, hi: i32 },
}

/// `round(x * 2^exponent)`, half away from zero, saturated to the port's declared interval.
///
/// A port with exponent zero that is fed integers is exact: an entry outside is an error there.
///
/// # Errors
/// Names the input and the entry.
pub fn quantise_inputs(compiled: &Compiled, arrays: &[Array]) -> Result<Vec<Vec<i32>>, PortError> {
    if arrays.len() != compiled.inputs.len() {
        let names: Vec<_> = compiled.inputs.iter().map(|p| p.name.as_str()).collect();
        let (got, expected) = (arrays.len(), compiled.inputs.len());
        return Err(PortError::Count { got, expected, names: names.join(", ") });
    }
    compiled
        .inputs
        .iter()
        .zip(arrays)
        .map(|(port, array)| quantise(compiled, port, array))
        .collect()
}

fn quantise(compiled: &Compiled, port: &Port, array: &Array) -> Result<Vec<i32>, PortError> {
    let name = || port.name.clone();
    if array.shape != port.shape {
        let (got, expected) = (array.shape.clone(), port.shape.clone());
        return Err(PortError::Shape { name: name(), got, expected });
    }
    let (lo, hi) = match compiled.circuit.tensors.get(port.tensor as usize).map(|t| t.kind) {
        Some(Kind::Input { lo, hi }) => (lo, hi),
        _ => (i32::MIN, i32::MAX),
    };
    let scale = libm::exp2(f64::from(port.exponent));
    let entry = |(entry, &value): (usize, &f64)| {
        if !value.is_finite() {
            return Err(PortError::NotFinite { name: name(), entry, value });
        }
        let q = libm::round(value * scale);
        if port.exponent == 0 && (q != value || q < f64::from(lo) || q > f64::from(hi)) {
            return Err(PortError::Range { name: name(), entry, value, lo, hi });
        }
        Ok(q.clamp(f64::from(lo), f64::from(hi)) as i32)
    };
    array.data.iter().enumerate().map(entry).collect()
}

/// Real values of integers at an exponent.
#[must_use]
pub fn dequantise(entries: &[i32], exponent: i32, shape: &[usize]) -> Array {
    let scale = libm::exp2(-f64::from(exponent));
    let data = entries.iter().map(|&v| f64::from(v) * scale).collect();
    Array { shape: shape.to_vec(), data }
}

/// The model's outputs in a trace.
#[must_use]
pub fn outputs(compiled: &Compiled, trace: &Trace) -> Vec<Array> {
    compiled
        .outputs
        .iter()
        .map(|port| {
            dequantise(&real_entries(compiled, trace, port.tensor), port.exponent, &port.shape)
        })
        .collect()
}

/// Entries of a tensor without its padding and what was raised, row-major.
#[must_use]
pub fn real_entries(compiled: &Compiled, trace: &Trace, tensor: u32) -> Vec<i32> {
    let shape = &compiled.info[tensor as usize].extents;
    let values = &trace.values[tensor as usize];
    padded_indices(shape).map(|i| values[i]).collect()
}

/// How far one tensor of the integer track is from the float track.
#[derive(Clone, Debug, PartialEq)]
pub struct Deviation {
    /// Label of the tensor.
    pub label: String,
    /// The graph node.
    pub node: usize,
    /// Largest absolute difference.
    pub max: f64,
    /// Root mean square of the difference.
    pub rms: f64,
    /// Largest magnitude in the float track.
    pub magnitude: f64,
}

impl Deviation {
    fn between(label: &str, node: usize, got: &[f64], expected: &[f64]) -> Self {
        let mut out = Self { label: label.to_string(), node, max: 0.0, rms: 0.0, magnitude: 0.0 };
        for (&g, &e) in got.iter().zip(expected) {
            let d = (g - e).abs();
            out.max = out.max.max(d);
            out.rms += d * d;
            out.magnitude = out.magnitude.max(e.abs());
        }
        out.rms = (out.rms / got.len().max(1) as f64).sqrt();
        out
    }
}

/// The deviation of every tensor that is a node's value, in order of the graph. `float` holds the
/// value of every node.
#[must_use]
pub fn deviations<A: Borrow<Array>>(
    compiled: &Compiled,
    trace: &Trace,
    graph: &Graph,
    float: &[A],
) -> Vec<Deviation> {
    let mut all: Vec<Deviation> = compiled
        .info
        .iter()
        .enumerate()
        .filter_map(|(id, info)| {
            let node = info.node?;
            let expected = float.get(node)?.borrow();
            graph.nodes.get(node)?;
            let entries = real_entries(compiled, trace, u32::try_from(id).ok()?);
            if entries.len() != expected.data.len() {
                return None;
            }
            let got = dequantise(&entries, info.exponent, &expected.shape);
            Some(Deviation::between(&info.label, node, &got.data, &expected.data))
        })
        .collect();
    all.sort_by_key(|d| d.node);
    all
}

/// The deviation of the outputs.
#[must_use]
pub fn output_deviations(compiled: &Compiled, trace: &Trace, float: &[Array]) -> Vec<Deviation> {
    let ours = outputs(compiled, trace);
    let ports = compiled.outputs.iter().zip(&ours).zip(float);
    ports.map(|((port, got), e)| Deviation::between(&port.name, 0, &got.data, &e.data)).collect()
}
