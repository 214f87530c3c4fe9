//! Weights of the linear parts of identities against their definition.

use crate::channel::ChannelTrait;
use crate::circuit::{
    Axis, Circuit, Dim, Form, FormAxis, INPUT, Identity, MODEL, Tensor, Term, View, WITNESS,
    bit_length,
};
use crate::field::{K, ONE, ZERO, embed, pow2, scale};
use crate::functional::{OUTER, Points, ReaderTrait, Var};
use crate::layout::prefixes;
use crate::product::{linear_weight, powers};
use crate::statement::Statement;

/// Bits of the table, of which each tensor takes 4.
const LOG_TABLE: u32 = 7;
const LOG_TENSOR: u32 = 4;
const N_TENSORS: u32 = 6;

fn point(seed: felt252, n: u32) -> Span<K> {
    let mut channel = ChannelTrait::new();
    channel.absorb_felt(seed);
    channel.draw_many(n).span()
}

fn dim(extent: u32) -> Dim {
    Dim { extent, bits: bit_length(extent - 1) }
}

fn form(extents: [u32; 2], axes: [Axis; 2], variables: u32) -> Form {
    let ([first, second], [x, y]) = (extents, axes);
    let (first, second) = (dim(first), dim(second));
    let axes = array![FormAxis { dim: first, axis: x }, FormAxis { dim: second, axis: y }];
    Form { axes: axes.span(), log_size: first.bits + second.bits, variables }
}

fn term(coef: felt252, form: u32, kind: u32, index: u32) -> Term {
    Term { coef, view: View { form, tensor: Tensor { kind, log_size: LOG_TENSOR, index } } }
}

/// A circuit of identities with these boxes and terms.
fn circuit(forms: Span<Form>, identities: Span<([u32; 2], Span<Term>)>) -> Box<Circuit> {
    let none = array![].span();
    let mut all = array![];
    for (extents, linear) in identities {
        let [x, y] = *extents;
        let dims = array![dim(x), dim(y)].span();
        let bits = dim(x).bits + dim(y).bits;
        all
            .append(
                Identity {
                    dims,
                    bits,
                    constant: 0,
                    linear: *linear,
                    is_public: true,
                    products: array![].span(),
                },
            );
    }
    BoxTrait::new(
        Circuit {
            inputs: array![].span(),
            outputs: array![].span(),
            tables: array![].span(),
            lookups: array![].span(),
            forms,
            identities: all.span(),
            n_model: none,
            n_witness: none,
            n_lookups: none,
            n_tables: none,
            log_box: 5,
            n_rounds: 0,
            n_factors: 0,
        },
    )
}

/// The definition, term by term: `sum_j lambda^j sum_terms coef * prefix * view`, with the
/// indicators of the variables that the view does not use.
fn definition(
    circuit: Box<Circuit>, points: Box<Points>, slots: Span<K>, lambda: K, kind: u32,
) -> K {
    let mut sum = ZERO;
    let mut power = ONE;
    for identity in circuit.unbox().identities {
        let [x, y] = [*identity.dims[0], *identity.dims[1]];
        let vars = array![
            Var { dim: x, source: OUTER, low: y.bits }, Var { dim: y, source: OUTER, low: 0 },
        ]
            .span();
        for term in identity.linear {
            let View { form, tensor } = *term.view;
            if tensor.kind == kind {
                let form = circuit.unbox().forms[form];
                // Nothing is remembered from one term to the next.
                let mut reader = ReaderTrait::new(points);
                let mut value = reader.view(form, vars) * *slots[tensor.index];
                for v in 0..2_u32 {
                    if *form.variables & pow2(v) == 0 {
                        value = value * reader.indicator(*vars[v]);
                    }
                }
                sum = sum + power * scale(value, embed(*term.coef));
            }
        }
        power = power * lambda;
    }
    sum
}

fn check(circuit: Box<Circuit>, kind: u32) {
    let statement = Statement { inputs: array![].span(), outputs: array![].span() };
    let (outer, full) = (point('outer', 5), point('table', LOG_TABLE));
    let slots = prefixes(array![0, 0, 0, 0, N_TENSORS].span(), full);
    let table = crate::functional::reverse(full.slice(LOG_TABLE - LOG_TENSOR, LOG_TENSOR));
    let inner = array![].span();
    let points = BoxTrait::new(Points { statement, outer, inner, table });
    let lambda = *point('lambda', 1)[0];
    let mut reader = ReaderTrait::new(points);
    let powers = powers(lambda, circuit.unbox().identities.len());
    let weight = linear_weight(ref reader, circuit, powers, kind, slots);
    assert(weight != ZERO, 'no weight');
    let expected = definition(circuit, points, *slots[LOG_TENSOR], lambda, kind);
    assert(weight == expected, 'another weight');
}

fn forms() -> Span<Form> {
    array![
        form([4, 3], [Axis::Var(0), Axis::Var(1)], 3), form([3, 4], [Axis::Sum, Axis::Var(1)], 2),
        form([4, 4], [Axis::Var(0), Axis::Fixed(2)], 1),
    ]
        .span()
}

/// Runs of terms with one form: at the beginning, at the end, of one term, across terms of other
/// kinds, the same form again after another one, and the same form in the next identity with
/// another box.
#[test]
fn runs_of_terms() {
    let p: felt252 = 0x7fffffff;
    let first = array![
        term(1, 0, WITNESS, 0), term(p - 1, 0, WITNESS, 3), term(7, 1, MODEL, 1),
        term(p - 2, 0, WITNESS, 5), term(9, 0, INPUT, 0), term(3, 1, WITNESS, 2),
        term(p - 1, 0, WITNESS, 0), term(5, 0, MODEL, 2), term(6, 0, MODEL, 4),
        term(p - 1, 2, WITNESS, 4), term(8, 2, WITNESS, 4),
    ];
    let second = array![
        term(p - 1, 2, WITNESS, 4), term(1, 2, MODEL, 0), term(2, 2, WITNESS, 1),
        term(p - 1, 1, WITNESS, 1), term(p - 1, 1, MODEL, 5),
    ];
    let circuit = circuit(forms(), array![([4, 3], first.span()), ([3, 3], second.span())].span());
    check(circuit, WITNESS);
    check(circuit, MODEL);
}

/// A long run with the largest coefficients.
#[test]
fn a_long_run() {
    let p: felt252 = 0x7fffffff;
    let mut terms = array![];
    for i in 0..400_u32 {
        terms.append(term(p - 1 - (i % 3).into(), 0, WITNESS, i % N_TENSORS));
        if i % 5 == 0 {
            terms.append(term(1, 1, MODEL, i % N_TENSORS));
        }
    }
    let circuit = circuit(forms(), array![([4, 3], terms.span())].span());
    check(circuit, WITNESS);
    check(circuit, MODEL);
}
