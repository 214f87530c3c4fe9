//! Compiling, running, testing and profiling packages.

use std::path::{Path, PathBuf};

use stwo_ml_cairo::{Arg, Error, Felt, Options, Package, Program, TestStatus, Tests};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packages").join(name)
}

fn sample() -> Program {
    let package = Package::load(&folder("sample")).expect("a package");
    Program::compile(&package, &Options::default()).expect("a program")
}

fn felts(values: &[u32]) -> Vec<Felt> {
    values.iter().map(|&v| Felt::from(v)).collect()
}

fn array(values: &[u32]) -> Arg {
    Arg::Array(felts(values).into_iter().map(Arg::Value).collect())
}

#[test]
fn functions_return_values_and_arrays() {
    let program = sample();
    assert_eq!(program.warnings(), "");
    let sum = program.run("sums::sum", vec![array(&[1, 2, 3])]).expect("a run");
    assert_eq!(sum.result, Ok(felts(&[6])));
    let twice = program.run("sample::sums::twice", vec![array(&[1, 2, 3])]).expect("a run");
    assert_eq!(twice.result, Ok(felts(&[2, 4, 6])));
    let parts = vec![Arg::Value(5u32.into()), Arg::Value(7u32.into())];
    let split = program.run("split", parts).expect("a run");
    assert_eq!(split.result, Ok(felts(&[5, 7])));
}

#[test]
fn gas_grows_with_the_work_and_is_the_same_each_time() {
    let program = sample();
    let gas = |n: u32| {
        let run = program.run("hashes", vec![Arg::Value(n.into())]).expect("a run");
        assert!(run.result.is_ok());
        run.gas
    };
    let (ten, twenty, thirty) = (gas(10), gas(20), gas(30));
    assert_eq!(twenty - ten, thirty - twenty);
    assert!(twenty - ten > 10 * 1_000, "a permutation and its call cost more than 1,000 gas");
    assert_eq!(gas(10), ten);
}

#[test]
fn panics_and_exhausted_budgets_are_outcomes() {
    let program = sample();
    let text = |s: &str| vec![Felt::from_bytes_be_slice(s.as_bytes())];
    let unlucky = program.run("sums::sum", vec![array(&[1, 13])]).expect("a run");
    assert_eq!(unlucky.result, Err(text("sums: unlucky")));
    let n = || vec![Arg::Value(1_000u32.into())];
    let whole = program.run("hashes", n()).expect("a run");
    let short = program.run_within("hashes", n(), whole.gas as usize / 2).expect("a run");
    assert_eq!(short.result, Err(text("Out of gas")));
    assert!(short.gas <= whole.gas / 2);
}

#[test]
fn wrong_calls_are_errors() {
    let program = sample();
    let error = |name: &str, args| program.run(name, args).expect_err("no such call").to_string();
    assert!(error("product", vec![]).contains("0 functions named `product`"));
    assert!(error("um", vec![]).contains("0 functions"));
    assert!(error("sums::sum", vec![]).contains("expects arguments of size"));
    assert!(matches!(
        program.run_within("hashes", vec![Arg::Value(1u32.into())], 0),
        Err(Error::Run { .. })
    ));
}

#[test]
fn features_select_code_here_and_in_dependencies() {
    let package = Package::load(&folder("sample")).expect("a package");
    let compile = |features: &[&str], default_features: bool| {
        let features = features.iter().map(ToString::to_string).collect();
        let options = Options { features, default_features, ..Options::default() };
        Program::compile(&package, &options).expect("a program")
    };
    let has = |program: &Program, name: &str| program.run(name, vec![]).is_ok();
    let plain = compile(&[], true);
    assert!(has(&plain, "three") && !has(&plain, "four"));
    let scaled = plain.run("scaled", vec![Arg::Value(21u32.into())]).expect("a run");
    assert_eq!(scaled.result, Ok(felts(&[42])), "the dependency is built with its feature");
    assert!(!has(&compile(&[], false), "three"));
    let four = compile(&["four"], false);
    assert!(has(&four, "three") && has(&four, "four"));
    let unknown = Options { features: vec!["five".into()], ..Options::default() };
    let error = Program::compile(&package, &unknown).err().expect("no feature").to_string();
    assert!(error.contains("no feature `five`"), "{error}");
}

#[test]
fn tests_are_judged() {
    let package = Package::load(&folder("sample")).expect("a package");
    let tests = Tests::compile(&package, &Options::default()).expect("tests");
    assert_eq!(tests.names().count(), 6);
    let mut reports = Vec::new();
    tests.run("", |report| reports.push(report)).expect("runs");
    let status = |name: &str| {
        let name = format!("sample::sums::tests::{name}");
        reports.iter().find(|r| r.name == name).map(|r| r.status.clone())
    };
    let failed = |why: &str| Some(TestStatus::Failed(why.into()));
    assert_eq!(status("passes"), Some(TestStatus::Passed));
    assert_eq!(status("panics"), Some(TestStatus::Passed));
    assert_eq!(status("fails"), failed("panicked with 'sums: wrong'"));
    assert_eq!(status("does_not_panic"), failed("did not panic"));
    assert_eq!(
        status("panics_otherwise"),
        failed("panicked with 'sums: unlucky', expected 'sums: other'")
    );
    assert_eq!(status("ignored"), failed("ignored tests are not allowed"));
    assert!(reports.iter().all(|r| r.name.ends_with("ignored") || r.gas > 0));
    let mut filtered = 0;
    tests.run("panics", |_| filtered += 1).expect("runs");
    assert_eq!(filtered, 2);
}

#[test]
fn profiles_find_the_expensive_function() {
    let program = sample();
    let args = || vec![Arg::Value(200u32.into())];
    let profile = program.profile("hashes", args(), 1_000_000_000).expect("a profile");
    let run = program.run("hashes", args()).expect("a run");
    assert!(profile.total <= run.gas && profile.total * 10 > run.gas * 9, "{} gas", run.gas);
    let (name, count) = profile
        .libfuncs
        .iter()
        .find(|(name, ..)| name == "hades_permutation")
        .map(|(name, _, count)| (name.as_str(), *count))
        .expect("the permutation");
    assert_eq!((name, count), ("hades_permutation", 200));
    let of = |name: &str| profile.functions.iter().find(|(n, _)| n == name).map(|(_, gas)| *gas);
    let permute = of("sample::sums::permute").expect("a function");
    let hashes = of("sample::sums::hashes").expect("a function");
    assert!(permute.own > 200 * 491);
    assert!(hashes.with_callees >= hashes.own + permute.with_callees);
}

#[test]
fn broken_packages_are_refused_with_the_place() {
    let package = |manifest: &str, code: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("src")).expect("a folder");
        std::fs::write(folder.path().join("Scarb.toml"), manifest).expect("a file");
        std::fs::write(folder.path().join("src/lib.cairo"), code).expect("a file");
        folder
    };
    let refused = |manifest: &str, code: &str| {
        let folder = package(manifest, code);
        let corelib = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corelib/src");
        let options = Options { corelib: Some(corelib), deny_warnings: true, ..Options::default() };
        Package::load(folder.path())
            .and_then(|package| Program::compile(&package, &options))
            .err()
            .expect("a broken package")
            .to_string()
    };
    let good = "[package]\nname = \"p\"\nedition = \"2024_07\"\n";
    for (manifest, code, expected) in [
        ("[package", "", "Scarb.toml"),
        ("[workspace]\n", "", "no [package] table"),
        ("[package]\nname = \"p\"\n", "", "no edition"),
        ("[package]\nname = \"p\"\nedition = \"1999_01\"\n", "", "unknown edition `1999_01`"),
        (&format!("{good}[dependencies]\nx = \"1.0\"\n"), "", "dependency `x` has no path"),
        (&format!("{good}[dependencies]\nx = {{ path = \"nowhere\" }}\n"), "", "nowhere"),
        (&format!("{good}[dependencies]\np = {{ path = \".\" }}\n"), "", "depends on itself"),
        (&format!("{good}[cairo]\ninlining-strategy = \"x\"\n"), "", "unknown inlining strategy"),
        (good, "fn f( {", "lib.cairo:1"),
        (good, "pub fn f() -> felt252 { 1_u8 }", "lib.cairo:1:25"),
        (good, "pub fn f() { let x = 1; }", "Unused variable"),
    ] {
        let error = refused(manifest, code);
        assert!(error.contains(expected), "{expected}: {error}");
    }
    let folder = package(good, "pub fn f() {}");
    let package = Package::load(folder.path()).expect("a package");
    assert!(matches!(Program::compile(&package, &Options::default()), Err(Error::NoCorelib(_))));
}
