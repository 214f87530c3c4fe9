//! Contract classes: the same each time, with the hashes that a Starknet client computes.

use std::path::{Path, PathBuf};

use starknet_rust::core::types::contract::{CompiledClass, SierraClass};
use stwo_ml_cairo::{
    ClassSizes, ContractArtifacts, Error, Felt, MAX_BYTES, MAX_FELTS, OPENING_CLASS_FILE, Options,
    Package, contract, contract_code_sizes, contracts, opening_class_source,
};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packages").join(name)
}

fn counter() -> ContractArtifacts {
    let package = Package::load(&folder("counter")).expect("a package");
    contract(&package, &Options::default()).expect("a class")
}

#[test]
fn classes_are_reproducible() {
    let (one, two) = (counter(), counter());
    assert_eq!(one.sierra_json, two.sierra_json);
    assert_eq!(one.casm_json, two.casm_json);
    assert_eq!(one.class_hash, two.class_hash);
}

#[test]
fn hashes_are_those_of_a_client() {
    let built = counter();
    let sierra: SierraClass = serde_json::from_str(&built.sierra_json).expect("a class");
    assert_eq!(sierra.class_hash().expect("a hash"), built.class_hash);
    let casm: CompiledClass = serde_json::from_str(&built.casm_json).expect("a compiled class");
    assert_eq!(casm.class_hash().expect("a hash"), built.compiled_class_hash);
    assert_eq!(sierra.sierra_program.len(), built.sizes.sierra_felts);
    assert_eq!(casm.bytecode.len(), built.sizes.casm_felts);
    assert_eq!(built.sierra_json.len(), built.sizes.json_bytes);
}

#[test]
fn code_sizes_add_up() {
    let package = Package::load(&folder("counter")).expect("a package");
    let sizes = contract_code_sizes(&package, &Options::default()).expect("sizes");
    let by_function: usize = sizes.functions.iter().map(|(_, size)| size.own).sum();
    let by_libfunc: usize = sizes.libfuncs.iter().map(|(_, felts, _)| felts).sum();
    assert_eq!(by_function, by_libfunc);
    let casm = counter().sizes.casm_felts;
    assert!(by_function <= casm && by_function * 10 > casm * 9, "{by_function} of {casm}");
    assert!(sizes.functions.iter().any(|(name, _)| name.ends_with("CounterImpl::add")));
}

#[test]
fn every_size_keeps_its_margin() {
    let good = ClassSizes {
        sierra_felts: MAX_FELTS * 85 / 100,
        casm_felts: MAX_FELTS * 85 / 100,
        json_bytes: MAX_BYTES * 85 / 100,
    };
    good.check().expect("15 % to spare");
    let (felts, bytes) = (good.casm_felts + 1, good.json_bytes + 1);
    for bad in [
        ClassSizes { sierra_felts: felts, ..good },
        ClassSizes { casm_felts: felts, ..good },
        ClassSizes { json_bytes: bytes, ..good },
    ] {
        assert!(matches!(bad.check(), Err(Error::TooLarge { .. })), "{bad}");
    }
}

#[test]
fn packages_without_a_contract_are_refused() {
    let package = Package::load(&folder("helper")).expect("a package");
    let error = contract(&package, &Options::default()).expect_err("no contract").to_string();
    assert!(error.contains("No contracts found"), "{error}");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in from.read_dir().expect("a folder") {
        let entry = entry.expect("an entry").path();
        let target = to.join(entry.file_name().expect("a name"));
        if entry.is_dir() {
            copy(&entry, &target);
        } else {
            std::fs::copy(&entry, &target).expect("a copy");
        }
    }
}

#[test]
fn the_registry_names_the_class_of_the_opening() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let scratch = tempfile::tempdir().expect("a folder");
    for package in ["corelib", "verifier", "opening", "contract"] {
        copy(&sources.join(package), &scratch.path().join(package));
    }
    std::fs::copy(sources.join("Scarb.toml"), scratch.path().join("Scarb.toml")).expect("a copy");
    let file = scratch.path().join(OPENING_CLASS_FILE);
    std::fs::write(&file, opening_class_source(Felt::ONE)).expect("a file");
    let error = contracts(scratch.path(), &Options::default()).expect_err("another class");
    let Error::OpeningClass { class_hash, .. } = error else { panic!("{error}") };
    std::fs::write(&file, opening_class_source(class_hash)).expect("a file");
    let built = contracts(scratch.path(), &Options::default()).expect("both classes");
    assert_eq!(built.opening.class_hash, class_hash);
    assert_eq!(built.hashes().lines().count(), 2);
    let name = format!("{class_hash:#x}");
    assert!(built.hashes().contains(&name[2..]));
    // The hash is a constant of the registry's program.
    assert!(built.registry.sierra_json.contains(&name));
}
