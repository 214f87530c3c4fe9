//! `submit`: a proof goes to a verifier contract.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use stwo_ml_calldata::Calldata;
use stwo_ml_onchain::account::Account;
use stwo_ml_onchain::contract::Verifier;
use stwo_ml_onchain::events::{Decoder, Event};
use stwo_ml_onchain::fee::strk;
use stwo_ml_onchain::reason::Reason;
use stwo_ml_onchain::rpc::Receipt;
use stwo_ml_onchain::send::Estimate;
use stwo_ml_onchain::{Error, Felt, block_on};

use crate::Style;
use crate::args::Submit;
use crate::chain::{estimate_json, estimate_text, receipt_json, receipt_text};
use crate::commands::calldata;
use crate::files;
use crate::output::{Progress, thousands};

/// What came of it.
enum Verdict {
    /// Nothing was sent.
    Simulated(Estimate),
    /// The contract accepted.
    Accepted(Receipt, Vec<Event>),
    /// The contract refused, in a simulation or, for a fee, in a transaction.
    Refused { reason: Reason, transaction: Option<(Felt, u64, u128)> },
}

/// Runs the verb. Exit code 1 when the contract refuses.
pub fn run(args: &Submit, style: Style) -> Result<ExitCode> {
    let progress = Progress::new(4, style.silent());
    progress.phase("verify here");
    let calldata = read(args)?;
    let id = format!("{:#x}", calldata.model_id);
    let verdict = block_on(async {
        progress.phase("connect");
        let account = args.chain.open(style).await?;
        match send(args, &account, &calldata, &progress).await {
            Ok(verdict) => Ok(verdict),
            Err(Error::WouldRevert(reason)) => Ok(Verdict::Refused { reason, transaction: None }),
            Err(Error::Reverted { hash, reason, l2_gas, fee }) => {
                Ok(Verdict::Refused { reason, transaction: Some((hash, l2_gas, fee)) })
            }
            Err(e) => Err(anyhow::Error::from(e)),
        }
    })?;
    drop(progress);
    let code = ExitCode::from(u8::from(matches!(verdict, Verdict::Refused { .. })));
    if style.json {
        println!("{}", as_json(&id, &verdict));
    } else {
        show(&id, &verdict, style);
    }
    Ok(code)
}

/// The arguments: of a proof, which is verified first, or from a file.
fn read(args: &Submit) -> Result<Calldata> {
    match (&args.proof, &args.vk, &args.calldata) {
        (_, _, Some(path)) => serde_json::from_slice(&files::read(path)?)
            .with_context(|| format!("{} is not a file of `stwo-ml calldata`", path.display())),
        (Some(proof), Some(vk), None) => Ok(calldata::packed(proof, &calldata::key(vk)?)?.0),
        _ => bail!("a proof with its key (--vk), or a file of arguments (--calldata) is needed"),
    }
}

async fn send(
    args: &Submit,
    account: &Account,
    calldata: &Calldata,
    progress: &Progress,
) -> Result<Verdict, Error> {
    let (node, verifier) = (account.node(), Verifier { address: args.contract });
    if !verifier.is_registered(node, calldata.model_id).await? && !args.even_if_refused {
        let (model_id, contract) = (calldata.model_id, args.contract);
        return Err(Error::NotRegistered { model_id, contract });
    }
    let action = verifier.verify(calldata.verify_arguments());
    progress.phase("simulate");
    let estimate = account.simulate(&action).await?;
    let mut options = args.chain.options(20);
    options.even_if_it_reverts = args.even_if_refused;
    if args.chain.dry_run {
        account.bounds(&action, &estimate, &options)?;
        return Ok(Verdict::Simulated(estimate));
    }
    let decoder = Decoder::of(node, args.contract).await?;
    progress.phase("send and wait");
    let receipt = account.send(&action, &estimate, &options).await?;
    let events = decoder.events(&receipt);
    Ok(Verdict::Accepted(receipt, events))
}

fn as_json(id: &str, verdict: &Verdict) -> Value {
    match verdict {
        Verdict::Simulated(estimate) => {
            json!({ "model_id": id, "dry_run": estimate_json(estimate) })
        }
        Verdict::Accepted(receipt, events) => {
            let receipt = receipt_json(receipt, events);
            json!({ "accepted": true, "model_id": id, "receipt": receipt })
        }
        Verdict::Refused { reason, transaction } => json!({
            "accepted": false, "model_id": id, "reason": reason.to_string(),
            "transaction": transaction.map(|(hash, l2_gas, fee)| json!({
                "transaction": format!("{hash:#x}"), "l2_gas": l2_gas, "fee_strk": strk(fee),
            })),
        }),
    }
}

fn show(id: &str, verdict: &Verdict, style: Style) {
    match verdict {
        Verdict::Simulated(estimate) => println!("{}", estimate_text(estimate)),
        Verdict::Accepted(receipt, events) => {
            println!("accepted: model {id}");
            style.note(&receipt_text(receipt));
            events.iter().for_each(|event| style.note(&format!("event {event}")));
        }
        Verdict::Refused { reason, transaction } => {
            println!("rejected: {reason}");
            if let Some((hash, l2_gas, fee)) = transaction {
                let (gas, fee) = (thousands(*l2_gas), strk(*fee));
                style.note(&format!("transaction {hash:#x} reverted: {gas} L2 gas, {fee} STRK"));
            }
        }
    }
}
