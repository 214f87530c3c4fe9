//! Statements, keys and proofs (PROTOCOL §1, §5).

use serde::{Deserialize, Serialize};

use crate::channel::{Hash, Suite};
use crate::circuit::{Circuit, Kind, Tensor};
use crate::error::{StatementError, VerifyError};
use crate::field::{K, is_canonical};
use crate::lookup::LookupProof;
use crate::opening::OpeningProof;
use crate::product::ProductProof;

/// What a proof claims: these outputs are the circuit's at these inputs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Entries of every `Input` tensor in order of tensor id, real extents, row-major.
    pub inputs: Vec<Vec<i32>>,
    /// Entries of every `Output` tensor, likewise.
    pub outputs: Vec<Vec<i32>>,
    /// Binds a proof to its use (chain, contract, request); zero if unused.
    pub context: [u8; 32],
}

impl Statement {
    /// Checks the number of public tensors, their lengths and every entry's interval.
    ///
    /// # Errors
    /// Names the tensor and the entry.
    pub fn check(&self, circuit: &Circuit) -> Result<(), StatementError> {
        let inputs = circuit.tensors.iter().filter_map(|t| match t.kind {
            Kind::Input { lo, hi } => Some((t, lo, hi)),
            Kind::Model | Kind::Witness | Kind::Output { .. } => None,
        });
        let outputs = circuit.tensors.iter().filter_map(|t| match t.kind {
            Kind::Output { lo, hi } => Some((t, lo, hi)),
            Kind::Model | Kind::Witness | Kind::Input { .. } => None,
        });
        check_tensors("input", &self.inputs, &inputs.collect::<Vec<_>>())?;
        check_tensors("output", &self.outputs, &outputs.collect::<Vec<_>>())
    }
}

/// A proof, in the order in which it is made.
pub struct Proof<S: Suite> {
    /// Root of `W`.
    pub witness_root: Hash<S>,
    /// `W` at its out-of-domain point.
    pub witness_ood: K,
    /// Lookups (PROTOCOL §5.1).
    pub lookup: LookupProof,
    /// Identities (PROTOCOL §5.2).
    pub product: ProductProof,
    /// Opening (PROTOCOL §5.4).
    pub opening: OpeningProof<S>,
}

impl<S: Suite> Proof<S> {
    /// Checks that every field element outside the opening, which checks its own, is canonical: a
    /// proof that was read is, one that was built in memory need not be.
    pub(crate) fn check_canonical(&self) -> Result<(), VerifyError> {
        let check = |what, values: &[K]| match is_canonical(values) {
            true => Ok(()),
            false => Err(VerifyError::NotCanonical { what }),
        };
        check("the out-of-domain value", &[self.witness_ood])?;
        for layer in &self.lookup.layers {
            check("a round of the lookups", layer.rounds.as_flattened())?;
            check("a mask of the lookups", &layer.mask)?;
        }
        check("the columns of the tables", &[self.lookup.model_columns])?;
        let product = &self.product;
        check("the linear parts", &[product.witness_linear, product.model_linear])?;
        check("a round of the identities", product.rounds.as_flattened())?;
        check("a factor", &product.factors)
    }
}

crate::plain::plain_data!(Proof { witness_root, witness_ood, lookup, product, opening });

fn check_tensors(
    what: &'static str,
    given: &[Vec<i32>],
    declared: &[(&Tensor, i32, i32)],
) -> Result<(), StatementError> {
    if given.len() != declared.len() {
        let (got, expected) = (given.len(), declared.len());
        return Err(StatementError::Count { what, got, expected });
    }
    for (index, (entries, &(tensor, lo, hi))) in given.iter().zip(declared).enumerate() {
        if entries.len() as u64 != tensor.n_entries() {
            let (got, expected) = (entries.len(), tensor.n_entries());
            return Err(StatementError::Length { what, index, got, expected });
        }
        if let Some(entry) = entries.iter().position(|v| !(lo..=hi).contains(v)) {
            let value = entries.get(entry).copied().unwrap_or_default();
            return Err(StatementError::Range { what, index, entry, value, lo, hi });
        }
    }
    Ok(())
}
