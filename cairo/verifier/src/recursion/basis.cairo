//! Multiples of an element of `K` by many others.

use crate::field::{K, ScaledSum, zero_k};

/// An element whose products are asked for.
pub(crate) type Basis = K;

#[generate_trait]
pub(crate) impl BasisImpl of BasisTrait {
    /// That of `k`.
    fn new(k: K) -> Basis {
        k
    }

    /// Adds `k x` to a sum.
    #[inline(always)]
    fn add_to(self: Basis, ref sum: ScaledSum, x: K) {
        sum.value = sum.value + self * x;
    }
}

/// All products of one of `a` and one of `b`, in this order.
pub(crate) fn products(mut a: Span<K>, b: Span<K>) -> Array<K> {
    let mut products = array![];
    while let Some(x) = a.pop_front() {
        let mut rest = b;
        while let Some(y) = rest.pop_front() {
            products.append(*x * *y);
        }
    }
    products
}

/// The sum of elements.
pub(crate) fn sum(mut elements: Span<K>) -> K {
    let mut sum = zero_k();
    while let Some(element) = elements.pop_front() {
        sum = sum + *element;
    }
    sum
}
