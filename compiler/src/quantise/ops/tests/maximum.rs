//! Maxima: exact, with ties, negative entries, several axes and all kinds of windows.

use stwo_ml_verifier::circuit::{Axis, View};

use super::raised::says_the_same;
use super::{Make, Random, run};
use crate::graph::{Array, Graph, Op, Reduce, Window};
use crate::program::Compiled;
use crate::quantise::raise::raise;
use crate::quantise::{QuantiseOptions, lower, quantise};

/// Entries at multiples of a quarter in `lo..lo + 4`: few values, so that there are ties.
fn quarters(random: &mut Random, shape: &[usize], lo: f64) -> Array {
    let mut array = random.array(shape, 1.0);
    array.data.iter_mut().for_each(|x| *x = lo + 2.0 + (*x * 8.0).floor() / 4.0);
    array
}

/// A graph of one operation.
fn graph(op: Op, from: &[usize], to: &[usize]) -> Graph {
    let mut make = Make::default();
    let x = make.input(from);
    let y = make.node(op, &[x], to);
    make.output(y)
}

/// The circuit of a graph, which computes the same as `expected`, exactly.
fn exact(graph: &Graph, from: &[usize], expected: &dyn Fn(&[f64]) -> Vec<f64>) -> Compiled {
    let mut random = Random(11);
    let inputs: Vec<Vec<Array>> = [-2.0, -9.0, 1.0, -4.0]
        .iter()
        .map(|&lo| vec![quarters(&mut random, from, lo)])
        .chain([vec![Array { shape: from.to_vec(), data: vec![-0.75; from.iter().product()] }]])
        .collect();
    let plain = lower(graph, &inputs, &QuantiseOptions::default()).expect("it lowers");
    let both = [plain.clone(), raise(&plain)];
    let compiled = both[1].clone();
    compiled.circuit.validate().expect("the circuit is well formed");
    says_the_same(&both);
    for input in &inputs {
        assert_eq!(run(&both, input), [expected(&input[0].data)]);
    }
    compiled
}

/// The views of all identities.
fn views(compiled: &Compiled) -> Vec<&View> {
    let identities = &compiled.circuit.identities;
    identities.iter().flat_map(|i| i.linear.iter().filter_map(|t| t.view.as_ref())).collect()
}

/// Folds the entries of an array over some axes.
fn fold(shape: &[usize], axes: &[usize], data: &[f64], f: fn(f64, f64) -> f64) -> Vec<f64> {
    let mut groups = std::collections::BTreeMap::new();
    for (flat, &x) in data.iter().enumerate() {
        let (mut rest, mut index) = (flat, vec![0; shape.len()]);
        for d in (0..shape.len()).rev() {
            index[d] = if axes.contains(&d) { 0 } else { rest % shape[d] };
            rest /= shape[d];
        }
        groups.entry(index).and_modify(|y| *y = f(*y, x)).or_insert(x);
    }
    groups.into_values().collect()
}

#[test]
fn reductions_are_exact_in_two_identities() {
    let shape = [3, 7, 1, 5];
    for axes in [vec![0], vec![1], vec![3], vec![0, 3], vec![1, 2], vec![0, 1, 2, 3], vec![3, 1]] {
        for keep in [false, true] {
            for kind in [Reduce::Max, Reduce::Min] {
                let kept: Vec<usize> = (0..4)
                    .filter(|d| keep || !axes.contains(d))
                    .map(|d| if axes.contains(&d) { 1 } else { shape[d] })
                    .collect();
                let op = Op::Reduce { kind, axes: axes.clone(), keep };
                let f = if kind == Reduce::Max { f64::max } else { f64::min };
                let expected = |x: &[f64]| fold(&shape, &axes, x, f);
                let compiled = exact(&graph(op, &shape, &kept), &shape, &expected);
                // And the one of the output.
                assert_eq!(compiled.circuit.identities.len(), 3, "{axes:?}");
                assert_eq!(views(&compiled).len(), 7, "{axes:?}");
            }
        }
    }
}

#[test]
fn of_one_or_two_entries() {
    for n in [1, 2] {
        let op = Op::Reduce { kind: Reduce::Max, axes: vec![1], keep: false };
        let expected = |x: &[f64]| fold(&[5, n], &[1], x, f64::max);
        let compiled = exact(&graph(op, &[5, n], &[5]), &[5, n], &expected);
        // Of one entry nothing is committed: the circuit has its output and an unused lookup.
        assert_eq!(compiled.circuit.identities.len(), 2);
    }
}

#[test]
fn windows_are_exact_and_regrouped_where_bits_allow() {
    // Height, width, kernel, stride, dilation, whether dimensions are regrouped.
    for (size, kernel, stride, dilation, regrouped) in [
        ([6, 24], [2, 2], [2, 2], 1, true),
        ([8, 4], [4, 2], [4, 2], 1, true),
        // The last row is outside of all windows.
        ([7, 13], [2, 2], [2, 2], 1, true),
        // Nine rows have four bits, four windows of two three.
        ([9, 8], [2, 2], [2, 2], 1, false),
        ([6, 12], [3, 3], [3, 3], 1, false),
        ([7, 13], [2, 3], [3, 4], 1, false),
        ([8, 10], [2, 2], [4, 3], 2, false),
        // These overlap.
        ([7, 6], [3, 3], [2, 1], 1, false),
    ] {
        let out = |d: usize| (size[d] - dilation * (kernel[d] - 1) - 1) / stride[d] + 1;
        let (from, to) = ([1, 3, size[0], size[1]], [1, 3, out(0), out(1)]);
        let expected = |x: &[f64]| {
            let mut y = vec![f64::NEG_INFINITY; to.iter().product()];
            for (flat, y) in y.iter_mut().enumerate() {
                let (c, h, w) = (flat / to[3] / to[2], flat / to[3] % to[2], flat % to[3]);
                for (i, j) in (0..kernel[0]).flat_map(|i| (0..kernel[1]).map(move |j| (i, j))) {
                    let (h, w) = (h * stride[0] + i * dilation, w * stride[1] + j * dilation);
                    *y = y.max(x[(c * size[0] + h) * size[1] + w]);
                }
            }
            y
        };
        let window = Window {
            kernel: kernel.to_vec(),
            stride: stride.to_vec(),
            dilation: vec![dilation; 2],
            pad_before: vec![0; 2],
        };
        let compiled = exact(&graph(Op::MaxPool(window), &from, &to), &from, &expected);
        let affine = |v: &&View| v.axes.iter().any(|a| matches!(a, Axis::Affine { .. }));
        assert_eq!(views(&compiled).iter().any(affine), !regrouped, "{size:?} {kernel:?}");
        assert!(!regrouped || compiled.circuit.identities.len() == 3, "{size:?} {kernel:?}");
    }
}

#[test]
fn a_maximum_whose_interval_is_too_wide_is_refused() {
    let mut make = Make::default();
    let x = make.ids(&[2, 3]);
    let max = Op::Reduce { kind: Reduce::Max, axes: vec![1], keep: false };
    let y = make.typed(max, &[x], &[2], crate::graph::DType::Int);
    let graph = make.output(y);
    let data = vec![0.0, 1e6, 3.0, 5.0, 7.0, 9.0];
    let calibration = vec![vec![Array { shape: vec![2, 3], data }]];
    let error = quantise(&graph, &calibration, &QuantiseOptions::default()).expect_err("too wide");
    assert!(error.to_string().contains("interval is too wide"), "{error}");
}
