//! Vectors over `K`, sixteen lanes at a time.

use num_traits::Zero;
use rayon::prelude::*;
pub use stwo::prover::backend::simd::m31::{N_LANES, PackedBaseField as PackedF};
pub use stwo::prover::backend::simd::qm31::PackedSecureField as PackedK;
use stwo_ml_verifier::field::{F, K, ONE, ZERO, eq_table};

/// Entries that one task of a parallel pass handles, in packed words.
pub const CHUNK: usize = 1 << 10;

/// A vector of `len` elements of `K`; the last word is padded with zeros.
#[derive(Clone, Debug)]
pub struct VecK {
    /// The words.
    pub words: Vec<PackedK>,
    /// Number of elements, a power of two.
    pub len: usize,
}

impl VecK {
    /// All zeros.
    #[must_use]
    pub fn zeros(len: usize) -> Self {
        Self { words: vec![PackedK::zero(); len.div_ceil(N_LANES)], len }
    }

    /// From scalars.
    #[must_use]
    pub fn from_scalars(values: &[K]) -> Self {
        let words = values
            .chunks(N_LANES)
            .map(|c| {
                let mut lanes = [ZERO; N_LANES];
                lanes[..c.len()].copy_from_slice(c);
                PackedK::from_array(lanes)
            })
            .collect();
        Self { words, len: values.len() }
    }

    /// From elements of `F`.
    #[must_use]
    pub fn from_base(values: &[F]) -> Self {
        let words = values.chunks(N_LANES).map(|c| PackedK::from(pack(c))).collect();
        Self { words, len: values.len() }
    }

    /// As scalars.
    #[must_use]
    pub fn to_scalars(&self) -> Vec<K> {
        let mut out: Vec<K> = self.words.iter().flat_map(|w| w.to_array()).collect();
        out.truncate(self.len);
        out
    }

    /// Entry `i`.
    #[must_use]
    pub fn at(&self, i: usize) -> K {
        self.words[i / N_LANES].to_array()[i % N_LANES]
    }

    /// Binds the first variable to `r`: `v[i] + r (v[i + half] - v[i])`.
    pub fn fold(&mut self, r: K) {
        let half = self.len / 2;
        if half < N_LANES {
            let v = self.to_scalars();
            let folded: Vec<K> = (0..half).map(|i| v[i] + r * (v[i + half] - v[i])).collect();
            *self = Self::from_scalars(&folded);
            return;
        }
        let packed_r = PackedK::broadcast(r);
        let (low, high) = self.words.split_at_mut(half / N_LANES);
        low.par_chunks_mut(CHUNK).zip(high.par_chunks(CHUNK)).for_each(|(low, high)| {
            for (l, &h) in low.iter_mut().zip(high) {
                *l += packed_r * (h - *l);
            }
        });
        self.words.truncate(half / N_LANES);
        self.len = half;
    }

    /// Adds the halves: what folding does to the rest of an `eq` table.
    pub fn fold_sum(&mut self) {
        let half = self.len / 2;
        if half < N_LANES {
            let v = self.to_scalars();
            *self = Self::from_scalars(&(0..half).map(|i| v[i] + v[i + half]).collect::<Vec<_>>());
            return;
        }
        let (low, high) = self.words.split_at_mut(half / N_LANES);
        low.par_chunks_mut(CHUNK).zip(high.par_chunks(CHUNK)).for_each(|(low, high)| {
            for (l, &h) in low.iter_mut().zip(high) {
                *l += h;
            }
        });
        self.words.truncate(half / N_LANES);
        self.len = half;
    }
}

/// Up to sixteen elements of `F` in one word.
#[must_use]
pub fn pack(values: &[F]) -> PackedF {
    if let Ok(lanes) = <[F; N_LANES]>::try_from(values) {
        return PackedF::from_array(lanes);
    }
    let mut lanes = [F::from_u32_unchecked(0); N_LANES];
    lanes[..values.len()].copy_from_slice(values);
    PackedF::from_array(lanes)
}

/// All values `eq(x, ·)`.
#[must_use]
pub fn eq_vector(x: &[K]) -> VecK {
    let n_low = x.len().min(8);
    let (high, low) = x.split_at(x.len() - n_low);
    outer(&eq_table(high), &VecK::from_scalars(&eq_table(low)))
}

/// `lead ⊗ trail`.
#[must_use]
pub fn outer(lead: &[K], trail: &VecK) -> VecK {
    if lead.len() == 1 && lead[0] == ONE {
        return trail.clone();
    }
    if trail.len < N_LANES {
        let t = trail.to_scalars();
        let all: Vec<K> = lead.iter().flat_map(|&l| t.iter().map(move |&x| l * x)).collect();
        return VecK::from_scalars(&all);
    }
    let mut out = VecK::zeros(lead.len() * trail.len);
    out.words.par_chunks_mut(trail.words.len()).zip(lead).for_each(|(chunk, &l)| {
        let l = PackedK::broadcast(l);
        for (o, &t) in chunk.iter_mut().zip(&trail.words) {
            *o = l * t;
        }
    });
    out
}

/// Sum over the lanes.
#[must_use]
pub fn lanes(word: PackedK) -> K {
    word.pointwise_sum()
}
