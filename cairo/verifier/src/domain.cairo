//! Points of the circle codes (PROTOCOL §4.2, Appendix A).

use core::gas::withdraw_gas;
#[feature("bounded-int-utils")]
use core::internal::bounded_int::{self, UnitInt, upcast};
use crate::bounds::*;
use crate::windows::{WINDOW_0, WINDOW_1, WINDOW_2, WINDOW_3};

/// A point of the circle `x^2 + y^2 = 1`.
pub(crate) type Point = (Centred, Centred);

const NZ_2: NonZero<UnitInt<2>> = 2;
const NZ_32: NonZero<UnitInt<32>> = 32;
const NZ_256: NonZero<UnitInt<256>> = 256;
const NZ_512: NonZero<UnitInt<512>> = 512;
const UNIT_30: Unit30 = 0x40000000;
const UNIT_CENTRE: UnitCentre = 0x3fffffffc0000000;
const UNIT_DOUBLE: UnitDouble = 0x3fffffffbfffffff;
const MINUS_1: UnitMinus1 = -1;

/// The point at `position` of a code over `size = 2^l` points,
/// `CanonicCoset::new(l).circle_domain().at(bit_reverse_index(position, l))`.
///
/// Bit `k >= 1` of a position stands for the point of order `2^k`, all of them are offset by the
/// point of order `2^(l + 1)`, and bit 0 is for the conjugate.
pub(crate) fn point_at(position: u32, size: u32, p: NonZero<UnitP>) -> Point {
    let (half, conjugate) = bounded_int::div_rem(position, NZ_2);
    let bits: u32 = upcast(half) + size;
    let (bits, digit) = bounded_int::div_rem(bits, NZ_512);
    let mut point = *WINDOW_0.span()[upcast(digit)];
    let (bits, digit) = bounded_int::div_rem(upcast::<_, u32>(bits), NZ_256);
    point = add(point, *WINDOW_1.span()[upcast(digit)], p);
    let bits: u32 = upcast(bits);
    if bits != 0 {
        // Paid for only where it is run, like every branch that withdraws gas.
        withdraw_gas().expect('Out of gas');
        let (bits, digit) = bounded_int::div_rem(bits, NZ_32);
        point = add(point, *WINDOW_2.span()[upcast(digit)], p);
        let bits: u32 = upcast(bits);
        if bits != 0 {
            point = add(point, *WINDOW_3.span()[bits], p);
        }
    }
    let (x, y) = point;
    let conjugate: u32 = upcast(conjugate);
    if conjugate == 0 {
        (x, y)
    } else {
        (x, bounded_int::mul(y, MINUS_1))
    }
}

/// The sum of two points of the circle group.
#[inline(always)]
fn add(a: Point, b: Point, p: NonZero<UnitP>) -> Point {
    let (ax, ay) = a;
    let (bx, by) = b;
    let x = bounded_int::sub(bounded_int::mul(ax, bx), bounded_int::mul(ay, by));
    let y = bounded_int::add(bounded_int::mul(ax, by), bounded_int::mul(ay, bx));
    (
        centre(upcast(bounded_int::add(x, UNIT_CENTRE)), p),
        centre(upcast(bounded_int::add(y, UNIT_CENTRE)), p),
    )
}

/// `pi(x) = 2 x^2 - 1`: the first coordinate of the double of a point.
#[inline(always)]
pub(crate) fn double_x(x: Centred, p: NonZero<UnitP>) -> Centred {
    let square = bounded_int::mul(x, x);
    centre(upcast(bounded_int::add(bounded_int::add(square, square), UNIT_DOUBLE)), p)
}

/// The centred element `v - 2^30 mod p`.
#[inline(always)]
fn centre(v: Sum, p: NonZero<UnitP>) -> Centred {
    let (_, rem) = bounded_int::div_rem(v, p);
    upcast(bounded_int::sub(rem, UNIT_30))
}
