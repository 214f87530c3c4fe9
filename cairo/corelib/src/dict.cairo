//! Dictionaries with felts as keys.

use crate::gas::GasBuiltin;
use crate::ops::Index;
use crate::{RangeCheck, SegmentArena};

/// A dictionary: a key without entry has the zero value of `T`.
pub extern type Felt252Dict<T>;
/// A dictionary whose history has been checked.
pub extern type SquashedFelt252Dict<T>;
/// One entry of a dictionary, taken out of it.
pub extern type Felt252DictEntry<T>;
impl SquashedFelt252DictDrop<T, +Drop<T>> of Drop<SquashedFelt252Dict<T>>;

pub(crate) extern fn felt252_dict_new<T>() -> Felt252Dict<T> implicits(SegmentArena) nopanic;
extern fn felt252_dict_entry_get<T>(
    dict: Felt252Dict<T>, key: felt252,
) -> (Felt252DictEntry<T>, T) nopanic;
extern fn felt252_dict_entry_finalize<T>(
    dict_entry: Felt252DictEntry<T>, new_value: T,
) -> Felt252Dict<T> nopanic;
pub(crate) extern fn felt252_dict_squash<T>(
    dict: Felt252Dict<T>,
) -> SquashedFelt252Dict<T> implicits(RangeCheck, GasBuiltin, SegmentArena) nopanic;
extern fn squashed_felt252_dict_entries<T>(
    dict: SquashedFelt252Dict<T>,
) -> Array<(felt252, T, T)> nopanic;

/// Reading and writing.
pub trait Felt252DictTrait<T> {
    fn insert<+Destruct<T>>(ref self: Felt252Dict<T>, key: felt252, value: T);
    fn get<+Copy<T>>(ref self: Felt252Dict<T>, key: felt252) -> T;
    fn squash(self: Felt252Dict<T>) -> SquashedFelt252Dict<T> nopanic;
    #[must_use]
    fn entry(self: Felt252Dict<T>, key: felt252) -> (Felt252DictEntry<T>, T) nopanic;
}

impl Felt252DictImpl<T, +Felt252DictValue<T>> of Felt252DictTrait<T> {
    #[inline]
    fn insert<+Destruct<T>>(ref self: Felt252Dict<T>, key: felt252, value: T) {
        let (entry, _before) = felt252_dict_entry_get(self, key);
        self = felt252_dict_entry_finalize(entry, value);
    }

    #[inline]
    fn get<+Copy<T>>(ref self: Felt252Dict<T>, key: felt252) -> T {
        let (entry, value) = felt252_dict_entry_get(self, key);
        self = felt252_dict_entry_finalize(entry, value);
        value
    }

    #[inline(never)]
    fn squash(self: Felt252Dict<T>) -> SquashedFelt252Dict<T> nopanic {
        felt252_dict_squash(self)
    }

    #[inline]
    fn entry(self: Felt252Dict<T>, key: felt252) -> (Felt252DictEntry<T>, T) nopanic {
        felt252_dict_entry_get(self, key)
    }
}

/// Putting an entry back.
pub trait Felt252DictEntryTrait<T> {
    fn finalize(self: Felt252DictEntry<T>, new_value: T) -> Felt252Dict<T>;
}

impl Felt252DictEntryImpl<T, +Felt252DictValue<T>> of Felt252DictEntryTrait<T> {
    #[inline]
    fn finalize(self: Felt252DictEntry<T>, new_value: T) -> Felt252Dict<T> {
        felt252_dict_entry_finalize(self, new_value)
    }
}

impl Felt252DictDefault<T, +Felt252DictValue<T>> of Default<Felt252Dict<T>> {
    #[inline]
    fn default() -> Felt252Dict<T> {
        felt252_dict_new()
    }
}

impl Felt252DictDestruct<T, +Drop<T>, +Felt252DictValue<T>> of Destruct<Felt252Dict<T>> {
    #[inline]
    fn destruct(self: Felt252Dict<T>) nopanic {
        self.squash();
    }
}

impl Felt252DictEntryDestruct<T, +Drop<T>, +Felt252DictValue<T>> of Destruct<Felt252DictEntry<T>> {
    #[inline]
    fn destruct(self: Felt252DictEntry<T>) nopanic {
        felt252_dict_entry_finalize(self, Felt252DictValue::zero_default());
    }
}

impl Felt252DictIndex<
    T, +Felt252DictTrait<T>, +Copy<T>, +Destruct<Felt252DictEntry<T>>,
> of Index<Felt252Dict<T>, felt252> {
    type Target = T;
    #[inline]
    fn index(ref self: Felt252Dict<T>, index: felt252) -> T {
        self.get(index)
    }
}

#[generate_trait]
pub impl SquashedFelt252DictImpl<T> of SquashedFelt252DictTrait<T> {
    /// Keys with their first and last values.
    #[inline]
    fn into_entries(self: SquashedFelt252Dict<T>) -> Array<(felt252, T, T)> {
        squashed_felt252_dict_entries(self)
    }
}
