//! What tests may ask.

use crate::gas::GasBuiltin;

/// Gas left; without what later code has been paid for already.
pub extern fn get_available_gas() -> u128 implicits(GasBuiltin) nopanic;
/// Gas left, in full.
pub extern fn get_unspent_gas() -> u128 implicits(GasBuiltin) nopanic;
