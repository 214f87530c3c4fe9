//! Large public tensors: felts split into four groups of entries, number 0, 1, 2 and 3 modulo 4 in
//! the felt. In a group there is room above each entry, so that felts can be multiplied by weights
//! and added up as they are (`blocks`).

use crate::packing::{check_below, check_last, check_range, power};

/// A felt's entries by their number in the felt modulo 4. The sum of the groups is the felt.
#[derive(Copy, Drop)]
pub struct Quarters {
    pub g0: felt252,
    pub g1: felt252,
    pub g2: felt252,
    pub g3: felt252,
}

/// Fewer entries are unpacked one by one.
const MIN_ENTRIES: u32 = 4096;
/// Sums over more felts could carry ([`split`]).
const MAX_FELTS: u32 = 4096;
const TWO_128: felt252 = 0x100000000000000000000000000000000;

/// Whether a tensor is split: of entries of 12 and 15 bits there are 20 and 16 in a felt, as many
/// in each group.
pub fn is_large(width: u32, n_entries: u32, n_felts: u32) -> bool {
    n_entries >= MIN_ENTRIES && n_felts <= MAX_FELTS && (width == 12 || width == 15)
}

/// What selects the groups 0, 2 and 3, in the lower 128 bits of a felt and in the others.
#[derive(Copy, Drop)]
struct Masks {
    low_0: u128,
    low_2: u128,
    low_3: u128,
    high_0: u128,
    high_2: u128,
    high_3: u128,
}

/// Splits all felts of a tensor, each entry of which is checked to be at most `range`.
///
/// # Panics
/// A felt is not canonical, or an entry too large.
pub fn split(felts: Span<felt252>, width: u32, range: u32, n_entries: u32) -> Span<Quarters> {
    let per_felt = 248 / width;
    let units = units(width, per_felt);
    let (quarters, upper) = split_all(felts, masks(units, power(width) - 1));
    // A bit above the entries of a felt makes this sum at least that bit. If there is none, each
    // term is below it by the two entries above the last one of group 1, 24 bits at least, so that
    // no sum of 2^12 terms reaches it.
    check_below(upper, per_felt * width - 128);
    check_last(felts, width, per_felt, n_entries);
    check_range(felts, width, per_felt, range);
    quarters
}

/// The groups of all felts, and the sum of what is in the upper bits and not in group 0, 2 or 3.
fn split_all(felts: Span<felt252>, masks: Box<Masks>) -> (Span<Quarters>, felt252) {
    let mut felts = felts;
    let mut quarters = array![];
    let mut upper = 0;
    while let Some(felts_4) = felts.multi_pop_front::<4>() {
        let [f0, f1, f2, f3] = felts_4.unbox();
        let (g0, u0) = split_one(f0, masks.unbox());
        let (g1, u1) = split_one(f1, masks.unbox());
        let (g2, u2) = split_one(f2, masks.unbox());
        let (g3, u3) = split_one(f3, masks.unbox());
        quarters.append(g0);
        quarters.append(g1);
        quarters.append(g2);
        quarters.append(g3);
        upper = upper + u0 + u1 + u2 + u3;
    }
    while let Some(felt) = felts.pop_front() {
        let (groups, above) = split_one(*felt, masks.unbox());
        upper += above;
        quarters.append(groups);
    }
    (quarters.span(), upper)
}

/// The groups of a felt, and what is in its upper bits and not in group 0, 2 or 3.
#[inline(always)]
fn split_one(felt: felt252, masks: Masks) -> (Quarters, felt252) {
    let Masks { low_0, low_2, low_3, high_0, high_2, high_3 } = masks;
    let value: u256 = felt.into();
    let (low, high) = (value.low, value.high);
    let (h0, h2): (felt252, felt252) = ((high & high_0).into(), (high & high_2).into());
    let h3: felt252 = (high & high_3).into();
    let g0 = (low & low_0).into() + h0 * TWO_128;
    let g2 = (low & low_2).into() + h2 * TWO_128;
    let g3 = (low & low_3).into() + h3 * TWO_128;
    (Quarters { g0, g1: felt - g0 - g2 - g3, g2, g3 }, high.into() - h0 - h2 - h3)
}

/// For each group, the sum of the places of its entries.
pub(crate) fn units(width: u32, per_felt: u32) -> [felt252; 4] {
    let step = power(width);
    let (mut u0, mut u1, mut u2, mut u3) = (0, 0, 0, 0);
    for _ in 0..per_felt {
        // One more entry before the others, each of which goes to the next group.
        let next = u3 * step + 1;
        u3 = u2 * step;
        u2 = u1 * step;
        u1 = u0 * step;
        u0 = next;
    }
    let units = [u0, u1, u2, u3];
    units
}

fn masks(units: [felt252; 4], largest: felt252) -> Box<Masks> {
    let [u0, _, u2, u3] = units;
    let m0: u256 = (u0 * largest).into();
    let m2: u256 = (u2 * largest).into();
    let m3: u256 = (u3 * largest).into();
    BoxTrait::new(
        Masks {
            low_0: m0.low,
            low_2: m2.low,
            low_3: m3.low,
            high_0: m0.high,
            high_2: m2.high,
            high_3: m3.high,
        },
    )
}

/// How entries are checked: `entry + (2^width - 1 - range)` does not carry. With this added to all
/// entries, those of the groups 0 and 2 are what they should be if and only if there is no carry
/// into them or out of them, so no carry at all.
#[derive(Copy, Drop)]
pub(crate) struct RangeCheck {
    /// What is added to all entries, and to those of the groups 0 and 2.
    added: felt252,
    added_even: felt252,
    /// The groups 0 and 2, and the bit that an odd last entry would carry into.
    low: u128,
    high: u128,
}

#[generate_trait]
pub(crate) impl RangeCheckImpl of RangeCheckTrait {
    fn new(units: [felt252; 4], width: u32, per_felt: u32, range: u32) -> Box<RangeCheck> {
        let [u0, u1, u2, u3] = units;
        let largest = power(width) - 1;
        let gap = largest - range.into();
        let even = u0 + u2;
        // What the last entry would carry into, if it is not in one of these groups itself.
        let carry = if per_felt % 2 == 0 {
            power(per_felt * width)
        } else {
            0
        };
        let mask: u256 = (even * largest + carry).into();
        BoxTrait::new(
            RangeCheck {
                added: gap * (even + u1 + u3),
                added_even: gap * even,
                low: mask.low,
                high: mask.high,
            },
        )
    }

    /// The groups 0 and 2 of a felt without anything above its entries.
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
