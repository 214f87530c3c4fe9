//! Multi-proofs of stwo's lifted Merkle trees (PROTOCOL §4.1, Appendix A).
//!
//! A tree of depth `d` has `2^d` leaves, each the hash of a row of `F` values. The witness holds
//! the siblings that the opened nodes do not determine, level by level from the leaves, each level
//! in order of position.

use stwo::core::vcs_lifted::merkle_hasher::MerkleHasherLifted;
use thiserror::Error;

use crate::field::F;

/// Why a multi-proof is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MerkleError {
    /// Positions are not strictly increasing, or not below `2^depth`, or there are none.
    #[error("positions are empty, unsorted or out of range")]
    Positions,
    /// The number of values is not positions times width.
    #[error("{got} values instead of {expected}")]
    Values {
        /// Number that the positions call for.
        expected: usize,
        /// Number given.
        got: usize,
    },
    /// A sibling is missing.
    #[error("the witness is too short")]
    WitnessTooShort,
    /// Siblings are left over.
    #[error("the witness is too long")]
    WitnessTooLong,
    /// The path leads to another root.
    #[error("the root differs")]
    Root,
}

/// Checks that the leaves at `positions` of the tree with this root and depth are the chunks of
/// `width` values of `values`. Values must be canonical.
///
/// # Errors
/// One variant per check.
pub fn verify<H: MerkleHasherLifted>(
    root: &H::Hash,
    depth: u32,
    positions: &[usize],
    width: usize,
    values: &[F],
    witness: &[H::Hash],
) -> Result<(), MerkleError> {
    let sorted = positions.is_sorted_by(|a, b| a < b);
    let in_range = positions.last().is_some_and(|&p| p.checked_shr(depth) == Some(0));
    if !sorted || !in_range {
        return Err(MerkleError::Positions);
    }
    let expected = positions.len().saturating_mul(width);
    if width == 0 || values.len() != expected {
        return Err(MerkleError::Values { expected, got: values.len() });
    }

    let leaf = |row: &[F]| {
        let mut hasher = H::default();
        hasher.update_leaf(row);
        hasher.finalize()
    };
    let mut nodes: Vec<(usize, H::Hash)> =
        positions.iter().copied().zip(values.chunks_exact(width).map(leaf)).collect();
    let mut witness = witness.iter();
    for _ in 0..depth {
        let mut parents = Vec::with_capacity(nodes.len());
        let mut nodes_below = nodes.into_iter().peekable();
        while let Some((position, hash)) = nodes_below.next() {
            let sibling = match nodes_below.next_if(|(next, _)| *next == position ^ 1) {
                Some((_, sibling)) => sibling,
                None => *witness.next().ok_or(MerkleError::WitnessTooShort)?,
            };
            let children = if position & 1 == 0 { (hash, sibling) } else { (sibling, hash) };
            parents.push((position >> 1, H::hash_children(children)));
        }
        nodes = parents;
    }
    if witness.next().is_some() {
        return Err(MerkleError::WitnessTooLong);
    }
    match nodes.as_slice() {
        [(_, computed)] if computed == root => Ok(()),
        _ => Err(MerkleError::Root),
    }
}

/// Length of the witness of a multi-proof of leaves at these positions, which ascend.
#[must_use]
pub fn n_siblings(positions: &[usize], depth: u32) -> usize {
    let mut nodes = positions.to_vec();
    let mut n = 0;
    for _ in 0..depth {
        let opened = nodes.len();
        nodes.iter_mut().for_each(|position| *position >>= 1);
        nodes.dedup();
        // A parent with one opened child calls for the other.
        n += 2 * nodes.len() - opened;
    }
    n
}

/// Upper bound on the witness of `n_positions` leaves in a tree of depth `depth`.
#[must_use]
pub const fn max_witness(n_positions: usize, depth: u32) -> usize {
    n_positions.saturating_mul(depth as usize)
}
