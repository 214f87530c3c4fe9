#[starknet::interface]
pub trait ICounter<TState> {
    fn add(ref self: TState, felts: Span<felt252>) -> u256;
    fn count(self: @TState, owner: starknet::ContractAddress) -> u256;
}

#[starknet::contract]
mod Counter {
    use starknet::storage::{Map, StorageMapReadAccess, StorageMapWriteAccess};
    use starknet::{ContractAddress, get_caller_address};

    #[storage]
    struct Storage {
        counts: Map<ContractAddress, u128>,
    }

    #[event]
    #[derive(Drop, starknet::Event)]
    enum Event {
        Added: Added,
    }

    #[derive(Drop, starknet::Event)]
    struct Added {
        #[key]
        owner: ContractAddress,
        count: u256,
    }

    #[abi(embed_v0)]
    impl CounterImpl of super::ICounter<ContractState> {
        fn add(ref self: ContractState, felts: Span<felt252>) -> u256 {
            let owner = get_caller_address();
            let count = self.counts.read(owner) + felts.len().into();
            self.counts.write(owner, count);
            self.emit(Added { owner, count: count.into() });
            count.into()
        }

        fn count(self: @ContractState, owner: ContractAddress) -> u256 {
            self.counts.read(owner).into()
        }
    }
}
