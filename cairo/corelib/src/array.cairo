//! Arrays, which grow at the end, and spans, which look at a part of one.

use crate::RangeCheck;
use crate::box::BoxTrait;
use crate::clone::Clone;
use crate::iter::{IntoIterator, Iterator};
use crate::metaprogramming::TypeEqual;
use crate::ops::IndexView;
use crate::option::OptionTrait;
use crate::serde::Serde;

/// A row of values.
pub extern type Array<T>;

/// A part of an array.
pub struct Span<T> {
    pub(crate) snapshot: @Array<T>,
}

impl ArrayDrop<T, +Drop<T>> of Drop<Array<T>>;
impl SpanCopy<T> of Copy<Span<T>>;
impl SpanDrop<T> of Drop<Span<T>>;

extern fn array_new<T>() -> Array<T> nopanic;
extern fn array_append<T>(ref arr: Array<T>, value: T) nopanic;
extern fn array_pop_front<T>(ref arr: Array<T>) -> Option<Box<T>> nopanic;
extern fn array_pop_front_consume<T>(arr: Array<T>) -> Option<(Array<T>, Box<T>)> nopanic;
pub(crate) extern fn array_snapshot_pop_front<T>(ref arr: @Array<T>) -> Option<Box<@T>> nopanic;
extern fn array_snapshot_pop_back<T>(ref arr: @Array<T>) -> Option<Box<@T>> nopanic;
extern fn array_snapshot_multi_pop_front<PoppedT, impl Info: FixedSizedArrayInfo<PoppedT>>(
    ref arr: @Array<Info::Element>,
) -> Option<@Box<PoppedT>> implicits(RangeCheck) nopanic;
extern fn array_snapshot_multi_pop_back<PoppedT, impl Info: FixedSizedArrayInfo<PoppedT>>(
    ref arr: @Array<Info::Element>,
) -> Option<@Box<PoppedT>> implicits(RangeCheck) nopanic;
extern fn array_get<T>(
    arr: @Array<T>, index: usize,
) -> Option<Box<@T>> implicits(RangeCheck) nopanic;
extern fn array_slice<T>(
    arr: @Array<T>, start: usize, length: usize,
) -> Option<@Array<T>> implicits(RangeCheck) nopanic;
extern fn array_len<T>(arr: @Array<T>) -> usize nopanic;
extern fn span_from_tuple<T, impl Info: FixedSizedArrayInfo<T>>(
    struct_like: Box<@T>,
) -> @Array<Info::Element> nopanic;
extern fn tuple_from_span<T, impl Info: FixedSizedArrayInfo<T>>(
    span: @Array<Info::Element>,
) -> Option<@Box<T>> nopanic;

/// What the compiler has to know of the type of a fixed-size array.
trait FixedSizedArrayInfo<S> {
    type Element;
    const SIZE: usize;
}

impl FixedSizedArrayInfoImpl<T, const SIZE: usize> of FixedSizedArrayInfo<[T; SIZE]> {
    type Element = T;
    const SIZE: usize = SIZE;
}

#[generate_trait]
pub impl ArrayImpl<T> of ArrayTrait<T> {
    /// An array without elements.
    #[inline]
    fn new() -> Array<T> nopanic {
        array_new()
    }

    /// Adds an element at the end.
    #[inline]
    fn append(ref self: Array<T>, value: T) nopanic {
        array_append(ref self, value)
    }

    /// Adds copies of all elements of a span.
    fn append_span<+Clone<T>, +Drop<T>>(ref self: Array<T>, mut span: Span<T>) {
        match span.pop_front() {
            Some(value) => {
                self.append(value.clone());
                self.append_span(span);
            },
            None => {},
        }
    }

    /// Takes the first element off.
    #[inline]
    fn pop_front(ref self: Array<T>) -> Option<T> nopanic {
        match array_pop_front(ref self) {
            Some(value) => Some(value.unbox()),
            None => None,
        }
    }

    /// Splits into the first element and the others.
    #[inline]
    fn pop_front_consume(self: Array<T>) -> Option<(Array<T>, T)> nopanic {
        match array_pop_front_consume(self) {
            Some((rest, value)) => Some((rest, value.unbox())),
            None => None,
        }
    }

    /// The element at an index, if there is one.
    #[inline]
    fn get(self: @Array<T>, index: usize) -> Option<Box<@T>> {
        array_get(self, index)
    }

    /// The element at an index; panics if there is none.
    fn at(self: @Array<T>, index: usize) -> @T {
        array_get(self, index).expect('Index out of bounds').unbox()
    }

    /// How many elements there are.
    #[inline]
    #[must_use]
    fn len(self: @Array<T>) -> usize {
        array_len(self)
    }

    /// Whether there is no element.
    #[inline]
    #[must_use]
    fn is_empty(self: @Array<T>) -> bool {
        self.span().is_empty()
    }

    /// All of it.
    #[inline]
    #[must_use]
    fn span(snapshot: @Array<T>) -> Span<T> {
        Span { snapshot }
    }
}

#[generate_trait]
pub impl SpanImpl<T> of SpanTrait<T> {
    /// Takes the first element off.
    #[inline]
    fn pop_front(ref self: Span<T>) -> Option<@T> nopanic {
        let mut snapshot = self.snapshot;
        let first = array_snapshot_pop_front(ref snapshot);
        self = Span { snapshot };
        match first {
            Some(value) => Some(value.unbox()),
            None => None,
        }
    }

    /// Takes the last element off.
    #[inline]
    fn pop_back(ref self: Span<T>) -> Option<@T> {
        let mut snapshot = self.snapshot;
        let last = array_snapshot_pop_back(ref snapshot);
        self = Span { snapshot };
        match last {
            Some(value) => Some(value.unbox()),
            None => None,
        }
    }

    /// Takes the first `SIZE` elements off, or none if there are fewer.
    fn multi_pop_front<const SIZE: usize>(ref self: Span<T>) -> Option<@Box<[T; SIZE]>> {
        array_snapshot_multi_pop_front(ref self.snapshot)
    }

    /// Takes the last `SIZE` elements off, or none if there are fewer.
    fn multi_pop_back<const SIZE: usize>(ref self: Span<T>) -> Option<@Box<[T; SIZE]>> {
        array_snapshot_multi_pop_back(ref self.snapshot)
    }

    /// The element at an index, if there is one.
    #[inline]
    fn get(self: Span<T>, index: usize) -> Option<Box<@T>> {
        array_get(self.snapshot, index)
    }

    /// The element at an index; panics if there is none.
    #[inline]
    fn at(self: Span<T>, index: usize) -> @T {
        self.snapshot.at(index)
    }

    /// `length` elements from `start` on; panics if there are fewer.
    #[inline]
    fn slice(self: Span<T>, start: usize, length: usize) -> Span<T> {
        Span { snapshot: array_slice(self.snapshot, start, length).expect('Index out of bounds') }
    }

    /// How many elements there are.
    #[inline]
    #[must_use]
    fn len(self: Span<T>) -> usize {
        array_len(self.snapshot)
    }

    /// Whether there is no element.
    #[inline]
    #[must_use]
    fn is_empty(self: Span<T>) -> bool {
        let mut snapshot = self.snapshot;
        match array_snapshot_pop_front(ref snapshot) {
            Some(_) => false,
            None => true,
        }
    }
}

impl ArrayIndex<T> of IndexView<Array<T>, usize> {
    type Target = @T;
    fn index(self: @Array<T>, index: usize) -> @T {
        ArrayTrait::at(self, index)
    }
}

impl SpanIndex<T> of IndexView<Span<T>, usize> {
    type Target = @T;
    #[inline]
    fn index(self: @Span<T>, index: usize) -> @T {
        self.snapshot.at(index)
    }
}

/// Types that lie in memory as a row of values.
pub trait ToSpanTrait<C, T> {
    #[must_use]
    fn span(self: @C) -> Span<T>;
}

impl ArrayToSpan<T> of ToSpanTrait<Array<T>, T> {
    #[inline]
    fn span(self: @Array<T>) -> Span<T> {
        ArrayTrait::span(self)
    }
}

impl FixedSizeArrayBoxToSpan<T, const SIZE: usize> of ToSpanTrait<Box<@[T; SIZE]>, T> {
    fn span(self: @Box<@[T; SIZE]>) -> Span<T> {
        Span { snapshot: span_from_tuple(*self) }
    }
}

impl FixedSizeArrayToSpan<
    T, const SIZE: usize, -TypeEqual<[T; SIZE], [T; 0]>,
> of ToSpanTrait<[T; SIZE], T> {
    #[inline]
    fn span(self: @[T; SIZE]) -> Span<T> {
        BoxTrait::new(self).span()
    }
}

impl EmptyFixedSizeArrayToSpan<T, +Drop<T>> of ToSpanTrait<[T; 0], T> {
    #[inline]
    fn span(self: @[T; 0]) -> Span<T> {
        array![].span()
    }
}

impl SpanTryIntoFixedSizedArray<
    T, const SIZE: usize, -TypeEqual<[T; SIZE], [T; 0]>,
> of TryInto<Span<T>, @Box<[T; SIZE]>> {
    #[inline]
    fn try_into(self: Span<T>) -> Option<@Box<[T; SIZE]>> {
        tuple_from_span(self.snapshot)
    }
}

impl ArrayIntoSpan<T, +Drop<T>> of Into<Array<T>, Span<T>> {
    fn into(self: Array<T>) -> Span<T> {
        self.span()
    }
}

impl SpanIntoArray<T, +Drop<T>, +Clone<T>> of Into<Span<T>, Array<T>> {
    fn into(self: Span<T>) -> Array<T> {
        let mut copy = array![];
        copy.append_span(self);
        copy
    }
}

impl SpanIntoArraySnapshot<T> of Into<Span<T>, @Array<T>> {
    fn into(self: Span<T>) -> @Array<T> {
        self.snapshot
    }
}

impl SnapshotIntoSpan<C, T, +ToSpanTrait<C, T>> of Into<@C, Span<T>> {
    fn into(self: @C) -> Span<T> {
        self.span()
    }
}

impl ArrayDefault<T> of Default<Array<T>> {
    #[inline]
    fn default() -> Array<T> {
        ArrayTrait::new()
    }
}

impl ArrayClone<T, +Clone<T>, +Drop<T>> of Clone<Array<T>> {
    fn clone(self: @Array<T>) -> Array<T> {
        let mut copy = array![];
        let mut rest = self.span();
        while let Some(value) = rest.pop_front() {
            copy.append(value.clone());
        }
        copy
    }
}

impl ArrayPartialEq<T, +PartialEq<T>> of PartialEq<Array<T>> {
    fn eq(lhs: @Array<T>, rhs: @Array<T>) -> bool {
        lhs.span() == rhs.span()
    }
}

impl SpanPartialEq<T, +PartialEq<T>> of PartialEq<Span<T>> {
    fn eq(lhs: @Span<T>, rhs: @Span<T>) -> bool {
        let mut left = *lhs;
        let mut right = *rhs;
        if left.len() != right.len() {
            return false;
        }
        loop {
            match left.pop_front() {
                Some(value) => { if value != right.pop_front().unwrap() {
                    break false;
                } },
                None => { break true; },
            }
        }
    }
}

fn serialize_elements<T, +Serde<T>, +Drop<T>>(mut rest: Span<T>, ref output: Array<felt252>) {
    match rest.pop_front() {
        Some(value) => {
            value.serialize(ref output);
            serialize_elements(rest, ref output);
        },
        None => {},
    }
}

fn deserialize_elements<T, +Serde<T>, +Drop<T>>(
    ref serialized: Span<felt252>, mut elements: Array<T>, remaining: felt252,
) -> Option<Array<T>> {
    if remaining == 0 {
        return Some(elements);
    }
    elements.append(Serde::deserialize(ref serialized)?);
    deserialize_elements(ref serialized, elements, remaining - 1)
}

impl ArraySerde<T, +Serde<T>, +Drop<T>> of Serde<Array<T>> {
    fn serialize(self: @Array<T>, ref output: Array<felt252>) {
        output.append(self.len().into());
        serialize_elements(self.span(), ref output);
    }

    fn deserialize(ref serialized: Span<felt252>) -> Option<Array<T>> {
        let length = *serialized.pop_front()?;
        deserialize_elements(ref serialized, array![], length)
    }
}

impl SpanFelt252Serde of Serde<Span<felt252>> {
    fn serialize(self: @Span<felt252>, ref output: Array<felt252>) {
        output.append((*self).len().into());
        serialize_elements(*self, ref output)
    }

    fn deserialize(ref serialized: Span<felt252>) -> Option<Span<felt252>> {
        let length: u32 = (*serialized.pop_front()?).try_into()?;
        let head = array_slice(serialized.snapshot, 0, length)?;
        let rest = serialized.len() - length;
        serialized.snapshot = array_slice(serialized.snapshot, length, rest)?;
        Some(Span { snapshot: head })
    }
}

impl SpanSerde<T, +Serde<T>, +Drop<T>, -TypeEqual<felt252, T>> of Serde<Span<T>> {
    fn serialize(self: @Span<T>, ref output: Array<felt252>) {
        output.append((*self).len().into());
        serialize_elements(*self, ref output)
    }

    fn deserialize(ref serialized: Span<felt252>) -> Option<Span<T>> {
        let length = *serialized.pop_front()?;
        Some(deserialize_elements(ref serialized, array![], length)?.span())
    }
}

/// A walk over a span.
pub struct SpanIter<T> {
    span: Span<T>,
}

impl SpanIterDrop<T> of Drop<SpanIter<T>>;
impl SpanIterCopy<T> of Copy<SpanIter<T>>;

impl SpanIterator<T> of Iterator<SpanIter<T>> {
    type Item = @T;
    fn next(ref self: SpanIter<T>) -> Option<@T> {
        self.span.pop_front()
    }
}

impl SpanIntoIterator<T> of IntoIterator<Span<T>> {
    type IntoIter = SpanIter<T>;
    fn into_iter(self: Span<T>) -> SpanIter<T> {
        SpanIter { span: self }
    }
}

impl SnapshotSpanIntoIterator<T> of IntoIterator<@Span<T>> {
    type IntoIter = SpanIter<T>;
    fn into_iter(self: @Span<T>) -> SpanIter<T> {
        SpanIter { span: *self }
    }
}

impl SnapshotArrayIntoIterator<T> of IntoIterator<@Array<T>> {
    type IntoIter = SpanIter<T>;
    fn into_iter(self: @Array<T>) -> SpanIter<T> {
        SpanIter { span: self.span() }
    }
}

/// A walk that uses an array up.
#[derive(Drop)]
pub struct ArrayIter<T> {
    array: Array<T>,
}

impl ArrayIterator<T> of Iterator<ArrayIter<T>> {
    type Item = T;
    fn next(ref self: ArrayIter<T>) -> Option<T> {
        self.array.pop_front()
    }
}

impl ArrayIntoIterator<T> of IntoIterator<Array<T>> {
    type IntoIter = ArrayIter<T>;
    fn into_iter(self: Array<T>) -> ArrayIter<T> {
        ArrayIter { array: self }
    }
}
