//! Multi-proofs of stwo's lifted Merkle trees (PROTOCOL §4.1, Appendix A), suite Blake2s: an inner
//! node is the hash of its children, without a tag.
//!
//! A tree of depth `d` has `2^d` leaves. The proof holds the siblings that the opened nodes do not
//! determine, level by level from the leaves, each level in order of position.

use crate::blake::hash_two;
use crate::wire::{Wire, WireTrait};

/// A node: eight little-endian words.
#[derive(Copy, Drop)]
pub struct Hash {
    pub words: Box<[u32; 8]>,
}

impl HashPartialEq of PartialEq<Hash> {
    fn eq(lhs: @Hash, rhs: @Hash) -> bool {
        let [a0, a1, a2, a3, a4, a5, a6, a7] = lhs.words.unbox();
        let [b0, b1, b2, b3, b4, b5, b6, b7] = rhs.words.unbox();
        a0 == b0 && a1 == b1 && a2 == b2 && a3 == b3 && a4 == b4 && a5 == b5 && a6 == b6 && a7 == b7
    }
}

/// The hash of zeros, which is the root of no tree.
pub(crate) fn no_root() -> Hash {
    Hash { words: BoxTrait::new([0; 8]) }
}

/// The root of the tree of depth `depth` that has these hashes at these positions (ascending,
/// without duplicates, below `2^depth`, one for each hash); reads the siblings.
///
/// # Panics
/// The proof ends, or a word of it has more than 32 bits.
pub fn root(ref wire: Wire, depth: u32, positions: Span<u32>, hashes: Span<Hash>) -> Hash {
    let (mut positions, mut hashes) = (positions, hashes);
    let mut level = array![];
    while let Some(position) = positions.pop_front() {
        level.append((*position, *hashes.pop_front().unwrap()));
    }
    for _ in 0..depth {
        level = parents(ref wire, level.span());
    }
    let (_, root) = *level[0];
    root
}

/// The next level.
fn parents(ref wire: Wire, nodes: Span<(u32, Hash)>) -> Array<(u32, Hash)> {
    let mut nodes = nodes;
    let mut parents = array![];
    while let Some(node) = nodes.pop_front() {
        let (position, hash) = *node;
        let (parent, bit) = DivRem::div_rem(position, 2);
        if bit == 1 {
            parents.append((parent, hash_two(wire.hash(), hash)));
            continue;
        }
        let mut rest = nodes;
        let other = match rest.pop_front() {
            Some(next) => {
                let (next_position, next_hash) = *next;
                if next_position == position + 1 {
                    nodes = rest;
                    next_hash
                } else {
                    wire.hash()
                }
            },
            None => wire.hash(),
        };
        parents.append((parent, hash_two(hash, other)));
    }
    parents
}
