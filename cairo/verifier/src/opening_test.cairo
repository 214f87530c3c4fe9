use crate::channel::ChannelTrait;
use crate::clear::evaluate;
use crate::field::{K, ONE, TWO_248, eq_table, inner_product, pow2, unpack1};
use crate::opening::{OpeningClaim, verify};
use crate::opening_vectors::*;
use crate::profile::{Code, Schedule};
use crate::testing::{k, pack2};
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
    run_with(parameters, roots, values, roots, values, proof)
}

/// Verifies an opening with other roots and values than those that the transcript has absorbed.
fn run_with(
    parameters: Span<u32>,
    absorbed_roots: [felt252; 2],
    absorbed_values: [felt252; 2],
    roots: [felt252; 2],
    values: [felt252; 2],
    proof: Span<felt252>,
) -> (OpeningClaim, felt252) {
    let [root_m, root_w] = absorbed_roots;
    let [value_m, value_w] = absorbed_values;
    let (m, w) = (unpack1(value_m), unpack1(value_w));
    let [value_m, value_w] = values;
    let values = [unpack1(value_m), unpack1(value_w)];
    let mut channel = ChannelTrait::new();
    channel.absorb_root(root_m);
    channel.absorb_root(root_w);
    channel.absorb_felt(pack2(m, w));
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

/// `proof` with `difference` added to the felt at `index`.
fn changed(proof: Span<felt252>, index: u32, difference: felt252) -> Span<felt252> {
    let mut other = array![];
    for i in 0..proof.len() {
        other.append(*proof[i] + if i == index {
            difference
        } else {
            0
        });
    }
    other.span()
}

/// The opening of one level: 4 rounds, 16 felts in clear, a nonce, leaves of `M` (two felts each)
/// from here on, their siblings, leaves of `W`, their siblings, 5 rounds.
const NONCE: u32 = 20;
const LEAVES: u32 = 21;

fn run_small(proof: Span<felt252>) -> OpeningClaim {
    let (claim, _) = run(SMALL_PARAMETERS.span(), SMALL_ROOTS, SMALL_VALUES, proof);
    claim
}

#[test]
#[should_panic(expected: 'channel: proof of work')]
fn refuses_another_round() {
    run_small(changed(SMALL_PROOF.span(), 0, 1));
}

#[test]
#[should_panic(expected: 'channel: proof of work')]
fn refuses_another_nonce() {
    run_small(changed(SMALL_PROOF.span(), NONCE, 4));
}

#[test]
#[should_panic(expected: 'wire: nonce')]
fn refuses_a_nonce_of_65_bits() {
    run_small(changed(SMALL_PROOF.span(), NONCE, 0x10000000000000000));
}

#[test]
#[should_panic(expected: 'opening: merkle root')]
fn refuses_another_leaf() {
    run_small(changed(SMALL_PROOF.span(), LEAVES, 1));
}

/// The first limb of the second leaf felt becomes `p` or more: not the limbs of a felt.
#[test]
#[should_panic(expected: 'field: not canonical')]
fn refuses_a_leaf_of_more_than_eight_limbs() {
    run_small(changed(SMALL_PROOF.span(), LEAVES + 1, TWO_248));
}

/// The last limb of the first leaf becomes `p`.
#[test]
#[should_panic(expected: 'leaf: not canonical')]
fn refuses_p_in_a_leaf() {
    let first: u256 = (*SMALL_PROOF.span()[LEAVES]).into();
    let limb: felt252 = (first.low % 0x80000000).into();
    run_small(changed(SMALL_PROOF.span(), LEAVES, 0x7fffffff - limb));
}

/// The felt before the rounds of the tail.
#[test]
#[should_panic(expected: 'opening: merkle root')]
fn refuses_another_sibling() {
    let n = SMALL_PROOF.span().len();
    run_small(changed(SMALL_PROOF.span(), n - 6, 1));
}

#[test]
#[should_panic(expected: 'wire: proof too short')]
fn refuses_a_missing_felt() {
    let proof = SMALL_PROOF.span();
    run_small(proof.slice(0, proof.len() - 1));
}

#[test]
#[should_panic(expected: 'wire: proof too long')]
fn refuses_a_felt_more() {
    let mut proof = array![];
    proof.append_span(SMALL_PROOF.span());
    proof.append(0);
    run_small(proof.span());
}

#[test]
#[should_panic(expected: 'opening: merkle root')]
fn refuses_another_root_of_m() {
    let [root_m, root_w] = SMALL_ROOTS;
    let roots = [root_m + 1, root_w];
    run_with(
        SMALL_PARAMETERS.span(), SMALL_ROOTS, SMALL_VALUES, roots, SMALL_VALUES, SMALL_PROOF.span(),
    );
}

#[test]
#[should_panic(expected: 'opening: merkle root')]
fn refuses_another_root_of_w() {
    let [root_m, root_w] = SMALL_ROOTS;
    let roots = [root_m, root_w + 1];
    run_with(
        SMALL_PARAMETERS.span(), SMALL_ROOTS, SMALL_VALUES, roots, SMALL_VALUES, SMALL_PROOF.span(),
    );
}

/// What no check of the opening itself refuses changes the claim that is left.
#[test]
fn another_value_leaves_another_claim() {
    let [value_m, value_w] = SMALL_VALUES;
    for values in array![[value_m + 1, value_w], [value_m, value_w + 1]] {
        let (claim, _) = run_with(
            SMALL_PARAMETERS.span(),
            SMALL_ROOTS,
            SMALL_VALUES,
            SMALL_ROOTS,
            values,
            SMALL_PROOF.span(),
        );
        assert!(claim.value != unpack1(*SMALL_CLAIM.span()[2]));
    }
}

/// The last round of the tail: no challenge but the last one changes.
#[test]
fn another_last_round_leaves_another_claim() {
    let proof = SMALL_PROOF.span();
    let claim = run_small(changed(proof, proof.len() - 1, 1));
    assert!(claim.value != unpack1(*SMALL_CLAIM.span()[2]));
}

/// An opening with a commitment in the middle: its root is the third felt.
#[test]
#[should_panic(expected: 'channel: proof of work')]
fn refuses_another_root_of_a_fold() {
    run(LATE_PARAMETERS.span(), LATE_ROOTS, LATE_VALUES, changed(LATE_PROOF.span(), 3, 1));
}

#[test]
#[should_panic(expected: 'channel: proof of work')]
fn refuses_another_out_of_domain_value() {
    run(LATE_PARAMETERS.span(), LATE_ROOTS, LATE_VALUES, changed(LATE_PROOF.span(), 4, 1));
}

#[test]
#[should_panic(expected: 'clear: not canonical')]
fn refuses_p_in_the_clear_table() {
    let felts = array![pack2(ONE, ONE), pack2(ONE, ONE) + 0x7fffffff];
    evaluate(felts.span(), array![ONE, ONE].span());
}

#[test]
#[should_panic(expected: 'clear: length')]
fn refuses_a_short_clear_table() {
    evaluate(array![pack2(ONE, ONE)].span(), array![ONE, ONE].span());
}

/// `sum_b eq(x, b) table[b]` for tables of 2 to 2^5 entries.
#[test]
fn clear_tables() {
    let mut point = array![];
    let mut felts = array![];
    let mut table = array![];
    for n in 1..6_u32 {
        point.append(k(n.into() + 1000000000, 3, -7, n.into() * 99));
        let have = table.len();
        for i in have..pow2(n) {
            table.append(k(i.into(), -1, 5, 2000000000));
        }
        for i in have / 2..pow2(n) / 2 {
            felts.append(pack2(*table[2 * i], *table[2 * i + 1]));
        }
        let expected = inner_product(eq_table(point.span()).span(), table.span());
        assert!(evaluate(felts.span(), point.span()) == expected);
    }
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
