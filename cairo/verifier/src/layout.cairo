//! Where tensors and lookups lie in the committed tables and in the lookup stack (PROTOCOL §4,
//! §5.1).
//!
//! Slots are placed largest first, those of one size by index, so each is aligned to its size and a
//! claim on a slot at `z` is a claim on its table at `(prefix, z)`. The weights `eq(prefix, point)`
//! of all slots are one walk through the binary tree of the slots: a multiplication for each inner
//! node.

use crate::circuit::{Counts, MAX_LOG_TABLE, bit_length};
use crate::field::{K, one_k};

/// log2 of the size that a smaller committed table is padded to.
pub const LOG_PADDED_TABLE: u32 = 8;

/// log2 of the length of a table whose slots are these, at least `min_log`.
///
/// # Panics
/// The table is too large.
pub fn log_size(mut counts: Counts, min_log: u32) -> u32 {
    let mut length: u64 = 0;
    let mut size: u64 = 1;
    while let Some(count) = counts.pop_front() {
        length += (*count).into() * size;
        size *= 2;
    }
    assert(length <= 0x40000000, 'layout: table too large');
    let length: u32 = length.try_into().unwrap();
    let log_size = if length == 0 {
        0
    } else {
        bit_length(length - 1)
    };
    if log_size < min_log {
        min_log
    } else {
        assert(log_size <= MAX_LOG_TABLE, 'layout: table too large');
        log_size
    }
}

/// `counts` of two lists that lie in one table: item by item the sum.
pub fn add_counts(mut a: Counts, mut b: Counts) -> Counts {
    let mut sum = array![];
    loop {
        match (a.pop_front(), b.pop_front()) {
            (Some(x), Some(y)) => sum.append(*x + *y),
            (Some(x), None) => sum.append(*x),
            (None, Some(y)) => sum.append(*y),
            (None, None) => { break; },
        }
    }
    sum.span()
}

/// The prefix weights of all slots of a table: for each log2 size, from 0 on, those of its slots.
pub type Prefixes = Span<Span<K>>;

/// The weights of the slots at a point of the table, most significant coordinate first.
///
/// # Panics
/// The slots do not fit.
pub fn prefixes(counts: Counts, point: Span<K>) -> Prefixes {
    let mut walk = Walk { counts, left: 0, of_size: array![], done: array![] };
    walk.next_size();
    if walk.left != 0 {
        walk.visit(point.len(), point, one_k());
    }
    assert(walk.left == 0, 'layout: slots do not fit');
    // The largest size came first.
    let mut done = walk.done.span();
    let mut prefixes = array![];
    while let Some(weights) = done.pop_back() {
        prefixes.append(*weights);
    }
    prefixes.span()
}

/// The state of the walk: the next slot has log2 size `counts.len()`.
#[derive(Drop)]
struct Walk {
    /// The counts of the smaller sizes.
    counts: Counts,
    /// Slots of the current size that are left; 0 if there are no slots left at all.
    left: u32,
    /// Weights of the slots of the current size so far.
    of_size: Array<K>,
    /// Those of the larger sizes.
    done: Array<Span<K>>,
}

#[generate_trait]
impl WalkImpl of WalkTrait {
    /// Goes on to the next size that has slots.
    fn next_size(ref self: Walk) {
        while self.left == 0 {
            match self.counts.pop_back() {
                Some(count) => { self.left = *count; },
                None => { break; },
            }
            if self.left == 0 {
                self.done.append(array![].span());
            }
        }
    }

    /// The slots below a node: `log_size` of its range, the coordinates below it first in `point`.
    fn visit(ref self: Walk, log_size: u32, mut point: Span<K>, weight: K) {
        if log_size == self.counts.len() {
            self.place(weight);
            return;
        }
        let right = weight * *point.pop_front().expect('layout: slots do not fit');
        let left = weight - right;
        let child = log_size - 1;
        if child != self.counts.len() {
            self.visit(child, point, left);
            if self.left != 0 {
                self.visit(child, point, right);
            }
        } else if self.left == 1 {
            self.place(left);
            if self.left != 0 {
                self.visit(child, point, right);
            }
        } else {
            // Two slots of one size.
            self.of_size.append(left);
            self.left -= 1;
            self.place(right);
        }
    }

    /// Places the next slot.
    #[inline(always)]
    fn place(ref self: Walk, weight: K) {
        self.of_size.append(weight);
        self.left -= 1;
        if self.left == 0 {
            self.done.append(self.of_size.span());
            self.of_size = array![];
            self.next_size();
        }
    }
}
