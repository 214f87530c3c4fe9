//! The circuit descriptor (PROTOCOL §5), read from the digits of its canonical encoding (Appendix
//! C).
//!
//! What is checked here is what the verifier relies on: every index, count and size; that arguments
//! of lookups and multiplicities are witness tensors and outputs of tables model tensors, of the
//! right size; that tables and stack have at most `2^30` entries, so that counts of lookups cannot
//! wrap; that no coefficient is zero or outside the field. Left to whoever recomputes a `model_id`
//! from a model file are the other conditions of `Circuit::validate` in Rust: that a multiplicity
//! is used nowhere else, that every output is read by an identity, and the bounds on work, for
//! which gas stands here. Whatever a descriptor says, it says it under its own `model_id`.

pub use crate::decode::decode;

/// Largest log2 size of one tensor, padding included.
pub const MAX_LOG_TENSOR: u32 = 28;
/// Largest log2 size of a committed table, and of the lookup stack.
pub const MAX_LOG_TABLE: u32 = 30;
/// Largest log2 size of one lookup table.
pub const MAX_LOG_LOOKUP_TABLE: u32 = 20;
/// Largest extent that an affine axis may sum over.
pub(crate) const MAX_ENUMERATED: u32 = 0x400000;

/// Kind of a tensor that is committed at registration (table `M`).
pub const MODEL: u32 = 0;
/// Kind of a tensor that is committed in each proof (table `W`).
pub const WITNESS: u32 = 1;
/// Kind of a public input.
pub const INPUT: u32 = 2;
/// Kind of a public output.
pub const OUTPUT: u32 = 3;

/// A dimension or a variable: `extent` values, `2^bits` when padded.
#[derive(Copy, Drop, PartialEq)]
pub struct Dim {
    pub extent: u32,
    /// `ceil(log2(extent))`.
    pub bits: u32,
}

/// A tensor.
#[derive(Copy, Drop)]
pub struct Tensor {
    pub kind: u32,
    /// log2 of the number of entries, padding included.
    pub log_size: u32,
    /// Its number among the tensors of its kind and, if it is committed, of its size.
    pub index: u32,
}

/// A public tensor, every entry in `lo ..= lo + range`.
#[derive(Copy, Drop)]
pub struct PublicTensor {
    pub dims: Span<Dim>,
    /// Number of real entries.
    pub n_entries: u32,
    pub lo: felt252,
    pub range: u32,
}

/// A lookup table: entry `i` has the key `lo + i`, structural, and its outputs, tensors of `M`.
#[derive(Copy, Drop)]
pub struct Table {
    pub log_size: u32,
    pub lo: felt252,
    /// Indices ([`Tensor::index`]) of model tensors of `log_size` bits.
    pub outputs: Span<u32>,
    /// Index of a witness tensor of `log_size` bits.
    pub multiplicity: u32,
    /// Number among the tables of its size.
    pub index: u32,
}

/// A term of an argument of a lookup: `coef * tensor`.
#[derive(Copy, Drop)]
pub struct ArgTerm {
    /// In `1..p`.
    pub coef: felt252,
    /// Index of a witness tensor of the lookup's size.
    pub tensor: u32,
}

/// An affine combination of witness tensors of one size.
#[derive(Copy, Drop)]
pub struct Arg {
    pub terms: Span<ArgTerm>,
    /// In `0..p`.
    pub constant: felt252,
}

/// A lookup: the key, then a value for each output of the table.
#[derive(Copy, Drop)]
pub struct Lookup {
    pub table: u32,
    pub log_size: u32,
    pub args: Span<Arg>,
    /// Number among the lookups of its size.
    pub index: u32,
}

/// How the index along a dimension follows from the variables.
#[derive(Copy, Drop)]
pub enum Axis {
    /// The index is the variable.
    Var: u32,
    /// Summed over the dimension.
    Sum,
    /// A constant index.
    Fixed: u32,
    /// `offset + sum_j stride_j value_j`.
    Affine: Affine,
    /// `map[variable]`.
    Map: Map,
    /// The entry of a public tensor at the position that the variable gives.
    Public: PublicIndex,
}

#[derive(Copy, Drop)]
pub struct Affine {
    pub terms: Span<AffineTerm>,
    pub offset: i64,
}

#[derive(Copy, Drop)]
pub struct AffineTerm {
    pub source: Source,
    pub stride: i64,
}

/// What an affine term runs over.
#[derive(Copy, Drop)]
pub enum Source {
    /// A variable.
    Var: u32,
    /// Summed over `0..extent`.
    Sum: u32,
}

#[derive(Copy, Drop)]
pub struct Map {
    pub var: u32,
    /// One for each value of the variable: 0 for nowhere, else the index plus one.
    pub entries: Span<u32>,
}

#[derive(Copy, Drop)]
pub struct PublicIndex {
    pub var: u32,
    /// Number of the input.
    pub input: u32,
}

/// A dimension of a view and how it is indexed.
#[derive(Copy, Drop)]
pub struct FormAxis {
    pub dim: Dim,
    pub axis: Axis,
}

/// A view without its tensor.
#[derive(Copy, Drop)]
pub struct Form {
    pub axes: Span<FormAxis>,
    /// log2 of the size of the tensors that it reads.
    pub log_size: u32,
    /// Bit `v` is set if it uses variable `v`.
    pub variables: u32,
}

/// A tensor read through a form.
#[derive(Copy, Drop)]
pub struct View {
    /// Number of the form.
    pub form: u32,
    pub tensor: Tensor,
}

/// `coef * view`.
#[derive(Copy, Drop)]
pub struct Term {
    /// In `1..p`.
    pub coef: felt252,
    pub view: View,
}

/// `coef * sum_u a(i, u) b(i, u)`.
#[derive(Copy, Drop)]
pub struct Product {
    /// In `1..p`.
    pub coef: felt252,
    pub sum: Span<Dim>,
    pub a: View,
    pub b: View,
    /// Number of variables of its sumcheck.
    pub n_rounds: u32,
}

/// For every `i` in the box `dims`, the terms and products sum to zero.
#[derive(Copy, Drop)]
pub struct Identity {
    pub dims: Span<Dim>,
    /// Sum of the bits of `dims`.
    pub bits: u32,
    /// Sum of the constant terms, a felt below `2^64`.
    pub constant: felt252,
    pub linear: Span<Term>,
    /// Whether one of these terms reads a public tensor.
    pub is_public: bool,
    pub products: Span<Product>,
}

/// How many items there are of each log2 size, from 0 on.
pub type Counts = Span<u32>;

/// A circuit.
#[derive(Copy, Drop)]
pub struct Circuit {
    pub inputs: Span<PublicTensor>,
    pub outputs: Span<PublicTensor>,
    pub tables: Span<Table>,
    pub lookups: Span<Lookup>,
    pub forms: Span<Form>,
    pub identities: Span<Identity>,
    /// Model tensors.
    pub n_model: Counts,
    /// Witness tensors.
    pub n_witness: Counts,
    pub n_lookups: Counts,
    pub n_tables: Counts,
    /// Bits of the largest box of an identity.
    pub log_box: u32,
    /// Rounds of the sumcheck of the products.
    pub n_rounds: u32,
    /// Factors that are committed tensors.
    pub n_factors: u32,
}

/// Number of binary digits; none for zero.
pub fn bit_length(v: u32) -> u32 {
    let mut rest = v;
    let mut bits = 0;
    loop {
        match BIT_LENGTHS.span().get(rest) {
            Some(more) => { break bits + *more.unbox(); },
            None => {
                rest /= 64;
                bits += 6;
            },
        }
    }
}

const BIT_LENGTHS: [u32; 64] = [
    0, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5,
    6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6,
];
