//! Constant scales and shifts per channel go into the weights before them.
//!
//! After a convolution with constant weights, a factor per output channel scales weights and bias,
//! and a shift adds to the bias. After a product with a constant, a factor along axes of that
//! constant scales it. Only where nothing else reads the result of the convolution or product.

use super::rewrite::{Builder, constant, rebuild, uses};
use crate::graph::{Array, Binary, DType, Graph, Node, NodeId, Op};

/// Folds them.
pub fn fold(graph: Graph) -> (Graph, bool) {
    let uses = uses(&graph);
    rebuild(graph, |graph, builder, map, id| {
        let node = &graph.nodes[id];
        let Op::Binary(kind @ (Binary::Add | Binary::Mul)) = node.op else { return None };
        let [a, b] = node.inputs[..] else { return None };
        let (linear, c) = if constant(graph, b).is_some() { (a, b) } else { (b, a) };
        let c = constant(graph, c)?;
        let before = &graph.nodes[linear];
        if uses[linear] != 1 || before.shape != node.shape || node.dtype != DType::Float {
            return None;
        }
        match before.op {
            Op::Conv { .. } => conv(graph, builder, map, node, before, kind, c),
            Op::Reshape => behind_reshape(graph, builder, map, node, before, kind, c, &uses),
            Op::Einsum { .. } if kind == Binary::Mul => {
                einsum(graph, builder, map, node, before, c)
            }
            _ => None,
        }
    })
}

/// Entries of a constant that varies along one axis only, of `extent`.
fn along(c: &Array, rank: usize, axis: usize, extent: usize) -> Option<Vec<f64>> {
    let mut shape = vec![1; rank.checked_sub(c.shape.len())?];
    shape.extend(&c.shape);
    let others = shape.iter().enumerate().all(|(d, &n)| d == axis || n == 1);
    match (others, shape[axis]) {
        (true, 1) => Some(vec![c.data[0]; extent]),
        (true, n) if n == extent => Some(c.data.clone()),
        _ => None,
    }
}

fn conv(
    graph: &Graph,
    builder: &mut Builder,
    map: &[NodeId],
    node: &Node,
    before: &Node,
    kind: Binary,
    c: &Array,
) -> Option<NodeId> {
    let channels = before.shape[1];
    let c = along(c, node.shape.len(), 1, channels)?;
    let bias = match before.inputs.get(2) {
        Some(&bias) => constant(graph, bias)?.data.clone(),
        None => vec![0.0; channels],
    };
    let mut weights = map[before.inputs[1]];
    let bias: Vec<f64> = match kind {
        Binary::Add => bias.iter().zip(&c).map(|(b, c)| b + c).collect(),
        _ => {
            let old = constant(graph, before.inputs[1])?;
            let taps = old.data.len() / channels;
            let data = old.data.iter().enumerate().map(|(i, w)| w * c[i / taps]).collect();
            let array = Array { shape: old.shape.clone(), data };
            weights = builder.constant(&format!("{}.weights", node.name), array, DType::Float);
            bias.iter().zip(&c).map(|(b, c)| b * c).collect()
        }
    };
    let mut inputs = vec![map[before.inputs[0]], weights];
    if bias.iter().any(|&b| b != 0.0) {
        let array = Array { shape: vec![channels], data: bias };
        inputs.push(builder.constant(&format!("{}.bias", node.name), array, DType::Float));
    }
    Some(builder.replace(node, before.op.clone(), inputs))
}

/// A convolution whose result is reshaped, batch and channels staying where they are.
#[allow(clippy::too_many_arguments)]
fn behind_reshape(
    graph: &Graph,
    builder: &mut Builder,
    map: &[NodeId],
    node: &Node,
    reshape: &Node,
    kind: Binary,
    c: &Array,
    uses: &[usize],
) -> Option<NodeId> {
    let source = reshape.inputs[0];
    let before = &graph.nodes[source];
    let stays = before.shape.get(..2)? == node.shape.get(..2)?;
    if uses[source] != 1 || !stays || !matches!(before.op, Op::Conv { .. }) {
        return None;
    }
    let data = along(c, node.shape.len(), 1, before.shape[1])?;
    let mut shape = vec![1; before.shape.len()];
    shape[1] = data.len();
    let c = Array { shape, data };
    let name = format!("{}.folded", node.name);
    let folded = Node { name, dtype: node.dtype, ..before.clone() };
    let folded = conv(graph, builder, map, &folded, before, kind, &c)?;
    Some(builder.replace(node, Op::Reshape, vec![folded]))
}

fn einsum(
    graph: &Graph,
    builder: &mut Builder,
    map: &[NodeId],
    node: &Node,
    before: &Node,
    c: &Array,
) -> Option<NodeId> {
    let Op::Einsum { a, b, out } = &before.op else { return None };
    let slot = before.inputs.iter().position(|&id| constant(graph, id).is_some())?;
    let labels = if slot == 0 { a } else { b };
    let old = constant(graph, before.inputs[slot])?;
    // The axes along which the factor varies, as axes of the constant operand.
    let skipped = node.shape.len().checked_sub(c.shape.len())?;
    let mut stride = 1;
    let mut steps = vec![0; old.shape.len()];
    for axis in (0..c.shape.len()).rev() {
        if c.shape[axis] != 1 {
            let label = out[skipped + axis];
            steps[labels.iter().position(|&l| l == label)?] = stride;
        }
        stride *= c.shape[axis];
    }
    let mut data = Vec::with_capacity(old.data.len());
    for (i, w) in old.data.iter().enumerate() {
        let (mut rest, mut at) = (i, 0);
        for axis in (0..old.shape.len()).rev() {
            at += rest % old.shape[axis] * steps[axis];
            rest /= old.shape[axis];
        }
        data.push(w * c.data[at]);
    }
    let array = Array { shape: old.shape.clone(), data };
    let weights = builder.constant(&format!("{}.weights", node.name), array, DType::Float);
    let mut inputs: Vec<NodeId> = before.inputs.iter().map(|&id| map[id]).collect();
    inputs[slot] = weights;
    Some(builder.replace(node, before.op.clone(), inputs))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Window;
    use crate::passes::testing::{Model, ops};

    fn graph(shape: &[usize], scale: &[f64], shared: bool) -> Graph {
        let mut m = Model::new();
        let x = m.input(&[1, 1, 2]);
        let w = m.constant(&[2, 1, 1], &[3.0, 5.0]);
        let window =
            Window { kernel: vec![1], stride: vec![1], dilation: vec![1], pad_before: vec![0] };
        let conv = m.op(Op::Conv { window, groups: 1 }, &[x, w], &[1, 2, 2]);
        let scale = m.constant(shape, scale);
        let y = m.op(Op::Binary(Binary::Mul), &[conv, scale], &[1, 2, 2]);
        let shift = m.constant(&[2, 1], &[0.25, 0.5]);
        let mut y = m.op(Op::Binary(Binary::Add), &[shift, y], &[1, 2, 2]);
        if shared {
            y = m.op(Op::Binary(Binary::Add), &[y, conv], &[1, 2, 2]);
        }
        m.finish(y)
    }

    #[test]
    fn folds_a_batch_norm() {
        let (folded, _) = fold(graph(&[1, 2, 1], &[2.0, -1.0], false));
        let (folded, _) = fold(folded);
        assert_eq!(ops(&folded), ["Input", "Conv"]);
        let conv = &folded.nodes[folded.outputs[0]];
        let data = |slot: usize| constant(&folded, conv.inputs[slot]).map(|a| a.data.clone());
        assert_eq!(data(1), Some(vec![6.0, -5.0]));
        assert_eq!(data(2), Some(vec![0.25, 0.5]));
    }

    #[test]
    fn keeps_scales_of_positions_and_shared_results() {
        assert_eq!(ops(&fold(graph(&[1, 1, 2], &[2.0, -1.0], false)).0).len(), 4);
        assert_eq!(ops(&fold(graph(&[1, 2, 1], &[2.0, -1.0], true)).0).len(), 5);
    }

    #[test]
    fn scales_a_matrix() {
        let mut m = Model::new();
        let x = m.input(&[4, 2]);
        let w = m.constant(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let einsum = Op::Einsum { a: vec![0, 1], b: vec![1, 2], out: vec![0, 2] };
        let y = m.op(einsum, &[x, w], &[4, 3]);
        let c = m.constant(&[3], &[1.0, 10.0, 100.0]);
        let y = m.op(Op::Binary(Binary::Mul), &[y, c], &[4, 3]);
        let (graph, _) = fold(m.finish(y));
        let einsum = &graph.nodes[graph.outputs[0]];
        let weights = constant(&graph, einsum.inputs[1]).map(|a| a.data.clone());
        assert_eq!(weights, Some(vec![1.0, 20.0, 300.0, 4.0, 50.0, 600.0]));
    }
}
