//! Leaves of the committed matrices (PROTOCOL §4.1, §4.2): their hash and their fold
//! `sum_b eq(a, b) leaf[b]`, both straight from the felts of the proof.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::upcast;
use core::poseidon::hades_permutation;
use crate::field::{
    Cut, CutTrait, K, P, ScaledSum, ScaledSumTrait, TWO_248, eq_table, limbs, limbs_of_four,
};
use crate::wire::{Wire, WireTrait};

/// Length of a leaf felt with four limbs, in its upper bits.
const FOUR_LIMBS: felt252 = 4 * TWO_248;

/// The weights of the limbs of a leaf: for each limb the low and the high part of a [`ScaledSum`].
pub(crate) type Weights = Span<felt252>;

/// The weights `eq(a, b)` of the rows of a table of `F`; at least one variable.
pub(crate) fn base_weights(point: Span<K>) -> Array<felt252> {
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
    weights
}

/// The weights `eq(a, b), i eq(a, b), u eq(a, b), i u eq(a, b)` of the coordinates of the rows of a
/// table of `K`.
pub(crate) fn extension_weights(point: Span<K>) -> Array<felt252> {
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
    weights
}

/// Reads a leaf, which has as many limbs as there are weights; returns its hash and its fold.
///
/// # Panics
/// A limb is not below `p`, or the proof ends.
pub(crate) fn read(ref wire: Wire, weights: Weights) -> (felt252, K) {
    let mut weights = weights;
    let mut sum = ScaledSumTrait::new();
    let mut canonical = 1;
    if weights.len() <= 16 {
        let felt = wire.felt();
        if weights.len() == 8 {
            add_four(ref sum, ref canonical, felt - FOUR_LIMBS, ref weights);
        } else {
            let next = weights.multi_pop_front::<16>().expect('leaf: weights');
            add_felt(ref sum, ref canonical, felt, next, CutTrait::new());
        }
        assert(canonical != 0, 'leaf: not canonical');
        let (hash, _, _) = hades_permutation(felt, 1, 0);
        return (hash, sum.reduce());
    }
    let cut = CutTrait::new();
    let (mut s0, mut s1, mut s2) = (0, 0, 0);
    while let Some(first_weights) = weights.multi_pop_front::<16>() {
        let second_weights = weights.multi_pop_front::<16>().expect('leaf: weights');
        let [first, second] = wire.pair();
        add_felt(ref sum, ref canonical, first, first_weights, cut);
        add_felt(ref sum, ref canonical, second, second_weights, cut);
        let (t0, t1, t2) = hades_permutation(s0 + first, s1 + second, s2);
        s0 = t0;
        s1 = t1;
        s2 = t2;
    }
    assert(canonical != 0, 'leaf: not canonical');
    let (hash, _, _) = hades_permutation(s0 + 1, s1, s2);
    (hash, sum.reduce())
}

/// Adds the eight limbs of a felt with their weights; multiplies `canonical` by what is zero if one
/// of them is `p`.
#[inline(always)]
pub(crate) fn add_felt(
    ref sum: ScaledSum,
    ref canonical: felt252,
    felt: felt252,
    weights: @Box<[felt252; 16]>,
    cut: Cut,
) {
    let [l0, h0, l1, h1, l2, h2, l3, h3, l4, h4, l5, h5, l6, h6, l7, h7] = (*weights).unbox();
    let (c0, c1, c2, c3, c4, c5, c6, c7) = limbs(felt, cut);
    let (c0, c1, c2, c3) = (upcast(c0), upcast(c1), upcast(c2), upcast(c3));
    let (c4, c5, c6, c7) = (upcast(c4), upcast(c5), upcast(c6), upcast(c7));
    sum =
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
        };
    canonical = canonical
        * (P - c1)
        * (P - c2)
        * (P - c3)
        * (P - c4)
        * (P - c5)
        * (P - c6)
        * (P - c7);
}

/// [`add_felt`] for the four limbs of a short felt, without its length.
#[inline(always)]
fn add_four(ref sum: ScaledSum, ref canonical: felt252, felt: felt252, ref weights: Weights) {
    let [l0, h0, l1, h1, l2, h2, l3, h3] = (*weights.multi_pop_front::<8>().expect('leaf: weights'))
        .unbox();
    let (c0, c1, c2, c3) = limbs_of_four(felt);
    let (c0, c1, c2, c3) = (upcast(c0), upcast(c1), upcast(c2), upcast(c3));
    sum =
        ScaledSum {
            low: sum.low + c0 * l0 + c1 * l1 + c2 * l2 + c3 * l3,
            high: sum.high + c0 * h0 + c1 * h1 + c2 * h2 + c3 * h3,
        };
    canonical = canonical * (P - c1) * (P - c2) * (P - c3);
}
