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
fn evaluate_factor(
    factor: [felt252; 16], t0: felt252, t1: felt252, t2: felt252, p: NonZero<UnitP>,
) -> K {
    let [l0, h0, l1, h1, l2, h2, l3, h3, l4, h4, l5, h5, l6, h6, l7, h7] = factor;
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

/// The product of some factors of a point, and the last of their `t`.
#[derive(Copy, Drop)]
struct Partial {
    product: Lazy,
    t: Centred,
}

#[generate_trait]
impl PartialImpl of PartialTrait {
    /// With the first factor.
    #[inline(always)]
    fn new(
        power: K, position: u32, size: u32, factor: [felt252; 16], p: NonZero<UnitP>,
    ) -> Partial {
        let (x, y) = point_at(position, size, p);
        let t = double_x(x, p);
        let value = evaluate_factor(factor, upcast(t), upcast(x), upcast(y), p);
        Partial { product: LazyTrait::from(power).mul(LazyTrait::from(value)), t }
    }

    /// With the next factor.
    #[inline(always)]
    fn multiply(ref self: Partial, factor: [felt252; 16], p: NonZero<UnitP>) {
        let t2 = double_x(self.t, p);
        let t1 = double_x(t2, p);
        let t = double_x(t1, p);
        let value = evaluate_factor(factor, upcast(t), upcast(t1), upcast(t2), p);
        self = Partial { product: self.product.mul(LazyTrait::from(value)), t };
    }
}

/// `sum_i powers_i prod_l (1 + r_l (t_(i, l) - 1))` over the points at `positions` of a code with
/// `2^log_row` entries a row and `size` points; `factors` are those of `r`, which has `log_row`
/// variables. Four points at a time, for which the weights of a factor are loaded once.
pub(crate) fn sum(positions: Span<u32>, powers: Span<K>, size: u32, factors: Span<Factor>) -> K {
    let (mut positions, mut powers) = (positions, powers);
    let mut rest = factors;
    let first = *rest.pop_front().unwrap();
    let p = divisor_p();
    let mut sum = LazyTrait::zero();
    if factors.len() <= MAX_FACTORS {
        while let Some(four) = positions.multi_pop_front::<4>() {
            let powers = powers.multi_pop_front::<4>().unwrap();
            sum = sum.add(four_points((*four).unbox(), (*powers).unbox(), size, first, rest, p));
        }
    }
    while let Some(position) = positions.pop_front() {
        let mut point = PartialTrait::new(
            *powers.pop_front().unwrap(), *position, size, first.unbox(), p,
        );
        let mut rest = rest;
        let mut left = MAX_FACTORS - 1;
        while let Some(factor) = rest.pop_front() {
            if left == 0 {
                point.product = LazyTrait::from(point.product.reduce_wide());
                left = MAX_FACTORS - 1;
            }
            left -= 1;
            point.multiply((*factor).unbox(), p);
        }
        sum = sum.add(point.product);
    }
    sum.reduce_wide()
}

/// The terms of four points, by their first factor and the other ones.
fn four_points(
    positions: [u32; 4],
    powers: [K; 4],
    size: u32,
    first: Factor,
    rest: Span<Factor>,
    p: NonZero<UnitP>,
) -> Lazy {
    let [i, j, k, l] = positions;
    let [x, y, z, w] = powers;
    let first = first.unbox();
    let mut x = PartialTrait::new(x, i, size, first, p);
    let mut y = PartialTrait::new(y, j, size, first, p);
    let mut z = PartialTrait::new(z, k, size, first, p);
    let mut w = PartialTrait::new(w, l, size, first, p);
    let mut rest = rest;
    while let Some(factor) = rest.pop_front() {
        let factor = (*factor).unbox();
        x.multiply(factor, p);
        y.multiply(factor, p);
        z.multiply(factor, p);
        w.multiply(factor, p);
    }
    x.product.add(y.product).add(z.product.add(w.product))
}
