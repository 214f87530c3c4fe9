//! Lookups: LogUp by GKR (PROTOCOL §5.1; Papini–Haböck, ePrint 2023/1284).
//!
//! Leaves are fractions `n_i / d_i` of the lookup stack. A layer of `2^l` fractions is made from
//! the next by adding those `2^l` apart:
//! `n(x) = n'(0,x) d'(1,x) + n'(1,x) d'(0,x)`, `d(x) = d'(0,x) d'(1,x)`. Each layer is one sumcheck
//! of `eq(rho, x) (n(x) + gamma d(x))`. The factor `eq` is kept out of the round polynomials: a
//! round sends the coefficients `h_1, h_2` of `h`, and `h_0 = c - rho (h_1 + h_2)` for the claim `c`.

use crate::channel::{Suite, Transcript};
use crate::circuit::{Arg, Circuit, Table};
use crate::error::VerifyError;
use crate::field::{F, K, ONE, ZERO, embed};
use crate::functional::{Claim, Form, Weight};
use crate::layout::Layouts;

/// Bits of proof of work before the lookup challenges.
pub const POW_BITS: u32 = 16;

/// The challenges that turn a tuple into a denominator.
#[derive(Clone, Copy, Debug)]
pub struct Challenges {
    /// The point `alpha` at which the fractions are evaluated.
    pub alpha: K,
    /// Coefficients of the columns.
    pub beta: [K; 3],
}

impl Challenges {
    /// Draws them.
    pub fn draw<S: Suite>(transcript: &mut Transcript<S>) -> Self {
        let [alpha, key, first, second] = transcript.draw_array();
        Self { alpha, beta: [key, first, second] }
    }

    /// The denominator `alpha - (id + beta_1 v_0 + beta_2 v_1 + beta_3 v_2)`.
    #[must_use]
    pub fn denominator(&self, table: usize, columns: &[K]) -> K {
        columns
            .iter()
            .zip(self.beta)
            .fold(self.alpha - table_id(table), |acc, (&v, beta)| acc - beta * v)
    }
}

/// The identifier of a table inside tuples: its index plus one.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "a circuit has at most 2^20 tables")]
pub fn table_id(table: usize) -> K {
    K::from(F::from(table as u32 + 1))
}

/// What the prover sends for one layer: the round polynomials, then the four values at its point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerProof {
    /// `[h_1, h_2]` of every round.
    pub rounds: Vec<[K; 2]>,
    /// `n'(0,x), n'(1,x), d'(0,x), d'(1,x)`.
    pub mask: [K; 4],
}

/// The proof of the whole fractional sum: layers of `2^0, 2^1, ..` fractions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupProof {
    /// Nonce of the proof of work.
    pub nonce: u64,
    /// One for each variable of the stack; layer `l` has `l` rounds.
    pub layers: Vec<LayerProof>,
    /// `<M, columns of the tables>`; the share of `W` follows.
    pub model_columns: K,
}

/// What remains: the fraction of the leaves at `point`.
#[derive(Clone, Debug)]
#[must_use]
pub struct LeafClaim {
    /// The point of the stack.
    pub point: Vec<K>,
    /// `n(point)`.
    pub numerator: K,
    /// `d(point)`.
    pub denominator: K,
}

/// Verifies the layers from the root, whose numerator must be zero and whose denominator must not.
///
/// # Errors
/// [`VerifyError::Lookup`] with the layer and what failed.
pub fn verify<S: Suite>(
    transcript: &mut Transcript<S>,
    n_vars: usize,
    layers: &[LayerProof],
) -> Result<LeafClaim, VerifyError> {
    let fail = |layer, what| VerifyError::Lookup { layer, what };
    if layers.len() != n_vars {
        return Err(fail(0, "number of layers"));
    }
    let mut at = LeafClaim { point: vec![], numerator: ZERO, denominator: ONE };
    for (index, layer) in layers.iter().enumerate() {
        if layer.rounds.len() != index {
            return Err(fail(index, "number of rounds"));
        }
        let [n0, n1, d0, d1] = layer.mask;
        let (sum_n, sum_d) = (n0 * d1 + n1 * d0, d0 * d1);
        let point = if index == 0 {
            // The root: the fractions sum to zero, and no denominator vanishes.
            if sum_n != ZERO {
                return Err(fail(0, "the fractions do not sum to zero"));
            }
            if sum_d == ZERO {
                return Err(fail(0, "a denominator vanishes"));
            }
            vec![]
        } else {
            let gamma = transcript.draw();
            let mut claim = at.numerator + gamma * at.denominator;
            let mut point = Vec::with_capacity(index + 1);
            for (&rho, &[h1, h2]) in at.point.iter().zip(&layer.rounds) {
                transcript.absorb(&[h1, h2]);
                let r = transcript.draw();
                claim += r * (h1 + r * h2) - rho * (h1 + h2);
                point.push(r);
            }
            if claim != sum_n + gamma * sum_d {
                return Err(fail(index, "the sumcheck does not match the next layer"));
            }
            point
        };
        transcript.absorb(&layer.mask);
        let tau = transcript.draw();
        at = LeafClaim {
            point: [&[tau], &point[..]].concat(),
            numerator: n0 + tau * (n1 - n0),
            denominator: d0 + tau * (d1 - d0),
        };
    }
    Ok(at)
}

/// The leaves at a point, as claims on the committed tables (PROTOCOL §5.1).
///
/// With `e_s` the prefix weight of stack slot `s`: the numerators are
/// `sum_lookups e_s - sum_tables e_s multiplicity`, the denominators
/// `1 - sum_s e_s + sum_s e_s (alpha - id - beta · columns)`. What is not committed is computed here,
/// so that every claim's value is determined by the leaf claim and `model_columns`.
pub fn leaf_claims<'c>(
    circuit: &'c Circuit,
    layouts: &Layouts,
    challenges: &Challenges,
    leaf: &LeafClaim,
    model_columns: K,
) -> LeafClaims<'c> {
    let slot = |tensor, coef, low: &[K]| Weight { tensor, coef, form: Form::Slot(low.to_vec()) };
    let mut multiplicities = vec![];
    let mut witness = vec![];
    let mut model = vec![];
    let mut lookups_total = ZERO;
    let mut structural = ONE;
    let [beta_key, beta_values @ ..] = challenges.beta;
    for (lookup, place) in circuit.lookups.iter().zip(&layouts.stack.slots) {
        let Some((e, low)) = place.as_ref().map(|s| s.split(&leaf.point)) else { continue };
        lookups_total += e;
        structural += e * (challenges.alpha - table_id(lookup.table as usize) - ONE);
        let mut column = |arg: &Arg, beta: K| {
            structural -= e * beta * embed(arg.constant);
            for &(coef, tensor) in &arg.terms {
                witness.push(slot(tensor, -(e * beta * embed(coef)), low));
            }
        };
        column(&lookup.key, beta_key);
        lookup.values.iter().zip(beta_values).for_each(|(arg, beta)| column(arg, beta));
    }
    let tables = circuit.tables.iter().enumerate();
    let places = layouts.stack.slots.iter().skip(circuit.lookups.len());
    for ((id, table), place) in tables.zip(places) {
        let Some((e, low)) = place.as_ref().map(|s| s.split(&leaf.point)) else { continue };
        multiplicities.push(slot(table.multiplicity, e, low));
        let key = table_key(table, low);
        structural += e * (challenges.alpha - table_id(id) - ONE - beta_key * key);
        for (&output, beta) in table.outputs.iter().zip(beta_values) {
            model.push(slot(output, -(e * beta), low));
        }
    }
    let claim = |weights, value| Claim { weights, table_point: None, value };
    LeafClaims {
        multiplicities: claim(multiplicities, lookups_total - leaf.numerator),
        witness: claim(witness, leaf.denominator - structural - model_columns),
        model: claim(model, model_columns),
    }
}

/// The three claims of [`leaf_claims`].
#[derive(Clone, Debug)]
#[must_use]
pub struct LeafClaims<'c> {
    /// On `W`: multiplicities.
    pub multiplicities: Claim<'c>,
    /// On `W`: columns of the lookups.
    pub witness: Claim<'c>,
    /// On `M`: outputs of the tables.
    pub model: Claim<'c>,
}

/// The key column `lo + i` at a point: `lo + sum_j 2^j point_j`.
fn table_key(table: &Table, point: &[K]) -> K {
    let index = point.iter().fold(ZERO, |acc, &c| acc + acc + c);
    index + embed(i64::from(table.lo))
}
