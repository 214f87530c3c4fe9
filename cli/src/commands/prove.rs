//! `prove`: run a compiled model on an input and prove the output.

use anyhow::Result;
use serde_json::json as object;
use stwo_ml_compiler::evaluate::evaluate;
use stwo_ml_compiler::execute::execute;
use stwo_ml_compiler::graph::Array;
use stwo_ml_compiler::ports::{Deviation, output_deviations, outputs, quantise_inputs};
use stwo_ml_prover::cost::{Cost, Stopwatch};
use stwo_ml_prover::prove::{Phase, prove};
use stwo_ml_verifier::verify::verify;

use crate::Style;
use crate::args::{Format, Prove};
use crate::commands::context;
use crate::files::Output;
use crate::inputs::{Signature, labels, load, top};
use crate::json;
use crate::model_file::ModelFile;
use crate::output::{Progress, bytes, millis, peak_memory, table, thousands};
use crate::with_suite;

/// What a proof cost.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Parts, in order.
    pub parts: Vec<(&'static str, Cost)>,
    /// Everything but the proof of work.
    pub prove: Cost,
    /// The proof of work.
    pub ground: Cost,
    /// Verification.
    pub verify: Cost,
    /// The file.
    pub bytes: usize,
    /// The proof in felt252.
    pub felts: usize,
    /// The file's contents.
    pub file: Vec<u8>,
    /// The outputs as real numbers.
    pub outputs: Vec<Array>,
    /// Deviation of the outputs from the float track.
    pub deviations: Vec<Deviation>,
    /// Peak memory after proving, before the float track runs.
    pub memory: Option<u64>,
}

/// Runs, proves, verifies.
pub fn measure(
    file: &ModelFile,
    arrays: &[Array],
    context: [u8; 32],
    format: Format,
    progress: &Progress,
) -> Result<Measured> {
    let compiled = &file.model.compiled;
    let inputs = quantise_inputs(compiled, arrays)?;
    with_suite!(file.suite()?, S => {
        let pk = file.proving_key::<S>()?;
        progress.phase("execute");
        let watch = Stopwatch::start();
        let trace = execute(compiled, &inputs)?;
        let mut parts = vec![("execute", watch.cost())];
        let mut phase = |phase: Phase| progress.phase(phase.name());
        let (proof, costs) = prove(&pk, &trace.values, context, &mut phase)?;
        let memory = peak_memory();
        parts.extend(costs.iter().map(|(phase, cost)| (phase.name(), *cost)));
        let (mut total, mut ground) = (parts[0].1, Cost::default());
        for (phase, cost) in costs {
            if phase == Phase::ProofOfWork { ground += cost } else { total += cost }
        }
        progress.phase("verify");
        let watch = Stopwatch::start();
        verify(&pk.vk, &proof.statement, &proof.proof)?;
        let verified = watch.cost();
        progress.phase("float track");
        let float = evaluate(&file.model.graph, arrays)?;
        let ends: Vec<Array> =
            file.model.graph.outputs.iter().map(|&id| float[id].clone().into_owned()).collect();
        let bytes = match format {
            Format::Binary => proof.to_bytes(&pk.vk),
            Format::Json => json::write_proof(&pk.vk, &proof)?,
        };
        Ok(Measured {
            parts,
            prove: total,
            ground,
            verify: verified,
            bytes: bytes.len(),
            felts: proof.proof.n_felts(&pk.vk),
            file: bytes,
            outputs: outputs(compiled, &trace),
            deviations: output_deviations(compiled, &trace, &ends),
            memory,
        })
    })
}

/// Runs the verb.
pub fn run(args: &Prove, style: Style) -> Result<()> {
    let context = context(args.context.as_deref())?;
    let names = args.labels.as_deref().map(labels).transpose()?;
    let progress = Progress::new(9, style.silent());
    progress.phase("read the model");
    let file = ModelFile::open(&args.model)?;
    let ports = &file.model.compiled.inputs;
    let signature = Signature {
        names: ports.iter().map(|p| p.name.clone()).collect(),
        shapes: ports.iter().map(|p| p.shape.clone()).collect(),
    };
    let arrays = load(&args.input, args.preprocess, &signature)?;
    let format = args.format.unwrap_or_else(|| Format::of(&args.output));
    let output = Output::create(&args.output)?;
    let measured = measure(&file, &arrays, context, format, &progress)?;
    output.write(|out| out.write_all(&measured.file))?;
    drop(progress);

    let ports = file.model.compiled.outputs.iter().zip(&measured.outputs);
    let tops: Vec<_> =
        ports.map(|(port, output)| (port.name.clone(), output.data.len(), top(output))).collect();
    let label = |index: usize| {
        names.as_ref().and_then(|n| n.get(index)).cloned().unwrap_or_else(|| format!("#{index}"))
    };
    if style.json {
        let seconds =
            |c: &Cost| object!({ "wall": c.wall.as_secs_f64(), "cpu": c.cpu.as_secs_f64() });
        let parts: serde_json::Map<_, _> =
            measured.parts.iter().map(|(name, c)| (name.to_string(), seconds(c))).collect();
        let report = object!({
            "proof": args.output, "bytes": measured.bytes, "felts": measured.felts,
            "parts": parts, "prove": seconds(&measured.prove),
            "proof_of_work": seconds(&measured.ground), "verify": seconds(&measured.verify),
            "peak_memory": measured.memory,
            "outputs": measured.outputs.iter().map(|o| &o.data).collect::<Vec<_>>(),
            "top": tops.iter().map(|(name, _, t)| object!({
                "output": name, "index": t.map(|t| t.0), "value": t.map(|t| t.1),
                "label": t.map(|t| label(t.0)),
            })).collect::<Vec<_>>(),
            "deviation": measured.deviations.iter().map(|d| object!({
                "output": d.label, "max": d.max, "rms": d.rms, "magnitude": d.magnitude,
            })).collect::<Vec<_>>(),
        });
        println!("{report}");
        return Ok(());
    }
    for (name, n, top) in &tops {
        if let Some((index, value)) = top {
            println!("{name}: largest of {n} is {} ({value:.4})", label(*index));
        }
    }
    let row = |name: &str, c: &Cost| vec![name.to_string(), millis(c.wall), millis(c.cpu)];
    let mut rows: Vec<_> = measured.parts.iter().map(|(name, c)| row(name, c)).collect();
    rows.push(row("total without proof of work", &measured.prove));
    rows.push(row("verify", &measured.verify));
    style.note(&table(&["", "time", "CPU"], &rows));
    if let Some(memory) = measured.memory {
        style.note(&format!("peak memory  {}", bytes(memory)));
    }
    style.note(&format!(
        "proof        {} = {} felts, in {}",
        bytes(measured.bytes as u64),
        thousands(measured.felts as u64),
        args.output.display()
    ));
    for d in &measured.deviations {
        style.note(&format!(
            "deviation    {}: {:.2e} at most, {:.2e} rms, of values up to {:.2e}",
            d.label, d.max, d.rms, d.magnitude
        ));
    }
    Ok(())
}
