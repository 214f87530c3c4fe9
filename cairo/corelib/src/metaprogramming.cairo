//! Facts about types.

/// `S` and `T` are the same type.
pub trait TypeEqual<S, T> {}
impl TypeEqualImpl<T> of TypeEqual<T, T>;
