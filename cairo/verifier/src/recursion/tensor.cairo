//! Functionals of opened leaves at the final point (PROTOCOL §4.2 step 5):
//! `prod_l (1 + r_l (t_l - 1))` with `t = (pi^(m-2)(x), .., pi(x), x, y)`.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::upcast;
use crate::bounds::{Centred, UnitP};
use crate::domain::point_at;
use crate::field::{K, from_int, one_k, zero_k};

const NZ_P: NonZero<UnitP> = 0x7fffffff;

/// Three variables `r`, last one first, each as `1 - r` and `r`.
#[derive(Copy, Drop)]
pub(crate) struct Factor {
    e0: K,
    r0: K,
    e1: K,
    r1: K,
    e2: K,
    r2: K,
}

/// The factors of `point`, the last three variables first; variables are missing in the last factor
/// if their number is not a multiple of three: they are zero, which makes a factor of one.
pub(crate) fn factors(point: Span<K>) -> Array<Factor> {
    let mut point = point;
    let mut factors = array![];
    while let Some(last) = point.pop_back() {
        let r0 = *last;
        let r1 = next(ref point);
        let r2 = next(ref point);
        let one = one_k();
        factors.append(Factor { e0: one - r0, r0, e1: one - r1, r1, e2: one - r2, r2 });
    }
    factors
}

fn next(ref point: Span<K>) -> K {
    match point.pop_back() {
        Some(r) => *r,
        None => zero_k(),
    }
}

/// `sum_i powers_i prod_l (1 + r_l (t_(i, l) - 1))` over the points at `positions` of a code with
/// `size` points; `factors` are those of `r`.
pub(crate) fn sum(positions: Span<u32>, powers: Span<K>, size: u32, factors: Span<Factor>) -> K {
    let (mut positions, mut powers) = (positions, powers);
    let mut sum = zero_k();
    while let Some(position) = positions.pop_front() {
        let (x, y) = point_at(*position, size, NZ_P);
        let value = functional(from_centred(x), from_centred(y), factors);
        sum = sum + *powers.pop_front().unwrap() * value;
    }
    sum
}

/// The product for one point.
fn functional(x: K, y: K, factors: Span<Factor>) -> K {
    let mut factors = factors;
    let one = one_k();
    let (mut t, mut next) = (y, x);
    let mut product = one;
    while let Some(factor) = factors.pop_front() {
        let Factor { e0, r0, e1, r1, e2, r2 } = *factor;
        product = product * (e0 + r0 * t) * (e1 + r1 * next);
        let square = next * next;
        t = square + square - one;
        product = product * (e2 + r2 * t);
        let square = t * t;
        t = square + square - one;
        let square = t * t;
        next = square + square - one;
    }
    product
}

fn from_centred(v: Centred) -> K {
    from_int(upcast(v))
}
