//! Large public tensors: felts split into five groups of entries, number 0 to 4 modulo 5 in the
//! felt. In a group there is room above each entry, so that felts can be multiplied by weights
//! and added up as they are (`blocks`).

use crate::packing::{check_below, check_last, check_range, power};

/// A felt's entries by their number in the felt modulo 5. The sum of the groups is the felt.
#[derive(Copy, Drop)]
pub struct Fifths {
    pub g0: felt252,
    pub g1: felt252,
    pub g2: felt252,
    pub g3: felt252,
    pub g4: felt252,
}

/// Fewer entries are unpacked one by one.
const MIN_ENTRIES: u32 = 4096;
/// Sums over more felts could carry ([`split`]).
const MAX_FELTS: u32 = 4096;
const TWO_128: felt252 = 0x100000000000000000000000000000000;

/// Whether a tensor is split: of entries of 10 and 12 bits there are 24 and 20 in a felt, at most
/// five in a group.
pub fn is_large(width: u32, n_entries: u32, n_felts: u32) -> bool {
    n_entries >= MIN_ENTRIES && n_felts <= MAX_FELTS && (width == 10 || width == 12)
}

/// What selects the groups 1 to 4, in the lower 128 bits of a felt and in the others.
#[derive(Copy, Drop)]
struct Masks {
    low_1: u128,
    low_2: u128,
    low_3: u128,
    low_4: u128,
    high_1: u128,
    high_2: u128,
    high_3: u128,
    high_4: u128,
}

/// Splits all felts of a tensor, each entry of which is checked to be at most `range`.
///
/// # Panics
/// A felt is not canonical, or an entry too large.
pub fn split(felts: Span<felt252>, width: u32, range: u32, n_entries: u32) -> Span<Fifths> {
    let per_felt = 248 / width;
    let (fifths, upper) = split_all(felts, masks(width, per_felt));
    // A bit above the entries of a felt makes this sum at least that bit. If there is none, each
    // term is below it by the three entries above the last one of group 0, 30 bits at least, so
    // that no sum of 2^12 terms reaches it.
    check_below(upper, per_felt * width - 128);
    check_last(felts, width, per_felt, n_entries);
    check_range(felts, width, per_felt, range);
    fifths
}

/// The groups of all felts, and the sum of what is in the upper bits and in none of the groups 1
/// to 4.
fn split_all(felts: Span<felt252>, masks: Box<Masks>) -> (Span<Fifths>, felt252) {
    let mut felts = felts;
    let mut fifths = array![];
    let mut upper = 0;
    while let Some(felts_2) = felts.multi_pop_front::<2>() {
        let [f0, f1] = felts_2.unbox();
        let (g0, u0) = split_one(f0, masks.unbox());
        let (g1, u1) = split_one(f1, masks.unbox());
        fifths.append(g0);
        fifths.append(g1);
        upper = upper + u0 + u1;
    }
    while let Some(felt) = felts.pop_front() {
        let (groups, above) = split_one(*felt, masks.unbox());
        upper += above;
        fifths.append(groups);
    }
    (fifths.span(), upper)
}

/// The groups of a felt, and what is in its upper bits and in none of the groups 1 to 4.
#[inline(always)]
fn split_one(felt: felt252, masks: Masks) -> (Fifths, felt252) {
    let Masks { low_1, low_2, low_3, low_4, high_1, high_2, high_3, high_4 } = masks;
    let value: u256 = felt.into();
    let (low, high) = (value.low, value.high);
    let (h1, h2): (felt252, felt252) = ((high & high_1).into(), (high & high_2).into());
    let (h3, h4): (felt252, felt252) = ((high & high_3).into(), (high & high_4).into());
    let g1 = (low & low_1).into() + h1 * TWO_128;
    let g2 = (low & low_2).into() + h2 * TWO_128;
    let g3 = (low & low_3).into() + h3 * TWO_128;
    let g4 = (low & low_4).into() + h4 * TWO_128;
    (Fifths { g0: felt - g1 - g2 - g3 - g4, g1, g2, g3, g4 }, high.into() - h1 - h2 - h3 - h4)
}

fn masks(width: u32, per_felt: u32) -> Box<Masks> {
    let step = power(width);
    // For each group, the sum of the places of its entries.
    let (mut u0, mut u1, mut u2, mut u3, mut u4) = (0, 0, 0, 0, 0);
    for _ in 0..per_felt {
        // One more entry before the others, each of which goes to the next group.
        let next = u4 * step + 1;
        u4 = u3 * step;
        u3 = u2 * step;
        u2 = u1 * step;
        u1 = u0 * step;
        u0 = next;
    }
    let m1: u256 = (u1 * (step - 1)).into();
    let m2: u256 = (u2 * (step - 1)).into();
    let m3: u256 = (u3 * (step - 1)).into();
    let m4: u256 = (u4 * (step - 1)).into();
    BoxTrait::new(
        Masks {
            low_1: m1.low,
            low_2: m2.low,
            low_3: m3.low,
            low_4: m4.low,
            high_1: m1.high,
            high_2: m2.high,
            high_3: m3.high,
            high_4: m4.high,
        },
    )
}

/// How entries are checked: `entry + (2^width - 1 - range)` does not carry. With this added to all
/// entries, those with even numbers are what they should be if and only if there is no carry
/// into them or out of them, so no carry at all.
#[derive(Copy, Drop)]
pub(crate) struct RangeCheck {
    /// What is added to all entries, and to those with even numbers.
    added: felt252,
    added_even: felt252,
    /// The entries with even numbers, and the bit that an odd last one would carry into.
    low: u128,
    high: u128,
}

#[generate_trait]
pub(crate) impl RangeCheckImpl of RangeCheckTrait {
    fn new(width: u32, per_felt: u32, range: u32) -> Box<RangeCheck> {
        let step = power(width);
        // The sums of the places of the entries with even numbers, and with odd ones.
        let (mut even, mut odd) = (0, 0);
        for _ in 0..per_felt {
            let next = odd * step + 1;
            odd = even * step;
            even = next;
        }
        let largest = step - 1;
        let gap = largest - range.into();
        // What the last entry would carry into, if its number is odd.
        let carry = if per_felt % 2 == 0 {
            power(per_felt * width)
        } else {
            0
        };
        let mask: u256 = (even * largest + carry).into();
        BoxTrait::new(
            RangeCheck {
                added: gap * (even + odd), added_even: gap * even, low: mask.low, high: mask.high,
            },
        )
    }

    /// The entries with even numbers of a felt without anything above its entries.
    #[inline(always)]
    fn even(self: Box<RangeCheck>, felt: felt252) -> felt252 {
        let RangeCheck { low, high, .. } = self.unbox();
        let value: u256 = felt.into();
        (value.low & low).into() + (value.high & high).into() * TWO_128
    }

    /// Whether no entry of a felt is too large.
    #[inline(always)]
    fn holds(self: Box<RangeCheck>, felt: felt252) -> bool {
        let RangeCheck { added, added_even, .. } = self.unbox();
        self.even(felt) + added_even == self.even(felt + added)
    }
}
