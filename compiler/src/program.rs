//! How an honest prover fills the witness: the private half of a compiled model.
//!
//! A step solves one identity or lookup of the circuit for tensors that are not known yet, so the
//! circuit itself is the single definition of every operation's integer semantics (PROTOCOL §3).
//! A wrong program cannot make a wrong proof: it makes a witness that the circuit rejects.

use serde::{Deserialize, Serialize};
use stwo_ml_verifier::circuit::{Circuit, TensorId};

/// One step. "The value of the identity" is the sum of all its terms and products that contain no
/// tensor that the step solves for; every such tensor is read by the identity through a view that
/// is injective on the box of the identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Mixed-radix split of the value `v` of the identity. The identity has the terms
    /// `-radix_j * part_j`, radices falling: `part_0 = floor(v / radix_0)`, then the same with the
    /// rest. One part of radix one is a plain assignment.
    Split {
        /// The identity.
        identity: u32,
        /// `(tensor, radix)`, the radix being minus the coefficient of its term.
        parts: Vec<(TensorId, i64)>,
    },
    /// Floor division. The identity has the terms `- divisor * quotient` (a product without sum
    /// variables, the quotient being its factor `b`) and `- remainder`; the divisor is positive.
    Divide {
        /// The identity.
        identity: u32,
        /// The quotient.
        quotient: TensorId,
        /// The remainder, in `0..divisor`.
        remainder: TensorId,
    },
    /// `max[j]` is the largest value of the identity over all indices at which its term
    /// `-max` reads `max[j]`; then `difference = max - value`. The identity has the terms
    /// `-max` and `+difference`.
    Max {
        /// The identity.
        identity: u32,
        /// The maxima; its view in the identity need not be injective.
        max: TensorId,
        /// The differences, never negative.
        difference: TensorId,
    },
    /// Fills the values of a lookup, each a single tensor with coefficient one, from its key.
    Lookup {
        /// The lookup.
        lookup: u32,
    },
    /// Scale of a positive tensor `x`: `u >= 0` smallest with `x < 4^u * 2^log_bound`.
    Scale {
        /// The tensor `x`, of the same shape as `scale`.
        x: TensorId,
        /// Receives `u`.
        scale: TensorId,
        /// log2 of the bound.
        log_bound: u32,
    },
}

/// A program: steps in order, and the contents of padding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// The steps. Multiplicities are counted after the last one.
    pub steps: Vec<Step>,
    /// For each tensor, the value of every padding entry of a `Witness` or `Model` tensor that no
    /// `Lookup` step fills (those are filled by the step).
    pub padding: Vec<i32>,
}

/// What a tensor of the circuit means.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TensorInfo {
    /// Label for people: the node's name and the role (`conv1.out`, `conv1.remainder`).
    pub label: String,
    /// `real = integer * 2^-exponent`.
    pub exponent: i32,
    /// The graph node whose value this tensor is, if it is one: used by the deviation report.
    pub node: Option<usize>,
    /// Shape of that node.
    pub shape: Vec<usize>,
    /// Extents of the entries that the model's computation has: the tensor's shape, before it is
    /// raised to powers of two.
    pub extents: Vec<u32>,
}

/// A public tensor of the compiled model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Port {
    /// Name in the model file.
    pub name: String,
    /// Shape in the model file.
    pub shape: Vec<usize>,
    /// The tensor.
    pub tensor: TensorId,
    /// `real = integer * 2^-exponent`.
    pub exponent: i32,
}

/// A compiled model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Compiled {
    /// The circuit.
    pub circuit: Circuit,
    /// The program.
    pub program: Program,
    /// Entries of every `Model` tensor (real extents, row-major); empty for all other tensors.
    pub model: Vec<Vec<i32>>,
    /// One for each tensor.
    pub info: Vec<TensorInfo>,
    /// Inputs, in the order of the model file.
    pub inputs: Vec<Port>,
    /// Outputs, in the order of the model file.
    pub outputs: Vec<Port>,
}
