//! Every field of a proof is caught, and by the phase that owns it; circuits of special shapes.

use stwo_ml_verifier::error::{OpeningError, VerifyError};
use stwo_ml_verifier::field::{F, K, ONE, P};
use stwo_ml_verifier::lookup::POW_BITS;
use stwo_ml_verifier::proof::Proof;
use stwo_ml_verifier::verify::seed;

use super::*;
use crate::grind::grind;

type Suite = Blake2sMerkleChannel;

/// The phase that must catch a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The proof of work before the lookups.
    LookupWork,
    /// This layer of the lookups.
    Layer(usize),
    Identities,
    /// The opening at this level or, as the positions depend on the transcript, a later one.
    Level(usize),
    /// The proof of work of this level.
    Work(usize),
    /// The Merkle proofs of this level.
    Leaves(usize),
    /// The last equation.
    End,
}

impl Phase {
    pub(super) fn caught(self, error: &VerifyError) -> bool {
        let opening = |error: &OpeningError| match error {
            OpeningError::Shape { level, .. }
            | OpeningError::NotCanonical { level, .. }
            | OpeningError::ProofOfWork { level }
            | OpeningError::Merkle { level, .. } => Some(*level),
            OpeningError::Schedule => None,
        };
        match (self, error) {
            (Self::LookupWork, VerifyError::ProofOfWork { .. })
            | (Self::Identities, VerifyError::Products { .. })
            | (Self::End, VerifyError::Opening { .. }) => true,
            (Self::Layer(l), VerifyError::Lookup { layer, .. }) => *layer == l,
            (Self::Level(l), VerifyError::Commitment(e)) => opening(e).is_some_and(|at| at >= l),
            (Self::Work(l), VerifyError::Commitment(OpeningError::ProofOfWork { level })) => {
                *level == l
            }
            (Self::Leaves(l), VerifyError::Commitment(OpeningError::Merkle { level, .. })) => {
                *level == l
            }
            _ => false,
        }
    }
}

type Felts = fn(&mut Proof<Suite>) -> Vec<&mut K>;

/// Every list of field elements, outside and inside the opening, with the phase that catches each.
fn felts(proof: &Proof<Suite>) -> Vec<(&'static str, Felts, Vec<Phase>)> {
    let layers = || proof.lookup.layers.iter().enumerate();
    let n_levels = proof.opening.levels.len();
    let levels = || proof.opening.levels.iter().enumerate();
    let rounds = |l: usize, n: usize| vec![Phase::Level(l); 2 * n];
    let last = &proof.opening.last;
    vec![
        ("witness_ood", |p| vec![&mut p.witness_ood], vec![Phase::LookupWork]),
        (
            "lookup.layers.rounds",
            |p| p.lookup.layers.iter_mut().flat_map(|l| l.rounds.as_flattened_mut()).collect(),
            layers().flat_map(|(i, l)| vec![Phase::Layer(i); 2 * l.rounds.len()]).collect(),
        ),
        (
            "lookup.layers.mask",
            |p| p.lookup.layers.iter_mut().flat_map(|l| &mut l.mask).collect(),
            layers().flat_map(|(i, _)| [Phase::Layer(i); 4]).collect(),
        ),
        ("lookup.model_columns", |p| vec![&mut p.lookup.model_columns], vec![Phase::Identities]),
        (
            "product.witness_linear",
            |p| vec![&mut p.product.witness_linear],
            vec![Phase::Identities],
        ),
        ("product.model_linear", |p| vec![&mut p.product.model_linear], vec![Phase::Identities]),
        (
            "product.rounds",
            |p| p.product.rounds.as_flattened_mut().iter_mut().collect(),
            vec![Phase::Identities; 3 * proof.product.rounds.len()],
        ),
        (
            "product.factors",
            |p| p.product.factors.iter_mut().collect(),
            vec![Phase::Identities; proof.product.factors.len()],
        ),
        (
            "opening.levels.rounds",
            |p| p.opening.levels.iter_mut().flat_map(|l| l.rounds.as_flattened_mut()).collect(),
            levels().flat_map(|(i, l)| rounds(i, l.rounds.len())).collect(),
        ),
        (
            "opening.levels.ood",
            |p| p.opening.levels.iter_mut().map(|l| &mut l.ood).collect(),
            levels().map(|(i, _)| Phase::Level(i)).collect(),
        ),
        (
            "opening.last.rounds",
            |p| p.opening.last.rounds.as_flattened_mut().iter_mut().collect(),
            rounds(n_levels, last.rounds.len()),
        ),
        (
            "opening.last.clear",
            |p| p.opening.last.clear.iter_mut().collect(),
            vec![Phase::Level(n_levels); last.clear.len()],
        ),
        (
            "opening.last.tail",
            |p| p.opening.last.tail.as_flattened_mut().iter_mut().collect(),
            vec![Phase::End; 2 * last.tail.len()],
        ),
    ]
}

/// A circuit without products: `y = x + w` and `z = y` on five entries, `y` in a table of
/// `2^log_table` entries, in a model tensor of `2^log_model`.
pub(super) fn linear(log_model: u32, log_table: u32) -> Toy {
    let tensor = |shape: &[u32], kind| Tensor { shape: shape.to_vec(), kind };
    let on = |coef, tensor, dim| term(coef, tensor, &[dim], vec![var(0)]);
    let identity = |linear| Identity { dims: vec![5], linear, products: vec![] };
    let circuit = Circuit {
        tensors: vec![
            tensor(&[5], Kind::Input { lo: 0, hi: 99 }),
            tensor(&[1 << log_model], Kind::Model),
            tensor(&[5], Kind::Witness),
            tensor(&[1 << log_table], Kind::Witness),
            tensor(&[5], Kind::Output { lo: 0, hi: 255 }),
        ],
        tables: vec![Table { log_size: log_table, lo: 0, outputs: vec![], multiplicity: 3 }],
        lookups: vec![Lookup { table: 0, key: Arg::tensor(2), values: vec![] }],
        identities: vec![
            identity(vec![on(1, 2, 5), on(-1, 0, 5), on(-1, 1, 1 << log_model)]),
            identity(vec![on(1, 4, 5), on(-1, 2, 5)]),
        ],
    };
    let x = [3, 1, 4, 1, 5];
    let w: Vec<i32> = (0..1 << log_model).map(|i| i % 100).collect();
    let mut y: Vec<i32> = x.iter().zip(&w).map(|(a, b)| a + b).collect();
    y.resize(8, 0);
    let mut counts = vec![0; 1 << log_table];
    y.iter().for_each(|&v| counts[v as usize] += 1);
    let trace = vec![pad(&x, &[5]), vec![], y.clone(), counts, y];
    Toy { circuit, model: vec![vec![], w, vec![], vec![], vec![]], trace }
}

/// All fields of the proof, changed one at a time.
fn check_every_field(toy: &Toy) {
    let pk = key::<Suite>(toy, SuiteName::Blake2s);
    let (file, _) = prove(&pk, &toy.trace, [0; 32], &mut |_| ()).expect("a complete trace");
    let (statement, proof) = (file.statement, file.proof);
    verify(&pk.vk, &statement, &proof).expect("an honest proof");
    let rejected = |name: &str, phase: Phase, change: &dyn Fn(&mut Proof<Suite>)| {
        let mut changed = proof.clone();
        change(&mut changed);
        let error = verify(&pk.vk, &statement, &changed).expect_err(name);
        assert!(phase.caught(&error), "{name}: {error:?} instead of {phase:?}");
    };

    for (name, list, phases) in felts(&proof) {
        let n = list(&mut proof.clone()).len();
        assert_eq!(n, phases.len(), "{name}");
        for (i, &phase) in phases.iter().enumerate() {
            let name = format!("{name}[{i}]");
            rejected(&name, phase, &|p| *list(p)[i] += ONE);
            // The same value, with another representative.
            let mut changed = proof.clone();
            let at = &mut *list(&mut changed)[i];
            let [a, b, c, d] = at.to_m31_array();
            *at = K::from_m31_array([a, F::from_u32_unchecked(b.0 + P), c, d]);
            let error = verify(&pk.vk, &statement, &changed).expect_err(&name);
            assert!(
                matches!(
                    error,
                    VerifyError::NotCanonical { .. }
                        | VerifyError::Commitment(OpeningError::NotCanonical { .. })
                ),
                "{name}: {error:?}"
            );
        }
    }

    rejected("witness_root", Phase::LookupWork, &|p| p.witness_root.0[5] ^= 1);
    rejected("lookup.nonce", Phase::LookupWork, &|p| p.lookup.nonce ^= 1);
    let n_levels = proof.opening.levels.len();
    for l in 0..n_levels {
        rejected("opening.levels.root", Phase::Level(l), &|p| p.opening.levels[l].root.0[5] ^= 1);
        rejected("opening.levels.nonce", Phase::Level(l), &|p| p.opening.levels[l].nonce += 1);
    }
    rejected("opening.last.nonce", Phase::Level(n_levels), &|p| p.opening.last.nonce += 1);
    for l in 0..=n_levels {
        fn openings(
            p: &mut Proof<Suite>,
            l: usize,
        ) -> &mut Vec<stwo_ml_verifier::opening::CodeOpening<Suite>> {
            let opening = &mut p.opening;
            opening
                .levels
                .get_mut(l)
                .map_or(&mut opening.last.openings, |level| &mut level.openings)
        }
        for c in 0..openings(&mut proof.clone(), l).len() {
            let opening = openings(&mut proof.clone(), l)[c].clone();
            for i in 0..opening.leaves.len() {
                rejected("leaves", Phase::Leaves(l), &|p| {
                    openings(p, l)[c].leaves[i] += F::from(1u32);
                });
            }
            for i in 0..opening.witness.len() {
                rejected("siblings", Phase::Leaves(l), &|p| {
                    openings(p, l)[c].witness[i].0[9] ^= 4;
                });
            }
        }
    }

    // A wrong root or value of `W` with the work done anew: the challenges are others.
    for change in
        [(|p| p.witness_root.0[5] ^= 1) as fn(&mut Proof<Suite>), |p| p.witness_ood += ONE]
    {
        rejected("a changed witness with its work", Phase::Layer(1), &|p| {
            change(p);
            let mut transcript = seed(&pk.vk, &statement);
            transcript.absorb_root(p.witness_root);
            let _ = transcript.draw_many(pk.vk.layouts().witness.log_size as usize);
            transcript.absorb(&[p.witness_ood]);
            p.lookup.nonce = grind(&transcript.pow_seed(POW_BITS), POW_BITS);
        });
    }
}

#[test]
fn every_field_is_caught_by_its_phase() {
    check_every_field(&toy());
}

#[test]
fn lists_of_another_length_are_rejected() {
    let toy = toy();
    let pk = key::<Suite>(&toy, SuiteName::Blake2s);
    let (file, _) = prove(&pk, &toy.trace, [0; 32], &mut |_| ()).expect("a complete trace");
    let changes: [fn(&mut Proof<Suite>); 12] = [
        |p| _ = p.lookup.layers.pop(),
        |p| _ = p.lookup.layers[3].rounds.pop(),
        |p| p.lookup.layers[3].rounds.push([ONE; 2]),
        |p| _ = p.product.rounds.pop(),
        |p| p.product.rounds.push([ONE; 3]),
        |p| _ = p.product.factors.pop(),
        |p| p.product.factors.push(ONE),
        |p| _ = p.opening.levels.pop(),
        |p| _ = p.opening.last.rounds.pop(),
        |p| _ = p.opening.last.clear.pop(),
        |p| _ = p.opening.last.openings.pop(),
        |p| _ = p.opening.last.tail.pop(),
    ];
    for (i, change) in changes.into_iter().enumerate() {
        let mut proof = file.proof.clone();
        change(&mut proof);
        if proof != file.proof {
            assert!(verify(&pk.vk, &file.statement, &proof).is_err(), "change {i}");
        }
    }
}

#[test]
fn a_circuit_without_products_has_no_rounds() {
    let toy = linear(8, 8);
    let pk = key::<Suite>(&toy, SuiteName::Blake2s);
    let (file, _) = prove(&pk, &toy.trace, [0; 32], &mut |_| ()).expect("a complete trace");
    assert!(file.proof.product.rounds.is_empty() && file.proof.product.factors.is_empty());
    verify(&pk.vk, &file.statement, &file.proof).expect("an honest proof");
    check_every_field(&toy);
}

#[test]
fn the_smaller_table_may_join_at_a_later_level() {
    for (log_model, log_table, leader) in [(8, 12, 1), (13, 8, 0)] {
        let toy = linear(log_model, log_table);
        let pk = key::<Suite>(&toy, SuiteName::Blake2s);
        let schedule = pk.vk.schedule();
        assert!(schedule.join > 0 && schedule.leader == leader, "{schedule:?}");
        assert!(accepts(&pk, &toy.trace));
        check_every_field(&toy);
        let mut lie = toy.trace.clone();
        lie[2][1] += 1;
        assert!(!accepts(&pk, &lie));
    }
}
