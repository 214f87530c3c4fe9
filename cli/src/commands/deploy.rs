//! `deploy`: the verifier contract goes to a chain, as far as it is not there.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::json;
use stwo_ml_onchain::account::Account;
use stwo_ml_onchain::class::Class;
use stwo_ml_onchain::deploy::{address, declare, deploy, state, step};
use stwo_ml_onchain::fee::strk;
use stwo_ml_onchain::rpc::Receipt;
use stwo_ml_onchain::send::{Action, Estimate};
use stwo_ml_onchain::{Felt, block_on};

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

/// What is to be brought to a chain.
struct Parcel {
    /// The class that is deployed.
    class: Class,
    /// Classes that it calls.
    libraries: Vec<Class>,
    /// Where it goes.
    address: Felt,
    salt: Felt,
}

impl Parcel {
    fn read(args: &Deploy) -> Result<Self> {
        let local = args.chain.is_local()?;
        let class = read(&args.class, local)?;
        let libraries = args.library.iter().map(|folder| read(folder, local));
        let libraries = libraries.collect::<Result<_>>()?;
        let address = address(class.hash, args.salt);
        Ok(Self { class, libraries, address, salt: args.salt })
    }

    /// The transactions that are still to be sent, with their names, in order.
    async fn missing(&self, account: &Account) -> Result<Vec<(String, Action)>> {
        let mut steps = vec![];
        for library in &self.libraries {
            if !state(account.node(), library.hash, self.salt).await?.declared {
                steps.push((format!("declare library {:#x}", library.hash), declare(library)));
            }
        }
        let there = state(account.node(), self.class.hash, self.salt).await?;
        if !there.declared {
            steps.push((format!("declare {:#x}", self.class.hash), declare(&self.class)));
        }
        if !there.deployed {
            steps.push((format!("deploy {:#x}", self.address), deploy(self.class.hash, self.salt)));
        }
        Ok(steps)
    }
}

/// Runs the verb.
pub fn run(args: &Deploy, style: Style) -> Result<()> {
    let parcel = Parcel::read(args)?;
    let progress = Progress::new(2 + parcel.libraries.len() as u64 + 2, style.silent());
    progress.phase("connect");
    block_on(async {
        let account = args.chain.open(style).await?;
        let steps = parcel.missing(&account).await?;
        let options = args.chain.options(200);
        if args.chain.dry_run {
            let (mut estimates, mut later) = (vec![], vec![]);
            for (name, action) in steps {
                // A class that is not declared yet cannot be deployed, not even in a simulation.
                if matches!(action, Action::Invoke(_)) && !estimates.is_empty() {
                    later.push(name);
                    continue;
                }
                progress.phase(name.clone());
                let estimate = account.simulate(&action).await?;
                account.bounds(&action, &estimate, &options)?;
                estimates.push((name, estimate));
            }
            drop(progress);
            show_estimates(&parcel, &estimates, &later, style);
            return Ok(());
        }
        let mut receipts = vec![];
        for (name, action) in steps {
            progress.phase(name.clone());
            receipts.push((name, step(&account, &action, &options).await?));
        }
        drop(progress);
        show(&parcel, &receipts, style);
        Ok(())
    })
}

fn show_estimates(
    parcel: &Parcel,
    estimates: &[(String, Estimate)],
    later: &[String],
    style: Style,
) {
    let at = format!("{:#x}", parcel.address);
    if style.json {
        let steps =
            estimates.iter().map(|(name, e)| json!({ "step": name, "dry_run": estimate_json(e) }));
        let steps: Vec<_> = steps.collect();
        println!("{}", json!({ "contract": at, "steps": steps, "not_simulated": later }));
        return;
    }
    println!("{at}");
    for (name, estimate) in estimates {
        style.note(&format!("{name}\n  {}", estimate_text(estimate)));
    }
    later
        .iter()
        .for_each(|name| style.note(&format!("{name}\n  can be simulated once it is declared")));
    if estimates.is_empty() && later.is_empty() {
        style.note("deployed before");
    }
}

fn show(parcel: &Parcel, receipts: &[(String, Receipt)], style: Style) {
    let at = format!("{:#x}", parcel.address);
    let fee: u128 = receipts.iter().map(|(_, r)| r.fee).sum();
    if style.json {
        let class = |c: &Class| {
            json!({
                "class_hash": format!("{:#x}", c.hash), "sierra_felts": c.sierra_felts,
                "casm_felts": c.casm_felts,
            })
        };
        let steps = receipts
            .iter()
            .map(|(name, r)| json!({ "step": name, "receipt": receipt_json(r, &[]) }));
        let report = json!({
            "contract": at, "class": class(&parcel.class),
            "libraries": parcel.libraries.iter().map(class).collect::<Vec<_>>(),
            "steps": steps.collect::<Vec<_>>(), "fee_strk": strk(fee),
        });
        println!("{report}");
        return;
    }
    println!("{at}");
    for class in parcel.libraries.iter().chain([&parcel.class]) {
        style.note(&format!(
            "class {:#x}: {} felts of Sierra, {} of CASM",
            class.hash,
            thousands(class.sierra_felts as u64),
            thousands(class.casm_felts as u64)
        ));
    }
    for (name, receipt) in receipts {
        style.note(&format!("{name}\n  {}", receipt_text(receipt)));
    }
    match receipts {
        [] => style.note("deployed before"),
        _ => style.note(&format!("cost {} STRK", strk(fee))),
    }
}
