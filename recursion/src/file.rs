//! The file of a batch: groups of statements, each with an outer proof.
//!
//! Behind the magic bytes: the number of groups, then each group with its length in front, numbers as
//! 32 bits, little-endian. A group is the length of a compressed part, that part, and the bulk of the proof
//! ([`crate::bulk`]), which is taken out of it.

use std::io::Read as _;

use bincode::Options as _;
use cairo_air::CairoProofForRustVerifier;
use serde::{Deserialize, Serialize};
use stwo::core::vcs_lifted::blake2_merkle::Blake2sMerkleHasher;
use thiserror::Error;

use crate::bulk::{Bulk, packed_bytes, put_back};
use crate::statement::Statement;

/// First bytes of a file, the last its version.
pub const MAGIC: [u8; 8] = *b"STWOMLB\x03";
/// Bytes of what is decompressed of a group, at most: many times those of a full one. Empty lists in
/// memory take some 24 times their bytes here.
const MAX_BYTES: u64 = 1 << 20;
/// Level of the compression.
const LEVEL: i32 = 19;

/// Statements that one outer proof covers.
#[derive(Serialize, Deserialize)]
pub struct Group {
    /// What is proven.
    pub statements: Vec<Statement>,
    /// The proof that the program accepted proofs of these statements, without the program.
    pub proof: CairoProofForRustVerifier<Blake2sMerkleHasher>,
}

/// Why bytes are no batch.
#[derive(Debug, Error)]
pub enum FileError {
    /// They begin with something else.
    #[error("this is no batch of this version")]
    Magic,
    /// There is nothing in it.
    #[error("the batch has no groups")]
    NoGroups,
    /// The file ends before its last group does.
    #[error("the file is cut off")]
    Truncated,
    /// The file goes on behind its last group, or a group behind its compressed content.
    #[error("{0} bytes follow the last group, or what a group contains")]
    Trailing(usize),
    /// A group is longer than any that is made.
    #[error("a group is too long")]
    TooLong,
    /// The lists of a proof are not as long as it says, or have something that is no element.
    #[error("the lists of the proof are malformed")]
    Lists,
    /// They cannot be decompressed.
    #[error("the compression is damaged")]
    Compression(#[from] std::io::Error),
    /// The content is malformed.
    #[error("the content is malformed")]
    Content(#[from] bincode::Error),
    /// A group has too many bytes, or there are too many groups.
    #[error("a number does not fit 32 bits")]
    TooMany(#[from] std::num::TryFromIntError),
}

fn options() -> impl bincode::Options {
    bincode::DefaultOptions::new().with_limit(MAX_BYTES)
}

/// What is compressed of a group: itself without bulk, and the lengths of the lists that are the bulk.
type Frame<G> = (G, Vec<u32>);

impl Group {
    /// The bytes of a group.
    ///
    /// # Errors
    /// They would be more than any that are read.
    pub fn to_bytes(mut self) -> Result<Vec<u8>, FileError> {
        let bulk = Bulk::take(&mut self.proof.stark_proof.0)?;
        let bulk_bytes = bulk.to_bytes();
        let frame: Frame<&Self> = (&self, bulk.lengths);
        let frame = zstd::encode_all(options().serialize(&frame)?.as_slice(), LEVEL)?;
        let length = u32::try_from(frame.len())?.to_le_bytes();
        Ok([&length, &frame[..], &bulk_bytes].concat())
    }

    /// Reads a group; nothing is left over.
    ///
    /// # Errors
    /// It is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FileError> {
        let (length, rest) = number(bytes)?;
        let (frame, bulk) = rest.split_at_checked(length).ok_or(FileError::Truncated)?;
        let mut content = Vec::new();
        let mut decoder = zstd::Decoder::with_buffer(frame)?.single_frame();
        decoder.by_ref().take(MAX_BYTES + 1).read_to_end(&mut content)?;
        if content.len() as u64 > MAX_BYTES {
            return Err(FileError::TooLong);
        }
        let rest = decoder.finish();
        if !rest.is_empty() {
            return Err(FileError::Trailing(rest.len()));
        }
        let (mut group, lengths): Frame<Self> = options().deserialize(&content)?;
        put_back(&mut group.proof.stark_proof.0, &lengths, bulk)?;
        Ok(group)
    }

    /// Bytes of the group's file by part of the proof: the parts of the bulk, then the compressed rest.
    ///
    /// # Errors
    /// It is no group.
    pub fn parts(bytes: &[u8]) -> Result<Vec<(&'static str, usize)>, FileError> {
        let bulk = Bulk::take(&mut Self::from_bytes(bytes)?.proof.stark_proof.0)?;
        let parts = bulk.parts.into_iter();
        let mut parts: Vec<_> = parts
            .map(|(name, [elements, hashes])| (name, packed_bytes(elements) + 32 * hashes))
            .collect();
        parts.push(("all else, compressed", number(bytes)?.0));
        Ok(parts)
    }
}

/// The file with these groups.
///
/// # Errors
/// They are too many.
pub fn join(groups: &[impl AsRef<[u8]>]) -> Result<Vec<u8>, FileError> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(u32::try_from(groups.len())?.to_le_bytes());
    for group in groups {
        let group = group.as_ref();
        bytes.extend(u32::try_from(group.len())?.to_le_bytes());
        bytes.extend(group);
    }
    Ok(bytes)
}

/// The groups of a file, at least one, each as the bytes that [`Group::from_bytes`] reads.
///
/// # Errors
/// It is no file of this version, or not whole.
pub fn split(bytes: &[u8]) -> Result<Vec<&[u8]>, FileError> {
    let rest = bytes.strip_prefix(&MAGIC).ok_or(FileError::Magic)?;
    let (n_groups, mut rest) = number(rest)?;
    if n_groups == 0 {
        return Err(FileError::NoGroups);
    }
    // No room is set aside for a number that the file only claims.
    let mut groups = Vec::new();
    for _ in 0..n_groups {
        let (length, after) = number(rest)?;
        let (group, after) = after.split_at_checked(length).ok_or(FileError::Truncated)?;
        groups.push(group);
        rest = after;
    }
    if !rest.is_empty() {
        return Err(FileError::Trailing(rest.len()));
    }
    Ok(groups)
}

/// A number, and what follows it.
fn number(bytes: &[u8]) -> Result<(usize, &[u8]), FileError> {
    let (number, rest) = bytes.split_first_chunk().ok_or(FileError::Truncated)?;
    Ok((usize::try_from(u32::from_le_bytes(*number))?, rest))
}
