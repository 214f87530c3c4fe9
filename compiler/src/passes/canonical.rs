//! One spelling for what can be written in several ways.
//!
//! `x - c` becomes `x + (-c)`, `x / c` becomes `x (1 / c)`, `x x` and `x^2` become a square,
//! `1 / x`, `x^0.5` and `1 / sqrt x` become their functions, and comparisons with constants that
//! bound a tensor become clips.

use super::matching::{binary, unary, with_constant};
use super::rewrite::{Builder, constant, rebuild, uniform, uses};
use crate::graph::{Array, Binary, DType, Graph, Node, NodeId, Op, Unary};

/// Rewrites every such node.
pub fn rewrite(graph: Graph) -> (Graph, bool) {
    let uses = uses(&graph);
    rebuild(graph, |graph, builder, map, id| {
        let node = &graph.nodes[id];
        if node.dtype != DType::Float {
            return None;
        }
        constant_operand(graph, builder, map, node)
            .or_else(|| power(graph, builder, map, id))
            .or_else(|| clip(graph, builder, map, id))
            .or_else(|| chain(graph, builder, map, id, &uses))
    })
}

/// Subtraction of and division by constants.
fn constant_operand(
    graph: &Graph,
    builder: &mut Builder,
    map: &[NodeId],
    node: &Node,
) -> Option<NodeId> {
    let Op::Binary(kind) = node.op else { return None };
    let [a, b] = node.inputs[..] else { return None };
    let c = constant(graph, b)?;
    let (op, data): (_, Vec<f64>) = match kind {
        Binary::Sub => (Binary::Add, c.data.iter().map(|x| -x).collect()),
        Binary::Div if c.data.iter().all(|&x| x != 0.0) => {
            (Binary::Mul, c.data.iter().map(|x| 1.0 / x).collect())
        }
        _ => return None,
    };
    let array = Array { shape: c.shape.clone(), data };
    let c = builder.constant(&format!("{}.constant", node.name), array, DType::Float);
    Some(builder.replace(node, Op::Binary(op), vec![map[a], c]))
}

/// Squares, roots and reciprocals.
fn power(graph: &Graph, builder: &mut Builder, map: &[NodeId], id: NodeId) -> Option<NodeId> {
    let node = &graph.nodes[id];
    let same_shape = |x: NodeId| graph.nodes[x].shape == node.shape;
    let (kind, x) = if let Some((a, b)) = binary(graph, id, Binary::Mul).filter(|(a, b)| a == b) {
        (Unary::Square, a.min(b))
    } else if let Some((x, p)) = binary(graph, id, Binary::Pow) {
        match uniform(graph, p)? {
            2.0 => (Unary::Square, x),
            0.5 => (Unary::Sqrt, x),
            -0.5 => (Unary::Rsqrt, x),
            -1.0 => (Unary::Reciprocal, x),
            _ => return None,
        }
    } else if let Some((a, b)) = binary(graph, id, Binary::Div) {
        if uniform(graph, a) == Some(1.0) {
            (Unary::Reciprocal, b)
        } else {
            return quotient(graph, builder, map, node, a, b);
        }
    } else {
        let x = unary(graph, id, Unary::Reciprocal)?;
        (Unary::Rsqrt, unary(graph, x, Unary::Sqrt)?)
    };
    same_shape(x).then(|| builder.replace(node, Op::Unary(kind), vec![map[x]]))
}

/// `a / sqrt b` is `a rsqrt b`.
fn quotient(
    graph: &Graph,
    builder: &mut Builder,
    map: &[NodeId],
    node: &Node,
    a: NodeId,
    b: NodeId,
) -> Option<NodeId> {
    let x = unary(graph, b, Unary::Sqrt)?;
    let name = format!("{}.rsqrt", node.name);
    let rsqrt = builder.unary(&name, Unary::Rsqrt, map[x]);
    Some(builder.replace(node, Op::Binary(Binary::Mul), vec![map[a], rsqrt]))
}

/// The interval that a node bounds its operand to.
fn interval(graph: &Graph, id: NodeId) -> Option<(NodeId, f64, f64)> {
    let (inf, shape) = (f64::INFINITY, &graph.nodes[id].shape);
    let found = if let Some((x, c)) = with_constant(graph, id, Binary::Max) {
        (x, c, inf)
    } else if let Some((x, c)) = with_constant(graph, id, Binary::Min) {
        (x, -inf, c)
    } else if let Some(x) = unary(graph, id, Unary::Relu) {
        (x, 0.0, inf)
    } else {
        match graph.nodes[id].op {
            Op::Unary(Unary::Clip { lo, hi }) => (graph.nodes[id].inputs[0], lo, hi),
            _ => return None,
        }
    };
    (graph.nodes[found.0].shape == *shape).then_some(found)
}

fn clip(graph: &Graph, builder: &mut Builder, map: &[NodeId], id: NodeId) -> Option<NodeId> {
    let node = &graph.nodes[id];
    let (mut x, mut lo, mut hi) = interval(graph, id)?;
    if let Some((inner, a, b)) = interval(graph, x)
        // Bounds that cross make the order matter.
        && a.max(lo) <= b.min(hi)
    {
        (x, lo, hi) = (inner, a.max(lo), b.min(hi));
    }
    // Bounds at the ends of the float type bound nothing.
    let largest = f64::from(f32::MAX);
    let (below, above) = (lo <= -largest, hi >= largest);
    let op = match (below, above) {
        (true, true) => return Some(map[x]),
        (false, true) if lo == 0.0 => Unary::Relu,
        (false, false) if lo <= hi => Unary::Clip { lo, hi },
        _ => return None,
    };
    (node.op != Op::Unary(op)).then(|| builder.replace(node, Op::Unary(op), vec![map[x]]))
}

/// `(x + a) + b` and `(x a) b` with constants `a` and `b`, if nothing else reads what is in between.
fn chain(
    graph: &Graph,
    builder: &mut Builder,
    map: &[NodeId],
    id: NodeId,
    uses: &[usize],
) -> Option<NodeId> {
    let node = &graph.nodes[id];
    let Op::Binary(kind @ (Binary::Add | Binary::Mul)) = node.op else { return None };
    let split = |id: NodeId| {
        let (a, b) = binary(graph, id, kind)?;
        match (constant(graph, a), constant(graph, b)) {
            (None, Some(c)) => Some((a, c)),
            (Some(c), None) => Some((b, c)),
            _ => None,
        }
    };
    let (inner, outer) = split(id)?;
    let (x, first) = split(inner)?;
    let ranks = [x, inner].iter().all(|&i| graph.nodes[i].shape.len() == node.shape.len());
    if uses[inner] != 1 || !ranks || graph.nodes[x].shape != node.shape {
        return None;
    }
    let apply = |a: f64, b: f64| if kind == Binary::Add { a + b } else { a * b };
    let array = if outer.data.len() == 1 {
        let data = first.data.iter().map(|&a| apply(a, outer.data[0])).collect();
        Array { shape: first.shape.clone(), data }
    } else if first.data.len() == 1 {
        let data = outer.data.iter().map(|&a| apply(a, first.data[0])).collect();
        Array { shape: outer.shape.clone(), data }
    } else if first.shape == outer.shape {
        let pairs = first.data.iter().zip(&outer.data);
        Array { shape: first.shape.clone(), data: pairs.map(|(&a, &b)| apply(a, b)).collect() }
    } else {
        return None;
    };
    let c = builder.constant(&format!("{}.constant", node.name), array, DType::Float);
    Some(builder.replace(node, Op::Binary(kind), vec![map[x], c]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::testing::Model;

    fn last(graph: Graph) -> Op {
        let mut graph = graph;
        for _ in 0..4 {
            graph = rewrite(graph).0;
        }
        graph.nodes[graph.outputs[0]].op.clone()
    }

    fn with(kind: Binary, c: f64, before: Option<(Binary, f64)>) -> Op {
        let mut m = Model::new();
        let mut x = m.input(&[3]);
        if let Some((kind, c)) = before {
            let c = m.constant(&[1], &[c]);
            x = m.op(Op::Binary(kind), &[x, c], &[3]);
        }
        let c = m.constant(&[1], &[c]);
        let y = m.op(Op::Binary(kind), &[x, c], &[3]);
        last(m.finish(y))
    }

    #[test]
    fn powers() {
        assert_eq!(with(Binary::Pow, 2.0, None), Op::Unary(Unary::Square));
        assert_eq!(with(Binary::Pow, -0.5, None), Op::Unary(Unary::Rsqrt));
        assert_eq!(with(Binary::Pow, 3.0, None), Op::Binary(Binary::Pow));
        assert_eq!(with(Binary::Sub, 3.0, None), Op::Binary(Binary::Add));
        assert_eq!(with(Binary::Div, 0.0, None), Op::Binary(Binary::Div));
    }

    #[test]
    fn clips() {
        assert_eq!(with(Binary::Max, 0.0, None), Op::Unary(Unary::Relu));
        let clip = Op::Unary(Unary::Clip { lo: 0.0, hi: 6.0 });
        assert_eq!(with(Binary::Min, 6.0, Some((Binary::Max, 0.0))), clip);
        assert_eq!(with(Binary::Max, 0.0, Some((Binary::Min, 6.0))), clip);
        // Crossing bounds: the outer one wins, which no clip says.
        assert_eq!(with(Binary::Min, -1.0, Some((Binary::Max, 0.0))), Op::Binary(Binary::Min));
    }
}
