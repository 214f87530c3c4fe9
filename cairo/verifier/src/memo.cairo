//! Values that are needed more than once, by key.

use core::dict::{Felt252Dict, Felt252DictTrait};
use core::nullable::{FromNullableResult, NullableTrait, match_nullable};

/// A map from felts.
pub struct Memo<T> {
    values: Felt252Dict<Nullable<T>>,
}

impl MemoDestruct<T, +Drop<T>> of Destruct<Memo<T>> {
    // One copy for all the places where a panic ends a function.
    #[inline(never)]
    fn destruct(self: Memo<T>) nopanic {
        self.values.squash();
    }
}

#[generate_trait]
pub impl MemoImpl<T, +Copy<T>, +Drop<T>> of MemoTrait<T> {
    /// Nothing is known.
    fn new() -> Memo<T> {
        Memo { values: Default::default() }
    }

    /// The value at `key`, if there is one.
    #[inline(always)]
    fn get(ref self: Memo<T>, key: felt252) -> Option<T> {
        match match_nullable(self.values.get(key)) {
            FromNullableResult::Null => None,
            FromNullableResult::NotNull(value) => Some(value.unbox()),
        }
    }

    /// Stores the value at `key`.
    #[inline(always)]
    fn insert(ref self: Memo<T>, key: felt252, value: T) {
        self.values.insert(key, NullableTrait::new(value));
    }
}
