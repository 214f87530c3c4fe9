use crate::channel::ChannelTrait;
use crate::field::{K, unpack1};
use crate::opening::{OpeningClaim, verify};
use crate::opening_vectors::*;
use crate::profile::{Code, Schedule};
use crate::wire::WireTrait;

/// A schedule from words that no key would have.
fn schedule(words: Span<u32>) -> Schedule {
    let code = |i: u32| -> Code {
        Code {
            log_size: *words[i],
            log_rows: *words[i + 1],
            log_blowup: *words[i + 2],
            n_queries: *words[i + 3],
            extension: i >= 8,
        }
    };
    let mut folded = array![];
    let n = words.len() - 4;
    let mut i = 8;
    while i != n {
        folded.append(code(i));
        i += 4;
    }
    Schedule {
        model: code(0),
        witness: code(4),
        folded: folded.span(),
        pow_bits: *words[n],
        log_clear: *words[n + 1],
        join: *words[n + 2],
        lookup_pow_bits: *words[n + 3],
    }
}

fn run(
    parameters: Span<u32>, roots: [felt252; 2], values: [felt252; 2], proof: Span<felt252>,
) -> (OpeningClaim, felt252) {
    let [root_m, root_w] = roots;
    let [value_m, value_w] = values;
    let values = [unpack1(value_m), unpack1(value_w)];
    let [m, w] = values;
    let mut channel = ChannelTrait::new();
    channel.absorb_root(root_m);
    channel.absorb_root(root_w);
    channel.absorb_felt(crate::testing::pack2(m, w));
    let mut wire = WireTrait::new(proof);
    let claim = verify(ref channel, @schedule(parameters), roots, values, ref wire);
    wire.finish();
    (claim, channel.digest())
}

fn check_claim(
    claim: OpeningClaim, point_m: Span<felt252>, point_w: Span<felt252>, left: Span<felt252>,
) {
    let [m, w] = claim.points;
    check_point(m, point_m);
    check_point(w, point_w);
    let [factor_m, factor_w] = claim.factors;
    check_point(array![factor_m, factor_w, claim.value].span(), left);
}

fn check_point(mut point: Span<K>, mut expected: Span<felt252>) {
    assert_eq!(point.len(), expected.len());
    while let Some(coordinate) = point.pop_front() {
        assert!(*coordinate == unpack1(*expected.pop_front().unwrap()));
    }
}

#[test]
fn accepts_one_level() {
    let (claim, digest) = run(
        SMALL_PARAMETERS.span(), SMALL_ROOTS, SMALL_VALUES, SMALL_PROOF.span(),
    );
    check_claim(claim, SMALL_POINT_M.span(), SMALL_POINT_W.span(), SMALL_CLAIM.span());
    assert_eq!(digest, SMALL_END);
}

#[test]
fn accepts_a_late_join() {
    let (claim, digest) = run(LATE_PARAMETERS.span(), LATE_ROOTS, LATE_VALUES, LATE_PROOF.span());
    check_claim(claim, LATE_POINT_M.span(), LATE_POINT_W.span(), LATE_CLAIM.span());
    assert_eq!(digest, LATE_END);
}

/// An opening given on the command line, to profile.
fn profile(
    parameters: Array<u32>, roots: Array<felt252>, values: Array<felt252>, proof: Array<felt252>,
) -> felt252 {
    let (_, digest) = run(
        parameters.span(), [*roots[0], *roots[1]], [*values[0], *values[1]], proof.span(),
    );
    digest
}
