//! Liars inside the prover: a message is changed when it is sent, all later messages and challenges
//! follow from the lie, and the phase that owns the check catches it (PROTOCOL §7).
//!
//! A *plain* lie changes one entry. A *fitted* one also changes what is sent next for a check (the
//! mask of a layer, the factors) so that this check holds, and the lie goes on to a later phase.

use std::collections::BTreeSet;

use stwo::core::fields::FieldExpOps;
use stwo::prover::backend::simd::column::BaseColumn;
use stwo::prover::backend::simd::qm31::PackedQM31;
use stwo_ml_verifier::channel::{Hash, pow_bits};
use stwo_ml_verifier::field::{F, K, ONE, ZERO};
use stwo_ml_verifier::lookup::{LayerProof, LookupProof};
use stwo_ml_verifier::opening::{LastLevel, Level, OpeningProof};
use stwo_ml_verifier::product::ProductProof;
use stwo_ml_verifier::proof::Proof;

use super::fields::{Phase, linear};
use super::*;
use crate::mle;
use crate::prove::prove_as;
use crate::sender::{Adversary, Check, Message};

type Suite = Blake2sMerkleChannel;

/// What a liar does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lie {
    /// Changes one entry of the message.
    Plain { entry: usize },
    /// The same, and makes the next check hold.
    Fitted { entry: usize },
    /// Adds to the first entry what it takes from the second.
    Balanced,
}

/// Tells one lie.
struct Liar {
    message: Message,
    lie: Lie,
    told: bool,
    fitted: bool,
}

impl Liar {
    const fn new(message: Message, lie: Lie) -> Self {
        Self { message, lie, told: false, fitted: false }
    }

    /// Changes one entry, other than `keep`, so that the check holds: it is affine in each.
    fn fit(values: &mut [K], check: Check<'_>, keep: Option<usize>) -> bool {
        for i in (0..values.len()).filter(|&i| Some(i) != keep) {
            let off = check(values);
            let honest = values[i];
            values[i] += ONE;
            let slope = check(values) - off;
            values[i] = honest;
            if slope != ZERO {
                values[i] -= off * slope.inverse();
                assert_eq!(check(values), ZERO, "a check is affine in every entry");
                return true;
            }
        }
        false
    }
}

impl Adversary<Suite> for Liar {
    fn felts(&mut self, message: Message, values: &mut [K], check: Option<Check<'_>>) {
        let mut keep = None;
        if message == self.message {
            self.told = true;
            match self.lie {
                Lie::Plain { entry } | Lie::Fitted { entry } => {
                    values[entry] += K::from(F::from(17u32));
                    keep = Some(entry);
                }
                Lie::Balanced => {
                    values[0] += ONE;
                    values[1] -= ONE;
                }
            }
        }
        if let (true, false, Lie::Fitted { .. }, Some(check)) =
            (self.told, self.fitted, self.lie, check)
        {
            self.fitted = Self::fit(values, check, keep);
        }
    }

    fn root(&mut self, message: Message, root: &mut Hash<Suite>) {
        if message == self.message {
            self.told = true;
            root.0[5] ^= 1;
        }
    }

    fn nonce(&mut self, message: Message, seed: &[u8; 32], nonce: &mut u64) {
        if message == self.message {
            self.told = true;
            *nonce = (0..).find(|&n| pow_bits(seed, n) == 0).expect("every second nonce is bad");
        }
    }
}

/// Notes what is sent, and of how many entries.
#[derive(Default)]
struct Recorder(Vec<(Message, usize)>);

impl Adversary<Suite> for Recorder {
    fn felts(&mut self, message: Message, values: &mut [K], _: Option<Check<'_>>) {
        self.0.push((message, values.len()));
    }
    fn root(&mut self, message: Message, _: &mut Hash<Suite>) {
        self.0.push((message, 1));
    }
    fn nonce(&mut self, message: Message, _: &[u8; 32], _: &mut u64) {
        self.0.push((message, 1));
    }
}

/// A circuit, its key and what its honest prover sends.
pub(super) struct Case {
    pub(super) toy: Toy,
    pub(super) pk: ProvingKey<Suite>,
    pub(super) sent: Vec<(Message, usize)>,
}

impl Case {
    pub(super) fn new(toy: Toy) -> Self {
        let pk = key::<Suite>(&toy, SuiteName::Blake2s);
        let mut case = Self { toy, pk, sent: vec![] };
        let mut recorder = Recorder::default();
        case.verdict(&mut recorder).expect("an honest proof");
        case.sent = recorder.0;
        case
    }

    /// What the verifier says about the proof of an adversary.
    fn verdict(
        &self,
        adversary: &mut dyn Adversary<Suite>,
    ) -> Result<(), stwo_ml_verifier::error::VerifyError> {
        let trace = &self.toy.trace;
        let proven = prove_as(&self.pk, trace, [0; 32], &mut |_| (), Some(adversary));
        let (file, _) = proven.expect("a complete trace");
        verify(&self.pk.vk, &file.statement, &file.proof)
    }

    /// The manifest: the phase that must catch a lie about a message, if it can be told.
    fn must_catch(&self, message: Message, lie: Lie) -> Option<Phase> {
        let n_layers = self.pk.vk.layouts().stack.log_size as usize;
        let schedule = self.pk.vk.schedule();
        let has_factors = self.sent.iter().any(|(m, _)| *m == Message::Factors);
        let after_layer = |layer| match layer + 1 {
            next if next < n_layers => Phase::Layer(next),
            _ => Phase::End,
        };
        match (message, lie) {
            (Message::WitnessRoot, Lie::Plain { .. }) => {
                // Where the leaves of `W` are opened.
                Some(Phase::Leaves(if schedule.leader == 1 { 0 } else { schedule.join }))
            }
            (Message::LookupWork, Lie::Plain { .. }) => Some(Phase::LookupWork),
            (
                Message::LayerRound { layer, .. } | Message::LayerMask { layer },
                Lie::Plain { .. },
            ) => Some(Phase::Layer(layer)),
            (
                Message::LayerRound { layer, .. } | Message::LayerMask { layer },
                Lie::Fitted { .. },
            ) => Some(after_layer(layer)),
            (
                Message::LinearParts | Message::IdentityRound { .. } | Message::Factors,
                Lie::Plain { .. },
            ) => Some(Phase::Identities),
            (Message::LinearParts, Lie::Balanced) => Some(Phase::End),
            (
                Message::LinearParts | Message::IdentityRound { .. } | Message::Factors,
                Lie::Fitted { .. },
            ) => has_factors.then_some(Phase::End),
            (
                Message::WitnessOod
                | Message::ModelColumns
                | Message::OpeningRound { .. }
                | Message::FoldedOod { .. }
                | Message::ClearTable,
                Lie::Plain { .. },
            ) => Some(Phase::End),
            (Message::FoldedRoot { level }, Lie::Plain { .. }) => Some(Phase::Leaves(level + 1)),
            (Message::LevelWork { level }, Lie::Plain { .. }) => Some(Phase::Work(level)),
            (_, Lie::Fitted { .. } | Lie::Balanced) => None,
        }
    }

    /// Tells every lie about the messages of a kind; returns how many.
    fn lie_about(&self, kind: fn(Message) -> bool) -> usize {
        let mut told = 0;
        for &(message, n_entries) in self.sent.iter().filter(|(m, _)| kind(*m)) {
            let entries = 0..n_entries;
            let lies = entries
                .flat_map(|entry| [Lie::Plain { entry }, Lie::Fitted { entry }])
                .chain([Lie::Balanced]);
            for lie in lies {
                let Some(phase) = self.must_catch(message, lie) else { continue };
                let mut liar = Liar::new(message, lie);
                let verdict = self.verdict(&mut liar);
                assert!(liar.told, "{message:?} was not sent");
                assert_eq!(liar.fitted, matches!(lie, Lie::Fitted { .. }), "{message:?} {lie:?}");
                let error = verdict.expect_err("a lie was accepted");
                assert!(phase.caught(&error), "{message:?}, {lie:?}: {error:?}, not {phase:?}");
                told += 1;
            }
        }
        told
    }
}

/// Products and a table that joins at once; no products, and either table joins late.
fn circuits() -> Vec<Case> {
    let cases: Vec<Case> =
        [toy(), linear(8, 12), linear(13, 8)].into_iter().map(Case::new).collect();
    assert!(cases[1..].iter().all(|c| c.pk.vk.schedule().join > 0));
    cases
}

/// Which kind of message a predicate picks.
pub(super) type Kind = fn(Message) -> bool;

/// One test for each kind of message, and the list of kinds.
macro_rules! kinds {
    ($($name:ident: $pattern:pat, $at_least:expr;)*) => {
        pub(super) const KINDS: &[(&str, Kind)] =
            &[$((stringify!($name), |m| matches!(m, $pattern)),)*];
        $(
            #[test]
            fn $name() {
                let lies: usize =
                    circuits().iter().map(|c| c.lie_about(|m| matches!(m, $pattern))).sum();
                assert!(lies >= $at_least, "only {lies} lies were told");
            }
        )*
    };
}

kinds! {
    witness_root: Message::WitnessRoot, 3;
    witness_ood: Message::WitnessOod, 3;
    lookup_work: Message::LookupWork, 3;
    layer_rounds: Message::LayerRound { .. }, 400;
    layer_masks: Message::LayerMask { .. }, 200;
    model_columns: Message::ModelColumns, 3;
    linear_parts: Message::LinearParts, 9;
    identity_rounds: Message::IdentityRound { .. }, 30;
    factors: Message::Factors, 6;
    opening_rounds: Message::OpeningRound { .. }, 50;
    folded_roots: Message::FoldedRoot { .. }, 2;
    folded_oods: Message::FoldedOod { .. }, 2;
    clear_table: Message::ClearTable, 50;
    level_work: Message::LevelWork { .. }, 5;
}

#[test]
fn every_message_is_of_one_kind_and_every_kind_is_sent() {
    let sent: BTreeSet<Message> =
        circuits().iter().flat_map(|c| c.sent.iter().map(|(m, _)| *m)).collect();
    for message in &sent {
        assert_eq!(KINDS.iter().filter(|(_, k)| k(*message)).count(), 1, "{message:?}");
    }
    for (name, kind) in KINDS {
        assert!(sent.iter().any(|m| kind(*m)), "{name} is never sent");
    }
}

/// Every field of a proof is a message, except what roots and positions determine. The patterns
/// name all fields, so that one more does not compile until it is counted here.
#[test]
fn every_field_is_a_message() {
    for case in circuits() {
        let (file, _) = prove(&case.pk, &case.toy.trace, [0; 32], &mut |_| ()).expect("a trace");
        let Proof { witness_root: _, witness_ood: _, lookup, product, opening } = &file.proof;
        let LookupProof { nonce: _, layers, model_columns: _ } = lookup;
        let ProductProof { witness_linear: _, model_linear: _, rounds, factors } = product;
        let OpeningProof { levels, last } = opening;
        let LastLevel { rounds: last_rounds, clear, nonce: _, openings: _, tail } = last;
        // Root and value of `W`, a nonce, table outputs, the linear parts.
        let mut n = 1 + 1 + 1 + 1 + 2;
        for LayerProof { rounds, mask } in layers {
            n += rounds.as_flattened().len() + mask.len();
        }
        n += rounds.as_flattened().len() + factors.len();
        for Level { rounds, root: _, ood: _, nonce: _, openings: _ } in levels {
            n += rounds.as_flattened().len() + 3;
        }
        n += last_rounds.as_flattened().len() + clear.len() + 1 + tail.as_flattened().len();
        assert_eq!(case.sent.iter().map(|(_, n)| n).sum::<usize>(), n);
    }
}

/// Commits to another folded table, or to no codeword at all.
struct WrongFold {
    level: usize,
    codeword: bool,
}

impl Adversary<Suite> for WrongFold {
    fn folded(&mut self, level: usize, table: &mut Vec<PackedQM31>, weights: &[PackedQM31]) {
        if level == self.level && !self.codeword {
            // A change that none of the claims so far sees.
            let mut values: Vec<K> = table.iter().flat_map(PackedQM31::to_array).collect();
            let weights: Vec<K> = weights.iter().flat_map(PackedQM31::to_array).collect();
            values[1] += weights[2];
            values[2] -= weights[1];
            *table = mle::pack(&values);
        }
    }

    fn codeword(&mut self, level: usize, columns: &mut [BaseColumn]) {
        if level == self.level && self.codeword {
            columns[0].as_mut_slice().iter_mut().for_each(|v| *v += F::from(1u32));
        }
    }
}

#[test]
fn folded_tables() {
    for case in circuits() {
        let n_levels = case.pk.vk.schedule().n_levels();
        for level in 0..n_levels {
            for codeword in [false, true] {
                if codeword && level + 1 == n_levels {
                    continue;
                }
                let error = case.verdict(&mut WrongFold { level, codeword }).expect_err("a lie");
                assert!(Phase::End.caught(&error), "{level} {codeword}: {error:?}");
            }
        }
    }
}
