//! Inner products of the entries of a public tensor with weights `row * column` (PROTOCOL §5.3).

use crate::field::{K, reduce_u32, zero_k};
use crate::statement::{Entries, EntriesTrait};

/// `sum_i row[i / n] column[i % n] entry[i]`, `n` columns; entries are less the lower end of the
/// interval. The last row may be short.
pub fn inner_product(entries: Entries, rows: Span<K>, columns: Span<K>) -> K {
    let mut rows = rows;
    let mut values = entries.values();
    let mut sum = zero_k();
    while !values.is_empty() {
        let weight = *rows.pop_front().unwrap();
        sum = sum + weight * row(ref values, columns);
    }
    sum
}

/// `sum_i weights[i] values[i]`, over as many as there are.
fn row(ref values: Span<u32>, weights: Span<K>) -> K {
    let mut weights = weights;
    let mut sum = zero_k();
    while let Some(weight) = weights.pop_front() {
        let Some(value) = values.pop_front() else {
            break;
        };
        sum = sum + reduce_u32(*value).into() * *weight;
    }
    sum
}
