//! Fields and multilinear building blocks (PROTOCOL §2).
//!
//! Points are most significant variable first. Everything here is scalar: the prover has its own
//! vectorised versions and is tested against these.

use stwo::core::fields::FieldExpOps;
pub use stwo::core::fields::m31::{BaseField as F, P};
pub use stwo::core::fields::qm31::SecureField as K;

/// Zero of `K`.
pub const ZERO: K = K::from_u32_unchecked(0, 0, 0, 0);
/// One of `K`.
pub const ONE: K = K::from_u32_unchecked(1, 0, 0, 0);

/// A signed integer as an element of `F`: `v mod p`.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "a remainder is below p")]
pub const fn embed(v: i64) -> F {
    // rem_euclid of a value below 2^31 fits u32.
    F::from_u32_unchecked(v.rem_euclid(P as i64) as u32)
}

/// Whether every coordinate is below `p`.
#[must_use]
pub fn is_canonical(values: &[K]) -> bool {
    values.iter().all(|v| v.to_m31_array().iter().all(|c| c.0 < P))
}

/// `eq(x, y) = prod_i (x_i y_i + (1 - x_i)(1 - y_i))`. The shorter length counts.
#[must_use]
pub fn eq(x: &[K], y: &[K]) -> K {
    x.iter().zip(y).fold(ONE, |acc, (&a, &b)| acc * eq1(a, b))
}

/// One factor of [`eq`].
#[must_use]
pub fn eq1(a: K, b: K) -> K {
    let ab = a * b;
    ONE - a - b + ab + ab
}

/// All `2^n` values `eq(x, b)`, `b` in index order.
#[must_use]
pub fn eq_table(x: &[K]) -> Vec<K> {
    let mut table = vec![ONE];
    for &c in x {
        let mut next = Vec::with_capacity(2 * table.len());
        for &t in &table {
            let hi = t * c;
            next.push(t - hi);
            next.push(hi);
        }
        table = next;
    }
    table
}

/// `sum_{q < extent} eq(x, q)`: the extension of the indicator of `[0, extent)`.
#[must_use]
pub fn less_than(x: &[K], extent: u32) -> K {
    restricted_eq_with(x.iter().map(|&c| (ONE - c, c)), x.len(), extent)
}

/// `sum_{q < extent} eq(x, q) eq(y, q)`.
#[must_use]
pub fn restricted_eq(x: &[K], y: &[K], extent: u32) -> K {
    restricted_eq_with(
        x.iter().zip(y).map(|(&a, &b)| ((ONE - a) * (ONE - b), a * b)),
        x.len(),
        extent,
    )
}

/// `sum_{q < extent} prod_i w_i[q_i]` for per-bit weights, most significant bit first.
fn restricted_eq_with(bits: impl Iterator<Item = (K, K)>, n: usize, extent: u32) -> K {
    // `below`: weight of the prefixes already smaller than the extent's; `tight`: of the equal one.
    let (mut below, mut tight) = (ZERO, ONE);
    if u64::from(extent) >= 1u64 << n {
        return bits.fold(ONE, |acc, (w0, w1)| acc * (w0 + w1));
    }
    for (i, (w0, w1)) in bits.enumerate() {
        below *= w0 + w1;
        if extent >> (n - 1 - i) & 1 == 1 {
            below += tight * w0;
            tight *= w1;
        } else {
            tight *= w0;
        }
    }
    below
}

/// The multilinear extension of `values` (index bits most significant first) at `point`.
#[must_use]
pub fn evaluate_mle(values: &[K], point: &[K]) -> K {
    let mut table = values.to_vec();
    for &c in point {
        let half = table.len() / 2;
        let (low, high) = table.split_at_mut(half);
        low.iter_mut().zip(high).for_each(|(lo, hi)| *lo += c * (*hi - *lo));
        table.truncate(half);
    }
    table.first().copied().unwrap_or(ZERO)
}

/// `2^-n` in `K`.
#[must_use]
pub fn half_pow(n: u32) -> K {
    K::from(F::from(1u32 << 30).pow(u128::from(n)))
}
