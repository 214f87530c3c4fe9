//! Data movement before and after a product.

use super::{Make, Random, compare};
use crate::graph::{Array, NodeId, Op, PadMode};

/// `f` on a raw input, and on a pending product whose result a product reads.
fn moved(shape: &'static [usize], to: &[usize], op: &Op) {
    println!("{shape:?} {to:?} {op:?}");
    let inputs = move |random: &mut Random| vec![random.array(shape, 2.0)];
    let mut make = Make::default();
    let x = make.input(shape);
    let y = make.node(op.clone(), &[x], to);
    let graph = make.output(y);
    compare(&graph, &inputs, 1e-3);

    let mut make = Make::default();
    let mut random = Random(4);
    let x = make.input(shape);
    let n = *shape.last().expect("a dimension");
    let w = make.constant(random.array(&[n, n], 0.7));
    let x = product(&mut make, x, w, shape, n);
    let y = make.node(op.clone(), &[x], to);
    let k = *to.last().expect("a dimension");
    let w = make.constant(random.array(&[k, 3], 0.7));
    let y = product(&mut make, y, w, to, 3);
    let graph = make.output(y);
    compare(&graph, &inputs, 5e-3);
}

fn product(make: &mut Make, x: NodeId, w: NodeId, shape: &[usize], o: usize) -> NodeId {
    let rank = shape.len() as u8;
    let a: Vec<u8> = (0..rank).collect();
    let mut out = a.clone();
    out[shape.len() - 1] = rank;
    let mut to = shape.to_vec();
    to[shape.len() - 1] = o;
    make.node(Op::Einsum { a, b: vec![rank - 1, rank], out }, &[x, w], &to)
}

#[test]
fn reshapes() {
    for (from, to) in [
        (&[4, 6][..], &[24][..]),
        (&[6, 4], &[24]),
        (&[24], &[6, 4]),
        (&[24], &[4, 6]),
        (&[6, 4], &[8, 3]),
        (&[3, 5, 7], &[15, 7]),
        (&[3, 5, 7], &[3, 35]),
        (&[3, 5, 7], &[105]),
        (&[1, 6, 1, 4], &[2, 3, 4, 1]),
        (&[16, 4, 4], &[256]),
    ] {
        let from: &'static [usize] = Vec::leak(from.to_vec());
        moved(from, to, &Op::Reshape);
    }
}

#[test]
fn transposes_and_slices() {
    moved(&[3, 5, 7], &[7, 3, 5], &Op::Transpose { perm: vec![2, 0, 1] });
    moved(&[3, 5, 7], &[3, 2, 5], &Op::Slice { begin: vec![0, 1, 1], step: vec![1, 2, 1] });
    moved(&[3, 5, 7], &[3, 5, 3], &Op::Slice { begin: vec![0, 4, 6], step: vec![1, -1, -2] });
}

#[test]
fn pads_and_tiles() {
    let before = vec![0, 1, 2];
    for mode in [
        PadMode::Constant(0.0),
        PadMode::Constant(-0.5),
        PadMode::Edge,
        PadMode::Reflect,
        PadMode::Wrap,
    ] {
        moved(&[3, 5, 7], &[3, 8, 10], &Op::Pad { before: before.clone(), mode });
    }
    moved(&[3, 5], &[6, 15], &Op::Tile);
    moved(&[3, 1, 7], &[3, 4, 7], &Op::Expand);
}

#[test]
fn concatenations() {
    for axis in 0..2 {
        let mut make = Make::default();
        let mut random = Random(4);
        let (s, t) = ([3, 5], if axis == 0 { [2, 5] } else { [3, 4] });
        let x = make.input(&s);
        let y = make.input(&t);
        let c = make.constant(random.array(&s, 1.0));
        let mut shape = s.to_vec();
        shape[axis] += t[axis] + s[axis];
        let z = make.node(Op::Concat { axis }, &[x, y, c], &shape);
        let n = shape[1];
        let w = make.constant(random.array(&[n, n], 0.7));
        let z = product(&mut make, z, w, &shape, n);
        let graph = make.output(z);
        let inputs = move |random: &mut Random| vec![random.array(&s, 2.0), random.array(&t, 3.0)];
        compare(&graph, &inputs, 5e-3);
    }
}

#[test]
fn gather_by_constants() {
    let mut make = Make::default();
    let x = make.input(&[3, 5, 7]);
    let index = Array { shape: vec![2, 2], data: vec![4.0, 0.0, -1.0, 2.0] };
    let index = make.typed(Op::Const(index), &[], &[2, 2], crate::graph::DType::Int);
    let y = make.node(Op::Gather { axis: 1 }, &[x, index], &[3, 2, 2, 7]);
    let graph = make.output(y);
    compare(&graph, &|random| vec![random.array(&[3, 5, 7], 2.0)], 1e-3);
}
