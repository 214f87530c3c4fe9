//! The commands. Each returns whether all is well.

use std::path::PathBuf;

use anyhow::Result;
use stwo_ml_cairo::{
    Formatting, Package, Program, TestReport, TestStatus, Tests, format_tree, short_strings,
};

use crate::{PackageArgs, RunArgs, args};

/// Runs the tests of a package.
pub fn test(args: &PackageArgs, filter: &str) -> Result<bool> {
    let package = Package::load(&args.package)?;
    let tests = Tests::compile(&package, &args.options(true))?;
    eprint!("{}", tests.warnings());
    let (mut passed, mut failed) = (0, 0);
    tests.run(filter, |TestReport { name, status, gas, steps, seconds }| match status {
        TestStatus::Passed => {
            passed += 1;
            println!("ok    {name}  gas {gas}  steps {steps}  {seconds:.2} s");
        }
        TestStatus::Failed(why) => {
            failed += 1;
            println!("FAIL  {name}  gas {gas}  steps {steps}  {seconds:.2} s: {why}");
        }
    })?;
    println!("{}: {passed} passed, {failed} failed", package.name);
    if passed + failed == 0 {
        println!("no test has `{filter}` in its path");
    }
    Ok(failed == 0 && passed > 0)
}

/// Compiles a package.
pub fn check(args: &PackageArgs, tests: bool) -> Result<bool> {
    let package = Package::load(&args.package)?;
    let program = Program::compile(&package, &args.options(tests))?;
    eprint!("{}", program.warnings());
    println!("{}: {} functions", package.name, program.functions().count());
    Ok(true)
}

/// Runs a function.
pub fn run(args: &RunArgs) -> Result<bool> {
    let package = Package::load(&args.package.package)?;
    let program = Program::compile(&package, &args.package.options(args.tests))?;
    eprint!("{}", program.warnings());
    let outcome = program.run_within(&args.function, args::parse(&args.args)?, args.gas)?;
    match &outcome.result {
        Ok(felts) => {
            println!("returned {} felts", felts.len());
            for felt in felts {
                println!("{felt:#x}");
            }
        }
        Err(data) => println!("panicked with {}", short_strings(data)),
    }
    eprintln!("gas {}  steps {}", outcome.gas, outcome.steps);
    Ok(outcome.result.is_ok())
}

/// Profiles a run of a function.
pub fn profile(args: &RunArgs, top: usize) -> Result<bool> {
    let package = Package::load(&args.package.package)?;
    let program = Program::compile(&package, &args.package.options(args.tests))?;
    eprint!("{}", program.warnings());
    let profile = program.profile(&args.function, args::parse(&args.args)?, args.gas)?;
    let total = profile.total.max(1) as f64 / 100.0;
    println!("gas attributed: {}", profile.total);
    println!("\n{:>13} {:>6} {:>13} {:>6}  function (own, with callees)", "own", "%", "all", "%");
    for (name, gas) in profile.functions.iter().take(top) {
        let (own, all) = (gas.own as f64 / total, gas.with_callees as f64 / total);
        println!("{:>13} {own:>6.2} {:>13} {all:>6.2}  {name}", gas.own, gas.with_callees);
    }
    println!("\n{:>13} {:>6} {:>10} {:>9}  libfunc", "gas", "%", "times", "gas each");
    for (name, gas, count) in profile.libfuncs.iter().take(top) {
        let each = gas / (*count).max(1);
        println!("{gas:>13} {:>6.2} {count:>10} {each:>9}  {name}", *gas as f64 / total);
    }
    Ok(true)
}

/// Formats files, or lists those that are not formatted.
pub fn format(paths: &[PathBuf], check: bool) -> Result<bool> {
    let formatting = if check { Formatting::Check } else { Formatting::Write };
    let mut clean = true;
    for path in paths {
        for file in format_tree(path, formatting)? {
            println!("{}", file.display());
            clean = false;
        }
    }
    Ok(clean || !check)
}
