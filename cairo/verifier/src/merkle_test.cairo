use core::poseidon::hades_permutation;
use crate::merkle::root;
use crate::wire::WireTrait;

const DEPTH: u32 = 8;

/// All levels of a tree, from its leaves.
fn tree() -> Array<Span<felt252>> {
    let mut level = array![];
    for i in 0..256_u32 {
        level.append(1000 + i.into());
    }
    let mut levels = array![level.span()];
    for _ in 0..DEPTH {
        let mut children = *levels[levels.len() - 1];
        let mut parents = array![];
        while let Some(left) = children.pop_front() {
            let (parent, _, _) = hades_permutation(*left, *children.pop_front().unwrap(), 2);
            parents.append(parent);
        }
        levels.append(parents.span());
    }
    levels
}

/// The siblings that `positions` do not determine.
fn siblings(levels: Span<Span<felt252>>, positions: Span<u32>) -> Array<felt252> {
    let mut positions = positions;
    let mut siblings = array![];
    for l in 0..DEPTH {
        let mut above = array![];
        let mut left = positions;
        while let Some(position) = left.pop_front() {
            let mut after = left;
            let is_even = *position % 2 == 0;
            let has_sibling = is_even
                && match after.pop_front() {
                    Some(next) => *next == *position + 1,
                    None => false,
                };
            if has_sibling {
                left = after;
            } else {
                let sibling = if is_even {
                    *position + 1
                } else {
                    *position - 1
                };
                siblings.append(*(*levels[l])[sibling]);
            }
            above.append(*position / 2);
        }
        positions = above.span();
    }
    siblings
}

fn check(levels: Span<Span<felt252>>, positions: Span<u32>) {
    let mut proof = siblings(levels, positions);
    proof.append(77);
    let mut hashes = array![];
    for position in positions {
        hashes.append(*(*levels[0])[*position]);
    }
    let mut wire = WireTrait::new(proof.span());
    let computed = root(ref wire, DEPTH, positions, hashes.span());
    assert_eq!(computed, *(*levels[DEPTH])[0]);
    // What follows is left.
    assert_eq!(wire.felt(), 77);
    wire.finish();
}

#[test]
fn single_nodes() {
    let levels = tree().span();
    for i in 0..16_u32 {
        check(levels, array![3 * 16 + i].span());
        check(levels, array![16 * i + 7].span());
    }
}

/// All merges of two nodes below one ancestor.
#[test]
fn pairs() {
    let levels = tree().span();
    for i in 0..16_u32 {
        for j in i + 1..16 {
            check(levels, array![32 + i, 32 + j].span());
        }
    }
}

#[test]
fn many_nodes() {
    let levels = tree().span();
    check(levels, array![0, 1, 2, 3, 5, 9, 16, 17, 40, 41, 43, 80, 100, 200, 201, 254, 255].span());
    check(levels, array![8, 12, 13, 14, 16, 33, 36, 49, 54, 57, 128].span());
    let mut all = array![];
    for i in 0..128_u32 {
        all.append(2 * i + (i / 3) % 2);
    }
    check(levels, all.span());
}

#[test]
#[should_panic(expected: 'wire: proof too short')]
fn refuses_a_missing_sibling() {
    let levels = tree().span();
    let positions = array![3_u32, 9, 200].span();
    let proof = siblings(levels, positions);
    let mut wire = WireTrait::new(proof.span().slice(0, 5));
    root(ref wire, DEPTH, positions, array![1003, 1009, 1200].span());
}

#[test]
fn another_leaf_has_another_root() {
    let levels = tree().span();
    let positions = array![3_u32, 9, 200].span();
    let proof = siblings(levels, positions);
    let mut wire = WireTrait::new(proof.span());
    let computed = root(ref wire, DEPTH, positions, array![1003, 1008, 1200].span());
    assert!(computed != *(*levels[DEPTH])[0]);
}
