//! The cursor over the felts of a proof (PROTOCOL Appendix C, calldata).
//!
//! What is read is absorbed as it stands: a felt of the proof that holds elements of `K` is a felt
//! that the transcript hashes.

use crate::channel::{Channel, ChannelTrait};
use crate::clear::Clear;
use crate::field::{K, draw_single_inline, pow2, unpack1, unpack2, unpack2_inline};

/// What is left of a proof.
#[derive(Copy, Drop)]
pub struct Wire {
    pub(crate) rest: Span<felt252>,
}

#[generate_trait]
pub impl WireImpl of WireTrait {
    /// A cursor at the beginning.
    fn new(proof: Span<felt252>) -> Wire {
        Wire { rest: proof }
    }

    /// The next felt, not absorbed.
    ///
    /// # Panics
    /// The proof ends; so do all functions below.
    #[inline(always)]
    fn felt(ref self: Wire) -> felt252 {
        *self.rest.pop_front().expect('wire: proof too short')
    }

    /// The next two felts, not absorbed.
    #[inline(always)]
    fn pair(ref self: Wire) -> [felt252; 2] {
        (*self.rest.multi_pop_front::<2>().expect('wire: proof too short')).unbox()
    }

    /// The next `n` felts, not absorbed.
    fn felts(ref self: Wire, n: u32) -> Span<felt252> {
        let len = self.rest.len();
        assert(n <= len, 'wire: proof too short');
        let taken = self.rest.slice(0, n);
        self.rest = self.rest.slice(n, len - n);
        taken
    }

    /// Reads and absorbs the root of a tree.
    fn root(ref self: Wire, ref channel: Channel) -> felt252 {
        let root = self.felt();
        channel.absorb_root(root);
        root
    }

    /// Reads, checks and absorbs a proof of work.
    fn nonce(ref self: Wire, ref channel: Channel, bits: u32) {
        let nonce: u64 = self.felt().try_into().expect('wire: nonce');
        channel.check_pow(bits, nonce);
    }

    /// Reads and absorbs one element, in one absorption.
    fn one(ref self: Wire, ref channel: Channel) -> K {
        let felt = self.felt();
        channel.absorb_felt(felt);
        unpack1(felt)
    }

    /// Reads and absorbs two elements, in one absorption.
    fn two(ref self: Wire, ref channel: Channel) -> (K, K) {
        let felt = self.felt();
        channel.absorb_felt(felt);
        unpack2(felt)
    }

    /// [`WireTrait::two`] and the challenge that is drawn next: a round with two coefficients.
    #[inline(always)]
    fn round(ref self: Wire, ref channel: Channel) -> (K, K, K) {
        let felt = self.felt();
        let output = channel.absorb_and_draw(felt);
        let (a, b) = unpack2_inline(felt);
        (a, b, draw_single_inline(output))
    }

    /// Reads and absorbs three elements, in one absorption.
    fn three(ref self: Wire, ref channel: Channel) -> (K, K, K) {
        let (first, second) = (self.felt(), self.felt());
        channel.absorb_two(first, second);
        let (a, b) = unpack2(first);
        (a, b, unpack1(second))
    }

    /// Reads and absorbs four elements, in one absorption.
    fn four(ref self: Wire, ref channel: Channel) -> (K, K, K, K) {
        let (first, second) = (self.felt(), self.felt());
        channel.absorb_two(first, second);
        let (a, b) = unpack2(first);
        let (c, d) = unpack2(second);
        (a, b, c, d)
    }

    /// Reads and absorbs `n` elements, in one absorption; none if `n` is 0.
    fn list(ref self: Wire, ref channel: Channel, n: u32) -> Array<K> {
        let mut values = array![];
        if n == 0 {
            return values;
        }
        let mut felts = self.felts((n + 1) / 2);
        channel.absorb_felts(felts);
        let last = if n % 2 == 1 {
            Some(*felts.pop_back().unwrap())
        } else {
            None
        };
        while let Some(felt) = felts.pop_front() {
            let (a, b) = unpack2(*felt);
            values.append(a);
            values.append(b);
        }
        if let Some(felt) = last {
            values.append(unpack1(felt));
        }
        values
    }

    /// Reads and absorbs a table of `2^log_size` elements, in one absorption; whoever evaluates it
    /// checks the felts.
    #[inline(always)]
    fn clear(ref self: Wire, ref channel: Channel, log_size: u32) -> Clear {
        let felts = self.felts(pow2(log_size) / 2);
        channel.absorb_felts(felts);
        felts
    }

    /// Ends the reading.
    ///
    /// # Panics
    /// Felts are left over.
    fn finish(self: Wire) {
        assert(self.rest.is_empty(), 'wire: proof too long');
    }
}
