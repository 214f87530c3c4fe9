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
    class: u32,
    /// Indices of the class before the first value, if the offset is not negative.
    n_before: u32,
    /// Values below zero, if it is.
    n_below: u32,
    /// Multiples of the weight of the offset.
    basis: Basis,
}

/// `sum_(offset, weight) weight values[(q - offset) / stride]` for all `q < extent`, over the
/// offsets from which `q` is reached. An offset may have 42 bits (PROTOCOL §5).
pub(crate) fn weights(extent: u32, values: Values, mut sums: Span<(i64, K)>) -> Span<K> {
    let stride: u64 = values.stride.try_into().expect(STRIDE);
    let mut progressions = array![];
    while let Some(sum) = sums.pop_front() {
        let (offset, weight) = *sum;
        let progression = progression(
            extent, stride.try_into().expect(STRIDE), values.weights.len(), offset, weight,
        );
        if let Some(progression) = progression {
            progressions.append(progression);
        }
    }
    let progressions = progressions.span();
    let n_classes: u32 = if stride < extent.into() {
        stride.try_into().expect(STRIDE)
    } else {
        extent
    };
    if n_classes == 1 {
        return of_class(0, extent, progressions, values.weights);
    }
    let mut classes = array![];
    for class in 0..n_classes {
        let n = (extent - class + n_classes - 1) / n_classes;
        classes.append(of_class(class, n, progressions, values.weights));
    }
    in_turn(classes)
}

const STRIDE: felt252 = 'view: stride';

/// Where values that begin at `offset` lie; `None` if none of them is in `0..extent`.
fn progression(
    extent: u32, stride: NonZero<u64>, n_values: u32, offset: i64, weight: K,
) -> Option<Progression> {
    let (class, n_before, n_below) = if offset >= 0 {
        let (quotient, class) = DivRem::div_rem(offset.try_into().expect(STRIDE), stride);
        (class, quotient, 0)
    } else {
        // offset + n_below stride = class.
        let (quotient, rest) = DivRem::div_rem((-offset).try_into().expect(STRIDE), stride);
        if rest == 0 {
            (0, 0, quotient)
        } else {
            (stride.into() - rest, 0, quotient + 1)
        }
    };
    let stride: u64 = stride.into();
    if n_below >= n_values.into() || class + n_before * stride >= extent.into() {
        return None;
    }
    Some(
        Progression {
            class: class.try_into().expect(STRIDE),
            n_before: n_before.try_into().expect(STRIDE),
            n_below: n_below.try_into().expect(STRIDE),
            basis: BasisTrait::new(weight),
        },
    )
}

/// The weights of the first `n` indices of a class.
fn of_class(class: u32, n: u32, mut progressions: Span<Progression>, values: Span<K>) -> Span<K> {
    let mut sums = array![];
    for _ in 0..n {
        sums.append(ScaledSumTrait::new());
    }
    let mut sums = sums.span();
    while let Some(progression) = progressions.pop_front() {
        if *progression.class == class {
            let n_below = *progression.n_below;
            let values = values.slice(n_below, values.len() - n_below);
            sums = add_multiples(sums, *progression.n_before, values, *progression.basis);
        }
    }
    let mut weights = array![];
    while let Some(sum) = sums.pop_front() {
        weights.append((*sum).reduce());
    }
    weights.span()
}

/// Adds multiples of the values to all sums but the first `n_before`, as long as there are both.
#[inline(never)]
fn add_multiples(
    sums: Span<ScaledSum>, n_before: u32, values: Span<K>, basis: Basis,
) -> Span<ScaledSum> {
    let mut next = array![];
    next.append_span(sums.slice(0, n_before));
    let n_left = sums.len() - n_before;
    let n = if values.len() < n_left {
        values.len()
    } else {
        n_left
    };
    let mut values = values.slice(0, n);
    let mut rest = sums.slice(n_before, n);
    // Both have as many.
    while let Some(values_4) = values.multi_pop_front::<4>() {
        let [v0, v1, v2, v3] = values_4.unbox();
        let [s0, s1, s2, s3] = rest.multi_pop_front::<4>().expect(STRIDE).unbox();
        next.append(basis.add_to_sum(s0, v0));
        next.append(basis.add_to_sum(s1, v1));
        next.append(basis.add_to_sum(s2, v2));
        next.append(basis.add_to_sum(s3, v3));
    }
    while let Some(value) = values.pop_front() {
        next.append(basis.add_to_sum(*rest.pop_front().expect(STRIDE), *value));
    }
    next.append_span(sums.slice(n_before + n, n_left - n));
    next.span()
}

#[generate_trait]
impl AddImpl of AddTrait {
    #[inline(always)]
    fn add_to_sum(self: Basis, sum: ScaledSum, value: K) -> ScaledSum {
        let mut sum = sum;
        self.add_to(ref sum, value);
        sum
    }
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
