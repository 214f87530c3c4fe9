//! Successors and predecessors, by which the compiler counts.

use crate::integer::SignedIntegerResult;
use crate::internal::OptionRev;
use crate::internal::bounded_int::{
    AddHelper, BoundedInt, SubHelper, TrimMaxHelper, TrimMinHelper, UnitInt, add, sub, trim_max,
    trim_min, upcast,
};

impl U8TrimMin of TrimMinHelper<u8> {
    type Target = BoundedInt<0x1, 0xff>;
}

impl U8TrimMax of TrimMaxHelper<u8> {
    type Target = BoundedInt<0x0, 0xfe>;
}

impl U8AddOne of AddHelper<BoundedInt<0x0, 0xfe>, UnitInt<1>> {
    type Result = BoundedInt<0x1, 0xff>;
}

impl U8SubOne of SubHelper<BoundedInt<0x1, 0xff>, UnitInt<1>> {
    type Result = BoundedInt<0x0, 0xfe>;
}

fn u8_inc(value: u8) -> Result<u8, u8> {
    match trim_max(value) {
        OptionRev::Some(below) => Ok(upcast(add::<_, UnitInt<1>>(below, 1))),
        OptionRev::None => Err(0x0),
    }
}

fn u8_dec(value: u8) -> Result<u8, u8> {
    match trim_min(value) {
        OptionRev::Some(above) => Ok(upcast(sub::<_, UnitInt<1>>(above, 1))),
        OptionRev::None => Err(0xff),
    }
}

impl U16TrimMin of TrimMinHelper<u16> {
    type Target = BoundedInt<0x1, 0xffff>;
}

impl U16TrimMax of TrimMaxHelper<u16> {
    type Target = BoundedInt<0x0, 0xfffe>;
}

impl U16AddOne of AddHelper<BoundedInt<0x0, 0xfffe>, UnitInt<1>> {
    type Result = BoundedInt<0x1, 0xffff>;
}

impl U16SubOne of SubHelper<BoundedInt<0x1, 0xffff>, UnitInt<1>> {
    type Result = BoundedInt<0x0, 0xfffe>;
}

fn u16_inc(value: u16) -> Result<u16, u16> {
    match trim_max(value) {
        OptionRev::Some(below) => Ok(upcast(add::<_, UnitInt<1>>(below, 1))),
        OptionRev::None => Err(0x0),
    }
}

fn u16_dec(value: u16) -> Result<u16, u16> {
    match trim_min(value) {
        OptionRev::Some(above) => Ok(upcast(sub::<_, UnitInt<1>>(above, 1))),
        OptionRev::None => Err(0xffff),
    }
}

impl U32TrimMin of TrimMinHelper<u32> {
    type Target = BoundedInt<0x1, 0xffffffff>;
}

impl U32TrimMax of TrimMaxHelper<u32> {
    type Target = BoundedInt<0x0, 0xfffffffe>;
}

impl U32AddOne of AddHelper<BoundedInt<0x0, 0xfffffffe>, UnitInt<1>> {
    type Result = BoundedInt<0x1, 0xffffffff>;
}

impl U32SubOne of SubHelper<BoundedInt<0x1, 0xffffffff>, UnitInt<1>> {
    type Result = BoundedInt<0x0, 0xfffffffe>;
}

fn u32_inc(value: u32) -> Result<u32, u32> {
    match trim_max(value) {
        OptionRev::Some(below) => Ok(upcast(add::<_, UnitInt<1>>(below, 1))),
        OptionRev::None => Err(0x0),
    }
}

fn u32_dec(value: u32) -> Result<u32, u32> {
    match trim_min(value) {
        OptionRev::Some(above) => Ok(upcast(sub::<_, UnitInt<1>>(above, 1))),
        OptionRev::None => Err(0xffffffff),
    }
}

impl U64TrimMin of TrimMinHelper<u64> {
    type Target = BoundedInt<0x1, 0xffffffffffffffff>;
}

impl U64TrimMax of TrimMaxHelper<u64> {
    type Target = BoundedInt<0x0, 0xfffffffffffffffe>;
}

impl U64AddOne of AddHelper<BoundedInt<0x0, 0xfffffffffffffffe>, UnitInt<1>> {
    type Result = BoundedInt<0x1, 0xffffffffffffffff>;
}

impl U64SubOne of SubHelper<BoundedInt<0x1, 0xffffffffffffffff>, UnitInt<1>> {
    type Result = BoundedInt<0x0, 0xfffffffffffffffe>;
}

fn u64_inc(value: u64) -> Result<u64, u64> {
    match trim_max(value) {
        OptionRev::Some(below) => Ok(upcast(add::<_, UnitInt<1>>(below, 1))),
        OptionRev::None => Err(0x0),
    }
}

fn u64_dec(value: u64) -> Result<u64, u64> {
    match trim_min(value) {
        OptionRev::Some(above) => Ok(upcast(sub::<_, UnitInt<1>>(above, 1))),
        OptionRev::None => Err(0xffffffffffffffff),
    }
}

impl U128TrimMin of TrimMinHelper<u128> {
    type Target = BoundedInt<0x1, 0xffffffffffffffffffffffffffffffff>;
}

impl U128TrimMax of TrimMaxHelper<u128> {
    type Target = BoundedInt<0x0, 0xfffffffffffffffffffffffffffffffe>;
}

impl U128AddOne of AddHelper<BoundedInt<0x0, 0xfffffffffffffffffffffffffffffffe>, UnitInt<1>> {
    type Result = BoundedInt<0x1, 0xffffffffffffffffffffffffffffffff>;
}

impl U128SubOne of SubHelper<BoundedInt<0x1, 0xffffffffffffffffffffffffffffffff>, UnitInt<1>> {
    type Result = BoundedInt<0x0, 0xfffffffffffffffffffffffffffffffe>;
}

fn u128_inc(value: u128) -> Result<u128, u128> {
    match trim_max(value) {
        OptionRev::Some(below) => Ok(upcast(add::<_, UnitInt<1>>(below, 1))),
        OptionRev::None => Err(0x0),
    }
}

fn u128_dec(value: u128) -> Result<u128, u128> {
    match trim_min(value) {
        OptionRev::Some(above) => Ok(upcast(sub::<_, UnitInt<1>>(above, 1))),
        OptionRev::None => Err(0xffffffffffffffffffffffffffffffff),
    }
}

impl I8TrimMin of TrimMinHelper<i8> {
    type Target = BoundedInt<-0x7f, 0x7f>;
}

impl I8TrimMax of TrimMaxHelper<i8> {
    type Target = BoundedInt<-0x80, 0x7e>;
}

impl I8AddOne of AddHelper<BoundedInt<-0x80, 0x7e>, UnitInt<1>> {
    type Result = BoundedInt<-0x7f, 0x7f>;
}

impl I8SubOne of SubHelper<BoundedInt<-0x7f, 0x7f>, UnitInt<1>> {
    type Result = BoundedInt<-0x80, 0x7e>;
}

fn i8_inc(value: i8) -> SignedIntegerResult<i8> {
    match trim_max(value) {
        OptionRev::Some(below) => SignedIntegerResult::InRange(
            upcast(add::<_, UnitInt<1>>(below, 1)),
        ),
        OptionRev::None => SignedIntegerResult::Overflow(-0x80),
    }
}

fn i8_dec(value: i8) -> SignedIntegerResult<i8> {
    match trim_min(value) {
        OptionRev::Some(above) => SignedIntegerResult::InRange(
            upcast(sub::<_, UnitInt<1>>(above, 1)),
        ),
        OptionRev::None => SignedIntegerResult::Underflow(0x7f),
    }
}

impl I16TrimMin of TrimMinHelper<i16> {
    type Target = BoundedInt<-0x7fff, 0x7fff>;
}

impl I16TrimMax of TrimMaxHelper<i16> {
    type Target = BoundedInt<-0x8000, 0x7ffe>;
}

impl I16AddOne of AddHelper<BoundedInt<-0x8000, 0x7ffe>, UnitInt<1>> {
    type Result = BoundedInt<-0x7fff, 0x7fff>;
}

impl I16SubOne of SubHelper<BoundedInt<-0x7fff, 0x7fff>, UnitInt<1>> {
    type Result = BoundedInt<-0x8000, 0x7ffe>;
}

fn i16_inc(value: i16) -> SignedIntegerResult<i16> {
    match trim_max(value) {
        OptionRev::Some(below) => SignedIntegerResult::InRange(
            upcast(add::<_, UnitInt<1>>(below, 1)),
        ),
        OptionRev::None => SignedIntegerResult::Overflow(-0x8000),
    }
}

fn i16_dec(value: i16) -> SignedIntegerResult<i16> {
    match trim_min(value) {
        OptionRev::Some(above) => SignedIntegerResult::InRange(
            upcast(sub::<_, UnitInt<1>>(above, 1)),
        ),
        OptionRev::None => SignedIntegerResult::Underflow(0x7fff),
    }
}

impl I32TrimMin of TrimMinHelper<i32> {
    type Target = BoundedInt<-0x7fffffff, 0x7fffffff>;
}

impl I32TrimMax of TrimMaxHelper<i32> {
    type Target = BoundedInt<-0x80000000, 0x7ffffffe>;
}

impl I32AddOne of AddHelper<BoundedInt<-0x80000000, 0x7ffffffe>, UnitInt<1>> {
    type Result = BoundedInt<-0x7fffffff, 0x7fffffff>;
}

impl I32SubOne of SubHelper<BoundedInt<-0x7fffffff, 0x7fffffff>, UnitInt<1>> {
    type Result = BoundedInt<-0x80000000, 0x7ffffffe>;
}

fn i32_inc(value: i32) -> SignedIntegerResult<i32> {
    match trim_max(value) {
        OptionRev::Some(below) => SignedIntegerResult::InRange(
            upcast(add::<_, UnitInt<1>>(below, 1)),
        ),
        OptionRev::None => SignedIntegerResult::Overflow(-0x80000000),
    }
}

fn i32_dec(value: i32) -> SignedIntegerResult<i32> {
    match trim_min(value) {
        OptionRev::Some(above) => SignedIntegerResult::InRange(
            upcast(sub::<_, UnitInt<1>>(above, 1)),
        ),
        OptionRev::None => SignedIntegerResult::Underflow(0x7fffffff),
    }
}

impl I64TrimMin of TrimMinHelper<i64> {
    type Target = BoundedInt<-0x7fffffffffffffff, 0x7fffffffffffffff>;
}

impl I64TrimMax of TrimMaxHelper<i64> {
    type Target = BoundedInt<-0x8000000000000000, 0x7ffffffffffffffe>;
}

impl I64AddOne of AddHelper<BoundedInt<-0x8000000000000000, 0x7ffffffffffffffe>, UnitInt<1>> {
    type Result = BoundedInt<-0x7fffffffffffffff, 0x7fffffffffffffff>;
}

impl I64SubOne of SubHelper<BoundedInt<-0x7fffffffffffffff, 0x7fffffffffffffff>, UnitInt<1>> {
    type Result = BoundedInt<-0x8000000000000000, 0x7ffffffffffffffe>;
}

fn i64_inc(value: i64) -> SignedIntegerResult<i64> {
    match trim_max(value) {
        OptionRev::Some(below) => SignedIntegerResult::InRange(
            upcast(add::<_, UnitInt<1>>(below, 1)),
        ),
        OptionRev::None => SignedIntegerResult::Overflow(-0x8000000000000000),
    }
}

fn i64_dec(value: i64) -> SignedIntegerResult<i64> {
    match trim_min(value) {
        OptionRev::Some(above) => SignedIntegerResult::InRange(
            upcast(sub::<_, UnitInt<1>>(above, 1)),
        ),
        OptionRev::None => SignedIntegerResult::Underflow(0x7fffffffffffffff),
    }
}

impl I128TrimMin of TrimMinHelper<i128> {
    type Target =
        BoundedInt<-0x7fffffffffffffffffffffffffffffff, 0x7fffffffffffffffffffffffffffffff>;
}

impl I128TrimMax of TrimMaxHelper<i128> {
    type Target =
        BoundedInt<-0x80000000000000000000000000000000, 0x7ffffffffffffffffffffffffffffffe>;
}

impl I128AddOne of AddHelper<
    BoundedInt<-0x80000000000000000000000000000000, 0x7ffffffffffffffffffffffffffffffe>, UnitInt<1>,
> {
    type Result =
        BoundedInt<-0x7fffffffffffffffffffffffffffffff, 0x7fffffffffffffffffffffffffffffff>;
}

impl I128SubOne of SubHelper<
    BoundedInt<-0x7fffffffffffffffffffffffffffffff, 0x7fffffffffffffffffffffffffffffff>, UnitInt<1>,
> {
    type Result =
        BoundedInt<-0x80000000000000000000000000000000, 0x7ffffffffffffffffffffffffffffffe>;
}

fn i128_inc(value: i128) -> SignedIntegerResult<i128> {
    match trim_max(value) {
        OptionRev::Some(below) => SignedIntegerResult::InRange(
            upcast(add::<_, UnitInt<1>>(below, 1)),
        ),
        OptionRev::None => SignedIntegerResult::Overflow(-0x80000000000000000000000000000000),
    }
}

fn i128_dec(value: i128) -> SignedIntegerResult<i128> {
    match trim_min(value) {
        OptionRev::Some(above) => SignedIntegerResult::InRange(
            upcast(sub::<_, UnitInt<1>>(above, 1)),
        ),
        OptionRev::None => SignedIntegerResult::Underflow(0x7fffffffffffffffffffffffffffffff),
    }
}
