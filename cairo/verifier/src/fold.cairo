//! Inner products of the entries of a public tensor with weights `row * column` (PROTOCOL §5.3).
//!
//! Few entries are unpacked one by one. Of many, the rows are folded first, packed as they are:
//! every fourth entry of a felt leaves room enough to multiply all by a coordinate of the row's
//! weight and to add felts up that lie alike in their rows. Only these sums are unpacked and meet
//! the columns.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::{self, BoundedInt, DivRemHelper, upcast};
use crate::circuit::bit_length;
use crate::field::{K, Packed, ProductSumTrait, ScaledSumTrait};
use crate::statement::{Entries, power, unpack};
use crate::sums::WeightedSumTrait;

/// `sum_i row[i / n] column[i % n] entry[i]`, `n` columns; entries are less the lower end of the
/// interval. The last row may be short.
pub fn inner_product(entries: Entries, rows: Span<K>, columns: Span<K>) -> K {
    match BlocksTrait::find(entries, columns.len()) {
        Some(blocks) => blocks.inner_product(entries, rows, columns),
        None => plain(entries, rows, columns),
    }
}

/// The same, entry by entry.
pub(crate) fn plain(entries: Entries, mut rows: Span<K>, mut columns: Span<K>) -> K {
    let mut packed = array![];
    while let Some(weight) = columns.pop_front() {
        packed.append(ScaledSumTrait::pack(*weight));
    }
    let packed = packed.span();
    let mut values = unpack(entries).span();
    let mut sum = ProductSumTrait::new();
    while !values.is_empty() {
        sum.add(*rows.pop_front().unwrap(), row(ref values, packed));
    }
    sum.reduce()
}

/// `sum_i weights[i] values[i]`, over as many as there are.
fn row(ref values: Span<u32>, mut weights: Span<Packed>) -> K {
    let mut sum = ScaledSumTrait::new();
    while let Some(weights_4) = weights.multi_pop_front::<4>() {
        let Some(values_4) = values.multi_pop_front::<4>() else {
            let mut last = weights_4.unbox().span();
            while let Some(value) = values.pop_front() {
                sum.add((*value).into(), *last.pop_front().unwrap());
            }
            weights = array![].span();
            break;
        };
        let [w0, w1, w2, w3] = weights_4.unbox();
        let [v0, v1, v2, v3] = values_4.unbox();
        sum.add(v0.into(), w0);
        sum.add(v1.into(), w1);
        sum.add(v2.into(), w2);
        sum.add(v3.into(), w3);
    }
    while let Some(weight) = weights.pop_front() {
        match values.pop_front() {
            Some(value) => sum.add((*value).into(), *weight),
            None => { break; },
        }
    }
    sum.reduce()
}

/// How the entries of a tensor lie in felts: after a block of felts, the columns are again where
/// they were.
#[derive(Copy, Drop)]
struct Blocks {
    /// Entries of a felt, and of its first chunk.
    per_felt: u32,
    in_chunk: u32,
    n_columns: u32,
    /// Rows of a block.
    n_rows: u32,
    /// Bits of an entry.
    width: u32,
}

/// Fewer blocks are not worth it.
const MIN_BLOCKS: u32 = 8;

/// The largest width: four entries take less than 64 bits.
const MAX_WIDTH: u32 = 15;

/// What a felt of a block has of one row.
#[derive(Copy, Drop)]
struct Part {
    row: u32,
    /// Its first entry in the felt, and how many there are.
    from: u32,
    n: u32,
    /// Nothing of the felt is left.
    is_last: bool,
}

/// What selects every fourth entry of a chunk: those whose number in the felt is 0, 1 and 2 modulo
/// 4.
#[derive(Copy, Drop)]
struct Masks {
    low_0: u128,
    low_1: u128,
    low_2: u128,
    high_0: u128,
    high_1: u128,
    high_2: u128,
    /// The place of the upper chunk.
    radix: felt252,
}

/// An element of `K`, coordinates as felts; or sums of products with each coordinate.
#[derive(Copy, Drop)]
struct Four {
    c0: felt252,
    c1: felt252,
    c2: felt252,
    c3: felt252,
}

/// Sums of felts times weights, each felt only with the entries 0, 1, 2 and 3 modulo 4.
#[derive(Copy, Drop)]
struct Fold {
    g0: Four,
    g1: Four,
    g2: Four,
    g3: Four,
}

const NO_SUM: Four = Four { c0: 0, c1: 0, c2: 0, c3: 0 };
/// `1 / 2`.
const HALF: felt252 = 0x400000000000008800000000000000000000000000000000000000000000001;

#[generate_trait]
impl BlocksImpl of BlocksTrait {
    /// The blocks of a tensor, if there are enough of them, each felt meets at most two rows, and
    /// the sums of every fourth entry fit a felt.
    fn find(entries: Entries, n_columns: u32) -> Option<Blocks> {
        let width = entries.width;
        let per_felt = 248 / width;
        if width > MAX_WIDTH || n_columns < per_felt || entries.pattern.len() != 2 {
            return None;
        }
        let n_rows = per_felt / gcd(per_felt, n_columns);
        let n_blocks = entries.tensor.n_entries / (n_rows * n_columns) + 1;
        let sum_bits = width + 31 + bit_length(n_blocks);
        let top = (per_felt - 1) / 4 * 4 * width;
        if n_blocks < MIN_BLOCKS || sum_bits > 4 * width || top + sum_bits > 250 {
            return None;
        }
        let in_chunk = *entries.pattern[0];
        Some(Blocks { per_felt, in_chunk, n_columns, n_rows, width })
    }

    fn inner_product(self: Blocks, entries: Entries, rows: Span<K>, columns: Span<K>) -> K {
        let parts = self.parts();
        let masks = self.masks();
        let mut folds = array![];
        for _ in 0..parts.len() {
            folds.append(Fold { g0: NO_SUM, g1: NO_SUM, g2: NO_SUM, g3: NO_SUM });
        }
        let mut folds = folds.span();
        let mut chunks = entries.chunks;
        let mut rows = weights(rows);
        while !chunks.is_empty() {
            folds = fold_block(masks, parts, rows, ref chunks, folds);
            if rows.len() <= self.n_rows {
                break;
            }
            rows = rows.slice(self.n_rows, rows.len() - self.n_rows);
        }
        self.finish(parts, folds, columns)
    }

    /// The parts of a block's felts, one for each row that a felt meets.
    fn parts(self: Blocks) -> Span<Part> {
        let mut parts = array![];
        let (mut row, mut column) = (0, 0);
        while row != self.n_rows {
            let left = self.n_columns - column;
            if left > self.per_felt {
                parts.append(Part { row, from: 0, n: self.per_felt, is_last: true });
                column += self.per_felt;
            } else if left == self.per_felt {
                parts.append(Part { row, from: 0, n: left, is_last: true });
                row += 1;
                column = 0;
            } else {
                parts.append(Part { row, from: 0, n: left, is_last: false });
                row += 1;
                column = self.per_felt - left;
                parts.append(Part { row, from: left, n: column, is_last: true });
            }
        }
        parts.span()
    }

    fn masks(self: Blocks) -> Box<Masks> {
        let Blocks { per_felt, in_chunk, width, .. } = self;
        let (low_0, low_1, low_2) = every_fourth(0, in_chunk, width);
        let (high_0, high_1, high_2) = every_fourth(in_chunk, per_felt - in_chunk, width);
        let radix = power(in_chunk * width);
        BoxTrait::new(Masks { low_0, low_1, low_2, high_0, high_1, high_2, radix })
    }

    /// Unpacks the sums and adds them up with the weights of their columns.
    fn finish(self: Blocks, mut parts: Span<Part>, mut folds: Span<Fold>, columns: Span<K>) -> K {
        let mut sum = WeightedSumTrait::new();
        let lanes = BoxTrait::new(LanesTrait::new(4 * self.width, self.per_felt));
        let mut left = columns;
        while let Some(part) = parts.pop_front() {
            let mut sums = lanes.unpack(folds.pop_front().unwrap()).slice(*part.from, *part.n);
            while let Some(lane) = sums.pop_front() {
                if left.is_empty() {
                    left = columns;
                }
                sum.add(*left.pop_front().unwrap(), *lane);
            }
        }
        sum.reduce()
    }
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 {
        a
    } else {
        gcd(b, a % b)
    }
}

/// Masks of the entries 0, 1 and 2 modulo 4 among `n`, the first of which is number `first`.
fn every_fourth(first: u32, n: u32, width: u32) -> (u128, u128, u128) {
    let step = power(width);
    let mut masks = (0, 0, 0);
    let mut entry = step - 1;
    for i in first..first + n {
        let (m0, m1, m2) = masks;
        let class = i % 4;
        masks =
            if class == 0 {
                (m0 + entry, m1, m2)
            } else if class == 1 {
                (m0, m1 + entry, m2)
            } else if class == 2 {
                (m0, m1, m2 + entry)
            } else {
                masks
            };
        entry *= step;
    }
    let (m0, m1, m2) = masks;
    (m0.try_into().unwrap(), m1.try_into().unwrap(), m2.try_into().unwrap())
}

fn weights(mut rows: Span<K>) -> Span<Four> {
    let mut weights = array![];
    while let Some(k) = rows.pop_front() {
        weights
            .append(
                Four {
                    c0: (*k.c0).into(), c1: (*k.c1).into(), c2: (*k.c2).into(), c3: (*k.c3).into(),
                },
            );
    }
    weights.span()
}

/// Adds a block of felts, or what is left of it, times the weights of its rows.
fn fold_block(
    masks: Box<Masks>,
    mut parts: Span<Part>,
    rows: Span<Four>,
    ref chunks: Span<u128>,
    mut folds: Span<Fold>,
) -> Span<Fold> {
    let mut next = array![];
    while let Some(part) = parts.pop_front() {
        let fold = folds.pop_front().unwrap();
        let mut rest = chunks;
        match (rest.multi_pop_front::<2>(), rows.get(*part.row)) {
            (Some(felt), Some(weight)) => {
                if *part.is_last {
                    chunks = rest;
                }
                let [low, high] = felt.unbox();
                next.append(add_felt(masks, low, high, *weight.unbox(), fold));
            },
            (_, _) => next.append(*fold),
        }
    }
    next.span()
}

#[inline(always)]
fn add_felt(masks: Box<Masks>, low: u128, high: u128, weight: Four, fold: @Fold) -> Fold {
    let Masks { low_0, low_1, low_2, high_0, high_1, high_2, radix } = masks.unbox();
    let f0 = (low & low_0).into() + (high & high_0).into() * radix;
    let f1 = (low & low_1).into() + (high & high_1).into() * radix;
    let f2 = (low & low_2).into() + (high & high_2).into() * radix;
    let f3 = low.into() + high.into() * radix - f0 - f1 - f2;
    Fold {
        g0: add_scaled(fold.g0, f0, weight),
        g1: add_scaled(fold.g1, f1, weight),
        g2: add_scaled(fold.g2, f2, weight),
        g3: add_scaled(fold.g3, f3, weight),
    }
}

#[inline(always)]
fn add_scaled(sum: @Four, felt: felt252, weight: Four) -> Four {
    Four {
        c0: *sum.c0 + felt * weight.c0,
        c1: *sum.c1 + felt * weight.c1,
        c2: *sum.c2 + felt * weight.c2,
        c3: *sum.c3 + felt * weight.c3,
    }
}

impl DivByU64 of DivRemHelper<u128, u64> {
    type DivT = BoundedInt<0, 0xffffffffffffffffffffffffffffffff>;
    type RemT = BoundedInt<0, 0xfffffffffffffffe>;
}

/// Sums that lie in a felt 48 to 60 bits apart, four or five of them: two in the lower 128 bits,
/// one between, the others above.
#[derive(Copy, Drop)]
struct Lanes {
    /// Sums of all four groups.
    n: u32,
    /// `2^spacing`.
    radix: NonZero<u64>,
    /// How far the third sum reaches into the upper bits, and the place of these.
    radix_between: NonZero<u64>,
    between: felt252,
    /// What makes the first entry of the groups 1, 2 and 3 the lowest.
    down_1: felt252,
    down_2: felt252,
    down_3: felt252,
}

const TWO_128: felt252 = 0x100000000000000000000000000000000;

#[generate_trait]
impl LanesImpl of LanesTrait {
    fn new(spacing: u32, n: u32) -> Lanes {
        let left = 128 - 2 * spacing;
        let mut down = 1;
        for _ in 0..spacing / 4 {
            down *= HALF;
        }
        Lanes {
            n,
            radix: divisor(spacing),
            radix_between: divisor(spacing - left),
            between: power(left),
            down_1: down,
            down_2: down * down,
            down_3: down * down * down,
        }
    }

    /// All sums of a fold in the order of the entries.
    fn unpack(self: Box<Lanes>, fold: @Fold) -> Span<Packed> {
        let Lanes { n, down_1, down_2, down_3, .. } = self.unbox();
        let (a0, a1, a2, a3, a4) = self.unpack_group(*fold.g0, 1);
        let (b0, b1, b2, b3, b4) = self.unpack_group(*fold.g1, down_1);
        let (c0, c1, c2, c3, c4) = self.unpack_group(*fold.g2, down_2);
        let (d0, d1, d2, d3, d4) = self.unpack_group(*fold.g3, down_3);
        let sums = [a0, b0, c0, d0, a1, b1, c1, d1, a2, b2, c2, d2, a3, b3, c3, d3, a4, b4, c4, d4];
        BoxTrait::new(sums).as_snapshot().span().slice(0, n)
    }

    /// The sums of a group, lowest first, each with its four coordinates.
    fn unpack_group(
        self: Box<Lanes>, group: Four, down: felt252,
    ) -> (Packed, Packed, Packed, Packed, Packed) {
        let [x0, x1, x2, x3, x4] = self.split(group.c0 * down);
        let [y0, y1, y2, y3, y4] = self.split(group.c1 * down);
        let [z0, z1, z2, z3, z4] = self.split(group.c2 * down);
        let [w0, w1, w2, w3, w4] = self.split(group.c3 * down);
        (
            Packed { low: x0 + y0 * TWO_128, high: z0 + w0 * TWO_128 },
            Packed { low: x1 + y1 * TWO_128, high: z1 + w1 * TWO_128 },
            Packed { low: x2 + y2 * TWO_128, high: z2 + w2 * TWO_128 },
            Packed { low: x3 + y3 * TWO_128, high: z3 + w3 * TWO_128 },
            Packed { low: x4 + y4 * TWO_128, high: z4 + w4 * TWO_128 },
        )
    }

    /// The sums in a felt below `2^251`.
    #[inline(never)]
    fn split(self: Box<Lanes>, felt: felt252) -> [felt252; 5] {
        let Lanes { radix, radix_between, between, .. } = self.unbox();
        let value: u256 = felt.into();
        let (rest, s0) = bounded_int::div_rem(value.low, radix);
        let (rest, s1) = bounded_int::div_rem(upcast::<_, u128>(rest), radix);
        let (above, s2) = bounded_int::div_rem(value.high, radix_between);
        let (s4, s3) = bounded_int::div_rem(upcast::<_, u128>(above), radix);
        [upcast(s0), upcast(s1), upcast(rest) + upcast(s2) * between, upcast(s3), upcast(s4)]
    }
}

/// `2^bits`, `bits < 64`.
fn divisor(bits: u32) -> NonZero<u64> {
    let divisor: u64 = power(bits).try_into().unwrap();
    divisor.try_into().unwrap()
}
