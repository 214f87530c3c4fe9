//! The verifier, top to bottom as PROTOCOL §5.

use crate::channel::ChannelTrait;
use crate::field::{K, ONE, eq, mul_add, mul_mul_add};
use crate::functional::{Reader, ReaderTrait, reverse};
use crate::key::{self, VerifyingKey, VerifyingKeyTrait};
use crate::layout::{Prefixes, add_counts, prefixes};
use crate::lookup::{self, Challenges, ChallengesTrait, LeafClaims};
use crate::opening;
use crate::product::{self, IdentityClaims};
use crate::statement::{self, StatementTrait};
use crate::wire::WireTrait;

/// Checks that `proof` proves that `outputs` are the circuit's at `inputs`, for the model of
/// `model`, and returns its identifier. The felts are those of the calldata (PROTOCOL Appendix C).
///
/// # Soundness
/// What the identifier stands for is established by whoever recomputes it from the model file
/// (PROTOCOL §1): the caller compares it with one that is trusted.
///
/// # Panics
/// The first check that fails.
pub fn verify(
    model: Span<felt252>,
    context: u256,
    inputs: Span<felt252>,
    outputs: Span<felt252>,
    proof: Span<felt252>,
) -> felt252 {
    // Shape: circuit, schedule, layouts, identifier.
    let key = key::read(model);
    let circuit = @key.circuit;
    let schedule = @key.schedule;

    // Statement: every entry in its declared interval.
    let statement = StatementTrait::new(key.circuit.inputs, key.circuit.outputs, inputs, outputs);

    // Seed: protocol, model, statement.
    let mut channel = key.seed(context);
    statement::absorb(ref channel, key.circuit.inputs, inputs);
    statement::absorb(ref channel, key.circuit.outputs, outputs);
    let mut wire = WireTrait::new(proof);

    // Witness: its root, then a point that pins one table.
    let witness_root = wire.root(ref channel);
    let witness_point = channel.draw_many(*schedule.witness.log_size).span();
    let witness_value = wire.one(ref channel);

    // Lookups.
    wire.nonce(ref channel, *schedule.lookup_pow_bits);
    let challenges = ChallengesTrait::draw(ref channel);
    let leaf = lookup::verify(ref channel, ref wire, key.log_stack);
    let stack = prefixes(add_counts(*circuit.n_lookups, *circuit.n_tables), leaf.point);
    let model_columns = wire.one(ref channel);
    let leaves = lookup::leaf_claims(circuit, stack, challenges, leaf, model_columns);

    // Identities.
    let (identities, reader) = product::verify(ref channel, ref wire, circuit, statement);

    // Opening.
    let challenge = channel.draw();
    let mut claims = Claims {
        key, leaves, identities, challenges, stack, leaf: reverse(leaf.point), reader, challenge,
    };
    let (value_m, power) = claims.values(MODEL, key.ood_value, ONE);
    let (value_w, _) = claims.values(WITNESS, witness_value, power);
    let roots = [key.root, witness_root];
    let owed = opening::verify(ref channel, schedule, roots, [value_m, value_w], ref wire);
    let [point_m, point_w] = owed.points;
    let (weight_m, power) = claims.weights(MODEL, key.ood_point, point_m, ONE);
    let (weight_w, _) = claims.weights(WITNESS, witness_point, point_w, power);
    let [factor_m, factor_w] = owed.factors;
    let total = mul_mul_add(factor_m, weight_m, factor_w, weight_w);
    assert(total == owed.value, 'opening: claims do not match');

    // End of the proof.
    wire.finish();
    key.model_id
}

use crate::circuit::{MODEL, WITNESS};

/// All claims on `M` and `W`, in the order of PROTOCOL §5: out-of-domain; what the lookups leave
/// (one on `M`, two on `W`); linear part; factors. They are added with powers of `challenge`.
#[derive(Destruct)]
struct Claims {
    key: VerifyingKey,
    leaves: LeafClaims,
    identities: IdentityClaims,
    challenges: Challenges,
    /// Prefix weights of the stack's slots at the leaves' point.
    stack: Prefixes,
    /// The leaves' point, least significant coordinate first.
    leaf: Span<K>,
    reader: Reader,
    challenge: K,
}

#[generate_trait]
impl ClaimsImpl of ClaimsTrait {
    /// The sum of `power * value` over the claims on a table, the powers beginning with `first`;
    /// and the next power.
    fn values(ref self: Claims, kind: u32, ood: K, first: K) -> (K, K) {
        let c = self.challenge;
        let mut sum = first * ood;
        let mut power = first * c;
        if kind == MODEL {
            sum = mul_add(power, self.leaves.model, sum);
        } else {
            sum = mul_add(power, self.leaves.multiplicities, sum);
            power = power * c;
            sum = mul_add(power, self.leaves.witness, sum);
        }
        power = power * c;
        let linear = if kind == MODEL {
            self.identities.model_linear
        } else {
            self.identities.witness_linear
        };
        sum = mul_add(power, linear, sum);
        let (factors, next) = product::factor_values(
            @self.key.circuit, self.identities.factors, kind, power * c, c,
        );
        (sum + factors, next)
    }

    /// The sum of `power * weight` at the final point of a table, likewise; `ood` is its
    /// out-of-domain point. Both most significant coordinate first.
    fn weights(ref self: Claims, kind: u32, ood: Span<K>, point: Span<K>, first: K) -> (K, K) {
        let c = self.challenge;
        let circuit = @self.key.circuit;
        let mut sum = first * eq(ood, point);
        let mut power = first * c;
        let low_first = reverse(point);
        if kind == MODEL {
            let slots = prefixes(*circuit.n_model, point);
            let eqs = lookup::low_eqs(self.leaf, low_first, (*circuit.n_tables).len() - 1);
            let weight = lookup::model_weight(circuit, self.stack, slots, eqs, self.challenges);
            sum = mul_add(power, weight, sum);
            self.identity_weights(kind, slots, low_first, sum, power * c)
        } else {
            let slots = prefixes(*circuit.n_witness, point);
            let n_sizes = add_counts(*circuit.n_lookups, *circuit.n_tables).len() - 1;
            let eqs = lookup::low_eqs(self.leaf, low_first, n_sizes);
            let weight = lookup::multiplicity_weight(circuit, self.stack, slots, eqs);
            sum = mul_add(power, weight, sum);
            power = power * c;
            let weight = lookup::witness_weight(circuit, self.stack, slots, eqs, self.challenges);
            sum = mul_add(power, weight, sum);
            self.identity_weights(kind, slots, low_first, sum, power * c)
        }
    }

    /// `sum` and the weights of the identities' claims on a table; `point` is its final point,
    /// least significant coordinate first.
    fn identity_weights(
        ref self: Claims, kind: u32, slots: Prefixes, point: Span<K>, sum: K, first: K,
    ) -> (K, K) {
        let c = self.challenge;
        let circuit = @self.key.circuit;
        let lambda = self.identities.lambda;
        self.reader.at_table(point);
        let linear = product::linear_weight(ref self.reader, circuit, lambda, kind, slots);
        let sum = mul_add(first, linear, sum);
        let (factors, next) = product::factor_weights(
            ref self.reader, circuit, kind, slots, first * c, c,
        );
        (sum + factors, next)
    }
}
