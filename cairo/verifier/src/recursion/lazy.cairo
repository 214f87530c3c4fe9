//! Polynomials in elements of `K`: here nothing is gained by reducing late.

use crate::field::{K, from_felt, zero_k};

/// An element of `K`.
#[derive(Copy, Drop)]
pub(crate) struct Lazy {
    value: K,
}

#[generate_trait]
pub(crate) impl LazyImpl of LazyTrait {
    #[inline(always)]
    fn zero() -> Lazy {
        Lazy { value: zero_k() }
    }

    #[inline(always)]
    fn from(k: K) -> Lazy {
        Lazy { value: k }
    }

    #[inline(always)]
    fn mul(self: Lazy, y: Lazy) -> Lazy {
        Lazy { value: self.value * y.value }
    }

    #[inline(always)]
    fn add(self: Lazy, y: Lazy) -> Lazy {
        Lazy { value: self.value + y.value }
    }

    #[inline(always)]
    fn sub(self: Lazy, y: Lazy) -> Lazy {
        Lazy { value: self.value - y.value }
    }

    /// The sum with an integer below `p`.
    #[inline(always)]
    fn add_int(self: Lazy, y: felt252) -> Lazy {
        Lazy { value: self.value + from_felt(y) }
    }

    /// The element.
    #[inline(always)]
    fn reduce(self: Lazy) -> K {
        self.value
    }
}

/// A sum of products of elements of `K`.
#[derive(Copy, Drop)]
pub struct ProductSum {
    sum: K,
}

#[generate_trait]
pub impl ProductSumImpl of ProductSumTrait {
    /// Zero.
    #[inline(always)]
    fn new() -> ProductSum {
        ProductSum { sum: zero_k() }
    }

    /// Adds `x y`.
    #[inline(always)]
    fn add(ref self: ProductSum, x: K, y: K) {
        self.sum = self.sum + x * y;
    }

    /// The sum.
    #[inline(always)]
    fn reduce(self: ProductSum) -> K {
        self.sum
    }
}

/// `sum_i x_i y_i`. The shorter length counts.
pub fn inner_product(x: Span<K>, y: Span<K>) -> K {
    let (mut x, mut y) = (x, y);
    let mut sum = zero_k();
    while let Some(a) = x.pop_front() {
        let Some(b) = y.pop_front() else {
            break;
        };
        sum = sum + *a * *b;
    }
    sum
}
