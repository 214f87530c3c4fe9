//! Affine axes against the sum over all values.

use crate::affine::{Term, Values, evaluate, sums};
use crate::channel::ChannelTrait;
use crate::field::{K, ZERO, eq_table};
use crate::functional::reverse;

/// A point that depends on `seed`, least significant coordinate first.
fn point(seed: felt252, n: u32) -> Span<K> {
    let mut channel = ChannelTrait::new();
    channel.absorb_felt(seed);
    channel.draw_many(n).span()
}

fn table(x: Span<K>) -> Span<K> {
    eq_table(reverse(x)).span()
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

/// The first term is read bit by bit.
fn of_terms(mut terms: Span<Term>, offset: i64, extent: u32, a: Span<K>) -> K {
    let main = *terms.pop_front().unwrap();
    let mut others = array![];
    while let Some(term) = terms.pop_front() {
        let weights = match *term.point {
            Some(x) => Some(table(x)),
            None => None,
        };
        others.append(Values { weights, extent: *term.extent, stride: *term.stride });
    }
    evaluate(main, sums(others.span(), offset), extent, a)
}

fn check(terms: Array<Term>, offset: i64, extent: u32, bits: u32) {
    let a = point('a', bits);
    let terms = terms.span();
    let value = of_terms(terms, offset, extent, a);
    assert(value == enumerate(terms, offset, extent, a), 'affine');
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
    check(array![sum(1, 0)], 2, 5, 3);
    check(array![sum(1, 0)], -1, 5, 3);
}

#[test]
fn index_outside_is_zero() {
    check(array![var('i', 2, 3, 1)], 9, 8, 3);
    check(array![var('i', 2, 3, 1)], -9, 8, 3);
    assert(of_terms(array![var('i', 2, 3, 1)].span(), 9, 8, point('a', 3)) == ZERO, 'outside');
}

#[test]
#[available_gas(100000000)]
fn terms_that_reach_far() {
    // The sums are few, however far apart.
    check(array![var('i', 3, 5, 3), var('j', 1, 2, 100)], -20, 128, 7);
    let (i, j) = (var('i', 3, 5, 3), var('j', 2, 3, 0x10000));
    let terms = array![i, j, var('k', 1, 2, -0x20000)].span();
    let (offset, a) = (5, point('a', 6));
    // Those of a sum that stays within the indices are left: j = k = 0, or j = 2 and k = 1.
    let near = |j: u32, k: u32| *table(j_point())[j] * *table(point('k', 1))[k];
    let value = enumerate(array![i].span(), offset, 50, a);
    let weight = near(0, 0) + near(2, 1);
    assert(of_terms(terms, offset, 50, a) == weight * value, 'far');
}

fn j_point() -> Span<K> {
    point('j', 2)
}
