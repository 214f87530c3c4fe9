//! The outer proof.

use std::sync::Arc;

use anyhow::{Result, ensure};
use cairo_air::CairoProof;
use stwo::core::poly::circle::CanonicCoset;
use stwo::core::utils::MaybeOwned;
use stwo::core::vcs_lifted::blake2_merkle::{Blake2sMerkleChannel, Blake2sMerkleHasher};
use stwo::prover::CommitmentTreeProver;
use stwo::prover::backend::simd::SimdBackend;
use stwo::prover::mempool::BaseColumnPool;
use stwo::prover::poly::circle::PolyOps;
use stwo::prover::poly::twiddles::TwiddleTree;
use stwo_cairo_common::preprocessed_columns::preprocessed_trace::PreProcessedTrace;
use stwo_cairo_prover::prover::{ChannelHash, ProverParameters, prove_cairo_with_precompute};
use stwo_cairo_prover::witness::preprocessed_trace::gen_trace;

use crate::params::{MAX_LOG_SIZE, PCS, PREPROCESSED};
use crate::run::Run;

/// The proof of stwo-cairo.
pub type OuterProof = CairoProof<Blake2sMerkleHasher>;

/// What all proofs have in common: twiddles, and the committed preprocessed columns.
pub struct Prover {
    pool: BaseColumnPool<SimdBackend>,
    twiddles: TwiddleTree<SimdBackend>,
    trace: Arc<PreProcessedTrace>,
    tree: CommitmentTreeProver<SimdBackend, Blake2sMerkleChannel>,
}

impl Default for Prover {
    fn default() -> Self {
        Self::new()
    }
}

impl Prover {
    /// Commits to the preprocessed columns.
    #[must_use]
    pub fn new() -> Self {
        let blowup = PCS.fri_config.log_blowup_factor;
        // The composition polynomial is twice as long as the longest column.
        let coset = CanonicCoset::new(MAX_LOG_SIZE + 1 + blowup).circle_domain().half_coset;
        let twiddles = SimdBackend::precompute_twiddles(coset);
        let trace = Arc::new(PREPROCESSED.to_preprocessed_trace());
        let polynomials = SimdBackend::interpolate_columns(gen_trace(trace.clone()), &twiddles);
        let pool = BaseColumnPool::new();
        let tree = CommitmentTreeProver::new(
            polynomials,
            blowup,
            &twiddles,
            false,
            PCS.lifting_log_size,
            &pool,
        );
        Self { pool, twiddles, trace, tree }
    }

    /// The root of the preprocessed columns.
    #[must_use]
    pub fn preprocessed_root(&self) -> [u8; 32] {
        self.tree.commitment.root().0
    }

    /// Proves a run.
    ///
    /// # Errors
    /// The run is too long for one proof, or cannot be proven.
    pub fn prove(&self, run: Run) -> Result<OuterProof> {
        let fill = run.resources.fill();
        ensure!(fill <= 1.0, "the run is {fill:.2} times what one proof holds");
        let parameters = ProverParameters {
            channel_hash: ChannelHash::Blake2s,
            channel_salt: 0,
            pcs_config: PCS,
            preprocessed_trace: PREPROCESSED,
            store_polynomials_coefficients: false,
            include_all_preprocessed_columns: false,
        };
        Ok(prove_cairo_with_precompute::<Blake2sMerkleChannel>(
            &self.pool,
            &self.twiddles,
            self.trace.clone(),
            MaybeOwned::Borrowed(&self.tree),
            run.input,
            parameters,
        )?)
    }
}
