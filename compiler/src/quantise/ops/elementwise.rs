//! Sums, products, quotients and extremes of two tensors, with broadcasting.

use stwo_ml_verifier::circuit::Product;

use super::einsum::product_interval;
use super::weights::Sums;
use crate::graph::{Array, NodeId, Unary};
use crate::quantise::bounds::{FILL, Format, LIMIT, Range, log2_floor, scale};
use crate::quantise::builder::Tag;
use crate::quantise::chain::unary_graph;
use crate::quantise::expr::Expr;
use crate::quantise::formats::SOFTMAX_REACH;
use crate::quantise::lower::{Lower, Lowered};
use crate::quantise::requantise::Map;

impl Lower<'_> {
    fn two(&self, i: NodeId) -> Lowered<(NodeId, NodeId)> {
        match self.graph.nodes[i].inputs[..] {
            [x, y] => Ok((x, y)),
            _ => Err("two operands are needed".to_owned()),
        }
    }

    /// An operand of a linear operation beside `other`: constants take its exponent.
    fn operand_beside(&mut self, x: NodeId, other: &Expr) -> Lowered<Expr> {
        match self.constants[x].clone() {
            Some(array) => {
                let tag = self.tag(x);
                Ok(self.constant_at(&array, other.exponent, &tag))
            }
            None => self.value(x),
        }
    }

    /// `x + sign y`.
    pub(super) fn sum_of(&mut self, i: NodeId, sign: i64) -> Lowered<Expr> {
        let (x, y) = self.two(i)?;
        let shape = self.graph.nodes[i].shape.clone();
        for (value, c) in [(x, y), (y, x)] {
            if self.constants[value].is_none() && self.is_mask(i, c, value) {
                // A mask must reach below all scores at the exponent of the sum.
                let wide = self.value(value)?;
                let limit = scale((LIMIT / 4) as f64, -wide.exponent);
                if limit < 2.0 * self.ranges[value].max_abs() + 4.0 * SOFTMAX_REACH {
                    self.factor(value)?;
                }
            }
        }
        let (u, v) = if self.constants[x].is_some() {
            let v = self.finer(y, x)?;
            (self.operand_beside(x, &v)?, v)
        } else {
            let u = if self.constants[y].is_some() { self.finer(x, y)? } else { self.value(x)? };
            let v = self.operand_beside(y, &u)?;
            (u, v)
        };
        let (u, v) = (u.broadcast(&shape), v.times(sign).broadcast(&shape));
        let (u, v) = self.align(&u, &v, i)?;
        Ok(u.plus(&v))
    }

    /// Whether constant `c` has entries far beyond what the sum of node `i` keeps.
    fn is_mask(&self, i: NodeId, c: NodeId, value: NodeId) -> bool {
        let most = self.ranges[i].max_abs().max(self.ranges[value].max_abs());
        self.constants[c]
            .as_ref()
            .is_some_and(|array| array.data.iter().any(|v| v.abs() > 16.0 * most + 64.0))
    }

    /// The value of `x` with an exponent at which the constant `c` keeps a few bits.
    fn finer(&mut self, x: NodeId, c: NodeId) -> Lowered<Expr> {
        let value = self.value(x)?;
        let Some(array) = &self.constants[c] else { return Ok(value) };
        let integers = array.data.iter().all(|x| libm::floor(*x) == *x);
        if integers && value.exponent >= 0 {
            return Ok(value);
        }
        let mut e = value.exponent;
        while e < value.exponent + 4 && value.bound() << (e + 1 - value.exponent) < FILL / 16 {
            e += 1;
        }
        Ok(value.raise(e))
    }

    /// `x y`.
    pub(super) fn product_of(&mut self, i: NodeId) -> Lowered<Expr> {
        let (x, y) = self.two(i)?;
        match (self.constants[x].clone(), self.constants[y].clone()) {
            (_, Some(array)) => self.scaled(i, x, &array),
            (Some(array), _) => self.scaled(i, y, &array),
            _ => {
                let (u, v) = self.factors(x, y, 1)?;
                self.product(i, &u, &v)
            }
        }
    }

    /// The entry-by-entry product of two single views.
    pub(super) fn product(&mut self, i: NodeId, u: &Expr, v: &Expr) -> Lowered<Expr> {
        let shape = self.graph.nodes[i].shape.clone();
        self.product_in(&shape, u, v)
    }

    /// The same, in a box.
    pub(super) fn product_in(&mut self, shape: &[usize], u: &Expr, v: &Expr) -> Lowered<Expr> {
        let (lo, hi) = product_interval(u, v);
        let (a, b) = (u.broadcast(shape), v.broadcast(shape));
        let (Some((p, view_a)), Some((q, view_b))) = (a.as_view(), b.as_view()) else {
            return Err("an operand that is not one tensor".to_owned());
        };
        Ok(Expr {
            dims: shape.to_vec(),
            linear: vec![],
            products: vec![Product {
                coef: p * q,
                sum: vec![],
                a: view_a.clone(),
                b: view_b.clone(),
            }],
            exponent: u.exponent + v.exponent,
            lo,
            hi,
        })
    }

    /// `x array`.
    fn scaled(&mut self, i: NodeId, x: NodeId, array: &Array) -> Lowered<Expr> {
        let shape = self.graph.nodes[i].shape.clone();
        if array.data.iter().all(|&c| c == array.data[0]) {
            let value = self.value(x)?;
            let scaled = self.times_real(i, &value, array.data[0], x)?;
            return Ok(scaled.broadcast(&shape));
        }
        let value = self.factor(x)?;
        let kept: Vec<usize> = (0..array.shape.len()).collect();
        let extra = self.bias_bound(i);
        let sums = Sums {
            kept: &kept,
            repeat: 1,
            a: (value.lo, value.hi),
            exponent: value.exponent,
            extra,
        };
        let w = self.weights(i, array, &sums)?;
        let tag = self.tag(i).role("factor");
        let weight = self.builder.constant_expr(&array.shape, w.entries, &tag, w.exponent);
        let mut out = self.product_in(&shape, &value, &weight)?;
        (out.lo, out.hi) = (w.lo, w.hi);
        Ok(out)
    }

    /// A pending value times a real constant: an exact shift for a power of two, else an integer of
    /// as many bits as the bound leaves.
    pub(super) fn times_real(
        &mut self,
        i: NodeId,
        value: &Expr,
        c: f64,
        x: NodeId,
    ) -> Lowered<Expr> {
        if c == 0.0 || !c.is_finite() {
            return Ok(Expr::scalar(&value.dims, value.exponent, 0));
        }
        let (mantissa, exponent) = libm::frexp(c.abs());
        let sign = if c < 0.0 { -1 } else { 1 };
        if mantissa == 0.5 && !(self.is_exact(x) && exponent < 1) {
            let mut out = value.times(sign);
            out.exponent -= exponent - 1;
            if self.is_exact(x) {
                return Ok(value.times(sign).times(1 << (exponent - 1)));
            }
            return Ok(out);
        }
        if self.is_exact(x) && libm::floor(c) == c {
            return Ok(value.times(c as i64));
        }
        let mut value = value.clone();
        let room = |v: &Expr| log2_floor((FILL / v.bound().max(1)).max(1) as f64);
        if room(&value) < self.sizes.bits as i32 - 1 {
            // `x` may be `i` itself, whose value is the product: divide its range by the factor.
            let mut range = self.range(x);
            if x == i {
                let (a, b) = (range.lo / c, range.hi / c);
                range = Range { lo: a.min(b), hi: a.max(b) };
            }
            let format = Format::saturating(range, self.sizes.bits);
            let tag = self.tag(i).role("factor");
            value = self.settle_as(&value, self.is_exact(x), format, &tag)?;
        }
        let bits = room(&value).min(20);
        if bits < 8 {
            return Err("a constant factor for which the bound leaves no bits".to_owned());
        }
        let e = bits - 1 - log2_floor(c.abs());
        let q = libm::floor(scale(c.abs(), e) + 0.5) as i64;
        let mut out = value.times(sign * q);
        out.exponent += e;
        Ok(out)
    }

    /// `x / y`.
    pub(super) fn quotient_of(&mut self, i: NodeId) -> Lowered<Expr> {
        let (x, y) = self.two(i)?;
        if self.is_exact(i) {
            return Err("a division of integers".to_owned());
        }
        if let Some(array) = self.constants[y].clone() {
            let inverse = Array {
                shape: array.shape.clone(),
                data: array.data.iter().map(|c| if *c == 0.0 { 0.0 } else { 1.0 / c }).collect(),
            };
            return self.scaled(i, x, &inverse);
        }
        // The reciprocal by a table, then a product.
        let denominator = self.value(y)?;
        let mut reciprocals = Vec::new();
        for run in self.track {
            reciprocals.extend(run[y].data.iter().map(|d| 1.0 / d));
        }
        let range = Range::of(reciprocals).widen(self.options.margin);
        let map = Map::Chain {
            graph: unary_graph(Unary::Reciprocal),
            domain: self.range(y),
            format: Format::enclosing(range, self.sizes.bits + 1),
            bits: self.sizes.bits + 4,
            exponent: None,
        };
        let tag = self.tag(i).role("reciprocal");
        let r = self.builder.requantise(&denominator, &map, self.sizes, &tag)?;
        if let Some(array) = self.constants[x].clone() {
            let c = self.constant(&array, self.sizes.bits, &tag);
            if let Some(k) = c.as_constant() {
                let mut out = r.times(k);
                out.exponent += c.exponent;
                return Ok(out.broadcast(&self.graph.nodes[i].shape.clone()));
            }
            return self.product(i, &c, &r);
        }
        let mut u = self.factor(x)?;
        if u.bound() * r.bound() >= LIMIT / 2 {
            let format = self.narrow_format(x, self.sizes.bits);
            let tag = self.tag(x).role("narrow");
            u = self.builder.requantise(&u, &Map::Clip(format), self.sizes, &tag)?;
        }
        self.product(i, &u, &r)
    }

    /// `max(x, y)` for sign 1, `min(x, y)` for sign -1.
    pub(super) fn extreme_of(&mut self, i: NodeId, sign: i64) -> Lowered<Expr> {
        let shape = self.graph.nodes[i].shape.clone();
        let (x, y) = self.two(i)?;
        let (x, y) = if self.constants[x].is_some() { (y, x) } else { (x, y) };
        let mut u = self.value(x)?;
        if width_of(&u) > self.sizes.bits + 2 {
            u = self.factor(x)?;
        }
        let v = if self.constants[y].is_none() && !self.is_exact(y) {
            let v = self.value(y)?;
            if width_of(&v) > self.sizes.bits + 2 { self.factor(y)? } else { v }
        } else {
            self.operand_beside(y, &u)?
        };
        let (u, v) = self.align(&u.broadcast(&shape), &v.broadcast(&shape), i)?;
        let tag = self.tag(i);
        Ok(self.larger(&u.times(sign), &v.times(sign), &tag)?.times(sign))
    }

    /// `max(u, v) = v + relu(u - v)`, exactly.
    pub(super) fn larger(&mut self, u: &Expr, v: &Expr, tag: &Tag) -> Lowered<Expr> {
        let mut d = u.plus(&v.times(-1));
        (d.lo, d.hi) = (d.lo.max(u.lo - v.hi), d.hi.min(u.hi - v.lo));
        // One domain for all: that of the widest operands.
        let reach = d.bound().max(1) as u64;
        let hi = reach.next_power_of_two() as i64;
        let map = Map::Clip(Format { exponent: d.exponent, lo: 0, hi });
        let log = crate::quantise::bounds::width_log(d.lo, d.hi);
        if log > crate::quantise::tables::MAX_LOG {
            return Err("a maximum of values whose interval is too wide".to_owned());
        }
        let sizes = crate::quantise::requantise::Sizes {
            single: crate::quantise::tables::MAX_LOG,
            ..self.sizes
        };
        let r = self.builder.requantise(&d, &map, sizes, &tag.role("excess"))?;
        let mut out = v.plus(&r);
        (out.lo, out.hi) = (u.lo.max(v.lo), u.hi.max(v.hi));
        Ok(out)
    }
}

fn width_of(e: &Expr) -> u32 {
    crate::quantise::bounds::width_log(e.lo, e.hi)
}
