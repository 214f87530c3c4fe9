//! What tests share.

use crate::field::{K, TWO_248};

/// The felt of a K-list that holds two elements.
pub(crate) fn pack2(a: K, b: K) -> felt252 {
    let mut felt = 0;
    for c in array![a.c0, a.c1, a.c2, a.c3, b.c0, b.c1, b.c2, b.c3] {
        felt = felt * 0x80000000 + c.into();
    }
    TWO_248 + felt
}
