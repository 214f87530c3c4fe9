//! Softmax spelled out: `e / sum e` with `e = exp(x - max x)`, or its logarithm.

use super::matching::{Reduction, binary, reduction, strip, unary, with_constant};
use super::rewrite::rebuild;
use crate::graph::{Binary, DType, Graph, NodeId, Op, Reduce, Unary};

/// A bound below this never changes a maximum.
const VERY_LOW: f64 = -1e30;

/// Recognises softmax and log-softmax.
pub fn recognise(graph: Graph) -> (Graph, bool) {
    rebuild(graph, |graph, builder, map, id| {
        let node = &graph.nodes[id];
        if node.dtype != DType::Float {
            return None;
        }
        let (x, axes, log) = quotient(graph, id)
            .map(|(x, axes)| (x, axes, false))
            .or_else(|| logarithm(graph, id).map(|(x, axes)| (x, axes, true)))?;
        (graph.nodes[x].shape == node.shape)
            .then(|| builder.replace(node, Op::Softmax { axes, log }, vec![map[x]]))
    })
}

fn quotient(graph: &Graph, id: NodeId) -> Option<(NodeId, Vec<usize>)> {
    let (e, sum) = if let Some((e, sum)) = binary(graph, id, Binary::Div) {
        (strip(graph, e), sum)
    } else {
        let (a, b) = binary(graph, id, Binary::Mul)?;
        let inverse = |id: NodeId| unary(graph, strip(graph, id), Unary::Reciprocal);
        match (inverse(a), inverse(b)) {
            (_, Some(sum)) => (strip(graph, a), sum),
            (Some(sum), None) => (strip(graph, b), sum),
            (None, None) => return None,
        }
    };
    let argument = unary(graph, e, Unary::Exp)?;
    let sum = reduction(graph, sum)?;
    (sum.kind == Reduce::Sum && sum.of == e).then(|| (shifted(graph, argument, &sum), sum.axes))
}

/// `d - log sum exp d`.
fn logarithm(graph: &Graph, id: NodeId) -> Option<(NodeId, Vec<usize>)> {
    let (d, log) = binary(graph, id, Binary::Sub)?;
    let d = strip(graph, d);
    let sum = reduction(graph, unary(graph, strip(graph, log), Unary::Log)?)?;
    let e = unary(graph, sum.of, Unary::Exp)?;
    (sum.kind == Reduce::Sum && strip(graph, e) == d).then(|| (shifted(graph, d, &sum), sum.axes))
}

/// The tensor from which the maximum over the same axes is subtracted, or the tensor itself.
fn shifted(graph: &Graph, id: NodeId, sum: &Reduction) -> NodeId {
    let unshifted = || -> Option<NodeId> {
        let (x, max) = binary(graph, strip(graph, id), Binary::Sub)?;
        let max = match with_constant(graph, max, Binary::Max) {
            Some((max, bound)) if bound <= VERY_LOW => max,
            Some(_) => return None,
            None => max,
        };
        let max = reduction(graph, max)?;
        (max.kind == Reduce::Max && max.axes == sum.axes && max.of == strip(graph, x)).then_some(x)
    };
    unshifted().unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::testing::{Model, ops};

    fn spelled(max_axis: usize, sum_axis: usize, bound: Option<f64>) -> Graph {
        let mut m = Model::new();
        let x = m.input(&[2, 2]);
        let reduce = |kind, axis| Op::Reduce { kind, axes: vec![axis], keep: true };
        let shape = |axis| if axis == 0 { [1, 2] } else { [2, 1] };
        let mut max = m.op(reduce(Reduce::Max, max_axis), &[x], &shape(max_axis));
        if let Some(bound) = bound {
            let c = m.constant(&[1, 1], &[bound]);
            max = m.op(Op::Binary(Binary::Max), &[max, c], &shape(max_axis));
        }
        let d = m.op(Op::Binary(Binary::Sub), &[x, max], &[2, 2]);
        let e = m.op(Op::Unary(Unary::Exp), &[d], &[2, 2]);
        let s = m.op(reduce(Reduce::Sum, sum_axis), &[e], &shape(sum_axis));
        let y = m.op(Op::Binary(Binary::Div), &[e, s], &[2, 2]);
        m.finish(y)
    }

    #[test]
    fn recognises_softmax() {
        assert_eq!(ops(&recognise(spelled(1, 1, None)).0), ["Input", "Softmax"]);
        assert_eq!(ops(&recognise(spelled(0, 0, Some(-3.4e38))).0), ["Input", "Softmax"]);
    }

    #[test]
    fn leaves_what_is_different() {
        // A maximum over another axis stays: it is a constant for each sum only in exact arithmetic.
        assert_eq!(ops(&recognise(spelled(0, 1, None)).0).len(), 4);
        assert_eq!(ops(&recognise(spelled(1, 1, Some(0.0))).0).len(), 5);
    }

    #[test]
    fn recognises_log_softmax() {
        let mut m = Model::new();
        let x = m.input(&[2, 3]);
        let e = m.op(Op::Unary(Unary::Exp), &[x], &[2, 3]);
        let sum = Op::Reduce { kind: Reduce::Sum, axes: vec![1], keep: true };
        let s = m.op(sum, &[e], &[2, 1]);
        let l = m.op(Op::Unary(Unary::Log), &[s], &[2, 1]);
        let y = m.op(Op::Binary(Binary::Sub), &[x, l], &[2, 3]);
        let (graph, _) = recognise(m.finish(y));
        let Op::Softmax { log, .. } = &graph.nodes[graph.outputs[0]].op else {
            panic!("not found")
        };
        assert!(log);
    }
}
