//! The model as it was imported: float operations, static shapes, one output per node.
//!
//! `import` makes a [`Graph`] from a model file; `quantise` turns it into a circuit. Nodes are in
//! topological order.

use serde::{Deserialize, Serialize};

/// Index of a node in [`Graph::nodes`].
pub type NodeId = usize;

/// A tensor of real numbers, row-major.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Array {
    /// Extents.
    pub shape: Vec<usize>,
    /// Entries; booleans are 0 and 1. `f64` holds every `f32` and every integer up to 2^53 exactly.
    pub data: Vec<f64>,
}

/// Element type in the model file. Integers and booleans stay exact through the circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DType {
    /// Any float type.
    Float,
    /// Any integer type.
    Int,
    /// Booleans.
    Bool,
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Name in the model file (or derived from it).
    pub name: String,
    /// What it computes.
    pub op: Op,
    /// Operands.
    pub inputs: Vec<NodeId>,
    /// Shape of the result.
    pub shape: Vec<usize>,
    /// Element type of the result.
    pub dtype: DType,
}

/// A graph of nodes in topological order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    /// All nodes.
    pub nodes: Vec<Node>,
    /// The [`Op::Input`] nodes, in the order of the model file.
    pub inputs: Vec<NodeId>,
    /// Output nodes, in the order of the model file.
    pub outputs: Vec<NodeId>,
}

/// Entry-by-entry functions of one tensor. Each is lowered to a lookup table or to linear terms.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Unary {
    Abs,
    Neg,
    Relu,
    LeakyRelu {
        alpha: f64,
    },
    Elu {
        alpha: f64,
    },
    Celu {
        alpha: f64,
    },
    Selu {
        alpha: f64,
        gamma: f64,
    },
    Softplus,
    Softsign,
    ThresholdedRelu {
        alpha: f64,
    },
    Clip {
        lo: f64,
        hi: f64,
    },
    HardSigmoid {
        alpha: f64,
        beta: f64,
    },
    HardSwish,
    Sigmoid,
    Tanh,
    Gelu,
    GeluTanh,
    Erf,
    Silu,
    Mish,
    Exp,
    Log,
    Sqrt,
    Rsqrt,
    Reciprocal,
    Square,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Asinh,
    Acosh,
    Atanh,
    Floor,
    Ceil,
    /// Half to even, as ONNX has it.
    Round,
    Sign,
    Not,
    IsNan,
    /// Truncation towards zero (a cast of floats to integers).
    Trunc,
    /// `x != 0` (a cast to booleans).
    NonZero,
}

/// Entry-by-entry functions of two tensors, with numpy broadcasting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
    Max,
    Min,
    Mod,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    And,
    Or,
    Xor,
}

/// Reductions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Reduce {
    Sum,
    Mean,
    Max,
    Min,
    Prod,
    ArgMax,
    ArgMin,
}

/// Contents of padding.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum PadMode {
    Constant(f64),
    Edge,
    Reflect,
    Wrap,
}

/// A sliding window over the spatial dimensions of an `[N, C, spatial..]` tensor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Extents of the kernel.
    pub kernel: Vec<usize>,
    /// Steps.
    pub stride: Vec<usize>,
    /// Distances between taps.
    pub dilation: Vec<usize>,
    /// Padding before each spatial dimension. Padding after follows from the result's shape.
    pub pad_before: Vec<usize>,
}

/// Operations. Shapes are static; whatever an exporter computes from shapes is already folded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Op {
    /// A model input.
    Input,
    /// A constant of the model.
    Const(Array),
    /// See [`Unary`].
    Unary(Unary),
    /// See [`Binary`].
    Binary(Binary),
    /// `out[..] = sum a[..] b[..]`: labels of the dimensions of both operands and of the result.
    /// A label absent from the result is summed. Covers MatMul, Gemm and batched products.
    Einsum {
        /// Labels of the first operand, one per dimension.
        a: Vec<u8>,
        /// Labels of the second operand.
        b: Vec<u8>,
        /// Labels of the result.
        out: Vec<u8>,
    },
    /// Inputs `x [N, C, spatial..]`, `w [O, C / groups, kernel..]` and, if there are three, `bias [O]`.
    Conv {
        /// The window.
        window: Window,
        /// Number of groups.
        groups: usize,
    },
    /// Maximum over a window; padding never wins.
    MaxPool(Window),
    /// Mean over a window.
    AvgPool {
        /// The window.
        window: Window,
        /// Whether padding counts in the divisor.
        count_padding: bool,
    },
    /// Reduction over `axes`, which stay with extent one if `keep`.
    Reduce {
        /// Kind.
        kind: Reduce,
        /// Axes, sorted.
        axes: Vec<usize>,
        /// Keep them with extent one.
        keep: bool,
    },
    /// Softmax over `axes`.
    Softmax {
        /// Axes.
        axes: Vec<usize>,
        /// Log-softmax instead.
        log: bool,
    },
    /// Normalisation to zero mean and unit variance over `axes`, without scale and bias.
    LayerNorm {
        /// Axes.
        axes: Vec<usize>,
        /// Added to the variance.
        epsilon: f64,
    },
    /// Division by the root mean square over `axes`, without scale.
    RmsNorm {
        /// Axes.
        axes: Vec<usize>,
        /// Added to the mean square.
        epsilon: f64,
    },
    /// `out[i_0, ..] = in[i_perm^-1..]`: dimension `d` of the result is dimension `perm[d]` of the operand.
    Transpose {
        /// The permutation.
        perm: Vec<usize>,
    },
    /// Same entries in row-major order, another shape.
    Reshape,
    /// `out[i] = in[begin + step i]` in each dimension; steps may be negative.
    Slice {
        /// First index.
        begin: Vec<usize>,
        /// Step.
        step: Vec<isize>,
    },
    /// Concatenation of all operands.
    Concat {
        /// Axis.
        axis: usize,
    },
    /// Padding before each dimension; that after follows from the shape.
    Pad {
        /// Entries before each dimension.
        before: Vec<usize>,
        /// Contents.
        mode: PadMode,
    },
    /// Numpy broadcasting to the node's shape.
    Expand,
    /// Repetition to the node's shape (`np.tile`).
    Tile,
    /// `out = data.take(indices, axis)`: inputs `data`, `indices`.
    Gather {
        /// Axis of `data`.
        axis: usize,
    },
    /// `condition ? a : b` with broadcasting: inputs `condition`, `a`, `b`.
    Where,
    /// A cast that keeps the value: between float types, from integers or booleans.
    Cast,
}

/// An operation that was found in the model and is not supported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsupported {
    /// Name of the node.
    pub node: String,
    /// Its operation, as the model file has it.
    pub op: String,
    /// What exactly is missing.
    pub reason: String,
}
