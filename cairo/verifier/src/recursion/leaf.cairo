//! Leaves of the committed matrices (PROTOCOL §4.1, §4.2): their hash and their fold
//! `sum_b eq(a, b) leaf[b]`.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::upcast;
use crate::blake::hash_words;
use crate::field::{K, eq_table, i_k, u_k, zero_k};
use crate::merkle::Hash;
use crate::wire::{Wire, WireTrait, limb};

/// The weights of the rows of a table of `F`: `eq(a, b)`.
pub(crate) fn base_weights(point: Span<K>) -> Array<K> {
    eq_table(point)
}

/// The weights of the coordinates of the rows of a table of `K`: `eq(a, b)` times `1, i, u, i u`.
pub(crate) fn extension_weights(point: Span<K>) -> Array<K> {
    let mut table = eq_table(point).span();
    let mut weights = array![];
    while let Some(e) = table.pop_front() {
        let ue = *e * u_k();
        weights.append(*e);
        weights.append(*e * i_k());
        weights.append(ue);
        weights.append(ue * i_k());
    }
    weights
}

/// Opened leaves, in order.
#[derive(Drop)]
pub(crate) struct Leaves {
    pub(crate) hashes: Array<Hash>,
    pub(crate) folds: Array<K>,
}

/// Reads `n` leaves, each of as many words as there are weights.
///
/// # Panics
/// A word is not below `p`, or the proof ends.
pub(crate) fn read(ref wire: Wire, n: u32, weights: Array<K>) -> Leaves {
    let mut hashes = array![];
    let mut folds = array![];
    for _ in 0..n {
        let (hash, fold) = read_one(ref wire, weights.span());
        hashes.append(hash);
        folds.append(fold);
    }
    Leaves { hashes, folds }
}

/// The hash of a leaf and its fold.
fn read_one(ref wire: Wire, weights: Span<K>) -> (Hash, K) {
    let mut weights = weights;
    let mut felts = wire.felts(weights.len());
    let mut words = array![];
    let mut sum = zero_k();
    while let Some(four) = weights.multi_pop_front::<4>() {
        let [e0, e1, e2, e3] = four.unbox();
        let [f0, f1, f2, f3] = (*felts.multi_pop_front::<4>().unwrap()).unbox();
        let (w0, w1, w2, w3) = (limb(f0), limb(f1), limb(f2), limb(f3));
        words.append(upcast(w0));
        words.append(upcast(w1));
        words.append(upcast(w2));
        words.append(upcast(w3));
        sum = sum + w0.into() * e0 + w1.into() * e1 + w2.into() * e2 + w3.into() * e3;
    }
    // A table has at least four rows (`profile::check_code`).
    assert(weights.is_empty(), 'leaf: width');
    (hash_words(words.span()), sum)
}
