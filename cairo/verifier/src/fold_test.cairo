//! Inner products of public entries, against their definition.

use crate::blocks::BlocksTrait;
use crate::circuit::{Dim, PublicTensor};
use crate::field::{K, ZERO, from_int};
use crate::fold::{inner_product, plain};
use crate::packing::power;
use crate::statement::{Entries, StatementTrait};
use crate::testing::k;

/// `n` entries that are all `value`, the largest of their interval.
fn entries(n: u32, value: u32, width: u32) -> Entries {
    let per_felt = 248 / width;
    let mut felts = array![];
    let mut left = n;
    while left != 0 {
        let mut felt = 0;
        for _ in 0..per_felt {
            if left != 0 {
                felt = felt * power(width) + value.into();
                left -= 1;
            }
        }
        felts.append(felt);
    }
    let dims = array![Dim { extent: n, bits: 0 }].span();
    let tensor = PublicTensor { dims, n_entries: n, lo: 0, range: value };
    let statement = StatementTrait::new(
        array![tensor].span(), array![].span(), felts.span(), array![].span(),
    );
    *statement.inputs[0]
}

/// `n` times the element with the largest coordinates.
fn largest(n: u32) -> Span<K> {
    let mut weights = array![];
    for _ in 0..n {
        weights.append(k(0x7ffffffe, 0x7ffffffe, 0x7ffffffe, 0x7ffffffe));
    }
    weights.span()
}

/// The largest entries with the largest weights; the last of the rows is short.
fn check(n: u32, value: u32, width: u32, n_columns: u32) {
    let columns = largest(n_columns);
    let rows = largest((n + n_columns - 1) / n_columns);
    let mut expected = ZERO;
    for i in 0..n {
        let weight = *rows[i / n_columns] * *columns[i % n_columns];
        expected = expected + weight * from_int(value.into());
    }
    assert(plain(entries(n, value, width), rows, columns) == expected, 'inner product');
}

#[test]
fn largest_entries_and_weights() {
    check(350, 0x7fffffff, 31, 347);
    check(350, 0x7fffffff, 31, 1);
    check(350, 0x7fffffff, 31, 13);
    check(100, 1, 1, 4);
    check(29, 4095, 12, 28);
    check(1, 0x7ffffffe, 31, 8);
}

/// The same by blocks, whose sums of felts come closest to the next lane here.
fn check_blocks(n: u32, value: u32, width: u32, n_columns: u32, are_found: bool) {
    let entries = entries(n, value, width);
    assert(BlocksTrait::find(entries, n_columns).is_some() == are_found, 'blocks');
    let columns = largest(n_columns);
    let rows = largest((n + n_columns - 1) / n_columns);
    assert(inner_product(entries, rows, columns) == plain(entries, rows, columns), 'inner product');
}

#[test]
fn largest_sums_of_blocks() {
    // 511 blocks: sums of up to 511 (2^10 - 1) (2^31 - 2), just below 2^50.
    check_blocks(511 * 24 - 1, 1023, 10, 24, true);
    // One block more might not fit.
    check_blocks(512 * 24 - 1, 1023, 10, 24, false);
    // A felt that holds parts of two rows counts with both.
    check_blocks(4 * 511 * 30 - 1, 1023, 10, 30, true);
    check_blocks(31 * 140 - 1, 4095, 12, 140, true);
}
