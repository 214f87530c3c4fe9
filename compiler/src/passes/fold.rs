//! Nodes that depend on constants only.

use super::rewrite::rebuild;
use crate::evaluate::evaluate_node;
use crate::graph::{Array, Graph, Op};

/// Results up to this size are computed even if they are larger than all operands together.
const SMALL: usize = 1 << 16;

/// Computes them, unless the result is much larger than the operands, as that of a repetition is.
pub fn constants(graph: Graph) -> (Graph, bool) {
    rebuild(graph, |graph, builder, _, id| {
        let node = &graph.nodes[id];
        let operands: Vec<&Array> = node
            .inputs
            .iter()
            .map(|&input| match &graph.nodes[input].op {
                Op::Const(array) => Some(array),
                _ => None,
            })
            .collect::<Option<_>>()?;
        let volume: usize = node.shape.iter().product();
        let total: usize = operands.iter().map(|array| array.data.len()).sum();
        if operands.is_empty() || volume > total.max(SMALL) {
            return None;
        }
        let array = evaluate_node(node, &operands).ok()?;
        Some(builder.replace(node, Op::Const(array), vec![]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::testing::Model;

    #[test]
    fn computes_constants() {
        let mut m = Model::new();
        let c = m.constant(&[2, 3], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        let t = m.op(Op::Transpose { perm: vec![1, 0] }, &[c], &[3, 2]);
        let slice = Op::Slice { begin: vec![2, 0], step: vec![-2, 1] };
        let s = m.op(slice, &[t], &[2, 2]);
        let (graph, _) = constants(m.finish(s));
        let (graph, changed) = constants(graph);
        assert!(changed);
        let Op::Const(array) = &graph.nodes[graph.outputs[0]].op else { panic!("not folded") };
        assert_eq!(array.data, [2.0, 5.0, 0.0, 3.0]);
    }

    #[test]
    fn keeps_large_repetitions_and_inputs() {
        let mut m = Model::new();
        let c = m.constant(&[1], &[1.0]);
        let large = m.op(Op::Expand, &[c], &[1 << 17]);
        assert!(!constants(m.finish(large)).1);
        let mut m = Model::new();
        let x = m.input(&[2]);
        let y = m.op(Op::Reshape, &[x], &[2, 1]);
        assert!(!constants(m.finish(y)).1);
    }
}
