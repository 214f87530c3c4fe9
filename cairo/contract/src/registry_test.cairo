//! The contract as callers see it. Proofs are verified in the tests of the Rust crates, which make
//! them; here is what surrounds them.

use core::poseidon::poseidon_hash_span;
use starknet::syscalls::deploy_syscall;
use starknet::testing::{pop_log_raw, set_contract_address};
use starknet::{ContractAddress, SyscallResultTrait};
use crate::interface::{IInferenceRegistryDispatcher, IInferenceRegistryDispatcherTrait};
use crate::registry::InferenceRegistry;
use crate::registry::InferenceRegistry::{Event, InferenceVerified, ModelRegistered};

fn deploy() -> IInferenceRegistryDispatcher {
    let class_hash = InferenceRegistry::TEST_CLASS_HASH;
    let (contract_address, _) = deploy_syscall(class_hash.try_into().unwrap(), 0, [].span(), false)
        .unwrap_syscall();
    IInferenceRegistryDispatcher { contract_address }
}

#[test]
fn nothing_is_registered_at_first() {
    let registry = deploy();
    assert(!registry.is_registered(7), 'registered');
    assert(!registry.is_verified(7), 'verified');
}

#[test]
fn a_fact_is_the_hash_of_its_parts() {
    let registry = deploy();
    let hash = core::poseidon::poseidon_hash_span([1, 2, 3].span());
    assert(registry.fact(1, 2, 3) == hash, 'hash');
    assert(registry.fact(1, 3, 2) != hash, 'order');
}

#[test]
#[should_panic(expected: ('registry: no key', 'ENTRYPOINT_FAILED'))]
fn an_empty_key_is_refused() {
    deploy().register_model([].span());
}

#[test]
#[should_panic(expected: ('registry: model not registered', 'ENTRYPOINT_FAILED'))]
fn inferences_of_unknown_models_are_refused() {
    deploy().verify(7, [].span(), 0, [].span(), [].span(), [].span());
}

/// The life of a model in the contract, from a key and a proof that the caller brings: registered
/// once, verified twice, the fact and the events in between. Returns the model's identifier.
/// (The Rust tests make keys and proofs, and run this.)
pub fn lifecycle(
    model: Span<felt252>,
    context: u256,
    inputs: Span<felt252>,
    outputs: Span<felt252>,
    proof: Span<felt252>,
) -> felt252 {
    let caller: ContractAddress = 77.try_into().unwrap();
    set_contract_address(caller);
    let registry = deploy();
    let address = registry.contract_address;
    let model_id = registry.register_model(model);
    assert(registry.is_registered(model_id), 'test: not registered');
    let profile = *model[0];
    let registered = Event::ModelRegistered(ModelRegistered { model_id, profile, caller });
    assert(next_event(address) == felts_of(@registered), 'test: event of the model');
    assert(registry.register_model(model) == model_id, 'test: registered again');
    assert(pop_log_raw(address).is_none(), 'test: second event');

    let input_commitment = poseidon_hash_span(inputs);
    let output_commitment = poseidon_hash_span(outputs);
    let fact = registry.fact(model_id, input_commitment, output_commitment);
    assert(!registry.is_verified(fact), 'test: verified too early');
    let verified = Event::InferenceVerified(
        InferenceVerified { model_id, input_commitment, output_commitment, caller, context },
    );
    let expected = felts_of(@verified);
    for _ in 0..2_u32 {
        let recorded = registry.verify(model_id, model, context, inputs, outputs, proof);
        assert(recorded == fact, 'test: fact');
        assert(registry.is_verified(fact), 'test: not verified');
        assert(next_event(address) == expected, 'test: event of the inference');
    }
    model_id
}

/// As `lifecycle`, but the model is registered as another one's.
pub fn other_model(
    model: Span<felt252>,
    other: Span<felt252>,
    context: u256,
    inputs: Span<felt252>,
    outputs: Span<felt252>,
    proof: Span<felt252>,
) {
    let registry = deploy();
    registry.register_model(model);
    let other_id = registry.register_model(other);
    registry.verify(other_id, model, context, inputs, outputs, proof);
}

fn next_event(address: ContractAddress) -> (Span<felt252>, Span<felt252>) {
    pop_log_raw(address).expect('test: no event')
}

fn felts_of(event: @Event) -> (Span<felt252>, Span<felt252>) {
    let (mut keys, mut data) = (array![], array![]);
    starknet::Event::append_keys_and_data(event, ref keys, ref data);
    (keys.span(), data.span())
}
