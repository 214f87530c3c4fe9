//! What happens to a model file: import, quantisation, execution, proof, verification. A clean
//! error is fine at every step before the proof; whatever gets that far must be proven.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rand::Rng;
use rand::rngs::StdRng;
use stwo::core::vcs_lifted::blake2_merkle::Blake2sMerkleChannel as Blake2s;
use stwo_ml_compiler::execute::{check, check_bounds, execute};
use stwo_ml_compiler::graph::{Array, DType};
use stwo_ml_compiler::import::{ImportOptions, Imported, import_bytes};
use stwo_ml_compiler::ports::quantise_inputs;
use stwo_ml_compiler::quantise::{QuantiseOptions, quantise};
use stwo_ml_prover::prove::{prove, setup};
use stwo_ml_verifier::profile::{Profile, SuiteName};
use stwo_ml_verifier::verify::verify;

/// How far a model came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// Refused by the import.
    Nothing,
    /// Refused after it.
    Imported,
    /// Proven and verified.
    Proven,
}

/// Largest number of entries of an input: more would only be slow.
const MAX_ENTRIES: usize = 1 << 14;

/// Runs all steps.
///
/// # Errors
/// A fault of ours: a panic, or a model that is refused later than it should be.
pub fn run(bytes: &[u8], rng: &mut StdRng) -> Result<Reached, String> {
    catch_unwind(AssertUnwindSafe(|| steps(bytes, rng))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("panic: {}", text.unwrap_or("without a message")))
    })
}

fn steps(bytes: &[u8], rng: &mut StdRng) -> Result<Reached, String> {
    let options = ImportOptions { batch_of_one: true, ..Default::default() };
    let Ok(imported) = import_bytes(bytes, &options) else { return Ok(Reached::Nothing) };
    let sizes = imported.graph.inputs.iter().map(|&id| &imported.graph.nodes[id].shape);
    if sizes.map(|shape| shape.iter().product::<usize>()).sum::<usize>() > MAX_ENTRIES {
        return Ok(Reached::Imported);
    }
    let calibration: Vec<Vec<Array>> = (0..3).map(|_| inputs(&imported, rng)).collect();
    let bounds = imported.input_bounds.iter();
    let options = QuantiseOptions {
        input_ranges: bounds.map(|b| b.map(|(lo, hi)| (lo as f64, hi as f64))).collect(),
        ..Default::default()
    };
    let Ok(compiled) = quantise(&imported.graph, &calibration, &options) else {
        return Ok(Reached::Imported);
    };
    let fault = |step: &str, e: &dyn std::fmt::Display| format!("{step}: {e}");
    let integers = quantise_inputs(&compiled, &calibration[0]).map_err(|e| fault("inputs", &e))?;
    let trace = execute(&compiled, &integers).map_err(|e| fault("execution", &e))?;
    check(&compiled, &trace).map_err(|e| fault("check", &e))?;
    check_bounds(&compiled, &trace).map_err(|e| fault("bounds", &e))?;
    let profile = Profile::test_insecure(SuiteName::Blake2s);
    let pk = setup::<Blake2s>(profile, compiled.circuit.clone(), &compiled.model)
        .map_err(|e| fault("setup", &e))?;
    let (file, _) =
        prove(&pk, &trace.values, [0; 32], &mut |_| ()).map_err(|e| fault("prove", &e))?;
    verify(&pk.vk, &file.statement, &file.proof).map_err(|e| fault("verify", &e))?;
    Ok(Reached::Proven)
}

/// Random inputs that the model may have.
fn inputs(imported: &Imported, rng: &mut StdRng) -> Vec<Array> {
    let ports = imported.graph.inputs.iter().zip(&imported.input_bounds);
    ports
        .map(|(&id, bounds)| {
            let node = &imported.graph.nodes[id];
            let n = node.shape.iter().product();
            let mut value = || match (bounds, node.dtype) {
                (Some((lo, hi)), _) => rng.random_range(*lo..=(*hi).max(*lo)) as f64,
                (None, DType::Float) => rng.random_range(-1.0..1.0),
                (None, DType::Int) => f64::from(rng.random_range(0..16)),
                (None, DType::Bool) => f64::from(u8::from(rng.random::<bool>())),
            };
            Array { shape: node.shape.clone(), data: (0..n).map(|_| value()).collect() }
        })
        .collect()
}
