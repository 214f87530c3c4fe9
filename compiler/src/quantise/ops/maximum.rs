//! The largest of several entries (PROTOCOL §6).
//!
//! A maximum `m` is a tensor of its own. The differences `d = m - x` are in a table that starts at
//! zero, so that no entry is above `m`; the table's flag `[d = 0]`, summed over the entries, is at
//! least one, so that `m` is one of them. For `n` entries this takes two identities, `2 n + 2`
//! entries of the witness and `n + 1` lookups, whatever `n` is. A comparison of two is one identity,
//! two entries and one lookup, and its result stays pending: that is cheaper for `n = 2` only, since
//! a tree of comparisons reads parts of tensors through many views, all of which a verifier pays for.

use stwo_ml_verifier::circuit::{Arg, Axis, TensorId, Term, View};

use crate::graph::NodeId;
use crate::program::Step;
use crate::quantise::bounds::width_log;
use crate::quantise::builder::{Tag, full_view};
use crate::quantise::expr::{Expr, Sub};
use crate::quantise::lower::{Lower, Lowered};
use crate::quantise::tables::{Function, MAX_LOG};

/// A maximum that is proven to be one.
pub(super) struct Maximum {
    /// The tensor of maxima.
    pub id: TensorId,
    /// The same, without the variables over which it was taken.
    pub value: Expr,
    /// What the table gives of every difference, in the box of the operand; the flag is the last.
    pub columns: Vec<Expr>,
}

/// What the differences from a maximum are looked up in.
pub(super) struct DifferenceTable {
    /// The function, whose last output is `[key = 0]`.
    pub function: Function,
    /// Role and exponent of each output.
    pub outputs: Vec<(&'static str, i32)>,
}

impl DifferenceTable {
    /// Nothing but the flag.
    fn flag() -> Self {
        Self { function: Function::IsZero, outputs: vec![("attained", 0)] }
    }
}

impl Lower<'_> {
    /// The largest entry over some variables, which disappear.
    pub(super) fn largest(
        &mut self,
        value: &Expr,
        axes: &[usize],
        x: NodeId,
        tag: &Tag,
    ) -> Lowered<Expr> {
        let extents = |e: &Expr| axes.iter().map(|&d| e.dims[d]).product::<usize>();
        if extents(value) > 2 {
            return Ok(self.maximum(value, axes, &DifferenceTable::flag(), tag)?.value);
        }
        let kept: Vec<usize> = (0..value.dims.len()).filter(|d| !axes.contains(d)).collect();
        let dims: Vec<usize> = kept.iter().map(|&d| value.dims[d]).collect();
        let entry = |lower: &mut Self, k: i64| {
            let at = |v: usize| kept.iter().position(|&d| d == v).map(Sub::Var);
            let extent = |v: usize| value.dims[v] as i64;
            let subs: Vec<Sub> = (0..value.dims.len())
                .map(|v| at(v).unwrap_or(Sub::Fixed(k.min(extent(v) - 1))))
                .collect();
            lower.substitute(value, &dims, &subs, x)
        };
        let first = entry(self, 0)?;
        if extents(value) == 1 {
            return Ok(first);
        }
        let second = entry(self, 1)?;
        self.larger(&first, &second, tag)
    }

    /// The same for any number of entries, with what a table gives of the differences.
    pub(super) fn maximum(
        &mut self,
        value: &Expr,
        axes: &[usize],
        table: &DifferenceTable,
        tag: &Tag,
    ) -> Lowered<Maximum> {
        let reach = value.hi - value.lo;
        if width_log(0, reach) > MAX_LOG {
            return Err("a maximum of values whose interval is too wide".to_owned());
        }
        let outer: Vec<usize> = (0..value.dims.len()).filter(|d| !axes.contains(d)).collect();
        let dims: Vec<usize> = outer.iter().map(|&d| value.dims[d]).collect();
        let n: usize = axes.iter().map(|&d| value.dims[d]).product();
        let b = &mut self.builder;
        let id = b.witness(&dims, tag, value.exponent);
        let (shape, view) = self.layout_like(value);
        let b = &mut self.builder;
        let difference = b.witness(&shape, &tag.role("difference"), value.exponent);
        let view_of = |tensor: TensorId| View { tensor, ..view.clone() };
        let mut max_view = full_view(id, &dims);
        max_view.axes = outer.iter().map(|&d| Axis::Var(d as u16)).collect();
        let terms = vec![
            Term { coef: -1, view: Some(max_view) },
            Term { coef: 1, view: Some(view_of(difference)) },
        ];
        let identity = b.identity(value, terms);
        b.program.steps.push(Step::Max { identity, max: id, difference });
        b.intervals.insert(id, (value.lo.min(0), value.hi.max(0)));
        let tags: Vec<(Tag, i32)> =
            table.outputs.iter().map(|&(role, e)| (tag.role(role), e)).collect();
        let ids = b.lookup(&table.function, 0, reach, 0, Arg::tensor(difference), &shape, &tags);
        let columns: Vec<Expr> = ids
            .iter()
            .zip(table.function.intervals())
            .zip(&table.outputs)
            .map(|((&id, (lo, hi)), &(_, exponent))| Expr {
                dims: value.dims.clone(),
                linear: vec![Term { coef: 1, view: Some(view_of(id)) }],
                products: vec![],
                exponent,
                lo,
                hi,
            })
            .collect();
        let flag = columns.last().ok_or("a table without a flag")?;
        let mut order = axes.to_vec();
        order.sort_unstable();
        let count = order.iter().rev().try_fold(flag.clone(), |sum, &d| sum.sum_over(d));
        let count = b.copy(&count.ok_or("a count")?, &tag.role("count"));
        let Some((_, view)) = count.as_view() else { return Err("a count".to_owned()) };
        // The maximum is attained: once or more often.
        b.range(view.tensor, 1, width_log(0, n as i64 - 1));
        let value = Expr::tensor(id, &dims, value.exponent, value.lo, value.hi);
        Ok(Maximum { id, value, columns })
    }

    /// A shape and a view, of no tensor yet, that reads it once at each index of the box of an
    /// expression. Those of a tensor that the expression reads so, if there is one: then the two
    /// share their shape and their way of being read.
    fn layout_like(&self, value: &Expr) -> (Vec<usize>, View) {
        let reads_once = |view: &View| {
            let mut used = vec![false; value.dims.len()];
            let each = view.axes.iter().zip(&view.dims).all(|(axis, &dim)| match *axis {
                Axis::Var(v) => {
                    let v = usize::from(v);
                    value.dims[v] == dim as usize && !std::mem::replace(&mut used[v], true)
                }
                Axis::Fixed(_) => dim == 1,
                _ => false,
            });
            each && used.iter().zip(&value.dims).all(|(&used, &extent)| used || extent == 1)
        };
        let mut views = value.linear.iter().filter_map(|term| term.view.as_ref());
        match views.find(|view| reads_once(view)) {
            Some(view) => {
                let shape = &self.builder.circuit.tensors[view.tensor as usize].shape;
                (shape.iter().map(|&d| d as usize).collect(), view.clone())
            }
            None => (value.dims.clone(), full_view(0, &value.dims)),
        }
    }
}
