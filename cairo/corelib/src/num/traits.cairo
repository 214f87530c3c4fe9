//! What numbers have in common.

/// Zero.
pub trait Zero<T> {
    fn zero() -> T;
    fn is_zero(self: @T) -> bool;
    fn is_non_zero(self: @T) -> bool;
}

/// One.
pub trait One<T> {
    fn one() -> T;
    fn is_one(self: @T) -> bool;
    fn is_non_one(self: @T) -> bool;
}

/// The width of a type, in bits.
pub trait BitSize<T> {
    #[must_use]
    fn bits() -> usize;
}

/// The least and the greatest value.
pub trait Bounded<T> {
    const MIN: T;
    const MAX: T;
}

/// The integer square root.
pub trait Sqrt<T> {
    type Target;
    fn sqrt(self: T) -> Self::Target;
}

/// A product of full width.
pub trait WideMul<Lhs, Rhs> {
    type Target;
    fn wide_mul(self: Lhs, other: Rhs) -> Self::Target;
}

/// Powers.
pub trait Pow<Base, Exp> {
    type Output;
    fn pow(self: Base, exp: Exp) -> Self::Output;
}

/// The sum, if it is in range.
pub trait CheckedAdd<T> {
    fn checked_add(self: T, v: T) -> Option<T>;
}

/// The sum modulo the size of the type, and whether it was out of range.
pub trait OverflowingAdd<T> {
    fn overflowing_add(self: T, v: T) -> (T, bool);
}

/// The sum modulo the size of the type.
pub trait WrappingAdd<T> {
    fn wrapping_add(self: T, v: T) -> T;
}

/// The difference, if it is in range.
pub trait CheckedSub<T> {
    fn checked_sub(self: T, v: T) -> Option<T>;
}

/// The difference modulo the size of the type, and whether it was out of range.
pub trait OverflowingSub<T> {
    fn overflowing_sub(self: T, v: T) -> (T, bool);
}

/// The difference modulo the size of the type.
pub trait WrappingSub<T> {
    fn wrapping_sub(self: T, v: T) -> T;
}

/// The product, if it is in range.
pub trait CheckedMul<T> {
    fn checked_mul(self: T, v: T) -> Option<T>;
}

/// The product modulo the size of the type, and whether it was out of range.
pub trait OverflowingMul<T> {
    fn overflowing_mul(self: T, v: T) -> (T, bool);
}

/// The product modulo the size of the type.
pub trait WrappingMul<T> {
    fn wrapping_mul(self: T, v: T) -> T;
}


/// Powers by squaring, for integers and felts.
mod powers {
    pub impl PowImpl<
        T, impl OneT: super::One<T>, +Mul<T>, +Copy<T>, +Drop<T>,
    > of super::Pow<T, usize> {
        type Output = T;
        fn pow(self: T, exp: usize) -> T {
            if exp == 0 {
                return OneT::one();
            }
            let (half, odd) = DivRem::div_rem(exp, 2);
            if half == 0 {
                return self;
            }
            let root = Self::pow(self, half);
            if odd == 0 {
                root * root
            } else {
                root * root * self
            }
        }
    }
}

impl PowFelt252 = powers::PowImpl<felt252>;
impl PowU8 = powers::PowImpl<u8>;
impl PowU16 = powers::PowImpl<u16>;
impl PowU32 = powers::PowImpl<u32>;
impl PowU64 = powers::PowImpl<u64>;
impl PowU128 = powers::PowImpl<u128>;
impl PowU256 = powers::PowImpl<u256>;

impl SqrtU8 of Sqrt<u8> {
    type Target = u8;
    fn sqrt(self: u8) -> u8 {
        crate::integer::u8_sqrt(self)
    }
}

impl SqrtU16 of Sqrt<u16> {
    type Target = u8;
    fn sqrt(self: u16) -> u8 {
        crate::integer::u16_sqrt(self)
    }
}

impl SqrtU32 of Sqrt<u32> {
    type Target = u16;
    fn sqrt(self: u32) -> u16 {
        crate::integer::u32_sqrt(self)
    }
}

impl SqrtU64 of Sqrt<u64> {
    type Target = u32;
    fn sqrt(self: u64) -> u32 {
        crate::integer::u64_sqrt(self)
    }
}

impl SqrtU128 of Sqrt<u128> {
    type Target = u64;
    fn sqrt(self: u128) -> u64 {
        crate::integer::u128_sqrt(self)
    }
}

impl SqrtU256 of Sqrt<u256> {
    type Target = u128;
    fn sqrt(self: u256) -> u128 {
        crate::integer::u256_sqrt(self)
    }
}
