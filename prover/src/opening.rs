//! The prover's side of the recursive opening (PROTOCOL §4.2): the mirror of
//! `stwo_ml_verifier::opening`, which has the protocol.

use stwo::prover::backend::simd::qm31::PackedQM31;
use stwo_ml_verifier::field::{F, K, ONE};
use stwo_ml_verifier::opening::{
    CodeOpening, LastLevel, Level, OpeningProof, Round, domain_tensor,
};
use stwo_ml_verifier::profile::{Code, Schedule};

use crate::commit::{Codeword, Committed, ProverSuite, encode, extension_rows};
use crate::cost::{Cost, Stopwatch};
use crate::mle::{self, Pair};
use crate::sender::{Message, Sender};

/// Opens `<table_t, weights_t>` for both tables; index 0 is `M`, 1 is `W`.
///
/// `weights[t]` is the batched functional on table `t`, packed in index order
/// (`mle::pack` packs a slice), and is consumed as working memory. The transcript of the sender must
/// have absorbed what fixes roots, claims and weights; the verifier's must be in the same state. Also
/// returns what the proofs of work cost.
///
/// # Panics
/// Tables or weights do not have the shapes of the schedule.
pub fn prove<S: ProverSuite>(
    sender: &mut Sender<'_, S>,
    schedule: &Schedule,
    tables: [&Committed<S>; 2],
    weights: [Vec<PackedQM31>; 2],
) -> (OpeningProof<S>, Cost) {
    let mut ground = Cost::default();
    for ((table, code), weights) in tables.iter().zip(&schedule.tables).zip(&weights) {
        let shape = (table.log_size(), table.log_rows(), table.log_blowup());
        assert_eq!(shape, (code.log_size, code.log_rows, code.log_blowup), "table and schedule");
        assert_eq!(weights.len(), table.values().len(), "one weight for each entry");
    }
    let [table_m, table_w] = tables;
    let [weights_m, weights_w] = weights;
    let (lead, follow) = match schedule.leader {
        0 => ((table_m, weights_m), (table_w, weights_w)),
        _ => ((table_w, weights_w), (table_m, weights_m)),
    };
    let mut state = Sumcheck {
        current: Some(base_pair(lead.0, lead.1)),
        follower: Some(base_pair(follow.0, follow.1)),
        gamma: None,
    };
    let mut previous: Option<Codeword<S>> = None;
    let mut levels = Vec::new();

    for level in 0..schedule.n_levels() {
        let opened = schedule.opened(level);
        let log_rows = opened.first().map_or(0, |code| code.log_rows);
        let rounds = state.rounds(sender, level, log_rows);
        let joins = level == schedule.join;
        if joins {
            state.join();
        }
        let (mut table, mut weights, n_vars) = state.take();
        if let Some(adversary) = sender.adversary() {
            adversary.folded(level, &mut table, &weights);
        }

        let committed = schedule.folded.get(level).map(|code| {
            let mut columns =
                encode(extension_rows(&table, code.log_size, code.log_rows), code.log_blowup);
            if let Some(adversary) = sender.adversary() {
                adversary.codeword(level, &mut columns);
            }
            let codeword = Codeword::<S>::new(columns);
            let root = sender.send_root(Message::FoldedRoot { level }, codeword.root());
            let zeta = sender.transcript().draw_many(n_vars as usize);
            let ood = mle::evaluate_entries(&table, &zeta);
            let [ood] = sender.send(Message::FoldedOod { level }, [ood]);
            (codeword, root, zeta, ood)
        });
        let mut clear = Vec::new();
        if committed.is_none() {
            clear = mle::unpack(&table, n_vars);
            sender.send_list(Message::ClearTable, &mut clear);
        }

        let watch = Stopwatch::start();
        let nonce = sender.work(Message::LevelWork { level }, schedule.pow_bits);
        ground += watch.cost();
        let positions: Vec<_> = opened
            .iter()
            .map(|code| sender.transcript().draw_positions(code.n_queries, code.log_domain()))
            .collect();
        let eta = sender.draw();

        let mut power = ONE;
        if let Some((_, _, zeta, _)) = &committed {
            power *= eta;
            mle::add_eq(&mut weights, zeta, power);
        }
        let mut openings: Vec<CodeOpening<S>> = Vec::new();
        for (index, (code, positions)) in opened.iter().zip(&positions).enumerate() {
            openings.push(match (index, &previous) {
                (0, Some(codeword)) => codeword.open(positions),
                (0, None) => lead.0.open(positions),
                _ => follow.0.open(positions),
            });
            add_queries(&mut weights, code, index, positions, eta, &mut power);
        }
        state.current = Some(Pair::Extension { f: table, w: weights, n_vars });
        match committed {
            Some((codeword, root, _, ood)) => {
                levels.push(Level { rounds, root, ood, nonce, openings });
                previous = Some(codeword);
            }
            None => {
                let tail = state.rounds(sender, level + 1, n_vars);
                let last = LastLevel { rounds, clear, nonce, openings, tail };
                return (OpeningProof { levels, last }, ground);
            }
        }
    }
    unreachable!("the last level of a schedule has no commitment")
}

/// Adds the weights of a code's queries, on the half of the table that its fold is.
fn add_queries(
    weights: &mut [PackedQM31],
    code: &Code,
    half: usize,
    positions: &[usize],
    eta: K,
    power: &mut K,
) {
    let tensors: Vec<(K, Vec<F>)> = positions
        .iter()
        .map(|&position| {
            *power *= eta;
            (*power, domain_tensor(code, position))
        })
        .collect();
    mle::add_tensors(weights, half << code.log_row(), &tensors);
}

fn base_pair<S: ProverSuite>(table: &Committed<S>, w: Vec<PackedQM31>) -> Pair<'_> {
    Pair::Base { f: table.values(), w, n_vars: table.log_size() }
}

/// The tables under the sumcheck.
struct Sumcheck<'a> {
    current: Option<Pair<'a>>,
    /// The smaller table, until it joins.
    follower: Option<Pair<'a>>,
    /// The factor of its claim, once it has entered.
    gamma: Option<K>,
}

impl Sumcheck<'_> {
    fn rounds<S: ProverSuite>(
        &mut self,
        sender: &mut Sender<'_, S>,
        level: usize,
        n_rounds: u32,
    ) -> Vec<Round> {
        let mut rounds = Vec::new();
        for round in 0..n_rounds as usize {
            let Some(current) = self.current.take() else { break };
            let [mut c0, mut c2] = current.round();
            let entering = self.follower.take();
            if let Some(follower) = entering {
                if self.gamma.is_none() && current.n_vars() == follower.n_vars() {
                    self.gamma = Some(sender.draw());
                }
                if let Some(gamma) = self.gamma {
                    let [d0, d2] = follower.round();
                    (c0, c2) = (c0 + gamma * d0, c2 + gamma * d2);
                }
                self.follower = Some(follower);
            }
            rounds.push(sender.send(Message::OpeningRound { level, round }, [c0, c2]));
            let r = sender.draw();
            self.current = Some(current.fold(r));
            if self.gamma.is_some() {
                self.follower = self.follower.take().map(|follower| follower.fold(r));
            }
        }
        rounds
    }

    /// Replaces the current table by its concatenation with the follower.
    fn join(&mut self) {
        if let (Some(current), Some(follower), Some(gamma)) =
            (self.current.take(), self.follower.take(), self.gamma)
        {
            let n_vars = current.n_vars();
            let (f_lo, w_lo) = current.into_tables();
            let (f_hi, mut w_hi) = follower.into_tables();
            mle::scale(&mut w_hi, gamma);
            let f = mle::concat(f_lo, f_hi, n_vars);
            let w = mle::concat(w_lo, w_hi, n_vars);
            self.current = Some(Pair::Extension { f, w, n_vars: n_vars + 1 });
        }
    }

    fn take(&mut self) -> (Vec<PackedQM31>, Vec<PackedQM31>, u32) {
        let current = self.current.take().expect("a sumcheck has a table between its levels");
        let n_vars = current.n_vars();
        let (f, w) = current.into_tables();
        (f, w, n_vars)
    }
}

#[cfg(test)]
#[path = "opening_test.rs"]
mod tests;
