//! Reads the forms of a circuit's views (PROTOCOL, Appendix C).

use core::gas::withdraw_gas;
use crate::circuit::{
    Affine, AffineTerm, Axis, Dim, Form, FormAxis, INPUT, MAX_ENUMERATED, Map, PublicIndex, Source,
    Tensor,
};
use crate::decode::tensor_at;
use crate::digits::{next, zigzag};
use crate::dims::{box_bits, dim};
use crate::field::pow2;

pub(crate) fn read_forms(ref integers: Span<u32>, tensors: Span<Tensor>) -> Span<Form> {
    let mut forms = array![];
    let mut left: felt252 = next(ref integers).into();
    while left != 0 {
        left -= 1;
        forms.append(read_form(ref integers, tensors));
    }
    forms.span()
}

fn read_form(ref integers: Span<u32>, tensors: Span<Tensor>) -> Form {
    let mut left: felt252 = next(ref integers).into();
    let mut axes = array![];
    let mut bits = 0;
    let mut variables = 0;
    while left != 0 {
        left -= 1;
        let dim = dim(next(ref integers));
        bits += dim.bits.into();
        let (x, tag) = DivRem::div_rem(next(ref integers), 6);
        let axis = if tag == 0 {
            use_variable(ref variables, x);
            Axis::Var(x)
        } else {
            other_axis(ref integers, tensors, dim, x, tag, ref variables)
        };
        axes.append(FormAxis { dim, axis });
    }
    Form { axes: axes.span(), log_size: box_bits(bits), variables }
}

#[inline(never)]
fn other_axis(
    ref integers: Span<u32>, tensors: Span<Tensor>, dim: Dim, x: u32, tag: u32, ref variables: u32,
) -> Axis {
    withdraw_gas().expect('Out of gas');
    if tag == 1 {
        assert(x == 0, 'circuit: an axis');
        Axis::Sum
    } else if tag == 2 {
        assert(x < dim.extent, 'circuit: a fixed index');
        Axis::Fixed(x)
    } else if tag == 3 {
        read_affine(ref integers, x, ref variables)
    } else if tag == 4 {
        use_variable(ref variables, x);
        let n = next(ref integers);
        let mut entries = array![];
        for _ in 0..n {
            let entry = next(ref integers);
            assert(entry <= dim.extent, 'circuit: an index of a map');
            entries.append(entry);
        }
        Axis::Map(Map { var: x, entries: entries.span() })
    } else {
        use_variable(ref variables, x);
        let tensor = tensor_at(tensors, next(ref integers));
        assert(tensor.kind == INPUT, 'circuit: indices of an axis');
        Axis::Public(PublicIndex { var: x, input: tensor.index })
    }
}

fn read_affine(ref integers: Span<u32>, n_terms: u32, ref variables: u32) -> Axis {
    assert(n_terms <= 8, 'circuit: terms of an axis');
    let offset = read_small(ref integers);
    let mut terms = array![];
    for _ in 0..n_terms {
        let (y, kind) = DivRem::div_rem(next(ref integers), 2);
        let source = if kind == 0 {
            use_variable(ref variables, y);
            Source::Var(y)
        } else {
            assert(y != 0, 'circuit: an empty sum');
            // The memo's keys give an extent 30 bits.
            assert(y <= MAX_ENUMERATED, 'circuit: a sum is too long');
            Source::Sum(y)
        };
        terms.append(AffineTerm { source, stride: read_small(ref integers) });
    }
    Axis::Affine(Affine { terms: terms.span(), offset })
}

/// An integer of 32 bits with a sign.
#[inline(never)]
fn read_small(ref integers: Span<u32>) -> i64 {
    zigzag(next(ref integers)).try_into().expect('circuit: integer too large')
}

/// A variable occurs at most once in a view.
#[inline(always)]
fn use_variable(ref variables: u32, var: u32) {
    assert(var < 32, 'circuit: variable');
    let bit = pow2(var);
    assert(variables & bit == 0, 'circuit: a variable twice');
    variables += bit;
}
