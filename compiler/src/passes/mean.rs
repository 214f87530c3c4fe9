//! A sum divided by its number of terms is a mean.

use super::matching::{near, with_constant};
use super::rewrite::rebuild;
use crate::graph::{Binary, Graph, Op, Reduce};

/// Recognises means, and merges a reduction with the reshape that drops its axes into one node
/// only where nothing else changes.
pub fn recognise(graph: Graph) -> (Graph, bool) {
    rebuild(graph, |graph, builder, map, id| {
        let node = &graph.nodes[id];
        let (sum, factor) = with_constant(graph, id, Binary::Mul)?;
        // The sum itself, or a reshape of it.
        let reduce = match graph.nodes[sum].op {
            Op::Reshape => graph.nodes[sum].inputs[0],
            _ => sum,
        };
        let Op::Reduce { kind: Reduce::Sum, axes, keep } = &graph.nodes[reduce].op else {
            return None;
        };
        let source = graph.nodes[reduce].inputs[0];
        let count: usize = axes.iter().map(|&axis| graph.nodes[source].shape[axis]).product();
        if !near(factor, 1.0 / count as f64) || graph.nodes[sum].shape != node.shape {
            return None;
        }
        let op = Op::Reduce { kind: Reduce::Mean, axes: axes.clone(), keep: *keep };
        if reduce == sum {
            return Some(builder.replace(node, op, vec![map[source]]));
        }
        let shape = graph.nodes[reduce].shape.clone();
        let name = format!("{}.mean", node.name);
        let mean = builder.helper(&name, op, vec![map[source]], shape, node.dtype);
        Some(builder.replace(node, Op::Reshape, vec![mean]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::testing::{Model, ops};

    fn graph(factor: f64) -> Graph {
        let mut m = Model::new();
        let x = m.input(&[2, 3, 4]);
        let sum = Op::Reduce { kind: Reduce::Sum, axes: vec![1, 2], keep: true };
        let s = m.op(sum, &[x], &[2, 1, 1]);
        let c = m.scalar(factor);
        let y = m.op(Op::Binary(Binary::Mul), &[s, c], &[2, 1, 1]);
        m.finish(y)
    }

    #[test]
    fn recognises_the_count_and_nothing_else() {
        let (mean, _) = recognise(graph(f64::from(1.0f32 / 12.0)));
        let Op::Reduce { kind, .. } = mean.nodes[mean.outputs[0]].op else { panic!("no mean") };
        assert_eq!(kind, Reduce::Mean);
        assert_eq!(ops(&recognise(graph(0.25)).0), ["Input", "Reduce", "Binary"]);
    }
}
