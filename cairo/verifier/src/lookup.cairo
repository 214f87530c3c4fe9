//! Lookups: LogUp by GKR (PROTOCOL §5.1; Papini–Haböck, ePrint 2023/1284).
//!
//! Leaves are fractions `n_i / d_i` of the lookup stack. A layer of `2^l` fractions is made from
//! the next by adding those `2^l` apart: `n(x) = n'(0,x) d'(1,x) + n'(1,x) d'(0,x)`,
//! `d(x) = d'(0,x) d'(1,x)`. Each layer is one sumcheck of `eq(rho, x) (n(x) + gamma d(x))`. The
//! factor `eq` is kept out of the round polynomials: a round sends the coefficients `h_1, h_2` of
//! `h`, and `h_0 = c - rho (h_1 + h_2)` for the claim `c`.

use crate::channel::{Channel, ChannelTrait};
use crate::circuit::{Arg, Circuit, Lookup, Table};
use crate::field::{
    K, Packed, ProductSumTrait, ScaledSumTrait, embed, eq1, mul_mul_add, one_k, zero_k,
};
use crate::gauss::{Gauss, GaussTrait};
use crate::layout::Prefixes;
use crate::sums::WeightedSumTrait;
use crate::wire::{Wire, WireTrait};

/// The challenges that turn a tuple into a denominator.
#[derive(Copy, Drop)]
pub struct Challenges {
    /// The point `alpha` at which the fractions are evaluated.
    pub alpha: K,
    /// Coefficients of the columns.
    pub beta: (K, K, K),
}

#[generate_trait]
pub impl ChallengesImpl of ChallengesTrait {
    /// Draws them.
    fn draw(ref channel: Channel) -> Challenges {
        let (alpha, beta_0) = channel.draw_two();
        let (beta_1, beta_2) = channel.draw_two();
        Challenges { alpha, beta: (beta_0, beta_1, beta_2) }
    }
}

/// What remains: the fraction of the leaves at `point`.
#[derive(Copy, Drop)]
pub struct LeafClaim {
    /// The point of the stack, most significant coordinate first.
    pub point: Span<K>,
    pub numerator: K,
    pub denominator: K,
}

/// Felts of the layers of a stack of `2^n_vars` fractions: a layer has a round for each of its
/// variables, and its mask.
pub fn n_felts(n_vars: u32) -> u32 {
    if n_vars == 0 {
        2
    } else {
        n_vars * (n_vars - 1) / 2 + 2 * n_vars
    }
}

/// Verifies the layers from the root, whose numerator must be zero and whose denominator must not.
///
/// # Panics
/// A check fails, or the proof is too short.
pub fn verify(ref channel: Channel, ref wire: Wire, n_vars: u32) -> LeafClaim {
    let (n0, n1, d0, d1) = wire.four(ref channel);
    // The root: the fractions sum to zero, and no denominator vanishes.
    assert(mul_mul_add(n0, d1, n1, d0) == zero_k(), 'lookup: fractions do not sum');
    assert(d0 * d1 != zero_k(), 'lookup: a denominator vanishes');
    let mut tau = channel.draw();
    let mut at = GaussTrait::from(tau);
    let mut numerator = lerp(GaussTrait::from(n0), GaussTrait::from(n1), at);
    let mut denominator = lerp(GaussTrait::from(d0), GaussTrait::from(d1), at);
    // The point without its first coordinate, tau.
    let mut rest = array![].span();
    for _ in 1..n_vars {
        let gamma = GaussTrait::from(channel.draw());
        let claim = numerator.add(gamma.mul(denominator));
        let (claim, point) = rounds(ref channel, ref wire, claim, at, rest);
        let (n0, n1, d0, d1) = wire.four(ref channel);
        let (n0, n1) = (GaussTrait::from(n0), GaussTrait::from(n1));
        let (d0, d1) = (GaussTrait::from(d0), GaussTrait::from(d1));
        let value = gamma.mul(d0.mul(d1)).add_products(n0, d1, n1, d0);
        assert(claim.sub(value).is_zero(), 'lookup: sumcheck of a layer');
        tau = channel.draw();
        at = GaussTrait::from(tau);
        numerator = lerp(n0, n1, at);
        denominator = lerp(d0, d1, at);
        rest = point;
    }
    let mut point = array![tau];
    point.append_span(rest);
    LeafClaim {
        point: point.span(), numerator: numerator.reduce(), denominator: denominator.reduce(),
    }
}

/// `lo + t (hi - lo)`, of 66 bits.
#[inline(always)]
fn lerp(lo: Gauss, hi: Gauss, t: Gauss) -> Gauss {
    lo.add(t.mul(hi.sub(lo)))
}

/// The rounds of a layer, from its claim; `rho` and `rest` are the point of the layer before, and
/// there is a round for each of its coordinates. Returns the last claim and the new point.
///
/// With `h0 = c - rho (h1 + h2)`, the next claim is `c + (r - rho) h1 + (r^2 - rho) h2`: the claim
/// of a layer and what its rounds add, none of which is reduced. A term has at most 99 bits, so
/// has the claim, and there are at most 30 rounds.
pub(crate) fn rounds(
    ref channel: Channel, ref wire: Wire, claim: Gauss, rho: Gauss, rest: Span<K>,
) -> (Gauss, Span<K>) {
    let (mut claim, mut rho, mut rest) = (claim, rho, rest);
    let mut point = array![];
    loop {
        let (h1, h2, r) = wire.round(ref channel);
        point.append(r);
        let (h1, h2, r) = (GaussTrait::from(h1), GaussTrait::from(h2), GaussTrait::from(r));
        claim = claim.add_products(r.sub(rho), h1, r.square().sub(rho), h2);
        match rest.pop_front() {
            Some(next) => { rho = GaussTrait::from(*next); },
            None => { break; },
        }
    }
    (claim, point.span())
}

/// What the leaves say about the committed tables.
#[derive(Copy, Drop)]
pub struct LeafClaims {
    /// Value of the claim on `M`: outputs of the tables.
    pub model: K,
    /// On `W`: multiplicities.
    pub multiplicities: K,
    /// On `W`: columns of the lookups.
    pub witness: K,
}

/// The values of the three claims, given that on `M`.
///
/// With `e_s` the prefix weight of stack slot `s`: the numerators are
/// `sum_lookups e_s - sum_tables e_s multiplicity`, the denominators
/// `1 - sum_s e_s + sum_s e_s (alpha - id - beta . columns)`. What is not committed is computed
/// here, so that every claim's value is determined by the leaf claim and the value on `M`.
pub fn leaf_claims(
    circuit: Box<Circuit>, stack: Prefixes, challenges: Challenges, leaf: LeafClaim, model: K,
) -> LeafClaims {
    let (beta_0, beta_1, beta_2) = challenges.beta;
    let of_lookups = lookup_sums(circuit.unbox().lookups, stack);
    let tables = table_sums(circuit, stack, reverse(leaf.point));
    let total = of_lookups.prefixes.reduce();
    let ids = of_lookups.ids.reduce() + tables.ids.reduce();
    let keys = of_lookups.key.reduce() + tables.keys;
    let mut structural = one_k()
        + (challenges.alpha - one_k()) * (total + tables.prefixes.reduce())
        - ids
        - beta_0 * keys;
    structural = structural - beta_1 * of_lookups.first.reduce();
    structural = structural - beta_2 * of_lookups.second.reduce();
    LeafClaims {
        model,
        multiplicities: total - leaf.numerator,
        witness: leaf.denominator - structural - model,
    }
}

fn reverse(point: Span<K>) -> Span<K> {
    crate::functional::reverse(point)
}

/// Sums over the lookups of the prefix weight times: 1, the table's identifier, the constants.
#[derive(Copy, Drop)]
struct LookupSums {
    prefixes: Packed,
    ids: Packed,
    key: Packed,
    first: Packed,
    second: Packed,
}

fn lookup_sums(mut lookups: Span<Lookup>, stack: Prefixes) -> LookupSums {
    let zero = ScaledSumTrait::new();
    let mut sums = LookupSums { prefixes: zero, ids: zero, key: zero, first: zero, second: zero };
    while let Some(lookup) = lookups.pop_front() {
        let Lookup { table, log_size, mut args, index } = *lookup;
        let weight = ScaledSumTrait::pack(*(*stack[log_size])[index]);
        sums.prefixes.add(1, weight);
        sums.ids.add(table.into() + 1, weight);
        if let Some(arg) = args.pop_front() {
            sums.key.add(*arg.constant, weight);
        }
        if let Some(arg) = args.pop_front() {
            sums.first.add(*arg.constant, weight);
            if let Some(arg) = args.pop_front() {
                sums.second.add(*arg.constant, weight);
            }
        }
    }
    sums
}

/// Sums over the tables.
#[derive(Copy, Drop)]
struct TableSums {
    prefixes: Packed,
    ids: Packed,
    /// Of prefix weight times key.
    keys: K,
}

/// `point` is least significant coordinate first.
fn table_sums(circuit: Box<Circuit>, stack: Prefixes, mut point: Span<K>) -> TableSums {
    let zero = ScaledSumTrait::new();
    let mut sums = TableSums { prefixes: zero, ids: zero, keys: zero_k() };
    // The index at the point, for each number of bits.
    let mut indices = array![zero_k()];
    let mut index = ScaledSumTrait::new();
    let mut place = 1;
    for _ in 1..circuit.unbox().n_tables.len() {
        index.add(place, ScaledSumTrait::pack(*point.pop_front().unwrap()));
        indices.append(index.reduce());
        place *= 2;
    }
    let indices = indices.span();
    let mut lows = ScaledSumTrait::new();
    let mut keys = ProductSumTrait::new();
    let mut id = 0;
    let mut tables = circuit.unbox().tables;
    while let Some(table) = tables.pop_front() {
        id += 1;
        let weight = table_weight(circuit, stack, table);
        let packed = ScaledSumTrait::pack(weight);
        sums.prefixes.add(1, packed);
        sums.ids.add(id, packed);
        let low: felt252 = embed(*table.lo).into();
        lows.add(low, packed);
        keys.add(weight, *indices[*table.log_size]);
    }
    sums.keys = keys.reduce() + lows.reduce();
    sums
}

/// The prefix weight of a table in the stack: tables come after the lookups of their size.
fn table_weight(circuit: Box<Circuit>, stack: Prefixes, table: @Table) -> K {
    let weights = *stack[*table.log_size];
    let n_tables = *circuit.unbox().n_tables[*table.log_size];
    *weights[weights.len() - n_tables + *table.index]
}

/// `eq` of the last `0, 1, ..` coordinates of two points, least significant coordinate first.
pub fn low_eqs(mut x: Span<K>, mut y: Span<K>, n: u32) -> Span<K> {
    let mut product = one_k();
    let mut products = array![one_k()];
    for _ in 0..n {
        product = product * eq1(*x.pop_front().unwrap(), *y.pop_front().unwrap());
        products.append(product);
    }
    products.span()
}

/// The extensions of the weights of the three claims at the final points: `[outputs of tables]` on
/// `M`.
pub fn model_weight(
    circuit: Box<Circuit>,
    stack: Prefixes,
    model: Prefixes,
    low_eqs: Span<K>,
    challenges: Challenges,
) -> K {
    let mut first = WeightedSumTrait::new();
    let mut second = WeightedSumTrait::new();
    let mut tables = circuit.unbox().tables;
    while let Some(table) = tables.pop_front() {
        let Table { log_size, mut outputs, .. } = *table;
        if let Some(output) = outputs.pop_front() {
            let weight = table_weight(circuit, stack, table) * *low_eqs[log_size];
            let prefixes = *model[log_size];
            first.add(weight, ScaledSumTrait::pack(*prefixes[*output]));
            if let Some(output) = outputs.pop_front() {
                second.add(weight, ScaledSumTrait::pack(*prefixes[*output]));
            }
        }
    }
    let (_, beta_1, beta_2) = challenges.beta;
    zero_k() - mul_mul_add(beta_1, first.reduce(), beta_2, second.reduce())
}

/// That of the multiplicities, on `W`.
pub fn multiplicity_weight(
    circuit: Box<Circuit>, stack: Prefixes, witness: Prefixes, low_eqs: Span<K>,
) -> K {
    let mut sum = WeightedSumTrait::new();
    let mut tables = circuit.unbox().tables;
    while let Some(table) = tables.pop_front() {
        let Table { log_size, multiplicity, .. } = *table;
        let weight = table_weight(circuit, stack, table) * *low_eqs[log_size];
        sum.add(weight, ScaledSumTrait::pack(*(*witness[log_size])[multiplicity]));
    }
    sum.reduce()
}

/// That of the columns of the lookups, on `W`.
pub fn witness_weight(
    circuit: Box<Circuit>,
    stack: Prefixes,
    witness: Prefixes,
    low_eqs: Span<K>,
    challenges: Challenges,
) -> K {
    // The lookups with their weights; at first all, then those with one more argument.
    let mut lookups = array![];
    let mut all = circuit.unbox().lookups;
    while let Some(lookup) = all.pop_front() {
        let Lookup { log_size, index, args, .. } = *lookup;
        let weight = *(*stack[log_size])[index] * *low_eqs[log_size];
        lookups.append(Weighted { weight, prefixes: *witness[log_size], args });
    }
    let (beta_0, beta_1, beta_2) = challenges.beta;
    let (key, lookups) = column_weight(lookups.span());
    let (first, lookups) = column_weight(lookups);
    let (second, _) = column_weight(lookups);
    zero_k() - (beta_0 * key + mul_mul_add(beta_1, first, beta_2, second))
}

/// A lookup with its weight, the prefixes of the tensors of its size, and arguments.
#[derive(Copy, Drop)]
struct Weighted {
    weight: K,
    prefixes: Span<K>,
    args: Span<Arg>,
}

/// The weight of the first argument of all lookups, and the lookups that have more.
fn column_weight(mut lookups: Span<Weighted>) -> (K, Span<Weighted>) {
    let mut sum = WeightedSumTrait::new();
    let mut more = array![];
    while let Some(lookup) = lookups.pop_front() {
        let Weighted { weight, prefixes, mut args } = *lookup;
        let mut terms = *args.pop_front().unwrap().terms;
        let mut scaled = ScaledSumTrait::new();
        while let Some(term) = terms.pop_front() {
            scaled.add(*term.coef, ScaledSumTrait::pack(*prefixes[*term.tensor]));
        }
        sum.add(weight, scaled);
        if !args.is_empty() {
            more.append(Weighted { weight, prefixes, args });
        }
    }
    (sum.reduce(), more.span())
}
