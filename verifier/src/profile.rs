//! Security profiles and the schedule of an opening (PROTOCOL §4.3).
//!
//! A [`Profile`] is chosen by name; a [`Schedule`] follows from it and from the sizes of the two
//! tables, in integer arithmetic, so that every implementation derives the same one. Nothing here
//! is ever read from a proof.
//!
//! Errors are counted in units of `2^-124`, the size of the challenge field. What the fields cost
//! (folding, out-of-domain points, batching, sumcheck, and `2^-102` for all that a proof does before
//! its opening) is subtracted from the target first; the queries of all codes share the rest
//! equally, after the proof of work of their level. The target holds for the whole proof.

use std::fmt::Write as _;

use thiserror::Error;

/// Smallest log2 size of a table; callers pad to it.
pub const MIN_LOG_TABLE: u32 = 5;
/// Largest log2 size of a table.
pub const MAX_LOG_TABLE: u32 = 30;

/// log2 of the size of the challenge field.
const FIELD_BITS: u32 = 124;
/// log2 of the list size that the out-of-domain terms of a conjectured profile are stated for.
const LOG_LIST: u32 = 10;
/// Units reserved for everything outside the opening (lookups, GKR, identities, products, batching
/// of claims): `2^-102`. The limits of `Circuit::validate` keep those steps below it.
const RESERVED_UNITS: u128 = 1 << (FIELD_BITS - 102);
/// Bound on the equations that one batching challenge combines.
const MAX_BATCH: u128 = 1 << 9;

/// The hash suites a profile can name (`channel::Suite`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SuiteName {
    /// Blake2s-256 for channel and trees.
    Blake2s,
    /// Poseidon over the Starknet field for channel and trees.
    Poseidon252,
}

/// What the parameters of a profile are derived from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// 96 bits in sum over a whole proof, under the conjecture of `docs/security.md`.
    Conjectured96,
    /// 96 bits in sum by unique decoding; fewer, stated, where the field allows no more.
    Proven,
    /// A handful of queries, for tests.
    TestInsecure,
}

/// What the schedule of a profile is the best for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Goal {
    /// The smallest proof.
    Size,
    /// The cheapest verification inside a Cairo proof (docs/recursion.md).
    Recursion,
    /// The cheapest verification on Starknet (docs/onchain.md).
    Gas,
}

/// A named set of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Profile {
    name: &'static str,
    suite: SuiteName,
    kind: Kind,
    goal: Goal,
}

/// The profiles that a name selects.
const PROFILES: [Profile; 5] = {
    use {Goal::*, Kind::*, SuiteName::*};
    [
        Profile::new("conjectured-96-blake2s", Blake2s, Conjectured96, Size),
        Profile::new("conjectured-96-poseidon252", Poseidon252, Conjectured96, Gas),
        Profile::new("proven-blake2s", Blake2s, Proven, Size),
        Profile::new("proven-poseidon252", Poseidon252, Proven, Size),
        Profile::new("recursive-96", Blake2s, Conjectured96, Recursion),
    ]
};

impl Profile {
    const fn new(name: &'static str, suite: SuiteName, kind: Kind, goal: Goal) -> Self {
        Self { name, suite, kind, goal }
    }

    /// The profile called `name`; never one for tests.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        PROFILES.into_iter().find(|p| p.name == name)
    }

    /// The names that [`Profile::by_name`] knows.
    pub fn names() -> impl Iterator<Item = &'static str> {
        PROFILES.iter().map(|p| p.name)
    }

    /// A profile without security, for tests. It cannot be had by name, and no key file with it is
    /// read ([`crate::key::VerifyingKey::from_bytes`]): only code that calls this function verifies
    /// under it. Release programs do not.
    #[must_use]
    pub const fn test_insecure(suite: SuiteName) -> Self {
        let name = match suite {
            SuiteName::Blake2s => "test-insecure-blake2s",
            SuiteName::Poseidon252 => "test-insecure-poseidon252",
        };
        Self::new(name, suite, Kind::TestInsecure, Goal::Size)
    }

    /// The name, which identifies every parameter.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The hash suite.
    #[must_use]
    pub const fn suite(&self) -> SuiteName {
        self.suite
    }

    /// What the parameters are derived from.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Bits of proof of work of every level.
    #[must_use]
    pub const fn pow_bits(&self) -> u32 {
        match self.kind {
            Kind::Conjectured96 | Kind::Proven => 26,
            Kind::TestInsecure => 2,
        }
    }

    /// What one query of a code is worth, in 1/1000 bit, rounded down.
    const fn query_millibits(&self, log_blowup: u32) -> u32 {
        match self.kind {
            // 1 - log2(1 + 2^-b)
            Kind::Proven => match log_blowup {
                0 | 1 => 415,
                2 => 678,
                3 => 830,
                4 => 912,
                5 => 955,
                6 => 977,
                7 => 988,
                _ => 994,
            },
            // -log2(rho + H(rho) / 31), for either field: the points of every code are in `F`.
            Kind::Conjectured96 | Kind::TestInsecure => match log_blowup {
                0 | 1 => 909,
                2 => 1856,
                3 => 2810,
                4 => 3768,
                5 => 4728,
                6 => 5689,
                7 => 6652,
                8 => 7616,
                9 => 8581,
                _ => 9546,
            },
        }
    }

    /// log2 of the list size in out-of-domain and batching terms.
    const fn log_list(&self) -> u32 {
        match self.kind {
            Kind::Conjectured96 => LOG_LIST,
            Kind::Proven | Kind::TestInsecure => 0,
        }
    }
}

/// The field of the entries of a committed table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CodeField {
    /// `F`: the tables `M` and `W`.
    Base,
    /// `K`: folded tables, four columns of `F` a row.
    Extension,
}

/// One committed table: `2^log_rows` rows, each encoded over `2^(log_row + log_blowup)` points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Code {
    /// log2 of the number of entries, the number of variables.
    pub log_size: u32,
    /// log2 of the number of rows: the variables that the next rounds bind.
    pub log_rows: u32,
    /// log2 of the blow-up.
    pub log_blowup: u32,
    /// Positions drawn, with replacement.
    pub n_queries: usize,
    /// The field of the entries.
    pub field: CodeField,
}

impl Code {
    /// Variables of a row, `m`.
    #[must_use]
    pub const fn log_row(&self) -> u32 {
        self.log_size - self.log_rows
    }

    /// log2 of the number of points of the code: the depth of its tree.
    #[must_use]
    pub const fn log_domain(&self) -> u32 {
        self.log_row() + self.log_blowup
    }

    /// Number of `F` values of a leaf.
    #[must_use]
    pub const fn leaf_width(&self) -> usize {
        match self.field {
            CodeField::Base => 1 << self.log_rows,
            CodeField::Extension => 4 << self.log_rows,
        }
    }
}

/// Why there is no schedule.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ScheduleError {
    /// A table is too small or too large.
    #[error(
        "table {table} has 2^{log_size} entries, outside 2^{MIN_LOG_TABLE} to 2^{MAX_LOG_TABLE}"
    )]
    Size {
        /// 0 for `M`, 1 for `W`.
        table: usize,
        /// log2 of its size.
        log_size: u32,
    },
    /// The field does not give the profile's bits at these sizes.
    #[error(
        "{profile}: tables of 2^{log_model} and 2^{log_witness} entries leave fewer than {bits} bits"
    )]
    Insecure {
        /// Name of the profile.
        profile: &'static str,
        /// log2 of the size of `M`.
        log_model: u32,
        /// log2 of the size of `W`.
        log_witness: u32,
        /// The bits asked for.
        bits: u32,
    },
}

/// Every parameter of an opening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The profile it was derived from.
    pub profile: Profile,
    /// The codes of `M` and `W`.
    pub tables: [Code; 2],
    /// Index of the table that leads the sumcheck: the larger one, `M` when equal.
    pub leader: usize,
    /// Index of the level whose end concatenates the folds of both tables.
    pub join: usize,
    /// The folded tables that are committed, in order; level `i + 1` folds `folded[i]`.
    pub folded: Vec<Code>,
    /// log2 of the size of the table that is sent in clear.
    pub log_clear: u32,
    /// Bits of proof of work of every level.
    pub pow_bits: u32,
    /// The error of a whole proof is at most `2^-bits` (tests: 0).
    pub bits: u32,
}

impl Schedule {
    /// Derives the schedule of an opening of tables of `2^log_model` and `2^log_witness` entries.
    ///
    /// # Errors
    /// A size out of range, or sizes at which the field gives fewer bits than the profile claims
    /// (`proven`: than 80).
    pub fn new(profile: &Profile, log_model: u32, log_witness: u32) -> Result<Self, ScheduleError> {
        let sizes = [log_model, log_witness];
        for (table, &log_size) in sizes.iter().enumerate() {
            if !(MIN_LOG_TABLE..=MAX_LOG_TABLE).contains(&log_size) {
                return Err(ScheduleError::Size { table, log_size });
            }
        }
        let lowest = if profile.kind == Kind::Proven { 80 } else { 96 };
        let insecure =
            ScheduleError::Insecure { profile: profile.name, log_model, log_witness, bits: lowest };
        // The smallest schedule whose field terms leave a quarter of the error to the queries; the
        // cap on the codes' domains falls until one does.
        let mut best = None;
        for log_domain_cap in (20..=26).rev() {
            let Some(schedule) = search::Search { profile, sizes, log_domain_cap }.run() else {
                continue;
            };
            let spent = schedule.field_units();
            let secure = |bits: u32| spent <= 3 << (FIELD_BITS - bits - 2);
            if profile.kind == Kind::TestInsecure || secure(96) {
                best = Some((schedule, 96));
                break;
            }
            let bits = (lowest..96).rev().find(|&b| secure(b)).unwrap_or(0);
            if bits > best.as_ref().map_or(0, |&(_, b)| b) {
                best = Some((schedule, bits));
            }
        }
        let (mut schedule, bits) = best.ok_or(insecure)?;
        schedule.set_queries(bits);
        Ok(schedule)
    }

    /// log2 sizes of the table that leads and of the one that joins.
    #[must_use]
    pub const fn log_sizes(&self) -> (u32, u32) {
        let [model, witness] = &self.tables;
        match self.leader {
            0 => (model.log_size, witness.log_size),
            _ => (witness.log_size, model.log_size),
        }
    }

    /// The codes opened at the end of level `i`, in order: the folded one, then a joining table.
    #[must_use]
    pub fn opened(&self, level: usize) -> Vec<Code> {
        let [model, witness] = self.tables;
        let (lead, follow) = if self.leader == 0 { (model, witness) } else { (witness, model) };
        let folded = level.checked_sub(1).map_or(Some(&lead), |i| self.folded.get(i));
        folded.copied().into_iter().chain((level == self.join).then_some(follow)).collect()
    }

    /// Number of levels: of foldings, each ended by a commitment, the last by the clear table.
    #[must_use]
    pub const fn n_levels(&self) -> usize {
        self.folded.len() + 1
    }

    fn codes(&self) -> impl Iterator<Item = &Code> {
        self.tables.iter().chain(&self.folded)
    }

    /// Expected size of an opening in felt252: its multi-proofs share paths by chance.
    #[must_use]
    pub fn expected_felts(&self) -> u64 {
        let codes = self.codes().map(|code| {
            let t = code.n_queries as u64;
            let shared = u64::from(t.max(1).ilog2());
            t * ((code.leaf_width() as u64).div_ceil(8) + u64::from(code.log_domain()) - shared)
        });
        let rounds = self.tables.iter().map(|c| u64::from(c.log_size)).max().unwrap_or(0) + 1;
        let levels = 3 * self.n_levels() as u64 + (1u64 << self.log_clear) / 2;
        codes.sum::<u64>() + rounds + levels
    }

    /// Everything but the queries, as `(step, error in units of 2^-124)`.
    fn field_terms(&self) -> Vec<(String, u128)> {
        let mut terms = vec![("all that precedes the opening".to_owned(), RESERVED_UNITS)];
        let list = self.profile.log_list();
        for (i, code) in self.codes().enumerate() {
            let mut name = String::new();
            let _ = match i {
                0 => write!(name, "M"),
                1 => write!(name, "W"),
                _ => write!(name, "folded table {}", i - 1),
            };
            terms
                .push((format!("{name}: folding"), u128::from(code.log_rows) << code.log_domain()));
            // Pairs of a list; none when it has one element.
            let pairs = if list == 0 { 0 } else { u128::from(code.log_size) << (2 * list - 1) };
            terms.push((format!("{name}: out-of-domain point"), pairs));
        }
        for level in 0..self.n_levels() {
            terms.push((format!("level {level}: batching"), MAX_BATCH << list));
        }
        let rounds = u128::from(self.tables.iter().map(|c| c.log_size).max().unwrap_or(0)) + 1;
        terms.push(("sumcheck".into(), (2 * rounds + 1) << list));
        terms
    }

    fn field_units(&self) -> u128 {
        self.field_terms().iter().map(|t| t.1).sum()
    }

    /// Chooses the number of queries of every code for `bits` in sum.
    fn set_queries(&mut self, bits: u32) {
        self.bits = bits;
        let n_codes = self.codes().count() as u128;
        let left = (1u128 << (FIELD_BITS - bits)).saturating_sub(self.field_units());
        let needed = (1000 * FIELD_BITS)
            .saturating_sub(log2_millibits((left / n_codes).max(1)))
            .saturating_sub(1000 * self.pow_bits);
        let profile = self.profile;
        let test = profile.kind == Kind::TestInsecure;
        if test {
            self.bits = 0;
        }
        for code in self.tables.iter_mut().chain(&mut self.folded) {
            let per_query = profile.query_millibits(code.log_blowup);
            code.n_queries = if test { 4 } else { needed.div_ceil(per_query) as usize };
        }
        if !test {
            self.trim_queries(bits);
        }
    }

    /// Drops queries that rounding up has left over, those that take most of the proof first.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "queries and widths of leaves are below 2^13"
    )]
    fn trim_queries(&mut self, bits: u32) {
        let work = 1000 * (FIELD_BITS - self.pow_bits);
        let profile = self.profile;
        let error = |code: &Code, n_queries: usize| {
            let per_query = profile.query_millibits(code.log_blowup);
            exp2_millibits(work.saturating_sub(per_query.saturating_mul(n_queries as u32)))
        };
        let target = (1u128 << (FIELD_BITS - bits)).saturating_sub(self.field_units());
        let mut codes: Vec<&mut Code> = self.tables.iter_mut().chain(&mut self.folded).collect();
        let mut total: u128 = codes.iter().map(|c| error(c, c.n_queries)).sum();
        codes
            .sort_by_key(|c| std::cmp::Reverse(c.leaf_width().div_ceil(8) as u32 + c.log_domain()));
        for code in codes {
            while code.n_queries > 1 {
                let now = error(code, code.n_queries);
                let then = error(code, code.n_queries - 1);
                if total - now + then > target {
                    break;
                }
                total = total - now + then;
                code.n_queries -= 1;
            }
        }
    }

    /// The error of every step, as `(step, bits)`; the queries of a level include its proof of work,
    /// and what precedes the opening is one entry, its bound.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a report is rounded")]
    pub fn security_report(&self) -> Vec<(String, f64)> {
        let bits = |units: u128| f64::from(FIELD_BITS) - (units as f64).log2();
        let mut report: Vec<_> = (0..self.n_levels())
            .flat_map(|level| self.opened(level).into_iter().map(move |code| (level, code)))
            .map(|(level, code)| {
                let per_query = self.profile.query_millibits(code.log_blowup);
                let millibits = code.n_queries as f64 * f64::from(per_query);
                let name = format!(
                    "level {level}: {} queries at blow-up 2^{}, {} bits of work",
                    code.n_queries, code.log_blowup, self.pow_bits
                );
                (name, millibits / 1000.0 + f64::from(self.pow_bits))
            })
            .collect();
        report.extend(
            self.field_terms().into_iter().filter(|t| t.1 > 0).map(|(n, units)| (n, bits(units))),
        );
        report
    }

    /// `-log2` of the sum of the errors in [`Schedule::security_report`].
    #[must_use]
    pub fn total_bits(&self) -> f64 {
        -self.security_report().iter().map(|(_, bits)| (-bits).exp2()).sum::<f64>().log2()
    }
}

/// `floor(1000 log2(x))`, to within one unit, in integers.
fn log2_millibits(x: u128) -> u32 {
    let int = x.max(1).ilog2();
    let mut mantissa = if int >= 32 { x >> (int - 32) } else { x << (32 - int) };
    let mut frac = 0u32;
    for _ in 0..16 {
        mantissa = (mantissa * mantissa) >> 32;
        frac <<= 1;
        if mantissa >> 33 != 0 {
            mantissa >>= 1;
            frac |= 1;
        }
    }
    1000 * int + ((1000 * frac) >> 16)
}

/// At least `2^(x / 1000)`, by at most a few parts in a thousand, in integers.
fn exp2_millibits(x: u32) -> u128 {
    let (mut low, mut high) = (1u128 << (x / 1000).min(126), 1u128 << (x / 1000 + 1).min(127));
    // `log2_millibits` is at most two units low.
    while low < high {
        let middle = low + (high - low) / 2;
        if log2_millibits(middle) >= x { high = middle } else { low = middle + 1 }
    }
    low
}

#[path = "profile_cost.rs"]
mod cost;
#[path = "profile_search.rs"]
mod search;

#[cfg(test)]
#[path = "profile_test.rs"]
mod tests;
