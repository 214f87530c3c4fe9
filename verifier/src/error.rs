//! What can be wrong with a circuit, a key, a statement or a proof; one variant per check.

use thiserror::Error;

use crate::encoding::EncodingError;
use crate::key::VERSION;
use crate::merkle::MerkleError;

/// Why a circuit descriptor is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CircuitError {
    /// A list is longer than the format allows.
    #[error("{what} has {got} entries, more than {max}")]
    TooMany {
        /// Which list.
        what: &'static str,
        /// Its length.
        got: usize,
        /// The limit.
        max: usize,
    },
    /// A component refers to something that does not exist or does not fit.
    #[error("{what} {index}: {reason}")]
    Malformed {
        /// Kind of component.
        what: &'static str,
        /// Its index.
        index: usize,
        /// What is wrong.
        reason: &'static str,
    },
}

/// Why a statement does not fit its circuit.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs)]
pub enum StatementError {
    /// Another number of public tensors.
    #[error("{got} {what}s, the model has {expected}")]
    Count { what: &'static str, got: usize, expected: usize },
    /// Another number of entries.
    #[error("{what} {index} has {got} entries, the model wants {expected}")]
    Length { what: &'static str, index: usize, got: usize, expected: u64 },
    /// An entry outside its declared interval.
    #[error("{what} {index}, entry {entry}: {value} is outside {lo}..={hi}")]
    Range { what: &'static str, index: usize, entry: usize, value: i32, lo: i32, hi: i32 },
}

/// Why a proof is rejected.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs)]
pub enum VerifyError {
    /// The statement does not fit the model.
    #[error("statement: {0}")]
    Statement(#[from] StatementError),
    /// A field element outside the opening is not below `p`.
    #[error("{what} is not canonical")]
    NotCanonical { what: &'static str },
    /// A proof of work falls short.
    #[error("proof of work before {what} falls short")]
    ProofOfWork { what: &'static str },
    /// The lookup argument (PROTOCOL §5.1).
    #[error("lookups, layer {layer}: {what}")]
    Lookup { layer: usize, what: &'static str },
    /// The identities (PROTOCOL §5.2).
    #[error("identities: {what}")]
    Products { what: &'static str },
    /// The claims at the end (PROTOCOL §5.4).
    #[error("opening: {what}")]
    Opening { what: &'static str },
    /// The opening itself (PROTOCOL §4.2).
    #[error("opening: {0}")]
    Commitment(#[from] OpeningError),
}

/// Why a verification key is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs)]
pub enum KeyError {
    /// Not a key file.
    #[error("not a verification key: wrong magic number")]
    Magic,
    /// Another format.
    #[error("verification key of version {got}, this program reads version {VERSION}")]
    Version { got: u32 },
    /// A profile that does not exist or is only for tests.
    #[error("unknown security profile `{name}`")]
    Profile { name: String },
    /// A profile with another hash suite.
    #[error("profile {profile} does not use {suite}")]
    Suite { profile: &'static str, suite: &'static str },
    /// The circuit's encoding.
    #[error("the circuit's encoding: {0}")]
    Encoding(#[from] EncodingError),
    /// The circuit.
    #[error("circuit: {0}")]
    Circuit(#[from] CircuitError),
    /// The sizes of the tables.
    #[error(transparent)]
    Schedule(#[from] crate::profile::ScheduleError),
    /// The bytes.
    #[error(transparent)]
    Wire(#[from] crate::wire::WireError),
}

/// Why a proof file is refused before its proof is verified.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs)]
pub enum FileError {
    /// Not a proof file.
    #[error("not a proof: wrong magic number")]
    Magic,
    /// Another format.
    #[error("proof of version {got}, this program reads version {VERSION}")]
    Version { got: u32 },
    /// For another model.
    #[error("the proof is for another model than the key")]
    Model,
    /// The statement does not fit the model.
    #[error("statement: {0}")]
    Statement(#[from] StatementError),
    /// The bytes.
    #[error("proof: {0}")]
    Wire(#[from] crate::wire::WireError),
}

/// Why an opening is rejected. Levels count from 0; `code` 0 is the folded table of the level, 1
/// the table that joins at its end.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OpeningError {
    /// A list does not have the length that the schedule gives it.
    #[error("{what} of level {level}: {got} instead of {expected}")]
    Shape {
        /// Which list.
        what: &'static str,
        /// Level.
        level: usize,
        /// Length by the schedule.
        expected: usize,
        /// Length in the proof.
        got: usize,
    },
    /// A field element is not below `p`.
    #[error("{what} of level {level} is not canonical")]
    NotCanonical {
        /// Where.
        what: &'static str,
        /// Level.
        level: usize,
    },
    /// The proof of work of a level has too few bits.
    #[error("the proof of work of level {level} is insufficient")]
    ProofOfWork {
        /// Level.
        level: usize,
    },
    /// The opened leaves of a code are not those of its tree.
    #[error("code {code} of level {level}: {source}")]
    Merkle {
        /// Level.
        level: usize,
        /// Which code.
        code: usize,
        /// What is wrong with the multi-proof.
        source: MerkleError,
    },
    /// The schedule is inconsistent; no schedule of [`crate::profile::Schedule::new`] is.
    #[error("the schedule is inconsistent")]
    Schedule,
}
