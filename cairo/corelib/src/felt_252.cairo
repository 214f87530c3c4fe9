//! Zero and one of felts.

use crate::num::traits::{One, Zero};

pub(crate) impl Felt252Zero of Zero<felt252> {
    const fn zero() -> felt252 {
        0
    }

    #[inline]
    const fn is_zero(self: @felt252) -> bool {
        *self == 0
    }

    #[inline]
    const fn is_non_zero(self: @felt252) -> bool {
        !self.is_zero()
    }
}

pub(crate) impl Felt252One of One<felt252> {
    fn one() -> felt252 {
        1
    }

    #[inline]
    fn is_one(self: @felt252) -> bool {
        *self == 1
    }

    #[inline]
    fn is_non_one(self: @felt252) -> bool {
        !self.is_one()
    }
}
