//! The class that `verify` opens with. Written by the command that builds the contracts.

#[cfg(not(test))]
pub const OPENING_CLASS: felt252 =
    0x02217d4a2ca70d0a6ce06acbd71a184df535ff6d08873542982a16942321a125;
#[cfg(test)]
pub const OPENING_CLASS: felt252 = stwo_ml_opening::Opening::TEST_CLASS_HASH.into();
