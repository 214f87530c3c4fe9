//! Arithmetic circuits: only the builtins' names, which the compiler asks for.

/// The builtin that checks ranges of 96 bits.
pub extern type RangeCheck96;
/// The builtin of modular additions.
pub extern type AddMod;
/// The builtin of modular multiplications.
pub extern type MulMod;
