//! A small core library: what the packages of this repository use of the language's own one, with
//! the same names, signatures and behaviour, so that the same sources compile with Scarb.
//! Extern types and functions are those that the compiler knows by name.

pub mod array;
pub mod blake;
mod boolean;
pub mod box;
pub mod byte_array;
pub mod bytes_31;
pub mod circuit;
pub mod clone;
pub mod cmp;
pub mod dict;
pub mod ec;
mod felt_252;
mod fixed_size_array;
pub mod fmt;
pub mod gas;
pub mod hash;
pub mod integer;
pub mod internal;
pub mod iter;
mod keyword_docs;
pub mod metaprogramming;
pub mod nullable;
pub mod num;
pub mod ops;
pub mod option;
pub mod panics;
pub mod pedersen;
pub mod poseidon;
mod prelude;
pub mod qm31;
pub mod result;
pub mod serde;
pub mod starknet;
pub mod string;
pub mod testing;
pub mod traits;
mod tuple;
pub mod zeroable;
#[allow(unused_imports)]
use array::{Array, ArrayTrait, Span, SpanTrait};
#[allow(unused_imports)]
use box::{Box, BoxTrait};
#[allow(unused_imports)]
use byte_array::ByteArray;
#[allow(unused_imports)]
use bytes_31::bytes31;
#[allow(unused_imports)]
use dict::{Felt252Dict, SquashedFelt252Dict};
#[allow(unused_imports)]
use felt_252::{Felt252One, Felt252Zero};
#[allow(unused_imports)]
use gas::{BuiltinCosts, GasBuiltin};
#[allow(unused_imports)]
use integer::{Bitwise, i128, i16, i32, i64, i8, u128, u16, u256, u32, u64, u8};
#[allow(unused_imports)]
use nullable::Nullable;
#[allow(unused_imports)]
use option::Option;
#[allow(unused_imports)]
use panics::{Panic, PanicResult, panic};
#[allow(unused_imports)]
use poseidon::Poseidon;
#[allow(unused_imports)]
use result::Result;
#[allow(unused_imports)]
use starknet::System;
use traits::{BitAnd, BitOr, BitXor};
#[allow(unused_imports)]
use zeroable::NonZero;

/// The type of indices and lengths.
pub type usize = u32;

/// A truth value.
#[derive(Copy, Drop, Default)]
pub enum bool {
    #[default]
    False,
    True,
}

/// The type without values.
pub enum never {}

/// The field of integers modulo 2^251 + 17 * 2^192 + 1.
pub extern type felt252;
/// The builtin that checks ranges.
pub extern type RangeCheck;
/// The builtin that keeps dictionaries.
pub extern type SegmentArena;

extern fn bool_and_impl(lhs: bool, rhs: bool) -> (bool,) implicits() nopanic;
extern fn bool_or_impl(lhs: bool, rhs: bool) -> (bool,) implicits() nopanic;
extern fn bool_xor_impl(lhs: bool, rhs: bool) -> (bool,) implicits() nopanic;
extern fn bool_not_impl(a: bool) -> (bool,) implicits() nopanic;
extern fn bool_to_felt252(a: bool) -> felt252 implicits() nopanic;

extern fn felt252_const<const value: felt252>() -> felt252 nopanic;
extern fn felt252_add(lhs: felt252, rhs: felt252) -> felt252 nopanic;
extern fn felt252_sub(lhs: felt252, rhs: felt252) -> felt252 nopanic;
extern fn felt252_mul(lhs: felt252, rhs: felt252) -> felt252 nopanic;
pub extern fn felt252_div(lhs: felt252, rhs: NonZero<felt252>) -> felt252 nopanic;
extern const fn felt252_is_zero(lhs: felt252) -> zeroable::IsZeroResult<felt252> nopanic;

impl BoolBitAnd of BitAnd<bool> {
    #[inline]
    fn bitand(lhs: bool, rhs: bool) -> bool {
        let (value,) = bool_and_impl(lhs, rhs);
        value
    }
}

impl BoolBitOr of BitOr<bool> {
    #[inline]
    fn bitor(lhs: bool, rhs: bool) -> bool {
        let (value,) = bool_or_impl(lhs, rhs);
        value
    }
}

impl BoolBitXor of BitXor<bool> {
    #[inline]
    fn bitxor(lhs: bool, rhs: bool) -> bool {
        let (value,) = bool_xor_impl(lhs, rhs);
        value
    }
}

impl BoolNot of Not<bool> {
    #[inline]
    fn not(a: bool) -> bool implicits() nopanic {
        let (value,) = bool_not_impl(a);
        value
    }
}

impl BoolPartialEq of PartialEq<bool> {
    #[inline]
    fn eq(lhs: @bool, rhs: @bool) -> bool {
        match lhs {
            false => !*rhs,
            true => *rhs,
        }
    }
}

impl BoolIntoFelt252 of Into<bool, felt252> {
    #[inline]
    fn into(self: bool) -> felt252 implicits() nopanic {
        bool_to_felt252(self)
    }
}

impl BoolSerde of serde::Serde<bool> {
    fn serialize(self: @bool, ref output: Array<felt252>) {
        output.append((*self).into());
    }

    fn deserialize(ref serialized: Span<felt252>) -> Option<bool> {
        Some(*serialized.pop_front()? != 0)
    }
}

impl BoolFelt252DictValue of Felt252DictValue<bool> {
    #[inline]
    fn zero_default() -> bool nopanic {
        false
    }
}

impl Felt252Copy of Copy<felt252>;
impl Felt252Drop of Drop<felt252>;

impl Felt252Add of Add<felt252> {
    #[inline]
    fn add(lhs: felt252, rhs: felt252) -> felt252 {
        felt252_add(lhs, rhs)
    }
}

impl Felt252Sub of Sub<felt252> {
    #[inline]
    fn sub(lhs: felt252, rhs: felt252) -> felt252 {
        felt252_sub(lhs, rhs)
    }
}

impl Felt252Mul of Mul<felt252> {
    #[inline]
    fn mul(lhs: felt252, rhs: felt252) -> felt252 {
        felt252_mul(lhs, rhs)
    }
}

impl Felt252Neg of Neg<felt252> {
    #[inline]
    fn neg(a: felt252) -> felt252 {
        a * -1
    }
}

impl Felt252PartialEq of PartialEq<felt252> {
    #[inline]
    fn eq(lhs: @felt252, rhs: @felt252) -> bool {
        match *lhs - *rhs {
            0 => true,
            _ => false,
        }
    }
}

impl Felt252TryIntoNonZero of TryInto<felt252, NonZero<felt252>> {
    const fn try_into(self: felt252) -> Option<NonZero<felt252>> {
        match felt252_is_zero(self) {
            zeroable::IsZeroResult::Zero => None,
            zeroable::IsZeroResult::NonZero(value) => Some(value),
        }
    }
}

impl Felt252Serde of serde::Serde<felt252> {
    fn serialize(self: @felt252, ref output: Array<felt252>) {
        output.append(*self);
    }

    fn deserialize(ref serialized: Span<felt252>) -> Option<felt252> {
        Some(*serialized.pop_front()?)
    }
}

impl Felt252Default of Default<felt252> {
    #[inline]
    fn default() -> felt252 nopanic {
        0
    }
}

impl Felt252Felt252DictValue of Felt252DictValue<felt252> {
    #[inline]
    fn zero_default() -> felt252 nopanic {
        0
    }
}

/// Panics with one felt.
#[inline(never)]
pub fn panic_with_felt252(err_code: felt252) -> never {
    panic(array![err_code])
}

/// Panics with one felt that is known when the code is compiled.
#[inline(never)]
pub fn panic_with_const_felt252<const ERR_CODE: felt252>() -> never {
    panic_with_felt252(ERR_CODE)
}

/// Panics with `err_code` unless `cond` holds.
#[inline]
pub const fn assert(cond: bool, err_code: felt252) {
    if !cond {
        panic_with_felt252(err_code)
    }
}
