//! Einsum: every product of matrices.

use super::layout::{strided, strides};
use super::{Fault, Partial};
use crate::gemm::{self, Factor};
use crate::graph::Array;

/// A dimension of an operand: label, extent, stride.
#[derive(Clone, Copy)]
struct Dim {
    label: u8,
    extent: usize,
    stride: isize,
}

fn dims(labels: &[u8], shape: &[usize]) -> Partial<Vec<Dim>> {
    let repeated = labels.iter().enumerate().any(|(i, l)| labels[..i].contains(l));
    if repeated || labels.len() != shape.len() {
        return Err(Fault::Shape("the labels"));
    }
    let dims = labels.iter().zip(shape).zip(strides(shape));
    Ok(dims.map(|((&label, &extent), stride)| Dim { label, extent, stride }).collect())
}

/// The dimensions of `of` that `keep`, in the order of `order`.
fn pick(of: &[Dim], order: &[Dim], keep: impl Fn(u8) -> bool) -> Vec<Dim> {
    let find = |d: &Dim| of.iter().find(|x| x.label == d.label).copied();
    order.iter().filter(|d| keep(d.label)).filter_map(find).collect()
}

fn extent(dims: &[Dim]) -> usize {
    dims.iter().map(|d| d.extent).product()
}

fn gather(data: &[f64], groups: &[&[Dim]]) -> Vec<f64> {
    let dims: Vec<(usize, isize)> =
        groups.iter().flat_map(|g| g.iter()).map(|d| (d.extent, d.stride)).collect();
    strided(data, 0, &dims)
}

/// Sums over the dimensions that occur in this operand alone; those of extent one are dropped, so
/// they broadcast.
fn own_sums(x: &Array, labels: &[u8], others: &[&[u8]]) -> Partial<(Vec<f64>, Vec<Dim>)> {
    let dims = dims(labels, &x.shape)?;
    let used = |d: &Dim| others.iter().any(|o| o.contains(&d.label));
    let kept: Vec<Dim> = dims.iter().copied().filter(|d| used(d) && d.extent != 1).collect();
    let summed: Vec<Dim> = dims.iter().copied().filter(|d| !used(d)).collect();
    let data = gather(&x.data, &[&kept, &summed]);
    let data: Vec<f64> = match extent(&summed) {
        1 => data,
        n => data.chunks_exact(n).map(|row| row.iter().sum()).collect(),
    };
    let extents: Vec<usize> = kept.iter().map(|d| d.extent).collect();
    let strided = kept.iter().zip(strides(&extents)).map(|(d, stride)| Dim { stride, ..*d });
    Ok((data, strided.collect()))
}

/// `out[..] = sum a[..] b[..]`.
pub(super) fn einsum(
    (a, a_labels): (&Array, &[u8]),
    (b, b_labels): (&Array, &[u8]),
    (shape, out_labels): (&[usize], &[u8]),
) -> Partial<Vec<f64>> {
    let out = dims(out_labels, shape)?;
    if [a, b].iter().any(|x| x.data.is_empty()) {
        return Ok(vec![0.0; extent(&out)]);
    }
    let (a, a_dims) = own_sums(a, a_labels, &[b_labels, out_labels])?;
    let (b, b_dims) = own_sums(b, b_labels, &[a_labels, out_labels])?;
    let find = |dims: &[Dim], label: u8| dims.iter().find(|d| d.label == label).map(|d| d.extent);
    for d in a_dims.iter().chain(&b_dims) {
        let extents = [&a_dims, &b_dims, &out].map(|dims| find(dims, d.label));
        if extents.iter().flatten().any(|&e| e != d.extent) {
            return Err(Fault::Shape("an extent"));
        }
    }
    let in_a = |l: u8| find(&a_dims, l).is_some();
    let in_b = |l: u8| find(&b_dims, l).is_some();
    let in_out = |l: u8| out_labels.contains(&l);
    if out.iter().any(|d| d.extent != 1 && !in_a(d.label) && !in_b(d.label)) {
        return Err(Fault::Shape("a label of the result"));
    }
    let batch = pick(&a_dims, &out, |l| in_a(l) && in_b(l));
    let rows = pick(&a_dims, &out, |l| !in_b(l));
    let cols = pick(&b_dims, &out, |l| !in_a(l));
    // A dimension that is summed in one operand and has extent one in the other is a sum of its own.
    let sum = pick(&a_dims, &a_dims, |l| in_b(l) && !in_out(l));
    let a_own = pick(&a_dims, &a_dims, |l| !in_b(l) && !in_out(l));
    let b_own = pick(&b_dims, &b_dims, |l| !in_a(l) && !in_out(l));
    let fold = |data: Vec<f64>, n: usize| match n {
        1 => data,
        n => data.chunks_exact(n).map(|row| row.iter().sum()).collect(),
    };
    let of_b = |order: &[Dim]| pick(&b_dims, order, |_| true);
    let a = fold(gather(&a, &[&batch, &rows, &sum, &a_own]), extent(&a_own));
    let b = fold(gather(&b, &[&of_b(&batch), &of_b(&sum), &cols, &b_own]), extent(&b_own));
    let extents = [extent(&batch), extent(&rows), extent(&sum), extent(&cols)];
    let [_, m, k, n] = extents;
    let mut c = vec![0.0; extents[0] * m * n];
    gemm::batched(extents, Factor::row_major(&a, m, k), Factor::row_major(&b, k, n), &mut c);
    // From [batch][rows][cols] to the order of the result.
    let computed: Vec<Dim> = [batch, rows, cols].concat();
    let extents: Vec<usize> = computed.iter().map(|d| d.extent).collect();
    let computed: Vec<Dim> =
        computed.iter().zip(strides(&extents)).map(|(d, stride)| Dim { stride, ..*d }).collect();
    Ok(gather(&c, &[&pick(&computed, &out, |_| true)]))
}
