//! Verbs of the chain without a chain: each thing that is missing has its sentence, and no secret is shown.

use std::process::{Command, Output};

/// A class that no network would take, but that can be read.
const CLASS: &str = r#"{"sierra_program":["0x1","0x7","0x0"],"contract_class_version":"0.1.0",
    "entry_points_by_type":{"EXTERNAL":[],"L1_HANDLER":[],"CONSTRUCTOR":[]},"abi":[]}"#;
const CASM: &str = r#"{"prime":"0x800000000000011000000000000000000000000000000000000000000000001",
    "compiler_version":"2.0.0","bytecode":["0x1"],"hints":[],"pythonic_hints":null,
    "entry_points_by_type":{"EXTERNAL":[],"L1_HANDLER":[],"CONSTRUCTOR":[]}}"#;

fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stwo-ml"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("STWO_ML_")) {
        command.env_remove(name);
    }
    command.args(arguments).envs(environment.iter().copied()).output().expect("it starts")
}

/// Runs, and checks that it fails cleanly with a message that contains `needle` and no secret.
fn refused(arguments: &[&str], environment: &[(&str, &str)], needle: &str) {
    let output = run(arguments, environment);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {error}");
    assert!(error.contains(needle), "{arguments:?}: {error}");
    assert!(!error.contains("panicked") && !error.contains("internal error"), "{error}");
    assert!(!error.contains("5ec2e7"), "a secret is shown: {error}");
}

#[test]
fn networks_accounts_and_keys_that_are_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path.to_str().expect("a plain path").to_string()
    };
    write("contract_class.json", CLASS);
    write("compiled_contract_class.json", CASM);
    let networks = write("networks.toml", "[own]\nchain = \"SN_OWN\"\nsecret = \"5ec2e7\"\n");
    let keystore = write("key.json", "{}");
    let class = folder.path().to_str().expect("a plain path");
    let deploy = |more: &[&str], environment: &[(&str, &str)], needle: &str| {
        let all = [&["deploy", "--class", class][..], more].concat();
        refused(&all, environment, needle);
    };
    deploy(&["--network", "mainnet"], &[], "devnet, sepolia");
    deploy(&["--network", "sepolia"], &[], "--rpc");
    deploy(&["--network", "sepolia", "--rpc", "node/5ec2e7"], &[], "http(s) URL");
    let nowhere = "http://127.0.0.1:1/5ec2e7";
    let sepolia = ["--network", "sepolia", "--rpc", nowhere];
    deploy(&sepolia, &[], "--account");
    let with_account = [&sepolia[..], &["--account", "0x1"]].concat();
    deploy(&with_account, &[], "--keystore");
    deploy(&with_account, &[("STWO_ML_PRIVATE_KEY", "0x5ec2e7zz")], "STWO_ML_PRIVATE_KEY");
    deploy(&with_account, &[("STWO_ML_KEYSTORE", &keystore)], "STWO_ML_KEYSTORE_PASSWORD");
    let password = [("STWO_ML_KEYSTORE", &*keystore), ("STWO_ML_KEYSTORE_PASSWORD", "5ec2e7")];
    deploy(&with_account, &password, "key.json");
    deploy(&with_account, &[("STWO_ML_PRIVATE_KEY", "0x5ec2e7")], "no node answers");
    deploy(&["--network", "own", "--networks", &networks], &[], "networks.toml");
    deploy(&["--max-fee", "1e3"], &[], "amount of STRK");
    deploy(&["--account", "12"], &[], "0x");
    deploy(&["--private-key", "0x5ec2e7"], &[], "--private-key");
}

#[test]
fn classes_keys_and_proofs_that_are_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    let class = folder.path().to_str().expect("a plain path");
    let noise = folder.path().join("noise");
    std::fs::write(&noise, [7; 4096]).expect("a file");
    let noise = noise.to_str().expect("a plain path");
    refused(&["deploy", "--class", class], &[], "contract_class.json");
    refused(&["calldata", noise, "--vk", noise], &[], "verification key");
    refused(&["calldata", noise], &[], "--vk");
    refused(&["register", noise, "--contract", "0x1"], &[], "verification key");
    refused(&["register", noise], &[], "--contract");
    refused(&["submit", "--contract", "0x1"], &[], "--vk");
    refused(&["submit", noise, "--vk", noise, "--contract", "0x1"], &[], "verification key");
    refused(&["submit", "--calldata", noise, "--contract", "0x1"], &[], "stwo-ml calldata");
    refused(&["submit", noise, "--vk", noise, "--contract", "7"], &[], "0x");
}
