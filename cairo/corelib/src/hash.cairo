//! Hashing of values.

/// A hash that absorbs felts.
pub trait HashStateTrait<S> {
    #[must_use]
    fn update(self: S, value: felt252) -> S;
    #[must_use]
    fn finalize(self: S) -> felt252;
}

/// Values that a hash can absorb.
pub trait Hash<T, S, +HashStateTrait<S>> {
    #[must_use]
    fn update_state(state: S, value: T) -> S;
}

/// Absorbs any hashable value.
pub trait HashStateExTrait<S, T> {
    #[must_use]
    fn update_with(self: S, value: T) -> S;
}

impl HashStateEx<S, +HashStateTrait<S>, T, +Hash<T, S>> of HashStateExTrait<S, T> {
    #[inline]
    fn update_with(self: S, value: T) -> S {
        Hash::update_state(self, value)
    }
}

impl HashFelt252<S, +HashStateTrait<S>> of Hash<felt252, S> {
    #[inline]
    fn update_state(state: S, value: felt252) -> S {
        state.update(value)
    }
}

/// For types that are one felt.
pub mod into_felt252_based {
    pub impl HashImpl<
        T, S, +Into<T, felt252>, +super::HashStateTrait<S>, +Drop<S>,
    > of super::Hash<T, S> {
        #[inline]
        fn update_state(state: S, value: T) -> S {
            state.update(value.into())
        }
    }
}

impl HashBool<S, +HashStateTrait<S>, +Drop<S>> = into_felt252_based::HashImpl<bool, S>;
impl HashU8<S, +HashStateTrait<S>, +Drop<S>> = into_felt252_based::HashImpl<u8, S>;
impl HashU16<S, +HashStateTrait<S>, +Drop<S>> = into_felt252_based::HashImpl<u16, S>;
impl HashU32<S, +HashStateTrait<S>, +Drop<S>> = into_felt252_based::HashImpl<u32, S>;
impl HashU64<S, +HashStateTrait<S>, +Drop<S>> = into_felt252_based::HashImpl<u64, S>;
impl HashU128<S, +HashStateTrait<S>, +Drop<S>> = into_felt252_based::HashImpl<u128, S>;

impl HashU256<S, +HashStateTrait<S>, +Drop<S>> of Hash<u256, S> {
    #[inline]
    fn update_state(state: S, value: u256) -> S {
        state.update(value.low.into()).update(value.high.into())
    }
}
