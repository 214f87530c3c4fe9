//! `bench`: whole models, measured here.
//!
//! Every proof is made by a process of its own (this program's `prove --json`), so that peak memory
//! is that of one proof. Medians are reported.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use stwo_ml_compiler::graph::{Array, DType, Graph, Node, Op, Unary, Window};
use stwo_ml_compiler::program::Compiled;
use stwo_ml_compiler::quantise::{QuantiseOptions, quantise};
use stwo_ml_prover::prove::setup;
use stwo_ml_verifier::profile::Profile;

use crate::Style;
use crate::args::Bench;
use crate::files::{Output, write_atomically};
use crate::model_file::{Model, ModelFile};
use crate::output::{Progress, bytes, table, thousands};
use crate::with_suite;

const PROFILES: [&str; 2] = ["conjectured-96-blake2s", "conjectured-96-poseidon252"];

/// A compiled model with an input.
struct Case {
    name: String,
    profile: String,
    model: PathBuf,
    input: PathBuf,
    preprocess: Option<String>,
}

/// Runs the verb.
pub fn run(args: &Bench, style: Style) -> Result<()> {
    let folder = tempfile::tempdir().context("no temporary folder")?;
    let mut cases = vec![];
    let references = [("MLP 784-128-10", mlp()), ("LeNet 28x28", lenet())];
    let progress =
        Progress::new((references.len() * 2 + args.models.len()) as u64 * 2, style.silent());
    for (name, (graph, input)) in references {
        progress.phase(format!("set up {name}"));
        let calibration = vec![vec![input.clone()]];
        let compiled = quantise(&graph, &calibration, &QuantiseOptions::default())?;
        let file = folder.path().join(format!("{}.json", cases.len()));
        let flat = serde_json::to_vec(&nested(&input.shape, &input.data))?;
        write_atomically(&file, |out| out.write_all(&flat))?;
        for profile in PROFILES {
            let model = folder.path().join(format!("{}.stwoml", cases.len()));
            store(&model, profile, &compiled, &graph)?;
            cases.push(Case {
                name: name.into(),
                profile: profile.into(),
                model,
                input: file.clone(),
                preprocess: None,
            });
        }
    }
    for text in &args.models {
        let Some((model, rest)) = text.split_once('=') else {
            bail!("`{text}` is not of the form MODEL=INPUT or MODEL=INPUT:PREPROCESS");
        };
        let (input, preprocess) = match rest.rsplit_once(':') {
            Some((input, how)) => (input, Some(how.to_string())),
            None => (rest, None),
        };
        let path = PathBuf::from(model);
        let suite = ModelFile::open(&path)?.suite()?;
        let name = path.file_stem().map_or(model.into(), |s| s.to_string_lossy().into_owned());
        cases.push(Case {
            name,
            profile: format!("conjectured-96-{}", crate::suite::name(suite)),
            model: path,
            input: PathBuf::from(input),
            preprocess,
        });
    }
    let mut results = vec![];
    for case in &cases {
        progress.phase(format!("{} {}", case.name, case.profile));
        let runs: Vec<Value> =
            (0..args.runs).map(|_| one(case, folder.path())).collect::<Result<_>>()?;
        let median = |pointer: &str| {
            let mut values: Vec<f64> =
                runs.iter().filter_map(|r| r.pointer(pointer)?.as_f64()).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
        };
        results.push(json!({
            "model": case.name, "profile": case.profile,
            "prove_cpu_seconds": median("/prove/cpu"), "prove_seconds": median("/prove/wall"),
            "pow_cpu_seconds": median("/proof_of_work/cpu"),
            "verify_seconds": median("/verify/wall"), "peak_memory": median("/peak_memory"),
            "felts": median("/felts"), "bytes": median("/bytes"),
            "execute_cpu_seconds": median("/parts/execute/cpu"),
            "commit_cpu_seconds": median("/parts/commit/cpu"),
            "lookups_cpu_seconds": median("/parts/lookups/cpu"),
            "identities_cpu_seconds": median("/parts/identities/cpu"),
            "opening_cpu_seconds": median("/parts/opening/cpu"),
        }));
    }
    drop(progress);
    if style.json {
        println!("{}", json!({ "runs": args.runs, "results": results }));
        return Ok(());
    }
    let number = |r: &Value, key: &str| r[key].as_f64().unwrap_or(f64::NAN);
    let rows: Vec<Vec<String>> = results
        .iter()
        .map(|r| {
            let text = |key: &str| r[key].as_str().unwrap_or_default().to_string();
            vec![
                text("model"),
                text("profile").trim_start_matches("conjectured-96-").to_string(),
                format!("{:.3} s", number(r, "prove_cpu_seconds")),
                format!("{:.3} s", number(r, "prove_seconds")),
                format!("{:.1} s", number(r, "pow_cpu_seconds")),
                bytes(number(r, "peak_memory") as u64),
                format!("{:.2} ms", 1e3 * number(r, "verify_seconds")),
                thousands(number(r, "felts") as u64),
            ]
        })
        .collect();
    let head = ["model", "suite", "prove CPU", "prove", "PoW CPU", "memory", "verify", "felts"];
    println!("{}", table(&head, &rows));
    style
        .note(&format!("medians of {} runs; proof of work is not in the prove columns", args.runs));
    Ok(())
}

/// One proof by a process of its own.
fn one(case: &Case, folder: &Path) -> Result<Value> {
    let mut command = Command::new(std::env::current_exe().context("this program's own path")?);
    command.arg("prove").arg(&case.model).arg("--input").arg(&case.input).arg("--json");
    command.arg("--output").arg(folder.join("proof.bin")).stderr(Stdio::piped());
    if let Some(how) = &case.preprocess {
        command.arg("--preprocess").arg(how);
    }
    let output = command.output().context("cannot start a process")?;
    if !output.status.success() {
        bail!("proving {} failed: {}", case.name, String::from_utf8_lossy(&output.stderr).trim());
    }
    serde_json::from_slice(&output.stdout).context("unreadable result")
}

fn store(path: &Path, profile: &str, compiled: &Compiled, graph: &Graph) -> Result<()> {
    let profile = Profile::by_name(profile).context("unknown profile")?;
    with_suite!(profile.suite(), S => {
        let pk = setup::<S>(profile, compiled.circuit.clone(), &compiled.model)?;
        let model = Model { source: [0; 32], compiled: compiled.clone(), graph: graph.clone() };
        ModelFile::write(Output::create(path)?, &model, &pk)?;
    });
    Ok(())
}

/// Row-major entries as nested JSON lists.
fn nested(shape: &[usize], data: &[f64]) -> Value {
    match shape {
        [] => json!(data.first()),
        [_] => json!(data),
        [n, rest @ ..] => {
            let size = data.len() / n.max(&1);
            Value::Array(data.chunks(size.max(1)).map(|c| nested(rest, c)).collect())
        }
    }
}

/// Builds a sequential network with fixed pseudo-random weights (uniform, scaled by fan-in).
struct Sequential {
    graph: Graph,
    state: u64,
}

impl Sequential {
    fn new(shape: &[usize]) -> Self {
        let mut graph = Graph::default();
        graph.nodes.push(node("x", Op::Input, vec![], shape));
        graph.inputs.push(0);
        Self { graph, state: 1 }
    }

    fn next(&mut self) -> f64 {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) as f64 / (1u64 << 30) as f64 - 1.0
    }

    fn random(&mut self, shape: &[usize], scale: f64) -> Array {
        let n = shape.iter().product();
        Array { shape: shape.to_vec(), data: (0..n).map(|_| self.next() * scale).collect() }
    }

    fn constant(&mut self, shape: &[usize], fan_in: usize) -> usize {
        let array = self.random(shape, (6.0 / fan_in as f64).sqrt());
        self.push("w", Op::Const(array), vec![], shape)
    }

    fn push(&mut self, name: &str, op: Op, inputs: Vec<usize>, shape: &[usize]) -> usize {
        let name = format!("{name}{}", self.graph.nodes.len());
        self.graph.nodes.push(node(&name, op, inputs, shape));
        self.graph.nodes.len() - 1
    }

    fn relu(&mut self, x: usize) -> usize {
        let shape = self.graph.nodes[x].shape.clone();
        self.push("relu", Op::Unary(Unary::Relu), vec![x], &shape)
    }

    fn dense(&mut self, x: usize, n_in: usize, n_out: usize) -> usize {
        let w = self.constant(&[n_in, n_out], n_in);
        let op = Op::Einsum { a: vec![b'n', b'i'], b: vec![b'i', b'o'], out: vec![b'n', b'o'] };
        let product = self.push("dense", op, vec![x, w], &[1, n_out]);
        let bias = self.constant(&[1, n_out], n_in);
        let add = Op::Binary(stwo_ml_compiler::graph::Binary::Add);
        self.push("bias", add, vec![product, bias], &[1, n_out])
    }

    fn conv(&mut self, x: usize, [c, o, kernel, size]: [usize; 4]) -> usize {
        let fan_in = c * kernel * kernel;
        let w = self.constant(&[o, c, kernel, kernel], fan_in);
        let bias = self.constant(&[o], fan_in);
        let window = window(kernel, 1);
        let shape = [1, o, size - kernel + 1, size - kernel + 1];
        self.push("conv", Op::Conv { window, groups: 1 }, vec![x, w, bias], &shape)
    }

    fn pool(&mut self, x: usize, c: usize, size: usize) -> usize {
        let shape = [1, c, size / 2, size / 2];
        self.push("pool", Op::MaxPool(window(2, 2)), vec![x], &shape)
    }

    fn finish(mut self, output: usize) -> (Graph, Array) {
        self.graph.outputs.push(output);
        let shape = self.graph.nodes[0].shape.clone();
        let input = self.random(&shape, 1.0);
        let data = input.data.iter().map(|v| v.abs()).collect();
        (self.graph, Array { shape, data })
    }
}

fn node(name: &str, op: Op, inputs: Vec<usize>, shape: &[usize]) -> Node {
    Node { name: name.into(), op, inputs, shape: shape.to_vec(), dtype: DType::Float }
}

fn window(kernel: usize, stride: usize) -> Window {
    Window {
        kernel: vec![kernel; 2],
        stride: vec![stride; 2],
        dilation: vec![1; 2],
        pad_before: vec![0; 2],
    }
}

/// 784-128-10 with ReLU.
fn mlp() -> (Graph, Array) {
    let mut net = Sequential::new(&[1, 784]);
    let hidden = net.dense(0, 784, 128);
    let hidden = net.relu(hidden);
    let output = net.dense(hidden, 128, 10);
    net.finish(output)
}

/// LeNet-5 with ReLU and maximum pooling, 28x28, 44,426 parameters.
fn lenet() -> (Graph, Array) {
    let mut net = Sequential::new(&[1, 1, 28, 28]);
    let x = net.conv(0, [1, 6, 5, 28]);
    let x = net.relu(x);
    let x = net.pool(x, 6, 24);
    let x = net.conv(x, [6, 16, 5, 12]);
    let x = net.relu(x);
    let x = net.pool(x, 16, 8);
    let x = net.push("flatten", Op::Reshape, vec![x], &[1, 256]);
    let x = net.dense(x, 256, 120);
    let x = net.relu(x);
    let x = net.dense(x, 120, 84);
    let x = net.relu(x);
    let output = net.dense(x, 84, 10);
    net.finish(output)
}
