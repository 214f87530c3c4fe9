//! The operations of the graph, and how each is proven.

/// Operation, and how it is proven. Identities are over integers below `2^30`, so that they hold
/// modulo the prime only if they hold.
pub const OPERATIONS: &[(&str, &str)] = &[
    ("Input", "a public tensor, every entry in its declared interval"),
    ("Const", "entries of the model's committed table"),
    (
        "Unary: Abs, Relu, LeakyRelu, Elu, Celu, Selu, Softplus, Softsign, ThresholdedRelu, Clip, \
         HardSigmoid, HardSwish, Sigmoid, Tanh, Gelu, GeluTanh, Erf, Silu, Mish, Exp, Log, Sqrt, \
         Rsqrt, Reciprocal, Square, Sin, Cos, Tan, Asin, Acos, Atan, Sinh, Cosh, Asinh, Acosh, \
         Atanh, Floor, Ceil, Round, Sign, Not, IsNan, Trunc, NonZero",
        "one lookup in a table over the operand's whole interval, which includes the rounding \
         shift; a chain of such functions of one value is one lookup; wide intervals take two \
         stages, the first finding the class of the high part",
    ),
    ("Unary: Neg", "a coefficient of an identity"),
    ("Binary: Add, Sub", "terms of an identity"),
    ("Binary: Mul", "a product of an identity; by a constant, a weight or a coefficient"),
    ("Binary: Div", "a lookup of the reciprocal and a product; by a constant, a product"),
    ("Binary: Pow, Mod", "a lookup, where one operand is a scalar constant"),
    ("Binary: Max, Min", "`max(a, b) = b + relu(a - b)`: one lookup"),
    (
        "Binary: Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual",
        "one lookup of the difference",
    ),
    ("Binary: And, Or, Xor", "polynomials of two booleans"),
    (
        "Einsum",
        "products of an identity, summed over the labels that the result lacks; covers MatMul, \
         Gemm and batched products",
    ),
    ("Conv", "the same, one operand read at affine indices (no im2col is committed)"),
    (
        "MaxPool",
        "differences from a committed maximum, all in a table from zero on, one of them zero; of overlapping or padded windows, maxima of shifted copies, one lookup a tap",
    ),
    ("AvgPool", "a sum over affine indices, times a constant"),
    ("Reduce: Sum, Mean", "a sum in an identity, times a constant"),
    (
        "Reduce: Max, Min",
        "differences from a committed maximum, all in a table from zero on, one of them zero",
    ),
    ("Reduce: Prod", "one product a factor, rounded in between"),
    (
        "Reduce: ArgMax, ArgMin",
        "the position is carried in the low bits of the entries that are compared",
    ),
    (
        "Softmax, LogSoftmax",
        "the exponential of the distance to the maximum by \
         lookup, the exact sum of a row, its normalised reciprocal by lookup, a product",
    ),
    (
        "LayerNorm, RmsNorm",
        "exact sums of entries and squares, a normalised reciprocal square root by lookup, a product",
    ),
    (
        "Transpose, Reshape, Slice, Expand, Tile, Cast",
        "nothing is committed: the identity that reads the value reads it at other indices",
    ),
    ("Concat", "a sum of parts that are zero outside their interval of indices"),
    ("Pad", "indices outside read zero; edge, reflect and wrap are index maps"),
    ("Gather", "an index map for constant indices; public indices enter the identity as such"),
    ("Where", "`c a + (1 - c) b`"),
];
