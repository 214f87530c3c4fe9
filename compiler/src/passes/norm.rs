//! Norms spelled out.
//!
//! With `inv = rsqrt(v + eps)`:
//! - `x inv`, perhaps with a constant factor on `inv`, where `v` is the mean of `x^2`: [`Op::RmsNorm`]; of `x - mean x`: [`Op::LayerNorm`];
//! - `(x - mean x) inv`, where `v = mean x^2 - (mean x)^2`, perhaps bounded below by zero: the same;
//! - `x m + (b - mean x m)`, where `m = inv g`: the same, times `g`, plus `b`.

use super::matching::{
    affine, binary, entries, reduced_entries, reduction, square, strip, unary, volume,
    with_constant,
};
use super::rewrite::{Builder, constant, rebuild};
use crate::graph::{Binary, DType, Graph, NodeId, Op, Reduce, Unary};

/// Recognises them.
pub fn recognise(graph: Graph) -> (Graph, bool) {
    rebuild(graph, |graph, builder, map, id| {
        if graph.nodes[id].dtype != DType::Float {
            return None;
        }
        product(graph, builder, map, id)
            .or_else(|| of_centred(graph, builder, map, id))
            .or_else(|| fused(graph, builder, map, id))
    })
}

/// What `rsqrt(v + eps)` normalises by.
#[derive(Clone, Debug, PartialEq)]
enum Statistic {
    /// The mean of the squares of a tensor.
    MeanSquare(NodeId),
    /// The variance of a tensor.
    Variance(NodeId),
}

#[derive(Clone, Debug)]
struct Inverse {
    statistic: Statistic,
    axes: Vec<usize>,
    epsilon: f64,
}

/// The node as `rsqrt(v + eps)`, in the shape of the normalised tensor with extent one along the
/// axes. In between, extents of one may come and go: everything has as many entries as `v`, so all
/// operations on the way are entry by entry in the same order.
fn inverse(graph: &Graph, id: NodeId) -> Option<Inverse> {
    let mut id = strip(graph, id);
    if let Op::Expand = graph.nodes[id].op {
        id = strip(graph, graph.nodes[id].inputs[0]);
    }
    let argument = entries(graph, unary(graph, entries(graph, id), Unary::Rsqrt)?);
    let (sum, epsilon) = with_constant(graph, argument, Binary::Add)?;
    if epsilon <= 0.0 {
        return None;
    }
    let v = entries(graph, sum);
    // A variance is never negative but for rounding.
    let v = unary(graph, v, Unary::Relu).map_or(v, |v| entries(graph, v));
    let difference = binary(graph, v, Binary::Sub);
    let inverse = match difference {
        Some((mean, squared_mean)) => {
            let squares = reduced_entries(graph, mean).filter(|r| r.kind == Reduce::Mean)?;
            let of = square(graph, squares.of)?;
            let root = square(graph, entries(graph, squared_mean))?;
            let mean = reduced_entries(graph, root)?;
            if mean.kind != Reduce::Mean || mean.of != of || mean.axes != squares.axes {
                return None;
            }
            Inverse { statistic: Statistic::Variance(of), axes: mean.axes, epsilon }
        }
        None => {
            let squares = reduced_entries(graph, v).filter(|r| r.kind == Reduce::Mean)?;
            let of = square(graph, squares.of)?;
            let statistic = match centred(graph, of) {
                Some((x, axes)) if axes == squares.axes => Statistic::Variance(x),
                _ => Statistic::MeanSquare(of),
            };
            Inverse { statistic, axes: squares.axes, epsilon }
        }
    };
    let (Statistic::MeanSquare(of) | Statistic::Variance(of)) = inverse.statistic;
    let mut kept = graph.nodes[of].shape.clone();
    inverse.axes.iter().for_each(|&axis| kept[axis] = 1);
    let count = kept.iter().product::<usize>();
    let same = [argument, sum, v].iter().all(|&node| volume(graph, node) == count);
    (same && graph.nodes[id].shape == kept).then_some(inverse)
}

/// The tensor and the axes whose mean is subtracted.
fn centred(graph: &Graph, id: NodeId) -> Option<(NodeId, Vec<usize>)> {
    let (x, mean) = binary(graph, strip(graph, id), Binary::Sub)?;
    let (x, mean) = (strip(graph, x), reduction(graph, mean)?);
    (mean.kind == Reduce::Mean && mean.of == x).then_some((x, mean.axes))
}

/// `x m` and `(x - mean x) m`, with `m = inv g`.
fn product(graph: &Graph, builder: &mut Builder, map: &[NodeId], id: NodeId) -> Option<NodeId> {
    let node = &graph.nodes[id];
    let (a, b) = binary(graph, id, Binary::Mul)?;
    let (x, (inverse, gain)) =
        multiplier(graph, b).map(|m| (a, m)).or_else(|| multiplier(graph, a).map(|m| (b, m)))?;
    let x = strip(graph, x);
    let Inverse { statistic, axes, epsilon } = inverse;
    let (op, of) = match statistic {
        Statistic::MeanSquare(of) if of == x => (Op::RmsNorm { axes, epsilon }, of),
        Statistic::Variance(of) if centred(graph, x) == Some((of, axes.clone())) => {
            (Op::LayerNorm { axes, epsilon }, of)
        }
        Statistic::MeanSquare(_) | Statistic::Variance(_) => return None,
    };
    if graph.nodes[of].shape != node.shape {
        return None;
    }
    let Some(gain) = gain else { return Some(builder.replace(node, op, vec![map[of]])) };
    let name = format!("{}.norm", node.name);
    let norm = builder.helper(&name, op, vec![map[of]], node.shape.clone(), node.dtype);
    Some(builder.replace(node, Op::Binary(Binary::Mul), vec![norm, map[gain]]))
}

/// A root mean square norm of `x - mean x`.
fn of_centred(graph: &Graph, builder: &mut Builder, map: &[NodeId], id: NodeId) -> Option<NodeId> {
    let node = &graph.nodes[id];
    let Op::RmsNorm { axes, epsilon } = &node.op else { return None };
    let (x, over) = centred(graph, node.inputs[0])?;
    let op = Op::LayerNorm { axes: axes.clone(), epsilon: *epsilon };
    (over == *axes).then(|| builder.replace(node, op, vec![map[x]]))
}

/// `m = inv g`, with a constant `g` or none.
fn multiplier(graph: &Graph, id: NodeId) -> Option<(Inverse, Option<NodeId>)> {
    let id = strip(graph, id);
    if let Some(inverse) = inverse(graph, id) {
        return Some((inverse, None));
    }
    let (a, b) = binary(graph, id, Binary::Mul)?;
    let (i, g) = inverse(graph, a).map(|i| (i, b)).or_else(|| inverse(graph, b).map(|i| (i, a)))?;
    constant(graph, g).is_some().then_some((i, Some(g)))
}

/// `x m + (b - mean x m)` with a constant `b`.
fn fused(graph: &Graph, builder: &mut Builder, map: &[NodeId], id: NodeId) -> Option<NodeId> {
    let (left, right) = binary(graph, id, Binary::Add)?;
    fused_terms(graph, builder, map, id, left, right)
        .or_else(|| fused_terms(graph, builder, map, id, right, left))
}

fn fused_terms(
    graph: &Graph,
    builder: &mut Builder,
    map: &[NodeId],
    id: NodeId,
    scaled: NodeId,
    shift: NodeId,
) -> Option<NodeId> {
    let node = &graph.nodes[id];
    let (bias, product) = offset(graph, shift)?;
    let (p, q) = binary(graph, strip(graph, product), Binary::Mul)?;
    let (a, b) = binary(graph, strip(graph, scaled), Binary::Mul)?;
    // The same multiplier is in both products.
    let m = [p, q]
        .into_iter()
        .find(|&m| strip(graph, m) == strip(graph, a))
        .or_else(|| [p, q].into_iter().find(|&m| strip(graph, m) == strip(graph, b)))?;
    let x = strip(graph, if strip(graph, m) == strip(graph, a) { b } else { a });
    let mean = reduction(graph, if m == p { q } else { p })?;
    let (inverse, gain) = multiplier(graph, m)?;
    let fits = mean.kind == Reduce::Mean
        && mean.of == x
        && mean.axes == inverse.axes
        && inverse.statistic == Statistic::Variance(x)
        && graph.nodes[x].shape == node.shape;
    if !fits {
        return None;
    }
    let Inverse { axes, epsilon, .. } = inverse;
    let op = Op::LayerNorm { axes, epsilon };
    let (shape, name) = (node.shape.clone(), format!("{}.norm", node.name));
    let mut y = builder.helper(&name, op, vec![map[x]], shape.clone(), node.dtype);
    if let Some(gain) = gain {
        let mul = Op::Binary(Binary::Mul);
        let name = format!("{}.scaled", node.name);
        y = builder.helper(&name, mul, vec![y, map[gain]], shape, node.dtype);
    }
    Some(builder.replace(node, Op::Binary(Binary::Add), vec![y, map[bias]]))
}

/// `b - p` or `-p + b`, with a constant `b`.
fn offset(graph: &Graph, id: NodeId) -> Option<(NodeId, NodeId)> {
    let id = strip(graph, id);
    if let Some((b, p)) = binary(graph, id, Binary::Sub) {
        return constant(graph, b).is_some().then_some((b, p));
    }
    let (a, b) = binary(graph, id, Binary::Add)?;
    let (c, negated) = if constant(graph, a).is_some() { (a, b) } else { (b, a) };
    constant(graph, c)?;
    let (base, scale, shift) = affine(graph, negated);
    (scale == -1.0 && shift == 0.0).then_some((c, base))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::simplify;
    use crate::passes::testing::{Model, ops};

    /// `(x - mean x) / sqrt(mean (x - mean x)^2 + eps)`, the means over given axes.
    fn two_pass(first: usize, second: usize, epsilon: f64) -> Graph {
        let mut m = Model::new();
        let x = m.input(&[4, 4]);
        let mean = |axis| Op::Reduce { kind: Reduce::Mean, axes: vec![axis], keep: true };
        let shape = |axis| if axis == 0 { [1, 4] } else { [4, 1] };
        let mu = m.op(mean(first), &[x], &shape(first));
        let d = m.op(Op::Binary(Binary::Sub), &[x, mu], &[4, 4]);
        let two = m.scalar(2.0);
        let squares = m.op(Op::Binary(Binary::Pow), &[d, two], &[4, 4]);
        let v = m.op(mean(second), &[squares], &shape(second));
        let eps = m.constant(&[1, 1], &[epsilon]);
        let v = m.op(Op::Binary(Binary::Add), &[v, eps], &shape(second));
        let sd = m.op(Op::Unary(Unary::Sqrt), &[v], &shape(second));
        let y = m.op(Op::Binary(Binary::Div), &[d, sd], &[4, 4]);
        m.finish(y)
    }

    #[test]
    fn recognises_layer_norm() {
        let graph = simplify(two_pass(1, 1, 1e-5));
        assert_eq!(ops(&graph), ["Input", "LayerNorm"]);
        let Op::LayerNorm { axes, epsilon } = &graph.nodes[graph.outputs[0]].op else { panic!() };
        assert_eq!((&axes[..], *epsilon), (&[1][..], 1e-5));
    }

    #[test]
    fn means_over_different_axes_are_no_layer_norm() {
        // Centred over one axis, divided by the root mean square over the other.
        assert_eq!(ops(&simplify(two_pass(0, 1, 1e-5))), ["Input", "Reduce", "Binary", "RmsNorm"]);
        assert!(!ops(&simplify(two_pass(1, 1, 0.0))).contains(&"LayerNorm".to_string()));
    }

    /// `x m + (b - mean x m)` with the variance as `mean x^2 - (mean x)^2`.
    fn one_pass(other_mean: bool) -> Graph {
        let mut m = Model::new();
        let x = m.input(&[2, 4]);
        let z = m.input(&[2, 4]);
        let mean = Op::Reduce { kind: Reduce::Mean, axes: vec![1], keep: true };
        let mu = m.op(mean.clone(), &[x], &[2, 1]);
        let nu = m.op(mean.clone(), &[z], &[2, 1]);
        let xx = m.op(Op::Binary(Binary::Mul), &[x, x], &[2, 4]);
        let mxx = m.op(mean, &[xx], &[2, 1]);
        let mu2 = m.op(Op::Unary(Unary::Square), &[mu], &[2, 1]);
        let v = m.op(Op::Binary(Binary::Sub), &[mxx, mu2], &[2, 1]);
        let zero = m.scalar(0.0);
        let v = m.op(Op::Binary(Binary::Max), &[v, zero], &[2, 1]);
        let eps = m.scalar(1e-3);
        let v = m.op(Op::Binary(Binary::Add), &[v, eps], &[2, 1]);
        let sd = m.op(Op::Unary(Unary::Sqrt), &[v], &[2, 1]);
        let inv = m.op(Op::Unary(Unary::Reciprocal), &[sd], &[2, 1]);
        let g = m.constant(&[1, 4], &[1.0, 2.0, 3.0, 4.0]);
        let mult = m.op(Op::Binary(Binary::Mul), &[inv, g], &[2, 4]);
        let xm = m.op(Op::Binary(Binary::Mul), &[x, mult], &[2, 4]);
        let mm = if other_mean { nu } else { mu };
        let mm = m.op(Op::Binary(Binary::Mul), &[mm, mult], &[2, 4]);
        let b = m.constant(&[1, 4], &[4.0, 3.0, 2.0, 1.0]);
        let shift = m.op(Op::Binary(Binary::Sub), &[b, mm], &[2, 4]);
        let y = m.op(Op::Binary(Binary::Add), &[xm, shift], &[2, 4]);
        m.finish(y)
    }

    #[test]
    fn recognises_the_fused_form() {
        assert_eq!(
            ops(&simplify(one_pass(false))),
            ["Input", "Input", "LayerNorm", "Binary", "Binary"]
        );
        assert!(!ops(&simplify(one_pass(true))).contains(&"LayerNorm".to_string()));
    }
}
