//! `verify`: check a proof against a key.

use std::process::ExitCode;

use anyhow::{Context, Result};
use serde_json::json;
use stwo_ml_prover::cost::Stopwatch;
use stwo_ml_verifier::circuit::Kind;
use stwo_ml_verifier::codec::ProofFile;
use stwo_ml_verifier::key::{VerifyingKey, peek_profile};
use stwo_ml_verifier::verify::verify;

use crate::Style;
use crate::args::Verify;
use crate::commands::context;
use crate::files;
use crate::inputs::labels;
use crate::model_file::ModelFile;
use crate::output::millis;
use crate::with_suite;

/// Runs the verb. Exit code 1 when the proof does not hold.
pub fn run(args: &Verify, style: Style) -> Result<ExitCode> {
    let expected = context(args.context.as_deref())?;
    let names = args.labels.as_deref().map(labels).transpose()?;
    let key = match (&args.vk, &args.model) {
        (Some(path), _) => files::read(path)?,
        (None, Some(path)) => {
            let file = ModelFile::open(path)?;
            with_suite!(file.suite()?, S => file.vk::<S>()?.to_bytes())
        }
        (None, None) => anyhow::bail!("a verification key (--vk) or a model (--model) is needed"),
    };
    let bytes = files::read(&args.proof)?;
    let profile = peek_profile(&key).context("the verification key is not usable")?;
    with_suite!(profile.suite(), S => {
        let vk = VerifyingKey::<S>::from_bytes(&key)
            .context("the verification key is not usable")?;
        let watch = Stopwatch::start();
        let result = ProofFile::<S>::from_bytes(&vk, &bytes)
            .map_err(anyhow::Error::from)
            .and_then(|file| {
                anyhow::ensure!(
                    file.statement.context == expected,
                    "the proof is bound to the context {}",
                    hex::encode(file.statement.context)
                );
                verify(&vk, &file.statement, &file.proof)?;
                Ok(file.statement)
            });
        let cost = watch.cost();
        let id = hex::encode(vk.model_id());
        match result {
            Ok(statement) => {
                if style.json {
                    let report = json!({
                        "accepted": true, "model_id": id, "profile": profile.name(),
                        "inputs": statement.inputs, "outputs": statement.outputs,
                        "seconds": cost.wall.as_secs_f64(),
                    });
                    println!("{report}");
                } else {
                    println!("accepted: model {id}");
                    style.note(&format!("profile {}, {}", profile.name(), millis(cost.wall)));
                    let tensors = vk.circuit().tensors.iter();
                    let outputs = tensors.filter(|t| matches!(t.kind, Kind::Output { .. }));
                    for (tensor, entries) in outputs.zip(&statement.outputs) {
                        let top = entries.iter().enumerate().rev().max_by_key(|(_, v)| **v);
                        if let Some((index, value)) = top {
                            let name = names.as_ref().and_then(|n| n.get(index)).cloned();
                            let name = name.unwrap_or_else(|| format!("#{index}"));
                            style.note(&format!("output {:?}: largest is {name} ({value})", tensor.shape));
                        }
                    }
                }
                Ok(ExitCode::SUCCESS)
            }
            Err(reason) => {
                if style.json {
                    let reason = reason.to_string();
                    println!("{}", json!({ "accepted": false, "model_id": id, "reason": reason }));
                } else {
                    println!("rejected: {reason}");
                }
                Ok(ExitCode::from(1))
            }
        }
    })
}
