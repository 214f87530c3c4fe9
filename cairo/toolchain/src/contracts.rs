//! The two classes of this project, which belong together.

use std::path::Path;

use starknet_types_core::felt::Felt;

use crate::{ContractArtifacts, Error, Options, Package, contract};

/// Where the registry names the class of the opening, below the folder of the packages.
pub const OPENING_CLASS_FILE: &str = "contract/src/opening_class.cairo";

/// The classes, in the order in which they are declared. Only the registry is deployed.
#[derive(Clone, Debug)]
pub struct Contracts {
    /// The verification of openings, which the registry calls by its class hash.
    pub opening: ContractArtifacts,
    /// The registry.
    pub registry: ContractArtifacts,
}

impl Contracts {
    /// The hashes of both classes as text, a line each.
    #[must_use]
    pub fn hashes(&self) -> String {
        let line = |name: &str, class: &ContractArtifacts| {
            let (hash, compiled) = (class.class_hash, class.compiled_class_hash);
            format!("{name} class {hash:#066x} compiled {compiled:#066x}\n")
        };
        line("opening", &self.opening) + &line("registry", &self.registry)
    }
}

/// Compiles both classes from the folder with the packages `opening` and `contract`.
///
/// # Errors
/// As [`contract`], and when the registry names another class than that of the opening.
pub fn contracts(folder: &Path, options: &Options) -> Result<Contracts, Error> {
    let opening = contract(&Package::load(&folder.join("opening"))?, options)?;
    let path = folder.join(OPENING_CLASS_FILE);
    let named = std::fs::read_to_string(&path).map_err(Error::file(&path))?;
    if named != opening_class_source(opening.class_hash) {
        return Err(Error::OpeningClass { path, class_hash: opening.class_hash });
    }
    let registry = contract(&Package::load(&folder.join("contract"))?, options)?;
    Ok(Contracts { opening, registry })
}

/// The Cairo source that names the class of the opening, [`OPENING_CLASS_FILE`].
#[must_use]
pub fn opening_class_source(class_hash: Felt) -> String {
    format!(
        "//! The class that `verify` opens with. Written by the command that builds the contracts.

#[cfg(not(test))]
pub const OPENING_CLASS: felt252 =
    {class_hash:#066x};
#[cfg(test)]
pub const OPENING_CLASS: felt252 = stwo_ml_opening::Opening::TEST_CLASS_HASH.into();
"
    )
}
