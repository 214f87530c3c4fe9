//! `inspect`: what a model is, and what proving it will cost.

use anyhow::Result;
use serde_json::json;
use stwo_ml_compiler::evaluate::evaluate;
use stwo_ml_compiler::execute::execute;
use stwo_ml_compiler::ports::{deviations, quantise_inputs};
use stwo_ml_verifier::key::KeyDraft;
use stwo_ml_verifier::profile::Profile;

use crate::Style;
use crate::args::Inspect;
use crate::commands::{model, report};
use crate::files::Output;
use crate::output::{Progress, bytes, table, thousands};
use crate::with_suite;

/// Runs the verb.
pub fn run(args: &Inspect, style: Style) -> Result<()> {
    let html = args.html.as_deref().map(Output::create).transpose()?;
    let progress = Progress::new(4, style.silent());
    progress.phase("import");
    let imported = model::read(&args.source)?;
    let graph = &imported.graph;
    let calibration = if args.calibrate.is_empty() {
        model::guessed(&imported, graph)
    } else {
        progress.phase("calibration");
        model::calibration(&imported, &args.calibrate, args.preprocess)?
    };
    progress.phase("quantise");
    let compiled = model::compile(&imported, &calibration, 12)?;
    progress.phase("run");
    let trace = execute(&compiled, &quantise_inputs(&compiled, &calibration[0])?)?;
    let float = evaluate(graph, &calibration[0])?;
    let deviations = deviations(&compiled, &trace, graph, &float);
    let facts = report::Facts::gather(&imported, &compiled);
    let mut predictions = vec![];
    for name in Profile::names().filter(|n| n.starts_with("conjectured")) {
        let Some(profile) = Profile::by_name(name) else { continue };
        let prediction = with_suite!(profile.suite(), S => {
            let draft = KeyDraft::<S>::new(profile, compiled.circuit.clone())?;
            report::predict(&draft)
        });
        predictions.push((name, prediction));
    }
    drop(progress);

    if let (Some(path), Some(output)) = (&args.html, html) {
        let page = report::html(&facts, &predictions, &deviations);
        output.write(|out| out.write_all(page.as_bytes()))?;
        style.note(&format!("report written to {}", path.display()));
    }
    if style.json {
        let report = json!({
            "operations": facts.operations, "parameters": facts.parameters,
            "inputs": facts.inputs, "outputs": facts.outputs,
            "identities": compiled.circuit.identities.len(),
            "lookups": facts.lookups, "tables": facts.tables,
            "witness_entries": facts.witness, "model_entries": facts.model,
            "layers": facts.layers.iter().map(|l| json!({
                "name": l.name, "committed": l.committed, "lookups": l.lookups,
            })).collect::<Vec<_>>(),
            "predicted": predictions.iter().map(|(name, p)| json!({
                "profile": name, "felts": p.felts, "cpu_seconds": p.cpu_seconds, "bits": p.bits,
                "log_model": p.log_model, "log_witness": p.log_witness, "log_stack": p.log_stack,
            })).collect::<Vec<_>>(),
        });
        println!("{report}");
        return Ok(());
    }
    let ports = |list: &[(String, Vec<usize>)]| {
        list.iter().map(|(n, s)| format!("{n} {s:?}")).collect::<Vec<_>>().join(", ")
    };
    println!("inputs      {}", ports(&facts.inputs));
    println!("outputs     {}", ports(&facts.outputs));
    println!("parameters  {}", thousands(facts.parameters));
    let ops: Vec<_> = facts.operations.iter().map(|(op, n)| format!("{op} {n}")).collect();
    println!("operations  {}", ops.join(", "));
    println!(
        "circuit     {} identities, {} lookups, {} witness entries, {} model entries",
        compiled.circuit.identities.len(),
        thousands(facts.lookups),
        thousands(facts.witness),
        thousands(facts.model)
    );
    let rows: Vec<_> = facts
        .tables
        .iter()
        .map(|t| vec![t.name.clone(), format!("2^{}", t.log_size), thousands(t.lookups)])
        .collect();
    println!("\n{}", table(&["table", "entries", "lookups"], &rows));
    let rows: Vec<_> = facts
        .layers
        .iter()
        .map(|l| vec![l.name.clone(), thousands(l.committed), thousands(l.lookups)])
        .collect();
    println!("\n{}", table(&["layer", "committed", "lookups"], &rows));
    let rows: Vec<_> = predictions
        .iter()
        .map(|(name, p)| {
            vec![
                (*name).to_string(),
                thousands(p.felts),
                bytes(p.felts * 32),
                format!("{:.2} s", p.cpu_seconds),
                format!("2^{}", p.log_model),
                format!("2^{}", p.log_witness),
                format!("2^{}", p.log_stack),
            ]
        })
        .collect();
    let head = ["predicted", "felts", "size", "CPU", "M", "W", "lookup stack"];
    println!("\n{}", table(&head, &rows));
    if args.calibrate.is_empty() {
        style.note("\nWithout --calibrate, ranges and bit widths are those of random inputs.");
    }
    Ok(())
}
