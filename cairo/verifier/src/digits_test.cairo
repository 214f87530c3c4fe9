//! Integers to digits (Appendix C), the way that Rust encodes them.

use crate::digits::integers;

const BASE: u64 = 0x4000;

/// The digits of integers below `2^42`, packed sixteen to a felt, and their number.
pub fn packed(mut values: Span<u64>) -> (Span<felt252>, u32) {
    let mut digits: Array<felt252> = array![];
    while let Some(value) = values.pop_front() {
        let mut rest = *value;
        while rest >= BASE {
            digits.append((BASE + rest % BASE).into());
            rest /= BASE;
        }
        digits.append(rest.into());
    }
    let n = digits.len();
    let mut digits = digits.span();
    let mut felts = array![];
    while !digits.is_empty() {
        let mut felt = 0;
        let mut unit = 1;
        for _ in 0..16_u32 {
            if let Some(digit) = digits.pop_front() {
                felt += unit * *digit;
            }
            unit *= 0x8000;
        }
        felts.append(felt);
    }
    (felts.span(), n)
}

#[test]
fn unpacks_all_digits() {
    let (felts, n) = packed([5, 0x4000, 0xffffffff, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].span());
    assert(felts.len() == 2, 'felts');
    assert(n == 17, 'digits');
    assert(integers(felts, n).len() == 14, 'integers');
}

#[test]
#[should_panic(expected: 'circuit: number of felts')]
fn refuses_a_felt_too_few() {
    let (felts, n) = packed([0; 16].span());
    integers(felts, n + 1);
}

#[test]
#[should_panic(expected: 'circuit: digits after the last')]
fn refuses_digits_beyond_the_last() {
    let (felts, n) = packed([7; 3].span());
    integers(felts, n - 1);
}

/// A felt of digits.
fn felt(mut digits: Span<felt252>) -> felt252 {
    let mut felt = 0;
    while let Some(digit) = digits.pop_back() {
        felt = felt * 0x8000 + *digit;
    }
    felt
}

#[test]
fn an_integer_of_digits_of_two_felts() {
    // The last digit of a felt goes on in the next one.
    let mut digits = array![];
    for _ in 0..15_u32 {
        digits.append(3);
    }
    digits.append(0x4005);
    let felts = [felt(digits.span()), felt([0x4000, 2, 7].span())].span();
    let integers = integers(felts, 19);
    assert(integers.len() == 17, 'integers');
    assert(*integers[15] == 5 + 2 * 0x10000000, 'long');
    assert(*integers[16] == 7, 'last');
}

#[test]
#[should_panic(expected: 'circuit: integer not canonical')]
fn refuses_a_last_digit_of_zero() {
    integers([felt([0x4001, 0, 1].span())].span(), 3);
}

#[test]
#[should_panic(expected: 'circuit: integer not canonical')]
fn refuses_an_integer_that_ends_in_unused_digits() {
    integers([felt([1, 0x4001].span())].span(), 2);
}

#[test]
#[should_panic(expected: 'circuit: digits after the last')]
fn refuses_an_integer_that_goes_on_in_unused_digits() {
    integers([felt([1, 0x4001, 1].span())].span(), 2);
}

#[test]
#[should_panic(expected: 'circuit: integer too large')]
fn refuses_an_integer_of_four_digits() {
    integers([felt([0x4001, 0x4000, 0x4000, 1].span())].span(), 4);
}

#[test]
#[should_panic(expected: 'circuit: integer too large')]
fn refuses_an_integer_of_more_than_32_bits() {
    integers([felt([0x4001, 0x4000, 16].span())].span(), 3);
}

#[test]
#[should_panic(expected: 'circuit: too short')]
fn refuses_digits_that_end_in_an_integer() {
    integers([0x4001 * 0x200000000000000000000000000000000000000000000000000000000].span(), 16);
}

#[test]
#[should_panic(expected: 'circuit: digits not canonical')]
fn refuses_bits_above_the_digits() {
    integers([0x1000000000000000000000000000000000000000000000000000000000000].span(), 16);
}

#[test]
#[should_panic(expected: 'circuit: digits not canonical')]
fn refuses_a_negative_felt() {
    integers([-1].span(), 16);
}
