//! What the search for a schedule minimises (PROTOCOL §4.3): bytes of a proof, or the cost of its
//! verification inside a Cairo proof; and the blow-ups that it tries.

use std::ops::RangeInclusive;

use super::{Code, Goal, Profile, SuiteName, log2_millibits};

/// Query bits that the search reckons with, in 1/1000 bit.
const SEARCH_MILLIBITS: u32 = 73_500;

/// A compression of Blake2s, in steps: it fills a batch as 128 steps do, and 90 lead to it.
const COMPRESSION: u32 = 220;
/// Steps for a word of a leaf, beside its hash.
const WORD: u32 = 12;
/// Steps for a query: its position, its point, and each variable of a row.
const QUERY: [u32; 2] = [250, 9];
/// Steps for an element of the clear table, beside its hash.
const ELEMENT: u32 = 60;

/// The costs of a profile: in 1/16 felt, for recursion in steps.
pub(super) struct Costs<'a> {
    pub(super) profile: &'a Profile,
}

impl Costs<'_> {
    const fn recursion(&self) -> bool {
        matches!(self.profile.goal, Goal::Recursion)
    }

    /// The log blow-ups of `M` (0) or `W` (1). That of `M` is high, because it is encoded only once.
    pub(super) fn table_blowups(&self, table: usize, log_size: u32) -> RangeInclusive<u32> {
        let low = if table == 0 { 4 } else { 2 };
        let high = if self.recursion() { 24u32.saturating_sub(log_size).min(10) } else { low };
        low..=high.max(low)
    }

    /// The log blow-ups of a folded table of `n` variables.
    pub(super) fn folded_blowups(&self, n: u32) -> RangeInclusive<u32> {
        if self.recursion() {
            return 4..=23u32.saturating_sub(n).clamp(4, 10);
        }
        // A Poseidon252 tree is slow to build: its codes are shorter, the proof some 5 % longer.
        let cap = if self.profile.suite == SuiteName::Blake2s { 20 } else { 18 };
        if n >= 14 { 4..=5 } else { 4..=(cap - n).min(8) }
    }

    /// The most variables of a table that is sent in clear.
    pub(super) const fn max_clear(&self) -> u32 {
        if self.recursion() { 8 } else { 6 }
    }

    /// The leaves and paths of a code.
    #[expect(clippy::cast_possible_truncation, reason = "a leaf has at most 2^12 values")]
    pub(super) fn code(&self, code: &Code) -> u32 {
        let per_query = self.profile.query_millibits(code.log_blowup);
        let t = SEARCH_MILLIBITS.div_ceil(per_query);
        let width = code.leaf_width() as u32;
        let shared = 16 * log2_millibits(t.into()) / 1000;
        let path = (16 * code.log_domain()).saturating_sub(shared);
        if self.recursion() {
            let [query, variable] = QUERY;
            let hashes = COMPRESSION * (16 * width.div_ceil(16) + path) / 16;
            return t * (hashes + WORD * width + query + variable * code.log_row());
        }
        t * (16 * width.div_ceil(8) + path)
    }

    /// A round of the sumcheck.
    pub(super) const fn round(&self) -> u32 {
        // Absorbed and drawn.
        if self.recursion() { 2 * COMPRESSION + 60 } else { 16 }
    }

    /// A folded table of `n` variables: root, out-of-domain value, nonce.
    pub(super) const fn level(&self, n: u32) -> u32 {
        // The point is drawn, two coordinates at once.
        if self.recursion() { COMPRESSION * (8 + n / 2) } else { 16 + 8 + 16 }
    }

    /// The table of `n` variables in clear, and the rounds over it.
    pub(super) const fn clear(&self, n: u32) -> u32 {
        let element = if self.recursion() { COMPRESSION / 4 + ELEMENT } else { 8 };
        (element << n) + self.round() * n
    }
}
