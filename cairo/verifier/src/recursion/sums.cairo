//! Sums of products, by the names of the backend for Starknet.

use crate::field::{K, Packed, zero_k};

/// A sum of products of an element of `K` and a sum of scaled elements.
#[derive(Copy, Drop)]
pub struct WeightedSum {
    sum: K,
}

#[generate_trait]
pub impl WeightedSumImpl of WeightedSumTrait {
    /// Zero.
    #[inline(always)]
    fn new() -> WeightedSum {
        WeightedSum { sum: zero_k() }
    }

    /// Adds `x s`.
    #[inline(always)]
    fn add(ref self: WeightedSum, x: K, s: Packed) {
        self.sum = self.sum + x * s.value;
    }

    /// The sum.
    #[inline(always)]
    fn reduce(self: WeightedSum) -> K {
        self.sum
    }
}
