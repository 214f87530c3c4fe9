//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use stwo_ml_onchain::{Felt, parse_felt};

use crate::chain::Chain;

/// Prove that an output is a model's, and check such proofs.
#[derive(Debug, Parser)]
#[command(name = "stwo-ml", version, about, long_about = LONG, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Prints one JSON object to stdout instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    /// Prints results only: no progress, no notes.
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

const LONG: &str = "Prove that an output is a model's, and check such proofs.

A model goes through three steps:

  stwo-ml setup  model.onnx --calibrate inputs/ -o model.stwoml
  stwo-ml prove  model.stwoml --input x.npy -o proof.bin
  stwo-ml verify proof.bin --vk model.vk

`inspect` says beforehand what a model costs and whether every operation is supported.

Proofs of the profile conjectured-96-poseidon252 can be verified by a Starknet contract:

  scripts/deploy.sh                             # once: declares and deploys the contract
  stwo-ml register model.vk  --contract 0x…     # once for each model
  stwo-ml submit   proof.bin --vk model.vk --contract 0x…

Many proofs of profiles with Blake2s become one:

  stwo-ml recurse a.proof b.proof --vk model.vk -o batch.proof
  stwo-ml verify  batch.proof

Exit codes: 0 done, or the proof holds; 1 the input is bad, or the proof does not hold; 2 a fault of
this program.";

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Shows operations, sizes, bit widths and the predicted cost of a model.
    Inspect(Inspect),
    /// Quantises a model, commits to it, writes a `.stwoml` file and its verification key.
    Setup(Setup),
    /// Runs a model on an input and proves the output.
    Prove(Prove),
    /// Checks a proof against a model or its verification key, or a batch of proofs.
    Verify(Verify),
    /// Makes one proof of many, of any models: `recurse a.proof b.proof --vk a.vk --vk b.vk -o FILE`.
    Recurse(Recurse),
    /// Turns a proof into the arguments of the verifier contract; says what they will cost.
    Calldata(Calldata),
    /// Declares and deploys the verifier contract, as far as that was not done before.
    Deploy(Deploy),
    /// Registers a model at a verifier contract.
    Register(Register),
    /// Sends a proof to a verifier contract and waits for its verdict.
    Submit(Submit),
    /// Starts, stops or shows the local node that `--network devnet` uses.
    Devnet(Devnet),
    /// Measures setup, proving and verification of reference models on this machine.
    Bench(Bench),
    /// Prints completions for a shell.
    Completions(Completions),
}

/// How a model file is read.
#[derive(Debug, Args)]
pub struct Source {
    /// The ONNX file.
    #[arg(value_hint = ValueHint::FilePath)]
    pub model: PathBuf,
    /// Shape of an input, or value of a dynamic dimension: `x=1x3x48x192` or `batch=1`.
    #[arg(long = "shape", value_name = "NAME=SHAPE")]
    pub shapes: Vec<String>,
}

/// How calibration inputs are read.
#[derive(Debug, Args)]
pub struct Calibration {
    /// A file, or a folder of files, with typical inputs: ranges are chosen to fit them.
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath, required = true)]
    pub calibrate: Vec<PathBuf>,
    /// Turns files of another kind into inputs.
    #[arg(long, value_enum, default_value_t = Preprocess::None)]
    pub preprocess: Preprocess,
    /// Files or folders with further inputs, on which the integer model is compared with the float
    /// model; the calibration inputs unless given.
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub validate: Vec<PathBuf>,
    /// Bits of an activation, 8 to 16.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(8..=16))]
    pub bits: u32,
}

/// Turns a file into a model's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Preprocess {
    /// Files are `.npy`, `.npz` or `.json` already.
    None,
    /// Any file: its first and last bytes, as the `magika` model reads them.
    FileType,
    /// An image: scaled to the input's height, normalised to -1..1, padded on the right.
    TextLine,
}

/// Arguments of `inspect`.
#[derive(Debug, Args)]
pub struct Inspect {
    /// The model.
    #[command(flatten)]
    pub source: Source,
    /// Typical inputs. Without them ranges are guessed from random inputs, and so are bit widths.
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub calibrate: Vec<PathBuf>,
    /// Turns calibration files into inputs.
    #[arg(long, value_enum, default_value_t = Preprocess::None)]
    pub preprocess: Preprocess,
    /// Also writes a self-contained HTML report.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub html: Option<PathBuf>,
}

/// Arguments of `setup`.
#[derive(Debug, Args)]
pub struct Setup {
    /// The model.
    #[command(flatten)]
    pub source: Source,
    /// Calibration.
    #[command(flatten)]
    pub calibration: Calibration,
    /// Where the compiled model goes.
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: PathBuf,
    /// Where the verification key goes; beside the model unless given. JSON if the name of the file
    /// ends in `.json`.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub vk: Option<PathBuf>,
    /// Security profile.
    #[arg(long, default_value = "conjectured-96-blake2s", value_parser = crate::suite::parse_profile)]
    pub profile: String,
}

/// Arguments of `prove`.
#[derive(Debug, Args)]
pub struct Prove {
    /// The compiled model.
    #[arg(value_hint = ValueHint::FilePath)]
    pub model: PathBuf,
    /// The input: `.npy`, `.npz`, `.json`, or what `--preprocess` reads.
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub input: PathBuf,
    /// Turns the input file into the model's input.
    #[arg(long, value_enum, default_value_t = Preprocess::None)]
    pub preprocess: Preprocess,
    /// Where the proof goes.
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: PathBuf,
    /// Format of the proof; unless given, JSON if the name of the file ends in `.json`.
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// Names of the classes: a JSON list, or a file with one name a line.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub labels: Option<PathBuf>,
    /// 32 bytes in hexadecimal that bind the proof to its use.
    #[arg(long, value_name = "HEX")]
    pub context: Option<String>,
}

/// Format of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Compact.
    Binary,
    /// For people and other programs.
    Json,
}

impl Format {
    /// That of a file, by its name.
    pub fn of(path: &std::path::Path) -> Self {
        match path.extension() {
            Some(extension) if extension.eq_ignore_ascii_case("json") => Self::Json,
            _ => Self::Binary,
        }
    }
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// The proof, binary or JSON; or a batch, which needs no key.
    #[arg(value_hint = ValueHint::FilePath)]
    pub proof: PathBuf,
    /// The verification key, binary or JSON.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub vk: Option<PathBuf>,
    /// The compiled model, instead of its key.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "vk")]
    pub model: Option<PathBuf>,
    /// The context that the proof must be bound to; zero unless given.
    #[arg(long, value_name = "HEX")]
    pub context: Option<String>,
    /// Names of the classes: a JSON list, or a file with one name a line.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub labels: Option<PathBuf>,
}

/// Arguments of `recurse`: those of `stwo-ml-recurse prove`, which reads them.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub struct Recurse {
    /// Proofs, keys and options; `stwo-ml recurse --help` lists them.
    #[arg(
        value_name = "ARGUMENT",
        value_hint = ValueHint::FilePath,
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub arguments: Vec<OsString>,
}

/// Arguments of `calldata`.
#[derive(Debug, Args)]
pub struct Calldata {
    /// The proof.
    #[arg(value_hint = ValueHint::FilePath)]
    pub proof: PathBuf,
    /// The verification key.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub vk: PathBuf,
    /// Where the arguments go, as JSON.
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
}

/// Arguments of `deploy`.
#[derive(Debug, Args)]
pub struct Deploy {
    /// The network.
    #[command(flatten)]
    pub chain: Chain,
    /// Folder with the contract's class: `contract_class.json` and `compiled_contract_class.json`, as
    /// `cairo-lab contract` writes them. `scripts/deploy.sh` does both.
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub class: PathBuf,
    /// Folder with a class that the contract calls as a library: it is declared, not deployed.
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub library: Vec<PathBuf>,
    /// Another salt gives another address to the same contract.
    #[arg(long, value_name = "FELT", default_value = "0x0", value_parser = parse_felt)]
    pub salt: Felt,
}

/// Arguments of `register`.
#[derive(Debug, Args)]
pub struct Register {
    /// The verification key of the model.
    #[arg(value_hint = ValueHint::FilePath)]
    pub vk: PathBuf,
    /// Address of the verifier contract, as `deploy` prints it.
    #[arg(long, value_name = "ADDRESS", value_parser = parse_felt, env = "STWO_ML_CONTRACT")]
    pub contract: Felt,
    /// The network.
    #[command(flatten)]
    pub chain: Chain,
}

/// Arguments of `submit`.
#[derive(Debug, Args)]
pub struct Submit {
    /// The proof.
    #[arg(
        value_hint = ValueHint::FilePath,
        required_unless_present = "calldata",
        conflicts_with = "calldata"
    )]
    pub proof: Option<PathBuf>,
    /// The verification key of the model.
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        required_unless_present = "calldata",
        conflicts_with = "calldata"
    )]
    pub vk: Option<PathBuf>,
    /// A file of `calldata` instead of a proof and a key; only the contract checks it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub calldata: Option<PathBuf>,
    /// Address of the verifier contract, as `deploy` prints it.
    #[arg(long, value_name = "ADDRESS", value_parser = parse_felt, env = "STWO_ML_CONTRACT")]
    pub contract: Felt,
    /// Sends although the simulation is refused: the network includes a reverted transaction, and
    /// charges for it.
    #[arg(long)]
    pub even_if_refused: bool,
    /// The network.
    #[command(flatten)]
    pub chain: Chain,
}

/// Arguments of `devnet`.
#[derive(Debug, Args)]
pub struct Devnet {
    /// What to do.
    #[command(subcommand)]
    pub action: DevnetAction,
}

/// What to do with the local node.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum DevnetAction {
    /// Starts it, unless it is running.
    Start,
    /// Ends it; its chain is lost.
    Stop,
    /// Says whether it is running, and where.
    Status,
}

/// Arguments of `bench`.
#[derive(Debug, Args)]
pub struct Bench {
    /// Models to measure besides the built-in MLP and LeNet: compiled models with an input each,
    /// `model.stwoml=input.npy`.
    #[arg(value_name = "MODEL=INPUT")]
    pub models: Vec<String>,
    /// Repetitions; medians are reported.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub runs: u32,
}

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}
