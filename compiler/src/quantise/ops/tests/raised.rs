//! Raised extents against provers: whatever they put where nothing was real before, in padding and
//! everywhere else, an identity says at its real indices what it said (PROTOCOL §6).

use stwo_ml_verifier::circuit::{Circuit, Kind, log_ceil};

use super::Random;
use crate::execute::{identity, pad};
use crate::program::Compiled;

/// Entries that nothing restricts: of witness tensors all are random, padding and raised parts too;
/// of public ones those of their shapes. Those of the model are given.
fn any_entries(compiled: &Compiled, random: &mut Random) -> Vec<Vec<i32>> {
    let mut entry = |lo: i64, hi: i64| (lo + (random.bits() >> 1) as i64 % (hi - lo + 1)) as i32;
    let tensors = compiled.circuit.tensors.iter().zip(&compiled.model);
    tensors
        .map(|(tensor, model)| match tensor.kind {
            Kind::Model => pad(model, &tensor.shape, 0).expect("entries of the shape"),
            Kind::Witness => (0..1u64 << tensor.log_size()).map(|_| entry(-9, 9)).collect(),
            Kind::Input { lo, hi } | Kind::Output { lo, hi } => {
                let real = (0..tensor.n_entries()).map(|_| entry(lo.into(), hi.into()));
                pad(&real.collect::<Vec<i32>>(), &tensor.shape, 0).expect("entries of the shape")
            }
        })
        .collect()
}

/// What an identity sums to, by position in the padded layout of its box: `None` outside.
fn sums(circuit: &Circuit, index: usize, values: &[Vec<i32>]) -> Vec<Option<i64>> {
    let identity = &circuit.identities[index];
    let sums = identity::value(circuit, identity, values, &[]).expect("sums of small entries");
    let log_size: u32 = identity.dims.iter().map(|&d| log_ceil(d)).sum();
    let mut all = vec![None; 1 << log_size];
    let places = stwo_ml_verifier::functional::padded_indices(&identity.dims);
    places.zip(sums).for_each(|(at, sum)| all[at] = Some(sum));
    all
}

/// A circuit and what it is raised to: the same tables, and at real indices the same equations of
/// arbitrary entries.
pub fn says_the_same([plain, raised]: &[Compiled; 2]) {
    let mut random = Random(13);
    assert_eq!(plain.circuit.tables, raised.circuit.tables);
    assert_eq!(plain.circuit.lookups, raised.circuit.lookups);
    assert_eq!(plain.circuit.identities.len(), raised.circuit.identities.len());
    for _ in 0..2 {
        let values = any_entries(plain, &mut random);
        for (id, (old, new)) in
            plain.circuit.tensors.iter().zip(&raised.circuit.tensors).enumerate()
        {
            assert_eq!((old.kind, old.log_size()), (new.kind, new.log_size()));
            match new.kind {
                Kind::Model => {
                    assert_eq!(pad(&raised.model[id], &new.shape, 0).as_ref(), Some(&values[id]));
                }
                Kind::Input { .. } | Kind::Output { .. } => assert_eq!(old.shape, new.shape),
                Kind::Witness => {}
            }
        }
        for index in 0..plain.circuit.identities.len() {
            let (old, new) =
                (sums(&plain.circuit, index, &values), sums(&raised.circuit, index, &values));
            assert_eq!(old.len(), new.len());
            for (at, sum) in old.iter().enumerate().filter(|(_, sum)| sum.is_some()) {
                assert_eq!(new[at], *sum, "identity {index} at {at}");
            }
        }
    }
}
