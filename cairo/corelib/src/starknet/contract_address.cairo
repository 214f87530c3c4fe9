//! Where a contract lives.

use crate::RangeCheck;
use crate::hash::HashStateTrait;
use crate::num::traits::Zero;

/// Where a contract lives.
pub extern type ContractAddress;
impl ContractAddressCopy of Copy<ContractAddress>;
impl ContractAddressDrop of Drop<ContractAddress>;

pub(crate) extern const fn contract_address_to_felt252(address: ContractAddress) -> felt252 nopanic;
pub(crate) extern const fn contract_address_try_from_felt252(
    address: felt252,
) -> Option<ContractAddress> implicits(RangeCheck) nopanic;
extern fn contract_address_const<const address: felt252>() -> ContractAddress nopanic;

impl ContractAddressIntoFelt252 of Into<ContractAddress, felt252> {
    const fn into(self: ContractAddress) -> felt252 {
        contract_address_to_felt252(self)
    }
}

impl Felt252TryIntoContractAddress of TryInto<felt252, ContractAddress> {
    const fn try_into(self: felt252) -> Option<ContractAddress> {
        contract_address_try_from_felt252(self)
    }
}

impl ContractAddressSerde = crate::serde::into_felt252_based::SerdeImpl<ContractAddress>;
impl ContractAddressHash<S, +HashStateTrait<S>, +Drop<S>> =
    crate::hash::into_felt252_based::HashImpl<ContractAddress, S>;

impl ContractAddressPartialEq of PartialEq<ContractAddress> {
    #[inline]
    fn eq(lhs: @ContractAddress, rhs: @ContractAddress) -> bool {
        contract_address_to_felt252(*lhs) == contract_address_to_felt252(*rhs)
    }
}

impl ContractAddressZero of Zero<ContractAddress> {
    fn zero() -> ContractAddress {
        contract_address_const::<0>()
    }

    #[inline]
    fn is_zero(self: @ContractAddress) -> bool {
        contract_address_to_felt252(*self) == 0
    }

    #[inline]
    fn is_non_zero(self: @ContractAddress) -> bool {
        !self.is_zero()
    }
}
