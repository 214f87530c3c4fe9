//! The proof of work of a level (PROTOCOL §4.3): Blake2s, sixteen nonces at a time.

use std::simd::u32x16;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use stwo::prover::backend::simd::blake2s::hash_16;
use stwo_ml_verifier::channel::pow_bits;

/// Nonces that a thread takes at a time.
const CHUNK: u64 = 1 << 14;

/// The smallest nonce for which `channel::pow_bits(seed, nonce) >= n_bits`.
#[must_use]
pub fn grind(seed: &[u8; 32], n_bits: u32) -> u64 {
    let next = AtomicU64::new(0);
    let found = AtomicU64::new(u64::MAX);
    (0..rayon::current_num_threads()).into_par_iter().for_each(|_| {
        loop {
            let start = next.fetch_add(CHUNK, Ordering::Relaxed);
            if start >= found.load(Ordering::Relaxed) {
                break;
            }
            if let Some(nonce) = grind_chunk(seed, n_bits, start) {
                found.fetch_min(nonce, Ordering::Relaxed);
            }
        }
    });
    found.into_inner()
}

/// The smallest good nonce in `[start, start + CHUNK)`, `start` a multiple of `CHUNK`.
fn grind_chunk(seed: &[u8; 32], n_bits: u32, start: u64) -> Option<u64> {
    let zero = u32x16::splat(0);
    let lanes = u32x16::from_array(std::array::from_fn(|i| i as u32));
    let mut block = [zero; 16];
    for (word, bytes) in block.iter_mut().zip(seed.as_chunks::<4>().0) {
        *word = u32x16::splat(u32::from_le_bytes(*bytes));
    }
    // The low words of a chunk's nonces do not overflow, since a chunk is aligned.
    block[9] = u32x16::splat((start >> 32) as u32);
    let low_bits = n_bits.min(32);
    let mask = u32x16::splat(if low_bits == 32 { u32::MAX } else { (1 << low_bits) - 1 });
    for offset in (0..CHUNK).step_by(16) {
        block[8] = u32x16::splat((start + offset) as u32) + lanes;
        let words = (hash_16(block, 40)[0] & mask).to_array();
        if words.contains(&0) {
            let lane = words.iter().zip(0u64..).find_map(|(&word, lane)| {
                let nonce = start + offset + lane;
                (word == 0 && (n_bits <= 32 || pow_bits(seed, nonce) >= n_bits)).then_some(nonce)
            });
            if lane.is_some() {
                return lane;
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_smallest_nonce() {
        for (tag, n_bits) in [(0u8, 0), (1, 1), (2, 8), (3, 12), (4, 16)] {
            let seed = [tag; 32];
            let expected = (0..).find(|&nonce| pow_bits(&seed, nonce) >= n_bits).unwrap();
            assert_eq!(grind(&seed, n_bits), expected);
        }
    }

    #[test]
    fn twenty_bits() {
        let seed = [7; 32];
        assert!(pow_bits(&seed, grind(&seed, 20)) >= 20);
    }
}
