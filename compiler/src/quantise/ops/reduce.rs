//! Reductions over whole axes.

use crate::graph::{NodeId, Reduce};
use crate::quantise::bounds::{FILL, Format, Range, log2_floor, width_log};
use crate::quantise::expr::{Expr, Sub};
use crate::quantise::lower::{Lower, Lowered};
use crate::quantise::requantise::Map;
use crate::quantise::tables::MAX_LOG;

impl Lower<'_> {
    pub(super) fn reduce(
        &mut self,
        i: NodeId,
        kind: Reduce,
        axes: &[usize],
        keep: bool,
    ) -> Lowered<Expr> {
        let _ = keep;
        let node = &self.graph.nodes[i];
        let shape = node.shape.clone();
        let x = node.inputs[0];
        let n: usize = axes.iter().map(|&d| self.graph.nodes[x].shape[d]).product();
        let out = match kind {
            Reduce::Sum | Reduce::Mean => {
                let value = self.value(x)?;
                let value = if value.bound() > FILL / n as i64 { self.factor(x)? } else { value };
                let value = self.headroom(&value, x, n)?;
                let sum = self.sum_axes(&value, axes, x)?;
                if kind == Reduce::Sum {
                    sum
                } else if self.is_exact(i) {
                    return Err("a mean of integers".to_owned());
                } else {
                    self.times_real(i, &sum, 1.0 / n as f64, i)?
                }
            }
            Reduce::Max | Reduce::Min => {
                let sign = if kind == Reduce::Max { 1 } else { -1 };
                let tag = self.tag(i);
                let mut value = self.value(x)?;
                if !value.products.is_empty()
                    || value.linear.len() > 3
                    || width_log(value.lo, value.hi) > self.sizes.bits + 2
                {
                    value = self.factor(x)?;
                }
                let tag = if sign == 1 { tag } else { tag.role("maximum") };
                self.largest(&value.times(sign), axes, x, &tag)?.times(sign)
            }
            Reduce::ArgMax | Reduce::ArgMin => {
                let sign = if kind == Reduce::ArgMax { 1 } else { -1 };
                self.arg_max(i, axes, sign)?
            }
            Reduce::Prod => {
                return self.running_product(i, x, axes);
            }
        };
        self.reshape(&out, &shape, i)
    }

    /// A value of which `n` entries can be summed.
    fn headroom(&mut self, value: &Expr, x: NodeId, n: usize) -> Lowered<Expr> {
        if value.bound() <= FILL / n as i64 {
            return Ok(value.clone());
        }
        let bits = (27 - log2_floor(n as f64)).clamp(6, self.sizes.bits as i32) as u32;
        if self.is_exact(x) {
            return Err("a sum of integers that is too wide".to_owned());
        }
        let (format, tag) = (self.narrow_format(x, bits), self.tag(x).role("narrow"));
        self.builder.requantise(value, &Map::Clip(format), self.sizes, &tag)
    }

    /// Sums over axes, which disappear.
    pub(super) fn sum_axes(&mut self, value: &Expr, axes: &[usize], x: NodeId) -> Lowered<Expr> {
        let all = |v: &Expr| axes.iter().rev().try_fold(v.clone(), |acc, &d| acc.sum_over(d));
        if let Some(sum) = all(value) {
            return Ok(sum);
        }
        let copy = self.duplicate(value, x)?;
        all(&copy).ok_or_else(|| "a sum over this way of reading a tensor".to_owned())
    }

    /// Entries `begin + step j`, `j < n`, of dimension `d`.
    pub(super) fn window_of(
        &mut self,
        value: &Expr,
        d: usize,
        (begin, step, n): (usize, usize, usize),
        x: NodeId,
    ) -> Lowered<Expr> {
        let mut dims = value.dims.clone();
        dims[d] = n;
        let subs: Vec<Sub> = (0..dims.len())
            .map(|v| {
                if v != d {
                    return Sub::Var(v);
                }
                let terms = vec![(d, step as i64)];
                Sub::Affine { terms, offset: begin as i64, clip: false }
            })
            .collect();
        self.substitute(value, &dims, &subs, x)
    }

    /// The first index of the largest entry: entries are made distinct by their position, and the
    /// position is read off the maximum.
    fn arg_max(&mut self, i: NodeId, axes: &[usize], sign: i64) -> Lowered<Expr> {
        let [d] = axes[..] else { return Err("several axes".to_owned()) };
        let x = self.graph.nodes[i].inputs[0];
        let n = self.graph.nodes[x].shape[d];
        let slots = n.next_power_of_two();
        let log = slots.trailing_zeros();
        let mut value = self.value(x)?;
        if width_log(value.lo, value.hi) + log + 1 > MAX_LOG {
            if self.is_exact(x) || MAX_LOG < log + 9 {
                return Err("an axis that is too long for the entries' interval".to_owned());
            }
            let format = self.narrow_format(x, (MAX_LOG - log - 1).min(self.sizes.bits));
            let tag = self.tag(x).role("narrow");
            value = self.builder.requantise(&value, &Map::Clip(format), self.sizes, &tag)?;
        }
        let tag = self.tag(i);
        let value = value.times(sign).times(slots as i64);
        let position = (0..n).map(|j| (slots - 1 - j) as i32).collect();
        let position =
            self.builder.constant_expr(&[n], position, &tag.role("position"), value.exponent);
        let position =
            position.substitute(&value.dims, &[Sub::Var(d)]).ok_or("positions along an axis")?;
        let keyed = value.plus(&position);
        let keyed = if keyed.linear.len() > 3 || !keyed.products.is_empty() {
            self.builder.copy(&keyed, &tag.role("keyed"))
        } else {
            keyed
        };
        let best = self.largest(&keyed, &[d], x, &tag.role("maximum"))?;
        // best = slots q + low, index = slots - 1 - low.
        let q = self.builder.witness(&best.dims, &tag.role("value"), 0);
        let low = self.builder.witness(&best.dims, &tag.role("low"), 0);
        self.builder.split(&best, 0, &[(q, slots as i64), (low, 1)]);
        let (lo, hi) = (best.lo >> log, best.hi >> log);
        self.builder.range(q, lo, width_log(lo, hi));
        self.builder.range(low, 0, log);
        let low = Expr::tensor(low, &best.dims, 0, 0, slots as i64 - 1);
        let mut index = low.times(-1).plus(&Expr::scalar(&best.dims, 0, slots as i64 - 1));
        (index.lo, index.hi) = (0, slots as i64 - 1);
        Ok(index)
    }

    /// The product along axes, one factor at a time.
    fn running_product(&mut self, i: NodeId, x: NodeId, axes: &[usize]) -> Lowered<Expr> {
        let shape = self.graph.nodes[i].shape.clone();
        let tag = self.tag(i).role("partial");
        let mut value = self.factor(x)?;
        // The float track alongside, for the formats.
        let mut data: Vec<Vec<f64>> = self.track.iter().map(|run| run[x].data.clone()).collect();
        let mut dims = value.dims.clone();
        for (step, &d) in axes.iter().enumerate() {
            let (n, inner) = (dims[d], dims[d + 1..].iter().product::<usize>());
            let partial = |data: &Vec<f64>, j: usize| -> Vec<f64> {
                let outer = data.len() / (n * inner);
                let at = |o: usize, k: usize| (0..=j).map(move |l| data[(o * n + l) * inner + k]);
                let entry = |f: usize| at(f / inner, f % inner).product();
                (0..outer * inner).map(entry).collect()
            };
            let mut acc = self.window_of(&value, d, (0, 1, 1), x)?;
            for j in 1..n {
                let next = self.window_of(&value, d, (j, 1, 1), x)?;
                let product = self.product_in(&next.dims.clone(), &acc, &next)?;
                if product.bound() >= FILL * 2 {
                    return Err("a product whose bound is too wide".to_owned());
                }
                acc = if j + 1 == n && step + 1 == axes.len() {
                    product
                } else if self.is_exact(i) {
                    self.builder.copy(&product, &tag)
                } else {
                    let range = Range::of(data.iter().flat_map(|run| partial(run, j)));
                    let range = range.widen(self.options.margin);
                    let format = Format::saturating(range, self.sizes.bits + 2);
                    self.builder.requantise(&product, &Map::Clip(format), self.sizes, &tag)?
                };
            }
            data = data.iter().map(|run| partial(run, n - 1)).collect();
            dims[d] = 1;
            value = acc;
        }
        self.reshape(&value, &shape, i)
    }
}
