//! Verifier of stwo-ml proofs (docs/protocol.md). Modules and names mirror the Rust crate `verifier`.

mod bounds;
pub mod channel;
pub mod field;
mod pow;
pub mod wire;
