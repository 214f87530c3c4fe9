//! Functionals on whole tables: their values, and their weights spelled out (PROTOCOL §4.2, §5.4).
//!
//! The weights of a tensor factor as `lead ⊗ trail`, so neither needs more than one multiplication
//! an entry.

use rayon::prelude::*;
use stwo_ml_verifier::circuit::log_ceil;
use stwo_ml_verifier::field::{F, K, ONE, ZERO, eq_table};
use stwo_ml_verifier::functional::{Claim, Form, Public, Weight, axis_weights};
use stwo_ml_verifier::layout::{Layout, Slot};

use crate::packed::{N_LANES, PackedK, VecK, lanes, pack};

/// log2 of the length that `trail` should have at least.
const LOG_TRAIL: u32 = 8;

/// `coef * form` as `lead ⊗ trail`.
struct Factored {
    lead: Vec<K>,
    trail: VecK,
}

impl Factored {
    fn new(weight: &Weight<'_>, public: Public<'_>) -> Self {
        match &weight.form {
            Form::Slot(point) => Self::eq(weight.coef, point),
            Form::View { view, at } => {
                let (mut lead, mut trail) = (vec![weight.coef], vec![ONE]);
                for (axis, &dim) in view.axes.iter().zip(&view.dims).rev() {
                    let mut weights = axis_weights(axis, dim, at, public);
                    weights.resize(1 << log_ceil(dim), ZERO);
                    // Dimensions come innermost first.
                    if trail.len() < 1 << LOG_TRAIL && lead.len() == 1 {
                        trail = product(&weights, &trail);
                    } else {
                        lead = product(&weights, &lead);
                    }
                }
                Self { lead, trail: VecK::from_scalars(&trail) }
            }
        }
    }

    fn eq(coef: K, point: &[K]) -> Self {
        let (high, low) = point.split_at(point.len() - point.len().min(LOG_TRAIL as usize));
        let lead = eq_table(high).into_iter().map(|e| e * coef).collect();
        Self { lead, trail: VecK::from_scalars(&eq_table(low)) }
    }

    /// `sum_i (lead ⊗ trail)_i values_i`.
    fn apply(&self, values: &[F]) -> K {
        let rows = self.lead.par_iter().zip(values.par_chunks(self.trail.len));
        rows.filter(|(l, _)| **l != ZERO)
            .map(|(&l, row)| {
                let sum = row
                    .chunks(N_LANES)
                    .zip(&self.trail.words)
                    .fold(PackedK::broadcast(ZERO), |acc, (v, &t)| acc + t * pack(v));
                l * lanes(sum)
            })
            .reduce(|| ZERO, |a, b| a + b)
    }

    /// Adds the weights to the slot.
    fn add_to(&self, out: &mut VecK, slot: Slot) {
        let n = self.trail.len;
        if n < N_LANES || !(slot.offset as usize).is_multiple_of(N_LANES) {
            let trail = self.trail.to_scalars();
            let all = self.lead.iter().flat_map(|&l| trail.iter().map(move |&t| l * t));
            for (i, w) in slot.range().zip(all) {
                let word = &mut out.words[i / N_LANES];
                let mut lanes = word.to_array();
                lanes[i % N_LANES] += w;
                *word = PackedK::from_array(lanes);
            }
            return;
        }
        let range = slot.range();
        let words = &mut out.words[range.start / N_LANES..range.end / N_LANES];
        words.par_chunks_mut(n / N_LANES).zip(&self.lead).for_each(|(chunk, &l)| {
            if l != ZERO {
                let l = PackedK::broadcast(l);
                for (o, &t) in chunk.iter_mut().zip(&self.trail.words) {
                    *o += l * t;
                }
            }
        });
    }
}

/// `outer ⊗ inner`.
fn product(outer: &[K], inner: &[K]) -> Vec<K> {
    if inner.len() == 1 {
        let c = inner[0];
        return if c == ONE { outer.to_vec() } else { outer.iter().map(|&w| w * c).collect() };
    }
    outer.iter().flat_map(|&w| inner.iter().map(move |&t| w * t)).collect()
}

/// `sum_weights <tensor, weight>` of tensors of one table.
#[must_use]
pub fn apply(weights: &[Weight<'_>], table: &[F], layout: &Layout, public: Public<'_>) -> K {
    weights
        .par_iter()
        .map(|weight| {
            let Some(slot) = layout.slots[weight.tensor as usize] else { return ZERO };
            Factored::new(weight, public).apply(&table[slot.range()])
        })
        .reduce(|| ZERO, |a, b| a + b)
}

/// The weights of `sum_i powers_i * claim_i` for claims on one table.
#[must_use]
pub fn batch(claims: &[Claim<'_>], powers: &[K], layout: &Layout, public: Public<'_>) -> VecK {
    let mut out = VecK::zeros(1 << layout.log_size);
    for (claim, &power) in claims.iter().zip(powers) {
        if let Some(point) = &claim.table_point {
            let whole = Slot { offset: 0, log_size: layout.log_size };
            Factored::eq(power, point).add_to(&mut out, whole);
        }
        for weight in &claim.weights {
            let Some(slot) = layout.slots[weight.tensor as usize] else { continue };
            let scaled = Weight { coef: weight.coef * power, ..weight.clone() };
            Factored::new(&scaled, public).add_to(&mut out, slot);
        }
    }
    out
}
