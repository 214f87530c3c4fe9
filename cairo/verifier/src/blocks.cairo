//! Inner products of a large public tensor with weights `row * column`: felts that lie alike in
//! their rows are added up first.
//!
//! After a block of felts, the columns are again where they were. In a block each row begins
//! somewhere in a felt; a felt that holds the end of a row and the beginning of the next is
//! multiplied by both weights, and in each sum counts with the columns of one row only.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::{self, BoundedInt, DivRemHelper, upcast};
use crate::circuit::bit_length;
use crate::field::{K, Packed, ScaledSum, ScaledSumTrait, mul_add};
use crate::fifths::Fifths;
use crate::packing::power;
use crate::statement::Entries;

/// How the entries of a tensor lie in felts.
#[derive(Copy, Drop)]
pub struct Blocks {
    /// Entries of a felt.
    per_felt: u32,
    n_columns: u32,
    /// Rows and felts of a block.
    n_rows: u32,
    n_felts: u32,
    /// Bits of an entry.
    width: u32,
}

/// Fewer blocks are not worth it.
const MIN_BLOCKS: u32 = 8;

/// A row of a block: the felts that have some of it.
#[derive(Copy, Drop)]
struct Row {
    first: u32,
    n: u32,
}

/// An element of `K`, coordinates as felts; or sums of products with each coordinate.
#[derive(Copy, Drop)]
struct Four {
    c0: felt252,
    c1: felt252,
    c2: felt252,
    c3: felt252,
}

/// Sums of felts times weights, each felt only with the entries of a group.
#[derive(Copy, Drop)]
struct Fold {
    g0: Four,
    g1: Four,
    g2: Four,
    g3: Four,
    g4: Four,
}

const NO_SUM: Four = Four { c0: 0, c1: 0, c2: 0, c3: 0 };
const EMPTY: Fifths = Fifths { g0: 0, g1: 0, g2: 0, g3: 0, g4: 0 };
/// `1 / 2`.
const HALF: felt252 = 0x400000000000008800000000000000000000000000000000000000000000001;

#[generate_trait]
pub impl BlocksImpl of BlocksTrait {
    /// The blocks of a large tensor, if there are enough of them, each felt meets at most two rows,
    /// and sums of products fit five entries.
    fn find(entries: Entries, n_columns: u32) -> Option<Blocks> {
        if entries.fifths.is_empty() {
            return None;
        }
        let width = entries.width;
        let per_felt = 248 / width;
        if n_columns < per_felt {
            return None;
        }
        let n_rows = per_felt / gcd(per_felt, n_columns);
        let n_blocks = entries.tensor.n_entries / (n_rows * n_columns) + 1;
        let sum_bits = width + 31 + bit_length(n_blocks);
        let top = (per_felt - 1) / 5 * 5 * width;
        if n_blocks < MIN_BLOCKS || sum_bits > 5 * width || top + sum_bits > 250 {
            return None;
        }
        let n_felts = n_rows * n_columns / per_felt;
        Some(Blocks { per_felt, n_columns, n_rows, n_felts, width })
    }

    fn inner_product(self: Blocks, felts: Span<Fifths>, rows: Span<K>, columns: Span<K>) -> K {
        let (of_block, columns_at) = self.rows();
        let mut folds = array![];
        for _ in 0..columns_at.len() {
            folds.append(Fold { g0: NO_SUM, g1: NO_SUM, g2: NO_SUM, g3: NO_SUM, g4: NO_SUM });
        }
        let mut folds = folds.span();
        let mut felts = felts;
        let mut rows = self.weights_of(rows);
        while !felts.is_empty() {
            folds = self.fold_blocks(ref felts, ref rows, of_block, folds);
        }
        self.finish(columns_at, folds, columns)
    }

    /// The rows of a block, and for each of their felts the column of its first entry, after as
    /// many empty ones as a felt has entries.
    fn rows(self: Blocks) -> (Span<Row>, Span<u32>) {
        let per_felt: NonZero<u32> = self.per_felt.try_into().expect(DIVISOR);
        let end = self.per_felt + self.n_columns;
        let mut rows = array![];
        let mut columns = array![];
        let mut start = 0;
        for _ in 0..self.n_rows {
            let (first, skipped) = DivRem::div_rem(start, per_felt);
            start += self.n_columns;
            let n_before = columns.len();
            let mut column = self.per_felt - skipped;
            while column < end {
                columns.append(column);
                column += self.per_felt;
            }
            rows.append(Row { first, n: columns.len() - n_before });
        }
        (rows.span(), columns.span())
    }

    /// The felts of the next block, empty ones after the last.
    #[inline(never)]
    fn next_block(self: Blocks, ref felts: Span<Fifths>) -> Span<Fifths> {
        let n = self.n_felts;
        if n <= felts.len() {
            let block = felts.slice(0, n);
            felts = felts.slice(n, felts.len() - n);
            return block;
        }
        let mut block = array![];
        for _ in 0..n {
            block.append(*felts.pop_front().unwrap_or(@EMPTY));
        }
        block.span()
    }

    /// The weights of the rows, zeros after the last up to the end of six blocks.
    fn weights_of(self: Blocks, mut rows: Span<K>) -> Span<Four> {
        let mut weights = array![];
        while let Some(row) = rows.pop_front() {
            let K { c0, c1, c2, c3 } = *row;
            weights.append(Four { c0: c0.into(), c1: c1.into(), c2: c2.into(), c3: c3.into() });
        }
        for _ in 0..6 * self.n_rows {
            weights.append(NO_SUM);
        }
        weights.span()
    }

    /// Adds the next six blocks of felts times the weights of their rows.
    fn fold_blocks(
        self: Blocks,
        ref felts: Span<Fifths>,
        ref rows: Span<Four>,
        mut of_block: Span<Row>,
        folds: Span<Fold>,
    ) -> Span<Fold> {
        let mut blocks = array![];
        for _ in 0..6_u32 {
            blocks.append((self.next_block(ref felts), rows));
            rows = rows.slice(self.n_rows, rows.len() - self.n_rows);
        }
        let blocks = blocks.span();
        let mut folds = folds;
        let mut next = array![];
        let mut index = 0;
        while let Some(row) = of_block.pop_front() {
            let Row { first, n, .. } = *row;
            let mut felts = array![];
            let mut weights = array![];
            let mut rest = blocks;
            while let Some(block) = rest.pop_front() {
                let (felts_of, weights_of) = *block;
                felts.append(felts_of.slice(first, n));
                weights.append(*weights_of[index]);
            }
            index += 1;
            let (mut felts, mut weights) = (felts.span(), weights.span());
            let weights = *weights.multi_pop_front::<6>().expect(DIVISOR);
            let felts = *felts.multi_pop_front::<6>().expect(DIVISOR);
            fold_row(ref next, ref folds, weights, felts.unbox());
        }
        next.span()
    }

    /// Unpacks the sums and adds them up with the weights of their columns.
    fn finish(
        self: Blocks, mut columns_at: Span<u32>, mut folds: Span<Fold>, columns: Span<K>,
    ) -> K {
        let columns = padded(columns, self.per_felt);
        let lanes = BoxTrait::new(LanesTrait::new(5 * self.width));
        let zero = ScaledSumTrait::new();
        let mut sums = Sums { s0: zero, s1: zero, s2: zero, s3: zero };
        while let Some(at) = columns_at.pop_front() {
            let fold = *folds.pop_front().expect(DIVISOR);
            add_felt(ref sums, lanes, fold, columns, *at);
        }
        // The sums are those of the coordinates of the rows: of 1, i, u and i u.
        let Sums { s0, s1, s2, s3 } = sums;
        let i = K { c0: 0, c1: 1, c2: 0, c3: 0 };
        let u = K { c0: 0, c1: 0, c2: 1, c3: 0 };
        let sum = mul_add(i, s1.reduce(), s0.reduce());
        mul_add(u, mul_add(i, s3.reduce(), s2.reduce()), sum)
    }
}

const DIVISOR: felt252 = 'blocks: shape';

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 {
        a
    } else {
        gcd(b, a % b)
    }
}

/// The columns after `n` empty ones, and before enough of them.
fn padded(mut columns: Span<K>, n: u32) -> Span<Packed> {
    let zero = ScaledSumTrait::new();
    let mut padded = array![];
    for _ in 0..n {
        padded.append(zero);
    }
    while let Some(weight) = columns.pop_front() {
        padded.append(ScaledSumTrait::pack(*weight));
    }
    for _ in 0..n + 24 {
        padded.append(zero);
    }
    padded.span()
}

/// The weights of the columns `at, at + 5, ..`.
#[inline(never)]
fn weights(columns: Span<Packed>, at: u32) -> [Packed; 5] {
    let mut columns = columns.slice(at, 21);
    let weights = columns.multi_pop_front::<21>().expect(DIVISOR);
    let [w0, _, _, _, _, w1, _, _, _, _, w2, _, _, _, _, w3, _, _, _, _, w4] = weights.unbox();
    [w0, w1, w2, w3, w4]
}

/// Adds a row of six blocks times their weights.
fn fold_row(
    ref next: Array<Fold>,
    ref folds: Span<Fold>,
    weights: Box<[Four; 6]>,
    blocks: [Span<Fifths>; 6],
) {
    let [mut a, mut b, mut c, mut d, mut e, mut f] = blocks;
    while let Some(x) = a.pop_front() {
        let (y, z) = (b.pop_front().expect(DIVISOR), c.pop_front().expect(DIVISOR));
        let (u, v) = (d.pop_front().expect(DIVISOR), e.pop_front().expect(DIVISOR));
        let w = f.pop_front().expect(DIVISOR);
        let Fold { g0, g1, g2, g3, g4 } = *folds.pop_front().expect(DIVISOR);
        let by = weights.unbox();
        next
            .append(
                Fold {
                    g0: add_scaled(g0, [*x.g0, *y.g0, *z.g0, *u.g0, *v.g0, *w.g0], by),
                    g1: add_scaled(g1, [*x.g1, *y.g1, *z.g1, *u.g1, *v.g1, *w.g1], by),
                    g2: add_scaled(g2, [*x.g2, *y.g2, *z.g2, *u.g2, *v.g2, *w.g2], by),
                    g3: add_scaled(g3, [*x.g3, *y.g3, *z.g3, *u.g3, *v.g3, *w.g3], by),
                    g4: add_scaled(g4, [*x.g4, *y.g4, *z.g4, *u.g4, *v.g4, *w.g4], by),
                },
            );
    }
}

#[inline(always)]
fn add_scaled(sum: Four, groups: [felt252; 6], weights: [Four; 6]) -> Four {
    let [x, y, z, u, v, w] = groups;
    let [a, b, c, d, e, f] = weights;
    Four {
        c0: sum.c0 + x * a.c0 + y * b.c0 + z * c.c0 + u * d.c0 + v * e.c0 + w * f.c0,
        c1: sum.c1 + x * a.c1 + y * b.c1 + z * c.c1 + u * d.c1 + v * e.c1 + w * f.c1,
        c2: sum.c2 + x * a.c2 + y * b.c2 + z * c.c2 + u * d.c2 + v * e.c2 + w * f.c2,
        c3: sum.c3 + x * a.c3 + y * b.c3 + z * c.c3 + u * d.c3 + v * e.c3 + w * f.c3,
    }
}

/// For each coordinate of the rows' weights, the sum over lanes of column weight times lane.
#[derive(Copy, Drop)]
struct Sums {
    s0: ScaledSum,
    s1: ScaledSum,
    s2: ScaledSum,
    s3: ScaledSum,
}

/// Adds the lanes of a felt, the first of which has the column `at`.
fn add_felt(ref sums: Sums, lanes: Box<Lanes>, fold: Fold, columns: Span<Packed>, at: u32) {
    let mut groups = [fold.g0, fold.g1, fold.g2, fold.g3, fold.g4].span();
    let mut down = 1;
    let mut column = at;
    while let Some(group) = groups.pop_front() {
        add_lanes(ref sums, lanes, *group, down, weights(columns, column));
        down *= lanes.unbox().down;
        column += 1;
    }
}

/// Adds the lanes of a group, lowest first, times the weights of their columns. `down` makes the
/// first entry of the group the lowest.
#[inline(never)]
fn add_lanes(ref sums: Sums, lanes: Box<Lanes>, group: Four, down: felt252, weights: [Packed; 5]) {
    let Sums { s0, s1, s2, s3 } = sums;
    sums =
        Sums {
            s0: add_weighted(s0, split(lanes, group.c0 * down), weights),
            s1: add_weighted(s1, split(lanes, group.c1 * down), weights),
            s2: add_weighted(s2, split(lanes, group.c2 * down), weights),
            s3: add_weighted(s3, split(lanes, group.c3 * down), weights),
        };
}

#[inline(always)]
fn add_weighted(sum: ScaledSum, lanes: [felt252; 5], weights: [Packed; 5]) -> ScaledSum {
    let [l0, l1, l2, l3, l4] = lanes;
    let [w0, w1, w2, w3, w4] = weights;
    let mut sum = sum;
    sum.add(l0, w0);
    sum.add(l1, w1);
    sum.add(l2, w2);
    sum.add(l3, w3);
    sum.add(l4, w4);
    sum
}

impl DivByU64 of DivRemHelper<u128, u64> {
    type DivT = BoundedInt<0, 0xffffffffffffffffffffffffffffffff>;
    type RemT = BoundedInt<0, 0xfffffffffffffffe>;
}

/// Sums that lie in a felt 50 or 60 bits apart, four or five of them: two in the lower 128 bits,
/// one between, the others above.
#[derive(Copy, Drop)]
struct Lanes {
    /// `2^spacing`.
    radix: NonZero<u64>,
    /// How far the third sum reaches into the upper bits, and the place of these.
    radix_between: NonZero<u64>,
    between: felt252,
    /// What makes an entry the one before it.
    down: felt252,
}

#[generate_trait]
impl LanesImpl of LanesTrait {
    fn new(spacing: u32) -> Lanes {
        let left = 128 - 2 * spacing;
        let mut down = 1;
        for _ in 0..spacing / 5 {
            down *= HALF;
        }
        Lanes {
            radix: divisor(spacing),
            radix_between: divisor(spacing - left),
            between: power(left),
            down,
        }
    }
}

/// The sums in a felt below `2^251`.
#[inline(never)]
fn split(lanes: Box<Lanes>, felt: felt252) -> [felt252; 5] {
    let Lanes { radix, radix_between, between, .. } = lanes.unbox();
    let value: u256 = felt.into();
    let (rest, s0) = bounded_int::div_rem(value.low, radix);
    let (rest, s1) = bounded_int::div_rem(upcast::<_, u128>(rest), radix);
    let (above, s2) = bounded_int::div_rem(value.high, radix_between);
    let (s4, s3) = bounded_int::div_rem(upcast::<_, u128>(above), radix);
    [upcast(s0), upcast(s1), upcast(rest) + upcast(s2) * between, upcast(s3), upcast(s4)]
}

/// `2^bits`, `bits < 64`.
fn divisor(bits: u32) -> NonZero<u64> {
    let divisor: u64 = power(bits).try_into().expect(DIVISOR);
    divisor.try_into().expect(DIVISOR)
}
