//! The class that `verify` opens with. Written by the command that builds the contracts.

#[cfg(not(test))]
pub const OPENING_CLASS: felt252 =
    0x0537356312a7982c13834e2c90be76b7d3763906195241d7d3ea3e1e5a514665;
#[cfg(test)]
pub const OPENING_CLASS: felt252 = stwo_ml_opening::Opening::TEST_CLASS_HASH.into();
