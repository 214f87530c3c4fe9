//! A factor before a linear operation goes into its constant weights.
//!
//! A mean is a sum with such a factor, unless its number of terms is a power of two: committed by
//! itself it would be rounded twice, once as a sum and once with the factor. Only where nothing else
//! reads the mean.

use super::rewrite::{constant, rebuild, uses};
use crate::graph::{Array, DType, Graph, NodeId, Op, Reduce};

/// Turns means that only a linear operation reads into sums.
pub fn fold(graph: Graph) -> (Graph, bool) {
    let uses = uses(&graph);
    rebuild(graph, |graph, builder, map, id| {
        let node = &graph.nodes[id];
        let weights = match (&node.op, &node.inputs[..]) {
            (Op::Conv { .. }, _) => 1,
            (Op::Einsum { .. }, &[_, b]) => usize::from(constant(graph, b).is_some()),
            _ => return None,
        };
        let old = constant(graph, node.inputs[weights])?;
        let path = path_to_mean(graph, node.inputs[1 - weights], &uses)?;
        let (&mean, reshapes) = path.split_last()?;
        let Op::Reduce { axes, keep, .. } = &graph.nodes[mean].op else { return None };
        let source = graph.nodes[mean].inputs[0];
        let count: usize = axes.iter().map(|&axis| graph.nodes[source].shape[axis]).product();
        if count.is_power_of_two() {
            return None;
        }
        let data = old.data.iter().map(|w| w / count as f64).collect();
        let array = Array { shape: old.shape.clone(), data };

        let op = Op::Reduce { kind: Reduce::Sum, axes: axes.clone(), keep: *keep };
        let hint = format!("{}.sum", graph.nodes[mean].name);
        let shape = graph.nodes[mean].shape.clone();
        let mut value = builder.helper(&hint, op, vec![map[source]], shape, DType::Float);
        for &reshape in reshapes.iter().rev() {
            value = builder.reshape(&hint, value, graph.nodes[reshape].shape.clone());
        }
        let mut inputs: Vec<NodeId> = node.inputs.iter().map(|&input| map[input]).collect();
        inputs[1 - weights] = value;
        inputs[weights] = builder.constant(&format!("{}.weights", node.name), array, DType::Float);
        Some(builder.replace(node, node.op.clone(), inputs))
    })
}

/// The mean that `id` is a reshape of, and all reshapes from `id` on before it; each read once.
fn path_to_mean(graph: &Graph, id: NodeId, uses: &[usize]) -> Option<Vec<NodeId>> {
    let mut path = vec![id];
    let mut at = id;
    loop {
        let node = &graph.nodes[at];
        if uses[at] != 1 || node.dtype != DType::Float {
            return None;
        }
        match node.op {
            Op::Reduce { kind: Reduce::Mean, .. } => return Some(path),
            Op::Reshape => {
                at = node.inputs[0];
                path.push(at);
            }
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Window;
    use crate::passes::testing::{Model, ops};

    /// A mean over a plane of `width` columns, reshaped, and a product with weights; read twice if
    /// `shared`.
    fn graph(width: usize, shared: bool) -> Graph {
        let mut m = Model::new();
        let x = m.input(&[1, 2, 3, width]);
        let mean = Op::Reduce { kind: Reduce::Mean, axes: vec![2, 3], keep: true };
        let mean = m.op(mean, &[x], &[1, 2, 1, 1]);
        let row = m.op(Op::Reshape, &[mean], &[1, 2]);
        let w = m.constant(&[2, 2], &[6.0, 12.0, 18.0, -24.0]);
        let einsum = Op::Einsum { a: vec![0, 1], b: vec![1, 2], out: vec![0, 2] };
        let mut y = m.op(einsum, &[row, w], &[1, 2]);
        if shared {
            y = m.op(Op::Binary(crate::graph::Binary::Add), &[y, row], &[1, 2]);
        }
        m.finish(y)
    }

    #[test]
    fn scales_the_weights_of_a_product() {
        let (folded, changed) = fold(graph(2, false));
        assert!(changed);
        assert_eq!(ops(&folded), ["Input", "Reduce", "Reshape", "Einsum"]);
        let product = &folded.nodes[folded.outputs[0]];
        let weights = constant(&folded, product.inputs[1]).map(|a| a.data.clone());
        assert_eq!(weights, Some(vec![1.0, 2.0, 3.0, -4.0]));
        let reduce = folded.nodes.iter().find_map(|n| match n.op {
            Op::Reduce { kind, .. } => Some(kind),
            _ => None,
        });
        assert_eq!(reduce, Some(Reduce::Sum));
        // Nothing is left to do.
        assert!(!fold(folded).1);
    }

    #[test]
    fn scales_the_weights_of_a_convolution_and_not_its_bias() {
        let mut m = Model::new();
        let x = m.input(&[1, 1, 3]);
        let mean = Op::Reduce { kind: Reduce::Mean, axes: vec![2], keep: true };
        let mean = m.op(mean, &[x], &[1, 1, 1]);
        let w = m.constant(&[2, 1, 1], &[3.0, 6.0]);
        let bias = m.constant(&[2], &[1.0, 2.0]);
        let window =
            Window { kernel: vec![1], stride: vec![1], dilation: vec![1], pad_before: vec![0] };
        let y = m.op(Op::Conv { window, groups: 1 }, &[mean, w, bias], &[1, 2, 1]);
        let (folded, _) = fold(m.finish(y));
        let conv = &folded.nodes[folded.outputs[0]];
        let data = |slot: usize| constant(&folded, conv.inputs[slot]).map(|a| a.data.clone());
        assert_eq!(data(1), Some(vec![1.0, 2.0]));
        assert_eq!(data(2), Some(vec![1.0, 2.0]));
    }

    #[test]
    fn leaves_shared_means_and_powers_of_two() {
        assert!(!fold(graph(2, true)).1);
        let mut m = Model::new();
        let x = m.input(&[1, 2, 4]);
        let mean = Op::Reduce { kind: Reduce::Mean, axes: vec![2], keep: false };
        let mean = m.op(mean, &[x], &[1, 2]);
        let w = m.constant(&[2, 1], &[1.0, 2.0]);
        let einsum = Op::Einsum { a: vec![0, 1], b: vec![1, 2], out: vec![0, 2] };
        let y = m.op(einsum, &[mean, w], &[1, 1]);
        assert!(!fold(m.finish(y)).1);
    }
}
