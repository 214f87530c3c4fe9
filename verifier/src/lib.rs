//! The stwo-ml verifier: PROTOCOL in Rust, alone.
//!
//! This crate depends on nothing of the prover, builds on stable Rust, and every other crate of the
//! project uses its definitions.

pub mod channel;
pub mod circuit;
pub mod codec;
pub mod encoding;
pub mod error;
pub mod field;
pub mod functional;
pub mod key;
pub mod layout;
pub mod lookup;
pub mod merkle;
pub mod opening;
mod plain;
pub mod product;
pub mod profile;
pub mod proof;
mod validate;
pub mod verify;
pub mod wire;
