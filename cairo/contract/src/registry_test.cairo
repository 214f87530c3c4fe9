//! The contract as callers see it.

use core::poseidon::poseidon_hash_span;
use starknet::syscalls::deploy_syscall;
use starknet::testing::{pop_log_raw, set_contract_address};
use starknet::{ContractAddress, SyscallResultTrait};
use stwo_ml_verifier::transport::Felts;
use crate::interface::{IInferenceRegistryDispatcher, IInferenceRegistryDispatcherTrait};
use crate::registry::InferenceRegistry;
use crate::registry::InferenceRegistry::{Event, InferenceVerified, ModelRegistered};
use crate::registry_vectors::{CONTEXT, INPUTS, MODEL, MODEL_ID, OUTPUTS, PROOF};

fn deploy() -> IInferenceRegistryDispatcher {
    let class_hash = InferenceRegistry::TEST_CLASS_HASH;
    let (contract_address, _) = deploy_syscall(class_hash.try_into().unwrap(), 0, [].span(), false)
        .unwrap_syscall();
    IInferenceRegistryDispatcher { contract_address }
}

fn felts(felts: Span<felt252>) -> Felts {
    Felts { felts }
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
    deploy().register_model(felts([].span()));
}

#[test]
#[should_panic(expected: ('registry: model not registered', 'ENTRYPOINT_FAILED'))]
fn inferences_of_unknown_models_are_refused() {
    deploy().verify(7, felts([].span()), 0, felts([].span()), felts([].span()), felts([].span()));
}

#[test]
fn a_model_is_registered_once_and_its_inferences_are_verified_again() {
    let caller: ContractAddress = 77.try_into().unwrap();
    set_contract_address(caller);
    let registry = deploy();
    let address = registry.contract_address;
    let model = MODEL.span();
    let model_id = registry.register_model(felts(model));
    assert(model_id == MODEL_ID && registry.is_registered(model_id), 'not registered');
    let profile = 'conjectured-96-poseidon252';
    let registered = Event::ModelRegistered(ModelRegistered { model_id, profile, caller });
    assert(next_event(address) == felts_of(@registered), 'event of the model');
    assert(registry.register_model(felts(model)) == model_id, 'registered again');
    assert(pop_log_raw(address).is_none(), 'second event');

    let input_commitment = poseidon_hash_span(INPUTS.span());
    let output_commitment = poseidon_hash_span(OUTPUTS.span());
    let fact = registry.fact(model_id, input_commitment, output_commitment);
    assert(!registry.is_verified(fact), 'verified too early');
    let context = CONTEXT;
    let verified = Event::InferenceVerified(
        InferenceVerified { model_id, input_commitment, output_commitment, caller, context },
    );
    for _ in 0..2_u32 {
        let recorded = verify(registry, model_id, PROOF.span());
        assert(recorded == fact && registry.is_verified(fact), 'not verified');
        assert(next_event(address) == felts_of(@verified), 'event of the inference');
    }
}

/// Registers the model and has a changed proof verified.
fn verify_changed(index: u32, change: felt252) {
    let registry = deploy();
    let model_id = registry.register_model(felts(MODEL.span()));
    let mut proof = array![];
    for i in 0..PROOF.span().len() {
        proof.append(*PROOF.span()[i] + if i == index {
            change
        } else {
            0
        });
    }
    verify(registry, model_id, proof.span());
}

fn verify(
    registry: IInferenceRegistryDispatcher, model_id: felt252, proof: Span<felt252>,
) -> felt252 {
    registry
        .verify(
            model_id,
            felts(MODEL.span()),
            CONTEXT,
            felts(INPUTS.span()),
            felts(OUTPUTS.span()),
            felts(proof),
        )
}

#[test]
#[should_panic(expected: ('channel: proof of work', 'ENTRYPOINT_FAILED'))]
fn a_proof_with_another_root_is_refused() {
    verify_changed(0, 1);
}

#[test]
#[should_panic(expected: ('opening: merkle root', 'ENTRYPOINT_FAILED', 'ENTRYPOINT_FAILED'))]
fn what_the_class_of_the_opening_refuses_is_refused() {
    verify_changed(PROOF.span().len() - 100, 1);
}

#[test]
#[should_panic(expected: ('registry: key of another model', 'ENTRYPOINT_FAILED'))]
fn a_registered_model_does_not_vouch_for_another() {
    let registry = deploy();
    registry.register_model(felts(MODEL.span()));
    // Another registered model: its root is another one.
    let mut other = array![*MODEL.span()[0], *MODEL.span()[1] + 1];
    other.append_span(MODEL.span().slice(2, MODEL.span().len() - 2));
    let other_id = registry.register_model(felts(other.span()));
    verify(registry, other_id, PROOF.span());
}

#[test]
#[should_panic(expected: ('security: error too large', 'ENTRYPOINT_FAILED', 'ENTRYPOINT_FAILED'))]
fn weak_parameters_are_not_registered() {
    // Word 3 of the parameters is the number of queries of the code of `M`: one less.
    let mut weak: Array<felt252> = MODEL.span().slice(0, 4).into();
    weak.append(*MODEL.span()[4] - 0x1000000000000000000000000);
    weak.append_span(MODEL.span().slice(5, MODEL.span().len() - 5));
    deploy().register_model(felts(weak.span()));
}

fn next_event(address: ContractAddress) -> (Span<felt252>, Span<felt252>) {
    pop_log_raw(address).expect('no event')
}

fn felts_of(event: @Event) -> (Span<felt252>, Span<felt252>) {
    let (mut keys, mut data) = (array![], array![]);
    starknet::Event::append_keys_and_data(event, ref keys, ref data);
    (keys.span(), data.span())
}
