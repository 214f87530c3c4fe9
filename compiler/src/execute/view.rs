//! Views of a circuit as [`AxisPlan`]s, and the padded layout of tensors (PROTOCOL §2).

use stwo_ml_verifier::circuit::{Axis, Circuit, Source, Tensor, TensorId, View, log_ceil};

use super::plan::{AxisPlan, Contribution, Plan};

/// Why an identity has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The circuit is not well-formed.
    Malformed(&'static str),
    /// A sum might not fit an `i64`, or a product that is summed not an `f64`.
    TooLarge,
}

/// Extents as indices.
pub(crate) fn sizes(extents: &[u32]) -> Vec<usize> {
    extents.iter().map(|&d| d as usize).collect()
}

/// The axes of a view over the variables `extents`. Extents of its sums are appended to
/// `extents`: they are the variables from the old length on.
pub(crate) fn axes(
    circuit: &Circuit,
    values: &[Vec<i32>],
    view: &View,
    extents: &mut Vec<usize>,
) -> Result<Vec<AxisPlan>, Fault> {
    let tensor = tensor(circuit, view.tensor)?;
    let bits: u32 = view.dims.iter().map(|&d| log_ceil(d)).sum();
    let held = values.get(view.tensor as usize).map_or(0, Vec::len);
    if bits != tensor.log_size() || bits >= usize::BITS || held != 1 << bits {
        return Err(Fault::Malformed("a view with another size than its tensor"));
    }
    if view.axes.len() != view.dims.len() || view.dims.contains(&0) {
        return Err(Fault::Malformed("as many axes as dimensions are needed"));
    }
    if extents.contains(&0) {
        return Err(Fault::Malformed("an empty variable"));
    }
    let n_vars = extents.len();
    let known = |var: u16, extents: &[usize]| match usize::from(var) {
        var if var < n_vars => Ok((var, extents[var])),
        _ => Err(Fault::Malformed("no such variable")),
    };
    let mut low_bits = bits;
    let mut plans = Vec::with_capacity(view.axes.len());
    for (axis, &dim) in view.axes.iter().zip(&view.dims) {
        low_bits -= log_ceil(dim);
        let (mut offset, mut terms) = (0, Vec::new());
        match axis {
            Axis::Var(var) => terms.push((known(*var, extents)?.0, Contribution::Stride(1))),
            Axis::Sum => {
                terms.push((extents.len(), Contribution::Stride(1)));
                extents.push(dim as usize);
            }
            Axis::Fixed(index) => offset = i64::from(*index),
            Axis::Affine { terms: affine, offset: constant } => {
                offset = i64::from(*constant);
                for term in affine {
                    let var = match term.source {
                        Source::Var(var) => known(var, extents)?.0,
                        Source::Sum(0) => return Err(Fault::Malformed("an empty sum")),
                        Source::Sum(extent) => {
                            extents.push(extent as usize);
                            extents.len() - 1
                        }
                    };
                    terms.push((var, Contribution::Stride(i64::from(term.stride))));
                }
            }
            Axis::Map { var, map } => {
                let (var, extent) = known(*var, extents)?;
                if map.len() != extent {
                    return Err(Fault::Malformed("a map with another length than its variable"));
                }
                let index = |&i: &u32| if i == Axis::NOWHERE { -1 } else { i64::from(i) };
                terms.push((var, Contribution::Map(map.iter().map(index).collect())));
            }
            Axis::Public { var, tensor } => {
                let (var, extent) = known(*var, extents)?;
                let entries = real(circuit, values, *tensor)?;
                if entries.len() != extent {
                    return Err(Fault::Malformed("as many public indices as the variable needs"));
                }
                let map = entries.into_iter().map(i64::from).collect();
                terms.push((var, Contribution::Map(map)));
            }
        }
        plans.push(AxisPlan { extent: i64::from(dim), stride: 1 << low_bits, offset, terms });
    }
    let mut used: Vec<usize> = plans.iter().flat_map(|p| p.terms.iter().map(|t| t.0)).collect();
    used.sort_unstable();
    if used.windows(2).any(|w| w[0] == w[1]) {
        return Err(Fault::Malformed("a variable that occurs twice in a view"));
    }
    Ok(plans)
}

/// The plan that reads a view over the box `dims`, its sums included.
pub(crate) fn over_box(
    circuit: &Circuit,
    values: &[Vec<i32>],
    view: &View,
    dims: &[u32],
) -> Result<Plan, Fault> {
    let mut extents = sizes(dims);
    let axes = axes(circuit, values, view, &mut extents)?;
    let kept: Vec<usize> = (0..dims.len()).collect();
    let summed: Vec<usize> = (dims.len()..extents.len()).collect();
    Ok(Plan::new(axes, &extents, &kept, &summed))
}

pub(crate) fn tensor(circuit: &Circuit, id: TensorId) -> Result<&Tensor, Fault> {
    circuit.tensors.get(id as usize).ok_or(Fault::Malformed("no such tensor"))
}

/// The plan that reads the real entries of a tensor.
pub(crate) fn real_entries(shape: &[u32]) -> Plan {
    let extents = sizes(shape);
    let mut low_bits = shape.iter().map(|&d| log_ceil(d)).sum::<u32>();
    let axis = |(var, &d): (usize, &u32)| {
        low_bits -= log_ceil(d);
        AxisPlan::var(var, d as usize, 1 << low_bits)
    };
    let axes = shape.iter().enumerate().map(axis).collect();
    Plan::new(axes, &extents, &(0..shape.len()).collect::<Vec<_>>(), &[])
}

/// The real entries of a tensor, row-major.
fn real(circuit: &Circuit, values: &[Vec<i32>], id: TensorId) -> Result<Vec<i32>, Fault> {
    let tensor = tensor(circuit, id)?;
    match values.get(id as usize) {
        Some(entries) if entries.len() as u64 == 1 << tensor.log_size() => {
            Ok(unpad(entries, &tensor.shape))
        }
        _ => Err(Fault::Malformed("a tensor without its entries")),
    }
}

/// Real entries, row-major, to the padded layout. `None` if they are not as many as the
/// shape has, or the shape is empty.
#[must_use]
pub fn pad(entries: &[i32], shape: &[u32], padding: i32) -> Option<Vec<i32>> {
    if shape.contains(&0) {
        return None;
    }
    let plan = real_entries(shape);
    if entries.len() != plan.len() {
        return None;
    }
    let log_size = shape.iter().map(|&d| log_ceil(d)).sum::<u32>();
    let mut padded = vec![padding; 1 << log_size];
    plan.visit(|i, at| padded[at] = entries[i]);
    Some(padded)
}

/// The real entries, row-major, of the padded layout.
///
/// # Panics
/// If there are fewer entries than the padded layout has.
#[must_use]
pub fn unpad(padded: &[i32], shape: &[u32]) -> Vec<i32> {
    if shape.contains(&0) {
        return Vec::new();
    }
    let plan = real_entries(shape);
    let mut entries = vec![0; plan.len()];
    plan.read(padded, &mut entries, |to, x| *to = x);
    entries
}
