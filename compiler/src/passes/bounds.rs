//! Intervals of integer inputs that follow from their use as indices.

use crate::graph::{DType, Graph, Op};

/// For each input: the indices that are valid everywhere it is used as one, or `None` if it is not.
pub fn of_inputs(graph: &Graph) -> Vec<Option<(i64, i64)>> {
    let mut bounds = vec![None::<(i64, i64)>; graph.inputs.len()];
    for node in &graph.nodes {
        let Op::Gather { axis } = node.op else { continue };
        let last = graph.nodes[node.inputs[0]].shape[axis] as i64 - 1;
        for input in sources(graph, node.inputs[1]) {
            if let Some(slot) = graph.inputs.iter().position(|&id| id == input) {
                let (lo, hi) = bounds[slot].unwrap_or((0, last));
                bounds[slot] = Some((lo, hi.min(last)));
            }
        }
    }
    bounds
}

/// The inputs whose entries are among those of a node.
fn sources(graph: &Graph, id: usize) -> Vec<usize> {
    let node = &graph.nodes[id];
    match node.op {
        Op::Input if node.dtype == DType::Int => vec![id],
        Op::Reshape
        | Op::Cast
        | Op::Expand
        | Op::Tile
        | Op::Transpose { .. }
        | Op::Slice { .. }
        | Op::Concat { .. }
        | Op::Pad { .. } => node.inputs.iter().flat_map(|&input| sources(graph, input)).collect(),
        Op::Gather { .. } => sources(graph, node.inputs[0]),
        _ => vec![],
    }
}
