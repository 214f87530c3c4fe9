//! Circuits at the edge: no bits in any box, no committed factor, nothing in `M`.

use super::*;

/// `y = x[2]` and `z = sum_j x[j]^2`, for public `x`, `z`: the largest box has no bits, so that no
/// point is drawn for the identities, and both factors of the product are public.
fn scalars() -> Toy {
    let tensor = |shape: &[u32], kind| Tensor { shape: shape.to_vec(), kind };
    let identity = |linear, products| Identity { dims: vec![], linear, products };
    let x = || View { tensor: 0, dims: vec![4], axes: vec![var(0)] };
    let circuit = Circuit {
        tensors: vec![
            tensor(&[4], Kind::Input { lo: 0, hi: 7 }),
            tensor(&[1], Kind::Witness),
            tensor(&[8], Kind::Witness),
            tensor(&[1], Kind::Output { lo: 0, hi: 1000 }),
        ],
        tables: vec![Table { log_size: 3, lo: 0, outputs: vec![], multiplicity: 2 }],
        lookups: vec![Lookup { table: 0, key: Arg::tensor(1), values: vec![] }],
        identities: vec![
            identity(
                vec![
                    term(1, 1, &[1], vec![Axis::Fixed(0)]),
                    term(-1, 0, &[4], vec![Axis::Fixed(2)]),
                ],
                vec![],
            ),
            identity(
                vec![term(-1, 3, &[1], vec![Axis::Fixed(0)])],
                vec![Product { coef: 1, sum: vec![4], a: x(), b: x() }],
            ),
        ],
    };
    let x = vec![3, 1, 4, 7];
    let z = x.iter().map(|v| v * v).sum();
    let counts = vec![0, 0, 0, 0, 1, 0, 0, 0];
    Toy { circuit, model: vec![vec![]; 4], trace: vec![x, vec![4], counts, vec![z]] }
}

fn scalars_are_proven<S: ProverSuite>(suite: SuiteName) {
    let toy = scalars();
    let pk = key::<S>(&toy, suite);
    let (file, _) = prove(&pk, &toy.trace, [0; 32], &mut |_| ()).expect("a complete trace");
    assert_eq!(file.proof.product.rounds.len(), 2);
    assert!(file.proof.product.factors.is_empty());
    assert_eq!(verify(&pk.vk, &file.statement, &file.proof), Ok(()));
    for (tensor, entry) in [(0, 0), (0, 2), (1, 0), (2, 4), (2, 5), (3, 0)] {
        let mut lie = toy.trace.clone();
        lie[tensor][entry] += 1;
        assert!(!accepts(&pk, &lie), "tensor {tensor}");
        // The same lie about the statement only.
        let mut statement = file.statement.clone();
        let public = match tensor {
            0 => &mut statement.inputs[0],
            3 => &mut statement.outputs[0],
            _ => continue,
        };
        public[entry] += 1;
        assert!(verify(&pk.vk, &statement, &file.proof).is_err(), "tensor {tensor}");
    }
}

#[test]
fn scalars_and_public_factors() {
    scalars_are_proven::<Blake2sMerkleChannel>(SuiteName::Blake2s);
    scalars_are_proven::<Poseidon252MerkleChannel>(SuiteName::Poseidon252);
}

/// A view that reads what a prover puts beyond the real entries: `z` would be anything.
#[test]
fn a_view_of_padding_is_refused() {
    let mut toy = toy();
    let square = &mut toy.circuit.identities[1];
    square.products[0].sum = vec![8];
    toy.circuit.validate().expect("beyond the dimensions is nothing");
    let square = &mut toy.circuit.identities[1];
    square.products[0].a.dims = vec![5, 8];
    let error = toy.circuit.validate().expect_err("padding is read");
    assert!(error.to_string().contains("padding"), "{error}");
}
