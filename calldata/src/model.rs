//! The felts of a model: all that its identifier covers.

use starknet_types_core::felt::Felt;
use stwo_ml_verifier::encoding::DIGIT_BITS;
use stwo_ml_verifier::key::{VerifyingKey, parameters};

use crate::Poseidon;
use crate::felt::{VALUE_BITS, pack_hash, pack_secure, pack_values};

/// Words of 32 bits in a felt.
const WORDS: usize = 7;

/// Profile as a short string; root of `M`; its out-of-domain value; number of parameter words, the
/// words as the transcript absorbs them; number of digits of the circuit, the digits packed.
#[must_use]
pub fn pack_model(vk: &VerifyingKey<Poseidon>) -> Vec<Felt> {
    let parameters = parameters(vk.schedule());
    let mut felts = vec![Felt::from_bytes_be_slice(vk.profile().name().as_bytes())];
    felts.push(pack_hash(vk.root()));
    felts.extend(pack_secure(&[vk.ood().1]));
    felts.push(Felt::from(parameters.len()));
    felts.extend(pack_words(&parameters));
    felts.extend(pack_digits(vk.digits()));
    felts
}

/// The digits of a circuit: their number, then the digits packed.
#[must_use]
pub fn pack_digits(digits: &[u16]) -> Vec<Felt> {
    let values: Vec<u32> = digits.iter().map(|&d| u32::from(d)).collect();
    let mut felts = vec![Felt::from(digits.len())];
    felts.extend(pack_values(&values, DIGIT_BITS));
    felts
}

/// Words as the transcript absorbs them: seven to a felt, first most significant, a short last group
/// filled with zeros and with its length at bit 248.
fn pack_words(words: &[u32]) -> impl Iterator<Item = Felt> + '_ {
    words.chunks(WORDS).map(|group| {
        let filled: Vec<u32> =
            group.iter().copied().chain([0; WORDS]).take(WORDS).collect::<Vec<_>>();
        let reversed: Vec<u32> = filled.into_iter().rev().collect();
        let felt = pack_values(&reversed, 32).into_iter().next().unwrap_or_default();
        let length = if group.len() < WORDS { group.len() as u64 } else { 0 };
        felt + Felt::from(length) * Felt::TWO.pow(VALUE_BITS)
    })
}
