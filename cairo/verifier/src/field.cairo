//! Fields and multilinear building blocks (PROTOCOL §2).
//!
//! `M31` is the base field, `p = 2^31 - 1`; [`K`] its extension of degree 4, stwo's `QM31`:
//! `(c0 + c1 i) + (c2 + c3 i) u` with `i^2 = -1` and `u^2 = 2 + i`. Coordinates are always below
//! `p`. Points are most significant variable first. Sums of products are reduced once, at their
//! end.

use core::internal::OptionRev;
#[feature("bounded-int-utils")]
use core::internal::bounded_int::{self, downcast, upcast};
use crate::bounds::*;
pub use crate::lazy::{ProductSum, ProductSumImpl, ProductSumTrait, inner_product};
pub use crate::mle::{eq, eq1, eq_pair, eq_table, pow2};
pub use crate::sumcheck::{cubic_round, quadratic_round};

/// An element of the base field: a value below `p`.
pub type M31 = Limb;

/// `p`.
pub const P: felt252 = 0x7fffffff;
pub(crate) const NZ_P: NonZero<UnitP> = 0x7fffffff;
const NZ_27: NonZero<Unit27> = 0x8000000;
const NZ_31: NonZero<Unit31> = 0x80000000;

/// `p` as a divisor that inner loops keep at hand: a constant is pushed anew for every division.
#[inline(never)]
pub(crate) fn divisor_p() -> NonZero<UnitP> {
    NZ_P
}

/// The divisors that cut a felt into limbs, likewise.
#[derive(Copy, Drop)]
pub(crate) struct Cut {
    by_27: NonZero<Unit27>,
    by_31: NonZero<Unit31>,
}

#[generate_trait]
pub(crate) impl CutImpl of CutTrait {
    #[inline(never)]
    fn new() -> Cut {
        Cut { by_27: NZ_27, by_31: NZ_31 }
    }
}

const UNIT_P: UnitP = 0x7fffffff;
pub(crate) const UNIT_16: Unit16 = 16;
const UNIT_Q1: UnitQ1 = 0x3fffffff00000001;
const UNIT_Q2: UnitQ2 = 0x7ffffffe00000002;
const UNIT_Q5: UnitQ5 = 0x13ffffffb00000005;

/// A multiple of `p` above `2^62`.
const BIAS: felt252 = 0x7fffffff00000000;

/// An element of the extension field.
#[derive(Copy, Drop, PartialEq)]
pub struct K {
    pub c0: M31,
    pub c1: M31,
    pub c2: M31,
    pub c3: M31,
}

/// Zero of `K`.
pub const ZERO: K = K { c0: 0, c1: 0, c2: 0, c3: 0 };
/// One of `K`.
pub const ONE: K = K { c0: 1, c1: 0, c2: 0, c3: 0 };

/// [`ZERO`], for code that every backend compiles: not all of them have elements as constants.
#[inline(always)]
pub fn zero_k() -> K {
    ZERO
}

/// [`ONE`], likewise.
#[inline(always)]
pub fn one_k() -> K {
    ONE
}

/// A product of two elements of `K` that is not reduced: coordinates of at most `8 p^2`.
#[derive(Copy, Drop)]
struct Wide {
    w0: Q8,
    w1: Q8,
    w2: Q8,
    w3: Q8,
}

#[inline(always)]
fn wide_mul(x: K, y: K) -> Wide {
    let K { c0: a, c1: b, c2: c, c3: d } = x;
    let K { c0: e, c1: f, c2: g, c3: h } = y;
    // (c + d i)(g + h i), to be multiplied by 2 + i.
    let re = bounded_int::sub(bounded_int::mul(c, g), bounded_int::mul(d, h));
    let im = bounded_int::add(bounded_int::mul(c, h), bounded_int::mul(d, g));
    let ac = bounded_int::sub(bounded_int::mul(a, e), bounded_int::mul(b, f));
    let w0 = bounded_int::sub(bounded_int::add(ac, bounded_int::add(re, re)), im);
    let bc = bounded_int::add(bounded_int::mul(a, f), bounded_int::mul(b, e));
    let w1 = bounded_int::add(bounded_int::add(bc, re), bounded_int::add(im, im));
    let w2 = bounded_int::sub(
        bounded_int::add(bounded_int::mul(a, g), bounded_int::mul(c, e)),
        bounded_int::add(bounded_int::mul(b, h), bounded_int::mul(d, f)),
    );
    let w3 = bounded_int::add(
        bounded_int::add(bounded_int::mul(a, h), bounded_int::mul(b, g)),
        bounded_int::add(bounded_int::mul(c, f), bounded_int::mul(d, e)),
    );
    Wide {
        w0: bounded_int::add(w0, UNIT_Q5),
        w1: bounded_int::add(w1, UNIT_Q1),
        w2: upcast(bounded_int::add(w2, UNIT_Q2)),
        w3: upcast(w3),
    }
}

/// `v mod p`.
#[inline(always)]
pub(crate) fn reduce(v: Sum) -> M31 {
    let (_, rem) = bounded_int::div_rem(v, NZ_P);
    upcast(rem)
}

/// `a b`.
#[inline(never)]
pub fn mul(a: K, b: K) -> K {
    mul_inline(a, b)
}

/// `a b`, for inner loops.
#[inline(always)]
pub(crate) fn mul_inline(a: K, b: K) -> K {
    let w = wide_mul(a, b);
    K {
        c0: reduce(upcast(w.w0)),
        c1: reduce(upcast(w.w1)),
        c2: reduce(upcast(w.w2)),
        c3: reduce(upcast(w.w3)),
    }
}

/// `a b + c`.
#[inline(never)]
pub fn mul_add(a: K, b: K, c: K) -> K {
    let w = wide_mul(a, b);
    K {
        c0: reduce(upcast(bounded_int::add(w.w0, c.c0))),
        c1: reduce(upcast(bounded_int::add(w.w1, c.c1))),
        c2: reduce(upcast(bounded_int::add(w.w2, c.c2))),
        c3: reduce(upcast(bounded_int::add(w.w3, c.c3))),
    }
}

/// `a b + c d`.
#[inline(never)]
pub fn mul_mul_add(a: K, b: K, c: K, d: K) -> K {
    let v = wide_mul(a, b);
    let w = wide_mul(c, d);
    K {
        c0: reduce(upcast(bounded_int::add(v.w0, w.w0))),
        c1: reduce(upcast(bounded_int::add(v.w1, w.w1))),
        c2: reduce(upcast(bounded_int::add(v.w2, w.w2))),
        c3: reduce(upcast(bounded_int::add(v.w3, w.w3))),
    }
}

/// `lo + t (hi - lo)`.
#[inline(never)]
pub fn lerp(lo: K, hi: K, t: K) -> K {
    mul_add(t, hi - lo, lo)
}

/// `a b` for `b` of the base field.
#[inline(never)]
pub fn scale(a: K, b: M31) -> K {
    K {
        c0: reduce(upcast(bounded_int::mul(a.c0, b))),
        c1: reduce(upcast(bounded_int::mul(a.c1, b))),
        c2: reduce(upcast(bounded_int::mul(a.c2, b))),
        c3: reduce(upcast(bounded_int::mul(a.c3, b))),
    }
}

/// `a b` in the base field.
#[inline(never)]
pub fn mul_m31(a: M31, b: M31) -> M31 {
    reduce(upcast(bounded_int::mul(a, b)))
}

#[inline(always)]
fn add_m31(a: M31, b: M31) -> M31 {
    let sum = bounded_int::add(a, b);
    match bounded_int::constrain::<_, 0x7fffffff>(sum) {
        Ok(small) => upcast(small),
        Err(large) => upcast(bounded_int::sub(large, UNIT_P)),
    }
}

#[inline(always)]
fn sub_m31(a: M31, b: M31) -> M31 {
    match bounded_int::constrain::<_, 0>(bounded_int::sub(a, b)) {
        Ok(negative) => upcast(bounded_int::add(negative, UNIT_P)),
        Err(difference) => upcast(difference),
    }
}

pub impl KAdd of Add<K> {
    #[inline(never)]
    fn add(lhs: K, rhs: K) -> K {
        K {
            c0: add_m31(lhs.c0, rhs.c0),
            c1: add_m31(lhs.c1, rhs.c1),
            c2: add_m31(lhs.c2, rhs.c2),
            c3: add_m31(lhs.c3, rhs.c3),
        }
    }
}

pub impl KSub of Sub<K> {
    #[inline(never)]
    fn sub(lhs: K, rhs: K) -> K {
        K {
            c0: sub_m31(lhs.c0, rhs.c0),
            c1: sub_m31(lhs.c1, rhs.c1),
            c2: sub_m31(lhs.c2, rhs.c2),
            c3: sub_m31(lhs.c3, rhs.c3),
        }
    }
}

pub impl KMul of Mul<K> {
    #[inline(always)]
    fn mul(lhs: K, rhs: K) -> K {
        mul(lhs, rhs)
    }
}

pub impl KNeg of Neg<K> {
    #[inline(always)]
    fn neg(a: K) -> K {
        ZERO - a
    }
}

/// `v mod p` of an integer `-2^62 <= v < 2^62`, given as a felt.
///
/// # Panics
/// `v` is far outside.
#[inline(never)]
pub fn embed(v: felt252) -> M31 {
    reduce_felt(v + BIAS)
}

/// `v mod p` of `0 <= v < 2^128`.
///
/// # Panics
/// `v` is larger.
#[inline(never)]
pub fn reduce_felt(v: felt252) -> M31 {
    let v: u128 = v.try_into().expect('field: sum too large');
    let (_, rem) = bounded_int::div_rem(v, NZ_P);
    upcast(rem)
}

/// An element of the base field as one of `K`.
#[inline(always)]
pub fn from_m31(v: M31) -> K {
    K { c0: v, c1: 0, c2: 0, c3: 0 }
}

/// [`embed`] into `K`.
#[inline(never)]
pub fn from_int(v: felt252) -> K {
    from_m31(embed(v))
}

/// `2^-n`: a power of two, as `2^31 = 1`.
#[inline(never)]
pub fn half_pow(n: u32) -> K {
    match n % 31 {
        0 => ONE,
        rest => from_m31(embed(pow2(31 - rest).into())),
    }
}

/// [`half_pow`] in the base field.
#[inline(always)]
pub(crate) fn half_pow_m31(n: u32) -> M31 {
    half_pow(n).c0
}

/// A sum of products `f k`, `0 <= f < 2^31` a felt and `k` in `K`; at most `2^60` of them.
#[derive(Copy, Drop)]
pub struct ScaledSum {
    /// `c0 + c1 2^128`.
    pub(crate) low: felt252,
    /// `c2 + c3 2^128`.
    pub(crate) high: felt252,
}

/// `K` in the form of [`ScaledSum`].
pub type Packed = ScaledSum;

/// `p (1 + 2^128)`.
const PACKED_P: felt252 = 0x7fffffff0000000000000000000000007fffffff;
pub(crate) const TWO_128: felt252 = 0x100000000000000000000000000000000;

#[generate_trait]
pub impl ScaledSumImpl of ScaledSumTrait {
    /// Zero.
    #[inline(always)]
    fn new() -> ScaledSum {
        ScaledSum { low: 0, high: 0 }
    }

    /// `k`, ready to be scaled and added.
    #[inline(always)]
    fn pack(k: K) -> Packed {
        let (c0, c1): (felt252, felt252) = (upcast(k.c0), upcast(k.c1));
        let (c2, c3): (felt252, felt252) = (upcast(k.c2), upcast(k.c3));
        ScaledSum { low: c0 + c1 * TWO_128, high: c2 + c3 * TWO_128 }
    }

    /// Both parts `k (1 - c), k c`; coordinates of at most `2 p`.
    #[inline(always)]
    fn split(k: K, c: K) -> (Packed, Packed) {
        let high = Self::pack(mul_inline(k, c));
        let whole = Self::pack(k);
        let low = whole.low + PACKED_P - high.low;
        (ScaledSum { low, high: whole.high + PACKED_P - high.high }, high)
    }

    /// `k, i k, u k, i u k`, likewise: coordinates of at most `3 p`.
    #[inline(never)]
    fn pack_basis(k: K) -> [Packed; 4] {
        let (c0, c1): (felt252, felt252) = (upcast(k.c0), upcast(k.c1));
        let (c2, c3): (felt252, felt252) = (upcast(k.c2), upcast(k.c3));
        let (n1, n3) = (P - c1, P - c3);
        // u (c2 + c3 i) u = (2 + i)(c2 + c3 i).
        let (d0, d1) = (c2 + c2 + n3, c2 + c3 + c3);
        let nd1 = 3 * P - d1;
        [
            ScaledSum { low: c0 + c1 * TWO_128, high: c2 + c3 * TWO_128 },
            ScaledSum { low: n1 + c0 * TWO_128, high: n3 + c2 * TWO_128 },
            ScaledSum { low: d0 + d1 * TWO_128, high: c0 + c1 * TWO_128 },
            ScaledSum { low: nd1 + d0 * TWO_128, high: n1 + c0 * TWO_128 },
        ]
    }

    /// Adds `f k`.
    #[inline(always)]
    fn add(ref self: ScaledSum, f: felt252, k: Packed) {
        self.low += f * k.low;
        self.high += f * k.high;
    }

    /// The sum.
    #[inline(never)]
    fn reduce(self: ScaledSum) -> K {
        self.reduce_by(divisor_p())
    }

    /// [`ScaledSumTrait::reduce`] by a divisor at hand.
    #[inline(always)]
    fn reduce_by(self: ScaledSum, p: NonZero<UnitP>) -> K {
        let low: u256 = self.low.into();
        let high: u256 = self.high.into();
        K {
            c0: reduce_u128(low.low, p),
            c1: reduce_u128(low.high, p),
            c2: reduce_u128(high.low, p),
            c3: reduce_u128(high.high, p),
        }
    }
}

#[inline(always)]
fn reduce_u128(v: u128, p: NonZero<UnitP>) -> M31 {
    let (_, rem) = bounded_int::div_rem(v, p);
    upcast(rem)
}

/// Four limbs of a number of 128 bits, least significant first, and what is left.
#[inline(always)]
fn split_low(v: u128, cut: Cut) -> (M31, M31, M31, M31, Bits4) {
    let (rest, l0) = bounded_int::div_rem(v, cut.by_31);
    let (rest, l1) = bounded_int::div_rem(rest, cut.by_31);
    let (rest, l2) = bounded_int::div_rem(rest, cut.by_31);
    let (rest, l3) = bounded_int::div_rem(rest, cut.by_31);
    (l0, l1, l2, l3, rest)
}

/// The upper 27 bits of a limb, given its lower 4, two limbs, and what is left.
#[inline(always)]
fn split_high(v: u128, low: Bits4, cut: Cut) -> (M31, M31, M31, Bits39) {
    let (rest, upper) = bounded_int::div_rem(v, cut.by_27);
    let l0 = bounded_int::add(bounded_int::mul(upper, UNIT_16), low);
    let (rest, l1) = bounded_int::div_rem(rest, cut.by_31);
    let (rest, l2) = bounded_int::div_rem(rest, cut.by_31);
    (l0, l1, l2, rest)
}

pub(crate) const TWO_124: felt252 = 0x10000000000000000000000000000000;
pub(crate) const TWO_248: felt252 =
    0x100000000000000000000000000000000000000000000000000000000000000;

/// The eight limbs of a felt, most significant first; the first one is below `p`, the others at
/// most `p`, and nothing is above them.
///
/// # Panics
/// The first limb is `p`, or something is above it.
#[inline(always)]
pub(crate) fn limbs(felt: felt252, cut: Cut) -> (M31, M31, M31, M31, M31, M31, M31, M31) {
    let v: u256 = felt.into();
    let (l0, l1, l2, l3, low) = split_low(v.low, cut);
    let (l4, l5, l6, rest) = split_high(v.high, low, cut);
    (top_limb(rest), l6, l5, l4, l3, l2, l1, l0)
}

/// `sum_j 2^(31 j)`, `j < 8`.
const ONES: felt252 = 0x2000000040000000800000010000000200000004000000080000001;

/// The eight limbs of `felt + sum_j 2^(31 j)`, most significant first. They are those of `felt`
/// plus one if none of those is `p`; otherwise one of them is zero. (A felt that overflows leaves
/// less than the sum of ones, which has a limb that is zero.)
///
/// # Panics
/// The first limb of `felt` is `p`, or something is above it.
#[inline(always)]
pub(crate) fn limbs_plus_one(felt: felt252, cut: Cut) -> (M31, M31, M31, M31, M31, M31, M31, M31) {
    let v: u256 = (felt + ONES).into();
    let (l0, l1, l2, l3, low) = split_low(v.low, cut);
    let (l4, l5, l6, rest) = split_high(v.high, low, cut);
    (downcast(rest).expect('field: not canonical'), l6, l5, l4, l3, l2, l1, l0)
}

/// [`limbs`] of a felt with four of them.
#[inline(always)]
pub(crate) fn limbs_of_four(felt: felt252) -> (M31, M31, M31, M31) {
    let v: u128 = felt.try_into().expect('field: not canonical');
    let (rest, l0) = bounded_int::div_rem(v, NZ_31);
    let (rest, l1) = bounded_int::div_rem(rest, NZ_31);
    let (rest, l2) = bounded_int::div_rem(rest, NZ_31);
    (top_limb(upcast(rest)), l2, l1, l0)
}

/// The single element of a felt of a K-list: `2^124 + c0 2^93 + c1 2^62 + c2 2^31 + c3`.
///
/// # Panics
/// The felt is not of this form with coordinates below `p`.
#[inline(never)]
pub fn unpack1(felt: felt252) -> K {
    let (c0, c1, c2, c3) = limbs_of_four(felt - TWO_124);
    let canonical: felt252 = (P - upcast(c1)) * (P - upcast(c2)) * (P - upcast(c3));
    assert(canonical != 0, 'field: not canonical');
    K { c0, c1, c2, c3 }
}

/// The two elements of a felt of a K-list: `2^248`, then eight coordinates in base `2^31`, most
/// significant first.
///
/// # Panics
/// The felt is not of this form with coordinates below `p`.
#[inline(never)]
pub fn unpack2(felt: felt252) -> (K, K) {
    unpack2_inline(felt)
}

/// [`unpack2`], for inner loops.
#[inline(always)]
pub(crate) fn unpack2_inline(felt: felt252) -> (K, K) {
    let (c0, c1, c2, c3, c4, c5, c6, c7) = limbs(felt - TWO_248, CutTrait::new());
    let low: felt252 = (P - upcast(c1)) * (P - upcast(c2)) * (P - upcast(c3)) * (P - upcast(c4));
    let high: felt252 = (P - upcast(c5)) * (P - upcast(c6)) * (P - upcast(c7));
    assert(low * high != 0, 'field: not canonical');
    (K { c0, c1, c2, c3 }, K { c0: c4, c1: c5, c2: c6, c3: c7 })
}

/// The uppermost coordinate: nothing is above it.
#[inline(always)]
fn top_limb(v: Bits39) -> M31 {
    let limb: Rem = downcast(v).expect('field: not canonical');
    upcast(limb)
}

/// The two elements that an output of the channel gives: eight limbs of 31 bits, least significant
/// first; `p` counts as 0, the uppermost bits do not count.
#[inline(never)]
pub fn draw_pair(output: felt252) -> (K, K) {
    let cut = CutTrait::new();
    let v: u256 = output.into();
    let (l0, l1, l2, l3, low) = split_low(v.low, cut);
    let (l4, l5, l6, rest) = split_high(v.high, low, cut);
    let (_, l7) = bounded_int::div_rem(rest, cut.by_31);
    let first = K { c0: wrap(l0), c1: wrap(l1), c2: wrap(l2), c3: wrap(l3) };
    (first, K { c0: wrap(l4), c1: wrap(l5), c2: wrap(l6), c3: wrap(l7) })
}

/// The first element of [`draw_pair`].
#[inline(never)]
pub fn draw_single(output: felt252) -> K {
    draw_single_inline(output)
}

/// [`draw_single`], for inner loops.
#[inline(always)]
pub(crate) fn draw_single_inline(output: felt252) -> K {
    let cut = CutTrait::new();
    let v: u256 = output.into();
    let (l0, l1, l2, l3, _) = split_low(v.low, cut);
    K { c0: wrap(l0), c1: wrap(l1), c2: wrap(l2), c3: wrap(l3) }
}

/// `p` becomes 0.
#[inline(always)]
fn wrap(v: M31) -> M31 {
    match bounded_int::trim_max(v) {
        OptionRev::Some(v) => upcast(v),
        OptionRev::None => 0,
    }
}
