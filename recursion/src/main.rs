//! `stwo-ml-recurse`: many proofs as one, and its verification.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use clap::{Parser, Subcommand};
use stwo_ml_recursion::batch::{Inner, capacity, execute, prove};
use stwo_ml_recursion::pack::Blake2s;
use stwo_ml_recursion::params::PREPROCESSED_ROOT;
use stwo_ml_recursion::profile::{costs, table};
use stwo_ml_recursion::program;
use stwo_ml_recursion::prove::Prover;
use stwo_ml_recursion::run::Resources;
use stwo_ml_recursion::verify::verify;
use stwo_ml_verifier::key::VerifyingKey;

/// Many stwo-ml proofs as one Cairo proof of constant size.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Makes one proof of many, of profiles with Blake2s.
    Prove {
        /// The proofs.
        #[arg(required = true)]
        proofs: Vec<PathBuf>,
        /// The keys of their models.
        #[arg(long = "vk", required = true)]
        keys: Vec<PathBuf>,
        /// Where the batch goes.
        #[arg(short, long, required_unless_present = "dry_run")]
        output: Option<PathBuf>,
        /// Runs the program, says what it takes, and proves nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Runs the program over proofs and says where its steps go, by function.
    Profile {
        /// The proofs.
        #[arg(required = true)]
        proofs: Vec<PathBuf>,
        /// The keys of their models.
        #[arg(long = "vk", required = true)]
        keys: Vec<PathBuf>,
        /// Functions that are shown.
        #[arg(long, default_value_t = 20)]
        top: usize,
    },
    /// Verifies a batch and prints what it proves.
    Verify {
        /// The batch.
        batch: PathBuf,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Computes the constants of the release from the sources and compares.
    Constants {
        /// The crate's folder, to write them to.
        #[arg(long)]
        update: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    let result = match Cli::parse().verb {
        Verb::Prove { proofs, keys, output, dry_run } => {
            make(&proofs, &keys, output.as_deref().filter(|_| !dry_run))
        }
        Verb::Profile { proofs, keys, top } => profile(&proofs, &keys, top),
        Verb::Verify { batch, json } => check(&batch, json),
        Verb::Constants { update } => constants(update),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn read(path: &std::path::Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| path.display().to_string())
}

fn read_keys(keys: &[PathBuf]) -> Result<Vec<VerifyingKey<Blake2s>>> {
    keys.iter()
        .map(|path| {
            VerifyingKey::<Blake2s>::from_bytes(&read(path)?)
                .with_context(|| path.display().to_string())
        })
        .collect()
}

fn read_proofs<'k>(
    keys: &'k [VerifyingKey<Blake2s>],
    proofs: &[PathBuf],
) -> Result<Vec<Inner<'k>>> {
    proofs
        .iter()
        .map(|path| Inner::read(keys, &read(path)?).with_context(|| path.display().to_string()))
        .collect()
}

fn profile(proofs: &[PathBuf], keys: &[PathBuf], top: usize) -> Result<()> {
    let keys = read_keys(keys)?;
    let inner = read_proofs(&keys, proofs)?;
    let run = execute(&program::load()?, &inner)?;
    report(&run.resources);
    print!("{}", table(&costs(&program::functions()?, &run), top));
    Ok(())
}

fn make(proofs: &[PathBuf], keys: &[PathBuf], output: Option<&std::path::Path>) -> Result<()> {
    let keys = read_keys(keys)?;
    let inner = read_proofs(&keys, proofs)?;
    let start = Instant::now();
    let executable = program::load()?;
    eprintln!("compile   {:.1} s, {} felts", seconds(start), executable.program.bytecode.len());
    let start = Instant::now();
    let run = execute(&executable, &inner)?;
    eprintln!("run       {:.1} s", seconds(start));
    report(&run.resources);
    let memory = available_memory().unwrap_or(f64::INFINITY);
    let fits = capacity(inner.len(), &run.resources, memory);
    eprintln!("predicted {:.1} GB of memory at most", run.resources.memory() / 1e9);
    if fits < inner.len() {
        bail!(
            "{} proofs are too many for one batch: about {fits} of these fit, with {:.1} GB of memory",
            inner.len(),
            memory / 1e9
        );
    }
    let Some(output) = output else { return Ok(()) };
    let start = Instant::now();
    let prover = Prover::new();
    eprintln!("set up    {:.1} s", seconds(start));
    let start = Instant::now();
    let batch = prove(&prover, &inner, run)?;
    eprintln!("prove     {:.1} s, peak memory {} MB", seconds(start), peak_memory() >> 20);
    let bytes = batch.to_bytes()?;
    verify(&bytes).context("the batch was made, but is not valid")?;
    fs::write(output, &bytes).with_context(|| output.display().to_string())?;
    eprintln!("size      {} bytes, in {}", bytes.len(), output.display());
    Ok(())
}

fn report(resources: &Resources) {
    eprintln!(
        "steps     {}, of these {} hashes of Blake2s, {} operations in K; {:.0} % of a batch",
        resources.n_steps,
        resources.opcode("blake"),
        resources.opcode("qm_31"),
        100.0 * resources.fill(),
    );
    for (name, n) in &resources.opcodes {
        eprintln!("          {name} {n}");
    }
    for (name, n) in &resources.builtins {
        eprintln!("          {name} {n}");
    }
    let [small, big] = resources.n_values;
    eprintln!("memory    {} addresses, {small} small values, {big} others", resources.n_addresses);
}

fn check(path: &std::path::Path, json: bool) -> Result<()> {
    let bytes = read(path)?;
    let start = Instant::now();
    // A malformed proof is reported once, by its error.
    std::panic::set_hook(Box::new(|_| ()));
    let statements = verify(&bytes).with_context(|| format!("rejected: {}", path.display()))?;
    eprintln!("accepted in {:.1} ms: {} statements", 1e3 * seconds(start), statements.len());
    if json {
        let items: Vec<_> = statements
            .iter()
            .map(|s| {
                serde_json::json!({
                    "model_id": hex::encode(s.model_id),
                    "inputs": hex::encode(s.inputs),
                    "outputs": hex::encode(s.outputs),
                    "context": hex::encode(s.context),
                })
            })
            .collect();
        println!("{}", serde_json::to_string_pretty(&items)?);
        return Ok(());
    }
    for statement in statements {
        println!("model    {}", hex::encode(statement.model_id));
        println!("  inputs   {}", hex::encode(statement.inputs));
        println!("  outputs  {}", hex::encode(statement.outputs));
        println!("  context  {}", hex::encode(statement.context));
    }
    Ok(())
}

fn constants(update: Option<PathBuf>) -> Result<()> {
    let executable = program::compile()?;
    let hash = program::hash(program::felts(&executable)?.into_iter());
    let root = Prover::new().preprocessed_root();
    let entry_point = program::entry_point(&executable)?;
    println!("program       {}", hex::encode(hash));
    println!("preprocessed  {}", hex::encode(root));
    println!("builtins      {:?}", entry_point.builtins);
    if let Some(folder) = update {
        fs::write(folder.join("program_hash.txt"), hex::encode(hash) + "\n")?;
        fs::write(folder.join("preprocessed_root.txt"), hex::encode(root) + "\n")?;
    } else if (hash, root) != (program::PROGRAM_HASH, PREPROCESSED_ROOT) {
        bail!("the release has other constants");
    }
    Ok(())
}

fn seconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64()
}

/// Bytes of memory that this process has had at most; 0 where the system does not say.
fn peak_memory() -> u64 {
    kilobytes("/proc/self/status", "VmHWM:").unwrap_or(0) << 10
}

/// Bytes of memory that are free, if the system says.
fn available_memory() -> Option<f64> {
    Some((kilobytes("/proc/meminfo", "MemAvailable:")? << 10) as f64)
}

fn kilobytes(path: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}
