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

use core::dict::{Felt252Dict, Felt252DictEntryTrait, Felt252DictTrait};
use crate::digits::{Digit, next, unpack, zigzag};
use crate::field::{P, pow2};

/// Largest log2 size of one tensor, padding included.
pub const MAX_LOG_TENSOR: u32 = 28;
/// Largest log2 size of a committed table, and of the lookup stack.
pub const MAX_LOG_TABLE: u32 = 30;
/// Largest log2 size of one lookup table.
pub const MAX_LOG_LOOKUP_TABLE: u32 = 20;
/// Largest extent that an affine axis may sum over.
const MAX_ENUMERATED: u32 = 0x400000;

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

/// Reads a circuit of `n` digits.
///
/// # Panics
/// The felts are not the canonical packing of `n` digits, or these not a circuit.
pub fn decode(felts: Span<felt252>, n: u32) -> Box<Circuit> {
    let mut digits = unpack(felts, n);
    let mut counters: Felt252Dict<u32> = Default::default();
    let shapes = read_shapes(ref digits);
    let (tensors, inputs, outputs) = read_tensors(ref digits, shapes, ref counters);
    let tables = read_tables(ref digits, tensors, ref counters);
    let lookups = read_lookups(ref digits, tensors, tables, ref counters);
    let forms = read_forms(ref digits, tensors);
    let mut totals = Totals { log_box: 0, n_rounds: 0, n_factors: 0 };
    let identities = read_identities(ref digits, tensors, forms, ref totals);
    assert(digits.is_empty(), 'circuit: digits left over');
    assert(!lookups.is_empty() && !identities.is_empty(), 'circuit: nothing to prove');
    let circuit = Circuit {
        inputs,
        outputs,
        tables,
        lookups,
        forms,
        identities,
        n_model: counts(ref counters, MODEL_SIZES),
        n_witness: counts(ref counters, WITNESS_SIZES),
        n_lookups: counts(ref counters, LOOKUP_SIZES),
        n_tables: counts(ref counters, TABLE_SIZES),
        log_box: totals.log_box,
        n_rounds: totals.n_rounds,
        n_factors: totals.n_factors,
    };
    BoxTrait::new(circuit)
}

/// First keys of the counters of items by size; `MAX_KEYS` plus one of them holds the largest size.
const MODEL_SIZES: felt252 = 0;
const WITNESS_SIZES: felt252 = 64;
const LOOKUP_SIZES: felt252 = 128;
const TABLE_SIZES: felt252 = 192;
/// Where, after the counters of a list, one more than its largest size is kept.
const LARGEST: felt252 = 63;

/// The number of an item of a size among those of this size so far.
fn count(ref counters: Felt252Dict<u32>, list: felt252, log_size: u32) -> u32 {
    let (entry, index) = counters.entry(list + log_size.into());
    counters = entry.finalize(index + 1);
    if index == 0 {
        let (entry, largest) = counters.entry(list + LARGEST);
        counters = entry.finalize(if log_size < largest {
            largest
        } else {
            log_size + 1
        });
    }
    index
}

fn counts(ref counters: Felt252Dict<u32>, list: felt252) -> Counts {
    let mut counts = array![];
    let largest = counters.get(list + LARGEST);
    for log_size in 0..largest {
        counts.append(counters.get(list + log_size.into()));
    }
    counts.span()
}

fn read_shapes(ref digits: Span<Digit>) -> Span<(Span<Dim>, u32)> {
    let mut shapes = array![];
    let n = next(ref digits);
    for _ in 0..n {
        shapes.append(read_box(ref digits));
    }
    shapes.span()
}

/// A list of dimensions, with the sum of their bits.
fn read_box(ref digits: Span<Digit>) -> (Span<Dim>, u32) {
    let n = next(ref digits);
    assert(n < 32, 'circuit: too many dimensions');
    let mut dims = array![];
    let mut bits = 0;
    for _ in 0..n {
        let dim = read_dim(ref digits);
        bits += dim.bits;
        dims.append(dim);
    }
    assert(bits <= MAX_LOG_TENSOR, 'circuit: box too large');
    (dims.span(), bits)
}

fn read_dim(ref digits: Span<Digit>) -> Dim {
    let extent = next(ref digits);
    assert(extent != 0, 'circuit: empty dimension');
    Dim { extent, bits: bit_length(extent - 1) }
}

/// Number of binary digits; none for zero.
pub fn bit_length(v: u32) -> u32 {
    if v < 64 {
        *BIT_LENGTHS.span()[v]
    } else {
        6 + bit_length(v / 64)
    }
}

const BIT_LENGTHS: [u32; 64] = [
    0, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5,
    6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6,
];

type Tensors = (Span<Tensor>, Span<PublicTensor>, Span<PublicTensor>);

fn read_tensors(
    ref digits: Span<Digit>, shapes: Span<(Span<Dim>, u32)>, ref counters: Felt252Dict<u32>,
) -> Tensors {
    let mut tensors = array![];
    let mut inputs = array![];
    let mut outputs = array![];
    let n = next(ref digits);
    for _ in 0..n {
        let (shape, kind) = DivRem::div_rem(next(ref digits), 4);
        let (dims, log_size) = *shapes[shape];
        let index = if kind == WITNESS {
            count(ref counters, WITNESS_SIZES, log_size)
        } else if kind == MODEL {
            count(ref counters, MODEL_SIZES, log_size)
        } else if kind == INPUT {
            inputs.append(read_public(ref digits, dims));
            inputs.len() - 1
        } else {
            outputs.append(read_public(ref digits, dims));
            outputs.len() - 1
        };
        tensors.append(Tensor { kind, log_size, index });
    }
    (tensors.span(), inputs.span(), outputs.span())
}

fn read_public(ref digits: Span<Digit>, mut dims: Span<Dim>) -> PublicTensor {
    // Two entries of an interval are never equal modulo `p`.
    let lo = read_bounded(ref digits);
    let hi = read_bounded(ref digits);
    let range: u32 = (hi - lo).try_into().expect('circuit: empty interval');
    let all = dims;
    let mut n_entries = 1;
    while let Some(dim) = dims.pop_front() {
        n_entries *= *dim.extent;
    }
    PublicTensor { dims: all, n_entries, lo, range }
}

/// An integer `v` with `|v| < (p - 1) / 2`.
fn read_bounded(ref digits: Span<Digit>) -> felt252 {
    let code = next(ref digits);
    assert(code < 0x7ffffffd, 'circuit: integer too large');
    zigzag(code)
}

/// The index of a tensor, which must be of this kind and size.
fn read_sized(ref digits: Span<Digit>, tensors: Span<Tensor>, kind: u32, log_size: u32) -> u32 {
    let tensor = *tensors[next(ref digits)];
    assert(tensor.kind == kind, 'circuit: kind of a tensor');
    assert(tensor.log_size == log_size, 'circuit: size of a tensor');
    tensor.index
}

fn read_tables(
    ref digits: Span<Digit>, tensors: Span<Tensor>, ref counters: Felt252Dict<u32>,
) -> Span<Table> {
    let mut tables = array![];
    let n = next(ref digits);
    for _ in 0..n {
        let log_size = next(ref digits);
        assert(log_size <= MAX_LOG_LOOKUP_TABLE, 'circuit: table too large');
        let lo = read_bounded(ref digits);
        let n_outputs = next(ref digits);
        assert(n_outputs <= 2, 'circuit: outputs of a table');
        let mut outputs = array![];
        for _ in 0..n_outputs {
            outputs.append(read_sized(ref digits, tensors, MODEL, log_size));
        }
        let multiplicity = read_sized(ref digits, tensors, WITNESS, log_size);
        let index = count(ref counters, TABLE_SIZES, log_size);
        tables.append(Table { log_size, lo, outputs: outputs.span(), multiplicity, index });
    }
    tables.span()
}

fn read_lookups(
    ref digits: Span<Digit>,
    tensors: Span<Tensor>,
    tables: Span<Table>,
    ref counters: Felt252Dict<u32>,
) -> Span<Lookup> {
    let mut lookups = array![];
    let n = next(ref digits);
    for _ in 0..n {
        let table = next(ref digits);
        let n_args = 1 + tables[table].outputs.len();
        let mut args = array![];
        // The first tensor of the key gives the size.
        let mut log_size = ANY_SIZE;
        for _ in 0..n_args {
            args.append(read_arg(ref digits, tensors, ref log_size));
        }
        let index = count(ref counters, LOOKUP_SIZES, log_size);
        lookups.append(Lookup { table, log_size, args: args.span(), index });
    }
    lookups.span()
}

const ANY_SIZE: u32 = 32;

fn read_arg(ref digits: Span<Digit>, tensors: Span<Tensor>, ref log_size: u32) -> Arg {
    let mut terms = array![];
    let n = next(ref digits);
    assert(n != 0 && n <= 16, 'circuit: terms of an argument');
    for _ in 0..n {
        let coef = read_factor(ref digits);
        let tensor = *tensors[next(ref digits)];
        assert(tensor.kind == WITNESS, 'circuit: kind of a tensor');
        if log_size != tensor.log_size {
            assert(log_size == ANY_SIZE, 'circuit: size of a tensor');
            log_size = tensor.log_size;
        }
        terms.append(ArgTerm { coef, tensor: tensor.index });
    }
    Arg { terms: terms.span(), constant: read_coef(ref digits) }
}

/// A coefficient modulo `p`.
fn read_coef(ref digits: Span<Digit>) -> felt252 {
    coefficient(next(ref digits))
}

/// A coefficient that is not zero, modulo `p`.
#[inline(always)]
fn read_factor(ref digits: Span<Digit>) -> felt252 {
    let code = next(ref digits);
    if code == 2 {
        1
    } else if code == 1 {
        P - 1
    } else {
        assert(code != 0, 'circuit: a coefficient of zero');
        coefficient(code)
    }
}

/// The integer of a zigzag code modulo `p`, below which its absolute value is.
fn coefficient(code: u32) -> felt252 {
    assert(code < 0xfffffffd, 'circuit: coefficient too large');
    let (half, odd) = DivRem::div_rem(code, 2);
    if odd == 0 {
        half.into()
    } else {
        P - half.into() - 1
    }
}

fn read_forms(ref digits: Span<Digit>, tensors: Span<Tensor>) -> Span<Form> {
    let mut forms = array![];
    let n = next(ref digits);
    for _ in 0..n {
        let n_dims = next(ref digits);
        let mut axes = array![];
        let mut log_size = 0;
        let mut variables = 0;
        for _ in 0..n_dims {
            let dim = read_dim(ref digits);
            let axis = read_axis(ref digits, tensors, dim, ref variables);
            log_size += dim.bits;
            axes.append(FormAxis { dim, axis });
        }
        assert(log_size <= MAX_LOG_TENSOR, 'circuit: box too large');
        forms.append(Form { axes: axes.span(), log_size, variables });
    }
    forms.span()
}

fn read_axis(ref digits: Span<Digit>, tensors: Span<Tensor>, dim: Dim, ref variables: u32) -> Axis {
    let (x, tag) = DivRem::div_rem(next(ref digits), 6);
    if tag == 0 {
        use_variable(ref variables, x);
        Axis::Var(x)
    } else if tag == 1 {
        assert(x == 0, 'circuit: an axis');
        Axis::Sum
    } else if tag == 2 {
        assert(x < dim.extent, 'circuit: a fixed index');
        Axis::Fixed(x)
    } else if tag == 3 {
        read_affine(ref digits, x, ref variables)
    } else if tag == 4 {
        use_variable(ref variables, x);
        let n = next(ref digits);
        let mut entries = array![];
        for _ in 0..n {
            let entry = next(ref digits);
            assert(entry <= dim.extent, 'circuit: an index of a map');
            entries.append(entry);
        }
        Axis::Map(Map { var: x, entries: entries.span() })
    } else {
        use_variable(ref variables, x);
        let tensor = *tensors[next(ref digits)];
        assert(tensor.kind == INPUT, 'circuit: indices of an axis');
        Axis::Public(PublicIndex { var: x, input: tensor.index })
    }
}

fn read_affine(ref digits: Span<Digit>, n_terms: u32, ref variables: u32) -> Axis {
    assert(n_terms <= 8, 'circuit: terms of an axis');
    let offset = read_small(ref digits);
    let mut terms = array![];
    for _ in 0..n_terms {
        let (y, kind) = DivRem::div_rem(next(ref digits), 2);
        let source = if kind == 0 {
            use_variable(ref variables, y);
            Source::Var(y)
        } else {
            assert(y != 0, 'circuit: an empty sum');
            // The memo's keys give an extent 30 bits.
            assert(y <= MAX_ENUMERATED, 'circuit: a sum is too long');
            Source::Sum(y)
        };
        terms.append(AffineTerm { source, stride: read_small(ref digits) });
    }
    Axis::Affine(Affine { terms: terms.span(), offset })
}

/// An integer of 32 bits with a sign.
fn read_small(ref digits: Span<Digit>) -> i64 {
    zigzag(next(ref digits)).try_into().unwrap()
}

/// A variable occurs at most once in a view.
fn use_variable(ref variables: u32, var: u32) {
    assert(var < 32, 'circuit: variable');
    let bit = pow2(var);
    assert(variables & bit == 0, 'circuit: a variable twice');
    variables += bit;
}

#[derive(Copy, Drop)]
struct Totals {
    log_box: u32,
    n_rounds: u32,
    n_factors: u32,
}

fn read_identities(
    ref digits: Span<Digit>, tensors: Span<Tensor>, forms: Span<Form>, ref totals: Totals,
) -> Span<Identity> {
    let mut identities = array![];
    let n = next(ref digits);
    for _ in 0..n {
        let (dims, bits) = read_box(ref digits);
        if bits > totals.log_box {
            totals.log_box = bits;
        }
        let (linear, constant) = read_linear(ref digits, tensors, forms, dims.len());
        let n_products = next(ref digits);
        let mut products = array![];
        for _ in 0..n_products {
            products.append(read_product(ref digits, tensors, forms, dims, ref totals));
        }
        let products = products.span();
        identities.append(Identity { dims, bits, constant, linear, products });
    }
    identities.span()
}

fn read_linear(
    ref digits: Span<Digit>, tensors: Span<Tensor>, forms: Span<Form>, n_vars: u32,
) -> (Span<Term>, felt252) {
    let mut linear = array![];
    let mut constant = 0;
    let n = next(ref digits);
    for _ in 0..n {
        let coef = read_factor(ref digits);
        let form = next(ref digits);
        if form == 0 {
            constant += coef;
        } else {
            let (view, variables) = read_view(ref digits, tensors, forms, form - 1);
            assert(variables < pow2(n_vars), 'circuit: variable');
            linear.append(Term { coef, view });
        }
    }
    (linear.span(), constant)
}

/// A view, with the variables that it uses.
#[inline(always)]
fn read_view(
    ref digits: Span<Digit>, tensors: Span<Tensor>, forms: Span<Form>, form: u32,
) -> (View, u32) {
    let tensor = *tensors[next(ref digits)];
    let Form { log_size, variables, .. } = *forms[form];
    assert(log_size == tensor.log_size, 'circuit: size of a tensor');
    (View { form, tensor }, variables)
}

fn read_product(
    ref digits: Span<Digit>,
    tensors: Span<Tensor>,
    forms: Span<Form>,
    dims: Span<Dim>,
    ref totals: Totals,
) -> Product {
    let coef = read_factor(ref digits);
    let (sum, sum_bits) = read_box(ref digits);
    let form_a = next(ref digits);
    let (a, uses_a) = read_view(ref digits, tensors, forms, form_a);
    let form_b = next(ref digits);
    let (b, uses_b) = read_view(ref digits, tensors, forms, form_b);
    let n_vars = dims.len() + sum.len();
    assert(n_vars < 32, 'circuit: too many variables');
    let first_sum = pow2(dims.len());
    assert((uses_a | uses_b) / first_sum == pow2(sum.len()) - 1, 'circuit: variables of a product');
    // Batch variables: output variables that both factors use.
    let mut both = (uses_a & uses_b) % first_sum;
    let mut n_rounds = sum_bits;
    let mut dims = dims;
    while both != 0 {
        let (rest, used) = DivRem::div_rem(both, 2);
        let dim = *dims.pop_front().unwrap();
        if used == 1 {
            n_rounds += dim.bits;
        }
        both = rest;
    }
    if n_rounds > totals.n_rounds {
        totals.n_rounds = n_rounds;
    }
    if a.tensor.kind <= WITNESS {
        totals.n_factors += 1;
    }
    if b.tensor.kind <= WITNESS {
        totals.n_factors += 1;
    }
    Product { coef, sum, a, b, n_rounds }
}
