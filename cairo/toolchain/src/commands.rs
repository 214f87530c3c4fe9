//! The commands. Each returns whether all is well.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use stwo_ml_cairo::{
    ContractArtifacts, Formatting, OPENING_CLASS_FILE, Options, Package, Program, TestReport,
    TestStatus, Tests, format_tree, short_strings,
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

/// Builds a contract, whatever its size; tells whether it keeps the limits.
pub fn contract(args: &PackageArgs, out: Option<&Path>) -> Result<bool> {
    let package = Package::load(&args.package)?;
    let built = stwo_ml_cairo::contract_of_any_size(&package, &args.options(false))?;
    print_class(&package.name, &built);
    if let Some(folder) = out {
        write_class(folder, &built)?;
    }
    built.sizes.check()?;
    Ok(true)
}

/// Builds both classes; compares their hashes with those that are committed, or writes them.
pub fn contracts(folder: &Path, out: Option<&Path>, update: bool) -> Result<bool> {
    let options = Options { deny_warnings: true, ..Options::default() };
    if update {
        let opening = Package::load(&folder.join("opening"))?;
        let class_hash = stwo_ml_cairo::contract(&opening, &options)?.class_hash;
        let source = stwo_ml_cairo::opening_class_source(class_hash);
        write_file(&folder.join(OPENING_CLASS_FILE), &source)?;
    }
    let built = stwo_ml_cairo::contracts(folder, &options)?;
    print_class("opening", &built.opening);
    print_class("registry", &built.registry);
    if let Some(folder) = out {
        write_class(&folder.join("opening"), &built.opening)?;
        write_class(&folder.join("registry"), &built.registry)?;
    }
    let path = folder.join("class_hashes.txt");
    if update {
        write_file(&path, &built.hashes())?;
        return Ok(true);
    }
    let committed = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    if committed != built.hashes() {
        println!("{} has other hashes; --update writes it again", path.display());
    }
    Ok(committed == built.hashes())
}

fn print_class(name: &str, class: &ContractArtifacts) {
    println!("{name}: class hash {:#066x}", class.class_hash);
    println!("compiled class hash {:#066x}", class.compiled_class_hash);
    println!("{}", class.sizes);
}

fn write_class(folder: &Path, class: &ContractArtifacts) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    write_file(&folder.join("contract_class.json"), &class.sierra_json)?;
    write_file(&folder.join("compiled_contract_class.json"), &class.casm_json)
}

/// Prints which functions a contract's code consists of.
pub fn size(args: &PackageArgs, top: usize) -> Result<bool> {
    let package = Package::load(&args.package)?;
    let sizes = stwo_ml_cairo::contract_code_sizes(&package, &args.options(false))?;
    println!("felts of CASM: {}", sizes.functions.iter().map(|(_, s)| s.own).sum::<usize>());
    println!("\n{:>8} {:>13}  function", "own", "with inlined");
    for (name, size) in sizes.functions.iter().take(top) {
        println!("{:>8} {:>13}  {name}", size.own, size.with_inlined);
    }
    println!("\n{:>8} {:>13}  libfunc", "felts", "statements");
    for (name, felts, count) in sizes.libfuncs.iter().take(top) {
        println!("{felts:>8} {count:>13}  {name}");
    }
    Ok(true)
}

/// Writes a file whole or not at all.
fn write_file(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file =
        tempfile::NamedTempFile::new_in(folder).with_context(|| folder.display().to_string())?;
    std::io::Write::write_all(&mut file, text.as_bytes())?;
    file.persist(path).with_context(|| path.display().to_string())?;
    Ok(())
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
