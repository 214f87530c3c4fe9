//! Elliptic curves: only the builtin's name, which the compiler asks for.

/// The builtin of the curve operation.
pub extern type EcOp;
