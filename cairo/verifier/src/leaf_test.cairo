//! Leaves against their definition: the hash of their felts, and `sum_b eq(a, b) leaf[b]`.

use core::poseidon::poseidon_hash_span;
use crate::field::{K, TWO_248, ZERO, embed, eq_table, scale};
use crate::leaf::{base_weights, extension_weights, read};
use crate::testing::k;
use crate::wire::WireTrait;

const P: felt252 = 0x7fffffff;
const TWO_31: felt252 = 0x80000000;
const TWO_217: felt252 = 0x2000000000000000000000000000000000000000000000000000000;

fn point(n: u32) -> Span<K> {
    let mut point = array![];
    for i in 0..n {
        point.append(k(123456789 + i.into(), -5, 2000000000, 0x7ffffffe - i.into()));
    }
    point.span()
}

/// Limb `j` of leaf `i`: the largest ones, zero, and what is between.
fn limb(i: u32, j: u32) -> felt252 {
    match (3 * i + j) % 5 {
        0 => P - 1,
        1 => 0,
        2 => 1,
        _ => (12345678 * (i + 1) + 7919 * j).into(),
    }
}

/// The felts of a leaf of these limbs.
fn pack(limbs: Span<felt252>) -> Array<felt252> {
    let mut limbs = limbs;
    let mut felts = array![];
    if let [a, b, c, d] = limbs {
        return array![4 * TWO_248 + ((*a * TWO_31 + *b) * TWO_31 + *c) * TWO_31 + *d,];
    }
    while let Some(eight) = limbs.multi_pop_front::<8>() {
        let mut felt = 0;
        for limb in (*eight).unbox().span() {
            felt = felt * TWO_31 + *limb;
        }
        felts.append(felt);
    }
    felts
}

/// `sum_b eq(a, b) leaf[b]`.
fn fold(limbs: Span<felt252>, point: Span<K>, extension: bool) -> K {
    let mut limbs = limbs;
    let mut sum = ZERO;
    for weight in eq_table(point) {
        if extension {
            let [c0, c1, c2, c3] = (*limbs.multi_pop_front::<4>().unwrap()).unbox();
            sum = sum + weight * k(c0, c1, c2, c3);
        } else {
            sum = sum + scale(weight, embed(*limbs.pop_front().unwrap()));
        }
    }
    sum
}

/// `n` leaves of `2^log` entries.
fn compare(n: u32, log: u32, extension: bool) {
    let point = point(log);
    let mut n_limbs = eq_table(point).len();
    if extension {
        n_limbs *= 4;
    }
    let (mut proof, mut hashes, mut folds) = (array![], array![], array![]);
    for i in 0..n {
        let mut limbs = array![];
        for j in 0..n_limbs {
            limbs.append(limb(i, j));
        }
        let felts = pack(limbs.span());
        hashes.append(poseidon_hash_span(felts.span()));
        folds.append(fold(limbs.span(), point, extension));
        proof.append_span(felts.span());
    }
    let weights = if extension {
        extension_weights(point)
    } else {
        base_weights(point)
    };
    let mut wire = WireTrait::new(proof.span());
    let leaves = read(ref wire, n, weights);
    wire.finish();
    assert!(leaves.hashes == hashes);
    assert!(leaves.folds == folds);
}

#[test]
fn leaves_of_the_base_field() {
    for log in 2..7_u32 {
        for n in 0..6_u32 {
            compare(n, log, false);
        }
    }
    compare(9, 4, false);
}

#[test]
fn leaves_of_the_extension() {
    for log in 1..5_u32 {
        for n in 0..6_u32 {
            compare(n, log, true);
        }
    }
    compare(9, 3, true);
}

/// `n` leaves of `n_felts` zeros and one felt `felt`, the last.
fn refused(n: u32, log: u32, n_felts: u32, felt: felt252) {
    let mut proof = array![];
    for _ in 1..n_felts {
        proof.append(0);
    }
    proof.append(felt);
    let mut wire = WireTrait::new(proof.span());
    read(ref wire, n, base_weights(point(log)));
}

#[test]
#[should_panic(expected: 'leaf: not canonical')]
fn last_limb_p() {
    refused(1, 3, 1, P);
}

#[test]
#[should_panic(expected: 'leaf: not canonical')]
fn limb_p_between() {
    refused(1, 4, 2, P * TWO_31 * TWO_31 * TWO_31);
}

#[test]
#[should_panic(expected: 'leaf: not canonical')]
fn two_limbs_p() {
    refused(1, 4, 2, P * TWO_31 + P);
}

#[test]
#[should_panic(expected: 'leaf: not canonical')]
fn limb_p_among_four_short_leaves() {
    refused(4, 3, 4, P);
}

#[test]
#[should_panic(expected: 'leaf: not canonical')]
fn limb_p_among_four_leaves() {
    refused(4, 4, 8, P * TWO_31 * TWO_31);
}

#[test]
#[should_panic(expected: 'leaf: not canonical')]
fn limb_p_of_four() {
    refused(1, 2, 1, 4 * TWO_248 + P);
}

#[test]
#[should_panic(expected: 'field: not canonical')]
fn first_limb_p() {
    refused(1, 3, 1, TWO_248 - TWO_217);
}

#[test]
#[should_panic(expected: 'field: not canonical')]
fn something_above() {
    refused(1, 4, 2, TWO_248);
}

/// The largest felt: with the ones it overflows.
#[test]
#[should_panic(expected: 'leaf: not canonical')]
fn minus_one() {
    refused(4, 4, 8, -1);
}

/// Minus the sum of ones: with the ones, nothing is left.
#[test]
#[should_panic(expected: 'leaf: not canonical')]
fn minus_ones() {
    refused(1, 3, 1, -0x2000000040000000800000010000000200000004000000080000001);
}

#[test]
#[should_panic(expected: 'wire: proof too short')]
fn four_leaves_too_short() {
    refused(4, 4, 7, 0);
}

#[test]
#[should_panic(expected: 'wire: proof too short')]
fn leaf_too_short() {
    refused(1, 4, 1, 0);
}
