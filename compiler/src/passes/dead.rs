//! Removal of nodes that no output depends on.

use crate::graph::{Graph, Op};

/// Removes them; inputs stay.
pub fn remove(graph: Graph) -> Graph {
    let mut live: Vec<bool> = graph.nodes.iter().map(|node| matches!(node.op, Op::Input)).collect();
    graph.outputs.iter().for_each(|&id| live[id] = true);
    for id in (0..graph.nodes.len()).rev() {
        if live[id] {
            graph.nodes[id].inputs.iter().for_each(|&input| live[input] = true);
        }
    }
    let mut map = vec![0; graph.nodes.len()];
    let mut nodes = Vec::new();
    for (id, mut node) in graph.nodes.into_iter().enumerate() {
        if live[id] {
            node.inputs.iter_mut().for_each(|input| *input = map[*input]);
            map[id] = nodes.len();
            nodes.push(node);
        }
    }
    Graph {
        nodes,
        inputs: graph.inputs.into_iter().map(|id| map[id]).collect(),
        outputs: graph.outputs.into_iter().map(|id| map[id]).collect(),
    }
}
