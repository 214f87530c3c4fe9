//! The Pedersen hash, by which Starknet derives the addresses of storage.

use crate::hash::HashStateTrait;

/// The builtin of the hash.
pub extern type Pedersen;

/// The hash of two felts.
pub extern fn pedersen(a: felt252, b: felt252) -> felt252 implicits(Pedersen) nopanic;

/// A chain of hashes.
#[derive(Copy, Drop)]
pub struct HashState {
    pub state: felt252,
}

#[generate_trait]
pub impl PedersenImpl of PedersenTrait {
    /// A chain that begins with `base`.
    #[inline]
    fn new(base: felt252) -> HashState {
        HashState { state: base }
    }
}

impl HashStateImpl of HashStateTrait<HashState> {
    #[inline]
    fn update(self: HashState, value: felt252) -> HashState {
        HashState { state: pedersen(self.state, value) }
    }

    #[inline]
    fn finalize(self: HashState) -> felt252 {
        self.state
    }
}
