//! Convolutions: one product over a virtual im2col (PROTOCOL §5.3).

use stwo_ml_verifier::circuit::Product;

use super::weights::Sums;
use crate::graph::{NodeId, Window};
use crate::quantise::expr::{Expr, Sub};
use crate::quantise::lower::{Lower, Lowered};

impl Lower<'_> {
    /// `out[n, o, p..] = sum_{c, k..} x[n, c, stride p + dilation k - pad..] w[o, c, k..] + bias[o]`.
    pub(super) fn conv(&mut self, i: NodeId, window: &Window, groups: usize) -> Lowered<Expr> {
        let node = &self.graph.nodes[i];
        let shape = node.shape.clone();
        let (x, w) = (node.inputs[0], node.inputs[1]);
        let bias = node.inputs.get(2).copied();
        let spatial = window.kernel.len();
        let (n, o) = (shape[0], shape[1]);
        let per_group = o / groups;
        let c = self.graph.nodes[w].shape[1];
        let taps = c * window.kernel.iter().product::<usize>();
        let (value, factor) = match (&self.constants[x], &self.constants[w]) {
            (Some(_), _) => return Err("a constant operand".to_owned()),
            (None, Some(_)) => (self.factor(x)?, None),
            (None, None) => {
                let (u, v) = self.factors(x, w, taps as i64)?;
                (u, Some(v))
            }
        };
        // The box: n, group, channel in group, positions; then input channel and taps.
        let mut dims = vec![n, groups, per_group];
        dims.extend(&shape[2..]);
        let rank = dims.len();
        dims.push(c);
        dims.extend(&window.kernel);
        let channel = match (groups, c) {
            (1, _) => Sub::Var(rank),
            (_, 1) => Sub::Var(1),
            _ => Sub::Affine { terms: vec![(1, c as i64), (rank, 1)], offset: 0, clip: false },
        };
        let mut subs = vec![Sub::Var(0), channel];
        let mut padded = false;
        for d in 0..spatial {
            let (sub, clips) = window_sub(window, d, &value.dims, &shape, 3 + d, rank + 1 + d);
            padded |= clips;
            subs.push(sub);
        }
        let a = if padded { (value.lo.min(0), value.hi.max(0)) } else { (value.lo, value.hi) };
        let bias_array = bias.and_then(|b| self.constants[b].clone());
        let extra = match &bias_array {
            Some(b) => b.data.iter().fold(0.0f64, |m, x| m.max(x.abs())),
            None => self.bias_bound(i),
        };
        let sums = Sums { kept: &[0], repeat: 1, a, exponent: value.exponent, extra };
        let tag = self.tag(i);
        // Weights as `[group, channel in group, c, taps..]`.
        let mut w_shape = vec![groups, per_group, c];
        w_shape.extend(&window.kernel);
        let (weight, w_exponent, lo, hi) = match factor {
            None => {
                let array = self.constants[w].clone().ok_or("weights")?;
                let q = self.weights(i, &array, &sums)?;
                let role = tag.role("weight");
                let id = self.builder.constant(&w_shape, q.entries, &role, q.exponent);
                (Expr::tensor(id, &w_shape, q.exponent, 0, 0), q.exponent, q.lo, q.hi)
            }
            Some(v) => {
                let reach = value.bound() * v.bound() * taps as i64;
                (self.reshape(&v, &w_shape, w)?, v.exponent, -reach, reach)
            }
        };
        let mut w_subs = vec![Sub::Var(1), Sub::Var(2)];
        w_subs.extend((rank..dims.len()).map(Sub::Var));
        let view_a = self.view_in(&value, &subs, &dims, x)?;
        let view_b = self.view_in(&weight, &w_subs, &dims, w)?;
        let mut out = Expr {
            dims: dims[..rank].to_vec(),
            linear: vec![],
            products: vec![Product {
                coef: 1,
                sum: dims[rank..].iter().map(|&d| d as u32).collect(),
                a: view_a,
                b: view_b,
            }],
            exponent: value.exponent + w_exponent,
            lo,
            hi,
        };
        if let Some(b) = bias_array {
            let grouped =
                crate::graph::Array { shape: vec![groups, per_group], data: b.data.clone() };
            let b = self.constant_at(&grouped, out.exponent, &tag.role("bias"));
            let b = b
                .substitute(&out.dims, &[Sub::Var(1), Sub::Var(2)])
                .ok_or("the bias has no form")?;
            out = out.plus(&b);
        } else if let Some(b) = bias {
            let b = self.value(b)?;
            let b = self.reshape(&b, &[groups, per_group], i)?;
            let subs = [Sub::Var(1), Sub::Var(2)];
            let b = self.substitute(&b, &out.dims.clone(), &subs, i)?;
            let (u, v) = self.align(&out, &b, i)?;
            out = u.plus(&v);
        }
        // Merge the two channel variables.
        if groups == 1 || per_group == 1 {
            let keep = if groups == 1 { 2 } else { 1 };
            let mut subs = vec![Sub::Var(0)];
            for d in 1..3 {
                subs.push(if d == keep { Sub::Var(1) } else { Sub::Fixed(0) });
            }
            subs.extend((2..2 + spatial).map(Sub::Var));
            return self.substitute(&out, &shape, &subs, i);
        }
        let settled = self.duplicate(&out, i)?;
        self.reshape(&settled, &shape, i)
    }
}

/// `stride p + dilation k - pad` in spatial dimension `d`, and whether it leaves the operand.
pub(super) fn window_sub(
    window: &Window,
    d: usize,
    x: &[usize],
    out: &[usize],
    p: usize,
    k: usize,
) -> (Sub, bool) {
    let (stride, dilation) = (window.stride[d], window.dilation[d]);
    let pad = window.pad_before[d] as i64;
    let last = (out[2 + d] - 1) * stride + (window.kernel[d] - 1) * dilation;
    let clips = pad > 0 || last as i64 - pad >= x[2 + d] as i64;
    if window.kernel[d] == 1 && stride == 1 && pad == 0 && out[2 + d] == x[2 + d] {
        return (Sub::Var(p), false);
    }
    let terms = vec![(p, stride as i64), (k, dilation as i64)];
    (Sub::Affine { terms, offset: -pad, clip: clips }, clips)
}
