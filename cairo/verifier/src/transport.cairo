//! The layers of the lookups, an opening, and what they leave as felts, for a call from one class
//! to another. Elements of `K`
//! are felts of a K-list of one; nothing is checked that the functions on the other side check
//! again.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::upcast;
use crate::channel::Channel;
use crate::field::{K, unpack1};
use crate::lookup::{LeafClaim, n_felts};
use crate::opening::OpeningClaim;
use crate::verify::{Layers, LayersEnd, Opening};
use crate::wire::{Wire, WireTrait};

/// Layers as felts: transcript, size, their part of the proof. The number of felts comes first.
pub fn write_layers(layers: Layers) -> Array<felt252> {
    let Layers { channel, log_stack, wire } = layers;
    let (of_layers, _) = split(wire, log_stack);
    let mut felts = array![
        of_layers.len().into() + 3, channel.digest, channel.n_draws, log_stack.into(),
    ];
    append(ref felts, of_layers);
    felts
}

/// Reads what [`write_layers`] wrote, without the number.
///
/// # Panics
/// There are too few felts, or one is not what it should be.
pub fn read_layers(felts: Span<felt252>) -> Layers {
    let mut wire = WireTrait::new(felts);
    let channel = Channel { digest: wire.felt(), n_draws: wire.felt() };
    let log_stack = wire.felt().try_into().expect('transport: number');
    Layers { channel, log_stack, wire }
}

/// What layers leave as felts: transcript, fraction, point.
pub fn write_layers_end(end: LayersEnd) -> Array<felt252> {
    let LayersEnd { channel, leaf, .. } = end;
    let LeafClaim { point, numerator, denominator } = leaf;
    let mut felts = array![channel.digest, channel.n_draws, pack1(numerator), pack1(denominator)];
    for coordinate in point {
        felts.append(pack1(*coordinate));
    }
    felts
}

/// Reads what [`write_layers_end`] wrote of `layers`.
///
/// # Panics
/// There are too few felts, or one is not what it should be.
pub fn read_layers_end(layers: Layers, felts: Span<felt252>) -> LayersEnd {
    let (_, rest) = split(layers.wire, layers.log_stack);
    let mut wire = WireTrait::new(felts);
    let channel = Channel { digest: wire.felt(), n_draws: wire.felt() };
    let (numerator, denominator) = (unpack1(wire.felt()), unpack1(wire.felt()));
    let leaf = LeafClaim { point: coordinates(wire.rest), numerator, denominator };
    LayersEnd { channel, leaf, wire: Wire { rest } }
}

/// What is left of a proof, parted after the layers of the lookups.
fn split(wire: Wire, log_stack: u32) -> (Span<felt252>, Span<felt252>) {
    let rest = wire.rest;
    let n = n_felts(log_stack);
    assert(n <= rest.len(), 'wire: proof too short');
    (rest.slice(0, n), rest.slice(n, rest.len() - n))
}

/// An opening as felts: transcript, roots, values, parameters, the rest of the proof. Their number
/// comes first, so that they are an argument of type `Span<felt252>`.
pub fn write_opening(opening: Opening) -> Array<felt252> {
    let Opening { channel, n_words, parameters, roots, values, wire } = opening;
    let [root_m, root_w] = roots;
    let [value_m, value_w] = values;
    let n_felts = 8 + parameters.len() + wire.rest.len();
    let mut felts = array![
        n_felts.into(), channel.digest, channel.n_draws, root_m, root_w, pack1(value_m),
        pack1(value_w), n_words.into(), parameters.len().into(),
    ];
    append(ref felts, parameters);
    append(ref felts, wire.rest);
    felts
}

/// Reads what [`write_opening`] wrote, without the number.
///
/// # Panics
/// There are too few felts, or one is not what it should be.
pub fn read_opening(felts: Span<felt252>) -> Opening {
    let mut wire = WireTrait::new(felts);
    let channel = Channel { digest: wire.felt(), n_draws: wire.felt() };
    let roots = [wire.felt(), wire.felt()];
    let values = [unpack1(wire.felt()), unpack1(wire.felt())];
    let n_words = wire.felt().try_into().expect('transport: number');
    let n_parameters = wire.felt().try_into().expect('transport: number');
    let parameters = wire.felts(n_parameters);
    Opening { channel, n_words, parameters, roots, values, wire: Wire { rest: wire.rest } }
}

/// A claim as felts: factors, value, number of coordinates of the first point, both points.
pub fn write_claim(claim: OpeningClaim) -> Array<felt252> {
    let OpeningClaim { points, factors, value } = claim;
    let [point_m, point_w] = points;
    let [factor_m, factor_w] = factors;
    let mut felts = array![pack1(factor_m), pack1(factor_w), pack1(value), point_m.len().into(),];
    for coordinate in point_m {
        felts.append(pack1(*coordinate));
    }
    for coordinate in point_w {
        felts.append(pack1(*coordinate));
    }
    felts
}

/// Reads what [`write_claim`] wrote.
///
/// # Panics
/// There are too few felts, or one is not what it should be.
pub fn read_claim(felts: Span<felt252>) -> OpeningClaim {
    let mut wire = WireTrait::new(felts);
    let factors = [unpack1(wire.felt()), unpack1(wire.felt())];
    let value = unpack1(wire.felt());
    let n_model = wire.felt().try_into().expect('transport: number');
    let point_m = coordinates(wire.felts(n_model));
    let point_w = coordinates(wire.rest);
    OpeningClaim { points: [point_m, point_w], factors, value }
}

fn coordinates(mut felts: Span<felt252>) -> Span<K> {
    let mut point = array![];
    while let Some(felt) = felts.pop_front() {
        point.append(unpack1(*felt));
    }
    point.span()
}

/// Appends a span, eight felts at a time.
fn append(ref felts: Array<felt252>, mut more: Span<felt252>) {
    while let Some(chunk) = more.multi_pop_front::<8>() {
        let [f0, f1, f2, f3, f4, f5, f6, f7] = chunk.unbox();
        felts.append(f0);
        felts.append(f1);
        felts.append(f2);
        felts.append(f3);
        felts.append(f4);
        felts.append(f5);
        felts.append(f6);
        felts.append(f7);
    }
    while let Some(felt) = more.pop_front() {
        felts.append(*felt);
    }
}

/// The felt that [`unpack1`] reads.
fn pack1(k: K) -> felt252 {
    let K { c0, c1, c2, c3 } = k;
    let (c0, c1): (felt252, felt252) = (upcast(c0), upcast(c1));
    let (c2, c3): (felt252, felt252) = (upcast(c2), upcast(c3));
    // Four limbs of 31 bits below a leading one.
    (((0x80000000 + c0) * 0x80000000 + c1) * 0x80000000 + c2) * 0x80000000 + c3
}
