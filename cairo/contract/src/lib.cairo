//! The Starknet contract that keeps models and verifies inferences of them.

pub mod interface;
pub mod registry;
mod security;
#[cfg(test)]
mod registry_test;
