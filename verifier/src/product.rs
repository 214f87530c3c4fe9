//! Identities: linear terms and products, all in one sumcheck (PROTOCOL §5.2, §5.3).
//!
//! At a random point `r`, identity `j` says `linear_j(r) + sum_products coef * P(r) = 0`, where
//! `P(r) = sum_u eq(r_batch, u_batch) A(u) B(u)`: `u` runs over the *batch* variables, those output
//! variables that both factors use, and the sum variables; the other output variables are fixed to
//! `r` inside `A` and `B`. With powers of `lambda` all identities become
//! `sum_j lambda^j sum_products = - sum_j lambda^j linear_j(r)`: one sumcheck, whose right side is
//! one functional of `W`, one of `M`, and a public value.
//!
//! A product with fewer variables takes part with the factor `2^-missing` from the first round on,
//! and its point is the last challenges.

use std::sync::Arc;

use crate::channel::{Suite, Transcript};
use crate::circuit::{Circuit, Identity, Kind, Product, View, log_ceil};
use crate::error::VerifyError;
use crate::field::{K, ONE, ZERO, embed, eq, half_pow};
use crate::functional::{Assignment, Claim, Form, Public, Weight, evaluate_public};

/// What the prover sends for the identities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductProof {
    /// Linear part on `W`.
    pub witness_linear: K,
    /// Linear part on `M`.
    pub model_linear: K,
    /// `[c_0, c_2, c_3]` of every round polynomial; `c_1 = claim - 2 c_0 - c_2 - c_3`.
    pub rounds: Vec<[K; 3]>,
    /// Value of every factor that is a committed tensor, in order, `a` before `b`.
    pub factors: Vec<K>,
}

/// One product of the sumcheck.
#[derive(Clone, Debug)]
pub struct Instance<'c> {
    /// The product.
    pub product: &'c Product,
    /// Everything that multiplies `sum_u eq(r_batch, u_batch) A(u) B(u)`.
    pub coef: K,
    /// Batch variables, then sum variables: `(variable, bits)`.
    pub vars: Vec<(usize, usize)>,
    /// Number of coordinates of `u` that belong to batch variables.
    pub batch_bits: usize,
    /// `r` at the batch variables.
    pub batch_point: Vec<K>,
    /// All variables of the product; those in `vars` have no point yet.
    pub at: Assignment,
}

impl Instance<'_> {
    /// Number of sumcheck variables.
    #[must_use]
    pub fn n_vars(&self) -> usize {
        self.vars.iter().map(|&(_, bits)| bits).sum()
    }

    /// The assignment once `u` is known.
    #[must_use]
    pub fn assign(&self, u: &[K]) -> Assignment {
        let mut at = self.at.clone();
        let mut rest = u;
        for &(var, bits) in &self.vars {
            let (head, tail) = rest.split_at(bits);
            if let Some(point) = at.points.get_mut(var) {
                *point = head.to_vec();
            }
            rest = tail;
        }
        at
    }
}

/// All identities at a random point.
#[derive(Clone, Debug)]
pub struct Batch<'c> {
    /// Linear functional of `W`.
    pub witness: Vec<Weight<'c>>,
    /// Linear functional of `M`.
    pub model: Vec<Weight<'c>>,
    /// Linear part that the verifier knows: constants and public tensors.
    pub public: K,
    /// The products.
    pub instances: Vec<Instance<'c>>,
}

impl<'c> Batch<'c> {
    /// Draws the point and `lambda`, and reads all identities there.
    pub fn draw<S: Suite>(
        transcript: &mut Transcript<S>,
        circuit: &'c Circuit,
        public: Public<'_>,
    ) -> Self {
        let bits = |i: &Identity| i.dims.iter().map(|&d| log_ceil(d) as usize).sum::<usize>();
        let point = transcript.draw_many(circuit.identities.iter().map(bits).max().unwrap_or(0));
        let lambda = transcript.draw();
        let mut batch = Self { witness: vec![], model: vec![], public: ZERO, instances: vec![] };
        let mut power = ONE;
        for identity in &circuit.identities {
            let (_, r) = point.split_at(point.len() - bits(identity));
            batch.add(circuit, identity, r, power, public);
            power *= lambda;
        }
        batch
    }

    fn add(
        &mut self,
        circuit: &'c Circuit,
        identity: &'c Identity,
        r: &[K],
        power: K,
        public: Public<'_>,
    ) {
        let mut at = Assignment { extents: identity.dims.clone(), points: vec![] };
        let mut rest = r;
        for &d in &identity.dims {
            let (head, tail) = rest.split_at(log_ceil(d) as usize);
            at.points.push(head.to_vec());
            rest = tail;
        }
        let at = Arc::new(at);
        let indicators: Vec<K> = (0..at.points.len()).map(|v| at.indicator(v)).collect();
        // Views are zero outside the extents of their own variables; the others need it said.
        let unused = |used: &[bool]| {
            indicators.iter().zip(used).fold(ONE, |acc, (&i, &u)| if u { acc } else { acc * i })
        };
        for term in &identity.linear {
            let coef = power * embed(term.coef);
            let Some(view) = &term.view else {
                self.public += coef * unused(&vec![false; indicators.len()]);
                continue;
            };
            let coef = coef * unused(&variables(view, indicators.len()));
            let weight =
                || Weight { tensor: view.tensor, coef, form: Form::View { view, at: at.clone() } };
            match circuit.tensor(view.tensor).kind {
                Kind::Witness => self.witness.push(weight()),
                Kind::Model => self.model.push(weight()),
                Kind::Input { .. } | Kind::Output { .. } => {
                    self.public += coef * evaluate_public(view, &at, public);
                }
            }
        }
        for product in &identity.products {
            let n_out = identity.dims.len();
            let n_vars = n_out + product.sum.len();
            let (a, b) = (variables(&product.a, n_vars), variables(&product.b, n_vars));
            let mut full = Assignment::clone(&at);
            full.extents.extend(&product.sum);
            full.points.resize(n_vars, vec![]);
            let any: Vec<bool> = a.iter().zip(&b).map(|(&x, &y)| x || y).collect();
            let coef = power * embed(product.coef) * unused(&any);
            let batch: Vec<usize> = (0..n_out).filter(|&v| both(&a, &b, v)).collect();
            let bits = |v: usize| (v, log_ceil(full.extent(v)) as usize);
            let batch_point: Vec<K> = batch.iter().flat_map(|&v| at.point(v)).copied().collect();
            let vars = batch.iter().copied().chain(n_out..n_vars).map(bits).collect();
            self.instances.push(Instance {
                product,
                coef,
                vars,
                batch_bits: batch_point.len(),
                batch_point,
                at: full,
            });
        }
    }

    /// Number of rounds and of committed factors: what a proof's shape follows from.
    #[must_use]
    pub fn shape(circuit: &Circuit) -> (usize, usize) {
        let (mut n_rounds, mut n_factors) = (0, 0);
        for identity in &circuit.identities {
            let n_out = identity.dims.len();
            for product in &identity.products {
                let n_vars = n_out + product.sum.len();
                let (a, b) = (variables(&product.a, n_vars), variables(&product.b, n_vars));
                let extents = identity.dims.iter().chain(&product.sum);
                let bits = extents.enumerate().filter(|&(v, _)| v >= n_out || both(&a, &b, v));
                n_rounds = n_rounds.max(bits.map(|(_, &d)| log_ceil(d) as usize).sum());
                let kind = |view: &View| circuit.tensor(view.tensor).kind;
                n_factors += usize::from(is_committed(kind(&product.a)));
                n_factors += usize::from(is_committed(kind(&product.b)));
            }
        }
        (n_rounds, n_factors)
    }

    /// Number of rounds of the sumcheck.
    #[must_use]
    pub fn n_rounds(&self) -> usize {
        self.instances.iter().map(Instance::n_vars).max().unwrap_or(0)
    }

    /// The factors in the order of the proof, with the kind of their tensor.
    pub fn factors<'s>(
        &'s self,
        circuit: &'s Circuit,
    ) -> impl Iterator<Item = (usize, &'c View, Kind)> + 's {
        self.instances.iter().enumerate().flat_map(move |(index, instance)| {
            let kind = |view: &View| circuit.tensor(view.tensor).kind;
            let product: &'c Product = instance.product;
            [(index, &product.a, kind(&product.a)), (index, &product.b, kind(&product.b))]
        })
    }
}

/// Whether the tensor is in `M` or `W`.
#[must_use]
pub fn is_committed(kind: Kind) -> bool {
    matches!(kind, Kind::Model | Kind::Witness)
}

/// Whether both factors use a variable.
fn both(a: &[bool], b: &[bool], var: usize) -> bool {
    let uses = |used: &[bool]| used.get(var) == Some(&true);
    uses(a) && uses(b)
}

/// Which of `n` variables a view uses.
#[must_use]
pub fn variables(view: &View, n: usize) -> Vec<bool> {
    use crate::circuit::{Axis, Source};
    let mut used = vec![false; n];
    let mut take = |var: u16| {
        if let Some(used) = used.get_mut(usize::from(var)) {
            *used = true;
        }
    };
    for axis in &view.axes {
        match axis {
            Axis::Var(var) | Axis::Map { var, .. } | Axis::Public { var, .. } => take(*var),
            Axis::Affine { terms, .. } => {
                for term in terms {
                    if let Source::Var(var) = term.source {
                        take(var);
                    }
                }
            }
            Axis::Sum | Axis::Fixed(_) => {}
        }
    }
    used
}

/// The claims that the identities leave: the linear parts, then one for each committed factor.
#[derive(Clone, Debug)]
#[must_use]
pub struct IdentityClaims<'c> {
    /// On `W`.
    pub witness: Vec<Claim<'c>>,
    /// On `M`.
    pub model: Vec<Claim<'c>>,
}

/// Verifies the identities.
///
/// # Errors
/// [`VerifyError::Products`] naming the part.
pub fn verify<'c, S: Suite>(
    transcript: &mut Transcript<S>,
    circuit: &'c Circuit,
    public: Public<'_>,
    proof: &ProductProof,
) -> Result<IdentityClaims<'c>, VerifyError> {
    let batch = Batch::draw(transcript, circuit, public);
    let (n_rounds, n_factors) = Batch::shape(circuit);
    if proof.rounds.len() != n_rounds {
        return Err(VerifyError::Products { what: "number of rounds" });
    }
    if proof.factors.len() != n_factors {
        return Err(VerifyError::Products { what: "number of factors" });
    }
    transcript.absorb(&[proof.witness_linear, proof.model_linear]);
    let mut claim = -(proof.witness_linear + proof.model_linear + batch.public);
    let mut point = Vec::with_capacity(proof.rounds.len());
    for &[c0, c2, c3] in &proof.rounds {
        transcript.absorb(&[c0, c2, c3]);
        let r = transcript.draw();
        let c1 = claim - c0 - c0 - c2 - c3;
        claim = c0 + r * (c1 + r * (c2 + r * c3));
        point.push(r);
    }
    if !proof.factors.is_empty() {
        transcript.absorb(&proof.factors);
    }
    let (claims, total) = finish(circuit, batch, public, &point, proof);
    if claim != total {
        return Err(VerifyError::Products { what: "the sumcheck does not match the factors" });
    }
    Ok(claims)
}

/// The claims at the end of the sumcheck, and what its final claim must equal. The prover uses it
/// too, for the claims.
#[expect(clippy::cast_possible_truncation, reason = "there are at most 56 rounds")]
pub fn finish<'c>(
    circuit: &'c Circuit,
    batch: Batch<'c>,
    public: Public<'_>,
    point: &[K],
    proof: &ProductProof,
) -> (IdentityClaims<'c>, K) {
    let mut sent = proof.factors.iter().copied();
    let mut claims = IdentityClaims { witness: vec![], model: vec![] };
    let mut total = ZERO;
    let linear = |weights, value| Claim { weights, table_point: None, value };
    claims.witness.push(linear(batch.witness, proof.witness_linear));
    claims.model.push(linear(batch.model, proof.model_linear));
    for instance in &batch.instances {
        let missing = point.len() - instance.n_vars();
        let (_, u) = point.split_at(missing);
        let at = Arc::new(instance.assign(u));
        let mut product = instance.coef * eq(&instance.batch_point, u) * half_pow(missing as u32);
        for view in [&instance.product.a, &instance.product.b] {
            let weight = Weight {
                tensor: view.tensor,
                coef: ONE,
                form: Form::View { view, at: at.clone() },
            };
            let value = match circuit.tensor(view.tensor).kind {
                Kind::Witness => {
                    let value = sent.next().unwrap_or(ZERO);
                    claims.witness.push(linear(vec![weight], value));
                    value
                }
                Kind::Model => {
                    let value = sent.next().unwrap_or(ZERO);
                    claims.model.push(linear(vec![weight], value));
                    value
                }
                Kind::Input { .. } | Kind::Output { .. } => evaluate_public(view, &at, public),
            };
            product *= value;
        }
        total += product;
    }
    (claims, total)
}
