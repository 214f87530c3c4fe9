//! `setup`: from a model file to a compiled model and its verification key.

use anyhow::{Context, Result};
use serde_json::json as object;
use stwo_ml_compiler::execute::{check, execute};
use stwo_ml_compiler::graph::Array;
use stwo_ml_compiler::import::Imported;
use stwo_ml_compiler::ports::{output_deviations, outputs, quantise_inputs};
use stwo_ml_compiler::program::Compiled;
use stwo_ml_prover::cost::Stopwatch;
use stwo_ml_prover::prove::setup;

use crate::Style;
use crate::args::{Format, Setup};
use crate::commands::model;
use crate::files::Output;
use crate::inputs::top;
use crate::json;
use crate::model_file::{Model, ModelFile};
use crate::output::{Progress, bytes, millis};
use crate::suite;
use crate::with_suite;

/// Runs the verb.
pub fn run(args: &Setup, style: Style) -> Result<()> {
    let watch = Stopwatch::start();
    let vk_path = args.vk.clone().unwrap_or_else(|| args.output.with_extension("vk"));
    let (model_out, vk_out) = (Output::create(&args.output)?, Output::create(&vk_path)?);
    let progress = Progress::new(6, style.silent());
    progress.phase("import");
    let imported = model::read(&args.source)?;
    progress.phase("calibration");
    let how = args.calibration.preprocess;
    let calibration = model::calibration(&imported, &args.calibration.calibrate, how)?;
    progress.phase("quantise");
    let compiled = model::compile(&imported, &calibration, args.calibration.bits)?;

    progress.phase("check against the float model");
    let held_out = match &args.calibration.validate[..] {
        [] => None,
        paths => Some(model::calibration(&imported, paths, how)?),
    };
    let compared = held_out.as_ref().unwrap_or(&calibration);
    let agreement = compare(&imported, &compiled, compared)?;

    progress.phase("commit");
    let profile = suite::profile(&args.profile)?;
    let (id, vk_bytes, size) = with_suite!(profile.suite(), S => {
        let pk = setup::<S>(profile, compiled.circuit.clone(), &compiled.model)?;
        progress.phase("write");
        let model = Model { source: imported.digest, compiled, graph: imported.graph.clone() };
        let size = ModelFile::write(model_out, &model, &pk)?;
        let key = match Format::of(&vk_path) {
            Format::Binary => pk.vk.to_bytes(),
            Format::Json => json::write_key(&pk.vk)?,
        };
        vk_out.write(|out| out.write_all(&key))?;
        (hex::encode(pk.vk.model_id()), key.len() as u64, size)
    });
    drop(progress);

    let cost = watch.cost();
    if style.json {
        let report = object!({
            "model": args.output, "vk": vk_path, "model_id": id, "profile": args.profile,
            "source_sha256": hex::encode(imported.digest), "model_bytes": size,
            "vk_bytes": vk_bytes, "calibration_inputs": calibration.len(),
            "compared_inputs": compared.len(), "output_deviation": agreement.worst,
            "output_magnitude": agreement.magnitude, "clear_inputs": agreement.clear,
            "same_top_class": agreement.same,
            "seconds": cost.wall.as_secs_f64(), "cpu_seconds": cost.cpu.as_secs_f64(),
        });
        println!("{report}");
    } else {
        println!("model id  {id}");
        style.note(&format!("model     {} ({})", args.output.display(), bytes(size)));
        style.note(&format!("key       {} ({})", vk_path.display(), bytes(vk_bytes)));
        style.note(&format!("profile   {}", args.profile));
        style.note(&format!(
            "float     outputs within {:.2e} of the float model's (up to {:.2e}) on {} inputs; \
             same top class on {} of the {} where its margin exceeds 1 %",
            agreement.worst,
            agreement.magnitude,
            compared.len(),
            agreement.same,
            agreement.clear
        ));
        style.note(&format!("time      {}", millis(cost.wall)));
    }
    Ok(())
}

/// How the integer model compares with the float model.
#[derive(Debug, Default)]
struct Agreement {
    /// Largest deviation of an output.
    worst: f64,
    /// Largest output.
    magnitude: f64,
    /// Inputs on which the float model's two largest outputs are more than 1 % of their span apart.
    clear: usize,
    /// Those of them on which the integer model has the same largest output.
    same: usize,
}

/// Runs both models on inputs.
fn compare(imported: &Imported, compiled: &Compiled, inputs: &[Vec<Array>]) -> Result<Agreement> {
    let mut agreement = Agreement::default();
    for arrays in inputs {
        let trace = execute(compiled, &quantise_inputs(compiled, arrays)?)?;
        check(compiled, &trace).context("the integer execution violates the circuit: a bug")?;
        let float = imported.run_f32(arrays)?.outputs;
        for deviation in output_deviations(compiled, &trace, &float) {
            agreement.worst = agreement.worst.max(deviation.max);
            agreement.magnitude = agreement.magnitude.max(deviation.magnitude);
        }
        let ours = outputs(compiled, &trace);
        if let (Some(ours), Some(float)) = (ours.first(), float.first())
            && let Some((index, best)) = top(float)
        {
            let others = float.data.iter().enumerate().filter(|&(i, _)| i != index);
            let second = others.clone().map(|(_, &v)| v).fold(f64::NEG_INFINITY, f64::max);
            let least = float.data.iter().copied().fold(best, f64::min);
            if best - second > 0.01 * (best - least) {
                agreement.clear += 1;
                agreement.same += usize::from(top(ours).is_some_and(|(i, _)| i == index));
            }
        }
    }
    Ok(agreement)
}
