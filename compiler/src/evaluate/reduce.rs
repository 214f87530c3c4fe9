//! Reductions, softmax and normalisations.

use rayon::prelude::*;

use super::layout::{strided, strides};
use super::{Fault, Partial};
use crate::graph::{Array, Reduce};

/// Entries that one thread takes at least.
const GRAIN: usize = 1 << 12;

/// The dimensions of `x` as `(extent, stride)`: those kept, then those reduced.
type Dims = Vec<(usize, isize)>;

fn split(x: &Array, axes: &[usize]) -> Partial<(Dims, Dims)> {
    let rank = x.shape.len();
    let distinct = axes.iter().enumerate().all(|(i, a)| *a < rank && !axes[..i].contains(a));
    if !distinct {
        return Err(Fault::Shape("an axis"));
    }
    let strides = strides(&x.shape);
    let dims = |inside: bool| {
        let chosen = (0..rank).filter(|d| axes.contains(d) == inside);
        chosen.map(|d| (x.shape[d], strides[d])).collect()
    };
    Ok((dims(false), dims(true)))
}

fn extent(dims: &[(usize, isize)]) -> usize {
    dims.iter().map(|&(d, _)| d).product()
}

/// One number for each index of the dimensions that are kept.
pub(super) fn reduce(kind: Reduce, integer: bool, x: &Array, axes: &[usize]) -> Partial<Vec<f64>> {
    let (kept, reduced) = split(x, axes)?;
    let (rows, row) = (extent(&kept), extent(&reduced));
    if rows == 0 {
        return Ok(Vec::new());
    }
    if row == 0 {
        return match kind {
            Reduce::Sum => Ok(vec![0.0; rows]),
            Reduce::Prod => Ok(vec![1.0; rows]),
            _ => Err(Fault::Shape("an empty reduction")),
        };
    }
    let data = strided(&x.data, 0, &[kept, reduced].concat());
    let rows = data.par_chunks(row).with_min_len(GRAIN.div_ceil(row));
    Ok(rows.map(|row| reduce_row(kind, integer, row)).collect())
}

fn reduce_row(kind: Reduce, integer: bool, row: &[f64]) -> f64 {
    let first_best = |better: fn(&f64, &f64) -> bool| {
        let best =
            (1..row.len()).fold(0, |best, i| if better(&row[i], &row[best]) { i } else { best });
        best as f64
    };
    match kind {
        Reduce::Sum => row.iter().sum(),
        Reduce::Prod => row.iter().product(),
        Reduce::Mean => {
            let mean = row.iter().sum::<f64>() / row.len() as f64;
            if integer { mean.trunc() } else { mean }
        }
        Reduce::Max => row.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        Reduce::Min => row.iter().copied().fold(f64::INFINITY, f64::min),
        Reduce::ArgMax => first_best(f64::gt),
        Reduce::ArgMin => first_best(f64::lt),
    }
}

/// Applies `f` in place to every row of the dimensions `axes`.
pub(super) fn rows(
    x: &Array,
    axes: &[usize],
    f: impl Fn(&mut [f64]) + Send + Sync,
) -> Partial<Vec<f64>> {
    let (kept, reduced) = split(x, axes)?;
    let row = extent(&reduced);
    if x.data.is_empty() {
        return Ok(Vec::new());
    }
    let order = [kept, reduced].concat();
    let mut data = strided(&x.data, 0, &order);
    data.par_chunks_mut(row).with_min_len(GRAIN.div_ceil(row)).for_each(f);
    // Back: the stride of each dimension in the permuted data, in the original order.
    let extents: Vec<usize> = order.iter().map(|&(d, _)| d).collect();
    let mut back: Vec<((usize, isize), usize)> = order
        .iter()
        .zip(strides(&extents))
        .map(|(&(d, from), to)| ((d, to), from as usize))
        .collect();
    // Dimensions of extent one share strides with a neighbour, but do not matter.
    back.retain(|&((d, _), _)| d != 1);
    back.sort_by_key(|&(_, from)| std::cmp::Reverse(from));
    let back: Dims = back.into_iter().map(|(dim, _)| dim).collect();
    Ok(strided(&data, 0, &back))
}

/// `exp(x - max) / sum`, or its logarithm. A row of minus infinities becomes zeros (softmax).
pub(super) fn softmax(row: &mut [f64], log: bool) {
    let max = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if max == f64::NEG_INFINITY {
        if !log {
            row.fill(0.0);
        }
        return;
    }
    row.iter_mut().for_each(|x| *x -= max);
    let sum: f64 = row.iter().map(|&x| libm::exp(x)).sum();
    let log_sum = libm::log(sum);
    row.iter_mut().for_each(|x| *x = if log { *x - log_sum } else { libm::exp(*x) / sum });
}

/// `(x - mean) / sqrt(variance + epsilon)`.
pub(super) fn layer_norm(row: &mut [f64], epsilon: f64) {
    let mean = row.iter().sum::<f64>() / row.len() as f64;
    row.iter_mut().for_each(|x| *x -= mean);
    rms_norm(row, epsilon);
}

/// `x / sqrt(mean square + epsilon)`.
pub(super) fn rms_norm(row: &mut [f64], epsilon: f64) {
    let mean_square = row.iter().map(|x| x * x).sum::<f64>() / row.len() as f64;
    let scale = (mean_square + epsilon).sqrt();
    row.iter_mut().for_each(|x| *x /= scale);
}
