//! The value of an identity over its box, in exact integers (PROTOCOL §5.2).

use std::ops::Range;

use rayon::prelude::*;
use stwo_ml_verifier::circuit::{Circuit, Identity, Product, TensorId, Term, View};

use super::plan::{AxisPlan, Plan};
use super::view::{self, Fault};
use crate::gemm::{self, Factor};

/// Integers up to here are exact as `f64`.
const EXACT: u128 = 1 << 53;
/// Sums are kept below this.
const LIMIT: u128 = 1 << 63;
/// Entries that one thread takes at least.
const GRAIN: usize = 1 << 14;

/// A sum over the box of an identity, and a bound of its magnitude.
pub(super) struct Sum<'c> {
    circuit: &'c Circuit,
    values: &'c [Vec<i32>],
    dims: &'c [u32],
    /// One entry for each index of the box, row-major.
    pub entries: Vec<i64>,
    bound: u128,
}

/// The sum of all terms and products of the identity that read no tensor of `unknown`, for every
/// index of its box, row-major.
pub(crate) fn value(
    circuit: &Circuit,
    identity: &Identity,
    values: &[Vec<i32>],
    unknown: &[TensorId],
) -> Result<Vec<i64>, Fault> {
    let mut sum = Sum::new(circuit, values, &identity.dims);
    let known = |id: TensorId| !unknown.contains(&id);
    for term in &identity.linear {
        if term.view.as_ref().is_none_or(|view| known(view.tensor)) {
            sum.add_term(term)?;
        }
    }
    for product in &identity.products {
        if known(product.a.tensor) && known(product.b.tensor) {
            sum.add_product(product)?;
        }
    }
    Ok(sum.entries)
}

/// The value of one view over a box, row-major.
pub(super) fn read_view(
    circuit: &Circuit,
    values: &[Vec<i32>],
    view: &View,
    dims: &[u32],
) -> Result<Vec<i64>, Fault> {
    let mut sum = Sum::new(circuit, values, dims);
    sum.add_term(&Term { coef: 1, view: Some(view.clone()) })?;
    Ok(sum.entries)
}

impl<'c> Sum<'c> {
    /// Zero everywhere.
    pub fn new(circuit: &'c Circuit, values: &'c [Vec<i32>], dims: &'c [u32]) -> Self {
        let n = dims.iter().map(|&d| d as usize).product();
        Self { circuit, values, dims, entries: vec![0; n], bound: 0 }
    }

    /// Adds a bound of what comes next, and refuses what might overflow.
    fn grow(&mut self, by: u128) -> Result<(), Fault> {
        self.bound = self.bound.saturating_add(by);
        if self.bound < LIMIT { Ok(()) } else { Err(Fault::TooLarge) }
    }

    /// Adds a linear term.
    pub fn add_term(&mut self, term: &Term) -> Result<(), Fault> {
        let coef = term.coef;
        let Some(view) = &term.view else {
            self.grow(u128::from(coef.unsigned_abs()))?;
            self.entries.par_iter_mut().with_min_len(GRAIN).for_each(|x| *x += coef);
            return Ok(());
        };
        let plan = view::over_box(self.circuit, self.values, view, self.dims)?;
        let data = &self.values[view.tensor as usize];
        self.grow(u128::from(coef.unsigned_abs()) * bound_of(data, &plan))?;
        let entries = &mut self.entries;
        match coef {
            1 => plan.read(data, entries, |sum, x: i32| *sum += i64::from(x)),
            -1 => plan.read(data, entries, |sum, x: i32| *sum -= i64::from(x)),
            _ => plan.read(data, entries, |sum, x: i32| *sum += coef * i64::from(x)),
        }
        Ok(())
    }

    /// Adds a product.
    pub fn add_product(&mut self, product: &Product) -> Result<(), Fault> {
        let operands = Operands::new(self.circuit, self.values, product, self.dims)?;
        let repeats = u128::from(product.coef.unsigned_abs()) * operands.idle as u128;
        let sum = if operands.inner() == 1 { operands.entrywise() } else { operands.contracted() };
        let (entries, bound) = sum?;
        self.grow(repeats.saturating_mul(bound))?;
        let coef = product.coef.wrapping_mul(operands.idle as i64);
        match entries {
            Computed::Box(x) => add_scaled(&mut self.entries, &x, coef),
            Computed::Permuted(x, plan) => {
                plan.read(&x, &mut self.entries, |sum, x| *sum += coef * x as i64);
            }
            Computed::Wide(x, plan) => {
                plan.read(&x, &mut self.entries, |sum, x| *sum += coef * x);
            }
        }
        Ok(())
    }
}

fn add_scaled(sum: &mut [i64], x: &[f64], coef: i64) {
    let pairs = sum.par_chunks_mut(GRAIN).zip(x.par_chunks(GRAIN));
    pairs.for_each(|(sum, x)| sum.iter_mut().zip(x).for_each(|(s, x)| *s += coef * *x as i64));
}

/// A bound of the magnitude of what a plan reads.
fn bound_of(data: &[i32], plan: &Plan) -> u128 {
    let any = (plan.n_summed() as u128) << 31;
    if any < 1 << 32 {
        return any;
    }
    let max = data.par_iter().with_min_len(GRAIN).map(|x| x.unsigned_abs()).max().unwrap_or(0);
    u128::from(max) * plan.n_summed() as u128
}

fn largest(x: &[f64]) -> u128 {
    let max = |x: &[f64]| x.iter().fold(0.0, |max: f64, x| max.max(x.abs()));
    x.par_chunks(GRAIN).map(max).reduce(|| 0.0, f64::max) as u128
}

/// A product over the box, without its coefficient.
enum Computed {
    /// In the order of the box.
    Box(Vec<f64>),
    /// In another order; the plan reads it in that of the box.
    Permuted(Vec<f64>, Plan),
    /// The same, above `2^53`.
    Wide(Vec<i64>, Plan),
}

/// A factor: its axes, its entries, and the sums that are its own.
struct Operand<'c> {
    data: &'c [i32],
    axes: Vec<AxisPlan>,
    /// Extents of all variables, then of the sums of the view.
    extents: Vec<usize>,
    own: Vec<usize>,
}

impl<'c> Operand<'c> {
    fn uses(&self, var: usize) -> bool {
        self.axes.iter().any(|axis| axis.terms.iter().any(|(v, _)| *v == var))
    }

    /// Entries over `kept`, row-major, own sums taken; and their largest magnitude.
    fn gather(&self, kept: &[usize]) -> Result<(Vec<f64>, u128), Fault> {
        let plan = Plan::new(self.axes.clone(), &self.extents, kept, &self.own);
        if bound_of(self.data, &plan) >= EXACT {
            return Err(Fault::TooLarge);
        }
        let mut out = vec![0.0; plan.len()];
        if plan.n_summed() == 1 {
            plan.read(self.data, &mut out, |to, x| *to = f64::from(x));
        } else {
            plan.read(self.data, &mut out, |to, x| *to += f64::from(x));
        }
        let bound = largest(&out);
        Ok((out, bound))
    }

    /// Whether the innermost variable of the tensor is one of `vars`.
    fn ends_in(&self, vars: &[usize]) -> bool {
        let moves = |axis: &&AxisPlan| axis.terms.iter().any(|(v, _)| self.extents[*v] > 1);
        let last = self.axes.iter().rev().find(moves);
        last.is_some_and(|axis| axis.terms.iter().any(|(v, _)| vars.contains(v)))
    }
}

/// The two factors of a product and the roles of its variables.
struct Operands<'c> {
    a: Operand<'c>,
    b: Operand<'c>,
    n_out: usize,
    extents: Vec<usize>,
    /// Sum variables of both factors.
    shared: Vec<usize>,
    /// Product of the extents of sum variables of neither.
    idle: usize,
}

impl<'c> Operands<'c> {
    fn new(
        circuit: &Circuit,
        values: &'c [Vec<i32>],
        product: &Product,
        dims: &[u32],
    ) -> Result<Self, Fault> {
        let extents = view::sizes(&[dims, &product.sum].concat());
        let operand = |view: &View| {
            let mut extents = extents.clone();
            let axes = view::axes(circuit, values, view, &mut extents)?;
            let own = (dims.len() + product.sum.len()..extents.len()).collect();
            Ok(Operand { data: &values[view.tensor as usize], axes, extents, own })
        };
        let (mut a, mut b) = (operand(&product.a)?, operand(&product.b)?);
        let (mut shared, mut idle) = (Vec::new(), 1);
        for (var, extent) in extents.iter().enumerate().skip(dims.len()) {
            match (a.uses(var), b.uses(var)) {
                (true, true) => shared.push(var),
                (true, false) => a.own.push(var),
                (false, true) => b.own.push(var),
                (false, false) => idle *= extent,
            }
        }
        Ok(Self { a, b, n_out: dims.len(), extents, shared, idle })
    }

    fn size(&self, vars: &[usize]) -> usize {
        vars.iter().map(|&v| self.extents[v]).product()
    }

    /// Number of products that are summed for one entry.
    fn inner(&self) -> usize {
        self.size(&self.shared)
    }

    /// Without a sum over both factors: entry by entry, in the order of the box.
    fn entrywise(&self) -> Result<(Computed, u128), Fault> {
        // Shared variables have extent one here: one more loop of one step.
        let kept: Vec<usize> = (0..self.n_out).chain(self.shared.iter().copied()).collect();
        let (mut a, max_a) = self.a.gather(&kept)?;
        let (b, max_b) = self.b.gather(&kept)?;
        let bound = max_a * max_b;
        if bound < EXACT {
            let pairs = a.par_chunks_mut(GRAIN).zip(b.par_chunks(GRAIN));
            pairs.for_each(|(a, b)| a.iter_mut().zip(b).for_each(|(a, b)| *a *= b));
            return Ok((Computed::Box(a), bound));
        }
        if bound >= LIMIT {
            return Err(Fault::TooLarge);
        }
        let wide = a.iter().zip(&b).map(|(&a, &b)| a as i64 * b as i64).collect();
        Ok((Computed::Wide(wide, self.reorder(&(0..self.n_out).collect::<Vec<_>>())), bound))
    }

    /// As products of matrices `[batch][rows][inner] * [batch][inner][cols]`.
    fn contracted(&self) -> Result<(Computed, u128), Fault> {
        let (mut a, mut b) = (&self.a, &self.b);
        // The last variable of the box belongs to the columns, so that the result is in its order.
        let last = (0..self.n_out).rev().find(|&v| self.extents[v] > 1);
        if last.is_some_and(|v| a.uses(v) && !b.uses(v)) {
            (a, b) = (b, a);
        }
        let pick = |in_a, in_b| -> Vec<usize> {
            (0..self.n_out).filter(|&v| a.uses(v) == in_a && b.uses(v) == in_b).collect()
        };
        let (batch, rows, cols) = (pick(true, true), pick(true, false), pick(false, true));
        let [n, m, k, c] = [&batch, &rows, &self.shared, &cols].map(|vars| self.size(vars));
        let a_by_row = !a.ends_in(&rows);
        let b_by_row = b.ends_in(&cols);
        let order = |by_row: bool, rows: &[usize], cols: &[usize]| {
            if by_row { [&batch, rows, cols].concat() } else { [&batch, cols, rows].concat() }
        };
        let (a, max_a) = a.gather(&order(a_by_row, &rows, &self.shared))?;
        let (b, max_b) = b.gather(&order(b_by_row, &self.shared, &cols))?;
        let factor = |data, by_row, [rows, cols]: [usize; 2]| {
            if by_row {
                Factor::row_major(data, rows, cols)
            } else {
                Factor::transposed(data, cols, rows)
            }
        };
        let (fa, fb) = (factor(&a, a_by_row, [m, k]), factor(&b, b_by_row, [k, c]));
        let bound = (max_a * max_b).saturating_mul(k as u128);
        let order = [&batch[..], &rows, &cols].concat();
        if bound < EXACT {
            let mut out = vec![0.0; n * m * c];
            gemm::batched([n, m, k, c], fa, fb, &mut out);
            if self.is_box_order(&order) {
                return Ok((Computed::Box(out), bound));
            }
            return Ok((Computed::Permuted(out, self.reorder(&order)), bound));
        }
        if bound >= LIMIT {
            return Err(Fault::TooLarge);
        }
        Ok((Computed::Wide(exact([n, m, k, c], fa, fb), self.reorder(&order)), bound))
    }

    /// Whether `order` has all variables of the box that matter, in order.
    fn is_box_order(&self, order: &[usize]) -> bool {
        let matters = |v: &usize| self.extents[*v] > 1;
        order.iter().copied().filter(matters).eq((0..self.n_out).filter(matters))
    }

    /// Reads what is laid out in `order` in the order of the box.
    fn reorder(&self, order: &[usize]) -> Plan {
        let mut stride = 1;
        let axis = |&var: &usize| {
            let axis = AxisPlan::var(var, self.extents[var], stride);
            stride *= self.extents[var];
            axis
        };
        let axes = order.iter().rev().map(axis).collect();
        let kept: Range<usize> = 0..self.n_out;
        Plan::new(axes, &self.extents, &kept.collect::<Vec<_>>(), &[])
    }
}

/// The product of matrices whose sums are not exact in `f64`.
fn exact([n, m, k, c]: [usize; 4], a: Factor<'_>, b: Factor<'_>) -> Vec<i64> {
    let entry = |at: usize| {
        let (batch, i, j) = (at / (m * c), at / c % m, at % c);
        let (a0, b0) =
            (batch * a.stride[0] + i * a.stride[1], batch * b.stride[0] + j * b.stride[2]);
        let product =
            |l: usize| a.data[a0 + l * a.stride[2]] as i64 * b.data[b0 + l * b.stride[1]] as i64;
        (0..k).map(product).sum()
    };
    (0..n * m * c).into_par_iter().map(entry).collect()
}
