//! Well-formedness of a descriptor: after [`Circuit::validate`] nothing in the verifier can index
//! out of bounds or overflow, and what it allocates and enumerates is bounded: by the size of the
//! descriptor and of the statement, and by the constants of `circuit`.

use std::cell::Cell;

use crate::circuit::{
    Arg, Axis, Circuit, Identity, Kind, Lookup, MAX_ENUMERATED, MAX_LIST, MAX_LOG_LOOKUP_TABLE,
    MAX_LOG_TABLE, MAX_LOG_TENSOR, MAX_TOTAL_ENUMERATED, MAX_TOTAL_SHARED, MAX_TOTAL_TERMS,
    MAX_VARS, Source, View, log_ceil,
};
use crate::error::CircuitError;
use crate::field::P;
use crate::padding::reads_padding;

type Check = Result<(), &'static str>;

impl Circuit {
    /// Checks every bound and cross-reference.
    ///
    /// # Errors
    /// Names the first component that is malformed, and why.
    pub fn validate(&self) -> Result<(), CircuitError> {
        for (what, got) in [
            ("tensors", self.tensors.len()),
            ("tables", self.tables.len()),
            ("lookups", self.lookups.len()),
            ("identities", self.identities.len()),
        ] {
            if got > MAX_LIST {
                return Err(CircuitError::TooMany { what, got, max: MAX_LIST });
            }
        }
        self.check_n_terms()?;
        self.check_n_numbers()?;
        each("tensor", &self.tensors, |t| {
            if t.shape.len() > 16 || t.shape.contains(&0) {
                return Err("more than 16 dimensions, or an empty one");
            }
            if t.shape.iter().map(|&d| u64::from(log_ceil(d))).sum::<u64>()
                > u64::from(MAX_LOG_TENSOR)
            {
                return Err("too large");
            }
            match t.kind {
                Kind::Input { lo, hi } | Kind::Output { lo, hi }
                    if lo > hi || lo.unsigned_abs() >= P / 2 || hi.unsigned_abs() >= P / 2 =>
                {
                    Err("empty or too wide interval")
                }
                Kind::Input { .. } | Kind::Output { .. } | Kind::Model | Kind::Witness => Ok(()),
            }
        })?;
        each("table", &self.tables, |t| {
            if t.log_size > MAX_LOG_LOOKUP_TABLE || t.lo.unsigned_abs() >= P / 2 {
                return Err("too large");
            }
            if t.outputs.len() > 2 {
                return Err("more than two outputs");
            }
            for &id in &t.outputs {
                self.sized(id, Kind::Model, t.log_size)?;
            }
            self.sized(t.multiplicity, Kind::Witness, t.log_size)
        })?;
        each("lookup", &self.lookups, |l| {
            let table = self.tables.get(l.table as usize).ok_or("no such table")?;
            if l.values.len() != table.outputs.len() {
                return Err("as many values as the table has outputs are needed");
            }
            let first = l.key.terms.first().ok_or("an argument without terms")?.1;
            let log_size = self.tensors.get(first as usize).ok_or("no such tensor")?.log_size();
            std::iter::once(&l.key).chain(&l.values).try_for_each(|a| self.check_arg(a, log_size))
        })?;
        let work = Cell::new(0);
        each("identity", &self.identities, |i| self.check_identity(i, &work))?;
        self.check_totals()?;
        self.check_uses()
    }

    /// Views, with those of products.
    fn views(&self) -> impl Iterator<Item = &View> {
        self.identities.iter().flat_map(Identity::views)
    }

    fn check_n_terms(&self) -> Result<(), CircuitError> {
        let arg = |a: &Arg| a.terms.len();
        let lookup = |l: &Lookup| arg(&l.key) + l.values.iter().map(arg).sum::<usize>();
        let got =
            self.identities.iter().map(|i| i.linear.len() + 2 * i.products.len()).sum::<usize>()
                + self.lookups.iter().map(lookup).sum::<usize>();
        if got as u64 > MAX_TOTAL_TERMS {
            return Err(too_many("terms", got as u64, MAX_TOTAL_TERMS));
        }
        Ok(())
    }

    /// What an encoding shares, and a reader does not.
    fn check_n_numbers(&self) -> Result<(), CircuitError> {
        let shapes = self.tensors.iter().map(|t| t.shape.len() as u64);
        let views = self.views().map(|v| View::n_numbers(&v.dims, &v.axes));
        let got = shapes.chain(views).sum::<u64>();
        if got > MAX_TOTAL_SHARED {
            return Err(too_many("shapes and views", got, MAX_TOTAL_SHARED));
        }
        Ok(())
    }

    /// Multiplicities belong to one table and to nothing else; every output is read.
    fn check_uses(&self) -> Result<(), CircuitError> {
        let fail = |what, index, reason| Err(CircuitError::Malformed { what, index, reason });
        let mut counts = vec![false; self.tensors.len()];
        for (index, table) in self.tables.iter().enumerate() {
            let counted = counts.get_mut(table.multiplicity as usize);
            if counted.is_none_or(|counted| std::mem::replace(counted, true)) {
                return fail("table", index, "a multiplicity of two tables");
            }
        }
        let args = |l: &Lookup| {
            std::iter::once(&l.key)
                .chain(&l.values)
                .flat_map(|a| &a.terms)
                .any(|t| is(&counts, t.1 as usize))
        };
        if let Some(index) = self.lookups.iter().position(args) {
            return fail("lookup", index, "a multiplicity as an argument");
        }
        let mut read = vec![false; self.tensors.len()];
        for view in self.views() {
            read.get_mut(view.tensor as usize).into_iter().for_each(|read| *read = true);
        }
        for (index, tensor) in self.tensors.iter().enumerate() {
            if is(&counts, index) && is(&read, index) {
                return fail("tensor", index, "a multiplicity in an identity");
            }
            if matches!(tensor.kind, Kind::Output { .. }) && !is(&read, index) {
                return fail("tensor", index, "an output that no identity reads");
            }
        }
        Ok(())
    }

    /// Sums that must stay below `p` or below the sizes that the field and the code allow.
    fn check_totals(&self) -> Result<(), CircuitError> {
        let total = |what, reason, sizes: &mut dyn Iterator<Item = u32>, max: u64| {
            if sizes.map(|s| 1u64 << s).sum::<u64>() > max {
                return Err(CircuitError::Malformed { what, index: 0, reason });
            }
            Ok(())
        };
        for (what, kind) in [("model table", Kind::Model), ("witness table", Kind::Witness)] {
            total(
                what,
                "too large",
                &mut self.tensors.iter().filter(|t| t.kind == kind).map(|t| t.log_size()),
                1 << MAX_LOG_TABLE,
            )?;
        }
        if self.lookups.is_empty() || self.identities.is_empty() {
            return Err(CircuitError::Malformed {
                what: "circuit",
                index: 0,
                reason: "at least one lookup and one identity are needed",
            });
        }
        // The count of lookups per table must not wrap modulo p (PROTOCOL §5.1).
        let key = |l: &Lookup| l.key.terms.first().map_or(0, |&(_, id)| self.tensor(id).log_size());
        total(
            "lookup stack",
            "too many lookups",
            &mut self.lookups.iter().map(key).chain(self.tables.iter().map(|t| t.log_size)),
            1 << MAX_LOG_TABLE,
        )
    }

    fn sized(&self, id: u32, kind: Kind, log_size: u32) -> Check {
        let tensor = self.tensors.get(id as usize).ok_or("no such tensor")?;
        if tensor.kind != kind {
            return Err("a tensor of another kind is needed");
        }
        if tensor.log_size() != log_size {
            return Err("a tensor of another size is needed");
        }
        Ok(())
    }

    fn check_arg(&self, arg: &Arg, log_size: u32) -> Check {
        if arg.terms.is_empty() || arg.terms.len() > 16 {
            return Err("an argument has 1 to 16 terms");
        }
        check_coef(arg.constant)?;
        arg.terms.iter().try_for_each(|&(coef, id)| {
            check_factor(coef)?;
            self.sized(id, Kind::Witness, log_size)
        })
    }

    /// `work` sums what a verifier enumerates to evaluate all views.
    fn check_identity(&self, identity: &Identity, work: &Cell<u64>) -> Check {
        check_extents(&identity.dims)?;
        if identity.linear.len() > MAX_LIST || identity.products.len() > MAX_LIST {
            return Err("too many terms");
        }
        for term in &identity.linear {
            check_factor(term.coef)?;
            if let Some(view) = &term.view {
                self.check_view(view, &identity.dims, work)?;
            }
        }
        for product in &identity.products {
            check_factor(product.coef)?;
            // The outer and the summed box are bounded each: no point or table spans both.
            check_extents(&product.sum)?;
            let extents = [&identity.dims[..], &product.sum[..]].concat();
            if extents.len() > MAX_VARS {
                return Err("more than 31 variables");
            }
            let a = self.check_view(&product.a, &extents, work)?;
            let b = self.check_view(&product.b, &extents, work)?;
            if (identity.dims.len()..extents.len()).any(|v| !is(&a, v) && !is(&b, v)) {
                return Err("a sum variable that no factor uses");
            }
        }
        Ok(())
    }

    /// Which variables the view uses.
    fn check_view(
        &self,
        view: &View,
        extents: &[u32],
        work: &Cell<u64>,
    ) -> Result<Vec<bool>, &'static str> {
        let tensor = self.tensors.get(view.tensor as usize).ok_or("no such tensor")?;
        check_extents(&view.dims)?;
        if view.axes.len() != view.dims.len() {
            return Err("as many axes as dimensions are needed");
        }
        if view.dims.iter().map(|&d| log_ceil(d)).sum::<u32>() != tensor.log_size() {
            return Err("a view with another size than its tensor");
        }
        if matches!(tensor.kind, Kind::Input { .. } | Kind::Output { .. }) {
            // Finding a public tensor takes as many steps as there are tensors before it.
            spend(work, (1 << tensor.log_size()) + u64::from(view.tensor))?;
        }
        let mut used = vec![false; extents.len()];
        let mut take = |var: u16| -> Result<u32, &'static str> {
            let slot = used.get_mut(usize::from(var)).ok_or("no such variable")?;
            if std::mem::replace(slot, true) {
                return Err("a variable that occurs twice in a view");
            }
            extents.get(usize::from(var)).copied().ok_or("no such variable")
        };
        for (axis, &dim) in view.axes.iter().zip(&view.dims) {
            match axis {
                Axis::Var(var) => {
                    if log_ceil(take(*var)?) > log_ceil(dim) {
                        return Err("a variable with more bits than the dimension it indexes");
                    }
                }
                Axis::Sum => {}
                Axis::Fixed(index) if *index < dim => {}
                Axis::Fixed(_) => return Err("a fixed index outside its dimension"),
                Axis::Affine { terms, offset } => {
                    let mut reached = 1u64;
                    let mut bound = u64::from(offset.unsigned_abs());
                    if terms.len() > 8 {
                        return Err("an affine axis with more than 8 terms");
                    }
                    for term in terms {
                        let extent = match term.source {
                            Source::Var(var) => take(var)?,
                            Source::Sum(extent) if extent > 0 => extent,
                            Source::Sum(_) => return Err("an empty sum"),
                        };
                        reached = reached.saturating_mul(u64::from(extent));
                        let stride = u64::from(term.stride.unsigned_abs());
                        bound = bound.saturating_add(stride.saturating_mul(u64::from(extent)));
                        if reached > MAX_ENUMERATED || bound >= 1 << 40 {
                            return Err("an affine axis that enumerates too much");
                        }
                    }
                    enumerate(work, reached, dim)?;
                }
                Axis::Map { var, map } => {
                    if take(*var)? as usize != map.len() {
                        return Err("a map with another length than its variable");
                    }
                    if map.iter().any(|&q| q != Axis::NOWHERE && q >= dim) {
                        return Err("a map to outside its dimension");
                    }
                    enumerate(work, map.len() as u64, dim)?;
                }
                Axis::Public { var, tensor } => {
                    let extent = take(*var)?;
                    let source = self.tensors.get(*tensor as usize).ok_or("no such tensor")?;
                    let Kind::Input { lo, hi } = source.kind else {
                        return Err("public indices that are not an input");
                    };
                    if lo < 0 || i64::from(hi) >= i64::from(dim) {
                        return Err("public indices outside the dimension");
                    }
                    if source.n_entries() != u64::from(extent) {
                        return Err("as many public indices as the variable's extent are needed");
                    }
                    enumerate(work, u64::from(extent), dim)?;
                    spend(work, u64::from(*tensor))?;
                }
            }
        }
        let committed = matches!(tensor.kind, Kind::Model | Kind::Witness);
        if committed && reads_padding(self, view, extents) {
            return Err("a view that reads padding of a committed tensor");
        }
        Ok(used)
    }
}

fn too_many(what: &'static str, got: u64, max: u64) -> CircuitError {
    let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    CircuitError::TooMany { what, got: count(got), max: count(max) }
}

fn each<T>(what: &'static str, items: &[T], f: impl Fn(&T) -> Check) -> Result<(), CircuitError> {
    items.iter().enumerate().try_for_each(|(index, item)| {
        f(item).map_err(|reason| CircuitError::Malformed { what, index, reason })
    })
}

/// An axis that spells out `values` values and a weight for each of `dim` indices.
fn enumerate(work: &Cell<u64>, values: u64, dim: u32) -> Check {
    if values.max(u64::from(dim)) > MAX_ENUMERATED {
        return Err("an axis that enumerates too much");
    }
    spend(work, values + u64::from(dim))
}

fn spend(work: &Cell<u64>, steps: u64) -> Check {
    work.set(work.get().saturating_add(steps));
    if work.get() > MAX_TOTAL_ENUMERATED {
        return Err("all views together enumerate too much");
    }
    Ok(())
}

/// Whether a list has `true` at an index.
fn is(list: &[bool], index: usize) -> bool {
    list.get(index) == Some(&true)
}

/// A coefficient that multiplies something.
fn check_factor(coef: i64) -> Check {
    if coef == 0 { Err("a coefficient of zero") } else { check_coef(coef) }
}

fn check_coef(coef: i64) -> Check {
    if coef.unsigned_abs() < u64::from(P) { Ok(()) } else { Err("a coefficient outside the field") }
}

fn check_extents(extents: &[u32]) -> Check {
    if extents.len() > MAX_VARS || extents.contains(&0) {
        return Err("more than 31 variables, or an empty one");
    }
    if extents.iter().map(|&d| u64::from(log_ceil(d))).sum::<u64>() > u64::from(MAX_LOG_TENSOR) {
        return Err("a box that is too large");
    }
    Ok(())
}

#[cfg(test)]
#[path = "validate_test.rs"]
mod tests;
