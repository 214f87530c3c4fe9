//! Multilinear tables in vector registers: evaluation, sumcheck rounds, folding, weights.
//!
//! A table of `2^n` entries is a slice of packed entries in index order, most significant variable
//! first. Below sixteen entries it is one packed entry, of which the first `2^n` lanes count and
//! the others are zero.

use rayon::prelude::*;
use stwo::prover::backend::simd::m31::{LOG_N_LANES, N_LANES, PackedM31};
use stwo::prover::backend::simd::qm31::PackedQM31;
use stwo_ml_verifier::field::{F, K, ZERO, eq_table};
use stwo_ml_verifier::opening::Round;

/// Packed entries that a task takes at a time.
const CHUNK: usize = 1 << 8;

/// Packs a table of `K`.
#[must_use]
pub fn pack(values: &[K]) -> Vec<PackedQM31> {
    values
        .par_chunks(N_LANES)
        .map(|chunk| {
            PackedQM31::from_array(std::array::from_fn(|i| chunk.get(i).copied().unwrap_or(ZERO)))
        })
        .collect()
}

/// Packs a table of `F`.
#[must_use]
pub fn pack_base(values: &[F]) -> Vec<PackedM31> {
    let zero = F::from_u32_unchecked(0);
    values
        .par_chunks(N_LANES)
        .map(|chunk| {
            PackedM31::from_array(std::array::from_fn(|i| chunk.get(i).copied().unwrap_or(zero)))
        })
        .collect()
}

/// The first `2^n_vars` entries of a packed table.
#[must_use]
pub fn unpack(table: &[PackedQM31], n_vars: u32) -> Vec<K> {
    let mut values: Vec<K> = table.iter().flat_map(PackedQM31::to_array).collect();
    values.truncate(1 << n_vars);
    values
}

/// A packed entry of `F` or `K`, as the table under the sumcheck holds it.
pub(crate) trait Entry: Copy + Send + Sync {
    fn scale(self, by: PackedQM31) -> PackedQM31;
    fn minus(self, other: Self) -> Self;
    fn extend(self) -> PackedQM31;
}

impl Entry for PackedM31 {
    fn scale(self, by: PackedQM31) -> PackedQM31 {
        by * self
    }
    fn minus(self, other: Self) -> Self {
        self - other
    }
    fn extend(self) -> PackedQM31 {
        self.into()
    }
}

impl Entry for PackedQM31 {
    fn scale(self, by: PackedQM31) -> PackedQM31 {
        by * self
    }
    fn minus(self, other: Self) -> Self {
        self - other
    }
    fn extend(self) -> PackedQM31 {
        self
    }
}

#[cfg(test)]
/// `sum_i f_i w_i`.
pub(crate) fn inner<E: Entry>(f: &[E], w: &[PackedQM31]) -> K {
    f.par_chunks(CHUNK)
        .zip(w.par_chunks(CHUNK))
        .map(|(f, w)| f.iter().zip(w).map(|(&f, &w)| f.scale(w)).sum::<PackedQM31>())
        .sum::<PackedQM31>()
        .pointwise_sum()
}

/// The extension of an `F` table at `point`, most significant variable first.
#[must_use]
pub fn evaluate(table: &[PackedM31], point: &[K]) -> K {
    evaluate_entries(table, point)
}

pub(crate) fn evaluate_entries<E: Entry>(table: &[E], point: &[K]) -> K {
    let n_low = point.len().min((LOG_N_LANES + CHUNK.ilog2()) as usize);
    let (high, low) = point.split_at(point.len() - n_low);
    let (high, low) = (eq_table(high), pack(&eq_table(low)));
    table
        .par_chunks(low.len())
        .zip(&high)
        .map(|(chunk, &e)| {
            let sum: PackedQM31 = chunk.iter().zip(&low).map(|(&f, &w)| f.scale(w)).sum();
            sum * PackedQM31::broadcast(e)
        })
        .sum::<PackedQM31>()
        .pointwise_sum()
}

/// A table and its weights: one side of the claim `<f, w>`.
pub(crate) enum Pair<'a> {
    /// A table of `F`, before its first round.
    Base { f: &'a [PackedM31], w: Vec<PackedQM31>, n_vars: u32 },
    /// A table of `K`.
    Extension { f: Vec<PackedQM31>, w: Vec<PackedQM31>, n_vars: u32 },
}

impl Pair<'_> {
    pub(crate) fn n_vars(&self) -> u32 {
        match self {
            Self::Base { n_vars, .. } | Self::Extension { n_vars, .. } => *n_vars,
        }
    }

    /// The coefficients `c_0`, `c_2` of `sum_b f(X, b) w(X, b)`.
    pub(crate) fn round(&self) -> Round {
        match self {
            Self::Base { f, w, n_vars } if *n_vars > LOG_N_LANES => round(f, w),
            Self::Extension { f, w, n_vars } if *n_vars > LOG_N_LANES => round(f, w),
            Self::Base { f, w, n_vars } => round_scalar(
                &unpack(&f.iter().map(|v| v.extend()).collect::<Vec<_>>(), *n_vars),
                &unpack(w, *n_vars),
            ),
            Self::Extension { f, w, n_vars } => {
                round_scalar(&unpack(f, *n_vars), &unpack(w, *n_vars))
            }
        }
    }

    /// Binds the most significant variable to `r`.
    pub(crate) fn fold(self, r: K) -> Self {
        let (f, w, n_vars) = match self {
            Self::Base { f, mut w, n_vars } if n_vars > LOG_N_LANES => {
                fold_in_place(&mut w, r);
                (fold_base(f, r), w, n_vars)
            }
            Self::Extension { mut f, mut w, n_vars } if n_vars > LOG_N_LANES => {
                fold_in_place(&mut f, r);
                fold_in_place(&mut w, r);
                (f, w, n_vars)
            }
            Self::Base { f, w, n_vars } => {
                let f: Vec<_> = f.iter().map(|v| v.extend()).collect();
                (fold_scalar(&f, n_vars, r), fold_scalar(&w, n_vars, r), n_vars)
            }
            Self::Extension { f, w, n_vars } => {
                (fold_scalar(&f, n_vars, r), fold_scalar(&w, n_vars, r), n_vars)
            }
        };
        Self::Extension { f, w, n_vars: n_vars - 1 }
    }

    /// The folded table and its weights.
    pub(crate) fn into_tables(self) -> (Vec<PackedQM31>, Vec<PackedQM31>) {
        match self {
            Self::Base { f, w, .. } => (f.iter().map(|v| v.extend()).collect(), w),
            Self::Extension { f, w, .. } => (f, w),
        }
    }
}

fn round<E: Entry>(f: &[E], w: &[PackedQM31]) -> Round {
    let (f_lo, f_hi) = f.split_at(f.len() / 2);
    let (w_lo, w_hi) = w.split_at(w.len() / 2);
    let zero = || (PackedQM31::broadcast(ZERO), PackedQM31::broadcast(ZERO));
    let add = |a: (PackedQM31, PackedQM31), b: (PackedQM31, PackedQM31)| (a.0 + b.0, a.1 + b.1);
    let (c0, c2) = (f_lo.par_chunks(CHUNK).zip(f_hi.par_chunks(CHUNK)))
        .zip(w_lo.par_chunks(CHUNK).zip(w_hi.par_chunks(CHUNK)))
        .map(|((f_lo, f_hi), (w_lo, w_hi))| {
            let mut sums = zero();
            for ((&f0, &f1), (&w0, &w1)) in f_lo.iter().zip(f_hi).zip(w_lo.iter().zip(w_hi)) {
                sums.0 += f0.scale(w0);
                sums.1 += f1.minus(f0).scale(w1 - w0);
            }
            sums
        })
        .reduce(zero, add);
    [c0.pointwise_sum(), c2.pointwise_sum()]
}

fn round_scalar(f: &[K], w: &[K]) -> Round {
    let (f_lo, f_hi) = f.split_at(f.len() / 2);
    let (w_lo, w_hi) = w.split_at(w.len() / 2);
    let mut sums = [ZERO; 2];
    for ((&f0, &f1), (&w0, &w1)) in f_lo.iter().zip(f_hi).zip(w_lo.iter().zip(w_hi)) {
        sums[0] += f0 * w0;
        sums[1] += (f1 - f0) * (w1 - w0);
    }
    sums
}

fn fold_base(f: &[PackedM31], r: K) -> Vec<PackedQM31> {
    let (lo, hi) = f.split_at(f.len() / 2);
    let r = PackedQM31::broadcast(r);
    lo.par_iter().zip(hi).with_min_len(CHUNK).map(|(&lo, &hi)| r * (hi - lo) + lo).collect()
}

fn fold_in_place(table: &mut Vec<PackedQM31>, r: K) {
    let half = table.len() / 2;
    let (lo, hi) = table.split_at_mut(half);
    let r = PackedQM31::broadcast(r);
    lo.par_chunks_mut(CHUNK).zip(hi.par_chunks(CHUNK)).for_each(|(lo, hi)| {
        for (lo, &hi) in lo.iter_mut().zip(hi) {
            *lo += r * (hi - *lo);
        }
    });
    table.truncate(half);
}

fn fold_scalar(table: &[PackedQM31], n_vars: u32, r: K) -> Vec<PackedQM31> {
    let values = unpack(table, n_vars);
    let (lo, hi) = values.split_at(values.len() / 2);
    pack(&lo.iter().zip(hi).map(|(&lo, &hi)| lo + r * (hi - lo)).collect::<Vec<_>>())
}

/// The table whose top variable selects `lo` or `hi`, each of `n_vars` variables.
pub(crate) fn concat(mut lo: Vec<PackedQM31>, hi: Vec<PackedQM31>, n_vars: u32) -> Vec<PackedQM31> {
    if n_vars >= LOG_N_LANES {
        lo.extend(hi);
        return lo;
    }
    pack(&[unpack(&lo, n_vars), unpack(&hi, n_vars)].concat())
}

/// Multiplies every entry by `factor`.
pub(crate) fn scale(table: &mut [PackedQM31], factor: K) {
    let factor = PackedQM31::broadcast(factor);
    table.par_iter_mut().with_min_len(CHUNK).for_each(|v| *v *= factor);
}

/// Adds `factor * eq(point, .)`.
pub(crate) fn add_eq(table: &mut [PackedQM31], point: &[K], factor: K) {
    let n_low = point.len().min((LOG_N_LANES + CHUNK.ilog2()) as usize);
    let (high, low) = point.split_at(point.len() - n_low);
    let (high, low) = (eq_table(high), pack(&eq_table(low)));
    table.par_chunks_mut(low.len()).zip(&high).for_each(|(chunk, &e)| {
        let e = PackedQM31::broadcast(e * factor);
        for (v, &w) in chunk.iter_mut().zip(&low) {
            *v += w * e;
        }
    });
}

/// Adds `sum_i factor_i prod_l (1 - X_l + X_l w_il)` on the `2^m` entries from `start`, a multiple
/// of `2^m`, where `m` is the length of every tensor.
pub(crate) fn add_tensors(table: &mut [PackedQM31], start: usize, tensors: &[(K, Vec<F>)]) {
    let Some(m) = tensors.first().map(|t| t.1.len()) else { return };
    if m < LOG_N_LANES as usize {
        let mut values = unpack(table, (table.len() * N_LANES).ilog2());
        for (factor, tensor) in tensors {
            for (value, w) in values[start..].iter_mut().zip(tensor_table(tensor)) {
                *value += *factor * w;
            }
        }
        table.copy_from_slice(&pack(&values));
        return;
    }
    let n_low = m.min(LOG_N_LANES as usize + 4);
    let tables: Vec<(Vec<K>, Vec<PackedM31>)> = tensors
        .par_iter()
        .map(|(factor, tensor)| {
            let (high, low) = tensor.split_at(m - n_low);
            let high = tensor_table(high).into_iter().map(|h| *factor * h).collect();
            (high, pack_base(&tensor_table(low)))
        })
        .collect();
    let start = start / N_LANES;
    let n_packed = 1 << (m - LOG_N_LANES as usize);
    table[start..start + n_packed]
        .par_chunks_mut(1 << (n_low - LOG_N_LANES as usize))
        .enumerate()
        .for_each(|(h, chunk)| {
            for (high, low) in &tables {
                let high = PackedQM31::broadcast(high[h]);
                for (v, &w) in chunk.iter_mut().zip(low) {
                    *v += high * w;
                }
            }
        });
}

/// All products of the factors of a tensor, in index order.
fn tensor_table(tensor: &[F]) -> Vec<F> {
    let mut table = vec![F::from(1u32)];
    for &w in tensor {
        table = table.iter().flat_map(|&t| [t, t * w]).collect();
    }
    table
}

#[cfg(test)]
mod tests {
    use stwo_ml_verifier::field::{ONE, evaluate_mle};

    use super::*;

    fn values(n: usize, seed: u32) -> Vec<K> {
        let mut state = ONE + K::from(F::from(seed + 2));
        (0..n)
            .map(|i| {
                state = state * state + K::from_u32_unchecked(3, i as u32, 1, 7);
                state
            })
            .collect()
    }

    #[test]
    fn evaluation_and_weights_match_the_reference() {
        for n_vars in 4..=15usize {
            let table = values(1 << n_vars, 1);
            let point = values(n_vars, 2);
            let expected = evaluate_mle(&table, &point);
            assert_eq!(evaluate_entries(&pack(&table), &point), expected);
            let base: Vec<F> = table.iter().map(|v| v.to_m31_array()[0]).collect();
            let lifted: Vec<K> = base.iter().map(|&v| v.into()).collect();
            assert_eq!(evaluate(&pack_base(&base), &point), evaluate_mle(&lifted, &point));
            let mut weights = pack(&vec![ZERO; 1 << n_vars]);
            add_eq(&mut weights, &point, ONE);
            assert_eq!(inner(&pack(&table), &weights), expected);
        }
    }

    #[test]
    fn tensors_match_the_reference() {
        for (n_vars, m, start) in
            [(4, 3, 8), (4, 4, 0), (5, 4, 16), (9, 8, 256), (12, 12, 0), (13, 12, 4096)]
        {
            let tensor: Vec<F> = values(m, 5).iter().map(|v| v.to_m31_array()[1]).collect();
            let tensors = [(values(1, 3)[0], tensor.clone()), (ONE, tensor)];
            let mut table = pack(&vec![ONE; 1 << n_vars]);
            add_tensors(&mut table, start, &tensors);
            let mut expected = vec![ONE; 1 << n_vars];
            for (factor, tensor) in &tensors {
                for (i, v) in expected[start..start + (1 << m)].iter_mut().enumerate() {
                    let mut w = *factor;
                    for (l, &t) in tensor.iter().enumerate() {
                        w *= if i >> (m - 1 - l) & 1 == 1 { t.into() } else { ONE };
                    }
                    *v += w;
                }
            }
            assert_eq!(unpack(&table, n_vars as u32), expected);
        }
    }

    #[test]
    fn rounds_fold_to_the_evaluation() {
        for n_vars in 5..=12u32 {
            let (table, weights) = (values(1 << n_vars, 1), values(1 << n_vars, 9));
            let base: Vec<F> = table.iter().map(|v| v.to_m31_array()[0]).collect();
            let packed = pack_base(&base);
            let mut pair = Pair::Base { f: &packed, w: pack(&weights), n_vars };
            let mut claim = inner(&packed, &pack(&weights));
            let point = values(n_vars as usize, 4);
            for &r in &point {
                let [c0, c2] = pair.round();
                claim = c0 + r * (claim - c0 - c0 - c2 + r * c2);
                pair = pair.fold(r);
            }
            let lifted: Vec<K> = base.iter().map(|&v| v.into()).collect();
            assert_eq!(claim, evaluate_mle(&lifted, &point) * evaluate_mle(&weights, &point));
            assert_eq!(pair.n_vars(), 0);
        }
    }
}
