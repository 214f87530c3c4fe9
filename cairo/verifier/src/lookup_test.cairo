//! The layers of the lookups against their definition, on proofs that are made to fit.

use crate::channel::{Channel, ChannelTrait};
use crate::field::{K, ONE, ZERO};
use crate::lookup::{LeafClaim, verify};
use crate::testing::{k, pack2};
use crate::wire::WireTrait;

const N_VARS: u32 = 5;

/// Appends two elements to a proof.
fn push(ref proof: Array<felt252>, a: K, b: K) {
    proof.append(pack2(a, b));
}

fn lerp(a: K, b: K, t: K) -> K {
    a + t * (b - a)
}

/// A proof that is accepted: sent values are arbitrary, but for the last numerator of each layer.
/// Its leaf claim, by the formulas of PROTOCOL §5.1; `lie` is added to the numerator of layer 3.
fn proof(lie: K) -> (Array<felt252>, LeafClaim) {
    let mut channel: Channel = ChannelTrait::new();
    let mut proof = array![];
    let (mut n0, mut n1) = (k(5, 6, 7, 8), k(-5, -6, -7, -8));
    let (mut d0, mut d1) = (k(-1, 1, 2, 3), k(-1, 1, 2, 3));
    push(ref proof, n0, n1);
    push(ref proof, d0, d1);
    channel.absorb_felts(proof.span());
    let mut tau = channel.draw();
    let mut point = array![tau];
    for layer in 1..N_VARS {
        let gamma = channel.draw();
        let mut claim = lerp(n0, n1, tau) + gamma * lerp(d0, d1, tau);
        let mut next = array![];
        for rho in point {
            let h1 = k(-1 - layer.into(), 0x40000000, -1, -2);
            let h2 = claim + k(-1, -1, -1, -1);
            push(ref proof, h1, h2);
            channel.absorb_felt(pack2(h1, h2));
            let r = channel.draw();
            let h0 = claim - rho * (h1 + h2);
            claim = h0 + r * (h1 + r * h2);
            next.append(r);
        }
        d0 = ONE;
        d1 = k(-9, 1, layer.into(), -1);
        n0 = claim * claim;
        n1 = claim - n0 * d1 - gamma * d1;
        if layer == 3 {
            n1 = n1 + lie;
        }
        push(ref proof, n0, n1);
        push(ref proof, d0, d1);
        channel.absorb_felts(array![pack2(n0, n1), pack2(d0, d1)].span());
        tau = channel.draw();
        point = array![tau];
        point.append_span(next.span());
    }
    let leaf = LeafClaim {
        point: point.span(), numerator: lerp(n0, n1, tau), denominator: lerp(d0, d1, tau),
    };
    (proof, leaf)
}

fn check(lie: K) {
    let (proof, expected) = proof(lie);
    let mut channel = ChannelTrait::new();
    let mut wire = WireTrait::new(proof.span());
    let leaf = verify(ref channel, ref wire, N_VARS);
    wire.finish();
    assert!(leaf.point == expected.point);
    assert!(leaf.numerator == expected.numerator && leaf.denominator == expected.denominator);
}

#[test]
fn layers() {
    check(ZERO);
}

#[test]
#[should_panic(expected: 'lookup: sumcheck of a layer')]
fn lie_in_the_first_coordinate() {
    check(k(1, 0, 0, 0));
}

#[test]
#[should_panic(expected: 'lookup: sumcheck of a layer')]
fn lie_in_the_second_coordinate() {
    check(k(0, -1, 0, 0));
}

#[test]
#[should_panic(expected: 'lookup: sumcheck of a layer')]
fn lie_in_the_third_coordinate() {
    check(k(0, 0, 5, 0));
}

#[test]
#[should_panic(expected: 'lookup: sumcheck of a layer')]
fn lie_in_the_last_coordinate() {
    check(k(0, 0, 0, 1));
}

/// Both fractions of the root and the root's denominator.
fn root(n1: K, d1: K) {
    let mut proof = array![];
    push(ref proof, k(1, 2, 3, 4), n1);
    push(ref proof, ONE, d1);
    let mut channel = ChannelTrait::new();
    let mut wire = WireTrait::new(proof.span());
    verify(ref channel, ref wire, 1);
}

#[test]
fn root_alone() {
    root(k(-1, -2, -3, -4), ONE);
}

#[test]
#[should_panic(expected: 'lookup: fractions do not sum')]
fn fractions_that_do_not_sum() {
    root(k(-1, -2, -3, -5), ONE);
}

#[test]
#[should_panic(expected: 'lookup: a denominator vanishes')]
fn denominator_that_vanishes() {
    root(ZERO, ZERO);
}
