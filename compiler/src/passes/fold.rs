//! Constants that are only moved.
//!
//! Everything else that depends on constants only was computed by the front end.

use super::rewrite::rebuild;
use crate::graph::{Array, Graph, Op};

/// Moves them.
pub fn constants(graph: Graph) -> (Graph, bool) {
    rebuild(graph, |graph, builder, _, id| {
        let node = &graph.nodes[id];
        let &source = node.inputs.first()?;
        let Op::Const(array) = &graph.nodes[source].op else { return None };
        let data = match &node.op {
            Op::Cast | Op::Reshape => array.data.clone(),
            Op::Transpose { perm } => transpose(array, perm),
            Op::Slice { begin, step } => slice(array, begin, step, &node.shape),
            _ => return None,
        };
        let array = Array { shape: node.shape.clone(), data };
        Some(builder.replace(node, Op::Const(array), vec![]))
    })
}

fn transpose(array: &Array, perm: &[usize]) -> Vec<f64> {
    let strides = strides(&array.shape);
    let shape: Vec<usize> = perm.iter().map(|&p| array.shape[p]).collect();
    let steps: Vec<isize> = perm.iter().map(|&p| strides[p] as isize).collect();
    walk(array, 0, &steps, &shape)
}

fn slice(array: &Array, begin: &[usize], step: &[isize], shape: &[usize]) -> Vec<f64> {
    let strides = strides(&array.shape);
    let start = begin.iter().zip(&strides).map(|(b, s)| b * s).sum();
    let steps: Vec<isize> = step.iter().zip(&strides).map(|(a, &s)| a * s as isize).collect();
    walk(array, start, &steps, shape)
}

fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

/// Entries at `start + sum index_d steps_d`, in row-major order of the index.
fn walk(array: &Array, start: usize, steps: &[isize], shape: &[usize]) -> Vec<f64> {
    let volume = shape.iter().product();
    let mut data = Vec::with_capacity(volume);
    let mut index = vec![0; shape.len()];
    let mut at = start as isize;
    for _ in 0..volume {
        data.push(array.data[at as usize]);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            at += steps[axis];
            if index[axis] < shape[axis] {
                break;
            }
            at -= steps[axis] * shape[axis] as isize;
            index[axis] = 0;
        }
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::testing::Model;

    #[test]
    fn moves_constants() {
        let mut m = Model::new();
        let c = m.constant(&[2, 3], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        let t = m.op(Op::Transpose { perm: vec![1, 0] }, &[c], &[3, 2]);
        let slice = Op::Slice { begin: vec![2, 0], step: vec![-2, 1] };
        let s = m.op(slice, &[t], &[2, 2]);
        let (graph, _) = constants(m.finish(s));
        let (graph, _) = constants(graph);
        let Op::Const(array) = &graph.nodes[graph.outputs[0]].op else { panic!("not folded") };
        assert_eq!(array.data, [2.0, 5.0, 0.0, 3.0]);
    }
}
