//! Contracts of Starknet.

pub mod class_hash;
pub mod contract_address;
pub mod deployment;
pub mod event;
mod info;
pub mod storage;
pub mod storage_access;
pub mod syscalls;
pub mod testing;
pub use class_hash::ClassHash;
pub use contract_address::ContractAddress;
pub use event::Event;
pub use info::v3::{ExecutionInfo, TxInfo};
pub use info::{
    BlockInfo, get_block_info, get_block_number, get_block_timestamp, get_caller_address,
    get_contract_address, get_execution_info, get_tx_info,
};
pub use storage_access::{StorageAddress, Store};

/// The access to the state of the network.
pub extern type System;

/// Contracts that pass calls on to another class.
#[unstable(feature: "forward-impl")]
pub trait ForwardingClassHash<TContractState> {
    fn class_hash(self: @TContractState) -> ClassHash;
}

/// What a syscall gives, or why it failed.
pub type SyscallResult<T> = Result<T, Array<felt252>>;

/// Passes the failure of a syscall on.
pub trait SyscallResultTrait<T> {
    fn unwrap_syscall(self: SyscallResult<T>) -> T;
}

impl SyscallResultTraitImpl<T> of SyscallResultTrait<T> {
    fn unwrap_syscall(self: SyscallResult<T>) -> T {
        match self {
            Ok(value) => value,
            Err(reason) => panic(reason),
        }
    }
}
