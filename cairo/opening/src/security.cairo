//! What a key must promise before it is registered: the error of a whole proof (PROTOCOL §4.3).
//!
//! Mirrors `verifier/src/profile.rs`: errors are counted in units of 2^-124, in integers, rounded
//! up.
//! The parameters come from the key; which of them a model should have, its identifier tells
//! whoever recomputes it. Here only what is too weak is kept out.

use stwo_ml_verifier::profile::{Code, CodeTrait, Schedule};

/// 96 bits in sum under the conjecture of `docs/security.md`.
pub const CONJECTURED: felt252 = 'conjectured-96-poseidon252';
/// At least 80 bits in sum by unique decoding.
pub const PROVEN: felt252 = 'proven-poseidon252';

/// Bits of proof of work of every level, and before the lookups.
const POW_BITS: u32 = 26;
const LOOKUP_POW_BITS: u32 = 16;
/// log2 of the size of the challenge field.
const FIELD_BITS: u32 = 124;
/// All that precedes the opening: 2^-102.
const RESERVED_UNITS: u128 = 0x400000;
/// Bound on the equations that one batching challenge combines.
const MAX_BATCH: u128 = 0x200;
/// One, in units of 2^-60.
const UNIT: u128 = 0x1000000000000000;
/// An error that no profile allows.
const TOO_LARGE: u128 = 0x10000000000000000;

pub mod errors {
    pub const PROFILE: felt252 = 'security: unknown profile';
    pub const WORK: felt252 = 'security: proof of work';
    pub const ERROR: felt252 = 'security: error too large';
}

/// Checks that the parameters of a key give the bits that the name of its profile promises.
///
/// # Panics
/// The profile is none of the two, the proof of work is another, or the errors add up to too much.
pub fn check(profile: felt252, schedule: @Schedule) {
    let conjectured = profile == CONJECTURED;
    assert(conjectured || profile == PROVEN, errors::PROFILE);
    assert(*schedule.pow_bits == POW_BITS, errors::WORK);
    assert(*schedule.lookup_pow_bits == LOOKUP_POW_BITS, errors::WORK);
    let target = if conjectured {
        pow2(FIELD_BITS - 96)
    } else {
        pow2(FIELD_BITS - 80)
    };
    assert(units(conjectured, schedule) <= target, errors::ERROR);
}

/// The error of a whole proof.
fn units(conjectured: bool, schedule: @Schedule) -> u128 {
    // Pairs of a list, twice; the size of a list.
    let (pairs, list) = if conjectured {
        (0x80000, 0x400)
    } else {
        (0, 1)
    };
    let mut sum = RESERVED_UNITS;
    let mut codes = array![*schedule.model, *schedule.witness];
    codes.append_span(*schedule.folded);
    for code in codes {
        sum += code.log_rows.into() * pow2(code.log_domain());
        sum += code.log_size.into() * pairs;
        sum += query_units(conjectured, code);
    }
    let n_levels: u128 = (*schedule.folded).len().into() + 1;
    sum += n_levels * MAX_BATCH * list;
    let rounds = core::cmp::max(*schedule.model.log_size, *schedule.witness.log_size) + 1;
    sum + (2 * rounds.into() + 1) * list
}

/// The error of the queries of a code, with the work before them.
fn query_units(conjectured: bool, code: Code) -> u128 {
    let work = 1000 * (FIELD_BITS - POW_BITS);
    let worth = code.n_queries * query_millibits(conjectured, code.log_blowup);
    if worth >= work {
        1
    } else {
        exp2_millibits(work - worth)
    }
}

/// What one query of a code is worth, in 1/1000 bit, rounded down.
fn query_millibits(conjectured: bool, log_blowup: u32) -> u32 {
    let (conjecture, proof) = match log_blowup {
        0 | 1 => (909, 415),
        2 => (1856, 678),
        3 => (2810, 830),
        4 => (3768, 912),
        5 => (4728, 955),
        6 => (5689, 977),
        7 => (6652, 988),
        _ => (7616, 994),
    };
    if conjectured {
        conjecture
    } else {
        proof
    }
}

/// `2^(x / 1000)` rounded up, by at most 2^-50 of it; `TOO_LARGE` from 2^60 on.
fn exp2_millibits(x: u32) -> u128 {
    let (int, mut fraction) = DivRem::div_rem(x, 1000);
    if int >= 60 {
        return TOO_LARGE;
    }
    // 2^(2^k / 1000), in units of 2^-60, rounded up.
    let mut factors = [
        0x1002d711c79a9583, 0x1005aea49e94f9c8, 0x100b5f4dd650278c, 0x1016c6b0ef54c8f0,
        0x102dadcde89e8319, 0x105bde04d778a21d, 0x10b9cb832eca9d38, 0x117c0482b3c43ec8,
        0x131b4adba928ecc9, 0x16d10057b557c0e4,
    ]
        .span();
    let mut power = UNIT;
    while fraction != 0 {
        let (half, odd) = DivRem::div_rem(fraction, 2);
        let factor = *factors.pop_front().unwrap();
        if odd == 1 {
            power = ceil_div(power * factor, UNIT);
        }
        fraction = half;
    }
    ceil_div(power, pow2(60 - int))
}

/// `a / b`, rounded up.
fn ceil_div(a: u128, b: u128) -> u128 {
    (a + b - 1) / b
}

/// `2^n`.
fn pow2(n: u32) -> u128 {
    let mut power = 1;
    for _ in 0..n {
        power *= 2;
    }
    power
}

#[cfg(test)]
mod tests {
    use stwo_ml_verifier::profile::{Code, Schedule};
    use super::{CONJECTURED, PROVEN, check, exp2_millibits, units};

    /// A schedule of codes `(log_size, log_rows, log_blowup, n_queries)`: `M`, `W`, folded ones.
    fn schedule(codes: Span<[u32; 4]>) -> Schedule {
        let mut all = array![];
        for code in codes {
            let [log_size, log_rows, log_blowup, n_queries] = *code;
            let extension = all.len() >= 2;
            all.append(Code { log_size, log_rows, log_blowup, n_queries, extension });
        }
        Schedule {
            model: *all[0],
            witness: *all[1],
            folded: all.span().slice(2, all.len() - 2),
            pow_bits: 26,
            log_clear: 6,
            join: 0,
            lookup_pow_bits: 16,
        }
    }

    /// The same with one query less of one code.
    fn weakened(codes: Span<[u32; 4]>, which: u32) -> Schedule {
        let mut weaker = array![];
        for i in 0..codes.len() {
            let [log_size, log_rows, log_blowup, n_queries] = *codes[i];
            let less = if i == which {
                1
            } else {
                0
            };
            weaker.append([log_size, log_rows, log_blowup, n_queries - less]);
        }
        schedule(weaker.span())
    }

    /// Sizes and parameters as `Schedule::new` of the Rust crate derives them.
    fn conjectured() -> Span<[u32; 4]> {
        [[20, 4, 4, 20], [22, 6, 2, 38], [17, 4, 5, 16], [13, 3, 5, 16], [10, 4, 8, 10]].span()
    }

    fn proven() -> Span<[u32; 4]> {
        [[20, 4, 4, 80], [22, 6, 2, 105], [17, 4, 4, 80], [13, 4, 4, 80], [9, 3, 4, 80]].span()
    }

    #[test]
    fn derived_parameters_are_secure() {
        check(CONJECTURED, @schedule(conjectured()));
        check(
            CONJECTURED,
            @schedule([[15, 4, 4, 19], [15, 4, 2, 39], [12, 3, 6, 13], [9, 3, 8, 10]].span()),
        );
        check(CONJECTURED, @schedule([[5, 2, 4, 19], [5, 2, 2, 39]].span()));
        check(PROVEN, @schedule(proven()));
        check(
            PROVEN,
            @schedule(
                [
                    [30, 10, 4, 79], [30, 10, 2, 106], [21, 4, 5, 76], [17, 4, 4, 80],
                    [13, 4, 4, 80], [9, 3, 4, 80],
                ]
                    .span(),
            ),
        );
    }

    #[test]
    fn the_proven_profile_reaches_96_bits_where_the_field_allows() {
        let target = 0x10000000;
        assert(units(false, @schedule(proven())) <= target, '96 bits');
        for which in 0..5_u32 {
            assert(units(false, @weakened(proven(), which)) > target, 'one query less');
        }
    }

    #[test]
    fn no_query_can_be_spared() {
        let target = 0x10000000;
        for which in 0..5_u32 {
            assert(units(true, @weakened(conjectured(), which)) > target, 'one query less');
        }
    }

    #[test]
    #[should_panic(expected: 'security: error too large')]
    fn one_query_less_is_insecure() {
        check(CONJECTURED, @weakened(conjectured(), 1));
    }

    #[test]
    #[should_panic(expected: 'security: error too large')]
    fn a_large_domain_is_insecure() {
        // 2^26 points leave 96 bits no room.
        check(CONJECTURED, @schedule([[28, 4, 2, 128], [5, 2, 2, 128]].span()));
    }

    #[test]
    #[should_panic(expected: 'security: error too large')]
    fn eighty_bits_are_the_least() {
        check(
            PROVEN,
            @schedule([[15, 5, 4, 50], [15, 5, 2, 107], [11, 3, 4, 79], [8, 2, 4, 79]].span()),
        );
    }

    #[test]
    #[should_panic(expected: 'security: proof of work')]
    fn less_work_is_refused() {
        check(CONJECTURED, @Schedule { pow_bits: 25, ..schedule(conjectured()) });
    }

    #[test]
    #[should_panic(expected: 'security: proof of work')]
    fn less_work_before_the_lookups_is_refused() {
        check(CONJECTURED, @Schedule { lookup_pow_bits: 15, ..schedule(conjectured()) });
    }

    #[test]
    #[should_panic(expected: 'security: unknown profile')]
    fn test_profiles_are_refused() {
        check('test-insecure-poseidon252', @schedule(conjectured()));
    }

    #[test]
    fn powers_of_two_are_rounded_up() {
        assert(exp2_millibits(0) == 1, '2^0');
        assert(exp2_millibits(10000) == 1024, '2^10');
        assert(exp2_millibits(1) == 2, '2^0.001');
        // 2^33.5 = 12148001999.9..
        assert(exp2_millibits(33500) == 12148002000, '2^33.5');
        // 2^59.999 = 1152122637214846866.7..
        let value = exp2_millibits(59999);
        assert(value >= 1152122637214846867 && value <= 1152122637214846867 + 1024, '2^59.999');
    }
}
