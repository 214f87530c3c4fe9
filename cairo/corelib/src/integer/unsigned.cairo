//! Operators of unsigned integers.

use crate::num::traits::{OverflowingAdd, OverflowingSub};
use crate::traits::{BitAnd, BitOr, BitXor};
use crate::zeroable::IsZeroResult;
use super::{
    bitwise, u128_eq, u128_is_zero, u128_overflowing_add, u128_overflowing_sub, u128_safe_divmod,
    u128_to_felt252, u128_try_from_felt252, u16_bitwise, u16_eq, u16_is_zero, u16_overflowing_add,
    u16_overflowing_sub, u16_safe_divmod, u16_to_felt252, u16_try_from_felt252, u16_wide_mul,
    u32_bitwise, u32_eq, u32_is_zero, u32_overflowing_add, u32_overflowing_sub, u32_safe_divmod,
    u32_to_felt252, u32_try_from_felt252, u32_wide_mul, u64_bitwise, u64_eq, u64_is_zero,
    u64_overflowing_add, u64_overflowing_sub, u64_safe_divmod, u64_to_felt252, u64_try_from_felt252,
    u64_wide_mul, u8_bitwise, u8_eq, u8_is_zero, u8_overflowing_add, u8_overflowing_sub,
    u8_safe_divmod, u8_to_felt252, u8_try_from_felt252, u8_wide_mul,
};

pub impl U8IntoFelt252 of Into<u8, felt252> {
    const fn into(self: u8) -> felt252 {
        u8_to_felt252(self)
    }
}

pub impl Felt252TryIntoU8 of TryInto<felt252, u8> {
    const fn try_into(self: felt252) -> Option<u8> {
        u8_try_from_felt252(self)
    }
}

pub impl U8TryIntoNonZero of TryInto<u8, NonZero<u8>> {
    const fn try_into(self: u8) -> Option<NonZero<u8>> {
        match u8_is_zero(self) {
            IsZeroResult::Zero => None,
            IsZeroResult::NonZero(value) => Some(value),
        }
    }
}

pub impl U8PartialEq of PartialEq<u8> {
    #[inline]
    fn eq(lhs: @u8, rhs: @u8) -> bool {
        u8_eq(*lhs, *rhs)
    }
}

pub impl U8PartialOrd of PartialOrd<u8> {
    #[inline]
    fn lt(lhs: u8, rhs: u8) -> bool {
        u8_overflowing_sub(lhs, rhs).into_is_err()
    }

    #[inline]
    fn ge(lhs: u8, rhs: u8) -> bool {
        u8_overflowing_sub(lhs, rhs).into_is_ok()
    }
}

pub impl U8Add of Add<u8> {
    fn add(lhs: u8, rhs: u8) -> u8 {
        u8_overflowing_add(lhs, rhs).expect('u8_add Overflow')
    }
}

pub impl U8Sub of Sub<u8> {
    fn sub(lhs: u8, rhs: u8) -> u8 {
        u8_overflowing_sub(lhs, rhs).expect('u8_sub Overflow')
    }
}

pub impl U8Mul of Mul<u8> {
    fn mul(lhs: u8, rhs: u8) -> u8 {
        u8_wide_mul(lhs, rhs).try_into().expect('u8_mul Overflow')
    }
}

pub impl U8DivRem of DivRem<u8> {
    fn div_rem(lhs: u8, rhs: NonZero<u8>) -> (u8, u8) {
        u8_safe_divmod(lhs, rhs)
    }
}

pub impl U8BitAnd of BitAnd<u8> {
    #[inline]
    fn bitand(lhs: u8, rhs: u8) -> u8 {
        let (and, _, _) = u8_bitwise(lhs, rhs);
        and
    }
}

pub impl U8BitXor of BitXor<u8> {
    #[inline]
    fn bitxor(lhs: u8, rhs: u8) -> u8 {
        let (_, xor, _) = u8_bitwise(lhs, rhs);
        xor
    }
}

pub impl U8BitOr of BitOr<u8> {
    #[inline]
    fn bitor(lhs: u8, rhs: u8) -> u8 {
        let (_, _, or) = u8_bitwise(lhs, rhs);
        or
    }
}

pub impl U8OverflowingAdd of OverflowingAdd<u8> {
    fn overflowing_add(self: u8, v: u8) -> (u8, bool) {
        match u8_overflowing_add(self, v) {
            Ok(sum) => (sum, false),
            Err(wrapped) => (wrapped, true),
        }
    }
}

pub impl U8OverflowingSub of OverflowingSub<u8> {
    fn overflowing_sub(self: u8, v: u8) -> (u8, bool) {
        match u8_overflowing_sub(self, v) {
            Ok(difference) => (difference, false),
            Err(wrapped) => (wrapped, true),
        }
    }
}

pub impl U16IntoFelt252 of Into<u16, felt252> {
    const fn into(self: u16) -> felt252 {
        u16_to_felt252(self)
    }
}

pub impl Felt252TryIntoU16 of TryInto<felt252, u16> {
    const fn try_into(self: felt252) -> Option<u16> {
        u16_try_from_felt252(self)
    }
}

pub impl U16TryIntoNonZero of TryInto<u16, NonZero<u16>> {
    const fn try_into(self: u16) -> Option<NonZero<u16>> {
        match u16_is_zero(self) {
            IsZeroResult::Zero => None,
            IsZeroResult::NonZero(value) => Some(value),
        }
    }
}

pub impl U16PartialEq of PartialEq<u16> {
    #[inline]
    fn eq(lhs: @u16, rhs: @u16) -> bool {
        u16_eq(*lhs, *rhs)
    }
}

pub impl U16PartialOrd of PartialOrd<u16> {
    #[inline]
    fn lt(lhs: u16, rhs: u16) -> bool {
        u16_overflowing_sub(lhs, rhs).into_is_err()
    }

    #[inline]
    fn ge(lhs: u16, rhs: u16) -> bool {
        u16_overflowing_sub(lhs, rhs).into_is_ok()
    }
}

pub impl U16Add of Add<u16> {
    fn add(lhs: u16, rhs: u16) -> u16 {
        u16_overflowing_add(lhs, rhs).expect('u16_add Overflow')
    }
}

pub impl U16Sub of Sub<u16> {
    fn sub(lhs: u16, rhs: u16) -> u16 {
        u16_overflowing_sub(lhs, rhs).expect('u16_sub Overflow')
    }
}

pub impl U16Mul of Mul<u16> {
    fn mul(lhs: u16, rhs: u16) -> u16 {
        u16_wide_mul(lhs, rhs).try_into().expect('u16_mul Overflow')
    }
}

pub impl U16DivRem of DivRem<u16> {
    fn div_rem(lhs: u16, rhs: NonZero<u16>) -> (u16, u16) {
        u16_safe_divmod(lhs, rhs)
    }
}

pub impl U16BitAnd of BitAnd<u16> {
    #[inline]
    fn bitand(lhs: u16, rhs: u16) -> u16 {
        let (and, _, _) = u16_bitwise(lhs, rhs);
        and
    }
}

pub impl U16BitXor of BitXor<u16> {
    #[inline]
    fn bitxor(lhs: u16, rhs: u16) -> u16 {
        let (_, xor, _) = u16_bitwise(lhs, rhs);
        xor
    }
}

pub impl U16BitOr of BitOr<u16> {
    #[inline]
    fn bitor(lhs: u16, rhs: u16) -> u16 {
        let (_, _, or) = u16_bitwise(lhs, rhs);
        or
    }
}

pub impl U16OverflowingAdd of OverflowingAdd<u16> {
    fn overflowing_add(self: u16, v: u16) -> (u16, bool) {
        match u16_overflowing_add(self, v) {
            Ok(sum) => (sum, false),
            Err(wrapped) => (wrapped, true),
        }
    }
}

pub impl U16OverflowingSub of OverflowingSub<u16> {
    fn overflowing_sub(self: u16, v: u16) -> (u16, bool) {
        match u16_overflowing_sub(self, v) {
            Ok(difference) => (difference, false),
            Err(wrapped) => (wrapped, true),
        }
    }
}

pub impl U32IntoFelt252 of Into<u32, felt252> {
    const fn into(self: u32) -> felt252 {
        u32_to_felt252(self)
    }
}

pub impl Felt252TryIntoU32 of TryInto<felt252, u32> {
    const fn try_into(self: felt252) -> Option<u32> {
        u32_try_from_felt252(self)
    }
}

pub impl U32TryIntoNonZero of TryInto<u32, NonZero<u32>> {
    const fn try_into(self: u32) -> Option<NonZero<u32>> {
        match u32_is_zero(self) {
            IsZeroResult::Zero => None,
            IsZeroResult::NonZero(value) => Some(value),
        }
    }
}

pub impl U32PartialEq of PartialEq<u32> {
    #[inline]
    fn eq(lhs: @u32, rhs: @u32) -> bool {
        u32_eq(*lhs, *rhs)
    }
}

pub impl U32PartialOrd of PartialOrd<u32> {
    #[inline]
    fn lt(lhs: u32, rhs: u32) -> bool {
        u32_overflowing_sub(lhs, rhs).into_is_err()
    }

    #[inline]
    fn ge(lhs: u32, rhs: u32) -> bool {
        u32_overflowing_sub(lhs, rhs).into_is_ok()
    }
}

pub impl U32Add of Add<u32> {
    fn add(lhs: u32, rhs: u32) -> u32 {
        u32_overflowing_add(lhs, rhs).expect('u32_add Overflow')
    }
}

pub impl U32Sub of Sub<u32> {
    fn sub(lhs: u32, rhs: u32) -> u32 {
        u32_overflowing_sub(lhs, rhs).expect('u32_sub Overflow')
    }
}

pub impl U32Mul of Mul<u32> {
    fn mul(lhs: u32, rhs: u32) -> u32 {
        u32_wide_mul(lhs, rhs).try_into().expect('u32_mul Overflow')
    }
}

pub impl U32DivRem of DivRem<u32> {
    fn div_rem(lhs: u32, rhs: NonZero<u32>) -> (u32, u32) {
        u32_safe_divmod(lhs, rhs)
    }
}

pub impl U32BitAnd of BitAnd<u32> {
    #[inline]
    fn bitand(lhs: u32, rhs: u32) -> u32 {
        let (and, _, _) = u32_bitwise(lhs, rhs);
        and
    }
}

pub impl U32BitXor of BitXor<u32> {
    #[inline]
    fn bitxor(lhs: u32, rhs: u32) -> u32 {
        let (_, xor, _) = u32_bitwise(lhs, rhs);
        xor
    }
}

pub impl U32BitOr of BitOr<u32> {
    #[inline]
    fn bitor(lhs: u32, rhs: u32) -> u32 {
        let (_, _, or) = u32_bitwise(lhs, rhs);
        or
    }
}

pub impl U32OverflowingAdd of OverflowingAdd<u32> {
    fn overflowing_add(self: u32, v: u32) -> (u32, bool) {
        match u32_overflowing_add(self, v) {
            Ok(sum) => (sum, false),
            Err(wrapped) => (wrapped, true),
        }
    }
}

pub impl U32OverflowingSub of OverflowingSub<u32> {
    fn overflowing_sub(self: u32, v: u32) -> (u32, bool) {
        match u32_overflowing_sub(self, v) {
            Ok(difference) => (difference, false),
            Err(wrapped) => (wrapped, true),
        }
    }
}

pub impl U64IntoFelt252 of Into<u64, felt252> {
    const fn into(self: u64) -> felt252 {
        u64_to_felt252(self)
    }
}

pub impl Felt252TryIntoU64 of TryInto<felt252, u64> {
    const fn try_into(self: felt252) -> Option<u64> {
        u64_try_from_felt252(self)
    }
}

pub impl U64TryIntoNonZero of TryInto<u64, NonZero<u64>> {
    const fn try_into(self: u64) -> Option<NonZero<u64>> {
        match u64_is_zero(self) {
            IsZeroResult::Zero => None,
            IsZeroResult::NonZero(value) => Some(value),
        }
    }
}

pub impl U64PartialEq of PartialEq<u64> {
    #[inline]
    fn eq(lhs: @u64, rhs: @u64) -> bool {
        u64_eq(*lhs, *rhs)
    }
}

pub impl U64PartialOrd of PartialOrd<u64> {
    #[inline]
    fn lt(lhs: u64, rhs: u64) -> bool {
        u64_overflowing_sub(lhs, rhs).into_is_err()
    }

    #[inline]
    fn ge(lhs: u64, rhs: u64) -> bool {
        u64_overflowing_sub(lhs, rhs).into_is_ok()
    }
}

pub impl U64Add of Add<u64> {
    fn add(lhs: u64, rhs: u64) -> u64 {
        u64_overflowing_add(lhs, rhs).expect('u64_add Overflow')
    }
}

pub impl U64Sub of Sub<u64> {
    fn sub(lhs: u64, rhs: u64) -> u64 {
        u64_overflowing_sub(lhs, rhs).expect('u64_sub Overflow')
    }
}

pub impl U64Mul of Mul<u64> {
    fn mul(lhs: u64, rhs: u64) -> u64 {
        u64_wide_mul(lhs, rhs).try_into().expect('u64_mul Overflow')
    }
}

pub impl U64DivRem of DivRem<u64> {
    fn div_rem(lhs: u64, rhs: NonZero<u64>) -> (u64, u64) {
        u64_safe_divmod(lhs, rhs)
    }
}

pub impl U64BitAnd of BitAnd<u64> {
    #[inline]
    fn bitand(lhs: u64, rhs: u64) -> u64 {
        let (and, _, _) = u64_bitwise(lhs, rhs);
        and
    }
}

pub impl U64BitXor of BitXor<u64> {
    #[inline]
    fn bitxor(lhs: u64, rhs: u64) -> u64 {
        let (_, xor, _) = u64_bitwise(lhs, rhs);
        xor
    }
}

pub impl U64BitOr of BitOr<u64> {
    #[inline]
    fn bitor(lhs: u64, rhs: u64) -> u64 {
        let (_, _, or) = u64_bitwise(lhs, rhs);
        or
    }
}

pub impl U64OverflowingAdd of OverflowingAdd<u64> {
    fn overflowing_add(self: u64, v: u64) -> (u64, bool) {
        match u64_overflowing_add(self, v) {
            Ok(sum) => (sum, false),
            Err(wrapped) => (wrapped, true),
        }
    }
}

pub impl U64OverflowingSub of OverflowingSub<u64> {
    fn overflowing_sub(self: u64, v: u64) -> (u64, bool) {
        match u64_overflowing_sub(self, v) {
            Ok(difference) => (difference, false),
            Err(wrapped) => (wrapped, true),
        }
    }
}

pub impl U128IntoFelt252 of Into<u128, felt252> {
    const fn into(self: u128) -> felt252 {
        u128_to_felt252(self)
    }
}

pub impl Felt252TryIntoU128 of TryInto<felt252, u128> {
    const fn try_into(self: felt252) -> Option<u128> {
        u128_try_from_felt252(self)
    }
}

pub impl U128TryIntoNonZero of TryInto<u128, NonZero<u128>> {
    const fn try_into(self: u128) -> Option<NonZero<u128>> {
        match u128_is_zero(self) {
            IsZeroResult::Zero => None,
            IsZeroResult::NonZero(value) => Some(value),
        }
    }
}

pub impl U128PartialEq of PartialEq<u128> {
    #[inline]
    fn eq(lhs: @u128, rhs: @u128) -> bool {
        u128_eq(*lhs, *rhs)
    }
}

pub impl U128PartialOrd of PartialOrd<u128> {
    #[inline]
    fn lt(lhs: u128, rhs: u128) -> bool {
        u128_overflowing_sub(lhs, rhs).into_is_err()
    }

    #[inline]
    fn ge(lhs: u128, rhs: u128) -> bool {
        u128_overflowing_sub(lhs, rhs).into_is_ok()
    }
}

pub impl U128Add of Add<u128> {
    fn add(lhs: u128, rhs: u128) -> u128 {
        u128_overflowing_add(lhs, rhs).expect('u128_add Overflow')
    }
}

pub impl U128Sub of Sub<u128> {
    fn sub(lhs: u128, rhs: u128) -> u128 {
        u128_overflowing_sub(lhs, rhs).expect('u128_sub Overflow')
    }
}

pub impl U128DivRem of DivRem<u128> {
    fn div_rem(lhs: u128, rhs: NonZero<u128>) -> (u128, u128) {
        u128_safe_divmod(lhs, rhs)
    }
}

pub impl U128BitAnd of BitAnd<u128> {
    #[inline]
    fn bitand(lhs: u128, rhs: u128) -> u128 {
        let (and, _, _) = bitwise(lhs, rhs);
        and
    }
}

pub impl U128BitXor of BitXor<u128> {
    #[inline]
    fn bitxor(lhs: u128, rhs: u128) -> u128 {
        let (_, xor, _) = bitwise(lhs, rhs);
        xor
    }
}

pub impl U128BitOr of BitOr<u128> {
    #[inline]
    fn bitor(lhs: u128, rhs: u128) -> u128 {
        let (_, _, or) = bitwise(lhs, rhs);
        or
    }
}

pub impl U128OverflowingAdd of OverflowingAdd<u128> {
    fn overflowing_add(self: u128, v: u128) -> (u128, bool) {
        match u128_overflowing_add(self, v) {
            Ok(sum) => (sum, false),
            Err(wrapped) => (wrapped, true),
        }
    }
}

pub impl U128OverflowingSub of OverflowingSub<u128> {
    fn overflowing_sub(self: u128, v: u128) -> (u128, bool) {
        match u128_overflowing_sub(self, v) {
            Ok(difference) => (difference, false),
            Err(wrapped) => (wrapped, true),
        }
    }
}
