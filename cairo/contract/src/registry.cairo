//! The contract.

/// A registry of models, and of facts about inferences of them: see `interface`.
#[starknet::contract]
pub mod InferenceRegistry {
    use core::poseidon::poseidon_hash_span;
    use starknet::storage::{Map, StorageMapReadAccess, StorageMapWriteAccess};
    use starknet::syscalls::library_call_syscall;
    use starknet::{ContractAddress, SyscallResultTrait, get_caller_address};
    use stwo_ml_verifier::opening::OpeningClaim;
    use stwo_ml_verifier::verify::{Layers, LayersEnd, Opening, begin, finish, proceed};
    use stwo_ml_verifier::{key, transport};
    use crate::interface::IInferenceRegistry;
    use crate::opening_class::OPENING_CLASS;

    pub mod Errors {
        pub const EMPTY: felt252 = 'registry: no key';
        pub const UNKNOWN: felt252 = 'registry: model not registered';
        pub const OPENING: felt252 = 'registry: class of the opening';
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
            let mut calldata = array![profile, key.n_words.into()];
            key.parameters.serialize(ref calldata);
            call(selector!("check"), calldata.span());
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
            let (layers, begun) = begin(model, context, inputs, outputs, proof).unbox();
            let (opening, owed) = proceed(begun, verify_layers(layers)).unbox();
            let verified = finish(owed, open(opening));
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

    /// Verifies the layers of the lookups, by the class of the opening.
    fn verify_layers(layers: Layers) -> LayersEnd {
        let felts = returned(selector!("layers"), transport::write_layers(layers));
        transport::read_layers_end(layers, felts)
    }

    /// Verifies the opening, by the class for it.
    fn open(opening: Opening) -> OpeningClaim {
        transport::read_claim(returned(selector!("open"), transport::write_opening(opening)))
    }

    /// The span that the class of the opening returns.
    fn returned(selector: felt252, calldata: Array<felt252>) -> Span<felt252> {
        let felts = call(selector, calldata.span());
        // The length of the span comes first.
        felts.slice(1, felts.len() - 1)
    }

    /// Calls the class of the opening.
    #[inline(never)]
    fn call(selector: felt252, calldata: Span<felt252>) -> Span<felt252> {
        let class_hash = OPENING_CLASS.try_into().expect(Errors::OPENING);
        library_call_syscall(class_hash, selector, calldata).unwrap_syscall()
    }
}
