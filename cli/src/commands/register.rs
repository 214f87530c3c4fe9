//! `register`: a model becomes known to a verifier contract.

use anyhow::Result;
use serde_json::json;
use stwo_ml_calldata::{MAX_ARGUMENTS, pack_model};
use stwo_ml_onchain::contract::Verifier;
use stwo_ml_onchain::events::Decoder;
use stwo_ml_onchain::{Felt, block_on};

use crate::Style;
use crate::args::Register;
use crate::chain::{estimate_json, estimate_text, receipt_json, receipt_text};
use crate::commands::calldata;
use crate::output::Progress;

/// Runs the verb.
pub fn run(args: &Register, style: Style) -> Result<()> {
    let vk = calldata::key(&args.vk)?;
    let model_id = Felt::from_bytes_be(&vk.model_id());
    let model = pack_model(&vk);
    let mut arguments = vec![Felt::from(model.len())];
    arguments.extend(model);
    anyhow::ensure!(
        arguments.len() <= MAX_ARGUMENTS,
        "registering this model needs {} felts of arguments, a transaction takes {MAX_ARGUMENTS}",
        arguments.len()
    );
    let id = format!("{model_id:#x}");
    block_on(async {
        let progress = Progress::new(4, style.silent());
        progress.phase("connect");
        let account = args.chain.open(style).await?;
        let verifier = Verifier { address: args.contract };
        if verifier.is_registered(account.node(), model_id).await? {
            drop(progress);
            if style.json {
                println!("{}", json!({ "model_id": id, "registered": true, "transaction": null }));
            } else {
                println!("registered before: model {id}");
            }
            return Ok(());
        }
        let action = verifier.register(arguments);
        progress.phase("simulate");
        let estimate = account.simulate(&action).await?;
        let options = args.chain.options(20);
        if args.chain.dry_run {
            account.bounds(&action, &estimate, &options)?;
            drop(progress);
            if style.json {
                println!("{}", json!({ "model_id": id, "dry_run": estimate_json(&estimate) }));
            } else {
                println!("{}", estimate_text(&estimate));
            }
            return Ok(());
        }
        let decoder = Decoder::of(account.node(), args.contract).await?;
        progress.phase("send and wait");
        let receipt = account.send(&action, &estimate, &options).await?;
        drop(progress);
        let events = decoder.events(&receipt);
        if style.json {
            let receipt = receipt_json(&receipt, &events);
            println!("{}", json!({ "model_id": id, "registered": true, "receipt": receipt }));
        } else {
            println!("registered: model {id}");
            style.note(&receipt_text(&receipt));
            events.iter().for_each(|event| style.note(&format!("event {event}")));
        }
        Ok(())
    })
}
