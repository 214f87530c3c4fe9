//! The verifier as a program: any number of proofs, of any models, verified in one run whose own
//! proof then stands for all of them (docs/recursion.md).

pub mod batch;

/// Verifies a batch. The input is the number of proofs; then for each proof its model, context,
/// inputs, outputs and proof, the context in eight words, the others with their length in front
/// (`stwo_ml_verifier::verify`). The output is the commitment to the statements and their number.
///
/// # Panics
/// A proof is not valid, there is none, or the input is malformed.
#[cfg(feature: 'executable')]
#[executable_raw]
pub fn main(input: Span<felt252>, ref output: Array<felt252>) {
    let (low, high, n) = batch::verify(input);
    output.append(low);
    output.append(high);
    output.append(n);
}
