//! Activations spelled out: polynomials in `x` and one function `t` of `x`.
//!
//! A node is brought to the form `p(x) + t q(x)` with polynomials `p` and `q`. Then
//! - `t = erf(x / sqrt 2)`, `p = q = x / 2`: Gelu;
//! - `t = tanh(sqrt(2 / pi) (x + 0.044715 x^3))`, `p = q = x / 2`: its approximation;
//! - `t = sigmoid(x)`, `q = x`: Silu; `t = tanh(softplus(x))`, `q = x`: Mish;
//! - `t = clip(a x + b, 0, 1)`, `q = 1`: hard sigmoid, with `q = x`, `a = 1/6`, `b = 1/2`: hard swish.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use super::matching::{affine, near, unary};
use super::rewrite::{rebuild, uniform};
use crate::graph::{Binary, DType, Graph, NodeId, Op, Unary};

/// Nodes that are looked at, at most, for one pattern.
const MAX_NODES: usize = 48;

/// Recognises them.
pub fn recognise(graph: Graph) -> (Graph, bool) {
    rebuild(graph, |graph, builder, map, id| {
        let node = &graph.nodes[id];
        if node.dtype != DType::Float {
            return None;
        }
        let (op, x) = direct(graph, id).or_else(|| product(graph, id))?;
        (graph.nodes[x].shape == node.shape && node.op != Op::Unary(op))
            .then(|| builder.replace(node, Op::Unary(op), vec![map[x]]))
    })
}

/// Functions that are no product.
fn direct(graph: &Graph, id: NodeId) -> Option<(Unary, NodeId)> {
    match graph.nodes[id].op {
        // 1 / (1 + exp(-x))
        Op::Unary(Unary::Reciprocal) => {
            let (e, scale, offset) = affine(graph, graph.nodes[id].inputs[0]);
            let (x, sign, shift) = affine(graph, unary(graph, e, Unary::Exp)?);
            (scale == 1.0 && offset == 1.0 && sign == -1.0 && shift == 0.0)
                .then_some((Unary::Sigmoid, x))
        }
        // log(1 + exp(x))
        Op::Unary(Unary::Log) => {
            let (e, scale, offset) = affine(graph, graph.nodes[id].inputs[0]);
            let x = unary(graph, e, Unary::Exp)?;
            (scale == 1.0 && offset == 1.0).then_some((Unary::Softplus, x))
        }
        Op::Unary(Unary::Clip { lo: 0.0, hi: 1.0 }) => {
            let (x, alpha, beta) = affine(graph, graph.nodes[id].inputs[0]);
            (alpha != 0.0 && alpha != 1.0).then_some((Unary::HardSigmoid { alpha, beta }, x))
        }
        // clip(x + 3, 0, 6) / 6
        Op::Binary(Binary::Mul) => {
            let (clip, scale, offset) = affine(graph, id);
            let Op::Unary(Unary::Clip { lo: 0.0, hi }) = graph.nodes[clip].op else { return None };
            let (x, slope, shift) = affine(graph, graph.nodes[clip].inputs[0]);
            (offset == 0.0 && near(scale * hi, 1.0))
                .then_some((Unary::HardSigmoid { alpha: slope * scale, beta: shift * scale }, x))
        }
        _ => None,
    }
}

/// Coefficients of a polynomial of degree three.
type Polynomial = [f64; 4];

/// `p + t q`.
#[derive(Clone, Copy, Debug, Default)]
struct Form {
    p: Polynomial,
    q: Polynomial,
}

fn times(a: &Polynomial, b: &Polynomial) -> Option<Polynomial> {
    let mut product = [0.0; 7];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            product[i + j] += x * y;
        }
    }
    product[4..].iter().all(|&c| c == 0.0).then(|| [0, 1, 2, 3].map(|i| product[i]))
}

impl Form {
    fn plus(&self, other: &Self, sign: f64) -> Self {
        let add = |a: Polynomial, b: Polynomial| [0, 1, 2, 3].map(|i| a[i] + sign * b[i]);
        Self { p: add(self.p, other.p), q: add(self.q, other.q) }
    }

    fn times(&self, other: &Self) -> Option<Self> {
        let none = |q: &Polynomial| q.iter().all(|&c| c == 0.0);
        if !none(&self.q) && !none(&other.q) {
            return None;
        }
        let (left, right) = (times(&self.p, &other.q)?, times(&self.q, &other.p)?);
        let q = [0, 1, 2, 3].map(|i| left[i] + right[i]);
        Some(Self { p: times(&self.p, &other.p)?, q })
    }
}

/// A node in terms of `x` and `t`.
fn form(graph: &Graph, id: NodeId, x: NodeId, t: Option<NodeId>, depth: usize) -> Option<Form> {
    if Some(id) == t {
        return Some(Form { p: [0.0; 4], q: [1.0, 0.0, 0.0, 0.0] });
    }
    if id == x {
        return Some(Form { p: [0.0, 1.0, 0.0, 0.0], q: [0.0; 4] });
    }
    if let Some(c) = uniform(graph, id) {
        return Some(Form { p: [c, 0.0, 0.0, 0.0], q: [0.0; 4] });
    }
    let depth = depth.checked_sub(1)?;
    let node = &graph.nodes[id];
    let operand = |slot: usize| form(graph, node.inputs[slot], x, t, depth);
    match node.op {
        Op::Binary(Binary::Add) => Some(operand(0)?.plus(&operand(1)?, 1.0)),
        Op::Binary(Binary::Sub) => Some(operand(0)?.plus(&operand(1)?, -1.0)),
        Op::Binary(Binary::Mul) => operand(0)?.times(&operand(1)?),
        Op::Binary(Binary::Pow) if uniform(graph, node.inputs[1]) == Some(3.0) => {
            let base = operand(0)?;
            base.times(&base)?.times(&base)
        }
        Op::Unary(Unary::Square) => {
            let base = operand(0)?;
            base.times(&base)
        }
        Op::Unary(Unary::Neg) => Some(Form::default().plus(&operand(0)?, -1.0)),
        _ => None,
    }
}

/// Depth of the expressions that are looked at.
const DEPTH: usize = 8;

fn is(got: &Polynomial, expected: &Polynomial) -> bool {
    got.iter().zip(expected).all(|(&g, &e)| if e == 0.0 { g == 0.0 } else { near(g, e) })
}

/// `p(x) + t q(x)`.
fn product(graph: &Graph, id: NodeId) -> Option<(Unary, NodeId)> {
    if !matches!(graph.nodes[id].op, Op::Binary(Binary::Mul | Binary::Add)) {
        return None;
    }
    let below = arithmetic(graph, id);
    let functions = below.iter().copied().filter(|&t| {
        use Unary::{Clip, Erf, HardSigmoid, Sigmoid, Tanh};
        matches!(
            graph.nodes[t].op,
            Op::Unary(Erf | Tanh | Sigmoid | HardSigmoid { .. } | Clip { .. })
        )
    });
    for t in functions {
        for &x in &below {
            if let Some(unary) = function(graph, id, x, t) {
                return Some((unary, x));
            }
        }
    }
    None
}

/// The nodes that a sum of products is made of, and those of the arguments of its functions.
fn arithmetic(graph: &Graph, id: NodeId) -> Vec<NodeId> {
    let mut found = Vec::new();
    let mut next = vec![id];
    while let Some(id) = next.pop() {
        if found.contains(&id) || found.len() >= MAX_NODES || uniform(graph, id).is_some() {
            continue;
        }
        found.push(id);
        let node = &graph.nodes[id];
        use Unary::{Clip, Erf, HardSigmoid, Neg, Sigmoid, Softplus, Square, Tanh};
        let inner = matches!(
            node.op,
            Op::Binary(Binary::Add | Binary::Sub | Binary::Mul | Binary::Pow)
                | Op::Unary(
                    Erf | Tanh
                        | Sigmoid
                        | HardSigmoid { .. }
                        | Clip { .. }
                        | Square
                        | Neg
                        | Softplus
                )
        );
        if inner {
            next.extend(&node.inputs);
        }
    }
    found
}

/// The function of `x` that node `id` is, `t` being the function inside.
fn function(graph: &Graph, id: NodeId, x: NodeId, t: NodeId) -> Option<Unary> {
    if x == t || x == id {
        return None;
    }
    let Form { p, q } = form(graph, id, x, Some(t), DEPTH)?;
    let inside = graph.nodes[t].inputs[0];
    let argument = || form(graph, inside, x, None, DEPTH).map(|form| form.p);
    let (zero, line) = ([0.0; 4], |slope: f64| [0.0, slope, 0.0, 0.0]);
    let halves = is(&p, &line(0.5)) && is(&q, &line(0.5));
    let product = p == zero && is(&q, &line(1.0));
    match graph.nodes[t].op {
        Op::Unary(Unary::Erf) if halves => {
            is(&argument()?, &line(FRAC_1_SQRT_2)).then_some(Unary::Gelu)
        }
        Op::Unary(Unary::Tanh) if halves => {
            let slope = FRAC_2_SQRT_PI * FRAC_1_SQRT_2;
            let expected = [0.0, slope, 0.0, slope * 0.044715];
            is(&argument()?, &expected).then_some(Unary::GeluTanh)
        }
        Op::Unary(Unary::Tanh) if product => {
            (unary(graph, inside, Unary::Softplus)? == x).then_some(Unary::Mish)
        }
        Op::Unary(Unary::Sigmoid) if product => (inside == x).then_some(Unary::Silu),
        Op::Unary(Unary::HardSigmoid { alpha, beta }) if product => {
            (inside == x && near(alpha, 1.0 / 6.0) && near(beta, 0.5)).then_some(Unary::HardSwish)
        }
        Op::Unary(Unary::Clip { lo: 0.0, hi }) if p == zero && is(&q, &line(1.0 / hi)) => {
            is(&argument()?, &[hi / 2.0, hi / 6.0, 0.0, 0.0]).then_some(Unary::HardSwish)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::simplify;
    use crate::passes::testing::Model;

    fn last(graph: &Graph) -> Op {
        graph.nodes[graph.outputs[0]].op.clone()
    }

    fn mul(m: &mut Model, a: NodeId, b: NodeId) -> NodeId {
        m.op(Op::Binary(Binary::Mul), &[a, b], &[4])
    }

    fn add(m: &mut Model, a: NodeId, b: NodeId) -> NodeId {
        m.op(Op::Binary(Binary::Add), &[a, b], &[4])
    }

    fn c(m: &mut Model, value: f64) -> NodeId {
        m.constant(&[1], &[value])
    }

    /// `x / 2 (1 + erf(k x))`, the factors in another order for each variant.
    fn gelu(k: f64, half: f64, variant: usize) -> Graph {
        let mut m = Model::new();
        let x = m.input(&[4]);
        let x = m.op(Op::Unary(Unary::Sin), &[x], &[4]);
        let (k, half, one) = (c(&mut m, k), c(&mut m, half), c(&mut m, 1.0));
        let u = mul(&mut m, x, k);
        let t = m.op(Op::Unary(Unary::Erf), &[u], &[4]);
        let t = add(&mut m, one, t);
        let y = match variant {
            0 => {
                let a = mul(&mut m, x, t);
                mul(&mut m, a, half)
            }
            1 => {
                let a = mul(&mut m, x, half);
                mul(&mut m, t, a)
            }
            _ => {
                let a = mul(&mut m, half, t);
                mul(&mut m, x, a)
            }
        };
        m.finish(y)
    }

    #[test]
    fn gelu_in_every_order() {
        for variant in 0..3 {
            let graph = simplify(gelu(f64::from(0.707_106_77f32), 0.5, variant));
            assert_eq!(last(&graph), Op::Unary(Unary::Gelu));
            assert_eq!(graph.nodes.len(), 3);
            for (k, half) in [(0.7, 0.5), (FRAC_1_SQRT_2, 0.51)] {
                let graph = simplify(gelu(k, half, variant));
                assert_eq!(last(&graph), Op::Binary(Binary::Mul));
            }
        }
    }

    /// `x / 2 (1 + tanh(slope (x + cubic x^3)))`.
    fn gelu_tanh(cubic: f64, power: bool) -> Graph {
        let mut m = Model::new();
        let x = m.input(&[4]);
        let (cubic, half, one) = (c(&mut m, cubic), c(&mut m, 0.5), c(&mut m, 1.0));
        let slope = c(&mut m, 0.797_884_6);
        let u = if power {
            let three = c(&mut m, 3.0);
            let cube = m.op(Op::Binary(Binary::Pow), &[x, three], &[4]);
            let cube = mul(&mut m, cube, cubic);
            add(&mut m, x, cube)
        } else {
            let square = mul(&mut m, x, x);
            let square = mul(&mut m, square, cubic);
            let sum = add(&mut m, square, one);
            mul(&mut m, x, sum)
        };
        let u = mul(&mut m, u, slope);
        let t = m.op(Op::Unary(Unary::Tanh), &[u], &[4]);
        let t = add(&mut m, t, one);
        let y = mul(&mut m, t, x);
        let y = mul(&mut m, y, half);
        m.finish(y)
    }

    #[test]
    fn gelu_by_tanh() {
        for power in [false, true] {
            let graph = simplify(gelu_tanh(0.044715, power));
            assert_eq!(last(&graph), Op::Unary(Unary::GeluTanh));
            let near_miss = simplify(gelu_tanh(0.05, power));
            assert_eq!(last(&near_miss), Op::Binary(Binary::Mul));
        }
    }

    #[test]
    fn silu_and_hard_swish() {
        let mut m = Model::new();
        let x = m.input(&[4]);
        let (minus, one) = (c(&mut m, -1.0), c(&mut m, 1.0));
        let n = mul(&mut m, x, minus);
        let e = m.op(Op::Unary(Unary::Exp), &[n], &[4]);
        let s = add(&mut m, e, one);
        let y = m.op(Op::Binary(Binary::Div), &[x, s], &[4]);
        let graph = simplify(m.finish(y));
        // A quotient, not a product: left alone.
        assert_eq!(last(&graph), Op::Binary(Binary::Div));

        for (shift, expected) in
            [(3.0, Op::Unary(Unary::HardSwish)), (2.5, Op::Binary(Binary::Mul))]
        {
            let mut m = Model::new();
            let x = m.input(&[4]);
            let (three, zero, six) = (c(&mut m, shift), c(&mut m, 0.0), c(&mut m, 6.0));
            let s = add(&mut m, x, three);
            let s = m.op(Op::Binary(Binary::Max), &[s, zero], &[4]);
            let s = m.op(Op::Binary(Binary::Min), &[s, six], &[4]);
            let s = m.op(Op::Binary(Binary::Div), &[s, six], &[4]);
            let y = mul(&mut m, x, s);
            assert_eq!(last(&simplify(m.finish(y))), expected);
        }
    }

    #[test]
    fn silu_of_another_tensor_is_a_gate() {
        for same in [true, false] {
            let mut m = Model::new();
            let x = m.input(&[4]);
            let z = m.input(&[4]);
            let t = m.op(Op::Unary(Unary::Sigmoid), &[if same { x } else { z }], &[4]);
            let y = mul(&mut m, x, t);
            let expected = if same { Op::Unary(Unary::Silu) } else { Op::Binary(Binary::Mul) };
            assert_eq!(last(&simplify(m.finish(y))), expected);
        }
    }
}
