//! `start..end` and `start..=end`.

use crate::iter::{IntoIterator, Iterator};
use crate::num::traits::One;

/// From `start` up to, but without, `end`.
#[derive(Clone, Drop, PartialEq)]
pub struct Range<T> {
    pub start: T,
    pub end: T,
}

/// From `start` to `end`.
#[derive(Clone, Drop, PartialEq)]
pub struct RangeInclusive<T> {
    pub start: T,
    pub end: T,
}

/// The operator `..`.
pub trait RangeOp<T> {
    fn range(start: T, end: T) -> Range<T>;
}

impl RangeOpImpl<T> of RangeOp<T> {
    fn range(start: T, end: T) -> Range<T> {
        Range { start, end }
    }
}

/// The operator `..=`.
pub trait RangeInclusiveOp<T> {
    fn range_inclusive(start: T, end: T) -> RangeInclusive<T>;
}

impl RangeInclusiveOpImpl<T> of RangeInclusiveOp<T> {
    fn range_inclusive(start: T, end: T) -> RangeInclusive<T> {
        RangeInclusive { start, end }
    }
}

mod internal {
    use crate::internal::OptionRev;
    use crate::iter::Iterator;

    /// A range that is known not to be reversed.
    pub extern type IntRange<T>;
    impl IntRangeCopy<T> of Copy<IntRange<T>>;
    impl IntRangeDrop<T> of Drop<IntRange<T>>;

    pub extern fn int_range_try_new<T>(
        x: T, y: T,
    ) -> Result<IntRange<T>, IntRange<T>> implicits(crate::RangeCheck) nopanic;
    pub extern fn int_range_pop_front<T>(range: IntRange<T>) -> OptionRev<(IntRange<T>, T)> nopanic;

    impl IntRangeIterator<T, +Copy<T>, +Drop<T>> of Iterator<IntRange<T>> {
        type Item = T;
        fn next(ref self: IntRange<T>) -> Option<T> {
            match int_range_pop_front(self) {
                OptionRev::Some((rest, value)) => {
                    self = rest;
                    Some(value)
                },
                OptionRev::None => None,
            }
        }
    }
}
use internal::{IntRange, int_range_try_new};

/// The integers whose ranges the virtual machine counts by itself.
trait Counted<T>;
impl CountedU8 of Counted<u8>;
impl CountedU16 of Counted<u16>;
impl CountedU32 of Counted<u32>;
impl CountedU64 of Counted<u64>;
impl CountedU128 of Counted<u128>;
impl CountedI8 of Counted<i8>;
impl CountedI16 of Counted<i16>;
impl CountedI32 of Counted<i32>;
impl CountedI64 of Counted<i64>;
impl CountedI128 of Counted<i128>;

impl RangeIntoIterator<T, +Copy<T>, +Drop<T>, +Counted<T>> of IntoIterator<Range<T>> {
    type IntoIter = IntRange<T>;
    fn into_iter(self: Range<T>) -> IntRange<T> {
        match int_range_try_new(self.start, self.end) {
            Ok(range) => range,
            Err(empty) => empty,
        }
    }
}

/// The state of a walk over a `RangeInclusive`.
#[derive(Clone, Drop)]
pub struct RangeInclusiveIterator<T> {
    current: T,
    end: T,
    done: bool,
}

impl RangeInclusiveIteratorImpl<
    T, +One<T>, +Add<T>, +Copy<T>, +Drop<T>, +PartialEq<T>,
> of Iterator<RangeInclusiveIterator<T>> {
    type Item = T;
    fn next(ref self: RangeInclusiveIterator<T>) -> Option<T> {
        if self.done {
            return None;
        }
        let value = self.current;
        if value == self.end {
            self.done = true;
        } else {
            self.current = value + One::one();
        }
        Some(value)
    }
}

impl RangeInclusiveIntoIterator<
    T, +One<T>, +Add<T>, +Copy<T>, +Drop<T>, +PartialEq<T>, +PartialOrd<T>,
> of IntoIterator<RangeInclusive<T>> {
    type IntoIter = RangeInclusiveIterator<T>;
    fn into_iter(self: RangeInclusive<T>) -> RangeInclusiveIterator<T> {
        let done = self.start > self.end;
        RangeInclusiveIterator { current: self.start, end: self.end, done }
    }
}
