//! Bad input of every kind: one sentence that names what is wrong, exit code 1, no file left behind.

use std::path::Path;
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stwo-ml")).args(arguments).output().expect("it starts")
}

/// Runs, and checks that it fails cleanly with a message that contains `needle`.
fn refused(arguments: &[&str], needle: &str) {
    let output = run(arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {error}");
    assert!(error.contains(needle), "{arguments:?}: {error}");
    assert!(!error.contains("panicked") && !error.contains("internal error"), "{error}");
}

#[test]
fn files_that_are_missing_or_something_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path.to_str().expect("a plain path").to_string()
    };
    let noise: Vec<u8> =
        (0..4096u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let (noise, empty) = (file("noise.onnx", &noise), file("empty.onnx", b""));
    let out = folder.path().join("out.stwoml");
    let out = out.to_str().expect("a plain path");
    refused(&["inspect", "/nowhere/model.onnx"], "/nowhere/model.onnx");
    refused(&["inspect", &noise], "noise.onnx");
    refused(&["inspect", &empty], "empty.onnx");
    refused(&["setup", &noise, "--calibrate", &empty, "-o", out], "noise.onnx");
    refused(&["prove", &noise, "--input", &empty, "-o", out], "not a compiled model");
    refused(&["prove", &empty, "--input", &empty, "-o", out], "empty.onnx");
    refused(&["verify", &noise, "--vk", &noise], "verification key");
    refused(&["verify", &noise, "--model", &noise], "not a compiled model");
    refused(&["bench", "nonsense"], "MODEL=INPUT");
    assert!(!Path::new(out).exists(), "a file was left behind");
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .expect("a folder")
        .filter_map(|e| e.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(".stwo-ml-"))
        .collect();
    assert!(left.is_empty(), "temporary files were left behind: {left:?}");
}

#[test]
fn arguments_that_make_no_sense() {
    refused(&["setup", "m.onnx", "-o", "x"], "--calibrate");
    refused(
        &["setup", "m.onnx", "--calibrate", "c", "-o", "x", "--profile", "easy"],
        "conjectured-96",
    );
    let insecure = "test-insecure-blake2s";
    refused(
        &["setup", "m.onnx", "--calibrate", "c", "-o", "x", "--profile", insecure],
        "profiles are",
    );
    refused(&["verify", "p.bin"], "--vk");
    refused(&["verify", "p.bin", "--vk", "k", "--context", "xyz"], "hexadecimal");
    refused(&["setup", "m.onnx", "--calibrate", "c", "-o", "x", "--bits", "40"], "8..=16");
    refused(&["frobnicate"], "frobnicate");
}

#[test]
fn help_and_completions_are_there() {
    for arguments in [&["--help"][..], &["help", "prove"], &["completions", "bash"]] {
        let output = run(arguments);
        assert!(output.status.success());
        assert!(output.stdout.len() > 200);
    }
}
