#[feature("bounded-int-utils")]
use core::internal::bounded_int::{
    self, AddHelper, BoundedInt, ConstrainHelper, DivRemHelper, MulHelper, SubHelper, UnitInt,
};
use core::num::traits::{
    Bounded, CheckedAdd, CheckedSub, OverflowingAdd, Pow, Sqrt, WideMul, WrappingAdd, WrappingSub,
    Zero,
};

#[test]
fn arithmetic() {
    assert(7_u8 + 3 == 10 && 7_u8 - 3 == 4 && 7_u8 * 3 == 21, 'u8');
    assert(7_u16 / 3 == 2 && 7_u16 % 3 == 1, 'u16');
    assert(0xffffffff_u32.wide_mul(0xffffffff) == 0xfffffffe00000001_u64, 'u32');
    assert(1000000007_u64 * 1000000009 == 1000000016000000063, 'u64');
    assert(0xffffffffffffffff_u64.wide_mul(2) == 0x1fffffffffffffffe_u128, 'u64 wide');
    assert(-7_i32 + 3 == -4 && -7_i32 - 3 == -10 && -7_i32 * 3 == -21, 'i32');
    assert(-5_i64 < 3 && -5_i64 >= -5 && -(-5_i64) == 5, 'i64');
    let mut x = 10_u32;
    x += 5;
    x -= 3;
    x *= 4;
    x /= 6;
    x %= 5;
    assert(x == 3, 'assignment');
}

#[test]
fn wide_integers() {
    let max: u128 = Bounded::MAX;
    let square: u256 = max.wide_mul(max);
    assert(square == u256 { low: 1, high: 0xfffffffffffffffffffffffffffffffe }, 'square');
    let divisor: u256 = max.into();
    let (quotient, remainder) = DivRem::div_rem(square, divisor.try_into().unwrap());
    assert(quotient == max.into() && remainder == 0, 'division');
    let a: u256 = 0x100000000000000000000000000000000;
    assert(a - 1 == max.into() && a > max.into() && a + a == 2 * a, 'u256');
    assert(square.sqrt() == max, 'root');
    assert(99_u128.sqrt() == 9, 'u128 root');
}

#[test]
fn conversions() {
    let wide: u64 = 300_u32.into();
    assert(wide == 300, 'up');
    let narrow: Option<u8> = wide.try_into();
    assert(narrow.is_none(), 'down');
    let narrow: Option<u16> = wide.try_into();
    assert(narrow == Some(300), 'down');
    let felt: felt252 = 300_u64.into();
    let back: u32 = felt.try_into().unwrap();
    assert(back == 300, 'felt');
    let negative: felt252 = (-3_i8).into();
    assert(negative == -3, 'negative');
    let back: Option<i16> = negative.try_into();
    assert(back == Some(-3), 'negative');
    let none: Option<u128> = negative.try_into();
    assert(none.is_none(), 'not a u128');
    let all: u256 = (-1).into();
    assert(all == 0x800000000000011000000000000000000000000000000000000000000000000, 'prime');
    let back: Option<felt252> = (all + 1).try_into();
    assert(back.is_none(), 'not a felt');
    let back: Option<felt252> = all.try_into();
    assert(back == Some(-1), 'felt');
}

#[test]
fn overflow_is_told() {
    let max: u32 = Bounded::MAX;
    assert(max.checked_add(1).is_none() && max.checked_add(0) == Some(max), 'checked');
    assert(0_u32.checked_sub(1).is_none(), 'checked');
    assert(max.wrapping_add(2) == 1 && 0_u32.wrapping_sub(1) == max, 'wrapping');
    assert(max.overflowing_add(1) == (0, true), 'overflowing');
    assert(2_u128.pow(100) == 0x10000000000000000000000000, 'power');
    assert(3_felt252.pow(5) == 243, 'power of a felt');
    assert(0_u32.is_zero() && 1_u32.is_non_zero() && (0_felt252).is_zero(), 'zero');
}

#[test]
#[should_panic(expected: 'u32_add Overflow')]
fn sums_panic() {
    let max: u32 = Bounded::MAX;
    let _sum = max + opaque(1);
}

#[test]
#[should_panic(expected: 'u64_sub Overflow')]
fn differences_panic() {
    let _difference: u64 = 3_u64 - opaque(4).into();
}

#[test]
#[should_panic(expected: 'Division by 0')]
fn division_by_zero_panics() {
    let _quotient = 3_u32 / opaque(0);
}

#[inline(never)]
fn opaque(x: u32) -> u32 {
    x
}

#[test]
fn bits() {
    assert(0b1100_u8 & 0b1010 == 0b1000, 'and');
    assert(0b1100_u32 | 0b1010 == 0b1110, 'or');
    assert(0b1100_u64 ^ 0b1010 == 0b0110, 'xor');
    assert(0b1100_u256 & 0b1010 == 0b1000, 'and of u256');
    assert(core::integer::u128_byte_reverse(1) == 0x1000000000000000000000000000000, 'reverse');
}

impl AddFourBits of AddHelper<BoundedInt<0, 15>, BoundedInt<0, 15>> {
    type Result = BoundedInt<0, 30>;
}
impl SubFourBits of SubHelper<BoundedInt<0, 15>, BoundedInt<0, 15>> {
    type Result = BoundedInt<-15, 15>;
}
impl MulFourBits of MulHelper<BoundedInt<0, 15>, BoundedInt<0, 15>> {
    type Result = BoundedInt<0, 225>;
}
impl DivBySeven of DivRemHelper<BoundedInt<0, 225>, UnitInt<7>> {
    type DivT = BoundedInt<0, 32>;
    type RemT = BoundedInt<0, 6>;
}
impl SplitDifference of ConstrainHelper<BoundedInt<-15, 15>, 0> {
    type LowT = BoundedInt<-15, -1>;
    type HighT = BoundedInt<0, 15>;
}

#[test]
fn bounded_integers() {
    let a: BoundedInt<0, 15> = (opaque(13)).try_into_bounded();
    let b: BoundedInt<0, 15> = 9;
    assert(bounded_int::add(a, b) == 22, 'sum');
    let product = bounded_int::mul(a, b);
    let (quotient, remainder) = bounded_int::div_rem(product, 7);
    assert(quotient == 16 && remainder == 5, 'division');
    match bounded_int::constrain::<_, 0>(bounded_int::sub(b, a)) {
        Ok(negative) => assert(negative == -4, 'negative'),
        Err(_) => panic(array!['not negative']),
    }
    let wide: u32 = bounded_int::upcast(product);
    assert(wide == 117, 'up');
    let none: Option<BoundedInt<0, 15>> = bounded_int::downcast(16_u32);
    assert(none.is_none(), 'down');
}

#[generate_trait]
impl ToBounded of ToBoundedTrait {
    fn try_into_bounded(self: u32) -> BoundedInt<0, 15> {
        bounded_int::downcast(self).unwrap()
    }
}
