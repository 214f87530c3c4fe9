//! Committing and rearranging pending values.

use super::bounds::{Format, LIMIT, Range, round_clamp, scale, width_log};
use super::builder::Tag;
use super::expr::{Expr, Sub};
use super::lower::{Lower, Lowered};
use super::requantise::Map;
use crate::graph::{Array, NodeId};

impl Lower<'_> {
    /// An array as a committed constant with `bits` bits (exact if they are integers that fit).
    pub fn constant(&mut self, array: &Array, bits: u32, tag: &Tag) -> Expr {
        let range = Range::of(array.data.iter().copied());
        let integers = array.data.iter().all(|x| libm::floor(*x) == *x && x.abs() < 65536.0);
        let exponent =
            if integers { 0 } else { super::bounds::exponent_for(range.max_abs().max(1e-9), bits) };
        self.constant_at(array, exponent, tag)
    }

    /// An array as a committed constant at an exponent; entries beyond the bound saturate.
    pub fn constant_at(&mut self, array: &Array, exponent: i32, tag: &Tag) -> Expr {
        let max = LIMIT / 4;
        let entries: Vec<i32> =
            array.data.iter().map(|&x| round_clamp(scale(x, exponent), -max, max) as i32).collect();
        if let Some(&first) = entries.first()
            && entries.iter().all(|&q| q == first)
        {
            return Expr::scalar(&array.shape, exponent, i64::from(first));
        }
        self.builder.constant_expr(&array.shape, entries, &tag.role("constant"), exponent)
    }

    /// Commits a pending value of node `i`: exactly where it is narrow, else requantised.
    pub fn settle(&mut self, i: NodeId, value: &Expr) -> Lowered<Expr> {
        self.settle_as(value, self.is_exact(i), self.format(i), &self.tag(i))
    }

    /// Commits a pending value in a format, or exactly.
    pub fn settle_as(
        &mut self,
        value: &Expr,
        exact: bool,
        format: Format,
        tag: &Tag,
    ) -> Lowered<Expr> {
        let fits = exact || width_log(value.lo, value.hi) <= self.sizes.bits + 3;
        if fits && value.as_view().is_some_and(|(coef, _)| coef == 1) {
            return Ok(value.clone());
        }
        let narrow = width_log(value.lo, value.hi) <= self.sizes.bits + 1;
        if exact || narrow {
            if value.bound() >= LIMIT {
                return Err(format!("integers of {}..={} are too wide", value.lo, value.hi));
            }
            return Ok(self.builder.copy(value, tag));
        }
        self.builder.requantise(value, &Map::Wide(format), self.sizes, tag)
    }

    /// The operand as one view with coefficient one, within the bits of an activation. What is
    /// committed here serves later consumers too.
    pub fn factor(&mut self, i: NodeId) -> Lowered<Expr> {
        let value = self.value(i)?;
        if value.bound() == 0 {
            return Ok(value);
        }
        let wide = width_log(value.lo, value.hi) > self.sizes.bits + 3 && !self.is_exact(i);
        let settled = match value.as_view() {
            Some((1, _)) if !wide => return Ok(value),
            Some(_) if wide => {
                let (format, tag) = (self.format(i), self.tag(i));
                self.builder.requantise(&value, &Map::Clip(format), self.sizes, &tag)?
            }
            _ => self.settle(i, &value)?,
        };
        self.values[i] = Some(settled.clone());
        Ok(settled)
    }

    /// Replaces the variables, through a copy where there is no other way.
    pub fn substitute(
        &mut self,
        value: &Expr,
        dims: &[usize],
        subs: &[Sub],
        i: NodeId,
    ) -> Lowered<Expr> {
        if let Some(done) = value.substitute(dims, subs) {
            return Ok(done);
        }
        let copy = self.duplicate(value, i)?;
        copy.substitute(dims, subs).ok_or_else(|| "this way of reading a tensor".to_owned())
    }

    /// A tensor of its own, even where the value is one view already. `i` gives the format.
    pub fn duplicate(&mut self, value: &Expr, i: NodeId) -> Lowered<Expr> {
        let tag = self.tag(i).role("copy");
        if value.bound() < LIMIT
            && (self.is_exact(i) || width_log(value.lo, value.hi) <= self.sizes.bits + 3)
        {
            return Ok(self.builder.copy(value, &tag));
        }
        let format = self.format(i);
        let tag = tag.role("narrow");
        self.builder.requantise(value, &Map::Clip(format), self.sizes, &tag)
    }

    /// The same entries in row-major order, another shape.
    pub fn reshape(&mut self, value: &Expr, shape: &[usize], i: NodeId) -> Lowered<Expr> {
        if value.dims == shape {
            return Ok(value.clone());
        }
        let mut value = match value.squeeze() {
            Some(v) => v,
            None => self.duplicate(value, i)?.squeeze().ok_or("a shape of one entry")?,
        };
        let new: Vec<usize> = shape.iter().copied().filter(|&d| d != 1).collect();
        let (mut at, mut done) = (0, 0);
        while done < new.len() {
            // The smallest block of equal size on both sides.
            let (mut n_old, mut n_new) = (1, 1);
            let (mut a, mut b) = (value.dims[at], new[done]);
            while a != b {
                if a < b {
                    a *= value.dims[at + n_old];
                    n_old += 1;
                } else {
                    b *= new[done + n_new];
                    n_new += 1;
                }
            }
            if (n_old, n_new) != (1, 1) {
                let merged = match value.merge(at, n_old) {
                    Some(v) => v,
                    None => {
                        let copy = self.duplicate(&value, i)?;
                        copy.merge(at, n_old).ok_or("a block of dimensions that is too large")?
                    }
                };
                let extents = &new[done..done + n_new];
                value = match merged.split_var(at, extents) {
                    Some(v) => v,
                    None => {
                        let copy = self.duplicate(&merged, i)?;
                        copy.split_var(at, extents).ok_or("a block that cannot be split")?
                    }
                };
            }
            at += n_new;
            done += n_new;
        }
        Ok(value.unsqueeze(shape))
    }

    fn in_bounds(&self, a: Expr, b: Expr) -> Lowered<(Expr, Expr)> {
        if a.bound() + b.bound() >= LIMIT {
            return Err("a sum whose bound is too wide".to_owned());
        }
        Ok((a, b))
    }

    /// Brings two values to one exponent: the smaller is raised, where bounds allow.
    pub fn align(&mut self, a: &Expr, b: &Expr, i: NodeId) -> Lowered<(Expr, Expr)> {
        // A constant takes the exponent of the other.
        if let Some(k) = a.as_constant().filter(|_| a.exponent > b.exponent || a.bound() == 0) {
            let k = round_clamp(scale(k as f64, b.exponent - a.exponent), -LIMIT / 4, LIMIT / 4);
            let a = Expr::scalar(&a.dims, b.exponent, k);
            return self.in_bounds(a, b.clone());
        }
        if b.as_constant().is_some_and(|_| b.exponent > a.exponent || b.bound() == 0) {
            let (b, a) = self.align(b, a, i)?;
            return Ok((a, b));
        }
        let e = a.exponent.max(b.exponent);
        let raised = |x: &Expr| {
            let ok = e - x.exponent < 29 && x.bound() << (e - x.exponent) < LIMIT;
            ok.then(|| x.raise(e))
        };
        if let (Some(x), Some(y)) = (raised(a), raised(b))
            && x.bound() + y.bound() < LIMIT - (1 << 20)
        {
            return Ok((x, y));
        }
        // What is wide, or far finer than the sum needs, is committed with a coarser exponent.
        let (tag, format) = (self.tag(i).role("operand"), self.format(i));
        let fine = format.exponent + 2;
        let mut narrow = |x: &Expr| {
            if x.bound() < 1 << 20 && x.exponent <= fine + 8 {
                return Ok(x.clone());
            }
            let f = Format { exponent: fine.min(x.exponent), lo: -(1 << 15), hi: (1 << 15) - 1 };
            self.builder.requantise(x, &Map::Clip(f), self.sizes, &tag)
        };
        let (x, y) = (narrow(a)?, narrow(b)?);
        let e = x.exponent.max(y.exponent);
        let fits = |v: &Expr| e - v.exponent < 29 && v.bound() << (e - v.exponent) < LIMIT / 2;
        if fits(&x) && fits(&y) {
            return Ok((x.raise(e), y.raise(e)));
        }
        Err("two operands whose scales differ too much".to_owned())
    }
}
