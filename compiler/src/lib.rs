//! From a model file to a circuit, and from an input to a witness.

pub mod evaluate;
pub mod execute;
mod gemm;
pub mod graph;
pub mod import;
pub mod passes;
pub mod ports;
pub mod program;
pub mod quantise;
