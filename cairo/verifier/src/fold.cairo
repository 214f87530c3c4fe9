//! Inner products of the entries of a public tensor with weights `row * column` (PROTOCOL §5.3).
//!
//! Entries that were unpacked are multiplied by two coordinates of a column's weight at once. Of a
//! large tensor the rows are folded first, packed as they are (`fifths`): felts that lie alike in
//! their rows are added up with the weights of their rows, and only the sums are unpacked and meet
//! the columns.

use crate::blocks::BlocksTrait;
use crate::field::{K, Packed, ScaledSumTrait};
use crate::lazy::{Lazy, LazyTrait};
use crate::statement::{Entries, EntriesTrait};

/// `sum_i row[i / n] column[i % n] entry[i]`, `n` columns; entries are less the lower end of the
/// interval. The last row may be short.
pub fn inner_product(entries: Entries, rows: Span<K>, columns: Span<K>) -> K {
    match BlocksTrait::find(entries, columns.len()) {
        Some(blocks) => blocks.inner_product(entries.fifths, rows, columns),
        None => plain(entries, rows, columns),
    }
}

/// The same, entry by entry.
pub(crate) fn plain(entries: Entries, mut rows: Span<K>, mut columns: Span<K>) -> K {
    let mut values = entries.values();
    let mut packed = array![];
    while let Some(weight) = columns.pop_front() {
        packed.append(ScaledSumTrait::pack(*weight));
    }
    let packed = packed.span();
    // A row's sum is below 2^62 times its length, the product with a weight below 2^34 times that.
    // Rows together are shorter than 2^29: a tensor has at most 2^28 entries (PROTOCOL §5).
    let mut sum = LazyTrait::zero();
    while let Some(weight) = rows.pop_front() {
        sum = sum.add(LazyTrait::from(*weight).mul(row(ref values, packed)));
    }
    sum.reduce()
}

/// `sum_i weights[i] values[i]`, over as many as there are.
fn row(ref values: Span<u32>, weights: Span<Packed>) -> Lazy {
    let mut weights = weights;
    let mut sum = ScaledSumTrait::new();
    if weights.len() <= values.len() {
        while let Some(weights_4) = weights.multi_pop_front::<4>() {
            let Some(values_4) = values.multi_pop_front::<4>() else {
                break;
            };
            let [w0, w1, w2, w3] = weights_4.unbox();
            let [v0, v1, v2, v3] = values_4.unbox();
            sum.add(v0.into(), w0);
            sum.add(v1.into(), w1);
            sum.add(v2.into(), w2);
            sum.add(v3.into(), w3);
        }
    }
    while let Some(weight) = weights.pop_front() {
        match values.pop_front() {
            Some(value) => sum.add((*value).into(), *weight),
            None => { break; },
        }
    }
    let (low, high): (u256, u256) = (sum.low.into(), sum.high.into());
    LazyTrait::from_felts(low.low.into(), low.high.into(), high.low.into(), high.high.into())
}
