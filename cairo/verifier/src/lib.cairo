//! Verifier of stwo-ml proofs (docs/protocol.md). Modules and names mirror the Rust crate
//! `verifier`.

mod bounds;
pub mod channel;
mod clear;
mod domain;
pub mod field;
mod leaf;
pub mod merkle;
pub mod opening;

#[cfg(test)]
mod opening_test;
#[cfg(test)]
mod opening_vectors;
mod pow;
pub mod profile;
mod tensor;
#[cfg(test)]
mod testing;
mod windows;
pub mod wire;
