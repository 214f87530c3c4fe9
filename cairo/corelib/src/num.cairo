//! Numbers.

pub mod traits;
