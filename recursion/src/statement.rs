//! What a batch says: its statements, and the commitment to them that its proof has as output.

use blake2::{Blake2s256, Digest as _};
use serde::{Deserialize, Serialize};
use starknet_types_core::felt::Felt;
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

/// The output of the program for these statements: the two halves of Blake2s over all of them, each
/// a little-endian number of 128 bits; and their number.
#[must_use]
pub fn output(statements: &[Statement]) -> [Felt; 3] {
    let parts = statements.iter().flat_map(|s| [s.model_id, s.inputs, s.outputs, s.context]);
    let mut hasher = Blake2s256::new();
    parts.for_each(|part| hasher.update(part));
    let hash: [u8; 32] = hasher.finalize().into();
    let [low, high] = [0, 16].map(|at| Felt::from_bytes_le_slice(&hash[at..at + 16]));
    [low, high, Felt::from(statements.len())]
}
