//! The Fiat-Shamir transcript and the two hash suites (PROTOCOL §5 "Transcript order").
//!
//! A [`Transcript`] wraps one of stwo's channels. It adds the proof of work, which is a Blake2s
//! grind for either suite (PROTOCOL §4.3), and the drawing of query positions.

use blake2::{Blake2s256, Digest};
use stwo::core::channel::{Blake2sChannel, Channel, MerkleChannel};
use stwo::core::fields::m31::{M31, P};
use stwo::core::vcs_lifted::blake2_merkle::Blake2sMerkleChannel;
use stwo::core::vcs_lifted::merkle_hasher::MerkleHasherLifted;

use crate::field::K;

/// Digest of a Merkle node of suite `S`.
pub type Hash<S> = <<S as MerkleChannel>::H as MerkleHasherLifted>::Hash;

/// A hash suite: the channel and the Merkle hasher, both stwo's.
pub trait Suite: MerkleChannel + 'static {
    /// Name in profiles and files.
    const NAME: &'static str;
    /// Bits of what [`Transcript::absorb_packed`] packs small values into.
    const PACK_BITS: u32;
    /// Absorbs groups of small values, each a number below `2^PACK_BITS` in little-endian words.
    fn mix_packed(channel: &mut Self::C, groups: &[[u64; 4]]);
    /// Draws `n` elements of `K`; `fresh`, if nothing was drawn since the last absorption.
    fn draw(channel: &mut Self::C, _fresh: bool, n: usize) -> Vec<K> {
        channel.draw_secure_felts(n)
    }
    /// Draws one output, as words; `fresh` as above.
    fn draw_words(channel: &mut Self::C, _fresh: bool) -> Vec<u32> {
        channel.draw_u32s()
    }
    /// The digest of the channel as 32 bytes (big-endian for a felt252).
    fn digest(channel: &Self::C) -> [u8; 32];
    /// A node hash as 32 bytes (big-endian for a felt252).
    fn hash_to_bytes(hash: &Hash<Self>) -> [u8; 32];
    /// The inverse; `None` when the bytes are not canonical.
    fn hash_from_bytes(bytes: [u8; 32]) -> Option<Hash<Self>>;
}

impl Suite for Blake2sMerkleChannel {
    const NAME: &'static str = "blake2s";
    const PACK_BITS: u32 = 32;

    #[expect(clippy::cast_possible_truncation, reason = "a group has 32 bits")]
    fn mix_packed(channel: &mut Blake2sChannel, groups: &[[u64; 4]]) {
        let words: Vec<u32> = groups.iter().map(|group| group[0] as u32).collect();
        channel.mix_u32s(&words);
    }

    fn draw(channel: &mut Blake2sChannel, fresh: bool, n: usize) -> Vec<K> {
        let pair = fresh.then(|| state(channel)).and_then(elements);
        let mut drawn: Vec<K> = pair.into_iter().flatten().take(n).collect();
        drawn.extend(channel.draw_secure_felts(n - drawn.len()));
        drawn
    }

    fn draw_words(channel: &mut Blake2sChannel, fresh: bool) -> Vec<u32> {
        if fresh { state(channel).to_vec() } else { channel.draw_u32s() }
    }

    fn digest(channel: &Blake2sChannel) -> [u8; 32] {
        channel.digest().0
    }

    fn hash_to_bytes(hash: &Hash<Self>) -> [u8; 32] {
        hash.0
    }

    fn hash_from_bytes(bytes: [u8; 32]) -> Option<Hash<Self>> {
        Some(stwo::core::vcs::blake2_hash::Blake2sHash(bytes))
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod poseidon {
    use starknet_crypto::poseidon_hash_many;
    use starknet_ff::FieldElement;
    use stwo::core::channel::Poseidon252Channel;
    use stwo::core::vcs_lifted::poseidon252_merkle::Poseidon252MerkleChannel;

    use super::{Hash, Suite};

    impl Suite for Poseidon252MerkleChannel {
        const NAME: &'static str = "poseidon252";
        const PACK_BITS: u32 = 248;

        fn mix_packed(channel: &mut Poseidon252Channel, groups: &[[u64; 4]]) {
            let mut felts = Vec::with_capacity(groups.len() + 1);
            felts.push(channel.digest());
            // Below 2^248, so no reduction.
            let words = groups.iter().map(|group| group.map(FieldElement::from));
            let shift = FieldElement::from(1u128 << 64);
            felts.extend(words.map(|[a, b, c, d]| ((d * shift + c) * shift + b) * shift + a));
            channel.update_digest(poseidon_hash_many(&felts));
        }

        fn digest(channel: &Poseidon252Channel) -> [u8; 32] {
            channel.digest().to_bytes_be()
        }

        fn hash_to_bytes(hash: &Hash<Self>) -> [u8; 32] {
            hash.to_bytes_be()
        }

        fn hash_from_bytes(bytes: [u8; 32]) -> Option<Hash<Self>> {
            FieldElement::from_bytes_be(&bytes).ok()
        }
    }
}

/// The Fiat-Shamir transcript of one proof.
#[derive(Clone, Debug)]
pub struct Transcript<S: Suite> {
    channel: S::C,
    /// Whether something was drawn since the last absorption.
    drawn: bool,
}

impl<S: Suite> Default for Transcript<S> {
    fn default() -> Self {
        Self { channel: S::C::default(), drawn: false }
    }
}

impl<S: Suite> Transcript<S> {
    /// Absorbs words, with nothing about their number: lengths follow from what was absorbed before.
    pub fn absorb_words(&mut self, words: &[u32]) {
        self.absorbing(|channel| channel.mix_u32s(words));
    }

    /// Absorbs bytes as little-endian words, preceded by their number.
    pub fn absorb_bytes(&mut self, bytes: &[u8]) {
        let mut words = vec![u32::try_from(bytes.len()).unwrap_or(u32::MAX)];
        words.extend(
            bytes.chunks(4).map(|c| c.iter().rev().fold(0u32, |acc, &b| acc << 8 | u32::from(b))),
        );
        self.absorb_words(&words);
    }

    /// Absorbs values below `2^width`, `1 <= width <= 32`, as many to a felt or word as it holds,
    /// first least significant; nothing about their number, and nothing if there are none.
    pub fn absorb_packed(&mut self, values: &[u32], width: u32) {
        let groups = pack(values, width, S::PACK_BITS);
        if !groups.is_empty() {
            self.absorbing(|channel| S::mix_packed(channel, &groups));
        }
    }

    /// Absorbs field elements.
    pub fn absorb(&mut self, felts: &[K]) {
        self.absorbing(|channel| channel.mix_felts(felts));
    }

    /// Absorbs the root of a Merkle tree.
    pub fn absorb_root(&mut self, root: Hash<S>) {
        self.absorbing(|channel| S::mix_root(channel, root));
    }

    /// Draws one challenge.
    pub fn draw(&mut self) -> K {
        let [challenge] = self.draw_array();
        challenge
    }

    /// Draws `N` challenges.
    #[expect(clippy::indexing_slicing, reason = "as many are drawn as are asked for")]
    pub fn draw_array<const N: usize>(&mut self) -> [K; N] {
        let drawn = self.draw_many(N);
        std::array::from_fn(|i| drawn[i])
    }

    /// Draws `n` challenges.
    pub fn draw_many(&mut self, n: usize) -> Vec<K> {
        if n == 0 {
            return Vec::new();
        }
        let fresh = self.is_fresh();
        S::draw(&mut self.channel, fresh, n)
    }

    /// Absorbs something.
    fn absorbing(&mut self, absorb: impl FnOnce(&mut S::C)) {
        absorb(&mut self.channel);
        self.drawn = false;
    }

    /// Whether nothing was drawn since the last absorption; from now on something is.
    const fn is_fresh(&mut self) -> bool {
        !std::mem::replace(&mut self.drawn, true)
    }

    /// Draws `n` positions in `[0, 2^log_size)` with replacement, sorted, without duplicates.
    pub fn draw_positions(&mut self, n: usize, log_size: u32) -> Vec<usize> {
        let mut positions = Vec::with_capacity(n + 8);
        while positions.len() < n {
            let fresh = self.is_fresh();
            positions.extend(S::draw_words(&mut self.channel, fresh));
        }
        positions.truncate(n);
        let mask = (1usize << log_size) - 1;
        let mut positions: Vec<usize> = positions.into_iter().map(|w| w as usize & mask).collect();
        positions.sort_unstable();
        positions.dedup();
        positions
    }

    /// The 32 bytes that a proof of work of `n_bits` is ground over.
    #[must_use]
    pub fn pow_seed(&self, n_bits: u32) -> [u8; 32] {
        let mut hasher = Blake2s256::new();
        hasher.update(b"stwo-ml/pow/v1\0\0");
        hasher.update(S::digest(&self.channel));
        hasher.update(n_bits.to_le_bytes());
        hasher.finalize().into()
    }

    /// Checks `nonce` against the transcript and absorbs it, whatever the result.
    #[must_use]
    pub fn check_pow(&mut self, n_bits: u32, nonce: u64) -> bool {
        let ok = pow_bits(&self.pow_seed(n_bits), nonce) >= n_bits;
        self.absorbing(|channel| channel.mix_u64(nonce));
        ok
    }

    /// The state of the transcript as bytes: the identifier of all that was absorbed.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        S::digest(&self.channel)
    }
}

/// The state of Blake2s as words: the first output of a draw.
fn state(channel: &Blake2sChannel) -> [u32; 8] {
    let digest = channel.digest().0;
    let mut words = digest.as_chunks::<4>().0.iter();
    [(); 8].map(|()| words.next().map_or(0, |word| u32::from_le_bytes(*word)))
}

/// The two elements of an output of Blake2s; none if a word is not below `2p`.
fn elements(words: [u32; 8]) -> Option<[K; 2]> {
    if words.iter().any(|&word| word >= 2 * P) {
        return None;
    }
    let [a, b, c, d, e, f, g, h] = words.map(|word| M31::reduce(word.into()));
    Some([[a, b, c, d], [e, f, g, h]].map(K::from_m31_array))
}

/// Packs values below `2^width`, `1 <= width <= 32`, into numbers below `2^bits`, `bits <= 256`, as
/// many as fit, first least significant; the last is filled with zeros. Little-endian words.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "a word is split in its halves")]
pub fn pack(values: &[u32], width: u32, bits: u32) -> Vec<[u64; 4]> {
    let width = width.clamp(1, 32);
    let group = |values: &[u32]| {
        let mut words = [0u64; 4];
        for (&value, at) in values.iter().zip((0..).step_by(width as usize)) {
            debug_assert_eq!(u64::from(value) >> width, 0);
            let (word, shift) = (at / 64, at % 64);
            let wide = u128::from(value) << shift;
            let halves = [wide as u64, (wide >> 64) as u64];
            words.iter_mut().skip(word).zip(halves).for_each(|(word, half)| *word |= half);
        }
        words
    };
    values.chunks((bits / width) as usize).map(group).collect()
}

/// Trailing zero bits of `Blake2s(seed, nonce)`, read as a little-endian integer.
#[must_use]
pub fn pow_bits(seed: &[u8; 32], nonce: u64) -> u32 {
    let digest = Blake2s256::new().chain_update(seed).chain_update(nonce.to_le_bytes()).finalize();
    let low = digest.first_chunk().map_or(0, |low| u64::from_le_bytes(*low));
    low.trailing_zeros()
}

#[cfg(test)]
#[path = "channel_test.rs"]
mod tests;
