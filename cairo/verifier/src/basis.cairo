//! Multiples of an element of `K` by many others. Part of the field's backend.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::upcast;
use crate::field::{K, Packed, ScaledSum, ScaledSumTrait, reduce_felt};

/// `k, i k, u k, i u k`: what a product with `k` is a combination of.
pub(crate) type Basis = Box<[Packed; 4]>;

#[generate_trait]
pub(crate) impl BasisImpl of BasisTrait {
    /// That of `k`.
    fn new(k: K) -> Basis {
        BoxTrait::new(ScaledSumTrait::pack_basis(k))
    }

    /// Adds `k x` to a sum.
    #[inline(always)]
    fn add_to(self: Basis, ref sum: ScaledSum, x: K) {
        let [b0, b1, b2, b3] = self.unbox();
        sum.add(x.c0.into(), b0);
        sum.add(x.c1.into(), b1);
        sum.add(x.c2.into(), b2);
        sum.add(x.c3.into(), b3);
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

/// The sum of at most `2^32` elements.
#[inline(never)]
pub(crate) fn sum(mut elements: Span<K>) -> K {
    let (mut s0, mut s1, mut s2, mut s3) = (0, 0, 0, 0);
    while let Some(a) = elements.pop_front() {
        s0 += upcast(*a.c0);
        s1 += upcast(*a.c1);
        s2 += upcast(*a.c2);
        s3 += upcast(*a.c3);
    }
    K { c0: reduce_felt(s0), c1: reduce_felt(s1), c2: reduce_felt(s2), c3: reduce_felt(s3) }
}
