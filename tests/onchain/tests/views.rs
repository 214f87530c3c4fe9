//! Random circuits: views through every kind of axis, read by both verifiers at random points.

use rand::SeedableRng;
use rand::rngs::StdRng;
use rayon::prelude::*;
use stwo_ml_onchain_tests::random::example;
use stwo_ml_onchain_tests::{Cairo, Verdict, proof_of, test_key};
use stwo_ml_verifier::circuit::Kind;

#[test]
fn rust_and_cairo_read_the_same_views() {
    let cairo = Cairo::compile();
    (0..48u64).into_par_iter().for_each(|seed| {
        let mut rng = StdRng::seed_from_u64(seed);
        let example = example(&mut rng, 1 + seed as usize % 4, 8);
        let pk = test_key(&example.circuit, &example.model);
        let what = format!("example {seed}");
        let honest = proof_of(&pk, &example.trace);
        assert_eq!(cairo.agree_on(&pk.vk, &honest, &what), Verdict::Accepted);
        // An entry of an output, a witness and an input, of which views may make nothing.
        let mut refused = 0;
        for (id, tensor) in example.circuit.tensors.iter().enumerate() {
            let mut trace = example.trace.clone();
            let entry = &mut trace[id][0];
            match tensor.kind {
                Kind::Input { lo, hi } | Kind::Output { lo, hi } => {
                    *entry = if *entry < hi { *entry + 1 } else { lo };
                }
                Kind::Witness => *entry += 1,
                Kind::Model => continue,
            }
            if trace[id] == example.trace[id] {
                continue;
            }
            let what = format!("{what}, tensor {id}");
            let verdict = cairo.agree_on(&pk.vk, &proof_of(&pk, &trace), &what);
            refused += usize::from(verdict != Verdict::Accepted);
            if !matches!(tensor.kind, Kind::Input { .. }) {
                assert_ne!(verdict, Verdict::Accepted, "{what}");
            }
        }
        assert!(refused > 0);
    });
}

/// Range tables have no outputs, so nothing of them is in `M`, which may be the smaller one.
#[test]
fn rust_and_cairo_read_a_range_table_larger_than_the_model() {
    let cairo = Cairo::compile();
    for log_size in [9, 12, 14] {
        let mut rng = StdRng::seed_from_u64(u64::from(log_size));
        let example = example(&mut rng, 2, log_size);
        let pk = test_key(&example.circuit, &example.model);
        let model_entries: usize = example.model.iter().map(Vec::len).sum();
        assert!(model_entries < 1 << log_size);
        let what = format!("range table of 2^{log_size}");
        let honest = proof_of(&pk, &example.trace);
        assert_eq!(cairo.agree_on(&pk.vk, &honest, &what), Verdict::Accepted);
        // A multiplicity, the last one.
        let mut trace = example.trace.clone();
        let counts = example.circuit.tables[0].multiplicity as usize;
        *trace[counts].last_mut().expect("a table has entries") += 1;
        let verdict = cairo.agree_on(&pk.vk, &proof_of(&pk, &trace), &what);
        assert_ne!(verdict, Verdict::Accepted, "{what}");
    }
}
