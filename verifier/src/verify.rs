//! The verifier, top to bottom as PROTOCOL §5.

use crate::channel::{Suite, Transcript};
use crate::error::VerifyError;
use crate::field::{K, ONE, ZERO};
use crate::functional::{Claim, Public, absorb_statement};
use crate::key::VerifyingKey;
use crate::layout::Layout;
use crate::lookup::{self, Challenges};
use crate::opening;
use crate::product;
use crate::proof::{Proof, Statement};

/// Checks that `proof` proves `statement` for the model of `vk`.
///
/// # Soundness
/// `Ok` says that the outputs are the circuit's at the inputs, for the model whose tables `M` the
/// key's root commits to; up to the error of the profile (`docs/security.md`). What the key itself
/// stands for is established by whoever recomputes it from the model file (PROTOCOL §1).
///
/// # Errors
/// The first check that fails.
pub fn verify<S: Suite>(
    vk: &VerifyingKey<S>,
    statement: &Statement,
    proof: &Proof<S>,
) -> Result<(), VerifyError> {
    let (circuit, layouts) = (vk.circuit(), vk.layouts());

    // Statement: every entry in its declared interval.
    statement.check(circuit)?;
    // Proof: one representative of each field element.
    proof.check_canonical()?;
    let public = Public::new(circuit, statement);

    // Seed: protocol, model, statement.
    let mut transcript = seed(vk, statement);

    // Witness: its root, then a point that pins one table.
    transcript.absorb_root(proof.witness_root);
    let ood_point = transcript.draw_many(layouts.witness.log_size as usize);
    transcript.absorb(&[proof.witness_ood]);
    let mut claims = Claims::new(vk, ood_point, proof.witness_ood);

    // Lookups.
    if !transcript.check_pow(lookup::POW_BITS, proof.lookup.nonce) {
        return Err(VerifyError::ProofOfWork { what: "the lookup challenges" });
    }
    let challenges = Challenges::draw(&mut transcript);
    let n_vars = layouts.stack.log_size as usize;
    let leaf = lookup::verify(&mut transcript, n_vars, &proof.lookup.layers)?;
    transcript.absorb(&[proof.lookup.model_columns]);
    let leaves =
        lookup::leaf_claims(circuit, layouts, &challenges, &leaf, proof.lookup.model_columns);
    claims.add_leaves(leaves);

    // Identities.
    claims.add_identities(product::verify(&mut transcript, circuit, public, &proof.product)?);

    // Opening.
    let powers = claims.draw_powers(&mut transcript);
    let owed = opening::verify(
        &mut transcript,
        vk.schedule(),
        [*vk.root(), proof.witness_root],
        claims.values(&powers),
        &proof.opening,
    )?;
    let weights = claims.evaluate(&powers, vk, public, &owed.points);
    let total = owed.factors.iter().zip(weights).fold(ZERO, |acc, (&f, w)| acc + f * w);
    if total != owed.value {
        return Err(VerifyError::Opening { what: "the claims do not match the opened tables" });
    }
    Ok(())
}

/// The transcript before the witness: protocol, model, statement (PROTOCOL §5, transcript order).
#[must_use]
pub fn seed<S: Suite>(vk: &VerifyingKey<S>, statement: &Statement) -> Transcript<S> {
    let mut transcript = Transcript::default();
    transcript.absorb_bytes(b"stwo-ml/proof/v1");
    transcript.absorb_bytes(&vk.model_id());
    absorb_statement(&mut transcript, vk.circuit(), statement);
    transcript
}

/// All claims on `M` (index 0) and `W` (index 1), in the order of PROTOCOL §5.
#[derive(Clone, Debug)]
pub struct Claims<'c> {
    /// By table.
    pub of: [Vec<Claim<'c>>; 2],
}

impl<'c> Claims<'c> {
    /// The out-of-domain claims.
    #[must_use]
    pub fn new<S: Suite>(vk: &VerifyingKey<S>, witness_point: Vec<K>, witness_value: K) -> Self {
        let ood = |point: Vec<K>, value| Claim { weights: vec![], table_point: Some(point), value };
        let (model_point, model_value) = vk.ood();
        Self {
            of: [
                vec![ood(model_point.to_vec(), model_value)],
                vec![ood(witness_point, witness_value)],
            ],
        }
    }

    /// Adds what the lookups leave.
    pub fn add_leaves(&mut self, leaves: lookup::LeafClaims<'c>) {
        self.of[0].push(leaves.model);
        self.of[1].extend([leaves.multiplicities, leaves.witness]);
    }

    /// Adds what the identities leave.
    pub fn add_identities(&mut self, claims: product::IdentityClaims<'c>) {
        self.of[0].extend(claims.model);
        self.of[1].extend(claims.witness);
    }

    /// Powers of one challenge: for the claims on `M`, then for those on `W`.
    pub fn draw_powers<S: Suite>(&self, transcript: &mut Transcript<S>) -> [Vec<K>; 2] {
        let challenge = transcript.draw();
        let mut power = ONE;
        self.of.each_ref().map(|claims| {
            claims
                .iter()
                .map(|_| {
                    let now = power;
                    power *= challenge;
                    now
                })
                .collect()
        })
    }

    /// The batched values.
    #[must_use]
    pub fn values(&self, powers: &[Vec<K>; 2]) -> [K; 2] {
        let sum = |claims: &[Claim<'_>], powers: &[K]| {
            claims.iter().zip(powers).fold(ZERO, |acc, (claim, &p)| acc + p * claim.value)
        };
        let ([model, witness], [of_model, of_witness]) = (&self.of, powers);
        [sum(model, of_model), sum(witness, of_witness)]
    }

    /// The extensions of the batched weights at the points of the opening.
    fn evaluate<S: Suite>(
        &self,
        powers: &[Vec<K>; 2],
        vk: &VerifyingKey<S>,
        public: Public<'_>,
        points: &[Vec<K>; 2],
    ) -> [K; 2] {
        let sum = |claims: &[Claim<'_>], powers: &[K], layout: &Layout, point: &[K]| {
            claims
                .iter()
                .zip(powers)
                .fold(ZERO, |acc, (claim, &p)| acc + p * claim.evaluate(layout, public, point))
        };
        let ([model, witness], [of_model, of_witness]) = (&self.of, powers);
        let (layouts, [at_model, at_witness]) = (vk.layouts(), points);
        [
            sum(model, of_model, &layouts.model, at_model),
            sum(witness, of_witness, &layouts.witness, at_witness),
        ]
    }
}
