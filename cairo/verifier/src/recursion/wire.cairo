//! The cursor over a proof for recursion (docs/recursion.md): a felt for each word of 32 bits, in
//! the order of the proof file, lengths left out. An element of `K` is its four coordinates, a hash
//! eight words, a nonce two, low first.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::{downcast, upcast};
use crate::channel::{Channel, ChannelTrait, Four};
use crate::clear::Clear;
use crate::field::{K, M31, from_words, pow2};
use crate::merkle::Hash;

/// What is left of a proof.
#[derive(Copy, Drop)]
pub struct Wire {
    rest: Span<felt252>,
}

#[generate_trait]
pub impl WireImpl of WireTrait {
    /// A cursor at the beginning.
    fn new(proof: Span<felt252>) -> Wire {
        Wire { rest: proof }
    }

    /// The next `n` felts, whatever they are.
    ///
    /// # Panics
    /// The proof ends; so do all functions below.
    fn felts(ref self: Wire, n: u32) -> Span<felt252> {
        let len = self.rest.len();
        assert(n <= len, 'wire: proof too short');
        let taken = self.rest.slice(0, n);
        self.rest = self.rest.slice(n, len - n);
        taken
    }

    /// The next word.
    ///
    /// # Panics
    /// It has more than 32 bits.
    fn word(ref self: Wire) -> u32 {
        word(*self.rest.pop_front().expect('wire: proof too short'))
    }

    /// The next hash, not absorbed.
    ///
    /// # Panics
    /// A word has more than 32 bits.
    fn hash(ref self: Wire) -> Hash {
        let [f0, f1, f2, f3, f4, f5, f6, f7] = (*self
            .rest
            .multi_pop_front::<8>()
            .expect('wire: proof too short'))
            .unbox();
        let words = [
            word(f0), word(f1), word(f2), word(f3), word(f4), word(f5), word(f6), word(f7),
        ];
        Hash { words: BoxTrait::new(words) }
    }

    /// Reads and absorbs the root of a tree.
    fn root(ref self: Wire, ref channel: Channel) -> Hash {
        let root = self.hash();
        channel.absorb_root(root);
        root
    }

    /// Reads, checks and absorbs a proof of work.
    fn nonce(ref self: Wire, ref channel: Channel, bits: u32) {
        let (low, high) = (self.word(), self.word());
        channel.check_pow(bits, low, high);
    }

    /// Reads and absorbs one element, in one absorption.
    ///
    /// # Panics
    /// A coordinate is not below `p`; so with all elements.
    fn one(ref self: Wire, ref channel: Channel) -> K {
        let (a, a_words) = self.element();
        channel.absorb_one(a_words);
        a
    }

    /// Reads and absorbs two elements, in one absorption.
    fn two(ref self: Wire, ref channel: Channel) -> (K, K) {
        let (a, a_words) = self.element();
        let (b, b_words) = self.element();
        channel.absorb_two(a_words, b_words);
        (a, b)
    }

    /// [`WireTrait::two`] and the challenge that is drawn next: a round with two coefficients.
    fn round(ref self: Wire, ref channel: Channel) -> (K, K, K) {
        let (a, b) = self.two(ref channel);
        (a, b, channel.draw())
    }

    /// Reads and absorbs three elements, in one absorption.
    fn three(ref self: Wire, ref channel: Channel) -> (K, K, K) {
        let (a, a_words) = self.element();
        let (b, b_words) = self.element();
        let (c, c_words) = self.element();
        channel.absorb_three(a_words, b_words, c_words);
        (a, b, c)
    }

    /// Reads and absorbs four elements, in one absorption.
    fn four(ref self: Wire, ref channel: Channel) -> (K, K, K, K) {
        let (a, a_words) = self.element();
        let (b, b_words) = self.element();
        let (c, c_words) = self.element();
        let (d, d_words) = self.element();
        channel.absorb_four(a_words, b_words, c_words, d_words);
        (a, b, c, d)
    }

    /// Reads and absorbs `n` elements, in one absorption; none if `n` is 0.
    fn list(ref self: Wire, ref channel: Channel, n: u32) -> Array<K> {
        let mut values = array![];
        if n == 0 {
            return values;
        }
        let mut words = array![];
        for _ in 0..n {
            let (value, [w0, w1, w2, w3]) = self.element();
            values.append(value);
            words.append(w0);
            words.append(w1);
            words.append(w2);
            words.append(w3);
        }
        channel.absorb_words(words.span());
        values
    }

    /// Reads and absorbs a table of `2^log_size` elements, in one absorption.
    fn clear(ref self: Wire, ref channel: Channel, log_size: u32) -> Clear {
        self.list(ref channel, pow2(log_size)).span()
    }

    /// The next element, not absorbed, and its words.
    #[inline(never)]
    fn element(ref self: Wire) -> (K, Four) {
        let [f0, f1, f2, f3] = (*self.rest.multi_pop_front::<4>().expect('wire: proof too short'))
            .unbox();
        let (c0, c1, c2, c3) = (limb(f0), limb(f1), limb(f2), limb(f3));
        (from_words(c0, c1, c2, c3), [upcast(c0), upcast(c1), upcast(c2), upcast(c3)])
    }

    /// Ends the reading.
    ///
    /// # Panics
    /// Felts are left over.
    fn finish(self: Wire) {
        assert(self.rest.is_empty(), 'wire: proof too long');
    }
}

/// A word of 32 bits.
#[inline(always)]
pub(crate) fn word(felt: felt252) -> u32 {
    felt.try_into().expect('wire: word')
}

/// An element of the base field.
#[inline(always)]
pub(crate) fn limb(felt: felt252) -> M31 {
    downcast(felt).expect('wire: not canonical')
}
