//! Cairo without Scarb: compiles, tests, runs, profiles and formats the packages under `cairo/`,
//! and builds the Starknet contract, with the crates of the Cairo compiler alone.
//!
//! The packages are ordinary Scarb packages; users of Scarb need nothing of this. A [`Package`] is
//! read from a `Scarb.toml`, compiled once to a [`Program`], whose functions then run any number
//! of times:
//!
//! ```no_run
//! use std::path::Path;
//! use stwo_ml_cairo::{Arg, Options, Package, Program};
//!
//! let package = Package::load(Path::new("cairo/verifier"))?;
//! let program = Program::compile(&package, &Options::default())?;
//! let model = Arg::Array(vec![Arg::Value(1.into()), Arg::Value(2.into())]);
//! let outcome = program.run("key::model_id", vec![model])?;
//! println!("{:?} for {} gas", outcome.result, outcome.gas);
//! # Ok::<(), stwo_ml_cairo::Error>(())
//! ```

mod contract;
mod contracts;
mod database;
mod error;
mod format;
mod package;
mod profile;
mod program;
mod testing;

pub use cairo_lang_lowering::utils::InliningStrategy;
pub use cairo_lang_runner::Arg;
pub use contract::{
    ClassSizes, CodeSize, CodeSizes, ContractArtifacts, MARGIN_PERCENT, MAX_BYTES, MAX_FELTS,
    contract, contract_code_sizes, contract_of_any_size,
};
pub use contracts::{Contracts, OPENING_CLASS_FILE, contracts, opening_class_source};
pub use database::Options;
pub use error::Error;
pub use format::{Formatting, format_tree};
pub use package::Package;
pub use profile::Profile;
pub use program::{Outcome, Program, short_strings};
pub use starknet_types_core::felt::Felt;
pub use testing::{TestReport, TestStatus, Tests};
