//! A batch of two real inferences, and what must be rejected. The proofs in `data` are of the models of
//! `scripts/make_models.py`, made with `stwo-ml setup` and `prove`: that of the MLP with the profile
//! `conjectured-96-blake2s`, that of LeNet with `recursive-96`.

use std::io::Read as _;
use std::sync::OnceLock;

use cairo_lang_executable::executable::Executable;
use starknet_types_core::felt::Felt;
use stwo::core::fields::m31::BaseField;
use stwo_cairo_common::preprocessed_columns::preprocessed_trace::PreProcessedTraceVariant;
use stwo_ml_recursion::batch::{Inner, execute, prove};
use stwo_ml_recursion::cells::{Cells, release};
use stwo_ml_recursion::checkpoint::Checkpoints;
use stwo_ml_recursion::file::{FileError, Group, MAGIC, join, split};
use stwo_ml_recursion::groups::{Event, Maker};
use stwo_ml_recursion::pack::{Blake2s, pack_batch};
use stwo_ml_recursion::params::PREPROCESSED_ROOT;
use stwo_ml_recursion::program::PROGRAM_HASH;
use stwo_ml_recursion::prove::Prover;
use stwo_ml_recursion::run::{Resources, run};
use stwo_ml_recursion::statement::Statement;
use stwo_ml_recursion::verify::{Program, Rejected, verify, verify_group, verify_group_of};
use stwo_ml_recursion::{program, statement};
use stwo_ml_verifier::codec::ProofFile;
use stwo_ml_verifier::key::VerifyingKey;

#[path = "batch/unbound.rs"]
mod unbound;

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

/// The bytes of a batch of one group, of both proofs.
fn batch() -> &'static [u8] {
    static BATCH: OnceLock<Vec<u8>> = OnceLock::new();
    BATCH.get_or_init(|| {
        let keys = keys();
        let inner = FILES.map(|[_, proof]| Inner::read(&keys, proof).expect("a proof"));
        let run = execute(executable(), &inner).expect("a run");
        let prover = Prover::new();
        assert_eq!(prover.preprocessed_root(), PREPROCESSED_ROOT);
        let group = prove(&prover, &inner, run).expect("a group").to_bytes().expect("bytes");
        join(&[group]).expect("a file")
    })
}

/// Its group.
fn group() -> &'static [u8] {
    split(batch()).expect("the batch")[0]
}

/// The group after a change.
fn changed_group(change: impl FnOnce(&mut Group)) -> Vec<u8> {
    let mut group = Group::from_bytes(group()).expect("the group");
    change(&mut group);
    group.to_bytes().expect("bytes")
}

/// What the verifier says of the batch after a change.
fn changed(change: impl FnOnce(&mut Group)) -> Result<Vec<Statement>, Rejected> {
    verify(&join(&[changed_group(change)]).expect("a file"))
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

/// A proof brings no program, and holds for that of the release only: its hash is in the transcript, and its
/// cells, values and identifiers, in the lookups.
#[test]
fn another_program() {
    let own = changed(|b| {
        let memory = &mut b.proof.claim.public_data.public_memory;
        memory.program.push((0, [0; 8]));
    });
    assert!(matches!(own, Err(Rejected::Program)));
    let verify = |hash, change: &dyn Fn(&mut Cells)| {
        let mut cells = release().clone();
        change(&mut cells);
        verify_group_of(group(), &Program { cells: &cells, hash })
    };
    assert_eq!(release().hash(), PROGRAM_HASH);
    assert!(verify(PROGRAM_HASH, &|_| ()).is_ok());
    let changes: [&dyn Fn(&mut Cells); 6] = [
        &|cells| cells.small[5] ^= 1,
        &|cells| cells.large[5][7] ^= 1,
        &|cells| cells.ids.swap(100, 101),
        &|cells| cells.ids[100] ^= 1,
        &|cells| cells.ids.truncate(cells.ids.len() - 1),
        &|cells| cells.ids.push(0),
    ];
    for (i, change) in changes.into_iter().enumerate() {
        let result = verify(PROGRAM_HASH, change);
        assert!(matches!(result, Err(Rejected::Proof(_))), "change {i}: {result:?}");
    }
    let mut hash = PROGRAM_HASH;
    hash[31] ^= 1;
    assert!(matches!(verify(hash, &|_| ()), Err(Rejected::Proof(_))));
}

/// The files of the release are those of its sources, and what is run is what is verified.
#[test]
fn program_of_the_release() {
    let compiled = program::compile().expect("the sources");
    let felts = program::felts(&compiled).expect("felts");
    assert_eq!(*release(), Cells::of(&felts));
    let loaded = program::load().expect("the program of the release");
    assert_eq!(program::felts(&loaded).expect("felts"), felts);
    assert_eq!(loaded.program.hints, compiled.program.hints);
    // It calls the program with its three builtins, then loops.
    assert_eq!(felts[0][..2], [0x7fff_7fff, 0x0407_8001]);
    assert_eq!(felts[1], [3, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(felts[2][..2], [0x8001_8000, 0x1104_8001]);
    assert_eq!(felts[4][..2], [0x7fff_7fff, 0x0107_8001]);
    assert_eq!(felts[5], [0; 8]);
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
        changed(|b| b.proof.claim.memory_address_to_id.as_mut().expect("some").log_size = 22),
    ];
    assert!(rejected.iter().all(|r| matches!(r, Err(Rejected::Size | Rejected::Malformed(_)))));
    // Few bytes in a file, each many columns.
    let many = changed(|b| {
        let large = b.proof.claim.memory_id_to_big.as_mut().expect("some");
        large.big_log_sizes = vec![4; 1 << 19];
    });
    assert!(matches!(many, Err(Rejected::Size)));
}

/// Bytes that are no batch, or a damaged one, are an error.
#[test]
fn damaged_bytes() {
    for n in [0, 4, 8, 9, 12, 15, 16, 100, batch().len() / 2, batch().len() - 1] {
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

/// A file is its groups, in order, and nothing else.
#[test]
fn malformed_files() {
    let file = |bytes: &[&[u8]]| verify(&bytes.concat());
    let length = u32::try_from(group().len()).expect("small").to_le_bytes();
    let [none, one, two] = [0u32, 1, 2].map(u32::to_le_bytes);
    let file_error = |result: Result<_, Rejected>| match result {
        Err(Rejected::File(error)) => error,
        other => panic!("{other:?}"),
    };
    assert!(file(&[&MAGIC, &one, &length, group()]).is_ok());
    assert!(matches!(file_error(file(&[&MAGIC, &none])), FileError::NoGroups));
    assert!(matches!(file_error(file(&[&MAGIC])), FileError::Truncated));
    let huge = [0xff; 4];
    assert!(matches!(file_error(file(&[&MAGIC, &one, &huge, group()])), FileError::Truncated));
    for n in [two, huge] {
        let result = file(&[&MAGIC, &n, &length, group()]);
        assert!(matches!(file_error(result), FileError::Truncated));
    }
    let result = file(&[&MAGIC, &one, &length, group(), &[0; 3]]);
    assert!(matches!(file_error(result), FileError::Trailing(3)));
    let result = file(&[&MAGIC, &none, &length, group()]);
    assert!(matches!(file_error(result), FileError::NoGroups));
    // The version before.
    assert!(matches!(file_error(file(&[b"STWOMLB\x02", group()])), FileError::Magic));
    // A group that goes on behind its content, with nothing that can be decompressed, or with an empty frame.
    let empty = zstd::encode_all(&[][..], 1).expect("a frame");
    for more in [&[0; 4][..], &empty] {
        let result = verify(&join(&[[group(), more].concat()]).expect("a file"));
        assert!(matches!(file_error(result), FileError::Trailing(n) if n == more.len()));
    }
    // Content that is far longer than its file.
    let bomb = zstd::encode_all(std::io::repeat(0).take(1 << 30), 1).expect("a frame");
    let bomb = [&u32::try_from(bomb.len()).expect("small").to_le_bytes()[..], &bomb].concat();
    let result = verify(&join(&[bomb]).expect("a file"));
    assert!(matches!(file_error(result), FileError::TooLong));
}

/// Elements and hashes behind the compressed part: as many as it says, and each an element.
#[test]
fn malformed_bulk() {
    let [n0, n1, n2, n3, ..] = *group() else { panic!("a group") };
    let start = 4 + u32::from_le_bytes([n0, n1, n2, n3]) as usize;
    let read = |bytes: &[u8]| Group::from_bytes(bytes).err();
    assert!(read(group()).is_none());
    for n in [4, start - 1, start, start + 10_000, group().len() - 1] {
        let result = read(&group()[..n]);
        assert!(matches!(result, Some(FileError::Truncated)), "{n}: {result:?}");
    }
    // 31 ones are the modulus.
    let mut modulus = group().to_vec();
    modulus[start..start + 3].fill(0xff);
    modulus[start + 3] |= 0x7f;
    assert!(matches!(read(&modulus), Some(FileError::Lists)));
    // Each part is rounded up to whole bytes.
    let parts = Group::parts(group()).expect("the group");
    let sum = parts.iter().map(|(_, n)| n).sum::<usize>() + 4;
    assert!((0..parts.len()).contains(&(sum - group().len())));
}

/// Each group stands for its own statements.
#[test]
fn several_groups() {
    let [first, second] = [statements()[0], statements()[1]];
    let verify = |groups: &[&[u8]]| verify(&join(groups).expect("a file"));
    let two = verify(&[group(), group()]).expect("valid");
    assert_eq!(two, [first, second, first, second]);
    // Statements exchanged between groups, or moved from one to the other.
    let exchanged = [
        changed_group(|group| group.statements[0] = second),
        changed_group(|group| group.statements[1] = first),
    ];
    assert!(matches!(verify(&[&exchanged[0], &exchanged[1]]), Err(Rejected::Output)));
    let moved = [
        changed_group(|group| group.statements.push(first)),
        changed_group(|group| group.statements = vec![second]),
    ];
    assert!(matches!(verify(&[&moved[0], &moved[1]]), Err(Rejected::Output)));
    // A group without statements, and one whose proof is wrong, wherever they are.
    let empty = changed_group(|group| group.statements.clear());
    let wrong = changed_group(|group| group.proof.interaction_pow ^= 1);
    for bad in [&empty, &wrong] {
        assert!(verify(&[group(), bad]).is_err());
        assert!(verify(&[bad, group()]).is_err());
        assert!(verify_group(bad).is_err());
    }
}

/// Rows bound a group, and memory does; the order stays.
#[test]
fn batches_are_split_into_groups() {
    let keys = keys();
    let proofs = [0, 1, 0, 0, 1, 1, 0, 0, 0];
    let inner = proofs.map(|i: usize| Inner::read(&keys, FILES[i][1]).expect("a proof"));
    let mut fills = Vec::new();
    let mut plan = |memory| {
        fills.clear();
        let mut report = |event: Event<'_>| {
            if let Event::Group(_, resources) = event {
                fills.push(resources.fill());
            }
        };
        let executable = executable();
        let mut maker = Maker { executable, memory, checkpoints: None, report: &mut report };
        let groups = maker.plan(&inner);
        (groups.map_err(|error| error.to_string()), fills.clone())
    };
    for memory in [8e9, 6e9] {
        let (groups, fills) = plan(memory);
        let groups = groups.expect("it fits");
        assert!(groups.iter().cloned().flatten().eq(0..proofs.len()));
        assert!(groups.len() >= 2 && groups.len() == fills.len());
        assert!(fills.iter().all(|&fill| fill <= Resources::max_fill(memory)));
        // A group ends where the next proof would be too much.
        let rest = groups[1].start;
        let longer = execute(executable(), &inner[..=rest]).expect("a run").resources;
        assert!(longer.fill() > Resources::max_fill(memory) - 0.02);
    }
    let (groups, _) = plan(f64::INFINITY);
    assert!(groups.expect("it fits").into_iter().eq(std::iter::once(0..proofs.len())));
    let (refused, fills) = plan(3e9);
    assert!(refused.expect_err("too little").contains("proof 1 is too large"));
    assert!(fills.is_empty());
    let mut report = |_: Event<'_>| ();
    let executable = executable();
    let mut maker = Maker { executable, memory: 1e12, checkpoints: None, report: &mut report };
    assert!(maker.plan(&[]).is_err());
}

/// A batch of three that was interrupted after its first group: what is there is used, if it is valid.
#[test]
fn an_interrupted_batch_goes_on() {
    let keys = keys();
    let inner = [0, 1, 0].map(|i: usize| Inner::read(&keys, FILES[i][1]).expect("a proof"));
    let folder = tempfile::tempdir().expect("a folder");
    let parts = folder.path().join("parts");
    let kept = || Checkpoints::new(parts.clone());
    kept().keep(&inner[..2], group()).expect("it is written");
    let (mut found, mut proven) = (Vec::new(), Vec::new());
    let mut report = |event: Event<'_>| match event {
        Event::Found(range) => found.push(range),
        Event::Proven(range) => proven.push(range),
        _ => {}
    };
    let executable = executable();
    let mut maker =
        Maker { executable, memory: f64::INFINITY, checkpoints: Some(kept()), report: &mut report };
    let bytes = maker.make(&inner).expect("a batch");
    let all = [&statements()[..], &statements()[..1]].concat();
    assert_eq!(verify(&bytes).expect("valid"), all);
    // Now all groups are there: nothing is proven.
    assert_eq!(maker.make(&inner).expect("a batch"), bytes);
    maker.clean_up(&inner);
    assert!(!parts.exists());
    assert_eq!(found, [0..2, 0..2, 2..3]);
    assert_eq!(proven, std::iter::once(2..3).collect::<Vec<_>>());

    // Under the right name, but damaged; or valid, but of other statements.
    let single = split(&bytes).expect("the batch")[1].to_vec();
    let mut damaged = group().to_vec();
    damaged[1000] ^= 1;
    for bad in [damaged, single, changed_group(|group| group.statements.swap(0, 1))] {
        kept().keep(&inner[..2], &bad).expect("it is written");
        assert!(kept().find(&inner[..2]).expect("it is there").is_err());
    }
    // Other proofs, or the same in another order, have other names.
    kept().keep(&inner[..2], group()).expect("it is written");
    assert!(kept().find(&inner[..2]).expect("it is there").is_ok());
    assert!(kept().find(&inner[1..]).is_none() && kept().find(&inner).is_none());
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
