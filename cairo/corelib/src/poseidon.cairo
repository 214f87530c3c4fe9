//! The Poseidon hash over felts.

use crate::gas::{BuiltinCosts, get_builtin_costs, withdraw_gas_all};
use crate::hash::HashStateTrait;

/// The builtin of the permutation.
pub extern type Poseidon;

/// The permutation of three felts.
pub extern fn hades_permutation(
    s0: felt252, s1: felt252, s2: felt252,
) -> (felt252, felt252, felt252) implicits(Poseidon) nopanic;

/// A sponge with two felts of rate; `odd` when one of them has been filled.
#[derive(Copy, Drop)]
pub struct HashState {
    pub s0: felt252,
    pub s1: felt252,
    pub s2: felt252,
    pub odd: bool,
}

#[generate_trait]
pub impl PoseidonImpl of PoseidonTrait {
    /// The empty sponge.
    #[inline]
    fn new() -> HashState {
        HashState { s0: 0, s1: 0, s2: 0, odd: false }
    }
}

impl HashStateDefault of Default<HashState> {
    fn default() -> HashState {
        PoseidonTrait::new()
    }
}

impl HashStateImpl of HashStateTrait<HashState> {
    #[inline]
    fn update(self: HashState, value: felt252) -> HashState {
        if self.odd {
            let (s0, s1, s2) = hades_permutation(self.s0, self.s1 + value, self.s2);
            HashState { s0, s1, s2, odd: false }
        } else {
            HashState { s0: self.s0 + value, s1: self.s1, s2: self.s2, odd: true }
        }
    }

    /// Pads with a one and as many zeros as the rate calls for.
    #[inline]
    fn finalize(self: HashState) -> felt252 {
        let (digest, _, _) = if self.odd {
            hades_permutation(self.s0, self.s1 + 1, self.s2)
        } else {
            hades_permutation(self.s0 + 1, self.s1, self.s2)
        };
        digest
    }
}

/// The hash of a list of felts.
pub fn poseidon_hash_span(mut span: Span<felt252>) -> felt252 {
    absorb(get_builtin_costs(), (0, 0, 0), ref span)
}

/// Absorbs two felts a round.
fn absorb(
    builtin_costs: BuiltinCosts, state: (felt252, felt252, felt252), ref span: Span<felt252>,
) -> felt252 {
    let (s0, s1, s2) = state;
    let Some(first) = span.pop_front() else {
        return HashState { s0, s1, s2, odd: false }.finalize();
    };
    let Some(second) = span.pop_front() else {
        return HashState { s0: s0 + *first, s1, s2, odd: true }.finalize();
    };
    let next = hades_permutation(s0 + *first, s1 + *second, s2);
    let Some(_) = withdraw_gas_all(builtin_costs) else {
        crate::panic_with_felt252('Out of gas');
    };
    absorb(builtin_costs, next, ref span)
}
