//! Which padding a view reads (PROTOCOL §5.2): none, in a valid circuit.
//!
//! The dimensions of a view may regroup the index bits of its tensor. An index along one of them is
//! a string of bits, parts of which belong to different dimensions of the tensor. What the indices
//! along different dimensions of the view are is independent, so the largest index along a dimension
//! of the tensor is put together from the largest of each part: the check is exact.

use crate::circuit::{AffineTerm, Axis, Circuit, Kind, Source, TensorId, View, log_ceil};

/// Whether the view reads entries of its tensor that are padding, with its variables inside
/// `extents`. The view fits its tensor (`Circuit::validate`); what the axes enumerate is bounded.
pub(crate) fn reads_padding(circuit: &Circuit, view: &View, extents: &[u32]) -> bool {
    let Some(tensor) = circuit.tensors.get(view.tensor as usize) else { return false };
    if tensor.shape == view.dims {
        // What lies outside the dimensions of a view is never read.
        return false;
    }
    let n_bits = tensor.log_size();
    let axes = view.axes.iter().zip(&view.dims);
    let indices: Vec<(Indices, u32)> = axes
        .map(|(axis, &dim)| (Indices::of(circuit, axis, dim, extents), log_ceil(dim)))
        .collect();
    if indices.iter().any(|(indices, _)| indices.largest(0, 0).is_none()) {
        // The view is zero everywhere.
        return false;
    }
    // The largest index along every dimension of the tensor, from the top bits down.
    let mut end = n_bits;
    tensor.shape.iter().any(|&extent| {
        let start = end - log_ceil(extent);
        let mut largest = 0u64;
        let mut axis_end = n_bits;
        for (indices, bits) in &indices {
            let axis_start = axis_end - bits;
            let (lo, hi) = (start.max(axis_start), end.min(axis_end));
            if lo < hi {
                let part = indices.largest(lo - axis_start, hi - axis_start).unwrap_or(0);
                largest |= part << (lo - start);
            }
            axis_end = axis_start;
        }
        end = start;
        largest >= u64::from(extent)
    })
}

/// The indices that an axis gives.
enum Indices {
    /// All below.
    Below(u64),
    /// These.
    List(Vec<u64>),
}

impl Indices {
    fn of(circuit: &Circuit, axis: &Axis, dim: u32, extents: &[u32]) -> Self {
        let extent = |var: u16| extents.get(usize::from(var)).copied().unwrap_or(0);
        match axis {
            Axis::Var(var) => Self::Below(u64::from(dim.min(extent(*var)))),
            Axis::Sum => Self::Below(u64::from(dim)),
            Axis::Fixed(index) => Self::List(vec![u64::from(*index)]),
            Axis::Affine { terms, offset } => Self::affine(terms, *offset, dim, extents),
            Axis::Map { map, .. } => {
                Self::List(map.iter().filter(|&&q| q < dim).map(|&q| u64::from(q)).collect())
            }
            Axis::Public { tensor, .. } => Self::public(circuit, *tensor, dim),
        }
    }

    fn affine(terms: &[AffineTerm], offset: i32, dim: u32, extents: &[u32]) -> Self {
        let mut reached = vec![i64::from(offset)];
        for term in terms {
            let extent = match term.source {
                Source::Var(var) => extents.get(usize::from(var)).copied().unwrap_or(0),
                Source::Sum(extent) => extent,
            };
            let stride = i64::from(term.stride);
            reached = reached
                .iter()
                .flat_map(|&index| (0..i64::from(extent)).map(move |v| index + stride * v))
                .collect();
            reached.sort_unstable();
            reached.dedup();
        }
        let inside = |index: i64| u64::try_from(index).ok().filter(|&q| q < u64::from(dim));
        Self::List(reached.into_iter().filter_map(inside).collect())
    }

    /// All indices that the interval of a public tensor allows.
    fn public(circuit: &Circuit, tensor: TensorId, dim: u32) -> Self {
        match circuit.tensors.get(tensor as usize).map(|t| t.kind) {
            Some(Kind::Input { hi, .. }) => {
                Self::Below(u64::try_from(i64::from(hi) + 1).unwrap_or(0).min(u64::from(dim)))
            }
            _ => Self::Below(u64::from(dim)),
        }
    }

    /// The largest number that bits `lo..hi` of an index make, `None` if there is no index.
    fn largest(&self, lo: u32, hi: u32) -> Option<u64> {
        let mask = (1u64 << (hi - lo)) - 1;
        match self {
            Self::Below(n) => {
                let last = n.checked_sub(1)?;
                Some(if last >> hi > 0 { mask } else { last >> lo })
            }
            Self::List(indices) => indices.iter().map(|q| q >> lo & mask).max(),
        }
    }
}

#[cfg(test)]
#[path = "padding_test.rs"]
mod tests;
