//! Functionals of opened leaves at the final point (PROTOCOL §4.2 step 5):
//! `prod_l (1 + r_l (t_l - 1))` with `t = (pi^(m-2)(x), .., pi(x), x, y)`.
//!
//! Three variables are one factor, a sum over their subsets of `eq(r, subset)` times the product of
//! the `t` of the subset, reduced once. Products of factors are not reduced at all, up to
//! [`MAX_FACTORS`] of them.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::upcast;
use crate::bounds::{Centred, UnitP};
use crate::domain::{double_x, point_at};
use crate::field::{K, ONE, ScaledSum, ScaledSumTrait, ZERO, divisor_p};
use crate::lazy::{Lazy, LazyTrait};

/// The factors of a product, `eta^i` included, before it has to be reduced: 7 factors of 31 bits, 3
/// bits more for each multiplication and 7 for the sum over the queries are below 2^242.
const MAX_FACTORS: u32 = 6;

/// The weights of the subsets of three variables: low and high parts of a [`ScaledSum`], those of
/// the empty set with [`BIAS`] added.
pub(crate) type Factor = Box<[felt252; 16]>;

/// `p 2^91 (1 + 2^128)`: a multiple of `p` that makes the sum of a factor positive. The sum is at
/// most `2^121.1` in absolute value.
const BIAS: felt252 = 0x3fffffff8000000000000000000000003fffffff80000000000000000000000;

/// The factors of `point`, the last three variables first; variables are missing in the last factor
/// if their number is not a multiple of three.
pub(crate) fn factors(point: Span<K>) -> Array<Factor> {
    let mut point = point;
    let mut factors = array![];
    while point.len() >= 3 {
        let r2 = *point.pop_back().unwrap();
        let r1 = *point.pop_back().unwrap();
        let r0 = *point.pop_back().unwrap();
        factors.append(factor(r0, r1, r2));
    }
    if let Some(r2) = point.pop_back() {
        let r1 = match point.pop_back() {
            Some(r1) => *r1,
            None => ZERO,
        };
        factors.append(factor(ZERO, r1, *r2));
    }
    factors
}

/// The weights of three variables, most significant first.
fn factor(r0: K, r1: K, r2: K) -> Factor {
    let e0 = ONE - r0;
    let e01 = e0 * r1;
    let e11 = r0 * r1;
    let (p0, p1) = ScaledSumTrait::split(e0 - e01, r2);
    let (p2, p3) = ScaledSumTrait::split(e01, r2);
    let (p4, p5) = ScaledSumTrait::split(r0 - e11, r2);
    let (p6, p7) = ScaledSumTrait::split(e11, r2);
    BoxTrait::new(
        [
            p0.low + BIAS, p0.high + BIAS, p1.low, p1.high, p2.low, p2.high, p3.low, p3.high,
            p4.low, p4.high, p5.low, p5.high, p6.low, p6.high, p7.low, p7.high,
        ],
    )
}

/// `sum_subsets eq(r, subset) prod t`, for centred `t`, most significant variable first.
#[inline(always)]
fn evaluate_factor(factor: Factor, t0: felt252, t1: felt252, t2: felt252, p: NonZero<UnitP>) -> K {
    let [l0, h0, l1, h1, l2, h2, l3, h3, l4, h4, l5, h5, l6, h6, l7, h7] = factor.unbox();
    let t12 = t1 * t2;
    let t01 = t0 * t1;
    let t02 = t0 * t2;
    let t012 = t0 * t12;
    ScaledSum {
        low: l0 + t2 * l1 + t1 * l2 + t12 * l3 + t0 * l4 + t02 * l5 + t01 * l6 + t012 * l7,
        high: h0 + t2 * h1 + t1 * h2 + t12 * h3 + t0 * h4 + t02 * h5 + t01 * h6 + t012 * h7,
    }
        .reduce_by(p)
}

/// `sum_i powers_i prod_l (1 + r_l (t_(i, l) - 1))` over the points at `positions` of a code with
/// `2^log_row` entries a row and `size` points; `factors` are those of `r`, which has `log_row`
/// variables.
pub(crate) fn sum(positions: Span<u32>, powers: Span<K>, size: u32, factors: Span<Factor>) -> K {
    let (mut positions, mut powers) = (positions, powers);
    let mut sum = LazyTrait::zero();
    let p = divisor_p();
    while let Some(position) = positions.pop_front() {
        let power = LazyTrait::from(*powers.pop_front().unwrap());
        let (x, y) = point_at(*position, size, p);
        let mut rest = factors;
        let first = *rest.pop_front().unwrap();
        let doubled = double_x(x, p);
        let value = evaluate_factor(first, upcast(doubled), upcast(x), upcast(y), p);
        sum = sum.add(multiply(power.mul(LazyTrait::from(value)), doubled, rest, p));
    }
    sum.reduce_wide()
}

/// The product of `product` with the values of the other factors of a point, given the last of the
/// `t` of its first factor.
fn multiply(product: Lazy, last: Centred, factors: Span<Factor>, p: NonZero<UnitP>) -> Lazy {
    let (mut product, mut t, mut factors) = (product, last, factors);
    if factors.len() >= MAX_FACTORS {
        let after = factors.slice(MAX_FACTORS - 1, factors.len() - MAX_FACTORS + 1);
        product = multiply(product, t, factors.slice(0, MAX_FACTORS - 1), p);
        product = LazyTrait::from(product.reduce_wide());
        for _ in 0..3 * (MAX_FACTORS - 1) {
            t = double_x(t, p);
        }
        return multiply(product, t, after, p);
    }
    while let Some(factor) = factors.pop_front() {
        let t2 = double_x(t, p);
        let t1 = double_x(t2, p);
        t = double_x(t1, p);
        let value = evaluate_factor(*factor, upcast(t), upcast(t1), upcast(t2), p);
        product = product.mul(LazyTrait::from(value));
    }
    product
}
