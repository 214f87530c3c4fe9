//! Every kind of step, on values that were computed by hand.

use stwo_ml_verifier::circuit::{AffineTerm, Arg, Axis, Kind, Product, Source, View};

use super::build::{Build, term, view};
use crate::execute::{ExecuteError, Trace, check, check_bounds, execute, pad, unpad};
use crate::program::Step;

fn run(build: &Build, inputs: &[&[i32]]) -> Result<Trace, ExecuteError> {
    let inputs: Vec<Vec<i32>> = inputs.iter().map(|x| x.to_vec()).collect();
    execute(&build.compiled, &inputs)
}

/// Runs, and checks what came out.
fn good(build: &Build, inputs: &[&[i32]]) -> Trace {
    let trace = run(build, inputs).expect("a good program");
    check(&build.compiled, &trace).expect("a good trace");
    check_bounds(&build.compiled, &trace).expect("small numbers");
    trace
}

#[test]
fn padded_layout() {
    let padded = pad(&[1, 2, 3, 4, 5, 6], &[2, 3], 9).expect("six entries");
    assert_eq!(padded, [1, 2, 3, 9, 4, 5, 6, 9]);
    assert_eq!(unpad(&padded, &[2, 3]), [1, 2, 3, 4, 5, 6]);
    assert_eq!(pad(&[7], &[], 0), Some(vec![7]));
    assert_eq!(pad(&[7], &[2], 0), None);
}

#[test]
fn split_in_mixed_radix() {
    let mut build = Build::default();
    let x = build.input(&[3]);
    let [t, l, r] = [0; 3].map(|_| build.tensor(&[3], Kind::Witness, &[], 5));
    let part = |coef, tensor| term(coef, view(tensor, &[3], &[0]));
    let constant = stwo_ml_verifier::circuit::Term { coef: 2, view: None };
    let linear = vec![part(7, x), constant, part(-32, t), part(-6, l), part(-1, r)];
    let identity = build.identity(&[3], linear, vec![]);
    build.step(Step::Split { identity, parts: vec![(t, 32), (l, 6), (r, 1)] });
    let trace = good(&build, &[&[-3, 0, 100]]);
    // -19 = -32 + 13, 2, 702 = 21 * 32 + 30.
    assert_eq!(trace.values[t as usize], [-1, 0, 21, 5]);
    assert_eq!(trace.values[l as usize], [2, 0, 5, 5]);
    assert_eq!(trace.values[r as usize], [1, 2, 0, 5]);
    assert_eq!(trace.values[x as usize], [-3, 0, 100, 0]);
}

#[test]
fn concatenation_assigns_to_parts_of_an_output() {
    let mut build = Build::default();
    let (x, y) = (build.input(&[2]), build.input(&[1]));
    let out = build.tensor(&[3], Kind::Output { lo: -1000, hi: 1000 }, &[], 7);
    for (from, n, offset) in [(x, 2, 0), (y, 1, 2)] {
        let terms = vec![AffineTerm { source: Source::Var(0), stride: 1 }];
        let axes = vec![Axis::Affine { terms, offset }];
        let to = View { tensor: out, dims: vec![3], axes };
        let linear = vec![term(1, view(from, &[n], &[0])), term(-1, to)];
        let identity = build.identity(&[n], linear, vec![]);
        build.step(Step::Split { identity, parts: vec![(out, 1)] });
    }
    let trace = good(&build, &[&[4, 5], &[6]]);
    assert_eq!(trace.values[out as usize], [4, 5, 6, 0]);
}

#[test]
fn matrix_product_then_requantisation() {
    let mut build = Build::default();
    let x = build.input(&[2, 3]);
    let w = build.tensor(&[3, 2], Kind::Model, &[1, -2, 3, 4, -5, 6], 0);
    let (t, rem) = (build.witness(&[2, 2]), build.witness(&[2, 2]));
    let product = Product {
        coef: 1,
        sum: vec![3],
        a: view(x, &[2, 3], &[0, 2]),
        b: view(w, &[3, 2], &[2, 1]),
    };
    let read = |tensor| view(tensor, &[2, 2], &[0, 1]);
    let linear = vec![term(-8, read(t)), term(-1, read(rem))];
    let identity = build.identity(&[2, 2], linear, vec![product]);
    build.step(Step::Split { identity, parts: vec![(t, 8), (rem, 1)] });
    let relu = build.table(5, -16, Some(|x| x.max(0)));
    let range = build.table(3, 0, None);
    let out = build.witness(&[2, 2]);
    let key = |id| Arg::tensor(id);
    let lookup = build.lookup(relu, key(t), vec![key(out)]);
    build.lookup(range, key(rem), vec![]);
    build.step(Step::Lookup { lookup });
    let trace = good(&build, &[&[1, 2, 3, -4, 5, 6]]);
    // [[-8, 24], [-19, 64]].
    assert_eq!(trace.values[t as usize], [-1, 3, -3, 8]);
    assert_eq!(trace.values[rem as usize], [0, 0, 5, 0]);
    assert_eq!(trace.values[out as usize], [0, 3, 0, 8]);
    let circuit = build.circuit();
    let counts = &trace.values[circuit.tables[range as usize].multiplicity as usize];
    assert_eq!(*counts, [3, 0, 0, 0, 0, 1, 0, 0]);
}

#[test]
fn lookups_fill_padding_from_affine_keys() {
    let mut build = Build::default();
    let x = build.input(&[3]);
    let copy = build.tensor(&[3], Kind::Witness, &[], 2);
    let linear = vec![term(1, view(x, &[3], &[0])), term(-1, view(copy, &[3], &[0]))];
    let identity = build.identity(&[3], linear, vec![]);
    build.step(Step::Split { identity, parts: vec![(copy, 1)] });
    let table = build.table(4, -8, Some(|x| x * x));
    let out = build.witness(&[3]);
    let key = Arg { terms: vec![(-2, copy)], constant: 1 };
    let value = Arg { terms: vec![(1, out)], constant: 10 };
    let lookup = build.lookup(table, key, vec![value]);
    build.step(Step::Lookup { lookup });
    let trace = good(&build, &[&[0, 3, -1]]);
    assert_eq!(trace.values[out as usize], [1 - 10, 25 - 10, 9 - 10, 9 - 10]);
    let outside = run(&build, &[&[0, 5, 0]]);
    assert!(matches!(outside, Err(ExecuteError::Key { entry: 1, key: -9, lo: -8, hi: 7, .. })));
}

#[test]
fn floor_division() {
    let mut build = Build::default();
    let (x, d) = (build.input(&[2, 2]), build.input(&[2]));
    let (q, r) = (build.witness(&[2, 2]), build.witness(&[2, 2]));
    let read = |tensor| view(tensor, &[2, 2], &[0, 1]);
    let product = Product { coef: -2, sum: vec![], a: view(d, &[2], &[0]), b: read(q) };
    let linear = vec![term(1, read(x)), term(-1, read(r))];
    let identity = build.identity(&[2, 2], linear, vec![product]);
    build.step(Step::Divide { identity, quotient: q, remainder: r });
    let trace = good(&build, &[&[7, -7, 12, -1], &[2, 6]]);
    assert_eq!(trace.values[q as usize], [1, -2, 1, -1]);
    assert_eq!(trace.values[r as usize], [3, 1, 0, 11]);
    let zero = run(&build, &[&[7, -7, 12, -1], &[2, 0]]);
    assert!(matches!(zero, Err(ExecuteError::Divisor { entry: 2, divisor: 0, .. })));
}

#[test]
fn maximum_of_rows_and_of_windows() {
    let mut build = Build::default();
    let x = build.input(&[2, 3]);
    let (max, d) = (build.witness(&[2]), build.witness(&[2, 3]));
    let linear = vec![
        term(1, view(x, &[2, 3], &[0, 1])),
        term(-1, view(max, &[2], &[0])),
        term(1, view(d, &[2, 3], &[0, 1])),
    ];
    let identity = build.identity(&[2, 3], linear, vec![]);
    build.step(Step::Max { identity, max, difference: d });
    let trace = good(&build, &[&[3, 9, -2, -5, -7, -5]]);
    assert_eq!(trace.values[max as usize], [9, -5]);
    assert_eq!(trace.values[d as usize], [6, 0, 11, 0, 0, 2, 0, 0]);
}

#[test]
fn scales_are_the_smallest() {
    let mut build = Build::default();
    let x = build.input(&[7]);
    let u = build.tensor(&[7], Kind::Witness, &[], 3);
    build.step(Step::Scale { x, scale: u, log_bound: 3 });
    let trace = good(&build, &[&[1, 7, 8, 31, 32, 127, 128]]);
    assert_eq!(trace.values[u as usize], [0, 0, 1, 1, 2, 2, 3, 3]);
}

#[test]
fn programs_that_do_not_fit_are_errors() {
    let mut build = Build::default();
    let x = build.input(&[2]);
    let (y, z) = (build.witness(&[2]), build.witness(&[2]));
    let read = |tensor| view(tensor, &[2], &[0]);
    let identity = build.identity(&[2], vec![term(2, read(y)), term(-1, read(z))], vec![]);
    let fails = |build: &mut Build, step: Step, input: &[i32]| {
        build.compiled.program.steps = vec![step];
        run(build, &[input]).expect_err("a bad program")
    };
    let split = |tensor, radix| Step::Split { identity, parts: vec![(tensor, radix)] };
    let unsolved = fails(&mut build, split(z, 1), &[1, 2]);
    assert!(matches!(unsolved, ExecuteError::Unsolved { step: 0, tensor, .. } if tensor == y));
    for step in [
        split(z, 2),
        split(x, 1),
        split(z, 0),
        split(99, 1),
        Step::Split { identity: 9, parts: vec![] },
        Step::Divide { identity, quotient: y, remainder: z },
        Step::Lookup { lookup: 0 },
        Step::Scale { x, scale: 99, log_bound: 0 },
    ] {
        let error = fails(&mut build, step, &[1, 2]);
        let is_fault =
            matches!(error, ExecuteError::Malformed { .. } | ExecuteError::Unsolved { .. });
        assert!(is_fault, "{error}");
    }
    build.compiled.program.steps.clear();
    assert!(matches!(run(&build, &[]), Err(ExecuteError::Inputs { expected: 1, got: 0 })));
    assert!(matches!(run(&build, &[&[1]]), Err(ExecuteError::Length { expected: 2, got: 1, .. })));
    let outside = run(&build, &[&[1, 1001]]);
    assert!(matches!(outside, Err(ExecuteError::InputRange { entry: 1, value: 1001, .. })));
    let identity = build.identity(&[2], vec![term(1 << 30, read(x)), term(-1, read(z))], vec![]);
    build.step(Step::Split { identity, parts: vec![(z, 1)] });
    let overflow = run(&build, &[&[1, 2]]);
    assert!(matches!(overflow, Err(ExecuteError::Overflow { entry: 1, .. })));
}
