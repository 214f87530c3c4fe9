//! `K` inside the field of Starknet, in which `-1` is a square. Part of the field's backend.
//!
//! `c0 + c1 i` becomes the felt `c0 + c1 I`, `I^2 = -1`: integers of `Z[i]` add and multiply as
//! these felts do, so that a product in `K` is four products of felts and not sixteen. As long as
//! the coordinates are small, the felt determines them: with `A + B I = 0` and `A^2 + B^2` the
//! order of the field, `B (c0 + c1 I) = B c0 - A c1` and `A (c0 + c1 I) = A c0 + B c1`, both
//! far below the order, and both sides are the same integer.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::{self, upcast};
use crate::bounds::*;
use crate::field::{K, M31, reduce};
use crate::lazy::reduce_wide;

/// A square root of `-1`.
const I: felt252 = 0x625023929a2995b533120664329f8c7c5268e56ac8320da2a616626f41337e3;
/// `2 + I`, the square of `u`.
const U_SQUARE: felt252 = 0x625023929a2995b533120664329f8c7c5268e56ac8320da2a616626f41337e5;
const A: felt252 = 0x2671cc0c822435067a6d3d8651af95d9;
const B: felt252 = 0x17e0047e10a22170163f58381e134c3c;
/// `A`, `B` and `-A`, divided by `A^2 + B^2`, modulo `p`.
const A_INVERSE: M31 = 0x32c2501b;
const B_INVERSE: M31 = 0x1b05dbbf;
const MINUS_A_INVERSE: M31 = 0x4d3dafe4;

/// An element of `K` whose coordinates are integers of either sign, below `2^122` whenever it is
/// reduced or compared: then `|A c0| + |B c1| < 2^248`.
#[derive(Copy, Drop)]
pub(crate) struct Gauss {
    /// `c0 + c1 I`.
    low: felt252,
    /// `c2 + c3 I`.
    high: felt252,
}

#[generate_trait]
pub(crate) impl GaussImpl of GaussTrait {
    #[inline(always)]
    fn zero() -> Gauss {
        Gauss { low: 0, high: 0 }
    }

    #[inline(always)]
    fn from(k: K) -> Gauss {
        let (c0, c1): (felt252, felt252) = (upcast(k.c0), upcast(k.c1));
        let (c2, c3): (felt252, felt252) = (upcast(k.c2), upcast(k.c3));
        Gauss { low: c0 + c1 * I, high: c2 + c3 * I }
    }

    #[inline(always)]
    fn add(self: Gauss, y: Gauss) -> Gauss {
        Gauss { low: self.low + y.low, high: self.high + y.high }
    }

    #[inline(always)]
    fn sub(self: Gauss, y: Gauss) -> Gauss {
        Gauss { low: self.low - y.low, high: self.high - y.high }
    }

    /// Coordinates of the bits of both factors together and three more; so in
    /// [`GaussTrait::square`].
    #[inline(always)]
    fn mul(self: Gauss, y: Gauss) -> Gauss {
        Gauss {
            low: self.low * y.low + self.high * y.high * U_SQUARE,
            high: self.low * y.high + self.high * y.low,
        }
    }

    #[inline(always)]
    fn square(self: Gauss) -> Gauss {
        let mixed = self.low * self.high;
        Gauss { low: self.low * self.low + self.high * self.high * U_SQUARE, high: mixed + mixed }
    }

    /// `self + x y + z w`.
    #[inline(always)]
    fn add_products(self: Gauss, x: Gauss, y: Gauss, z: Gauss, w: Gauss) -> Gauss {
        Gauss {
            low: self.low
                + x.low * y.low
                + z.low * w.low
                + (x.high * y.high + z.high * w.high) * U_SQUARE,
            high: self.high + x.low * y.high + x.high * y.low + z.low * w.high + z.high * w.low,
        }
    }

    /// The product with an integer.
    #[cfg(test)]
    fn scaled(self: Gauss, by: felt252) -> Gauss {
        Gauss { low: self.low * by, high: self.high * by }
    }

    /// Whether the element is zero.
    #[inline(never)]
    fn is_zero(self: Gauss) -> bool {
        // A^2 + B^2 is not divisible by p: both combinations are zero only if both coordinates are.
        let (x, y) = (reduce_wide(self.low * B), reduce_wide(self.low * A));
        let (z, w) = (reduce_wide(self.high * B), reduce_wide(self.high * A));
        // No summand is negative.
        upcast::<_, felt252>(x) + upcast(y) + upcast(z) + upcast(w) == 0
    }

    /// The element.
    #[inline(never)]
    fn reduce(self: Gauss) -> K {
        let (c0, c1) = coordinates(self.low);
        let (c2, c3) = coordinates(self.high);
        K { c0, c1, c2, c3 }
    }
}

/// `c0` and `c1` of `c0 + c1 I`, modulo `p`.
fn coordinates(v: felt252) -> (M31, M31) {
    // B c0 - A c1 and A c0 + B c1.
    let x = reduce_wide(v * B);
    let y = reduce_wide(v * A);
    let c0 = bounded_int::add(bounded_int::mul(x, B_INVERSE), bounded_int::mul(y, A_INVERSE));
    let c1 = bounded_int::add(bounded_int::mul(x, MINUS_A_INVERSE), bounded_int::mul(y, B_INVERSE));
    (reduce(upcast(c0)), reduce(upcast(c1)))
}
