//! Everything that can be wrong with a model file or an input.

use std::path::PathBuf;

use crate::graph::{DType, Unsupported};

/// Why a model could not be imported, or an input not be used.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file could not be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// More bytes than a protobuf message may have.
    #[error(
        "the model has {bytes} bytes; a model file has at most 2 GiB (weights may be external)"
    )]
    TooLarge {
        /// Length of the file.
        bytes: u64,
    },
    /// The bytes are no model.
    #[error("not a valid ONNX model: {reason}")]
    Malformed {
        /// What the decoder says.
        reason: String,
    },
    /// Weights in another file, where only files beside the model are allowed.
    #[error("initializer {name}: external data at {location:?} is not a file beside the model")]
    ExternalData {
        /// The initializer.
        name: String,
        /// Location in the model file.
        location: String,
    },
    /// The operator set is older than numpy broadcasting, or newer than this importer.
    #[error("operator set {version} is not supported; convert the model to one from 7 to 28")]
    OperatorSet {
        /// Version in the model file.
        version: i64,
    },
    /// A dimension without a value.
    #[error(
        "input {input}: dimension {dimension}{} is dynamic; {}",
        symbol.as_ref().map(|s| format!(" ({s})")).unwrap_or_default(),
        hint(input, symbol)
    )]
    DynamicDimension {
        /// The input.
        input: String,
        /// Index of the dimension.
        dimension: usize,
        /// Its symbol in the model file.
        symbol: Option<String>,
    },
    /// The model file does not say how many dimensions an input has.
    #[error("input {input}: the model gives no shape; set its shape (\"{input}=1x3x224x224\")")]
    NoShape {
        /// The input.
        input: String,
    },
    /// A given shape contradicts the model.
    #[error("input {input}: the model has shape {model}, the option {option:?}")]
    ShapeOption {
        /// The input.
        input: String,
        /// Shape in the model file.
        model: String,
        /// Shape in the options.
        option: Vec<usize>,
    },
    /// An option that could not be parsed.
    #[error("{text:?} is not NAME=VALUE for a dimension (\"N=1\") or a shape (\"x=1x3x48x192\")")]
    OptionSyntax {
        /// The text.
        text: String,
    },
    /// An option names an input or a dimension that the model does not have.
    #[error("the model has no input or dimension {name:?}; it has {known}")]
    UnknownOption {
        /// Name in the options.
        name: String,
        /// What there is.
        known: String,
    },
    /// An element type of an input.
    #[error("input {input}: element type {dtype} is not supported")]
    InputType {
        /// The input.
        input: String,
        /// Its type.
        dtype: String,
    },
    /// Operations that are not supported, all of them.
    #[error("{} of the model's nodes are not supported:{}", .0.len(), list(.0))]
    Unsupported(Vec<Unsupported>),
    /// Shapes or types that do not fit together, and everything else the front end refuses.
    #[error("the model cannot be analysed: {reason}")]
    Analysis {
        /// What the front end says.
        reason: String,
    },
    /// The float track failed.
    #[error("the float track failed: {reason}")]
    Run {
        /// What the runtime says.
        reason: String,
    },
    /// The wrong number of inputs.
    #[error("the model has {expected} inputs ({names}), {got} are given")]
    InputCount {
        /// Number in the model.
        expected: usize,
        /// Their names.
        names: String,
        /// Number given.
        got: usize,
    },
    /// An input of the wrong shape.
    #[error("input {input}: expected shape {expected:?}, got {got:?}")]
    InputShape {
        /// The input.
        input: String,
        /// Shape in the model.
        expected: Vec<usize>,
        /// Shape given.
        got: Vec<usize>,
    },
    /// An entry that does not belong to the element type.
    #[error("input {input}: entry {index:?} is {value}, which is not {}", describe(dtype))]
    InputValue {
        /// The input.
        input: String,
        /// Index of the entry.
        index: Vec<usize>,
        /// The entry.
        value: f64,
        /// Element type in the model.
        dtype: DType,
    },
    /// An index that the model cannot read.
    #[error("input {input}: entry {index:?} is {value}, which is outside {lo}..={hi}")]
    InputBounds {
        /// The input.
        input: String,
        /// Index of the entry.
        index: Vec<usize>,
        /// The entry.
        value: f64,
        /// Smallest index.
        lo: i64,
        /// Largest index.
        hi: i64,
    },
    /// A file of inputs that cannot be understood.
    #[error("{origin}: {reason}")]
    InputFile {
        /// The file, and the array in it.
        origin: String,
        /// What is wrong.
        reason: String,
    },
}

fn describe(dtype: &DType) -> &'static str {
    match dtype {
        DType::Float => "a finite number",
        DType::Int => "an integer of the model's type",
        DType::Bool => "0 or 1",
    }
}

fn hint(input: &str, symbol: &Option<String>) -> String {
    match symbol {
        Some(symbol) => {
            format!("set it (\"{symbol}=1\") or the whole shape (\"{input}=1x3x224x224\")")
        }
        None => format!("set the whole shape (\"{input}=1x3x224x224\")"),
    }
}

fn list(unsupported: &[Unsupported]) -> String {
    unsupported.iter().map(|u| format!("\n  {} ({}): {}", u.node, u.op, u.reason)).collect()
}
