//! The parameters of the outer proof: constants of the release, of which a proof chooses none.

use stwo::core::fri::FriConfig;
use stwo::core::pcs::PcsConfig;
use stwo_cairo_common::preprocessed_columns::preprocessed_trace::PreProcessedTraceVariant;

/// 96 bits, conjectured: 26 of proof of work, and 2.810 for each of 25 queries (PROTOCOL §4.3; stwo
/// counts 3, for which 24 would do).
pub const PCS: PcsConfig = PcsConfig {
    pow_bits: 26,
    fri_config: FriConfig {
        log_blowup_factor: 3,
        log_last_layer_degree_bound: 0,
        n_queries: 25,
        fold_step: 3,
    },
    lifting_log_size: None,
};

/// The preprocessed columns: those of the smallest variant.
pub const PREPROCESSED: PreProcessedTraceVariant = PreProcessedTraceVariant::CanonicalSmall;

/// log2 of the longest component that [`PREPROCESSED`] has columns for.
pub const MAX_LOG_SIZE: u32 = 21;

/// Root of the preprocessed columns with the blow-up of [`PCS`]; a test computes it.
pub const PREPROCESSED_ROOT: [u8; 32] =
    crate::program::parse(include_str!("../preprocessed_root.txt").as_bytes());
