//! Values from the numpy and ONNX documentation, and definitions written out.

use super::*;
use crate::graph::{Binary, PadMode, Reduce, Unary, Window};

fn array(shape: &[usize], data: &[f64]) -> Array {
    Array { shape: shape.to_vec(), data: data.to_vec() }
}

/// Distinct small integers, some negative.
fn numbers(shape: &[usize], salt: usize) -> Array {
    let n = shape.iter().product();
    let data = (0..n).map(|i| ((i * 37 + salt * 11) % 61) as f64 - 30.0).collect();
    Array { shape: shape.to_vec(), data }
}

fn node(op: Op, shape: &[usize], dtype: DType) -> Node {
    Node { name: "node".into(), op, inputs: vec![], shape: shape.to_vec(), dtype }
}

fn run(op: Op, shape: &[usize], inputs: &[&Array]) -> Vec<f64> {
    evaluate_node(&node(op, shape, DType::Float), inputs).expect("a good node").data
}

fn window(kernel: &[usize], stride: usize, dilation: usize, pad: usize) -> Window {
    let all = |x: usize| vec![x; kernel.len()];
    Window {
        kernel: kernel.to_vec(),
        stride: all(stride),
        dilation: all(dilation),
        pad_before: all(pad),
    }
}

#[test]
fn unary_functions() {
    let cases = [
        (Unary::Round, 2.5, 2.0),
        (Unary::Round, -1.5, -2.0),
        (Unary::Trunc, -1.5, -1.0),
        (Unary::Sign, -0.0, 0.0),
        (Unary::Sign, -3.0, -1.0),
        (Unary::Not, 0.0, 1.0),
        (Unary::NonZero, -2.0, 1.0),
        (Unary::IsNan, f64::NAN, 1.0),
        (Unary::LeakyRelu { alpha: 0.1 }, -2.0, -0.2),
        (Unary::ThresholdedRelu { alpha: 1.0 }, 1.0, 0.0),
        (Unary::Clip { lo: 0.0, hi: 6.0 }, 7.0, 6.0),
        (Unary::HardSwish, 1.0, 2.0 / 3.0),
        (Unary::HardSigmoid { alpha: 0.2, beta: 0.5 }, 1.0, 0.7),
        (Unary::Elu { alpha: 2.0 }, -1.0, 2.0 * ((-1.0f64).exp() - 1.0)),
        (Unary::Celu { alpha: 2.0 }, -1.0, 2.0 * ((-0.5f64).exp() - 1.0)),
        (Unary::Selu { alpha: 2.0, gamma: 3.0 }, 1.0, 3.0),
        (Unary::Softplus, 1.0, (1.0 + 1f64.exp()).ln()),
        (Unary::Softsign, -1.0, -0.5),
        (Unary::Sigmoid, -1.0, 0.268_941_421_369_995_1),
        (Unary::Gelu, 1.0, 0.841_344_746_068_542_9),
        (Unary::Gelu, -1.0, -0.158_655_253_931_457_05),
        (Unary::GeluTanh, 1.0, 0.841_191_990_608_276_8),
        (Unary::GeluTanh, -1.0, -0.158_808_009_391_723_2),
        (Unary::Silu, 1.0, 0.731_058_578_630_004_9),
        (Unary::Mish, 1.0, 0.865_098_388_267_310_3),
        (Unary::Rsqrt, 4.0, 0.5),
        (Unary::Erf, 0.5, 0.520_499_877_813_046_5),
    ];
    for (f, x, want) in cases {
        let got = unary(f, x);
        assert!((got - want).abs() < 1e-14, "{f:?}({x}) = {got}, expected {want}");
    }
    for f in [Unary::Gelu, Unary::GeluTanh, Unary::Silu, Unary::Mish] {
        assert_eq!(unary(f, f64::NEG_INFINITY), 0.0);
        assert_eq!(unary(f, f64::INFINITY), f64::INFINITY);
    }
}

#[test]
fn integers_divide_as_onnx_says() {
    let run = |f: Binary, x: f64, y: f64| {
        let node = node(Op::Binary(f), &[1], DType::Int);
        evaluate_node(&node, &[&array(&[1], &[x]), &array(&[], &[y])]).expect("a good node").data[0]
    };
    assert_eq!(run(Binary::Div, -7.0, 2.0), -3.0);
    assert_eq!(run(Binary::Div, 7.0, -2.0), -3.0);
    assert_eq!(run(Binary::Div, (1u64 << 53) as f64 - 1.0, 3.0), 3_002_399_751_580_330.0);
    assert_eq!(run(Binary::Mod, -7.0, 3.0), 2.0);
    assert_eq!(run(Binary::Mod, 7.0, -3.0), -2.0);
    assert_eq!(run(Binary::Pow, -3.0, 3.0), -27.0);
    assert_eq!(run(Binary::Pow, 2.0, -1.0), 0.0);
    assert_eq!(run(Binary::Div, 1.0, 0.0), 0.0);
}

#[test]
fn broadcasting() {
    let (x, y) = (numbers(&[2, 3, 1], 1), numbers(&[3, 4], 2));
    let got = run(Op::Binary(Binary::Sub), &[2, 3, 4], &[&x, &y]);
    for (i, got) in got.iter().enumerate() {
        assert_eq!(*got, x.data[i / 4] - y.data[i % 12]);
    }
    let condition = array(&[3, 1], &[1.0, 0.0, 1.0]);
    let got = run(Op::Where, &[3, 4], &[&condition, &y, &array(&[], &[9.0])]);
    for (i, got) in got.iter().enumerate() {
        assert_eq!(*got, if i / 4 == 1 { 9.0 } else { y.data[i] });
    }
}

#[test]
fn einsum_is_its_definition() {
    // Labels of a, b, out; extents by label.
    let cases: [(&str, &str, &str); 9] = [
        ("ij", "jk", "ik"),
        ("bij", "bjk", "bik"),
        ("bhid", "bhjd", "bhij"),
        ("ij", "kj", "ki"),
        ("ij", "ij", "ij"),
        ("ij", "j", "i"),
        ("ij", "k", "k"),
        ("i", "j", "ji"),
        ("bij", "jkb", "kbi"),
    ];
    let extent = |l: u8| 2 + (l as usize * 7) % 5;
    for (a, b, out) in cases {
        let shape = |labels: &str| labels.bytes().map(extent).collect::<Vec<_>>();
        let (x, y) = (numbers(&shape(a), 1), numbers(&shape(b), 2));
        let mut all: Vec<u8> = (a.bytes()).chain(b.bytes()).collect();
        all.sort_unstable();
        all.dedup();
        let mut want = vec![0.0; shape(out).iter().product()];
        for mut at in 0..all.iter().map(|&l| extent(l)).product::<usize>() {
            let mut index = [0; 256];
            for &l in &all {
                index[l as usize] = at % extent(l);
                at /= extent(l);
            }
            let flat =
                |labels: &str| labels.bytes().fold(0, |i, l| i * extent(l) + index[l as usize]);
            want[flat(out)] += x.data[flat(a)] * y.data[flat(b)];
        }
        let op = Op::Einsum { a: a.into(), b: b.into(), out: out.into() };
        assert_eq!(run(op, &shape(out), &[&x, &y]), want, "{a},{b}->{out}");
    }
}

#[test]
fn einsum_broadcasts_extents_of_one() {
    let (x, y) = (numbers(&[1, 2, 3], 1), numbers(&[4, 3, 5], 2));
    let op = Op::Einsum { a: b"bij".into(), b: b"bjk".into(), out: b"bik".into() };
    let got = run(op, &[4, 2, 5], &[&x, &y]);
    for (at, got) in got.iter().enumerate() {
        let (b, i, k) = (at / 10, at / 5 % 2, at % 5);
        let want: f64 = (0..3).map(|j| x.data[i * 3 + j] * y.data[b * 15 + j * 5 + k]).sum();
        assert_eq!(*got, want);
    }
}

/// The value at `(image, channel, row, column)`, or `None` in the padding.
fn pixel(x: &Array, n: usize, c: usize, i: isize, j: isize) -> Option<f64> {
    let [_, channels, h, w] = x.shape[..] else { panic!("an image") };
    let inside = (0..h as isize).contains(&i) && (0..w as isize).contains(&j);
    inside.then(|| x.data[((n * channels + c) * h + i as usize) * w + j as usize])
}

#[test]
fn convolution_is_its_definition() {
    for (groups, stride, dilation, pad) in [(1, 1, 1, 1), (2, 2, 1, 0), (4, 1, 2, 2), (2, 3, 2, 1)]
    {
        let (x, w) = (numbers(&[2, 4, 7, 6], 1), numbers(&[8, 4 / groups, 3, 2], 2));
        let bias = numbers(&[8], 3);
        let out = |n: usize, k: usize| (n + 2 * pad - dilation * (k - 1) - 1) / stride + 1;
        let shape = [2, 8, out(7, 3), out(6, 2)];
        let op = Op::Conv { window: window(&[3, 2], stride, dilation, pad), groups };
        let got = run(op, &shape, &[&x, &w, &bias]);
        for (at, got) in got.iter().enumerate() {
            let (j, i) = (at % shape[3], at / shape[3] % shape[2]);
            let (o, n) = (at / (shape[2] * shape[3]) % 8, at / (8 * shape[2] * shape[3]));
            let mut want = bias.data[o];
            for c in 0..4 / groups {
                let channel = o / (8 / groups) * (4 / groups) + c;
                for (di, dj) in (0..3).flat_map(|di| (0..2).map(move |dj| (di, dj))) {
                    let row = (i * stride + di * dilation) as isize - pad as isize;
                    let col = (j * stride + dj * dilation) as isize - pad as isize;
                    want += pixel(&x, n, channel, row, col).unwrap_or(0.0)
                        * w.data[((o * 4 / groups + c) * 3 + di) * 2 + dj];
                }
            }
            assert_eq!(*got, want);
        }
    }
}

#[test]
fn pools_are_their_definitions() {
    let x = Array {
        data: numbers(&[1, 2, 5, 5], 1).data.iter().map(|x| x - 50.0).collect(),
        shape: vec![1, 2, 5, 5],
    };
    let win = window(&[3, 3], 2, 1, 1);
    let shape = [1, 2, 3, 3];
    let max = run(Op::MaxPool(win.clone()), &shape, &[&x]);
    let mean =
        |count_padding| run(Op::AvgPool { window: win.clone(), count_padding }, &shape, &[&x]);
    let (all, real) = (mean(true), mean(false));
    for at in 0..18 {
        let (c, i, j) = (at / 9, (at / 3 % 3) as isize, (at % 3) as isize);
        let taps = (0..3).flat_map(|di| (0..3).map(move |dj| (2 * i + di - 1, 2 * j + dj - 1)));
        let entries: Vec<f64> = taps.filter_map(|(i, j)| pixel(&x, 0, c, i, j)).collect();
        assert_eq!(max[at], entries.iter().copied().fold(f64::NEG_INFINITY, f64::max));
        assert_eq!(all[at], entries.iter().sum::<f64>() / 9.0);
        assert_eq!(real[at], entries.iter().sum::<f64>() / entries.len() as f64);
    }
}

#[test]
fn reductions() {
    let x = numbers(&[2, 3, 4], 1);
    let reduce = |kind, axes: &[usize], shape: &[usize]| {
        run(Op::Reduce { kind, axes: axes.to_vec(), keep: false }, shape, &[&x])
    };
    let at = |i: usize, j: usize, k: usize| x.data[(i * 3 + j) * 4 + k];
    let sums = reduce(Reduce::Sum, &[0, 2], &[3]);
    for (j, sum) in sums.iter().enumerate() {
        assert_eq!(*sum, (0..8).map(|s| at(s / 4, j, s % 4)).sum::<f64>());
    }
    let best = reduce(Reduce::ArgMax, &[1], &[2, 4]);
    for (s, best) in best.iter().enumerate() {
        let column = [0, 1, 2].map(|j| at(s / 4, j, s % 4));
        assert!(column.iter().all(|&x| x <= column[*best as usize]));
    }
    let ties = array(&[3], &[1.0, 1.0, 0.0]);
    let first = Op::Reduce { kind: Reduce::ArgMax, axes: vec![0], keep: true };
    assert_eq!(run(first, &[1], &[&ties]), [0.0]);
    let mean = node(Op::Reduce { kind: Reduce::Mean, axes: vec![0], keep: false }, &[], DType::Int);
    assert_eq!(evaluate_node(&mean, &[&array(&[2], &[-1.0, -2.0])]).expect("good").data, [-1.0]);
    assert_eq!(reduce(Reduce::Prod, &[0, 1, 2], &[])[0], x.data.iter().product::<f64>());
}

#[test]
fn normalisations_over_a_middle_axis() {
    let x = numbers(&[2, 3, 4], 1);
    let soft = run(Op::Softmax { axes: vec![1], log: false }, &[2, 3, 4], &[&x]);
    let log = run(Op::Softmax { axes: vec![1], log: true }, &[2, 3, 4], &[&x]);
    let norm = run(Op::LayerNorm { axes: vec![0, 1], epsilon: 0.0 }, &[2, 3, 4], &[&x]);
    let rms = run(Op::RmsNorm { axes: vec![2], epsilon: 1.0 }, &[2, 3, 4], &[&x]);
    for (i, k) in (0..2).flat_map(|i| (0..4).map(move |k| (i, k))) {
        let sum: f64 = (0..3).map(|j| x.data[i * 12 + j * 4 + k].exp()).sum();
        for at in (0..3).map(|j| i * 12 + j * 4 + k) {
            assert!((soft[at] - x.data[at].exp() / sum).abs() < 1e-14);
            assert!((log[at] - (x.data[at].exp() / sum).ln()).abs() < 1e-12);
        }
    }
    for k in 0..4 {
        let column: Vec<f64> = norm.iter().copied().skip(k).step_by(4).collect();
        assert!(column.iter().sum::<f64>().abs() < 1e-12);
        assert!((column.iter().map(|x| x * x).sum::<f64>() / 6.0 - 1.0).abs() < 1e-12);
    }
    let row = &x.data[..4];
    let scale = (row.iter().map(|x| x * x).sum::<f64>() / 4.0 + 1.0).sqrt();
    assert!((rms[1] - row[1] / scale).abs() < 1e-14);
    let masked = array(&[2], &[f64::NEG_INFINITY; 2]);
    assert_eq!(run(Op::Softmax { axes: vec![0], log: false }, &[2], &[&masked]), [0.0; 2]);
}

#[test]
fn entries_move_where_they_should() {
    let x = array(&[2, 3], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    assert_eq!(
        run(Op::Transpose { perm: vec![1, 0] }, &[3, 2], &[&x]),
        [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]
    );
    let slice = Op::Slice { begin: vec![1, 2], step: vec![-1, -2] };
    assert_eq!(run(slice, &[2, 2], &[&x]), [5.0, 3.0, 2.0, 0.0]);
    let y = array(&[2, 1], &[7.0, 8.0]);
    assert_eq!(
        run(Op::Concat { axis: 1 }, &[2, 4], &[&x, &y]),
        [0.0, 1.0, 2.0, 7.0, 3.0, 4.0, 5.0, 8.0]
    );
    assert_eq!(run(Op::Tile, &[4, 1], &[&y]), [7.0, 8.0, 7.0, 8.0]);
    let row = array(&[3], &[1.0, 2.0, 3.0]);
    let pad = |mode| run(Op::Pad { before: vec![2], mode }, &[7], &[&row]);
    assert_eq!(pad(PadMode::Constant(9.0)), [9.0, 9.0, 1.0, 2.0, 3.0, 9.0, 9.0]);
    assert_eq!(pad(PadMode::Edge), [1.0, 1.0, 1.0, 2.0, 3.0, 3.0, 3.0]);
    assert_eq!(pad(PadMode::Reflect), [3.0, 2.0, 1.0, 2.0, 3.0, 2.0, 1.0]);
    assert_eq!(pad(PadMode::Wrap), [2.0, 3.0, 1.0, 2.0, 3.0, 1.0, 2.0]);
    let indices = array(&[2], &[-1.0, 0.0]);
    let gather = Op::Gather { axis: 1 };
    assert_eq!(run(gather.clone(), &[2, 2], &[&x, &indices]), [2.0, 0.0, 5.0, 3.0]);
    let node = node(gather, &[2, 1], DType::Float);
    let outside = evaluate_node(&node, &[&x, &array(&[1], &[3.0])]);
    assert!(matches!(outside, Err(EvaluateError::Index { extent: 3, .. })));
}

#[test]
fn malformed_nodes_are_errors() {
    let x = numbers(&[2, 3], 1);
    let fails = |op: Op, shape: &[usize], inputs: &[&Array]| {
        evaluate_node(&node(op, shape, DType::Float), inputs).expect_err("a bad node")
    };
    assert!(matches!(fails(Op::Tile, &[3, 3], &[&x]), EvaluateError::Shape { .. }));
    assert!(matches!(fails(Op::Reshape, &[5], &[&x]), EvaluateError::Shape { .. }));
    assert!(matches!(fails(Op::Expand, &[2, 4], &[&x]), EvaluateError::Shape { .. }));
    assert!(matches!(fails(Op::Where, &[2, 3], &[&x]), EvaluateError::Operands { .. }));
    assert!(matches!(fails(Op::Input, &[2, 3], &[]), EvaluateError::Input { .. }));
    let slice = Op::Slice { begin: vec![0, 2], step: vec![1, 1] };
    assert!(matches!(fails(slice, &[2, 2], &[&x]), EvaluateError::Shape { .. }));
    let short = Array { shape: vec![2, 3], data: vec![0.0] };
    assert!(matches!(fails(Op::Cast, &[2, 3], &[&short]), EvaluateError::Shape { .. }));
}

#[test]
fn a_graph_keeps_the_value_of_every_node() {
    let mut nodes = vec![
        node(Op::Input, &[2], DType::Float),
        node(Op::Const(array(&[2], &[1.0, -3.0])), &[2], DType::Float),
        node(Op::Binary(Binary::Add), &[2], DType::Float),
        node(Op::Unary(Unary::Relu), &[2], DType::Float),
    ];
    nodes[2].inputs = vec![0, 1];
    nodes[3].inputs = vec![2];
    let mut graph = Graph { nodes, inputs: vec![0], outputs: vec![3] };
    let x = array(&[2], &[1.0, 2.0]);
    let values = evaluate(&graph, std::slice::from_ref(&x)).expect("a good graph");
    let data: Vec<&[f64]> = values.iter().map(|v| v.data.as_slice()).collect();
    assert_eq!(data, [[1.0, 2.0], [1.0, -3.0], [2.0, -1.0], [2.0, 0.0]]);
    assert!(matches!(evaluate(&graph, &[]), Err(EvaluateError::Inputs { .. })));
    graph.nodes[2].inputs = vec![0, 3];
    assert!(matches!(evaluate(&graph, &[x]), Err(EvaluateError::Order { operand: 3, .. })));
}
