//! `calldata`: a proof as the arguments of the verifier contract.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;
use stwo_ml_calldata::{Calldata, Gas, MAX_ARGUMENTS, Poseidon, Sizes, pack};
use stwo_ml_onchain::fee::strk;
use stwo_ml_onchain::limits::MAX_L2_GAS;
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
    let gas = Gas::predict(&vk, &sizes);
    ensure!(
        gas.total() <= MAX_L2_GAS,
        "verifying this proof takes about {} L2 gas, the network's limit is {}",
        thousands(gas.total()),
        thousands(MAX_L2_GAS)
    );
    if let Some(path) = &args.output {
        let text = serde_json::to_vec(&calldata).context("the arguments cannot be encoded")?;
        write_atomically(path, |out| out.write_all(&text))?;
    }
    let fee = |price: u128| strk(price * 1_000_000_000 * u128::from(gas.total()));
    if style.json {
        let report = json!({
            "calldata": args.output, "model_id": format!("{:#x}", calldata.model_id),
            "felts": sizes.arguments(), "limit": MAX_ARGUMENTS, "sizes": sizes,
            "predicted_l2_gas": gas.total(), "predicted_by_part": gas,
            "predicted_fee_strk": { "at_8e9_fri": fee(8), "at_3e9_fri": fee(3) },
        });
        println!("{report}");
        return Ok(());
    }
    println!(
        "{} felts of {}",
        thousands(sizes.arguments() as u64),
        thousands(MAX_ARGUMENTS as u64)
    );
    println!(
        "about {} L2 gas: {} STRK at 8e9 fri, {} STRK at 3e9 fri",
        thousands(gas.total()),
        fee(8),
        fee(3)
    );
    style.note(&format!("model id  {:#x}", calldata.model_id));
    style.note(&format!("parts     {sizes}"));
    if let Some(path) = &args.output {
        style.note(&format!("written   {}", path.display()));
    }
    Ok(())
}
