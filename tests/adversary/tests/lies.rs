//! Consistent liars: for every model, every step of its execution and several entries, a prover
//! that changes the step's result and computes everything downstream honestly (PROTOCOL §7).

use rayon::prelude::*;
use stwo::core::vcs_lifted::blake2_merkle::Blake2sMerkleChannel as Blake2s;
use stwo_ml_adversary::lies::{Lie, compile, lies};
use stwo_ml_adversary::{Case, cases};
use stwo_ml_compiler::execute::{Trace, check, check_bounds, execute};
use stwo_ml_compiler::graph::Array;
use stwo_ml_compiler::ports::{output_deviations, quantise_inputs};
use stwo_ml_compiler::program::Compiled;
use stwo_ml_prover::prove::{ProvingKey, prove, setup};
use stwo_ml_verifier::circuit::Kind;
use stwo_ml_verifier::functional::padded_indices;
use stwo_ml_verifier::profile::{Profile, SuiteName};
use stwo_ml_verifier::verify::verify;

fn key(compiled: &Compiled) -> ProvingKey<Blake2s> {
    let profile = Profile::test_insecure(SuiteName::Blake2s);
    setup(profile, compiled.circuit.clone(), &compiled.model).expect("a valid circuit")
}

fn accepts(pk: &ProvingKey<Blake2s>, trace: &Trace) -> bool {
    let (file, _) = prove(pk, &trace.values, [0; 32], &mut |_| ()).expect("a complete trace");
    verify(&pk.vk, &file.statement, &file.proof).is_ok()
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
    let lies = lies(&compiled, &ints);
    for Lie { what, trace } in &lies {
        assert!(
            check(&compiled, trace).is_err(),
            "{name}: the circuit does not determine this: {what}"
        );
        assert!(!accepts(&pk, trace), "{name}: {what} was accepted");
    }
    lies.len()
}

#[test]
fn another_model_is_rejected() {
    let mut n_raised = 0;
    for case in cases() {
        let (name, _, inputs) = &case;
        let compiled = compile(&case);
        let Some(id) = compiled.model.iter().position(|entries| !entries.is_empty()) else {
            continue;
        };
        let pk = key(&compiled);
        // One weight or one table output changed, or a raised entry, which is zero; the execution is
        // honest for it.
        let raised = (0..compiled.model.len()).find(|&id| {
            let n = padded_indices(&compiled.info[id].extents).count();
            compiled.circuit.tensors[id].kind == Kind::Model && n < compiled.model[id].len()
        });
        let last = |id: usize| compiled.model[id].len() - 1;
        for (id, entry) in [(id, 0)].into_iter().chain(raised.map(|id| (id, last(id)))) {
            let mut other = compiled.clone();
            other.model[id][entry] += 1;
            let ints = quantise_inputs(&other, &inputs[0]).expect("inputs of the right shape");
            let Ok(trace) = execute(&other, &ints) else { continue };
            let forged = key(&other);
            assert_ne!(forged.vk.model_id(), pk.vk.model_id(), "{name}");
            assert!(accepts(&forged, &trace), "{name}: honest for its own key");
            let mixed = ProvingKey { vk: pk.vk.clone(), model: forged.model };
            assert!(!accepts(&mixed, &trace), "{name}: another table under the key was accepted");
            n_raised += usize::from(entry > 0);
        }
    }
    assert!(n_raised > 2, "only {n_raised} models have raised entries");
}
