//! `setup`: from a model file to a compiled model and its verification key.

use anyhow::{Context, Result};
use serde_json::json;
use stwo_ml_compiler::execute::{check, execute};
use stwo_ml_compiler::ports::{output_deviations, quantise_inputs};
use stwo_ml_prover::cost::Stopwatch;
use stwo_ml_prover::prove::setup;

use crate::Style;
use crate::args::Setup;
use crate::commands::model;
use crate::files::{Model, ModelFile, write_atomically};
use crate::output::{Progress, bytes, millis};
use crate::suite;
use crate::with_suite;

/// Runs the verb.
pub fn run(args: &Setup, style: Style) -> Result<()> {
    let watch = Stopwatch::start();
    let progress = Progress::new(6, style.silent());
    progress.phase("import");
    let imported = model::read(&args.source)?;
    progress.phase("calibration");
    let how = args.calibration.preprocess;
    let calibration = model::calibration(&imported, &args.calibration.calibrate, how)?;
    progress.phase("quantise");
    let compiled = model::compile(&imported, &calibration, args.calibration.bits)?;

    progress.phase("check against the float model");
    let mut worst = 0f64;
    let mut magnitude = 0f64;
    for arrays in &calibration {
        let trace = execute(&compiled, &quantise_inputs(&compiled, arrays)?)?;
        check(&compiled, &trace).context("the integer execution violates the circuit: a bug")?;
        let float = imported.run_f32(arrays)?;
        for deviation in output_deviations(&compiled, &trace, &float.outputs) {
            worst = worst.max(deviation.max);
            magnitude = magnitude.max(deviation.magnitude);
        }
    }

    progress.phase("commit");
    let profile = suite::profile(&args.profile)?;
    let vk_path = args.vk.clone().unwrap_or_else(|| args.output.with_extension("vk"));
    let (id, vk_bytes, size) = with_suite!(profile.suite(), S => {
        let pk = setup::<S>(profile, compiled.circuit.clone(), &compiled.model)?;
        progress.phase("write");
        let model = Model { source: imported.digest, compiled, graph: imported.graph.clone() };
        let size = ModelFile::write(&args.output, &model, &pk)?;
        let key = pk.vk.to_bytes();
        write_atomically(&vk_path, |out| out.write_all(&key))?;
        (hex::encode(pk.vk.model_id()), key.len() as u64, size)
    });
    drop(progress);

    let cost = watch.cost();
    if style.json {
        let report = json!({
            "model": args.output, "vk": vk_path, "model_id": id, "profile": args.profile,
            "source_sha256": hex::encode(imported.digest), "model_bytes": size,
            "vk_bytes": vk_bytes, "calibration_inputs": calibration.len(),
            "output_deviation": worst, "output_magnitude": magnitude,
            "seconds": cost.wall.as_secs_f64(), "cpu_seconds": cost.cpu.as_secs_f64(),
        });
        println!("{report}");
    } else {
        println!("model id  {id}");
        style.note(&format!("model     {} ({})", args.output.display(), bytes(size)));
        style.note(&format!("key       {} ({})", vk_path.display(), bytes(vk_bytes)));
        style.note(&format!("profile   {}", args.profile));
        style.note(&format!(
            "deviation {worst:.2e} at most from the float model's outputs (up to {magnitude:.2e}) on {} inputs",
            calibration.len()
        ));
        style.note(&format!("time      {}", millis(cost.wall)));
    }
    Ok(())
}
