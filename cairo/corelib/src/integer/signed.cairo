//! Operators of signed integers.

use super::{
    SignedIntegerResult, i128_diff, i128_eq, i128_overflowing_add_impl, i128_overflowing_sub_impl,
    i128_to_felt252, i128_try_from_felt252, i16_diff, i16_eq, i16_overflowing_add_impl,
    i16_overflowing_sub_impl, i16_to_felt252, i16_try_from_felt252, i16_wide_mul, i32_diff, i32_eq,
    i32_overflowing_add_impl, i32_overflowing_sub_impl, i32_to_felt252, i32_try_from_felt252,
    i32_wide_mul, i64_diff, i64_eq, i64_overflowing_add_impl, i64_overflowing_sub_impl,
    i64_to_felt252, i64_try_from_felt252, i64_wide_mul, i8_diff, i8_eq, i8_overflowing_add_impl,
    i8_overflowing_sub_impl, i8_to_felt252, i8_try_from_felt252, i8_wide_mul,
};

pub impl I8IntoFelt252 of Into<i8, felt252> {
    const fn into(self: i8) -> felt252 {
        i8_to_felt252(self)
    }
}

pub impl Felt252TryIntoI8 of TryInto<felt252, i8> {
    const fn try_into(self: felt252) -> Option<i8> {
        i8_try_from_felt252(self)
    }
}

pub impl I8PartialEq of PartialEq<i8> {
    #[inline]
    fn eq(lhs: @i8, rhs: @i8) -> bool {
        i8_eq(*lhs, *rhs)
    }
}

pub impl I8PartialOrd of PartialOrd<i8> {
    #[inline]
    fn lt(lhs: i8, rhs: i8) -> bool {
        i8_diff(lhs, rhs).into_is_err()
    }

    #[inline]
    fn ge(lhs: i8, rhs: i8) -> bool {
        i8_diff(lhs, rhs).into_is_ok()
    }
}

pub impl I8Add of Add<i8> {
    fn add(lhs: i8, rhs: i8) -> i8 {
        match i8_overflowing_add_impl(lhs, rhs) {
            SignedIntegerResult::InRange(sum) => sum,
            SignedIntegerResult::Underflow(_) => crate::panic_with_felt252('i8_add Underflow'),
            SignedIntegerResult::Overflow(_) => crate::panic_with_felt252('i8_add Overflow'),
        }
    }
}

pub impl I8Sub of Sub<i8> {
    fn sub(lhs: i8, rhs: i8) -> i8 {
        match i8_overflowing_sub_impl(lhs, rhs) {
            SignedIntegerResult::InRange(difference) => difference,
            SignedIntegerResult::Underflow(_) => crate::panic_with_felt252('i8_sub Underflow'),
            SignedIntegerResult::Overflow(_) => crate::panic_with_felt252('i8_sub Overflow'),
        }
    }
}

pub impl I8Neg of Neg<i8> {
    #[inline]
    fn neg(a: i8) -> i8 {
        0 - a
    }
}

pub impl I8Mul of Mul<i8> {
    fn mul(lhs: i8, rhs: i8) -> i8 {
        i8_wide_mul(lhs, rhs).try_into().expect('i8_mul Overflow')
    }
}

pub impl I16IntoFelt252 of Into<i16, felt252> {
    const fn into(self: i16) -> felt252 {
        i16_to_felt252(self)
    }
}

pub impl Felt252TryIntoI16 of TryInto<felt252, i16> {
    const fn try_into(self: felt252) -> Option<i16> {
        i16_try_from_felt252(self)
    }
}

pub impl I16PartialEq of PartialEq<i16> {
    #[inline]
    fn eq(lhs: @i16, rhs: @i16) -> bool {
        i16_eq(*lhs, *rhs)
    }
}

pub impl I16PartialOrd of PartialOrd<i16> {
    #[inline]
    fn lt(lhs: i16, rhs: i16) -> bool {
        i16_diff(lhs, rhs).into_is_err()
    }

    #[inline]
    fn ge(lhs: i16, rhs: i16) -> bool {
        i16_diff(lhs, rhs).into_is_ok()
    }
}

pub impl I16Add of Add<i16> {
    fn add(lhs: i16, rhs: i16) -> i16 {
        match i16_overflowing_add_impl(lhs, rhs) {
            SignedIntegerResult::InRange(sum) => sum,
            SignedIntegerResult::Underflow(_) => crate::panic_with_felt252('i16_add Underflow'),
            SignedIntegerResult::Overflow(_) => crate::panic_with_felt252('i16_add Overflow'),
        }
    }
}

pub impl I16Sub of Sub<i16> {
    fn sub(lhs: i16, rhs: i16) -> i16 {
        match i16_overflowing_sub_impl(lhs, rhs) {
            SignedIntegerResult::InRange(difference) => difference,
            SignedIntegerResult::Underflow(_) => crate::panic_with_felt252('i16_sub Underflow'),
            SignedIntegerResult::Overflow(_) => crate::panic_with_felt252('i16_sub Overflow'),
        }
    }
}

pub impl I16Neg of Neg<i16> {
    #[inline]
    fn neg(a: i16) -> i16 {
        0 - a
    }
}

pub impl I16Mul of Mul<i16> {
    fn mul(lhs: i16, rhs: i16) -> i16 {
        i16_wide_mul(lhs, rhs).try_into().expect('i16_mul Overflow')
    }
}

pub impl I32IntoFelt252 of Into<i32, felt252> {
    const fn into(self: i32) -> felt252 {
        i32_to_felt252(self)
    }
}

pub impl Felt252TryIntoI32 of TryInto<felt252, i32> {
    const fn try_into(self: felt252) -> Option<i32> {
        i32_try_from_felt252(self)
    }
}

pub impl I32PartialEq of PartialEq<i32> {
    #[inline]
    fn eq(lhs: @i32, rhs: @i32) -> bool {
        i32_eq(*lhs, *rhs)
    }
}

pub impl I32PartialOrd of PartialOrd<i32> {
    #[inline]
    fn lt(lhs: i32, rhs: i32) -> bool {
        i32_diff(lhs, rhs).into_is_err()
    }

    #[inline]
    fn ge(lhs: i32, rhs: i32) -> bool {
        i32_diff(lhs, rhs).into_is_ok()
    }
}

pub impl I32Add of Add<i32> {
    fn add(lhs: i32, rhs: i32) -> i32 {
        match i32_overflowing_add_impl(lhs, rhs) {
            SignedIntegerResult::InRange(sum) => sum,
            SignedIntegerResult::Underflow(_) => crate::panic_with_felt252('i32_add Underflow'),
            SignedIntegerResult::Overflow(_) => crate::panic_with_felt252('i32_add Overflow'),
        }
    }
}

pub impl I32Sub of Sub<i32> {
    fn sub(lhs: i32, rhs: i32) -> i32 {
        match i32_overflowing_sub_impl(lhs, rhs) {
            SignedIntegerResult::InRange(difference) => difference,
            SignedIntegerResult::Underflow(_) => crate::panic_with_felt252('i32_sub Underflow'),
            SignedIntegerResult::Overflow(_) => crate::panic_with_felt252('i32_sub Overflow'),
        }
    }
}

pub impl I32Neg of Neg<i32> {
    #[inline]
    fn neg(a: i32) -> i32 {
        0 - a
    }
}

pub impl I32Mul of Mul<i32> {
    fn mul(lhs: i32, rhs: i32) -> i32 {
        i32_wide_mul(lhs, rhs).try_into().expect('i32_mul Overflow')
    }
}

pub impl I64IntoFelt252 of Into<i64, felt252> {
    const fn into(self: i64) -> felt252 {
        i64_to_felt252(self)
    }
}

pub impl Felt252TryIntoI64 of TryInto<felt252, i64> {
    const fn try_into(self: felt252) -> Option<i64> {
        i64_try_from_felt252(self)
    }
}

pub impl I64PartialEq of PartialEq<i64> {
    #[inline]
    fn eq(lhs: @i64, rhs: @i64) -> bool {
        i64_eq(*lhs, *rhs)
    }
}

pub impl I64PartialOrd of PartialOrd<i64> {
    #[inline]
    fn lt(lhs: i64, rhs: i64) -> bool {
        i64_diff(lhs, rhs).into_is_err()
    }

    #[inline]
    fn ge(lhs: i64, rhs: i64) -> bool {
        i64_diff(lhs, rhs).into_is_ok()
    }
}

pub impl I64Add of Add<i64> {
    fn add(lhs: i64, rhs: i64) -> i64 {
        match i64_overflowing_add_impl(lhs, rhs) {
            SignedIntegerResult::InRange(sum) => sum,
            SignedIntegerResult::Underflow(_) => crate::panic_with_felt252('i64_add Underflow'),
            SignedIntegerResult::Overflow(_) => crate::panic_with_felt252('i64_add Overflow'),
        }
    }
}

pub impl I64Sub of Sub<i64> {
    fn sub(lhs: i64, rhs: i64) -> i64 {
        match i64_overflowing_sub_impl(lhs, rhs) {
            SignedIntegerResult::InRange(difference) => difference,
            SignedIntegerResult::Underflow(_) => crate::panic_with_felt252('i64_sub Underflow'),
            SignedIntegerResult::Overflow(_) => crate::panic_with_felt252('i64_sub Overflow'),
        }
    }
}

pub impl I64Neg of Neg<i64> {
    #[inline]
    fn neg(a: i64) -> i64 {
        0 - a
    }
}

pub impl I64Mul of Mul<i64> {
    fn mul(lhs: i64, rhs: i64) -> i64 {
        i64_wide_mul(lhs, rhs).try_into().expect('i64_mul Overflow')
    }
}

pub impl I128IntoFelt252 of Into<i128, felt252> {
    const fn into(self: i128) -> felt252 {
        i128_to_felt252(self)
    }
}

pub impl Felt252TryIntoI128 of TryInto<felt252, i128> {
    const fn try_into(self: felt252) -> Option<i128> {
        i128_try_from_felt252(self)
    }
}

pub impl I128PartialEq of PartialEq<i128> {
    #[inline]
    fn eq(lhs: @i128, rhs: @i128) -> bool {
        i128_eq(*lhs, *rhs)
    }
}

pub impl I128PartialOrd of PartialOrd<i128> {
    #[inline]
    fn lt(lhs: i128, rhs: i128) -> bool {
        i128_diff(lhs, rhs).into_is_err()
    }

    #[inline]
    fn ge(lhs: i128, rhs: i128) -> bool {
        i128_diff(lhs, rhs).into_is_ok()
    }
}

pub impl I128Add of Add<i128> {
    fn add(lhs: i128, rhs: i128) -> i128 {
        match i128_overflowing_add_impl(lhs, rhs) {
            SignedIntegerResult::InRange(sum) => sum,
            SignedIntegerResult::Underflow(_) => crate::panic_with_felt252('i128_add Underflow'),
            SignedIntegerResult::Overflow(_) => crate::panic_with_felt252('i128_add Overflow'),
        }
    }
}

pub impl I128Sub of Sub<i128> {
    fn sub(lhs: i128, rhs: i128) -> i128 {
        match i128_overflowing_sub_impl(lhs, rhs) {
            SignedIntegerResult::InRange(difference) => difference,
            SignedIntegerResult::Underflow(_) => crate::panic_with_felt252('i128_sub Underflow'),
            SignedIntegerResult::Overflow(_) => crate::panic_with_felt252('i128_sub Overflow'),
        }
    }
}

pub impl I128Neg of Neg<i128> {
    #[inline]
    fn neg(a: i128) -> i128 {
        0 - a
    }
}
