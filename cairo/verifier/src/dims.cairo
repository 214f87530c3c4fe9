//! Boxes: lists of extents.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::{BoundedInt, downcast, upcast};
use crate::circuit::{Dim, bit_length};
use crate::digits::next;

/// A list of dimensions, with the sum of their bits.
#[inline(never)]
pub(crate) fn read_box(ref integers: Span<u32>) -> (Span<Dim>, u32) {
    let n = next(ref integers);
    let mut dims = array![];
    if n == 0 {
        return (dims.span(), 0);
    }
    assert(n < 32, 'circuit: too many dimensions');
    let mut bits = 0;
    let mut left: felt252 = n.into();
    while left != 0 {
        left -= 1;
        let dim = dim(next(ref integers));
        bits += dim.bits.into();
        dims.append(dim);
    }
    (dims.span(), box_bits(bits))
}

/// The bits of a box, 28 at most.
#[inline(always)]
pub(crate) fn box_bits(bits: felt252) -> u32 {
    match downcast::<felt252, BoundedInt<0, 28>>(bits) {
        Some(bits) => upcast(bits),
        None => core::panic_with_felt252('circuit: box too large'),
    }
}

/// The dimension of an extent.
#[inline(always)]
pub(crate) fn dim(extent: u32) -> Dim {
    match BITS.span().get(extent) {
        Some(bits) => {
            assert(extent != 0, 'circuit: empty dimension');
            Dim { extent, bits: *bits.unbox() }
        },
        None => Dim { extent, bits: bit_length(extent - 1) },
    }
}

/// The bits of dimensions by extent; there is no extent of zero.
const BITS: [u32; 65] = [
    0, 0, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5,
    5, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6,
    6,
];
