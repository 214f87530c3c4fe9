//! Building blocks of the verifier as functions of felts, for comparison with Rust.

use stwo_ml_verifier::channel::ChannelTrait;
use stwo_ml_verifier::field::{self, K};
use stwo_ml_verifier::merkle;
use stwo_ml_verifier::wire::WireTrait;

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

fn append(ref out: Array<felt252>, k: K) {
    out.append(k.c0.into());
    out.append(k.c1.into());
    out.append(k.c2.into());
    out.append(k.c3.into());
}
