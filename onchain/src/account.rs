//! The account that signs and pays.

use starknet_rust::accounts::{ExecutionEncoding, SingleOwnerAccount};
use starknet_rust::core::types::{ContractClass, Felt, FlattenedSierraClass};
use starknet_rust::signers::LocalWallet;

use crate::key::Key;
use crate::limits::GAS_METERED_SIERRA;
use crate::network::Network;
use crate::rpc::{Node, Rpc};
use crate::{Error, Result};

/// An account on a node.
#[derive(Debug)]
pub struct Account {
    pub(crate) node: Node,
    pub(crate) signer: SingleOwnerAccount<Rpc, LocalWallet>,
    pub(crate) address: Felt,
}

impl Account {
    /// Opens an account, and checks that it exists and is metered in gas.
    ///
    /// # Errors
    /// No account at the address, one of an old class, failures of the node.
    pub async fn open(network: &Network, node: Node, address: Felt, key: &Key) -> Result<Self> {
        let missing = || Error::NoAccount { address, network: network.name.clone() };
        let hash = node.class_hash_at(address).await?.ok_or_else(missing)?;
        let class = node.class(hash).await?.ok_or_else(missing)?;
        check_metering(network, address, &class)?;
        let wallet = LocalWallet::from_signing_key(key.signing());
        let encoding = ExecutionEncoding::New;
        let signer = SingleOwnerAccount::new(node.rpc(), wallet, address, network.chain, encoding);
        Ok(Self { node, signer, address })
    }

    /// Its address.
    #[must_use]
    pub const fn address(&self) -> Felt {
        self.address
    }

    /// The node.
    #[must_use]
    pub const fn node(&self) -> &Node {
        &self.node
    }
}

/// Refuses an account whose calls would be metered in steps.
fn check_metering(network: &Network, address: Felt, class: &ContractClass) -> Result<()> {
    let ContractClass::Sierra(class) = class else {
        return Err(Error::OldAccount { address, major: 0, minor: 0 });
    };
    if network.local {
        // A starknet-devnet takes the version of the class file for the Sierra version.
        let fits = version_of(&class.contract_class_version) >= GAS_METERED_SIERRA;
        return if fits { Ok(()) } else { Err(Error::StepMetered(address)) };
    }
    let (major, minor) = sierra_version(class);
    if (major, minor) < GAS_METERED_SIERRA {
        return Err(Error::OldAccount { address, major, minor });
    }
    Ok(())
}

/// The first two numbers of `major.minor.patch`; zero for what is not a number.
fn version_of(text: &str) -> (u64, u64) {
    let mut numbers = text.split('.').map(|n| n.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// The Sierra version that a program starts with: major, minor.
fn sierra_version(class: &FlattenedSierraClass) -> (u64, u64) {
    let number = |i: usize| class.sierra_program.get(i).and_then(|&f| u64::try_from(f).ok());
    (number(0).unwrap_or(0), number(1).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Networks;

    fn class(version: &str, program: [u32; 3]) -> ContractClass {
        ContractClass::Sierra(FlattenedSierraClass {
            sierra_program: program.into_iter().map(Felt::from).collect(),
            contract_class_version: version.to_string(),
            entry_points_by_type: starknet_rust::core::types::EntryPointsByType {
                constructor: vec![],
                external: vec![],
                l1_handler: vec![],
            },
            abi: String::new(),
        })
    }

    #[test]
    fn old_accounts_are_refused() {
        let networks = Networks::default();
        let check = |name: &str, class: ContractClass| {
            check_metering(&networks.get(name).expect("built in"), Felt::ONE, &class)
        };
        assert!(check("sepolia", class("0.1.0", [1, 7, 0])).is_ok());
        let old = check("sepolia", class("0.1.0", [1, 6, 0]));
        assert!(matches!(old, Err(Error::OldAccount { major: 1, minor: 6, .. })));
        assert!(check("devnet", class("1.7.0", [1, 6, 0])).is_ok());
        let steps = check("devnet", class("0.1.0", [1, 7, 0]));
        assert!(matches!(steps, Err(Error::StepMetered(_))));
    }
}
