//! The public tensors of a statement (PROTOCOL §1): entries `v - lo`, packed. Every entry is
//! checked against its interval.

use crate::channel::{Channel, ChannelTrait};
use crate::circuit::{PublicTensor, bit_length};
use crate::fifths::{self, Fifths};
use crate::packing;

/// A public tensor with its entries, less the lower end of their interval.
#[derive(Copy, Drop)]
pub struct Entries {
    pub tensor: PublicTensor,
    /// Bits of an entry.
    pub width: u32,
    /// As they came.
    pub felts: Span<felt252>,
    /// The same, split, of a large tensor; else nothing.
    pub fifths: Span<Fifths>,
    /// The entries, unless the tensor is large.
    values: Span<u32>,
}

#[generate_trait]
pub impl EntriesImpl of EntriesTrait {
    /// Checks the entries of a tensor, whose felts are the first ones of `felts`.
    ///
    /// # Panics
    /// The felts are too few, an entry is outside its interval, or a felt not canonical.
    fn new(tensor: PublicTensor, ref felts: Span<felt252>) -> Entries {
        let PublicTensor { n_entries, range, .. } = tensor;
        let width = if range == 0 {
            1
        } else {
            bit_length(range)
        };
        let per_felt = 248 / width;
        let n = (n_entries + per_felt - 1) / per_felt;
        assert(n <= felts.len(), 'statement: too short');
        let own = felts.slice(0, n);
        felts = felts.slice(n, felts.len() - n);
        let (fifths, values) = if fifths::is_large(width, n_entries, n) {
            (fifths::split(own, width, range, n_entries), array![].span())
        } else {
            (array![].span(), packing::unpack(own, width, range, n_entries))
        };
        Entries { tensor, width, felts: own, fifths, values }
    }

    /// All entries.
    fn values(self: @Entries) -> Span<u32> {
        if self.fifths.is_empty() {
            *self.values
        } else {
            let PublicTensor { n_entries, range, .. } = *self.tensor;
            packing::unpack(*self.felts, *self.width, range, n_entries)
        }
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
        let entries = (*self.inputs)[index];
        let lo: u32 = (*entries.tensor.lo).try_into().expect('statement: negative index');
        // Both are below 2^31.
        assert(lo + *entries.tensor.range < extent, 'statement: index too large');
        let mut values = entries.values();
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
        channel.absorb_felts(*entries.felts);
    }
}

fn check_all(mut tensors: Span<PublicTensor>, mut felts: Span<felt252>) -> Span<Entries> {
    let mut checked = array![];
    while let Some(tensor) = tensors.pop_front() {
        checked.append(EntriesTrait::new(*tensor, ref felts));
    }
    assert(felts.is_empty(), 'statement: too long');
    checked.span()
}
