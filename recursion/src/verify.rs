//! The verifier of batches.
//!
//! `cairo_air::verifier::verify_cairo` checks that *some* program ran with *some* output, with
//! parameters that the proof names, and panics at much that is malformed. What is missing is here; what it
//! checks, for the program of the release, is in [`crate::stark`].

use std::panic::{AssertUnwindSafe, catch_unwind};

use cairo_air::air::{PublicMemory, PublicSegmentRanges};
use cairo_air::components::memory_address_to_id::MEMORY_ADDRESS_TO_ID_SPLIT;
use cairo_air::verifier::CairoVerificationError;
use thiserror::Error;

use crate::cells::release;
use crate::file::{FileError, Group, split};
use crate::params::{MAX_LOG_SIZE, PCS, PREPROCESSED, PREPROCESSED_ROOT};
use crate::program::PROGRAM_HASH;
use crate::stark;
pub use crate::stark::Program;
use crate::statement::{Statement, output};

/// Why a batch is rejected.
#[derive(Debug, Error)]
pub enum Rejected {
    /// The bytes are no batch.
    #[error(transparent)]
    File(#[from] FileError),
    /// Queries, blow-up, work or another parameter is not what it must be.
    #[error("the proof has other parameters than the release")]
    Parameters,
    /// The preprocessed columns are others.
    #[error("the proof has other preprocessed columns than the release")]
    Preprocessed,
    /// The proof brings a program, where that of the release is meant.
    #[error("the proof has a program of its own")]
    Program,
    /// The program has other builtins.
    #[error("the proof has other builtins than the program")]
    Builtins,
    /// The output is not where the program writes it.
    #[error("the output is elsewhere")]
    OutputSegment,
    /// The output is not that of the statements.
    #[error("the proof is of other statements")]
    Output,
    /// A component is longer than any that is proven, or large values have more components.
    #[error("a component is too long, or there are too many")]
    Size,
    /// The proof of stwo-cairo is wrong.
    #[error("the proof is wrong")]
    Proof(#[from] CairoVerificationError),
    /// It is malformed.
    #[error("the proof is malformed: {0}")]
    Malformed(String),
}

/// Checks all groups of a batch, and returns the statements that they prove, in order.
///
/// # Soundness
/// `Ok` says that for each statement there is a proof that the verifier of this release accepts, with
/// the parameters that the model's identifier binds, up to the error of [`PCS`]. What the identifiers
/// stand for is for whoever recomputes the keys (PROTOCOL §1).
///
/// # Errors
/// The first check that fails. Never panics, but the panic hook is called where stwo's verifier does.
pub fn verify(bytes: &[u8]) -> Result<Vec<Statement>, Rejected> {
    let mut statements = Vec::new();
    for group in split(bytes)? {
        statements.extend(verify_group(group)?);
    }
    Ok(statements)
}

/// The same of one group.
///
/// # Errors
/// The first check that fails.
pub fn verify_group(bytes: &[u8]) -> Result<Vec<Statement>, Rejected> {
    verify_group_of(bytes, &Program { cells: release(), hash: PROGRAM_HASH })
}

/// The same of a group of any program: its statements mean what that program says.
///
/// # Errors
/// The first check that fails.
pub fn verify_group_of(bytes: &[u8], program: &Program<'_>) -> Result<Vec<Statement>, Rejected> {
    let Group { statements, proof } = Group::from_bytes(bytes)?;
    // Parameters.
    if proof.stark_proof.config != PCS || proof.channel_salt != 0 {
        return Err(Rejected::Parameters);
    }
    // Preprocessed columns.
    let root = proof.stark_proof.commitments.first().map(|root| root.0);
    if proof.preprocessed_trace_variant != PREPROCESSED || root != Some(PREPROCESSED_ROOT) {
        return Err(Rejected::Preprocessed);
    }
    // Program and output.
    let public = &proof.claim.public_data;
    check_memory(&public.public_memory, public.final_state.ap.0, &statements)?;
    guarded(|| {
        let large = proof.claim.memory_id_to_big.as_ref();
        if large.is_some_and(|large| large.big_log_sizes.len() > MEMORY_ADDRESS_TO_ID_SPLIT) {
            return Err(Rejected::Size);
        }
        // A column that is not there is no longer than others.
        let log_sizes = proof.claim.log_sizes();
        match log_sizes.iter().flatten().all(|&log_size| log_size <= MAX_LOG_SIZE) {
            true => Ok(stark::verify(proof, program, &PREPROCESSED.to_preprocessed_trace())?),
            false => Err(Rejected::Size),
        }
    })?;
    Ok(statements)
}

/// Program, builtins and output are what they must be.
fn check_memory(
    memory: &PublicMemory,
    final_ap: u32,
    statements: &[Statement],
) -> Result<(), Rejected> {
    let PublicMemory { program, public_segments, output: written, .. } = memory;
    // The proof is verified with the program of the release.
    if !program.is_empty() {
        return Err(Rejected::Program);
    }
    // The order of the present ones gives the pointers on the stack their meaning.
    let PublicSegmentRanges {
        output: range,
        pedersen: None,
        range_check_128: Some(_),
        ecdsa: None,
        bitwise: Some(_),
        ec_op: None,
        keccak: None,
        poseidon: None,
        range_check_96: None,
        add_mod: None,
        mul_mod: None,
    } = public_segments
    else {
        return Err(Rejected::Builtins);
    };
    // stwo-cairo reads the output behind the execution; the program writes it to its segment.
    let (start, stop) = (range.start_ptr.value, range.stop_ptr.value);
    if start != final_ap || stop.checked_sub(start) != u32::try_from(written.len()).ok() {
        return Err(Rejected::OutputSegment);
    }
    let expected = output(statements).map(|felt| {
        let mut words = [0; 8];
        let bytes = felt.to_bytes_le();
        for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        words
    });
    if statements.is_empty() || !written.iter().map(|(_, felt)| *felt).eq(expected) {
        return Err(Rejected::Output);
    }
    Ok(())
}

/// What `check` returns; if it panics, that as an error.
fn guarded(check: impl FnOnce() -> Result<(), Rejected>) -> Result<(), Rejected> {
    catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(Rejected::Malformed(text.unwrap_or_default()))
    })
}
