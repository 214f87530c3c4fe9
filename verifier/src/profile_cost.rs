//! What the search for a schedule minimises (PROTOCOL §4.3): bytes of a proof, the cost of its
//! verification inside a Cairo proof, or on chain; and the blow-ups that it tries.

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

/// Gas of what a contract does (docs/onchain.md), each felt with its calldata: a felt of a leaf, read,
/// hashed, checked and folded.
const GAS_LEAF: u32 = 23_300;
/// A sibling of a path.
const GAS_SIBLING: u32 = 14_200;
/// A query: its position, its point, and each variable of its functional.
const GAS_QUERY: [u32; 2] = [15_000, 7_600];
/// A round of the sumcheck.
const GAS_ROUND: u32 = 43_000;
/// A folded table: root, value, proof of work; and each variable of its out-of-domain point.
const GAS_LEVEL: [u32; 2] = [150_000, 21_000];
/// An element of the clear table.
const GAS_ELEMENT: u32 = 19_000;

/// The costs of a profile: in 1/16 felt, in steps for recursion, in gas for a chain.
pub(super) struct Costs<'a> {
    pub(super) profile: &'a Profile,
}

impl Costs<'_> {
    /// The log blow-ups of `M` (0) or `W` (1). That of `M` is high, because it is encoded only once.
    pub(super) fn table_blowups(&self, table: usize, log_size: u32) -> RangeInclusive<u32> {
        let low = if table == 0 { 4 } else { 2 };
        let high = match self.profile.goal {
            Goal::Size => low,
            Goal::Recursion => 24u32.saturating_sub(log_size).min(10),
            Goal::Gas if table == 0 => 24u32.saturating_sub(log_size).min(8),
            // `W` is encoded for each proof, and hashed with Poseidon.
            Goal::Gas => 22u32.saturating_sub(log_size).clamp(3, 8),
        };
        low..=high.max(low)
    }

    /// The log blow-ups of a folded table of `n` variables.
    pub(super) fn folded_blowups(&self, n: u32) -> RangeInclusive<u32> {
        if self.profile.goal == Goal::Recursion {
            return 4..=23u32.saturating_sub(n).clamp(4, 10);
        }
        // A Poseidon252 tree is slow to build: its codes are shorter, the proof some 5 % longer.
        let cap = if self.profile.suite == SuiteName::Blake2s { 20 } else { 18 };
        if n >= 14 { 4..=5 } else { 4..=(cap - n).min(8) }
    }

    /// The most variables of a table that is sent in clear.
    pub(super) const fn max_clear(&self) -> u32 {
        if matches!(self.profile.goal, Goal::Recursion) { 8 } else { 6 }
    }

    /// The leaves and paths of a code.
    #[expect(clippy::cast_possible_truncation, reason = "a leaf has at most 2^12 values")]
    pub(super) fn code(&self, code: &Code) -> u32 {
        let per_query = self.profile.query_millibits(code.log_blowup);
        let t = SEARCH_MILLIBITS.div_ceil(per_query);
        let width = code.leaf_width() as u32;
        let shared = 16 * log2_millibits(t.into()) / 1000;
        let path = (16 * code.log_domain()).saturating_sub(shared);
        match self.profile.goal {
            Goal::Size => t * (16 * width.div_ceil(8) + path),
            Goal::Recursion => {
                let [query, variable] = QUERY;
                let hashes = COMPRESSION * (16 * width.div_ceil(16) + path) / 16;
                t * (hashes + WORD * width + query + variable * code.log_row())
            }
            Goal::Gas => {
                let [query, variable] = GAS_QUERY;
                let felts = GAS_LEAF * width.div_ceil(8) + GAS_SIBLING * path / 16;
                t * (felts + query + variable * code.log_row())
            }
        }
    }

    /// A round of the sumcheck.
    pub(super) const fn round(&self) -> u32 {
        match self.profile.goal {
            Goal::Size => 16,
            // Absorbed and drawn.
            Goal::Recursion => 2 * COMPRESSION + 60,
            Goal::Gas => GAS_ROUND,
        }
    }

    /// A folded table of `n` variables: root, out-of-domain value, nonce.
    pub(super) const fn level(&self, n: u32) -> u32 {
        match self.profile.goal {
            Goal::Size => 16 + 8 + 16,
            // The point is drawn, two coordinates at once.
            Goal::Recursion => COMPRESSION * (8 + n / 2),
            Goal::Gas => {
                let [table, variable] = GAS_LEVEL;
                table + variable * n
            }
        }
    }

    /// The table of `n` variables in clear, and the rounds over it.
    pub(super) const fn clear(&self, n: u32) -> u32 {
        let element = match self.profile.goal {
            Goal::Size => 8,
            Goal::Recursion => COMPRESSION / 4 + ELEMENT,
            Goal::Gas => GAS_ELEMENT,
        };
        (element << n) + self.round() * n
    }
}
