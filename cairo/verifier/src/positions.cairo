//! Query positions from outputs of the channel (PROTOCOL §4.3).

#[feature("bounded-int-utils")]
use core::internal::bounded_int::{self, UnitInt, upcast};
use crate::bounds::*;
use crate::field::pow2;

const NZ_32: NonZero<UnitInt<0x100000000>> = 0x100000000;
/// `1 + 2^32 + 2^64 + 2^96`.
const FOUR_WORDS: felt252 = 0x1000000010000000100000001;
/// `1 + 2^32 + 2^64`.
const THREE_WORDS: felt252 = 0x10000000100000001;

/// Seven positions below `2^log_size`.
type Seven = [u32; 7];

/// Bit masks of the positions in both halves of an output.
#[derive(Copy, Drop)]
pub(crate) struct Masks {
    low: u128,
    high: u128,
}

/// The masks of positions below `2^log_size`.
pub(crate) fn masks(log_size: u32) -> Masks {
    let mask: felt252 = (pow2(log_size) - 1).into();
    Masks {
        low: (mask * FOUR_WORDS).try_into().unwrap(),
        high: (mask * THREE_WORDS).try_into().unwrap(),
    }
}

/// The seven positions of an output: the low bits of seven words, least significant first; of them
/// only the first `n`, sorted, without duplicates.
pub(crate) fn run_of(output: felt252, masks: Masks, n: u32) -> Array<u32> {
    let v: u256 = output.into();
    let (rest, w0) = bounded_int::div_rem(v.low & masks.low, NZ_32);
    let (rest, w1) = bounded_int::div_rem(rest, NZ_32);
    let (w3, w2) = bounded_int::div_rem(rest, NZ_32);
    let (rest, w4) = bounded_int::div_rem(v.high & masks.high, NZ_32);
    let (rest, w5) = bounded_int::div_rem(rest, NZ_32);
    let (_, w6) = bounded_int::div_rem(rest, NZ_32);
    let seven = [
        upcast(w0), upcast(w1), upcast(w2), upcast(w3), upcast(w4), upcast(w5), upcast(w6),
    ];
    distinct(sort_seven(first(seven, n)))
}

/// Copies of the first position in place of those from number `n` on.
fn first(seven: Seven, n: u32) -> Seven {
    if n >= 7 {
        return seven;
    }
    let [w0, w1, w2, w3, w4, w5, _] = seven;
    [
        w0, if n > 1 {
            w1
        } else {
            w0
        }, if n > 2 {
            w2
        } else {
            w0
        }, if n > 3 {
            w3
        } else {
            w0
        },
        if n > 4 {
            w4
        } else {
            w0
        }, if n > 5 {
            w5
        } else {
            w0
        }, w0,
    ]
}

/// A sorting network of 16 comparisons.
fn sort_seven(seven: Seven) -> Seven {
    let [a, b, c, d, e, f, g] = seven;
    let (a, g) = order(a, g);
    let (c, d) = order(c, d);
    let (e, f) = order(e, f);
    let (a, c) = order(a, c);
    let (b, e) = order(b, e);
    let (d, g) = order(d, g);
    let (a, b) = order(a, b);
    let (c, f) = order(c, f);
    let (d, e) = order(d, e);
    let (b, c) = order(b, c);
    let (e, g) = order(e, g);
    let (c, d) = order(c, d);
    let (e, f) = order(e, f);
    let (b, c) = order(b, c);
    let (d, e) = order(d, e);
    let (f, g) = order(f, g);
    [a, b, c, d, e, f, g]
}

#[inline(always)]
fn order(a: u32, b: u32) -> (u32, u32) {
    match bounded_int::constrain::<_, 0>(bounded_int::sub(a, b)) {
        Ok(_) => (a, b),
        Err(_) => (b, a),
    }
}

/// A sorted list without duplicates.
fn distinct(sorted: Seven) -> Array<u32> {
    let [a, b, c, d, e, f, g] = sorted;
    let mut run = array![a];
    if b != a {
        run.append(b);
    }
    if c != b {
        run.append(c);
    }
    if d != c {
        run.append(d);
    }
    if e != d {
        run.append(e);
    }
    if f != e {
        run.append(f);
    }
    if g != f {
        run.append(g);
    }
    run
}

/// The union of sorted lists, at least one and none of them empty.
pub(crate) fn merge_all(runs: Array<Span<u32>>) -> Span<u32> {
    let mut runs = runs;
    loop {
        let first = runs.pop_front().unwrap();
        let Some(second) = runs.pop_front() else {
            break first;
        };
        runs.append(merge(first, second).span());
    }
}

/// The union of two sorted lists that are not empty.
fn merge(a: Span<u32>, b: Span<u32>) -> Array<u32> {
    let (mut a, mut b) = (a, b);
    let mut merged = array![];
    let mut x = *a.pop_front().unwrap();
    let mut y = *b.pop_front().unwrap();
    loop {
        if x == y {
            // Dropped here, appended when its twin is.
            let Some(next) = a.pop_front() else {
                merged.append(y);
                merged.append_span(b);
                break;
            };
            x = *next;
            continue;
        }
        match bounded_int::constrain::<_, 0>(bounded_int::sub(x, y)) {
            Ok(_) => {
                merged.append(x);
                let Some(next) = a.pop_front() else {
                    merged.append(y);
                    merged.append_span(b);
                    break;
                };
                x = *next;
            },
            Err(_) => {
                merged.append(y);
                let Some(next) = b.pop_front() else {
                    merged.append(x);
                    merged.append_span(a);
                    break;
                };
                y = *next;
            },
        }
    }
    merged
}
