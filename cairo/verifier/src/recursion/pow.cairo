//! Proof of work (PROTOCOL §4.3).

use crate::blake::hash_block;
use crate::field::pow2;
use crate::merkle::Hash;

/// Whether `Blake2s(seed, nonce)`, `seed = Blake2s("stwo-ml/pow/v1", two zero bytes, state, bits)`,
/// has `bits` trailing zeros as a little-endian integer; `bits <= 64`. The nonce as two words.
pub fn is_good(state: Hash, bits: u32, low: u32, high: u32) -> bool {
    let [h0, h1, h2, h3, h4, h5, h6, h7] = state.words.unbox();
    // "stwo-ml/pow/v1" and two zero bytes, in little-endian words.
    let seed = hash_block(
        52,
        [
            0x6f777473, 0x2f6c6d2d, 0x2f776f70, 0x00003176, h0, h1, h2, h3, h4, h5, h6, h7, bits, 0,
            0, 0,
        ],
    );
    let [s0, s1, s2, s3, s4, s5, s6, s7] = seed.words.unbox();
    let digest = hash_block(40, [s0, s1, s2, s3, s4, s5, s6, s7, low, high, 0, 0, 0, 0, 0, 0]);
    let [d0, d1, _, _, _, _, _, _] = digest.words.unbox();
    if bits <= 32 {
        divisible(d0.into(), bits)
    } else {
        d0 == 0 && divisible(d1.into(), bits - 32)
    }
}

/// Whether `word` is divisible by `2^bits`, `bits <= 32`.
fn divisible(word: u64, bits: u32) -> bool {
    let divisor: u64 = if bits == 32 {
        0x100000000
    } else {
        pow2(bits).into()
    };
    word % divisor == 0
}
