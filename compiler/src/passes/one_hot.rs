//! An embedding written as a product with one-hot rows becomes a gather.
//!
//! `sum_k [x = k_0 + k] W[k, ..]` is row `x - k_0` of `W`, and zero if there is no such row. Where
//! `x` is a model input, the table gets a row of zeros after the last one, and the input is bounded
//! to it (`bounds`); where it is computed, rows of zeros at both ends and a clip.

use super::rewrite::{Builder, constant, rebuild};
use crate::graph::{Array, Binary, DType, Graph, Node, NodeId, Op, Unary};

/// Recognises them.
pub fn recognise(graph: Graph) -> (Graph, bool) {
    rebuild(graph, |graph, builder, map, id| {
        let node = &graph.nodes[id];
        let Op::Einsum { a, b, out } = &node.op else { return None };
        let [left, right] = node.inputs[..] else { return None };
        rewrite(graph, builder, map, node, (left, a), (right, b), out)
            .or_else(|| rewrite(graph, builder, map, node, (right, b), (left, a), out))
    })
}

/// Rows that are one where an integer tensor equals an index.
struct OneHot {
    /// The integers.
    x: NodeId,
    /// The axis of the comparison.
    axis: usize,
    /// Index of the first row.
    first: i64,
    /// Number of rows.
    count: usize,
}

/// The node as one-hot rows: casts of `x == iota`.
fn one_hot(graph: &Graph, id: NodeId) -> Option<OneHot> {
    let node = &graph.nodes[id];
    if let Op::Cast = node.op {
        return one_hot(graph, node.inputs[0]);
    }
    let Op::Binary(Binary::Equal) = node.op else { return None };
    let [a, b] = node.inputs[..] else { return None };
    let (x, iota) = if constant(graph, b).is_some() { (a, b) } else { (b, a) };
    let array = constant(graph, iota)?;
    let rank = node.shape.len();
    let x_shape = &graph.nodes[x].shape;
    if graph.nodes[x].dtype != DType::Int || x_shape.len() != rank || array.shape.len() > rank {
        return None;
    }
    // The constant varies along one axis, the integers along all others.
    let mut shape = vec![1; rank - array.shape.len()];
    shape.extend(&array.shape);
    let axis = (0..rank).find(|&axis| shape[axis] != 1)?;
    let others = (0..rank).all(|d| if d == axis { x_shape[d] == 1 } else { shape[d] == 1 });
    let first = array.data[0];
    let counts = array.data.iter().enumerate().all(|(i, &k)| k == first + i as f64);
    (others && counts).then_some(OneHot { x, axis, first: first as i64, count: shape[axis] })
}

/// Whether the values of a node are those of a model input.
fn is_input(graph: &Graph, id: NodeId) -> bool {
    let node = &graph.nodes[id];
    match node.op {
        Op::Input => true,
        Op::Reshape | Op::Cast | Op::Expand | Op::Transpose { .. } | Op::Slice { .. } => {
            graph.nodes[node.inputs[0]].dtype == DType::Int && is_input(graph, node.inputs[0])
        }
        _ => false,
    }
}

fn rewrite(
    graph: &Graph,
    builder: &mut Builder,
    map: &[NodeId],
    node: &Node,
    (hot, hot_labels): (NodeId, &[u8]),
    (table, table_labels): (NodeId, &[u8]),
    out: &[u8],
) -> Option<NodeId> {
    let OneHot { x, axis, first, count } = one_hot(graph, hot)?;
    let weights = constant(graph, table)?;
    let label = hot_labels[axis];
    // The compared axis is summed; no other axis is shared.
    let [row_label, column_label] = table_labels[..] else { return None };
    let transposed = column_label == label;
    let other = if transposed { row_label } else { column_label };
    let shared = hot_labels.iter().filter(|l| table_labels.contains(l)).count();
    if out.contains(&label) || shared != 1 || !table_labels.contains(&label) {
        return None;
    }
    let mut expected: Vec<u8> = hot_labels.iter().copied().filter(|&l| l != label).collect();
    expected.push(other);
    if expected != out {
        return None;
    }
    let (columns, clipped) =
        (if transposed { weights.shape[0] } else { weights.shape[1] }, !is_input(graph, x));
    let entry = |row: usize, column: usize| {
        weights.data[if transposed { column * count + row } else { row * columns + column }]
    };
    // Rows before and after those of the table.
    let before = if clipped { 1 } else { usize::try_from(first).ok()? };
    let rows = before + count + 1;
    let mut data = vec![0.0; rows * columns];
    for row in 0..count {
        for column in 0..columns {
            data[(before + row) * columns + column] = entry(row, column);
        }
    }
    let table = Array { shape: vec![rows, columns], data };
    let name = |part: &str| format!("{}.{part}", node.name);
    let table = builder.constant(&name("table"), table, DType::Float);
    let mut shape = graph.nodes[x].shape.clone();
    shape.remove(axis);
    let mut indices = builder.reshape(&name("index"), map[x], shape.clone());
    if clipped {
        let offset = builder.scalar(&name("offset"), (1 - first) as f64, shape.len(), DType::Int);
        let add = Op::Binary(Binary::Add);
        indices = builder.helper(&name("index"), add, vec![indices, offset], shape, DType::Int);
        let clip = Unary::Clip { lo: 0.0, hi: (rows - 1) as f64 };
        indices = builder.unary(&name("index"), clip, indices);
    }
    Some(builder.replace(node, Op::Gather { axis: 0 }, vec![table, indices]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::testing::{Model, ops};

    fn graph(first: f64, step: f64, computed: bool) -> Graph {
        let mut m = Model::new();
        let mut x = m.typed_input(&[2, 5, 1], DType::Int);
        if computed {
            x = m.typed(Op::Unary(Unary::Neg), &[x], &[2, 5, 1], DType::Int);
        }
        let iota: Vec<f64> = (0..3).map(|i| first + step * f64::from(i)).collect();
        let iota = m.constant(&[1, 1, 3], &iota);
        let hot = m.typed(Op::Binary(Binary::Equal), &[x, iota], &[2, 5, 3], DType::Bool);
        let hot = m.op(Op::Cast, &[hot], &[2, 5, 3]);
        let w = m.constant(&[3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let einsum = Op::Einsum { a: vec![0, 1, 2], b: vec![2, 3], out: vec![0, 1, 3] };
        let y = m.op(einsum, &[hot, w], &[2, 5, 2]);
        m.finish(y)
    }

    #[test]
    fn a_row_of_zeros_follows_the_table() {
        let (graph, _) = recognise(graph(1.0, 1.0, false));
        assert_eq!(ops(&graph), ["Input", "Reshape", "Gather"]);
        let table = graph.nodes.iter().find_map(|node| match &node.op {
            Op::Const(array) => Some(array.data.clone()),
            _ => None,
        });
        let rows = vec![0.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 0.0, 0.0];
        assert_eq!(table, Some(rows));
        assert_eq!(crate::passes::bounds::of_inputs(&graph), [Some((0, 4))]);
    }

    #[test]
    fn computed_indices_are_clipped() {
        let (graph, _) = recognise(graph(1.0, 1.0, true));
        assert_eq!(ops(&graph), ["Input", "Unary", "Reshape", "Binary", "Unary", "Gather"]);
        assert_eq!(crate::passes::bounds::of_inputs(&graph), [None]);
    }

    #[test]
    fn other_comparisons_stay() {
        assert!(ops(&recognise(graph(0.0, 2.0, false)).0).contains(&"Einsum".to_string()));
    }
}
