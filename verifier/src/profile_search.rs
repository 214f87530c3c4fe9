//! The search for the schedule with the smallest proof (PROTOCOL §4.3): exhaustive and in integers.

use super::{
    Code, CodeField, LOG_BLOWUP_MODEL, LOG_BLOWUP_WITNESS, MAX_LOG_TABLE, Profile, Schedule,
    SuiteName, log2_millibits,
};

/// Fewest variables of a row of a committed table.
const MIN_ROW: u32 = 3;
/// Most row variables of a committed table.
const MAX_K: u32 = 10;
/// Query bits that the search reckons with, in 1/1000 bit.
const SEARCH_MILLIBITS: u32 = 73_500;

/// Searches the schedules for the one with the smallest proof.
pub(super) struct Search<'a> {
    pub(super) profile: &'a Profile,
    /// log2 sizes of `M` and `W`.
    pub(super) sizes: [u32; 2],
    /// Largest log2 size of a code's domain.
    pub(super) log_domain_cap: u32,
}

/// A partial schedule and the size of its part of the proof, in 1/16 felt.
#[derive(Clone)]
struct Partial {
    cost: u32,
    folded: Vec<Code>,
    /// Level of the join, counted from the start of this part.
    join: Option<usize>,
    /// Row variables of the joining table.
    follower_rows: u32,
    log_clear: u32,
}

impl Search<'_> {
    #[expect(clippy::indexing_slicing, reason = "tables are numbered 0 and 1")]
    pub(super) fn run(&self) -> Option<Schedule> {
        let leader = usize::from(self.sizes[1] > self.sizes[0]);
        let (n_lead, n_follow) =
            (self.sizes[leader], self.sizes[1 - leader].min(self.sizes[leader]));
        let blowup = |t: usize| if t == 0 { LOG_BLOWUP_MODEL } else { LOG_BLOWUP_WITNESS };
        let base = |t: usize, log_rows: u32| Code {
            log_size: self.sizes[t],
            log_rows,
            log_blowup: blowup(t),
            n_queries: 0,
            field: CodeField::Base,
        };
        let follow = Follower { log_size: n_follow, code: base(1 - leader, 0) };
        let mut memo = vec![None; 2 * (MAX_LOG_TABLE as usize + 2)];
        let mut best: Option<(Partial, u32)> = None;
        for log_rows in 2..=MAX_K.min(n_lead.saturating_sub(MIN_ROW)) {
            let code = base(leader, log_rows);
            let Some(tail) = self.after_level(n_lead, code, Some(&follow), true, &mut memo) else {
                continue;
            };
            if best.as_ref().is_none_or(|(b, _)| tail.cost < b.cost) {
                best = Some((tail, log_rows));
            }
        }
        let (part, lead_rows) = best?;
        let mut tables = [base(0, 0), base(1, 0)];
        tables[leader].log_rows = lead_rows;
        tables[1 - leader].log_rows = part.follower_rows;
        Some(Schedule {
            profile: *self.profile,
            tables,
            leader,
            join: part.join?,
            folded: part.folded,
            log_clear: part.log_clear,
            pow_bits: self.profile.pow_bits(),
            bits: 0,
        })
    }

    /// The best continuation once `code`, of `n` variables, has been committed and folded.
    fn after_level(
        &self,
        n: u32,
        code: Code,
        follower: Option<&Follower>,
        first: bool,
        memo: &mut Vec<Option<Option<Partial>>>,
    ) -> Option<Partial> {
        let own = self.cost(&code)?;
        let rest = n - code.log_rows;
        let mut best: Option<Partial> = None;
        let mut options = vec![];
        match follower {
            None => options.push((rest, None, 0)),
            Some(f) => {
                if f.log_size >= rest + 2 && f.log_size - rest <= MAX_K {
                    let joined = Code { log_rows: f.log_size - rest, ..f.code };
                    if let Some(cost) = self.cost(&joined) {
                        options.push((rest + 1, Some(joined.log_rows), cost));
                    }
                }
                options.push((rest, None, 0));
            }
        }
        // The first folded table dominates the time of an opening: it is at most 1/32 of a large one.
        options.retain(|o| !first || n < 20 || o.0 + 5 <= n);
        for (size, joined, cost) in options {
            let pending = if joined.is_some() { None } else { follower };
            let Some(mut tail) = self.table(size, pending, memo) else { continue };
            tail.cost += own + cost + 16 * code.log_rows;
            if let Some(rows) = joined {
                (tail.join, tail.follower_rows) = (Some(0), rows);
            } else {
                tail.join = tail.join.map(|j| j + 1);
            }
            if best.as_ref().is_none_or(|b| tail.cost < b.cost) {
                best = Some(tail);
            }
        }
        best
    }

    /// The best way to go on with a folded table of `n` variables: in clear, or committed.
    fn table(
        &self,
        n: u32,
        follower: Option<&Follower>,
        memo: &mut Vec<Option<Option<Partial>>>,
    ) -> Option<Partial> {
        let slot = 2 * n as usize + usize::from(follower.is_some());
        if let Some(known) = memo.get(slot).and_then(Clone::clone) {
            return known;
        }
        let mut best: Option<Partial> = None;
        if n <= 6 && follower.is_none() {
            let cost = (8 << n) + 16 * n;
            best =
                Some(Partial { cost, folded: vec![], join: None, follower_rows: 0, log_clear: n });
        }
        // A Poseidon252 tree is slow to build: its codes are shorter, the proof some 5 % longer.
        let cap = if self.profile.suite == SuiteName::Blake2s { 20 } else { 18 };
        let blowups = if n >= 14 { 4..=5 } else { 4..=(cap - n).min(8) };
        for log_rows in 2..=MAX_K.min(n.saturating_sub(MIN_ROW)) {
            for log_blowup in blowups.clone() {
                let code = Code {
                    log_size: n,
                    log_rows,
                    log_blowup,
                    n_queries: 0,
                    field: CodeField::Extension,
                };
                let Some(mut tail) = self.after_level(n, code, follower, false, memo) else {
                    continue;
                };
                // Root, out-of-domain value, nonce.
                tail.cost += 16 + 8 + 16;
                tail.folded.insert(0, code);
                if best.as_ref().is_none_or(|b| tail.cost < b.cost) {
                    best = Some(tail);
                }
            }
        }
        if let Some(entry) = memo.get_mut(slot) {
            *entry = Some(best.clone());
        }
        best
    }

    /// Size of the leaves and paths of a code, in 1/16 felt.
    #[expect(clippy::cast_possible_truncation, reason = "a leaf has at most 2^12 values")]
    fn cost(&self, code: &Code) -> Option<u32> {
        if code.log_row() < MIN_ROW || code.log_domain() > self.log_domain_cap {
            return None;
        }
        let per_query = self.profile.query_millibits(code.log_blowup);
        let t = SEARCH_MILLIBITS.div_ceil(per_query);
        let leaf = 16 * (code.leaf_width() as u32).div_ceil(8);
        let path = (16 * code.log_domain()).saturating_sub(16 * log2_millibits(t.into()) / 1000);
        Some(t * (leaf + path))
    }
}

/// The table that has not joined yet.
struct Follower {
    log_size: u32,
    code: Code,
}
