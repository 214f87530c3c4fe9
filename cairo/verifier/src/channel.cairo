//! The Fiat-Shamir transcript (PROTOCOL §5), suite Poseidon252: stwo's `Poseidon252Channel`.

use core::poseidon::hades_permutation;
use crate::field::{K, draw_pair, draw_single};
use crate::positions;

/// The state of a transcript.
#[derive(Copy, Drop)]
pub struct Channel {
    pub(crate) digest: felt252,
    /// Draws since the last absorption.
    pub(crate) n_draws: felt252,
}

#[generate_trait]
pub impl ChannelImpl of ChannelTrait {
    /// A transcript that has absorbed nothing.
    fn new() -> Channel {
        Channel { digest: 0, n_draws: 0 }
    }

    /// The state: the identifier of all that was absorbed.
    #[inline(always)]
    fn digest(self: @Channel) -> felt252 {
        *self.digest
    }

    /// `poseidon_hash_many(state, felts..)`.
    fn absorb_felts(ref self: Channel, mut felts: Span<felt252>) {
        let (mut s0, mut s1, mut s2) = (self.digest, 0, 0);
        // The state is the first element of the first pair.
        while let Some(eight) = felts.multi_pop_front::<8>() {
            let [f0, f1, f2, f3, f4, f5, f6, f7] = eight.unbox();
            let (t0, t1, t2) = hades_permutation(s0, s1 + f0, s2);
            let (t0, t1, t2) = hades_permutation(t0 + f1, t1 + f2, t2);
            let (t0, t1, t2) = hades_permutation(t0 + f3, t1 + f4, t2);
            let (t0, t1, t2) = hades_permutation(t0 + f5, t1 + f6, t2);
            s0 = t0 + f7;
            s1 = t1;
            s2 = t2;
        }
        let digest = loop {
            let Some(second) = felts.pop_front() else {
                let (r, _, _) = hades_permutation(s0, s1 + 1, s2);
                break r;
            };
            let (t0, t1, t2) = hades_permutation(s0, s1 + *second, s2);
            let Some(first) = felts.pop_front() else {
                let (r, _, _) = hades_permutation(t0 + 1, t1, t2);
                break r;
            };
            s0 = t0 + *first;
            s1 = t1;
            s2 = t2;
        };
        self.digest = digest;
        self.n_draws = 0;
    }

    /// [`ChannelTrait::absorb_felts`] of one felt.
    fn absorb_felt(ref self: Channel, felt: felt252) {
        let (s0, s1, s2) = hades_permutation(self.digest, felt, 0);
        let (digest, _, _) = hades_permutation(s0 + 1, s1, s2);
        self.digest = digest;
        self.n_draws = 0;
    }

    /// [`ChannelTrait::absorb_felt`], and the output of the draw that follows.
    #[inline(always)]
    fn absorb_and_draw(ref self: Channel, felt: felt252) -> felt252 {
        let (s0, s1, s2) = hades_permutation(self.digest, felt, 0);
        let (digest, _, _) = hades_permutation(s0 + 1, s1, s2);
        let (output, _, _) = hades_permutation(digest, 0, 3);
        self.digest = digest;
        self.n_draws = 1;
        output
    }

    /// [`ChannelTrait::absorb_felts`] of two felts.
    fn absorb_two(ref self: Channel, first: felt252, second: felt252) {
        let (s0, s1, s2) = hades_permutation(self.digest, first, 0);
        let (digest, _, _) = hades_permutation(s0 + second, s1 + 1, s2);
        self.digest = digest;
        self.n_draws = 0;
    }

    /// Absorbs the root of a Merkle tree.
    fn absorb_root(ref self: Channel, root: felt252) {
        let (digest, _, _) = hades_permutation(self.digest, root, 2);
        self.digest = digest;
        self.n_draws = 0;
    }

    /// Absorbs the nonce of a proof of work.
    fn absorb_nonce(ref self: Channel, nonce: u64) {
        self.absorb_root(nonce.into());
    }

    /// Two challenges from one output.
    fn draw_two(ref self: Channel) -> (K, K) {
        draw_pair(self.output())
    }

    /// Draws one challenge; the other one of the output is dropped.
    fn draw(ref self: Channel) -> K {
        draw_single(self.output())
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
        let masks = positions::masks(log_size);
        let mut runs = array![];
        let mut left = n;
        loop {
            runs.append(positions::run_of(self.output(), masks, left).span());
            if left <= 7 {
                break;
            }
            left -= 7;
        }
        positions::merge_all(runs)
    }

    /// Checks the proof of work `nonce` and absorbs it.
    ///
    /// # Panics
    /// The nonce does not have the bits.
    fn check_pow(ref self: Channel, bits: u32, nonce: u64) {
        assert(crate::pow::is_good(self.digest, bits, nonce), 'channel: proof of work');
        self.absorb_nonce(nonce);
    }

    /// The next output of a draw.
    fn output(ref self: Channel) -> felt252 {
        let (output, _, _) = hades_permutation(self.digest, self.n_draws, 3);
        self.n_draws += 1;
        output
    }
}
