//! One file for each verb.

pub mod bench;
pub mod calldata;
pub mod deploy;
pub mod devnet;
pub mod inspect;
mod model;
pub mod prove;
pub mod recurse;
pub mod register;
mod report;
pub mod setup;
pub mod submit;
pub mod verify;

use clap::CommandFactory;

use crate::args::{Cli, Completions};

/// Prints shell completions.
pub fn completions(args: &Completions) {
    clap_complete::generate(args.shell, &mut Cli::command(), "stwo-ml", &mut std::io::stdout());
}

/// 32 bytes from hexadecimal digits; zero if absent.
pub fn context(text: Option<&str>) -> anyhow::Result<[u8; 32]> {
    use anyhow::Context;
    let Some(text) = text else { return Ok([0; 32]) };
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let padded = format!("{digits:0>64}");
    let bytes = hex::decode(&padded).context("--context must be at most 64 hexadecimal digits")?;
    let context = <[u8; 32]>::try_from(bytes);
    context.map_err(|_| anyhow::anyhow!("--context must be at most 64 hexadecimal digits"))
}
