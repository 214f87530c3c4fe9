//! The layers of the lookups and the opening as a class of their own: with them, the contract would
//! be larger than Starknet allows.
//!
//! The registry calls it by `library_call`, with a class hash that is part of the registry's code.
//! It has no storage and trusts nobody: what it returns depends on its argument alone.

mod security;

/// Verification of an opening.
#[starknet::interface]
pub trait IOpening<TState> {
    /// Verifies the layers of the lookups.
    ///
    /// `layers` is `stwo_ml_verifier::verify::Layers` as felts, the result its `LayersEnd`
    /// (`stwo_ml_verifier::transport`). Reverts with the name of the check that failed.
    fn layers(self: @TState, layers: Span<felt252>) -> Span<felt252>;

    /// Verifies what is left of a proof before the last equation: the opening of both tables.
    ///
    /// `opening` is `stwo_ml_verifier::verify::Opening` as felts, the result its `OpeningClaim`
    /// (`stwo_ml_verifier::transport`). Reverts with the name of the check that failed.
    fn open(self: @TState, opening: Span<felt252>) -> Span<felt252>;

    /// Checks that the parameters of an opening, which a key has, give the bits that the name of
    /// the key's profile promises: `n_words` words, as the transcript absorbs them. Reverts if not.
    fn check(self: @TState, profile: felt252, n_words: u32, parameters: Span<felt252>);
}

/// A class without state.
#[starknet::contract]
pub mod Opening {
    use stwo_ml_verifier::profile::ScheduleTrait;
    use stwo_ml_verifier::{transport, verify};
    use crate::security;

    #[storage]
    struct Storage {}

    #[abi(embed_v0)]
    impl OpeningImpl of super::IOpening<ContractState> {
        fn layers(self: @ContractState, layers: Span<felt252>) -> Span<felt252> {
            let end = verify::verify_layers(transport::read_layers(layers));
            transport::write_layers_end(end).span()
        }

        fn open(self: @ContractState, opening: Span<felt252>) -> Span<felt252> {
            transport::write_claim(verify::open(transport::read_opening(opening))).span()
        }

        fn check(self: @ContractState, profile: felt252, n_words: u32, parameters: Span<felt252>) {
            security::check(profile, @ScheduleTrait::read(n_words, parameters));
        }
    }
}
