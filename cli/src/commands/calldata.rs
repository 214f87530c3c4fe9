//! `calldata`: a proof as the arguments of the verifier contract.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::json;
use stwo_ml_calldata::{Calldata, MAX_ARGUMENTS, Poseidon, Sizes, pack};
use stwo_ml_verifier::codec::ProofFile;
use stwo_ml_verifier::key::{VerifyingKey, peek_profile};
use stwo_ml_verifier::profile::SuiteName;
use stwo_ml_verifier::verify::verify;

use crate::Style;
use crate::args;
use crate::files::{self, write_atomically};
use crate::output::thousands;

/// A verification key of the suite that the contract verifies.
pub fn key(path: &Path) -> Result<VerifyingKey<Poseidon>> {
    let bytes = files::read(path)?;
    let unusable = || format!("{} is no usable verification key", path.display());
    let profile = peek_profile(&bytes).with_context(unusable)?;
    if profile.suite() != SuiteName::Poseidon252 {
        bail!(
            "{} is a key of the profile {}, which no contract verifies; set the model up with \
             --profile conjectured-96-poseidon252",
            path.display(),
            profile.name()
        );
    }
    VerifyingKey::from_bytes(&bytes).with_context(unusable)
}

/// Reads a proof, verifies it here, packs it, checks that a transaction can carry it.
pub fn packed(proof: &Path, vk: &VerifyingKey<Poseidon>) -> Result<(Calldata, Sizes)> {
    let bytes = files::read(proof)?;
    let rejected = || format!("{} does not hold", proof.display());
    let file = ProofFile::from_bytes(vk, &bytes).with_context(rejected)?;
    verify(vk, &file.statement, &file.proof).with_context(rejected)?;
    let (calldata, sizes) = pack(vk, &file)?;
    calldata.check_verify(&sizes)?;
    Ok((calldata, sizes))
}

/// Runs the verb.
pub fn run(args: &args::Calldata, style: Style) -> Result<()> {
    let vk = key(&args.vk)?;
    let (calldata, sizes) = packed(&args.proof, &vk)?;
    if let Some(path) = &args.output {
        let text = serde_json::to_vec(&calldata).context("the arguments cannot be encoded")?;
        write_atomically(path, |out| out.write_all(&text))?;
    }
    if style.json {
        let report = json!({
            "calldata": args.output, "model_id": format!("{:#x}", calldata.model_id),
            "felts": sizes.arguments(), "limit": MAX_ARGUMENTS, "sizes": sizes,
        });
        println!("{report}");
        return Ok(());
    }
    println!(
        "{} felts of {}",
        thousands(sizes.arguments() as u64),
        thousands(MAX_ARGUMENTS as u64)
    );
    style.note(&format!("model id  {:#x}", calldata.model_id));
    style.note(&format!("parts     {sizes}"));
    if let Some(path) = &args.output {
        style.note(&format!("written   {}", path.display()));
    }
    Ok(())
}
