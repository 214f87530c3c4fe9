//! Values that are needed more than once, by key.

use core::dict::{Felt252Dict, Felt252DictTrait};
use core::nullable::{FromNullableResult, NullableTrait, match_nullable};
use crate::field::K;

/// A map from felts to elements of `K`.
#[derive(Destruct)]
pub struct Memo {
    values: Felt252Dict<Nullable<K>>,
}

#[generate_trait]
pub impl MemoImpl of MemoTrait {
    /// Nothing is known.
    fn new() -> Memo {
        Memo { values: Default::default() }
    }

    /// The value at `key`, if there is one.
    #[inline(always)]
    fn get(ref self: Memo, key: felt252) -> Option<K> {
        match match_nullable(self.values.get(key)) {
            FromNullableResult::Null => None,
            FromNullableResult::NotNull(value) => Some(value.unbox()),
        }
    }

    /// Stores the value at `key`.
    #[inline(always)]
    fn insert(ref self: Memo, key: felt252, value: K) {
        self.values.insert(key, NullableTrait::new(value));
    }
}
