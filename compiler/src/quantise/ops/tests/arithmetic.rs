//! Entry-by-entry operations.

use super::{Make, Random, compare};
use crate::graph::{Array, Binary, DType, Op, Unary};

fn two(shape: &'static [usize], other: &'static [usize]) -> impl Fn(&mut Random) -> Vec<Array> {
    move |random| vec![random.array(shape, 2.0), random.array(other, 3.0)]
}

#[test]
fn binary() {
    use Binary::{Add, Max, Min, Mul, Sub};
    for kind in [Add, Sub, Mul, Max, Min] {
        for other in [&[3, 7, 5][..], &[7, 1], &[5], &[]] {
            let other: &'static [usize] = Vec::leak(other.to_vec());
            println!("{kind:?} {other:?}");
            let mut make = Make::default();
            let x = make.input(&[3, 7, 5]);
            let y = make.input(other);
            let z = make.node(Op::Binary(kind), &[x, y], &[3, 7, 5]);
            let graph = make.output(z);
            compare(&graph, &two(&[3, 7, 5], other), 3e-3);
            // With a constant.
            let mut make = Make::default();
            let x = make.input(&[3, 7, 5]);
            let y = make.constant(Random(9).array(other, 3.0));
            let z = make.node(Op::Binary(kind), &[x, y], &[3, 7, 5]);
            let z = make.node(Op::Unary(Unary::Tanh), &[z], &[3, 7, 5]);
            let graph = make.output(z);
            compare(&graph, &|random| vec![random.array(&[3, 7, 5], 2.0)], 5e-3);
        }
    }
}

#[test]
fn division() {
    let mut make = Make::default();
    let x = make.input(&[3, 7]);
    let y = make.input(&[3, 1]);
    let z = make.node(Op::Binary(Binary::Div), &[x, y], &[3, 7]);
    let graph = make.output(z);
    let inputs = |random: &mut Random| {
        let mut y = random.array(&[3, 1], 1.0);
        y.data.iter_mut().for_each(|v| *v += 1.5);
        vec![random.array(&[3, 7], 2.0), y]
    };
    compare(&graph, &inputs, 5e-3);
}

#[test]
fn unary() {
    use Unary::*;
    let functions = [
        (Abs, 0.0),
        (Neg, 0.0),
        (Relu, 0.0),
        (Elu { alpha: 1.0 }, 0.0),
        (Softplus, 0.0),
        (Clip { lo: -0.5, hi: 1.5 }, 0.0),
        (HardSigmoid { alpha: 0.2, beta: 0.5 }, 0.0),
        (HardSwish, 0.0),
        (Sigmoid, 0.0),
        (Gelu, 0.0),
        (GeluTanh, 0.0),
        (Erf, 0.0),
        (Silu, 0.0),
        (Mish, 0.0),
        (Exp, 0.0),
        (Square, 0.0),
        (Sin, 0.0),
        (Atan, 0.0),
        (Log, 2.5),
        (Sqrt, 2.5),
        (Rsqrt, 2.5),
        (Reciprocal, 2.5),
    ];
    for (f, shift) in functions {
        let mut make = Make::default();
        let x = make.input(&[3, 7]);
        let y = make.node(Op::Unary(f), &[x], &[3, 7]);
        let graph = make.output(y);
        let inputs = |random: &mut Random| {
            let mut x = random.array(&[3, 7], 2.0);
            x.data.iter_mut().for_each(|v| *v += shift);
            vec![x]
        };
        println!("{f:?}");
        compare(&graph, &inputs, 5e-3);
    }
}

#[test]
fn comparisons_and_selection() {
    use Binary::{And, Equal, Greater, Less, LessEqual, NotEqual, Or, Xor};
    for kind in [Equal, NotEqual, Less, LessEqual, Greater] {
        let mut make = Make::default();
        let x = make.ids(&[3, 7]);
        let y = make.ids(&[7]);
        let c = make.typed(Op::Binary(kind), &[x, y], &[3, 7], DType::Bool);
        let d = make.typed(Op::Unary(Unary::Not), &[c], &[3, 7], DType::Bool);
        let e = match kind {
            Less => And,
            Equal => Or,
            _ => Xor,
        };
        let z = make.typed(Op::Binary(e), &[c, d], &[3, 7], DType::Bool);
        let graph = make.output(z);
        let inputs = |random: &mut Random| {
            let mut ids = |shape: &[usize]| {
                let n: usize = shape.iter().product();
                let data = (0..n).map(|_| (random.bits() % 5) as f64).collect();
                Array { shape: shape.to_vec(), data }
            };
            vec![ids(&[3, 7]), ids(&[7])]
        };
        compare(&graph, &inputs, 1e-9);
    }
    let mut make = Make::default();
    let x = make.input(&[3, 7]);
    let y = make.input(&[7]);
    let c = make.typed(Op::Binary(Less), &[x, y], &[3, 7], DType::Bool);
    let z = make.node(Op::Where, &[c, x, y], &[3, 7]);
    let graph = make.output(z);
    compare(&graph, &two(&[3, 7], &[7]), 5e-3);
}

#[test]
fn masks() {
    let mut random = Random(2);
    let mut make = Make::default();
    let x = make.input(&[3, 7]);
    let data = (0..21).map(|_| (random.bits() % 2) as f64).collect();
    let c = make.typed(Op::Const(Array { shape: vec![3, 7], data }), &[], &[3, 7], DType::Bool);
    let low = make.constant(Array { shape: vec![], data: vec![-1e9] });
    let s = make.node(Op::Where, &[c, x, low], &[3, 7]);
    let p = make.node(Op::Softmax { axes: vec![1], log: false }, &[s], &[3, 7]);
    let graph = make.output(p);
    compare(&graph, &|random| vec![random.array(&[3, 7], 2.0)], 5e-3);
}
