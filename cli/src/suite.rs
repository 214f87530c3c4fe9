//! From the name of a profile to the types of its hash suite.

use anyhow::{Result, anyhow};
use stwo_ml_verifier::profile::{Profile, SuiteName};

/// Checks the name of a profile.
pub fn parse_profile(name: &str) -> Result<String, String> {
    match Profile::by_name(name) {
        Some(_) => Ok(name.to_string()),
        None => Err(format!("profiles are {}", Profile::names().collect::<Vec<_>>().join(", "))),
    }
}

/// The profile of a name that [`parse_profile`] has accepted.
pub fn profile(name: &str) -> Result<Profile> {
    Profile::by_name(name).ok_or_else(|| anyhow!("unknown security profile `{name}`"))
}

/// Runs generic code with the suite that a value names.
#[macro_export]
macro_rules! with_suite {
    ($suite:expr, $s:ident => $body:expr) => {
        match $suite {
            stwo_ml_verifier::profile::SuiteName::Blake2s => {
                type $s = stwo::core::vcs_lifted::blake2_merkle::Blake2sMerkleChannel;
                $body
            }
            stwo_ml_verifier::profile::SuiteName::Poseidon252 => {
                type $s = stwo::core::vcs_lifted::poseidon252_merkle::Poseidon252MerkleChannel;
                $body
            }
        }
    };
}

/// Name of a suite, for people.
pub const fn name(suite: SuiteName) -> &'static str {
    stwo_ml_verifier::key::suite_name(suite)
}
