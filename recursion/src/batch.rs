//! From proofs to a batch.

use anyhow::{Context as _, Result, ensure};
use cairo_lang_executable::executable::Executable;
use stwo_ml_verifier::codec::{ProofFile, peek_model_id};
use stwo_ml_verifier::key::VerifyingKey;
use stwo_ml_verifier::verify::verify;

use crate::file::BatchProof;
use crate::pack::{Blake2s, pack_batch};
use crate::prove::Prover;
use crate::run::{self, Resources, Run};
use crate::statement::Statement;

/// A key and a proof for it, which has been verified.
pub struct Inner<'k> {
    vk: &'k VerifyingKey<Blake2s>,
    file: ProofFile<Blake2s>,
}

impl<'k> Inner<'k> {
    /// Reads a proof and verifies it with the key, among `keys`, that it names.
    ///
    /// # Errors
    /// There is no such key, or the proof is not valid.
    pub fn read(keys: &'k [VerifyingKey<Blake2s>], bytes: &[u8]) -> Result<Self> {
        let model_id = peek_model_id(bytes)?;
        let vk = keys
            .iter()
            .find(|vk| vk.model_id() == model_id)
            .with_context(|| format!("no key for model {}", hex::encode(model_id)))?;
        let file = ProofFile::from_bytes(vk, bytes)?;
        verify(vk, &file.statement, &file.proof)?;
        Ok(Self { vk, file })
    }

    /// What it proves.
    #[must_use]
    pub fn statement(&self) -> Statement {
        Statement::of(self.vk, &self.file)
    }
}

/// The run of the program over these proofs.
///
/// # Errors
/// There is none, or the program does not accept one.
pub fn execute(executable: &Executable, inner: &[Inner<'_>]) -> Result<Run> {
    ensure!(!inner.is_empty(), "a batch has at least one proof");
    let refs: Vec<_> = inner.iter().map(|inner| (inner.vk, &inner.file)).collect();
    run::run(executable, &pack_batch(&refs))
}

/// Proves a run over these proofs.
///
/// # Errors
/// It is too long for one proof.
pub fn prove(prover: &Prover, inner: &[Inner<'_>], run: Run) -> Result<BatchProof> {
    let statements = inner.iter().map(Inner::statement).collect();
    Ok(BatchProof { statements, proof: prover.prove(run)?.into() })
}

/// How many proofs of the same kinds one batch holds with so many bytes of memory, given what `n` of
/// them take.
#[must_use]
pub fn capacity(n: usize, resources: &Resources, memory: f64) -> usize {
    let share = Resources::max_fill(memory) / resources.fill();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number")]
    let capacity = (n as f64 * share) as usize;
    capacity
}
