//! The contract.

/// A registry of models, and of facts about inferences of them: see `interface`.
#[starknet::contract]
pub mod InferenceRegistry {
    use core::poseidon::poseidon_hash_span;
    use starknet::storage::{Map, StorageMapReadAccess, StorageMapWriteAccess};
    use starknet::{ContractAddress, get_caller_address};
    use stwo_ml_verifier::{key, verify};
    use crate::interface::IInferenceRegistry;
    use crate::security;

    pub mod Errors {
        pub const EMPTY: felt252 = 'registry: no key';
        pub const UNKNOWN: felt252 = 'registry: model not registered';
        pub const OTHER_MODEL: felt252 = 'registry: key of another model';
    }

    #[storage]
    struct Storage {
        /// By model identifier: whether it is registered.
        models: Map<felt252, bool>,
        /// By fact: whether it has been verified.
        facts: Map<felt252, bool>,
    }

    #[event]
    #[derive(Drop, starknet::Event)]
    pub enum Event {
        ModelRegistered: ModelRegistered,
        InferenceVerified: InferenceVerified,
    }

    /// A model was registered.
    #[derive(Drop, starknet::Event)]
    pub struct ModelRegistered {
        #[key]
        pub model_id: felt252,
        /// The name of its profile.
        pub profile: felt252,
        pub caller: ContractAddress,
    }

    /// An inference was verified.
    #[derive(Drop, starknet::Event)]
    pub struct InferenceVerified {
        #[key]
        pub model_id: felt252,
        /// Poseidon hash of the felts of the inputs.
        #[key]
        pub input_commitment: felt252,
        /// Poseidon hash of the felts of the outputs.
        #[key]
        pub output_commitment: felt252,
        pub caller: ContractAddress,
        pub context: u256,
    }

    #[abi(embed_v0)]
    impl InferenceRegistryImpl of IInferenceRegistry<ContractState> {
        fn register_model(ref self: ContractState, model: Span<felt252>) -> felt252 {
            let mut felts = model;
            let profile = *felts.pop_front().expect(Errors::EMPTY);
            let key = key::read(model);
            security::check(profile, @key.schedule);
            let model_id = key.model_id;
            if !self.models.read(model_id) {
                self.models.write(model_id, true);
                self.emit(ModelRegistered { model_id, profile, caller: get_caller_address() });
            }
            model_id
        }

        fn verify(
            ref self: ContractState,
            model_id: felt252,
            model: Span<felt252>,
            context: u256,
            inputs: Span<felt252>,
            outputs: Span<felt252>,
            proof: Span<felt252>,
        ) -> felt252 {
            assert(self.models.read(model_id), Errors::UNKNOWN);
            let verified = verify::verify(model, context, inputs, outputs, proof);
            assert(verified == model_id, Errors::OTHER_MODEL);
            let input_commitment = poseidon_hash_span(inputs);
            let output_commitment = poseidon_hash_span(outputs);
            let fact = self.fact(model_id, input_commitment, output_commitment);
            if !self.facts.read(fact) {
                self.facts.write(fact, true);
            }
            let caller = get_caller_address();
            self
                .emit(
                    InferenceVerified {
                        model_id, input_commitment, output_commitment, caller, context,
                    },
                );
            fact
        }

        fn is_registered(self: @ContractState, model_id: felt252) -> bool {
            self.models.read(model_id)
        }

        fn is_verified(self: @ContractState, fact: felt252) -> bool {
            self.facts.read(fact)
        }

        fn fact(
            self: @ContractState,
            model_id: felt252,
            input_commitment: felt252,
            output_commitment: felt252,
        ) -> felt252 {
            poseidon_hash_span([model_id, input_commitment, output_commitment].span())
        }
    }
}
