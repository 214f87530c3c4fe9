//! Mutation fuzzing of everything that reads bytes from strangers: proofs, verification keys and
//! model files; and of models whose structure is changed, which go on to the prover. Anything but a
//! clean error (or, for an unchanged meaning, acceptance) is a bug.
//!
//! usage: stwo-ml-fuzz SECONDS [SEED] [MODEL.onnx ..]

mod models;
mod pipeline;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use stwo::core::vcs_lifted::blake2_merkle::Blake2sMerkleChannel as Blake2s;
use stwo_ml_adversary::cases;
use stwo_ml_compiler::execute::execute;
use stwo_ml_compiler::import::{ImportOptions, import_bytes};
use stwo_ml_compiler::ports::quantise_inputs;
use stwo_ml_compiler::quantise::{QuantiseOptions, quantise};
use stwo_ml_prover::prove::{prove, setup};
use stwo_ml_verifier::codec::ProofFile;
use stwo_ml_verifier::key::VerifyingKey;
use stwo_ml_verifier::profile::Profile;
use stwo_ml_verifier::verify::verify;

/// Longest time that one model may take.
const MAX_TIME: Duration = Duration::from_secs(60);
/// Most memory that the whole process may take, in bytes.
const MAX_MEMORY: u64 = 4 << 30;

/// Changes a few bytes, cuts, repeats or splices.
fn mutate(bytes: &mut Vec<u8>, rng: &mut StdRng) {
    for _ in 0..rng.random_range(1..4) {
        if bytes.is_empty() {
            return;
        }
        let at = rng.random_range(0..bytes.len());
        match rng.random_range(0..7) {
            0 => bytes[at] ^= 1 << rng.random_range(0..8),
            1 => bytes[at] = rng.random(),
            2 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][rng.random_range(0..5)],
            3 => bytes.truncate(at),
            4 => bytes.insert(at, rng.random()),
            5 => {
                let end = (at + rng.random_range(1..64)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                let to = rng.random_range(0..bytes.len());
                bytes.splice(to..to, piece);
            }
            _ => {
                let end = (at + rng.random_range(1..16)).min(bytes.len());
                bytes.drain(at..end);
            }
        }
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().and_then(|s| s.parse().ok()).unwrap_or(60);
    let seed = arguments.next().and_then(|s| s.parse().ok()).unwrap_or(1);
    println!("seed {seed}, {seconds} seconds");
    let mut rng = StdRng::seed_from_u64(seed);

    // A real key and a real proof, of a small convolution.
    let wanted = "strided convolution with padding";
    let Some((_, graph, inputs)) = cases().into_iter().find(|c| c.0 == wanted) else {
        eprintln!("the seed model is gone");
        std::process::exit(2);
    };
    let compiled = quantise(&graph, &inputs, &QuantiseOptions::default()).expect("lowers");
    let profile = Profile::by_name("conjectured-96-blake2s").expect("a release profile");
    let pk = setup::<Blake2s>(profile, compiled.circuit.clone(), &compiled.model).expect("valid");
    let ints = quantise_inputs(&compiled, &inputs[0]).expect("fits");
    let trace = execute(&compiled, &ints).expect("runs");
    let (file, _) = prove(&pk, &trace.values, [0; 32], &mut |_| ()).expect("proves");
    let (proof, key) = (file.to_bytes(&pk.vk), pk.vk.to_bytes());
    let files: Vec<Vec<u8>> = arguments.map(|p| std::fs::read(p).expect("a model")).collect();

    let watched = Arc::new(Watched::default());
    watch(seed, Arc::clone(&watched));
    let end = Instant::now() + Duration::from_secs(seconds);
    let (mut runs, mut keys, mut accepted) = ([0u64; 4], 0u64, 0u64);
    let (seeds, mut reached) = (models::seeds(), [0u64; 3]);
    // A panic of the front end is a refusal, one of ours is reported with its model.
    std::panic::set_hook(Box::new(|_| ()));
    while Instant::now() < end {
        // Most of the turns are for models whose structure is changed, which take longest.
        let target = rng.random_range(0..if files.is_empty() { 3 } else { 4 });
        runs[target] += 1;
        match target {
            0 => {
                let mut bytes = proof.clone();
                mutate(&mut bytes, &mut rng);
                let read = ProofFile::<Blake2s>::from_bytes(&pk.vk, &bytes);
                if let Ok(read) = read
                    && verify(&pk.vk, &read.statement, &read.proof).is_ok()
                    && bytes != proof
                {
                    eprintln!("seed {seed}: a changed proof was accepted");
                    std::process::exit(1);
                }
            }
            1 => {
                let mut bytes = key.clone();
                mutate(&mut bytes, &mut rng);
                if let Ok(vk) = VerifyingKey::<Blake2s>::from_bytes(&bytes) {
                    keys += 1;
                    // A well-formed key of another model: it must not panic, nor accept this proof.
                    if vk.model_id() != pk.vk.model_id()
                        && verify(&vk, &file.statement, &file.proof).is_ok()
                    {
                        eprintln!("seed {seed}: a proof was accepted under another key");
                        std::process::exit(1);
                    }
                }
            }
            2 => {
                let model =
                    models::mutate(seeds[rng.random_range(0..seeds.len())].clone(), &mut rng);
                watched.set(Some((Instant::now(), model.clone())));
                match pipeline::run(&model, &mut rng) {
                    Ok(at) => reached[at as usize] += 1,
                    Err(fault) => report(seed, &fault, &model),
                }
                watched.set(None);
            }
            _ => {
                let mut bytes = files[rng.random_range(0..files.len())].clone();
                mutate(&mut bytes, &mut rng);
                let options = ImportOptions { batch_of_one: true, ..Default::default() };
                watched.set(Some((Instant::now(), bytes.clone())));
                accepted += u64::from(import_bytes(&bytes, &options).is_ok());
                watched.set(None);
            }
        }
    }
    let [refused, imported, proven] = reached;
    println!(
        "{} proofs, {} keys ({keys} well-formed), {} model files ({accepted} importable), \
         {} models ({refused} refused, {imported} imported, {proven} proven): no fault",
        runs[0], runs[1], runs[3], runs[2]
    );
    if runs[2] >= 100 && proven * 10 < runs[2] {
        eprintln!("seed {seed}: hardly any model reaches the prover, the mutations are too wild");
        std::process::exit(1);
    }
}

/// The model that is being run, and since when.
#[derive(Default)]
struct Watched(Mutex<Option<(Instant, Vec<u8>)>>);

impl Watched {
    fn set(&self, model: Option<(Instant, Vec<u8>)>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = model;
    }
}

/// A small model that takes minutes, or all the memory, is a fault too.
fn watch(seed: u64, watched: Arc<Watched>) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_millis(20));
            let running = watched.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((since, model)) = &*running {
                if since.elapsed() > MAX_TIME {
                    report(seed, "a model takes too long", model);
                }
                if resident().is_some_and(|bytes| bytes > MAX_MEMORY) {
                    report(seed, "a model takes too much memory", model);
                }
            }
        }
    });
}

/// Memory of this process in bytes, where the system tells.
fn resident() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096)
}

/// Ends with a fault; the model that shows it is kept.
fn report(seed: u64, fault: &str, model: &[u8]) -> ! {
    let path = std::env::temp_dir().join(format!("stwo-ml-fuzz-{seed}.onnx"));
    let kept = std::fs::write(&path, model).is_ok();
    let place = if kept { path.display().to_string() } else { "nowhere".into() };
    eprintln!("seed {seed}: {fault}; the model is in {place}");
    std::process::exit(1);
}
