//! `stwo-ml-recurse`: many proofs as one, and its verification.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Parser, Subcommand};
use stwo_ml_recursion::batch::{Inner, execute};
use stwo_ml_recursion::cells::Cells;
use stwo_ml_recursion::checkpoint::{Checkpoints, write};
use stwo_ml_recursion::file::{Group, split};
use stwo_ml_recursion::groups::{Event, Maker};
use stwo_ml_recursion::pack::Blake2s;
use stwo_ml_recursion::profile::{costs, table};
use stwo_ml_recursion::program::{self, Files};
use stwo_ml_recursion::prove::Prover;
use stwo_ml_recursion::run::Resources;
use stwo_ml_recursion::verify::verify;
use stwo_ml_verifier::key::VerifyingKey;

/// Proving takes and frees gigabytes; this allocator takes less of them from the system.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// What is freed is kept for the next columns: the kernel takes longer to clear a page than the prover to
/// fill it.
// SAFETY: jemalloc reads a pointer to a string that ends with zero from a symbol of this name.
#[unsafe(export_name = "_rjem_malloc_conf")]
static MALLOC_CONF: &[u8] = b"oversize_threshold:0,dirty_decay_ms:-1\0";

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
    Prove(Prove),
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
        /// Prints the statements only.
        #[arg(long, short)]
        quiet: bool,
    },
    /// Says what the bytes of a batch are, by part of the proof.
    Size {
        /// The batch.
        batch: PathBuf,
    },
    /// Computes the constants of the release from the sources and compares.
    Constants {
        /// The crate's folder, to write them to.
        #[arg(long)]
        update: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Nothing is left to do if the terminal is gone.
            let _ = error.print();
            return ExitCode::from(u8::from(error.use_stderr()));
        }
    };
    let result = match cli.verb {
        Verb::Prove(args) => make(&args),
        Verb::Profile { proofs, keys, top } => profile(&proofs, &keys, top),
        Verb::Verify { batch, json, quiet } => check(&batch, json, quiet),
        Verb::Size { batch } => size(&batch),
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

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| path.display().to_string())
}

/// What `prove` is told.
#[derive(Args)]
struct Prove {
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
    /// Gigabytes of memory to use at most; what is free unless given.
    #[arg(long, value_name = "GB")]
    memory: Option<f64>,
    /// Where finished groups are kept until the batch is complete; unless given, in a folder beside it
    /// that is called as it and `.parts`.
    #[arg(long, value_name = "FOLDER")]
    checkpoint: Option<PathBuf>,
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

fn make(args: &Prove) -> Result<()> {
    let keys = read_keys(&args.keys)?;
    let inner = read_proofs(&keys, &args.proofs)?;
    let executable = program::load()?;
    let memory = args.memory.map(|gigabytes| 1e9 * gigabytes).or_else(available_memory);
    let parts = args.output.as_ref().map(|output| {
        let mut name = output.clone().into_os_string();
        name.push(".parts");
        PathBuf::from(name)
    });
    let mut watch = Instant::now();
    let mut maker = Maker {
        executable: &executable,
        memory: memory.unwrap_or(f64::INFINITY),
        checkpoints: args.checkpoint.clone().or(parts).map(Checkpoints::new),
        report: &mut |event| {
            tell(&event, seconds(watch));
            watch = Instant::now();
        },
    };
    let Some(output) = args.output.as_deref().filter(|_| !args.dry_run) else {
        let groups = maker.plan(&inner)?;
        eprintln!("groups    {}", groups.len());
        return Ok(());
    };
    let bytes = maker.make(&inner)?;
    verify(&bytes).context("the batch was made, but is not valid")?;
    write(output, &bytes)?;
    maker.clean_up(&inner);
    eprintln!("size      {} bytes, in {}", bytes.len(), output.display());
    Ok(())
}

/// Tells what happened, and how long it took.
fn tell(event: &Event<'_>, seconds: f64) {
    let name = |range: &Range<usize>| format!("proofs {} to {}", range.start + 1, range.end);
    match event {
        Event::Alone(i, resources) => {
            let share = 100.0 * resources.fill();
            eprintln!("proof {:<3} {seconds:.1} s, {share:.1} % of a group by itself", i + 1);
        }
        Event::Found(range) => eprintln!("found     {}, proven before", name(range)),
        Event::Damaged(error) => eprintln!("damaged   {error:#}"),
        Event::Group(range, resources) => {
            eprintln!("run       {seconds:.1} s, {}", name(range));
            report(resources);
            eprintln!("predicted {:.1} GB of memory at most", resources.memory() / 1e9);
        }
        Event::Proven(range) => {
            let peak = peak_memory() >> 20;
            eprintln!("prove     {seconds:.1} s, {}, peak memory {peak} MB", name(range));
        }
    }
}

fn report(resources: &Resources) {
    eprintln!(
        "steps     {}, of these {} hashes of Blake2s, {} operations in K; {:.0} % of a group",
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

fn check(path: &Path, json: bool, quiet: bool) -> Result<()> {
    let bytes = read(path)?;
    let start = Instant::now();
    // A malformed proof is reported once, by its error.
    std::panic::set_hook(Box::new(|_| ()));
    let statements = verify(&bytes).with_context(|| format!("rejected: {}", path.display()))?;
    if !quiet {
        let groups = split(&bytes)?.len();
        let (time, n) = (1e3 * seconds(start), statements.len());
        eprintln!("accepted in {time:.1} ms: {n} statements in {groups} groups");
    }
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

fn size(path: &Path) -> Result<()> {
    for (i, group) in split(&read(path)?)?.into_iter().enumerate() {
        println!("group {}, {} bytes", i + 1, group.len());
        for (name, bytes) in Group::parts(group)? {
            println!("  {bytes:>7}  {name}");
        }
    }
    Ok(())
}

fn constants(update: Option<PathBuf>) -> Result<()> {
    let executable = program::compile()?;
    let entry_point = program::entry_point(&executable)?;
    println!("builtins      {:?}", entry_point.builtins);
    let hash = Cells::of(&program::felts(&executable)?).hash();
    let root = Prover::new().preprocessed_root();
    let Files { cells, rest } = Files::of(executable)?;
    println!("program       {}, {} and {} bytes", hex::encode(hash), cells.len(), rest.len());
    println!("preprocessed  {}", hex::encode(root));
    let files = [
        ("program_hash.txt", (hex::encode(hash) + "\n").into_bytes()),
        ("preprocessed_root.txt", (hex::encode(root) + "\n").into_bytes()),
        ("program/cells.zst", cells),
        ("program/rest.zst", rest),
    ];
    if let Some(folder) = update {
        fs::create_dir_all(folder.join("program"))?;
        for (name, bytes) in files {
            fs::write(folder.join(name), bytes)?;
        }
    } else if files.iter().zip(program::RELEASE).any(|((_, bytes), release)| bytes != release) {
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
