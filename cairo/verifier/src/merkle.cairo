//! Multi-proofs of stwo's lifted Merkle trees (PROTOCOL §4.1, Appendix A), suite Poseidon252.
//!
//! A tree of depth `d` has `2^d` leaves. The proof holds the siblings that the opened nodes do not
//! determine, level by level from the leaves, each level in order of position.
//!
//! In the lower part of a tree an opened node is mostly the only one below its ancestor four levels
//! up: such a node climbs four levels at once, with one sibling of each level.

use core::gas::withdraw_gas;
use core::poseidon::hades_permutation;
use crate::wire::{Wire, WireTrait};

/// A node.
pub type Hash = felt252;

/// The root of no tree.
#[inline(always)]
pub(crate) fn no_root() -> Hash {
    0
}

/// The uppermost levels, which are climbed one by one, are at least this many.
const N_UPPER: u32 = 3;

/// An opened node, by the position of its ancestor four levels up and its own position below it.
#[derive(Copy, Drop)]
struct Node {
    ancestor: u32,
    digit: u32,
    hash: felt252,
}

/// Opened nodes of one level in order of position.
#[derive(Drop)]
struct Level {
    nodes: Array<Node>,
    /// In each byte the number of pairs of neighbours whose paths merge 1, 2, 3, 4 levels up, least
    /// significant byte first.
    merges: felt252,
}

/// Siblings of four levels that are left.
#[derive(Copy, Drop)]
struct Siblings {
    s0: Span<felt252>,
    s1: Span<felt252>,
    s2: Span<felt252>,
    s3: Span<felt252>,
}

/// Two paths that merge 1, 2, 3 or 4 levels up, in [`Level::merges`].
const MERGE_0: felt252 = 1;
const MERGE_1: felt252 = 0x100;
const MERGE_2: felt252 = 0x10000;
const MERGE_3: felt252 = 0x1000000;

/// The position, and the ancestor, of no node: no depth is above 26.
const NO_NODE: u32 = 0xffffffff;

/// The root of the tree of depth `depth` that has these hashes at these positions (ascending,
/// without duplicates, below `2^depth`, one for each hash, at most 128); reads the siblings.
///
/// # Panics
/// The proof ends.
pub fn root(ref wire: Wire, depth: u32, positions: Span<u32>, hashes: Span<felt252>) -> felt252 {
    let mut level = lowest(positions, hashes);
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

/// The leaves.
fn lowest(positions: Span<u32>, hashes: Span<felt252>) -> Level {
    let (mut positions, mut hashes) = (positions, hashes);
    let mut nodes = array![];
    let (mut merges, mut last_ancestor, mut last) = (0, NO_NODE, NO_NODE);
    while let Some(hash) = hashes.pop_front() {
        let position = *positions.pop_front().unwrap();
        let (ancestor, digit) = DivRem::div_rem(position, 16);
        if ancestor == last_ancestor {
            merges += merge_of(last, position);
        }
        last_ancestor = ancestor;
        last = position;
        nodes.append(Node { ancestor, digit, hash: *hash });
    }
    Level { nodes, merges }
}

#[generate_trait]
impl LevelImpl of LevelTrait {
    /// The siblings of this level and the three above it.
    fn siblings(self: @Level, ref wire: Wire) -> Siblings {
        let (rest, m0) = DivRem::div_rem(TryInto::<_, u32>::try_into(*self.merges).unwrap(), 0x100);
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
        let mut children = self.nodes.span();
        let mut parents = Parents {
            nodes: array![], merges: 0, last_ancestor: NO_NODE, last: NO_NODE,
        };
        if self.merges == 0 {
            climb_fours(ref children, ref siblings, ref parents);
        }
        climb_each(children, siblings, ref parents);
        Level { nodes: parents.nodes, merges: parents.merges }
    }
}

/// The nodes of a level that are known so far.
#[derive(Drop)]
struct Parents {
    nodes: Array<Node>,
    merges: felt252,
    /// The ancestor of the last node and its position.
    last_ancestor: u32,
    last: u32,
}

/// Climbs nodes of which no two have the same ancestor, by four; less than four are left.
#[inline(always)]
fn climb_fours(ref children: Span<Node>, ref siblings: Siblings, ref parents: Parents) {
    let Siblings { mut s0, mut s1, mut s2, mut s3 } = siblings;
    let Parents { mut nodes, mut merges, mut last_ancestor, mut last } = parents;
    while let Some(four) = children.multi_pop_front::<4>() {
        let [a, b, c, d] = four.unbox();
        let [a0, b0, c0, d0] = four_siblings(ref s0);
        let [a1, b1, c1, d1] = four_siblings(ref s1);
        let [a2, b2, c2, d2] = four_siblings(ref s2);
        let [a3, b3, c3, d3] = four_siblings(ref s3);
        let (a_ancestor, digit) = DivRem::div_rem(a.ancestor, 16);
        let hash = climb_alone(a.digit, a.hash, a0, a1, a2, a3);
        nodes.append(Node { ancestor: a_ancestor, digit, hash });
        let (b_ancestor, digit) = DivRem::div_rem(b.ancestor, 16);
        let hash = climb_alone(b.digit, b.hash, b0, b1, b2, b3);
        nodes.append(Node { ancestor: b_ancestor, digit, hash });
        let (c_ancestor, digit) = DivRem::div_rem(c.ancestor, 16);
        let hash = climb_alone(c.digit, c.hash, c0, c1, c2, c3);
        nodes.append(Node { ancestor: c_ancestor, digit, hash });
        let (d_ancestor, digit) = DivRem::div_rem(d.ancestor, 16);
        let hash = climb_alone(d.digit, d.hash, d0, d1, d2, d3);
        nodes.append(Node { ancestor: d_ancestor, digit, hash });
        // Below `2^128`, in absolute value: zero only if two of them are the same.
        let differences = difference(a_ancestor, last_ancestor)
            * difference(b_ancestor, a_ancestor)
            * difference(c_ancestor, b_ancestor)
            * difference(d_ancestor, c_ancestor);
        if differences == 0 {
            merges +=
                merges_of_four(
                    [last_ancestor, a_ancestor, b_ancestor, c_ancestor, d_ancestor],
                    [last, a.ancestor, b.ancestor, c.ancestor, d.ancestor],
                );
        }
        last_ancestor = d_ancestor;
        last = d.ancestor;
    }
    siblings = Siblings { s0, s1, s2, s3 };
    parents = Parents { nodes, merges, last_ancestor, last };
}

/// Climbs all nodes, alone or with those that have the same ancestor.
#[inline(always)]
fn climb_each(children: Span<Node>, siblings: Siblings, ref parents: Parents) {
    let mut children = children;
    let Siblings { mut s0, mut s1, mut s2, mut s3 } = siblings;
    let Parents { mut nodes, mut merges, mut last_ancestor, mut last } = parents;
    while let Some(child) = children.pop_front() {
        let Node { ancestor: position, digit, hash } = *child;
        let mut rest = children;
        let has_company = match rest.pop_front() {
            Some(next) => *next.ancestor == position,
            None => false,
        };
        let hash = if has_company {
            let mut siblings = Siblings { s0, s1, s2, s3 };
            let hash = climb_group(position, (digit, hash), ref children, ref siblings);
            s0 = siblings.s0;
            s1 = siblings.s1;
            s2 = siblings.s2;
            s3 = siblings.s3;
            hash
        } else {
            climb_alone(
                digit, hash, sibling(ref s0), sibling(ref s1), sibling(ref s2), sibling(ref s3),
            )
        };
        let (ancestor, digit) = DivRem::div_rem(position, 16);
        if ancestor == last_ancestor {
            merges += merge_of(last, position);
        }
        last_ancestor = ancestor;
        last = position;
        nodes.append(Node { ancestor, digit, hash });
    }
    parents = Parents { nodes, merges, last_ancestor, last };
}

#[inline(always)]
fn difference(a: u32, b: u32) -> felt252 {
    a.into() - b.into()
}

/// What a pair of neighbours, by position, adds to the merges; at most four levels up.
#[inline(never)]
fn merge_of(first: u32, second: u32) -> felt252 {
    // Paid for only by pairs.
    withdraw_gas().expect('Out of gas');
    let difference = first ^ second;
    if difference < 2 {
        MERGE_0
    } else if difference < 4 {
        MERGE_1
    } else if difference < 8 {
        MERGE_2
    } else if difference < 16 {
        MERGE_3
    } else {
        0
    }
}

/// What the four pairs of neighbours among five nodes, by ancestor and position, add to the merges.
#[inline(never)]
fn merges_of_four(ancestors: [u32; 5], positions: [u32; 5]) -> felt252 {
    // Paid for only where there is one.
    withdraw_gas().expect('Out of gas');
    let [l, a, b, c, d] = ancestors;
    let [at_l, at_a, at_b, at_c, at_d] = positions;
    let mut merges = 0;
    if a == l {
        merges += merge_of(at_l, at_a);
    }
    if b == a {
        merges += merge_of(at_a, at_b);
    }
    if c == b {
        merges += merge_of(at_b, at_c);
    }
    if d == c {
        merges += merge_of(at_c, at_d);
    }
    merges
}

/// The ancestor four levels up of a node that has no other node below it, from its siblings.
#[inline(never)]
fn climb_alone(
    digit: u32, h: felt252, s0: felt252, s1: felt252, s2: felt252, s3: felt252,
) -> felt252 {
    match digit {
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

/// The ancestor three levels up, `digit < 8`.
#[inline(never)]
fn climb_three(digit: u32, h: felt252, s0: felt252, s1: felt252, s2: felt252) -> felt252 {
    match digit {
        0 => left(left(left(h, s0), s1), s2),
        1 => left(left(right(h, s0), s1), s2),
        2 => left(right(left(h, s0), s1), s2),
        3 => left(right(right(h, s0), s1), s2),
        4 => right(left(left(h, s0), s1), s2),
        5 => right(left(right(h, s0), s1), s2),
        6 => right(right(left(h, s0), s1), s2),
        _ => right(right(right(h, s0), s1), s2),
    }
}

/// The ancestor two levels up, `digit < 4`.
#[inline(never)]
fn climb_two(digit: u32, h: felt252, s0: felt252, s1: felt252) -> felt252 {
    match digit {
        0 => left(left(h, s0), s1),
        1 => left(right(h, s0), s1),
        2 => right(left(h, s0), s1),
        _ => right(right(h, s0), s1),
    }
}

/// The parent, `digit < 2`.
#[inline(never)]
fn climb_one(digit: u32, h: felt252, s0: felt252) -> felt252 {
    if digit == 0 {
        left(h, s0)
    } else {
        right(h, s0)
    }
}

/// The ancestor four levels up of `first` and of the next nodes that have the same one, `ancestor`;
/// at least one.
#[inline(never)]
fn climb_group(
    ancestor: u32, first: (u32, felt252), ref nodes: Span<Node>, ref siblings: Siblings,
) -> felt252 {
    // Paid for only by groups.
    withdraw_gas().expect('Out of gas');
    let mut group = array![first];
    let mut rest = nodes;
    while let Some(next) = rest.pop_front() {
        if *next.ancestor != ancestor {
            break;
        }
        group.append((*next.digit, *next.hash));
        nodes = rest;
    }
    if let [first, second] = group.span() {
        return climb_pair(*first, *second, ref siblings);
    }
    let group = parents(ref siblings.s0, group.span());
    let group = parents(ref siblings.s1, group.span());
    let group = parents(ref siblings.s2, group.span());
    let group = parents(ref siblings.s3, group.span());
    let (_, ancestor) = *group[0];
    ancestor
}

/// The ancestor four levels up of two nodes, which climb until they meet, by the merge of their
/// digits.
#[inline(never)]
fn climb_pair(first: (u32, felt252), second: (u32, felt252), ref siblings: Siblings) -> felt252 {
    withdraw_gas().expect('Out of gas');
    let Siblings { mut s0, mut s1, mut s2, mut s3 } = siblings;
    let ((d, h), (e, g)) = (first, second);
    let merge = merge_of(d, e);
    let hash = if merge == MERGE_3 {
        let (h0, g0) = (sibling(ref s0), sibling(ref s0));
        let (h1, g1) = (sibling(ref s1), sibling(ref s1));
        let (h2, g2) = (sibling(ref s2), sibling(ref s2));
        left(climb_three(d, h, h0, h1, h2), climb_three(e - 8, g, g0, g1, g2))
    } else if merge == MERGE_2 {
        let (h0, g0) = (sibling(ref s0), sibling(ref s0));
        let (h1, g1) = (sibling(ref s1), sibling(ref s1));
        let (above, d) = DivRem::div_rem(d, 8);
        let (_, e) = DivRem::div_rem(e, 4);
        let met = left(climb_two(d, h, h0, h1), climb_two(e, g, g0, g1));
        climb_one(above, met, sibling(ref s3))
    } else if merge == MERGE_1 {
        let (h0, g0) = (sibling(ref s0), sibling(ref s0));
        let (above, d) = DivRem::div_rem(d, 4);
        let (_, e) = DivRem::div_rem(e, 2);
        let met = left(climb_one(d, h, h0), climb_one(e, g, g0));
        climb_two(above, met, sibling(ref s2), sibling(ref s3))
    } else {
        let (above, _) = DivRem::div_rem(d, 2);
        climb_three(above, left(h, g), sibling(ref s1), sibling(ref s2), sibling(ref s3))
    };
    siblings = Siblings { s0, s1, s2, s3 };
    hash
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

#[inline(always)]
fn four_siblings(ref siblings: Span<felt252>) -> [felt252; 4] {
    (*siblings.multi_pop_front::<4>().expect('merkle: siblings')).unbox()
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
