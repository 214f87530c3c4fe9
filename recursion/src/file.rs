//! The file of a batch: statements and the outer proof, compressed.

use std::io::Read as _;

use bincode::Options as _;
use cairo_air::CairoProofForRustVerifier;
use serde::{Deserialize, Serialize};
use stwo::core::vcs_lifted::blake2_merkle::Blake2sMerkleHasher;
use thiserror::Error;

use crate::statement::Statement;

/// First bytes of a file, the last its version.
pub const MAGIC: [u8; 8] = *b"STWOMLB\x01";
/// Bytes of a decompressed file, at most.
const MAX_BYTES: u64 = 64 << 20;
/// Level of the compression.
const LEVEL: i32 = 19;

/// A batch.
#[derive(Serialize, Deserialize)]
pub struct BatchProof {
    /// What is proven.
    pub statements: Vec<Statement>,
    /// The proof that the program accepted proofs of these statements.
    pub proof: CairoProofForRustVerifier<Blake2sMerkleHasher>,
}

/// Why bytes are no batch.
#[derive(Debug, Error)]
pub enum FileError {
    /// They begin with something else.
    #[error("this is no batch of this version")]
    Magic,
    /// They cannot be decompressed.
    #[error("the compression is damaged")]
    Compression(#[from] std::io::Error),
    /// The content is malformed.
    #[error("the content is malformed")]
    Content(#[from] bincode::Error),
}

fn options() -> impl bincode::Options {
    bincode::DefaultOptions::new().with_limit(MAX_BYTES)
}

impl BatchProof {
    /// The file.
    ///
    /// # Errors
    /// It would be larger than any that is read.
    pub fn to_bytes(&self) -> Result<Vec<u8>, FileError> {
        let content = options().serialize(self)?;
        let mut bytes = MAGIC.to_vec();
        bytes.extend(zstd::encode_all(content.as_slice(), LEVEL)?);
        Ok(bytes)
    }

    /// Reads a file; nothing is left over.
    ///
    /// # Errors
    /// It is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FileError> {
        let compressed = bytes.strip_prefix(&MAGIC).ok_or(FileError::Magic)?;
        let mut content = Vec::new();
        zstd::Decoder::new(compressed)?.take(MAX_BYTES + 1).read_to_end(&mut content)?;
        Ok(options().deserialize(&content)?)
    }
}
