//! Operations that move entries, and broadcasting.

use std::borrow::Cow;

use rayon::prelude::*;

use super::{Fault, Partial, scalar};
use crate::graph::{Array, Binary, PadMode};

/// Entries that one thread takes at least.
const GRAIN: usize = 1 << 14;

/// Row-major strides of a shape.
pub(super) fn strides(shape: &[usize]) -> Vec<isize> {
    let mut stride = 1;
    let mut strides: Vec<isize> =
        shape.iter().rev().map(|&d| post_multiply(&mut stride, d)).collect();
    strides.reverse();
    strides
}

fn post_multiply(stride: &mut isize, extent: usize) -> isize {
    let now = *stride;
    *stride *= extent as isize;
    now
}

/// `out[i_0, ..] = data[start + sum_d i_d stride_d]`, row-major over the extents. The caller owes
/// that every index is inside the data.
pub(super) fn strided(data: &[f64], start: isize, dims: &[(usize, isize)]) -> Vec<f64> {
    let dims: Vec<(usize, isize)> = dims.iter().copied().filter(|&(d, _)| d != 1).collect();
    let Some((&(row, step), outer)) = dims.split_last() else {
        return vec![data[start as usize]];
    };
    let total = row * outer.iter().map(|&(d, _)| d).product::<usize>();
    let mut out = vec![0.0; total];
    if total == 0 {
        return out;
    }
    let fill = |(index, out): (usize, &mut [f64])| {
        let mut at = start;
        let mut index = index;
        for &(extent, stride) in outer.iter().rev() {
            at += (index % extent) as isize * stride;
            index /= extent;
        }
        if step == 1 {
            out.copy_from_slice(&data[at as usize..at as usize + row]);
        } else {
            for (i, out) in out.iter_mut().enumerate() {
                *out = data[(at + i as isize * step) as usize];
            }
        }
    };
    out.par_chunks_mut(row).with_min_len(GRAIN.div_ceil(row)).enumerate().for_each(fill);
    out
}

/// Numpy broadcasting to `shape`.
pub(super) fn expand<'a>(x: &'a Array, shape: &[usize]) -> Partial<Cow<'a, [f64]>> {
    if x.data.len() == shape.iter().product::<usize>() && !x.data.is_empty() {
        return Ok(Cow::Borrowed(&x.data));
    }
    let missing = shape.len().checked_sub(x.shape.len()).ok_or(Fault::Shape("a rank"))?;
    let mut dims: Vec<(usize, isize)> = shape[..missing].iter().map(|&d| (d, 0)).collect();
    for ((&from, &to), stride) in x.shape.iter().zip(&shape[missing..]).zip(strides(&x.shape)) {
        if from != to && from != 1 {
            return Err(Fault::Shape("an extent"));
        }
        dims.push((to, if from == 1 { 0 } else { stride }));
    }
    if shape.contains(&0) {
        return Ok(Cow::Owned(Vec::new()));
    }
    Ok(Cow::Owned(strided(&x.data, 0, &dims)))
}

/// Entry-by-entry function of two tensors with broadcasting.
pub(super) fn binary(
    f: Binary,
    integer: bool,
    x: &Array,
    y: &Array,
    shape: &[usize],
) -> Partial<Vec<f64>> {
    let (x, y) = (expand(x, shape)?, expand(y, shape)?);
    let pairs = x.par_iter().zip(y.par_iter()).with_min_len(GRAIN);
    Ok(pairs.map(|(&x, &y)| scalar::binary(f, integer, x, y)).collect())
}

/// `condition ? x : y` with broadcasting.
pub(super) fn select(
    condition: &Array,
    x: &Array,
    y: &Array,
    shape: &[usize],
) -> Partial<Vec<f64>> {
    let (condition, x, y) = (expand(condition, shape)?, expand(x, shape)?, expand(y, shape)?);
    let entries = condition.iter().zip(x.iter()).zip(y.iter());
    Ok(entries.map(|((&c, &x), &y)| if c != 0.0 { x } else { y }).collect())
}

pub(super) fn transpose(x: &Array, perm: &[usize]) -> Partial<Vec<f64>> {
    let mut sorted = perm.to_vec();
    sorted.sort_unstable();
    if !sorted.into_iter().eq(0..x.shape.len()) {
        return Err(Fault::Shape("the permutation"));
    }
    let strides = strides(&x.shape);
    let dims: Vec<(usize, isize)> = perm.iter().map(|&d| (x.shape[d], strides[d])).collect();
    Ok(if x.data.is_empty() { Vec::new() } else { strided(&x.data, 0, &dims) })
}

pub(super) fn slice(
    x: &Array,
    begin: &[usize],
    step: &[isize],
    shape: &[usize],
) -> Partial<Vec<f64>> {
    let rank = x.shape.len();
    if [begin.len(), step.len(), shape.len()] != [rank; 3] {
        return Err(Fault::Shape("a rank"));
    }
    if shape.contains(&0) {
        return Ok(Vec::new());
    }
    let (mut start, mut dims) = (0, Vec::with_capacity(rank));
    for (d, stride) in strides(&x.shape).into_iter().enumerate() {
        let first = begin[d] as isize;
        let last = first + (shape[d] - 1) as isize * step[d];
        let inside = 0..x.shape[d] as isize;
        if !inside.contains(&first) || !inside.contains(&last) {
            return Err(Fault::Shape("the range"));
        }
        start += first * stride;
        dims.push((shape[d], step[d] * stride));
    }
    Ok(strided(&x.data, start, &dims))
}

pub(super) fn concat(inputs: &[&Array], axis: usize, shape: &[usize]) -> Partial<Vec<f64>> {
    let fits = |x: &&Array| {
        let others = |s: &[usize]| s.iter().enumerate().all(|(d, &n)| d == axis || n == shape[d]);
        x.shape.len() == shape.len() && others(&x.shape)
    };
    if axis >= shape.len() || !inputs.iter().all(fits) {
        return Err(Fault::Shape("an operand"));
    }
    let outer: usize = shape[..axis].iter().product();
    let mut out = Vec::with_capacity(shape.iter().product());
    for i in 0..outer {
        for x in inputs {
            let row = x.data.len() / outer;
            out.extend_from_slice(&x.data[i * row..(i + 1) * row]);
        }
    }
    Ok(out)
}

/// `out[i_0, ..] = x[map_0[i_0], ..]`, `fill` where an index is `None`.
fn mapped(x: &Array, maps: &[Vec<Option<usize>>], fill: f64) -> Vec<f64> {
    let mut at: Vec<Option<usize>> = vec![Some(0)];
    for (map, &extent) in maps.iter().zip(&x.shape) {
        let next = |&at: &Option<usize>| {
            map.iter().map(move |&i| at.zip(i).map(|(at, i)| at * extent + i))
        };
        at = at.iter().flat_map(next).collect();
    }
    at.into_iter().map(|at| at.map_or(fill, |at| x.data[at])).collect()
}

pub(super) fn pad(
    x: &Array,
    before: &[usize],
    mode: PadMode,
    shape: &[usize],
) -> Partial<Vec<f64>> {
    if [before.len(), shape.len()] != [x.shape.len(); 2] {
        return Err(Fault::Shape("a rank"));
    }
    if x.data.is_empty() && !matches!(mode, PadMode::Constant(_)) {
        return Err(Fault::Shape("an empty operand"));
    }
    let index = |i: usize, before: usize, n: usize| -> Option<usize> {
        let (at, extent) = (i as isize - before as isize, n as isize);
        match mode {
            PadMode::Constant(_) => (0..extent).contains(&at).then_some(at as usize),
            PadMode::Edge => Some(at.clamp(0, extent - 1) as usize),
            PadMode::Wrap => Some(at.rem_euclid(extent) as usize),
            PadMode::Reflect => {
                let period = (2 * (extent - 1)).max(1);
                let at = at.rem_euclid(period);
                Some(at.min(period - at) as usize)
            }
        }
    };
    let extents = before.iter().zip(&x.shape).zip(shape);
    let maps: Vec<Vec<Option<usize>>> =
        extents.map(|((&b, &n), &to)| (0..to).map(|i| index(i, b, n)).collect()).collect();
    let fill = if let PadMode::Constant(value) = mode { value } else { 0.0 };
    Ok(mapped(x, &maps, fill))
}

pub(super) fn tile(x: &Array, shape: &[usize]) -> Partial<Vec<f64>> {
    let missing = shape.len().checked_sub(x.shape.len()).ok_or(Fault::Shape("a rank"))?;
    let mut from = vec![1; missing];
    from.extend_from_slice(&x.shape);
    if from.iter().zip(shape).any(|(&from, &to)| from == 0 || to % from != 0) {
        return Err(Fault::Shape("an extent"));
    }
    let map = |(&from, &to): (&usize, &usize)| (0..to).map(|i| Some(i % from)).collect();
    let maps: Vec<Vec<Option<usize>>> = from.iter().zip(shape).map(map).collect();
    Ok(mapped(&Array { shape: from, data: x.data.clone() }, &maps, 0.0))
}

pub(super) fn gather(data: &Array, indices: &Array, axis: usize) -> Partial<Vec<f64>> {
    let &extent = data.shape.get(axis).ok_or(Fault::Shape("the axis"))?;
    let position = |&index: &f64| -> Partial<usize> {
        let at = if index < 0.0 { index + extent as f64 } else { index };
        if at >= 0.0 && at < extent as f64 && at.fract() == 0.0 {
            Ok(at as usize)
        } else {
            Err(Fault::Index { index, extent })
        }
    };
    let positions: Vec<usize> = indices.data.iter().map(position).collect::<Result<_, _>>()?;
    let outer: usize = data.shape[..axis].iter().product();
    let row: usize = data.shape[axis + 1..].iter().product();
    let mut out = Vec::with_capacity(outer * positions.len() * row);
    for i in 0..outer {
        for &position in &positions {
            let at = (i * extent + position) * row;
            out.extend_from_slice(&data.data[at..at + row]);
        }
    }
    Ok(out)
}
