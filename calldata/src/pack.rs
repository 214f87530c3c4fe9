//! A key and a proof as felts, in the order of the transcript.

use starknet_types_core::felt::Felt;
use stwo_ml_verifier::codec::ProofFile;
use stwo_ml_verifier::error::StatementError;
use stwo_ml_verifier::field::K;
use stwo_ml_verifier::key::VerifyingKey;
use stwo_ml_verifier::opening::{CodeOpening, OpeningProof, Round};
use stwo_ml_verifier::profile::{Code, Schedule};
use stwo_ml_verifier::proof::Proof;
use thiserror::Error;

use crate::felt::{pack_hash, pack_leaf, pack_secure};
use crate::unpack::{UnpackError, unpack};
use crate::{Calldata, Poseidon, Sizes, pack_inputs, pack_model, pack_outputs};

/// Why a proof has no felts.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PackError {
    /// The statement is none of this model.
    #[error("statement: {0}")]
    Statement(#[from] StatementError),
    /// The proof has not the shape that the key and its own roots and nonces give it.
    #[error("the proof has another shape than the key's: {0}")]
    Shape(#[from] UnpackError),
    /// A field element is not canonical, or a list has another length than the key's.
    #[error("the proof has another shape than the key's, or elements that are not canonical")]
    Ambiguous,
}

/// The felts of a key and a proof, and their sizes. The proof is not verified by this, but it is
/// unpacked again: what is returned stands for this proof and no other.
///
/// # Errors
/// The statement or the shape of the proof is not the key's.
pub fn pack(
    vk: &VerifyingKey<Poseidon>,
    file: &ProofFile<Poseidon>,
) -> Result<(Calldata, Sizes), PackError> {
    file.statement.check(vk.circuit())?;
    let (proof, mut sizes) = pack_proof(vk, &file.proof);
    let calldata = Calldata {
        model_id: Felt::from_bytes_be(&vk.model_id()),
        model: pack_model(vk),
        context: file.statement.context,
        inputs: pack_inputs(vk.circuit(), &file.statement),
        outputs: pack_outputs(vk.circuit(), &file.statement),
        proof,
    };
    sizes.model = calldata.model.len();
    sizes.inputs = calldata.inputs.len();
    sizes.outputs = calldata.outputs.len();
    sizes.frame = calldata.verify_arguments().len() - sizes.arguments();
    if unpack(vk, &calldata)? == *file { Ok((calldata, sizes)) } else { Err(PackError::Ambiguous) }
}

/// The felts of a proof, with the sizes of its parts. One that has not the shape of the key may give
/// felts that stand for another proof, or for none; [`pack`] checks that.
#[must_use]
pub fn pack_proof(vk: &VerifyingKey<Poseidon>, proof: &Proof<Poseidon>) -> (Vec<Felt>, Sizes) {
    let mut out = Writer::default();
    out.felts.push(pack_hash(&proof.witness_root));
    out.secure(&[proof.witness_ood]);
    out.sizes.witness = out.taken();

    out.felts.push(proof.lookup.nonce.into());
    for layer in &proof.lookup.layers {
        layer.rounds.iter().for_each(|round| out.secure(round));
        out.secure(&layer.mask);
    }
    out.secure(&[proof.lookup.model_columns]);
    out.sizes.lookups = out.taken();

    let product = &proof.product;
    out.secure(&[product.witness_linear, product.model_linear]);
    product.rounds.iter().for_each(|round| out.secure(round));
    out.secure(&product.factors);
    out.sizes.identities = out.taken();

    out.opening(vk.schedule(), &proof.opening);
    (out.felts, out.sizes)
}

#[derive(Default)]
struct Writer {
    felts: Vec<Felt>,
    sizes: Sizes,
    /// Felts that `sizes` has counted.
    counted: usize,
}

impl Writer {
    /// Felts written since the last call.
    fn taken(&mut self) -> usize {
        self.felts.len() - std::mem::replace(&mut self.counted, self.felts.len())
    }

    fn secure(&mut self, values: &[K]) {
        self.felts.extend(pack_secure(values));
    }

    fn rounds(&mut self, rounds: &[Round]) {
        rounds.iter().for_each(|round| self.secure(round));
        self.sizes.rounds += self.taken();
    }

    fn opening(&mut self, schedule: &Schedule, opening: &OpeningProof<Poseidon>) {
        for (index, level) in opening.levels.iter().enumerate() {
            self.rounds(&level.rounds);
            self.felts.push(pack_hash(&level.root));
            self.secure(&[level.ood]);
            self.felts.push(level.nonce.into());
            self.sizes.tables += self.taken();
            self.codes(&schedule.opened(index), &level.openings);
        }
        let last = &opening.last;
        self.rounds(&last.rounds);
        self.secure(&last.clear);
        self.felts.push(last.nonce.into());
        self.sizes.tables += self.taken();
        self.codes(&schedule.opened(opening.levels.len()), &last.openings);
        self.rounds(&last.tail);
    }

    fn codes(&mut self, codes: &[Code], openings: &[CodeOpening<Poseidon>]) {
        for (code, opening) in codes.iter().zip(openings) {
            let leaves = opening.leaves.chunks(code.leaf_width());
            self.felts.extend(leaves.flat_map(pack_leaf));
            self.sizes.leaves += self.taken();
            self.felts.extend(opening.witness.iter().map(pack_hash));
            self.sizes.siblings += self.taken();
        }
    }
}
