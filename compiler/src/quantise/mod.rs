//! Float graph to integer circuit: calibration, bounds, tables (PROTOCOL §3).
//!
//! Every value is either a tensor whose interval is enforced, or a pending polynomial of such
//! tensors whose interval follows by arithmetic from enforced ranges and the actual weights. Pending
//! values are committed by a rounding shift and one table lookup that saturates and applies the
//! activation. Nothing relies on calibration but accuracy: no input makes an honest prover fail.

mod bounds;
mod builder;
mod chain;
mod expr;
mod formats;
mod layout;
mod lower;
mod ops;
mod raise;
mod requantise;
mod settle;
mod tables;
mod tidy;

use crate::evaluate::{EvaluateError, evaluate};
use crate::graph::{Array, Graph, Unsupported};
use crate::program::Compiled;

use lower::Lower;
use raise::raise;
use requantise::Sizes;

/// Choices of the quantisation.
#[derive(Clone, Debug, PartialEq)]
pub struct QuantiseOptions {
    /// Bits of an activation, 8 to 16. Weights fill what the accumulator leaves.
    pub bits: u32,
    /// Bits of a float input; at most 10 of one with 4,096 entries or more.
    pub input_bits: u32,
    /// Room above the largest magnitude that calibration saw; beyond it values saturate.
    pub margin: f64,
    /// Smallest and largest entry of each input, where calibration should not decide.
    pub input_ranges: Vec<Option<(f64, f64)>>,
}

impl Default for QuantiseOptions {
    fn default() -> Self {
        Self { bits: 13, input_bits: 12, margin: 1.25, input_ranges: Vec::new() }
    }
}

/// Why a graph cannot be lowered.
#[derive(Clone, Debug, thiserror::Error)]
pub enum QuantiseError {
    /// The float track failed on a calibration input.
    #[error("calibration failed")]
    Calibration(#[from] EvaluateError),
    /// There is nothing to calibrate with.
    #[error("at least one calibration input is needed")]
    NoCalibration,
    /// Operations without a lowering, or whose bounds cannot be kept.
    #[error("{} nodes cannot be lowered, the first: {}", .0.len(), first(.0))]
    Unsupported(Vec<Unsupported>),
}

fn first(list: &[Unsupported]) -> String {
    list.first().map_or_else(String::new, |u| format!("{} ({}): {}", u.node, u.op, u.reason))
}

/// Lowers a float graph to an integer circuit, with formats from calibration inputs (each a list of
/// the graph's inputs). Deterministic. Table sizes are chosen to make the whole circuit cheap, and
/// extents are [raised](raise) in the end.
///
/// # Errors
/// Lists every node that has no lowering.
pub fn quantise(
    graph: &Graph,
    calibration: &[Vec<Array>],
    options: &QuantiseOptions,
) -> Result<Compiled, QuantiseError> {
    Ok(raise(&lower(graph, calibration, options)?))
}

/// The circuit with its extents as they are.
pub(crate) fn lower(
    graph: &Graph,
    calibration: &[Vec<Array>],
    options: &QuantiseOptions,
) -> Result<Compiled, QuantiseError> {
    if calibration.is_empty() {
        return Err(QuantiseError::NoCalibration);
    }
    let track =
        calibration.iter().map(|inputs| evaluate(graph, inputs)).collect::<Result<Vec<_>, _>>()?;
    let mut best: Option<(u64, Compiled)> = None;
    let mut failure = None;
    for single in [13, 15, 17, 18, 19] {
        let sizes = Sizes { single, bits: options.bits, shift: 14 };
        match Lower::new(graph, &track, options, sizes).run() {
            Ok(compiled) => {
                let cost = cost(&compiled);
                if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                    best = Some((cost, compiled));
                }
            }
            Err(list) => failure = Some(list),
        }
    }
    match (best, failure) {
        (Some((_, compiled)), _) => Ok(compiled),
        (None, list) => Err(QuantiseError::Unsupported(list.unwrap_or_default())),
    }
}

/// What a contract and the prover pay for a circuit, in L2 gas: some 70,000 for each tensor and lookup,
/// 700,000 for each variable of the committed tables and of the stack; an entry of witness, lookups
/// and tables counts as half of one.
fn cost(compiled: &Compiled) -> u64 {
    let CircuitSizes { witness, lookups, tables, model } = sizes(compiled);
    let variables: u32 = [witness, model, lookups + tables]
        .map(|n| n.next_power_of_two().trailing_zeros())
        .iter()
        .sum();
    let items = compiled.circuit.tensors.len() + compiled.circuit.lookups.len();
    70_000 * items as u64 + 700_000 * u64::from(variables) + (witness + lookups + tables) / 2
}

/// Sizes of a compiled circuit, padding included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CircuitSizes {
    /// Entries of the witness, multiplicities included.
    pub witness: u64,
    /// Lookups.
    pub lookups: u64,
    /// Entries of lookup tables.
    pub tables: u64,
    /// Entries of the model: weights and table outputs.
    pub model: u64,
}

/// Sizes of a compiled circuit.
#[must_use]
pub fn sizes(compiled: &Compiled) -> CircuitSizes {
    use stwo_ml_verifier::circuit::Kind;
    let circuit = &compiled.circuit;
    let of = |kind: Kind| {
        circuit.tensors.iter().filter(|t| t.kind == kind).map(|t| 1u64 << t.log_size()).sum()
    };
    CircuitSizes {
        witness: of(Kind::Witness),
        model: of(Kind::Model),
        lookups: circuit
            .lookups
            .iter()
            .filter_map(|l| l.key.terms.first())
            .map(|&(_, id)| 1u64 << circuit.tensors[id as usize].log_size())
            .sum(),
        tables: circuit.tables.iter().map(|t| 1u64 << t.log_size).sum(),
    }
}
