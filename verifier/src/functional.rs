//! Linear functionals of tensors, the only kind of claim there is (PROTOCOL §4.2, §5.3).
//!
//! Reading a tensor through a [`View`] at a random point is the functional `sum_q w(q) T[q]` with
//! `w(q) = prod_d w_d(q_d)`, one factor per dimension: [`axis_weights`]. Its multilinear extension
//! is the product of those of the factors: [`axis_mle`]. Prover and verifier share both.

use std::sync::Arc;

use crate::channel::Suite;
use crate::circuit::{Axis, Circuit, Kind, Source, TensorId, View, entry_width, log_ceil};
use crate::field::{F, K, ONE, ZERO, embed, eq, eq_table, less_than, restricted_eq};
use crate::layout::Layout;
use crate::proof::Statement;

/// Values of the variables of an identity: a point of `K^bits` each.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// Real extents.
    pub extents: Vec<u32>,
    /// Points, most significant bit first, `log_ceil(extent)` coordinates each.
    pub points: Vec<Vec<K>>,
}

impl Assignment {
    /// `sum_{v < extent} eq(point, v)`: what a view that ignores variable `var` contributes.
    #[must_use]
    pub fn indicator(&self, var: usize) -> K {
        less_than(self.point(var), self.extent(var))
    }

    /// The point of a variable.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "variables are checked by `Circuit::validate`")]
    pub fn point(&self, var: usize) -> &[K] {
        &self.points[var]
    }

    /// The extent of a variable.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "variables are checked by `Circuit::validate`")]
    pub fn extent(&self, var: usize) -> u32 {
        self.extents[var]
    }

    /// `eq(point, v)` for every value `v < extent`.
    fn weights(&self, var: usize) -> Vec<K> {
        let mut table = eq_table(self.point(var));
        table.truncate(self.extent(var) as usize);
        table
    }
}

/// The public tensors, by tensor id.
#[derive(Clone, Copy, Debug)]
pub struct Public<'a> {
    circuit: &'a Circuit,
    statement: &'a Statement,
}

impl<'a> Public<'a> {
    /// Of a statement that fits the circuit ([`Statement::check`]).
    #[must_use]
    pub fn new(circuit: &'a Circuit, statement: &'a Statement) -> Self {
        Self { circuit, statement }
    }

    /// Real entries of a public tensor, row-major; empty for a committed one. Counts the public
    /// tensors before it, which `Circuit::validate` counts among what views enumerate.
    #[must_use]
    pub fn entries(&self, id: TensorId) -> &'a [i32] {
        let rank = |pick: fn(&Kind) -> bool| {
            self.circuit.tensors.iter().take(id as usize).filter(|t| pick(&t.kind)).count()
        };
        let list = match self.circuit.tensor(id).kind {
            Kind::Input { .. } => {
                self.statement.inputs.get(rank(|k| matches!(k, Kind::Input { .. })))
            }
            Kind::Output { .. } => {
                self.statement.outputs.get(rank(|k| matches!(k, Kind::Output { .. })))
            }
            Kind::Model | Kind::Witness => None,
        };
        list.map_or(&[], Vec::as_slice)
    }
}

/// The weights `w_d(0..extent)` of one axis. Zero beyond the real extent.
#[must_use]
pub fn axis_weights(axis: &Axis, extent: u32, at: &Assignment, public: Public<'_>) -> Vec<K> {
    let extent = extent as usize;
    let mut weights = vec![ZERO; extent];
    match axis {
        Axis::Var(var) => {
            for (w, e) in weights.iter_mut().zip(at.weights(usize::from(*var))) {
                *w = e;
            }
        }
        Axis::Sum => weights.fill(ONE),
        Axis::Fixed(index) => {
            if let Some(w) = weights.get_mut(*index as usize) {
                *w = ONE;
            }
        }
        Axis::Affine { terms, offset } => {
            // All (index, weight) pairs, one term at a time.
            let mut reached = vec![(i64::from(*offset), ONE)];
            for term in terms {
                let values = match term.source {
                    Source::Var(var) => at.weights(usize::from(var)),
                    Source::Sum(n) => vec![ONE; n as usize],
                };
                reached = reached
                    .iter()
                    .flat_map(|&(index, weight)| {
                        values
                            .iter()
                            .zip(0i64..)
                            .map(move |(&w, v)| (index + i64::from(term.stride) * v, weight * w))
                    })
                    .collect();
            }
            for (index, weight) in reached {
                if let Some(w) = usize::try_from(index).ok().and_then(|q| weights.get_mut(q)) {
                    *w += weight;
                }
            }
        }
        Axis::Map { var, map } => {
            for (&q, w) in map.iter().zip(at.weights(usize::from(*var))) {
                if let Some(slot) = weights.get_mut(q as usize) {
                    *slot += w;
                }
            }
        }
        Axis::Public { var, tensor } => {
            let entries = public.entries(*tensor);
            for (&q, w) in entries.iter().zip(at.weights(usize::from(*var))) {
                if let Some(slot) = usize::try_from(q).ok().and_then(|q| weights.get_mut(q)) {
                    *slot += w;
                }
            }
        }
    }
    weights
}

/// The multilinear extension of [`axis_weights`] at `a`.
#[must_use]
pub fn axis_mle(axis: &Axis, extent: u32, at: &Assignment, public: Public<'_>, a: &[K]) -> K {
    match axis {
        Axis::Var(var) => {
            let x = at.point(usize::from(*var));
            // A variable with fewer bits than the dimension: the upper index bits are zero.
            let (high, low) = a.split_at(a.len().saturating_sub(x.len()));
            let zero = high.iter().fold(ONE, |acc, &c| acc * (ONE - c));
            zero * restricted_eq(x, low, extent.min(at.extent(usize::from(*var))))
        }
        Axis::Sum => less_than(a, extent),
        Axis::Fixed(index) => {
            let n = a.len();
            a.iter().enumerate().fold(ONE, |acc, (i, &c)| {
                acc * if index >> (n - 1 - i) & 1 == 1 { c } else { ONE - c }
            })
        }
        Axis::Affine { .. } | Axis::Map { .. } | Axis::Public { .. } => {
            let weights = axis_weights(axis, extent, at, public);
            weights.iter().zip(eq_table(a)).fold(ZERO, |acc, (&w, e)| acc + w * e)
        }
    }
}

/// A functional of one tensor.
#[derive(Clone, Debug)]
pub enum Form<'c> {
    /// `eq(point, ·)` on the whole slot, padding included.
    Slot(Vec<K>),
    /// The functional that reads the tensor through a view.
    View {
        /// The view.
        view: &'c View,
        /// Values of its variables.
        at: Arc<Assignment>,
    },
}

/// `coef * form(tensor)`.
#[derive(Clone, Debug)]
pub struct Weight<'c> {
    /// A committed tensor.
    pub tensor: TensorId,
    /// The coefficient.
    pub coef: K,
    /// The functional.
    pub form: Form<'c>,
}

impl Weight<'_> {
    /// The multilinear extension at `point`, which addresses the slot (`log_size` coordinates).
    #[must_use]
    pub fn evaluate(&self, public: Public<'_>, point: &[K]) -> K {
        match &self.form {
            Form::Slot(x) => self.coef * eq(x, point),
            Form::View { view, at } => {
                let mut rest = point;
                view.axes.iter().zip(&view.dims).fold(self.coef, |acc, (axis, &dim)| {
                    let (a, tail) = rest.split_at(log_ceil(dim) as usize);
                    rest = tail;
                    acc * axis_mle(axis, dim, at, public, a)
                })
            }
        }
    }
}

/// A linear functional of a whole committed table, and the value that is claimed for it.
#[derive(Clone, Debug)]
pub struct Claim<'c> {
    /// Sum of functionals of tensors of one table.
    pub weights: Vec<Weight<'c>>,
    /// Evaluation of the whole table, as its out-of-domain claim has it.
    pub table_point: Option<Vec<K>>,
    /// The claimed value.
    pub value: K,
}

impl Claim<'_> {
    /// The multilinear extension of the functional's weights at a point of the table.
    #[must_use]
    pub fn evaluate(&self, layout: &Layout, public: Public<'_>, point: &[K]) -> K {
        let table = self.table_point.as_ref().map_or(ZERO, |x| eq(x, point));
        self.weights.iter().fold(table, |acc, weight| {
            layout.slot(weight.tensor).map_or(acc, |slot| {
                let (prefix, low) = slot.split(point);
                acc + prefix * weight.evaluate(public, low)
            })
        })
    }
}

/// `<tensor, view functional>` of a public tensor: entries outside the real extents are zero.
#[must_use]
pub fn evaluate_public(view: &View, at: &Assignment, public: Public<'_>) -> K {
    let entries = public.entries(view.tensor);
    let shape = &public.circuit.tensor(view.tensor).shape;
    let mut values: Vec<K>;
    if *shape == view.dims {
        values = entries.iter().map(|&v| K::from(embed(i64::from(v)))).collect();
    } else {
        // Regrouped index bits: go through the padded layout, then keep the view's real extents.
        values = compact(&pad(entries, shape), &view.dims);
    }
    for (axis, &dim) in view.axes.iter().zip(&view.dims).rev() {
        let weights = axis_weights(axis, dim, at, public);
        values = values
            .chunks(weights.len())
            .map(|row| row.iter().zip(&weights).fold(ZERO, |acc, (&v, &w)| acc + v * w))
            .collect();
    }
    values.first().copied().unwrap_or(ZERO)
}

/// Entries of a tensor in its padded layout, zero elsewhere.
#[must_use]
pub fn pad(entries: &[i32], shape: &[u32]) -> Vec<F> {
    let log_size: u32 = shape.iter().map(|&d| log_ceil(d)).sum();
    let mut padded = vec![F::from_u32_unchecked(0); 1 << log_size];
    for (index, &v) in padded_indices(shape).zip(entries) {
        if let Some(entry) = padded.get_mut(index) {
            *entry = embed(i64::from(v));
        }
    }
    padded
}

fn compact(padded: &[F], dims: &[u32]) -> Vec<K> {
    padded_indices(dims).filter_map(|index| padded.get(index)).map(|&v| K::from(v)).collect()
}

/// The padded indices of the real entries of a shape, in row-major order.
pub fn padded_indices(shape: &[u32]) -> impl Iterator<Item = usize> + '_ {
    let n: u64 = shape.iter().map(|&d| u64::from(d)).product();
    (0..n).map(move |flat| {
        let (mut rest, mut index, mut shift) = (flat, 0u64, 0);
        for &d in shape.iter().rev() {
            index |= (rest % u64::from(d)) << shift;
            rest /= u64::from(d);
            shift += log_ceil(d);
        }
        usize::try_from(index).unwrap_or(usize::MAX)
    })
}

/// Absorbs the public tensors: for each, its entries less the smallest admissible one, in as many
/// bits as the interval takes. The statement must fit the circuit ([`Statement::check`]): of another
/// one, what is absorbed does not determine it.
pub fn absorb_statement<S: Suite>(
    transcript: &mut crate::channel::Transcript<S>,
    circuit: &Circuit,
    statement: &Statement,
) {
    transcript.absorb_bytes(&statement.context);
    let of = |pick: fn(&Kind) -> bool| {
        circuit.tensors.iter().map(|t| t.kind).filter(pick).filter_map(Kind::interval)
    };
    let inputs = statement.inputs.iter().zip(of(|k| matches!(k, Kind::Input { .. })));
    let outputs = statement.outputs.iter().zip(of(|k| matches!(k, Kind::Output { .. })));
    for (entries, (lo, hi)) in inputs.chain(outputs) {
        let width = entry_width(lo, hi);
        transcript.absorb_packed(&offsets(entries, lo, width), width);
    }
}

/// Entries of a public tensor less the smallest admissible one, the lowest `width` bits.
#[must_use]
pub fn offsets(entries: &[i32], lo: i32, width: u32) -> Vec<u32> {
    let mask = u32::MAX >> (32 - width.clamp(1, 32));
    entries.iter().map(|v| v.wrapping_sub(lo).cast_unsigned() & mask).collect()
}

#[cfg(test)]
#[path = "functional_test.rs"]
mod tests;
