//! From proofs to a group of a batch.

use anyhow::{Context as _, Result, ensure};
use blake2::{Blake2s256, Digest as _};
use cairo_air::CairoProofForRustVerifier;
use cairo_lang_executable::executable::Executable;
use stwo_ml_verifier::codec::{ProofFile, peek_model_id};
use stwo_ml_verifier::key::VerifyingKey;
use stwo_ml_verifier::verify::verify;

use crate::cells::release;
use crate::file::Group;
use crate::pack::{Blake2s, pack_batch};
use crate::prove::Prover;
use crate::run::{self, Run};
use crate::statement::Statement;

/// A key and a proof for it, which has been verified.
pub struct Inner<'k> {
    vk: &'k VerifyingKey<Blake2s>,
    file: ProofFile<Blake2s>,
    statement: Statement,
    digest: [u8; 32],
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
        let statement = Statement::of(vk, &file);
        let Statement { model_id, inputs, outputs, context } = statement;
        let mut hasher = Blake2s256::new();
        for part in [&model_id[..], &inputs, &outputs, &context, bytes] {
            hasher.update(part);
        }
        Ok(Self { vk, file, statement, digest: hasher.finalize().into() })
    }

    /// What it proves.
    #[must_use]
    pub const fn statement(&self) -> Statement {
        self.statement
    }

    /// A hash of the statement and of the proof.
    #[must_use]
    pub const fn digest(&self) -> [u8; 32] {
        self.digest
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
pub fn prove(prover: &Prover, inner: &[Inner<'_>], run: Run) -> Result<Group> {
    let statements = inner.iter().map(Inner::statement).collect();
    let mut proof: CairoProofForRustVerifier<_> = prover.prove(run)?.into();
    // The verifier has the program, with the same identifiers.
    let program = std::mem::take(&mut proof.claim.public_data.public_memory.program);
    let cells = release();
    let same = cells.ids.iter().copied().zip(cells.felts()).eq(program);
    ensure!(same, "the proof is of another program");
    Ok(Group { statements, proof })
}
