//! What recognisers ask about a node.

use super::rewrite::uniform;
use crate::graph::{Binary, DType, Graph, Node, NodeId, Op, Reduce, Unary};

/// Constants of a pattern are in `f32` and computed by somebody else.
const TOLERANCE: f64 = 1e-5;

/// Whether a constant is the expected one.
pub fn near(got: f64, expected: f64) -> bool {
    (got - expected).abs() <= TOLERANCE * expected.abs().max(1e-30)
}

/// The operands of a binary operation of floats.
pub fn binary(graph: &Graph, id: NodeId, kind: Binary) -> Option<(NodeId, NodeId)> {
    let node = &graph.nodes[id];
    match (&node.op, &node.inputs[..]) {
        (Op::Binary(found), &[a, b]) if *found == kind && node.dtype == DType::Float => {
            Some((a, b))
        }
        _ => None,
    }
}

/// The operand of a commutative binary operation whose other operand is a uniform constant, and
/// the constant.
pub fn with_constant(graph: &Graph, id: NodeId, kind: Binary) -> Option<(NodeId, f64)> {
    let (a, b) = binary(graph, id, kind)?;
    match (uniform(graph, a), uniform(graph, b)) {
        (None, Some(c)) => Some((a, c)),
        (Some(c), None) => Some((b, c)),
        _ => None,
    }
}

/// The operand of a unary operation.
pub fn unary(graph: &Graph, id: NodeId, kind: Unary) -> Option<NodeId> {
    let node = &graph.nodes[id];
    (node.op == Op::Unary(kind)).then(|| node.inputs[0])
}

/// The node behind casts between floats.
pub fn strip(graph: &Graph, id: NodeId) -> NodeId {
    let node = &graph.nodes[id];
    match node.op {
        Op::Cast if graph.nodes[node.inputs[0]].dtype == DType::Float => {
            strip(graph, node.inputs[0])
        }
        _ => id,
    }
}

/// The operand of a square, however it is written.
pub fn square(graph: &Graph, id: NodeId) -> Option<NodeId> {
    let id = strip(graph, id);
    if let Some(x) = unary(graph, id, Unary::Square) {
        return Some(strip(graph, x));
    }
    let (a, b) = binary(graph, id, Binary::Mul)?;
    (strip(graph, a) == strip(graph, b)).then(|| strip(graph, a))
}

/// A reduction, seen as a tensor that broadcasts with its operand.
#[derive(Clone, Debug, PartialEq)]
pub struct Reduction {
    /// Kind.
    pub kind: Reduce,
    /// Axes.
    pub axes: Vec<usize>,
    /// The operand.
    pub of: NodeId,
}

/// The reduction that a node is, if its shape is that of the operand with extent one along the
/// axes, perhaps without leading ones; reshapes that restore that shape and expansions are looked
/// through.
pub fn reduction(graph: &Graph, id: NodeId) -> Option<Reduction> {
    let shape = &graph.nodes[id].shape;
    let mut at = strip(graph, id);
    while let Op::Reshape | Op::Expand = graph.nodes[at].op {
        at = strip(graph, graph.nodes[at].inputs[0]);
    }
    let Node { op: Op::Reduce { kind, axes, .. }, inputs, .. } = &graph.nodes[at] else {
        return None;
    };
    let mut kept = graph.nodes[inputs[0]].shape.clone();
    let full = kept.clone();
    axes.iter().for_each(|&axis| kept[axis] = 1);
    // Leading ones are immaterial.
    let missing = kept.len().checked_sub(shape.len())?;
    let fits = kept[..missing].iter().all(|&n| n == 1) && *shape == kept[missing..];
    (fits || *shape == full).then(|| Reduction {
        kind: *kind,
        axes: axes.clone(),
        of: strip(graph, inputs[0]),
    })
}

/// The node behind reshapes and casts between floats: the same entries in the same order.
pub fn entries(graph: &Graph, id: NodeId) -> NodeId {
    let at = strip(graph, id);
    match graph.nodes[at].op {
        Op::Reshape => entries(graph, graph.nodes[at].inputs[0]),
        _ => at,
    }
}

/// The reduction whose entries a node has, in the same order but perhaps in another shape.
pub fn reduced_entries(graph: &Graph, id: NodeId) -> Option<Reduction> {
    match &graph.nodes[entries(graph, id)] {
        Node { op: Op::Reduce { kind, axes, .. }, inputs, .. } => {
            Some(Reduction { kind: *kind, axes: axes.clone(), of: strip(graph, inputs[0]) })
        }
        _ => None,
    }
}

/// Number of entries of a node.
pub fn volume(graph: &Graph, id: NodeId) -> usize {
    graph.nodes[id].shape.iter().product()
}

/// `scale * base + offset`, as far down as uniform constants go.
pub fn affine(graph: &Graph, id: NodeId) -> (NodeId, f64, f64) {
    if let Some((x, c)) = with_constant(graph, id, Binary::Mul)
        && graph.nodes[x].shape == graph.nodes[id].shape
    {
        let (base, scale, offset) = affine(graph, x);
        return (base, scale * c, offset * c);
    }
    if let Some((x, c)) = with_constant(graph, id, Binary::Add)
        && graph.nodes[x].shape == graph.nodes[id].shape
    {
        let (base, scale, offset) = affine(graph, x);
        return (base, scale, offset + c);
    }
    if let Some(x) = unary(graph, id, Unary::Neg) {
        let (base, scale, offset) = affine(graph, x);
        return (base, -scale, -offset);
    }
    (id, 1.0, 0.0)
}
