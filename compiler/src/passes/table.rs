//! Functions of the rows of a constant table, taken before the gather.
//!
//! `f(table[x])` is `f(table)[x]`: a table has few rows, and the gather may read many.

use super::rewrite::{constant, rebuild, uses};
use crate::evaluate::evaluate_node;
use crate::graph::{DType, Graph, Node, Op};

/// Applies them to the table.
pub fn apply(graph: Graph) -> (Graph, bool) {
    let uses = uses(&graph);
    rebuild(graph, |graph, builder, map, id| {
        let node = &graph.nodes[id];
        let slot = match node.op {
            Op::Unary(_) => 0,
            Op::Binary(_) => {
                node.inputs.iter().position(|&x| matches!(graph.nodes[x].op, Op::Gather { .. }))?
            }
            _ => return None,
        };
        let gather = &graph.nodes[node.inputs[slot]];
        let Op::Gather { axis: 0 } = gather.op else { return None };
        let table = constant(graph, gather.inputs[0])?;
        let smaller = table.data.len() <= gather.shape.iter().product();
        if uses[node.inputs[slot]] != 1 || gather.shape != node.shape || !smaller {
            return None;
        }
        let mut operands = vec![table];
        if let Some(&other) = node.inputs.get(1 - slot).filter(|_| node.inputs.len() == 2) {
            let other = constant(graph, other)?;
            // It must be the same for all rows.
            let row = table.shape.len() - 1;
            let varying = other.shape.len().saturating_sub(row);
            if other.shape[..varying].iter().any(|&n| n != 1) {
                return None;
            }
            operands.insert(1 - slot, other);
        }
        // Ones in front would give the table more dimensions.
        let squeezed: Vec<_> = operands
            .iter()
            .map(|array| {
                let extra = array.shape.len().saturating_sub(table.shape.len());
                let mut array = (*array).clone();
                array.shape.drain(..extra);
                array
            })
            .collect();
        let applied = Node { shape: table.shape.clone(), inputs: vec![], ..node.clone() };
        let array = evaluate_node(&applied, &squeezed.iter().collect::<Vec<_>>()).ok()?;
        if node.dtype != DType::Float || array.shape != table.shape {
            return None;
        }
        let table = builder.constant(&format!("{}.table", node.name), array, node.dtype);
        Some(builder.replace(node, gather.op.clone(), vec![table, map[gather.inputs[1]]]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Binary, Unary};
    use crate::passes::testing::{Model, ops};

    fn graph(shape: &[usize], shift: &[f64]) -> Graph {
        let mut m = Model::new();
        let x = m.typed_input(&[1, 4], DType::Int);
        let table = m.constant(&[3, 2], &[1.0, -2.0, 3.0, -4.0, 5.0, -6.0]);
        let y = m.op(Op::Gather { axis: 0 }, &[table, x], &[1, 4, 2]);
        let shift = m.constant(shape, shift);
        let y = m.op(Op::Binary(Binary::Sub), &[shift, y], &[1, 4, 2]);
        let y = m.op(Op::Unary(Unary::Relu), &[y], &[1, 4, 2]);
        m.finish(y)
    }

    #[test]
    fn applies_to_the_rows() {
        let (applied, _) = apply(graph(&[1, 1, 2], &[2.0, 1.0]));
        let (applied, _) = apply(applied);
        assert_eq!(ops(&applied), ["Input", "Gather"]);
        let gather = &applied.nodes[applied.outputs[0]];
        let table = constant(&applied, gather.inputs[0]).map(|array| array.data.clone());
        assert_eq!(table, Some(vec![1.0, 3.0, 0.0, 5.0, 0.0, 7.0]));
    }

    #[test]
    fn positions_stay() {
        let shift = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
        assert_eq!(ops(&apply(graph(&[1, 4, 2], &shift)).0).len(), 4);
    }
}
