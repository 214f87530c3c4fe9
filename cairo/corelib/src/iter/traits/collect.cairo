//! What can be walked over.

use crate::array::{SpanIter, ToSpanTrait};
use super::Iterator;

/// Values that `for` walks over.
pub trait IntoIterator<T> {
    type IntoIter;
    impl Iterator: Iterator<Self::IntoIter>;

    fn into_iter(self: T) -> Self::IntoIter;
}

impl IteratorIntoIterator<T, +Iterator<T>> of IntoIterator<T> {
    type IntoIter = T;
    fn into_iter(self: T) -> T {
        self
    }
}

impl FixedSizeArrayIntoIterator<
    T, const SIZE: usize, +Drop<T>, impl ToSpan: ToSpanTrait<[T; SIZE], T>,
> of IntoIterator<@[T; SIZE]> {
    type IntoIter = SpanIter<T>;
    fn into_iter(self: @[T; SIZE]) -> SpanIter<T> {
        ToSpan::span(self).into_iter()
    }
}
