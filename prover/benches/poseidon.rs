//! Rates of the Poseidon permutation and of tree building, on one thread.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use starknet_crypto::poseidon_permute_comp;
use starknet_ff::FieldElement;
use stwo::prover::backend::simd::column::BaseColumn;
use stwo_ml_prover::poseidon::Engine;
use stwo_ml_verifier::field::F;

fn engines() -> impl Iterator<Item = (&'static str, Engine)> {
    let vector = Engine::vector().map(|engine| ("ifma", engine));
    [Some(("scalar", Engine::SCALAR)), vector].into_iter().flatten()
}

fn permutations(c: &mut Criterion) {
    const N: u32 = 1 << 10;
    let mut states: Vec<_> =
        (0..N).map(|i| [3 * i, 3 * i + 1, 3 * i + 2].map(FieldElement::from)).collect();
    let mut group = c.benchmark_group("permutation");
    group.throughput(Throughput::Elements(u64::from(N)));
    group.bench_function("starknet-crypto", |b| {
        b.iter(|| black_box(&mut states).iter_mut().for_each(poseidon_permute_comp));
    });
    for (name, engine) in engines() {
        group.bench_function(name, |b| b.iter(|| engine.permute(black_box(&mut states))));
    }
}

fn trees(c: &mut Criterion) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread");
    let mut group = c.benchmark_group("tree");
    group.sample_size(10);
    for (depth, width) in [(12, 4), (12, 64), (16, 16)] {
        let columns: Vec<BaseColumn> = (0..width)
            .map(|c| (0..1u32 << depth).map(|i| F::from(i.wrapping_mul(2 * c + 1))).collect())
            .collect();
        // Leaves of so many blocks, and about as many nodes as leaves.
        let permutations = (u64::from(width) / 16 + 2) << depth;
        group.throughput(Throughput::Elements(permutations));
        for (name, engine) in engines() {
            let id = BenchmarkId::new(name, format!("{depth}x{width}"));
            group.bench_function(id, |b| {
                b.iter(|| pool.install(|| engine.tree(black_box(&columns))))
            });
        }
    }
}

criterion_group!(benches, permutations, trees);
criterion_main!(benches);
