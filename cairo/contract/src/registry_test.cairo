//! The contract as callers see it. Proofs are verified in the tests of the Rust crates, which make
//! them; here is what surrounds them.

use starknet::SyscallResultTrait;
use starknet::syscalls::deploy_syscall;
use crate::interface::{IInferenceRegistryDispatcher, IInferenceRegistryDispatcherTrait};
use crate::registry::InferenceRegistry;

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
