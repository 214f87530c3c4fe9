//! Measurements: `cargo test --release -p stwo-ml-compiler speed -- --ignored --nocapture`.

use std::time::Instant;

use stwo_ml_verifier::circuit::{AffineTerm, Arg, Axis, Kind, Product, Source, View};

use super::build::{Build, Random, term, view};
use crate::execute::{check, execute};
use crate::program::Step;

fn time<T>(what: &str, f: impl Fn() -> T) -> T {
    let best = (0..5).map(|_| {
        let start = Instant::now();
        let result = f();
        (start.elapsed(), result)
    });
    let (best, result) = best.min_by_key(|(time, _)| *time).expect("five runs");
    println!("{what:<48} {:8.2} ms", best.as_secs_f64() * 1e3);
    result
}

fn window(position: u16, tap: u16) -> Axis {
    let term = |var| AffineTerm { source: Source::Var(var), stride: 1 };
    Axis::Affine { terms: vec![term(position), term(tap)], offset: -1 }
}

/// `out[o, p, q] = sum x[c, p + k - 1, q + l - 1] w[o, c, k, l]`, split by `2^12`.
fn convolution(channels: u32, features: u32, side: u32) -> Build {
    let mut random = Random(1);
    let mut build = Build::default();
    let x = build.input(&[channels, side, side]);
    let weights = random.entries((features * channels * 9) as usize, -99, 99);
    let w = build.tensor(&[features, channels, 3, 3], Kind::Model, &weights, 0);
    let out = [features, side, side];
    let (t, rem) = (build.witness(&out), build.witness(&out));
    let dims = vec![channels, side, side];
    let axes = vec![Axis::Var(3), window(1, 4), window(2, 5)];
    let product = Product {
        coef: 1,
        sum: vec![channels, 3, 3],
        a: View { tensor: x, dims, axes },
        b: view(w, &[features, channels, 3, 3], &[0, 3, 4, 5]),
    };
    let read = |tensor| view(tensor, &out, &[0, 1, 2]);
    let linear = vec![term(-4096, read(t)), term(-1, read(rem))];
    let identity = build.identity(&out, linear, vec![product]);
    build.step(Step::Split { identity, parts: vec![(t, 4096), (rem, 1)] });
    build
}

#[test]
#[ignore = "a measurement"]
fn speed_of_convolutions() {
    for (channels, features, side) in [(142, 512, 23), (64, 64, 56), (3, 64, 112)] {
        let build = convolution(channels, features, side);
        let input = vec![Random(2).entries((channels * side * side) as usize, -99, 99)];
        let macs = f64::from(channels * 9 * features * side * side) / 1e6;
        let what = format!("conv {channels}x{side}x{side} -> {features}, {macs:.0}M");
        let trace = time(&what, || execute(&build.compiled, &input).expect("a good program"));
        time("  check", || check(&build.compiled, &trace).expect("a good trace"));
    }
}

#[test]
#[ignore = "a measurement"]
fn speed_of_products() {
    for (m, k, n) in [(512, 1280, 512), (1, 4096, 4096), (64, 768, 3072)] {
        for transposed in [false, true] {
            let mut random = Random(3);
            let mut build = Build::default();
            let x = build.input(&[m, k]);
            let weights = random.entries((k * n) as usize, -99, 99);
            let (shape, vars) = if transposed { ([n, k], [1, 2]) } else { ([k, n], [2, 1]) };
            let w = build.tensor(&shape, Kind::Model, &weights, 0);
            let out = build.witness(&[m, n]);
            let (a, b) = (view(x, &[m, k], &[0, 2]), view(w, &shape, &vars));
            let product = Product { coef: 1, sum: vec![k], a, b };
            let linear = vec![term(-1, view(out, &[m, n], &[0, 1]))];
            let identity = build.identity(&[m, n], linear, vec![product]);
            let input = vec![random.entries((m * k) as usize, -99, 99)];
            let compiled = &mut build.compiled;
            let base = time("  (setting up)", || execute(compiled, &input));
            assert!(base.is_ok());
            compiled.program.steps = vec![Step::Split { identity, parts: vec![(out, 1)] }];
            let what = format!("matmul {m}x{k}x{n}, weights transposed: {transposed}");
            time(&what, || execute(&build.compiled, &input).expect("a good program"));
        }
    }
}

#[test]
#[ignore = "a measurement"]
fn speed_of_entry_by_entry_steps() {
    let n = 512;
    let mut build = Build::default();
    let (x, y, s) = (build.input(&[n, n]), build.input(&[n, n]), build.input(&[n]));
    let range = build.table(11, -1024, Some(|x| x / 2));
    let [z, v, w, max] = [(); 4].map(|()| build.witness(&[n, n]));
    let read = |tensor| view(tensor, &[n, n], &[0, 1]);
    let linear = vec![term(1, read(x)), term(-1, read(z))];
    let copy = build.identity(&[n, n], linear, vec![]);
    let linear = vec![term(3, read(x)), term(-5, read(y)), term(-16, read(v)), term(-1, read(w))];
    let split = build.identity(&[n, n], linear, vec![]);
    let product = Product { coef: 1, sum: vec![], a: read(x), b: view(s, &[n], &[1]) };
    let linear = vec![term(-4096, read(v)), term(-1, read(w))];
    let scaled = build.identity(&[n, n], linear, vec![product]);
    let lookup = build.lookup(range, Arg::tensor(z), vec![Arg::tensor(w)]);
    let row = View { axes: vec![Axis::Var(0), Axis::Fixed(0)], ..read(max) };
    let linear = vec![term(1, read(x)), term(-1, row), term(1, read(v))];
    let rows = build.identity(&[n, n], linear, vec![]);
    let mut random = Random(5);
    let mut entries = |n: u32| random.entries(n as usize, -999, 999);
    let input = vec![entries(n * n), entries(n * n), entries(n)];
    time("(setting up, 2^18 entries a tensor)", || execute(&build.compiled, &input).is_ok());
    let assign = Step::Split { identity: copy, parts: vec![(z, 1)] };
    let cases = [
        ("copy", vec![assign.clone()]),
        ("split of two terms", vec![Step::Split { identity: split, parts: vec![(v, 16), (w, 1)] }]),
        ("product", vec![Step::Split { identity: scaled, parts: vec![(v, 4096), (w, 1)] }]),
        ("copy, lookup", vec![assign, Step::Lookup { lookup }]),
        ("maximum of rows", vec![Step::Max { identity: rows, max, difference: v }]),
    ];
    for (what, steps) in cases {
        build.compiled.program.steps = steps;
        time(what, || execute(&build.compiled, &input).expect("a good program"));
    }
}
