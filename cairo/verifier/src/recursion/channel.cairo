//! The Fiat-Shamir transcript (PROTOCOL §5), suite Blake2s: stwo's `Blake2sChannel`, whose state
//! is the first output of a draw.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::downcast;
use crate::blake::{hash_block, hash_blocks, hash_two, hash_words};
use crate::field::{K, from_words, pow2};
use crate::merkle::{self, Hash};
use crate::positions;

/// The state of a transcript.
#[derive(Copy, Drop)]
pub struct Channel {
    pub(crate) digest: Hash,
    /// Draws since the last absorption.
    pub(crate) n_draws: u32,
}

/// Four words of an element of `K`.
pub(crate) type Four = [u32; 4];

#[generate_trait]
pub impl ChannelImpl of ChannelTrait {
    /// A transcript that has absorbed nothing.
    fn new() -> Channel {
        Channel { digest: merkle::no_root(), n_draws: 0 }
    }

    /// The state: the identifier of all that was absorbed.
    #[inline(always)]
    fn digest(self: @Channel) -> Hash {
        *self.digest
    }

    /// `Blake2s(state, words..)`.
    fn absorb_words(ref self: Channel, words: Span<u32>) {
        let mut all = array![];
        all.append_span(self.digest.words.unbox().span());
        all.append_span(words);
        self.set(hash_words(all.span()));
    }

    /// [`ChannelTrait::absorb_words`] of one element of `K`.
    fn absorb_one(ref self: Channel, a: Four) {
        let [s0, s1, s2, s3, s4, s5, s6, s7] = self.digest.words.unbox();
        let [a0, a1, a2, a3] = a;
        self.set(hash_block(48, [s0, s1, s2, s3, s4, s5, s6, s7, a0, a1, a2, a3, 0, 0, 0, 0]));
    }

    /// [`ChannelTrait::absorb_words`] of two elements of `K`.
    fn absorb_two(ref self: Channel, a: Four, b: Four) {
        self.set(hash_block(64, self.first_block(a, b)));
    }

    /// [`ChannelTrait::absorb_words`] of three elements of `K`.
    fn absorb_three(ref self: Channel, a: Four, b: Four, c: Four) {
        let [c0, c1, c2, c3] = c;
        let last = [c0, c1, c2, c3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        self.set(hash_blocks(self.first_block(a, b), 80, last));
    }

    /// [`ChannelTrait::absorb_words`] of four elements of `K`.
    fn absorb_four(ref self: Channel, a: Four, b: Four, c: Four, d: Four) {
        let [c0, c1, c2, c3] = c;
        let [d0, d1, d2, d3] = d;
        let last = [c0, c1, c2, c3, d0, d1, d2, d3, 0, 0, 0, 0, 0, 0, 0, 0];
        self.set(hash_blocks(self.first_block(a, b), 96, last));
    }

    /// Absorbs the root of a Merkle tree.
    fn absorb_root(ref self: Channel, root: Hash) {
        self.set(hash_two(self.digest, root));
    }

    /// Two challenges from one output.
    fn draw_two(ref self: Channel) -> (K, K) {
        loop {
            let [w0, w1, w2, w3, w4, w5, w6, w7] = self.output();
            // An output with a word that is not below 2 p is skipped.
            if let (Some(first), Some(second)) =
                (element([w0, w1, w2, w3]), element([w4, w5, w6, w7])) {
                break (first, second);
            }
        }
    }

    /// Draws one challenge; the other one of the output is dropped.
    fn draw(ref self: Channel) -> K {
        let (first, _) = self.draw_two();
        first
    }

    /// Draws `n` challenges.
    fn draw_many(ref self: Channel, mut n: u32) -> Array<K> {
        let mut challenges = array![];
        while n >= 2 {
            let (first, second) = self.draw_two();
            challenges.append(first);
            challenges.append(second);
            n -= 2;
        }
        if n == 1 {
            challenges.append(self.draw());
        }
        challenges
    }

    /// Draws `n >= 1` positions in `[0, 2^log_size)` with replacement, sorted, without duplicates.
    fn draw_positions(ref self: Channel, n: u32, log_size: u32) -> Span<u32> {
        let size: NonZero<u32> = pow2(log_size).try_into().unwrap();
        let mut runs = array![];
        let mut left = n;
        while left != 0 {
            let mut words = self.output().span();
            while let Some(word) = words.pop_front() {
                let (_, position) = DivRem::div_rem(*word, size);
                runs.append(array![position].span());
                left -= 1;
                if left == 0 {
                    break;
                }
            }
        }
        positions::merge_all(runs)
    }

    /// Checks the proof of work and absorbs it; a nonce is two words.
    ///
    /// # Panics
    /// The nonce does not have the bits.
    fn check_pow(ref self: Channel, bits: u32, low: u32, high: u32) {
        assert(crate::pow::is_good(self.digest, bits, low, high), 'channel: proof of work');
        let [s0, s1, s2, s3, s4, s5, s6, s7] = self.digest.words.unbox();
        self.set(hash_block(40, [s0, s1, s2, s3, s4, s5, s6, s7, low, high, 0, 0, 0, 0, 0, 0]));
    }
}

#[generate_trait]
impl InnerImpl of InnerTrait {
    #[inline(always)]
    fn set(ref self: Channel, digest: Hash) {
        self.digest = digest;
        self.n_draws = 0;
    }

    /// The state and two elements.
    #[inline(always)]
    fn first_block(self: @Channel, a: Four, b: Four) -> [u32; 16] {
        let [s0, s1, s2, s3, s4, s5, s6, s7] = self.digest.words.unbox();
        let [a0, a1, a2, a3] = a;
        let [b0, b1, b2, b3] = b;
        [s0, s1, s2, s3, s4, s5, s6, s7, a0, a1, a2, a3, b0, b1, b2, b3]
    }

    /// The next output of a draw: the state, then `Blake2s(state, number, one zero byte)`.
    fn output(ref self: Channel) -> [u32; 8] {
        let n_draws = self.n_draws;
        self.n_draws = n_draws + 1;
        if n_draws == 0 {
            return self.digest.words.unbox();
        }
        let [s0, s1, s2, s3, s4, s5, s6, s7] = self.digest.words.unbox();
        let block = [s0, s1, s2, s3, s4, s5, s6, s7, n_draws - 1, 0, 0, 0, 0, 0, 0, 0];
        hash_block(37, block).words.unbox()
    }
}

/// `2 p`.
const TWICE_P: u32 = 0xfffffffe;
const P: u32 = 0x7fffffff;

/// The element whose coordinates are these words modulo `p`; `None` if one is not below `2 p`.
fn element(words: Four) -> Option<K> {
    let [w0, w1, w2, w3] = words;
    if w0 >= TWICE_P || w1 >= TWICE_P || w2 >= TWICE_P || w3 >= TWICE_P {
        return None;
    }
    Some(from_words(reduce(w0), reduce(w1), reduce(w2), reduce(w3)))
}

/// `word mod p` of a word below `2 p`.
#[inline(always)]
fn reduce(word: u32) -> crate::field::M31 {
    match downcast(word) {
        Some(reduced) => reduced,
        None => downcast(word - P).unwrap(),
    }
}
