//! Weights of the indices of an affine axis of a public tensor: those of arithmetic progressions
//! that begin at different offsets, added up (PROTOCOL §5.3).
//!
//! An index `q = stride n + r` belongs to the class `r`, in which the progressions lie as shifted
//! copies of one list of values. They are added up one after the other, and reduced at the end.

use crate::basis::{Basis, BasisTrait};
use crate::field::{K, ScaledSum, ScaledSumTrait};

/// The weights of `0, stride, 2 stride, ..`; the stride is positive.
#[derive(Copy, Drop)]
pub(crate) struct Values {
    pub(crate) weights: Span<K>,
    pub(crate) stride: i64,
}

/// Values that begin at an offset, where they lie in the class of it.
#[derive(Copy, Drop)]
struct Progression {
    /// The class, `offset mod stride`.
    class: felt252,
    /// The index in the class after as many values: the first value's and their number.
    end: u32,
    /// Multiples of the weight of the offset.
    basis: Basis,
}

/// `sum_(offset, weight) weight values[(q - offset) / stride]` for all `q < extent`, over the
/// offsets from which `q` is reached. An offset may have 42 bits (PROTOCOL §5).
pub(crate) fn weights(extent: u32, values: Values, mut sums: Span<(i64, K)>) -> Span<K> {
    let stride: u64 = values.stride.try_into().expect(STRIDE);
    let nz_stride = stride.try_into().expect(STRIDE);
    let mut progressions = array![];
    while let Some(sum) = sums.pop_front() {
        let (offset, weight) = *sum;
        // An offset and at most 2^28 values of a stride of 32 bits.
        let end = offset.into() + values.stride.into() * values.weights.len().into();
        if let Some(progression) = progression(end, nz_stride, weight) {
            progressions.append(progression);
        }
    }
    let progressions = progressions.span();
    let n_classes: u32 = if stride < extent.into() {
        stride.try_into().expect(STRIDE)
    } else {
        extent
    };
    // As many for each class, some of them beyond the extent.
    let n = (extent + n_classes - 1) / n_classes;
    let mut classes = array![];
    for class in 0..n_classes {
        classes.append(of_class(class.into(), n, progressions, values.weights));
    }
    if n_classes == 1 {
        *classes[0]
    } else {
        in_turn(classes).slice(0, extent)
    }
}

const STRIDE: felt252 = 'view: stride';

/// Where values lie that end before `end`; `None` if this is below zero, or above all indices.
fn progression(end: felt252, stride: NonZero<u64>, weight: K) -> Option<Progression> {
    let end: u64 = end.try_into()?;
    let (quotient, class) = DivRem::div_rem(end, stride);
    Some(
        Progression {
            class: class.into(), end: quotient.try_into()?, basis: BasisTrait::new(weight),
        },
    )
}

/// The weights of the first `n` indices of a class.
fn of_class(
    class: felt252, n: u32, mut progressions: Span<Progression>, values: Span<K>,
) -> Span<K> {
    let mut sums = array![];
    for _ in 0..n {
        sums.append(ScaledSumTrait::new());
    }
    let mut sums = sums.span();
    while let Some(progression) = progressions.pop_front() {
        if *progression.class == class {
            sums = add_multiples(sums, *progression.end, values, *progression.basis);
        }
    }
    let mut weights = array![];
    while let Some(sum) = sums.pop_front() {
        weights.append((*sum).reduce());
    }
    weights.span()
}

/// Adds multiples of the values, the last of which belongs to the sum before `end`, if there is
/// one.
#[inline(never)]
fn add_multiples(
    sums: Span<ScaledSum>, end: u32, values: Span<K>, basis: Basis,
) -> Span<ScaledSum> {
    let mut rest = sums;
    let mut values = values;
    let mut next = array![];
    if end < values.len() {
        values = values.slice(values.len() - end, end);
    } else {
        let n_before = end - values.len();
        if n_before >= sums.len() {
            return sums;
        }
        next.append_span(sums.slice(0, n_before));
        rest = sums.slice(n_before, sums.len() - n_before);
    }
    if rest.len() < values.len() {
        values = values.slice(0, rest.len());
    }
    while let Some(values_2) = values.multi_pop_front::<2>() {
        let [v0, v1] = values_2.unbox();
        let [mut s0, mut s1] = rest.multi_pop_front::<2>().expect(STRIDE).unbox();
        basis.add_to(ref s0, v0);
        basis.add_to(ref s1, v1);
        next.append(s0);
        next.append(s1);
    }
    if let Some(value) = values.pop_front() {
        let mut sum = *rest.pop_front().expect(STRIDE);
        basis.add_to(ref sum, *value);
        next.append(sum);
    }
    next.append_span(rest);
    next.span()
}

/// One of each list in turn, until the first one has none.
fn in_turn(lists: Array<Span<K>>) -> Span<K> {
    let mut lists = lists;
    let mut all = array![];
    while let Some(list) = lists.pop_front() {
        let mut list = list;
        let Some(value) = list.pop_front() else {
            break;
        };
        all.append(*value);
        lists.append(list);
    }
    all.span()
}
