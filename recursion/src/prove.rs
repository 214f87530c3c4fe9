//! The outer proof.

use anyhow::{Result, ensure};
pub use stwo_ml_outer::OuterProof;
use stwo_ml_outer::Parameters;

use crate::params::{PCS, PREPROCESSED};
use crate::run::Run;

/// What all proofs have in common.
pub struct Prover(stwo_ml_outer::Prover);

impl Default for Prover {
    fn default() -> Self {
        Self::new()
    }
}

impl Prover {
    /// Commits to the preprocessed columns.
    #[must_use]
    pub fn new() -> Self {
        Self(stwo_ml_outer::Prover::new(Parameters { pcs: PCS, preprocessed: PREPROCESSED }))
    }

    /// The root of the preprocessed columns.
    #[must_use]
    pub fn preprocessed_root(&self) -> [u8; 32] {
        self.0.preprocessed_root()
    }

    /// Proves a run.
    ///
    /// # Errors
    /// The run is too long for one proof, or cannot be proven.
    pub fn prove(&self, run: Run) -> Result<OuterProof> {
        let fill = run.resources.fill();
        ensure!(fill <= 1.0, "the run is {fill:.2} times what one proof holds");
        Ok(self.0.prove(run.input)?)
    }
}
