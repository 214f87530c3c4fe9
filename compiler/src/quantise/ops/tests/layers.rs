//! Layers with weights, pools, softmax, norms.

use super::{Make, Random, compare, trace};
use crate::graph::{Array, NodeId, Op, Reduce, Unary, Window};
use crate::quantise::sizes;

fn dense(make: &mut Make, random: &mut Random, x: NodeId, n: usize, k: usize, o: usize) -> NodeId {
    let w = make.constant(random.array(&[k, o], 1.7 / (k as f64).sqrt()));
    let b = make.constant(random.array(&[o], 0.3));
    let op = Op::Einsum { a: vec![0, 1], b: vec![1, 2], out: vec![0, 2] };
    let y = make.node(op, &[x, w], &[n, o]);
    make.node(Op::Binary(crate::graph::Binary::Add), &[y, b], &[n, o])
}

/// Positive inputs, as pixels are.
fn pixels(shape: &'static [usize]) -> impl Fn(&mut Random) -> Vec<Array> {
    move |random| {
        let mut x = random.array(shape, 0.5);
        x.data.iter_mut().for_each(|v| *v += 0.5);
        vec![x]
    }
}

fn signed(shape: &'static [usize]) -> impl Fn(&mut Random) -> Vec<Array> {
    move |random| vec![random.array(shape, 2.0)]
}

#[test]
fn perceptron() {
    let mut random = Random(3);
    let mut make = Make::default();
    let x = make.input(&[1, 784]);
    let h = dense(&mut make, &mut random, x, 1, 784, 128);
    let h = make.node(Op::Unary(Unary::Relu), &[h], &[1, 128]);
    let y = dense(&mut make, &mut random, h, 1, 128, 10);
    let graph = make.output(y);
    let compiled = compare(&graph, &pixels(&[1, 784]), 5e-3);
    let s = sizes(&compiled);
    println!("{s:?}");
    assert!(s.witness <= 1 << 17 && s.lookups + s.tables <= 1 << 17, "{s:?}");
}

#[test]
fn softmax() {
    let mut random = Random(3);
    for n in [10, 100] {
        let mut make = Make::default();
        let x = make.input(&[3, 7]);
        let y = dense(&mut make, &mut random, x, 3, 7, n);
        let p = make.node(Op::Softmax { axes: vec![1], log: false }, &[y], &[3, n]);
        let graph = make.output(p);
        compare(&graph, &signed(&[3, 7]), 5e-3);
    }
}

#[test]
fn softmax_then_product() {
    let mut random = Random(3);
    let mut make = Make::default();
    let x = make.input(&[2, 5, 13]);
    let p = make.node(Op::Softmax { axes: vec![1], log: false }, &[x], &[2, 5, 13]);
    let w = make.constant(random.array(&[5, 3], 1.0));
    let op = Op::Einsum { a: vec![0, 1, 2], b: vec![1, 3], out: vec![0, 2, 3] };
    let y = make.node(op, &[p, w], &[2, 13, 3]);
    let graph = make.output(y);
    compare(&graph, &signed(&[2, 5, 13]), 5e-3);
}

#[test]
fn log_softmax() {
    let mut make = Make::default();
    let x = make.input(&[2, 9]);
    let p = make.node(Op::Softmax { axes: vec![1], log: true }, &[x], &[2, 9]);
    let graph = make.output(p);
    compare(&graph, &signed(&[2, 9]), 5e-3);
}

/// A convolution with the given group count, window and activation.
fn conv_graph(
    x_shape: [usize; 4],
    o: usize,
    groups: usize,
    window: Window,
    act: Option<Unary>,
) -> crate::graph::Graph {
    let mut random = Random(11);
    let mut make = Make::default();
    let x = make.input(&x_shape);
    let c = x_shape[1] / groups;
    let taps = c * window.kernel.iter().product::<usize>();
    let w = random.array(&[o, c, window.kernel[0], window.kernel[1]], 1.7 / (taps as f64).sqrt());
    let w = make.constant(w);
    let b = make.constant(random.array(&[o], 0.3));
    let out = |d: usize| {
        let n = x_shape[2 + d] + 2 * window.pad_before[d];
        (n - window.dilation[d] * (window.kernel[d] - 1) - 1) / window.stride[d] + 1
    };
    let shape = [x_shape[0], o, out(0), out(1)];
    let mut y = make.node(Op::Conv { window, groups }, &[x, w, b], &shape);
    if let Some(f) = act {
        y = make.node(Op::Unary(f), &[y], &shape);
    }
    make.output(y)
}

fn window(kernel: usize, stride: usize, pad: usize, dilation: usize) -> Window {
    Window {
        kernel: vec![kernel; 2],
        stride: vec![stride; 2],
        dilation: vec![dilation; 2],
        pad_before: vec![pad; 2],
    }
}

#[test]
fn convolutions() {
    let cases = [
        ([1, 3, 13, 7], 6, 1, window(3, 1, 1, 1), Some(Unary::Relu)),
        ([2, 3, 13, 7], 5, 1, window(3, 2, 1, 1), Some(Unary::HardSwish)),
        ([1, 6, 7, 9], 6, 6, window(5, 1, 2, 1), Some(Unary::HardSwish)),
        ([1, 6, 7, 9], 12, 6, window(3, 1, 1, 2), None),
        ([1, 6, 7, 9], 9, 3, window(3, 1, 0, 1), Some(Unary::Sigmoid)),
        ([1, 6, 7, 9], 4, 1, window(1, 1, 0, 1), Some(Unary::Tanh)),
        ([1, 6, 7, 9], 4, 1, window(1, 2, 0, 1), Some(Unary::LeakyRelu { alpha: 0.1 })),
    ];
    for (shape, o, groups, w, act) in cases {
        println!("{shape:?} {groups} {w:?} {act:?}");
        let graph = conv_graph(shape, o, groups, w, act);
        let inputs = move |random: &mut Random| vec![random.array(&shape, 1.0)];
        compare(&graph, &inputs, 5e-3);
    }
}

#[test]
fn residual_block() {
    let mut random = Random(5);
    let mut make = Make::default();
    let shape = [1, 5, 7, 6];
    let x = make.input(&shape);
    let mut h = x;
    for _ in 0..2 {
        let w = make.constant(random.array(&[5, 5, 3, 3], 0.4));
        let y = make.node(Op::Conv { window: window(3, 1, 1, 1), groups: 1 }, &[h, w], &shape);
        let y = make.node(Op::Unary(Unary::Relu), &[y], &shape);
        let w = make.constant(random.array(&[5, 5, 1, 1], 0.7));
        let y = make.node(Op::Conv { window: window(1, 1, 0, 1), groups: 1 }, &[y, w], &shape);
        h = make.node(Op::Binary(crate::graph::Binary::Add), &[y, h], &shape);
    }
    let pool = Op::Reduce { kind: Reduce::Mean, axes: vec![2, 3], keep: true };
    let g = make.node(pool, &[h], &[1, 5, 1, 1]);
    let s = make.node(Op::Unary(Unary::HardSigmoid { alpha: 0.2, beta: 0.5 }), &[g], &[1, 5, 1, 1]);
    let y = make.node(Op::Binary(crate::graph::Binary::Mul), &[h, s], &shape);
    let graph = make.output(y);
    compare(&graph, &signed(&[1, 5, 7, 6]), 1e-2);
}

#[test]
fn pools() {
    for (w, count) in [
        (window(2, 2, 0, 1), false),
        (window(3, 2, 1, 1), false),
        (window(3, 1, 1, 1), true),
        (window(3, 1, 0, 2), true),
    ] {
        let out = |n: usize, d: usize| {
            (n + 2 * w.pad_before[d] - w.dilation[d] * (w.kernel[d] - 1) - 1) / w.stride[d] + 1
        };
        let shape = [1, 3, out(7, 0), out(13, 1)];
        for max in [false, true] {
            let mut make = Make::default();
            let x = make.input(&[1, 3, 7, 13]);
            let x = make.node(Op::Unary(Unary::Tanh), &[x], &[1, 3, 7, 13]);
            let op = if max {
                Op::MaxPool(w.clone())
            } else {
                Op::AvgPool { window: w.clone(), count_padding: count }
            };
            let y = make.node(op, &[x], &shape);
            let y = make.node(Op::Unary(Unary::Relu), &[y], &shape);
            let graph = make.output(y);
            compare(&graph, &signed(&[1, 3, 7, 13]), 5e-3);
        }
    }
}

#[test]
fn reductions() {
    for kind in [Reduce::Sum, Reduce::Mean, Reduce::Max, Reduce::Min, Reduce::Prod, Reduce::ArgMax]
    {
        for axis in 0..3 {
            let mut make = Make::default();
            let x = make.input(&[3, 7, 13]);
            let mut shape = vec![3, 7, 13];
            shape.remove(axis);
            let y = make.node(Op::Reduce { kind, axes: vec![axis], keep: false }, &[x], &shape);
            let graph = make.output(y);
            let tolerance = if kind == Reduce::Prod { 3e-2 } else { 5e-3 };
            if kind == Reduce::ArgMax {
                let inputs = |random: &mut Random| {
                    let mut x = random.array(&[3, 7, 13], 2.0);
                    x.data.iter_mut().for_each(|v| *v = (*v * 64.0).round() / 64.0);
                    vec![x]
                };
                compare(&graph, &inputs, 1e-9);
            } else {
                compare(&graph, &signed(&[3, 7, 13]), tolerance);
            }
        }
    }
}

#[test]
fn norms() {
    for (axes, centre) in [(vec![1], true), (vec![2], true), (vec![1, 2], true), (vec![2], false)] {
        let mut make = Make::default();
        let x = make.input(&[3, 7, 13]);
        let op = if centre {
            Op::LayerNorm { axes, epsilon: 1e-5 }
        } else {
            Op::RmsNorm { axes, epsilon: 1e-5 }
        };
        let y = make.node(op, &[x], &[3, 7, 13]);
        let graph = make.output(y);
        compare(&graph, &signed(&[3, 7, 13]), 5e-3);
    }
}

#[test]
fn attention() {
    let mut random = Random(5);
    let mut make = Make::default();
    let x = make.input(&[1, 7, 12]);
    let project = |make: &mut Make, random: &mut Random| {
        let w = make.constant(random.array(&[12, 12], 0.5));
        let op = Op::Einsum { a: vec![0, 1, 2], b: vec![2, 3], out: vec![0, 1, 3] };
        let y = make.node(op, &[x, w], &[1, 7, 12]);
        let y = make.node(Op::Reshape, &[y], &[1, 7, 3, 4]);
        make.node(Op::Transpose { perm: vec![0, 2, 1, 3] }, &[y], &[1, 3, 7, 4])
    };
    let q = project(&mut make, &mut random);
    let k = project(&mut make, &mut random);
    let v = project(&mut make, &mut random);
    let op = Op::Einsum { a: vec![0, 1, 2, 4], b: vec![0, 1, 3, 4], out: vec![0, 1, 2, 3] };
    let s = make.node(op, &[q, k], &[1, 3, 7, 7]);
    let c = make.constant(Array { shape: vec![], data: vec![0.5] });
    let s = make.node(Op::Binary(crate::graph::Binary::Mul), &[s, c], &[1, 3, 7, 7]);
    let p = make.node(Op::Softmax { axes: vec![3], log: false }, &[s], &[1, 3, 7, 7]);
    let op = Op::Einsum { a: vec![0, 1, 2, 4], b: vec![0, 1, 4, 3], out: vec![0, 1, 2, 3] };
    let y = make.node(op, &[p, v], &[1, 3, 7, 4]);
    let y = make.node(Op::Transpose { perm: vec![0, 2, 1, 3] }, &[y], &[1, 7, 3, 4]);
    let y = make.node(Op::Reshape, &[y], &[1, 7, 12]);
    let y = make.node(Op::Binary(crate::graph::Binary::Add), &[x, y], &[1, 7, 12]);
    let y = make.node(Op::LayerNorm { axes: vec![2], epsilon: 1e-5 }, &[y], &[1, 7, 12]);
    let graph = make.output(y);
    compare(&graph, &signed(&[1, 7, 12]), 2e-2);
}

#[test]
fn embedding() {
    let mut random = Random(5);
    let mut make = Make::default();
    let ids = make.ids(&[1, 14]);
    let table = make.constant(random.array(&[19, 6], 1.0));
    let e = make.node(Op::Gather { axis: 0 }, &[table, ids], &[1, 14, 6]);
    let e = make.node(Op::Unary(Unary::GeluTanh), &[e], &[1, 14, 6]);
    let e = make.node(Op::Reshape, &[e], &[1, 7, 12]);
    let w = make.constant(random.array(&[12, 5], 0.5));
    let op = Op::Einsum { a: vec![0, 1, 2], b: vec![2, 3], out: vec![0, 1, 3] };
    let y = make.node(op, &[e, w], &[1, 7, 5]);
    let graph = make.output(y);
    let inputs = |random: &mut Random| {
        let data = (0..14).map(|_| (random.bits() % 19) as f64).collect();
        vec![Array { shape: vec![1, 14], data }]
    };
    let compiled = compare(&graph, &inputs, 5e-3);
    let _ = trace(&compiled, &[Array { shape: vec![1, 14], data: vec![18.0; 14] }]);
}

#[test]
fn lenet() {
    let mut random = Random(21);
    let mut make = Make::default();
    let x = make.input(&[1, 1, 28, 28]);
    let mut h = x;
    let (mut c, mut n) = (1, 28);
    for (o, pad) in [(6, 2), (16, 0)] {
        let taps = (c * 25) as f64;
        let w = make.constant(random.array(&[o, c, 5, 5], 1.7 / taps.sqrt()));
        let b = make.constant(random.array(&[o], 0.1));
        n = n + 2 * pad - 4;
        let w5 = Window {
            kernel: vec![5; 2],
            stride: vec![1; 2],
            dilation: vec![1; 2],
            pad_before: vec![pad; 2],
        };
        h = make.node(Op::Conv { window: w5, groups: 1 }, &[h, w, b], &[1, o, n, n]);
        h = make.node(Op::Unary(Unary::Relu), &[h], &[1, o, n, n]);
        n /= 2;
        h = make.node(Op::MaxPool(window(2, 2, 0, 1)), &[h], &[1, o, n, n]);
        c = o;
    }
    h = make.node(Op::Reshape, &[h], &[1, 400]);
    for (k, o) in [(400, 120), (120, 84)] {
        h = dense(&mut make, &mut random, h, 1, k, o);
        h = make.node(Op::Unary(Unary::Relu), &[h], &[1, o]);
    }
    let y = dense(&mut make, &mut random, h, 1, 84, 10);
    let graph = make.output(y);
    let compiled = compare(&graph, &pixels(&[1, 1, 28, 28]), 1e-2);
    let s = sizes(&compiled);
    println!("{s:?}");
    assert!(s.witness <= 1 << 18 && s.lookups + s.tables <= 1 << 18, "{s:?}");
}
