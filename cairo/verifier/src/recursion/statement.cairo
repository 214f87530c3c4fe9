//! The public tensors of a statement (PROTOCOL §1), suite Blake2s: entries `v - lo`, packed
//! `floor(32 / width)` to a word, first least significant. Every entry is checked against its
//! interval.

use crate::blake::hash_words;
use crate::channel::{Channel, ChannelTrait};
use crate::circuit::{PublicTensor, bit_length};
use crate::field::pow2;
use crate::merkle::Hash;
use crate::wire::word;

/// A public tensor with its entries.
#[derive(Copy, Drop)]
pub struct Entries {
    pub tensor: PublicTensor,
    /// As they came.
    pub felts: Span<felt252>,
    /// Entries, less the lower end of the interval.
    values: Span<u32>,
}

#[generate_trait]
pub impl EntriesImpl of EntriesTrait {
    /// All entries.
    fn values(self: @Entries) -> Span<u32> {
        *self.values
    }
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

    /// Absorbs all tensors, each in one absorption.
    fn absorb(self: @Statement, ref channel: Channel) {
        absorb_all(ref channel, *self.inputs);
        absorb_all(ref channel, *self.outputs);
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
        let mut values = entries.values;
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

fn absorb_all(ref channel: Channel, mut tensors: Span<Entries>) {
    while let Some(entries) = tensors.pop_front() {
        channel.absorb_words(words(*entries.felts).span());
    }
}

/// What tensors are known by outside of a proof: the hash of their words, one tensor after the
/// other.
///
/// # Panics
/// A felt is not a word.
pub fn commitment(felts: Span<felt252>) -> Hash {
    hash_words(words(felts).span())
}

/// The hash of any words: what a list of statements is known by.
pub fn hash(words: Span<u32>) -> Hash {
    hash_words(words)
}

fn words(mut felts: Span<felt252>) -> Array<u32> {
    let mut words = array![];
    while let Some(felt) = felts.pop_front() {
        words.append(word(*felt));
    }
    words
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
    let per_word = 32 / width(tensor);
    (*tensor.n_entries + per_word - 1) / per_word
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
fn check(tensor: PublicTensor, felts: Span<felt252>) -> Entries {
    let all = felts;
    let mut felts = felts;
    let width = width(@tensor);
    let per_word = 32 / width;
    let mut left = tensor.n_entries;
    let mut values = array![];
    while let Some(felt) = felts.pop_front() {
        let n = if left < per_word {
            left
        } else {
            per_word
        };
        unpack_word(ref values, word(*felt), n, width, tensor.range);
        left -= n;
    }
    Entries { tensor, felts: all, values: values.span() }
}

/// The `n` entries of a word, above which there is nothing.
fn unpack_word(ref values: Array<u32>, word: u32, n: u32, width: u32, range: u32) {
    if width == 32 {
        assert(word <= range, 'statement: entry out of range');
        values.append(word);
        return;
    }
    let radix: NonZero<u32> = pow2(width).try_into().unwrap();
    let mut rest = word;
    for _ in 0..n {
        let (quotient, value) = DivRem::div_rem(rest, radix);
        assert(value <= range, 'statement: entry out of range');
        values.append(value);
        rest = quotient;
    }
    assert(rest == 0, 'statement: not canonical');
}
