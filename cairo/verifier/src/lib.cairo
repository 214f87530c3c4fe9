//! Verifier of stwo-ml proofs (docs/protocol.md). Modules and names mirror the Rust crate
//! `verifier`.
//!
//! With the feature `recursion`, modules of `recursion/` take the place of those of the same name
//! that are for Starknet, with the same functions; tests here are for Starknet's.

mod affine;
#[cfg(and(test, not(feature: 'recursion')))]
mod affine_test;
#[cfg(not(feature: 'recursion'))]
mod basis;
#[cfg(not(feature: 'recursion'))]
mod blocks;
mod bounds;
#[cfg(not(feature: 'recursion'))]
pub mod channel;

#[cfg(and(test, not(feature: 'recursion')))]
mod channel_test;
pub mod circuit;
#[cfg(and(test, not(feature: 'recursion')))]
mod circuit_test;
#[cfg(not(feature: 'recursion'))]
mod clear;
#[cfg(and(test, not(feature: 'recursion')))]
mod costs_test;
mod decode;
mod digits;
#[cfg(and(test, not(feature: 'recursion')))]
mod digits_test;
mod dims;
mod domain;
#[cfg(and(test, not(feature: 'recursion')))]
mod domain_test;
#[cfg(not(feature: 'recursion'))]
pub mod field;
#[cfg(and(test, not(feature: 'recursion')))]
mod field_test;
#[cfg(not(feature: 'recursion'))]
mod fifths;
#[cfg(not(feature: 'recursion'))]
mod fold;
#[cfg(and(test, not(feature: 'recursion')))]
mod fold_test;
mod forms;
pub mod functional;
#[cfg(not(feature: 'recursion'))]
mod gauss;
#[cfg(and(test, not(feature: 'recursion')))]
mod gauss_test;
mod identities;
#[cfg(not(feature: 'recursion'))]
pub mod key;
pub mod layout;
#[cfg(and(test, not(feature: 'recursion')))]
mod layout_test;
#[cfg(not(feature: 'recursion'))]
mod lazy;
#[cfg(not(feature: 'recursion'))]
mod leaf;
#[cfg(and(test, not(feature: 'recursion')))]
mod leaf_test;
pub mod lookup;
#[cfg(and(test, not(feature: 'recursion')))]
mod lookup_test;
mod memo;
#[cfg(not(feature: 'recursion'))]
pub mod merkle;
#[cfg(and(test, not(feature: 'recursion')))]
mod merkle_test;
mod mle;
pub mod opening;
#[cfg(and(test, not(feature: 'recursion')))]
mod opening_test;
#[cfg(and(test, not(feature: 'recursion')))]
mod opening_vectors;
#[cfg(not(feature: 'recursion'))]
mod packing;
mod positions;
#[cfg(not(feature: 'recursion'))]
mod pow;
pub mod product;
#[cfg(and(test, not(feature: 'recursion')))]
mod product_test;
pub mod profile;
#[cfg(and(test, not(feature: 'recursion')))]
mod profile_test;
mod progressions;
mod public;
#[cfg(and(test, not(feature: 'recursion')))]
mod public_test;
#[cfg(feature: 'recursion')]
mod recursion;
#[cfg(feature: 'recursion')]
use recursion::{basis, blake, clear, fold, gauss, lazy, leaf, pow, sums, tensor};
#[cfg(feature: 'recursion')]
pub use recursion::{channel, field, key, merkle, statement, wire};
mod runs;
#[cfg(and(test, not(feature: 'recursion')))]
mod runs_test;
#[cfg(not(feature: 'recursion'))]
pub mod statement;
#[cfg(and(test, not(feature: 'recursion')))]
mod statement_test;
mod sumcheck;
#[cfg(not(feature: 'recursion'))]
mod sums;
mod tables;
#[cfg(not(feature: 'recursion'))]
mod tensor;
#[cfg(and(test, not(feature: 'recursion')))]
mod tensor_test;
#[cfg(and(test, not(feature: 'recursion')))]
mod testing;
mod tokens;
#[cfg(and(test, not(feature: 'recursion')))]
mod tokens_test;
#[cfg(not(feature: 'recursion'))]
pub mod transport;
pub mod verify;
#[cfg(and(test, not(feature: 'recursion')))]
mod verify_test;
#[cfg(and(test, not(feature: 'recursion')))]
mod verify_vectors;
mod window;
mod windows;
#[cfg(not(feature: 'recursion'))]
pub mod wire;
