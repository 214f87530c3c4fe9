use super::*;

fn schedule(name: &str, m: u32, w: u32) -> Result<Schedule, ScheduleError> {
    Schedule::new(&Profile::by_name(name).unwrap(), m, w)
}

#[test]
fn names_are_the_only_way_in() {
    for name in Profile::names() {
        assert_eq!(Profile::by_name(name).unwrap().name(), name);
    }
    assert!(Profile::by_name("test-insecure-blake2s").is_none());
    assert!(Profile::by_name("").is_none());
}

#[test]
fn conjectured_profiles_have_96_bits_in_sum() {
    for m in MIN_LOG_TABLE..=26 {
        for w in MIN_LOG_TABLE..=26 {
            for name in ["conjectured-96-blake2s", "conjectured-96-poseidon252", "recursive-96"] {
                let s = schedule(name, m, w).unwrap();
                assert!(s.total_bits() >= 96.0, "{m} {w}: {}", s.total_bits());
                assert_eq!(s.bits, 96);
            }
        }
    }
}

#[test]
fn queries_are_worth_what_the_agreement_says() {
    let conjectured = Profile::by_name("conjectured-96-blake2s").unwrap();
    let pinned = [(1, 909), (2, 1856), (3, 2810), (4, 3768), (5, 4728), (6, 5689), (7, 6652)];
    for (b, millibits) in pinned.into_iter().chain([(8, 7616), (9, 8581), (10, 9546)]) {
        assert_eq!(conjectured.query_millibits(b), millibits);
        let rho = (-f64::from(b)).exp2();
        let entropy = -rho * rho.log2() - (1.0 - rho) * (1.0 - rho).log2();
        let exact = -1000.0 * (rho + entropy / 31.0).log2();
        assert_eq!(millibits, exact as u32, "{b}: {exact}");
    }
    let proven = Profile::by_name("proven-blake2s").unwrap();
    for b in 1..=8 {
        let exact = 1000.0 - 1000.0 * (1.0 + (-f64::from(b)).exp2()).log2();
        assert_eq!(proven.query_millibits(b), exact as u32, "{b}: {exact}");
    }
}

#[test]
fn the_reserve_covers_the_largest_circuits() {
    use crate::circuit::{MAX_LIST, MAX_LOG_TABLE as LOG, MAX_LOG_TENSOR, MAX_TOTAL_TERMS};
    let (stack, bits) = (u128::from(LOG), u128::from(MAX_LOG_TENSOR));
    let lookups = 1u128 << (LOG - crate::lookup::POW_BITS);
    let layers = stack * stack + stack - 1;
    let identities = bits + MAX_LIST as u128 - 1;
    let products = 3 * 2 * bits;
    // A claim for each factor; out-of-domain points, linear parts and lookups are seven.
    let claims = u128::from(MAX_TOTAL_TERMS) + 7;
    assert!(lookups + layers + identities + products + claims <= RESERVED_UNITS);
}

#[test]
fn proven_profiles_state_their_bits() {
    for m in (MIN_LOG_TABLE..=26).step_by(3) {
        for w in MIN_LOG_TABLE..=26 {
            let s = schedule("proven-poseidon252", m, w).unwrap();
            assert!(s.bits >= 80 && s.total_bits() >= f64::from(s.bits), "{m} {w}");
        }
    }
}

#[test]
fn schedules_are_consistent() {
    let profiles = Profile::names().map(|n| Profile::by_name(n).unwrap());
    for p in profiles.chain([Profile::test_insecure(SuiteName::Blake2s)]) {
        for m in MIN_LOG_TABLE..=MAX_LOG_TABLE {
            for w in MIN_LOG_TABLE..=MAX_LOG_TABLE {
                let Ok(s) = Schedule::new(&p, m, w) else {
                    assert!(m.max(w) > 26, "{} {m} {w}", p.name());
                    continue;
                };
                let mut n = m.max(w);
                for level in 0..s.n_levels() {
                    let opened = s.opened(level);
                    assert_eq!(opened[0].log_size, n);
                    n -= opened[0].log_rows;
                    if level == s.join {
                        assert_eq!(opened[1].log_row(), n);
                        n += 1;
                    }
                }
                assert_eq!(n, s.log_clear);
                assert!(s.join < s.n_levels());
            }
        }
    }
}

#[test]
fn out_of_range_sizes_are_refused() {
    assert!(matches!(
        schedule("proven-blake2s", 4, 9),
        Err(ScheduleError::Size { table: 0, log_size: 4 })
    ));
    assert!(matches!(
        schedule("proven-blake2s", 9, 31),
        Err(ScheduleError::Size { table: 1, log_size: 31 })
    ));
}

#[test]
fn log2_is_accurate() {
    for x in (1u128..5000).chain([1 << 27, (1 << 28) - 1, 1 << 100]) {
        let exact = (x as f64).log2() * 1000.0;
        let got = f64::from(log2_millibits(x));
        assert!(got <= exact + 1e-6 && got > exact - 2.0, "{x}: {got} {exact}");
    }
    for x in (0..100_000).step_by(777) {
        let (exact, got) = ((f64::from(x) / 1000.0).exp2(), exp2_millibits(x) as f64);
        assert!(got >= exact * (1.0 - 1e-9) && got <= exact * 1.003 + 1.0, "{x}: {got} {exact}");
    }
}
const PINNED: [(u32, u32, u32, usize); 3] = [(17, 6, 7, 11), (12, 5, 10, 8), (11, 4, 10, 8)];

/// Compressions of Blake2s for leaves, paths and the clear table.
fn compressions(s: &Schedule) -> usize {
    let of = |c: &Code| {
        let path = c.log_domain() - c.n_queries.ilog2();
        c.n_queries * (c.leaf_width().div_ceil(16) + path as usize)
    };
    // The clear table is absorbed, 16 words at once.
    s.codes().map(of).sum::<usize>() + (1 << s.log_clear) / 4
}

#[test]
fn the_schedule_for_recursion_has_fewer_hashes() {
    for m in 10..=26 {
        for w in 10..=26 {
            let of = |name| schedule(name, m, w).unwrap();
            let (small, cheap) = (of("conjectured-96-blake2s"), of("recursive-96"));
            assert!(compressions(&cheap) <= compressions(&small), "{m} {w}");
        }
    }
    // Pinned, since a schedule is part of the protocol.
    let s = schedule("recursive-96", 17, 12).unwrap();
    let codes: Vec<_> =
        s.codes().map(|c| (c.log_size, c.log_rows, c.log_blowup, c.n_queries)).collect();
    assert_eq!(codes, PINNED);
}

/// Codes of `M`, `W` and the folded tables: variables, those of the rows, log blow-up, queries.
type Codes<'a> = &'a [(u32, u32, u32, usize)];

#[test]
fn the_schedule_for_a_chain_opens_fewer_leaves() {
    let queries = |s: &Schedule| s.codes().map(|c| c.n_queries).sum::<usize>();
    for m in 10..=26 {
        for w in 10..=26 {
            let of = |name| schedule(name, m, w).unwrap();
            let (small, cheap) = (of("conjectured-96-blake2s"), of("conjectured-96-poseidon252"));
            assert!(queries(&cheap) <= queries(&small), "{m} {w}");
            // What a prover encodes for each proof is bounded, and what is stored with a model.
            let [model, witness] = &cheap.tables;
            assert!(witness.log_blowup <= 3 || w + witness.log_blowup <= 22, "{m} {w}");
            assert!(model.log_blowup == 4 || m + model.log_blowup <= 24, "{m} {w}");
        }
    }
    // Pinned, since a schedule is part of the protocol.
    let pinned: [(u32, u32, Codes<'_>); 3] = [
        (18, 15, &[(18, 6, 6, 13), (15, 3, 7, 11), (13, 3, 5, 15), (10, 4, 8, 10)]),
        (17, 17, &[(17, 6, 7, 11), (17, 6, 5, 15), (12, 3, 6, 13), (9, 3, 8, 10)]),
        (21, 22, &[(21, 5, 4, 20), (22, 6, 3, 26), (17, 4, 5, 15), (13, 3, 5, 16), (10, 4, 8, 10)]),
    ];
    for (m, w, want) in pinned {
        let s = schedule("conjectured-96-poseidon252", m, w).unwrap();
        let codes: Vec<_> =
            s.codes().map(|c| (c.log_size, c.log_rows, c.log_blowup, c.n_queries)).collect();
        assert_eq!(codes, want, "{m} {w}");
    }
}
