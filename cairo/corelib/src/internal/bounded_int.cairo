//! Integers between two bounds. Arithmetic gives types that hold every result, so that it needs no
//! check; which type, a helper implementation says.

use crate::RangeCheck;
use crate::internal::OptionRev;

/// An integer between `MIN` and `MAX`, both included.
pub extern type BoundedInt<const MIN: felt252, const MAX: felt252>;
/// One whose bounds are yet to be checked.
pub(crate) extern type BoundedIntGuarantee<const MIN: felt252, const MAX: felt252>;
/// An integer known when the code is compiled.
pub type UnitInt<const VALUE: felt252> = BoundedInt<VALUE, VALUE>;

impl BoundedIntCopy<const MIN: felt252, const MAX: felt252> of Copy<BoundedInt<MIN, MAX>>;
impl BoundedIntDrop<const MIN: felt252, const MAX: felt252> of Drop<BoundedInt<MIN, MAX>>;
impl NumericLiteralBoundedInt<
    const MIN: felt252, const MAX: felt252,
> of crate::integer::NumericLiteral<BoundedInt<MIN, MAX>>;

/// To a type that holds all values.
pub extern const fn upcast<FromType, ToType>(x: FromType) -> ToType nopanic;
/// To a type that may not hold the value.
pub extern const fn downcast<FromType, ToType>(
    x: FromType,
) -> Option<ToType> implicits(RangeCheck) nopanic;

/// The type of sums.
pub trait AddHelper<Lhs, Rhs> {
    type Result;
}

/// The type of differences.
pub trait SubHelper<Lhs, Rhs> {
    type Result;
}

/// The type of products.
pub trait MulHelper<Lhs, Rhs> {
    type Result;
}

/// The types of quotients and remainders.
pub trait DivRemHelper<Lhs, Rhs> {
    type DivT;
    type RemT;
}

/// The types of the values below a boundary, and of the others.
pub trait ConstrainHelper<T, const BOUNDARY: felt252> {
    type LowT;
    type HighT;
}

/// The type without its least value.
pub trait TrimMinHelper<T> {
    type Target;
}

/// The type without its greatest value.
pub trait TrimMaxHelper<T> {
    type Target;
}

extern fn bounded_int_add<Lhs, Rhs, impl H: AddHelper<Lhs, Rhs>>(
    lhs: Lhs, rhs: Rhs,
) -> H::Result nopanic;
extern fn bounded_int_sub<Lhs, Rhs, impl H: SubHelper<Lhs, Rhs>>(
    lhs: Lhs, rhs: Rhs,
) -> H::Result nopanic;
extern fn bounded_int_mul<Lhs, Rhs, impl H: MulHelper<Lhs, Rhs>>(
    lhs: Lhs, rhs: Rhs,
) -> H::Result nopanic;
extern fn bounded_int_div_rem<Lhs, Rhs, impl H: DivRemHelper<Lhs, Rhs>>(
    lhs: Lhs, rhs: NonZero<Rhs>,
) -> (H::DivT, H::RemT) implicits(RangeCheck) nopanic;
extern fn bounded_int_constrain<T, const BOUNDARY: felt252, impl H: ConstrainHelper<T, BOUNDARY>>(
    value: T,
) -> Result<H::LowT, H::HighT> implicits(RangeCheck) nopanic;
extern fn bounded_int_trim_min<T, impl H: TrimMinHelper<T>>(
    value: T,
) -> OptionRev<H::Target> nopanic;
extern fn bounded_int_trim_max<T, impl H: TrimMaxHelper<T>>(
    value: T,
) -> OptionRev<H::Target> nopanic;
extern const fn bounded_int_is_zero<T>(
    value: T,
) -> crate::zeroable::IsZeroResult<T> implicits() nopanic;

pub use {
    bounded_int_add as add, bounded_int_constrain as constrain, bounded_int_div_rem as div_rem,
    bounded_int_is_zero as is_zero, bounded_int_mul as mul, bounded_int_sub as sub,
    bounded_int_trim_max as trim_max, bounded_int_trim_min as trim_min,
};

impl BoundedIntIntoFelt252<
    const MIN: felt252, const MAX: felt252,
> of Into<BoundedInt<MIN, MAX>, felt252> {
    const fn into(self: BoundedInt<MIN, MAX>) -> felt252 {
        upcast(self)
    }
}

impl Felt252TryIntoBoundedInt<
    const MIN: felt252, const MAX: felt252,
> of TryInto<felt252, BoundedInt<MIN, MAX>> {
    const fn try_into(self: felt252) -> Option<BoundedInt<MIN, MAX>> {
        downcast(self)
    }
}

impl BoundedIntSerde<const MIN: felt252, const MAX: felt252> =
    crate::serde::into_felt252_based::SerdeImpl<BoundedInt<MIN, MAX>>;

impl BoundedIntPartialEq<
    const MIN: felt252, const MAX: felt252,
> of PartialEq<BoundedInt<MIN, MAX>> {
    #[inline(always)]
    fn eq(lhs: @BoundedInt<MIN, MAX>, rhs: @BoundedInt<MIN, MAX>) -> bool {
        let lhs: felt252 = (*lhs).into();
        lhs == (*rhs).into()
    }
}

impl NonZeroMulHelper<
    Lhs, Rhs, impl H: MulHelper<Lhs, Rhs>,
> of MulHelper<NonZero<Lhs>, NonZero<Rhs>> {
    type Result = NonZero<H::Result>;
}

impl NonZeroConstrainHelper<
    T, const BOUNDARY: felt252, impl H: ConstrainHelper<T, BOUNDARY>,
> of ConstrainHelper<NonZero<T>, BOUNDARY> {
    type LowT = NonZero<H::LowT>;
    type HighT = NonZero<H::HighT>;
}

/// Signed integers: below zero, and the others.
mod signs {
    pub impl Impl<T, const MIN: felt252, const MAX: felt252> of super::ConstrainHelper<T, 0> {
        type LowT = super::BoundedInt<MIN, -1>;
        type HighT = super::BoundedInt<0, MAX>;
    }
}

impl I8Signs = signs::Impl<i8, -0x80, 0x7f>;
impl I16Signs = signs::Impl<i16, -0x8000, 0x7fff>;
impl I32Signs = signs::Impl<i32, -0x80000000, 0x7fffffff>;
impl I64Signs = signs::Impl<i64, -0x8000000000000000, 0x7fffffffffffffff>;
impl I128Signs =
    signs::Impl<i128, -0x80000000000000000000000000000000, 0x7fffffffffffffffffffffffffffffff>;
