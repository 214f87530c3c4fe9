//! Rebuilding a graph node by node: the base of every pass.
//!
//! A node's name stands for its value: a pass that replaces a node by another with the same value
//! keeps the name, and everything it adds gets a new name that no value of the model bears. The
//! deviation report compares values by name.

use std::collections::HashSet;

use crate::graph::{Array, DType, Graph, Node, NodeId, Op, Reduce, Unary};

/// A graph under construction.
#[derive(Debug, Default)]
pub struct Builder {
    graph: Graph,
    /// Names in use and names that are reserved for values of the model.
    names: HashSet<String>,
}

impl Builder {
    /// An empty graph in which `reserved` names are never given to helper nodes.
    pub fn new(reserved: impl IntoIterator<Item = String>) -> Self {
        Self { graph: Graph::default(), names: reserved.into_iter().collect() }
    }

    /// The node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.graph.nodes[id]
    }

    /// The nodes so far.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Shape of a node.
    pub fn shape(&self, id: NodeId) -> &[usize] {
        &self.graph.nodes[id].shape
    }

    /// Element type of a node.
    pub fn dtype(&self, id: NodeId) -> DType {
        self.graph.nodes[id].dtype
    }

    /// Contents of a constant node.
    pub fn constant_of(&self, id: NodeId) -> Option<&Array> {
        constant(&self.graph, id)
    }

    /// Adds a node under exactly its name, which stands for its value.
    pub fn push(&mut self, node: Node) -> NodeId {
        self.names.insert(node.name.clone());
        self.graph.nodes.push(node);
        self.graph.nodes.len() - 1
    }

    /// Adds a helper node, under a new name derived from `hint`.
    pub fn helper(
        &mut self,
        hint: &str,
        op: Op,
        inputs: Vec<NodeId>,
        shape: Vec<usize>,
        dtype: DType,
    ) -> NodeId {
        let mut name = hint.to_string();
        let mut count = 1;
        while self.names.contains(&name) {
            count += 1;
            name = format!("{hint}#{count}");
        }
        self.push(Node { name, op, inputs, shape, dtype })
    }

    /// Adds a constant.
    pub fn constant(&mut self, hint: &str, array: Array, dtype: DType) -> NodeId {
        let shape = array.shape.clone();
        self.helper(hint, Op::Const(array), vec![], shape, dtype)
    }

    /// Adds a scalar of rank `rank`.
    pub fn scalar(&mut self, hint: &str, value: f64, rank: usize, dtype: DType) -> NodeId {
        self.constant(hint, Array { shape: vec![1; rank], data: vec![value] }, dtype)
    }

    /// Reshapes, unless the shape is the same already.
    pub fn reshape(&mut self, hint: &str, input: NodeId, shape: Vec<usize>) -> NodeId {
        if self.shape(input) == shape {
            return input;
        }
        let dtype = self.dtype(input);
        self.helper(hint, Op::Reshape, vec![input], shape, dtype)
    }

    /// Transposes, unless the permutation is the identity.
    pub fn transpose(&mut self, hint: &str, input: NodeId, perm: Vec<usize>) -> NodeId {
        if perm.iter().enumerate().all(|(i, &p)| i == p) {
            return input;
        }
        let shape = perm.iter().map(|&p| self.shape(input)[p]).collect();
        let dtype = self.dtype(input);
        self.helper(hint, Op::Transpose { perm }, vec![input], shape, dtype)
    }

    /// Reduces, keeping the axes.
    pub fn reduce(&mut self, hint: &str, kind: Reduce, input: NodeId, axes: Vec<usize>) -> NodeId {
        let mut shape = self.shape(input).to_vec();
        axes.iter().for_each(|&axis| shape[axis] = 1);
        let dtype = self.dtype(input);
        self.helper(hint, Op::Reduce { kind, axes, keep: true }, vec![input], shape, dtype)
    }

    /// Applies a function of real numbers entry by entry.
    pub fn unary(&mut self, hint: &str, unary: Unary, input: NodeId) -> NodeId {
        let (shape, dtype) = (self.shape(input).to_vec(), self.dtype(input));
        self.helper(hint, Op::Unary(unary), vec![input], shape, dtype)
    }

    /// Lets `name` stand for the value of `id`, unless the name is taken.
    pub fn rename(&mut self, id: NodeId, name: &str) {
        if !self.graph.nodes.iter().any(|node| node.name == name) {
            self.graph.nodes[id].name = name.to_string();
            self.names.insert(name.to_string());
        }
    }

    /// Adds a node that has the value of `old`, computed by `op` from `inputs` of this graph.
    pub fn replace(&mut self, old: &Node, op: Op, inputs: Vec<NodeId>) -> NodeId {
        let Node { name, shape, dtype, .. } = old.clone();
        self.push(Node { name, op, inputs, shape, dtype })
    }

    /// Marks an input.
    pub fn mark_input(&mut self, id: NodeId) {
        self.graph.inputs.push(id);
    }

    /// The graph, with its outputs.
    pub fn into_graph(mut self, outputs: Vec<NodeId>) -> Graph {
        self.graph.outputs = outputs;
        self.graph
    }
}

/// Contents of a constant node.
pub fn constant(graph: &Graph, id: NodeId) -> Option<&Array> {
    match &graph.nodes[id].op {
        Op::Const(array) => Some(array),
        _ => None,
    }
}

/// The value of a constant with equal entries, of whatever shape.
pub fn uniform(graph: &Graph, id: NodeId) -> Option<f64> {
    match &graph.nodes[id].op {
        Op::Const(array) => {
            let first = *array.data.first()?;
            array.data.iter().all(|&x| x == first).then_some(first)
        }
        // Nodes that only repeat or rearrange entries.
        Op::Expand | Op::Reshape | Op::Cast | Op::Tile | Op::Transpose { .. } => {
            uniform(graph, graph.nodes[id].inputs[0])
        }
        _ => None,
    }
}

/// Goes through the nodes of `graph` in order. `rewrite` sees the old graph, the node, and the new
/// graph with the new ids of all earlier nodes; it returns the replacement, or `None` to keep the
/// node. The replacement must have the same shape and element type. Returns the new graph, and
/// whether any node was replaced.
pub fn rebuild(
    mut graph: Graph,
    mut rewrite: impl FnMut(&Graph, &mut Builder, &[NodeId], NodeId) -> Option<NodeId>,
) -> (Graph, bool) {
    let mut builder = Builder::new(graph.nodes.iter().map(|node| node.name.clone()));
    let mut map = Vec::with_capacity(graph.nodes.len());
    // Constants may be large: they are moved, at the end.
    let mut constants = Vec::new();
    let mut changed = false;
    for (id, node) in graph.nodes.iter().enumerate() {
        let new = rewrite(&graph, &mut builder, &map, id);
        changed |= new.is_some();
        let new = new.unwrap_or_else(|| {
            let inputs = node.inputs.iter().map(|&input| map[input]).collect();
            let op = match &node.op {
                Op::Const(_) => {
                    constants.push((id, builder.graph.nodes.len()));
                    Op::Const(Array { shape: node.shape.clone(), data: vec![] })
                }
                op => op.clone(),
            };
            let Node { name, shape, dtype, .. } = node;
            builder.push(Node {
                name: name.clone(),
                op,
                inputs,
                shape: shape.clone(),
                dtype: *dtype,
            })
        });
        debug_assert_eq!(builder.shape(new), node.shape, "{}", node.name);
        debug_assert_eq!(builder.dtype(new), node.dtype, "{}", node.name);
        if matches!(node.op, Op::Input) {
            builder.mark_input(new);
        }
        map.push(new);
    }
    for (old, new) in constants {
        builder.graph.nodes[new].op = std::mem::replace(&mut graph.nodes[old].op, Op::Input);
    }
    let outputs = graph.outputs.iter().map(|&id| map[id]).collect();
    (super::dead::remove(builder.into_graph(outputs)), changed)
}

/// How many nodes read each node; outputs count as read.
pub fn uses(graph: &Graph) -> Vec<usize> {
    let mut uses = vec![0; graph.nodes.len()];
    graph.nodes.iter().flat_map(|node| &node.inputs).for_each(|&id| uses[id] += 1);
    graph.outputs.iter().for_each(|&id| uses[id] += 1);
    uses
}
