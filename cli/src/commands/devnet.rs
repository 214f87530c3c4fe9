//! `devnet`: the local node.

use anyhow::Result;
use serde_json::json;
use stwo_ml_onchain::block_on;

use crate::Style;
use crate::args::{Devnet, DevnetAction};
use crate::chain;

/// Runs the verb.
pub fn run(args: &Devnet, style: Style) -> Result<()> {
    let devnet = chain::devnet()?;
    block_on(async {
        match args.action {
            DevnetAction::Start => {
                let (running, new) = devnet.running_or_new().await?;
                let state = if new { "started" } else { "already running" };
                show(style, state, Some((running.url.as_str(), running.pid)));
            }
            DevnetAction::Stop => {
                let state = if devnet.stop().await? { "stopped" } else { "not running" };
                show(style, state, None);
            }
            DevnetAction::Status => match devnet.running().await? {
                Some(running) => show(style, "running", Some((running.url.as_str(), running.pid))),
                None => show(style, "not running", None),
            },
        }
        Ok(())
    })
}

fn show(style: Style, state: &str, node: Option<(&str, u32)>) {
    if style.json {
        let (url, pid) = (node.map(|n| n.0), node.map(|n| n.1));
        println!("{}", json!({ "state": state, "url": url, "pid": pid }));
    } else {
        match node {
            Some((url, pid)) => println!("{state}: {url} (process {pid})"),
            None => println!("{state}"),
        }
    }
}
