//! What all integers have in the same way.

use crate::num::traits::{
    BitSize, Bounded, CheckedAdd, CheckedMul, CheckedSub, One, OverflowingAdd, OverflowingMul,
    OverflowingSub, WrappingAdd, WrappingMul, WrappingSub, Zero,
};

mod division {
    pub impl DivImpl<T, +DivRem<T>, +TryInto<T, NonZero<T>>, +Drop<T>> of Div<T> {
        fn div(lhs: T, rhs: T) -> T {
            let (quotient, _) = DivRem::div_rem(lhs, rhs.try_into().expect('Division by 0'));
            quotient
        }
    }

    pub impl RemImpl<T, +DivRem<T>, +TryInto<T, NonZero<T>>, +Drop<T>> of Rem<T> {
        fn rem(lhs: T, rhs: T) -> T {
            let (_, remainder) = DivRem::div_rem(lhs, rhs.try_into().expect('Division by 0'));
            remainder
        }
    }
}

mod overflow {
    use super::{
        CheckedAdd, CheckedMul, CheckedSub, OverflowingAdd, OverflowingMul, OverflowingSub,
        WrappingAdd, WrappingMul, WrappingSub,
    };

    pub impl CheckedAddImpl<T, +Drop<T>, +OverflowingAdd<T>> of CheckedAdd<T> {
        fn checked_add(self: T, v: T) -> Option<T> {
            let (result, overflow) = self.overflowing_add(v);
            if overflow {
                None
            } else {
                Some(result)
            }
        }
    }

    pub impl CheckedSubImpl<T, +Drop<T>, +OverflowingSub<T>> of CheckedSub<T> {
        fn checked_sub(self: T, v: T) -> Option<T> {
            let (result, overflow) = self.overflowing_sub(v);
            if overflow {
                None
            } else {
                Some(result)
            }
        }
    }

    pub impl CheckedMulImpl<T, +Drop<T>, +OverflowingMul<T>> of CheckedMul<T> {
        fn checked_mul(self: T, v: T) -> Option<T> {
            let (result, overflow) = self.overflowing_mul(v);
            if overflow {
                None
            } else {
                Some(result)
            }
        }
    }

    pub impl WrappingAddImpl<T, +OverflowingAdd<T>> of WrappingAdd<T> {
        fn wrapping_add(self: T, v: T) -> T {
            let (result, _) = self.overflowing_add(v);
            result
        }
    }

    pub impl WrappingSubImpl<T, +OverflowingSub<T>> of WrappingSub<T> {
        fn wrapping_sub(self: T, v: T) -> T {
            let (result, _) = self.overflowing_sub(v);
            result
        }
    }

    pub impl WrappingMulImpl<T, +OverflowingMul<T>> of WrappingMul<T> {
        fn wrapping_mul(self: T, v: T) -> T {
            let (result, _) = self.overflowing_mul(v);
            result
        }
    }
}

pub impl U8Default of Default<u8> {
    #[inline]
    fn default() -> u8 nopanic {
        0_u8
    }
}

pub impl U8Zero of Zero<u8> {
    const fn zero() -> u8 {
        0
    }

    #[inline]
    const fn is_zero(self: @u8) -> bool {
        *self == 0
    }

    #[inline]
    const fn is_non_zero(self: @u8) -> bool {
        !self.is_zero()
    }
}

pub impl U8One of One<u8> {
    const fn one() -> u8 {
        1
    }

    #[inline]
    const fn is_one(self: @u8) -> bool {
        *self == 1
    }

    #[inline]
    const fn is_non_one(self: @u8) -> bool {
        !self.is_one()
    }
}

pub impl U16Default of Default<u16> {
    #[inline]
    fn default() -> u16 nopanic {
        0_u16
    }
}

pub impl U16Zero of Zero<u16> {
    const fn zero() -> u16 {
        0
    }

    #[inline]
    const fn is_zero(self: @u16) -> bool {
        *self == 0
    }

    #[inline]
    const fn is_non_zero(self: @u16) -> bool {
        !self.is_zero()
    }
}

pub impl U16One of One<u16> {
    const fn one() -> u16 {
        1
    }

    #[inline]
    const fn is_one(self: @u16) -> bool {
        *self == 1
    }

    #[inline]
    const fn is_non_one(self: @u16) -> bool {
        !self.is_one()
    }
}

pub impl U32Default of Default<u32> {
    #[inline]
    fn default() -> u32 nopanic {
        0_u32
    }
}

pub impl U32Zero of Zero<u32> {
    const fn zero() -> u32 {
        0
    }

    #[inline]
    const fn is_zero(self: @u32) -> bool {
        *self == 0
    }

    #[inline]
    const fn is_non_zero(self: @u32) -> bool {
        !self.is_zero()
    }
}

pub impl U32One of One<u32> {
    const fn one() -> u32 {
        1
    }

    #[inline]
    const fn is_one(self: @u32) -> bool {
        *self == 1
    }

    #[inline]
    const fn is_non_one(self: @u32) -> bool {
        !self.is_one()
    }
}

pub impl U64Default of Default<u64> {
    #[inline]
    fn default() -> u64 nopanic {
        0_u64
    }
}

pub impl U64Zero of Zero<u64> {
    const fn zero() -> u64 {
        0
    }

    #[inline]
    const fn is_zero(self: @u64) -> bool {
        *self == 0
    }

    #[inline]
    const fn is_non_zero(self: @u64) -> bool {
        !self.is_zero()
    }
}

pub impl U64One of One<u64> {
    const fn one() -> u64 {
        1
    }

    #[inline]
    const fn is_one(self: @u64) -> bool {
        *self == 1
    }

    #[inline]
    const fn is_non_one(self: @u64) -> bool {
        !self.is_one()
    }
}

pub impl U128Default of Default<u128> {
    #[inline]
    fn default() -> u128 nopanic {
        0_u128
    }
}

pub impl U128Zero of Zero<u128> {
    const fn zero() -> u128 {
        0
    }

    #[inline]
    const fn is_zero(self: @u128) -> bool {
        *self == 0
    }

    #[inline]
    const fn is_non_zero(self: @u128) -> bool {
        !self.is_zero()
    }
}

pub impl U128One of One<u128> {
    const fn one() -> u128 {
        1
    }

    #[inline]
    const fn is_one(self: @u128) -> bool {
        *self == 1
    }

    #[inline]
    const fn is_non_one(self: @u128) -> bool {
        !self.is_one()
    }
}

pub impl I8Default of Default<i8> {
    #[inline]
    fn default() -> i8 nopanic {
        0_i8
    }
}

pub impl I8Zero of Zero<i8> {
    const fn zero() -> i8 {
        0
    }

    #[inline]
    const fn is_zero(self: @i8) -> bool {
        *self == 0
    }

    #[inline]
    const fn is_non_zero(self: @i8) -> bool {
        !self.is_zero()
    }
}

pub impl I8One of One<i8> {
    const fn one() -> i8 {
        1
    }

    #[inline]
    const fn is_one(self: @i8) -> bool {
        *self == 1
    }

    #[inline]
    const fn is_non_one(self: @i8) -> bool {
        !self.is_one()
    }
}

pub impl I16Default of Default<i16> {
    #[inline]
    fn default() -> i16 nopanic {
        0_i16
    }
}

pub impl I16Zero of Zero<i16> {
    const fn zero() -> i16 {
        0
    }

    #[inline]
    const fn is_zero(self: @i16) -> bool {
        *self == 0
    }

    #[inline]
    const fn is_non_zero(self: @i16) -> bool {
        !self.is_zero()
    }
}

pub impl I16One of One<i16> {
    const fn one() -> i16 {
        1
    }

    #[inline]
    const fn is_one(self: @i16) -> bool {
        *self == 1
    }

    #[inline]
    const fn is_non_one(self: @i16) -> bool {
        !self.is_one()
    }
}

pub impl I32Default of Default<i32> {
    #[inline]
    fn default() -> i32 nopanic {
        0_i32
    }
}

pub impl I32Zero of Zero<i32> {
    const fn zero() -> i32 {
        0
    }

    #[inline]
    const fn is_zero(self: @i32) -> bool {
        *self == 0
    }

    #[inline]
    const fn is_non_zero(self: @i32) -> bool {
        !self.is_zero()
    }
}

pub impl I32One of One<i32> {
    const fn one() -> i32 {
        1
    }

    #[inline]
    const fn is_one(self: @i32) -> bool {
        *self == 1
    }

    #[inline]
    const fn is_non_one(self: @i32) -> bool {
        !self.is_one()
    }
}

pub impl I64Default of Default<i64> {
    #[inline]
    fn default() -> i64 nopanic {
        0_i64
    }
}

pub impl I64Zero of Zero<i64> {
    const fn zero() -> i64 {
        0
    }

    #[inline]
    const fn is_zero(self: @i64) -> bool {
        *self == 0
    }

    #[inline]
    const fn is_non_zero(self: @i64) -> bool {
        !self.is_zero()
    }
}

pub impl I64One of One<i64> {
    const fn one() -> i64 {
        1
    }

    #[inline]
    const fn is_one(self: @i64) -> bool {
        *self == 1
    }

    #[inline]
    const fn is_non_one(self: @i64) -> bool {
        !self.is_one()
    }
}

pub impl I128Default of Default<i128> {
    #[inline]
    fn default() -> i128 nopanic {
        0_i128
    }
}

pub impl I128Zero of Zero<i128> {
    const fn zero() -> i128 {
        0
    }

    #[inline]
    const fn is_zero(self: @i128) -> bool {
        *self == 0
    }

    #[inline]
    const fn is_non_zero(self: @i128) -> bool {
        !self.is_zero()
    }
}

pub impl I128One of One<i128> {
    const fn one() -> i128 {
        1
    }

    #[inline]
    const fn is_one(self: @i128) -> bool {
        *self == 1
    }

    #[inline]
    const fn is_non_one(self: @i128) -> bool {
        !self.is_one()
    }
}

pub impl U256Default of Default<u256> {
    #[inline]
    fn default() -> u256 nopanic {
        0_u256
    }
}

pub impl U256Zero of Zero<u256> {
    const fn zero() -> u256 {
        0
    }

    #[inline]
    const fn is_zero(self: @u256) -> bool {
        *self == 0
    }

    #[inline]
    const fn is_non_zero(self: @u256) -> bool {
        !self.is_zero()
    }
}

pub impl U256One of One<u256> {
    const fn one() -> u256 {
        1
    }

    #[inline]
    const fn is_one(self: @u256) -> bool {
        *self == 1
    }

    #[inline]
    const fn is_non_one(self: @u256) -> bool {
        !self.is_one()
    }
}

pub impl U8Div = division::DivImpl<u8>;
pub impl U8Rem = division::RemImpl<u8>;
pub impl U8CheckedAdd = overflow::CheckedAddImpl<u8>;
pub impl U8CheckedSub = overflow::CheckedSubImpl<u8>;
pub impl U8WrappingAdd = overflow::WrappingAddImpl<u8>;
pub impl U8WrappingSub = overflow::WrappingSubImpl<u8>;

pub impl U8Felt252DictValue of Felt252DictValue<u8> {
    #[inline]
    fn zero_default() -> u8 nopanic {
        0
    }
}

pub impl U16Div = division::DivImpl<u16>;
pub impl U16Rem = division::RemImpl<u16>;
pub impl U16CheckedAdd = overflow::CheckedAddImpl<u16>;
pub impl U16CheckedSub = overflow::CheckedSubImpl<u16>;
pub impl U16WrappingAdd = overflow::WrappingAddImpl<u16>;
pub impl U16WrappingSub = overflow::WrappingSubImpl<u16>;

pub impl U16Felt252DictValue of Felt252DictValue<u16> {
    #[inline]
    fn zero_default() -> u16 nopanic {
        0
    }
}

pub impl U32Div = division::DivImpl<u32>;
pub impl U32Rem = division::RemImpl<u32>;
pub impl U32CheckedAdd = overflow::CheckedAddImpl<u32>;
pub impl U32CheckedSub = overflow::CheckedSubImpl<u32>;
pub impl U32WrappingAdd = overflow::WrappingAddImpl<u32>;
pub impl U32WrappingSub = overflow::WrappingSubImpl<u32>;

pub impl U32Felt252DictValue of Felt252DictValue<u32> {
    #[inline]
    fn zero_default() -> u32 nopanic {
        0
    }
}

pub impl U64Div = division::DivImpl<u64>;
pub impl U64Rem = division::RemImpl<u64>;
pub impl U64CheckedAdd = overflow::CheckedAddImpl<u64>;
pub impl U64CheckedSub = overflow::CheckedSubImpl<u64>;
pub impl U64WrappingAdd = overflow::WrappingAddImpl<u64>;
pub impl U64WrappingSub = overflow::WrappingSubImpl<u64>;

pub impl U64Felt252DictValue of Felt252DictValue<u64> {
    #[inline]
    fn zero_default() -> u64 nopanic {
        0
    }
}

pub impl U128Div = division::DivImpl<u128>;
pub impl U128Rem = division::RemImpl<u128>;
pub impl U128CheckedAdd = overflow::CheckedAddImpl<u128>;
pub impl U128CheckedSub = overflow::CheckedSubImpl<u128>;
pub impl U128WrappingAdd = overflow::WrappingAddImpl<u128>;
pub impl U128WrappingSub = overflow::WrappingSubImpl<u128>;

pub impl U128Felt252DictValue of Felt252DictValue<u128> {
    #[inline]
    fn zero_default() -> u128 nopanic {
        0
    }
}

pub impl U256Div = division::DivImpl<u256>;
pub impl U256Rem = division::RemImpl<u256>;
pub impl U256CheckedAdd = overflow::CheckedAddImpl<u256>;
pub impl U256CheckedSub = overflow::CheckedSubImpl<u256>;
pub impl U256WrappingAdd = overflow::WrappingAddImpl<u256>;
pub impl U256WrappingSub = overflow::WrappingSubImpl<u256>;

pub impl U8BitSize of BitSize<u8> {
    fn bits() -> usize {
        8
    }
}

pub impl U8Bounded of Bounded<u8> {
    const MIN: u8 = 0;
    const MAX: u8 = 0xff;
}

pub impl U16BitSize of BitSize<u16> {
    fn bits() -> usize {
        16
    }
}

pub impl U16Bounded of Bounded<u16> {
    const MIN: u16 = 0;
    const MAX: u16 = 0xffff;
}

pub impl U32BitSize of BitSize<u32> {
    fn bits() -> usize {
        32
    }
}

pub impl U32Bounded of Bounded<u32> {
    const MIN: u32 = 0;
    const MAX: u32 = 0xffffffff;
}

pub impl U64BitSize of BitSize<u64> {
    fn bits() -> usize {
        64
    }
}

pub impl U64Bounded of Bounded<u64> {
    const MIN: u64 = 0;
    const MAX: u64 = 0xffffffffffffffff;
}

pub impl U128BitSize of BitSize<u128> {
    fn bits() -> usize {
        128
    }
}

pub impl U128Bounded of Bounded<u128> {
    const MIN: u128 = 0;
    const MAX: u128 = 0xffffffffffffffffffffffffffffffff;
}

pub impl I8BitSize of BitSize<i8> {
    fn bits() -> usize {
        8
    }
}

pub impl I8Bounded of Bounded<i8> {
    const MIN: i8 = -0x80;
    const MAX: i8 = 0x7f;
}

pub impl I16BitSize of BitSize<i16> {
    fn bits() -> usize {
        16
    }
}

pub impl I16Bounded of Bounded<i16> {
    const MIN: i16 = -0x8000;
    const MAX: i16 = 0x7fff;
}

pub impl I32BitSize of BitSize<i32> {
    fn bits() -> usize {
        32
    }
}

pub impl I32Bounded of Bounded<i32> {
    const MIN: i32 = -0x80000000;
    const MAX: i32 = 0x7fffffff;
}

pub impl I64BitSize of BitSize<i64> {
    fn bits() -> usize {
        64
    }
}

pub impl I64Bounded of Bounded<i64> {
    const MIN: i64 = -0x8000000000000000;
    const MAX: i64 = 0x7fffffffffffffff;
}

pub impl I128BitSize of BitSize<i128> {
    fn bits() -> usize {
        128
    }
}

pub impl I128Bounded of Bounded<i128> {
    const MIN: i128 = -0x80000000000000000000000000000000;
    const MAX: i128 = 0x7fffffffffffffffffffffffffffffff;
}

pub impl U256BitSize of BitSize<u256> {
    fn bits() -> usize {
        256
    }
}

pub impl U256Bounded of Bounded<u256> {
    const MIN: u256 = 0;
    const MAX: u256 = 0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff;
}
