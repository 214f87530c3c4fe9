//! Keys, statements and proofs as the felts that the program reads (docs/recursion.md).
//!
//! A felt for each word of 32 bits, in the order of the proof file: an element of `K` is four, a hash
//! eight, a nonce two, low first. Nothing that is unpacked has to be cut into limbs by the program.

use starknet_types_core::felt::Felt;
use stwo::core::vcs_lifted::blake2_merkle::Blake2sMerkleChannel;
use stwo_ml_verifier::channel::{Hash, Suite, pack};
use stwo_ml_verifier::circuit::{Circuit, Kind, entry_width};
use stwo_ml_verifier::codec::ProofFile;
use stwo_ml_verifier::encoding::DIGIT_BITS;
use stwo_ml_verifier::field::K;
use stwo_ml_verifier::functional::offsets;
use stwo_ml_verifier::key::{VerifyingKey, parameters};
use stwo_ml_verifier::opening::{CodeOpening, OpeningProof, Round};
use stwo_ml_verifier::proof::{Proof, Statement};

/// The hash suite of proofs for recursion.
pub type Blake2s = Blake2sMerkleChannel;

/// Bits of a felt that digits of a circuit are packed in.
const VALUE_BITS: u32 = 248;
/// Parameter words of a felt.
const WORDS: usize = 7;

/// The input of the program for these proofs: their number, then each with its lists.
#[must_use]
pub fn pack_batch(batch: &[(&VerifyingKey<Blake2s>, &ProofFile<Blake2s>)]) -> Vec<Felt> {
    let mut felts = vec![Felt::from(batch.len())];
    for (vk, file) in batch {
        list(&mut felts, pack_model(vk));
        felts.extend(words_of(&file.statement.context));
        let [inputs, outputs] = pack_statement(vk.circuit(), &file.statement);
        list(&mut felts, inputs.into_iter().map(Felt::from).collect());
        list(&mut felts, outputs.into_iter().map(Felt::from).collect());
        list(&mut felts, pack_proof(&file.proof));
    }
    felts
}

fn list(felts: &mut Vec<Felt>, items: Vec<Felt>) {
    felts.push(Felt::from(items.len()));
    felts.extend(items);
}

/// Profile as a short string; root of `M`; its out-of-domain value; number of parameter words, seven
/// to a felt; number of digits of the circuit, packed.
fn pack_model(vk: &VerifyingKey<Blake2s>) -> Vec<Felt> {
    let mut felts = vec![Felt::from_bytes_be_slice(vk.profile().name().as_bytes())];
    felts.extend(hash(vk.root()));
    felts.extend(secure(&[vk.ood().1]));
    let words = parameters(vk.schedule());
    felts.push(Felt::from(words.len()));
    felts.extend(words.chunks(WORDS).map(|group| {
        // First most significant; a short last group is filled with zeros and says its length.
        let filled = group.iter().chain(&[0; WORDS]).take(WORDS);
        let value = filled.fold(Felt::ZERO, |acc, &w| acc * Felt::from(1u64 << 32) + Felt::from(w));
        let length = if group.len() < WORDS { group.len() } else { 0 };
        value + Felt::from(length) * Felt::TWO.pow(VALUE_BITS)
    }));
    felts.push(Felt::from(vk.digits().len()));
    let digits: Vec<u32> = vk.digits().iter().map(|&d| u32::from(d)).collect();
    felts.extend(pack(&digits, DIGIT_BITS, VALUE_BITS).into_iter().map(|group| {
        let bytes: Vec<u8> = group.iter().flat_map(|word| word.to_le_bytes()).collect();
        Felt::from_bytes_le_slice(&bytes)
    }));
    felts
}

/// The words of the input tensors and of the output tensors, as the transcript absorbs them.
#[must_use]
pub fn pack_statement(circuit: &Circuit, statement: &Statement) -> [Vec<u32>; 2] {
    let tensors = |pick: fn(&Kind) -> bool, values: &[Vec<i32>]| {
        let declared = circuit.tensors.iter().filter(|t| pick(&t.kind));
        let intervals = declared.filter_map(|t| t.kind.interval());
        let words = intervals.zip(values).flat_map(|((lo, hi), entries)| {
            let width = entry_width(lo, hi);
            pack(&offsets(entries, lo, width), width, Blake2s::PACK_BITS)
        });
        #[expect(clippy::cast_possible_truncation, reason = "a group has 32 bits")]
        words.map(|group| group[0] as u32).collect()
    };
    [
        tensors(|kind| matches!(kind, Kind::Input { .. }), &statement.inputs),
        tensors(|kind| matches!(kind, Kind::Output { .. }), &statement.outputs),
    ]
}

fn pack_proof(proof: &Proof<Blake2s>) -> Vec<Felt> {
    let mut felts = hash(&proof.witness_root);
    felts.extend(secure(&[proof.witness_ood]));
    felts.extend(nonce(proof.lookup.nonce));
    for layer in &proof.lookup.layers {
        felts.extend(secure(layer.rounds.as_flattened()));
        felts.extend(secure(&layer.mask));
    }
    felts.extend(secure(&[proof.lookup.model_columns]));
    let product = &proof.product;
    felts.extend(secure(&[product.witness_linear, product.model_linear]));
    felts.extend(secure(product.rounds.as_flattened()));
    felts.extend(secure(&product.factors));
    pack_opening(&mut felts, &proof.opening);
    felts
}

fn pack_opening(felts: &mut Vec<Felt>, opening: &OpeningProof<Blake2s>) {
    for level in &opening.levels {
        rounds(felts, &level.rounds);
        felts.extend(hash(&level.root));
        felts.extend(secure(&[level.ood]));
        felts.extend(nonce(level.nonce));
        codes(felts, &level.openings);
    }
    let last = &opening.last;
    rounds(felts, &last.rounds);
    felts.extend(secure(&last.clear));
    felts.extend(nonce(last.nonce));
    codes(felts, &last.openings);
    rounds(felts, &last.tail);
}

fn rounds(felts: &mut Vec<Felt>, rounds: &[Round]) {
    felts.extend(secure(rounds.as_flattened()));
}

fn codes(felts: &mut Vec<Felt>, openings: &[CodeOpening<Blake2s>]) {
    for opening in openings {
        felts.extend(opening.leaves.iter().map(|leaf| Felt::from(leaf.0)));
        felts.extend(opening.witness.iter().flat_map(hash));
    }
}

fn secure(values: &[K]) -> Vec<Felt> {
    values.iter().flat_map(|k| k.to_m31_array()).map(|c| Felt::from(c.0)).collect()
}

fn hash(hash: &Hash<Blake2s>) -> Vec<Felt> {
    words_of(&Blake2s::hash_to_bytes(hash))
}

fn nonce(nonce: u64) -> [Felt; 2] {
    #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
    [Felt::from(nonce as u32), Felt::from((nonce >> 32) as u32)]
}

/// 32 bytes as little-endian words.
fn words_of(bytes: &[u8; 32]) -> Vec<Felt> {
    bytes.as_chunks().0.iter().map(|&word| Felt::from(u32::from_le_bytes(word))).collect()
}
