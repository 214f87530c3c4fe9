//! What a contract may know of the call.

use super::syscalls::get_execution_info_v3_syscall;
use super::{ContractAddress, SyscallResultTrait};

/// The block.
#[derive(Copy, Drop, Serde)]
pub struct BlockInfo {
    pub block_number: u64,
    pub block_timestamp: u64,
    pub sequencer_address: ContractAddress,
}

pub mod v2 {
    /// What may be spent of a resource.
    #[derive(Copy, Drop, Serde)]
    pub struct ResourceBounds {
        pub resource: felt252,
        pub max_amount: u64,
        pub max_price_per_unit: u128,
    }
}

pub mod v3 {
    pub use super::v2::ResourceBounds;
    use super::{BlockInfo, ContractAddress};

    /// Block, transaction and call.
    #[derive(Copy, Drop)]
    pub struct ExecutionInfo {
        pub block_info: Box<BlockInfo>,
        pub tx_info: Box<TxInfo>,
        pub caller_address: ContractAddress,
        pub contract_address: ContractAddress,
        pub entry_point_selector: felt252,
    }

    /// The transaction.
    #[derive(Copy, Drop, Serde)]
    pub struct TxInfo {
        pub version: felt252,
        pub account_contract_address: ContractAddress,
        pub max_fee: u128,
        pub signature: Span<felt252>,
        pub transaction_hash: felt252,
        pub chain_id: felt252,
        pub nonce: felt252,
        pub resource_bounds: Span<ResourceBounds>,
        pub tip: u128,
        pub paymaster_data: Span<felt252>,
        pub nonce_data_availability_mode: u32,
        pub fee_data_availability_mode: u32,
        pub account_deployment_data: Span<felt252>,
        pub proof_facts: Span<felt252>,
    }
}

/// All of it.
pub fn get_execution_info() -> Box<v3::ExecutionInfo> {
    get_execution_info_v3_syscall().unwrap_syscall()
}

/// Who calls.
pub fn get_caller_address() -> ContractAddress {
    get_execution_info().caller_address
}

/// Who is called.
pub fn get_contract_address() -> ContractAddress {
    get_execution_info().contract_address
}

/// The block.
pub fn get_block_info() -> Box<BlockInfo> {
    get_execution_info().block_info
}

/// The transaction.
pub fn get_tx_info() -> Box<v3::TxInfo> {
    get_execution_info().tx_info
}

/// The time of the block.
pub fn get_block_timestamp() -> u64 {
    get_block_info().block_timestamp
}

/// The number of the block.
pub fn get_block_number() -> u64 {
    get_block_info().block_number
}
