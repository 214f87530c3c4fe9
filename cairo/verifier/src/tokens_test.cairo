//! Axes of public indices against the sum over all of them.

use crate::channel::ChannelTrait;
use crate::circuit::bit_length;
use crate::field::{K, P, zero_k};
use crate::tables::table_below;
use crate::testing::k;
use crate::tokens::{map_weight, weight};

fn point(seed: felt252, n: u32) -> Span<K> {
    let mut channel = ChannelTrait::new();
    channel.absorb_felt(seed);
    channel.draw_many(n).span()
}

/// The largest coordinates.
fn largest(mut n: u32) -> Span<K> {
    let mut point = array![];
    while n != 0 {
        point.append(k(P - 1, P - 1, P - 1, P - 1));
        n -= 1;
    }
    point.span()
}

/// `n` tokens below `extent`, the last of which is the greatest there is.
fn tokens(n: u32, extent: u32) -> Span<u32> {
    let mut tokens = array![];
    for v in 0..n - 1 {
        tokens.append((v * v * 7 + 3 * v + 1) % extent);
    }
    tokens.append(extent - 1);
    tokens.span()
}

fn enumerated(mut tokens: Span<u32>, x: Span<K>, a: Span<K>, extent: u32) -> K {
    let mut weights = table_below(x, tokens.len());
    let at = table_below(a, extent);
    let mut sum = zero_k();
    while let Some(token) = tokens.pop_front() {
        sum = sum + *weights.pop_front().unwrap() * *at[*token];
    }
    sum
}

#[test]
fn is_the_sum_over_all_tokens() {
    for n in array![1_u32, 2, 3, 4, 5, 8, 9, 31, 33, 64, 65, 71, 127, 130] {
        for extent in array![1_u32, 2, 3, 5, 16, 17, 40, 258] {
            let (x, a) = (point('x', bit_length(n - 1)), point('a', bit_length(extent - 1)));
            let tokens = tokens(n, extent);
            assert!(weight(tokens, x, a, extent) == enumerated(tokens, x, a, extent));
            let (x, a) = (largest(x.len()), largest(a.len()));
            assert!(weight(tokens, x, a, extent) == enumerated(tokens, x, a, extent));
        }
    }
}

#[test]
fn more_bits_than_the_tokens_need() {
    let (x, a) = (point('x', 9), point('a', 6));
    let tokens = tokens(37, 11);
    assert!(weight(tokens, x, a, 11) == enumerated(tokens, x, a, 11));
}

#[test]
#[should_panic(expected: 'Index out of bounds')]
fn no_token_beyond_the_extent() {
    // Bits of the axis would have a weight for it.
    weight(array![5].span(), point('x', 0), point('a', 3), 5);
}

#[test]
fn entries_of_zero_map_to_nothing() {
    for n in array![1_u32, 2, 7, 16, 37] {
        for extent in array![1_u32, 2, 11] {
            let (x, a) = (point('x', bit_length(n - 1)), point('a', bit_length(extent - 1)));
            let entries = tokens(n, extent + 1);
            let mut weights = table_below(x, n);
            let at = table_below(a, extent);
            let mut sum = zero_k();
            for entry in entries {
                let weight = *weights.pop_front().unwrap();
                if *entry != 0 {
                    sum = sum + weight * *at[*entry - 1];
                }
            }
            assert!(map_weight(entries, x, a, extent) == sum);
        }
    }
}
