//! Whole proofs of small hand-made circuits: honest ones are accepted, consistent lies are not.

use stwo::core::vcs_lifted::blake2_merkle::Blake2sMerkleChannel;
use stwo::core::vcs_lifted::poseidon252_merkle::Poseidon252MerkleChannel;
use stwo_ml_verifier::circuit::{
    AffineTerm, Arg, Axis, Circuit, Identity, Kind, Lookup, Product, Source, Table, Tensor, Term,
    View,
};
use stwo_ml_verifier::codec::ProofFile;
use stwo_ml_verifier::profile::{Profile, SuiteName};
use stwo_ml_verifier::verify::verify;

#[path = "proof_fields_test.rs"]
mod fields;
#[path = "frozen_test.rs"]
mod frozen;
#[path = "lies_test.rs"]
mod lies;
#[path = "shapes_test.rs"]
mod shapes;
#[path = "tape_test.rs"]
mod tape;

use crate::commit::ProverSuite;
use crate::prove::{ProvingKey, prove, setup};

fn var(v: u16) -> Axis {
    Axis::Var(v)
}

fn term(coef: i64, tensor: u32, dims: &[u32], axes: Vec<Axis>) -> Term {
    Term { coef, view: Some(View { tensor, dims: dims.to_vec(), axes }) }
}

/// `y = relu-table((conv1d(x, w) + 4) >> 3)`, then `z = sum of squares of y`, on odd extents.
///
/// x [3, 11], w [5, 3, 4] (stride 2, padding 1) -> acc [5, 5], t, y = max(t, 0) [5, 5], z [5].
struct Toy {
    circuit: Circuit,
    model: Vec<Vec<i32>>,
    trace: Vec<Vec<i32>>,
}

const X: u32 = 0;
const W: u32 = 1;
const T: u32 = 2;
const REM: u32 = 3;
const Y: u32 = 4;
const RELU: u32 = 5;
const MULT_RELU: u32 = 6;
const MULT_REM: u32 = 7;
const Z: u32 = 8;

fn toy() -> Toy {
    let tensor = |shape: &[u32], kind| Tensor { shape: shape.to_vec(), kind };
    let tensors = vec![
        tensor(&[3, 11], Kind::Input { lo: -100, hi: 100 }),
        tensor(&[5, 3, 4], Kind::Model),
        tensor(&[5, 5], Kind::Witness),
        tensor(&[5, 5], Kind::Witness),
        tensor(&[5, 5], Kind::Witness),
        tensor(&[1 << 10], Kind::Model),
        tensor(&[1 << 10], Kind::Witness),
        tensor(&[8], Kind::Witness),
        tensor(&[5], Kind::Output { lo: 0, hi: 1 << 24 }),
    ];
    let conv = Product {
        coef: 1,
        sum: vec![3, 4],
        a: View {
            tensor: X,
            dims: vec![3, 11],
            axes: vec![
                var(2),
                Axis::Affine {
                    terms: vec![
                        AffineTerm { source: Source::Var(1), stride: 2 },
                        AffineTerm { source: Source::Var(3), stride: 1 },
                    ],
                    offset: -1,
                },
            ],
        },
        b: View { tensor: W, dims: vec![5, 3, 4], axes: vec![var(0), var(2), var(3)] },
    };
    let square = Product {
        coef: 1,
        sum: vec![5],
        a: View { tensor: Y, dims: vec![5, 5], axes: vec![var(0), var(1)] },
        b: View { tensor: Y, dims: vec![5, 5], axes: vec![var(0), var(1)] },
    };
    let circuit = Circuit {
        tensors,
        tables: vec![
            Table { log_size: 10, lo: -512, outputs: vec![RELU], multiplicity: MULT_RELU },
            Table { log_size: 3, lo: 0, outputs: vec![], multiplicity: MULT_REM },
        ],
        lookups: vec![
            Lookup { table: 0, key: Arg::tensor(T), values: vec![Arg::tensor(Y)] },
            Lookup { table: 1, key: Arg::tensor(REM), values: vec![] },
        ],
        identities: vec![
            Identity {
                dims: vec![5, 5],
                linear: vec![
                    Term { coef: 4, view: None },
                    term(-8, T, &[5, 5], vec![var(0), var(1)]),
                    term(-1, REM, &[5, 5], vec![var(0), var(1)]),
                ],
                products: vec![conv],
            },
            Identity {
                dims: vec![5],
                linear: vec![term(-1, Z, &[5], vec![var(0)])],
                products: vec![square],
            },
        ],
    };
    let x: Vec<i32> = (0..33).map(|i| (i * 37 % 61) - 30).collect();
    let w: Vec<i32> = (0..60).map(|i| (i * 23 % 41) - 20).collect();
    let mut toy = Toy { circuit, model: vec![vec![]; 9], trace: vec![vec![]; 9] };
    toy.model[RELU as usize] = (0..1024).map(|i| (i - 512).max(0)).collect();
    toy.trace[X as usize] = pad(&x, &[3, 11]);
    toy.model[W as usize] = w;
    toy.fill();
    toy
}

fn pad(entries: &[i32], shape: &[u32]) -> Vec<i32> {
    let size: u32 = shape.iter().map(|d| d.next_power_of_two()).product();
    let mut out = vec![0; size as usize];
    for (i, &v) in stwo_ml_verifier::functional::padded_indices(shape).zip(entries) {
        out[i] = v;
    }
    out
}

impl Toy {
    /// The honest execution, from `x` on.
    fn fill(&mut self) {
        let (x, w) = (&self.trace[X as usize], &self.model[W as usize]);
        let (mut t, mut rem, mut y) = (vec![0; 64], vec![0; 64], vec![0; 64]);
        let mut z = vec![0; 8];
        for o in 0..5 {
            for p in 0..5 {
                let mut acc = 4;
                for c in 0..3 {
                    for k in 0..4 {
                        let q = 2 * p as i32 + k as i32 - 1;
                        if (0..11).contains(&q) {
                            acc += x[c * 16 + q as usize] * w[(o * 3 + c) * 4 + k];
                        }
                    }
                }
                t[o * 8 + p] = acc >> 3;
                rem[o * 8 + p] = acc & 7;
            }
        }
        self.trace[T as usize].clone_from(&t);
        self.trace[REM as usize] = rem;
        for i in 0..64 {
            y[i] = t[i].max(0);
        }
        self.trace[Y as usize] = y;
        self.recount();
        z.clear();
        self.trace[Z as usize] = z;
        self.sum_squares();
    }

    fn sum_squares(&mut self) {
        let y = &self.trace[Y as usize];
        self.trace[Z as usize] = (0..8)
            .map(|o| if o < 5 { (0..5).map(|p| y[o * 8 + p].pow(2)).sum() } else { 0 })
            .collect();
    }

    fn recount(&mut self) {
        let count = |values: &[i32], lo: i32, n: usize| {
            let mut counts = vec![0; n];
            for &v in values {
                if let Some(c) = usize::try_from(v - lo).ok().and_then(|i| counts.get_mut(i)) {
                    *c += 1;
                }
            }
            counts
        };
        self.trace[MULT_RELU as usize] = count(&self.trace[T as usize], -512, 1024);
        self.trace[MULT_REM as usize] = count(&self.trace[REM as usize], 0, 8);
    }
}

fn key<S: ProverSuite>(toy: &Toy, suite: SuiteName) -> ProvingKey<S> {
    setup(Profile::test_insecure(suite), toy.circuit.clone(), &toy.model).expect("a valid circuit")
}

fn accepts<S: ProverSuite>(pk: &ProvingKey<S>, trace: &[Vec<i32>]) -> bool {
    let (file, _) = prove(pk, trace, [0; 32], &mut |_| ()).expect("a complete trace");
    verify(&pk.vk, &file.statement, &file.proof).is_ok()
}

#[test]
fn honest_proofs_verify_with_both_suites() {
    let toy = toy();
    let pk = key::<Blake2sMerkleChannel>(&toy, SuiteName::Blake2s);
    let (file, _) = prove(&pk, &toy.trace, [7; 32], &mut |_| ()).expect("a complete trace");
    verify(&pk.vk, &file.statement, &file.proof).expect("an honest proof");
    let bytes = file.to_bytes(&pk.vk);
    let read = ProofFile::from_bytes(&pk.vk, &bytes).expect("its own encoding");
    assert_eq!(read, file);
    let pk = key::<Poseidon252MerkleChannel>(&toy, SuiteName::Poseidon252);
    assert!(accepts(&pk, &toy.trace));
}

/// `z[o] = sum_j y[o, j] y[o, 1]`: one factor does not use the sum variable, whose extent is odd.
#[test]
fn a_factor_may_ignore_a_sum_variable() {
    let mut toy = toy();
    toy.circuit.identities[1].products[0].b.axes = vec![var(0), Axis::Fixed(1)];
    let y = toy.trace[Y as usize].clone();
    let z = |o: usize| (0..5).map(|j| y[o * 8 + j] * y[o * 8 + 1]).sum();
    toy.trace[Z as usize] = (0..8).map(|o| if o < 5 { z(o) } else { 0 }).collect();
    assert!(toy.trace[Z as usize].iter().any(|&z| z != 0));
    let pk = key::<Blake2sMerkleChannel>(&toy, SuiteName::Blake2s);
    let (file, _) = prove(&pk, &toy.trace, [0; 32], &mut |_| ()).expect("a complete trace");
    verify(&pk.vk, &file.statement, &file.proof).expect("an honest proof");
    toy.trace[Z as usize][2] += 1;
    assert!(!accepts(&pk, &toy.trace));
}

#[test]
fn every_lie_about_the_witness_is_rejected() {
    let honest = toy();
    let pk = key::<Blake2sMerkleChannel>(&honest, SuiteName::Blake2s);
    assert!(accepts(&pk, &honest.trace));
    let lie = |name: &str, change: &mut dyn FnMut(&mut Toy)| {
        let mut toy = toy();
        change(&mut toy);
        assert_ne!(toy.trace, honest.trace, "{name} changes nothing");
        assert!(!accepts(&pk, &toy.trace), "{name} was accepted");
    };
    lie("an accumulator, with everything downstream", &mut |toy| {
        toy.trace[T as usize][9] += 1;
        toy.trace[Y as usize][9] = toy.trace[T as usize][9].max(0);
        toy.recount();
        toy.sum_squares();
    });
    lie("a remainder that compensates a quotient", &mut |toy| {
        toy.trace[T as usize][9] += 1;
        toy.trace[REM as usize][9] -= 8;
        toy.trace[Y as usize][9] = toy.trace[T as usize][9].max(0);
        toy.recount();
        toy.sum_squares();
    });
    lie("a table output", &mut |toy| {
        toy.trace[Y as usize][9] += 1;
        toy.sum_squares();
    });
    lie("a table output in the padding", &mut |toy| toy.trace[Y as usize][7] = 3);
    lie("a key outside the table in the padding", &mut |toy| {
        toy.trace[T as usize][7] = 5000;
        toy.trace[Y as usize][7] = 5000;
    });
    lie("a multiplicity", &mut |toy| toy.trace[MULT_RELU as usize][600] += 1);
    lie("two multiplicities that sum to the same", &mut |toy| {
        toy.trace[MULT_RELU as usize][600] += 1;
        toy.trace[MULT_RELU as usize][601] -= 1;
    });
    lie("an output", &mut |toy| toy.trace[Z as usize][2] += 1);
    lie("an input, everything else for another", &mut |toy| toy.trace[X as usize][2] += 1);
}

#[test]
fn lies_about_the_model_and_the_statement_are_rejected() {
    let honest = toy();
    let pk = key::<Blake2sMerkleChannel>(&honest, SuiteName::Blake2s);
    // Another weight, the execution honest for it.
    let mut toy = toy();
    toy.model[W as usize][5] += 1;
    toy.fill();
    let other = key::<Blake2sMerkleChannel>(&toy, SuiteName::Blake2s);
    assert_ne!(other.vk.model_id(), pk.vk.model_id());
    let (file, _) = prove(&other, &toy.trace, [0; 32], &mut |_| ()).expect("a complete trace");
    assert!(verify(&other.vk, &file.statement, &file.proof).is_ok());
    assert!(verify(&pk.vk, &file.statement, &file.proof).is_err());
    // Its tables under the key of the honest model.
    let mixed = ProvingKey { vk: pk.vk.clone(), model: other.model };
    assert!(!accepts(&mixed, &toy.trace));
    // Another statement for an honest proof.
    let (file, _) = prove(&pk, &honest.trace, [0; 32], &mut |_| ()).expect("a complete trace");
    for change in [
        (|s| s.context[0] = 1) as fn(&mut stwo_ml_verifier::proof::Statement),
        |s| s.inputs[0][3] += 1,
        |s| s.outputs[0][3] += 1,
        |s| s.outputs[0][3] = -1,
        |s| {
            s.inputs[0].pop();
        },
        |s| s.outputs.clear(),
    ] {
        let mut statement = file.statement.clone();
        change(&mut statement);
        assert!(verify(&pk.vk, &statement, &file.proof).is_err());
    }
}

#[test]
fn every_flipped_byte_and_every_other_length_is_rejected() {
    let toy = toy();
    let pk = key::<Blake2sMerkleChannel>(&toy, SuiteName::Blake2s);
    let (file, _) = prove(&pk, &toy.trace, [0; 32], &mut |_| ()).expect("a complete trace");
    let bytes = file.to_bytes(&pk.vk);
    let accepted = |bytes: &[u8]| {
        ProofFile::from_bytes(&pk.vk, bytes)
            .is_ok_and(|f| verify(&pk.vk, &f.statement, &f.proof).is_ok())
    };
    assert!(accepted(&bytes));
    for i in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[i] ^= 1 << (i % 8);
        assert!(!accepted(&flipped), "byte {i} of {}", bytes.len());
        assert!(!accepted(&bytes[..i]), "truncated to {i}");
    }
    assert!(!accepted(&[&bytes[..], &[0]].concat()));
}
