//! Verification keys: what pins a model (PROTOCOL §1, §4.1), suite Blake2s.
//!
//! A key is given as felts: the name of the profile; the words of the root of `M` and of its value
//! at the out-of-domain point; the number of parameter words and their felts, the number of digits
//! of the circuit and their felts, both packed as for a chain (PROTOCOL Appendix D).

use crate::channel::{Channel, ChannelTrait};
use crate::circuit::{Circuit, MAX_LOG_TABLE, decode};
use crate::field::K;
use crate::layout::{LOG_PADDED_TABLE, add_counts, log_size};
use crate::merkle::Hash;
use crate::profile::{Schedule, ScheduleTrait, unpack_words};
use crate::wire::{Wire, WireTrait};

/// What a statement is bound to: 32 bytes in little-endian words.
pub type Context = Hash;

/// Everything about a model that a verifier needs.
#[derive(Copy, Drop)]
pub struct VerifyingKey {
    pub circuit: Box<Circuit>,
    pub schedule: Schedule,
    /// What the schedule was read from.
    pub n_words: u32,
    pub parameters: Span<felt252>,
    /// Root of `M`.
    pub root: Hash,
    /// Out-of-domain point of `M`, most significant coordinate first, and its value there.
    pub ood_point: Span<K>,
    pub ood_value: K,
    /// log2 of the size of the lookup stack.
    pub log_stack: u32,
    /// Identifier of the model: binds profile, parameters, circuit, root and out-of-domain value.
    pub model_id: Hash,
}

/// The bytes `stwo-ml/model/v1`: their number, then little-endian words.
const MODEL_DOMAIN: [u32; 5] = [16, 0x6f777473, 0x2f6c6d2d, 0x65646f6d, 0x31762f6c];
/// The bytes `stwo-ml/proof/v1`.
const PROOF_DOMAIN: [u32; 5] = [16, 0x6f777473, 0x2f6c6d2d, 0x6f6f7270, 0x31762f66];
/// Names of profiles, and how the transcript absorbs their bytes.
const CONJECTURED: felt252 = 'conjectured-96-blake2s';
const CONJECTURED_WORDS: [u32; 7] = [
    22, 0x6a6e6f63, 0x75746365, 0x2d646572, 0x622d3639, 0x656b616c, 0x00007332,
];
const RECURSIVE: felt252 = 'recursive-96';
const RECURSIVE_WORDS: [u32; 4] = [12, 0x75636572, 0x76697372, 0x36392d65];
const PROVEN: felt252 = 'proven-blake2s';
const PROVEN_WORDS: [u32; 5] = [14, 0x766f7270, 0x622d6e65, 0x656b616c, 0x00007332];

/// Reads a key and derives what follows from it.
///
/// # Panics
/// The felts are not a key: what is malformed.
pub fn read(model: Span<felt252>) -> Box<VerifyingKey> {
    let mut rest = model;
    let mut channel = ChannelTrait::new();
    channel.absorb_words(MODEL_DOMAIN.span());
    absorb_profile(ref channel, *rest.pop_front().expect('key: too short'));
    let mut wire = WireTrait::new(rest);
    let root = wire.hash();
    let (ood_value, value_words) = wire.element();
    let n_words = wire.word();
    let parameters = take(ref wire, n_words, 7);
    let schedule = ScheduleTrait::read(n_words, parameters);
    channel.absorb_words(unpack_words(n_words, parameters).span());
    let n_digits = wire.word();
    let digits = take(ref wire, n_digits, 16);
    wire.finish();
    channel.absorb_words(array![n_digits].span());
    absorb_digits(ref channel, digits, n_digits);
    let circuit = decode(digits, n_digits);
    let log_stack = check_sizes(circuit, @schedule);
    channel.absorb_root(root);
    let ood_point = channel.draw_many(schedule.model.log_size).span();
    channel.absorb_one(value_words);
    let model_id = channel.digest();
    BoxTrait::new(
        VerifyingKey {
            circuit, schedule, n_words, parameters, root, ood_point, ood_value, log_stack, model_id,
        },
    )
}

/// The felts that `n` values take, so many to a felt.
fn take(ref wire: Wire, n: u32, per_felt: u32) -> Span<felt252> {
    wire.felts(n / per_felt + if n % per_felt == 0 {
        0
    } else {
        1
    })
}

/// Absorbs digits of 15 bits, two to a word.
fn absorb_digits(ref channel: Channel, mut felts: Span<felt252>, n: u32) {
    let mut words = array![];
    while let Some(felt) = felts.pop_front() {
        // Shifted by 8 bits, the upper eight digits are the upper half of a u256; whether there are
        // more, `decode` checks.
        let shifted: u256 = (*felt * 0x100).into();
        let low = *felt - shifted.high.into() * 0x1000000000000000000000000000000;
        append_words(ref words, low.try_into().expect('key: digits not canonical'));
        append_words(ref words, shifted.high);
    }
    if n != 0 {
        channel.absorb_words(words.span().slice(0, n / 2 + n % 2));
    }
}

/// The words of eight digits.
fn append_words(ref words: Array<u32>, half: u128) {
    let mut rest = half;
    for _ in 0..4_u32 {
        let (next, word) = DivRem::div_rem(rest, 0x40000000);
        words.append(word.try_into().expect('key: digits not canonical'));
        rest = next;
    }
}

fn absorb_profile(ref channel: Channel, name: felt252) {
    if name == CONJECTURED {
        channel.absorb_words(CONJECTURED_WORDS.span());
    } else if name == RECURSIVE {
        channel.absorb_words(RECURSIVE_WORDS.span());
    } else if name == PROVEN {
        channel.absorb_words(PROVEN_WORDS.span());
    } else {
        core::panic_with_felt252('key: unknown profile');
    }
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

/// The transcript of a proof up to the context: protocol, model, context.
pub fn seed(model_id: Hash, context: Context) -> Channel {
    let mut channel = ChannelTrait::new();
    channel.absorb_words(PROOF_DOMAIN.span());
    absorb_bytes32(ref channel, model_id);
    absorb_bytes32(ref channel, context);
    channel
}

/// Absorbs 32 bytes: their number, then eight words.
fn absorb_bytes32(ref channel: Channel, bytes: Hash) {
    let mut words = array![32];
    words.append_span(bytes.words.unbox().span());
    channel.absorb_words(words.span());
}
