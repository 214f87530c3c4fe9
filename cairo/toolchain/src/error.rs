//! What can go wrong when Cairo is compiled or run.

use std::path::PathBuf;

use cairo_lang_runner::RunnerError;

/// An error of the toolchain. A panic of the Cairo code is not one: it is an outcome.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A `Scarb.toml` is not what it should be.
    #[error("{path}: {what}")]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong in it.
        what: String,
    },
    /// There is no core library beside the package, and none was named.
    #[error("no core library: {0} has no `corelib/src/lib.cairo` beside or above it")]
    NoCorelib(PathBuf),
    /// The compiler refuses the code.
    #[error("package `{package}` does not compile:\n{diagnostics}")]
    Compile {
        /// The package.
        package: String,
        /// The compiler's messages.
        diagnostics: String,
    },
    /// The name of a function is not that of exactly one function of the program.
    #[error("{found} functions named `{name}`, expected one{hint}")]
    Function {
        /// The name that was asked for.
        name: String,
        /// How many functions have it.
        found: usize,
        /// Some that have, or look like it.
        hint: String,
    },
    /// The program could not be run: wrong arguments, or a failure of the virtual machine.
    #[error("running `{function}`: {source}")]
    Run {
        /// The function.
        function: String,
        /// The reason.
        source: Box<RunnerError>,
    },
    /// The compiled code is not a valid program.
    #[error("assembling `{package}`: {what}")]
    Assemble {
        /// The package.
        package: String,
        /// The reason.
        what: String,
    },
    /// A class does not leave enough room below a limit of Starknet.
    #[error(
        "{size} {what}, with {limit} allowed and {} % of that to stay free",
        crate::contract::MARGIN_PERCENT
    )]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        size: usize,
        /// Starknet's limit.
        limit: usize,
    },
    /// The registry names another class than the one that its opening compiles to.
    #[error(
        "{path}: does not name the class of the opening, {class_hash:#066x}; `cairo-lab contracts --update` writes it"
    )]
    OpeningClass {
        /// The file that names it.
        path: PathBuf,
        /// The class hash that it should name.
        class_hash: starknet_types_core::felt::Felt,
    },
    /// A Cairo file cannot be formatted.
    #[error("{path}: {what}")]
    Format {
        /// The file.
        path: PathBuf,
        /// The parser's messages.
        what: String,
    },
}

impl Error {
    /// Attaches a path to an error of the file system.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
