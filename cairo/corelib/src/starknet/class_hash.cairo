//! The hash of the code of a contract.

use crate::RangeCheck;
use crate::hash::HashStateTrait;
use crate::num::traits::Zero;

/// The hash of the code of a contract.
pub extern type ClassHash;
impl ClassHashCopy of Copy<ClassHash>;
impl ClassHashDrop of Drop<ClassHash>;

pub(crate) extern const fn class_hash_to_felt252(address: ClassHash) -> felt252 nopanic;
pub(crate) extern const fn class_hash_try_from_felt252(
    address: felt252,
) -> Option<ClassHash> implicits(RangeCheck) nopanic;
extern fn class_hash_const<const address: felt252>() -> ClassHash nopanic;

impl ClassHashIntoFelt252 of Into<ClassHash, felt252> {
    const fn into(self: ClassHash) -> felt252 {
        class_hash_to_felt252(self)
    }
}

impl Felt252TryIntoClassHash of TryInto<felt252, ClassHash> {
    const fn try_into(self: felt252) -> Option<ClassHash> {
        class_hash_try_from_felt252(self)
    }
}

impl ClassHashSerde = crate::serde::into_felt252_based::SerdeImpl<ClassHash>;
impl ClassHashHash<S, +HashStateTrait<S>, +Drop<S>> =
    crate::hash::into_felt252_based::HashImpl<ClassHash, S>;

impl ClassHashPartialEq of PartialEq<ClassHash> {
    #[inline]
    fn eq(lhs: @ClassHash, rhs: @ClassHash) -> bool {
        class_hash_to_felt252(*lhs) == class_hash_to_felt252(*rhs)
    }
}

impl ClassHashZero of Zero<ClassHash> {
    fn zero() -> ClassHash {
        class_hash_const::<0>()
    }

    #[inline]
    fn is_zero(self: @ClassHash) -> bool {
        class_hash_to_felt252(*self) == 0
    }

    #[inline]
    fn is_non_zero(self: @ClassHash) -> bool {
        !self.is_zero()
    }
}
