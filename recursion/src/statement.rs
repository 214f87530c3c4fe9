//! What a batch says: its statements, and the commitment to them that its proof has as output.

use blake2::{Blake2s256, Digest as _};
use serde::{Deserialize, Serialize};
use starknet_types_core::felt::Felt;
use starknet_types_core::hash::{Poseidon, StarkHash as _};
use stwo_ml_verifier::codec::ProofFile;
use stwo_ml_verifier::key::VerifyingKey;

use crate::pack::{Blake2s, pack_statement};

/// One inference: the outputs behind the one commitment are the model's at the inputs behind the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Identifier of the model.
    pub model_id: [u8; 32],
    /// Blake2s of the input tensors, one after the other, each packed as the transcript absorbs it.
    pub inputs: [u8; 32],
    /// The same of the output tensors.
    pub outputs: [u8; 32],
    /// What the inner proof was bound to.
    pub context: [u8; 32],
}

impl Statement {
    /// That of a proof.
    #[must_use]
    pub fn of(vk: &VerifyingKey<Blake2s>, file: &ProofFile<Blake2s>) -> Self {
        let [inputs, outputs] = pack_statement(vk.circuit(), &file.statement);
        let hash = |words: Vec<u32>| {
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            Blake2s256::digest(bytes).into()
        };
        Self {
            model_id: vk.model_id(),
            inputs: hash(inputs),
            outputs: hash(outputs),
            context: file.statement.context,
        }
    }
}

/// The output of the program for these statements: `poseidon_hash_many` over two felts of 128 bits,
/// little-endian, for each 32 bytes; and their number.
#[must_use]
pub fn output(statements: &[Statement]) -> [Felt; 2] {
    let felts: Vec<Felt> = statements
        .iter()
        .flat_map(|s| [s.model_id, s.inputs, s.outputs, s.context])
        .flat_map(|bytes| {
            let [low, high] = [0, 16].map(|at| Felt::from_bytes_le_slice(&bytes[at..at + 16]));
            [low, high]
        })
        .collect();
    [Poseidon::hash_array(&felts), Felt::from(statements.len())]
}
