//! The Starknet contract that keeps models and verifies inferences of them.

pub mod interface;
pub mod registry;
#[cfg(test)]
mod registry_test;
mod security;
