//! Masks that are added: a constant with entries like minus infinity chooses.
//!
//! `x + c`, where `c` is below `-1e30`, is `c` to the precision of floats; as a sum it would take
//! the whole interval of a fixed-point value.

use super::rewrite::{constant, rebuild};
use crate::graph::{Array, Binary, DType, Graph, Op};

/// Entries below this disable what they are added to.
const DISABLED: f64 = -1e30;

/// Writes `x + c` as `c > -1e30 ? x + c : lowest`.
pub fn recognise(graph: Graph) -> (Graph, bool) {
    rebuild(graph, |graph, builder, map, id| {
        let node = &graph.nodes[id];
        let Op::Binary(Binary::Add) = node.op else { return None };
        let [a, b] = node.inputs[..] else { return None };
        let (x, mask) = if constant(graph, b).is_some() { (a, b) } else { (b, a) };
        let mask = constant(graph, mask)?;
        if constant(graph, x).is_some() || !mask.data.iter().any(|&c| c <= DISABLED) {
            return None;
        }
        let kept = |c: &f64| f64::from(u8::from(*c > DISABLED));
        let kept = Array { shape: mask.shape.clone(), data: mask.data.iter().map(kept).collect() };
        let rest = |c: &f64| if *c > DISABLED { *c } else { 0.0 };
        let rest = Array { shape: mask.shape.clone(), data: mask.data.iter().map(rest).collect() };
        let hint = format!("{}.mask", node.name);
        let kept = builder.constant(&hint, kept, DType::Bool);
        let mut sum = map[x];
        if rest.data.iter().any(|&c| c != 0.0) {
            let rest = builder.constant(&hint, rest, node.dtype);
            let (add, shape) = (Op::Binary(Binary::Add), node.shape.clone());
            sum = builder.helper(&hint, add, vec![map[x], rest], shape, node.dtype);
        }
        let low = f64::from(f32::MIN);
        let low = builder.scalar(&hint, low, node.shape.len(), node.dtype);
        Some(builder.replace(node, Op::Where, vec![kept, sum, low]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::evaluate;
    use crate::passes::testing::{Model, ops};

    fn graph(mask: &[f64]) -> Graph {
        let mut m = Model::new();
        let x = m.input(&[2, 2]);
        let c = m.constant(&[2], mask);
        let y = m.op(Op::Binary(Binary::Add), &[x, c], &[2, 2]);
        m.finish(y)
    }

    #[test]
    fn a_mask_chooses() {
        let (masked, changed) = recognise(graph(&[f64::NEG_INFINITY, 0.0]));
        assert!(changed);
        assert_eq!(ops(&masked), ["Input", "Where"]);
        let (masked, _) = recognise(graph(&[-3e38, 0.5]));
        assert_eq!(ops(&masked), ["Input", "Binary", "Where"]);
        let x = Array { shape: vec![2, 2], data: vec![1.0, 2.0, 3.0, 4.0] };
        let values = evaluate(&masked, &[x]).unwrap();
        let low = f64::from(f32::MIN);
        assert_eq!(values[masked.outputs[0]].data, [low, 2.5, low, 4.5]);
    }

    #[test]
    fn other_sums_stay() {
        assert!(!recognise(graph(&[-10_000.0, 0.0])).1);
    }
}
