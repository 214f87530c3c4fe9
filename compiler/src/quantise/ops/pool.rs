//! Pooling: maxima by differences or, where windows overlap, by comparison of shifted copies; means
//! by sums over a virtual im2col.

use stwo_ml_verifier::circuit::Product;

use super::conv::window_sub;
use crate::graph::{Array, NodeId, Window};
use crate::quantise::bounds::{FILL, width_log};
use crate::quantise::builder::Tag;
use crate::quantise::expr::{Expr, Sub};
use crate::quantise::lower::{Lower, Lowered};

impl Lower<'_> {
    /// Maximum over a window, one spatial dimension at a time, one tap at a time. Values are shifted
    /// to be nonnegative, so that padding, which reads zero, never wins.
    pub(super) fn max_pool(&mut self, i: NodeId, window: &Window) -> Lowered<Expr> {
        let node = &self.graph.nodes[i];
        let shape = node.shape.clone();
        let x = node.inputs[0];
        let mut value = self.value(x)?;
        if !value.products.is_empty()
            || value.linear.len() > 2
            || width_log(value.lo, value.hi) > self.sizes.bits + 2
        {
            value = self.factor(x)?;
        }
        let tag = self.tag(i);
        let base = value.lo.min(0);
        let mut shifted = base;
        let pads = (0..window.kernel.len()).any(|d| {
            let dims = &value.dims;
            window_sub(window, d, dims, &shape, 0, 1).1
        });
        let reach = |d: usize| window.dilation[d] * (window.kernel[d] - 1);
        let apart = (0..window.kernel.len()).all(|d| reach(d) < window.stride[d]);
        if apart && !pads && window.kernel.iter().product::<usize>() > 2 {
            return self.max_of_windows(&value, window, &shape, x, &tag);
        }
        if !pads {
            shifted = 0;
        }
        if shifted != 0 {
            // A tensor of its own: a pending constant cannot be read as zero.
            value = value.plus(&Expr::scalar(&value.dims, value.exponent, -shifted));
            value = self.builder.copy(&value, &tag.role("shifted"));
        }
        for d in 0..window.kernel.len() {
            let axis = 2 + d;
            let mut dims = value.dims.clone();
            dims[axis] = shape[axis];
            let mut best: Option<Expr> = None;
            for k in 0..window.kernel[d] {
                let offset = (k * window.dilation[d]) as i64 - window.pad_before[d] as i64;
                let last = offset + ((shape[axis] - 1) * window.stride[d]) as i64;
                let clip = offset < 0 || last >= value.dims[axis] as i64;
                let subs: Vec<Sub> = (0..dims.len())
                    .map(|v| {
                        if v != axis {
                            return Sub::Var(v);
                        }
                        let terms = vec![(v, window.stride[d] as i64)];
                        Sub::Affine { terms, offset, clip }
                    })
                    .collect();
                let tap = self.substitute(&value, &dims, &subs, x)?;
                best = Some(match best {
                    None => tap,
                    Some(b) => self.larger(&b, &tap, &tag)?,
                });
            }
            value = best.ok_or("a window without taps")?;
            let last = d + 1 == window.kernel.len();
            if value.linear.len() > 3 || (!last && value.linear.len() > 1) {
                value = self.builder.copy(&value, &tag.role("maximum"));
            }
        }
        Ok(value.plus(&Expr::scalar(&value.dims, value.exponent, shifted)))
    }

    /// Maximum over windows that do not overlap. The variables of the window come first: then those
    /// of the maxima have the same place in both identities.
    fn max_of_windows(
        &mut self,
        value: &Expr,
        window: &Window,
        shape: &[usize],
        x: NodeId,
        tag: &Tag,
    ) -> Lowered<Expr> {
        let spatial = window.kernel.len();
        let mut value = value.clone();
        // From the last dimension on: each becomes its windows and what is inside one.
        for d in (0..spatial).rev() {
            let (kernel, stride) = (window.kernel[d], window.stride[d]);
            let inside = kernel == stride && window.dilation[d] == 1;
            let regrouped = || value.first_of(2 + d, shape[2 + d] * kernel);
            let split = inside.then(regrouped).flatten();
            let split = split.and_then(|v| v.split_var(2 + d, &[shape[2 + d], kernel]));
            value = match split {
                Some(split) => split,
                None => {
                    let mut dims = value.dims.clone();
                    dims.splice(2 + d..=2 + d, [shape[2 + d], kernel]);
                    let terms = vec![(2 + d, stride as i64), (3 + d, window.dilation[d] as i64)];
                    let subs: Vec<Sub> = (0..value.dims.len())
                        .map(|v| match v {
                            v if v < 2 + d => Sub::Var(v),
                            v if v > 2 + d => Sub::Var(v + 1),
                            _ => Sub::Affine { terms: terms.clone(), offset: 0, clip: false },
                        })
                        .collect();
                    self.substitute(&value, &dims, &subs, x)?
                }
            };
        }
        // N, C, then pairs.
        let to = |v: usize| match v {
            0 | 1 => spatial + v,
            v if v % 2 == 0 => spatial + 2 + (v - 2) / 2,
            v => (v - 3) / 2,
        };
        let subs: Vec<Sub> = (0..value.dims.len()).map(|v| Sub::Var(to(v))).collect();
        let dims = [&window.kernel[..], shape].concat();
        let value = self.substitute(&value, &dims, &subs, x)?;
        self.largest(&value, &(0..spatial).collect::<Vec<_>>(), x, tag)
    }

    /// Mean over a window.
    pub(super) fn avg_pool(
        &mut self,
        i: NodeId,
        window: &Window,
        count_padding: bool,
    ) -> Lowered<Expr> {
        let node = &self.graph.nodes[i];
        let shape = node.shape.clone();
        let x = node.inputs[0];
        let spatial = window.kernel.len();
        let n: usize = window.kernel.iter().product();
        let value = self.factor(x)?;
        if value.bound() * n as i64 > FILL {
            return Err("a window that is too large for the interval".to_owned());
        }
        // The divisors: one, or one per position.
        let x_dims = value.dims.clone();
        let padded = (0..spatial).any(|d| window_sub(window, d, &x_dims, &shape, 0, 1).1);
        let mut dims = shape.clone();
        dims.extend(&window.kernel);
        let mut subs = vec![Sub::Var(0), Sub::Var(1)];
        for d in 0..spatial {
            subs.push(window_sub(window, d, &x_dims, &shape, 2 + d, 2 + spatial + d).0);
        }
        if !padded || count_padding {
            let placed = self.substitute(&value, &dims, &subs, x)?;
            let mut sum = placed;
            for _ in 0..spatial {
                let last = sum.dims.len() - 1;
                sum = sum.sum_over(last).ok_or("a window over this way of reading")?;
            }
            return self.times_real(i, &sum, 1.0 / n as f64, i);
        }
        let positions: Vec<usize> = shape[2..].to_vec();
        let data = (0..positions.iter().product::<usize>())
            .map(|flat| {
                let mut rest = flat;
                let mut count = 1usize;
                for d in (0..spatial).rev() {
                    let p = rest % positions[d];
                    rest /= positions[d];
                    count *= (0..window.kernel[d])
                        .filter(|k| {
                            let q = (p * window.stride[d] + k * window.dilation[d]) as i64
                                - window.pad_before[d] as i64;
                            (0..x_dims[2 + d] as i64).contains(&q)
                        })
                        .count();
                }
                1.0 / count.max(1) as f64
            })
            .collect();
        let array = Array { shape: positions.clone(), data };
        let tag = self.tag(i).role("divisor");
        // The mean is within the interval of the entries: give the divisor what is left.
        let bits = crate::quantise::bounds::log2_floor((FILL / value.bound().max(1)).max(2) as f64)
            .clamp(4, 18)
            - 1;
        let divisor = self.constant_at(&array, bits, &tag);
        let divisor = match divisor.as_constant() {
            Some(k) => {
                let ones = vec![k as i32; positions.iter().product()];
                self.builder.constant_expr(&positions, ones, &tag, bits)
            }
            None => divisor,
        };
        let view_a = self.view_in(&value, &subs, &dims, x)?;
        let w_subs: Vec<Sub> = (0..spatial).map(|d| Sub::Var(2 + d)).collect();
        let view_b = self.view_in(&divisor, &w_subs, &dims, x)?;
        // As many entries are read at a position as its divisor says: the mean is one of them, up to
        // the rounding of the divisor, which is at most half a unit an entry.
        let reach = value.bound() * ((1i64 << divisor.exponent) + n as i64 / 2 + 1);
        Ok(Expr {
            dims: shape,
            linear: vec![],
            products: vec![Product {
                coef: 1,
                sum: window.kernel.iter().map(|&k| k as u32).collect(),
                a: view_a,
                b: view_b,
            }],
            exponent: value.exponent + divisor.exponent,
            lo: if value.lo < 0 { -reach } else { 0 },
            hi: reach,
        })
    }
}
