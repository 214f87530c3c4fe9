//! What tests share.

use crate::field::{K, TWO_124, TWO_248, embed};

/// An element of `K`.
pub(crate) fn k(c0: felt252, c1: felt252, c2: felt252, c3: felt252) -> K {
    K { c0: embed(c0), c1: embed(c1), c2: embed(c2), c3: embed(c3) }
}

/// The felt of a K-list that holds one element.
pub(crate) fn pack1(a: K) -> felt252 {
    TWO_124 + limbs(a)
}

/// The felt of a K-list that holds two elements.
pub(crate) fn pack2(a: K, b: K) -> felt252 {
    TWO_248 + limbs(a) * TWO_124 + limbs(b)
}

fn limbs(a: K) -> felt252 {
    let mut felt = 0;
    for c in array![a.c0, a.c1, a.c2, a.c3] {
        felt = felt * 0x80000000 + c.into();
    }
    felt
}
