//! Comparisons, logic and selection.

use crate::graph::{Binary, DType, Graph, Node, NodeId, Op};
use crate::quantise::bounds::{Format, Range, width_log};
use crate::quantise::expr::Expr;
use crate::quantise::lower::{Lower, Lowered};
use crate::quantise::requantise::{Map, Sizes};
use crate::quantise::tables::MAX_LOG;

impl Lower<'_> {
    /// `x ~ y`, by a table of the difference.
    pub(super) fn comparison_of(&mut self, i: NodeId, kind: Binary) -> Lowered<Expr> {
        let d = self.sum_of(i, -1)?;
        let log = width_log(d.lo, d.hi);
        if log > MAX_LOG {
            return Err("a comparison of values whose interval is too wide".to_owned());
        }
        let map = Map::Chain {
            graph: sign_graph(kind),
            domain: Range { lo: -1.0, hi: 1.0 },
            format: Format { exponent: 0, lo: 0, hi: 1 },
            bits: 40,
            exponent: None,
        };
        let sizes = Sizes { single: MAX_LOG, ..self.sizes };
        let tag = self.tag(i);
        self.builder.requantise(&d, &map, sizes, &tag)
    }

    /// And, Or, Xor of booleans: polynomials.
    pub(super) fn logic_of(&mut self, i: NodeId, kind: Binary) -> Lowered<Expr> {
        let (x, y) = (self.graph.nodes[i].inputs[0], self.graph.nodes[i].inputs[1]);
        let shape = self.graph.nodes[i].shape.clone();
        let (u, v) = (self.exact_factor(x)?, self.exact_factor(y)?);
        if [&u, &v].iter().any(|e| e.lo < 0 || e.hi > 1) {
            return Err("an operand that is not boolean".to_owned());
        }
        let both = self.product_in(&shape, &u, &v)?;
        let sum = u.broadcast(&shape).plus(&v.broadcast(&shape));
        let mut out = match kind {
            Binary::And => both,
            Binary::Or => sum.plus(&both.times(-1)),
            _ => sum.plus(&both.times(-2)),
        };
        (out.lo, out.hi) = (0, 1);
        Ok(out)
    }

    /// An exact operand as one view.
    fn exact_factor(&mut self, x: NodeId) -> Lowered<Expr> {
        match self.constants[x].clone() {
            Some(array) => {
                let entries = array.data.iter().map(|&v| v as i32).collect();
                let tag = self.tag(x);
                Ok(self.builder.constant_expr(&array.shape, entries, &tag, 0))
            }
            None => self.factor(x),
        }
    }

    /// `c a + (1 - c) b`.
    pub(super) fn select(&mut self, i: NodeId) -> Lowered<Expr> {
        let node = &self.graph.nodes[i];
        let shape = node.shape.clone();
        let [c, a, b] = node.inputs[..] else {
            return Err("three operands are needed".to_owned());
        };
        let c = self.exact_factor(c)?;
        if c.lo < 0 || c.hi > 1 {
            return Err("a condition that is not boolean".to_owned());
        }
        let (u, v) = match (self.constants[a].is_some(), self.constants[b].is_some()) {
            (false, false) => (self.factor(a)?, self.factor(b)?),
            (false, true) => {
                let u = self.factor(a)?;
                (u.clone(), self.constant_beside(b, &u)?)
            }
            (true, false) => {
                let v = self.factor(b)?;
                (self.constant_beside(a, &v)?, v)
            }
            (true, true) => {
                let bits = self.sizes.bits;
                let (x, y) = (self.constants[a].clone(), self.constants[b].clone());
                let tag = self.tag(i);
                let (x, y) = (x.unwrap_or_else(empty), y.unwrap_or_else(empty));
                let u = self.constant(&x, bits, &tag);
                let v = self.constant(&y, bits, &tag);
                let e = u.exponent.min(v.exponent);
                (self.constant_at(&x, e, &tag), self.constant_at(&y, e, &tag))
            }
        };
        let interval = |e: i32| {
            let up = |x: &Expr, q: i64| q << (e - x.exponent);
            (up(&u, u.lo).min(up(&v, v.lo)), up(&u, u.hi).max(up(&v, v.hi)))
        };
        let e = u.exponent.max(v.exponent);
        let (lo, hi) = interval(e);
        let ca = self.masked(&shape, &c, &u)?;
        let cb = self.masked(&shape, &c, &v)?.times(-1);
        let (ca, cb) = self.align(&ca, &cb, i)?;
        let vb = v.broadcast(&shape).raise(ca.exponent);
        let mut out = ca.plus(&cb).plus(&vb);
        if ca.exponent == e {
            (out.lo, out.hi) = (lo, hi);
        }
        Ok(out)
    }

    fn constant_beside(&mut self, x: NodeId, other: &Expr) -> Lowered<Expr> {
        let array = self.constants[x].clone().unwrap_or_else(empty);
        let tag = self.tag(x);
        // Fillers such as -1e9 saturate: a softmax or an activation saturates there anyway.
        let max = (1i64 << 24) as f64;
        let limit = crate::quantise::bounds::scale(max, -other.exponent);
        let data = array.data.iter().map(|v| v.clamp(-limit, limit)).collect();
        let array = crate::graph::Array { shape: array.shape, data };
        Ok(self.constant_at(&array, other.exponent, &tag))
    }

    /// `c x`, where `x` may be a constant.
    fn masked(&mut self, shape: &[usize], c: &Expr, x: &Expr) -> Lowered<Expr> {
        match x.as_constant() {
            Some(k) => {
                let mut out = c.times(k).broadcast(shape);
                out.exponent = x.exponent;
                Ok(out)
            }
            None => self.product_in(shape, c, x),
        }
    }
}

fn empty() -> crate::graph::Array {
    crate::graph::Array { shape: vec![], data: vec![0.0] }
}

/// `d -> d ~ 0`.
fn sign_graph(kind: Binary) -> std::rc::Rc<Graph> {
    let node = |op, inputs, dtype| Node { name: String::new(), op, inputs, shape: vec![1], dtype };
    let zero = crate::graph::Array { shape: vec![1], data: vec![0.0] };
    std::rc::Rc::new(Graph {
        nodes: vec![
            node(Op::Input, vec![], DType::Float),
            node(Op::Const(zero), vec![], DType::Float),
            node(Op::Binary(kind), vec![0, 1], DType::Bool),
        ],
        inputs: vec![0],
        outputs: vec![2],
    })
}
