//! Which nodes are functions of one value, entry by entry, and so one lookup.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::graph::{Array, Binary, DType, Graph, Node, NodeId, Op, Unary};

/// `node = function(root)`, entry by entry.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    /// The operand.
    pub root: NodeId,
    /// One input, and the result as last node.
    pub graph: Rc<Graph>,
}

/// Constants of one entry that every index reads.
fn is_scalar(array: &Array) -> bool {
    array.data.len() == 1
}

fn entry_by_entry(op: &Op) -> bool {
    matches!(op, Op::Unary(_) | Op::Binary(_) | Op::Where | Op::Cast)
}

/// Whether an operation alone needs no table.
fn is_linear(op: &Op) -> bool {
    matches!(op, Op::Unary(Unary::Neg) | Op::Binary(Binary::Add | Binary::Sub) | Op::Cast)
}

/// Finds the chains of a graph. `constants` are the values of constant nodes.
pub(crate) fn find(graph: &Graph, constants: &[Option<Array>]) -> Vec<Option<Chain>> {
    let mut users: Vec<Vec<NodeId>> = vec![Vec::new(); graph.nodes.len()];
    for (i, node) in graph.nodes.iter().enumerate() {
        for &j in &node.inputs {
            users[j].push(i);
        }
    }
    for &o in &graph.outputs {
        users[o].push(usize::MAX);
    }
    (0..graph.nodes.len()).map(|i| find_one(graph, constants, &users, i)).collect()
}

/// Operands that are not constants, if the node is entry by entry in them.
fn operands(graph: &Graph, constants: &[Option<Array>], i: NodeId) -> Option<BTreeSet<NodeId>> {
    let node = &graph.nodes[i];
    if !entry_by_entry(&node.op) || constants[i].is_some() {
        return None;
    }
    let mut set = BTreeSet::new();
    for &j in &node.inputs {
        match &constants[j] {
            Some(array) if is_scalar(array) => {}
            Some(_) => return None,
            None if graph.nodes[j].shape.iter().product::<usize>()
                == node.shape.iter().product::<usize>() =>
            {
                set.insert(j);
            }
            None => return None,
        }
    }
    Some(set)
}

fn find_one(
    graph: &Graph,
    constants: &[Option<Array>],
    users: &[Vec<NodeId>],
    i: NodeId,
) -> Option<Chain> {
    let mut frontier = operands(graph, constants, i)?;
    let mut inside = BTreeSet::from([i]);
    let mut best: Option<(NodeId, BTreeSet<NodeId>)> = None;
    let max = 64;
    while inside.len() < max {
        if frontier.len() == 1 {
            let root = *frontier.first().expect("one entry");
            best = Some((root, inside.clone()));
            // Deeper only if nothing else wants the root.
            if !users[root].iter().all(|u| inside.contains(u)) {
                break;
            }
        }
        let Some(last) = frontier.pop_last() else { break };
        let Some(next) = operands(graph, constants, last) else { break };
        inside.insert(last);
        frontier.extend(next);
    }
    let (root, nodes) = best?;
    if nodes.iter().all(|&n| linear_here(graph, constants, n)) {
        return None;
    }
    Some(Chain { root, graph: Rc::new(extract(graph, constants, root, &nodes)) })
}

fn linear_here(graph: &Graph, constants: &[Option<Array>], n: NodeId) -> bool {
    let node = &graph.nodes[n];
    match node.op {
        Op::Binary(Binary::Mul) => node.inputs.iter().any(|&j| constants[j].is_some()),
        Op::Binary(Binary::Div) => {
            node.dtype == DType::Float && constants[node.inputs[1]].is_some()
        }
        ref op => is_linear(op),
    }
}

/// The nodes as a graph of their own, without names.
fn extract(
    graph: &Graph,
    constants: &[Option<Array>],
    root: NodeId,
    nodes: &BTreeSet<NodeId>,
) -> Graph {
    let mut out = Graph::default();
    let mut index: BTreeMap<NodeId, NodeId> = BTreeMap::new();
    let push = |out: &mut Graph, op: Op, inputs: Vec<NodeId>, like: &Node, shape: Vec<usize>| {
        out.nodes.push(Node { name: String::new(), op, inputs, shape, dtype: like.dtype });
        out.nodes.len() - 1
    };
    let id = push(&mut out, Op::Input, vec![], &graph.nodes[root], vec![1]);
    out.inputs.push(id);
    index.insert(root, id);
    for &n in nodes {
        let node = &graph.nodes[n];
        let inputs = node
            .inputs
            .iter()
            .map(|&j| {
                *index.entry(j).or_insert_with(|| {
                    let data = constants[j].as_ref().map_or(0.0, |a| a.data[0]);
                    let array = Array { shape: vec![1], data: vec![data] };
                    push(&mut out, Op::Const(array), vec![], &graph.nodes[j], vec![1])
                })
            })
            .collect();
        let id = push(&mut out, node.op.clone(), inputs, node, vec![1]);
        index.insert(n, id);
    }
    out.outputs.push(out.nodes.len() - 1);
    out
}

/// A graph of one function.
pub(crate) fn unary_graph(f: Unary) -> Rc<Graph> {
    let node =
        |op, inputs| Node { name: String::new(), op, inputs, shape: vec![1], dtype: DType::Float };
    Rc::new(Graph {
        nodes: vec![node(Op::Input, vec![]), node(Op::Unary(f), vec![0])],
        inputs: vec![0],
        outputs: vec![1],
    })
}
