//! Wrong input on the command line: one clear error, exit code 1, no file.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

#[test]
fn wrong_input() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let path = |name: &str| data.join(name).to_str().expect("a plain path").to_owned();
    let (proof, key, other) = (path("lenet.proof"), path("lenet.vk"), path("mlp.vk"));
    let cases: [(&[&str], &str); 8] = [
        (&["prove"], "--vk"),
        (&["prove", "nowhere.proof", "--vk", &key, "-o", "out"], "nowhere.proof"),
        (&["prove", &proof, "--vk", "nowhere.vk", "-o", "out"], "nowhere.vk"),
        (&["prove", &proof, "--vk", &proof, "-o", "out"], "lenet.proof"),
        (&["prove", &proof, "--vk", &other, "-o", "out"], "no key for model"),
        (&["prove", &proof, "--vk", &key, "-o", "out", "--memory", "1"], "too large"),
        (&["verify", "nowhere.batch"], "nowhere.batch"),
        (&["verify", &proof], "no batch"),
    ];
    let folder = TempDir::new().expect("a folder");
    for (arguments, needle) in cases {
        let mut program = Command::new(env!("CARGO_BIN_EXE_stwo-ml-recurse"));
        let output = program.args(arguments).current_dir(&folder).output().expect("it starts");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {error}");
        assert!(error.contains(needle), "{arguments:?}: {error}");
        assert!(!error.contains("panicked"), "{error}");
        assert_eq!(folder.path().read_dir().expect("a folder").count(), 0, "{arguments:?}");
    }
}
