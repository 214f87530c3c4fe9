//! The verifier, top to bottom as PROTOCOL §5.

use core::cmp::min;
use crate::channel::{Channel, ChannelTrait};
use crate::circuit::{Circuit, MODEL, WITNESS};
use crate::field::{K, eq, mul_add, mul_mul_add};
use crate::functional::{Points, Reader, ReaderTrait, reverse};
use crate::key::{self, Context, VerifyingKey};
use crate::layout::{Prefixes, add_counts, prefixes};
use crate::lookup::{self, Challenges, ChallengesTrait, LeafClaim, LeafClaims};
use crate::merkle::Hash;
use crate::opening::{self, OpeningClaim};
use crate::product::{self, IdentityClaims, powers};
use crate::profile::ScheduleTrait;
use crate::statement::{Statement, StatementTrait};
use crate::wire::{Wire, WireTrait};

/// Checks that `proof` proves that `outputs` are the circuit's at `inputs`, for the model of
/// `model`, and returns its identifier. The felts are those of the calldata (PROTOCOL Appendix D).
///
/// # Soundness
/// What the identifier stands for is established by whoever recomputes it from the model file
/// (PROTOCOL §1): the caller compares it with one that is trusted.
///
/// # Panics
/// The first check that fails.
pub fn verify(
    model: Span<felt252>,
    context: Context,
    inputs: Span<felt252>,
    outputs: Span<felt252>,
    proof: Span<felt252>,
) -> Hash {
    let (layers, begun) = begin(model, context, inputs, outputs, proof).unbox();
    let (opening, owed) = proceed(begun, verify_layers(layers)).unbox();
    finish(owed, open(opening))
}

/// The layers of the lookups that are to be verified: the transcript, and what is left of the
/// proof.
#[derive(Copy, Drop)]
pub struct Layers {
    pub channel: Channel,
    /// log2 of the size of the lookup stack.
    pub log_stack: u32,
    pub wire: Wire,
}

/// What they leave.
#[derive(Copy, Drop)]
pub struct LayersEnd {
    pub channel: Channel,
    pub leaf: LeafClaim,
    pub wire: Wire,
}

/// What is known before the layers of the lookups.
#[derive(Copy, Drop)]
pub struct Begun {
    key: Box<VerifyingKey>,
    statement: Statement,
    witness_root: Hash,
    witness_point: Span<K>,
    witness_value: K,
    challenges: Challenges,
}

/// What there is to open: the transcript, the tables' roots, the values of the batched claims on
/// them, and what is left of the proof.
#[derive(Copy, Drop)]
pub struct Opening {
    pub channel: Channel,
    /// Number of the parameter words and their felts, which [`ScheduleTrait::read`] takes.
    pub n_words: u32,
    pub parameters: Span<felt252>,
    /// Of `M` and `W`.
    pub roots: [Hash; 2],
    pub values: [K; 2],
    pub wire: Wire,
}

/// What is owed once the tables are opened: that the weights of the claims at the final points are
/// those that the opening leaves.
#[derive(Copy, Drop)]
#[must_use]
pub struct Owed {
    key: Box<VerifyingKey>,
    claims: Box<Claims>,
    points: Box<Points>,
    witness_point: Span<K>,
    /// The powers of the challenge from that of the first claim on `M` on, and from that on `W` on.
    powers: Span<K>,
    powers_w: Span<K>,
}

/// All steps before the layers of the lookups.
///
/// # Panics
/// The first check that fails.
pub fn begin(
    model: Span<felt252>,
    context: Context,
    inputs: Span<felt252>,
    outputs: Span<felt252>,
    proof: Span<felt252>,
) -> Box<(Layers, Begun)> {
    // Shape: circuit, schedule, layouts, identifier.
    let key = key::read(model);
    let VerifyingKey { circuit, schedule, log_stack, model_id, .. } = key.unbox();
    let Circuit { inputs: input_tensors, outputs: output_tensors, .. } = circuit.unbox();

    // Statement: every entry in its declared interval.
    let statement = StatementTrait::new(input_tensors, output_tensors, inputs, outputs);

    // Seed: protocol, model, statement.
    let mut channel = key::seed(model_id, context);
    statement.absorb(ref channel);
    let mut wire = WireTrait::new(proof);

    // Witness: its root, then a point that pins one table.
    let witness_root = wire.root(ref channel);
    let witness_point = channel.draw_many(schedule.witness.log_size).span();
    let witness_value = wire.one(ref channel);

    // Lookups.
    wire.nonce(ref channel, schedule.lookup_pow_bits);
    let challenges = ChallengesTrait::draw(ref channel);
    let begun = Begun { key, statement, witness_root, witness_point, witness_value, challenges };
    BoxTrait::new((Layers { channel, log_stack, wire }, begun))
}

/// The layers of the lookups.
///
/// # Panics
/// The first check that fails.
pub fn verify_layers(layers: Layers) -> LayersEnd {
    let Layers { mut channel, log_stack, mut wire } = layers;
    let leaf = lookup::verify(ref channel, ref wire, log_stack);
    LayersEnd { channel, leaf, wire }
}

/// All steps from there to the opening.
///
/// # Panics
/// The first check that fails.
pub fn proceed(begun: Begun, layers: LayersEnd) -> Box<(Opening, Owed)> {
    let Begun { key, statement, witness_root, witness_point, witness_value, challenges } = begun;
    let LayersEnd { mut channel, leaf, mut wire } = layers;
    let VerifyingKey { circuit, root, ood_value, .. } = key.unbox();
    let Circuit { n_lookups, n_tables, .. } = circuit.unbox();
    let stack = prefixes(add_counts(n_lookups, n_tables), leaf.point);
    let model_columns = wire.one(ref channel);
    let leaves = lookup::leaf_claims(circuit, stack, challenges, leaf, model_columns);

    // Identities.
    let (identities, points) = product::verify(ref channel, ref wire, circuit, statement);

    // All claims on a table become one.
    let leaf = reverse(leaf.point);
    let powers = powers(channel.draw(), circuit.unbox().n_factors + N_OTHERS);
    let claims = BoxTrait::new(Claims { circuit, leaves, identities, challenges, stack, leaf });
    let mut powers_w = powers;
    let value_m = claims.values(MODEL, ood_value, ref powers_w);
    let mut end = powers_w;
    let value_w = claims.values(WITNESS, witness_value, ref end);
    let opening = Opening {
        channel,
        n_words: key.unbox().n_words,
        parameters: key.unbox().parameters,
        roots: [root, witness_root],
        values: [value_m, value_w],
        wire,
    };
    BoxTrait::new((opening, Owed { key, claims, points, witness_point, powers, powers_w }))
}

/// Opening, which ends the proof.
///
/// # Panics
/// The first check that fails.
pub fn open(opening: Opening) -> OpeningClaim {
    let Opening { mut channel, n_words, parameters, roots, values, mut wire } = opening;
    let schedule = ScheduleTrait::read(n_words, parameters);
    let claim = opening::verify(ref channel, @schedule, roots, values, ref wire);
    wire.finish();
    claim
}

/// The last equation, which checks every claim. Returns the model's identifier.
///
/// # Panics
/// It does not hold.
pub fn finish(owed: Owed, opening: OpeningClaim) -> Hash {
    let Owed { key, claims, points, witness_point, powers, powers_w } = owed;
    let VerifyingKey { ood_point, model_id, .. } = key.unbox();
    let [point_m, point_w] = opening.points;
    let [factor_m, factor_w] = opening.factors;
    let mut reader = ReaderTrait::new(points);
    let weight_m = claims.weights(ref reader, MODEL, ood_point, point_m, powers);
    let weight_w = claims.weights(ref reader, WITNESS, witness_point, point_w, powers_w);
    let total = mul_mul_add(factor_m, weight_m, factor_w, weight_w);
    assert(total == opening.value, 'opening: claims do not match');
    model_id
}

/// All claims on `M` and `W`, in the order of PROTOCOL §5: out-of-domain; what the lookups leave
/// (one on `M`, two on `W`); linear part; factors. They are added with powers of a challenge.
#[derive(Copy, Drop)]
struct Claims {
    circuit: Box<Circuit>,
    leaves: LeafClaims,
    identities: IdentityClaims,
    challenges: Challenges,
    /// Prefix weights of the stack's slots at the leaves' point.
    stack: Prefixes,
    /// The leaves' point, least significant coordinate first.
    leaf: Span<K>,
}

/// Claims that are not on factors: three on `M`, four on `W`.
const N_OTHERS: u32 = 7;

#[generate_trait]
impl ClaimsImpl of ClaimsTrait {
    /// The sum of `power * value` over the claims on a table, with the next powers.
    fn values(self: Box<Claims>, kind: u32, ood: K, ref powers: Span<K>) -> K {
        let Claims { circuit, leaves, identities, .. } = self.unbox();
        let sum = *powers.pop_front().unwrap() * ood;
        let (sum, linear) = if kind == MODEL {
            (mul_add(*powers.pop_front().unwrap(), leaves.model, sum), identities.model_linear)
        } else {
            let sum = mul_add(*powers.pop_front().unwrap(), leaves.multiplicities, sum);
            let sum = mul_add(*powers.pop_front().unwrap(), leaves.witness, sum);
            (sum, identities.witness_linear)
        };
        let sum = mul_add(*powers.pop_front().unwrap(), linear, sum);
        sum + product::factor_values(circuit, identities.factors, kind, ref powers)
    }

    /// The sum of `power * weight` at the final point of a table, likewise; `ood` is its
    /// out-of-domain point. Both most significant coordinate first.
    fn weights(
        self: Box<Claims>,
        ref reader: Reader,
        kind: u32,
        ood: Span<K>,
        point: Span<K>,
        mut powers: Span<K>,
    ) -> K {
        let Claims { circuit, identities, challenges, stack, leaf, .. } = self.unbox();
        let Circuit { n_model, n_witness, n_lookups, n_tables, .. } = circuit.unbox();
        let low_first = reverse(point);
        let sum = *powers.pop_front().unwrap() * eq(ood, point);
        let power = *powers.pop_front().unwrap();
        let (slots, sum) = if kind == MODEL {
            let slots = prefixes(n_model, point);
            // A table without outputs may be larger than `M`.
            let n_sizes = min(n_tables.len() - 1, low_first.len());
            let eqs = lookup::low_eqs(leaf, low_first, n_sizes);
            let outputs = lookup::model_weight(circuit, stack, slots, eqs, challenges);
            (slots, mul_add(power, outputs, sum))
        } else {
            let slots = prefixes(n_witness, point);
            let n_sizes = add_counts(n_lookups, n_tables).len();
            let eqs = lookup::low_eqs(leaf, low_first, n_sizes - 1);
            let columns = lookup::witness_weight(circuit, stack, slots, eqs, challenges);
            let multiplicities = lookup::multiplicity_weight(circuit, stack, slots, eqs);
            let next = *powers.pop_front().unwrap();
            (slots, sum + mul_mul_add(power, multiplicities, next, columns))
        };
        reader.at_table(low_first);
        let linear = product::linear_weight(ref reader, circuit, identities.powers, kind, slots);
        let sum = mul_add(*powers.pop_front().unwrap(), linear, sum);
        sum + product::factor_weights(ref reader, circuit, identities.vars, kind, slots, powers)
    }
}
