//! Axes whose indices are public (PROTOCOL §5.3). Points are LEAST significant coordinate first.
//!
//! The tokens are cut into rows, whose weights are the same in each row up to a factor. Weights of
//! indices are products of those of their upper and lower bits that are not reduced; neither are
//! the sums of a row. A weight of an index has coordinates below `2^65`, its product with one of a
//! row below `2^99`, and a row's sum below `2^113`, for rows of at most `2^14` tokens.

use crate::field::{K, ProductSumTrait, zero_k};
use crate::gauss::{Gauss, GaussTrait};
use crate::tables::{table, table_below};

/// The longest row.
const MAX_LOG_ROW: u32 = 14;

/// `sum_v eq(x, v) eq(a, token_v)`: at least one token, all of them below `extent`.
pub(crate) fn weight(tokens: Span<u32>, x: Span<K>, a: Span<K>, extent: u32) -> K {
    let at = weights_at(a, extent);
    // A row costs about as much as four weights.
    let mut n_low = x.len() / 2 + 1;
    if n_low > x.len() {
        n_low = x.len();
    }
    if n_low > MAX_LOG_ROW {
        n_low = MAX_LOG_ROW;
    }
    let row = unreduced(table(x.slice(0, n_low)));
    let n_rows = (tokens.len() + row.len() - 1) / row.len();
    let mut rows = table_below(x.slice(n_low, x.len() - n_low), n_rows);
    let mut sum = ProductSumTrait::new();
    let mut start = 0;
    while let Some(weight) = rows.pop_front() {
        let left = tokens.len() - start;
        let n = if left < row.len() {
            left
        } else {
            row.len()
        };
        sum.add(*weight, row_sum(tokens.slice(start, n), row, at));
        start += n;
    }
    sum.reduce()
}

/// `eq(a, q)` for all `q < extent`.
fn weights_at(a: Span<K>, extent: u32) -> Span<Gauss> {
    let n_low = a.len() / 2;
    let lower = unreduced(table(a.slice(0, n_low)));
    let n_upper = (extent + lower.len() - 1) / lower.len();
    let mut upper = table_below(a.slice(n_low, a.len() - n_low), n_upper);
    let mut weights = array![];
    while let Some(u) = upper.pop_front() {
        let u = GaussTrait::from(*u);
        let mut lower = lower;
        while let Some(l) = lower.pop_front() {
            weights.append(u.mul(*l));
        }
    }
    weights.span().slice(0, extent)
}

/// The sum of the weights of a row, each times that of its token; the last row may be short.
fn row_sum(mut tokens: Span<u32>, mut row: Span<Gauss>, at: Span<Gauss>) -> K {
    let mut sum = GaussTrait::from(zero_k());
    while let Some(tokens_4) = tokens.multi_pop_front::<4>() {
        let [t0, t1, t2, t3] = tokens_4.unbox();
        let [w0, w1, w2, w3] = row.multi_pop_front::<4>().unwrap().unbox();
        sum = sum.add_products(*at[t0], w0, *at[t1], w1).add_products(*at[t2], w2, *at[t3], w3);
    }
    while let Some(token) = tokens.pop_front() {
        sum = sum.add((*row.pop_front().unwrap()).mul(*at[*token]));
    }
    sum.reduce()
}

fn unreduced(mut values: Span<K>) -> Span<Gauss> {
    let mut unreduced = array![];
    while let Some(value) = values.pop_front() {
        unreduced.append(GaussTrait::from(*value));
    }
    unreduced.span()
}
