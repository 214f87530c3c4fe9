//! `*value`, and members found through another type.

/// What a value stands for.
pub trait Deref<T> {
    type Target;
    fn deref(self: T) -> Self::Target;
}

/// What a variable stands for, when that may change.
pub trait DerefMut<T> {
    type Target;
    fn deref_mut(ref self: T) -> Self::Target;
}

impl SnapshotTDeref<T, +Copy<T>> of Deref<@T> {
    type Target = T;
    fn deref(self: @T) -> T {
        *self
    }
}
