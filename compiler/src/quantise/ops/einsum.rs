//! Matrix products of every kind: `out[..] = sum a[..] b[..]`.

use stwo_ml_verifier::circuit::{Product, View};

use super::weights::Sums;
use crate::graph::NodeId;
use crate::quantise::bounds::FILL;
use crate::quantise::expr::{Expr, Sub};
use crate::quantise::lower::{Lower, Lowered};

impl Lower<'_> {
    /// `sum a b` over the labels that the result lacks.
    pub(super) fn einsum(&mut self, i: NodeId, a: &[u8], b: &[u8], out: &[u8]) -> Lowered<Expr> {
        let [x, y] = self.graph.nodes[i].inputs[..] else {
            return Err("two operands are needed".to_owned());
        };
        match (self.constants[x].is_some(), self.constants[y].is_some()) {
            (_, true) => self.einsum_constant(i, (x, a), (y, b), out),
            (true, _) => self.einsum_constant(i, (y, b), (x, a), out),
            _ => self.einsum_two(i, (x, a), (y, b), out),
        }
    }

    /// Labels of the box: those of the result, then those that are summed, and their extents.
    fn labels(
        &self,
        (x, a): (NodeId, &[u8]),
        (y, b): (NodeId, &[u8]),
        out: &[u8],
    ) -> Lowered<(Vec<u8>, Vec<usize>)> {
        let mut labels = out.to_vec();
        for &l in a.iter().chain(b) {
            if !labels.contains(&l) {
                labels.push(l);
            }
        }
        for list in [a, b, out] {
            if (1..list.len()).any(|d| list[..d].contains(&list[d])) {
                return Err("a label that occurs twice in an operand".to_owned());
            }
        }
        let extent = |l: u8| {
            let of = |node: NodeId, list: &[u8]| {
                list.iter().position(|&m| m == l).map(|d| self.graph.nodes[node].shape[d])
            };
            let (p, q) = (of(x, a), of(y, b));
            match (p, q) {
                (Some(p), Some(q)) if p != q => Err("broadcast labels".to_owned()),
                (Some(p), _) => Ok(p),
                (_, Some(q)) => Ok(q),
                _ => Err("a label without an operand".to_owned()),
            }
        };
        let dims = labels.iter().map(|&l| extent(l)).collect::<Lowered<Vec<_>>>()?;
        Ok((labels, dims))
    }

    fn einsum_constant(
        &mut self,
        i: NodeId,
        (x, a): (NodeId, &[u8]),
        (y, b): (NodeId, &[u8]),
        out: &[u8],
    ) -> Lowered<Expr> {
        let (labels, dims) = self.labels((x, a), (y, b), out)?;
        let value = self.factor(x)?;
        let array = self.constants[y].clone().ok_or("a constant is needed")?;
        if value.bound() == 0 || array.data.iter().all(|&w| w == 0.0) {
            return Ok(Expr::scalar(&dims[..out.len()], 0, 0));
        }
        let kept: Vec<usize> = (0..b.len()).filter(|&d| out.contains(&b[d])).collect();
        let repeat: usize = labels[out.len()..]
            .iter()
            .zip(&dims[out.len()..])
            .filter(|(l, _)| !b.contains(l))
            .map(|(_, d)| d)
            .product();
        let sums = Sums {
            kept: &kept,
            repeat: repeat as i64,
            a: (value.lo, value.hi),
            exponent: value.exponent,
            extra: self.bias_bound(i),
        };
        let w = self.weights(i, &array, &sums)?;
        let tag = self.tag(i).role("weight");
        let weight = self.builder.constant(&array.shape, w.entries, &tag, w.exponent);
        let weight = Expr::tensor(weight, &array.shape, w.exponent, 0, 0);
        let view_a = self.view_in(&value, &place(a, &labels), &dims, x)?;
        let view_b = self.view_in(&weight, &place(b, &labels), &dims, y)?;
        let sum = dims[out.len()..].iter().map(|&d| d as u32).collect();
        Ok(Expr {
            dims: dims[..out.len()].to_vec(),
            linear: vec![],
            products: vec![Product { coef: 1, sum, a: view_a, b: view_b }],
            exponent: value.exponent + w.exponent,
            lo: w.lo,
            hi: w.hi,
        })
    }

    /// A product of two activations.
    fn einsum_two(
        &mut self,
        i: NodeId,
        (x, a): (NodeId, &[u8]),
        (y, b): (NodeId, &[u8]),
        out: &[u8],
    ) -> Lowered<Expr> {
        let (labels, dims) = self.labels((x, a), (y, b), out)?;
        if self.value(x)?.bound() == 0 || self.value(y)?.bound() == 0 {
            return Ok(Expr::scalar(&dims[..out.len()], 0, 0));
        }
        let n: usize = dims[out.len()..].iter().product();
        let (u, v) = self.factors(x, y, n as i64)?;
        let view_a = self.view_in(&u, &place(a, &labels), &dims, x)?;
        let view_b = self.view_in(&v, &place(b, &labels), &dims, y)?;
        let sum = dims[out.len()..].iter().map(|&d| d as u32).collect();
        let _ = i;
        let (lo, hi) = product_interval(&u, &v);
        Ok(Expr {
            dims: dims[..out.len()].to_vec(),
            linear: vec![],
            products: vec![Product { coef: 1, sum, a: view_a, b: view_b }],
            exponent: u.exponent + v.exponent,
            lo: lo * n as i64,
            hi: hi * n as i64,
        })
    }

    /// Two factors whose products, `n` of them, are in bounds: narrowed if need be.
    pub(super) fn factors(&mut self, x: NodeId, y: NodeId, n: i64) -> Lowered<(Expr, Expr)> {
        let (mut u, mut v) = (self.factor(x)?, self.factor(y)?);
        let mut bits = self.sizes.bits;
        while u.bound().max(1) * v.bound().max(1) > FILL / n.max(1) {
            bits -= 1;
            if bits < 6 {
                return Err("a product of activations whose bound is too wide".to_owned());
            }
            for (value, id) in [(&mut u, x), (&mut v, y)] {
                if value.bound() >= 1 << bits && !self.is_exact(id) {
                    let format = self.narrow_format(id, bits);
                    let wide = self.value(id)?;
                    let tag = self.tag(id).role("narrow");
                    *value = Expr { lo: format.lo, hi: format.hi, ..wide.clone() };
                    // Only the last width is committed, below.
                    let _ = tag;
                }
            }
        }
        if bits < self.sizes.bits {
            for (value, id) in [(&mut u, x), (&mut v, y)] {
                let wide = self.value(id)?;
                if wide.bound() > value.bound() {
                    let bits = crate::quantise::bounds::width_log(value.lo, value.hi);
                    let format = self.narrow_format(id, bits);
                    let tag = self.tag(id).role("narrow");
                    let map = crate::quantise::requantise::Map::Clip(format);
                    *value = self.builder.requantise(&wide, &map, self.sizes, &tag)?;
                }
            }
        }
        Ok((u, v))
    }

    /// The single view of a value whose variables are placed in a larger box.
    pub(super) fn view_in(
        &mut self,
        value: &Expr,
        subs: &[Sub],
        dims: &[usize],
        i: NodeId,
    ) -> Lowered<View> {
        let placed = self.substitute(value, dims, subs, i)?;
        match placed.as_view() {
            Some((1, view)) => Ok(view.clone()),
            _ => Err("an operand that is not one tensor".to_owned()),
        }
    }

    /// The largest magnitude that is added to the result of node `i` by a constant.
    pub(super) fn bias_bound(&self, i: NodeId) -> f64 {
        let [user] = self.users[i][..] else { return 0.0 };
        let node = &self.graph.nodes[user];
        node.inputs
            .iter()
            .filter_map(|&j| self.constants[j].as_ref())
            .flat_map(|array| array.data.iter())
            .filter(|x| x.is_finite() && x.abs() < 1e4)
            .fold(0.0, |m: f64, x| m.max(x.abs()))
    }
}

/// The variable of each dimension.
fn place(list: &[u8], labels: &[u8]) -> Vec<Sub> {
    list.iter().map(|l| Sub::Var(labels.iter().position(|m| m == l).unwrap_or_default())).collect()
}

/// Bounds of one product.
pub(super) fn product_interval(u: &Expr, v: &Expr) -> (i64, i64) {
    let all = [u.lo * v.lo, u.lo * v.hi, u.hi * v.lo, u.hi * v.hi];
    (all.iter().copied().min().unwrap_or(0), all.iter().copied().max().unwrap_or(0))
}
