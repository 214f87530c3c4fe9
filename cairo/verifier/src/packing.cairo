//! Entries of public tensors, packed `floor(248 / width)` to a felt, first least significant
//! (PROTOCOL §5): felts to chunks of whole entries, and these to entries.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::{self, BoundedInt, DivRemHelper, upcast};
use crate::field::pow2;
use crate::quarters::{RangeCheckTrait, units};

pub(crate) const TOO_LARGE: felt252 = 'statement: not canonical';
pub(crate) const OUTSIDE: felt252 = 'statement: entry out of range';

/// The entries of one tensor, each at most `range`: `felts` are as many as `n_entries` take.
///
/// # Panics
/// A felt is not canonical, or an entry too large.
pub fn unpack(felts: Span<felt252>, width: u32, range: u32, n_entries: u32) -> Span<u32> {
    let per_felt = 248 / width;
    let n_chunk = 128 / width;
    let splitter = Splitter {
        shift: power(128 - n_chunk * width),
        radix: power(n_chunk * width),
        two: per_felt <= 2 * n_chunk && (per_felt - n_chunk) * width <= 123,
    };
    let mut chunks = array![];
    let pattern = pattern_of(per_felt, n_chunk);
    let largest = bounds(pattern, width);
    let n_last = n_entries - (felts.len() - 1) * per_felt;
    let mut rest = felts;
    let last = *rest.pop_back().expect('statement: too short');
    while let Some(felt) = rest.pop_front() {
        splitter.split(ref chunks, *felt, largest);
    }
    splitter.split(ref chunks, last, bounds(pattern_of(n_last, n_chunk), width));
    check_range(felts, width, per_felt, range);
    values(chunks.span(), width, n_entries, pattern)
}

/// Checks that every entry is at most `range`, given that felts are canonical.
fn check_range(mut felts: Span<felt252>, width: u32, per_felt: u32, range: u32) {
    let largest = power(width) - 1;
    if largest == range.into() {
        return;
    }
    let units = units(width, per_felt);
    let check = RangeCheckTrait::new(units, width, per_felt, range);
    while let Some(felt) = felts.pop_front() {
        check.check(*felt, check.even(*felt));
    }
}

/// Entries of the chunks of a felt: as many as fit `2^128`, until there are none left.
fn pattern_of(n: u32, n_chunk: u32) -> Span<u32> {
    let mut pattern = array![];
    let mut left = n;
    while left > n_chunk {
        pattern.append(n_chunk);
        left -= n_chunk;
    }
    pattern.append(left);
    pattern.span()
}

/// The largest value of each chunk.
fn bounds(mut pattern: Span<u32>, width: u32) -> Span<u128> {
    let mut bounds = array![];
    while let Some(n) = pattern.pop_front() {
        bounds.append((power(*n * width) - 1).try_into().unwrap());
    }
    bounds.span()
}

/// Splits felts into chunks.
#[derive(Copy, Drop)]
struct Splitter {
    /// `2^(128 - bits of a chunk)`.
    shift: felt252,
    /// `2^(bits of a chunk)`.
    radix: felt252,
    /// Whether a felt has at most two chunks, the upper one below `2^123`.
    two: bool,
}

#[generate_trait]
impl SplitterImpl of SplitterTrait {
    /// As many chunks as there are bounds.
    fn split(self: Splitter, ref chunks: Array<u128>, felt: felt252, mut bounds: Span<u128>) {
        if self.two {
            // If the felt is what it should be, the product does not wrap. If it is not, then its
            // two chunks, which do make it up modulo the prime, are not both within the bounds.
            let shifted: u256 = (felt * self.shift).into();
            let low: u128 = (felt - shifted.high.into() * self.radix).try_into().expect(TOO_LARGE);
            assert(low <= *bounds.pop_front().expect(TOO_LARGE), TOO_LARGE);
            chunks.append(low);
            match bounds.pop_front() {
                Some(bound) => {
                    assert(shifted.high <= *bound, TOO_LARGE);
                    chunks.append(shifted.high);
                },
                None => assert(shifted.high == 0, TOO_LARGE),
            }
            return;
        }
        let mut rest: u256 = felt.into();
        while let Some(bound) = bounds.pop_front() {
            let radix: u256 = self.radix.into();
            let (quotient, chunk) = DivRem::div_rem(rest, radix.try_into().expect(TOO_LARGE));
            assert(chunk.low <= *bound && chunk.high == 0, TOO_LARGE);
            chunks.append(chunk.low);
            rest = quotient;
        }
        assert(rest == 0, TOO_LARGE);
    }
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

impl DivByU32 of DivRemHelper<u128, u32> {
    type DivT = BoundedInt<0, 0xffffffffffffffffffffffffffffffff>;
    type RemT = BoundedInt<0, 0xfffffffe>;
}

/// The entries in chunks, of which `pattern` is a felt's.
fn values(mut chunks: Span<u128>, width: u32, n_entries: u32, pattern: Span<u32>) -> Span<u32> {
    let mut values = array![];
    // No interval is as long as 2^31.
    let radix = pow2(width).try_into().expect(TOO_LARGE);
    let mut rest = pattern;
    let mut left = n_entries;
    while let Some(chunk) = chunks.pop_front() {
        let n = match rest.pop_front() {
            Some(n) => *n,
            None => {
                rest = pattern;
                *rest.pop_front().expect(TOO_LARGE)
            },
        };
        let n = if left < n {
            left
        } else {
            n
        };
        left -= n;
        unpack_chunk(ref values, *chunk, n, radix);
    }
    values.span()
}

/// The `n >= 1` entries of a chunk.
fn unpack_chunk(ref values: Array<u32>, chunk: u128, n: u32, radix: NonZero<u32>) {
    let mut rest = chunk;
    let mut left = n;
    while left > 5 {
        unpack_one(ref values, ref rest, radix);
        unpack_one(ref values, ref rest, radix);
        unpack_one(ref values, ref rest, radix);
        unpack_one(ref values, ref rest, radix);
        unpack_one(ref values, ref rest, radix);
        left -= 5;
    }
    while left > 1 {
        unpack_one(ref values, ref rest, radix);
        left -= 1;
    }
    values.append(rest.try_into().expect(TOO_LARGE));
}

#[inline(always)]
fn unpack_one(ref values: Array<u32>, ref rest: u128, radix: NonZero<u32>) {
    let (quotient, value) = bounded_int::div_rem(rest, radix);
    values.append(upcast(value));
    rest = upcast(quotient);
}
