//! The stwo-ml verifier: PROTOCOL in Rust, alone.
//!
//! This crate depends on nothing of the prover, builds on stable Rust, and every other crate of the
//! project uses its definitions.
//!
//! It reads what strangers wrote. Nothing in it may panic, or depend on a cast that loses something:
//! what the lints below cannot see is bounded by `Circuit::validate`, and an exception states why it
//! holds. Overflow of integers is not among the lints: sizes are bounded by the same checks, and the
//! arithmetic of fields has none.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::todo,
        clippy::unimplemented,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::wildcard_enum_match_arm,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss
    )
)]

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
mod padding;
mod plain;
pub mod product;
pub mod profile;
pub mod proof;
mod validate;
pub mod verify;
pub mod wire;
