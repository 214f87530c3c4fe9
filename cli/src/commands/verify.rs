//! `verify`: check a proof against a key.

use std::process::ExitCode;

use anyhow::{Context, Result};
use serde_json::json as object;
use stwo_ml_prover::cost::Stopwatch;
use stwo_ml_verifier::channel::Suite;
use stwo_ml_verifier::circuit::Kind;
use stwo_ml_verifier::codec::ProofFile;
use stwo_ml_verifier::key::{VerifyingKey, peek_profile};
use stwo_ml_verifier::verify::verify;

use crate::args::Verify;
use crate::commands::{context, recurse};
use crate::files;
use crate::inputs::labels;
use crate::json::{self, is_json};
use crate::model_file::ModelFile;
use crate::output::millis;
use crate::with_suite;
use crate::{Style, sentence};

/// Runs the verb. Exit code 1 when the proof does not hold.
pub fn run(args: &Verify, style: Style) -> Result<ExitCode> {
    if recurse::is_batch(&args.proof) {
        recurse::verify(args, style)?;
    }
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
    let suite = if is_json(&key) {
        json::key_suite(&key)
    } else {
        peek_profile(&key).map(|profile| profile.suite()).map_err(Into::into)
    };
    with_suite!(suite.context("the verification key is not usable")?, S => {
        let vk = read_key::<S>(&key).context("the verification key is not usable")?;
        let watch = Stopwatch::start();
        let result = read_proof(&vk, &bytes)
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
                    let report = object!({
                        "accepted": true, "model_id": id, "profile": vk.profile().name(),
                        "inputs": statement.inputs, "outputs": statement.outputs,
                        "seconds": cost.wall.as_secs_f64(),
                    });
                    println!("{report}");
                } else {
                    println!("accepted: model {id}");
                    style.note(&format!("profile {}, {}", vk.profile().name(), millis(cost.wall)));
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
                    let reason = sentence(&reason);
                    println!("{}", object!({ "accepted": false, "model_id": id, "reason": reason }));
                } else {
                    println!("rejected: {}", sentence(&reason));
                }
                Ok(ExitCode::from(1))
            }
        }
    })
}

fn read_key<S: Suite>(bytes: &[u8]) -> Result<VerifyingKey<S>> {
    if is_json(bytes) { json::read_key(bytes) } else { Ok(VerifyingKey::from_bytes(bytes)?) }
}

fn read_proof<S: Suite>(vk: &VerifyingKey<S>, bytes: &[u8]) -> Result<ProofFile<S>> {
    if is_json(bytes) { json::read_proof(vk, bytes) } else { Ok(ProofFile::from_bytes(vk, bytes)?) }
}
