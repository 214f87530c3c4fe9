//! Rates of the prover's kernels, in entries a second: commitment, lookups, opening.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use stwo::core::vcs_lifted::blake2_merkle::Blake2sMerkleChannel;
use stwo::core::vcs_lifted::poseidon252_merkle::Poseidon252MerkleChannel;
use stwo_ml_prover::commit::{ProverSuite, commit};
use stwo_ml_prover::lookup::{Fractions, prove as prove_lookups};
use stwo_ml_prover::mle::pack_base;
use stwo_ml_prover::opening;
use stwo_ml_prover::packed::{VecK, eq_vector};
use stwo_ml_prover::sender::Sender;
use stwo_ml_verifier::channel::Transcript;
use stwo_ml_verifier::field::{F, K};
use stwo_ml_verifier::profile::{Profile, Schedule, SuiteName};

/// `n` elements from a fixed sequence.
fn base(n: usize) -> Vec<F> {
    (0..n as u64).map(|i| F::from((i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 34) as u32)).collect()
}

fn secure(n: usize) -> Vec<K> {
    base(4 * n).chunks_exact(4).map(|c| K::from_m31(c[0], c[1], c[2], c[3])).collect()
}

fn commitment<S: ProverSuite>(c: &mut Criterion, log_sizes: &[u32]) {
    let mut group = c.benchmark_group(format!("commit/{}", S::NAME));
    group.sample_size(10);
    for &n in log_sizes {
        let values = pack_base(&base(1 << n));
        group.throughput(Throughput::Elements(1 << n));
        group.bench_with_input(BenchmarkId::from_parameter(n), &values, |b, values| {
            b.iter(|| commit::<S>(values.clone(), 6, 2).root());
        });
    }
}

fn commitments(c: &mut Criterion) {
    commitment::<Blake2sMerkleChannel>(c, &[16, 20]);
    commitment::<Poseidon252MerkleChannel>(c, &[16, 18]);
}

fn lookups(c: &mut Criterion) {
    let mut group = c.benchmark_group("lookups");
    group.sample_size(10);
    for n in [16u32, 20] {
        let leaves = Fractions {
            numerators: VecK::from_scalars(&secure(1 << n)),
            denominators: VecK::from_scalars(&secure(1 << n)),
        };
        group.throughput(Throughput::Elements(1 << n));
        group.bench_with_input(BenchmarkId::from_parameter(n), &leaves, |b, leaves| {
            b.iter(|| {
                let transcript = Transcript::<Blake2sMerkleChannel>::default();
                prove_lookups(&mut Sender::from(transcript), leaves.clone())
            });
        });
    }
}

fn openings(c: &mut Criterion) {
    let mut group = c.benchmark_group("opening");
    group.sample_size(10);
    // The test profile grinds next to nothing, so that this is the opening and not the proof of work.
    let profile = Profile::test_insecure(SuiteName::Blake2s);
    for n in [16u32, 20] {
        let Ok(schedule) = Schedule::new(&profile, n, n) else { continue };
        let tables = [0, 1].map(|t| {
            let code = schedule.tables[t];
            commit::<Blake2sMerkleChannel>(pack_base(&base(1 << n)), code.log_rows, code.log_blowup)
        });
        let weights = eq_vector(&secure(n as usize)).words;
        group.throughput(Throughput::Elements(2 << n));
        group.bench_with_input(BenchmarkId::from_parameter(n), &weights, |b, weights| {
            b.iter(|| {
                let mut sender = Sender::from(Transcript::default());
                let weights = [weights.clone(), weights.clone()];
                opening::prove(&mut sender, &schedule, [&tables[0], &tables[1]], weights)
            });
        });
    }
}

criterion_group!(benches, commitments, lookups, openings);
criterion_main!(benches);
