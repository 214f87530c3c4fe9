//! `cairo-lab`: compiles, tests, runs, profiles and formats the Cairo packages without Scarb.

mod args;
mod commands;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use stwo_ml_cairo::{InliningStrategy, Options};

/// Compile, test, run, profile and format Cairo packages without Scarb.
#[derive(Parser)]
#[command(name = "cairo-lab")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the `#[test]` functions of a package.
    Test {
        #[command(flatten)]
        package: PackageArgs,
        /// Only tests whose path contains this.
        #[arg(long, default_value = "")]
        filter: String,
    },
    /// Compile a package, report what the compiler says.
    Check {
        #[command(flatten)]
        package: PackageArgs,
        /// With its `#[cfg(test)]` code.
        #[arg(long)]
        tests: bool,
    },
    /// Run a function and print what it returns, or the panic data, and the gas.
    Run(RunArgs),
    /// Run a function and print where the gas goes, by Cairo function and by libfunc.
    Profile {
        #[command(flatten)]
        run: RunArgs,
        /// Lines of each table.
        #[arg(long, default_value_t = 40)]
        top: usize,
    },
    /// Build the contract of a package: print its hashes and sizes, write its class.
    Contract {
        #[command(flatten)]
        package: PackageArgs,
        /// Folder for `contract_class.json` and `compiled_contract_class.json`.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Build both classes of this project, and compare their hashes with those that are committed.
    Contracts {
        /// The folder of the packages `opening` and `contract`.
        folder: PathBuf,
        /// Folder for the classes, in `opening` and `registry` below it.
        #[arg(long)]
        out: Option<PathBuf>,
        /// Write the hashes that are committed: `class_hashes.txt`, and the class that the registry
        /// names.
        #[arg(long)]
        update: bool,
    },
    /// Print how much of a contract's CASM each Cairo function takes, in felts.
    Size {
        #[command(flatten)]
        package: PackageArgs,
        /// Lines of the table.
        #[arg(long, default_value_t = 60)]
        top: usize,
    },
    /// Format Cairo files.
    Fmt {
        /// Files or folders.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// List files that are not formatted, and fail if there are any.
        #[arg(long)]
        check: bool,
    },
}

#[derive(Args)]
struct PackageArgs {
    /// The folder of the package's Scarb.toml.
    package: PathBuf,
    /// The `src` folder of a core library; the one that belongs to the package if not given.
    #[arg(long)]
    corelib: Option<PathBuf>,
    /// Features to switch on, separated by commas.
    #[arg(long, value_delimiter = ',')]
    features: Vec<String>,
    /// Without the package's `default` features.
    #[arg(long)]
    no_default_features: bool,
    /// Inline functions up to this weight, whatever the manifest says; 0 only where the code asks.
    #[arg(long)]
    inline: Option<usize>,
    /// Treat warnings of the compiler as errors.
    #[arg(long)]
    deny_warnings: bool,
}

#[derive(Args)]
struct RunArgs {
    #[command(flatten)]
    package: PackageArgs,
    /// The function, as `module::function`.
    function: String,
    /// Arguments: 12, 0xc, 'short string', arrays as [1,2,[3]], or @FILE with one JSON array of all
    /// arguments (numbers as text or numbers, arrays as arrays).
    args: Vec<String>,
    /// With the package's `#[cfg(test)]` code.
    #[arg(long)]
    tests: bool,
    /// Budget of gas.
    #[arg(long, default_value_t = 111_000_000_000)]
    gas: usize,
}

impl PackageArgs {
    fn options(&self, tests: bool) -> Options {
        Options {
            corelib: self.corelib.clone(),
            features: self.features.clone(),
            default_features: !self.no_default_features,
            tests,
            deny_warnings: self.deny_warnings,
            inlining: self.inline.map(|weight| match weight {
                0 => InliningStrategy::Avoid,
                _ => InliningStrategy::InlineSmallFunctions(weight),
            }),
        }
    }
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Test { package, filter } => commands::test(&package, &filter),
        Command::Check { package, tests } => commands::check(&package, tests),
        Command::Run(run) => commands::run(&run),
        Command::Profile { run, top } => commands::profile(&run, top),
        Command::Contract { package, out } => commands::contract(&package, out.as_deref()),
        Command::Contracts { folder, out, update } => {
            commands::contracts(&folder, out.as_deref(), update)
        }
        Command::Size { package, top } => commands::size(&package, top),
        Command::Fmt { paths, check } => commands::format(&paths, check),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(e) => {
            eprintln!("error: {e:#}");
            ExitCode::from(1)
        }
    }
}
