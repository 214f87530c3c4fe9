//! Recursion: any number of stwo-ml proofs, of any models, as one Cairo proof of constant size, or
//! as few of them as hold all (docs/recursion.md).
//!
//! The Cairo verifier of `cairo/verifier` is compiled as an executable, run on the Cairo VM, and the run
//! is proven with stwo-cairo. [`verify`] needs nothing but the file, and trusts constants of the release:
//! the hash of the program, the parameters, the root of the preprocessed columns.

pub mod batch;
pub mod bulk;
pub mod cells;
pub mod checkpoint;
pub mod file;
pub mod groups;
pub mod pack;
pub mod params;
pub mod profile;
pub mod program;
pub mod prove;
pub mod run;
mod stark;
pub mod statement;
pub mod verify;
