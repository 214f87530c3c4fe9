//! Polynomials in elements of `K` that are reduced once. Part of the field's backend.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::{self, upcast};
use crate::bounds::*;
use crate::field::{K, M31, NZ_P, UNIT_16};

/// An element of `K` whose coordinates are integers of either sign. Bits are those of the largest
/// coordinate: 31 of an element of `K`, those of both factors and three more of a product.
#[derive(Copy, Drop)]
pub(crate) struct Lazy {
    c0: felt252,
    c1: felt252,
    c2: felt252,
    c3: felt252,
}

/// A multiple of `p` above `2^126`.
const BIAS: felt252 = 0x7fffffff000000000000000000000000;
/// `p 2^218`, above `2^248`; with `2^250` more it is still below the order of the field.
const WIDE_BIAS: felt252 = 0x1fffffffc000000000000000000000000000000000000000000000000000000;

#[generate_trait]
pub(crate) impl LazyImpl of LazyTrait {
    #[inline(always)]
    fn zero() -> Lazy {
        Lazy { c0: 0, c1: 0, c2: 0, c3: 0 }
    }

    #[inline(always)]
    fn from(k: K) -> Lazy {
        Lazy { c0: upcast(k.c0), c1: upcast(k.c1), c2: upcast(k.c2), c3: upcast(k.c3) }
    }

    #[inline(always)]
    fn from_felts(c0: felt252, c1: felt252, c2: felt252, c3: felt252) -> Lazy {
        Lazy { c0, c1, c2, c3 }
    }

    #[inline(always)]
    fn mul(self: Lazy, y: Lazy) -> Lazy {
        let Lazy { c0: a, c1: b, c2: c, c3: d } = self;
        let Lazy { c0: e, c1: f, c2: g, c3: h } = y;
        // (c + d i)(g + h i), to be multiplied by 2 + i.
        let re = c * g - d * h;
        let im = c * h + d * g;
        Lazy {
            c0: a * e - b * f + re + re - im,
            c1: a * f + b * e + re + im + im,
            c2: a * g + c * e - b * h - d * f,
            c3: a * h + b * g + c * f + d * e,
        }
    }

    #[inline(always)]
    fn add(self: Lazy, y: Lazy) -> Lazy {
        Lazy { c0: self.c0 + y.c0, c1: self.c1 + y.c1, c2: self.c2 + y.c2, c3: self.c3 + y.c3 }
    }

    #[inline(always)]
    fn sub(self: Lazy, y: Lazy) -> Lazy {
        Lazy { c0: self.c0 - y.c0, c1: self.c1 - y.c1, c2: self.c2 - y.c2, c3: self.c3 - y.c3 }
    }

    /// The sum with an integer.
    #[inline(always)]
    fn add_int(self: Lazy, y: felt252) -> Lazy {
        Lazy { c0: self.c0 + y, c1: self.c1, c2: self.c2, c3: self.c3 }
    }

    /// The element, of at most 126 bits.
    #[inline(never)]
    fn reduce(self: Lazy) -> K {
        K {
            c0: reduce_narrow(self.c0),
            c1: reduce_narrow(self.c1),
            c2: reduce_narrow(self.c2),
            c3: reduce_narrow(self.c3),
        }
    }

    /// The element, of at most 248 bits.
    #[inline(never)]
    fn reduce_wide(self: Lazy) -> K {
        K {
            c0: reduce_wide(self.c0),
            c1: reduce_wide(self.c1),
            c2: reduce_wide(self.c2),
            c3: reduce_wide(self.c3),
        }
    }
}

/// `v mod p`, `-2^126 < v < 2^126`.
#[inline(always)]
fn reduce_narrow(v: felt252) -> M31 {
    let v: u128 = (v + BIAS).try_into().expect('field: sum too large');
    let (_, rem) = bounded_int::div_rem(v, NZ_P);
    upcast(rem)
}

/// `v mod p`, `-2^248 < v < 2^250`.
#[inline(always)]
pub(crate) fn reduce_wide(v: felt252) -> M31 {
    let v: u256 = (v + WIDE_BIAS).into();
    // 2^128 = 2^4 mod p.
    let high = bounded_int::mul(v.high, UNIT_16);
    let (_, rem) = bounded_int::div_rem(bounded_int::add(high, v.low), NZ_P);
    upcast(rem)
}

/// A sum of products of elements of `K`; at most `2^60` of them.
#[derive(Copy, Drop)]
pub struct ProductSum {
    sum: Lazy,
}

#[generate_trait]
pub impl ProductSumImpl of ProductSumTrait {
    /// Zero.
    #[inline(always)]
    fn new() -> ProductSum {
        ProductSum { sum: LazyTrait::zero() }
    }

    /// Adds `x y`.
    #[inline(always)]
    fn add(ref self: ProductSum, x: K, y: K) {
        self.sum = self.sum.add(LazyTrait::from(x).mul(LazyTrait::from(y)));
    }

    /// The sum.
    #[inline(never)]
    fn reduce(self: ProductSum) -> K {
        self.sum.reduce()
    }
}

/// `sum_i x_i y_i`. The shorter length counts.
pub fn inner_product(x: Span<K>, y: Span<K>) -> K {
    let (mut x, mut y) = (x, y);
    let mut sum = ProductSumTrait::new();
    while let Some(a) = x.pop_front() {
        let Some(b) = y.pop_front() else {
            break;
        };
        sum.add(*a, *b);
    }
    sum.reduce()
}
