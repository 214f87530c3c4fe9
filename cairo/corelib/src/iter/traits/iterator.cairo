//! Walks over values.

/// A walk: gives one value after the other.
pub trait Iterator<T> {
    type Item;
    fn next(ref self: T) -> Option<Self::Item>;
}
