//! Multi-proofs of stwo's lifted Merkle trees (PROTOCOL §4.1, Appendix A), suite Poseidon252.
//!
//! A tree of depth `d` has `2^d` leaves. The proof holds the siblings that the opened nodes do not
//! determine, level by level from the leaves, each level in order of position.
//!
//! In the lower part of a tree an opened node is mostly the only one below its ancestor four levels
//! up: such a node climbs four levels at once, with one sibling of each level.

use core::poseidon::hades_permutation;
use crate::wire::{Wire, WireTrait};

/// The uppermost levels, which are climbed one by one, are at least this many.
const N_UPPER: u32 = 3;

/// An opened node, by the position of its ancestor four levels up and its own position below it.
#[derive(Copy, Drop)]
struct Node {
    ancestor: u32,
    digit: u32,
    hash: felt252,
}

/// Opened nodes of one level in order of position. `merges` counts in each byte the pairs of
/// neighbours whose paths merge 1, 2, 3, 4 levels up, least significant byte first.
#[derive(Drop)]
struct Level {
    nodes: Array<Node>,
    merges: u32,
    last: Node,
}

/// Siblings of four levels that are left.
#[derive(Copy, Drop)]
struct Siblings {
    s0: Span<felt252>,
    s1: Span<felt252>,
    s2: Span<felt252>,
    s3: Span<felt252>,
}

/// The root of the tree of depth `depth` that has these hashes at these positions (ascending,
/// without duplicates, below `2^depth`, one for each hash, at most 128); reads the siblings.
///
/// # Panics
/// The proof ends.
pub fn root(ref wire: Wire, depth: u32, positions: Span<u32>, hashes: Span<felt252>) -> felt252 {
    let (mut positions, mut hashes) = (positions, hashes);
    let mut level = LevelTrait::new();
    while let Some(hash) = hashes.pop_front() {
        level.append(*positions.pop_front().unwrap(), *hash);
    }
    let mut left = depth;
    while left >= N_UPPER + 4 {
        level = level.climb(ref wire);
        left -= 4;
    }
    let mut upper = array![];
    for node in level.nodes {
        upper.append((16 * node.ancestor + node.digit, node.hash));
    }
    for _ in 0..left {
        upper = parents(ref wire.rest, upper.span());
    }
    let (_, root) = *upper[0];
    root
}

#[generate_trait]
impl LevelImpl of LevelTrait {
    #[inline(always)]
    fn new() -> Level {
        // Its ancestor is that of no node.
        let last = Node { ancestor: 0xffffffff, digit: 0, hash: 0 };
        Level { nodes: array![], merges: 0, last }
    }

    /// Appends the next node.
    #[inline(always)]
    fn append(ref self: Level, position: u32, hash: felt252) {
        let (ancestor, digit) = DivRem::div_rem(position, 16);
        if ancestor == self.last.ancestor {
            self.merges += merge_of(self.last.digit ^ digit);
        }
        self.last = Node { ancestor, digit, hash };
        self.nodes.append(self.last);
    }

    /// The siblings of this level and the three above it.
    fn siblings(self: @Level, ref wire: Wire) -> Siblings {
        let (rest, m0) = DivRem::div_rem(*self.merges, 0x100);
        let (rest, m1) = DivRem::div_rem(rest, 0x100);
        let (m3, m2) = DivRem::div_rem(rest, 0x100);
        let n0 = self.nodes.len();
        let n1 = n0 - m0;
        let n2 = n1 - m1;
        let n3 = n2 - m2;
        Siblings {
            s0: wire.felts(n0 - 2 * m0),
            s1: wire.felts(n1 - 2 * m1),
            s2: wire.felts(n2 - 2 * m2),
            s3: wire.felts(n3 - 2 * m3),
        }
    }

    /// The nodes four levels up.
    fn climb(self: Level, ref wire: Wire) -> Level {
        let mut siblings = self.siblings(ref wire);
        let mut nodes = self.nodes.span();
        let mut level = Self::new();
        let mut node = *nodes.pop_front().unwrap();
        loop {
            let Some(next) = nodes.pop_front() else {
                level.append(node.ancestor, climb_alone(node, ref siblings));
                break;
            };
            if *next.ancestor != node.ancestor {
                level.append(node.ancestor, climb_alone(node, ref siblings));
                node = *next;
                continue;
            }
            let mut group = array![(node.digit, node.hash), (*next.digit, *next.hash)];
            let after = loop {
                let Some(next) = nodes.pop_front() else {
                    break None;
                };
                if *next.ancestor != node.ancestor {
                    break Some(*next);
                }
                group.append((*next.digit, *next.hash));
            };
            level.append(node.ancestor, climb_group(group, ref siblings));
            let Some(next) = after else {
                break;
            };
            node = next;
        }
        level
    }
}

/// What a pair of neighbours adds to the merges, by the exclusive or of their digits.
fn merge_of(difference: u32) -> u32 {
    if difference < 2 {
        1
    } else if difference < 4 {
        0x100
    } else if difference < 8 {
        0x10000
    } else {
        0x1000000
    }
}

/// The ancestor four levels up of a node that has no other node below it.
#[inline(always)]
fn climb_alone(node: Node, ref siblings: Siblings) -> felt252 {
    let h = node.hash;
    let s0 = sibling(ref siblings.s0);
    let s1 = sibling(ref siblings.s1);
    let s2 = sibling(ref siblings.s2);
    let s3 = sibling(ref siblings.s3);
    match node.digit {
        0 => left(left(left(left(h, s0), s1), s2), s3),
        1 => left(left(left(right(h, s0), s1), s2), s3),
        2 => left(left(right(left(h, s0), s1), s2), s3),
        3 => left(left(right(right(h, s0), s1), s2), s3),
        4 => left(right(left(left(h, s0), s1), s2), s3),
        5 => left(right(left(right(h, s0), s1), s2), s3),
        6 => left(right(right(left(h, s0), s1), s2), s3),
        7 => left(right(right(right(h, s0), s1), s2), s3),
        8 => right(left(left(left(h, s0), s1), s2), s3),
        9 => right(left(left(right(h, s0), s1), s2), s3),
        10 => right(left(right(left(h, s0), s1), s2), s3),
        11 => right(left(right(right(h, s0), s1), s2), s3),
        12 => right(right(left(left(h, s0), s1), s2), s3),
        13 => right(right(left(right(h, s0), s1), s2), s3),
        14 => right(right(right(left(h, s0), s1), s2), s3),
        _ => right(right(right(right(h, s0), s1), s2), s3),
    }
}

/// The ancestor four levels up of several nodes.
fn climb_group(group: Array<(u32, felt252)>, ref siblings: Siblings) -> felt252 {
    let group = parents(ref siblings.s0, group.span());
    let group = parents(ref siblings.s1, group.span());
    let group = parents(ref siblings.s2, group.span());
    let group = parents(ref siblings.s3, group.span());
    let (_, ancestor) = *group[0];
    ancestor
}

/// The next level of positions and hashes.
fn parents(ref siblings: Span<felt252>, nodes: Span<(u32, felt252)>) -> Array<(u32, felt252)> {
    let mut nodes = nodes;
    let mut parents = array![];
    while let Some(node) = nodes.pop_front() {
        let (position, hash) = *node;
        let (parent, bit) = DivRem::div_rem(position, 2);
        if bit == 1 {
            parents.append((parent, right(hash, sibling(ref siblings))));
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
                    sibling(ref siblings)
                }
            },
            None => sibling(ref siblings),
        };
        parents.append((parent, left(hash, other)));
    }
    parents
}

#[inline(always)]
fn sibling(ref siblings: Span<felt252>) -> felt252 {
    *siblings.pop_front().expect('merkle: siblings')
}

/// The parent of a left child: `poseidon_hash(hash, sibling)`.
#[inline(always)]
fn left(hash: felt252, sibling: felt252) -> felt252 {
    let (parent, _, _) = hades_permutation(hash, sibling, 2);
    parent
}

/// The parent of a right child.
#[inline(always)]
fn right(hash: felt252, sibling: felt252) -> felt252 {
    let (parent, _, _) = hades_permutation(sibling, hash, 2);
    parent
}
