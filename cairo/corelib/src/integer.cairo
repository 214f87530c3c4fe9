//! Integers of fixed width. Arithmetic that leaves the range of a type panics.

use crate::RangeCheck;
use crate::option::OptionTrait;
use crate::zeroable::IsZeroResult;

mod conversion;
mod generic;
mod signed;
mod unsigned;
mod wide;
use conversion::*;
use generic::*;
use signed::*;
use unsigned::*;
use wide::*;

/// Types that number literals can have.
pub trait NumericLiteral<T>;
impl NumericLiteralFelt252 of NumericLiteral<felt252>;
impl NumericLiteralNonZero<T, +NumericLiteral<T>> of NumericLiteral<NonZero<T>>;

/// The builtin of bitwise operations.
pub extern type Bitwise;
/// The duty to check a product of two `u128`.
pub extern type U128MulGuarantee;

/// Unsigned integers of 8 bits.
pub extern type u8;
impl U8Copy of Copy<u8>;
impl U8Drop of Drop<u8>;
impl NumericLiteralU8 of NumericLiteral<u8>;
impl U8Serde = crate::serde::into_felt252_based::SerdeImpl<u8>;

/// Unsigned integers of 16 bits.
pub extern type u16;
impl U16Copy of Copy<u16>;
impl U16Drop of Drop<u16>;
impl NumericLiteralU16 of NumericLiteral<u16>;
impl U16Serde = crate::serde::into_felt252_based::SerdeImpl<u16>;

/// Unsigned integers of 32 bits.
pub extern type u32;
impl U32Copy of Copy<u32>;
impl U32Drop of Drop<u32>;
impl NumericLiteralU32 of NumericLiteral<u32>;
impl U32Serde = crate::serde::into_felt252_based::SerdeImpl<u32>;

/// Unsigned integers of 64 bits.
pub extern type u64;
impl U64Copy of Copy<u64>;
impl U64Drop of Drop<u64>;
impl NumericLiteralU64 of NumericLiteral<u64>;
impl U64Serde = crate::serde::into_felt252_based::SerdeImpl<u64>;

/// Unsigned integers of 128 bits.
pub extern type u128;
impl U128Copy of Copy<u128>;
impl U128Drop of Drop<u128>;
impl NumericLiteralU128 of NumericLiteral<u128>;
impl U128Serde = crate::serde::into_felt252_based::SerdeImpl<u128>;

/// Signed integers of 8 bits.
pub extern type i8;
impl I8Copy of Copy<i8>;
impl I8Drop of Drop<i8>;
impl NumericLiteralI8 of NumericLiteral<i8>;
impl I8Serde = crate::serde::into_felt252_based::SerdeImpl<i8>;

/// Signed integers of 16 bits.
pub extern type i16;
impl I16Copy of Copy<i16>;
impl I16Drop of Drop<i16>;
impl NumericLiteralI16 of NumericLiteral<i16>;
impl I16Serde = crate::serde::into_felt252_based::SerdeImpl<i16>;

/// Signed integers of 32 bits.
pub extern type i32;
impl I32Copy of Copy<i32>;
impl I32Drop of Drop<i32>;
impl NumericLiteralI32 of NumericLiteral<i32>;
impl I32Serde = crate::serde::into_felt252_based::SerdeImpl<i32>;

/// Signed integers of 64 bits.
pub extern type i64;
impl I64Copy of Copy<i64>;
impl I64Drop of Drop<i64>;
impl NumericLiteralI64 of NumericLiteral<i64>;
impl I64Serde = crate::serde::into_felt252_based::SerdeImpl<i64>;

/// Signed integers of 128 bits.
pub extern type i128;
impl I128Copy of Copy<i128>;
impl I128Drop of Drop<i128>;
impl NumericLiteralI128 of NumericLiteral<i128>;
impl I128Serde = crate::serde::into_felt252_based::SerdeImpl<i128>;

/// Unsigned integers of 256 bits.
#[derive(Copy, Drop, PartialEq, Serde)]
pub struct u256 {
    pub low: u128,
    pub high: u128,
}
impl NumericLiteralU256 of NumericLiteral<u256>;

/// Unsigned integers of 512 bits.
#[derive(Copy, Drop, PartialEq, Serde)]
pub struct u512 {
    pub limb0: u128,
    pub limb1: u128,
    pub limb2: u128,
    pub limb3: u128,
}

/// A felt as one `u128`, or as a high and a low one.
enum U128sFromFelt252Result {
    Narrow: u128,
    Wide: (u128, u128),
}

/// A result of signed arithmetic: in range, or wrapped around.
pub(crate) enum SignedIntegerResult<T> {
    InRange: T,
    Underflow: T,
    Overflow: T,
}
impl SignedIntegerResultDrop<T, +Drop<T>> of Drop<SignedIntegerResult<T>>;

extern const fn u128s_from_felt252(
    a: felt252,
) -> U128sFromFelt252Result implicits(RangeCheck) nopanic;
extern fn u128_guarantee_mul(a: u128, b: u128) -> (u128, u128, U128MulGuarantee) nopanic;
extern fn u128_mul_guarantee_verify(guarantee: U128MulGuarantee) implicits(RangeCheck) nopanic;
extern fn bitwise(lhs: u128, rhs: u128) -> (u128, u128, u128) implicits(Bitwise) nopanic;
pub extern fn u128_byte_reverse(input: u128) -> u128 implicits(Bitwise) nopanic;
extern const fn u256_is_zero(a: u256) -> IsZeroResult<u256> implicits() nopanic;
extern fn u256_safe_divmod(
    lhs: u256, rhs: NonZero<u256>,
) -> (u256, u256, U128MulGuarantee) implicits(RangeCheck) nopanic;
pub extern fn u256_sqrt(a: u256) -> u128 implicits(RangeCheck) nopanic;

extern const fn u8_try_from_felt252(a: felt252) -> Option<u8> implicits(RangeCheck) nopanic;
extern fn u8_bitwise(lhs: u8, rhs: u8) -> (u8, u8, u8) implicits(Bitwise) nopanic;
pub extern fn u8_wide_mul(lhs: u8, rhs: u8) -> u16 implicits() nopanic;

extern const fn u8_to_felt252(a: u8) -> felt252 nopanic;
extern const fn u8_is_zero(a: u8) -> IsZeroResult<u8> implicits() nopanic;
extern fn u8_eq(lhs: u8, rhs: u8) -> bool implicits() nopanic;
pub extern fn u8_overflowing_add(lhs: u8, rhs: u8) -> Result<u8, u8> implicits(RangeCheck) nopanic;
pub extern fn u8_overflowing_sub(lhs: u8, rhs: u8) -> Result<u8, u8> implicits(RangeCheck) nopanic;
pub extern fn u8_safe_divmod(lhs: u8, rhs: NonZero<u8>) -> (u8, u8) implicits(RangeCheck) nopanic;
pub extern fn u8_sqrt(value: u8) -> u8 implicits(RangeCheck) nopanic;

extern const fn u16_try_from_felt252(a: felt252) -> Option<u16> implicits(RangeCheck) nopanic;
extern fn u16_bitwise(lhs: u16, rhs: u16) -> (u16, u16, u16) implicits(Bitwise) nopanic;
pub extern fn u16_wide_mul(lhs: u16, rhs: u16) -> u32 implicits() nopanic;

extern const fn u16_to_felt252(a: u16) -> felt252 nopanic;
extern const fn u16_is_zero(a: u16) -> IsZeroResult<u16> implicits() nopanic;
extern fn u16_eq(lhs: u16, rhs: u16) -> bool implicits() nopanic;
pub extern fn u16_overflowing_add(
    lhs: u16, rhs: u16,
) -> Result<u16, u16> implicits(RangeCheck) nopanic;
pub extern fn u16_overflowing_sub(
    lhs: u16, rhs: u16,
) -> Result<u16, u16> implicits(RangeCheck) nopanic;
pub extern fn u16_safe_divmod(
    lhs: u16, rhs: NonZero<u16>,
) -> (u16, u16) implicits(RangeCheck) nopanic;
pub extern fn u16_sqrt(value: u16) -> u8 implicits(RangeCheck) nopanic;

extern const fn u32_try_from_felt252(a: felt252) -> Option<u32> implicits(RangeCheck) nopanic;
extern fn u32_bitwise(lhs: u32, rhs: u32) -> (u32, u32, u32) implicits(Bitwise) nopanic;
pub extern fn u32_wide_mul(lhs: u32, rhs: u32) -> u64 implicits() nopanic;

extern const fn u32_to_felt252(a: u32) -> felt252 nopanic;
extern const fn u32_is_zero(a: u32) -> IsZeroResult<u32> implicits() nopanic;
extern fn u32_eq(lhs: u32, rhs: u32) -> bool implicits() nopanic;
pub extern fn u32_overflowing_add(
    lhs: u32, rhs: u32,
) -> Result<u32, u32> implicits(RangeCheck) nopanic;
pub extern fn u32_overflowing_sub(
    lhs: u32, rhs: u32,
) -> Result<u32, u32> implicits(RangeCheck) nopanic;
pub extern fn u32_safe_divmod(
    lhs: u32, rhs: NonZero<u32>,
) -> (u32, u32) implicits(RangeCheck) nopanic;
pub extern fn u32_sqrt(value: u32) -> u16 implicits(RangeCheck) nopanic;

extern const fn u64_try_from_felt252(a: felt252) -> Option<u64> implicits(RangeCheck) nopanic;
extern fn u64_bitwise(lhs: u64, rhs: u64) -> (u64, u64, u64) implicits(Bitwise) nopanic;
pub extern fn u64_wide_mul(lhs: u64, rhs: u64) -> u128 implicits() nopanic;

extern const fn u64_to_felt252(a: u64) -> felt252 nopanic;
extern const fn u64_is_zero(a: u64) -> IsZeroResult<u64> implicits() nopanic;
extern fn u64_eq(lhs: u64, rhs: u64) -> bool implicits() nopanic;
pub extern fn u64_overflowing_add(
    lhs: u64, rhs: u64,
) -> Result<u64, u64> implicits(RangeCheck) nopanic;
pub extern fn u64_overflowing_sub(
    lhs: u64, rhs: u64,
) -> Result<u64, u64> implicits(RangeCheck) nopanic;
pub extern fn u64_safe_divmod(
    lhs: u64, rhs: NonZero<u64>,
) -> (u64, u64) implicits(RangeCheck) nopanic;
pub extern fn u64_sqrt(value: u64) -> u32 implicits(RangeCheck) nopanic;

pub(crate) extern const fn u128_to_felt252(a: u128) -> felt252 nopanic;
pub(crate) extern const fn u128_is_zero(a: u128) -> IsZeroResult<u128> implicits() nopanic;
extern fn u128_eq(lhs: u128, rhs: u128) -> bool implicits() nopanic;
pub extern fn u128_overflowing_add(
    lhs: u128, rhs: u128,
) -> Result<u128, u128> implicits(RangeCheck) nopanic;
pub extern fn u128_overflowing_sub(
    lhs: u128, rhs: u128,
) -> Result<u128, u128> implicits(RangeCheck) nopanic;
pub extern fn u128_safe_divmod(
    lhs: u128, rhs: NonZero<u128>,
) -> (u128, u128) implicits(RangeCheck) nopanic;
pub extern fn u128_sqrt(value: u128) -> u64 implicits(RangeCheck) nopanic;

extern const fn i8_try_from_felt252(a: felt252) -> Option<i8> implicits(RangeCheck) nopanic;
extern const fn i8_to_felt252(a: i8) -> felt252 nopanic;
extern fn i8_eq(lhs: i8, rhs: i8) -> bool implicits() nopanic;
extern fn i8_overflowing_add_impl(
    lhs: i8, rhs: i8,
) -> SignedIntegerResult<i8> implicits(RangeCheck) nopanic;
extern fn i8_overflowing_sub_impl(
    lhs: i8, rhs: i8,
) -> SignedIntegerResult<i8> implicits(RangeCheck) nopanic;
pub extern fn i8_diff(lhs: i8, rhs: i8) -> Result<u8, u8> implicits(RangeCheck) nopanic;

pub extern fn i8_wide_mul(lhs: i8, rhs: i8) -> i16 implicits() nopanic;

extern const fn i16_try_from_felt252(a: felt252) -> Option<i16> implicits(RangeCheck) nopanic;
extern const fn i16_to_felt252(a: i16) -> felt252 nopanic;
extern fn i16_eq(lhs: i16, rhs: i16) -> bool implicits() nopanic;
extern fn i16_overflowing_add_impl(
    lhs: i16, rhs: i16,
) -> SignedIntegerResult<i16> implicits(RangeCheck) nopanic;
extern fn i16_overflowing_sub_impl(
    lhs: i16, rhs: i16,
) -> SignedIntegerResult<i16> implicits(RangeCheck) nopanic;
pub extern fn i16_diff(lhs: i16, rhs: i16) -> Result<u16, u16> implicits(RangeCheck) nopanic;

pub extern fn i16_wide_mul(lhs: i16, rhs: i16) -> i32 implicits() nopanic;

extern const fn i32_try_from_felt252(a: felt252) -> Option<i32> implicits(RangeCheck) nopanic;
extern const fn i32_to_felt252(a: i32) -> felt252 nopanic;
extern fn i32_eq(lhs: i32, rhs: i32) -> bool implicits() nopanic;
extern fn i32_overflowing_add_impl(
    lhs: i32, rhs: i32,
) -> SignedIntegerResult<i32> implicits(RangeCheck) nopanic;
extern fn i32_overflowing_sub_impl(
    lhs: i32, rhs: i32,
) -> SignedIntegerResult<i32> implicits(RangeCheck) nopanic;
pub extern fn i32_diff(lhs: i32, rhs: i32) -> Result<u32, u32> implicits(RangeCheck) nopanic;

pub extern fn i32_wide_mul(lhs: i32, rhs: i32) -> i64 implicits() nopanic;

extern const fn i64_try_from_felt252(a: felt252) -> Option<i64> implicits(RangeCheck) nopanic;
extern const fn i64_to_felt252(a: i64) -> felt252 nopanic;
extern fn i64_eq(lhs: i64, rhs: i64) -> bool implicits() nopanic;
extern fn i64_overflowing_add_impl(
    lhs: i64, rhs: i64,
) -> SignedIntegerResult<i64> implicits(RangeCheck) nopanic;
extern fn i64_overflowing_sub_impl(
    lhs: i64, rhs: i64,
) -> SignedIntegerResult<i64> implicits(RangeCheck) nopanic;
pub extern fn i64_diff(lhs: i64, rhs: i64) -> Result<u64, u64> implicits(RangeCheck) nopanic;

pub extern fn i64_wide_mul(lhs: i64, rhs: i64) -> i128 implicits() nopanic;

extern const fn i128_try_from_felt252(a: felt252) -> Option<i128> implicits(RangeCheck) nopanic;
extern const fn i128_to_felt252(a: i128) -> felt252 nopanic;
extern fn i128_eq(lhs: i128, rhs: i128) -> bool implicits() nopanic;
extern fn i128_overflowing_add_impl(
    lhs: i128, rhs: i128,
) -> SignedIntegerResult<i128> implicits(RangeCheck) nopanic;
extern fn i128_overflowing_sub_impl(
    lhs: i128, rhs: i128,
) -> SignedIntegerResult<i128> implicits(RangeCheck) nopanic;
pub extern fn i128_diff(lhs: i128, rhs: i128) -> Result<u128, u128> implicits(RangeCheck) nopanic;

const fn u128_try_from_felt252(a: felt252) -> Option<u128> implicits(RangeCheck) nopanic {
    match u128s_from_felt252(a) {
        U128sFromFelt252Result::Narrow(value) => Some(value),
        U128sFromFelt252Result::Wide(_) => None,
    }
}

impl U128MulGuaranteeDestruct of Destruct<U128MulGuarantee> {
    fn destruct(self: U128MulGuarantee) nopanic {
        u128_mul_guarantee_verify(self);
    }
}

/// The high and the low half of a product.
#[inline]
pub fn u128_wide_mul(a: u128, b: u128) -> (u128, u128) nopanic {
    let (high, low, _) = u128_guarantee_mul(a, b);
    (high, low)
}

fn u128_checked_mul(lhs: u128, rhs: u128) -> Option<u128> implicits(RangeCheck) nopanic {
    let (high, low) = u128_wide_mul(lhs, rhs);
    match u128_to_felt252(high) {
        0 => Some(low),
        _ => None,
    }
}

impl U128Mul of Mul<u128> {
    fn mul(lhs: u128, rhs: u128) -> u128 {
        u128_checked_mul(lhs, rhs).expect('u128_mul Overflow')
    }
}
