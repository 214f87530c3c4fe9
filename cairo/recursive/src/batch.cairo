//! A batch of proofs, and the commitment to what they prove.

use stwo_ml_verifier::merkle::Hash;
use stwo_ml_verifier::statement::{commitment, hash};
use stwo_ml_verifier::verify::verify as verify_one;
use stwo_ml_verifier::wire::{Wire, WireTrait};

/// Verifies all proofs. Returns the commitment to their statements, and their number.
///
/// # Panics
/// A proof is not valid, there is none, or the input is malformed.
pub fn verify(input: Span<felt252>) -> (felt252, felt252, felt252) {
    let mut wire = WireTrait::new(input);
    let n = wire.word();
    assert(n != 0, 'batch: empty');
    let mut statements = array![];
    for _ in 0..n {
        let model = list(ref wire);
        let context = wire.hash();
        let inputs = list(ref wire);
        let outputs = list(ref wire);
        let proof = list(ref wire);
        let model_id = verify_one(model, context, inputs, outputs, proof);
        append(ref statements, model_id);
        append(ref statements, commitment(inputs));
        append(ref statements, commitment(outputs));
        append(ref statements, context);
    }
    wire.finish();
    let [w0, w1, w2, w3, w4, w5, w6, w7] = hash(statements.span()).words.unbox();
    (number([w0, w1, w2, w3]), number([w4, w5, w6, w7]), n.into())
}

/// A list with its length in front.
fn list(ref wire: Wire) -> Span<felt252> {
    let n = wire.word();
    wire.felts(n)
}

/// Appends the words of a hash.
fn append(ref words: Array<u32>, hash: Hash) {
    words.append_span(hash.words.unbox().span());
}

/// A number of 128 bits from little-endian words.
fn number(words: [u32; 4]) -> felt252 {
    let [w0, w1, w2, w3] = words;
    let r = 0x100000000;
    ((w3.into() * r + w2.into()) * r + w1.into()) * r + w0.into()
}
