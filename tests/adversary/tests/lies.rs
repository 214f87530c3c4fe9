//! Consistent liars: for every model, every step of its execution and several entries, a prover
//! that changes the step's result and computes everything downstream honestly (PROTOCOL §7).

use rayon::prelude::*;
use stwo::core::vcs_lifted::blake2_merkle::Blake2sMerkleChannel as Blake2s;
use stwo_ml_adversary::{Case, cases};
use stwo_ml_compiler::execute::{Trace, check, check_bounds, execute, execute_with};
use stwo_ml_compiler::graph::Array;
use stwo_ml_compiler::ports::{output_deviations, quantise_inputs};
use stwo_ml_compiler::program::{Compiled, Step};
use stwo_ml_compiler::quantise::{QuantiseOptions, quantise};
use stwo_ml_prover::prove::{ProvingKey, prove, setup};
use stwo_ml_verifier::circuit::Kind;
use stwo_ml_verifier::functional::padded_indices;
use stwo_ml_verifier::profile::{Profile, SuiteName};
use stwo_ml_verifier::verify::verify;

fn compile((name, graph, inputs): &Case) -> Compiled {
    quantise(graph, inputs, &QuantiseOptions { bits: 8, input_bits: 8, ..Default::default() })
        .unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn key(compiled: &Compiled) -> ProvingKey<Blake2s> {
    let profile = Profile::test_insecure(SuiteName::Blake2s);
    setup(profile, compiled.circuit.clone(), &compiled.model).expect("a valid circuit")
}

fn accepts(pk: &ProvingKey<Blake2s>, trace: &Trace) -> bool {
    let (file, _) = prove(pk, &trace.values, [0; 32], &mut |_| ()).expect("a complete trace");
    verify(&pk.vk, &file.statement, &file.proof).is_ok()
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

#[test]
fn honest_proofs_are_accepted_and_accurate() {
    cases().par_iter().for_each(|case| {
        let (name, graph, inputs) = case;
        let compiled = compile(case);
        let pk = key(&compiled);
        // Typical inputs, and inputs far outside what calibration saw: these saturate.
        let far = |arrays: &Vec<Array>| -> Vec<Array> {
            let scale = |a: &Array| Array {
                shape: a.shape.clone(),
                data: a.data.iter().map(|v| v * 1e6).collect(),
            };
            arrays.iter().map(scale).collect()
        };
        for (arrays, typical) in [(inputs[0].clone(), true), (far(&inputs[1]), false)] {
            let ints = quantise_inputs(&compiled, &arrays).expect("inputs of the right shape");
            let trace = execute(&compiled, &ints).unwrap_or_else(|e| panic!("{name}: {e}"));
            check(&compiled, &trace).unwrap_or_else(|e| panic!("{name}: {e}"));
            check_bounds(&compiled, &trace).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(accepts(&pk, &trace), "{name}: an honest proof was rejected");
            if typical {
                let float = stwo_ml_compiler::evaluate::evaluate(graph, &arrays).expect("finite");
                let out: Vec<Array> =
                    graph.outputs.iter().map(|&o| float[o].clone().into_owned()).collect();
                for d in output_deviations(&compiled, &trace, &out) {
                    // Eight bits everywhere: a few hundredths of the largest value.
                    assert!(d.max <= 0.06 * d.magnitude.max(0.5), "{name}: {d:?}");
                }
            }
        }
    });
}

#[test]
fn every_lie_is_rejected() {
    let lies: usize = cases().par_iter().map(lie_everywhere).sum();
    assert!(lies > 300, "only {lies} lies were told");
}

fn lie_everywhere(case: &Case) -> usize {
    let (name, _, inputs) = case;
    let compiled = compile(case);
    let pk = key(&compiled);
    let ints = quantise_inputs(&compiled, &inputs[0]).expect("inputs of the right shape");
    let honest = execute(&compiled, &ints).expect("honest execution");
    let mut told = 0;
    for (index, step) in compiled.program.steps.iter().enumerate() {
        for tensor in results(&compiled, step) {
            let id = tensor as usize;
            let shape = &compiled.circuit.tensors[id].shape;
            let entries: Vec<usize> = padded_indices(shape).collect();
            let last = entries[entries.len() - 1];
            for (entry, delta) in [(entries[0], 1), (last, -1), (last, 4096)] {
                let change = |values: &mut [Vec<i32>]| {
                    values[id][entry] = values[id][entry].wrapping_add(delta);
                };
                let lying = execute_with(&compiled, &ints, &mut |at, values| {
                    if at == index {
                        change(values);
                    }
                });
                // Where nothing downstream can follow from the lie, it stands alone.
                let lying = lying.unwrap_or_else(|_| {
                    let mut alone = honest.clone();
                    change(&mut alone.values);
                    alone
                });
                let label = &compiled.info[id].label;
                assert_ne!(lying, honest);
                assert!(
                    check(&compiled, &lying).is_err(),
                    "{name}: the circuit does not determine {label}[{entry}] ({delta:+})"
                );
                assert!(!accepts(&pk, &lying), "{name}: {label}[{entry}] {delta:+} was accepted");
                told += 1;
            }
        }
    }
    told + lie_about_counts_and_ports(name, &compiled, &pk, &honest)
}

/// Multiplicities, inputs and outputs.
fn lie_about_counts_and_ports(
    name: &str,
    compiled: &Compiled,
    pk: &ProvingKey<Blake2s>,
    honest: &Trace,
) -> usize {
    let circuit = &compiled.circuit;
    let counts = circuit.tables.iter().map(|t| t.multiplicity as usize);
    let ports = circuit.tensors.iter().enumerate().filter_map(|(id, t)| match t.kind {
        Kind::Input { lo, .. } | Kind::Output { lo, .. } => Some((id, lo)),
        Kind::Model | Kind::Witness => None,
    });
    let mut told = 0;
    let mut lie = |what: &str, id: usize, change: &dyn Fn(&mut i32)| {
        let mut lying = honest.clone();
        change(&mut lying.values[id][0]);
        if check(compiled, &lying).is_ok() {
            // An input that the function does not read: the statement is true.
            return;
        }
        assert!(!accepts(pk, &lying), "{name}: {what} of {} was accepted", compiled.info[id].label);
        told += 1;
    };
    for id in counts {
        lie("a multiplicity", id, &|v| *v += 1);
    }
    for (id, lo) in ports {
        lie("another public entry", id, &|v| *v = if *v == lo { lo + 1 } else { *v - 1 });
    }
    told
}

#[test]
fn another_model_is_rejected() {
    for case in cases() {
        let (name, _, inputs) = &case;
        let compiled = compile(&case);
        let Some(id) = compiled.model.iter().position(|entries| !entries.is_empty()) else {
            continue;
        };
        let pk = key(&compiled);
        // One weight or one table output changed, the execution honest for it.
        let mut other = compiled.clone();
        other.model[id][0] += 1;
        let ints = quantise_inputs(&other, &inputs[0]).expect("inputs of the right shape");
        let Ok(trace) = execute(&other, &ints) else { continue };
        let forged = key(&other);
        assert_ne!(forged.vk.model_id(), pk.vk.model_id(), "{name}");
        assert!(accepts(&forged, &trace), "{name}: honest for its own key");
        let mixed = ProvingKey { vk: pk.vk.clone(), model: forged.model };
        assert!(!accepts(&mixed, &trace), "{name}: another table under the key was accepted");
    }
}
