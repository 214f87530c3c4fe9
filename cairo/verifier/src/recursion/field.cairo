//! Fields (PROTOCOL §2) on the machine's own instructions: a sum or a product in [`K`] is one
//! step.
//! Names and meanings are those of the backend for Starknet; what is reduced late there is always
//! reduced here.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::{self, BoundedInt, DivRemHelper, UnitInt, downcast};
use core::qm31::{QM31Trait, m31, m31_ops, qm31, qm31_const};
pub use crate::lazy::{ProductSum, ProductSumImpl, ProductSumTrait, inner_product};
pub use crate::mle::{eq, eq1, eq_pair, eq_table, pow2};
pub use crate::sumcheck::{cubic_round, quadratic_round};

/// An element of the base field.
pub type M31 = m31;
/// An element of the extension field.
pub type K = qm31;

/// `p`.
pub const P: felt252 = 0x7fffffff;
const NZ_P: NonZero<UnitInt<0x7fffffff>> = 0x7fffffff;
/// A multiple of `p` above `2^62`.
const BIAS: felt252 = 0x7fffffff00000000;

/// Zero.
#[inline(always)]
pub fn zero_k() -> K {
    qm31_const::<0, 0, 0, 0>()
}

/// One.
#[inline(always)]
pub fn one_k() -> K {
    qm31_const::<1, 0, 0, 0>()
}

/// `i`.
#[inline(always)]
pub(crate) fn i_k() -> K {
    qm31_const::<0, 1, 0, 0>()
}

/// `u`.
#[inline(always)]
pub(crate) fn u_k() -> K {
    qm31_const::<0, 0, 1, 0>()
}

/// The element with these coordinates.
#[inline(always)]
pub(crate) fn from_words(c0: M31, c1: M31, c2: M31, c3: M31) -> K {
    QM31Trait::new(c0, c1, c2, c3)
}

/// `a b`.
#[inline(always)]
pub(crate) fn mul_inline(a: K, b: K) -> K {
    a * b
}

/// `a b + c`.
#[inline(always)]
pub fn mul_add(a: K, b: K, c: K) -> K {
    a * b + c
}

/// `a b + c d`.
#[inline(always)]
pub fn mul_mul_add(a: K, b: K, c: K, d: K) -> K {
    a * b + c * d
}

/// `a b` for `b` of the base field.
#[inline(always)]
pub fn scale(a: K, b: M31) -> K {
    a * b.into()
}

/// `a b` in the base field.
#[inline(always)]
pub fn mul_m31(a: M31, b: M31) -> M31 {
    m31_ops::mul(a, b)
}

/// `v mod p` of an integer `-2^62 <= v < 2^62`, given as a felt.
///
/// # Panics
/// `v` is far outside.
pub fn embed(v: felt252) -> M31 {
    reduce_felt(v + BIAS)
}

impl DivU128ByP of DivRemHelper<u128, UnitInt<0x7fffffff>> {
    type DivT = BoundedInt<0, 0x2000000040000000800000010>;
    type RemT = M31;
}

/// `v mod p` of `0 <= v < 2^128`.
///
/// # Panics
/// `v` is larger.
pub fn reduce_felt(v: felt252) -> M31 {
    let v: u128 = v.try_into().expect('field: sum too large');
    let (_, rem) = bounded_int::div_rem(v, NZ_P);
    rem
}

/// `v mod p`.
#[inline(always)]
pub(crate) fn reduce_u32(v: u32) -> M31 {
    match downcast(v) {
        Some(small) => small,
        None => reduce_felt(v.into()),
    }
}

/// `v mod p` of `0 <= v < 2^128`, of which most are below `p`.
///
/// # Panics
/// `v` is larger.
#[inline(always)]
pub(crate) fn from_felt(v: felt252) -> K {
    match downcast::<felt252, M31>(v) {
        Some(small) => small.into(),
        None => reduce_felt(v).into(),
    }
}

/// An element of the base field as one of `K`.
#[inline(always)]
pub fn from_m31(v: M31) -> K {
    v.into()
}

/// [`embed`] into `K`.
pub fn from_int(v: felt252) -> K {
    embed(v).into()
}

/// `2^-n`.
pub(crate) fn half_pow_m31(n: u32) -> M31 {
    let mut power: M31 = 1;
    for _ in 0..n {
        power = mul_m31(power, 0x40000000);
    }
    power
}

/// A sum of products `f k`, `0 <= f < 2^128` a felt and `k` in `K`.
#[derive(Copy, Drop)]
pub struct ScaledSum {
    pub(crate) value: K,
}

/// `K` in the form of [`ScaledSum`].
pub type Packed = ScaledSum;

#[generate_trait]
pub impl ScaledSumImpl of ScaledSumTrait {
    /// Zero.
    #[inline(always)]
    fn new() -> ScaledSum {
        ScaledSum { value: zero_k() }
    }

    /// `k`, ready to be scaled and added.
    #[inline(always)]
    fn pack(k: K) -> Packed {
        ScaledSum { value: k }
    }

    /// Adds `f k`.
    #[inline(always)]
    fn add(ref self: ScaledSum, f: felt252, k: Packed) {
        self.value = self.value + from_felt(f) * k.value;
    }

    /// The sum.
    #[inline(always)]
    fn reduce(self: ScaledSum) -> K {
        self.value
    }
}
