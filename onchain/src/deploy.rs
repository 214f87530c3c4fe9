//! Declaring and deploying: each step only if it was not done before.

use starknet_rust::contract::UdcSelector;
use starknet_rust::core::types::{Call, Felt};
use starknet_rust::core::utils::{UdcUniqueness, get_udc_deployed_address};
use starknet_rust::macros::selector;

use crate::account::Account;
use crate::class::Class;
use crate::rpc::{Node, Receipt};
use crate::send::{Action, Options};
use crate::{Error, Result};

/// The address of a class without constructor arguments, deployed with a salt through the universal
/// deployer. It depends on nothing else: everybody who deploys the class finds the same contract.
#[must_use]
pub fn address(class_hash: Felt, salt: Felt) -> Felt {
    get_udc_deployed_address(salt, class_hash, &UdcUniqueness::NotUnique, &[])
}

/// What there is of a class on a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The class is declared.
    pub declared: bool,
    /// The contract is deployed at [`address`].
    pub deployed: bool,
}

/// Looks for a class and its contract.
///
/// # Errors
/// Failures of the node, or another class at the address.
pub async fn state(node: &Node, class_hash: Felt, salt: Felt) -> Result<State> {
    let declared = node.class(class_hash).await?.is_some();
    let at = address(class_hash, salt);
    let deployed = match node.class_hash_at(at).await? {
        None => false,
        Some(hash) if hash == class_hash => true,
        Some(hash) => return Err(Error::Class(format!("{at:#x} holds another class, {hash:#x}"))),
    };
    Ok(State { declared, deployed })
}

/// The transaction that declares a class.
#[must_use]
pub fn declare(class: &Class) -> Action {
    Action::Declare {
        class: std::sync::Arc::clone(&class.sierra),
        compiled_class_hash: class.compiled_hash,
    }
}

/// The transaction that deploys a declared class.
#[must_use]
pub fn deploy(class_hash: Felt, salt: Felt) -> Action {
    let (unique, no_arguments) = (Felt::ZERO, Felt::ZERO);
    Action::Invoke(Call {
        to: UdcSelector::New.address(),
        selector: selector!("deployContract"),
        calldata: vec![class_hash, salt, unique, no_arguments],
    })
}

/// Simulates, then sends.
///
/// # Errors
/// As [`Account::simulate`] and [`Account::send`].
pub async fn step(account: &Account, action: &Action, options: &Options) -> Result<Receipt> {
    let estimate = account.simulate(action).await?;
    account.send(action, &estimate, options).await
}
