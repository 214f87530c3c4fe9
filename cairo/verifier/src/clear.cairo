//! The table that is sent in clear (PROTOCOL §4.2).

use crate::field::{CutTrait, K, ScaledSumTrait, TWO_248, eq_table, inner_product};
use crate::leaf::{Weights, add_felt, extension_weights};

/// The table, as the proof has it: felts of a K-list.
pub(crate) type Clear = Span<felt252>;

/// The extension of the table in these felts of a K-list, at `point`: its rows of up to eight
/// entries are folded first.
///
/// # Panics
/// A felt is not one of a K-list of `2^n` elements.
pub(crate) fn evaluate(felts: Clear, point: Span<K>) -> K {
    let n = point.len();
    let n_inner = if n < 3 {
        n
    } else {
        3
    };
    let weights = extension_weights(point.slice(n - n_inner, n_inner));
    let mut felts = felts;
    let mut rows = array![];
    let mut canonical = 1;
    let cut = CutTrait::new();
    while !felts.is_empty() {
        let Weights { mut limbs, start: mut sum } = weights;
        while let Some(next) = limbs.multi_pop_front::<16>() {
            let felt = *felts.pop_front().expect('clear: length');
            sum = add_felt(sum, ref canonical, felt - TWO_248, (*next).unbox(), cut);
        }
        rows.append(sum.reduce());
    }
    assert(canonical != 0, 'clear: not canonical');
    inner_product(eq_table(point.slice(0, n - n_inner)).span(), rows.span())
}
