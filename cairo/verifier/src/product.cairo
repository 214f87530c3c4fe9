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

use crate::channel::{Channel, ChannelTrait};
use crate::circuit::{Circuit, Dim, Form, INPUT, Identity, Product, Tensor, Term, View, WITNESS};
use crate::field::{
    K, Packed, ProductSumTrait, ScaledSumTrait, embed, half_pow_m31, one_k, pow2, scale, zero_k,
};
use crate::functional::{
    INNER, KEY_BOX, KEY_KINDS, KEY_VIEW, OUTER, Points, Reader, ReaderTrait, Var, reverse,
};
use crate::gauss::{Gauss, GaussTrait};
use crate::layout::Prefixes;
use crate::memo::MemoTrait;
use crate::public;
use crate::runs::RunsTrait;
use crate::statement::{Entries, Statement};
use crate::sumcheck::cubic_round;
use crate::sums::WeightedSumTrait;
use crate::wire::{Wire, WireTrait};

/// What the identities leave: claims on `W` and `M`.
#[derive(Copy, Drop)]
pub struct IdentityClaims {
    /// `lambda^j` for each identity `j`.
    pub powers: Span<K>,
    /// Value of the linear part on `W`.
    pub witness_linear: K,
    /// Value of the linear part on `M`.
    pub model_linear: K,
    /// Values of the factors that are committed tensors, in order.
    pub factors: Span<K>,
    /// The variables of each product, in order.
    pub vars: Span<Span<Var>>,
}

/// Verifies the identities. Returns what they leave, and the points of their variables.
///
/// # Panics
/// A check fails, or the proof is too short.
pub fn verify(
    ref channel: Channel, ref wire: Wire, circuit: Box<Circuit>, statement: Statement,
) -> (IdentityClaims, Box<Points>) {
    let point = channel.draw_many(circuit.unbox().log_box).span();
    let powers = powers(channel.draw(), circuit.unbox().identities.len());
    let none = array![].span();
    let points = Points { statement, outer: reverse(point), inner: none, table: none };
    let mut reader = ReaderTrait::new(BoxTrait::new(points));
    let (witness_linear, model_linear) = wire.two(ref channel);
    let known = public_part(ref reader, circuit, powers);
    let mut claim = zero_k() - (witness_linear + model_linear + known);
    let mut challenges = array![];
    for _ in 0..circuit.unbox().n_rounds {
        let (c0, c2, c3) = wire.three(ref channel);
        let r = channel.draw();
        claim = cubic_round(claim, c0, c2, c3, r);
        challenges.append(r);
    }
    reader.at_products(reverse(challenges.span()));
    let factors = wire.list(ref channel, circuit.unbox().n_factors).span();
    let (total, vars) = total(ref reader, circuit, powers, factors);
    assert(claim == total, 'identities: sumcheck');
    (IdentityClaims { powers, witness_linear, model_linear, factors, vars }, reader.points)
}

/// The first `n` powers of `lambda`.
pub(crate) fn powers(lambda: K, n: u32) -> Span<K> {
    let mut powers = array![];
    let mut power = one_k();
    for _ in 0..n {
        powers.append(power);
        power = power * lambda;
    }
    powers.span()
}

/// What the verifier knows of the linear parts: constants and public tensors.
fn public_part(ref reader: Reader, circuit: Box<Circuit>, mut powers: Span<K>) -> K {
    let forms = circuit.unbox().forms;
    let mut sum = ProductSumTrait::new();
    let mut identities = circuit.unbox().identities;
    while let Some(identity) = identities.pop_front() {
        let power = *powers.pop_front().unwrap();
        let Identity { dims, bits, constant, mut linear, is_public, .. } = *identity;
        if constant != 0 {
            let indicator = box_indicator(ref reader, dims, bits);
            sum.add(power, scale(indicator, embed(constant)));
        }
        if !is_public {
            continue;
        }
        while let Some(term) = linear.pop_front() {
            let View { form, tensor } = *term.view;
            if tensor.kind >= INPUT {
                let form = forms[form];
                let vars = outer_vars(dims, bits);
                let value = public::evaluate(@reader, form, vars, entries(@reader, tensor));
                let value = value * unused(ref reader, vars, *form.variables);
                sum.add(power, scale(value, embed(*term.coef)));
            }
        }
    }
    sum.reduce()
}

/// The entries of a public tensor.
fn entries(reader: @Reader, tensor: Tensor) -> Entries {
    if tensor.kind == INPUT {
        *(*reader.points).unbox().statement.inputs[tensor.index]
    } else {
        *(*reader.points).unbox().statement.outputs[tensor.index]
    }
}

/// The variables of an identity: slices of the point, the last variable least significant.
fn outer_vars(mut dims: Span<Dim>, bits: u32) -> Span<Var> {
    let mut vars = array![];
    let mut low = bits;
    while let Some(dim) = dims.pop_front() {
        low -= *dim.bits;
        vars.append(Var { dim: *dim, source: OUTER, low });
    }
    vars.span()
}

/// A box as a key, if it has at most seven dimensions.
fn box_key(mut dims: Span<Dim>) -> Option<felt252> {
    if dims.len() > 7 {
        return None;
    }
    let mut key = 0;
    while let Some(dim) = dims.pop_front() {
        key = key * 0x20000000 + (*dim.extent).into();
    }
    Some(key)
}

/// The product of the indicators of all variables.
fn box_indicator(ref reader: Reader, dims: Span<Dim>, bits: u32) -> K {
    let key = box_key(dims);
    if let Some(key) = key {
        if let Some(value) = reader.memo.get(KEY_BOX + KEY_KINDS * key) {
            return value;
        }
    }
    let value = unused(ref reader, outer_vars(dims, bits), 0);
    if let Some(key) = key {
        reader.memo.insert(KEY_BOX + KEY_KINDS * key, value);
    }
    value
}

/// The product of the indicators of the variables that are not among those `used` (bit by bit):
/// views are zero outside the extents of their own variables, of the others it needs saying.
fn unused(ref reader: Reader, mut vars: Span<Var>, used: u32) -> K {
    let mut rest = used;
    let mut product = one_k();
    while let Some(var) = vars.pop_front() {
        let (next, used) = DivRem::div_rem(rest, 2);
        rest = next;
        if used == 0 && *var.dim.extent != pow2(*var.dim.bits) {
            product = product * reader.indicator(*var);
        }
    }
    product
}

/// The variables of a product: the batch and sum variables are slices of the sumcheck's point, the
/// other output variables of that of the identities.
fn product_vars(
    dims: Span<Dim>, bits: u32, product: @Product, forms: Span<Form>,
) -> (Span<Var>, u32) {
    let Product { sum, a, b, n_rounds, .. } = *product;
    let mut both = *forms[a.form].variables & *forms[b.form].variables;
    let mut vars = array![];
    let mut outer_low = bits;
    let mut inner_low = n_rounds;
    let mut batch_bits = 0;
    let mut dims = dims;
    while let Some(dim) = dims.pop_front() {
        let dim = *dim;
        let (next, is_batch) = DivRem::div_rem(both, 2);
        both = next;
        outer_low -= dim.bits;
        if is_batch == 1 {
            inner_low -= dim.bits;
            batch_bits += dim.bits;
            vars.append(Var { dim, source: INNER, low: inner_low });
        } else {
            vars.append(Var { dim, source: OUTER, low: outer_low });
        }
    }
    let mut sum = sum;
    while let Some(dim) = sum.pop_front() {
        inner_low -= *dim.bits;
        vars.append(Var { dim: *dim, source: INNER, low: inner_low });
    }
    (vars.span(), batch_bits)
}

/// What the final claim of the sumcheck must equal, and the variables of each product.
fn total(
    ref reader: Reader, circuit: Box<Circuit>, mut powers: Span<K>, mut factors: Span<K>,
) -> (K, Span<Span<Var>>) {
    let forms = circuit.unbox().forms;
    let all_rounds = circuit.unbox().n_rounds;
    let mut all_vars = array![];
    let mut sum = ProductSumTrait::new();
    let mut identities = circuit.unbox().identities;
    while let Some(identity) = identities.pop_front() {
        let power = *powers.pop_front().unwrap();
        let Identity { dims, bits, mut products, .. } = *identity;
        while let Some(product) = products.pop_front() {
            let (vars, batch_bits) = product_vars(dims, bits, product, forms);
            all_vars.append(vars);
            let Product { coef, a, b, n_rounds, .. } = *product;
            let a_value = factor(ref reader, ref factors, forms, a, vars);
            let b_value = factor(ref reader, ref factors, forms, b, vars);
            let mut value = a_value * b_value;
            if batch_bits != 0 {
                value = value * batch_eq(ref reader, vars, bits, dims.len());
            }
            // Output variables that neither uses.
            let used = *forms[a.form].variables | *forms[b.form].variables;
            let outer = vars.slice(0, dims.len());
            if used != pow2(vars.len()) - 1 {
                value = value * unused(ref reader, outer, used);
            }
            let missing = all_rounds - n_rounds;
            let scale_by = crate::field::mul_m31(embed(coef), half_pow_m31(missing));
            sum.add(power, scale(value, scale_by));
        }
    }
    (sum.reduce(), all_vars.span())
}

/// `eq(r_batch, u_batch)`.
fn batch_eq(ref reader: Reader, vars: Span<Var>, bits: u32, n_out: u32) -> K {
    let mut product = None;
    let mut outer = vars.slice(0, n_out);
    let mut outer_low = bits;
    while let Some(var) = outer.pop_front() {
        outer_low -= *var.dim.bits;
        if *var.source == INNER {
            let at = Var { dim: *var.dim, source: OUTER, low: outer_low };
            let factor = reader.eq_all(at, *var.low);
            product = match product {
                Some(other) => Some(factor * other),
                None => Some(factor),
            };
        }
    }
    match product {
        Some(product) => product,
        None => one_k(),
    }
}

/// The value of a factor: what was sent, of a public tensor what the verifier finds.
fn factor(
    ref reader: Reader, ref sent: Span<K>, forms: Span<Form>, view: View, vars: Span<Var>,
) -> K {
    if view.tensor.kind <= WITNESS {
        *sent.pop_front().unwrap()
    } else {
        public::evaluate(@reader, forms[view.form], vars, entries(@reader, view.tensor))
    }
}

/// The extension of the weights of the linear part on the tensors of a kind, at the final point of
/// their table, which `reader` is at.
pub fn linear_weight(
    ref reader: Reader, circuit: Box<Circuit>, mut powers: Span<K>, kind: u32, prefixes: Prefixes,
) -> K {
    let forms = circuit.unbox().forms;
    let mut sum = WeightedSumTrait::new();
    let mut identities = circuit.unbox().identities;
    while let Some(identity) = identities.pop_front() {
        let power = *powers.pop_front().unwrap();
        let Identity { dims, bits, mut linear, .. } = *identity;
        while let Some(term) = linear.pop_front() {
            let View { form, tensor } = *term.view;
            if tensor.kind == kind {
                let prefix = *(*prefixes[tensor.log_size])[tensor.index];
                let mut scaled = ScaledSumTrait::new();
                scaled.add(*term.coef, ScaledSumTrait::pack(prefix));
                add_run(ref scaled, ref linear, form, kind, prefixes);
                sum.add(power * identity_view(ref reader, forms, form, dims, bits), scaled);
            }
        }
    }
    sum.reduce()
}

/// Takes the next terms up to the first one of this kind with another form, and adds those of the
/// kind. A term has 62 bits, and a proof far less than `2^24` of them: what [`linear_weight`] sums
/// is the same as if each term were added on its own.
fn add_run(ref scaled: Packed, ref linear: Span<Term>, form: u32, kind: u32, prefixes: Prefixes) {
    let mut rest = linear;
    while let Some(term) = rest.pop_front() {
        let View { form: next_form, tensor } = *term.view;
        if tensor.kind == kind {
            if next_form != form {
                break;
            }
            let prefix = *(*prefixes[tensor.log_size])[tensor.index];
            scaled.add(*term.coef, ScaledSumTrait::pack(prefix));
        }
        linear = rest;
    }
}

/// The value of a form at the point of an identity, with the indicators of the variables that it
/// does not use.
fn identity_view(
    ref reader: Reader, forms: Span<Form>, form: u32, dims: Span<Dim>, bits: u32,
) -> K {
    let key = match box_key(dims) {
        Some(key) => Some(KEY_VIEW + KEY_KINDS * (form.into() + 0x100000000 * key)),
        None => None,
    };
    if let Some(key) = key {
        if let Some(value) = reader.memo.get(key) {
            return value;
        }
    }
    let vars = outer_vars(dims, bits);
    let form = forms[form];
    let mut value = reader.view(form, vars);
    if *form.variables != pow2(dims.len()) - 1 {
        value = value * unused(ref reader, vars, *form.variables);
    }
    if let Some(key) = key {
        reader.memo.insert(key, value);
    }
    value
}

/// The sum over the factors that are tensors of a kind of `power * weight`, with the next powers of
/// the challenge. `vars` are the variables of each product. A circuit has at most `2^20` factors
/// (PROTOCOL §5), and a product of three has coordinates below `2^98`.
pub fn factor_weights(
    ref reader: Reader,
    circuit: Box<Circuit>,
    mut vars: Span<Span<Var>>,
    kind: u32,
    prefixes: Prefixes,
    mut powers: Span<K>,
) -> K {
    let forms = circuit.unbox().forms;
    let mut sum = GaussTrait::from(zero_k());
    let mut identities = circuit.unbox().identities;
    while let Some(identity) = identities.pop_front() {
        let mut products = *identity.products;
        while let Some(product) = products.pop_front() {
            let Product { a, b, .. } = *product;
            let vars = *vars.pop_front().unwrap();
            if a.tensor.kind == kind {
                let weight = factor_weight(ref reader, a, vars, forms, prefixes);
                let power = GaussTrait::from(*powers.pop_front().unwrap());
                sum = sum.add(power.mul(weight));
            }
            if b.tensor.kind == kind {
                let weight = factor_weight(ref reader, b, vars, forms, prefixes);
                let power = GaussTrait::from(*powers.pop_front().unwrap());
                sum = sum.add(power.mul(weight));
            }
        }
    }
    sum.reduce()
}

fn factor_weight(
    ref reader: Reader, view: View, vars: Span<Var>, forms: Span<Form>, prefixes: Prefixes,
) -> Gauss {
    let prefix = *(*prefixes[view.tensor.log_size])[view.tensor.index];
    GaussTrait::from(prefix).mul(GaussTrait::from(reader.view(forms[view.form], vars)))
}

/// The sum over the factors on tensors of a kind of `power * value`, likewise.
pub fn factor_values(
    circuit: Box<Circuit>, mut factors: Span<K>, kind: u32, ref powers: Span<K>,
) -> K {
    let mut sum = GaussTrait::from(zero_k());
    let mut identities = circuit.unbox().identities;
    while let Some(identity) = identities.pop_front() {
        let mut products = *identity.products;
        while let Some(product) = products.pop_front() {
            let Product { a, b, .. } = *product;
            if a.tensor.kind <= WITNESS {
                let value = *factors.pop_front().unwrap();
                if a.tensor.kind == kind {
                    let power = GaussTrait::from(*powers.pop_front().unwrap());
                    sum = sum.add(power.mul(GaussTrait::from(value)));
                }
            }
            if b.tensor.kind <= WITNESS {
                let value = *factors.pop_front().unwrap();
                if b.tensor.kind == kind {
                    let power = GaussTrait::from(*powers.pop_front().unwrap());
                    sum = sum.add(power.mul(GaussTrait::from(value)));
                }
            }
        }
    }
    sum.reduce()
}
