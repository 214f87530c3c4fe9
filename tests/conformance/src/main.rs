//! Runs the ONNX backend node tests through the whole pipeline and writes `docs/operators.md`.
//!
//! `scripts/conformance_cases.py` writes the tests; each is imported, quantised, executed, checked,
//! proven, verified, and compared with the outputs that ONNX expects.

mod case;
mod operations;
mod outcome;
mod pipeline;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Parser;
use rayon::prelude::*;

use crate::case::Index;
use crate::outcome::{Outcome, Tested};

/// Runs the ONNX backend tests, each with a proof.
#[derive(Debug, Parser)]
struct Args {
    /// Folder that `scripts/conformance_cases.py` has written.
    cases: PathBuf,
    /// Where the report goes.
    #[arg(long)]
    report: Option<PathBuf>,
    /// Only tests whose name contains this.
    #[arg(long)]
    filter: Option<String>,
    /// Fails if fewer tests pass.
    #[arg(long, default_value_t = 0)]
    at_least: usize,
}

fn main() -> Result<ExitCode> {
    let args = Args::parse();
    let start = Instant::now();
    let index = Index::read(&args.cases)?;
    let wanted = |name: &str| args.filter.as_ref().is_none_or(|part| name.contains(part.as_str()));
    let tested: Vec<Tested> = index
        .cases
        .par_iter()
        .filter(|entry| wanted(&entry.name))
        .map(|entry| pipeline::test(&args.cases, entry))
        .collect();
    for test in tested.iter().filter(|test| !matches!(test.outcome, Outcome::Pass { .. })) {
        println!("{:11} {} ({}): {}", test.outcome.name(), test.name, test.operator, test.outcome);
    }
    let passed = tested.iter().filter(|test| matches!(test.outcome, Outcome::Pass { .. })).count();
    println!("{passed} of {} passed in {:.0} s", tested.len(), start.elapsed().as_secs_f64());
    if let Some(path) = &args.report {
        let text = report::markdown(&index, &tested);
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(ExitCode::from(u8::from(passed < args.at_least)))
}
