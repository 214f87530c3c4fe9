//! Where tensors and lookups lie in the committed tables and in the lookup stack (PROTOCOL §4, §5.1).
//!
//! Slots are placed largest first, those of one size by index, so each is aligned to its size and
//! a claim on a slot at `z` is a claim on its table at `(prefix, z)`.

use crate::circuit::{Circuit, Kind};
use crate::field::{K, ONE};

/// log2 of the size that a smaller committed table is padded to.
pub const LOG_PADDED_TABLE: u32 = 8;

/// An aligned range of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// First index.
    pub offset: u64,
    /// log2 of the length.
    pub log_size: u32,
}

impl Slot {
    /// `eq(prefix, point)` for the index bits above the slot; the rest of `point` addresses the slot.
    #[must_use]
    pub fn split<'p>(&self, point: &'p [K]) -> (K, &'p [K]) {
        let n_prefix = point.len().saturating_sub(self.log_size as usize);
        let (high, low) = point.split_at(n_prefix);
        let prefix = self.offset >> self.log_size;
        let weight = high.iter().enumerate().fold(ONE, |acc, (i, &c)| {
            acc * if prefix >> (n_prefix - 1 - i) & 1 == 1 { c } else { ONE - c }
        });
        (weight, low)
    }

    /// The range of indices.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a table has at most 2^30 entries")]
    pub fn range(&self) -> std::ops::Range<usize> {
        let start = self.offset as usize;
        start..start + (1usize << self.log_size)
    }
}

/// Slots of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// log2 of the table's length.
    pub log_size: u32,
    /// A slot for every item, `None` for those that lie elsewhere.
    pub slots: Vec<Option<Slot>>,
}

impl Layout {
    /// Places items of the given log2 sizes; `None` takes no room.
    fn place(sizes: &[Option<u32>], min_log: u32) -> Self {
        let mut slots = vec![None; sizes.len()];
        let mut order: Vec<(u32, &mut Option<Slot>)> = sizes
            .iter()
            .zip(&mut slots)
            .filter_map(|(&size, slot)| size.map(|log_size| (log_size, slot)))
            .collect();
        // Stable: items of one size stay in their order.
        order.sort_by_key(|&(log_size, _)| std::cmp::Reverse(log_size));
        let mut offset = 0u64;
        for (log_size, slot) in order {
            *slot = Some(Slot { offset, log_size });
            offset += 1 << log_size;
        }
        let log_size = offset.next_power_of_two().trailing_zeros().max(min_log);
        Self { log_size, slots }
    }

    /// The slot of an item.
    #[must_use]
    pub fn slot(&self, item: u32) -> Option<Slot> {
        self.slots.get(item as usize).copied().flatten()
    }

    /// The table `M` of a valid circuit.
    #[must_use]
    pub fn model(circuit: &Circuit) -> Self {
        Self::of_kind(circuit, Kind::Model)
    }

    /// The table `W` of a valid circuit.
    #[must_use]
    pub fn witness(circuit: &Circuit) -> Self {
        Self::of_kind(circuit, Kind::Witness)
    }

    fn of_kind(circuit: &Circuit, kind: Kind) -> Self {
        let sizes: Vec<_> =
            circuit.tensors.iter().map(|t| (t.kind == kind).then(|| t.log_size())).collect();
        Self::place(&sizes, LOG_PADDED_TABLE)
    }

    /// The lookup stack: all lookups, then all tables (PROTOCOL §5.1).
    #[must_use]
    pub fn stack(circuit: &Circuit) -> Self {
        let sizes: Vec<_> = circuit
            .lookups
            .iter()
            .map(|l| l.key.terms.first().map(|&(_, id)| circuit.tensor(id).log_size()))
            .chain(circuit.tables.iter().map(|t| Some(t.log_size)))
            .collect();
        Self::place(&sizes, 1)
    }
}

/// All three layouts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layouts {
    /// `M`.
    pub model: Layout,
    /// `W`.
    pub witness: Layout,
    /// The lookup stack: lookup `j` is slot `j`, table `t` is slot `n_lookups + t`.
    pub stack: Layout,
}

impl Layouts {
    /// The layouts of a valid circuit.
    #[must_use]
    pub fn new(circuit: &Circuit) -> Self {
        Self {
            model: Layout::model(circuit),
            witness: Layout::witness(circuit),
            stack: Layout::stack(circuit),
        }
    }
}
