//! The stwo-ml prover: a trace of a circuit becomes a proof.
#![feature(portable_simd)]

pub mod commit;
mod contract;
pub mod cost;
pub mod grind;
pub mod lookup;
pub mod mle;
pub mod opening;
pub mod packed;
pub mod poseidon;
pub mod product;
pub mod prove;
pub mod sender;
pub mod weights;
