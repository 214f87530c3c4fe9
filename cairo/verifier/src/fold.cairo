//! Inner products of the entries of a public tensor with weights `row * column` (PROTOCOL §5.3).
//!
//! Entries that were unpacked are multiplied by all coordinates of a column's weight at once. Of a
//! large tensor the rows are folded first, packed as they are (`quarters`): felts that lie alike in
//! their rows are added up with the weights of their rows, and only the sums are unpacked and meet
//! the columns.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::{self, BoundedInt, DivRemHelper, UnitInt, upcast};
use crate::blocks::BlocksTrait;
use crate::circuit::bit_length;
use crate::field::{K, Packed, ProductSumTrait, ScaledSumTrait};
use crate::lazy::{Lazy, LazyTrait};
use crate::statement::{Entries, EntriesTrait};

/// `sum_i row[i / n] column[i % n] entry[i]`, `n` columns; entries are less the lower end of the
/// interval. The last row may be short.
pub fn inner_product(entries: Entries, rows: Span<K>, columns: Span<K>) -> K {
    match BlocksTrait::find(entries, columns.len()) {
        Some(blocks) => blocks.inner_product(entries.quarters, rows, columns),
        None => plain(entries, rows, columns),
    }
}

/// The same, entry by entry.
pub(crate) fn plain(entries: Entries, rows: Span<K>, columns: Span<K>) -> K {
    let values = entries.values();
    if entries.width + bit_length(columns.len()) <= MAX_ROW_BITS {
        narrow(values, rows, columns)
    } else {
        wide(values, rows, columns)
    }
}

/// For sums of a row below `2^59`.
fn narrow(mut values: Span<u32>, mut rows: Span<K>, mut columns: Span<K>) -> K {
    let mut packed = array![];
    while let Some(weight) = columns.pop_front() {
        packed.append(pack(*weight));
    }
    let packed = packed.span();
    // Coordinates below 2^28 2^(59 + 31 + 3): there are at most 2^28 rows.
    let mut sum = LazyTrait::zero();
    while let Some(weight) = rows.pop_front() {
        sum = sum.add(LazyTrait::from(*weight).mul(row(ref values, packed)));
    }
    sum.reduce()
}

/// For entries or rows of any size.
fn wide(mut values: Span<u32>, mut rows: Span<K>, mut columns: Span<K>) -> K {
    let mut packed = array![];
    while let Some(weight) = columns.pop_front() {
        packed.append(ScaledSumTrait::pack(*weight));
    }
    let packed = packed.span();
    let mut sum = ProductSumTrait::new();
    while let Some(weight) = rows.pop_front() {
        sum.add(*weight, wide_row(ref values, packed));
    }
    sum.reduce()
}

const TWO_64: felt252 = 0x10000000000000000;
const NZ_64: NonZero<UnitInt<0x10000000000000000>> = 0x10000000000000000;
/// Bits of an entry and of the length of a row, so that a row's sum has 59 bits.
const MAX_ROW_BITS: u32 = 28;

/// An element with its coordinates `2^64` apart.
#[inline(always)]
fn pack(k: K) -> felt252 {
    let (c0, c1): (felt252, felt252) = (upcast(k.c0), upcast(k.c1));
    let (c2, c3): (felt252, felt252) = (upcast(k.c2), upcast(k.c3));
    c0 + c1 * TWO_64 + c2 * TWO_128 + c3 * TWO_192
}

const TWO_128: felt252 = 0x100000000000000000000000000000000;
const TWO_192: felt252 = 0x1000000000000000000000000000000000000000000000000;

/// `sum_i weights[i] values[i]`, over as many as there are: a sum of packed elements with
/// coordinates below `2^59`.
fn row(ref values: Span<u32>, weights: Span<felt252>) -> Lazy {
    let mut weights = weights;
    let mut sum = 0;
    if weights.len() <= values.len() {
        while let Some(weights_8) = weights.multi_pop_front::<8>() {
            let Some(values_8) = values.multi_pop_front::<8>() else {
                break;
            };
            let [w0, w1, w2, w3, w4, w5, w6, w7] = weights_8.unbox();
            let [v0, v1, v2, v3, v4, v5, v6, v7] = values_8.unbox();
            sum = sum
                + v0.into() * w0
                + v1.into() * w1
                + v2.into() * w2
                + v3.into() * w3
                + v4.into() * w4
                + v5.into() * w5
                + v6.into() * w6
                + v7.into() * w7;
        }
        while let Some(weights_2) = weights.multi_pop_front::<2>() {
            let Some(values_2) = values.multi_pop_front::<2>() else {
                break;
            };
            let [w0, w1] = weights_2.unbox();
            let [v0, v1] = values_2.unbox();
            sum = sum + v0.into() * w0 + v1.into() * w1;
        }
    }
    while let Some(weight) = weights.pop_front() {
        match values.pop_front() {
            Some(value) => { sum += (*value).into() * *weight; },
            None => { break; },
        }
    }
    let sum: u256 = sum.into();
    let (c1, c0) = bounded_int::div_rem(sum.low, NZ_64);
    let (c3, c2) = bounded_int::div_rem(sum.high, NZ_64);
    LazyTrait::from_felts(upcast(c0), upcast(c1), upcast(c2), upcast(c3))
}

type Bits64 = BoundedInt<0, 0xffffffffffffffff>;

impl U128Div64 of DivRemHelper<u128, UnitInt<0x10000000000000000>> {
    type DivT = Bits64;
    type RemT = Bits64;
}

/// The same for entries or rows of any size.
fn wide_row(ref values: Span<u32>, weights: Span<Packed>) -> K {
    let mut weights = weights;
    let mut sum = ScaledSumTrait::new();
    if weights.len() <= values.len() {
        while let Some(weights_4) = weights.multi_pop_front::<4>() {
            let Some(values_4) = values.multi_pop_front::<4>() else {
                break;
            };
            let [w0, w1, w2, w3] = weights_4.unbox();
            let [v0, v1, v2, v3] = values_4.unbox();
            sum.add(v0.into(), w0);
            sum.add(v1.into(), w1);
            sum.add(v2.into(), w2);
            sum.add(v3.into(), w3);
        }
    }
    while let Some(weight) = weights.pop_front() {
        match values.pop_front() {
            Some(value) => sum.add((*value).into(), *weight),
            None => { break; },
        }
    }
    sum.reduce()
}
