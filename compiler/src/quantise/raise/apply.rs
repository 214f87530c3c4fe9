//! The circuit with raised extents, and the model that goes with it.

use stwo_ml_verifier::circuit::{Identity, Kind, Product, View};

use super::decide::Raised;
use super::{is_committed, is_whole};
use crate::execute::{pad, unpad};
use crate::program::Compiled;

/// Gives every extent its final value. The layout of every tensor stays as it is.
pub(super) fn apply(compiled: &Compiled, raised: &Raised<'_>) -> Compiled {
    let mut out = compiled.clone();
    for (id, tensor) in out.circuit.tensors.iter_mut().enumerate() {
        let shape = raised.shape(id);
        if tensor.kind == Kind::Model && shape != tensor.shape {
            let padded = pad(&out.model[id], &tensor.shape, 0).expect("entries of the shape");
            out.model[id] = unpad(&padded, &shape);
        }
        tensor.shape = flat(tensor.kind, shape);
    }
    for (index, identity) in out.circuit.identities.iter_mut().enumerate() {
        *identity = raise_identity(identity, index, raised);
    }
    out
}

/// Views have dimensions of their own: a committed tensor whose extents are all powers of two is a
/// vector, so that all such tensors of one size have one shape in a key.
fn flat(kind: Kind, shape: Vec<u32>) -> Vec<u32> {
    if is_committed(kind) && shape.len() > 1 && shape.iter().all(|&d| is_whole(d)) {
        vec![shape.iter().product()]
    } else {
        shape
    }
}

fn raise_identity(identity: &Identity, index: usize, raised: &Raised<'_>) -> Identity {
    let view = |view: &View, old: &[u32], new: &[u32]| View {
        dims: raised.view_dims(view, old, new),
        ..view.clone()
    };
    let dims = raised.dims(index);
    let mut out = identity.clone();
    for term in &mut out.linear {
        term.view = term.view.as_ref().map(|v| view(v, &identity.dims, &dims));
    }
    let products = identity.products.iter().enumerate();
    out.products = products
        .map(|(p, product)| {
            let sum = raised.sum(index, p);
            let old = [&identity.dims[..], &product.sum].concat();
            let new = [&dims[..], &sum].concat();
            let (a, b) = (view(&product.a, &old, &new), view(&product.b, &old, &new));
            Product { coef: product.coef, sum, a, b }
        })
        .collect();
    out.dims = dims;
    out
}
