//! Round constants of Starknet's Hades permutation: width 3, 8 full rounds, 83 partial rounds.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};
use starknet_ff::FieldElement;

/// Half of the full rounds: those before the partial rounds, and those after.
pub(super) const HALF_FULL_ROUNDS: usize = 4;
/// Rounds with a single S-box.
pub(super) const PARTIAL_ROUNDS: usize = 83;

/// The constants that are added before the S-boxes, in order.
///
/// A constant that a partial round adds to an element without S-box commutes with everything up to
/// the linear layer, so it moves on to the next round: a partial round is left with one constant.
pub(super) struct RoundConstants<T> {
    /// Full rounds before the partial ones.
    pub(super) first: [[T; 3]; HALF_FULL_ROUNDS],
    /// Partial rounds: the constant of the last element.
    pub(super) partial: [T; PARTIAL_ROUNDS],
    /// Full rounds after the partial ones.
    pub(super) last: [[T; 3]; HALF_FULL_ROUNDS],
}

impl<T: Copy> RoundConstants<T> {
    /// The same constants in another form.
    pub(super) fn map<U>(&self, f: impl Fn(T) -> U + Copy) -> RoundConstants<U> {
        RoundConstants {
            first: self.first.map(|round| round.map(f)),
            partial: self.partial.map(f),
            last: self.last.map(|round| round.map(f)),
        }
    }
}

/// The compressed constants.
pub(super) static ROUND_CONSTANTS: LazyLock<RoundConstants<FieldElement>> = LazyLock::new(compress);

/// Constant `index` as published: the SHA-256 of `Hades` and the decimal index, reduced.
fn published(index: usize) -> FieldElement {
    let digest: [u8; 32] = Sha256::digest(format!("Hades{index}")).into();
    let digits = digest.as_chunks::<16>().0.iter().map(|half| u128::from_be_bytes(*half));
    digits
        .fold(FieldElement::ZERO, |sum, digit| sum * power_of_two(128) + FieldElement::from(digit))
}

/// `2^exponent`.
pub(super) fn power_of_two(exponent: usize) -> FieldElement {
    (0..exponent).fold(FieldElement::ONE, |power, _| power.double())
}

fn compress() -> RoundConstants<FieldElement> {
    let round = |r: usize| std::array::from_fn(|i| published(3 * r + i));
    let add = |a: [FieldElement; 3], b: [FieldElement; 3]| [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
    let mut carried = [FieldElement::ZERO; 3];
    let partial = std::array::from_fn(|r| {
        let [a, b, c] = add(carried, round(HALF_FULL_ROUNDS + r));
        carried = [a + a.double() + b, a - b, a + b];
        c
    });
    let mut last = std::array::from_fn(|r| round(HALF_FULL_ROUNDS + PARTIAL_ROUNDS + r));
    last[0] = add(last[0], carried);
    RoundConstants { first: std::array::from_fn(round), partial, last }
}
