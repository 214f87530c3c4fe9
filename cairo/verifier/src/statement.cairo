//! The public tensors of a statement (PROTOCOL §1): entries `v - lo`, packed `floor(248 / width)`
//! to a felt, first least significant. Every entry is checked against its interval.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::{self, BoundedInt, DivRemHelper, upcast};
use crate::channel::{Channel, ChannelTrait};
use crate::circuit::{PublicTensor, bit_length};
use crate::field::pow2;

/// A public tensor with its entries.
#[derive(Copy, Drop)]
pub struct Entries {
    pub tensor: PublicTensor,
    /// Bits of an entry.
    pub width: u32,
    /// Each felt in chunks of whole entries, least significant first.
    pub chunks: Span<u128>,
    /// Entries of each chunk of a felt.
    pub pattern: Span<u32>,
}

/// All public tensors.
#[derive(Copy, Drop)]
pub struct Statement {
    pub inputs: Span<Entries>,
    pub outputs: Span<Entries>,
}

#[generate_trait]
pub impl StatementImpl of StatementTrait {
    /// Checks all entries.
    ///
    /// # Panics
    /// A tensor is too short or too long, an entry outside its interval, or a felt not canonical.
    fn new(
        inputs: Span<PublicTensor>,
        outputs: Span<PublicTensor>,
        input_felts: Span<felt252>,
        output_felts: Span<felt252>,
    ) -> Statement {
        Statement {
            inputs: check_all(inputs, input_felts), outputs: check_all(outputs, output_felts),
        }
    }

    /// The entries of an input that are indices of a dimension.
    ///
    /// # Panics
    /// Its interval is not within the dimension.
    fn input(self: @Statement, index: u32, extent: u32) -> Span<u32> {
        let entries = *(*self.inputs)[index];
        let lo: u32 = entries.tensor.lo.try_into().expect('statement: negative index');
        // Both are below 2^31.
        assert(lo + entries.tensor.range < extent, 'statement: index too large');
        let mut values = unpack(entries).span();
        if lo == 0 {
            return values;
        }
        let mut tokens = array![];
        while let Some(value) = values.pop_front() {
            tokens.append(lo + *value);
        }
        tokens.span()
    }
}

/// Absorbs all tensors, each in one absorption.
pub fn absorb(ref channel: Channel, mut tensors: Span<PublicTensor>, mut felts: Span<felt252>) {
    while let Some(tensor) = tensors.pop_front() {
        let n = n_felts(tensor);
        channel.absorb_felts(felts.slice(0, n));
        felts = felts.slice(n, felts.len() - n);
    }
}

/// Bits of an entry.
fn width(tensor: @PublicTensor) -> u32 {
    if *tensor.range == 0 {
        1
    } else {
        bit_length(*tensor.range)
    }
}

fn n_felts(tensor: @PublicTensor) -> u32 {
    let per_felt = 248 / width(tensor);
    (*tensor.n_entries + per_felt - 1) / per_felt
}

fn check_all(mut tensors: Span<PublicTensor>, mut felts: Span<felt252>) -> Span<Entries> {
    let mut checked = array![];
    while let Some(tensor) = tensors.pop_front() {
        let n = n_felts(tensor);
        assert(n <= felts.len(), 'statement: too short');
        checked.append(check(*tensor, felts.slice(0, n)));
        felts = felts.slice(n, felts.len() - n);
    }
    assert(felts.is_empty(), 'statement: too long');
    checked.span()
}

/// Checks the entries of one tensor: `felts` are as many as it takes.
fn check(tensor: PublicTensor, mut felts: Span<felt252>) -> Entries {
    let width = width(@tensor);
    let per_felt = 248 / width;
    let in_chunk = 128 / width;
    let in_last = tensor.n_entries - (felts.len() - 1) * per_felt;
    let splitter = Splitter {
        shift: power(128 - in_chunk * width), radix: power(in_chunk * width),
    };
    let two = (per_felt - in_chunk) * width <= 123;
    let last = felts.pop_back();
    let pattern = pattern(per_felt, in_chunk);
    let bounds = bounds(pattern, width);
    let mut chunks = array![];
    while let Some(felt) = felts.pop_front() {
        if two {
            splitter.two(ref chunks, *felt, bounds);
        } else {
            splitter.many(ref chunks, *felt, bounds);
        }
    }
    if let Some(felt) = last {
        splitter.many(ref chunks, *felt, last_bounds(pattern, width, in_last));
    }
    let chunks = chunks.span();
    check_range(chunks, width, in_chunk, tensor.range);
    Entries { tensor, width, chunks, pattern }
}

/// Entries of the chunks of a felt: as many as fit `2^128`, until there are none left.
fn pattern(per_felt: u32, in_chunk: u32) -> Span<u32> {
    let mut pattern = array![];
    let mut left = per_felt;
    while left > in_chunk {
        pattern.append(in_chunk);
        left -= in_chunk;
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

/// The same for a felt with `n` entries.
fn last_bounds(mut pattern: Span<u32>, width: u32, n: u32) -> Span<u128> {
    let mut left = n;
    let mut filled = array![];
    while let Some(n) = pattern.pop_front() {
        let here = if left < *n {
            left
        } else {
            *n
        };
        filled.append(here);
        left -= here;
    }
    bounds(filled.span(), width)
}

/// Splits felts into chunks.
#[derive(Copy, Drop)]
struct Splitter {
    /// `2^(128 - bits of a chunk)`.
    shift: felt252,
    /// `2^(bits of a chunk)`.
    radix: felt252,
}

const TOO_LARGE: felt252 = 'statement: not canonical';

#[generate_trait]
impl SplitterImpl of SplitterTrait {
    /// Two chunks, the upper one below `2^123`.
    #[inline(always)]
    fn two(self: Splitter, ref chunks: Array<u128>, felt: felt252, mut bounds: Span<u128>) {
        // If the felt is what it should be, the product does not wrap. If it is not, then what
        // follows from its upper half does not add up, or not within the bounds.
        let shifted: u256 = (felt * self.shift).into();
        let low: u128 = (felt - shifted.high.into() * self.radix).try_into().expect(TOO_LARGE);
        assert(low <= *bounds.pop_front().unwrap(), TOO_LARGE);
        assert(shifted.high <= *bounds.pop_front().unwrap(), TOO_LARGE);
        chunks.append(low);
        chunks.append(shifted.high);
    }

    /// As many chunks as there are bounds.
    fn many(self: Splitter, ref chunks: Array<u128>, felt: felt252, mut bounds: Span<u128>) {
        let mut rest: u256 = felt.into();
        while let Some(bound) = bounds.pop_front() {
            let radix: u256 = self.radix.into();
            let (quotient, chunk) = DivRem::div_rem(rest, radix.try_into().unwrap());
            assert(chunk.low <= *bound && chunk.high == 0, TOO_LARGE);
            chunks.append(chunk.low);
            rest = quotient;
        }
        assert(rest == 0, TOO_LARGE);
    }
}

/// Checks that every entry is at most `range`: `entry + (2^width - 1 - range)` does not carry. With
/// this added to all entries of a chunk, the even ones are what they should be if and only if there
/// is no carry into them or out of them, so no carry at all.
fn check_range(mut chunks: Span<u128>, width: u32, in_chunk: u32, range: u32) {
    let gap = power(width) - 1 - range.into();
    if gap == 0 {
        return;
    }
    let step = power(width);
    let (mut all, mut even) = (0, 0);
    let mut place = 1;
    let mut is_even = true;
    for _ in 0..in_chunk {
        all += place;
        if is_even {
            even += place;
        }
        is_even = !is_even;
        place *= step;
    }
    let added = all * gap;
    let added_even = even * gap;
    // Above an odd last entry, the bit that it would carry into.
    let carry = if is_even && in_chunk * width < 128 {
        place
    } else {
        0
    };
    let mask: u128 = (even * (step - 1) + carry).try_into().unwrap();
    while let Some(chunk) = chunks.pop_front() {
        let sum: u128 = ((*chunk).into() + added).try_into().expect(OUTSIDE);
        let before: felt252 = (*chunk & mask).into();
        let after: felt252 = (sum & mask).into();
        assert(before + added_even == after, OUTSIDE);
    }
}

const OUTSIDE: felt252 = 'statement: entry out of range';

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

/// The entries, less the lower end of the interval.
pub fn unpack(entries: Entries) -> Array<u32> {
    let mut values = array![];
    let mut chunks = entries.chunks;
    let mut pattern = entries.pattern;
    let mut left = entries.tensor.n_entries;
    while left != 0 {
        if pattern.is_empty() {
            pattern = entries.pattern;
        }
        let in_chunk = *pattern.pop_front().unwrap();
        let n = if left < in_chunk {
            left
        } else {
            in_chunk
        };
        unpack_chunk(ref values, *chunks.pop_front().unwrap(), n, entries.width);
        left -= n;
    }
    values
}

/// The first `n` entries of a chunk.
fn unpack_chunk(ref values: Array<u32>, chunk: u128, n: u32, width: u32) {
    let mut rest = chunk;
    let mut left = n;
    if width == 32 {
        while left != 0 {
            let (quotient, value) = DivRem::div_rem(rest, 0x100000000);
            values.append(value.try_into().unwrap());
            rest = quotient;
            left -= 1;
        }
        return;
    }
    let radix: NonZero<u32> = pow2(width).try_into().unwrap();
    while left >= 8 {
        unpack_four(ref values, ref rest, radix);
        unpack_four(ref values, ref rest, radix);
        left -= 8;
    }
    if left >= 4 {
        unpack_four(ref values, ref rest, radix);
        left -= 4;
    }
    if left >= 2 {
        unpack_one(ref values, ref rest, radix);
        unpack_one(ref values, ref rest, radix);
        left -= 2;
    }
    if left == 1 {
        unpack_one(ref values, ref rest, radix);
    }
}

#[inline(always)]
fn unpack_four(ref values: Array<u32>, ref rest: u128, radix: NonZero<u32>) {
    unpack_one(ref values, ref rest, radix);
    unpack_one(ref values, ref rest, radix);
    unpack_one(ref values, ref rest, radix);
    unpack_one(ref values, ref rest, radix);
}

#[inline(always)]
fn unpack_one(ref values: Array<u32>, ref rest: u128, radix: NonZero<u32>) {
    let (quotient, value) = bounded_int::div_rem(rest, radix);
    values.append(upcast(value));
    rest = upcast(quotient);
}
