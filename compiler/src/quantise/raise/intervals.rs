//! Which splits keep their parts in their tables when the boxes of their identities are raised
//! (PROTOCOL §2: bounds come from enforced ranges).
//!
//! Intervals of tensors hold for all entries, padding included: those of the tables that they are
//! looked up in, of the tables' outputs, of committed entries, of public ones; what an identity
//! merely copies is bounded by arithmetic. Every view of a witness or public tensor may read zero.

use std::collections::{BTreeMap, BTreeSet};

use stwo_ml_verifier::circuit::{
    Arg, Axis, Circuit, Identity, Kind, Product, Source, TensorId, View,
};

use super::whole;
use crate::execute::{Plan, pad, view};
use crate::program::{Compiled, Step};
use crate::quantise::bounds::LIMIT;

type Interval = (i64, i64);

/// Above so many entries the entries of a model tensor count by their interval alone.
const MAX_EXACT: usize = 1 << 24;

/// The identities of splits whose results are in their tables, whatever the inputs and at
/// any index of a raised box; with the tensors that they must read at all of these indices.
pub(super) fn fitting(compiled: &Compiled) -> BTreeMap<u32, Vec<TensorId>> {
    let mut known = Known::new(compiled);
    let mut fits = BTreeMap::new();
    for step in &compiled.program.steps {
        match step {
            Step::Split { identity, parts } => {
                fits.extend(known.split(*identity, parts).map(|whole| (*identity, whole)));
            }
            Step::Max { identity, max, difference } => {
                known.maximum(*identity, *max, *difference);
            }
            Step::Divide { .. } | Step::Lookup { .. } | Step::Scale { .. } => {}
        }
    }
    fits
}

/// What is known of the entries of tensors.
struct Known<'c> {
    compiled: &'c Compiled,
    /// Intervals of all entries.
    tensors: BTreeMap<TensorId, Interval>,
    /// Tensors of keys of several terms that intervals do not show to be in their tables, and those
    /// from which they are looked up.
    loose: BTreeSet<TensorId>,
}

impl<'c> Known<'c> {
    fn new(compiled: &'c Compiled) -> Self {
        let mut known = Self { compiled, tensors: BTreeMap::new(), loose: BTreeSet::new() };
        let circuit = &compiled.circuit;
        for (id, tensor) in circuit.tensors.iter().enumerate() {
            if let Some((lo, hi)) = tensor.kind.interval() {
                known.tensors.insert(id as TensorId, (i64::from(lo), i64::from(hi)));
            } else if tensor.kind == Kind::Model {
                known.tensors.insert(id as TensorId, span(&compiled.model[id]));
            }
        }
        for lookup in &circuit.lookups {
            let table = &circuit.tables[lookup.table as usize];
            if let [(coef, id)] = lookup.key.terms[..] {
                let lo = i64::from(table.lo) - lookup.key.constant;
                let hi = lo + (1 << table.log_size) - 1;
                match coef {
                    1 => known.narrow(id, (lo, hi)),
                    -1 => known.narrow(id, (-hi, -lo)),
                    _ => {}
                }
            }
            for (value, &output) in lookup.values.iter().zip(&table.outputs) {
                if let [(1, id)] = value.terms[..] {
                    let (lo, hi) = span(&compiled.model[output as usize]);
                    known.narrow(id, (lo - value.constant, hi - value.constant));
                }
            }
        }
        for lookup in &circuit.lookups {
            let table = &circuit.tables[lookup.table as usize];
            let (lo, hi) = (i64::from(table.lo), i64::from(table.lo) + (1 << table.log_size) - 1);
            let simple = matches!(lookup.key.terms[..], [(1 | -1, _)]);
            let inside = known.argument(&lookup.key).is_some_and(|(a, b)| lo <= a && b <= hi);
            if !simple && !inside {
                known.loosen(&lookup.key);
            }
        }
        known
    }

    /// The tensors of a key are loose, and with what is looked up the keys that it is looked up with.
    fn loosen(&mut self, key: &Arg) {
        for &(_, id) in &key.terms {
            if self.loose.insert(id) {
                let gives = |value: &Arg| value.terms.iter().any(|t| t.1 == id);
                let circuit = &self.compiled.circuit;
                let lookups = circuit.lookups.iter().filter(|l| l.values.iter().any(gives));
                lookups.for_each(|l| self.loosen(&l.key));
            }
        }
    }

    fn narrow(&mut self, id: TensorId, (lo, hi): Interval) {
        let of = self.tensors.entry(id).or_insert((lo, hi));
        *of = (of.0.max(lo), of.1.min(hi));
    }

    /// The interval of a key.
    fn argument(&self, arg: &Arg) -> Option<Interval> {
        let start = Some((arg.constant, arg.constant));
        arg.terms.iter().fold(start, |sum, &(coef, id)| {
            Some(plus_both(sum?, scale(*self.tensors.get(&id)?, coef)))
        })
    }

    /// A split fits if its first part does, since the others are remainders.
    fn split(&mut self, index: u32, parts: &[(TensorId, i64)]) -> Option<Vec<TensorId>> {
        let identity = &self.compiled.circuit.identities[index as usize];
        let whole: Vec<TensorId> = parts.iter().map(|p| p.0).collect();
        let (lo, hi) = self.value(identity, &whole)?;
        let &(first, radix) = parts.first()?;
        let (low, high) = (lo.div_euclid(radix), hi.div_euclid(radix));
        let small = lo.abs().max(hi.abs()) + radix < LIMIT;
        let loose = whole.iter().any(|id| self.loose.contains(id));
        if !small || loose || !self.takes(first, low, high) {
            return None;
        }
        self.computed(first, (low, high));
        whole.iter().all(|id| self.tensors.contains_key(id)).then_some(whole)
    }

    /// A maximum is one of its entries, a difference of two of them what separates them at most. Its
    /// identity is not raised: groups would have other members, or be new ones without any.
    fn maximum(&mut self, index: u32, max: TensorId, difference: TensorId) {
        let identity = &self.compiled.circuit.identities[index as usize];
        if let Some((lo, hi)) = self.value(identity, &[max, difference]) {
            self.computed(max, (lo, hi));
            self.computed(difference, (0, hi - lo));
        }
    }

    /// What an identity computes, and its padding, bound a tensor that no table bounds.
    fn computed(&mut self, id: TensorId, (lo, hi): Interval) {
        let padding = i64::from(self.compiled.program.padding[id as usize]);
        self.tensors.entry(id).or_insert((lo.min(padding), hi.max(padding)));
    }

    /// Whether a tensor may have entries in `lo..=hi`, as far as lookups of it alone go.
    fn takes(&self, id: TensorId, lo: i64, hi: i64) -> bool {
        self.tensors.get(&id).is_none_or(|of| of.0 <= lo && hi <= of.1)
    }

    /// The interval of the value of an identity without the tensors that it defines, at any index of
    /// its raised box, if that of every partial sum is small.
    fn value(&self, identity: &Identity, unknown: &[TensorId]) -> Option<Interval> {
        let mut sum = Sums::new(self.compiled, identity)?;
        for term in &identity.linear {
            let Some(view) = &term.view else {
                sum.add(|_| (term.coef, term.coef))?;
                continue;
            };
            if unknown.contains(&view.tensor) {
                continue;
            }
            if let Some([plus, minus]) = sum.model(view, &[]) {
                sum.add(|i| scale((plus[i] + minus[i], plus[i] + minus[i]), term.coef))?;
            } else {
                let all = scale(self.read(view)?, term.coef.checked_mul(n_summed(view)?)?);
                sum.add(|_| all)?;
            }
        }
        for product in &identity.products {
            if [&product.a, &product.b].into_iter().any(|v| unknown.contains(&v.tensor)) {
                return None;
            }
            self.add_product(&mut sum, product)?;
        }
        Some(sum.interval())
    }

    /// Adds a product: of committed entries, the positive and the negative ones count with the
    /// interval of what they multiply.
    fn add_product(&self, sum: &mut Sums<'_>, product: &Product) -> Option<()> {
        let (mut model, mut other) = (&product.b, &product.a);
        if !self.is_model(model) {
            (model, other) = (other, model);
        }
        let x = self.read(other)?;
        let coef = product.coef.checked_mul(n_summed(other)?)?;
        if let Some([plus, minus]) = sum.model(model, &product.sum) {
            let n_out = sum.dims.len();
            let used = |j: &usize| uses(model, n_out + j);
            let idle = (0..product.sum.len()).filter(|j| !used(j)).map(|j| product.sum[j]);
            let coef = coef.checked_mul(count(idle)?)?;
            return sum.add(|i| scale(plus_both(scale(x, plus[i]), scale(x, minus[i])), coef));
        }
        let n = count(product.sum.iter().copied())?.checked_mul(n_summed(model)?)?;
        let y = self.read(model)?;
        let (a, b) = (scale(x, y.0), scale(x, y.1));
        let all = scale((a.0.min(b.0), a.1.max(b.1)), coef.checked_mul(n)?);
        sum.add(|_| all)
    }

    fn is_model(&self, view: &View) -> bool {
        self.compiled.circuit.tensors[view.tensor as usize].kind == Kind::Model
    }

    /// What a view reads, zero included.
    fn read(&self, view: &View) -> Option<Interval> {
        self.tensors.get(&view.tensor).map(|&(lo, hi)| (lo.min(0), hi.max(0)))
    }
}

/// The intervals of an identity's partial sums. They differ along the variables that committed
/// entries depend on, which run over the raised box; along all others they are the same.
struct Sums<'c> {
    compiled: &'c Compiled,
    /// Extents of the variables of the box, one where nothing differs.
    dims: Vec<usize>,
    entries: Vec<Interval>,
}

impl<'c> Sums<'c> {
    /// `None` if the box is too large.
    fn new(compiled: &'c Compiled, identity: &Identity) -> Option<Self> {
        let model = |view: &&View| is_exact(&compiled.circuit, view);
        let depends = |var: usize| identity.views().filter(model).any(|view| uses(view, var));
        let dims: Vec<usize> = identity
            .dims
            .iter()
            .enumerate()
            .map(|(var, &d)| if depends(var) { whole(d) as usize } else { 1 })
            .collect();
        let n =
            dims.iter().try_fold(1usize, |n, &d| n.checked_mul(d)).filter(|&n| n <= MAX_EXACT)?;
        Some(Self { compiled, dims, entries: vec![(0, 0); n] })
    }

    /// The sums of the positive and of the negative entries that a view of a model tensor reads, for
    /// each index; `None` if they are not known.
    fn model(&self, view: &View, sum: &[u32]) -> Option<[Vec<i64>; 2]> {
        let (compiled, id) = (self.compiled, view.tensor as usize);
        if !is_exact(&compiled.circuit, view) {
            return None;
        }
        let mut values = vec![vec![]; compiled.circuit.tensors.len()];
        values[id] = pad(&compiled.model[id], &compiled.circuit.tensors[id].shape, 0)?;
        let n_out = self.dims.len();
        let mut extents = self.dims.clone();
        extents.extend(sum.iter().map(|&d| d as usize));
        let axes = view::axes(&compiled.circuit, &values, view, &mut extents).ok()?;
        let summed: Vec<usize> =
            (n_out..extents.len()).filter(|&v| v >= n_out + sum.len() || uses(view, v)).collect();
        let kept: Vec<usize> = (0..n_out).collect();
        let plan = Plan::new(axes, &extents, &kept, &summed);
        let read = |part: fn(i32) -> i32| {
            let mut sums = vec![0i64; plan.len()];
            plan.read(&values[id], &mut sums, |to, x| *to += i64::from(part(x)));
            sums
        };
        Some([read(|x| x.max(0)), read(|x| x.min(0))])
    }

    /// Adds an interval for each index; `None` if a partial sum may be large.
    fn add(&mut self, of: impl Fn(usize) -> Interval) -> Option<()> {
        for (i, entry) in self.entries.iter_mut().enumerate() {
            *entry = plus_both(*entry, of(i));
            if entry.0 <= -LIMIT || entry.1 >= LIMIT {
                return None;
            }
        }
        Some(())
    }

    fn interval(&self) -> Interval {
        let (first, rest) = self.entries.split_first().expect("a box has an index");
        rest.iter().fold(*first, |all, x| (all.0.min(x.0), all.1.max(x.1)))
    }
}

/// Whether a view reads known entries at known places.
fn is_exact(circuit: &Circuit, view: &View) -> bool {
    let known = |axis: &Axis| !matches!(axis, Axis::Map { .. } | Axis::Public { .. });
    circuit.tensors[view.tensor as usize].kind == Kind::Model && view.axes.iter().all(known)
}

fn uses(view: &View, var: usize) -> bool {
    let is = |v: u16| usize::from(v) == var;
    view.axes.iter().any(|axis| match axis {
        Axis::Var(v) | Axis::Map { var: v, .. } | Axis::Public { var: v, .. } => is(*v),
        Axis::Affine { terms, .. } => {
            terms.iter().any(|t| matches!(t.source, Source::Var(v) if is(v)))
        }
        Axis::Sum | Axis::Fixed(_) => false,
    })
}

/// How many entries a view sums on its own, at most.
fn n_summed(view: &View) -> Option<i64> {
    let sums = view.axes.iter().zip(&view.dims).flat_map(|(axis, &dim)| match axis {
        Axis::Sum => vec![dim],
        Axis::Affine { terms, .. } => terms
            .iter()
            .filter_map(|t| match t.source {
                Source::Sum(extent) => Some(extent),
                Source::Var(_) => None,
            })
            .collect(),
        Axis::Var(_) | Axis::Fixed(_) | Axis::Map { .. } | Axis::Public { .. } => vec![],
    });
    count(sums)
}

/// The product of extents.
fn count(mut extents: impl Iterator<Item = u32>) -> Option<i64> {
    extents.try_fold(1i64, |n, d| n.checked_mul(i64::from(d)))
}

/// The interval of the entries.
fn span(entries: &[i32]) -> Interval {
    let lo = entries.iter().copied().min().unwrap_or(0);
    let hi = entries.iter().copied().max().unwrap_or(0);
    (i64::from(lo), i64::from(hi))
}

fn plus_both(x: Interval, y: Interval) -> Interval {
    (x.0.saturating_add(y.0), x.1.saturating_add(y.1))
}

fn scale(x: Interval, by: i64) -> Interval {
    let (a, b) = (x.0.saturating_mul(by), x.1.saturating_mul(by));
    (a.min(b), a.max(b))
}
