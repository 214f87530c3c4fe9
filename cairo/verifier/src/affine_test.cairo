//! Affine axes against the sum over all values.

use crate::affine::{Slice, SliceTrait, Term, evaluate};
use crate::channel::ChannelTrait;
use crate::field::{K, ONE, ZERO, eq_table};
use crate::functional::{Pair, below, bit_pair, fixed, restricted, reverse};

/// A point that depends on `seed`, least significant coordinate first.
fn point(seed: felt252, n: u32) -> Span<K> {
    let mut channel = ChannelTrait::new();
    channel.absorb_felt(seed);
    channel.draw_many(n).span()
}

fn table(x: Span<K>) -> Span<K> {
    eq_table(reverse(x)).span()
}

fn pairs(mut x: Span<K>, mut a: Span<K>) -> Span<Pair> {
    let mut pairs = array![];
    let mut lower = ONE;
    while let Some(x) = x.pop_front() {
        let bit = bit_pair(*x, *a.pop_front().unwrap());
        pairs.append(Pair { bit, lower });
        lower = lower * bit.eq;
    }
    pairs.span()
}

/// `sum over all values with 0 <= offset + sum stride value < extent` of the weights.
fn enumerate(mut terms: Span<Term>, offset: i64, extent: u32, a: Span<K>) -> K {
    let Some(term) = terms.pop_front() else {
        if offset < 0 || offset >= extent.into() {
            return ZERO;
        }
        return *table(a)[offset.try_into().unwrap()];
    };
    let weights = match *term.point {
        Some(x) => Some(table(x)),
        None => None,
    };
    let mut sum = ZERO;
    let mut index = offset;
    for v in 0..*term.extent {
        let inner = enumerate(terms, index, extent, a);
        sum = sum + match weights {
            Some(weights) => *weights[v] * inner,
            None => inner,
        };
        index += *term.stride;
    }
    sum
}

fn var(seed: felt252, bits: u32, extent: u32, stride: i64) -> Term {
    Term { point: Some(point(seed, bits)), extent, stride }
}

fn check(terms: Array<Term>, offset: i64, extent: u32, bits: u32) {
    let a = point('a', bits);
    let terms = terms.span();
    assert(evaluate(terms, offset, extent, a) == enumerate(terms, offset, extent, a), 'affine');
}

#[test]
fn convolution_windows() {
    // Stride 1 and 2, padding, extents that are powers of two and not.
    check(array![var('i', 4, 12, 1), var('j', 2, 3, 1)], -1, 12, 4);
    check(array![var('i', 3, 6, 2), var('j', 2, 3, 1)], -1, 12, 4);
    check(array![var('i', 3, 8, 2), var('j', 3, 5, 1)], -2, 16, 4);
    check(array![var('j', 3, 5, 1), var('i', 2, 3, 1)], -2, 3, 2);
    check(array![var('i', 2, 3, 2), var('j', 3, 5, 2)], -3, 11, 4);
}

#[test]
fn strides_of_any_sign() {
    check(array![var('i', 3, 5, -1)], 4, 5, 3);
    check(array![var('i', 3, 5, -2), var('j', 2, 3, 3)], 7, 13, 4);
    check(array![var('i', 3, 7, 3)], -2, 16, 4);
    check(array![var('i', 2, 3, 0)], 2, 5, 3);
    check(array![var('i', 1, 2, 5), var('j', 3, 5, 1)], 0, 10, 4);
}

#[test]
fn summed_terms() {
    let sum = |extent, stride| Term { point: None, extent, stride };
    check(array![sum(6, 2)], 1, 12, 4);
    check(array![var('i', 2, 3, 2), sum(2, 1)], 0, 6, 3);
    check(array![sum(3, 1), sum(2, 4)], 1, 8, 3);
    check(array![], 2, 5, 3);
    check(array![], -1, 5, 3);
}

#[test]
fn index_outside_is_zero() {
    check(array![var('i', 2, 3, 1)], 9, 8, 3);
    check(array![var('i', 2, 3, 1)], -9, 8, 3);
    assert(evaluate(array![var('i', 2, 3, 1)].span(), 9, 8, point('a', 3)) == ZERO, 'outside');
}

fn check_slice(bits: u32, extent: u32, offset: i64, n_indices: u32, index_bits: u32) {
    let (x, a) = (point('x', bits), point('a', index_bits));
    let slice = Slice { offset, extent, n_indices };
    let value = slice.evaluate(pairs(x, a.slice(0, bits)), x, a);
    let terms = array![Term { point: Some(x), extent, stride: 1 }].span();
    assert(value == enumerate(terms, offset, n_indices, a), 'slice');
    assert(value == evaluate(terms, offset, n_indices, a), 'slice and walk');
}

#[test]
fn slices() {
    check_slice(3, 7, 0, 13, 4);
    check_slice(3, 7, 6, 13, 4);
    check_slice(3, 8, 5, 16, 4);
    check_slice(3, 6, 9, 13, 4);
    check_slice(4, 13, -3, 13, 4);
    check_slice(4, 16, -5, 11, 4);
    check_slice(1, 2, 11, 13, 4);
    check_slice(0, 1, 10, 13, 4);
    check_slice(3, 5, 12, 13, 4);
    check_slice(3, 5, 13, 13, 4);
    check_slice(3, 5, -5, 13, 4);
    check_slice(3, 5, -4, 13, 4);
    check_slice(3, 5, 40, 13, 4);
    check_slice(3, 5, -40, 13, 4);
}

#[test]
fn plain_axes() {
    let (x, a) = (point('x', 4), point('a', 4));
    let (tx, ta) = (table(x), table(a));
    for extent in 1..17_u32 {
        let (mut sum, mut both) = (ZERO, ZERO);
        for q in 0..extent {
            sum = sum + *ta[q];
            both = both + *tx[q] * *ta[q];
        }
        assert(below(a, extent) == sum, 'below');
        assert(restricted(pairs(x, a), extent) == both, 'restricted');
        assert(fixed(a, extent - 1) == *ta[extent - 1], 'fixed');
    }
    assert(restricted(array![].span(), 1) == ONE, 'no variable');
}
