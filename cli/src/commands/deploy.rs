//! `deploy`: the verifier contract goes to a chain, as far as it is not there.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::json;
use stwo_ml_onchain::account::Account;
use stwo_ml_onchain::block_on;
use stwo_ml_onchain::class::Class;
use stwo_ml_onchain::deploy::{State, address, declare, deploy, state, step};
use stwo_ml_onchain::fee::strk;
use stwo_ml_onchain::rpc::Receipt;

use crate::Style;
use crate::args::Deploy;
use crate::chain::{estimate_json, estimate_text, receipt_json, receipt_text};
use crate::files;
use crate::output::{Progress, thousands};

/// Reads the class that the Cairo compiler wrote.
fn read(folder: &Path, local: bool) -> Result<Class> {
    let text = |name: &str| {
        let path = folder.join(name);
        let bytes = files::read(&path)?;
        String::from_utf8(bytes).with_context(|| format!("{} is not text", path.display()))
    };
    let (sierra, casm) = (text("contract_class.json")?, text("compiled_contract_class.json")?);
    Class::from_json(&sierra, &casm, local)
        .with_context(|| format!("{} holds no usable contract", folder.display()))
}

/// Runs the verb.
pub fn run(args: &Deploy, style: Style) -> Result<()> {
    let class = read(&args.class, args.chain.is_local()?)?;
    let progress = Progress::new(3, style.silent());
    progress.phase("connect");
    block_on(async {
        let account = args.chain.open(style).await?;
        let before = state(account.node(), class.hash, args.salt).await?;
        if args.chain.dry_run {
            dry_run(&account, args, &class, before).await.map(|text| {
                drop(progress);
                println!("{}", if style.json { text.0 } else { text.1 });
            })
        } else {
            let done = bring(&account, args, &class, before, &progress).await?;
            drop(progress);
            show(args, &class, &done, style);
            Ok(())
        }
    })
}

/// What the next step would cost: as JSON, and for people.
async fn dry_run(
    account: &Account,
    args: &Deploy,
    class: &Class,
    before: State,
) -> Result<(String, String)> {
    let action = match before {
        State { deployed: true, .. } => {
            let at = address(class.hash, args.salt);
            let json = json!({ "contract": format!("{at:#x}"), "dry_run": null }).to_string();
            return Ok((json, format!("deployed before: {at:#x}")));
        }
        State { declared: true, .. } => deploy(class.hash, args.salt),
        State { .. } => declare(class),
    };
    let estimate = account.simulate(&action).await?;
    account.bounds(&action, &estimate, &args.chain.options(false))?;
    let what = if before.declared { "deploy" } else { "declare" };
    let json = json!({ "step": what, "dry_run": estimate_json(&estimate) }).to_string();
    Ok((json, format!("{what}: {}", estimate_text(&estimate))))
}

/// What was done now.
#[derive(Default)]
struct Done {
    declared: Option<Receipt>,
    deployed: Option<Receipt>,
}

/// Declares and deploys what is not there.
async fn bring(
    account: &Account,
    args: &Deploy,
    class: &Class,
    before: State,
    progress: &Progress,
) -> Result<Done> {
    let (mut done, options) = (Done::default(), args.chain.options(false));
    if !before.declared {
        progress.phase("declare");
        done.declared = Some(step(account, &declare(class), &options).await?.1);
    }
    if !before.deployed {
        progress.phase("deploy");
        done.deployed = Some(step(account, &deploy(class.hash, args.salt), &options).await?.1);
    }
    Ok(done)
}

fn show(args: &Deploy, class: &Class, done: &Done, style: Style) {
    let at = address(class.hash, args.salt);
    let receipts = [("declared", &done.declared), ("deployed", &done.deployed)];
    let fee: u128 = receipts.iter().filter_map(|(_, r)| r.as_ref()).map(|r| r.fee).sum();
    if style.json {
        let receipt = |r: &Option<Receipt>| r.as_ref().map(|r| receipt_json(r, &[]));
        let report = json!({
            "contract": format!("{at:#x}"), "class_hash": format!("{:#x}", class.hash),
            "sierra_felts": class.sierra_felts, "casm_felts": class.casm_felts,
            "declared": receipt(&done.declared), "deployed": receipt(&done.deployed),
            "fee_strk": strk(fee),
        });
        println!("{report}");
        return;
    }
    println!("{at:#x}");
    style.note(&format!(
        "class     {:#x} ({} felts of Sierra, {} of CASM)",
        class.hash,
        thousands(class.sierra_felts as u64),
        thousands(class.casm_felts as u64)
    ));
    for (what, receipt) in receipts {
        match receipt {
            Some(receipt) => style.note(&format!("{what}  {}", receipt_text(receipt))),
            None => style.note(&format!("{what}  before")),
        }
    }
    style.note(&format!("cost      {} STRK", strk(fee)));
}
