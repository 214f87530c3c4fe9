//! Data movement: other ways of reading the same tensors (PROTOCOL §5.3).

use stwo_ml_verifier::circuit::{Axis, Term, View};

use crate::graph::{DType, NodeId, PadMode};
use crate::quantise::expr::{Expr, Sub};
use crate::quantise::lower::{Lower, Lowered};

impl Lower<'_> {
    pub(super) fn transpose(&mut self, i: NodeId, perm: &[usize]) -> Lowered<Expr> {
        let node = &self.graph.nodes[i];
        let shape = node.shape.clone();
        let x = self.value(node.inputs[0])?;
        let mut subs = vec![Sub::Fixed(0); perm.len()];
        for (d, &p) in perm.iter().enumerate() {
            subs[p] = Sub::Var(d);
        }
        self.substitute(&x, &shape, &subs, i)
    }

    pub(super) fn slice(&mut self, i: NodeId, begin: &[usize], step: &[isize]) -> Lowered<Expr> {
        let node = &self.graph.nodes[i];
        let shape = node.shape.clone();
        let x = self.value(node.inputs[0])?;
        let subs: Vec<Sub> = (0..shape.len())
            .map(|d| {
                if begin[d] == 0 && step[d] == 1 && shape[d] == x.dims[d] {
                    return Sub::Var(d);
                }
                let offset = begin[d] as i64;
                Sub::Affine { terms: vec![(d, step[d] as i64)], offset, clip: false }
            })
            .collect();
        self.substitute(&x, &shape, &subs, i)
    }

    pub(super) fn concat(&mut self, i: NodeId, axis: usize) -> Lowered<Expr> {
        let node = &self.graph.nodes[i];
        let shape = node.shape.clone();
        let mut offset = 0i64;
        let mut total: Option<Expr> = None;
        let (mut lo, mut hi) = (i64::MAX, i64::MIN);
        for &j in &node.inputs {
            let part = match self.constants[j].clone() {
                Some(array) => {
                    let e = total.as_ref().map_or_else(
                        || if self.is_exact(i) { 0 } else { self.format(i).exponent },
                        |t: &Expr| t.exponent,
                    );
                    let entries = array
                        .data
                        .iter()
                        .map(|&x| {
                            let x = crate::quantise::bounds::scale(x, e);
                            crate::quantise::bounds::round_clamp(x, -(1 << 27), 1 << 27) as i32
                        })
                        .collect();
                    let tag = self.tag(j);
                    self.builder.constant_expr(&array.shape, entries, &tag, e)
                }
                None => self.value(j)?,
            };
            let extent = part.dims[axis];
            let subs: Vec<Sub> = (0..shape.len())
                .map(|d| {
                    if d == axis {
                        Sub::Affine { terms: vec![(d, 1)], offset: -offset, clip: true }
                    } else {
                        Sub::Var(d)
                    }
                })
                .collect();
            let placed = self.substitute(&part, &shape, &subs, j)?;
            // The interval of the parts, not of their sum.
            let (mut a, mut b) = (part.lo, part.hi);
            let sum = match total.take() {
                None => placed,
                Some(t) => {
                    let (u, v) = self.align(&t, &placed, i)?;
                    let (k, l) = (u.exponent - t.exponent, v.exponent - part.exponent);
                    let shifted = |x: i64, k: i32| if k >= 0 { x << k } else { x >> -k };
                    (lo, hi) =
                        (shifted(lo, k) - i64::from(k < 0), shifted(hi, k) + i64::from(k < 0));
                    (a, b) = (shifted(a, l) - i64::from(l < 0), shifted(b, l) + i64::from(l < 0));
                    u.plus(&v)
                }
            };
            (lo, hi) = (lo.min(a), hi.max(b));
            total = Some(sum);
            offset += extent as i64;
        }
        let mut out = total.ok_or("a concatenation of nothing")?;
        (out.lo, out.hi) = (out.lo.max(lo.min(0)), out.hi.min(hi.max(0)));
        Ok(out)
    }

    pub(super) fn pad(&mut self, i: NodeId, before: &[usize], mode: PadMode) -> Lowered<Expr> {
        let node = &self.graph.nodes[i];
        let shape = node.shape.clone();
        let input = node.inputs[0];
        let x = self.value(input)?;
        let sub = |d: usize, f: &dyn Fn(i64, i64) -> i64| {
            let n = x.dims[d] as i64;
            let map: Vec<u32> = (0..shape[d])
                .map(|w| match f(w as i64 - before[d] as i64, n) {
                    q if (0..n).contains(&q) => q as u32,
                    _ => Axis::NOWHERE,
                })
                .collect();
            if shape[d] == x.dims[d] && before[d] == 0 {
                Sub::Var(d)
            } else {
                Sub::Map { var: d, map }
            }
        };
        let rank = shape.len();
        let subs: Vec<Sub> = match mode {
            PadMode::Constant(_) => (0..rank)
                .map(|d| {
                    if shape[d] == x.dims[d] && before[d] == 0 {
                        Sub::Var(d)
                    } else {
                        let offset = -(before[d] as i64);
                        Sub::Affine { terms: vec![(d, 1)], offset, clip: true }
                    }
                })
                .collect(),
            PadMode::Edge => (0..rank).map(|d| sub(d, &|q, n| q.clamp(0, n - 1))).collect(),
            PadMode::Reflect => (0..rank)
                .map(|d| {
                    sub(d, &|q, n| {
                        if n == 1 {
                            return 0;
                        }
                        let q = q.rem_euclid(2 * (n - 1));
                        if q < n { q } else { 2 * (n - 1) - q }
                    })
                })
                .collect(),
            PadMode::Wrap => (0..rank).map(|d| sub(d, &|q, n| q.rem_euclid(n))).collect(),
        };
        let PadMode::Constant(c) = mode else {
            return self.substitute(&x, &shape, &subs, i);
        };
        if c == 0.0 {
            return self.substitute(&x, &shape, &subs, i);
        }
        // `pad(x - c) + c`, the pad reading zero.
        let x = if x.products.is_empty() { x } else { self.factor(input)? };
        let q = crate::quantise::bounds::round_clamp(
            crate::quantise::bounds::scale(c, x.exponent),
            -(1 << 20),
            1 << 20,
        );
        let shifted = x.plus(&Expr::scalar(&x.dims, x.exponent, -q));
        let padded = self.substitute(&shifted, &shape, &subs, i)?;
        let mut out = padded.plus(&Expr::scalar(&shape, padded.exponent, q));
        if padded.exponent == x.exponent {
            (out.lo, out.hi) = (x.lo.min(q), x.hi.max(q));
        }
        Ok(out)
    }

    pub(super) fn tile(&mut self, i: NodeId) -> Lowered<Expr> {
        let node = &self.graph.nodes[i];
        let shape = node.shape.clone();
        let x = self.value(node.inputs[0])?;
        let skip = shape.len() - x.dims.len();
        let subs: Vec<Sub> = (0..x.dims.len())
            .map(|d| {
                let (n, to) = (x.dims[d], shape[d + skip]);
                if n == to {
                    Sub::Var(d + skip)
                } else if n == 1 {
                    Sub::Fixed(0)
                } else {
                    Sub::Map { var: d + skip, map: (0..to).map(|w| (w % n) as u32).collect() }
                }
            })
            .collect();
        self.substitute(&x, &shape, &subs, i)
    }

    /// `data.take(indices, axis)`: constant or public indices.
    pub(super) fn gather(&mut self, i: NodeId, axis: usize) -> Lowered<Expr> {
        let node = &self.graph.nodes[i];
        let shape = node.shape.clone();
        let (data, index) = (node.inputs[0], node.inputs[1]);
        let data_shape = self.graph.nodes[data].shape.clone();
        let n_index: usize = self.graph.nodes[index].shape.iter().product();
        // The box with one variable for all indices.
        let mut flat = data_shape[..axis].to_vec();
        flat.push(n_index);
        flat.extend(&data_shape[axis + 1..]);
        let gathered = if let Some(array) = self.constants[index].clone() {
            let extent = data_shape[axis] as i64;
            let map: Vec<u32> = array
                .data
                .iter()
                .map(|&q| {
                    let q = q as i64;
                    (if q < 0 { q + extent } else { q }) as u32
                })
                .collect();
            if map.iter().any(|&q| i64::from(q) >= extent) {
                return Err("an index outside its axis".to_owned());
            }
            let x = self.value(data)?;
            let subs: Vec<Sub> = (0..data_shape.len())
                .map(
                    |d| if d == axis { Sub::Map { var: d, map: map.clone() } } else { Sub::Var(d) },
                )
                .collect();
            self.substitute(&x, &flat, &subs, data)?
        } else {
            let value = self.value(index)?;
            let tensor = match value.as_view() {
                Some((1, view)) if self.graph.inputs.contains(&self.source(index)) => view.tensor,
                _ => return Err("indices that are neither constant nor public".to_owned()),
            };
            self.embedding(data, axis, tensor, &flat)?
        };
        self.reshape(&gathered, &shape, i)
    }

    /// The node whose entries, in row-major order, those of `i` are.
    fn source(&self, i: NodeId) -> NodeId {
        use crate::graph::Op;
        match self.graph.nodes[i].op {
            Op::Reshape | Op::Cast => self.source(self.graph.nodes[i].inputs[0]),
            _ => i,
        }
    }

    fn embedding(
        &mut self,
        data: NodeId,
        axis: usize,
        tensor: u32,
        flat: &[usize],
    ) -> Lowered<Expr> {
        let table = match self.constants[data].clone() {
            Some(array) => {
                let exact = self.graph.nodes[data].dtype != DType::Float;
                let tag = self.tag(data);
                let (exponent, entries) = if exact {
                    (0, array.data.iter().map(|&x| x as i32).collect())
                } else {
                    let format = self.format(data);
                    let e = format.exponent + 1;
                    let entries = array
                        .data
                        .iter()
                        .map(|&x| {
                            let x = crate::quantise::bounds::scale(x, e);
                            crate::quantise::bounds::round_clamp(x, -(1 << 18), 1 << 18) as i32
                        })
                        .collect();
                    (e, entries)
                };
                self.builder.constant_expr(&array.shape, entries, &tag, exponent)
            }
            None => self.factor(data)?,
        };
        let rank = table.dims.len();
        // Only a tensor that is read plainly.
        let Some((1, view)) = table.as_view() else {
            return Err("an embedding of a pending value".to_owned());
        };
        let mut axes = view.axes.clone();
        let at = axes
            .iter()
            .position(|a| *a == Axis::Var(axis as u16))
            .filter(|_| axes.len() == rank)
            .ok_or("an embedding of a tensor that is not read plainly")?;
        axes[at] = Axis::Public { var: axis as u16, tensor };
        let view = View { tensor: view.tensor, dims: view.dims.clone(), axes };
        Ok(Expr { dims: flat.to_vec(), linear: vec![Term { coef: 1, view: Some(view) }], ..table })
    }
}
