//! The next claim of a round of sumcheck (PROTOCOL §4.2, §5.2), reduced as late as
//! possible.

use crate::field::K;
use crate::lazy::{Lazy, LazyTrait};

/// The value at `r` of the quadratic polynomial with the coefficients `c0`, `c2` whose values at 0
/// and 1 have the sum `claim`: `c0 + r (c1 + r c2)`, `c1 = claim - 2 c0 - c2`.
#[inline(never)]
pub fn quadratic_round(claim: K, c0: K, c2: K, r: K) -> K {
    let (c0, c2, r) = (LazyTrait::from(c0), LazyTrait::from(c2), LazyTrait::from(r));
    let c1 = LazyTrait::from(claim).sub(c0.add(c0)).sub(c2);
    horner(c0, c1, c2, r).reduce()
}

/// The value at `r` of the cubic polynomial with the coefficients `c0`, `c2`, `c3` whose values at
/// 0 and 1 have the sum `claim`.
#[inline(never)]
pub fn cubic_round(claim: K, c0: K, c2: K, c3: K, r: K) -> K {
    let (c0, c2, c3, r) = (
        LazyTrait::from(c0), LazyTrait::from(c2), LazyTrait::from(c3), LazyTrait::from(r),
    );
    let c1 = LazyTrait::from(claim).sub(c0.add(c0)).sub(c2).sub(c3);
    let upper = LazyTrait::from(horner(c1, c2, c3, r).reduce());
    c0.add(r.mul(upper)).reduce()
}

/// `c0 + r (c1 + r c2)`: 104 bits if `c0` has that many, `c1` 67, `c2` and `r` 31.
#[inline(always)]
fn horner(c0: Lazy, c1: Lazy, c2: Lazy, r: Lazy) -> Lazy {
    c0.add(r.mul(c1.add(r.mul(c2))))
}
