//! Sums of products that are compared once, as they are.

use crate::field::{K, zero_k};

/// An element of `K`.
#[derive(Copy, Drop)]
pub(crate) struct Gauss {
    value: K,
}

#[generate_trait]
pub(crate) impl GaussImpl of GaussTrait {
    #[inline(always)]
    fn zero() -> Gauss {
        Gauss { value: zero_k() }
    }

    #[inline(always)]
    fn from(k: K) -> Gauss {
        Gauss { value: k }
    }

    #[inline(always)]
    fn add(self: Gauss, y: Gauss) -> Gauss {
        Gauss { value: self.value + y.value }
    }

    #[inline(always)]
    fn sub(self: Gauss, y: Gauss) -> Gauss {
        Gauss { value: self.value - y.value }
    }

    #[inline(always)]
    fn mul(self: Gauss, y: Gauss) -> Gauss {
        Gauss { value: self.value * y.value }
    }

    #[inline(always)]
    fn square(self: Gauss) -> Gauss {
        Gauss { value: self.value * self.value }
    }

    /// `self + x y + z w`.
    #[inline(always)]
    fn add_products(self: Gauss, x: Gauss, y: Gauss, z: Gauss, w: Gauss) -> Gauss {
        Gauss { value: self.value + x.value * y.value + z.value * w.value }
    }

    /// Whether the element is zero.
    #[inline(always)]
    fn is_zero(self: Gauss) -> bool {
        self.value == zero_k()
    }

    /// The element.
    #[inline(always)]
    fn reduce(self: Gauss) -> K {
        self.value
    }
}
