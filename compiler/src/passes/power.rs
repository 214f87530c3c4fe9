//! Powers with constant exponents that differ from entry to entry.

use super::rewrite::{Builder, constant, rebuild, uniform};
use crate::graph::{Array, Binary, DType, Graph, Op};

/// More different exponents than this stay as they are.
const MAX_EXPONENTS: usize = 8;

/// Writes `x^c` as a choice between powers with one exponent each.
pub fn separate(graph: Graph) -> (Graph, bool) {
    rebuild(graph, |graph, builder, map, id| {
        let node = &graph.nodes[id];
        let Op::Binary(Binary::Pow) = node.op else { return None };
        let [x, exponent] = node.inputs[..] else { return None };
        let exponents = constant(graph, exponent)?;
        if constant(graph, x).is_some() || uniform(graph, exponent).is_some() {
            return None;
        }
        let mut different = exponents.data.clone();
        different.sort_by(f64::total_cmp);
        different.dedup();
        if different.len() > MAX_EXPONENTS {
            return None;
        }
        let hint = format!("{}.power", node.name);
        let (shape, dtype) = (graph.nodes[x].shape.clone(), node.dtype);
        let power = |builder: &mut Builder, e: f64| {
            let scalar = builder.scalar(&hint, e, shape.len(), dtype);
            let pow = Op::Binary(Binary::Pow);
            builder.helper(&hint, pow, vec![map[x], scalar], shape.clone(), dtype)
        };
        let (&first, rest) = different.split_first()?;
        let mut result = power(builder, first);
        for (i, &e) in rest.iter().enumerate() {
            let data = exponents.data.iter().map(|&c| f64::from(u8::from(c == e))).collect();
            let here = Array { shape: exponents.shape.clone(), data };
            let here = builder.constant(&hint, here, DType::Bool);
            let inputs = vec![here, power(builder, e), result];
            result = if i + 1 == rest.len() {
                builder.replace(node, Op::Where, inputs)
            } else {
                builder.helper(&hint, Op::Where, inputs, node.shape.clone(), dtype)
            };
        }
        Some(result)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::evaluate;
    use crate::passes::testing::Model;

    #[test]
    fn each_entry_has_its_exponent() {
        let mut m = Model::new();
        let x = m.input(&[2, 3]);
        let c = m.constant(&[3], &[2.0, 3.0, 2.0]);
        let y = m.op(Op::Binary(Binary::Pow), &[x, c], &[2, 3]);
        let (graph, changed) = separate(m.finish(y));
        assert!(changed && !separate(graph.clone()).1);
        let x = Array { shape: vec![2, 3], data: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0] };
        let values = evaluate(&graph, &[x]).unwrap();
        assert_eq!(values[graph.outputs[0]].data, [1.0, 8.0, 9.0, 16.0, 125.0, 36.0]);
    }
}
