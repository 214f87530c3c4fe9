//! What tests may do to the network that the runner plays.

use super::{ContractAddress, Event};

pub extern fn cheatcode<const selector: felt252>(
    input: Span<felt252>,
) -> Span<felt252> implicits() nopanic;

/// Who calls, from now on.
pub fn set_caller_address(address: ContractAddress) {
    cheatcode::<'set_caller_address'>([address.into()].span());
}

/// Which contract runs, from now on.
pub fn set_contract_address(address: ContractAddress) {
    cheatcode::<'set_contract_address'>([address.into()].span());
}

/// The oldest event of a contract that has not been asked for yet, as keys and data.
pub fn pop_log_raw(address: ContractAddress) -> Option<(Span<felt252>, Span<felt252>)> {
    let mut log = cheatcode::<'pop_log'>([address.into()].span());
    Some((Serde::deserialize(ref log)?, Serde::deserialize(ref log)?))
}

/// The oldest event of a contract that has not been asked for yet.
pub fn pop_log<T, +Event<T>>(address: ContractAddress) -> Option<T> {
    let (mut keys, mut data) = pop_log_raw(address)?;
    Event::deserialize(ref keys, ref data)
}
