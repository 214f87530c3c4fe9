use super::*;
use crate::circuit::{AffineTerm, Product, Table, Tensor, TensorId, Term};

const X: TensorId = 0;
const W: TensorId = 1;
const BYTES: TensorId = 2;
const COUNTS: TensorId = 3;
const Y: TensorId = 4;

/// The smallest circuit with one of everything, `wide` entries in `W`: `y = x + w[0] + b - b * b`.
fn circuit(wide: u32) -> Circuit {
    let tensor = |shape: &[u32], kind| Tensor { shape: shape.to_vec(), kind };
    let view = |tensor| View { tensor, dims: vec![4], axes: vec![Axis::Var(0)] };
    let term = |coef, view| Term { coef, view: Some(view) };
    let square = Product { coef: -1, sum: vec![], a: view(BYTES), b: view(BYTES) };
    Circuit {
        tensors: vec![
            tensor(&[4], Kind::Input { lo: 0, hi: 3 }),
            tensor(&[wide], Kind::Model),
            tensor(&[4], Kind::Witness),
            tensor(&[256], Kind::Witness),
            tensor(&[4], Kind::Output { lo: -70_000, hi: 70_000 }),
        ],
        tables: vec![Table { log_size: 8, lo: 0, outputs: vec![], multiplicity: COUNTS }],
        lookups: vec![Lookup { table: 0, key: Arg::tensor(BYTES), values: vec![] }],
        identities: vec![Identity {
            dims: vec![4],
            linear: vec![
                term(1, view(X)),
                term(1, View { tensor: W, dims: vec![wide], axes: vec![Axis::Fixed(0)] }),
                term(1, view(BYTES)),
                term(-1, view(Y)),
            ],
            products: vec![square],
        }],
    }
}

/// The circuit with another axis for `W`.
fn with_axis(wide: u32, axis: Axis) -> Circuit {
    let mut circuit = circuit(wide);
    let view = circuit.identities[0].linear[1].view.as_mut().unwrap();
    view.axes = vec![axis];
    circuit
}

fn reason(circuit: &Circuit) -> &'static str {
    match circuit.validate().unwrap_err() {
        CircuitError::Malformed { reason, .. } => reason,
        CircuitError::TooMany { what, .. } => what,
    }
}

fn affine(source: Source, stride: i32) -> Axis {
    Axis::Affine { terms: vec![AffineTerm { source, stride }], offset: 0 }
}

#[test]
fn the_example_is_valid() {
    circuit(4).validate().unwrap();
    circuit(1 << 28).validate().unwrap();
}

#[test]
fn axes_that_are_spelled_out_need_small_dimensions() {
    let axes = || {
        [
            affine(Source::Var(0), 1),
            Axis::Map { var: 0, map: vec![0; 4] },
            Axis::Public { var: 0, tensor: X },
        ]
    };
    for axis in axes() {
        with_axis(1 << 22, axis).validate().unwrap();
    }
    for axis in axes() {
        assert_eq!(reason(&with_axis((1 << 22) + 1, axis)), "an axis that enumerates too much");
    }
}

#[test]
fn affine_bounds_do_not_overflow() {
    let extremes = [
        (Source::Sum(u32::MAX), i32::MIN),
        (Source::Sum(u32::MAX), 0),
        (Source::Sum(1 << 22), i32::MIN),
        (Source::Sum(1 << 22), i32::MAX),
    ];
    for (source, stride) in extremes {
        let AffineTerm { source, stride } = AffineTerm { source, stride };
        let terms = vec![AffineTerm { source, stride }; 8];
        let axis = Axis::Affine { terms, offset: i32::MIN };
        assert_eq!(reason(&with_axis(4, axis)), "an affine axis that enumerates too much");
    }
    let axis = Axis::Affine {
        terms: vec![AffineTerm { source: Source::Sum(16), stride: i32::MIN }],
        offset: i32::MIN,
    };
    with_axis(4, axis).validate().unwrap();
}

#[test]
fn the_work_of_all_views_is_bounded() {
    let mut hostile = with_axis(4, affine(Source::Sum(1 << 22), 0));
    let linear = &mut hostile.identities[0].linear;
    let term = linear[1].clone();
    linear.extend(std::iter::repeat_n(term.clone(), 62));
    hostile.validate().unwrap();
    hostile.identities[0].linear.push(term);
    assert_eq!(reason(&hostile), "all views together enumerate too much");
    // A public tensor is read entry by entry.
    let mut hostile = circuit(4);
    hostile.tensors[X as usize].shape = vec![1 << 28];
    let view = hostile.identities[0].linear[0].view.as_mut().unwrap();
    (view.dims, view.axes) = (vec![1 << 28], vec![Axis::Fixed(0)]);
    assert_eq!(reason(&hostile), "all views together enumerate too much");
}

#[test]
fn the_number_of_terms_is_bounded() {
    let mut hostile = circuit(4);
    let one = Term { coef: 1, view: None };
    // The circuit has four terms, one product and one term in an argument.
    hostile.identities[0].linear.extend(vec![one.clone(); (1 << 20) - 7]);
    hostile.validate().unwrap();
    hostile.identities[0].linear.push(one);
    assert_eq!(reason(&hostile), "terms");
}

#[test]
fn useless_and_shared_parts_are_refused() {
    let refused = |want: &str, change: &dyn Fn(&mut Circuit)| {
        let mut circuit = circuit(4);
        change(&mut circuit);
        assert_eq!(reason(&circuit), want);
    };
    refused("an output that no identity reads", &|c| {
        c.identities[0].linear.pop();
    });
    refused("a multiplicity of two tables", &|c| {
        let table = c.tables[0].clone();
        c.tables.push(table);
    });
    refused("a multiplicity as an argument", &|c| {
        c.lookups.push(Lookup { table: 0, key: Arg::tensor(COUNTS), values: vec![] });
    });
    refused("a multiplicity in an identity", &|c| {
        let axes = vec![Axis::Fixed(0)];
        let view = Some(View { tensor: COUNTS, dims: vec![256], axes });
        c.identities[0].linear.push(Term { coef: 1, view });
    });
    refused("a coefficient of zero", &|c| c.lookups[0].key.terms[0].0 = 0);
    refused("a coefficient of zero", &|c| c.identities[0].linear[2].coef = 0);
    refused("a coefficient of zero", &|c| c.identities[0].products[0].coef = 0);
}
