//! What can come of a test.

use std::fmt;

/// A test that was run.
#[derive(Clone, Debug)]
pub struct Tested {
    /// Its name.
    pub name: String,
    /// The operator that it tests.
    pub operator: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a test.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The proof was accepted and the outputs are those of ONNX.
    Pass {
        /// Largest deviation, in parts of the largest expected magnitude (or of one).
        deviation: f64,
    },
    /// The proof was accepted, the outputs are too far from those of ONNX.
    Inaccurate(String),
    /// The model or its input was refused.
    Unsupported(String),
    /// Something that must never happen: a panic, a violated circuit, an honest proof rejected.
    Error(String),
}

impl Outcome {
    /// Name of the kind.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Pass { .. } => "pass",
            Self::Inaccurate(_) => "inaccurate",
            Self::Unsupported(_) => "unsupported",
            Self::Error(_) => "error",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pass { deviation } => write!(f, "deviation {deviation:.1e}"),
            Self::Inaccurate(reason) | Self::Unsupported(reason) | Self::Error(reason) => {
                f.write_str(reason)
            }
        }
    }
}
