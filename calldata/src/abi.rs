//! The arguments of the verifier contract, in the order of its interface.

use starknet_types_core::felt::Felt;
use thiserror::Error;

use crate::{Calldata, Sizes};

/// Most felts of the arguments of a call that an account sends alone: a transaction takes 5,000, of
/// which the account needs four.
pub const MAX_ARGUMENTS: usize = 4_996;

/// More arguments than a transaction takes.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TooLong {
    /// Of a verification.
    #[error("a transaction takes {MAX_ARGUMENTS} felts of arguments, this proof needs {sizes}")]
    Verify {
        /// What needs how many.
        sizes: Sizes,
    },
    /// Of a registration.
    #[error(
        "a transaction takes {MAX_ARGUMENTS} felts of arguments, registering this model needs {got}"
    )]
    Register {
        /// How many.
        got: usize,
    },
}

impl Calldata {
    /// `verify(model_id, model, context: u256, inputs, outputs, proof)`: a span is its length and its
    /// felts, the context its low and its high 128 bits.
    #[must_use]
    pub fn verify_arguments(&self) -> Vec<Felt> {
        let mut out = vec![self.model_id];
        span(&mut out, &self.model);
        let (high, low) = self.context.split_at(16);
        out.extend([low, high].map(Felt::from_bytes_be_slice));
        for felts in [&self.inputs, &self.outputs, &self.proof] {
            span(&mut out, felts);
        }
        out
    }

    /// `register_model(model)`.
    #[must_use]
    pub fn register_arguments(&self) -> Vec<Felt> {
        let mut out = vec![];
        span(&mut out, &self.model);
        out
    }

    /// Checks that a transaction can carry the verification.
    ///
    /// # Errors
    /// It is too long; says which part takes how much.
    pub fn check_verify(&self, sizes: &Sizes) -> Result<(), TooLong> {
        match self.verify_arguments().len() > MAX_ARGUMENTS {
            true => Err(TooLong::Verify { sizes: *sizes }),
            false => Ok(()),
        }
    }

    /// Checks that a transaction can carry the registration.
    ///
    /// # Errors
    /// It is too long.
    pub fn check_register(&self) -> Result<(), TooLong> {
        match self.register_arguments().len() {
            got if got > MAX_ARGUMENTS => Err(TooLong::Register { got }),
            _ => Ok(()),
        }
    }
}

fn span(out: &mut Vec<Felt>, felts: &[Felt]) {
    out.push(Felt::from(felts.len()));
    out.extend(felts);
}
