//! Affine axes (PROTOCOL §5.3): the extension at `a` of the weights
//! `w(q) = sum over all values with offset + sum_j stride_j v_j = q of prod_j eq(x_j, v_j)`, `q <
//! dim`.
//!
//! The values of all terms but the largest one are enumerated. That one is read bit
//! by bit together with the index, least significant bits first; what is added is a carry. At each
//! bit the state is, for each carry `c`, the
//! weight of all lower parts that leave `c`; where an extent is not a power of two, also of those
//! parts alone that are below the extent's. From bit `b` of the value and bit `q` of the index,
//! carry `c` becomes `(c + stride b - q) / 2`, and in the end it must be zero. So the work is a few
//! multiplications a bit. Where stride and extent are powers of two, `window` is cheaper.
//!
//! Points are LEAST significant coordinate first.

use crate::field::{K, ProductSumTrait, one_k, pow2, zero_k};
use crate::lazy::{Lazy, LazyTrait};

/// A term: `stride * value`.
#[derive(Copy, Drop)]
pub struct Term {
    /// The point of the variable; none if the term is summed over its extent.
    pub point: Option<Span<K>>,
    /// The value is below.
    pub extent: u32,
    pub stride: i64,
}

/// Sums that lie closer together than this are walked at once.
const MAX_SPREAD: i64 = 64;

/// The extension at `a` of the weights of an axis with `extent` indices: those of `main` and a
/// [sum of other terms](sums).
///
/// # Panics
/// Gas ends: there may be as many walks as sums.
pub fn evaluate(main: Term, sums: Span<(i64, K)>, extent: u32, a: Span<K>) -> K {
    let mut sums = sums;
    let (low, high) = range(sums);
    if high - low < MAX_SPREAD {
        return walk(main, low, start(sums, low, high), extent, a);
    }
    let mut total = ProductSumTrait::new();
    while let Some(entry) = sums.pop_front() {
        let (sum, weight) = *entry;
        total.add(weight, walk(main, sum, array![one_k()].span(), extent, a));
    }
    total.reduce()
}

/// The smallest and the largest sum.
fn range(mut sums: Span<(i64, K)>) -> (i64, i64) {
    let (first, _) = *sums[0];
    let (mut low, mut high) = (first, first);
    while let Some(entry) = sums.pop_front() {
        let (sum, _) = *entry;
        if sum < low {
            low = sum;
        }
        if sum > high {
            high = sum;
        }
    }
    (low, high)
}

/// The weights of `low ..= high`.
fn start(sums: Span<(i64, K)>, low: i64, high: i64) -> Span<K> {
    let mut weights = array![];
    let mut at = low;
    while at <= high {
        let mut weight = zero_k();
        let mut rest = sums;
        while let Some(entry) = rest.pop_front() {
            let (sum, of_sum) = *entry;
            if sum == at {
                weight = weight + of_sum;
            }
        }
        weights.append(weight);
        at += 1;
    }
    weights.span()
}

/// The same for a single term, and offsets from `low` on, with weights.
fn walk(main: Term, low: i64, offsets: Span<K>, extent: u32, a: Span<K>) -> K {
    let (x, n_bits) = match main.point {
        Some(x) => (Some(x), x.len()),
        None => (None, crate::circuit::bit_length(main.extent - 1)),
    };
    let high = low + offsets.len().into() - 1;
    let highest = high + positive(main.stride) * (main.extent - 1).into();
    let mut run = Run {
        low,
        n: offsets.len(),
        stride: main.stride,
        any: offsets,
        below_value: array![].span(),
        below_index: array![].span(),
        below_both: array![].span(),
        // Bits of the extents, if they matter.
        value_bound: if main.extent == pow2(n_bits) {
            None
        } else {
            Some(main.extent)
        },
        index_bound: if extent == pow2(a.len()) || highest < extent.into() {
            None
        } else {
            Some(extent)
        },
    };
    let mut a = a;
    let mut x = x;
    let mut left = n_bits;
    loop {
        let index = a.pop_front();
        if left == 0 && index.is_none() {
            break;
        }
        let value = if left == 0 {
            ValueBit::Zero
        } else {
            left -= 1;
            match x {
                Some(mut coordinates) => {
                    let c = *coordinates.pop_front().unwrap();
                    x = Some(coordinates);
                    ValueBit::At(c)
                },
                None => ValueBit::Summed,
            }
        };
        run.step(value, index);
    }
    run.result()
}

fn positive(v: i64) -> i64 {
    if v > 0 {
        v
    } else {
        0
    }
}

/// A term whose values are enumerated.
#[derive(Copy, Drop)]
pub struct Values {
    /// The weights of its values; none if it is summed over them.
    pub weights: Option<Span<K>>,
    /// The value is below.
    pub extent: u32,
    pub stride: i64,
}

/// `offset` plus all sums of values of the terms, with their weights.
pub fn sums(mut terms: Span<Values>, offset: i64) -> Span<(i64, K)> {
    let mut sums = array![(offset, one_k())].span();
    while let Some(term) = terms.pop_front() {
        sums = spread(sums, *term);
    }
    sums
}

/// All sums of one of `sums` and a value of `term`.
fn spread(mut sums: Span<(i64, K)>, term: Values) -> Span<(i64, K)> {
    let mut next = array![];
    while let Some(entry) = sums.pop_front() {
        let (mut sum, weight) = *entry;
        let is_one = weight == one_k();
        for v in 0..term.extent {
            next
                .append(
                    (
                        sum,
                        match term.weights {
                            Some(weights) => if is_one {
                                *weights[v]
                            } else {
                                weight * *weights[v]
                            },
                            None => weight,
                        },
                    ),
                );
            sum += term.stride;
        }
    }
    next.span()
}

/// What a bit of the value contributes.
#[derive(Copy, Drop)]
enum ValueBit {
    /// It is zero: the value has no more bits.
    Zero,
    /// `1 - c` if it is zero, `c` if it is one.
    At: K,
    /// One, whatever it is.
    Summed,
}

/// The state: weights by carry, `low` first, of which there are `n`.
#[derive(Drop)]
struct Run {
    low: i64,
    n: u32,
    stride: i64,
    /// Of all lower parts.
    any: Span<K>,
    /// Of those whose value is below the lower part of its extent; nothing if all are zero.
    below_value: Span<K>,
    /// Of those whose index is.
    below_index: Span<K>,
    /// Of those both of which are.
    below_both: Span<K>,
    /// What is left of the extents.
    value_bound: Option<u32>,
    index_bound: Option<u32>,
}

/// `weight[b][q]` for a bit of the value and one of the index.
#[derive(Copy, Drop)]
struct Weights {
    w00: Lazy,
    w01: Option<Lazy>,
    w10: Option<Lazy>,
    w11: Option<Lazy>,
}

fn weights(value: ValueBit, index: Option<@K>) -> Weights {
    let one = LazyTrait::from(one_k());
    match (value, index) {
        (ValueBit::Zero, None) => Weights { w00: one, w01: None, w10: None, w11: None },
        (ValueBit::Zero, Some(a)) => {
            let a = LazyTrait::from(*a);
            Weights { w00: one.sub(a), w01: Some(a), w10: None, w11: None }
        },
        (ValueBit::At(x), None) => {
            let x = LazyTrait::from(x);
            Weights { w00: one.sub(x), w01: None, w10: Some(x), w11: None }
        },
        (ValueBit::At(x), Some(a)) => {
            let (x, a) = (LazyTrait::from(x), LazyTrait::from(*a));
            let both = x.mul(a);
            let only_a = a.sub(both);
            Weights {
                w00: one.sub(x).sub(only_a),
                w01: Some(only_a),
                w10: Some(x.sub(both)),
                w11: Some(both),
            }
        },
        (ValueBit::Summed, None) => Weights { w00: one, w01: None, w10: Some(one), w11: None },
        (ValueBit::Summed, Some(a)) => {
            let a = LazyTrait::from(*a);
            let not = one.sub(a);
            Weights { w00: not, w01: Some(a), w10: Some(not), w11: Some(a) }
        },
    }
}

/// Which lower parts a sum runs over.
#[derive(Copy, Drop)]
struct Pick {
    /// Those with this bit of the value zero, and one; and where to find them.
    zero: Span<K>,
    one: Span<K>,
}

#[generate_trait]
impl RunImpl of RunTrait {
    /// Reads one more bit of the value and of the index.
    fn step(ref self: Run, value: ValueBit, index: Option<@K>) {
        let w = BoxTrait::new(weights(value, index));
        let none = array![].span();
        let next_low = half(self.low + negative(self.stride));
        let next_high = half(self.low + (self.n - 1).into() + positive(self.stride));
        let next_n: u32 = (next_high - next_low + 1).try_into().unwrap();
        let value_bit = take_bit(ref self.value_bound);
        let index_bit = take_bit(ref self.index_bound);
        // Below an extent: the same bit and below so far, or a smaller bit and whatever so far.
        let (value_0, value_1) = match value_bit {
            None => (none, none),
            Some(true) => (self.any, self.below_value),
            Some(false) => (self.below_value, none),
        };
        let (both_value_0, both_value_1) = match value_bit {
            None => (none, none),
            Some(true) => (self.below_index, self.below_both),
            Some(false) => (self.below_both, none),
        };
        let at = BoxTrait::new(Place { low: self.low, next_low, next_n, stride: self.stride });
        let any = self.any;
        let any_sum = at.sums(w, Pick { zero: any, one: any }, Pick { zero: any, one: any });
        let below_value = if value_bit.is_some() {
            let pick = Pick { zero: value_0, one: value_1 };
            at.sums(w, pick, pick)
        } else {
            none
        };
        let (below_index, below_both) = match index_bit {
            None => (none, none),
            Some(bit) => {
                let below = Pick { zero: self.below_index, one: self.below_index };
                let all = Pick { zero: any, one: any };
                let empty = Pick { zero: none, one: none };
                let below_index = if bit {
                    at.sums(w, all, below)
                } else {
                    at.sums(w, below, empty)
                };
                if value_bit.is_some() {
                    let below = Pick { zero: both_value_0, one: both_value_1 };
                    let all = Pick { zero: value_0, one: value_1 };
                    let below_both = if bit {
                        at.sums(w, all, below)
                    } else {
                        at.sums(w, below, empty)
                    };
                    (below_index, below_both)
                } else {
                    (below_index, none)
                }
            },
        };
        self.low = next_low;
        self.n = next_n;
        self.any = any_sum;
        self.below_value = below_value;
        self.below_index = below_index;
        self.below_both = below_both;
    }

    /// The weight of carry zero, below both extents.
    fn result(self: Run) -> K {
        let state = match (self.value_bound, self.index_bound) {
            (None, None) => self.any,
            (Some(_), None) => self.below_value,
            (None, Some(_)) => self.below_index,
            (Some(_), Some(_)) => self.below_both,
        };
        match find(state, -self.low) {
            Some(weight) => weight,
            None => zero_k(),
        }
    }
}

/// The next bit of a bound, if there is a bound.
fn take_bit(ref bound: Option<u32>) -> Option<bool> {
    match bound {
        None => None,
        Some(rest) => {
            let (rest, bit) = DivRem::div_rem(rest, 2);
            bound = Some(rest);
            Some(bit == 1)
        },
    }
}

/// Ranges of the carries before and after a bit.
#[derive(Copy, Drop)]
struct Place {
    low: i64,
    next_low: i64,
    next_n: u32,
    stride: i64,
}

#[generate_trait]
impl PlaceImpl of PlaceTrait {
    /// The weights of the next carries; `even` are the lower parts that an index bit of zero goes
    /// with, `odd` those for one.
    fn sums(self: Box<Place>, w: Box<Weights>, even: Pick, odd: Pick) -> Span<K> {
        if even.zero.is_empty()
            && even.one.is_empty()
            && odd.zero.is_empty()
            && odd.one.is_empty() {
            return even.zero;
        }
        let Place { low, next_low, next_n, stride } = self.unbox();
        let mut sums = array![];
        // Where, among the carries before, that stands which bits of zero make the next one.
        let mut from = next_low + next_low - low;
        for _ in 0..next_n {
            let sum = next_sum(w, even, odd, from, stride);
            sums.append(sum);
            from += 2;
        }
        sums.span()
    }
}

/// The weight of the next carry that lower parts at `from` go to with two bits of zero.
#[inline(never)]
fn next_sum(w: Box<Weights>, even: Pick, odd: Pick, from: i64, stride: i64) -> K {
    let Weights { w00, w01, w10, w11 } = w.unbox();
    let sum = plus(None, Some(w00), even.zero, from);
    let sum = plus(sum, w01, odd.zero, from + 1);
    let sum = plus(sum, w10, even.one, from - stride);
    let sum = plus(sum, w11, odd.one, from + 1 - stride);
    match sum {
        Some(sum) => sum.reduce(),
        None => zero_k(),
    }
}

/// `sum + w weights[index]`. A weight of a bit has at most 67 bits, the product 101.
#[inline(never)]
fn plus(sum: Option<Lazy>, w: Option<Lazy>, weights: Span<K>, index: i64) -> Option<Lazy> {
    if let (Some(w), Some(k)) = (w, find(weights, index)) {
        let product = w.mul(LazyTrait::from(k));
        Some(match sum {
            Some(sum) => sum.add(product),
            None => product,
        })
    } else {
        sum
    }
}

fn find(weights: Span<K>, index: i64) -> Option<K> {
    let index: u32 = index.try_into()?;
    match weights.get(index) {
        Some(weight) => Some(*weight.unbox()),
        None => None,
    }
}

fn negative(v: i64) -> i64 {
    if v < 0 {
        v
    } else {
        0
    }
}

/// `floor(v / 2)`, `|v| < 2^60`.
fn half(v: i64) -> i64 {
    let biased: u64 = (v + 0x1000000000000000).try_into().unwrap();
    let half: i64 = (biased / 2).try_into().unwrap();
    half - 0x800000000000000
}

/// Above any offset.
const BIAS: i64 = 0x1000000000000;

/// `floor(v / divisor)` and the remainder, `|v| < 2^48`, `divisor` a power of two.
pub fn floor_div(v: i64, divisor: u32) -> (i64, u32) {
    let biased: u64 = (v + BIAS).try_into().unwrap();
    let divisor: u64 = divisor.into();
    let (quotient, rest) = DivRem::div_rem(biased, divisor.try_into().unwrap());
    let bias: u64 = BIAS.try_into().unwrap() / divisor;
    let quotient: felt252 = quotient.into() - bias.into();
    (quotient.try_into().unwrap(), rest.try_into().unwrap())
}
