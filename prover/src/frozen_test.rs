//! It is the transcript that binds a proof: for every message a changed one is accepted against
//! *frozen* challenges, those of the honest proof, and rejected with the real ones; and every
//! challenge after the change is another one (PROTOCOL §5).
//!
//! A cheating prover who knew all challenges beforehand could do what is done here. Each forgery
//! changes one message and, where that leaves an equation open, later ones.

use std::collections::BTreeMap;

use stwo::core::channel::MerkleChannel;
use stwo::core::fields::FieldExpOps;
use stwo::core::vcs_lifted::merkle_hasher::MerkleHasherLifted;
use stwo_ml_verifier::channel::{Hash, Suite, Transcript, pow_bits};
use stwo_ml_verifier::error::VerifyError;
use stwo_ml_verifier::field::{F, K, ONE, ZERO, eq_table};
use stwo_ml_verifier::functional::Public;
use stwo_ml_verifier::key::VerifyingKey;
use stwo_ml_verifier::lookup::{self, Challenges};
use stwo_ml_verifier::opening::{self, CodeOpening};
use stwo_ml_verifier::product::{Batch, finish};
use stwo_ml_verifier::profile::Code;
use stwo_ml_verifier::proof::{Proof, Statement};
use stwo_ml_verifier::verify::{Claims, seed};

use super::fields::linear;
use super::lies::Case;
use super::tape::{Event, Taped, frozen, recorded};
use super::*;
use crate::sender::Message;

/// What is absorbed: before the witness, or a message of the prover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Absorbed {
    Protocol,
    ModelId,
    Context,
    Input,
    Output,
    Sent(Message),
}

/// An honest proof, with the tape of its verification.
struct Honest {
    vk: VerifyingKey<Taped>,
    circuit: Circuit,
    statement: Statement,
    proof: Proof<Taped>,
    events: Vec<Event>,
    /// In order, one for each absorption.
    absorbed: Vec<Absorbed>,
    /// The challenge after a round or a mask.
    drawn: BTreeMap<Message, K>,
    /// `gamma` of the layers.
    gammas: Vec<K>,
    /// What the opening leaves owed.
    owed: K,
}

impl Honest {
    fn new(toy: Toy) -> Self {
        let case = Case::new(toy);
        let (file, _) = prove(&case.pk, &case.toy.trace, [3; 32], &mut |_| ()).expect("a trace");
        let vk = Self::key(&case.pk.vk, case.toy.circuit.clone(), case.pk.vk.ood().1);
        let (file, _) = recorded(|| {
            ProofFile::<Taped>::from_bytes(&vk, &file.to_bytes(&case.pk.vk)).expect("a proof")
        });
        let (statement, proof) = (file.statement, file.proof);
        let (verdict, events) = recorded(|| verify(&vk, &statement, &proof));
        verdict.expect("an honest proof");
        let seeds = [Absorbed::Protocol, Absorbed::ModelId, Absorbed::Context];
        let inputs = statement.inputs.iter().map(|_| Absorbed::Input);
        let outputs = statement.outputs.iter().map(|_| Absorbed::Output);
        let sent = case.sent.iter().map(|&(message, _)| Absorbed::Sent(message));
        let absorbed = seeds.into_iter().chain(inputs).chain(outputs).chain(sent).collect();
        let mut honest = Self {
            vk,
            circuit: case.toy.circuit,
            statement,
            proof,
            events,
            absorbed,
            drawn: BTreeMap::new(),
            gammas: vec![],
            owed: ZERO,
        };
        honest.read_challenges();
        let (identities, owed) = honest.equations(&honest.unchanged());
        assert_eq!(identities, ZERO);
        honest.owed = owed;
        honest
    }

    /// A key with a tape: the root of another, and a value of `M`.
    fn key<S: Suite<H = <Taped as MerkleChannel>::H>>(
        vk: &VerifyingKey<S>,
        circuit: Circuit,
        value: K,
    ) -> VerifyingKey<Taped> {
        let (profile, root) = (*vk.profile(), *vk.root());
        let (key, _) = recorded(|| VerifyingKey::new(profile, circuit, root, value));
        key.expect("a valid key")
    }

    /// Reads the challenges off the tape, in the order of PROTOCOL §5.
    fn read_challenges(&mut self) {
        let drawn = |e: &Event| if let Event::Felts(f) = e { Some(f.clone()) } else { None };
        let mut felts = self.events.iter().filter_map(drawn);
        let mut next = || felts.next().expect("a challenge");
        let (_zeta, _alpha_beta) = (next(), next());
        for layer in 0..self.proof.lookup.layers.len() {
            self.gammas.push(if layer == 0 { ZERO } else { next()[0] });
            for round in 0..layer {
                self.drawn.insert(Message::LayerRound { layer, round }, next()[0]);
            }
            self.drawn.insert(Message::LayerMask { layer }, next()[0]);
        }
        let (_point, _lambda) = (next(), next());
        for round in 0..self.proof.product.rounds.len() {
            self.drawn.insert(Message::IdentityRound { round }, next()[0]);
        }
        let _c = next();
        let schedule = self.vk.schedule();
        let (mut left, n_follow) = schedule.log_sizes();
        let mut entered = false;
        for level in 0..=schedule.n_levels() {
            let n_rounds = match schedule.opened(level).first() {
                Some(code) if level < schedule.n_levels() => code.log_rows,
                _ => schedule.log_clear,
            };
            for round in 0..n_rounds as usize {
                if !entered && left == n_follow {
                    entered = true;
                    let _gamma = next();
                }
                self.drawn.insert(Message::OpeningRound { level, round }, next()[0]);
                left -= 1;
            }
            left += u32::from(level == schedule.join);
            if level < schedule.n_levels() {
                if level < schedule.folded.len() {
                    let _zeta = next();
                }
                let _eta = next();
            }
        }
        assert_eq!(felts.next(), None, "a challenge that nobody knows");
    }

    /// With frozen challenges: by how much the identities fail, and the value that the opening
    /// leaves owed.
    fn equations(&self, forged: &Forgery) -> (K, K) {
        let Forgery { vk, statement, proof } = forged;
        frozen(&self.events, 0, || {
            let circuit = &self.circuit;
            let public = Public::new(circuit, statement);
            let mut transcript = seed(vk, statement);
            transcript.absorb_root(proof.witness_root);
            let point = transcript.draw_many(vk.layouts().witness.log_size as usize);
            transcript.absorb(&[proof.witness_ood]);
            let mut claims = Claims::new(vk, point, proof.witness_ood);
            let _ = transcript.check_pow(lookup::POW_BITS, proof.lookup.nonce);
            let challenges = Challenges::draw(&mut transcript);
            let n_vars = vk.layouts().stack.log_size as usize;
            let leaf = lookup::verify(&mut transcript, n_vars, &proof.lookup.layers)
                .expect("the lookups of a forgery hold");
            let columns = proof.lookup.model_columns;
            transcript.absorb(&[columns]);
            let layouts = vk.layouts();
            claims.add_leaves(lookup::leaf_claims(circuit, layouts, &challenges, &leaf, columns));
            let batch = Batch::draw(&mut transcript, circuit, public);
            let product = &proof.product;
            transcript.absorb(&[product.witness_linear, product.model_linear]);
            let mut claim = -(product.witness_linear + product.model_linear + batch.public);
            let mut point = vec![];
            for round in &product.rounds {
                transcript.absorb(round);
                let ([c0, c2, c3], r) = (*round, transcript.draw());
                claim = c0 + r * (claim - c0 - c0 - c2 - c3 + r * (c2 + r * c3));
                point.push(r);
            }
            if !product.factors.is_empty() {
                transcript.absorb(&product.factors);
            }
            let (identity_claims, total) = finish(circuit, batch, public, &point, product);
            claims.add_identities(identity_claims);
            let powers = claims.draw_powers(&mut transcript);
            let roots = [*vk.root(), proof.witness_root];
            let values = claims.values(&powers);
            let owed =
                opening::verify(&mut transcript, vk.schedule(), roots, values, &proof.opening);
            (claim - total, owed.map_or(ZERO, |owed| owed.value))
        })
    }

    /// Makes the identities hold by another linear part, if they do not, and the opening by another
    /// last round.
    fn mend(&self, forged: &mut Forgery) {
        let (off, _) = self.equations(forged);
        if off != ZERO {
            forged.proof.product.witness_linear += ONE;
            let slope = self.equations(forged).0 - off;
            forged.proof.product.witness_linear -= ONE + off * slope.inverse();
        }
        let level = self.vk.schedule().n_levels();
        let round = forged.proof.opening.last.tail.len() - 1;
        let r = self.drawn[&Message::OpeningRound { level, round }];
        let (_, owed) = self.equations(forged);
        forged.proof.opening.last.tail[round][0] -= (owed - self.owed) * (ONE - r - r).inverse();
    }

    /// The proof of work before which the state is read for the `n`th time, with another nonce.
    fn other_nonce(&self, n: usize, n_bits: u32, nonce: u64) -> u64 {
        let reads = |(i, e): (usize, &Event)| matches!(e, Event::Digest(_)).then_some(i);
        let at = self.events.iter().enumerate().filter_map(reads).nth(n).expect("a nonce");
        let seed = frozen(&self.events, at, || Transcript::<Taped>::default().pow_seed(n_bits));
        assert!(pow_bits(&seed, nonce) >= n_bits);
        (nonce + 1..).find(|&other| pow_bits(&seed, other) >= n_bits).expect("another nonce")
    }

    /// The positions of every code that is opened, level by level.
    fn positions(&self) -> Vec<Vec<(Code, Vec<usize>)>> {
        let schedule = self.vk.schedule();
        let mut words =
            self.events.iter().enumerate().filter(|(_, e)| matches!(e, Event::Words(_)));
        let mut level_positions = |level| {
            let positions = |code: Code| {
                let n_draws = code.n_queries.div_ceil(8);
                let (at, _) =
                    words.nth(n_draws - 1).map(|(at, _)| (at + 1 - n_draws, ())).expect("words");
                let drawn = frozen(&self.events, at, || {
                    Transcript::<Taped>::default().draw_positions(code.n_queries, code.log_domain())
                });
                (code, drawn)
            };
            schedule.opened(level).into_iter().map(positions).collect::<Vec<_>>()
        };
        (0..schedule.n_levels()).map(&mut level_positions).collect()
    }

    /// The honest proof.
    fn unchanged(&self) -> Forgery {
        let (statement, proof) = (self.statement.clone(), self.proof.clone());
        Forgery { vk: self.vk.clone(), statement, proof }
    }

    /// Changes a message, and what must follow. The statement and the key may change as well.
    fn forge(&self, what: Absorbed) -> Forgery {
        let mut forged = self.unchanged();
        match what {
            Absorbed::Protocol => {}
            Absorbed::ModelId => {
                // Another value of `M` at its point, which is drawn before: only `model_id` follows.
                let value = self.vk.ood().1 + ONE;
                forged.vk = Self::key(&self.vk, self.circuit.clone(), value);
                assert_eq!(forged.vk.ood().0, self.vk.ood().0);
                self.mend(&mut forged);
            }
            Absorbed::Context => forged.statement.context[31] ^= 1,
            Absorbed::Input => {
                forged.statement.inputs[0][1] += 1;
                self.mend(&mut forged);
            }
            Absorbed::Output => {
                forged.statement.outputs[0][1] += 1;
                self.mend(&mut forged);
            }
            Absorbed::Sent(message) => self.forge_message(message, &mut forged),
        }
        forged
    }

    fn forge_message(&self, message: Message, forged: &mut Forgery) {
        let after = |message| self.drawn[&message];
        let proof = &mut forged.proof;
        match message {
            Message::WitnessRoot => {
                let schedule = self.vk.schedule();
                let level = if schedule.leader == 1 { 0 } else { schedule.join };
                let index = usize::from(schedule.leader == 0);
                let (code, positions) = &self.positions()[level][index];
                let opening = &mut openings(proof, level)[index];
                proof.witness_root = other_root(opening, code, positions);
            }
            Message::FoldedRoot { level } => {
                let (code, positions) = &self.positions()[level + 1][0];
                let root = other_root(&mut openings(proof, level + 1)[0], code, positions);
                proof.opening.levels[level].root = root;
            }
            Message::WitnessOod => {
                proof.witness_ood += ONE;
                self.mend(forged);
            }
            Message::FoldedOod { level } => {
                proof.opening.levels[level].ood += ONE;
                self.mend(forged);
            }
            Message::LookupWork => {
                let nonce = &mut proof.lookup.nonce;
                *nonce = self.other_nonce(0, lookup::POW_BITS, *nonce);
            }
            Message::LevelWork { level } => {
                let last = &mut proof.opening.last.nonce;
                let nonce = proof.opening.levels.get_mut(level).map_or(last, |l| &mut l.nonce);
                *nonce = self.other_nonce(level + 1, self.vk.schedule().pow_bits, *nonce);
            }
            Message::LayerRound { layer, round } => {
                // The next claim is `claim + h_1 (r - rho) + h_2 (r^2 - rho)`.
                let r = after(message);
                let rho = match round {
                    0 => after(Message::LayerMask { layer: layer - 1 }),
                    _ => after(Message::LayerRound { layer: layer - 1, round: round - 1 }),
                };
                let [h1, h2] = &mut proof.lookup.layers[layer].rounds[round];
                *h1 += ONE;
                *h2 -= (r - rho) * (r * r - rho).inverse();
            }
            Message::LayerMask { layer } => {
                // The same `d`, `n` at `tau`, and the same `n_0 d_1 + n_1 d_0 + gamma d_0 d_1`.
                let (tau, gamma) = (after(message), self.gammas[layer]);
                let [n0, n1, d0, d1] = &mut proof.lookup.layers[layer].mask;
                let n_tau = *n0 + tau * (*n1 - *n0);
                let claim = *n0 * *d1 + *n1 * *d0 + gamma * *d0 * *d1;
                *d0 += ONE;
                *d1 -= (ONE - tau) * tau.inverse();
                let rest = claim - gamma * *d0 * *d1;
                let det = ((ONE - tau) * *d0 - tau * *d1).inverse();
                (*n0, *n1) =
                    ((n_tau * *d0 - tau * rest) * det, ((ONE - tau) * rest - *d1 * n_tau) * det);
            }
            Message::ModelColumns => {
                proof.lookup.model_columns += ONE;
                self.mend(forged);
            }
            Message::LinearParts => {
                proof.product.witness_linear += ONE;
                proof.product.model_linear -= ONE;
                self.mend(forged);
            }
            Message::IdentityRound { round } => {
                let r = after(message);
                let [c0, c2, _] = &mut proof.product.rounds[round];
                *c0 += ONE;
                *c2 -= (ONE - r - r) * (r * r - r).inverse();
            }
            Message::Factors => {
                // The last factor makes up for the first.
                let last = proof.product.factors.len() - 1;
                proof.product.factors[0] += ONE;
                let (off, _) = self.equations(forged);
                forged.proof.product.factors[last] += ONE;
                let slope = self.equations(forged).0 - off;
                forged.proof.product.factors[last] -= ONE + off * slope.inverse();
                self.mend(forged);
            }
            Message::OpeningRound { level, round } => {
                let r = after(message);
                let opening = &mut proof.opening;
                let n_folded = opening.levels.len();
                let [c0, c2] = match level {
                    _ if level < n_folded => &mut opening.levels[level].rounds[round],
                    _ if level == n_folded => &mut opening.last.rounds[round],
                    _ => &mut opening.last.tail[round],
                };
                *c0 += ONE;
                *c2 -= (ONE - r - r) * (r * r - r).inverse();
            }
            Message::ClearTable => {
                // The same value at the final point.
                let level = self.vk.schedule().n_levels();
                let n = proof.opening.last.tail.len();
                let point: Vec<K> =
                    (0..n).map(|round| after(Message::OpeningRound { level, round })).collect();
                let eq = eq_table(&point);
                proof.opening.last.clear[0] += eq[1];
                proof.opening.last.clear[1] -= eq[0];
            }
        }
    }
}

/// What a forger presents.
struct Forgery {
    vk: VerifyingKey<Taped>,
    statement: Statement,
    proof: Proof<Taped>,
}

impl Forgery {
    fn verdict(&self) -> Result<(), VerifyError> {
        verify(&self.vk, &self.statement, &self.proof)
    }
}

fn openings(proof: &mut Proof<Taped>, level: usize) -> &mut Vec<CodeOpening<Taped>> {
    let opening = &mut proof.opening;
    let last = &mut opening.last.openings;
    opening.levels.get_mut(level).map_or(last, |level| &mut level.openings)
}

/// The root of the tree with another sibling: what it commits to differs where nothing is opened.
fn other_root(opening: &mut CodeOpening<Taped>, code: &Code, positions: &[usize]) -> Hash<Taped> {
    opening.witness[0].0[7] ^= 1;
    let leaf = |row: &[F]| {
        let mut hasher = <Taped as MerkleChannel>::H::default();
        hasher.update_leaf(row);
        hasher.finalize()
    };
    let leaves = opening.leaves.chunks_exact(code.leaf_width()).map(leaf);
    let mut nodes: BTreeMap<usize, Hash<Taped>> = positions.iter().copied().zip(leaves).collect();
    let mut siblings = opening.witness.iter();
    for _ in 0..code.log_domain() {
        let mut parents = BTreeMap::new();
        for (&position, &hash) in &nodes {
            let parent = position >> 1;
            if parents.contains_key(&parent) {
                continue;
            }
            let sibling = match nodes.get(&(position ^ 1)) {
                Some(sibling) => *sibling,
                None => *siblings.next().expect("a sibling"),
            };
            let children = if position & 1 == 0 { (hash, sibling) } else { (sibling, hash) };
            parents.insert(parent, <Taped as MerkleChannel>::H::hash_children(children));
        }
        nodes = parents;
    }
    nodes[&0]
}

fn circuits() -> impl Iterator<Item = Honest> {
    [toy(), linear(8, 12), linear(13, 8)].into_iter().map(Honest::new)
}

#[test]
fn forgeries_hold_only_against_frozen_challenges() {
    for honest in circuits() {
        for &what in honest.absorbed.iter().filter(|&&what| what != Absorbed::Protocol) {
            let forged = honest.forge(what);
            let frozen_verdict = frozen(&honest.events, 0, || forged.verdict());
            assert_eq!(frozen_verdict, Ok(()), "{what:?} against frozen challenges");
            let (verdict, _) = recorded(|| forged.verdict());
            assert!(verdict.is_err(), "{what:?}: a forgery was accepted");
        }
    }
}

#[test]
fn every_message_changes_all_later_challenges() {
    for honest in circuits() {
        let place = |events: &[Event], n: usize| {
            let absorbed = |(i, e): (usize, &Event)| (*e == Event::Absorbed).then_some(i);
            events.iter().enumerate().filter_map(absorbed).nth(n)
        };
        assert_eq!(place(&honest.events, honest.absorbed.len()), None, "nothing else is absorbed");
        for (n, &what) in honest.absorbed.iter().enumerate() {
            if what == Absorbed::Protocol {
                continue;
            }
            let forged = honest.forge(what);
            let (_, events) = recorded(|| forged.verdict());
            let at = place(&honest.events, n).expect("as many absorptions as messages");
            assert_eq!(place(&events, n), Some(at), "{what:?}");
            assert_eq!(events[..at], honest.events[..at], "{what:?} changes earlier challenges");
            let drawn = |e: &&Event| !matches!(e, Event::Absorbed);
            let (forged, real) = (events[at..].iter(), honest.events[at..].iter());
            let mut n_drawn = 0;
            for (forged, real) in forged.filter(drawn).zip(real.filter(drawn)) {
                let empty = matches!(real, Event::Felts(felts) if felts.is_empty());
                assert!(empty || forged != real, "{what:?} leaves a later challenge as it was");
                n_drawn += 1;
            }
            assert!(n_drawn > 0, "nothing is drawn after {what:?}");
        }
    }
}

/// The forgeries are of every kind of message, so no kind is missing above.
#[test]
fn every_kind_of_message_is_forged() {
    let absorbed: Vec<Absorbed> = circuits().flat_map(|honest| honest.absorbed).collect();
    for (name, kind) in super::lies::KINDS {
        let forged = |what: &Absorbed| matches!(what, Absorbed::Sent(m) if kind(*m));
        assert!(absorbed.iter().any(forged), "{name}");
    }
}
