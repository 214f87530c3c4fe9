//! The contract's class: what the compiler wrote, as the network takes it.

use std::sync::Arc;

use serde_json::{Value, json};
use starknet_rust::core::types::contract::{CompiledClass, SierraClass};
use starknet_rust::core::types::{Felt, FlattenedSierraClass};

use crate::limits::{MAX_CLASS_BYTES, MAX_CLASS_FELTS};
use crate::{Error, Result};

/// The version that class files carry everywhere but on a local node.
const CLASS_VERSION: &str = "0.1.0";
/// A starknet-devnet takes the version of the class file for the Sierra version, and meters classes
/// older than 1.7 in steps. The class hash does not depend on it.
const LOCAL_CLASS_VERSION: &str = "1.7.0";

/// A contract class, ready to be declared.
#[derive(Clone, Debug)]
pub struct Class {
    /// What is declared.
    pub sierra: Arc<FlattenedSierraClass>,
    /// Its hash.
    pub hash: Felt,
    /// The hash of the CASM that it compiles to (Blake2s, Starknet 0.14.1 and later).
    pub compiled_hash: Felt,
    /// Felts of the Sierra program.
    pub sierra_felts: usize,
    /// Felts of the CASM.
    pub casm_felts: usize,
}

impl Class {
    /// Reads a compiler's Sierra and CASM files, for a local node or for a public network.
    ///
    /// # Errors
    /// Malformed files, or a class beyond the limits of the network.
    pub fn from_json(sierra: &str, casm: &str, local: bool) -> Result<Self> {
        let malformed =
            |what: &str, e: &dyn std::fmt::Display| Error::Class(format!("{what}: {e}"));
        let class = sierra_class(sierra).map_err(|e| malformed("Sierra", &e))?;
        let mut flat = class.flatten().map_err(|e| malformed("ABI", &e))?;
        flat.contract_class_version =
            if local { LOCAL_CLASS_VERSION } else { CLASS_VERSION }.to_string();
        let casm: CompiledClass = serde_json::from_str(casm).map_err(|e| malformed("CASM", &e))?;
        let compiled_hash = casm.class_hash().map_err(|e| malformed("CASM", &e))?;
        let bytes = serde_json::to_vec(&flat).map_err(|e| malformed("Sierra", &e))?.len();
        let (sierra_felts, casm_felts) = (flat.sierra_program.len(), casm.bytecode.len());
        for (what, got, limit) in [
            ("Sierra program in felts", sierra_felts, MAX_CLASS_FELTS),
            ("CASM in felts", casm_felts, MAX_CLASS_FELTS),
            ("class file in bytes", bytes, MAX_CLASS_BYTES),
        ] {
            if got > limit {
                return Err(Error::ClassSize { what, got, limit });
            }
        }
        let hash = flat.class_hash();
        Ok(Self { sierra: Arc::new(flat), hash, compiled_hash, sierra_felts, casm_felts })
    }
}

/// Reads a Sierra file, with or without debug information, which nobody declares.
fn sierra_class(text: &str) -> Result<SierraClass, serde_json::Error> {
    let mut value: Value = serde_json::from_str(text)?;
    if let Some(fields) = value.as_object_mut() {
        let nothing = json!({ "type_names": [], "libfunc_names": [], "user_func_names": [] });
        fields.insert("sierra_program_debug_info".into(), nothing);
    }
    serde_json::from_value(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_classes_are_refused_with_the_file() {
        let error = Class::from_json("{}", "{}", false).expect_err("no class").to_string();
        assert!(error.contains("Sierra"), "{error}");
        let sierra = r#"{"sierra_program":["0x1"],"contract_class_version":"0.1.0",
            "entry_points_by_type":{"EXTERNAL":[],"L1_HANDLER":[],"CONSTRUCTOR":[]},"abi":[]}"#;
        let error = Class::from_json(sierra, "{}", false).expect_err("no class").to_string();
        assert!(error.contains("CASM"), "{error}");
    }
}
