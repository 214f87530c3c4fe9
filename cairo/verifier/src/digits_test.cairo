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
#[should_panic]
fn refuses_a_felt_too_few() {
    let (felts, n) = packed([0; 16].span());
    integers(felts, n + 1);
}

#[test]
#[should_panic]
fn refuses_digits_beyond_the_last() {
    let (felts, n) = packed([7; 3].span());
    integers(felts, n - 1);
}
