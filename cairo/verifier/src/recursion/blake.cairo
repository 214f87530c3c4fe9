//! Blake2s with a digest of 32 bytes and no key, of whole little-endian words.

use core::blake::{blake2s_compress, blake2s_finalize};
use crate::merkle::Hash;

/// Initial state.
const INITIAL: [u32; 8] = [
    0x6b08e647, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/// The hash of a message of one block, of which `n_bytes` count and the others are zero.
#[inline(always)]
pub(crate) fn hash_block(n_bytes: u32, block: [u32; 16]) -> Hash {
    Hash { words: blake2s_finalize(BoxTrait::new(INITIAL), n_bytes, BoxTrait::new(block)) }
}

/// The hash of a message that begins with a whole block, of which there is one more.
#[inline(always)]
pub(crate) fn hash_blocks(first: [u32; 16], n_bytes: u32, last: [u32; 16]) -> Hash {
    let state = blake2s_compress(BoxTrait::new(INITIAL), 64, BoxTrait::new(first));
    Hash { words: blake2s_finalize(state, n_bytes, BoxTrait::new(last)) }
}

/// The hash of the words of two hashes, one after the other.
#[inline(always)]
pub(crate) fn hash_two(a: Hash, b: Hash) -> Hash {
    let [a0, a1, a2, a3, a4, a5, a6, a7] = a.words.unbox();
    let [b0, b1, b2, b3, b4, b5, b6, b7] = b.words.unbox();
    hash_block(64, [a0, a1, a2, a3, a4, a5, a6, a7, b0, b1, b2, b3, b4, b5, b6, b7])
}

/// The hash of any number of words.
pub(crate) fn hash_words(words: Span<u32>) -> Hash {
    let mut words = words;
    let mut state = BoxTrait::new(INITIAL);
    let mut n_bytes = 0;
    while words.len() > 16 {
        n_bytes += 64;
        state = blake2s_compress(state, n_bytes, *words.multi_pop_front::<16>().unwrap());
    }
    n_bytes += 4 * words.len();
    let last = match words.multi_pop_front::<16>() {
        Some(block) => *block,
        None => filled(words),
    };
    Hash { words: blake2s_finalize(state, n_bytes, last) }
}

/// Fewer than 16 words and zeros.
fn filled(words: Span<u32>) -> Box<[u32; 16]> {
    let mut block = array![];
    block.append_span(words);
    for _ in words.len()..16 {
        block.append(0);
    }
    let mut block = block.span();
    *block.multi_pop_front::<16>().unwrap()
}
