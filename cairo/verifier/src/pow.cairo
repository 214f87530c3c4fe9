//! Proof of work (PROTOCOL §4.3): Blake2s for either suite.

use core::blake::blake2s_finalize;
use crate::field::pow2;

/// Initial state of Blake2s with a digest of 32 bytes and no key.
const INITIAL: [u32; 8] = [
    0x6b08e647, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/// Whether `Blake2s(seed, nonce)`, `seed = Blake2s("stwo-ml/pow/v1", two zero bytes, state, bits)`,
/// has `bits` trailing zeros as a little-endian integer; `bits <= 64`.
pub fn is_good(state: felt252, bits: u32, nonce: u64) -> bool {
    let value: u256 = state.into();
    // "stwo-ml/pow/v1" and two zero bytes, in little-endian words.
    let [h0, h1, h2, h3] = be_words(value.high);
    let [l0, l1, l2, l3] = be_words(value.low);
    let first = BoxTrait::new(
        [
            0x6f777473, 0x2f6c6d2d, 0x2f776f70, 0x00003176, h0, h1, h2, h3, l0, l1, l2, l3, bits, 0,
            0, 0,
        ],
    );
    let seed = blake2s_finalize(BoxTrait::new(INITIAL), 52, first);
    let [s0, s1, s2, s3, s4, s5, s6, s7] = seed.unbox();
    let (nonce_high, nonce_low) = DivRem::div_rem(nonce, 0x100000000);
    let second = BoxTrait::new(
        [
            s0, s1, s2, s3, s4, s5, s6, s7, nonce_low.try_into().unwrap(),
            nonce_high.try_into().unwrap(), 0, 0, 0, 0, 0, 0,
        ],
    );
    let [d0, d1, _, _, _, _, _, _] = blake2s_finalize(BoxTrait::new(INITIAL), 40, second).unbox();
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

/// The 16 bytes of a big-endian integer as four little-endian words.
fn be_words(v: u128) -> [u32; 4] {
    let reversed = core::integer::u128_byte_reverse(v);
    let (rest, w0) = DivRem::div_rem(reversed, 0x100000000);
    let (rest, w1) = DivRem::div_rem(rest, 0x100000000);
    let (w3, w2) = DivRem::div_rem(rest, 0x100000000);
    [w0.try_into().unwrap(), w1.try_into().unwrap(), w2.try_into().unwrap(), w3.try_into().unwrap()]
}
