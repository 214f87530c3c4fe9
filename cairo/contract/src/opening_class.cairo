//! The class that `verify` opens with. Written by the command that builds the contracts.

#[cfg(not(test))]
pub const OPENING_CLASS: felt252 =
    0x0536cbb546c66568b902f47394ec6ca2f1ac94e1ef429888a5b1b8259f575011;
#[cfg(test)]
pub const OPENING_CLASS: felt252 = stwo_ml_opening::Opening::TEST_CLASS_HASH.into();
