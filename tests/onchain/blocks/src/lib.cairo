//! Building blocks of the verifier as functions of felts, for comparison with Rust.

use stwo_ml_verifier::channel::ChannelTrait;
use stwo_ml_verifier::field::{self, K};
use stwo_ml_verifier::lookup::LeafClaim;
use stwo_ml_verifier::wire::WireTrait;
use stwo_ml_verifier::{key, layout, lookup, merkle};

/// What a transcript gives for a list of steps, each a code and its arguments: 0 absorbs a list of
/// felts, 1 a root, 2 a nonce; 3 draws an element, 4 several, 5 positions (number, log size).
pub fn transcript(mut steps: Span<felt252>) -> Array<felt252> {
    let mut out = array![];
    let mut channel = ChannelTrait::new();
    while let Some(step) = steps.pop_front() {
        let argument = *steps.pop_front().unwrap();
        if *step == 0 {
            let n: u32 = argument.try_into().unwrap();
            channel.absorb_felts(steps.slice(0, n));
            steps = steps.slice(n, steps.len() - n);
        } else if *step == 1 {
            channel.absorb_root(argument);
        } else if *step == 2 {
            channel.absorb_nonce(argument.try_into().unwrap());
        } else if *step == 3 {
            append(ref out, channel.draw());
        } else if *step == 4 {
            let mut drawn = channel.draw_many(argument.try_into().unwrap()).span();
            while let Some(k) = drawn.pop_front() {
                append(ref out, *k);
            }
        } else {
            let log_size: u32 = (*steps.pop_front().unwrap()).try_into().unwrap();
            let mut positions = channel.draw_positions(argument.try_into().unwrap(), log_size);
            while let Some(position) = positions.pop_front() {
                out.append((*position).into());
            }
        }
        out.append(channel.digest());
    }
    out
}

/// The root of a tree from hashes at positions and their siblings.
pub fn tree_root(
    depth: u32, positions: Span<u32>, hashes: Span<felt252>, siblings: Span<felt252>,
) -> felt252 {
    let mut wire = WireTrait::new(siblings);
    let root = merkle::root(ref wire, depth, positions, hashes);
    wire.finish();
    root
}

/// `a b`, `a b + c`, `a b + c a`, `a + t (b - a)` with `t = c`, `a - b`, `-a` of three elements,
/// given as the felt of two and the felt of one.
pub fn arithmetic(pair: felt252, single: felt252) -> Array<felt252> {
    let (a, b) = field::unpack2(pair);
    let c = field::unpack1(single);
    let mut out = array![];
    append(ref out, a * b);
    append(ref out, field::mul_add(a, b, c));
    append(ref out, field::mul_mul_add(a, b, c, a));
    append(ref out, field::lerp(a, b, c));
    append(ref out, a - b);
    append(ref out, -a);
    append(ref out, a + b);
    out
}

/// `eq` of two points, each coordinate as the felt of one element.
pub fn equality(x: Span<felt252>, y: Span<felt252>) -> Array<felt252> {
    let mut out = array![];
    append(ref out, field::eq(elements(x), elements(y)));
    out
}

/// The prefix weights of slots at a point, from the smallest slots on; `counts` has their number by
/// log2 size.
pub fn slot_weights(counts: Span<u32>, point: Span<felt252>) -> Array<felt252> {
    let mut out = array![];
    let mut prefixes = layout::prefixes(counts, elements(point));
    while let Some(weights) = prefixes.pop_front() {
        let mut weights = *weights;
        while let Some(weight) = weights.pop_front() {
            append(ref out, *weight);
        }
    }
    out
}

/// What the layers of the lookups leave: numerator, denominator, point. The transcript begins.
pub fn layers(n_vars: u32, proof: Span<felt252>) -> Array<felt252> {
    let mut channel = ChannelTrait::new();
    let mut wire = WireTrait::new(proof);
    let LeafClaim {
        mut point, numerator, denominator,
    } = lookup::verify(ref channel, ref wire, n_vars);
    wire.finish();
    let mut out = array![];
    append(ref out, numerator);
    append(ref out, denominator);
    while let Some(coordinate) = point.pop_front() {
        append(ref out, *coordinate);
    }
    out
}

/// What is derived from a key: its identifier, the log2 size of the stack, the out-of-domain point.
pub fn model(felts: Span<felt252>) -> Array<felt252> {
    let key = key::read(felts).unbox();
    let mut out = array![key.model_id, key.log_stack.into()];
    let mut point = key.ood_point;
    while let Some(coordinate) = point.pop_front() {
        append(ref out, *coordinate);
    }
    out
}

fn elements(mut felts: Span<felt252>) -> Span<K> {
    let mut elements = array![];
    while let Some(felt) = felts.pop_front() {
        elements.append(field::unpack1(*felt));
    }
    elements.span()
}

fn append(ref out: Array<felt252>, k: K) {
    out.append(k.c0.into());
    out.append(k.c1.into());
    out.append(k.c2.into());
    out.append(k.c3.into());
}
