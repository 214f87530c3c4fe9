//! Entries of public tensors, packed `floor(248 / width)` to a felt, first least significant
//! (PROTOCOL §5): felts to chunks of whole entries, and these to entries.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::{self, BoundedInt, DivRemHelper, upcast};
use crate::field::pow2;
use crate::fifths::RangeCheckTrait;

pub(crate) const TOO_LARGE: felt252 = 'statement: not canonical';
pub(crate) const OUTSIDE: felt252 = 'statement: entry out of range';

/// The entries of one tensor, each at most `range`: `felts` are as many as `n_entries` take.
///
/// # Panics
/// A felt is not canonical, or an entry too large.
pub fn unpack(felts: Span<felt252>, width: u32, range: u32, n_entries: u32) -> Span<u32> {
    let per_felt = 248 / width;
    let cutter = CutterTrait::new(width, per_felt);
    let mut rest = felts;
    let mut values = array![];
    // What is above the entries.
    let mut above = 0;
    while let Some(felt) = rest.pop_front() {
        above += cutter.cut(ref values, (*felt).into());
    }
    // A sum of less than 2^32 terms below 2^128, none of which is negative.
    assert(above == 0, TOO_LARGE);
    check_last(felts, width, per_felt, n_entries);
    check_range(felts, width, per_felt, range);
    values.span().slice(0, n_entries)
}

/// Checks that every entry is at most `range`, given that felts are canonical.
pub(crate) fn check_range(mut felts: Span<felt252>, width: u32, per_felt: u32, range: u32) {
    if power(width) - 1 == range.into() {
        return;
    }
    let check = RangeCheckTrait::new(width, per_felt, range);
    while let Some(felt) = felts.pop_front() {
        assert(check.holds(*felt), OUTSIDE);
    }
}

/// There is nothing after the last entry.
pub(crate) fn check_last(felts: Span<felt252>, width: u32, per_felt: u32, n_entries: u32) {
    let n_last = n_entries - (felts.len() - 1) * per_felt;
    check_below(*felts[felts.len() - 1], n_last * width);
}

/// Checks that a number has at most `bits` bits.
#[inline(never)]
pub(crate) fn check_below(number: felt252, bits: u32) {
    let number: u256 = number.into();
    assert(number < power(bits).into(), TOO_LARGE);
}

/// A number of entries: `15 n_fifteens + 8 eight + 4 four + 2 two + one`, all but the first `0` or
/// `1`.
#[derive(Copy, Drop)]
struct Count {
    n_fifteens: felt252,
    eight: bool,
    four: bool,
    two: bool,
    one: bool,
}

/// That of `n >= 1` entries, `15` as the sum of the others.
fn count(n: u32) -> Count {
    let (n_fifteens, rest) = DivRem::div_rem(n - 1, 15);
    let rest = rest + 1;
    Count {
        n_fifteens: n_fifteens.into(),
        eight: rest >= 8,
        four: rest % 8 >= 4,
        two: rest % 4 >= 2,
        one: rest % 2 == 1,
    }
}

/// Cuts felts into entries: some lie in the lower 128 bits, one begins there, the others lie above.
#[derive(Copy, Drop)]
struct Cutter {
    /// `2^width`.
    radix: NonZero<u32>,
    low: Count,
    /// `2^bits` of the upper part of the entry that begins in the lower 128 bits, none of which
    /// may be there, and the place of this part in the entry.
    radix_between: NonZero<u32>,
    between: felt252,
    high: Count,
}

#[generate_trait]
impl CutterImpl of CutterTrait {
    fn new(width: u32, per_felt: u32) -> Box<Cutter> {
        let (n_low, n_bits) = DivRem::div_rem(128, width.try_into().expect(TOO_LARGE));
        BoxTrait::new(
            Cutter {
                radix: pow2(width).try_into().expect(TOO_LARGE),
                low: count(n_low),
                radix_between: pow2(width - n_bits).try_into().expect(TOO_LARGE),
                between: power(n_bits),
                high: count(per_felt - n_low - 1),
            },
        )
    }

    /// Appends the entries of a felt; what is above them.
    #[inline(never)]
    fn cut(self: Box<Cutter>, ref values: Array<u32>, value: u256) -> felt252 {
        let Cutter { radix, low, radix_between, between, high } = self.unbox();
        let lower = take(ref values, value.low, low, radix);
        let (rest, upper) = bounded_int::div_rem(value.high, radix_between);
        // An entry has at most 31 bits (no interval is as long as 2^31).
        let entry: felt252 = lower.into() + upcast(upper) * between;
        values.append(entry.try_into().expect(TOO_LARGE));
        take(ref values, upcast(rest), high, radix).into()
    }
}

impl DivByU32 of DivRemHelper<u128, u32> {
    type DivT = BoundedInt<0, 0xffffffffffffffffffffffffffffffff>;
    type RemT = BoundedInt<0, 0xfffffffe>;
}

/// Appends the lowest `n` entries of a number; what is above them.
fn take(ref values: Array<u32>, number: u128, n: Count, radix: NonZero<u32>) -> u128 {
    let mut rest = number;
    if n.n_fifteens != 0 {
        let fifteen = Count { n_fifteens: 0, eight: true, four: true, two: true, one: true };
        let mut left = n.n_fifteens;
        while left != 0 {
            rest = take(ref values, rest, fifteen, radix);
            left -= 1;
        }
    }
    if n.eight {
        take_four(ref values, ref rest, radix);
        take_four(ref values, ref rest, radix);
    }
    if n.four {
        take_four(ref values, ref rest, radix);
    }
    if n.two {
        take_one(ref values, ref rest, radix);
        take_one(ref values, ref rest, radix);
    }
    if n.one {
        take_one(ref values, ref rest, radix);
    }
    rest
}

#[inline(always)]
fn take_four(ref values: Array<u32>, ref rest: u128, radix: NonZero<u32>) {
    take_one(ref values, ref rest, radix);
    take_one(ref values, ref rest, radix);
    take_one(ref values, ref rest, radix);
    take_one(ref values, ref rest, radix);
}

#[inline(always)]
fn take_one(ref values: Array<u32>, ref rest: u128, radix: NonZero<u32>) {
    let (quotient, value) = bounded_int::div_rem(rest, radix);
    values.append(upcast(value));
    rest = upcast(quotient);
}

/// `2^n`.
pub fn power(n: u32) -> felt252 {
    let mut power = 1;
    let mut left = n;
    while left >= 31 {
        power *= 0x80000000;
        left -= 31;
    }
    power * pow2(left).into()
}
