//! Reads a circuit from its integers (PROTOCOL, Appendix C): tensors, tables and lookups here, the
//! others in `forms` and `identities`.

use core::dict::{Felt252Dict, Felt252DictEntryTrait, Felt252DictTrait};
use core::gas::withdraw_gas;
use crate::circuit::{
    Arg, ArgTerm, Circuit, Counts, Dim, INPUT, Lookup, MAX_LOG_LOOKUP_TABLE, MAX_LOG_TENSOR, MODEL,
    OUTPUT, PublicTensor, Table, Tensor, WITNESS,
};
use crate::digits::{integers, next, zigzag};
use crate::dims::read_box;
use crate::field::P;
use crate::forms::read_forms;
use crate::identities::read_identities;

/// Reads a circuit of `n` digits.
///
/// # Panics
/// The felts are not the canonical packing of `n` digits, or these not a circuit.
pub fn decode(felts: Span<felt252>, n: u32) -> Box<Circuit> {
    let mut integers = integers(felts, n);
    let mut counters: Felt252Dict<u32> = Default::default();
    let (tensors, inputs, outputs) = read_tensors(ref integers, ref counters);
    let tables = read_tables(ref integers, tensors, ref counters);
    let lookups = read_lookups(ref integers, tensors, tables, ref counters);
    let forms = read_forms(ref integers, tensors);
    let (identities, totals) = read_identities(ref integers, tensors, forms);
    assert(integers.is_empty(), 'circuit: digits left over');
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

/// First keys of the counters of items by size. Of tensors it is 64 times the kind.
const MODEL_SIZES: felt252 = 0;
const WITNESS_SIZES: felt252 = 64;
const INPUTS: felt252 = 128;
const OUTPUTS: felt252 = 192;
const LOOKUP_SIZES: felt252 = 256;
const TABLE_SIZES: felt252 = 320;

/// The number of an item of a size among those of this size so far.
#[inline(always)]
fn count(ref counters: Felt252Dict<u32>, list: felt252, log_size: u32) -> u32 {
    let (entry, index) = counters.entry(list + log_size.into());
    counters = entry.finalize(index + 1);
    index
}

/// The counts of all sizes up to the largest one that there is.
fn counts(ref counters: Felt252Dict<u32>, list: felt252) -> Counts {
    let mut n_sizes = MAX_LOG_TENSOR.into() + 1;
    while n_sizes != 0 && counters.get(list + n_sizes - 1) == 0 {
        n_sizes -= 1;
    }
    let mut counts = array![];
    let mut size = 0;
    while size != n_sizes {
        counts.append(counters.get(list + size));
        size += 1;
    }
    counts.span()
}

/// What the head of a tensor, `4 shape + kind`, says.
#[derive(Copy, Drop)]
struct Head {
    kind: u32,
    log_size: u32,
    is_public: bool,
    /// The list in which it is counted, and as what size.
    list: felt252,
    size: u32,
    dims: Span<Dim>,
}

fn read_heads(ref integers: Span<u32>) -> Span<Head> {
    let mut heads = array![];
    let mut left: felt252 = next(ref integers).into();
    while left != 0 {
        left -= 1;
        let (dims, log_size) = read_box(ref integers);
        let size = log_size;
        heads
            .append(
                Head { kind: MODEL, log_size, is_public: false, list: MODEL_SIZES, size, dims },
            );
        heads
            .append(
                Head { kind: WITNESS, log_size, is_public: false, list: WITNESS_SIZES, size, dims },
            );
        heads.append(Head { kind: INPUT, log_size, is_public: true, list: INPUTS, size: 0, dims });
        heads
            .append(Head { kind: OUTPUT, log_size, is_public: true, list: OUTPUTS, size: 0, dims });
    }
    heads.span()
}

type Tensors = (Span<Tensor>, Span<PublicTensor>, Span<PublicTensor>);

fn read_tensors(ref integers: Span<u32>, ref counters: Felt252Dict<u32>) -> Tensors {
    let heads = read_heads(ref integers);
    let mut tensors = array![];
    let mut inputs = array![];
    let mut outputs = array![];
    let mut left: felt252 = next(ref integers).into();
    while left != 0 {
        left -= 1;
        let Some(head) = heads.get(next(ref integers)) else {
            core::panic_with_felt252('circuit: no such shape')
        };
        let Head { kind, log_size, is_public, list, size, dims } = *head.unbox();
        let index = count(ref counters, list, size);
        tensors.append(Tensor { kind, log_size, index });
        if is_public {
            let tensor = read_public(ref integers, dims);
            if kind == INPUT {
                inputs.append(tensor);
            } else {
                outputs.append(tensor);
            }
        }
    }
    (tensors.span(), inputs.span(), outputs.span())
}

#[inline(never)]
fn read_public(ref integers: Span<u32>, mut dims: Span<Dim>) -> PublicTensor {
    withdraw_gas().expect('Out of gas');
    // Two entries of an interval are never equal modulo `p`.
    let lo = read_bounded(ref integers);
    let hi = read_bounded(ref integers);
    let range: u32 = (hi - lo).try_into().expect('circuit: empty interval');
    let all = dims;
    let mut n_entries = 1;
    while let Some(dim) = dims.pop_front() {
        n_entries *= *dim.extent;
    }
    PublicTensor { dims: all, n_entries, lo, range }
}

/// An integer `v` with `|v| < (p - 1) / 2`.
fn read_bounded(ref integers: Span<u32>) -> felt252 {
    let code = next(ref integers);
    assert(code < 0x7ffffffd, 'circuit: integer too large');
    zigzag(code)
}

/// The tensor with an index.
#[inline(always)]
pub(crate) fn tensor_at(tensors: Span<Tensor>, index: u32) -> Tensor {
    match tensors.get(index) {
        Some(tensor) => *tensor.unbox(),
        None => core::panic_with_felt252('circuit: no such tensor'),
    }
}

/// The index of a tensor, which must be of this kind and size.
#[inline(never)]
fn read_sized(ref integers: Span<u32>, tensors: Span<Tensor>, kind: u32, log_size: u32) -> u32 {
    let tensor = tensor_at(tensors, next(ref integers));
    assert(tensor.kind == kind, 'circuit: kind of a tensor');
    assert(tensor.log_size == log_size, 'circuit: size of a tensor');
    tensor.index
}

fn read_tables(
    ref integers: Span<u32>, tensors: Span<Tensor>, ref counters: Felt252Dict<u32>,
) -> Span<Table> {
    let mut tables = array![];
    let mut left: felt252 = next(ref integers).into();
    while left != 0 {
        left -= 1;
        let log_size = next(ref integers);
        assert(log_size <= MAX_LOG_LOOKUP_TABLE, 'circuit: table too large');
        let lo = read_bounded(ref integers);
        let n_outputs = next(ref integers);
        assert(n_outputs <= 2, 'circuit: outputs of a table');
        let mut outputs = array![];
        for _ in 0..n_outputs {
            outputs.append(read_sized(ref integers, tensors, MODEL, log_size));
        }
        let multiplicity = read_sized(ref integers, tensors, WITNESS, log_size);
        let index = count(ref counters, TABLE_SIZES, log_size);
        tables.append(Table { log_size, lo, outputs: outputs.span(), multiplicity, index });
    }
    tables.span()
}

fn read_lookups(
    ref integers: Span<u32>,
    tensors: Span<Tensor>,
    tables: Span<Table>,
    ref counters: Felt252Dict<u32>,
) -> Span<Lookup> {
    let mut lookups = array![];
    let mut left: felt252 = next(ref integers).into();
    while left != 0 {
        left -= 1;
        let table = next(ref integers);
        let Some(found) = tables.get(table) else {
            core::panic_with_felt252('circuit: no such table')
        };
        let n_args: felt252 = found.unbox().outputs.len().into() + 1;
        let (args, log_size) = read_args(ref integers, tensors, n_args);
        let index = count(ref counters, LOOKUP_SIZES, log_size);
        lookups.append(Lookup { table, log_size, args, index });
    }
    lookups.span()
}

const ANY_SIZE: u32 = 32;

/// The arguments of a lookup, and the size of their tensors, which the first one gives.
fn read_args(ref integers: Span<u32>, tensors: Span<Tensor>, n_args: felt252) -> (Span<Arg>, u32) {
    let mut args = array![];
    let mut log_size = ANY_SIZE;
    let mut left = n_args;
    while left != 0 {
        left -= 1;
        let (half, is_sum) = DivRem::div_rem(next(ref integers), 2);
        args
            .append(
                if is_sum == 0 {
                    let term = arg_term(tensors, half, 1, ref log_size);
                    Arg { terms: array![term].span(), constant: 0 }
                } else {
                    read_sum(ref integers, tensors, ref log_size, half)
                },
            );
    }
    (args.span(), log_size)
}

#[inline(always)]
fn arg_term(tensors: Span<Tensor>, index: u32, coef: felt252, ref log_size: u32) -> ArgTerm {
    let tensor = tensor_at(tensors, index);
    assert(tensor.kind == WITNESS, 'circuit: kind of a tensor');
    if log_size != tensor.log_size {
        assert(log_size == ANY_SIZE, 'circuit: size of a tensor');
        log_size = tensor.log_size;
    }
    ArgTerm { coef, tensor: tensor.index }
}

#[inline(never)]
fn read_sum(
    ref integers: Span<u32>, tensors: Span<Tensor>, ref log_size: u32, n_terms: u32,
) -> Arg {
    withdraw_gas().expect('Out of gas');
    assert(n_terms != 0 && n_terms <= 16, 'circuit: terms of an argument');
    let mut terms = array![];
    for _ in 0..n_terms {
        let coef = factor(next(ref integers));
        terms.append(arg_term(tensors, next(ref integers), coef, ref log_size));
    }
    Arg { terms: terms.span(), constant: coefficient(next(ref integers)) }
}

/// The coefficient of a code, which is not zero.
#[inline(always)]
pub(crate) fn factor(code: u32) -> felt252 {
    if code == 2 {
        1
    } else if code == 1 {
        P - 1
    } else {
        assert(code != 0, 'circuit: a coefficient of zero');
        any_coefficient(code)
    }
}

/// The integer of a zigzag code modulo `p`, below which its absolute value is.
#[inline(always)]
pub(crate) fn coefficient(code: u32) -> felt252 {
    if code == 0 {
        0
    } else {
        any_coefficient(code)
    }
}

#[inline(never)]
fn any_coefficient(code: u32) -> felt252 {
    withdraw_gas().expect('Out of gas');
    assert(code < 0xfffffffd, 'circuit: coefficient too large');
    let (half, odd) = DivRem::div_rem(code, 2);
    if odd == 0 {
        half.into()
    } else {
        P - half.into() - 1
    }
}
