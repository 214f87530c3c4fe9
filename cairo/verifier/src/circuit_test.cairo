//! Descriptors by hand: one that is well-formed, and one for each thing that is refused.

use crate::circuit::decode;
use crate::digits_test::packed;

/// An input of four entries in `lo..=hi` is copied to the output; a witness tensor is looked up in
/// the range `0..4`. Interval ends are zigzag codes; `axis` is that of the only form.
fn copy(lo: u64, hi: u64, axis: Span<u64>) -> Array<u64> {
    let mut integers = array![
        1,
        1,
        4, // shapes
        4,
        1,
        1,
        2,
        lo,
        hi,
        3,
        0,
        6, // tensors: key, multiplicity, input, output in 0..=3
        1,
        2,
        0,
        0,
        1, // tables
        1,
        0,
        1,
        2,
        0,
        0, // lookups
        1,
        1,
        4,
    ];
    integers.append_span(axis);
    integers.append_span([1, 1, 4, 2, 2, 1, 3, 1, 1, 2, 0].span());
    integers
}

fn read(integers: Array<u64>) {
    let (felts, n_digits) = packed(integers.span());
    decode(felts, n_digits);
}

#[test]
fn reads_a_copy() {
    let (felts, n_digits) = packed(copy(0, 6, [0].span()).span());
    let circuit = decode(felts, n_digits).unbox();
    assert(circuit.inputs.len() == 1, 'inputs');
    let input = *circuit.inputs[0];
    assert(input.n_entries == 4, 'entries');
    assert(input.lo == 0, 'low end');
    assert(input.range == 3, 'range');
    assert(circuit.outputs.len() == 1, 'outputs');
}

#[test]
fn reads_the_widest_interval() {
    // 2^30 - 2 on both sides of zero.
    let (felts, n_digits) = packed(copy(0x7ffffffb, 0x7ffffffc, [0].span()).span());
    let circuit = decode(felts, n_digits).unbox();
    let input = *circuit.inputs[0];
    assert(input.lo == -0x3ffffffe, 'low end');
    assert(input.range == 0x7ffffffc, 'range');
}

#[test]
#[should_panic(expected: 'circuit: integer too large')]
fn refuses_an_interval_that_holds_an_element_twice() {
    read(copy(0x7ffffffd, 0x7ffffffc, [0].span()));
}

#[test]
#[should_panic(expected: 'circuit: empty interval')]
fn refuses_an_empty_interval() {
    read(copy(6, 4, [0].span()));
}

#[test]
#[should_panic(expected: 'circuit: variable')]
fn refuses_a_variable_that_is_not_there() {
    read(copy(0, 6, [6].span()));
}

#[test]
fn reads_a_long_sum() {
    read(copy(0, 6, [9, 0, 0x800001, 2].span()));
}

#[test]
#[should_panic(expected: 'circuit: a sum is too long')]
fn refuses_a_sum_that_is_too_long() {
    read(copy(0, 6, [9, 0, 0x800003, 2].span()));
}

#[test]
#[should_panic(expected: 'circuit: an empty sum')]
fn refuses_an_empty_sum() {
    read(copy(0, 6, [9, 0, 1, 2].span()));
}

pub fn decode_only(felts: Span<felt252>, n: u32) {
    decode(felts, n);
}
