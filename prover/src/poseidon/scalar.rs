//! The hash on 64-bit words.
//!
//! Elements are in Montgomery form, `x 2^256`, on four words, and below a small multiple of
//! `P = 2^251 + 17 2^192 + 1` rather than below `P`: every bound is in multiples of `P`, of which
//! four words hold 31.

use std::sync::LazyLock;

use starknet_ff::FieldElement;

use super::BLOCK;
use super::constants::{ROUND_CONSTANTS, RoundConstants, power_of_two};

/// `P = 1 + TOP 2^192`.
const TOP: u64 = 0x0800_0000_0000_0011;

type Words = [u64; 4];
type State = [Words; 3];

static CONSTANTS: LazyLock<RoundConstants<Words>> =
    LazyLock::new(|| ROUND_CONSTANTS.map(FieldElement::into_mont));
/// `2^512` modulo `P`.
static SQUARED_RADIX: LazyLock<Words> = LazyLock::new(|| power_of_two(256).into_mont());

#[inline(always)]
const fn mac(sum: u64, a: u64, b: u64, carry: u64) -> (u64, u64) {
    let wide = sum as u128 + a as u128 * b as u128 + carry as u128;
    (wide as u64, (wide >> 64) as u64)
}

/// `a + b`, which does not overflow.
#[inline(always)]
fn add(a: &Words, b: &Words) -> Words {
    let (x0, c) = a[0].carrying_add(b[0], false);
    let (x1, c) = a[1].carrying_add(b[1], c);
    let (x2, c) = a[2].carrying_add(b[2], c);
    let (x3, _) = a[3].carrying_add(b[3], c);
    [x0, x1, x2, x3]
}

/// `a - b`, which is not negative.
#[inline(always)]
fn sub(a: &Words, b: &Words) -> Words {
    let (x0, c) = a[0].borrowing_sub(b[0], false);
    let (x1, c) = a[1].borrowing_sub(b[1], c);
    let (x2, c) = a[2].borrowing_sub(b[2], c);
    let (x3, _) = a[3].borrowing_sub(b[3], c);
    [x0, x1, x2, x3]
}

/// `t 2^-256`: below `t / 2^256 + P`, for `t` below `2^512 - 2^256 P`.
///
/// The quotient `t P^-1 mod 2^256` is `t - t0 TOP 2^192`, so it is `t` in all but its last word.
#[inline(always)]
fn reduce(t: &[u64; 8]) -> Words {
    let (low, w1) = mac(0, t[0], TOP, 0);
    let (m3, borrow) = t[3].overflowing_sub(low);
    let (w1, w2) = mac(w1, t[1], TOP, 0);
    let (w2, w3) = mac(w2, t[2], TOP, 0);
    let (w3, w4) = mac(w3, m3, TOP, 0);
    let high = add(&[t[4], t[5], t[6], t[7]], &[1, 0, 0, TOP]);
    let (x0, c) = high[0].borrowing_sub(w1, borrow);
    let (x1, c) = high[1].borrowing_sub(w2, c);
    let (x2, c) = high[2].borrowing_sub(w3, c);
    let (x3, _) = high[3].borrowing_sub(w4, c);
    [x0, x1, x2, x3]
}

#[inline(always)]
fn mul(a: &Words, b: &Words) -> Words {
    let mut t = [0; 8];
    for i in 0..4 {
        let mut carry = 0;
        for j in 0..4 {
            (t[i + j], carry) = mac(t[i + j], a[i], b[j], carry);
        }
        t[i + 4] = carry;
    }
    reduce(&t)
}

#[inline(always)]
fn square(a: &Words) -> Words {
    // The products of different words, doubled, and the squares of words.
    let (t1, c) = mac(0, a[0], a[1], 0);
    let (t2, c) = mac(0, a[0], a[2], c);
    let (t3, t4) = mac(0, a[0], a[3], c);
    let (t3, c) = mac(t3, a[1], a[2], 0);
    let (t4, t5) = mac(t4, a[1], a[3], c);
    let (t5, t6) = mac(t5, a[2], a[3], 0);
    let t = [t1, t2, t3, t4, t5, t6];
    let doubled = |i: usize| t[i] << 1 | t[i - 1] >> 63;
    let (u0, c) = mac(0, a[0], a[0], 0);
    let (u1, c) = (t1 << 1).carrying_add(c, false);
    let (s, s_high) = mac(0, a[1], a[1], 0);
    let (u2, c) = doubled(1).carrying_add(s, c);
    let (u3, c) = doubled(2).carrying_add(s_high, c);
    let (s, s_high) = mac(0, a[2], a[2], 0);
    let (u4, c) = doubled(3).carrying_add(s, c);
    let (u5, c) = doubled(4).carrying_add(s_high, c);
    let (s, s_high) = mac(0, a[3], a[3], 0);
    let (u6, c) = doubled(5).carrying_add(s, c);
    let (u7, _) = (t6 >> 63).carrying_add(s_high, c);
    reduce(&[u0, u1, u2, u3, u4, u5, u6, u7])
}

/// `x^3`: for `x` below 10 P, a square below 4.2 P and a cube below 2.4 P.
#[inline(always)]
fn cube(x: &Words) -> Words {
    mul(&square(x), x)
}

/// A representative below 2 P of four words: `2^251` is `P - 17 2^192 - 1`.
#[inline(always)]
fn fold(x: &Words) -> Words {
    let q = x[3] >> 59;
    // The difference is at least `P - 31 (17 2^192 + 1)`.
    let (x0, c) = x[0].carrying_add(1, false);
    let (x1, c) = x[1].carrying_add(0, c);
    let (x2, c) = x[2].carrying_add(0, c);
    let x3 = (x[3] & (u64::MAX >> 5)) + (TOP - 17 * q) + u64::from(c);
    let (x0, c) = x0.overflowing_sub(q);
    let (x1, c) = x1.borrowing_sub(0, c);
    let (x2, c) = x2.borrowing_sub(0, c);
    [x0, x1, x2, x3 - u64::from(c)]
}

const FIVE_P: Words = [5, 0, 0, 5 * TOP];

/// The linear layer, on elements below 2.4 P, the first two of them below 2 P: the first two come
/// out below 2 P, the last below 9 P.
#[inline(always)]
fn mix([a, b, c]: State) -> State {
    let ac = add(&a, &c);
    let ab = add(&a, &b);
    let double = |x: &Words| add(x, x);
    let first = add(&add(&ac, &ab), &a);
    let second = sub(&add(&ac, &FIVE_P), &b);
    let third = sub(&add(&ab, &FIVE_P), &double(&c));
    [fold(&first), fold(&second), third]
}

fn permute(state: &mut State) {
    let constants = &*CONSTANTS;
    full_rounds(state, &constants.first);
    for constant in &constants.partial {
        let [a, b, c] = *state;
        *state = mix([a, b, cube(&add(&c, constant))]);
    }
    full_rounds(state, &constants.last);
}

fn full_rounds(state: &mut State, rounds: &[[Words; 3]]) {
    for [k, l, m] in rounds {
        let [a, b, c] = *state;
        *state = mix([cube(&add(&a, k)), cube(&add(&b, l)), cube(&add(&c, m))]);
    }
}

/// The canonical element.
fn finish(x: &Words) -> FieldElement {
    FieldElement::from_mont(canonical(fold(x)))
}

/// The representative below `P` of an element below 2 P.
pub(super) fn canonical(x: Words) -> Words {
    let p = [1, 0, 0, TOP];
    let is_reduced = x.iter().rev().lt(p.iter().rev());
    if is_reduced { x } else { sub(&x, &p) }
}

/// Applies the permutation to every state.
pub(super) fn permute_all(states: &mut [[FieldElement; 3]]) {
    for elements in states {
        let mut state = elements.map(FieldElement::into_mont);
        permute(&mut state);
        *elements = state.each_ref().map(finish);
    }
}

/// The hashes of pairs of children.
pub(super) fn nodes(children: &[[FieldElement; 2]], out: &mut [FieldElement]) {
    for ([left, right], out) in children.iter().zip(out) {
        let mut state = [*left, *right, FieldElement::TWO].map(FieldElement::into_mont);
        permute(&mut state);
        *out = finish(&state[0]);
    }
}

/// The hashes of the leaves from position `start` on.
pub(super) fn leaves(columns: &[&[u32]], start: usize, out: &mut [FieldElement]) {
    let one = FieldElement::ONE.into_mont();
    for (position, out) in (start..).zip(out) {
        let mut state = [[0; 4]; 3];
        // Two blocks to a permutation, then one or none and the padding.
        for pair in 0..=columns.len().div_ceil(BLOCK) / 2 {
            let mut blocks = columns.chunks(BLOCK).skip(2 * pair);
            for element in &mut state[..2] {
                let block = blocks.next();
                let input = block.map_or(one, |block| pack(block, position));
                *element = add(element, &input);
                if block.is_none() {
                    break;
                }
            }
            permute(&mut state);
        }
        *out = finish(&state[0]);
    }
}

/// The values of up to eight columns at a position, 31 bits each, the first one on top; below the
/// top three bits, which hold the number of values modulo eight.
fn pack(columns: &[&[u32]], position: usize) -> Words {
    let mut words = columns.iter().fold([0; 4], |[a, b, c, d]: Words, column| {
        let value = u64::from(column[position]);
        [a << 31 | value, b << 31 | a >> 33, c << 31 | b >> 33, d << 31 | c >> 33]
    });
    words[3] |= ((columns.len() % BLOCK) as u64) << 56;
    mul(&words, &SQUARED_RADIX)
}
