//! The hash with AVX-512 IFMA: eight permutations at a time.
//!
//! Elements are in Montgomery form, `x 2^260`, on five signed 64-bit limbs of weight `2^(52 i)`.
//! The multiplications read the low 52 bits of each limb, so what they are given is [`carried`]:
//! the value is in `[0, 2^260)`, and the bits of a limb from 52 on have been added to the next limb,
//! though not cleared. Sums stay as they are, limbs of up to 62 bits and negative ones included.
//! Bounds of values are in multiples of `P = 2^251 + 17 2^192 + 1`, of which 260 bits hold 511.

use std::arch::x86_64::{_mm512_madd52hi_epu64, _mm512_madd52lo_epu64};
use std::simd::prelude::*;
use std::sync::LazyLock;

use starknet_ff::FieldElement;

use super::BLOCK;
use super::constants::{ROUND_CONSTANTS, RoundConstants, power_of_two};
use super::scalar::canonical;

/// Permutations that run together, one to a lane.
const LANES: usize = 8;

const LIMB_BITS: i64 = 52;
const LIMB: i64 = (1 << LIMB_BITS) - 1;
/// `P = 1 + P3 2^156 + P4 2^208`.
const P3: i64 = 17 << 36;
const P4: i64 = 1 << 43;

type V = i64x8;
type Element = [V; 5];
type State = [Element; 3];
type Limbs = [i64; 5];

const ZERO: Element = [V::splat(0); 5];

struct Constants {
    /// Round constants plus `BIAS P`.
    rounds: RoundConstants<Limbs>,
    /// `2^520` modulo `P`: multiplication turns an integer into an element.
    enter: Limbs,
    /// `2^256` modulo `P`: multiplication turns an element into `FieldElement`'s form.
    leave: Limbs,
    one: Limbs,
    two: Limbs,
}

/// What is added before an S-box, in multiples of `P`, for the sum to be positive.
const BIAS: i64 = 8;

static CONSTANTS: LazyLock<Constants> = LazyLock::new(|| Constants {
    rounds: ROUND_CONSTANTS.map(|constant| {
        let [a, b, c, d, e] = reduced(constant);
        [a + BIAS, b, c, d + BIAS * P3, e + BIAS * P4]
    }),
    enter: limbs(power_of_two(264).into_mont()),
    leave: limbs(FieldElement::ONE.into_mont()),
    one: reduced(FieldElement::ONE),
    two: reduced(FieldElement::TWO),
});

/// The limbs of an integer below `2^252`.
const fn limbs([a, b, c, d]: [u64; 4]) -> Limbs {
    [
        a as i64 & LIMB,
        (a >> 52 | b << 12) as i64 & LIMB,
        (b >> 40 | c << 24) as i64 & LIMB,
        (c >> 28 | d << 36) as i64 & LIMB,
        (d >> 16) as i64,
    ]
}

/// An element, below P.
fn reduced(x: FieldElement) -> Limbs {
    limbs((x * power_of_two(4)).into_mont())
}

/// An element, below 16 P: what `FieldElement` holds, `x 2^256`, four bits up.
fn enter(x: &FieldElement) -> Limbs {
    let [a, b, c, d] = x.into_mont();
    [
        (a << 4) as i64 & LIMB,
        (a >> 48 | b << 16) as i64 & LIMB,
        (b >> 36 | c << 28) as i64 & LIMB,
        (c >> 24 | d << 40) as i64 & LIMB,
        (d >> 12) as i64,
    ]
}

/// Witness that the processor has the instructions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ifma(());

impl Ifma {
    pub(super) fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512ifma");
        has.then_some(Self(()))
    }

    /// Applies the permutation to every state.
    pub(super) fn permute_all(self, states: &mut [[FieldElement; 3]]) {
        // SAFETY: `detect` is the only way to make `self`.
        unsafe { permute_all(states) }
    }

    /// The hashes of pairs of children.
    pub(super) fn nodes(self, children: &[[FieldElement; 2]], out: &mut [FieldElement]) {
        // SAFETY: `detect` is the only way to make `self`.
        unsafe { nodes(children, out) }
    }

    /// The hashes of the leaves from position `start` on.
    pub(super) fn leaves(self, columns: &[&[u32]], start: usize, out: &mut [FieldElement]) {
        // SAFETY: `detect` is the only way to make `self`.
        unsafe { leaves(columns, start, out) }
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx512ifma")]
fn lo(sum: V, a: V, b: V) -> V {
    _mm512_madd52lo_epu64(sum.into(), a.into(), b.into()).into()
}

#[inline]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx512ifma")]
fn hi(sum: V, a: V, b: V) -> V {
    _mm512_madd52hi_epu64(sum.into(), a.into(), b.into()).into()
}

#[inline]
fn splat(x: &Limbs) -> Element {
    x.map(V::splat)
}

#[inline]
fn add(a: &Element, b: &Element) -> Element {
    std::array::from_fn(|i| a[i] + b[i])
}

/// The same value, fit for multiplication: see the module.
#[inline]
fn carried(x: &Element) -> Element {
    let mut y = *x;
    for i in 1..5 {
        y[i] += y[i - 1] >> V::splat(LIMB_BITS);
    }
    y
}

/// The same value in limbs of 52 bits, but for the last, which keeps the sign.
#[inline]
fn masked(x: &Element) -> Element {
    let mut y = carried(x);
    for limb in &mut y[..4] {
        *limb &= V::splat(LIMB);
    }
    y
}

/// A representative in `(-2^211, 2^251)` of a sum of less than `2^14 P`: `2^251` is
/// `P - 17 2^192 - 1`.
#[inline]
fn fold(x: &Element) -> Element {
    let [x0, x1, x2, x3, x4] = masked(x);
    let q = x4 >> V::splat(43);
    let seventeen = q + (q << V::splat(4));
    [x0 - q, x1, x2, x3 - (seventeen << V::splat(36)), x4 & V::splat(P4 - 1)]
}

/// Where the sum of a product starts: at `P 2^260`, for the reduction not to be negative.
#[inline]
fn product_start() -> [V; 10] {
    [0, 0, 0, 0, 0, 1, 0, 0, P3, P4].map(V::splat)
}

/// `t 2^-260`, for `P` more than the product in `product_start`: in `(0, product 2^-260 + P)`.
///
/// The quotient `t P^-1 mod 2^260` has limbs 0 to 2 of `t`; the others differ by what the first
/// multiples of `P` take off them.
#[inline]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx512ifma")]
fn reduce(t: &[V; 10]) -> Element {
    let bits = V::splat(LIMB_BITS);
    let (zero, p3, p4) = (V::splat(0), V::splat(P3), V::splat(P4));
    let m0 = t[0];
    let m1 = t[1] + (m0 >> bits);
    let m2 = t[2] + (m1 >> bits);
    let m3 = t[3] + (m2 >> bits) - lo(zero, m0, p3);
    let w4 = hi(lo(lo(zero, m0, p4), m1, p3), m0, p3);
    let m4 = t[4] + (m3 >> bits) - w4;
    let w5 = lo(lo(hi(hi(zero, m0, p4), m1, p3), m1, p4), m2, p3);
    let w6 = lo(lo(hi(hi(zero, m1, p4), m2, p3), m2, p4), m3, p3);
    let w7 = lo(lo(hi(hi(zero, m2, p4), m3, p3), m3, p4), m4, p3);
    let w8 = lo(hi(hi(zero, m3, p4), m4, p3), m4, p4);
    let w9 = hi(zero, m4, p4);
    [t[5] + (m4 >> bits) - w5, t[6] - w6, t[7] - w7, t[8] - w8, t[9] - w9]
}

/// Of carried operands.
#[inline]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx512ifma")]
fn mul(a: &Element, b: &Element) -> Element {
    let mut t = product_start();
    for i in 0..5 {
        for j in 0..5 {
            t[i + j] = lo(t[i + j], a[i], b[j]);
            t[i + j + 1] = hi(t[i + j + 1], a[i], b[j]);
        }
    }
    reduce(&t)
}

/// Of a carried operand.
#[inline]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx512ifma")]
fn square(a: &Element) -> Element {
    let mut cross = [V::splat(0); 10];
    let mut t = product_start();
    for i in 0..5 {
        for j in i + 1..5 {
            cross[i + j] = lo(cross[i + j], a[i], a[j]);
            cross[i + j + 1] = hi(cross[i + j + 1], a[i], a[j]);
        }
        t[2 * i] = lo(t[2 * i], a[i], a[i]);
        t[2 * i + 1] = hi(t[2 * i + 1], a[i], a[i]);
    }
    for i in 1..9 {
        t[i] += cross[i] + cross[i];
    }
    reduce(&t)
}

/// `(x + constant)^3`. For a sum in `(0, 37 P)` the square is below 3.7 P, and what comes out is in
/// `(0, 1.3 P)`.
#[inline]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx512ifma")]
fn s_box(x: &Element, constant: &Limbs) -> Element {
    let x = carried(&add(x, &splat(constant)));
    mul(&carried(&square(&x)), &x)
}

#[inline]
fn mix([a, b, c]: &State) -> State {
    let mut out = [ZERO; 3];
    for i in 0..5 {
        let ab = a[i] + b[i];
        let ac = a[i] + c[i];
        out[0][i] = ab + ac + a[i];
        out[1][i] = ac - b[i];
        out[2][i] = ab - c[i] - c[i];
    }
    out
}

/// Eight permutations.
///
/// Bounds, with cubes in `(0, 1.3 P)`: states come out of a full round in `(-2.6 P, 6.5 P)`. After a
/// fold the first two elements are in `(-0.1 P, P)`, and three partial rounds later below 70 P. The
/// last is then in `(-6.1 P, 27.2 P)`, and its sum with a constant in `(0, 37 P)`; it is smaller in the
/// rounds before, and for children, which enter below 16 P. Limbs of cubes have less than 57 bits, and those of states less than 62.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx512ifma")]
fn permute(state: &mut State, rounds: &RoundConstants<Limbs>) {
    full_rounds(state, &rounds.first);
    for constants in rounds.partial.chunks(3) {
        state[0] = fold(&state[0]);
        state[1] = fold(&state[1]);
        for constant in constants {
            state[2] = s_box(&state[2], constant);
            *state = mix(state);
        }
    }
    state[0] = fold(&state[0]);
    state[1] = fold(&state[1]);
    full_rounds(state, &rounds.last);
}

#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx512ifma")]
fn full_rounds(state: &mut State, rounds: &[[Limbs; 3]]) {
    for constants in rounds {
        for (element, constant) in state.iter_mut().zip(constants) {
            *element = s_box(element, constant);
        }
        *state = mix(state);
    }
}

/// The vectors of up to eight elements.
fn gather(elements: impl Iterator<Item = FieldElement>) -> Element {
    let mut columns = [[0; LANES]; 5];
    for (lane, element) in elements.take(LANES).enumerate() {
        for (column, limb) in columns.iter_mut().zip(enter(&element)) {
            column[lane] = limb;
        }
    }
    columns.map(V::from_array)
}

/// The canonical elements of vectors in `(-8 P, 500 P)`.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx512ifma")]
fn scatter(x: &Element, leave: &Limbs) -> [FieldElement; LANES] {
    let positive = add(x, &splat(&[BIAS, 0, 0, BIAS * P3, BIAS * P4]));
    let columns = masked(&mul(&carried(&positive), &splat(leave))).map(V::to_array);
    std::array::from_fn(|lane| {
        let [a, b, c, d, e] = columns.map(|column| column[lane] as u64);
        let words = [a | b << 52, b >> 12 | c << 40, c >> 24 | d << 28, d >> 36 | e << 16];
        FieldElement::from_mont(canonical(words))
    })
}

#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx512ifma")]
fn permute_all(states: &mut [[FieldElement; 3]]) {
    let constants = &*CONSTANTS;
    for lanes in states.chunks_mut(LANES) {
        let mut state = [0, 1, 2].map(|i| gather(lanes.iter().map(|elements| elements[i])));
        permute(&mut state, &constants.rounds);
        for (i, vectors) in state.iter().enumerate() {
            for (elements, x) in lanes.iter_mut().zip(scatter(vectors, &constants.leave)) {
                elements[i] = x;
            }
        }
    }
}

#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx512ifma")]
fn nodes(children: &[[FieldElement; 2]], out: &mut [FieldElement]) {
    let constants = &*CONSTANTS;
    for (children, out) in children.chunks(LANES).zip(out.chunks_mut(LANES)) {
        let [left, right] = [0, 1].map(|i| gather(children.iter().map(|pair| pair[i])));
        let mut state = [left, right, splat(&constants.two)];
        permute(&mut state, &constants.rounds);
        let digests = scatter(&state[0], &constants.leave);
        out.copy_from_slice(&digests[..out.len()]);
    }
}

#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx512ifma")]
fn leaves(columns: &[&[u32]], start: usize, out: &mut [FieldElement]) {
    let constants = &*CONSTANTS;
    let one = splat(&constants.one);
    for (batch, out) in out.chunks_mut(LANES).enumerate() {
        let position = start + batch * LANES;
        let mut state = [ZERO; 3];
        // Two blocks to a permutation, then one or none and the padding.
        for pair in 0..=columns.len().div_ceil(BLOCK) / 2 {
            let mut blocks = columns.chunks(BLOCK).skip(2 * pair);
            for element in &mut state[..2] {
                let block = blocks.next();
                let input = block
                    .map_or(one, |block| mul(&pack(block, position), &splat(&constants.enter)));
                *element = add(element, &input);
                if block.is_none() {
                    break;
                }
            }
            permute(&mut state, &constants.rounds);
        }
        let digests = scatter(&state[0], &constants.leave);
        out.copy_from_slice(&digests[..out.len()]);
    }
}

/// The values of up to eight columns at eight positions, 31 bits each, the first one on top; below
/// the top three bits, which hold the number of values modulo eight.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx512ifma")]
fn pack(columns: &[&[u32]], position: usize) -> Element {
    let mut limbs = ZERO;
    for (i, column) in columns.iter().rev().enumerate() {
        let values = u32x8::load_or_default(column.get(position..).unwrap_or_default()).cast();
        let (limb, shift) = (31 * i / 52, (31 * i % 52) as i64);
        limbs[limb] |= values << V::splat(shift) & V::splat(LIMB);
        if shift + 31 > LIMB_BITS {
            limbs[limb + 1] |= values >> V::splat(LIMB_BITS - shift);
        }
    }
    limbs[4] |= V::splat(((columns.len() % BLOCK) as i64) << 40);
    limbs
}
