//! Every lie about a small model is found, and named.

use stwo_ml_verifier::circuit::{Arg, Kind, Term};

use super::build::{Build, term, view};
use crate::execute::{CheckError, Trace, check, check_bounds, execute};
use crate::program::Step;

/// `2 x = y`, `z = y^2` by a table, `y` in a range, `out = y`; with its honest trace.
fn model() -> (Build, Trace) {
    let mut build = Build::default();
    let x = build.input(&[3]);
    let (y, z) = (build.witness(&[3]), build.witness(&[3]));
    let out = build.tensor(&[3], Kind::Output { lo: -7, hi: 7 }, &[], 0);
    let read = |tensor| view(tensor, &[3], &[0]);
    for (coef, from, to) in [(2, x, y), (1, y, out)] {
        let linear = vec![term(coef, read(from)), term(-1, read(to))];
        let identity = build.identity(&[3], linear, vec![]);
        build.step(Step::Split { identity, parts: vec![(to, 1)] });
    }
    let square = build.table(4, -8, Some(|x| x * x));
    let lookup = build.lookup(square, Arg::tensor(y), vec![Arg::tensor(z)]);
    build.step(Step::Lookup { lookup });
    let trace = execute(&build.compiled, &[vec![1, -2, 3]]).expect("a good program");
    assert_eq!(check(&build.compiled, &trace), Ok(()));
    assert_eq!(check_bounds(&build.compiled, &trace), Ok(()));
    (build, trace)
}

#[test]
fn every_changed_entry_is_found() {
    let (build, trace) = model();
    for tensor in 0..trace.values.len() {
        for entry in 0..trace.values[tensor].len() {
            let mut lie = trace.clone();
            lie.values[tensor][entry] += 1;
            assert!(check(&build.compiled, &lie).is_err(), "tensor {tensor}, entry {entry}");
        }
    }
}

#[test]
fn errors_name_what_is_violated() {
    let (build, trace) = model();
    let lie = |tensor: usize, entry: usize, value: i32| {
        let mut lie = trace.clone();
        lie.values[tensor][entry] = value;
        check(&build.compiled, &lie).expect_err("a lie")
    };
    // Tensors: x, y, z, out, the table's outputs, its multiplicities.
    let error = lie(0, 3, 1);
    assert!(matches!(error, CheckError::Public { tensor: 0, entry: 3, value: 1, .. }));
    assert!(matches!(lie(3, 0, 8), CheckError::Public { tensor: 3, entry: 0, value: 8, .. }));
    let CheckError::Identity { identity, label, index, sum, modular } = lie(1, 1, -3) else {
        panic!("an identity");
    };
    assert_eq!((identity, label.as_str(), index, sum, modular), (0, "t0, t1", vec![1], -1, false));
    // Padding is not in the box of an identity, but in the lookup.
    assert!(matches!(lie(1, 3, 8), CheckError::Key { lookup: 0, entry: 3, key: 8, .. }));
    let error = lie(2, 2, 35);
    assert!(matches!(error, CheckError::Value { lookup: 0, entry: 2, expected: 36, got: 35, .. }));
    assert!(matches!(lie(4, 0, 63), CheckError::Model { tensor: 4, entry: 0, .. }));
    let error = lie(5, 2, 1);
    assert!(matches!(error, CheckError::Multiplicity { table: 0, entry: 2, expected: 0, got: 1 }));
    let mut short = trace.clone();
    short.values[1].pop();
    let error = check(&build.compiled, &short);
    assert!(matches!(error, Err(CheckError::Layout { tensor: 1, expected: 4, got: 3, .. })));
}

#[test]
fn a_multiple_of_p_is_not_zero() {
    let p = i32::MAX;
    let mut build = Build::default();
    let y = build.witness(&[2]);
    let linear = vec![term(1, view(y, &[2], &[0])), Term { coef: 1, view: None }];
    build.identity(&[2], linear, vec![]);
    let trace = Trace { values: vec![vec![-1, p - 1]] };
    let error = check(&build.compiled, &trace);
    let is_modular = |e: &CheckError| matches!(e, CheckError::Identity { modular: true, .. });
    assert!(error.is_err_and(|e| is_modular(&e) && e.to_string().contains("multiple of p")));
    let error = check_bounds(&build.compiled, &trace);
    assert!(matches!(error, Err(CheckError::Bound { identity: 0, .. })));
}
