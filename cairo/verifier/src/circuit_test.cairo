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

/// A copy with one of its integers replaced.
fn replaced(index: u32, value: u64) {
    let mut given = copy(0, 6, [0].span()).span();
    let mut integers = array![];
    while let Some(integer) = given.pop_front() {
        integers.append(if integers.len() == index {
            value
        } else {
            *integer
        });
    }
    read(integers);
}

#[test]
#[should_panic(expected: 'circuit: no such shape')]
fn refuses_a_shape_that_is_not_there() {
    replaced(4, 5);
}

#[test]
#[should_panic(expected: 'circuit: no such tensor')]
fn refuses_a_multiplicity_that_is_not_there() {
    replaced(16, 4);
}

#[test]
#[should_panic(expected: 'circuit: no such table')]
fn refuses_a_table_that_is_not_there() {
    replaced(18, 1);
}

#[test]
#[should_panic(expected: 'circuit: no such tensor')]
fn refuses_an_argument_that_is_not_there() {
    replaced(19, 0x4000);
}

#[test]
#[should_panic(expected: 'circuit: terms of an argument')]
fn refuses_an_argument_without_terms() {
    replaced(19, 1);
}

#[test]
#[should_panic(expected: 'circuit: kind of a tensor')]
fn refuses_an_argument_that_is_public() {
    replaced(19, 4);
}

#[test]
#[should_panic(expected: 'circuit: a coefficient of zero')]
fn refuses_a_coefficient_of_zero() {
    replaced(28, 0);
}

#[test]
#[should_panic(expected: 'circuit: no such form')]
fn refuses_a_form_that_is_not_there() {
    replaced(29, 2);
}

#[test]
#[should_panic(expected: 'circuit: no such tensor')]
fn refuses_a_tensor_that_is_not_there() {
    replaced(30, 4);
}

#[test]
#[should_panic(expected: 'circuit: empty dimension')]
fn refuses_an_empty_dimension() {
    replaced(26, 0);
}

#[test]
#[should_panic(expected: 'circuit: box too large')]
fn refuses_a_box_that_is_too_large() {
    replaced(26, 0x10000001);
}

#[test]
#[should_panic(expected: 'circuit: too short')]
fn refuses_a_list_that_goes_on() {
    replaced(34, 1);
}

#[test]
#[should_panic(expected: 'circuit: digits left over')]
fn refuses_an_integer_after_the_last() {
    let mut integers = copy(0, 6, [0].span());
    integers.append(0);
    read(integers);
}
