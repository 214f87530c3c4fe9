//! The digits of a circuit's encoding (PROTOCOL, Appendix C): 16 digits of 15 bits to a felt, first
//! digit least significant; an integer is its base-`2^14` digits, least significant first, every
//! digit but the last with bit 14 set.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::{
    self, BoundedInt, ConstrainHelper, DivRemHelper, UnitInt, downcast, upcast,
};

/// A digit: 14 bits of an integer, and whether another digit follows.
pub type Digit = BoundedInt<0, 0x7fff>;

type Low = BoundedInt<0, 0x3fff>;
type High = BoundedInt<0x4000, 0x7fff>;
type Radix = UnitInt<0x8000>;
type Bits30 = BoundedInt<0, 0x3fffffff>;
type Bits45 = BoundedInt<0, 0x1fffffffffff>;
type Bits60 = BoundedInt<0, 0xfffffffffffffff>;
type Bits75 = BoundedInt<0, 0x7ffffffffffffffffff>;
type Bits90 = BoundedInt<0, 0x3ffffffffffffffffffffff>;
type Bits105 = BoundedInt<0, 0x1ffffffffffffffffffffffffff>;
type Bits120 = BoundedInt<0, 0xffffffffffffffffffffffffffffff>;

impl Split120 of DivRemHelper<Bits120, Radix> {
    type DivT = Bits105;
    type RemT = Digit;
}
impl Split105 of DivRemHelper<Bits105, Radix> {
    type DivT = Bits90;
    type RemT = Digit;
}
impl Split90 of DivRemHelper<Bits90, Radix> {
    type DivT = Bits75;
    type RemT = Digit;
}
impl Split75 of DivRemHelper<Bits75, Radix> {
    type DivT = Bits60;
    type RemT = Digit;
}
impl Split60 of DivRemHelper<Bits60, Radix> {
    type DivT = Bits45;
    type RemT = Digit;
}
impl Split45 of DivRemHelper<Bits45, Radix> {
    type DivT = Bits30;
    type RemT = Digit;
}
impl Split30 of DivRemHelper<Bits30, Radix> {
    type DivT = Digit;
    type RemT = Digit;
}

impl Last of ConstrainHelper<Digit, 0x4000> {
    type LowT = Low;
    type HighT = High;
}

const RADIX: NonZero<Radix> = 0x8000;
/// Digits to a felt.
const PER_FELT: u32 = 16;
const TWO_8: felt252 = 0x100;
const TWO_120: felt252 = 0x1000000000000000000000000000000;

/// The `n` digits that `felts` pack. Panics unless the packing is canonical: as many felts as it
/// takes, each below `2^240`, zeros after the last digit.
pub fn unpack(mut felts: Span<felt252>, n: u32) -> Span<Digit> {
    assert((n + PER_FELT - 1) / PER_FELT == felts.len(), 'circuit: number of felts');
    let mut digits = array![];
    while let Some(felt) = felts.pop_front() {
        // Shifted by 8 bits, the upper eight digits are the upper half of a u256.
        let shifted: u256 = (*felt * TWO_8).into();
        let high: felt252 = shifted.high.into();
        match downcast::<felt252, Bits120>(*felt - high * TWO_120) {
            Some(low) => unpack_half(ref digits, low),
            None => core::panic_with_felt252('circuit: digits not canonical'),
        }
        match downcast::<u128, Bits120>(shifted.high) {
            Some(high) => unpack_half(ref digits, high),
            None => core::panic_with_felt252('circuit: digits not canonical'),
        }
    }
    let digits = digits.span();
    let mut rest = digits.slice(n, digits.len() - n);
    while let Some(digit) = rest.pop_front() {
        let digit: felt252 = upcast(*digit);
        assert(digit == 0, 'circuit: digits after the last');
    }
    digits.slice(0, n)
}

/// Eight digits, first least significant.
#[inline(always)]
fn unpack_half(ref digits: Array<Digit>, half: Bits120) {
    let (rest, digit) = bounded_int::div_rem(half, RADIX);
    digits.append(digit);
    let (rest, digit) = bounded_int::div_rem(rest, RADIX);
    digits.append(digit);
    let (rest, digit) = bounded_int::div_rem(rest, RADIX);
    digits.append(digit);
    let (rest, digit) = bounded_int::div_rem(rest, RADIX);
    digits.append(digit);
    let (rest, digit) = bounded_int::div_rem(rest, RADIX);
    digits.append(digit);
    let (rest, digit) = bounded_int::div_rem(rest, RADIX);
    digits.append(digit);
    let (last, digit) = bounded_int::div_rem(rest, RADIX);
    digits.append(digit);
    digits.append(last);
}

/// The next integer. Panics if there is none, or if it is `2^32` or larger: no valid circuit has
/// one.
#[inline(always)]
pub fn next(ref digits: Span<Digit>) -> u32 {
    match digits.pop_front() {
        Some(digit) => match bounded_int::constrain::<Digit, 0x4000>(*digit) {
            Ok(low) => upcast(low),
            Err(high) => next_long(ref digits, upcast(high)),
        },
        None => core::panic_with_felt252('circuit: too short'),
    }
}

/// An integer of more than one digit, of which `first` is the first.
#[inline(never)]
fn next_long(ref digits: Span<Digit>, first: felt252) -> u32 {
    let (low, high) = match digits.pop_front() {
        Some(digit) => match bounded_int::constrain::<Digit, 0x4000>(*digit) {
            Ok(last) => (upcast(last), 0),
            Err(middle) => {
                let high = match digits.pop_front() {
                    Some(digit) => *digit,
                    None => core::panic_with_felt252('circuit: too short'),
                };
                assert(upcast::<Digit, felt252>(high) != 0, 'circuit: integer not canonical');
                let middle: felt252 = upcast(middle);
                (middle - 0x4000, upcast(high))
            },
        },
        None => core::panic_with_felt252('circuit: too short'),
    };
    assert(low + high != 0, 'circuit: integer not canonical');
    let value: felt252 = first - 0x4000 + low * 0x4000 + high * 0x10000000;
    match value.try_into() {
        Some(value) => value,
        None => core::panic_with_felt252('circuit: integer too large'),
    }
}

/// A signed integer from its zigzag code: 0, -1, 1, -2, ..
pub fn zigzag(code: u32) -> felt252 {
    let (half, odd) = DivRem::div_rem(code, 2);
    let half: felt252 = half.into();
    if odd == 0 {
        half
    } else {
        -half - 1
    }
}
