//! The verifier contract: its calls and questions.
//!
//! Arguments arrive in ABI order, as `stwo-ml-calldata` packs them.

use starknet_rust::core::types::{Call, Felt};
use starknet_rust::macros::selector;

use crate::rpc::Node;
use crate::send::Action;
use crate::{Error, Result};

/// Name of the function that checks a proof.
pub const VERIFY: &str = "verify";
/// Name of the function that registers a model.
pub const REGISTER: &str = "register_model";

/// A deployed verifier contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verifier {
    /// Its address.
    pub address: Felt,
}

impl Verifier {
    /// The transaction that registers a model.
    #[must_use]
    pub const fn register(self, calldata: Vec<Felt>) -> Action {
        Action::Invoke(Call { to: self.address, selector: selector!("register_model"), calldata })
    }

    /// The transaction that verifies a proof.
    #[must_use]
    pub const fn verify(self, calldata: Vec<Felt>) -> Action {
        Action::Invoke(Call { to: self.address, selector: selector!("verify"), calldata })
    }

    /// Whether a model is registered.
    ///
    /// # Errors
    /// No contract, another contract, failures of the node.
    pub async fn is_registered(self, node: &Node, model_id: Felt) -> Result<bool> {
        let function = "is_registered";
        let answer = node.call(self.address, function, vec![model_id]).await?;
        match answer[..] {
            [felt] if felt == Felt::ZERO => Ok(false),
            [felt] if felt == Felt::ONE => Ok(true),
            _ => Err(Error::Answer { address: self.address, function, got: answer.len() }),
        }
    }
}
