//! Weights of the axes of views of public tensors.

use crate::channel::ChannelTrait;
use crate::circuit::{Affine, AffineTerm, Axis, Dim, Source, bit_length};
use crate::field::{K, ZERO};
use crate::functional::{INNER, OUTER, Points, Var};
use crate::public::axis_weights;
use crate::statement::Statement;
use crate::tables::table;

fn point(seed: felt252, n: u32) -> Span<K> {
    let mut channel = ChannelTrait::new();
    channel.absorb_felt(seed);
    channel.draw_many(n).span()
}

fn dim(extent: u32) -> Dim {
    Dim { extent, bits: bit_length(extent - 1) }
}

/// The weights of an axis of `extent` indices over two variables, of 7 and 3 values, and the values
/// of both variables' `eq`.
fn example(extent: u32, offset: i64, strides: [i64; 2]) -> (Span<K>, Span<K>, Span<K>) {
    let statement = Statement { inputs: array![].span(), outputs: array![].span() };
    let (outer, inner) = (point('outer', 5), point('inner', 5));
    let points = BoxTrait::new(Points { statement, outer, inner, table: array![].span() });
    let vars = array![
        Var { dim: dim(7), source: OUTER, low: 1 }, Var { dim: dim(3), source: INNER, low: 2 },
    ];
    let [first, second] = strides;
    let terms = array![
        AffineTerm { source: Source::Var(0), stride: first },
        AffineTerm { source: Source::Var(1), stride: second },
    ];
    let axis = Axis::Affine(Affine { terms: terms.span(), offset });
    let weights = axis_weights(points, dim(extent), axis, vars.span());
    (weights, table(outer.slice(1, 3)), table(inner.slice(2, 2)))
}

/// The definition (PROTOCOL §5.3).
fn check(extent: u32, offset: i64, strides: [i64; 2]) {
    let (weights, of_first, of_second) = example(extent, offset, strides);
    let [first, second] = strides;
    for q in 0..extent {
        let mut sum = ZERO;
        for v in 0..7_u32 {
            for w in 0..3_u32 {
                if offset + first * v.into() + second * w.into() == q.into() {
                    sum = sum + *of_first[v] * *of_second[w];
                }
            }
        }
        assert(*weights[q] == sum, 'another weight');
    }
}

#[test]
fn weights_of_affine_axes() {
    check(9, 0, [1, 1]);
    check(9, -1, [1, 2]);
    check(5, 4, [-1, 3]);
    check(16, -3, [2, -2]);
    check(1, -12, [2, 5]);
    // The first term is the longer one: its stride is that of the classes.
    check(20, -1, [2, 1]);
    check(20, 3, [3, -2]);
    check(5, -4, [7, 1]);
    check(6, 6, [1, -1]);
    check(6, 8, [1, 1]);
    check(6, -9, [1, 1]);
    check(4, -7, [1, 0]);
    check(12, 2, [-2, 1]);
}

#[test]
fn weights_far_from_the_offset() {
    // 4 (2^31 - 1) - 2 2^32 + 4 = 0: the sums that the first term starts from are near -2^33.
    let (weights, of_first, of_second) = example(4, 4, [0x7fffffff, -0x100000000]);
    assert(*weights[0] == *of_first[4] * *of_second[2], 'another weight');
    check(4, 4, [0x7fffffff, -0x100000000]);
    check(4, -0x80000000, [0x40000000, -0x80000000]);
}
