//! Verification keys: what pins a model (PROTOCOL §1, §4.1).
//!
//! A key is given as felts: the name of the profile, the root of `M`, its value at the
//! out-of-domain point (a K-list), the number of parameter words and their felts, the number of
//! digits of the circuit and their felts. The transcript absorbs the same felts.

use crate::channel::{Channel, ChannelTrait};
use crate::circuit::{Circuit, MAX_LOG_TABLE, decode};
use crate::field::{K, unpack1};
use crate::layout::{LOG_PADDED_TABLE, add_counts, log_size};
use crate::profile::{Schedule, ScheduleTrait};

/// What a statement is bound to: 32 bytes, big-endian.
pub type Context = u256;

/// Everything about a model that a verifier needs.
#[derive(Copy, Drop)]
pub struct VerifyingKey {
    pub circuit: Box<Circuit>,
    pub schedule: Schedule,
    /// What the schedule was read from.
    pub n_words: u32,
    pub parameters: Span<felt252>,
    /// Root of `M`.
    pub root: felt252,
    /// Out-of-domain point of `M`, most significant coordinate first, and its value there.
    pub ood_point: Span<K>,
    pub ood_value: K,
    /// log2 of the size of the lookup stack.
    pub log_stack: u32,
    /// Identifier of the model: binds profile, parameters, circuit, root and out-of-domain value.
    pub model_id: felt252,
}

/// The bytes `stwo-ml/model/v1` as the transcript absorbs them: their number, then little-endian
/// words, seven to a felt.
const MODEL_DOMAIN: felt252 = 0x5000000000000106f7774732f6c6d2d65646f6d31762f6c0000000000000000;
/// The bytes `stwo-ml/proof/v1`.
const PROOF_DOMAIN: felt252 = 0x5000000000000106f7774732f6c6d2d6f6f727031762f660000000000000000;
/// Names of profiles, and how the transcript absorbs their bytes.
const CONJECTURED: felt252 = 'conjectured-96-poseidon252';
const CONJECTURED_0: felt252 = 0x1a6a6e6f63757463652d646572702d36396965736f326e6f64;
const CONJECTURED_1: felt252 = 0x100000000003235000000000000000000000000000000000000000000000000;
const PROVEN: felt252 = 'proven-poseidon252';
const PROVEN_0: felt252 = 0x600000000000012766f7270702d6e656965736f326e6f640000323500000000;
const TWO_192: felt252 = 0x1000000000000000000000000000000000000000000000000;
const TWO_248: felt252 = 0x100000000000000000000000000000000000000000000000000000000000000;

/// Reads a key and derives what follows from it.
///
/// # Panics
/// The felts are not a key: what is malformed.
pub fn read(model: Span<felt252>) -> Box<VerifyingKey> {
    let mut rest = model;
    let mut channel = ChannelTrait::new();
    channel.absorb_felt(MODEL_DOMAIN);
    absorb_profile(ref channel, next(ref rest));
    let root = next(ref rest);
    let value = next(ref rest);
    let n_words: u32 = next(ref rest).try_into().expect('key: number of parameters');
    let parameters = take(ref rest, n_words, 7);
    channel.absorb_felts(parameters);
    let schedule = ScheduleTrait::read(n_words, parameters);
    let n_digits: u32 = next(ref rest).try_into().expect('key: number of digits');
    let digits = take(ref rest, n_digits, 16);
    assert(rest.is_empty(), 'key: too long');
    channel.absorb_felt(n_digits.into() * TWO_192 + TWO_248);
    channel.absorb_felts(digits);
    let circuit = decode(digits, n_digits);
    let log_stack = check_sizes(circuit, @schedule);
    channel.absorb_root(root);
    let ood_point = channel.draw_many(schedule.model.log_size).span();
    channel.absorb_felt(value);
    let ood_value = unpack1(value);
    let model_id = channel.digest();
    BoxTrait::new(
        VerifyingKey {
            circuit, schedule, n_words, parameters, root, ood_point, ood_value, log_stack, model_id,
        },
    )
}

fn next(ref model: Span<felt252>) -> felt252 {
    *model.pop_front().expect('key: too short')
}

/// The felts that `n` values take, so many to a felt.
fn take(ref model: Span<felt252>, n: u32, per_felt: u32) -> Span<felt252> {
    // No key is as long as the count can say.
    let n_felts = n / per_felt + if n % per_felt == 0 {
        0
    } else {
        1
    };
    assert(n_felts <= model.len(), 'key: too short');
    let taken = model.slice(0, n_felts);
    model = model.slice(n_felts, model.len() - n_felts);
    taken
}

fn absorb_profile(ref channel: Channel, name: felt252) {
    if name == CONJECTURED {
        channel.absorb_two(CONJECTURED_0, CONJECTURED_1);
    } else if name == PROVEN {
        channel.absorb_felt(PROVEN_0);
    } else {
        absorb_other_profile(ref channel, name);
    }
}

/// There is no other profile.
#[cfg(not(test))]
fn absorb_other_profile(ref channel: Channel, name: felt252) {
    core::panic_with_felt252('key: unknown profile');
}

/// That of the proofs that tests verify; outside tests there is no such profile.
#[cfg(test)]
fn absorb_other_profile(ref channel: Channel, name: felt252) {
    assert(name == 'test-insecure-poseidon252', 'key: unknown profile');
    channel
        .absorb_two(
            0x1974736574736e692d727563656f702d656469657335326e6f,
            0x100000000000032000000000000000000000000000000000000000000000000,
        );
}

/// The tables must be as large as their slots ask for. Returns the size of the stack.
fn check_sizes(circuit: Box<Circuit>, schedule: @Schedule) -> u32 {
    let Circuit { n_model, n_witness, n_lookups, n_tables, .. } = circuit.unbox();
    let model = log_size(n_model, LOG_PADDED_TABLE);
    let witness = log_size(n_witness, LOG_PADDED_TABLE);
    assert(model <= *schedule.model.log_size, 'key: size of the model');
    assert(witness <= *schedule.witness.log_size, 'key: size of the witness');
    assert(*schedule.model.log_size <= MAX_LOG_TABLE, 'key: size of the model');
    assert(*schedule.witness.log_size <= MAX_LOG_TABLE, 'key: size of the witness');
    log_size(add_counts(n_lookups, n_tables), 1)
}

/// The transcript of a proof up to the context: protocol, model, context (32 bytes, big-endian).
pub fn seed(model_id: felt252, context: u256) -> Channel {
    let mut channel = ChannelTrait::new();
    channel.absorb_felt(PROOF_DOMAIN);
    absorb_bytes32(ref channel, model_id.into());
    absorb_bytes32(ref channel, context);
    channel
}

/// Absorbs 32 bytes, given as a big-endian integer: their number, then eight little-endian words.
fn absorb_bytes32(ref channel: Channel, bytes: u256) {
    let [w0, w1, w2, w3] = words(bytes.high);
    let [w4, w5, w6, w7] = words(bytes.low);
    let first = pack([32, w0, w1, w2, w3, w4, w5]);
    let second = pack([w6, w7, 0, 0, 0, 0, 0]) + 2 * TWO_248;
    channel.absorb_two(first, second);
}

/// The four little-endian words of 16 bytes, given as a big-endian integer.
fn words(bytes: u128) -> [felt252; 4] {
    let reversed = core::integer::u128_byte_reverse(bytes);
    let (rest, w0) = DivRem::div_rem(reversed, 0x100000000);
    let (rest, w1) = DivRem::div_rem(rest, 0x100000000);
    let (w3, w2) = DivRem::div_rem(rest, 0x100000000);
    [w0.into(), w1.into(), w2.into(), w3.into()]
}

/// Seven words, first most significant.
fn pack(words: [felt252; 7]) -> felt252 {
    let [w0, w1, w2, w3, w4, w5, w6] = words;
    let r = 0x100000000;
    (((((w0 * r + w1) * r + w2) * r + w3) * r + w4) * r + w5) * r + w6
}
