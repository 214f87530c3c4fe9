//! Reads the identities of a circuit (PROTOCOL, Appendix C).

use crate::circuit::{Dim, Form, Identity, Product, Tensor, Term, View, WITNESS};
use crate::decode::{factor, tensor_at};
use crate::digits::next;
use crate::dims::read_box;
use crate::field::pow2;

/// What a circuit has in all.
#[derive(Copy, Drop)]
pub(crate) struct Totals {
    /// Bits of the largest box of an identity.
    pub log_box: u32,
    /// Rounds of the sumcheck of the products.
    pub n_rounds: u32,
    /// Factors that are committed tensors.
    pub n_factors: u32,
}

/// What is needed of a form to check the view of a tensor.
#[derive(Copy, Drop)]
struct Head {
    log_size: u32,
    variables: u32,
}

/// What identities refer to.
#[derive(Copy, Drop)]
struct Context {
    forms: Span<Head>,
    tensors: Span<Tensor>,
}

pub(crate) fn read_identities(
    ref integers: Span<u32>, tensors: Span<Tensor>, forms: Span<Form>,
) -> (Span<Identity>, Totals) {
    let mut heads = array![];
    let mut rest = forms;
    while let Some(form) = rest.pop_front() {
        heads.append(Head { log_size: *form.log_size, variables: *form.variables });
    }
    let context = Context { forms: heads.span(), tensors };
    let mut totals = Totals { log_box: 0, n_rounds: 0, n_factors: 0 };
    let mut identities = array![];
    let mut left: felt252 = next(ref integers).into();
    while left != 0 {
        left -= 1;
        identities.append(read_identity(ref integers, context, ref totals));
    }
    (identities.span(), totals)
}

fn read_identity(ref integers: Span<u32>, context: Context, ref totals: Totals) -> Identity {
    let (dims, bits) = read_box(ref integers);
    if bits > totals.log_box {
        totals.log_box = bits;
    }
    let Linear {
        terms, constant, is_public,
    } = read_linear(ref integers, context, pow2(dims.len()));
    let mut products = array![];
    let mut left: felt252 = next(ref integers).into();
    while left != 0 {
        left -= 1;
        products.append(read_product(ref integers, context, dims, ref totals));
    }
    Identity { dims, bits, constant, linear: terms, is_public, products: products.span() }
}

/// The linear part of an identity.
#[derive(Copy, Drop)]
struct Linear {
    terms: Span<Term>,
    /// The sum of the constant terms.
    constant: felt252,
    /// Whether a term reads a public tensor.
    is_public: bool,
}

/// Terms whose views use variables below `limit`, bit by bit.
fn read_linear(ref integers: Span<u32>, context: Context, limit: u32) -> Linear {
    let mut linear = array![];
    let mut constant = 0;
    let mut is_public = false;
    let mut left: felt252 = next(ref integers).into();
    while left != 0 {
        left -= 1;
        let coef = factor(next(ref integers));
        let form = next(ref integers);
        if form == 0 {
            constant += coef;
        } else {
            let (view, variables) = read_view(ref integers, context, form - 1);
            assert(variables < limit, 'circuit: variable');
            if view.tensor.kind > WITNESS {
                is_public = true;
            }
            linear.append(Term { coef, view });
        }
    }
    Linear { terms: linear.span(), constant, is_public }
}

/// A view, with the variables that it uses.
#[inline(always)]
fn read_view(ref integers: Span<u32>, context: Context, form: u32) -> (View, u32) {
    let tensor = tensor_at(context.tensors, next(ref integers));
    let Some(head) = context.forms.get(form) else {
        core::panic_with_felt252('circuit: no such form')
    };
    let Head { log_size, variables } = *head.unbox();
    assert(log_size == tensor.log_size, 'circuit: size of a tensor');
    (View { form, tensor }, variables)
}

/// A factor of a product, likewise.
#[inline(never)]
fn read_factor(ref integers: Span<u32>, context: Context) -> (View, u32) {
    let form = next(ref integers);
    read_view(ref integers, context, form)
}

fn read_product(
    ref integers: Span<u32>, context: Context, dims: Span<Dim>, ref totals: Totals,
) -> Product {
    let coef = factor(next(ref integers));
    let (sum, sum_bits) = read_box(ref integers);
    let (a, uses_a) = read_factor(ref integers, context);
    let (b, uses_b) = read_factor(ref integers, context);
    let n_vars = dims.len() + sum.len();
    assert(n_vars < 32, 'circuit: too many variables');
    let first_sum = pow2(dims.len());
    assert((uses_a | uses_b) / first_sum == pow2(sum.len()) - 1, 'circuit: variables of a product');
    let n_rounds = sum_bits + batch_bits((uses_a & uses_b) % first_sum, dims);
    if n_rounds > totals.n_rounds {
        totals.n_rounds = n_rounds;
    }
    if a.tensor.kind <= WITNESS {
        totals.n_factors += 1;
    }
    if b.tensor.kind <= WITNESS {
        totals.n_factors += 1;
    }
    Product { coef, sum, a, b, n_rounds }
}

/// The bits of the batch variables: the output variables that both factors use.
fn batch_bits(both: u32, mut dims: Span<Dim>) -> u32 {
    let mut rest = both;
    let mut bits = 0;
    while rest != 0 {
        let (next, used) = DivRem::div_rem(rest, 2);
        if let Some(dim) = dims.pop_front() {
            if used == 1 {
                bits += *dim.bits;
            }
        }
        rest = next;
    }
    bits
}
