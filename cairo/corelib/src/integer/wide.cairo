//! Unsigned integers of 256 bits, and products that need twice the width of their factors.

use crate::num::traits::{OverflowingAdd, OverflowingSub, WideMul};
use crate::traits::{BitAnd, BitOr, BitXor};
use crate::zeroable::IsZeroResult;
use super::{
    u128_overflowing_add, u128_overflowing_sub, u128_wide_mul, u16_wide_mul, u256_is_zero,
    u256_safe_divmod, u32_wide_mul, u64_wide_mul, u8_wide_mul,
};

pub impl U256OverflowingAdd of OverflowingAdd<u256> {
    fn overflowing_add(self: u256, v: u256) -> (u256, bool) {
        u256_overflowing_add(self, v)
    }
}

pub impl U256OverflowingSub of OverflowingSub<u256> {
    fn overflowing_sub(self: u256, v: u256) -> (u256, bool) {
        u256_overflowing_sub(self, v)
    }
}

/// The sum, and whether it wrapped around.
fn u256_overflowing_add(lhs: u256, rhs: u256) -> (u256, bool) implicits(crate::RangeCheck) nopanic {
    let (high, overflow) = match u128_overflowing_add(lhs.high, rhs.high) {
        Ok(high) => (high, false),
        Err(high) => (high, true),
    };
    match u128_overflowing_add(lhs.low, rhs.low) {
        Ok(low) => (u256 { low, high }, overflow),
        Err(low) => match u128_overflowing_add(high, 1) {
            Ok(high) => (u256 { low, high }, overflow),
            Err(high) => (u256 { low, high }, true),
        },
    }
}

/// The difference, and whether it wrapped around.
fn u256_overflowing_sub(lhs: u256, rhs: u256) -> (u256, bool) implicits(crate::RangeCheck) nopanic {
    let (high, overflow) = match u128_overflowing_sub(lhs.high, rhs.high) {
        Ok(high) => (high, false),
        Err(high) => (high, true),
    };
    match u128_overflowing_sub(lhs.low, rhs.low) {
        Ok(low) => (u256 { low, high }, overflow),
        Err(low) => match u128_overflowing_sub(high, 1) {
            Ok(high) => (u256 { low, high }, overflow),
            Err(high) => (u256 { low, high }, true),
        },
    }
}

pub impl U256Add of Add<u256> {
    fn add(lhs: u256, rhs: u256) -> u256 {
        let (sum, overflow) = u256_overflowing_add(lhs, rhs);
        assert(!overflow, 'u256_add Overflow');
        sum
    }
}

pub impl U256Sub of Sub<u256> {
    fn sub(lhs: u256, rhs: u256) -> u256 {
        let (difference, overflow) = u256_overflowing_sub(lhs, rhs);
        assert(!overflow, 'u256_sub Overflow');
        difference
    }
}

pub impl U256Mul of Mul<u256> {
    fn mul(lhs: u256, rhs: u256) -> u256 {
        let (carry, low) = u128_wide_mul(lhs.low, rhs.low);
        let (over_a, cross_a) = u128_wide_mul(lhs.low, rhs.high);
        let (over_b, cross_b) = u128_wide_mul(lhs.high, rhs.low);
        let fits = over_a == 0 && over_b == 0 && (lhs.high == 0 || rhs.high == 0);
        assert(fits, 'u256_mul Overflow');
        let partial = u128_overflowing_add(carry, cross_a).expect('u256_mul Overflow');
        let high = u128_overflowing_add(partial, cross_b).expect('u256_mul Overflow');
        u256 { low, high }
    }
}

pub impl U256PartialOrd of PartialOrd<u256> {
    fn lt(lhs: u256, rhs: u256) -> bool {
        if lhs.high == rhs.high {
            lhs.low < rhs.low
        } else {
            lhs.high < rhs.high
        }
    }
}

pub impl U256TryIntoNonZero of TryInto<u256, NonZero<u256>> {
    const fn try_into(self: u256) -> Option<NonZero<u256>> {
        match u256_is_zero(self) {
            IsZeroResult::Zero => None,
            IsZeroResult::NonZero(value) => Some(value),
        }
    }
}

pub impl U256DivRem of DivRem<u256> {
    fn div_rem(lhs: u256, rhs: NonZero<u256>) -> (u256, u256) {
        let (quotient, remainder, _) = u256_safe_divmod(lhs, rhs);
        (quotient, remainder)
    }
}

pub impl U256BitAnd of BitAnd<u256> {
    #[inline]
    fn bitand(lhs: u256, rhs: u256) -> u256 {
        u256 { low: lhs.low & rhs.low, high: lhs.high & rhs.high }
    }
}

pub impl U256BitOr of BitOr<u256> {
    #[inline]
    fn bitor(lhs: u256, rhs: u256) -> u256 {
        u256 { low: lhs.low | rhs.low, high: lhs.high | rhs.high }
    }
}

pub impl U256BitXor of BitXor<u256> {
    #[inline]
    fn bitxor(lhs: u256, rhs: u256) -> u256 {
        u256 { low: lhs.low ^ rhs.low, high: lhs.high ^ rhs.high }
    }
}

pub impl U8WideMul of WideMul<u8, u8> {
    type Target = u16;
    fn wide_mul(self: u8, other: u8) -> u16 {
        u8_wide_mul(self, other)
    }
}

pub impl U16WideMul of WideMul<u16, u16> {
    type Target = u32;
    fn wide_mul(self: u16, other: u16) -> u32 {
        u16_wide_mul(self, other)
    }
}

pub impl U32WideMul of WideMul<u32, u32> {
    type Target = u64;
    fn wide_mul(self: u32, other: u32) -> u64 {
        u32_wide_mul(self, other)
    }
}

pub impl U64WideMul of WideMul<u64, u64> {
    type Target = u128;
    fn wide_mul(self: u64, other: u64) -> u128 {
        u64_wide_mul(self, other)
    }
}

pub impl U128WideMul of WideMul<u128, u128> {
    type Target = u256;
    fn wide_mul(self: u128, other: u128) -> u256 {
        let (high, low) = u128_wide_mul(self, other);
        u256 { low, high }
    }
}
