//! Proves a run of the Cairo machine with stwo-cairo, over Blake2s.
//!
//! stwo-cairo's prover is generic in its channel, so that it is compiled here: for minutes, but only
//! when this crate changes.

use std::sync::Arc;

use cairo_air::CairoProof;
use stwo::core::pcs::PcsConfig;
use stwo::core::poly::circle::CanonicCoset;
use stwo::core::utils::MaybeOwned;
use stwo::core::vcs_lifted::blake2_merkle::{Blake2sMerkleChannel, Blake2sMerkleHasher};
use stwo::prover::backend::simd::SimdBackend;
use stwo::prover::mempool::BaseColumnPool;
use stwo::prover::poly::circle::PolyOps;
use stwo::prover::poly::twiddles::TwiddleTree;
use stwo::prover::{CommitmentTreeProver, ProvingError};
use stwo_cairo_adapter::ProverInput;
use stwo_cairo_common::preprocessed_columns::preprocessed_trace::{
    PreProcessedTrace, PreProcessedTraceVariant,
};
use stwo_cairo_prover::prover::{ChannelHash, ProverParameters, prove_cairo_with_precompute};
use stwo_cairo_prover::witness::preprocessed_trace::gen_trace;

/// The proof of stwo-cairo.
pub type OuterProof = CairoProof<Blake2sMerkleHasher>;

/// What proofs are made with.
#[derive(Clone, Copy, Debug)]
pub struct Parameters {
    /// Queries, blow-up, work.
    pub pcs: PcsConfig,
    /// The preprocessed columns.
    pub preprocessed: PreProcessedTraceVariant,
}

/// What all proofs have in common: twiddles, and the committed preprocessed columns.
pub struct Prover {
    parameters: Parameters,
    pool: BaseColumnPool<SimdBackend>,
    twiddles: TwiddleTree<SimdBackend>,
    trace: Arc<PreProcessedTrace>,
    tree: CommitmentTreeProver<SimdBackend, Blake2sMerkleChannel>,
}

impl Prover {
    /// Commits to the preprocessed columns.
    #[must_use]
    pub fn new(parameters: Parameters) -> Self {
        let Parameters { pcs, preprocessed } = parameters;
        let blowup = pcs.fri_config.log_blowup_factor;
        // The composition polynomial is twice as long as the longest column, but committed in halves.
        let log_size = preprocessed.max_log_trace_size() + blowup.max(1);
        let coset = CanonicCoset::new(log_size).circle_domain().half_coset;
        let twiddles = SimdBackend::precompute_twiddles(coset);
        let trace = Arc::new(preprocessed.to_preprocessed_trace());
        let polynomials = SimdBackend::interpolate_columns(gen_trace(trace.clone()), &twiddles);
        let pool = BaseColumnPool::new();
        let tree = CommitmentTreeProver::new(
            polynomials,
            blowup,
            &twiddles,
            true,
            pcs.lifting_log_size,
            &pool,
        );
        Self { parameters, pool, twiddles, trace, tree }
    }

    /// The root of the preprocessed columns.
    #[must_use]
    pub fn preprocessed_root(&self) -> [u8; 32] {
        self.tree.commitment.root().0
    }

    /// Proves a run, whose components have no more rows than there are preprocessed columns for.
    ///
    /// # Errors
    /// The run cannot be proven.
    pub fn prove(&self, input: ProverInput) -> Result<OuterProof, ProvingError> {
        let Parameters { pcs, preprocessed } = self.parameters;
        let parameters = ProverParameters {
            channel_hash: ChannelHash::Blake2s,
            channel_salt: 0,
            pcs_config: pcs,
            preprocessed_trace: preprocessed,
            store_polynomials_coefficients: true,
            include_all_preprocessed_columns: false,
        };
        prove_cairo_with_precompute::<Blake2sMerkleChannel>(
            &self.pool,
            &self.twiddles,
            self.trace.clone(),
            MaybeOwned::Borrowed(&self.tree),
            input,
            parameters,
        )
    }
}
