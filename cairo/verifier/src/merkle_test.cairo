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

/// The root that these siblings, all of them, lead to.
fn root_of(siblings: Span<felt252>, positions: Span<u32>) -> felt252 {
    let mut hashes = array![];
    for position in positions {
        hashes.append(1000 + (*position).into());
    }
    let mut wire = WireTrait::new(siblings);
    let computed = root(ref wire, DEPTH, positions, hashes.span());
    wire.finish();
    computed
}

/// Each sibling counts, whether nodes climb by four, alone, in pairs or in groups.
#[test]
fn refuses_each_changed_sibling() {
    let levels = tree().span();
    let expected = *(*levels[DEPTH])[0];
    for positions in array![
        array![3_u32, 20, 39, 60, 77, 90, 101, 120, 137, 201].span(),
        array![3_u32, 20, 39, 60, 77, 90, 91, 120, 137, 201].span(),
        array![3_u32, 4, 39, 41, 44, 90].span(),
    ] {
        let proof = siblings(levels, positions).span();
        assert_eq!(root_of(proof, positions), expected);
        for i in 0..proof.len() {
            let mut changed = array![];
            changed.append_span(proof.slice(0, i));
            changed.append(*proof[i] + 1);
            changed.append_span(proof.slice(i + 1, proof.len() - i - 1));
            assert!(root_of(changed.span(), positions) != expected);
            if i != 0 {
                let mut swapped = array![];
                swapped.append_span(proof.slice(0, i - 1));
                swapped.append(*proof[i]);
                swapped.append(*proof[i - 1]);
                swapped.append_span(proof.slice(i + 1, proof.len() - i - 1));
                assert!(root_of(swapped.span(), positions) != expected);
            }
        }
    }
}

#[test]
#[should_panic(expected: 'wire: proof too long')]
fn refuses_a_surplus_sibling() {
    let levels = tree().span();
    let positions = array![3_u32, 20, 39, 60, 77].span();
    let mut proof = siblings(levels, positions);
    proof.append(1);
    root_of(proof.span(), positions);
}

#[test]
#[should_panic(expected: 'merkle: siblings')]
fn refuses_a_missing_sibling_of_many() {
    let levels = tree().span();
    let positions = array![3_u32, 20, 39, 60, 77].span();
    let proof = siblings(levels, positions).span();
    root_of(proof.slice(0, proof.len() - 1), positions);
}

/// Four climb at once: with all merges in the next four levels.
#[test]
fn fours() {
    let levels = tree().span();
    for positions in array![
        array![3_u32, 20, 39, 60].span(), array![0_u32, 16, 32, 48, 64, 80, 96, 112].span(),
        array![15_u32, 31, 63, 79, 111, 127, 159, 191].span(),
        array![7_u32, 100, 120, 135, 150, 170, 190, 210, 255].span(),
        array![1_u32, 17, 128, 150, 241].span(),
    ] {
        check(levels, positions);
    }
}

/// A tree of depth 12 whose leaves are all the same: the nodes that climb four levels by four meet
/// within the next four, in all ways.
#[test]
fn fours_that_meet_above() {
    let mut levels = array![7];
    for _ in 0..12_u32 {
        let below = *levels[levels.len() - 1];
        let (parent, _, _) = hades_permutation(below, below, 2);
        levels.append(parent);
    }
    for nodes in array![
        array![0_u32, 1, 2, 3].span(), array![0_u32, 2, 4, 8, 17, 20, 21, 255].span(),
        array![5_u32, 16, 17, 30, 31, 32, 47, 64, 65].span(),
        array![14_u32, 15, 16, 24, 254, 255].span(),
    ] {
        let mut positions = array![];
        let mut hashes = array![];
        for node in nodes {
            positions.append(16 * *node + *node % 16);
            hashes.append(7);
        }
        let mut proof = array![];
        let mut level = positions.span();
        for hash in levels.span().slice(0, 12) {
            let (n_siblings, above) = up(level);
            for _ in 0..n_siblings {
                proof.append(*hash);
            }
            level = above.span();
        }
        let mut wire = WireTrait::new(proof.span());
        assert_eq!(root(ref wire, 12, positions.span(), hashes.span()), *levels[12]);
        wire.finish();
    }
}

/// The number of siblings that are not among these positions, and the positions of the parents.
fn up(positions: Span<u32>) -> (u32, Array<u32>) {
    let mut above = array![];
    for position in positions {
        if above.is_empty() || *above[above.len() - 1] != *position / 2 {
            above.append(*position / 2);
        }
    }
    (2 * above.len() - positions.len(), above)
}
