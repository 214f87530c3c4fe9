//! The circuit descriptor: everything that decides which function a proof is about (PROTOCOL §1, §4, §5).
//!
//! A circuit is a list of tensors, lookup tables, lookups and identities. Every operation of a
//! model is lowered to these few primitives, so a verifier that understands them verifies any
//! model. Nothing in a descriptor is trusted for memory safety: [`Circuit::validate`] bounds every
//! count before anything else looks at it.

use serde::{Deserialize, Serialize};

/// Index of a tensor in [`Circuit::tensors`].
pub type TensorId = u32;
/// Index of a variable of an identity: output variables first, then the product's sum variables.
pub type VarId = u16;

/// Largest log2 size of one tensor, padding included.
pub const MAX_LOG_TENSOR: u32 = 28;
/// Largest log2 size of a committed table.
pub const MAX_LOG_TABLE: u32 = 30;
/// Largest log2 size of one lookup table: `2^20` entries (PROTOCOL §5).
pub const MAX_LOG_LOOKUP_TABLE: u32 = 20;
/// Largest extent that an affine, mapped or public axis may enumerate, and largest dimension that it
/// may index.
pub const MAX_ENUMERATED: u64 = 1 << 22;
/// Most work that all views of a circuit together may ask for: values and indices of the axes above,
/// entries of public tensors.
pub const MAX_TOTAL_ENUMERATED: u64 = 1 << 28;
/// Most terms of a circuit: those of all identities, a product counted twice, and those of all
/// arguments of lookups.
pub const MAX_TOTAL_TERMS: u64 = 1 << 20;
/// Most numbers that the shapes of all tensors and the dimensions and axes of all views hold, each
/// tensor and view counted by itself: an encoding has the equal ones once.
pub const MAX_TOTAL_SHARED: u64 = 1 << 24;
/// Most variables of an identity, those of its sums included (PROTOCOL §5).
pub const MAX_VARS: usize = 31;
/// Most entries of any list in a descriptor.
pub const MAX_LIST: usize = 1 << 20;

/// `ceil(log2(extent))`: the number of index bits of a dimension, once padded.
#[must_use]
pub const fn log_ceil(extent: u32) -> u32 {
    if extent <= 1 { 0 } else { 32 - (extent - 1).leading_zeros() }
}

/// Where the entries of a tensor come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Committed once at registration (table `M`): weights, biases, outputs of lookup tables.
    Model,
    /// Committed in each proof (table `W`): activations, remainders, multiplicities.
    Witness,
    /// Public input, every entry in `lo..=hi`.
    Input {
        /// Smallest admissible entry.
        lo: i32,
        /// Largest admissible entry.
        hi: i32,
    },
    /// Public output, every entry in `lo..=hi`.
    Output {
        /// Smallest admissible entry.
        lo: i32,
        /// Largest admissible entry.
        hi: i32,
    },
}

impl Kind {
    /// The interval of a public tensor.
    #[must_use]
    pub const fn interval(self) -> Option<(i32, i32)> {
        match self {
            Self::Input { lo, hi } | Self::Output { lo, hi } => Some((lo, hi)),
            Self::Model | Self::Witness => None,
        }
    }
}

/// Binary digits of the largest entry less the smallest, at least one: how many bits an entry of a
/// public tensor takes in the statement (PROTOCOL §5).
#[must_use]
pub const fn entry_width(lo: i32, hi: i32) -> u32 {
    let bits = 32 - lo.abs_diff(hi).leading_zeros();
    if bits == 0 { 1 } else { bits }
}

/// A tensor of signed integers, row-major, each dimension padded to a power of two (PROTOCOL §2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tensor {
    /// Real extents, most significant dimension first. A scalar has no dimension.
    pub shape: Vec<u32>,
    /// Where its entries come from.
    pub kind: Kind,
}

impl Tensor {
    /// log2 of the number of entries, padding included.
    #[must_use]
    pub fn log_size(&self) -> u32 {
        self.shape.iter().map(|&d| log_ceil(d)).sum()
    }

    /// Number of real entries.
    #[must_use]
    pub fn n_entries(&self) -> u64 {
        self.shape.iter().map(|&d| u64::from(d)).product()
    }
}

/// A lookup table (PROTOCOL §5.1). Entry `i` has the key `lo + i`, which is structural, and the
/// outputs that are committed in `M`. A table without outputs is a range check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// log2 of the number of entries.
    pub log_size: u32,
    /// Key of entry 0.
    pub lo: i32,
    /// Output columns (at most two), each a `Model` tensor of `log_size` bits.
    pub outputs: Vec<TensorId>,
    /// How often each entry is looked up: a `Witness` tensor of `log_size` bits, used nowhere else.
    pub multiplicity: TensorId,
}

/// An affine combination of witness tensors of one size, entry by entry, padding included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arg {
    /// `(coefficient, tensor)`, at least one; no coefficient is zero.
    pub terms: Vec<(i64, TensorId)>,
    /// Added to every entry.
    pub constant: i64,
}

impl Arg {
    /// The tensor itself.
    #[must_use]
    pub fn tensor(id: TensorId) -> Self {
        Self { terms: vec![(1, id)], constant: 0 }
    }
}

/// Every entry `i` of the arguments, padding included, satisfies
/// `(key[i], values[0][i], ..) ∈ table`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookup {
    /// Index into [`Circuit::tables`].
    pub table: u32,
    /// The key.
    pub key: Arg,
    /// One for each output of the table.
    pub values: Vec<Arg>,
}

/// How the index along one dimension of a view follows from the variables of the identity.
///
/// Whatever the axis, the view reads zero unless every variable it uses is inside its extent and
/// the resulting index is inside the dimension: what lies outside [`View::dims`] is never read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Axis {
    /// The index is the variable.
    Var(VarId),
    /// Summed over the whole real extent of the dimension.
    Sum,
    /// A constant index.
    Fixed(u32),
    /// `offset + sum_j stride_j * value_j`; a term without variable is summed over its extent.
    /// One variable: slices, padding, strides. Two: convolution windows and merged dimensions.
    Affine {
        /// The terms.
        terms: Vec<AffineTerm>,
        /// Constant part; minus the padding, for a convolution.
        offset: i32,
    },
    /// `map[value]`; [`Axis::NOWHERE`] reads zero.
    Map {
        /// The variable.
        var: VarId,
        /// One index for each value of the variable.
        map: Vec<u32>,
    },
    /// The entry of a public input tensor at the flat position that the variable gives:
    /// an embedding of public token ids.
    Public {
        /// The variable; its extent is the number of entries of the tensor.
        var: VarId,
        /// An `Input` tensor whose entries are indices.
        tensor: TensorId,
    },
}

impl Axis {
    /// The entry of an [`Axis::Map`] that reads zero.
    pub const NOWHERE: u32 = u32::MAX;
}

/// A term of [`Axis::Affine`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AffineTerm {
    /// What multiplies the stride.
    pub source: Source,
    /// May be negative.
    pub stride: i32,
}

/// What an [`AffineTerm`] runs over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Source {
    /// A variable of the identity.
    Var(VarId),
    /// Summed over `0..extent` (a pooling window).
    Sum(u32),
}

/// A tensor read through one axis per dimension. `dims` may regroup the tensor's index bits: it
/// need not be the shape of the tensor, but must have as many bits.
///
/// Entries outside `dims` are never read. Where `dims` is the shape of the tensor these are its
/// padding. Where it is not, indices inside `dims` may be padding of the tensor: zero, if it is
/// public; a circuit with such a view of a committed tensor is refused (PROTOCOL §5.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// The tensor that is read.
    pub tensor: TensorId,
    /// Real extents of the dimensions as this view sees them.
    pub dims: Vec<u32>,
    /// One for each dimension. A variable occurs at most once in a view.
    pub axes: Vec<Axis>,
}

impl View {
    /// Numbers that these dimensions and axes hold, each axis one and what it lists.
    #[must_use]
    pub fn n_numbers(dims: &[u32], axes: &[Axis]) -> u64 {
        let axis = |axis: &Axis| match axis {
            Axis::Affine { terms, .. } => 1 + terms.len() as u64,
            Axis::Map { map, .. } => 1 + map.len() as u64,
            Axis::Var(_) | Axis::Sum | Axis::Fixed(_) | Axis::Public { .. } => 1,
        };
        dims.len() as u64 + axes.iter().map(axis).sum::<u64>()
    }
}

/// `coef * view`, or `coef` alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// Coefficient, not zero, `|coef| < 2^31 - 1`.
    pub coef: i64,
    /// `None` is the constant one.
    pub view: Option<View>,
}

/// `coef * sum_u a(i, u) b(i, u)`, the sum over the real extents of the sum variables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Coefficient, not zero, `|coef| < 2^31 - 1`.
    pub coef: i64,
    /// Extents of the sum variables; their ids follow those of the output variables.
    pub sum: Vec<u32>,
    /// First factor. Every sum variable occurs in at least one factor.
    pub a: View,
    /// Second factor.
    pub b: View,
}

/// For every `i` in the box of real extents `dims`: the terms and products at `i` sum to zero
/// modulo `p` (PROTOCOL §5.2). The compiler proves that the integers are below `p / 2`, so that it
/// is an identity of integers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Extents of the output variables.
    pub dims: Vec<u32>,
    /// Linear part.
    pub linear: Vec<Term>,
    /// Quadratic part.
    pub products: Vec<Product>,
}

impl Identity {
    /// Its views: those of the linear terms, then both of each product.
    pub fn views(&self) -> impl Iterator<Item = &View> {
        let linear = self.linear.iter().filter_map(|t| t.view.as_ref());
        linear.chain(self.products.iter().flat_map(|p| [&p.a, &p.b]))
    }
}

impl Circuit {
    /// A tensor that the circuit refers to.
    ///
    /// # Panics
    /// The circuit refers to none such: it is not valid ([`Circuit::validate`]).
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "ids are checked by `validate`")]
    pub fn tensor(&self, id: TensorId) -> &Tensor {
        &self.tensors[id as usize]
    }
}

/// What a proof is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circuit {
    /// All tensors.
    pub tensors: Vec<Tensor>,
    /// All lookup tables.
    pub tables: Vec<Table>,
    /// All lookups.
    pub lookups: Vec<Lookup>,
    /// All identities.
    pub identities: Vec<Identity>,
}
