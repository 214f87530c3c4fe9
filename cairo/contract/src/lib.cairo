//! The Starknet contract that keeps models and verifies inferences of them.

pub mod interface;
mod opening_class;
pub mod registry;
#[cfg(test)]
mod registry_test;
#[cfg(test)]
mod registry_vectors;
