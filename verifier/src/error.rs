//! What can be wrong with a circuit, a key, a statement or a proof; one variant per check.

use thiserror::Error;

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
