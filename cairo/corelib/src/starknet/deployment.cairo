//! How tests deploy contracts.

/// The salt of the address, and whether it depends on the deployer.
#[cfg(target: 'test')]
#[derive(Drop, Copy, PartialEq, Serde, Default)]
pub struct DeploymentParams {
    pub salt: felt252,
    pub deploy_from_zero: bool,
}
