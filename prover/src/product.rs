//! Identities: the sumcheck prover (PROTOCOL §5.2), mirror of the verifier's `product`.

use rayon::prelude::*;
use stwo_ml_verifier::channel::Suite;
use stwo_ml_verifier::circuit::{Circuit, View};
use stwo_ml_verifier::field::{K, ONE, ZERO, half_pow};
use stwo_ml_verifier::functional::Public;
use stwo_ml_verifier::layout::Layouts;
use stwo_ml_verifier::product::{Batch, IdentityClaims, ProductProof, finish, is_committed};

use crate::contract::{factor, public_slot};
use crate::packed::{CHUNK, N_LANES, PackedK, VecK, eq_vector, lanes};
use crate::sender::{Message, Sender};
use crate::weights;

/// The committed tables.
#[derive(Clone, Copy, Debug)]
pub struct Tables<'a> {
    /// `M`.
    pub model: &'a [stwo_ml_verifier::field::F],
    /// `W`.
    pub witness: &'a [stwo_ml_verifier::field::F],
}

/// One product during the sumcheck: `coef * sum_u eq(u) A(u) B(u)`.
struct Running {
    coef: K,
    eq: Option<VecK>,
    a: VecK,
    b: VecK,
    /// Number of variables at the start.
    n_vars: usize,
    /// The sum, of what is left.
    sum: K,
}

/// Proves the identities, and returns the same claims as the verifier's `product::verify`.
pub fn prove<'c, S: Suite>(
    sender: &mut Sender<'_, S>,
    circuit: &'c Circuit,
    layouts: &Layouts,
    tables: Tables<'_>,
    public: Public<'_>,
) -> (ProductProof, IdentityClaims<'c>) {
    let batch = Batch::draw(sender.transcript(), circuit, public);
    let witness_linear = weights::apply(&batch.witness, tables.witness, &layouts.witness, public);
    let model_linear = weights::apply(&batch.model, tables.model, &layouts.model, public);
    let [witness_linear, model_linear] =
        sender.send(Message::LinearParts, [witness_linear, model_linear]);
    let mut running: Vec<Running> = batch
        .instances
        .par_iter()
        .map(|instance| {
            let read = |view: &View| {
                let id = view.tensor as usize;
                let values = match (layouts.witness.slots[id], layouts.model.slots[id]) {
                    (Some(slot), _) => {
                        factor(view, &tables.witness[slot.range()], instance, public)
                    }
                    (None, Some(slot)) => {
                        factor(view, &tables.model[slot.range()], instance, public)
                    }
                    (None, None) => {
                        let padded = public_slot(view, &circuit.tensors[id].shape, public);
                        factor(view, &padded, instance, public)
                    }
                };
                VecK::from_scalars(&values)
            };
            let (a, b) = (read(&instance.product.a), read(&instance.product.b));
            let eq = (instance.batch_bits > 0).then(|| {
                let mut point = instance.batch_point.clone();
                // Sum variables carry no factor: repeat along them.
                let inner = instance.n_vars() - instance.batch_bits;
                if inner == 0 {
                    return eq_vector(&point);
                }
                point.truncate(instance.batch_bits);
                let ones = VecK::from_scalars(&vec![ONE; 1 << inner]);
                crate::packed::outer(&eq_vector(&point).to_scalars(), &ones)
            });
            let mut running =
                Running { coef: instance.coef, eq, a, b, n_vars: instance.n_vars(), sum: ZERO };
            running.sum = running.total();
            running
        })
        .collect();
    let n_rounds = batch.n_rounds();
    let mut claim = -(witness_linear + model_linear + batch.public);
    let mut rounds = Vec::with_capacity(n_rounds);
    let mut point = Vec::with_capacity(n_rounds);
    for round in 0..n_rounds {
        let left = n_rounds - round;
        let polys: Vec<[K; 3]> = running.par_iter().map(|p| p.round(round, n_rounds)).collect();
        let [c0, c2, c3] =
            polys.iter().fold([ZERO; 3], |acc, p| [acc[0] + p[0], acc[1] + p[1], acc[2] + p[2]]);
        let [c0, c2, c3] = sender.send(Message::IdentityRound { round }, [c0, c2, c3]);
        let r = sender.draw();
        let c1 = claim - c0 - c0 - c2 - c3;
        claim = c0 + r * (c1 + r * (c2 + r * c3));
        running.par_iter_mut().filter(|p| p.n_vars >= left).for_each(|p| p.fold(r));
        rounds.push([c0, c2, c3]);
        point.push(r);
    }
    let mut factors = vec![];
    for (index, view, kind) in batch.factors(circuit) {
        if is_committed(kind) {
            let p = &running[index];
            let first = std::ptr::eq(view, &batch.instances[index].product.a);
            factors.push(if first { p.a.at(0) } else { p.b.at(0) });
        }
    }
    let mut proof = ProductProof { witness_linear, model_linear, rounds, factors };
    if !proof.factors.is_empty() {
        let mut factors = std::mem::take(&mut proof.factors);
        sender.send_checked(Message::Factors, &mut factors, &|factors| {
            let proof = ProductProof { factors: factors.to_vec(), ..proof.clone() };
            finish(circuit, batch.clone(), public, &point, &proof).1 - claim
        });
        proof.factors = factors;
    }
    let (claims, _) = finish(circuit, batch, public, &point, &proof);
    (proof, claims)
}

impl Running {
    fn total(&self) -> K {
        let words = self.a.words.par_iter().zip(&self.b.words).enumerate();
        let sum = words
            .with_min_len(CHUNK)
            .map(|(i, (&a, &b))| match &self.eq {
                Some(eq) => eq.words[i] * a * b,
                None => a * b,
            })
            .reduce(|| PackedK::broadcast(ZERO), |x, y| x + y);
        lanes(sum)
    }

    /// This product's share `[c_0, c_2, c_3]` of the round polynomial.
    ///
    /// Before it joins, a product of which `2^-missing` is counted contributes the same to both
    /// halves: the constant `2^-(round + 1)` of its sum.
    fn round(&self, round: usize, n_rounds: usize) -> [K; 3] {
        if self.n_vars < n_rounds - round {
            return [self.coef * self.sum * half_pow(round as u32 + 1), ZERO, ZERO];
        }
        let half = self.a.len / 2;
        let coef = self.coef * half_pow((n_rounds - self.n_vars) as u32);
        let zero = PackedK::broadcast(ZERO);
        if half < N_LANES {
            let (a, b) = (self.a.to_scalars(), self.b.to_scalars());
            let eq = self.eq.as_ref().map(VecK::to_scalars);
            let mut c = [ZERO; 3];
            for i in 0..half {
                let (a0, da) = (a[i], a[i + half] - a[i]);
                let (b0, db) = (b[i], b[i + half] - b[i]);
                let (e0, de) = eq.as_ref().map_or((ONE, ZERO), |e| (e[i], e[i + half] - e[i]));
                let dd = da * db;
                c[0] += e0 * a0 * b0;
                c[1] += e0 * dd + de * (a0 * db + da * b0);
                c[2] += de * dd;
            }
            return c.map(|x| x * coef);
        }
        let words = half / N_LANES;
        let sums = (0..words.div_ceil(CHUNK))
            .into_par_iter()
            .map(|chunk| {
                let mut c = [zero; 3];
                for i in chunk * CHUNK..words.min((chunk + 1) * CHUNK) {
                    let (a0, da) = (self.a.words[i], self.a.words[i + words] - self.a.words[i]);
                    let (b0, db) = (self.b.words[i], self.b.words[i + words] - self.b.words[i]);
                    let (ab, dd) = (a0 * b0, da * db);
                    match &self.eq {
                        None => {
                            c[0] += ab;
                            c[1] += dd;
                        }
                        Some(eq) => {
                            let (e0, de) = (eq.words[i], eq.words[i + words] - eq.words[i]);
                            c[0] += e0 * ab;
                            c[1] += e0 * dd + de * (a0 * db + da * b0);
                            c[2] += de * dd;
                        }
                    }
                }
                c
            })
            .reduce(|| [zero; 3], |x, y| [x[0] + y[0], x[1] + y[1], x[2] + y[2]]);
        sums.map(|x| lanes(x) * coef)
    }

    fn fold(&mut self, r: K) {
        self.a.fold(r);
        self.b.fold(r);
        if let Some(eq) = &mut self.eq {
            eq.fold(r);
        }
    }
}
