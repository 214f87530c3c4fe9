//! The stwo-ml prover.
#![feature(portable_simd)]

pub mod commit;
pub mod grind;
pub mod mle;
pub mod opening;
