//! Keys and proofs as the felts that a chain reads (PROTOCOL Appendix D): packing, unpacking, sizes,
//! arguments of the verifier contract.
//!
//! Two elements of `K`, eight of `F`, one hash or one nonce to a felt, in the order of the
//! transcript: what the transcript absorbs at once is hashed as it stands. There is one packing of
//! a proof. [`unpack`] is to a contract what `ProofFile::from_bytes` is to a program: it decides what
//! is a proof at all, and says which felt is at fault.

mod abi;
mod felt;
mod gas;
mod model;
mod pack;
mod sizes;
mod statement;
mod unpack;

use serde::{Deserialize, Serialize};
pub use starknet_types_core::felt::Felt;
use stwo::core::vcs_lifted::poseidon252_merkle::Poseidon252MerkleChannel;

pub use crate::abi::{MAX_ARGUMENTS, TooLong};
pub use crate::felt::{pack_hash, pack_leaf, pack_secure};
pub use crate::gas::Gas;
pub use crate::model::{pack_digits, pack_model};
pub use crate::pack::{PackError, pack, pack_proof};
pub use crate::sizes::Sizes;
pub use crate::statement::{pack_inputs, pack_outputs};
pub use crate::unpack::{Problem, UnpackError, unpack};

/// The hash suite of proofs for a chain.
pub type Poseidon = Poseidon252MerkleChannel;

/// A model, a statement and its proof as felts. As JSON, felts are hexadecimal strings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calldata {
    /// Identifier of the model: what `model` hashes to.
    pub model_id: Felt,
    /// Profile, root of `M`, its out-of-domain value, parameters, circuit.
    pub model: Vec<Felt>,
    /// What the proof is bound to, big-endian.
    #[serde(with = "context")]
    pub context: [u8; 32],
    /// The input tensors.
    pub inputs: Vec<Felt>,
    /// The output tensors.
    pub outputs: Vec<Felt>,
    /// The proof.
    pub proof: Vec<Felt>,
}

/// A context as `0x` and 64 digits.
mod context {
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;

    pub fn serialize<S: Serializer>(bytes: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("0x{}", hex::encode(bytes)))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.strip_prefix("0x").unwrap_or_default();
        let mut bytes = [0; 32];
        match hex::decode_to_slice(digits, &mut bytes) {
            Ok(()) => Ok(bytes),
            Err(_) => Err(D::Error::custom("a context is `0x` and 64 hexadecimal digits")),
        }
    }
}
