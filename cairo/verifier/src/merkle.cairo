//! Multi-proofs of stwo's lifted Merkle trees (PROTOCOL §4.1, Appendix A), suite Poseidon252.
//!
//! A tree of depth `d` has `2^d` leaves. The proof holds the siblings that the opened nodes do not
//! determine, level by level from the leaves, each level in order of position.

use core::poseidon::hades_permutation;
use crate::wire::{Wire, WireTrait};

/// The root of the tree of depth `depth` that has these hashes at these positions (ascending,
/// without duplicates, below `2^depth`, one for each hash); reads the siblings.
///
/// # Panics
/// The proof ends.
pub fn root(
    ref wire: Wire, depth: u32, mut positions: Span<u32>, mut hashes: Span<felt252>,
) -> felt252 {
    let mut nodes = array![];
    while let Some(position) = positions.pop_front() {
        nodes.append((*position, *hashes.pop_front().unwrap()));
    }
    for _ in 0..depth {
        nodes = parents(ref wire, nodes.span());
    }
    let (_, root) = *nodes[0];
    root
}

/// The next level of the tree.
fn parents(ref wire: Wire, mut nodes: Span<(u32, felt252)>) -> Array<(u32, felt252)> {
    let mut parents = array![];
    while let Some(node) = nodes.pop_front() {
        let (position, hash) = *node;
        let (parent, bit) = DivRem::div_rem(position, 2);
        if bit == 1 {
            parents.append((parent, hash_children(wire.felt(), hash)));
            continue;
        }
        let mut rest = nodes;
        let sibling = match rest.pop_front() {
            Some(next) => {
                let (next_position, next_hash) = *next;
                if next_position == position + 1 {
                    nodes = rest;
                    next_hash
                } else {
                    wire.felt()
                }
            },
            None => wire.felt(),
        };
        parents.append((parent, hash_children(hash, sibling)));
    }
    parents
}

/// An inner node: `poseidon_hash(left, right)`.
#[inline(always)]
pub fn hash_children(left: felt252, right: felt252) -> felt252 {
    let (hash, _, _) = hades_permutation(left, right, 2);
    hash
}
