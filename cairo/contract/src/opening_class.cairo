//! The class that `verify` opens with. Written by the command that builds the contracts.

#[cfg(not(test))]
pub const OPENING_CLASS: felt252 =
    0x0221d78d4f27f579145e23478534e3f83d907b62fa05f5f12931d5b6ece181a9;
#[cfg(test)]
pub const OPENING_CLASS: felt252 = stwo_ml_opening::Opening::TEST_CLASS_HASH.into();
