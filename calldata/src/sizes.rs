//! How many felts each part takes.

use serde::Serialize;

/// Felts of the arguments of a verification, by part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sizes {
    /// The model: circuit, parameters, root.
    pub model: usize,
    /// Input tensors.
    pub inputs: usize,
    /// Output tensors.
    pub outputs: usize,
    /// The proof: root and out-of-domain value of the witness.
    pub witness: usize,
    /// The proof: lookups, with their nonce and the two values that follow.
    pub lookups: usize,
    /// The proof: identities.
    pub identities: usize,
    /// The proof: rounds of the opening, the tail among them.
    pub rounds: usize,
    /// The proof: roots, out-of-domain values and nonces of the levels, and the clear table.
    pub tables: usize,
    /// The proof: opened leaves.
    pub leaves: usize,
    /// The proof: siblings of the multi-proofs.
    pub siblings: usize,
    /// Identifier, context and lengths.
    pub frame: usize,
}

impl Sizes {
    /// The felts of the proof.
    #[must_use]
    pub const fn proof(&self) -> usize {
        self.witness
            + self.lookups
            + self.identities
            + self.rounds
            + self.tables
            + self.leaves
            + self.siblings
    }

    /// All arguments of the contract's `verify`.
    #[must_use]
    pub const fn arguments(&self) -> usize {
        self.frame + self.model + self.inputs + self.outputs + self.proof()
    }
}

impl std::fmt::Display for Sizes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} felts: model {}, inputs {}, outputs {}, proof {} (lookups {}, identities {}, \
             rounds {}, tables {}, leaves {}, siblings {})",
            self.arguments(),
            self.model,
            self.inputs,
            self.outputs,
            self.proof(),
            self.lookups,
            self.identities,
            self.rounds,
            self.tables,
            self.leaves,
            self.siblings
        )
    }
}
