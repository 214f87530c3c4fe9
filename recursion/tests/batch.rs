//! A batch of two real inferences, and what must be rejected. The proofs in `data` are of the models of
//! `scripts/make_models.py`, made with `stwo-ml setup` and `prove`: that of the MLP with the profile
//! `conjectured-96-blake2s`, that of LeNet with `recursive-96`.

use std::sync::OnceLock;

use cairo_lang_executable::executable::Executable;
use starknet_types_core::felt::Felt;
use stwo::core::fields::m31::BaseField;
use stwo_cairo_common::preprocessed_columns::preprocessed_trace::PreProcessedTraceVariant;
use stwo_ml_recursion::batch::{Inner, capacity, execute, prove};
use stwo_ml_recursion::file::BatchProof;
use stwo_ml_recursion::pack::{Blake2s, pack_batch};
use stwo_ml_recursion::params::PREPROCESSED_ROOT;
use stwo_ml_recursion::prove::Prover;
use stwo_ml_recursion::run::run;
use stwo_ml_recursion::statement::Statement;
use stwo_ml_recursion::verify::{Rejected, verify};
use stwo_ml_recursion::{program, statement};
use stwo_ml_verifier::codec::ProofFile;
use stwo_ml_verifier::key::VerifyingKey;

const FILES: [[&[u8]; 2]; 2] = [
    [include_bytes!("data/mlp.vk"), include_bytes!("data/mlp.proof")],
    [include_bytes!("data/lenet.vk"), include_bytes!("data/lenet.proof")],
];

fn keys() -> Vec<VerifyingKey<Blake2s>> {
    FILES.map(|[key, _]| VerifyingKey::from_bytes(key).expect("a key")).into()
}

fn executable() -> &'static Executable {
    static EXECUTABLE: OnceLock<Executable> = OnceLock::new();
    EXECUTABLE.get_or_init(|| program::load().expect("the program of the release"))
}

/// The bytes of a batch of both proofs.
fn batch() -> &'static [u8] {
    static BATCH: OnceLock<Vec<u8>> = OnceLock::new();
    BATCH.get_or_init(|| {
        let keys = keys();
        let inner = FILES.map(|[_, proof]| Inner::read(&keys, proof).expect("a proof"));
        let run = execute(executable(), &inner).expect("a run");
        let prover = Prover::new();
        assert_eq!(prover.preprocessed_root(), PREPROCESSED_ROOT);
        prove(&prover, &inner, run).expect("a batch").to_bytes().expect("a file")
    })
}

/// What the verifier says of the batch after a change.
fn changed(change: impl FnOnce(&mut BatchProof)) -> Result<Vec<Statement>, Rejected> {
    let mut batch = BatchProof::from_bytes(batch()).expect("the batch");
    change(&mut batch);
    verify(&batch.to_bytes().expect("a file"))
}

fn statements() -> Vec<Statement> {
    let keys = keys();
    let of = |(vk, [_, proof]): (&VerifyingKey<Blake2s>, [&[u8]; 2])| {
        Statement::of(vk, &ProofFile::from_bytes(vk, proof).expect("a proof"))
    };
    keys.iter().zip(FILES).map(of).collect()
}

#[test]
fn a_batch_of_two() {
    assert_eq!(verify(batch()).expect("valid"), statements());
    assert!(changed(|_| ()).is_ok());
}

#[test]
fn weaker_parameters() {
    let rejected = [
        changed(|b| b.proof.stark_proof.0.config.pow_bits = 0),
        changed(|b| b.proof.stark_proof.0.config.fri_config.n_queries = 1),
        changed(|b| b.proof.stark_proof.0.config.fri_config.log_blowup_factor = 1),
        changed(|b| b.proof.stark_proof.0.config.lifting_log_size = Some(20)),
        changed(|b| b.proof.channel_salt = 1),
    ];
    assert!(rejected.iter().all(|r| matches!(r, Err(Rejected::Parameters))));
}

#[test]
fn another_preprocessed_trace() {
    let rejected = [
        changed(|b| b.proof.stark_proof.0.commitments[0].0[0] ^= 1),
        changed(|b| {
            b.proof.preprocessed_trace_variant = PreProcessedTraceVariant::Canonical;
        }),
        changed(|b| b.proof.stark_proof.0.commitments.clear()),
    ];
    assert!(rejected.iter().all(|r| matches!(r, Err(Rejected::Preprocessed))));
}

#[test]
fn another_program() {
    let memory = |b: &mut BatchProof, change: fn(&mut Vec<(u32, [u32; 8])>)| {
        change(&mut b.proof.claim.public_data.public_memory.program);
    };
    let rejected = [
        changed(|b| memory(b, |program| program[100].1[0] ^= 1)),
        changed(|b| {
            memory(b, |program| {
                let _ = program.pop();
            })
        }),
        changed(|b| memory(b, |program| program.push((0, [0; 8])))),
        changed(|b| memory(b, Vec::clear)),
    ];
    assert!(rejected.iter().all(|r| matches!(r, Err(Rejected::Program(_)))));
}

#[test]
fn other_statements() {
    let rejected = [
        changed(|b| b.statements[0].model_id[0] ^= 1),
        changed(|b| b.statements[1].inputs[31] ^= 1),
        changed(|b| b.statements[1].outputs[16] ^= 1),
        changed(|b| b.statements[0].context[0] ^= 1),
        changed(|b| b.statements.swap(0, 1)),
        changed(|b| {
            let _ = b.statements.pop();
        }),
        changed(|b| b.statements.clear()),
        changed(|b| b.statements.push(b.statements[0])),
    ];
    assert!(rejected.iter().all(|r| matches!(r, Err(Rejected::Output))));
}

/// Statements and output changed alike: then it is the proof that does not hold.
#[test]
fn another_output() {
    let rejected = changed(|b| {
        b.statements[0].outputs[0] ^= 1;
        let output = statement::output(&b.statements).map(|felt| felt.to_bytes_le());
        let written = &mut b.proof.claim.public_data.public_memory.output;
        for ((_, written), felt) in written.iter_mut().zip(output) {
            let words = felt.as_chunks().0.iter().map(|&word| u32::from_le_bytes(word));
            written.iter_mut().zip(words).for_each(|(word, new)| *word = new);
        }
    });
    assert!(matches!(rejected, Err(Rejected::Proof(_) | Rejected::Malformed(_))));
}

#[test]
fn an_output_elsewhere() {
    let rejected = [
        changed(|b| {
            b.proof.claim.public_data.public_memory.public_segments.output.start_ptr.value -= 2;
        }),
        changed(|b| {
            b.proof.claim.public_data.public_memory.public_segments.output.stop_ptr.value += 2;
        }),
        changed(|b| b.proof.claim.public_data.final_state.ap += BaseField::from(2)),
        changed(|b| {
            let _ = b.proof.claim.public_data.public_memory.output.pop();
        }),
    ];
    assert!(rejected.iter().all(|r| matches!(r, Err(Rejected::OutputSegment))));
}

/// As many builtins as before, but one of them under another name: nothing would tie its cells to
/// what the program takes them for.
#[test]
fn other_builtins() {
    let rejected = [
        changed(|b| {
            let segments = &mut b.proof.claim.public_data.public_memory.public_segments;
            segments.range_check_96 = segments.range_check_128.take();
        }),
        changed(|b| {
            let segments = &mut b.proof.claim.public_data.public_memory.public_segments;
            segments.pedersen = segments.bitwise.take();
        }),
    ];
    assert!(rejected.iter().all(|r| matches!(r, Err(Rejected::Builtins))));
}

#[test]
fn components_that_are_too_long() {
    let rejected = [
        changed(|b| b.proof.claim.memory_address_to_id.as_mut().expect("some").log_size = 40),
        changed(|b| b.proof.claim.memory_address_to_id.as_mut().expect("some").log_size = 21),
    ];
    assert!(rejected.iter().all(|r| matches!(r, Err(Rejected::Size | Rejected::Malformed(_)))));
}

/// Bytes that are no batch, or a damaged one, are an error.
#[test]
fn damaged_bytes() {
    for n in [0, 4, 8, 9, 100, batch().len() / 2, batch().len() - 1] {
        assert!(matches!(verify(&batch()[..n]), Err(Rejected::File(_))), "{n} bytes");
    }
    let mut state = 1u64;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    for _ in 0..20 {
        let mut bytes = batch().to_vec();
        let at = next() % bytes.len();
        bytes[at] ^= 1 << (next() % 8);
        assert!(verify(&bytes).is_err(), "byte {at}");
    }
    let random: Vec<u8> =
        batch()[..8].iter().copied().chain((0..1000).map(|_| next() as u8)).collect();
    assert!(verify(&random).is_err());
}

/// The same behind the compression: the content is changed, and what is not malformed is wrong.
#[test]
fn damaged_content() {
    let rejected = [
        changed(|b| b.proof.interaction_pow ^= 1),
        changed(|b| b.proof.stark_proof.0.proof_of_work ^= 1),
        changed(|b| b.proof.stark_proof.0.commitments[1].0[5] ^= 1),
        changed(|b| {
            let _ = b.proof.stark_proof.0.commitments.pop();
        }),
        changed(|b| b.proof.stark_proof.0.sampled_values.clear()),
        changed(|b| b.proof.stark_proof.0.queried_values.clear()),
        changed(|b| b.proof.stark_proof.0.decommitments.clear()),
        changed(|b| b.proof.stark_proof.0.fri_proof.inner_layers.clear()),
        changed(|b| b.proof.claim.memory_address_to_id = None),
        changed(|b| b.proof.claim.memory_id_to_big = None),
    ];
    assert!(rejected.iter().all(|r| matches!(r, Err(Rejected::Proof(_) | Rejected::Malformed(_)))));
}

/// Rows bound a batch, and memory does.
#[test]
fn batches_that_do_not_fit() {
    let keys = keys();
    let [_, proof] = FILES[0];
    let inner = [Inner::read(&keys, proof).expect("a proof")];
    let resources = execute(executable(), &inner).expect("a run").resources;
    let rows = capacity(1, &resources, f64::INFINITY);
    assert!(rows >= 5 && rows as f64 * resources.fill() <= 1.0);
    assert!((rows + 1) as f64 * resources.fill() > 1.0);
    let enough = resources.memory();
    assert_eq!(capacity(1, &resources, enough + 1.0), 1);
    assert_eq!(capacity(1, &resources, enough - 1e6), 0);
    assert_eq!(capacity(1, &resources, 1e9), 0);
}

/// The program itself refuses an inner proof, statement or key with any word changed.
#[test]
fn the_program_refuses_changed_proofs() {
    let keys = keys();
    let [_, proof] = FILES[0];
    let file = ProofFile::from_bytes(&keys[0], proof).expect("a proof");
    let felts = pack_batch(&[(&keys[0], &file)]);
    assert!(run(executable(), &felts).is_ok());
    let refused = |felts: &[Felt]| run(executable(), felts).is_err();
    let n = felts.len();
    // Number of proofs; profile, root, value, parameters, digits; statement; proof, from end to end.
    let positions = [0, 1, 2, 3, 11, 15, 16, 25].into_iter().chain((1..12).map(|i| i * n / 12));
    for at in positions.chain([n - 1]) {
        let mut other = felts.clone();
        other[at] += Felt::ONE;
        assert!(refused(&other), "felt {at}");
        other[at] = Felt::MAX;
        assert!(refused(&other), "felt {at}");
    }
    assert!(refused(&felts[..n - 1]));
    let longer: Vec<Felt> = felts.iter().copied().chain([Felt::ZERO]).collect();
    assert!(refused(&longer));
    assert!(refused(&[]) && refused(&[Felt::ZERO]));
}
