//! Arrays of fixed size.

use crate::array::ToSpanTrait;

impl FixedSizeArrayDrop<T, +Drop<T>, const N: usize> of Drop<[T; N]>;
impl FixedSizeArrayCopy<T, +Copy<T>, const N: usize> of Copy<[T; N]>;

impl FixedSizeArrayPartialEq<
    T, const N: usize, +PartialEq<T>, impl ToSpan: ToSpanTrait<[T; N], T>,
> of PartialEq<[T; N]> {
    fn eq(lhs: @[T; N], rhs: @[T; N]) -> bool {
        ToSpan::span(lhs) == ToSpan::span(rhs)
    }
}
