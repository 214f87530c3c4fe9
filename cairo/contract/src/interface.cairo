//! What the contract offers. Nobody owns it, nothing in it can be changed or upgraded.

use stwo_ml_verifier::transport::Felts;

/// A registry of models, and of facts about inferences of them.
///
/// `model` is a verification key as felts (PROTOCOL Appendix C): name of the profile, root and
/// out-of-domain value of the table of the model, parameters, circuit. Its hash is `model_id`; what
/// model that stands for is known to whoever recomputes it from the model file.
#[starknet::interface]
pub trait IInferenceRegistry<TState> {
    /// Registers a model, which anyone may do, and returns its identifier. Registering it again
    /// changes nothing.
    ///
    /// Requirements:
    /// - `model` is a well-formed key;
    /// - its profile is `conjectured-96-poseidon252` or `proven-poseidon252`;
    /// - its parameters have the proof of work of the profile, and errors that add up to at most
    ///   2^-96, for the proven profile 2^-80.
    ///
    /// Emits `ModelRegistered` the first time.
    fn register_model(ref self: TState, model: Felts) -> felt252;

    /// Verifies that a model maps `inputs` to `outputs`, records that, and returns the fact.
    ///
    /// `inputs` and `outputs` are the felts that the proof is about: all input tensors one after
    /// the other, packed as the protocol absorbs them; likewise the outputs. Their commitments are
    /// the Poseidon hashes of these felts. `context` is bound to the proof; what it means is up to
    /// the callers. A proof may be verified again: that costs no storage and changes nothing.
    ///
    /// Requirements:
    /// - `model_id` is registered, and is the identifier of `model`;
    /// - `proof` is valid for model, context, inputs and outputs; otherwise the call reverts with
    ///   the name of the check that failed.
    ///
    /// Emits `InferenceVerified`.
    fn verify(
        ref self: TState,
        model_id: felt252,
        model: Felts,
        context: u256,
        inputs: Felts,
        outputs: Felts,
        proof: Felts,
    ) -> felt252;

    /// Whether a model is registered. It says that the key has an accepted profile and secure
    /// parameters, not that its circuit is well-formed in every respect, nor which model file it
    /// comes from: that holds for an identifier that you have computed from the model file.
    fn is_registered(self: @TState, model_id: felt252) -> bool;

    /// Whether an inference has been verified, by its fact: by anybody, under any context. Who
    /// needs a certain caller or context reads the event, or calls `verify`.
    fn is_verified(self: @TState, fact: felt252) -> bool;

    /// The fact that a model maps inputs to outputs: the Poseidon hash of the three arguments, of
    /// which the commitments are the Poseidon hashes of the input and of the output felts.
    fn fact(
        self: @TState, model_id: felt252, input_commitment: felt252, output_commitment: felt252,
    ) -> felt252;
}
