//! The suite for recursion: Blake2s, and a field backend on the machine's own instructions. The
//! modules stand in for those of the same name one folder up, which are for Starknet: there neither
//! instruction exists, here felts with many limbs have no use.

pub(crate) mod basis;
pub(crate) mod blake;
pub mod channel;
pub(crate) mod clear;
pub mod field;
pub(crate) mod fold;
pub(crate) mod gauss;
pub mod key;
pub(crate) mod lazy;
pub(crate) mod leaf;
pub mod merkle;
pub(crate) mod pow;
pub mod statement;
#[cfg(test)]
mod suite_test;
pub(crate) mod sums;
pub(crate) mod tensor;
pub mod wire;
