//! The digits of a circuit's encoding (PROTOCOL, Appendix C): 16 digits of 15 bits to a felt, first
//! digit least significant; an integer is its base-`2^14` digits, least significant first, every
//! digit but the last with bit 14 set.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::{self, BoundedInt, DivRemHelper, UnitInt, downcast, upcast};

/// A digit: 14 bits of an integer, and whether another digit follows.
type Digit = BoundedInt<0, 0x7fff>;

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

const RADIX: NonZero<Radix> = 0x8000;
/// Digits to a felt.
const PER_FELT: u32 = 16;
const TWO_8: felt252 = 0x100;
const TWO_120: felt252 = 0x1000000000000000000000000000000;
/// Bit 14 of eight digits.
const MORE: u128 = 0x800100020004000800100020004000;

/// The divisor, at hand.
#[inline(never)]
fn radix() -> NonZero<Radix> {
    RADIX
}

/// The first digits of an integer that goes on.
#[derive(Copy, Drop)]
struct Begun {
    value: felt252,
    /// The place of the next digit; 1 if there are no first digits.
    place: felt252,
}

/// The integers of the `n` digits that `felts` pack.
///
/// # Panics
/// The packing is not canonical: as many felts as it takes, each below `2^240`, zeros after the
/// last digit. Or an integer is not, or is `2^32` or larger: no valid circuit has one.
pub fn integers(mut felts: Span<felt252>, n: u32) -> Span<u32> {
    assert((n + PER_FELT - 1) / PER_FELT == felts.len(), 'circuit: number of felts');
    let n_unused = felts.len() * PER_FELT - n;
    let radix = radix();
    let mut integers = array![];
    let mut begun = Begun { value: 0, place: 1 };
    while let Some(felt) = felts.pop_front() {
        // Shifted by 8 bits, the upper eight digits are the upper half of a u256.
        let shifted: u256 = (*felt * TWO_8).into();
        let high: felt252 = shifted.high.into();
        let Some(low) = downcast::<felt252, Bits120>(*felt - high * TWO_120) else {
            core::panic_with_felt252(NOT_CANONICAL)
        };
        let Some(high) = downcast::<u128, Bits120>(shifted.high) else {
            core::panic_with_felt252(NOT_CANONICAL)
        };
        read_half(ref integers, ref begun, low, radix);
        read_half(ref integers, ref begun, high, radix);
    }
    assert(begun.place == 1, 'circuit: too short');
    // Unused digits that are zero are integers. If one is not, then neither are the last integers
    // all zero: it is part of one of them.
    let integers = integers.span();
    assert(n_unused <= integers.len(), 'circuit: digits after the last');
    let n_used = integers.len() - n_unused;
    let mut rest = integers.slice(n_used, n_unused);
    while let Some(integer) = rest.pop_front() {
        assert(*integer == 0, 'circuit: digits after the last');
    }
    integers.slice(0, n_used)
}

const NOT_CANONICAL: felt252 = 'circuit: digits not canonical';

/// The integers that end in eight digits, first least significant.
#[inline(always)]
fn read_half(ref integers: Array<u32>, ref begun: Begun, half: Bits120, radix: NonZero<Radix>) {
    let more: felt252 = (upcast::<_, u128>(half) & MORE).into();
    // Both are small and not negative.
    if begun.place - 1 + more == 0 {
        // Every digit is an integer.
        let (rest, digit) = bounded_int::div_rem(half, radix);
        integers.append(upcast(digit));
        let (rest, digit) = bounded_int::div_rem(rest, radix);
        integers.append(upcast(digit));
        let (rest, digit) = bounded_int::div_rem(rest, radix);
        integers.append(upcast(digit));
        let (rest, digit) = bounded_int::div_rem(rest, radix);
        integers.append(upcast(digit));
        let (rest, digit) = bounded_int::div_rem(rest, radix);
        integers.append(upcast(digit));
        let (rest, digit) = bounded_int::div_rem(rest, radix);
        integers.append(upcast(digit));
        let (last, digit) = bounded_int::div_rem(rest, radix);
        integers.append(upcast(digit));
        integers.append(upcast(last));
    } else {
        read_long_half(ref integers, ref begun, upcast(half));
    }
}

/// The same, if some of the integers have several digits.
#[inline(never)]
fn read_long_half(ref integers: Array<u32>, ref begun: Begun, half: u128) {
    let mut rest = half;
    let mut left = 8;
    let Begun { mut value, mut place } = begun;
    while left != 0 {
        left -= 1;
        let (next, digit) = DivRem::div_rem(rest, 0x8000);
        rest = next;
        if digit < 0x4000 {
            assert(digit != 0 || place == 1, 'circuit: integer not canonical');
            let Some(integer) = (value + digit.into() * place).try_into() else {
                core::panic_with_felt252('circuit: integer too large')
            };
            integers.append(integer);
            value = 0;
            place = 1;
        } else {
            // The largest integers have three digits.
            assert(place != 0x10000000, 'circuit: integer too large');
            value += (digit.into() - 0x4000) * place;
            place *= 0x4000;
        }
    }
    begun = Begun { value, place };
}

/// The next integer.
///
/// # Panics
/// There is none.
#[inline(always)]
pub fn next(ref integers: Span<u32>) -> u32 {
    match integers.pop_front() {
        Some(integer) => *integer,
        None => core::panic_with_felt252('circuit: too short'),
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
