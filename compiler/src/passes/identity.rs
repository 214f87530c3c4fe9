//! Nodes that change nothing, and runs of reshapes and transposes.

use super::rewrite::{Builder, rebuild};
use crate::graph::{Binary, Graph, Node, NodeId, Op, Unary};

/// Removes them.
pub fn remove(graph: Graph) -> (Graph, bool) {
    rebuild(graph, |graph, builder, map, id| {
        let node = &graph.nodes[id];
        if let Some(source) = unchanged(graph, node) {
            // An output keeps its name.
            let output = graph.outputs.contains(&id);
            let source_named = graph.outputs.contains(&source) || graph.inputs.contains(&source);
            if !output {
                return Some(map[source]);
            }
            if !source_named && !matches!(graph.nodes[source].op, Op::Const(_)) {
                builder.rename(map[source], &node.name);
                return Some(map[source]);
            }
        }
        merge(builder, map, graph, node).or_else(|| narrow(builder, map, graph, node))
    })
}

/// The operand, if the node has its value, shape and element type.
fn unchanged(graph: &Graph, node: &Node) -> Option<NodeId> {
    let &source = node.inputs.first()?;
    let operand = &graph.nodes[source];
    if operand.shape != node.shape || operand.dtype != node.dtype {
        return neutral(graph, node);
    }
    let same = match &node.op {
        Op::Reshape | Op::Expand | Op::Tile | Op::Cast => true,
        Op::Transpose { perm } => perm.iter().enumerate().all(|(i, &p)| i == p),
        Op::Slice { begin, step } => begin.iter().all(|&b| b == 0) && step.iter().all(|&s| s == 1),
        Op::Pad { before, .. } => before.iter().all(|&b| b == 0),
        Op::Concat { .. } => node.inputs.len() == 1,
        Op::Unary(Unary::Trunc) => operand.dtype == crate::graph::DType::Int,
        _ => false,
    };
    if same { Some(source) } else { neutral(graph, node) }
}

/// The operand that a neutral constant leaves unchanged.
fn neutral(graph: &Graph, node: &Node) -> Option<NodeId> {
    let Op::Binary(binary) = node.op else { return None };
    let [a, b] = node.inputs[..] else { return None };
    let constant = |id| super::rewrite::uniform(graph, id);
    let fits = |id: NodeId| {
        let operand = &graph.nodes[id];
        operand.shape == node.shape && operand.dtype == node.dtype
    };
    let (left, right) = (constant(a), constant(b));
    let (zero, one) = (Some(0.0), Some(1.0));
    let candidate = match binary {
        Binary::Add if right == zero => a,
        Binary::Add if left == zero => b,
        Binary::Sub if right == zero => a,
        Binary::Mul | Binary::Div | Binary::Pow if right == one => a,
        Binary::Mul if left == one => b,
        _ => return None,
    };
    fits(candidate).then_some(candidate)
}

/// A reshape of a reshape is one reshape, likewise transposes and casts; a transpose that moves
/// only axes of extent one is a reshape.
fn merge(builder: &mut Builder, map: &[NodeId], graph: &Graph, node: &Node) -> Option<NodeId> {
    let &source = node.inputs.first()?;
    let operand = &graph.nodes[source];
    match (&node.op, &operand.op) {
        (Op::Reshape, Op::Reshape) => {
            Some(builder.replace(node, Op::Reshape, vec![map[operand.inputs[0]]]))
        }
        (Op::Transpose { perm }, Op::Transpose { perm: inner }) => {
            let perm = perm.iter().map(|&p| inner[p]).collect();
            Some(builder.replace(node, Op::Transpose { perm }, vec![map[operand.inputs[0]]]))
        }
        (Op::Transpose { perm }, _) => {
            let moved: Vec<usize> =
                perm.iter().copied().filter(|&p| operand.shape[p] != 1).collect();
            let sorted = moved.is_sorted();
            (sorted && operand.shape != node.shape)
                .then(|| builder.replace(node, Op::Reshape, vec![map[source]]))
        }
        _ => None,
    }
}

/// An operand of a broadcasting operation need not be expanded before.
fn narrow(builder: &mut Builder, map: &[NodeId], graph: &Graph, node: &Node) -> Option<NodeId> {
    if !matches!(node.op, Op::Binary(_) | Op::Where) {
        return None;
    }
    let slot = node.inputs.iter().position(|&id| {
        let operand = &graph.nodes[id];
        matches!(operand.op, Op::Expand)
            && graph.nodes[operand.inputs[0]].shape.len() == operand.shape.len()
    })?;
    let mut inputs = node.inputs.clone();
    inputs[slot] = graph.nodes[inputs[slot]].inputs[0];
    let extent = |axis: usize| inputs.iter().map(|&id| graph.nodes[id].shape[axis]).max();
    let ranks = inputs.iter().all(|&id| graph.nodes[id].shape.len() == node.shape.len());
    let fits = ranks && (0..node.shape.len()).all(|axis| extent(axis) == Some(node.shape[axis]));
    fits.then(|| {
        let inputs = inputs.iter().map(|&id| map[id]).collect();
        builder.replace(node, node.op.clone(), inputs)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::testing::{Model, ops};

    #[test]
    fn removes_what_changes_nothing() {
        let mut m = Model::new();
        let x = m.input(&[2, 3]);
        let a = m.op(Op::Reshape, &[x], &[2, 3]);
        let b = m.op(Op::Reshape, &[a], &[3, 2]);
        let c = m.op(Op::Reshape, &[b], &[6]);
        let zero = m.scalar(0.0);
        let d = m.op(Op::Binary(Binary::Add), &[c, zero], &[6]);
        let graph = remove(m.finish(d)).0;
        assert_eq!(ops(&graph), ["Input", "Reshape"]);
    }

    #[test]
    fn merges_transposes() {
        let mut m = Model::new();
        let x = m.input(&[2, 3, 4]);
        let a = m.op(Op::Transpose { perm: vec![2, 0, 1] }, &[x], &[4, 2, 3]);
        let b = m.op(Op::Transpose { perm: vec![1, 2, 0] }, &[a], &[2, 3, 4]);
        let c = m.op(Op::Unary(Unary::Relu), &[b], &[2, 3, 4]);
        let once = remove(m.finish(c)).0;
        assert_eq!(ops(&remove(once).0), ["Input", "Unary"]);
    }

    #[test]
    fn keeps_what_broadcasts() {
        let mut m = Model::new();
        let x = m.input(&[1, 3]);
        let zeros = m.constant(&[2, 3], &[0.0; 6]);
        let y = m.op(Op::Binary(Binary::Add), &[x, zeros], &[2, 3]);
        assert_eq!(ops(&remove(m.finish(y)).0), ["Input", "Binary"]);
    }
}
