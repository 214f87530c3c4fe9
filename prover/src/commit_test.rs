use std::io::Write as _;

use stwo::core::vcs_lifted::blake2_merkle::Blake2sMerkleChannel as Blake;
use stwo::core::vcs_lifted::poseidon252_merkle::Poseidon252MerkleChannel as Poseidon;
use stwo_ml_verifier::merkle;
use stwo_ml_verifier::opening::domain_tensor;
use stwo_ml_verifier::profile::{Code, CodeField};

use super::*;

fn table(log_size: u32) -> Vec<PackedM31> {
    let values: Vec<F> =
        (0..1u32 << log_size).map(|i| F::from(i.wrapping_mul(2_654_435_761) >> 1)).collect();
    mle::pack_base(&values)
}

/// The value of row `row` at leaf `position`, by the tensor of PROTOCOL §4.2.
fn naive(values: &[PackedM31], code: &Code, row: usize, position: usize) -> F {
    let m = code.log_row();
    let flat: Vec<F> = values.iter().flat_map(|v| v.to_array()).collect();
    let tensor = domain_tensor(code, position);
    let mut sum = F::from(0u32);
    for i in 0..1usize << m {
        let mut term = flat[(row << m) + i];
        for (l, &w) in tensor.iter().enumerate() {
            if i >> (m as usize - 1 - l) & 1 == 1 {
                term *= w;
            }
        }
        sum += term;
    }
    sum
}

#[test]
fn leaves_are_the_rows_at_the_points() {
    for (log_size, log_rows, log_blowup) in
        [(5, 2, 2), (5, 2, 4), (8, 3, 2), (10, 5, 4), (12, 2, 2), (19, 2, 1)]
    {
        let values = table(log_size);
        let committed = commit::<Blake>(values.clone(), log_rows, log_blowup);
        let code = Code { log_size, log_rows, log_blowup, n_queries: 0, field: CodeField::Base };
        let positions = [0, 1, 5, 1 << (code.log_domain() - 1), (1 << code.log_domain()) - 1];
        let opening = committed.open(&positions);
        for (leaf, &position) in opening.leaves.chunks(1 << log_rows).zip(&positions) {
            for row in [0, (1 << log_rows) - 1] {
                assert_eq!(leaf[row], naive(&values, &code, row, position), "{code:?} {position}");
            }
        }
        let (root, width) = (committed.root(), code.leaf_width());
        merkle::verify::<<Blake as MerkleChannel>::H>(
            &root,
            code.log_domain(),
            &positions,
            width,
            &opening.leaves,
            &opening.witness,
        )
        .unwrap();
    }
}

fn stored_tables_open_alike<S: ProverSuite>() {
    let mut values = table(9);
    values[16..].fill(PackedM31::broadcast(F::from(0u32)));
    let committed = commit::<S>(values, 3, 4);
    let mut bytes = vec![0; 64];
    committed.write_to(&mut bytes).unwrap();
    assert_eq!(bytes.len(), 64 + committed.stored_len());
    let path = std::env::temp_dir().join(format!("stwo-ml-{}-{}", S::NAME, std::process::id()));
    std::fs::File::create(&path).unwrap().write_all(&bytes).unwrap();
    let file = std::fs::File::open(&path).unwrap();
    // SAFETY: nothing else has this file.
    let map = Arc::new(unsafe { Mmap::map(&file).unwrap() });
    std::fs::remove_file(&path).unwrap();

    let mapped = Committed::<S>::from_mmap(map.clone(), 64).unwrap();
    assert_eq!(mapped.root(), committed.root());
    let positions = [0, 3, 4, 5, 77, 1023];
    assert!(mapped.open(&positions) == committed.open(&positions));
    let point = vec![K::from(F::from(3u32)); 9];
    assert_eq!(mapped.evaluate(&point), committed.evaluate(&point));
    let mut again = vec![];
    mapped.write_to(&mut again).unwrap();
    assert_eq!(again, bytes[64..]);

    assert_eq!(
        Committed::<S>::from_mmap(map.clone(), 32).err(),
        Some(MapError::Alignment { offset: 32 })
    );
    assert_eq!(
        Committed::<S>::from_mmap(map.clone(), 0).err(),
        Some(MapError::Header { suite: S::NAME })
    );
    assert!(matches!(
        Committed::<S>::from_mmap(map, bytes.len()).err(),
        Some(MapError::Length { .. })
    ));
}

#[test]
fn stored_tables_open_alike_blake2s() {
    stored_tables_open_alike::<Blake>();
}

#[test]
fn stored_tables_open_alike_poseidon252() {
    stored_tables_open_alike::<Poseidon>();
}
