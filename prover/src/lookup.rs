//! Lookups: the GKR prover (PROTOCOL §5.1), mirror of the verifier's `lookup`.

use rayon::prelude::*;
use stwo::core::fields::FieldExpOps;
use stwo_ml_verifier::channel::Suite;
use stwo_ml_verifier::circuit::{Arg, Circuit};
use stwo_ml_verifier::field::{F, K, ONE, ZERO, embed};
use stwo_ml_verifier::layout::Layouts;
use stwo_ml_verifier::lookup::{Challenges, LayerProof, LeafClaim};

use crate::packed::{CHUNK, N_LANES, PackedK, VecK, eq_vector, lanes, pack};
use crate::sender::{Message, Sender};

/// Numerators and denominators of one layer.
#[derive(Clone, Debug)]
pub struct Fractions {
    /// `n`.
    pub numerators: VecK,
    /// `d`.
    pub denominators: VecK,
}

/// The leaves: all lookups, then all tables, then `0 / 1`.
#[must_use]
pub fn leaves(
    circuit: &Circuit,
    layouts: &Layouts,
    model: &[F],
    witness: &[F],
    challenges: &Challenges,
) -> Fractions {
    let len = 1usize << layouts.stack.log_size;
    let mut numerators = VecK::zeros(len);
    let mut denominators =
        VecK { words: vec![PackedK::broadcast(ONE); len.div_ceil(N_LANES)], len };
    let slots = &layouts.stack.slots;
    let n_lookups = circuit.lookups.len();
    let column = |id: u32| {
        let i = id as usize;
        match (layouts.witness.slots[i], layouts.model.slots[i]) {
            (Some(slot), _) => &witness[slot.range()],
            (None, Some(slot)) => &model[slot.range()],
            (None, None) => &[],
        }
    };
    let [beta_key, beta_values @ ..] = challenges.beta;
    for (index, slot) in slots.iter().enumerate() {
        let Some(slot) = slot else { continue };
        // The denominator is `constant + sum_j coef_j column_j (+ key of a table)`.
        let mut terms: Vec<(K, &[F])> = vec![];
        let mut constant = challenges.alpha;
        let mut key = None;
        let mut multiplicity: Option<&[F]> = None;
        if let Some(lookup) = circuit.lookups.get(index) {
            constant -= stwo_ml_verifier::lookup::table_id(lookup.table as usize);
            let mut add = |arg: &Arg, beta: K| {
                constant -= beta * embed(arg.constant);
                terms.extend(arg.terms.iter().map(|&(c, id)| (-(beta * embed(c)), column(id))));
            };
            add(&lookup.key, beta_key);
            lookup.values.iter().zip(beta_values).for_each(|(arg, beta)| add(arg, beta));
        } else {
            let table = &circuit.tables[index - n_lookups];
            constant -= stwo_ml_verifier::lookup::table_id(index - n_lookups);
            constant -= beta_key * embed(i64::from(table.lo));
            key = Some(-beta_key);
            terms.extend(
                table.outputs.iter().zip(beta_values).map(|(&id, beta)| (-beta, column(id))),
            );
            multiplicity = Some(column(table.multiplicity));
        }
        fill(&mut denominators, slot.range(), |start, n| {
            let mut word = PackedK::broadcast(constant);
            for (coef, column) in &terms {
                word += PackedK::broadcast(*coef) * pack(&column[start..start + n]);
            }
            if let Some(coef) = key {
                let index: Vec<F> = (start..start + n).map(|i| F::from(i as u32)).collect();
                word += PackedK::broadcast(coef) * pack(&index);
            }
            word
        });
        fill(&mut numerators, slot.range(), |start, n| match multiplicity {
            Some(m) => PackedK::from(-pack(&m[start..start + n])),
            None => PackedK::broadcast(ONE),
        });
    }
    Fractions { numerators, denominators }
}

/// Writes `word(start, n)` for every group of sixteen entries (fewer in a small slot).
fn fill(
    out: &mut VecK,
    range: std::ops::Range<usize>,
    word: impl Fn(usize, usize) -> PackedK + Sync,
) {
    let len = range.len();
    if len < N_LANES {
        let values = word(0, len).to_array();
        for (i, v) in range.zip(values) {
            let mut lanes = out.words[i / N_LANES].to_array();
            lanes[i % N_LANES] = v;
            out.words[i / N_LANES] = PackedK::from_array(lanes);
        }
        return;
    }
    let words = &mut out.words[range.start / N_LANES..range.end / N_LANES];
    words.par_chunks_mut(CHUNK).enumerate().for_each(|(c, chunk)| {
        for (i, w) in chunk.iter_mut().enumerate() {
            *w = word((c * CHUNK + i) * N_LANES, N_LANES);
        }
    });
}

impl Fractions {
    /// Adds the fractions that are half the length apart.
    fn combine(&self) -> Self {
        let half = self.numerators.len / 2;
        if half < N_LANES {
            let (n, d) = (self.numerators.to_scalars(), self.denominators.to_scalars());
            let sum = |i: usize| n[i] * d[i + half] + n[i + half] * d[i];
            let numerators: Vec<K> = (0..half).map(sum).collect();
            let denominators: Vec<K> = (0..half).map(|i| d[i] * d[i + half]).collect();
            return Self {
                numerators: VecK::from_scalars(&numerators),
                denominators: VecK::from_scalars(&denominators),
            };
        }
        let words = half / N_LANES;
        let (n0, n1) = self.numerators.words.split_at(words);
        let (d0, d1) = self.denominators.words.split_at(words);
        let (numerators, denominators) = (0..words)
            .into_par_iter()
            .with_min_len(CHUNK)
            .map(|i| (n0[i] * d1[i] + n1[i] * d0[i], d0[i] * d1[i]))
            .unzip();
        Self {
            numerators: VecK { words: numerators, len: half },
            denominators: VecK { words: denominators, len: half },
        }
    }
}

/// Proves that the fractions sum to zero, down to a claim on the leaves.
pub fn prove<S: Suite>(
    sender: &mut Sender<'_, S>,
    leaves: Fractions,
) -> (Vec<LayerProof>, LeafClaim) {
    let n_vars = leaves.numerators.len.trailing_zeros() as usize;
    let mut layers = vec![leaves];
    while layers[layers.len() - 1].numerators.len > 2 {
        let next = layers[layers.len() - 1].combine();
        layers.push(next);
    }
    let mut proofs = Vec::with_capacity(n_vars);
    let mut at = LeafClaim { point: vec![], numerator: ZERO, denominator: ONE };
    for index in 0..n_vars {
        // The last one is dropped as soon as it is used: memory falls as layers grow.
        let Some(layer) = layers.pop() else { break };
        let (layer_proof, next) = prove_layer(sender, index, layer, &at);
        proofs.push(layer_proof);
        at = next;
    }
    (proofs, at)
}

/// The four multilinear factors of a layer's sumcheck, `m1 = n1 + gamma d1`:
/// `n0 d1 + d0 m1 = n + gamma d`.
struct LayerTables {
    n0: VecK,
    m1: VecK,
    d0: VecK,
    d1: VecK,
}

fn prove_layer<S: Suite>(
    sender: &mut Sender<'_, S>,
    index: usize,
    layer: Fractions,
    at: &LeafClaim,
) -> (LayerProof, LeafClaim) {
    let mut rounds = Vec::with_capacity(index);
    let mut point = Vec::with_capacity(index + 1);
    // What the mask must satisfy: `n0 d1 + n1 d0 + gamma d0 d1 = claim`.
    let (mut gamma, mut claim) = (ZERO, ZERO);
    let mut mask = if index == 0 {
        let (n, d) = (layer.numerators.to_scalars(), layer.denominators.to_scalars());
        [n[0], n[1], d[0], d[1]]
    } else {
        gamma = sender.draw();
        claim = at.numerator + gamma * at.denominator;
        let mut tables = LayerTables::new(layer, gamma);
        let mut eq = eq_vector(&at.point[1..]);
        for (round, &rho) in at.point.iter().enumerate() {
            let (h0, h2) = tables.round(&eq);
            // claim = (1 - rho) h(0) + rho h(1) = h0 + rho (h1 + h2)
            let h1 = (claim - h0) * rho.inverse() - h2;
            let message = Message::LayerRound { layer: index, round };
            let [h1, h2] = sender.send(message, [h1, h2]);
            let r = sender.draw();
            claim += r * (h1 + r * h2) - rho * (h1 + h2);
            for table in [&mut tables.n0, &mut tables.m1, &mut tables.d0, &mut tables.d1] {
                table.fold(r);
            }
            if eq.len > 1 {
                eq.fold_sum();
            }
            rounds.push([h1, h2]);
            point.push(r);
        }
        let (n0, d0, d1) = (tables.n0.at(0), tables.d0.at(0), tables.d1.at(0));
        [n0, tables.m1.at(0) - gamma * d1, d0, d1]
    };
    sender.send_checked(Message::LayerMask { layer: index }, &mut mask, &|m| {
        m[0] * m[3] + m[1] * m[2] + gamma * m[2] * m[3] - claim
    });
    let tau = sender.draw();
    let [n0, n1, d0, d1] = mask;
    let next = LeafClaim {
        point: [&[tau], &point[..]].concat(),
        numerator: n0 + tau * (n1 - n0),
        denominator: d0 + tau * (d1 - d0),
    };
    (LayerProof { rounds, mask }, next)
}

impl LayerTables {
    fn new(layer: Fractions, gamma: K) -> Self {
        let halves = |v: VecK| {
            let half = v.len / 2;
            if half < N_LANES {
                let s = v.to_scalars();
                return (VecK::from_scalars(&s[..half]), VecK::from_scalars(&s[half..]));
            }
            let mut low = v.words;
            let high = low.split_off(half / N_LANES);
            (VecK { words: low, len: half }, VecK { words: high, len: half })
        };
        let (n0, mut m1) = halves(layer.numerators);
        let (d0, d1) = halves(layer.denominators);
        let gamma = PackedK::broadcast(gamma);
        m1.words.par_chunks_mut(CHUNK).zip(d1.words.par_chunks(CHUNK)).for_each(|(m, d)| {
            for (m, &d) in m.iter_mut().zip(d) {
                *m += gamma * d;
            }
        });
        Self { n0, m1, d0, d1 }
    }

    /// `h(0)` and the leading coefficient of `h(X) = sum_x eq(x) (n0 d1 + d0 m1)(X, x)`.
    fn round(&self, eq: &VecK) -> (K, K) {
        let half = self.n0.len / 2;
        let f = |n0: PackedK, m1: PackedK, d0: PackedK, d1: PackedK| n0 * d1 + d0 * m1;
        if half < N_LANES {
            let [n0, m1, d0, d1, eq] =
                [&self.n0, &self.m1, &self.d0, &self.d1, eq].map(VecK::to_scalars);
            let (mut h0, mut h2) = (ZERO, ZERO);
            for i in 0..half {
                let j = i + half;
                h0 += eq[i] * (n0[i] * d1[i] + d0[i] * m1[i]);
                h2 +=
                    eq[i] * ((n0[j] - n0[i]) * (d1[j] - d1[i]) + (d0[j] - d0[i]) * (m1[j] - m1[i]));
            }
            return (h0, h2);
        }
        let words = half / N_LANES;
        let halves = [&self.n0, &self.m1, &self.d0, &self.d1].map(|v| v.words.split_at(words));
        let zero = PackedK::broadcast(ZERO);
        let (h0, h2) = (0..words.div_ceil(CHUNK))
            .into_par_iter()
            .map(|c| {
                let (mut h0, mut h2) = (zero, zero);
                for i in c * CHUNK..words.min((c + 1) * CHUNK) {
                    let low = halves.map(|(low, _)| low[i]);
                    let delta = halves.map(|(low, high)| high[i] - low[i]);
                    let e = eq.words[i];
                    h0 += e * f(low[0], low[1], low[2], low[3]);
                    h2 += e * f(delta[0], delta[1], delta[2], delta[3]);
                }
                (h0, h2)
            })
            .reduce(|| (zero, zero), |a, b| (a.0 + b.0, a.1 + b.1));
        (lanes(h0), lanes(h2))
    }
}
