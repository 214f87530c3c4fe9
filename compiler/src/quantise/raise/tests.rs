//! What is raised and what is not. That real entries stay as they are is tested with every operation
//! (`ops::tests::compare`).

use stwo_ml_verifier::circuit::{Arg, Axis, Kind, Product, View};

use super::{is_whole, raise};
use crate::execute::tests::build::{Build, term, view};
use crate::execute::{check, execute};
use crate::graph::{Op, Unary, Window};
use crate::program::{Compiled, Step};
use crate::quantise::ops::tests::{Make, Random, compare};

/// Two convolutions, the first one padded, and a dense layer.
fn network() -> Compiled {
    let (mut random, mut make) = (Random(3), Make::default());
    let x = make.input(&[1, 3, 7, 6]);
    let w = make.constant(random.array(&[5, 3, 3, 3], 0.3));
    let b = make.constant(random.array(&[5], 0.1));
    let window = |k: usize, pad: usize| Window {
        kernel: vec![k; 2],
        stride: vec![1; 2],
        dilation: vec![1; 2],
        pad_before: vec![pad; 2],
    };
    let h = make.node(Op::Conv { window: window(3, 1), groups: 1 }, &[x, w, b], &[1, 5, 7, 6]);
    let h = make.node(Op::Unary(Unary::Silu), &[h], &[1, 5, 7, 6]);
    let w = make.constant(random.array(&[3, 5, 1, 1], 0.4));
    let h = make.node(Op::Conv { window: window(1, 0), groups: 1 }, &[h, w], &[1, 3, 7, 6]);
    let h = make.node(Op::Unary(Unary::Relu), &[h], &[1, 3, 7, 6]);
    let h = make.node(Op::Reshape, &[h], &[3, 42]);
    let w = make.constant(random.array(&[42, 11], 0.2));
    let op = Op::Einsum { a: vec![0, 1], b: vec![1, 2], out: vec![0, 2] };
    let y = make.node(op, &[h, w], &[3, 11]);
    let inputs = |random: &mut Random| vec![random.array(&[1, 3, 7, 6], 1.0)];
    compare(&make.output(y), &inputs, 1e-2)
}

#[test]
fn tensors_of_layers_are_raised_and_public_ones_are_not() {
    let compiled = network();
    for (tensor, info) in compiled.circuit.tensors.iter().zip(&compiled.info) {
        match tensor.kind {
            Kind::Model | Kind::Witness => {
                assert!(tensor.shape.iter().all(|&d| is_whole(d)), "{}: {tensor:?}", info.label);
                assert!(tensor.shape.len() <= 1, "{}: {tensor:?}", info.label);
            }
            Kind::Input { .. } | Kind::Output { .. } => assert_eq!(tensor.shape, info.extents),
        }
    }
    let outputs = |v: &&View| v.tensor == compiled.outputs[0].tensor;
    let identities = &compiled.circuit.identities;
    for identity in identities {
        let of_output = identity.views().any(|v| outputs(&v));
        assert_eq!(identity.dims.iter().all(|&d| is_whole(d)), !of_output, "{identity:?}");
    }
    // The padding of a convolution is beyond the real extents, which its windows keep.
    let is_window = |axis: &Axis| matches!(axis, Axis::Affine { .. });
    let windows = identities[0].products[0].a.axes.iter().zip(&identities[0].products[0].a.dims);
    let extents: Vec<u32> = windows.filter(|(axis, _)| is_window(axis)).map(|(_, &d)| d).collect();
    assert_eq!(extents, [7, 6]);
}

#[test]
fn large_inputs_have_fewer_bits() {
    for (n, bits) in [(4095, 12), (4096, 10)] {
        let mut make = Make::default();
        let x = make.input(&[n]);
        let y = make.node(Op::Unary(Unary::Relu), &[x], &[n]);
        let inputs = |random: &mut Random| vec![random.array(&[n], 1.0)];
        let compiled = compare(&make.output(y), &inputs, 1e-2);
        let Kind::Input { lo, hi } = compiled.circuit.tensors[0].kind else {
            panic!("the first tensor is the input");
        };
        assert_eq!(hi.abs_diff(lo).ilog2() + 1, bits);
    }
}

#[test]
fn raised_entries_of_the_model_are_zero() {
    let compiled = network();
    let mut n_raised = 0;
    for (id, tensor) in compiled.circuit.tensors.iter().enumerate() {
        if tensor.kind == Kind::Model {
            let entries = &compiled.model[id];
            assert_eq!(entries.len() as u64, tensor.n_entries());
            let real: u64 = compiled.info[id].extents.iter().map(|&d| u64::from(d)).product();
            n_raised += tensor.n_entries() - real;
            let zeros = entries.iter().filter(|&&x| x == 0).count() as u64;
            assert!(zeros >= tensor.n_entries() - real);
        }
    }
    assert!(n_raised > 100);
}

/// `y = x + 100` for three entries `x` in `lo..=27`, `y` looked up in `100 + lo..` and `z = y` in
/// the output.
fn shifted(lo: i32) -> Compiled {
    let mut build = Build::default();
    let x = build.tensor(&[3], Kind::Input { lo, hi: 27 }, &[], 0);
    build.compiled.inputs.push(crate::program::Port {
        name: "x".to_owned(),
        shape: vec![3],
        tensor: x,
        exponent: 0,
    });
    let y = build.tensor(&[3], Kind::Witness, &[], 127);
    let table = build.table(5, 100 + lo, None);
    build.lookup(table, Arg::tensor(y), vec![]);
    let constant = stwo_ml_verifier::circuit::Term { coef: 100, view: None };
    let terms = vec![term(1, view(x, &[3], &[0])), constant, term(-1, view(y, &[3], &[0]))];
    let identity = build.identity(&[3], terms, vec![]);
    build.step(Step::Split { identity, parts: vec![(y, 1)] });
    build.compiled
}

#[test]
fn what_reads_zero_must_stay_in_its_table() {
    // Beyond the input `y` is 100.
    let fits = raise(&shifted(0));
    assert_eq!(fits.circuit.identities[0].dims, [4]);
    assert_eq!(fits.circuit.tensors[1].shape, [4]);
    let trace = execute(&fits, &[vec![1, 2, 27]]).expect("an execution");
    assert_eq!(trace.values[1], [101, 102, 127, 100]);
    assert_eq!(check(&fits, &trace), Ok(()));
    // Here 100 is no key.
    let tight = shifted(5);
    assert_eq!(raise(&tight), tight);
}

/// `y[i] = sum_j a[i][j] b[j]` of two witnesses, which copy inputs, or of a witness and a constant.
fn product_of(constant: bool) -> Compiled {
    let mut build = Build::default();
    let mut copied = |shape: &[u32], vars: &[u16]| {
        let x = build.input(shape);
        let a = build.witness(shape);
        let terms = vec![term(1, view(x, shape, vars)), term(-1, view(a, shape, vars))];
        let identity = build.identity(shape, terms, vec![]);
        build.step(Step::Split { identity, parts: vec![(a, 1)] });
        a
    };
    let (a, b) = (copied(&[3, 5], &[0, 1]), copied(&[5], &[0]));
    let b = if constant { build.tensor(&[5], Kind::Model, &[3, 1, 4, 1, 5], 0) } else { b };
    let y = build.witness(&[3]);
    let product =
        Product { coef: 1, sum: vec![5], a: view(a, &[3, 5], &[0, 1]), b: view(b, &[5], &[1]) };
    let identity = build.identity(&[3], vec![term(-1, view(y, &[3], &[0]))], vec![product]);
    build.step(Step::Split { identity, parts: vec![(y, 1)] });
    build.compiled
}

#[test]
fn sums_are_raised_where_a_factor_is_zero() {
    let inputs = [(1..=15).collect::<Vec<i32>>(), vec![2, 7, 1, 8, 2]];
    for (constant, sum) in [(false, 5), (true, 8)] {
        let compiled = raise(&product_of(constant));
        let identity = &compiled.circuit.identities[2];
        assert_eq!((&identity.dims, &identity.products[0].sum), (&vec![4], &vec![sum]));
        assert_eq!(identity.products[0].a.dims, [4, sum]);
        let trace = execute(&compiled, &inputs).expect("an execution");
        assert_eq!(check(&compiled, &trace), Ok(()));
        let y = &trace.values
            [compiled.circuit.identities[2].linear[0].view.as_ref().expect("y").tensor as usize];
        assert_eq!(y[..], if constant { [46, 116, 186, 0] } else { [61, 161, 261, 0] });
    }
}

#[test]
fn a_tensor_whose_raised_part_nothing_defines_keeps_its_extents() {
    let mut compiled = product_of(false);
    compiled.program.steps.remove(1);
    let raised = raise(&compiled);
    assert_eq!(raised.circuit.tensors[3].shape, [5]);
    assert_eq!(raised.circuit.identities[1].dims, [5]);
    assert_eq!(raised.circuit.identities[2].products[0].b.dims, [5]);
    assert_eq!(raised.circuit.identities[0].dims, [4, 8]);
}
