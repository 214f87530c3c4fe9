//! Committing a pending value: rounding shift, saturation and activation in one (PROTOCOL §3).

use std::rc::Rc;

use stwo_ml_verifier::circuit::{Arg, Kind, View};

use super::bounds::{Format, LIMIT, Range, exponent_for, scale, width_log};
use super::builder::{Builder, Tag};
use super::expr::Expr;
use super::tables::{Function, MAX_LOG};
use crate::graph::Graph;

/// Sizes that the lowering may choose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// Largest log2 size of a table whose domain is a whole bound.
    pub single: u32,
    /// Bits of activations.
    pub bits: u32,
    /// Largest log2 of a remainder.
    pub shift: u32,
}

impl Sizes {
    /// The interval up to which a value stays as it is rather than saturate: saturation costs a
    /// tensor. An end at zero is a function's, and stays.
    fn widest(&self, f: Format) -> (i64, i64) {
        let wide = 1i64 << (self.bits + 2);
        let lo = if f.lo < 0 { f.lo.min(-wide) } else { f.lo };
        (lo, if f.hi > 0 { f.hi.max(wide - 1) } else { f.hi })
    }
}

/// What is applied to a value when it is committed.
#[derive(Clone, Debug)]
pub(crate) enum Map {
    /// Nothing but saturation.
    Clip(Format),
    /// The same, but wider values may stay as they are where that is cheaper. An end at zero is
    /// exact.
    Wide(Format),
    /// A function of one real variable.
    Chain {
        graph: Rc<Graph>,
        /// Reals for which it has to be accurate.
        domain: Range,
        format: Format,
        /// Bits that the domain should have in the table's key.
        bits: u32,
        /// The exponent of the key, if the bits do not decide it.
        exponent: Option<i32>,
    },
}

impl Map {
    fn format(&self) -> Format {
        match self {
            Self::Clip(format) | Self::Wide(format) | Self::Chain { format, .. } => *format,
        }
    }

    /// The exponent of the key, at which the table is accurate.
    pub fn exponent(&self) -> i32 {
        match self {
            Self::Clip(format) | Self::Wide(format) => format.exponent,
            Self::Chain { exponent: Some(e), .. } => *e,
            Self::Chain { domain, bits, .. } => exponent_for(domain.hi - domain.lo, *bits),
        }
    }

    /// The table's function for keys of an exponent.
    fn function(&self, exponent: i32) -> Function {
        match self {
            Self::Clip(f) | Self::Wide(f) => {
                Function::Clip { shift: exponent - f.exponent, lo: f.lo, hi: f.hi }
            }
            Self::Chain { graph, format, .. } => Function::Chain {
                graph: Rc::clone(graph),
                exponent,
                out: format.exponent,
                lo: format.lo,
                hi: format.hi,
            },
        }
    }

    /// The keys at which the function is not yet constant, or has to be accurate.
    fn interior(&self, exponent: i32) -> (i64, i64) {
        match self {
            Self::Clip(f) | Self::Wide(f) => {
                let k = exponent - f.exponent;
                if k >= 0 { (f.lo << k, f.hi << k) } else { (f.lo >> -k, f.hi >> -k) }
            }
            Self::Chain { domain, .. } => (
                libm::floor(scale(domain.lo, exponent)) as i64,
                libm::ceil(scale(domain.hi, exponent)) as i64,
            ),
        }
    }
}

/// Why a value cannot be committed.
fn too_wide(expr: &Expr) -> String {
    format!("the bound {}..={} of a pending value is not below 2^29", expr.lo, expr.hi)
}

impl Builder {
    /// Commits `map(expr)`.
    pub fn requantise(
        &mut self,
        expr: &Expr,
        map: &Map,
        sizes: Sizes,
        tag: &Tag,
    ) -> Result<Expr, String> {
        if let Some(done) = self.direct(expr, map, sizes, tag) {
            return Ok(done);
        }
        let format = map.format();
        let mut exponent = map.exponent();
        let mut expr = expr.clone();
        if expr.exponent < exponent {
            match map {
                Map::Clip(_) | Map::Wide(_) => {
                    let raised = expr.raise(exponent);
                    if raised.bound() < LIMIT / 2 {
                        expr = raised;
                    } else {
                        exponent = expr.exponent;
                    }
                }
                Map::Chain { .. } => exponent = expr.exponent,
            }
        }
        let s = (expr.exponent - exponent) as u32;
        let half = if s == 0 { 0 } else { 1i64 << (s - 1) };
        if expr.bound() + half >= LIMIT {
            return Err(too_wide(&expr));
        }
        let (t_lo, t_hi) = ((expr.lo + half) >> s, (expr.hi + half) >> s);
        let log = width_log(t_lo, t_hi);
        let dims = expr.dims.clone();
        let out = |id| Expr::tensor(id, &dims, format.exponent, format.lo, format.hi);

        // The identity, where no entry saturates.
        let (wide_lo, wide_hi) = match map {
            Map::Wide(f) => sizes.widest(*f),
            _ => (format.lo, format.hi),
        };
        if matches!(map, Map::Clip(_) | Map::Wide(_))
            && exponent == format.exponent
            && (wide_lo..=wide_hi).contains(&t_lo)
            && (wide_lo..=wide_hi).contains(&t_hi)
            && log <= MAX_LOG
            && s + log <= 30
        {
            let t = self.witness(&dims, tag, exponent);
            self.split_shift(&expr, half, vec![(t, s)], s, tag)?;
            let half_width = (1i64 << log) / 2;
            let symmetric = t_lo >= -half_width && t_hi < half_width;
            let base = if symmetric { -half_width } else { t_lo };
            self.range(t, base, log);
            return Ok(Expr::tensor(t, &dims, exponent, base, base + (1 << log) - 1));
        }
        let function = map.function(exponent);
        if log <= sizes.single && s + log <= 30 {
            let t = self.witness(&dims, &tag.role("key"), exponent);
            self.split_shift(&expr, half, vec![(t, s)], s, tag)?;
            self.pad_key(t, t_lo, t_hi);
            let outputs = self.lookup(
                &function,
                t_lo,
                t_hi,
                s,
                Arg::tensor(t),
                &dims,
                &[(tag.clone(), format.exponent)],
            );
            return Ok(out(outputs[0]));
        }
        self.two_stage(&expr, half, s, (t_lo, t_hi), map, exponent, tag)
    }

    /// The split `expr + half = sum radix part + remainder` and the range of the remainder.
    fn split_shift(
        &mut self,
        expr: &Expr,
        half: i64,
        parts: Vec<(u32, u32)>,
        s: u32,
        tag: &Tag,
    ) -> Result<(), String> {
        let dims = expr.dims.clone();
        let mut parts: Vec<(u32, i64)> = parts.into_iter().map(|(t, r)| (t, 1i64 << r)).collect();
        let mut limbs = Vec::new();
        let limb = if s > MAX_LOG - 1 { s.div_ceil(2) } else { s };
        let mut rest = s;
        while rest > 0 {
            let bits = limb.min(rest);
            rest -= bits;
            let id = self.witness(&dims, &tag.role("remainder"), expr.exponent);
            parts.push((id, 1i64 << rest));
            limbs.push((id, bits));
        }
        self.split(expr, half, &parts);
        for (id, bits) in limbs {
            self.range(id, 0, bits);
        }
        Ok(())
    }

    /// The padding of a key must be in its table too.
    fn pad_key(&mut self, t: u32, lo: i64, hi: i64) {
        self.program.padding[t as usize] = 0i64.clamp(lo, hi) as i32;
    }

    /// `t = 2^w h + l`, the class of `h`, and a table of `2^w class + l`.
    #[allow(clippy::too_many_arguments)]
    fn two_stage(
        &mut self,
        expr: &Expr,
        half: i64,
        s: u32,
        (t_lo, t_hi): (i64, i64),
        map: &Map,
        exponent: i32,
        tag: &Tag,
    ) -> Result<Expr, String> {
        let format = map.format();
        let (from, to) = map.interior(exponent);
        // The smallest main table, then the fewest classes: what depends on the function alone, so
        // that layers share both tables.
        let blocks = |w: u32| (to >> w) - (from >> w) + 1;
        let main = |w: u32| (((blocks(w) + 2) << w) as u64).next_power_of_two();
        let w = (4..MAX_LOG)
            .filter(|&w| {
                let class = width_log(t_lo >> w, t_hi >> w);
                class <= MAX_LOG && class + w + s <= 30 && main(w) <= 1 << MAX_LOG
            })
            .min_by_key(|&w| (main(w), std::cmp::Reverse(w)))
            .ok_or_else(|| {
                format!("no saturation in two stages for the bound {t_lo}..={t_hi} (shift {s})")
            })?;
        let n = blocks(w);
        let first = from >> w;
        let dims = expr.dims.clone();
        let h = self.witness(&dims, &tag.role("high"), exponent - w as i32);
        let l = self.witness(&dims, &tag.role("low"), exponent);
        self.split_shift(expr, half, vec![(h, s + w), (l, s)], s, tag)?;
        self.range(l, 0, w);
        self.pad_key(h, t_lo >> w, t_hi >> w);
        let class = self.lookup(
            &Function::Class { first, n },
            t_lo >> w,
            t_hi >> w,
            s + w,
            Arg::tensor(h),
            &dims,
            &[(tag.role("class"), 0)],
        )[0];
        let inner = Box::new(map.function(exponent));
        let key = Arg { terms: vec![(1 << w, class), (1, l)], constant: 0 };
        let outputs = self.lookup(
            &Function::Staged { inner, log: w, first, n },
            0,
            ((n + 2) << w) - 1,
            0,
            key,
            &dims,
            &[(tag.clone(), format.exponent)],
        );
        Ok(Expr::tensor(outputs[0], &dims, format.exponent, format.lo, format.hi))
    }

    /// One lookup on committed tensors, where the value is a combination of tensors that are read
    /// through the same view, and its domain fits a table.
    fn direct(&mut self, expr: &Expr, map: &Map, sizes: Sizes, tag: &Tag) -> Option<Expr> {
        let format = map.format();
        if !expr.products.is_empty() || width_log(expr.lo, expr.hi) > sizes.single {
            return None;
        }
        let views: Vec<(i64, &View)> =
            expr.linear.iter().filter_map(|t| t.view.as_ref().map(|v| (t.coef, v))).collect();
        let (_, first) = *views.first()?;
        if views.len() > 3 || expr.exponent > map.exponent() + 3 {
            return None;
        }
        let shape = self.circuit.tensors[first.tensor as usize].shape.clone();
        let same = |(_, v): &(i64, &View)| {
            let tensor = &self.circuit.tensors[v.tensor as usize];
            tensor.kind == Kind::Witness
                && tensor.shape == shape
                && v.axes == first.axes
                && v.dims == first.dims
        };
        let entries: u64 = shape.iter().map(|&d| u64::from(d)).product();
        let box_entries: u64 = expr.dims.iter().map(|&d| d as u64).product();
        if !views.iter().all(same)
            || !super::layout::is_total(first, &expr.dims)
            || entries > box_entries.saturating_mul(2)
        {
            return None;
        }
        let constant: i64 = expr.linear.iter().filter(|t| t.view.is_none()).map(|t| t.coef).sum();
        // What the tensors' entries allow, beyond what this view reads of them.
        let key = Arg { terms: views.iter().map(|&(c, v)| (c, v.tensor)).collect(), constant };
        let (lo, hi) = self.arg_interval(&key)?;
        if width_log(lo, hi) > sizes.single {
            return None;
        }
        let view = first.clone();
        let shape: Vec<usize> = shape.iter().map(|&d| d as usize).collect();
        let full = view == super::builder::full_view(view.tensor, &expr.dims);
        let tag = if full { tag.clone() } else { tag.role("table") };
        let function = map.function(expr.exponent);
        let outputs = self.lookup(&function, lo, hi, 0, key, &shape, &[(tag, format.exponent)]);
        let mut out = Expr::tensor(outputs[0], &expr.dims, format.exponent, format.lo, format.hi);
        out.linear[0].view = Some(View { tensor: outputs[0], ..view });
        Some(out)
    }

    /// The interval of a key, if its tensors are known to be bounded, padding included.
    fn arg_interval(&self, key: &Arg) -> Option<(i64, i64)> {
        let mut total = (key.constant, key.constant);
        for &(coef, id) in &key.terms {
            let (lo, hi) = *self.intervals.get(&id)?;
            let (a, b) = (coef * lo, coef * hi);
            total.0 += a.min(b);
            total.1 += a.max(b);
        }
        Some(total)
    }
}
