//! Weights of all indices of an axis, or sums of them. Points are LEAST significant coordinate
//! first.

use crate::field::{K, eq_table, one_k, pow2};

/// All values `eq(x, b)`, `x` least significant coordinate first.
pub fn table(x: Span<K>) -> Span<K> {
    eq_table(reverse(x)).span()
}

/// The first `n` values `eq(x, b)`, `1 <= n <= 2^len`.
pub fn table_below(mut x: Span<K>, n: u32) -> Span<K> {
    let mut table = array![one_k()].span();
    while let Some(c) = x.pop_back() {
        // Twice as many, but no more than the first `n` values have prefixes of.
        let left = pow2(x.len());
        let n_prefixes = (n + left - 1) / left;
        let mut next = array![];
        while let Some(t) = table.pop_front() {
            let right = *t * *c;
            next.append(*t - right);
            if next.len() == n_prefixes {
                break;
            }
            next.append(right);
        }
        table = next.span();
    }
    table
}

/// The same elements, last first.
pub fn reverse(mut x: Span<K>) -> Span<K> {
    let mut reversed = array![];
    while let Some(c) = x.pop_back() {
        reversed.append(*c);
    }
    reversed.span()
}

/// `sum_{q < extent} eq(a, q)`, `1 <= extent <= 2^len`.
pub fn below(mut a: Span<K>, extent: u32) -> K {
    let mut rest = extent;
    let mut sum = None;
    while let Some(c) = a.pop_front() {
        let (next, bit) = DivRem::div_rem(rest, 2);
        rest = next;
        sum = match sum {
            // The lower bits are all zero: what is below is all of them, if this bit is one.
            None => if bit == 1 {
                Some(one_k() - *c)
            } else {
                None
            },
            Some(sum) => Some(if bit == 1 {
                // (1 - c) + c sum.
                one_k() - *c + *c * sum
            } else {
                sum - *c * sum
            }),
        };
    }
    match (rest, sum) {
        (0, Some(sum)) => sum,
        (_, _) => one_k(),
    }
}
