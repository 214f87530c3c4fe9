//! Multilinear building blocks (PROTOCOL §2). Points are most significant variable first.

use crate::field::{K, ONE, ZERO, lerp, mul_inline};
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
    let mut product = ONE;
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
        return array![ONE];
    };
    let mut table = array![ONE - *first, *first];
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

/// `sum_{q < extent} eq(x, q)`: the extension of the indicator of `[0, extent)`.
pub fn less_than(x: Span<K>, extent: u32) -> K {
    let n = x.len();
    if extent >= pow2(n) {
        return ONE;
    }
    let (mut below, mut tight) = (ZERO, ONE);
    let mut bits = bits_of(extent, n);
    let mut x = x;
    while let Some(bit) = bits.pop_front() {
        let c = *x.pop_front().unwrap();
        let hi = tight * c;
        if *bit {
            below = below + (tight - hi);
            tight = hi;
        } else {
            tight = tight - hi;
        }
    }
    below
}

/// `sum_{q < extent} eq(x, q) eq(y, q)`, `x` and `y` of one length.
pub fn restricted_eq(mut x: Span<K>, mut y: Span<K>, extent: u32) -> K {
    let n = x.len();
    if extent >= pow2(n) {
        return eq(x, y);
    }
    let (mut below, mut tight) = (ZERO, ONE);
    let mut bits = bits_of(extent, n);
    while let Some(bit) = bits.pop_front() {
        let a = *x.pop_front().unwrap();
        let b = *y.pop_front().unwrap();
        let (a, b) = (LazyTrait::from(a), LazyTrait::from(b));
        let w1 = a.mul(b);
        let w0 = w1.sub(a.add(b)).add_int(1);
        let (lazy_below, lazy_tight) = (LazyTrait::from(below), LazyTrait::from(tight));
        let all = lazy_below.mul(w0.add(w1));
        let below_this = lazy_tight.mul(w0);
        if *bit {
            below = all.add(below_this).reduce();
            tight = lazy_tight.mul(w1).reduce();
        } else {
            below = all.reduce();
            tight = below_this.reduce();
        }
    }
    below
}

/// The low `n` bits of `v`, most significant first.
fn bits_of(v: u32, n: u32) -> Span<bool> {
    let mut bits = array![];
    let mut power = pow2(n);
    for _ in 0..n {
        power = power / 2;
        bits.append((v / power) % 2 == 1);
    }
    bits.span()
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

/// The multilinear extension of `2^n` values (index bits most significant first) at `point`.
///
/// # Panics
/// The number of values is not `2^n`.
pub fn evaluate_mle(values: Span<K>, point: Span<K>) -> K {
    assert(values.len() == pow2(point.len()), 'field: length of a table');
    let mut table = values;
    let mut point = point;
    // The least significant variable first: neighbours are folded.
    while let Some(c) = point.pop_back() {
        let mut next = array![];
        while let Some(lo) = table.pop_front() {
            let hi = table.pop_front().unwrap();
            next.append(lerp(*lo, *hi, *c));
        }
        table = next.span();
    }
    let value = table[0];
    *value
}

/// `((1 - a)(1 - b), a b)`: what the two values of a bit contribute to [`eq`].
#[inline(never)]
pub fn eq_pair(a: K, b: K) -> (K, K) {
    let ab = a * b;
    (ONE - a - b + ab, ab)
}
