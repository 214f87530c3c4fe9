//! One test, from the model file to the comparison.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use stwo::core::vcs_lifted::blake2_merkle::Blake2sMerkleChannel;
use stwo_ml_compiler::execute::{check, check_bounds, execute};
use stwo_ml_compiler::graph::{Array, DType, Unsupported};
use stwo_ml_compiler::import::{ImportError, ImportOptions, Imported, import};
use stwo_ml_compiler::ports::{outputs, quantise_inputs};
use stwo_ml_compiler::program::Compiled;
use stwo_ml_compiler::quantise::{QuantiseError, QuantiseOptions, quantise};
use stwo_ml_prover::prove::{prove, setup};
use stwo_ml_verifier::circuit::Kind;
use stwo_ml_verifier::codec::ProofFile;
use stwo_ml_verifier::profile::{Profile, SuiteName};
use stwo_ml_verifier::verify::verify;

use crate::case::{Entry, arrays};
use crate::outcome::{Outcome, Tested};

/// Largest deviation of a float output, in parts of the largest expected magnitude (or of one).
/// Integer outputs are exact.
pub const TOLERANCE: f64 = 1e-2;
/// Copies of the test's input that calibration sees beside it.
const COPIES: u64 = 4;
/// Inputs drawn from the whole declared interval, which must satisfy the circuit too.
const STRESS: u64 = 2;

/// Runs one test. A panic is an [`Outcome::Error`].
pub fn test(cases: &Path, entry: &Entry) -> Tested {
    let folder = cases.join(&entry.name);
    let outcome = catch_unwind(AssertUnwindSafe(|| run(&folder).unwrap_or_else(|o| o)))
        .unwrap_or_else(|payload| {
            let text = payload.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
            Outcome::Error(format!("panic: {}", text.unwrap_or("without a message")))
        });
    Tested { name: entry.name.clone(), operator: entry.operator.clone(), outcome }
}

fn error(stage: &str) -> impl Fn(&dyn Display) -> Outcome {
    let stage = stage.to_owned();
    move |e| Outcome::Error(format!("{stage}: {e}"))
}

fn run(folder: &Path) -> Result<Outcome, Outcome> {
    let read = |prefix| arrays(folder, prefix).map_err(|e| error("read")(&e));
    let (inputs, expected) = (read("input")?, read("output")?);
    let imported = import(&folder.join("model.onnx"), &ImportOptions::default())
        .map_err(|e| refused_import(&e))?;
    imported.check_inputs(&inputs).map_err(|e| Outcome::Unsupported(e.to_string()))?;
    let calibration: Vec<_> = (0..=COPIES).map(|copy| varied(&imported, &inputs, copy)).collect();
    let options = QuantiseOptions {
        input_ranges: imported
            .input_bounds
            .iter()
            .map(|bounds| bounds.map(|(lo, hi)| (lo as f64, hi as f64)))
            .collect(),
        ..QuantiseOptions::default()
    };
    let compiled =
        quantise(&imported.graph, &calibration, &options).map_err(|e| refused_quantisation(&e))?;
    let integers =
        quantise_inputs(&compiled, &inputs).map_err(|e| Outcome::Unsupported(e.to_string()))?;
    let got = proven(&compiled, &integers)?;
    for seed in 0..STRESS {
        let drawn = drawn(&compiled, seed);
        let trace = execute(&compiled, &drawn).map_err(|e| error("execute a drawn input")(&e))?;
        check(&compiled, &trace).map_err(|e| error("check a drawn input")(&e))?;
        check_bounds(&compiled, &trace).map_err(|e| error("bounds of a drawn input")(&e))?;
    }
    let exact: Vec<bool> = imported
        .graph
        .outputs
        .iter()
        .map(|&id| imported.graph.nodes[id].dtype != DType::Float)
        .collect();
    compare(&got, &expected, &exact)
}

/// Executes, checks, proves, writes and reads the proof, verifies. Returns the real outputs.
fn proven(compiled: &Compiled, inputs: &[Vec<i32>]) -> Result<Vec<Array>, Outcome> {
    type S = Blake2sMerkleChannel;
    let trace = execute(compiled, inputs).map_err(|e| error("execute")(&e))?;
    check(compiled, &trace).map_err(|e| error("check")(&e))?;
    check_bounds(compiled, &trace).map_err(|e| error("bounds")(&e))?;
    let profile = Profile::test_insecure(SuiteName::Blake2s);
    let key = setup::<S>(profile, compiled.circuit.clone(), &compiled.model)
        .map_err(|e| error("setup")(&e))?;
    let (file, _) =
        prove(&key, &trace.values, [0; 32], &mut |_| ()).map_err(|e| error("prove")(&e))?;
    let bytes = file.to_bytes(&key.vk);
    let file = ProofFile::<S>::from_bytes(&key.vk, &bytes).map_err(|e| error("decode")(&e))?;
    verify(&key.vk, &file.statement, &file.proof).map_err(|e| error("verify")(&e))?;
    Ok(outputs(compiled, &trace))
}

/// The test's own input for copy 0, else the same scaled and with noise. Integers stay.
fn varied(imported: &Imported, inputs: &[Array], copy: u64) -> Vec<Array> {
    let mut random = Random(copy);
    let scale = 1.0 - 0.05 * copy as f64;
    let nodes = imported.graph.inputs.iter().map(|&id| &imported.graph.nodes[id]);
    nodes
        .zip(inputs)
        .map(|(node, array)| {
            let mut array = array.clone();
            if node.dtype == DType::Float && copy > 0 {
                for x in &mut array.data {
                    *x *= scale + 0.05 * (random.next() - 0.5);
                }
            }
            array
        })
        .collect()
}

/// Integers over the whole declared interval of each input, its ends more often.
fn drawn(compiled: &Compiled, seed: u64) -> Vec<Vec<i32>> {
    let mut random = Random(seed);
    let ports = compiled.inputs.iter();
    ports
        .map(|port| {
            let (lo, hi) = match compiled.circuit.tensors[port.tensor as usize].kind {
                Kind::Input { lo, hi } => (f64::from(lo), f64::from(hi)),
                _ => (0.0, 0.0),
            };
            let entry = |_| {
                let u = (1.5 * random.next() - 0.25).clamp(0.0, 1.0);
                (lo + u * (hi - lo)).round() as i32
            };
            (0..port.shape.iter().product::<usize>()).map(entry).collect()
        })
        .collect()
}

/// A fixed sequence of numbers in `0..1`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        let step = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = step.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / (1u64 << 31) as f64
    }
}

fn refused_import(e: &ImportError) -> Outcome {
    match e {
        ImportError::Unsupported(list) => unsupported(list),
        other => Outcome::Unsupported(other.to_string()),
    }
}

fn refused_quantisation(e: &QuantiseError) -> Outcome {
    match e {
        QuantiseError::Unsupported(list) => unsupported(list),
        QuantiseError::Calibration(source) => Outcome::Error(format!("{e}: {source}")),
        QuantiseError::NoCalibration => Outcome::Error(e.to_string()),
    }
}

fn unsupported(list: &[Unsupported]) -> Outcome {
    Outcome::Unsupported(list.first().map_or_else(
        || "refused without a reason".to_owned(),
        |u| format!("{}: {}", u.op, u.reason),
    ))
}

/// Compares outputs with those of ONNX.
fn compare(got: &[Array], expected: &[Array], exact: &[bool]) -> Result<Outcome, Outcome> {
    if got.len() != expected.len() {
        let text = format!("{} outputs, {} expected", got.len(), expected.len());
        return Err(Outcome::Error(text));
    }
    let mut worst = 0f64;
    for (i, ((got, expected), exact)) in got.iter().zip(expected).zip(exact).enumerate() {
        if got.shape != expected.shape {
            let text = format!("output {i}: shape {:?}, expected {:?}", got.shape, expected.shape);
            return Err(Outcome::Error(text));
        }
        if expected.data.iter().any(|x| !x.is_finite()) {
            let text = format!("output {i}: values that are not finite are expected");
            return Err(Outcome::Inaccurate(text));
        }
        let magnitude = expected.data.iter().fold(1f64, |m, x| m.max(x.abs()));
        let tolerance = if *exact { 0.0 } else { TOLERANCE };
        for (at, (g, e)) in got.data.iter().zip(&expected.data).enumerate() {
            let deviation = (g - e).abs() / magnitude;
            if deviation > tolerance {
                let text = format!("output {i}, entry {at}: {g}, expected {e}");
                return Err(Outcome::Inaccurate(text));
            }
            worst = worst.max(deviation);
        }
    }
    Ok(Outcome::Pass { deviation: worst })
}
