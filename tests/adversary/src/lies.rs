//! Consistent lies: for every step of an execution and several entries, the step's result is changed
//! and everything downstream computed honestly (PROTOCOL §7).

use stwo_ml_compiler::execute::{Trace, check, execute, execute_with};
use stwo_ml_compiler::program::{Compiled, Step};
use stwo_ml_compiler::quantise::{QuantiseOptions, quantise};
use stwo_ml_verifier::circuit::Kind;
use stwo_ml_verifier::functional::padded_indices;

use crate::Case;

/// A false trace.
#[derive(Clone, Debug)]
pub struct Lie {
    /// What was changed.
    pub what: String,
    /// All that follows from it.
    pub trace: Trace,
}

/// A model at eight bits.
///
/// # Panics
/// It does not lower.
#[must_use]
pub fn compile((name, graph, inputs): &Case) -> Compiled {
    quantise(graph, inputs, &QuantiseOptions { bits: 8, input_bits: 8, ..Default::default() })
        .unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// All lies about an execution, the one on `inputs`: about the results of its steps, about
/// multiplicities, inputs and outputs. An input that the function does not read is no lie.
///
/// # Panics
/// The model does not run on these inputs.
#[must_use]
pub fn lies(compiled: &Compiled, inputs: &[Vec<i32>]) -> Vec<Lie> {
    let honest = execute(compiled, inputs).expect("an honest execution");
    let mut lies = vec![];
    for (index, step) in compiled.program.steps.iter().enumerate() {
        for tensor in results(compiled, step) {
            let id = tensor as usize;
            // The first entry, the last one of the computation, and the last one that is raised.
            let last = |shape: &[u32]| padded_indices(shape).last().expect("an entry");
            let real = last(&compiled.info[id].extents);
            let raised = last(&compiled.circuit.tensors[id].shape);
            let mut changes = vec![(0, 1), (real, -1), (real, 4096)];
            if raised != real {
                changes.extend([(raised, 1), (raised, -4096)]);
            }
            for (entry, delta) in changes {
                let change = |values: &mut [Vec<i32>]| {
                    values[id][entry] = values[id][entry].wrapping_add(delta);
                };
                let lying = execute_with(compiled, inputs, &mut |at, values| {
                    if at == index {
                        change(values);
                    }
                });
                // Where nothing downstream can follow from the lie, it stands alone.
                let trace = lying.unwrap_or_else(|_| {
                    let mut alone = honest.clone();
                    change(&mut alone.values);
                    alone
                });
                assert_ne!(trace, honest);
                let what = format!("{}[{entry}] {delta:+}", compiled.info[id].label);
                lies.push(Lie { what, trace });
            }
        }
    }
    lies.extend(about_counts_and_ports(compiled, &honest));
    lies
}

/// What a step fills.
fn results(compiled: &Compiled, step: &Step) -> Vec<u32> {
    match step {
        Step::Split { parts, .. } => parts.iter().map(|p| p.0).collect(),
        Step::Divide { quotient, remainder, .. } => vec![*quotient, *remainder],
        Step::Max { max, difference, .. } => vec![*max, *difference],
        Step::Scale { scale, .. } => vec![*scale],
        Step::Lookup { lookup } => {
            let values = &compiled.circuit.lookups[*lookup as usize].values;
            values.iter().map(|arg| arg.terms[0].1).collect()
        }
    }
}

/// Multiplicities, inputs and outputs.
fn about_counts_and_ports(compiled: &Compiled, honest: &Trace) -> Vec<Lie> {
    let circuit = &compiled.circuit;
    let counts = circuit.tables.iter().map(|t| (t.multiplicity as usize, "a multiplicity", 1));
    let ports = circuit.tensors.iter().enumerate().filter_map(|(id, t)| match t.kind {
        Kind::Input { lo, .. } | Kind::Output { lo, .. } => {
            let delta = if honest.values[id][0] == lo { 1 } else { -1 };
            Some((id, "another public entry", delta))
        }
        Kind::Model | Kind::Witness => None,
    });
    counts
        .chain(ports)
        .map(|(id, what, delta)| {
            let mut trace = honest.clone();
            trace.values[id][0] += delta;
            Lie { what: format!("{what} of {}", compiled.info[id].label), trace }
        })
        .filter(|lie| check(compiled, &lie.trace).is_err())
        .collect()
}
