//! Batches are handed to the program that makes and verifies them.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// Says its name and its arguments, and ends with 7.
const STAND_IN: &str = "#!/bin/sh\nprintf '%s|' here \"$@\"\nexit 7\n";

struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        let bench = Self { folder: tempfile::tempdir().expect("a folder") };
        fs::create_dir(bench.path("empty")).expect("a folder");
        fs::create_dir(bench.path("bin")).expect("a folder");
        fs::copy(env!("CARGO_BIN_EXE_stwo-ml"), bench.path("bin/stwo-ml")).expect("a copy");
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn stand_in(&self, folder: &str) -> PathBuf {
        let path = self.path(folder).join("stwo-ml-recurse");
        fs::write(&path, STAND_IN).expect("a file");
        fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("permissions");
        path
    }

    /// Runs the copy, with one folder in PATH.
    fn run(&self, path: &Path, arguments: &[&str]) -> Output {
        let mut command = Command::new(self.path("bin/stwo-ml"));
        command.env("PATH", path).args(arguments).output().expect("it starts")
    }

    fn batch(&self) -> String {
        let path = self.path("x.batch");
        fs::write(&path, b"STWOMLB\x02and so on").expect("a file");
        path.to_str().expect("a plain path").to_owned()
    }
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}

fn handed_over(output: &Output, arguments: &str) {
    assert_eq!(output.status.code(), Some(7), "{}", text(output));
    assert_eq!(text(output), format!("here|{arguments}|"));
}

#[test]
fn arguments_and_exit_code_are_handed_over() {
    let bench = Bench::new();
    let (empty, batch) = (bench.path("empty"), bench.batch());
    let recurse = ["recurse", "a", "b", "--vk", "k", "-o", "out", "--dry-run"];
    // In PATH.
    bench.stand_in("empty");
    handed_over(&bench.run(&empty, &recurse), "prove|a|b|--vk|k|-o|out|--dry-run");
    // Beside the program, where it is found whatever PATH is.
    bench.stand_in("bin");
    fs::remove_file(empty.join("stwo-ml-recurse")).expect("it was there");
    handed_over(&bench.run(&empty, &recurse), "prove|a|b|--vk|k|-o|out|--dry-run");
    handed_over(&bench.run(&empty, &["recurse", "--vk", "k", "a"]), "prove|--vk|k|a");
    handed_over(&bench.run(&empty, &["recurse", "--help"]), "prove|--help");
    handed_over(&bench.run(&empty, &["verify", &batch]), &format!("verify|--|{batch}"));
    let output = bench.run(&empty, &["verify", &batch, "--json"]);
    handed_over(&output, &format!("verify|--json|--|{batch}"));
}

#[test]
fn the_program_is_missing() {
    let bench = Bench::new();
    let batch = bench.batch();
    for arguments in [&["recurse", "a", "--vk", "k", "-o", "out"][..], &["verify", &batch]] {
        let output = bench.run(&bench.path("empty"), arguments);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output).contains("scripts/patch_crates.sh && (cd recursion && cargo build"));
    }
}

#[test]
fn what_has_no_use_is_refused() {
    let bench = Bench::new();
    bench.stand_in("bin");
    let batch = bench.batch();
    for option in [["--vk", "k"], ["--model", "m"], ["--context", "1"], ["--labels", "l"]] {
        let output = bench.run(&bench.path("empty"), &["verify", &batch, option[0], option[1]]);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output).contains(&format!("{} has no use", option[0])), "{}", text(&output));
    }
    let output = bench.run(&bench.path("empty"), &["--json", "recurse", "a"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("neither --json nor --quiet"), "{}", text(&output));
}

/// Whatever is no batch goes the usual way.
#[test]
fn other_files_are_no_batches() {
    let bench = Bench::new();
    bench.stand_in("bin");
    let path = bench.path("other");
    for content in [&b""[..], b"STWOML", b"STWOMLPxxxxxxxxxxx"] {
        fs::write(&path, content).expect("a file");
        let output =
            bench.run(&bench.path("empty"), &["verify", path.to_str().expect("a plain path")]);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output).contains("--vk"), "{}", text(&output));
    }
}
