use stwo::core::vcs_lifted::blake2_merkle::Blake2sMerkleChannel as Blake;
use stwo::core::vcs_lifted::poseidon252_merkle::Poseidon252MerkleChannel as Poseidon;
use stwo::prover::backend::simd::column::BaseColumn;
use stwo::prover::backend::simd::m31::PackedM31;
use stwo_ml_verifier::error::OpeningError;
use stwo_ml_verifier::field::{ZERO, evaluate_mle};
use stwo_ml_verifier::opening::verify;
use stwo_ml_verifier::profile::{Profile, SuiteName};
use stwo_ml_verifier::wire::Reader;

use stwo_ml_verifier::channel::Transcript;

use super::*;
use crate::commit::commit;
use crate::sender::{Adversary, Check};

fn base_values(log_size: u32, seed: u32) -> Vec<PackedM31> {
    let mut x = u64::from(seed) + 0x9e37_79b9_7f4a_7c15;
    let values: Vec<F> = (0..1usize << log_size)
        .map(|_| {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            F::from((x >> 33) as u32 & 0x7fff)
        })
        .collect();
    mle::pack_base(&values)
}

fn weights(log_size: u32, seed: u32) -> Vec<PackedQM31> {
    let rows: Vec<_> = (0..4).map(|i| base_values(log_size, seed + 17 * i + 5)).collect();
    (0..rows[0].len())
        .map(|i| PackedQM31::from_packed_m31s(std::array::from_fn(|c| rows[c][i])))
        .collect()
}

struct Honest;

impl<S: ProverSuite> Adversary<S> for Honest {}

struct Case<S: ProverSuite> {
    schedule: Schedule,
    tables: [Committed<S>; 2],
    weights: [Vec<PackedQM31>; 2],
    values: [K; 2],
}

impl<S: ProverSuite> Case<S> {
    fn new(profile: &Profile, log_model: u32, log_witness: u32) -> Self {
        let schedule = Schedule::new(profile, log_model, log_witness).unwrap();
        let table = |t: usize| {
            let code = &schedule.tables[t];
            commit(base_values(code.log_size, t as u32), code.log_rows, code.log_blowup)
        };
        let tables = [table(0), table(1)];
        let weights = [weights(log_model, 100), weights(log_witness, 200)];
        let values = std::array::from_fn(|t| mle::inner(tables[t].values(), &weights[t]));
        Self { schedule, tables, weights, values }
    }

    fn transcript(&self) -> Transcript<S> {
        let mut transcript = Transcript::default();
        self.tables.iter().for_each(|t| transcript.absorb_root(t.root()));
        transcript.absorb(&self.values);
        transcript
    }

    fn prove(&self, adversary: &mut dyn Adversary<S>) -> OpeningProof<S> {
        let [model, witness] = &self.tables;
        let weights = self.weights.clone();
        let mut sender = Sender::with(self.transcript(), Some(adversary));
        prove(&mut sender, &self.schedule, [model, witness], weights).0
    }

    /// Verifies, and pays what the opening leaves owed. `Ok(false)`: the weights do not agree.
    fn verify(&self, proof: &OpeningProof<S>) -> Result<bool, OpeningError> {
        let roots = [self.tables[0].root(), self.tables[1].root()];
        let claim = verify(&mut self.transcript(), &self.schedule, roots, self.values, proof)?;
        let sum = (0..2).fold(ZERO, |acc, t| {
            let n_vars = self.schedule.tables[t].log_size;
            assert_eq!(claim.points[t].len(), n_vars as usize);
            let weight = evaluate_mle(&mle::unpack(&self.weights[t], n_vars), &claim.points[t]);
            acc + claim.factors[t] * weight
        });
        Ok(sum == claim.value)
    }

    fn rejects(&self, adversary: &mut dyn Adversary<S>) {
        assert_ne!(self.verify(&self.prove(adversary)), Ok(true));
    }
}

const SIZES: [(u32, u32); 16] = [
    (5, 5),
    (6, 5),
    (5, 6),
    (7, 7),
    (5, 10),
    (10, 5),
    (9, 9),
    (10, 11),
    (12, 12),
    (12, 6),
    (6, 12),
    (8, 15),
    (14, 13),
    (16, 9),
    (13, 16),
    (17, 17),
];

fn honest_openings_verify<S: ProverSuite>(profile: &Profile, sizes: &[(u32, u32)]) {
    for &(m, w) in sizes {
        let case = Case::<S>::new(profile, m, w);
        let proof = case.prove(&mut Honest);
        assert_eq!(case.verify(&proof), Ok(true), "{m} {w}");
        let mut bytes = vec![];
        proof.write(&mut bytes);
        let mut reader = Reader::new(&bytes);
        assert!(OpeningProof::read(&case.schedule, &mut reader).as_ref() == Ok(&proof));
        reader.finish().unwrap();
    }
}

#[test]
fn honest_openings_verify_blake2s() {
    honest_openings_verify::<Blake>(&Profile::test_insecure(SuiteName::Blake2s), &SIZES);
}

#[test]
fn honest_openings_verify_poseidon252() {
    let profile = Profile::test_insecure(SuiteName::Poseidon252);
    honest_openings_verify::<Poseidon>(&profile, &SIZES[..8]);
}

#[test]
fn honest_openings_verify_in_full() {
    let profile = Profile::by_name("conjectured-96-blake2s").unwrap();
    honest_openings_verify::<Blake>(&profile, &[(13, 12)]);
}

/// Two cases with several levels: the tables join at once, and late.
fn cases() -> [Case<Blake>; 2] {
    let profile = Profile::test_insecure(SuiteName::Blake2s);
    let cases = [Case::new(&profile, 13, 14), Case::new(&profile, 16, 8)];
    assert!(cases.iter().all(|c| !c.schedule.folded.is_empty()));
    assert!(cases[1].schedule.join > 0);
    cases
}

#[test]
fn wrong_claims_are_rejected() {
    for mut case in cases() {
        for t in 0..2 {
            let honest = case.values[t];
            case.values[t] += ONE;
            case.rejects(&mut Honest);
            case.values[t] = honest;
        }
    }
}

#[test]
fn changed_entries_are_rejected() {
    for t in 0..2 {
        for mut case in cases() {
            let [mut model, mut witness] = case.tables;
            let table = if t == 0 { model } else { witness };
            let mut values = table.values().to_vec();
            values[3] += PackedM31::broadcast(F::from(1u32));
            let table = table.with_values(values);
            case.values[t] = mle::inner(table.values(), &case.weights[t]);
            // The partial moves above leave one table to rebuild.
            let code = case.schedule.tables[1 - t];
            let other =
                commit(base_values(code.log_size, 1 - t as u32), code.log_rows, code.log_blowup);
            (model, witness) = if t == 0 { (table, other) } else { (other, table) };
            case.tables = [model, witness];
            case.rejects(&mut Honest);
        }
    }
}

/// Adds `delta` to the folded table of a level; with `orthogonal`, one that no claim sees.
struct WrongTable {
    level: usize,
    orthogonal: bool,
}

impl Adversary<Blake> for WrongTable {
    fn folded(&mut self, level: usize, table: &mut Vec<PackedQM31>, weights: &[PackedQM31]) {
        if level != self.level {
            return;
        }
        let mut values: Vec<K> = table.iter().flat_map(PackedQM31::to_array).collect();
        let weights: Vec<K> = weights.iter().flat_map(PackedQM31::to_array).collect();
        values[1] += weights[2];
        if self.orthogonal {
            values[2] -= weights[1];
        }
        *table = mle::pack(&values);
    }
}

#[test]
fn wrong_folded_tables_are_rejected() {
    for case in cases() {
        for level in 0..case.schedule.n_levels() {
            for orthogonal in [false, true] {
                case.rejects(&mut WrongTable { level, orthogonal });
            }
        }
    }
}

struct WrongOod(usize);

impl Adversary<Blake> for WrongOod {
    fn felts(&mut self, message: Message, values: &mut [K], _: Option<Check<'_>>) {
        if message == (Message::FoldedOod { level: self.0 }) {
            values[0] += ONE;
        }
    }
}

#[test]
fn wrong_out_of_domain_values_are_rejected() {
    for case in cases() {
        for level in 0..case.schedule.folded.len() {
            case.rejects(&mut WrongOod(level));
        }
    }
}

struct Corrupted(usize);

impl Adversary<Blake> for Corrupted {
    fn codeword(&mut self, level: usize, columns: &mut [BaseColumn]) {
        if level == self.0 {
            for column in columns.iter_mut().step_by(4) {
                for v in column.as_mut_slice() {
                    *v += F::from(1u32);
                }
            }
        }
    }
}

#[test]
fn corrupted_codewords_are_rejected() {
    for case in cases() {
        for level in 0..case.schedule.folded.len() {
            case.rejects(&mut Corrupted(level));
        }
    }
}

struct WrongClear;

impl Adversary<Blake> for WrongClear {
    fn felts(&mut self, message: Message, values: &mut [K], _: Option<Check<'_>>) {
        if message == Message::ClearTable {
            values[0] += ONE;
        }
    }
}

struct WrongRound(usize, usize);

impl Adversary<Blake> for WrongRound {
    fn felts(&mut self, message: Message, values: &mut [K], _: Option<Check<'_>>) {
        if matches!(message, Message::OpeningRound { level, .. } if level == self.0) {
            values[self.1] += ONE;
        }
    }
}

#[test]
fn wrong_clear_tables_and_rounds_are_rejected() {
    for case in cases() {
        case.rejects(&mut WrongClear);
        for level in 0..=case.schedule.n_levels() {
            case.rejects(&mut WrongRound(level, 0));
            case.rejects(&mut WrongRound(level, 1));
        }
    }
}

fn cut<T>(list: &mut Vec<T>) {
    list.truncate(list.len() - 1);
}

#[test]
fn omitted_parts_are_rejected() {
    for case in cases() {
        let honest = case.prove(&mut Honest);
        let lies: [fn(&mut OpeningProof<Blake>); 9] = [
            |p| cut(&mut p.levels),
            |p| p.levels.push(p.levels[0].clone()),
            |p| cut(&mut p.levels[0].rounds),
            |p| cut(&mut p.levels[0].openings),
            |p| cut(&mut p.last.clear),
            |p| cut(&mut p.last.tail),
            |p| cut(&mut p.last.openings[0].leaves),
            |p| cut(&mut p.last.openings[0].witness),
            |p| p.last.openings[0].witness.push(Default::default()),
        ];
        for lie in lies {
            let mut proof = honest.clone();
            lie(&mut proof);
            assert!(case.verify(&proof).is_err());
        }
        let mut proof = honest.clone();
        proof.last.openings[0].leaves[0] = F::from_u32_unchecked(u32::MAX);
        assert!(matches!(case.verify(&proof), Err(OpeningError::NotCanonical { .. })));
    }
}

#[test]
fn every_byte_counts() {
    let profile = Profile::test_insecure(SuiteName::Blake2s);
    let case = Case::<Blake>::new(&profile, 7, 8);
    let mut bytes = vec![];
    case.prove(&mut Honest).write(&mut bytes);
    let accepts = |bytes: &[u8]| {
        let mut reader = Reader::new(bytes);
        let Ok(proof) = OpeningProof::read(&case.schedule, &mut reader) else { return false };
        reader.finish().is_ok() && case.verify(&proof) == Ok(true)
    };
    assert!(accepts(&bytes));
    for i in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[i] ^= 1 << (i % 8);
        assert!(!accepts(&flipped), "byte {i}");
        assert!(!accepts(&bytes[..i]), "cut at {i}");
    }
    bytes.push(0);
    assert!(!accepts(&bytes));
}
