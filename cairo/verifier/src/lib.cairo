//! Verifier of stwo-ml proofs (docs/protocol.md). Modules and names mirror the Rust crate
//! `verifier`.

mod affine;
#[cfg(test)]
mod affine_test;
mod bounds;
pub mod channel;

#[cfg(test)]
mod channel_test;
pub mod circuit;
#[cfg(test)]
mod circuit_test;
mod clear;
#[cfg(test)]
mod costs_test;
mod digits;
#[cfg(test)]
mod digits_test;
mod domain;
#[cfg(test)]
mod domain_test;
pub mod field;
#[cfg(test)]
mod field_test;
mod fold;
pub mod functional;
mod gauss;
#[cfg(test)]
mod gauss_test;
pub mod key;
pub mod layout;
#[cfg(test)]
mod layout_test;
mod lazy;
mod leaf;
#[cfg(test)]
mod leaf_test;
pub mod lookup;
#[cfg(test)]
mod lookup_test;
mod memo;
pub mod merkle;
#[cfg(test)]
mod merkle_test;
mod mle;
pub mod opening;
#[cfg(test)]
mod opening_test;
#[cfg(test)]
mod opening_vectors;
mod positions;
mod pow;
pub mod product;
pub mod profile;
#[cfg(test)]
mod profile_test;
mod public;
mod runs;
#[cfg(test)]
mod runs_test;
pub mod statement;
#[cfg(test)]
mod statement_test;
mod sumcheck;
mod sums;
mod tables;
mod tensor;
#[cfg(test)]
mod tensor_test;
#[cfg(test)]
mod testing;
pub mod transport;
pub mod verify;
#[cfg(test)]
mod verify_test;
#[cfg(test)]
mod verify_vectors;
mod windows;
pub mod wire;
