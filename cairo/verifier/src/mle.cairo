//! Multilinear building blocks (PROTOCOL §2). Points are most significant variable first.

use crate::field::{K, mul_inline, one_k};
use crate::lazy::{Lazy, LazyTrait};

/// One factor of [`eq`]: `1 - a - b + 2 a b`.
#[inline(never)]
pub fn eq1(a: K, b: K) -> K {
    eq_factor(a, b).reduce()
}

/// [`eq1`], of 67 bits.
#[inline(always)]
fn eq_factor(a: K, b: K) -> Lazy {
    let (a, b) = (LazyTrait::from(a), LazyTrait::from(b));
    let ab = a.mul(b);
    ab.add(ab).sub(a.add(b)).add_int(1)
}

/// `eq(x, y) = prod_i (x_i y_i + (1 - x_i)(1 - y_i))`. The shorter length counts.
#[inline(never)]
pub fn eq(mut x: Span<K>, mut y: Span<K>) -> K {
    let mut product = one_k();
    while let Some(a) = x.pop_front() {
        let Some(b) = y.pop_front() else {
            break;
        };
        product = LazyTrait::from(product).mul(eq_factor(*a, *b)).reduce();
    }
    product
}

/// All `2^n` values `eq(x, b)`, `b` in index order.
#[inline(never)]
pub fn eq_table(x: Span<K>) -> Array<K> {
    let mut x = x;
    let Some(first) = x.pop_front() else {
        return array![one_k()];
    };
    let mut table = array![one_k() - *first, *first];
    while let Some(c) = x.pop_front() {
        table = split_all(table.span(), *c);
    }
    table
}

/// Both parts `t (1 - c), t c` of each `t`.
#[inline(never)]
fn split_all(table: Span<K>, c: K) -> Array<K> {
    let mut table = table;
    let mut next = array![];
    while let Some(t) = table.pop_front() {
        let high = mul_inline(*t, c);
        next.append(*t - high);
        next.append(high);
    }
    next
}

/// `2^n`, `n <= 31`.
pub fn pow2(n: u32) -> u32 {
    *POWERS_OF_TWO.span()[n]
}

const POWERS_OF_TWO: [u32; 32] = [
    0x1, 0x2, 0x4, 0x8, 0x10, 0x20, 0x40, 0x80, 0x100, 0x200, 0x400, 0x800, 0x1000, 0x2000, 0x4000,
    0x8000, 0x10000, 0x20000, 0x40000, 0x80000, 0x100000, 0x200000, 0x400000, 0x800000, 0x1000000,
    0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x80000000,
];

/// `((1 - a)(1 - b), a b)`: what the two values of a bit contribute to [`eq`].
#[inline(never)]
pub fn eq_pair(a: K, b: K) -> (K, K) {
    let ab = a * b;
    (one_k() - a - b + ab, ab)
}
