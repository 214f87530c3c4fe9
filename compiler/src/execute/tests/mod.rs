//! The executor against definitions that are written out.

pub mod build;
mod check;
mod identities;
mod naive;
mod steps;
