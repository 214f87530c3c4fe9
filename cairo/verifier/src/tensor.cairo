//! Functionals of opened leaves at the final point (PROTOCOL §4.2 step 5):
//! `prod_l (1 + r_l (t_l - 1))` with `t = (pi^(m-2)(x), .., pi(x), x, y)`.
//!
//! Three variables are one factor, a sum over their subsets of `eq(r, subset)` times the product of
//! the `t` of the subset, reduced once. Products of factors are not reduced at all, up to
//! [`MAX_FACTORS`] of them.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::upcast;
use crate::domain::{double_x, point_at};
use crate::field::{K, ScaledSum, ScaledSumTrait, ZERO, eq_table, reduce_wide};

/// The factors of a product, `eta^i` included, before it has to be reduced: 7 factors of 31 bits, 3
/// bits more for each multiplication and 7 for the sum over the queries are below 2^242.
const MAX_FACTORS: u32 = 6;

/// The weights of the subsets of three variables: low and high parts of a [`ScaledSum`], those of
/// the empty set with [`BIAS`] added.
pub(crate) type Factor = Box<[felt252; 16]>;

/// `p 2^91 (1 + 2^128)`: a multiple of `p` that makes the sum of a factor positive. The sum is at
/// most `2^31 (1 + 2^30)^3 < 2^121.1` in absolute value.
const BIAS: felt252 = 0x3fffffff8000000000000000000000003fffffff80000000000000000000000;

/// An element of `K` whose coordinates are integers of either sign.
#[derive(Copy, Drop)]
pub(crate) struct Lazy {
    c0: felt252,
    c1: felt252,
    c2: felt252,
    c3: felt252,
}

#[generate_trait]
pub(crate) impl LazyImpl of LazyTrait {
    fn zero() -> Lazy {
        Lazy { c0: 0, c1: 0, c2: 0, c3: 0 }
    }

    #[inline(always)]
    fn from(k: K) -> Lazy {
        Lazy { c0: upcast(k.c0), c1: upcast(k.c1), c2: upcast(k.c2), c3: upcast(k.c3) }
    }

    /// The product; three bits more than both factors.
    fn mul(self: Lazy, y: Lazy) -> Lazy {
        let Lazy { c0: a, c1: b, c2: c, c3: d } = self;
        let Lazy { c0: e, c1: f, c2: g, c3: h } = y;
        let re = c * g - d * h;
        let im = c * h + d * g;
        Lazy {
            c0: a * e - b * f + re + re - im,
            c1: a * f + b * e + re + im + im,
            c2: a * g + c * e - b * h - d * f,
            c3: a * h + b * g + c * f + d * e,
        }
    }

    #[inline(always)]
    fn add(self: Lazy, y: Lazy) -> Lazy {
        Lazy { c0: self.c0 + y.c0, c1: self.c1 + y.c1, c2: self.c2 + y.c2, c3: self.c3 + y.c3 }
    }

    /// The element; coordinates are below 2^242 in absolute value.
    fn reduce(self: Lazy) -> K {
        K {
            c0: reduce_wide(self.c0),
            c1: reduce_wide(self.c1),
            c2: reduce_wide(self.c2),
            c3: reduce_wide(self.c3),
        }
    }
}

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
    let table = eq_table(array![r0, r1, r2].span());
    let mut packed = array![];
    for e in table {
        packed.append(ScaledSumTrait::pack(e));
    }
    let p = packed.span();
    BoxTrait::new(
        [
            *p[0].low + BIAS, *p[0].high + BIAS, *p[1].low, *p[1].high, *p[2].low, *p[2].high,
            *p[3].low, *p[3].high, *p[4].low, *p[4].high, *p[5].low, *p[5].high, *p[6].low,
            *p[6].high, *p[7].low, *p[7].high,
        ],
    )
}

/// `sum_subsets eq(r, subset) prod t`, for centred `t`, most significant variable first.
fn evaluate_factor(factor: Factor, t0: felt252, t1: felt252, t2: felt252) -> K {
    let [l0, h0, l1, h1, l2, h2, l3, h3, l4, h4, l5, h5, l6, h6, l7, h7] = factor.unbox();
    let t12 = t1 * t2;
    let t01 = t0 * t1;
    let t02 = t0 * t2;
    let t012 = t0 * t12;
    ScaledSum {
        low: l0 + t2 * l1 + t1 * l2 + t12 * l3 + t0 * l4 + t02 * l5 + t01 * l6 + t012 * l7,
        high: h0 + t2 * h1 + t1 * h2 + t12 * h3 + t0 * h4 + t02 * h5 + t01 * h6 + t012 * h7,
    }
        .reduce()
}

/// `sum_i powers_i prod_l (1 + r_l (t_(i, l) - 1))` over the points at `positions` of a code with
/// `2^log_row` entries a row and `size` points; `factors` are those of `r`, which has `log_row`
/// variables.
pub(crate) fn sum(positions: Span<u32>, powers: Span<K>, size: u32, factors: Span<Factor>) -> K {
    let mut positions = positions;
    let mut powers = powers;
    let mut sum = LazyTrait::zero();
    while let Some(position) = positions.pop_front() {
        let power = LazyTrait::from(*powers.pop_front().unwrap());
        sum = sum.add(evaluate(power, *position, size, factors));
    }
    sum.reduce()
}

/// One term of [`sum`].
fn evaluate(power: Lazy, position: u32, size: u32, factors: Span<Factor>) -> Lazy {
    let mut factors = factors;
    let (x, y) = point_at(position, size);
    let doubled = double_x(x);
    let first = evaluate_factor(
        *factors.pop_front().unwrap(), upcast(doubled), upcast(x), upcast(y),
    );
    let mut product = power.mul(LazyTrait::from(first));
    let mut n_factors = 1;
    let mut t = doubled;
    while let Some(factor) = factors.pop_front() {
        if n_factors == MAX_FACTORS {
            product = LazyTrait::from(product.reduce());
            n_factors = 0;
        }
        let t2 = double_x(t);
        let t1 = double_x(t2);
        t = double_x(t1);
        let value = evaluate_factor(*factor, upcast(t), upcast(t1), upcast(t2));
        product = product.mul(LazyTrait::from(value));
        n_factors += 1;
    }
    product
}
