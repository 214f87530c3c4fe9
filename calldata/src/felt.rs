//! Small values in felts: which bits they take, and back.

use starknet_types_core::felt::Felt;
use stwo_ml_verifier::channel::{Hash, Suite, pack};
use stwo_ml_verifier::field::{F, K, P};

use crate::Poseidon;

/// Bits of a coordinate.
const LIMB_BITS: u32 = 31;
/// Values of `F` in a felt.
pub const LIMBS: usize = 8;
/// Bits of a felt that values are packed in; above them is a tag.
pub const VALUE_BITS: u32 = 248;

/// A felt from little-endian words below its modulus.
fn from_words(words: [u64; 4]) -> Felt {
    let mut bytes = [0; 32];
    for (chunk, word) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(words) {
        *chunk = word.to_le_bytes();
    }
    Felt::from_bytes_le(&bytes)
}

/// Values below `2^width`, first least significant, as many to a felt as 248 bits hold.
pub fn pack_values(values: &[u32], width: u32) -> Vec<Felt> {
    pack(values, width, VALUE_BITS).into_iter().map(from_words).collect()
}

/// At most eight coordinates, first most significant; `tag` at bit `tag_at`.
fn pack_limbs(limbs: &[F], tag: u64, tag_at: u32) -> Felt {
    let reversed: Vec<u32> = limbs.iter().rev().map(|c| c.0).collect();
    let mut words = pack(&reversed, LIMB_BITS, VALUE_BITS).first().copied().unwrap_or_default();
    words[(tag_at / 64) as usize] |= tag << (tag_at % 64);
    from_words(words)
}

/// Elements of `K` that the transcript absorbs at once: two to a felt below a leading one.
pub fn pack_secure(values: &[K]) -> Vec<Felt> {
    values
        .chunks(2)
        .map(|pair| {
            let limbs: Vec<F> = pair.iter().flat_map(|k| k.to_m31_array()).collect();
            pack_limbs(&limbs, 1, LIMB_BITS * limbs.len() as u32)
        })
        .collect()
}

/// A leaf, as its hash takes it: eight values to a felt, a short last one with their number at 248.
pub fn pack_leaf(values: &[F]) -> Vec<Felt> {
    let tag = |n: usize| if n < LIMBS { n as u64 } else { 0 };
    values.chunks(LIMBS).map(|limbs| pack_limbs(limbs, tag(limbs.len()), VALUE_BITS)).collect()
}

/// A node hash.
pub fn pack_hash(hash: &Hash<Poseidon>) -> Felt {
    Felt::from_bytes_be(&Poseidon::hash_to_bytes(hash))
}

/// The inverse of [`pack_hash`]; both moduli are the same.
pub fn unpack_hash(felt: Felt) -> Option<Hash<Poseidon>> {
    Poseidon::hash_from_bytes(felt.to_bytes_be())
}

/// `width <= 32` bits from bit `at` on.
fn bits(words: &[u64; 4], at: u32, width: u32) -> u32 {
    let (index, shift) = ((at / 64) as usize, at % 64);
    let word = |i: usize| u128::from(words.get(i).copied().unwrap_or(0));
    let wide = word(index) | word(index + 1) << 64;
    ((wide >> shift) as u64 & ((1u64 << width) - 1)) as u32
}

/// Whether the bits from `at` on are this small number.
fn rest_is(words: &[u64; 4], at: u32, value: u64) -> bool {
    let (index, shift) = ((at / 64) as usize, at % 64);
    words.get(index).map_or(value == 0, |w| w >> shift == value)
        && words.iter().skip(index + 1).all(|&w| w == 0)
}

/// Why a felt is not the packing of what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A limb is `p`.
    Limb,
    /// What lies above the values is not the tag that they call for, or not zero.
    Above,
}

/// `n <= 8` coordinates below `tag`.
fn unpack_limbs(felt: Felt, n: usize, tag: u64, tag_at: u32) -> Result<Vec<F>, Fault> {
    let words = felt.to_le_digits();
    let used = LIMB_BITS * n as u32;
    let between = tag_at > used && (used..tag_at).any(|at| bits(&words, at, 1) != 0);
    if between || !rest_is(&words, tag_at, tag) {
        return Err(Fault::Above);
    }
    (0..n as u32)
        .rev()
        .map(|i| match bits(&words, LIMB_BITS * i, LIMB_BITS) {
            P => Err(Fault::Limb),
            limb => Ok(F::from_u32_unchecked(limb)),
        })
        .collect()
}

/// The one or two elements of a felt of [`pack_secure`].
pub fn unpack_secure(felt: Felt, n: usize) -> Result<Vec<K>, Fault> {
    let limbs = unpack_limbs(felt, 4 * n, 1, LIMB_BITS * 4 * n as u32)?;
    Ok(limbs.as_chunks().0.iter().map(|&k| K::from_m31_array(k)).collect())
}

/// The `n <= 8` values of a felt of [`pack_leaf`].
pub fn unpack_leaf(felt: Felt, n: usize) -> Result<Vec<F>, Fault> {
    unpack_limbs(felt, n, if n < LIMBS { n as u64 } else { 0 }, VALUE_BITS)
}

/// The `n` values of a felt of [`pack_values`].
pub fn unpack_values(felt: Felt, n: usize, width: u32) -> Result<Vec<u32>, Fault> {
    let words = felt.to_le_digits();
    if !rest_is(&words, width * n as u32, 0) {
        return Err(Fault::Above);
    }
    Ok((0..n as u32).map(|i| bits(&words, width * i, width)).collect())
}

#[cfg(test)]
#[path = "felt_test.rs"]
mod tests;
