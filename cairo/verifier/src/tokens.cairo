//! Axes whose indices are public or those of a map (PROTOCOL §5.3). Points are LEAST significant
//! coordinate first.
//!
//! The tokens are cut into rows, whose weights are the same in each row up to a factor. Weights of
//! indices are products of those of their upper and lower bits that are not reduced; neither are
//! the sums of a row. A weight of an index has coordinates below `2^65`, its product with one of a
//! row below `2^99`, and a row's sum below `2^113`, for rows of at most `2^14` tokens: tensors
//! have at most `2^28` entries.

use crate::field::{K, ProductSumTrait, zero_k};
use crate::gauss::{Gauss, GaussTrait};
use crate::tables::{table, table_below};

/// `sum_v eq(x, v) eq(a, token_v)`: at least one token.
///
/// # Panics
/// A token is not below `extent`.
pub(crate) fn weight(tokens: Span<u32>, x: Span<K>, a: Span<K>, extent: u32) -> K {
    sum_at(tokens, x, weights_at(array![], a, extent))
}

/// The same of all entries that are not zero, for tokens of one less.
pub(crate) fn map_weight(entries: Span<u32>, x: Span<K>, a: Span<K>, extent: u32) -> K {
    sum_at(entries, x, weights_at(array![GaussTrait::from(zero_k())], a, extent))
}

/// `sum_v eq(x, v) at[token_v]`.
#[inline(never)]
fn sum_at(mut tokens: Span<u32>, x: Span<K>, at: Span<Gauss>) -> K {
    // A row costs about as much as four weights. At most 14 bits.
    let n_low = (x.len() + 1) / 2;
    let row = unreduced_table(x.slice(0, n_low));
    let n_rows = (tokens.len() + row.len() - 1) / row.len();
    let mut rows = table_below(x.slice(n_low, x.len() - n_low), n_rows);
    let mut sum = ProductSumTrait::new();
    while let Some(weight) = rows.pop_front() {
        sum.add(*weight, row_sum(ref tokens, row, at));
    }
    sum.reduce()
}

/// `weights` and `eq(a, q)` for all `q < extent`.
#[inline(never)]
fn weights_at(mut weights: Array<Gauss>, a: Span<K>, extent: u32) -> Span<Gauss> {
    let n = weights.len() + extent;
    let n_low = a.len() / 2;
    let lower = unreduced_table(a.slice(0, n_low));
    let n_upper = (extent + lower.len() - 1) / lower.len();
    let mut upper = table_below(a.slice(n_low, a.len() - n_low), n_upper);
    while let Some(u) = upper.pop_front() {
        let u = GaussTrait::from(*u);
        let mut lower = lower;
        while let Some(l) = lower.pop_front() {
            weights.append(u.mul(*l));
        }
    }
    weights.span().slice(0, n)
}

/// The sum of the weights of a row, each times that of its token; the last row may be short.
fn row_sum(ref tokens: Span<u32>, mut row: Span<Gauss>, at: Span<Gauss>) -> K {
    let mut sum = GaussTrait::from(zero_k());
    // Two at once, as long as both have two.
    let mut left = row;
    while let Some(row_2) = left.multi_pop_front::<2>() {
        let Some(tokens_2) = tokens.multi_pop_front::<2>() else {
            break;
        };
        row = left;
        let [w0, w1] = row_2.unbox();
        let [t0, t1] = tokens_2.unbox();
        sum = sum.add_products(*at[t0], w0, *at[t1], w1);
    }
    while let Some(weight) = row.pop_front() {
        match tokens.pop_front() {
            Some(token) => { sum = sum.add((*weight).mul(*at[*token])); },
            None => { break; },
        }
    }
    sum.reduce()
}

/// All values `eq(x, b)`.
#[inline(never)]
fn unreduced_table(x: Span<K>) -> Span<Gauss> {
    let mut values = table(x);
    let mut unreduced = array![];
    while let Some(value) = values.pop_front() {
        unreduced.append(GaussTrait::from(*value));
    }
    unreduced.span()
}
