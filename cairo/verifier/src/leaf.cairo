//! Leaves of the committed matrices (PROTOCOL §4.1, §4.2): their hash and their fold
//! `sum_b eq(a, b) leaf[b]`, both straight from the felts of the proof.
//!
//! A felt is cut after 1 was added to each of its limbs: a limb that was `p` leaves zero in its
//! place, so that a leaf is canonical if the product of all that is cut is not zero. The sum begins
//! with minus what the ones add. Four leaves are read at a time, so that weights are loaded once
//! for all four.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::upcast;
use core::poseidon::hades_permutation;
use crate::bounds::UnitP;
use crate::field::{
    Cut, CutTrait, K, P, ScaledSum, ScaledSumTrait, TWO_248, divisor_p, eq_table, limbs_of_four,
    limbs_plus_one,
};
use crate::wire::{Wire, WireTrait};

/// Length of a leaf felt with four limbs, in its upper bits.
const FOUR_LIMBS: felt252 = 4 * TWO_248;
/// `-1` and `-1 - i - u - i u`, by coordinates below `p`.
const MINUS_ONE: ScaledSum = ScaledSum { low: 0x7ffffffe, high: 0 };
const MINUS_BASIS: ScaledSum = ScaledSum {
    low: 0x7ffffffe0000000000000000000000007ffffffe,
    high: 0x7ffffffe0000000000000000000000007ffffffe,
};

/// The weights of the limbs of a leaf.
#[derive(Copy, Drop)]
pub(crate) struct Weights {
    /// For each limb the low and the high part of a [`ScaledSum`].
    pub(crate) limbs: Span<felt252>,
    /// Minus the sum of all weights.
    pub(crate) start: ScaledSum,
}

/// The weights of the limbs of one felt.
type FeltWeights = Box<[felt252; 16]>;

/// The weights `eq(a, b)` of the rows of a table of `F`, which sum to 1; at least two variables.
pub(crate) fn base_weights(point: Span<K>) -> Weights {
    let mut point = point;
    let last = *point.pop_back().unwrap();
    let mut table = eq_table(point).span();
    let mut weights = array![];
    while let Some(t) = table.pop_front() {
        let (low, high) = ScaledSumTrait::split(*t, last);
        weights.append(low.low);
        weights.append(low.high);
        weights.append(high.low);
        weights.append(high.high);
    }
    Weights { limbs: weights.span(), start: MINUS_ONE }
}

/// The weights `eq(a, b), i eq(a, b), u eq(a, b), i u eq(a, b)` of the coordinates of the rows of a
/// table of `K`.
pub(crate) fn extension_weights(point: Span<K>) -> Weights {
    let mut table = eq_table(point).span();
    let mut weights = array![];
    while let Some(e) = table.pop_front() {
        let [one, i, u, iu] = ScaledSumTrait::pack_basis(*e);
        weights.append(one.low);
        weights.append(one.high);
        weights.append(i.low);
        weights.append(i.high);
        weights.append(u.low);
        weights.append(u.high);
        weights.append(iu.low);
        weights.append(iu.high);
    }
    Weights { limbs: weights.span(), start: MINUS_BASIS }
}

/// Hashes and folds of leaves, in order.
#[derive(Drop)]
pub(crate) struct Leaves {
    pub(crate) hashes: Array<felt252>,
    pub(crate) folds: Array<K>,
}

/// Reads `n` leaves, each of which has as many limbs as there are weights.
///
/// # Panics
/// A limb is not below `p`, or the proof ends.
pub(crate) fn read(ref wire: Wire, n: u32, weights: Weights) -> Leaves {
    let mut leaves = Leaves { hashes: array![], folds: array![] };
    let mut left = n;
    let Weights { mut limbs, start } = weights;
    if limbs.len() == 8 {
        while left != 0 {
            leaves.read_four_limbs(ref wire, limbs);
            left -= 1;
        }
        return leaves;
    }
    let p = divisor_p();
    let cut = CutTrait::new();
    if limbs.len() == 16 {
        let limbs = *limbs.multi_pop_front::<16>().unwrap();
        while left >= 4 {
            leaves.read_four_felts(ref wire, limbs, start, cut, p);
            left -= 4;
        }
        while left != 0 {
            leaves.read_felt(ref wire, limbs, start, cut, p);
            left -= 1;
        }
        return leaves;
    }
    while left >= 4 {
        leaves.read_four(ref wire, weights, cut, p);
        left -= 4;
    }
    while left != 0 {
        leaves.read_one(ref wire, weights, cut, p);
        left -= 1;
    }
    leaves
}

#[generate_trait]
impl LeavesImpl of LeavesTrait {
    #[inline(always)]
    fn push(ref self: Leaves, hash: felt252, fold: K) {
        self.hashes.append(hash);
        self.folds.append(fold);
    }

    /// A leaf of four limbs.
    fn read_four_limbs(ref self: Leaves, ref wire: Wire, weights: Span<felt252>) {
        let felt = wire.felt();
        let mut weights = weights;
        let [l0, h0, l1, h1, l2, h2, l3, h3] = (*weights.multi_pop_front::<8>().unwrap()).unbox();
        let (c0, c1, c2, c3) = limbs_of_four(felt - FOUR_LIMBS);
        let (c0, c1, c2, c3) = (upcast(c0), upcast(c1), upcast(c2), upcast(c3));
        let sum = ScaledSum {
            low: c0 * l0 + c1 * l1 + c2 * l2 + c3 * l3, high: c0 * h0 + c1 * h1 + c2 * h2 + c3 * h3,
        };
        check((P - c1) * (P - c2) * (P - c3));
        self.push(hash_one(felt), sum.reduce());
    }

    /// A leaf of one felt.
    fn read_felt(
        ref self: Leaves,
        ref wire: Wire,
        weights: FeltWeights,
        start: ScaledSum,
        cut: Cut,
        p: NonZero<UnitP>,
    ) {
        let felt = wire.felt();
        let mut canonical = 1;
        let sum = add_felt(start, ref canonical, felt, weights.unbox(), cut);
        check(canonical);
        self.push(hash_one(felt), sum.reduce_by(p));
    }

    /// Four leaves of one felt.
    fn read_four_felts(
        ref self: Leaves,
        ref wire: Wire,
        weights: FeltWeights,
        start: ScaledSum,
        cut: Cut,
        p: NonZero<UnitP>,
    ) {
        let ([a, b], [c, d]) = (wire.pair(), wire.pair());
        let mut canonical = 1;
        let weights = weights.unbox();
        let sum = add_felt(start, ref canonical, a, weights, cut);
        self.push(hash_one(a), sum.reduce_by(p));
        let sum = add_felt(start, ref canonical, b, weights, cut);
        self.push(hash_one(b), sum.reduce_by(p));
        let sum = add_felt(start, ref canonical, c, weights, cut);
        self.push(hash_one(c), sum.reduce_by(p));
        let sum = add_felt(start, ref canonical, d, weights, cut);
        self.push(hash_one(d), sum.reduce_by(p));
        check(canonical);
    }

    /// A leaf of an even number of felts.
    fn read_one(ref self: Leaves, ref wire: Wire, weights: Weights, cut: Cut, p: NonZero<UnitP>) {
        let Weights { mut limbs, start } = weights;
        let mut leaf = ReadingTrait::new(start);
        let mut canonical = 1;
        while let Some(first) = limbs.multi_pop_front::<16>() {
            let second = limbs.multi_pop_front::<16>().expect('leaf: weights');
            let [x, y] = wire.pair();
            leaf.add(x, y, (*first).unbox(), (*second).unbox(), ref canonical, cut);
        }
        check(canonical);
        self.push(leaf.hash(), leaf.sum.reduce_by(p));
    }

    /// Four of them.
    fn read_four(ref self: Leaves, ref wire: Wire, weights: Weights, cut: Cut, p: NonZero<UnitP>) {
        let Weights { mut limbs, start } = weights;
        let n = limbs.len() / 16;
        let (mut xs, mut ys) = (wire.felts(n), wire.felts(n));
        let (mut zs, mut ws) = (wire.felts(n), wire.felts(n));
        let leaf = ReadingTrait::new(start);
        let (mut x, mut y, mut z, mut w) = (leaf, leaf, leaf, leaf);
        let mut canonical = 1;
        while let Some(first) = limbs.multi_pop_front::<16>() {
            let second = limbs.multi_pop_front::<16>().expect('leaf: weights');
            let (first, second) = ((*first).unbox(), (*second).unbox());
            let ([x0, x1], [y0, y1]) = (two(ref xs), two(ref ys));
            let ([z0, z1], [w0, w1]) = (two(ref zs), two(ref ws));
            x.add(x0, x1, first, second, ref canonical, cut);
            y.add(y0, y1, first, second, ref canonical, cut);
            z.add(z0, z1, first, second, ref canonical, cut);
            w.add(w0, w1, first, second, ref canonical, cut);
        }
        check(canonical);
        self.push(x.hash(), x.sum.reduce_by(p));
        self.push(y.hash(), y.sum.reduce_by(p));
        self.push(z.hash(), z.sum.reduce_by(p));
        self.push(w.hash(), w.sum.reduce_by(p));
    }
}

/// A leaf that is being read: the state of its hash, and its fold so far.
#[derive(Copy, Drop)]
struct Reading {
    s0: felt252,
    s1: felt252,
    s2: felt252,
    sum: ScaledSum,
}

#[generate_trait]
impl ReadingImpl of ReadingTrait {
    #[inline(always)]
    fn new(start: ScaledSum) -> Reading {
        Reading { s0: 0, s1: 0, s2: 0, sum: start }
    }

    /// Adds two felts.
    #[inline(always)]
    fn add(
        ref self: Reading,
        x: felt252,
        y: felt252,
        of_x: [felt252; 16],
        of_y: [felt252; 16],
        ref canonical: felt252,
        cut: Cut,
    ) {
        let sum = add_felt(self.sum, ref canonical, x, of_x, cut);
        let sum = add_felt(sum, ref canonical, y, of_y, cut);
        let (s0, s1, s2) = hades_permutation(self.s0 + x, self.s1 + y, self.s2);
        self = Reading { s0, s1, s2, sum };
    }

    /// `poseidon_hash_many`, for an even number of felts.
    #[inline(always)]
    fn hash(self: @Reading) -> felt252 {
        let (hash, _, _) = hades_permutation(*self.s0 + 1, *self.s1, *self.s2);
        hash
    }
}

/// `poseidon_hash_many` of one felt.
#[inline(always)]
fn hash_one(felt: felt252) -> felt252 {
    let (hash, _, _) = hades_permutation(felt, 1, 0);
    hash
}

#[inline(always)]
fn two(ref felts: Span<felt252>) -> [felt252; 2] {
    (*felts.multi_pop_front::<2>().expect('leaf: felts')).unbox()
}

/// The product over limbs that is zero if one of them is `p`.
#[inline(always)]
pub(crate) fn check(canonical: felt252) {
    assert(canonical != 0, 'leaf: not canonical');
}

/// Adds the eight limbs of a felt, and one to each, with their weights; multiplies `canonical` by
/// them. If a limb is `p`, the lowest such leaves zero: `canonical` is zero.
#[inline(always)]
pub(crate) fn add_felt(
    sum: ScaledSum, ref canonical: felt252, felt: felt252, weights: [felt252; 16], cut: Cut,
) -> ScaledSum {
    let [l0, h0, l1, h1, l2, h2, l3, h3, l4, h4, l5, h5, l6, h6, l7, h7] = weights;
    let (c0, c1, c2, c3, c4, c5, c6, c7) = limbs_plus_one(felt, cut);
    let (c0, c1, c2, c3) = (upcast(c0), upcast(c1), upcast(c2), upcast(c3));
    let (c4, c5, c6, c7) = (upcast(c4), upcast(c5), upcast(c6), upcast(c7));
    canonical = canonical * c0 * c1 * c2 * c3 * c4 * c5 * c6 * c7;
    ScaledSum {
        low: sum.low
            + c0 * l0
            + c1 * l1
            + c2 * l2
            + c3 * l3
            + c4 * l4
            + c5 * l5
            + c6 * l6
            + c7 * l7,
        high: sum.high
            + c0 * h0
            + c1 * h1
            + c2 * h2
            + c3 * h3
            + c4 * h4
            + c5 * h5
            + c6 * h6
            + c7 * h7,
    }
}
