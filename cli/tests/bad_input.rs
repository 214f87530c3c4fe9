//! Bad input of every kind: one sentence that names what is wrong, exit code 1, no file left behind.

mod models;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use models::{Model, npy};
use tempfile::TempDir;

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_stwo-ml"))
}

/// A folder with files, and what a refused command must leave in it: nothing.
struct Bench {
    folder: TempDir,
    files: Vec<String>,
}

impl Bench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), files: vec![] }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The path of a new file.
    fn file(&mut self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).expect("a file");
        self.files.push(name.into());
        path.to_str().expect("a plain path").to_string()
    }

    /// The path of a file that must not come to be.
    fn out(&self) -> String {
        self.path("out.stwoml").to_str().expect("a plain path").to_string()
    }

    /// Runs, and checks that it fails cleanly, with one message that contains `needle`.
    fn refused(&self, arguments: &[&str], needle: &str) {
        self.check(arguments, &program().args(arguments).output().expect("it starts"), needle);
    }

    fn check(&self, arguments: &[&str], output: &Output, needle: &str) {
        // That a proof is rejected is a result, on stdout; everything else is an error.
        let said = [&output.stdout[..], &output.stderr].concat();
        let error = String::from_utf8_lossy(&said);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {error}");
        assert!(error.contains(needle), "{arguments:?}: {error}");
        assert!(!error.contains("panicked") && !error.contains("internal error"), "{error}");
        // No cause is said twice, one after another.
        let parts: Vec<&str> = error.trim().split(": ").collect();
        assert!(parts.windows(2).all(|pair| pair[0] != pair[1]), "{error}");
        self.nothing_new();
    }

    fn nothing_new(&self) {
        let found = std::fs::read_dir(self.folder.path()).expect("a folder");
        let names = found.filter_map(|e| e.ok()?.file_name().into_string().ok());
        let new: Vec<_> = names.filter(|name| !self.files.contains(name)).collect();
        assert!(new.is_empty(), "left behind: {new:?}");
    }

    /// A compiled model `[1, 4] -> [1, 4]`, and its key.
    fn compiled(&mut self) -> (String, String) {
        let onnx = self.file("good.onnx", Model::dense().bytes());
        let input = self.file("good.npy", npy(&[1, 4], &[0.5, -1.0, 0.25, 1.0]));
        let model = self.path("good.stwoml").to_str().expect("a plain path").to_string();
        let setup = ["setup", &onnx, "--calibrate", &input, "-o", &model];
        let output = program().args(setup).output().expect("it starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        self.files.extend(["good.stwoml".into(), "good.vk".into()]);
        let key = self.path("good.vk").to_str().expect("a plain path").to_string();
        (model, key)
    }
}

fn refused(arguments: &[&str], needle: &str) {
    Bench::new().refused(arguments, needle);
}

#[test]
fn files_that_are_missing_or_something_else() {
    let mut bench = Bench::new();
    let noise: Vec<u8> =
        (0..4096u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let (noise, empty) = (bench.file("noise.onnx", noise), bench.file("empty.onnx", b""));
    let out = &bench.out();
    bench.refused(&["inspect", "/nowhere/model.onnx"], "/nowhere/model.onnx");
    bench.refused(&["inspect", &noise], "noise.onnx");
    bench.refused(&["inspect", &empty], "empty.onnx");
    bench.refused(&["setup", &noise, "--calibrate", &empty, "-o", out], "noise.onnx");
    bench.refused(&["prove", &noise, "--input", &empty, "-o", out], "not a compiled model");
    bench.refused(&["prove", &empty, "--input", &empty, "-o", out], "empty.onnx");
    bench.refused(&["verify", &noise, "--vk", &noise], "verification key");
    bench.refused(&["verify", &noise, "--model", &noise], "not a compiled model");
    bench.refused(&["verify", "/nowhere/proof", "--vk", &noise], "/nowhere/proof");
    bench.refused(&["bench", "nonsense"], "MODEL=INPUT");
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
        let output = program().args(arguments).output().expect("it starts");
        assert!(output.status.success());
        assert!(output.stdout.len() > 200);
    }
}

#[test]
fn model_files_that_are_cut_off_or_damaged() {
    let mut bench = Bench::new();
    let good = Model::dense().bytes();
    for n in [1, 7, good.len() / 4, good.len() / 2, good.len() - 3] {
        let cut = bench.file("cut.onnx", &good[..n]);
        bench.refused(&["inspect", &cut], "cannot import");
    }
    let mut damaged = good;
    let middle = damaged.len() / 2;
    damaged[middle..].iter_mut().for_each(|b| *b ^= 0x5a);
    let damaged = bench.file("damaged.onnx", damaged);
    bench.refused(&["inspect", &damaged], "damaged.onnx");
}

#[test]
fn models_that_are_not_supported() {
    let mut bench = Bench::new();
    let mut check = |model: Model, needle: &str| {
        let path = bench.file("model.onnx", model.bytes());
        bench.refused(&["inspect", &path], needle);
    };
    check(Model::dense().with_op("NonMaxSuppression"), "NonMaxSuppression");
    check(Model::dense().with_op("NoSuchOperation"), "NoSuchOperation");
    // Strings are an element type that no circuit has.
    check(Model::dense().with_input_type(8), "input x: element type");
    check(Model::dense().with_dimension(1, "N"), "dimension 1 (N) is dynamic");
    check(Model::dense().without_shape(), "gives no shape");
    check(Model::dense().with_weights_shape(&[5, 4]), "model.onnx");
    let path = bench.file("model.onnx", Model::dense().with_dimension(1, "N").bytes());
    bench.refused(&["inspect", &path, "--shape", "M=4"], "no input or dimension \"M\"");
    bench.refused(&["inspect", &path, "--shape", "N=four"], "not NAME=VALUE");
    bench.refused(&["inspect", &path, "--shape", "x=1x4x4"], "input x: the model has shape");
}

#[test]
fn calibration_inputs_that_do_not_fit() {
    let mut bench = Bench::new();
    let onnx = bench.file("model.onnx", Model::dense().bytes());
    let out = bench.out();
    let mut check = |name: &str, content: Vec<u8>, needle: &str| {
        let input = bench.file(name, content);
        bench.refused(&["setup", &onnx, "--calibrate", &input, "-o", &out], needle);
    };
    let good = [0.5f32, -1.0, 0.25, 1.0];
    check("short.npy", npy(&[1, 3], &good[..3]), "expected shape [1, 4], got [1, 3]");
    check("flat.npy", npy(&[4], &good), "expected shape [1, 4], got [4]");
    check("nan.npy", npy(&[1, 4], &[0.0, f32::NAN, 0.0, 0.0]), "not a finite number");
    check("inf.npy", npy(&[1, 4], &[0.0, 0.0, f32::INFINITY, 0.0]), "not a finite number");
    check("cut.npy", npy(&[1, 4], &good)[..70].to_vec(), "cut.npy");
    check("text.json", b"[[1, 2, 3, \"four\"]]".to_vec(), "\"four\" is not a number");
    check("huge.json", b"[[1, 2, 3, 1e999]]".to_vec(), "huge.json");
    check("ragged.json", b"[[1, 2, 3], 4]".to_vec(), "a number where a list is expected");
    check("input.txt", b"1 2 3 4".to_vec(), ".npy, .npz or .json");
    check("strange.json", br#"{"y": [[1, 2, 3, 4]]}"#.to_vec(), "no such input");
    let folder = bench.path("nothing");
    std::fs::create_dir(&folder).expect("a folder");
    bench.files.push("nothing".into());
    let folder = folder.to_str().expect("a plain path");
    bench.refused(&["setup", &onnx, "--calibrate", folder, "-o", &out], "the folder is empty");
}

#[test]
fn inputs_and_proofs_that_do_not_fit() {
    let mut bench = Bench::new();
    let (model, key) = bench.compiled();
    let out = bench.out();
    let mut check = |name: &str, content: Vec<u8>, needle: &str| {
        let input = bench.file(name, content);
        bench.refused(&["prove", &model, "--input", &input, "-o", &out], needle);
    };
    check("short.npy", npy(&[1, 3], &[0.0; 3]), "shape [1, 3]");
    check("nan.npy", npy(&[1, 4], &[f32::NAN; 4]), "not a finite number");
    check("inf.npy", npy(&[1, 4], &[f32::NEG_INFINITY; 4]), "not a finite number");
    check("two.json", br#"{"x": [[1, 2, 3, 4]], "y": [1]}"#.to_vec(), "no such input");
    let input = bench.path("good.npy").to_str().expect("a plain path").to_string();
    let labels = bench.file("labels", b"\xff\xfe");
    bench.refused(&["prove", &model, "--input", &input, "--labels", &labels, "-o", &out], "labels");
    bench.refused(&["verify", &key, "--vk", &key], "not a proof");
    // A compiled model that is cut off, in its header, in its description, in its table.
    let whole = std::fs::read(&model).expect("a model");
    for n in [0, 40, 100, whole.len() / 2, whole.len() - 1] {
        let cut = bench.file("cut.stwoml", &whole[..n]);
        bench.refused(&["prove", &cut, "--input", &input, "-o", &out], "cut.stwoml");
    }
}

#[test]
fn outputs_that_cannot_be_written() {
    let mut bench = Bench::new();
    let (model, _) = bench.compiled();
    let input = bench.path("good.npy").to_str().expect("a plain path").to_string();
    let prove = |out: &str, needle: &str| {
        bench.refused(&["prove", &model, "--input", &input, "-o", out], needle);
    };
    prove("/nowhere/proof", "cannot write /nowhere/proof: No such file or directory");
    prove(bench.folder.path().to_str().expect("a plain path"), "it is a folder");
    prove("/proc/proof", "cannot write /proc/proof");
    // A device without room.
    prove("/dev/full", "cannot write /dev/full: No space left on device");
    assert!(std::fs::metadata("/dev/full").is_ok_and(|m| !m.is_file()), "a device was replaced");
    let onnx = bench.path("good.onnx").to_str().expect("a plain path").to_string();
    let setup = ["setup", &onnx, "--calibrate", &input, "-o", "/nowhere/model"];
    bench.refused(&setup, "cannot write /nowhere/model");
    bench.refused(&["inspect", &onnx, "--html", "/nowhere/page"], "cannot write /nowhere/page");
}

/// A limit on the size of files stands for a disk that is full after a while.
#[test]
fn outputs_that_end_halfway() {
    let mut bench = Bench::new();
    let (model, _) = bench.compiled();
    let input = bench.path("good.npy").to_str().expect("a plain path").to_string();
    let onnx = bench.path("good.onnx").to_str().expect("a plain path").to_string();
    let out = bench.out();
    for arguments in [
        &["prove", &model, "--input", &input, "-o", &out][..],
        &["setup", &onnx, "--calibrate", &input, "-o", &out],
    ] {
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -f 8; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_stwo-ml")]);
        let output = shell.args(arguments).output().expect("it starts");
        bench.check(arguments, &output, &format!("cannot write {out}: File too large"));
    }
}

#[test]
fn interrupted_runs_leave_nothing() {
    let mut bench = Bench::new();
    let (model, _) = bench.compiled();
    let input = bench.path("good.npy").to_str().expect("a plain path").to_string();
    let out = bench.out();
    for signal in ["INT", "TERM"] {
        let mut child = program()
            .args(["prove", &model, "--input", &input, "-o", &out])
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("it starts");
        // Once the temporary file is there, the proof is being made: seconds of proof of work.
        let begun = || temporary(bench.folder.path());
        while !begun() && child.try_wait().expect("a child").is_none() {
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        let kill = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status();
        assert!(kill.expect("kill is there").success());
        let output = child.wait_with_output().expect("it ends");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.code().is_some_and(|code| code > 128),
            "{:?}: {error}",
            output.status
        );
        assert!(error.contains("interrupted"), "{error}");
        bench.nothing_new();
    }
}

fn temporary(folder: &Path) -> bool {
    let mut names = std::fs::read_dir(folder).expect("a folder").filter_map(Result::ok);
    names.any(|e| e.file_name().to_string_lossy().starts_with(".stwo-ml-"))
}

#[test]
fn the_cause_is_said_once() {
    let output = program().args(["inspect", "/nowhere/model.onnx"]).output().expect("it starts");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(error.matches("No such file or directory").count(), 1, "{error}");
}
