//! An interpreter of identities that is slow and obviously right.

use stwo_ml_verifier::circuit::{Axis, Circuit, Identity, Source, View, log_ceil};

/// Position in the padded layout of an index.
pub fn position(dims: &[u32], index: &[u32]) -> usize {
    let digit = |at: usize, (&d, &i): (&u32, &u32)| (at << log_ceil(d)) + i as usize;
    dims.iter().zip(index).fold(0, digit)
}

/// All indices of a box, row-major.
pub fn indices(dims: &[u32]) -> Vec<Vec<u32>> {
    dims.iter().fold(vec![vec![]], |all, &d| {
        let extend = |index: Vec<u32>| (0..d).map(move |i| [index.clone(), vec![i]].concat());
        all.into_iter().flat_map(extend).collect()
    })
}

/// All indices that one axis reads.
fn axis_indices(
    circuit: &Circuit,
    values: &[Vec<i32>],
    axis: &Axis,
    dim: u32,
    at: &[u32],
) -> Vec<u32> {
    let inside = |i: i64| u32::try_from(i).ok().filter(|&i| i < dim);
    let value = |var: u16| i64::from(at[usize::from(var)]);
    match axis {
        Axis::Var(var) => inside(value(*var)).into_iter().collect(),
        Axis::Sum => (0..dim).collect(),
        Axis::Fixed(index) => inside(i64::from(*index)).into_iter().collect(),
        Axis::Map { var, map } => {
            inside(i64::from(map[at[usize::from(*var)] as usize])).into_iter().collect()
        }
        Axis::Public { var, tensor } => {
            let shape = &circuit.tensors[*tensor as usize].shape;
            let index = &indices(shape)[at[usize::from(*var)] as usize];
            let entry = values[*tensor as usize][position(shape, index)];
            inside(i64::from(entry)).into_iter().collect()
        }
        Axis::Affine { terms, offset } => {
            let mut reached = vec![i64::from(*offset)];
            for term in terms {
                let stride = i64::from(term.stride);
                let adds: Vec<i64> = match term.source {
                    Source::Var(var) => vec![stride * value(var)],
                    Source::Sum(extent) => (0..i64::from(extent)).map(|i| stride * i).collect(),
                };
                reached = reached.iter().flat_map(|x| adds.iter().map(move |y| x + y)).collect();
            }
            reached.into_iter().filter_map(inside).collect()
        }
    }
}

/// A view at an assignment of all variables.
pub fn view(circuit: &Circuit, values: &[Vec<i32>], view: &View, at: &[u32]) -> i64 {
    let read = |axes: &[Vec<u32>]| -> i64 {
        let all = axes.iter().fold(vec![vec![]], |all: Vec<Vec<u32>>, axis| {
            let extend =
                |index: Vec<u32>| axis.iter().map(move |&i| [index.clone(), vec![i]].concat());
            all.into_iter().flat_map(extend).collect()
        });
        let entry =
            |index: &Vec<u32>| i64::from(values[view.tensor as usize][position(&view.dims, index)]);
        all.iter().map(entry).sum()
    };
    let axes = view.axes.iter().zip(&view.dims);
    read(&axes.map(|(a, &d)| axis_indices(circuit, values, a, d, at)).collect::<Vec<_>>())
}

/// The sum of all terms and products at every index of the box.
pub fn value(circuit: &Circuit, identity: &Identity, values: &[Vec<i32>]) -> Vec<i64> {
    let read = |v: &View, at: &[u32]| view(circuit, values, v, at);
    let at_index = |at: Vec<u32>| {
        let linear = identity
            .linear
            .iter()
            .map(|term| term.coef * term.view.as_ref().map_or(1, |view| read(view, &at)));
        let products = identity.products.iter().map(|p| {
            let all = indices(&p.sum).into_iter().map(|u| [at.clone(), u].concat());
            p.coef * all.map(|at| read(&p.a, &at) * read(&p.b, &at)).sum::<i64>()
        });
        linear.chain(products).sum()
    };
    indices(&identity.dims).into_iter().map(at_index).collect()
}
