//! Conversions between integers.

use crate::internal::bounded_int::{downcast, upcast};
use super::{U128sFromFelt252Result, u128s_from_felt252, u512};

/// Pairs of types of which the second holds all values of the first.
pub trait Upcastable<FromType, ToType>;
pub impl UpcastableU8U16 of Upcastable<u8, u16>;
pub impl UpcastableU8U32 of Upcastable<u8, u32>;
pub impl UpcastableU8U64 of Upcastable<u8, u64>;
pub impl UpcastableU8U128 of Upcastable<u8, u128>;
pub impl UpcastableU8I16 of Upcastable<u8, i16>;
pub impl UpcastableU8I32 of Upcastable<u8, i32>;
pub impl UpcastableU8I64 of Upcastable<u8, i64>;
pub impl UpcastableU8I128 of Upcastable<u8, i128>;
pub impl UpcastableU16U32 of Upcastable<u16, u32>;
pub impl UpcastableU16U64 of Upcastable<u16, u64>;
pub impl UpcastableU16U128 of Upcastable<u16, u128>;
pub impl UpcastableU16I32 of Upcastable<u16, i32>;
pub impl UpcastableU16I64 of Upcastable<u16, i64>;
pub impl UpcastableU16I128 of Upcastable<u16, i128>;
pub impl UpcastableU32U64 of Upcastable<u32, u64>;
pub impl UpcastableU32U128 of Upcastable<u32, u128>;
pub impl UpcastableU32I64 of Upcastable<u32, i64>;
pub impl UpcastableU32I128 of Upcastable<u32, i128>;
pub impl UpcastableU64U128 of Upcastable<u64, u128>;
pub impl UpcastableU64I128 of Upcastable<u64, i128>;
pub impl UpcastableI8I16 of Upcastable<i8, i16>;
pub impl UpcastableI8I32 of Upcastable<i8, i32>;
pub impl UpcastableI8I64 of Upcastable<i8, i64>;
pub impl UpcastableI8I128 of Upcastable<i8, i128>;
pub impl UpcastableI16I32 of Upcastable<i16, i32>;
pub impl UpcastableI16I64 of Upcastable<i16, i64>;
pub impl UpcastableI16I128 of Upcastable<i16, i128>;
pub impl UpcastableI32I64 of Upcastable<i32, i64>;
pub impl UpcastableI32I128 of Upcastable<i32, i128>;
pub impl UpcastableI64I128 of Upcastable<i64, i128>;

/// Types that other types may be narrowed to.
pub trait DowncastableInt<T>;
pub impl DowncastableU8 of DowncastableInt<u8>;
pub impl DowncastableU16 of DowncastableInt<u16>;
pub impl DowncastableU32 of DowncastableInt<u32>;
pub impl DowncastableU64 of DowncastableInt<u64>;
pub impl DowncastableU128 of DowncastableInt<u128>;
pub impl DowncastableI8 of DowncastableInt<i8>;
pub impl DowncastableI16 of DowncastableInt<i16>;
pub impl DowncastableI32 of DowncastableInt<i32>;
pub impl DowncastableI64 of DowncastableInt<i64>;
pub impl DowncastableI128 of DowncastableInt<i128>;

pub impl UpcastableInto<From, To, +Upcastable<From, To>> of Into<From, To> {
    const fn into(self: From) -> To {
        upcast(self)
    }
}

pub impl DowncastableIntTryInto<
    From, To, +DowncastableInt<From>, +DowncastableInt<To>, -Into<From, To>,
> of TryInto<From, To> {
    const fn try_into(self: From) -> Option<To> {
        downcast(self)
    }
}

pub impl Felt252IntoU256 of Into<felt252, u256> {
    const fn into(self: felt252) -> u256 {
        match u128s_from_felt252(self) {
            U128sFromFelt252Result::Narrow(low) => u256 { low, high: 0 },
            U128sFromFelt252Result::Wide((high, low)) => u256 { low, high },
        }
    }
}

pub impl U256TryIntoFelt252 of TryInto<u256, felt252> {
    const fn try_into(self: u256) -> Option<felt252> {
        // The high half of the prime; its low half is 1.
        let prime_high: u128 = 0x8000000000000110000000000000000;
        if self.high > prime_high {
            None
        } else if self.high == prime_high && self.low != 0 {
            None
        } else {
            Some(self.high.into() * 0x100000000000000000000000000000000_felt252 + self.low.into())
        }
    }
}

pub impl U512TryIntoU256 of TryInto<u512, u256> {
    const fn try_into(self: u512) -> Option<u256> {
        if self.limb2 != 0 || self.limb3 != 0 {
            None
        } else {
            Some(u256 { low: self.limb0, high: self.limb1 })
        }
    }
}

pub impl U128IntoU256 of Into<u128, u256> {
    const fn into(self: u128) -> u256 {
        u256 { low: self, high: 0 }
    }
}

pub impl U256TryIntoU128 of TryInto<u256, u128> {
    const fn try_into(self: u256) -> Option<u128> {
        if self.high != 0 {
            None
        } else {
            Some(self.low)
        }
    }
}

pub impl U8IntoU256 of Into<u8, u256> {
    const fn into(self: u8) -> u256 {
        u256 { low: upcast(self), high: 0 }
    }
}

pub impl U256TryIntoU8 of TryInto<u256, u8> {
    const fn try_into(self: u256) -> Option<u8> {
        if self.high != 0 {
            None
        } else {
            self.low.try_into()
        }
    }
}

pub impl U16IntoU256 of Into<u16, u256> {
    const fn into(self: u16) -> u256 {
        u256 { low: upcast(self), high: 0 }
    }
}

pub impl U256TryIntoU16 of TryInto<u256, u16> {
    const fn try_into(self: u256) -> Option<u16> {
        if self.high != 0 {
            None
        } else {
            self.low.try_into()
        }
    }
}

pub impl U32IntoU256 of Into<u32, u256> {
    const fn into(self: u32) -> u256 {
        u256 { low: upcast(self), high: 0 }
    }
}

pub impl U256TryIntoU32 of TryInto<u256, u32> {
    const fn try_into(self: u256) -> Option<u32> {
        if self.high != 0 {
            None
        } else {
            self.low.try_into()
        }
    }
}

pub impl U64IntoU256 of Into<u64, u256> {
    const fn into(self: u64) -> u256 {
        u256 { low: upcast(self), high: 0 }
    }
}

pub impl U256TryIntoU64 of TryInto<u256, u64> {
    const fn try_into(self: u256) -> Option<u64> {
        if self.high != 0 {
            None
        } else {
            self.low.try_into()
        }
    }
}
