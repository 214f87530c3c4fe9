use crate::blocks::BlocksTrait;
use crate::circuit::{Dim, PublicTensor};
use crate::field::K;
use crate::fifths::Fifths;
use crate::fold::{inner_product, plain};
use crate::functional::table;
use crate::packing::power;
use crate::statement::{Entries, EntriesTrait, StatementTrait};

/// A vector of `n` entries in `lo ..= lo + range`.
fn tensor(n: u32, lo: felt252, range: u32) -> PublicTensor {
    PublicTensor { dims: array![Dim { extent: n, bits: 0 }].span(), n_entries: n, lo, range }
}

/// `values`, so many to a felt, first least significant.
fn pack(mut values: Span<u32>, width: u32) -> Span<felt252> {
    let per_felt = 248 / width;
    let mut felts = array![];
    while !values.is_empty() {
        let (mut felt, mut place) = (0, 1);
        for _ in 0..per_felt {
            if let Some(value) = values.pop_front() {
                felt += place * (*value).into();
                place *= power(width);
            }
        }
        felts.append(felt);
    }
    felts.span()
}

/// Pseudorandom values up to `range`.
fn values(n: u32, range: u32) -> Span<u32> {
    let mut values = array![];
    let mut state: u64 = 12345;
    for _ in 0..n {
        state = (state * 1103515245 + 12345) % 0x80000000;
        let value = state % (range.into() + 1);
        values.append(value.try_into().unwrap());
    }
    values.span()
}

fn read(tensor: PublicTensor, felts: Span<felt252>) -> Entries {
    let statement = StatementTrait::new(
        array![tensor].span(), array![].span(), felts, array![].span(),
    );
    *statement.inputs[0]
}

fn check_width(n: u32, range: u32, width: u32) {
    let expected = values(n, range);
    let entries = read(tensor(n, -5, range), pack(expected, width));
    assert(entries.values() == expected, 'entries');
}

#[test]
fn every_width() {
    // All entries, of felts in two chunks and in three; the largest entry, too.
    check_width(600, 1, 1);
    check_width(100, 100, 7);
    check_width(100, 3952, 12);
    check_width(50, 4095, 12);
    check_width(50, 8000, 13);
    check_width(40, 0x50000, 19);
    check_width(30, 0x7000000, 27);
    check_width(10, 0x8000000, 28);
    check_width(17, 0x7fffffff, 31);
    check_width(1, 0, 1);
}

fn with_one(n: u32, range: u32, width: u32, index: u32, value: felt252) {
    let mut felts = array![];
    let per_felt = 248 / width;
    let mut all = pack(values(n, range), width);
    let mut position = 0;
    while let Some(felt) = all.pop_front() {
        let change = if position == index / per_felt {
            let old: felt252 = (*values(n, range)[index]).into();
            (value - old) * power(index % per_felt * width)
        } else {
            0
        };
        felts.append(*felt + change);
        position += 1;
    }
    read(tensor(n, 0, range), felts.span());
}

#[test]
fn largest_entries() {
    with_one(45, 3952, 12, 0, 3952);
    with_one(45, 3952, 12, 9, 3952);
    with_one(45, 3952, 12, 10, 3952);
    with_one(45, 3952, 12, 19, 3952);
    with_one(45, 3952, 12, 44, 3952);
}

#[test]
#[should_panic(expected: 'statement: entry out of range')]
fn first_entry_too_large() {
    with_one(45, 3952, 12, 0, 3953);
}

#[test]
#[should_panic(expected: 'statement: entry out of range')]
fn odd_entry_too_large() {
    with_one(45, 3952, 12, 3, 4095);
}

#[test]
#[should_panic(expected: 'statement: entry out of range')]
fn last_of_a_chunk_too_large() {
    with_one(45, 3952, 12, 9, 3953);
}

#[test]
#[should_panic(expected: 'statement: entry out of range')]
fn last_of_a_full_chunk_too_large() {
    // Eight entries of 16 bits fill 128 bits.
    with_one(30, 65000, 16, 7, 65001);
}

#[test]
#[should_panic(expected: 'statement: entry out of range')]
fn last_of_an_odd_chunk_too_large() {
    with_one(44, 2000, 11, 10, 2001);
}

#[test]
#[should_panic(expected: 'statement: entry out of range')]
fn entry_of_a_third_chunk_too_large() {
    with_one(18, 0x7000000, 27, 8, 0x7000001);
}

#[test]
#[should_panic(expected: 'statement: not canonical')]
fn entry_after_the_last() {
    with_one(40, 3952, 12, 39, 0);
    // Felt 2 has five entries; the sixth place is not empty.
    let mut felts = array![];
    felts.append_span(pack(values(45, 3952), 12));
    let changed = array![*felts[0], *felts[1], *felts[2] + power(5 * 12)];
    read(tensor(45, 0, 3952), changed.span());
}

#[test]
#[should_panic(expected: 'statement: not canonical')]
fn bits_above_the_last_entry() {
    let felts = pack(values(45, 3952), 12);
    read(tensor(45, 0, 3952), array![*felts[0] + power(240), *felts[1], *felts[2]].span());
}

#[test]
#[should_panic(expected: 'statement: not canonical')]
fn negative_felt() {
    let felts = pack(values(45, 3952), 12);
    read(tensor(45, 0, 3952), array![*felts[0], -1, *felts[2]].span());
}

#[test]
#[should_panic(expected: 'statement: too long')]
fn one_felt_too_many() {
    let felts = pack(values(45, 3952), 12);
    read(tensor(20, 0, 3952), felts.slice(0, 2));
}

#[test]
#[should_panic(expected: 'statement: too short')]
fn one_felt_too_few() {
    read(tensor(45, 0, 3952), pack(values(40, 3952), 12));
}

/// `n` pseudorandom weights.
fn weights(n: u32) -> Span<K> {
    let mut channel = crate::channel::ChannelTrait::new();
    let point = crate::channel::ChannelTrait::draw_many(ref channel, 9).span();
    table(point).slice(0, n)
}

/// The inner product of `n_rows` rows of entries, by blocks and entry by entry.
fn check_blocks(n_rows: u32, n_columns: u32, range: u32, width: u32) {
    let n = n_rows * n_columns;
    let entries = read(tensor(n, 0, range), pack(values(n, range), width));
    assert(!entries.fifths.is_empty(), 'large');
    let (rows, columns) = (weights(n_rows), weights(n_columns));
    assert(BlocksTrait::find(entries, n_columns).is_some(), 'blocks');
    assert(inner_product(entries, rows, columns) == plain(entries, rows, columns), 'inner product');
}

#[test]
fn blocks_and_plain_agree() {
    // Rows that begin anywhere in a felt, with the last block cut off.
    check_blocks(124, 42, 3952, 12);
    check_blocks(170, 33, 4095, 12);
    check_blocks(144, 192, 1023, 10);
    check_blocks(240, 36, 1000, 10);
    check_blocks(250, 25, 1023, 10);
}

/// Entries of a large tensor, one of them replaced, and something added to a felt.
fn large(width: u32, range: u32, index: u32, value: felt252, felt: u32, added: felt252) {
    let n = 4100;
    let per_felt = 248 / width;
    let mut felts = array![];
    let mut all = pack(values(n, range), width);
    let mut position = 0;
    while let Some(given) = all.pop_front() {
        let mut changed = *given;
        if position == index / per_felt {
            let old: felt252 = (*values(n, range)[index]).into();
            changed += (value - old) * power(index % per_felt * width);
        }
        if position == felt {
            changed += added;
        }
        felts.append(changed);
        position += 1;
    }
    let entries = read(tensor(n, 0, range), felts.span());
    assert(entries.values().len() == n, 'entries');
    let mut fifths = entries.fifths;
    let mut felts = entries.felts;
    while let Some(felt) = felts.pop_front() {
        let Fifths { g0, g1, g2, g3, g4 } = *fifths.pop_front().unwrap();
        assert(g0 + g1 + g2 + g3 + g4 == *felt, 'sum of the groups');
    }
}

#[test]
fn large_tensors() {
    large(12, 3952, 7, 3952, 0, 0);
    large(12, 4095, 19, 4095, 0, 0);
    large(10, 1000, 23, 1000, 0, 0);
    large(10, 1023, 12, 1023, 0, 0);
}

/// What happens if an entry of a large tensor is one too large.
pub fn one_too_large(width: u32, range: u32, index: u32) {
    large(width, range, index, range.into() + 1, 0, 0);
}

#[test]
#[should_panic(expected: 'statement: entry out of range')]
fn first_of_a_large_tensor() {
    one_too_large(12, 3952, 0);
}

#[test]
#[should_panic(expected: 'statement: entry out of range')]
fn second_of_a_large_tensor() {
    one_too_large(12, 3952, 1);
}

#[test]
#[should_panic(expected: 'statement: entry out of range')]
fn last_of_the_lower_part() {
    one_too_large(12, 3952, 9);
}

#[test]
#[should_panic(expected: 'statement: entry out of range')]
fn entry_on_both_sides_of_the_middle() {
    one_too_large(12, 3952, 10);
}

#[test]
#[should_panic(expected: 'statement: entry out of range')]
fn last_of_a_felt_of_twenty() {
    one_too_large(12, 3952, 19);
}

#[test]
#[should_panic(expected: 'statement: entry out of range')]
fn last_of_a_felt_of_twenty_four() {
    one_too_large(10, 1000, 23);
}

#[test]
#[should_panic(expected: 'statement: entry out of range')]
fn last_of_a_large_tensor() {
    one_too_large(12, 3952, 4099);
}

#[test]
#[should_panic(expected: 'statement: not canonical')]
fn bits_above_the_entries_of_a_large_tensor() {
    large(12, 4095, 0, 0, 100, power(240));
}

#[test]
#[should_panic(expected: 'statement: not canonical')]
fn large_tensor_with_a_negative_felt() {
    let felt = *pack(values(4100, 4095), 12)[100];
    large(12, 4095, 0, 0, 100, -1 - felt);
}

#[test]
#[should_panic(expected: 'statement: not canonical')]
fn entry_after_the_last_of_a_large_tensor() {
    // 4100 = 170 * 24 + 20.
    large(10, 1023, 0, 0, 170, power(20 * 10));
}

#[test]
#[should_panic(expected: 'statement: not canonical')]
fn bits_above_felts_of_twenty_four() {
    large(10, 1023, 0, 0, 3, power(240));
}
