//! What Starknet refuses (versioned constants 0.14.4).

/// Felts of calldata of one transaction, those of the account's wrapper included.
pub const MAX_CALLDATA: usize = 5_000;
/// Felts that an account puts around the arguments of a single call: number of calls, contract,
/// selector, number of arguments.
pub const CALL_WRAPPER: usize = 4;
/// L2 gas of one execution.
pub const MAX_L2_GAS: u64 = 1_110_000_000;
/// Largest bound of L2 gas that a transaction may carry.
pub const MAX_L2_GAS_BOUND: u64 = 1_210_000_000;
/// Felts of the Sierra program of a class, and of its CASM.
pub const MAX_CLASS_FELTS: usize = 81_920;
/// Bytes of a class as JSON.
pub const MAX_CLASS_BYTES: usize = 4_089_446;
/// Oldest Sierra version whose calls are metered in gas. A transaction in which any call, the account's
/// included, is older is metered in steps: about three times dearer, and at most 10 million.
pub const GAS_METERED_SIERRA: (u64, u64) = (1, 7);
/// Lowest price of L2 gas, in fri (10^-18 STRK).
pub const MIN_L2_GAS_PRICE: u128 = 8_000_000_000;
