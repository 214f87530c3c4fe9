//! Which extents are raised: everything at first, then whatever cannot be is dropped, with all that
//! depends on it, until nothing changes.

use std::ops::Range;

use stwo_ml_verifier::circuit::{
    Axis, Circuit, Kind, MAX_ENUMERATED, Product, Source, TensorId, View,
};

use super::{bit_ranges, intervals, is_committed, is_whole, whole};
use crate::program::{Compiled, Step};

/// The indices of an identity's box, times those of a sum, may become this many times as many: what
/// is raised is computed and proven like the rest.
const MAX_GROWTH: u128 = 4;

/// For each extent whether it is a power of two in the end.
pub(super) struct Raised<'c> {
    circuit: &'c Circuit,
    /// By tensor and dimension.
    tensors: Vec<Vec<bool>>,
    /// By identity and variable of its box.
    boxes: Vec<Vec<bool>>,
    /// By identity, product and sum variable.
    sums: Vec<Vec<Vec<bool>>>,
    changed: bool,
}

/// What gives a witness tensor its entries.
#[derive(Clone, Copy)]
enum Definition {
    /// An identity, by a split.
    Identity(usize),
    Lookup(usize),
    Other,
}

impl<'c> Raised<'c> {
    pub fn of(compiled: &'c Compiled) -> Self {
        let circuit = &compiled.circuit;
        let ends = |dims: &[u32], all: bool| dims.iter().map(|&d| all || is_whole(d)).collect();
        let mut raised = Self {
            circuit,
            tensors: circuit.tensors.iter().map(|t| ends(&t.shape, is_committed(t.kind))).collect(),
            boxes: circuit.identities.iter().map(|i| ends(&i.dims, true)).collect(),
            sums: circuit
                .identities
                .iter()
                .map(|i| i.products.iter().map(|p| ends(&p.sum, true)).collect())
                .collect(),
            changed: false,
        };
        let (definitions, parts) = raised.definitions(compiled);
        loop {
            for (id, definition) in definitions.iter().enumerate() {
                raised.check_tensor(compiled, id, *definition);
            }
            for (index, parts) in parts.iter().enumerate() {
                raised.check_identity(index, parts.as_deref());
            }
            if !std::mem::take(&mut raised.changed) {
                return raised;
            }
        }
    }

    /// What defines each tensor, and the tensors that each identity must read whole, if raising its
    /// box keeps all keys in their tables: those that it defines, and those whose entries say so.
    fn definitions(
        &mut self,
        compiled: &Compiled,
    ) -> (Vec<Definition>, Vec<Option<Vec<TensorId>>>) {
        let mut tensors = vec![Definition::Other; self.tensors.len()];
        let mut parts = vec![None; self.boxes.len()];
        let mut define = |id: TensorId, definition| {
            if let Some(slot) = tensors.get_mut(id as usize) {
                *slot = definition;
            }
        };
        let mut fits = intervals::fitting(compiled);
        for step in &compiled.program.steps {
            match step {
                Step::Split { identity, parts: split } => {
                    let index = *identity as usize;
                    split.iter().for_each(|p| define(p.0, Definition::Identity(index)));
                    parts[index] = fits.remove(identity);
                }
                Step::Max { .. } | Step::Divide { .. } => {}
                Step::Lookup { lookup } => {
                    let index = *lookup as usize;
                    for value in &self.circuit.lookups[index].values {
                        value.terms.iter().for_each(|t| define(t.1, Definition::Lookup(index)));
                    }
                }
                // Reads the real entries of two tensors of one shape.
                Step::Scale { x, .. } => self.drop_tensor(*x as usize),
            }
        }
        (tensors, parts)
    }

    /// Drops the dimensions of a tensor whose raised part would not be defined.
    fn check_tensor(&mut self, compiled: &Compiled, id: usize, definition: Definition) {
        let tensor = &self.circuit.tensors[id];
        match tensor.kind {
            Kind::Input { .. } | Kind::Output { .. } => return,
            Kind::Model => {
                if compiled.program.padding[id] != 0 {
                    self.drop_tensor(id);
                }
                return;
            }
            Kind::Witness => {}
        }
        for (d, range) in bit_ranges(&tensor.shape).into_iter().enumerate() {
            let defined = match definition {
                Definition::Identity(index) => self.is_split_over(index, id, &range),
                Definition::Lookup(index) => self.circuit.lookups[index]
                    .key
                    .terms
                    .iter()
                    .all(|t| self.is_raised_within(t.1 as usize, &range)),
                Definition::Other => false,
            };
            if !defined {
                self.drop_dimension(id, d);
            }
        }
    }

    /// Whether an identity defines a tensor along a dimension, with these index bits: the top ones are
    /// a raised variable's, the others those of variables that are whole.
    fn is_split_over(&self, index: usize, id: usize, range: &Range<u32>) -> bool {
        let identity = &self.circuit.identities[index];
        let views = identity.linear.iter().filter_map(|t| t.view.as_ref());
        views.filter(|v| v.tensor as usize == id).all(|view| {
            let axes = view.axes.iter().zip(bit_ranges(&view.dims)).zip(&view.dims);
            axes.into_iter().filter(|((_, bits), _)| meet(bits, range)).all(
                |((axis, bits), &dim)| {
                    let Axis::Var(var) = *axis else { return false };
                    let var = usize::from(var);
                    let is_top = bits.end >= range.end;
                    identity.dims[var] == dim
                        && self.real_extent(id, &bits) == Some(dim)
                        && if is_top { self.boxes[index][var] } else { is_whole(dim) }
                },
            )
        })
    }

    /// Drops the variables of an identity that cannot be raised; all, if the tensors that it
    /// defines are not known.
    fn check_identity(&mut self, index: usize, parts: Option<&[TensorId]>) {
        let circuit = self.circuit;
        let identity = &circuit.identities[index];
        let may_grow = self.may_grow(index);
        for var in 0..identity.dims.len() {
            let whole = |view: &View| self.reads_whole(view, var, &identity.dims);
            let linear = identity.linear.iter().filter_map(|t| t.view.as_ref());
            let can = may_grow
                && parts.is_some_and(|parts| {
                    linear.filter(|v| parts.contains(&v.tensor)).all(whole)
                        && identity.views().all(|v| self.can_follow(v, var, index))
                });
            if !can && !is_whole(identity.dims[var]) && self.boxes[index][var] {
                self.boxes[index][var] = false;
                self.changed = true;
            }
        }
        for (p, product) in identity.products.iter().enumerate() {
            for sum in 0..product.sum.len() {
                let can = may_grow && self.can_sum(index, product, sum);
                if !can && !is_whole(product.sum[sum]) && self.sums[index][p][sum] {
                    self.sums[index][p][sum] = false;
                    self.changed = true;
                }
            }
        }
    }

    /// Whether raising an identity is worth the work.
    fn may_grow(&self, index: usize) -> bool {
        let identity = &self.circuit.identities[index];
        let n = |extents: &[u32]| extents.iter().map(|&d| u128::from(d)).product::<u128>();
        let grown = |product: &Product| {
            let sums = product.sum.iter().enumerate();
            let extent = |(j, &d)| if self.can_sum(index, product, j) { whole(d) } else { d };
            sums.map(extent).collect::<Vec<u32>>()
        };
        let of_box = n(&identity.dims.iter().map(|&d| whole(d)).collect::<Vec<_>>());
        let before = n(&identity.dims);
        of_box <= MAX_GROWTH * before
            && identity
                .products
                .iter()
                .all(|product| of_box * n(&grown(product)) <= MAX_GROWTH * before * n(&product.sum))
    }

    /// Whether the axes of a view allow values of a variable of the box beyond its extent. A map has
    /// an entry for each value, and windows are enumerated.
    fn can_follow(&self, view: &View, var: usize, index: usize) -> bool {
        let is = |v: u16| usize::from(v) == var;
        view.axes.iter().all(|axis| match axis {
            Axis::Map { var, .. } | Axis::Public { var, .. } => !is(*var),
            Axis::Affine { terms, .. } => {
                let dims = &self.circuit.identities[index].dims;
                let extent = |source| match source {
                    // What is summed has at most as many bits as the rest of the dimension.
                    Source::Var(v) => dims.get(usize::from(v)).map_or(1 << 10, |&d| whole(d)),
                    Source::Sum(extent) => extent,
                };
                let uses = terms.iter().any(|t| matches!(t.source, Source::Var(v) if is(v)));
                let values = terms.iter().map(|t| u64::from(extent(t.source)));
                !uses || values.fold(1, u64::saturating_mul) <= MAX_ENUMERATED
            }
            Axis::Var(_) | Axis::Sum | Axis::Fixed(_) => true,
        })
    }

    /// Whether a sum variable can be raised: only whole axes follow it, and one factor is zero beyond
    /// its extent.
    fn can_sum(&self, index: usize, product: &Product, sum: usize) -> bool {
        let dims = [&self.circuit.identities[index].dims[..], &product.sum].concat();
        let var = dims.len() - product.sum.len() + sum;
        let is = |v: u16| usize::from(v) == var;
        let plain = |view: &View| {
            view.axes.iter().all(|axis| match axis {
                Axis::Map { var, .. } | Axis::Public { var, .. } => !is(*var),
                Axis::Affine { terms, .. } => {
                    !terms.iter().any(|t| matches!(t.source, Source::Var(v) if is(v)))
                }
                Axis::Var(_) | Axis::Sum | Axis::Fixed(_) => true,
            })
        };
        let zero = |view: &View| {
            let axes = view.axes.iter().zip(bit_ranges(&view.dims)).zip(&view.dims);
            axes.into_iter().any(|((axis, bits), &dim)| {
                let id = view.tensor as usize;
                matches!(axis, Axis::Var(v) if is(*v))
                    && dim <= dims[var]
                    && match self.circuit.tensors[id].kind {
                        Kind::Model => self.real_extent(id, &bits) == Some(dim),
                        // What a view does not read is zero.
                        Kind::Witness => !self.reads_whole(view, var, &dims),
                        Kind::Input { .. } | Kind::Output { .. } => true,
                    }
            })
        };
        plain(&product.a) && plain(&product.b) && (zero(&product.a) || zero(&product.b))
    }

    /// Whether a view has an axis that is the variable, over a dimension that is raised with it.
    /// `extents` are those of all variables.
    fn reads_whole(&self, view: &View, var: usize, extents: &[u32]) -> bool {
        let axes = view.axes.iter().zip(bit_ranges(&view.dims)).zip(&view.dims);
        axes.into_iter().any(|((axis, bits), &dim)| {
            matches!(axis, Axis::Var(v) if usize::from(*v) == var)
                && self.is_raised_dimension(view, &bits, dim, extents[var])
        })
    }

    /// Whether a dimension of a view becomes whole for a variable of this extent, if that is raised:
    /// it is a raised dimension of the tensor, and the variable did not go beyond it.
    fn is_raised_dimension(&self, view: &View, bits: &Range<u32>, dim: u32, extent: u32) -> bool {
        let id = view.tensor as usize;
        extent <= dim && self.real_extent(id, bits) == Some(dim) && self.is_raised_within(id, bits)
    }

    /// The number of indices that are real, along some index bits of a tensor; `None` unless they are
    /// the first ones, whatever the other bits are.
    fn real_extent(&self, id: usize, range: &Range<u32>) -> Option<u32> {
        let shape = &self.circuit.tensors[id].shape;
        let mut extent = 1;
        let mut is_top = true;
        for (bits, &d) in bit_ranges(shape).into_iter().zip(shape) {
            if !meet(&bits, range) {
                continue;
            }
            // The part of the dimension that lies in the range.
            let low = 1 << range.start.saturating_sub(bits.start);
            let inside = 1 << (range.end.min(bits.end) - bits.start);
            let real = if range.end < bits.end { inside } else { d };
            if real % low != 0 || d % real.min(inside) != 0 || (!is_top && !is_whole(d)) {
                return None;
            }
            is_top = false;
            extent *= real / low;
        }
        Some(extent)
    }

    /// Whether all dimensions of a tensor with some of these index bits are raised.
    fn is_raised_within(&self, id: usize, range: &Range<u32>) -> bool {
        let shape = &self.circuit.tensors[id].shape;
        let dims = bit_ranges(shape).into_iter().zip(&self.tensors[id]);
        dims.into_iter().all(|(bits, &raised)| raised || !meet(&bits, range))
    }

    fn drop_tensor(&mut self, id: usize) {
        (0..self.tensors[id].len()).for_each(|d| self.drop_dimension(id, d));
    }

    fn drop_dimension(&mut self, id: usize, d: usize) {
        if !is_whole(self.circuit.tensors[id].shape[d]) && self.tensors[id][d] {
            self.tensors[id][d] = false;
            self.changed = true;
        }
    }

    /// The extents of a tensor in the end.
    pub fn shape(&self, id: usize) -> Vec<u32> {
        raised_extents(&self.circuit.tensors[id].shape, &self.tensors[id])
    }

    /// Those of the box of an identity.
    pub fn dims(&self, index: usize) -> Vec<u32> {
        raised_extents(&self.circuit.identities[index].dims, &self.boxes[index])
    }

    /// Those of the sums of a product.
    pub fn sum(&self, index: usize, product: usize) -> Vec<u32> {
        let sum = &self.circuit.identities[index].products[product].sum;
        raised_extents(sum, &self.sums[index][product])
    }

    /// Those of the dimensions of a view, whose variables had the extents `old` and have `new`.
    pub fn view_dims(&self, view: &View, old: &[u32], new: &[u32]) -> Vec<u32> {
        let axes = view.axes.iter().zip(bit_ranges(&view.dims)).zip(&view.dims);
        axes.map(|((axis, bits), &dim)| match axis {
            Axis::Var(var) => {
                let var = usize::from(*var);
                let committed = is_committed(self.circuit.tensors[view.tensor as usize].kind);
                let whole_var = is_whole(new[var]);
                if committed && whole_var && self.is_raised_dimension(view, &bits, dim, old[var]) {
                    whole(dim)
                } else {
                    dim
                }
            }
            _ => dim,
        })
        .collect()
    }
}

/// Whether two ranges of index bits have one in common.
fn meet(a: &Range<u32>, b: &Range<u32>) -> bool {
    a.start.max(b.start) < a.end.min(b.end)
}

fn raised_extents(extents: &[u32], raised: &[bool]) -> Vec<u32> {
    extents.iter().zip(raised).map(|(&d, &raised)| if raised { whole(d) } else { d }).collect()
}
