//! The search for the schedule of least cost (PROTOCOL §4.3): exhaustive and in integers.

use super::cost::Costs;
use super::{Code, CodeField, MAX_LOG_TABLE, Profile, Schedule};

/// Fewest variables of a row of a committed table.
const MIN_ROW: u32 = 3;
/// Most row variables of a committed table.
const MAX_K: u32 = 10;

/// Searches the schedules for the one of least cost.
pub(super) struct Search<'a> {
    pub(super) profile: &'a Profile,
    /// log2 sizes of `M` and `W`.
    pub(super) sizes: [u32; 2],
    /// Largest log2 size of a code's domain.
    pub(super) log_domain_cap: u32,
}

/// A partial schedule and the cost of its part of the proof.
#[derive(Clone)]
struct Partial {
    cost: u32,
    folded: Vec<Code>,
    /// Level of the join, counted from the start of this part.
    join: Option<usize>,
    /// The code of the joining table.
    follower: Option<Code>,
    log_clear: u32,
}

impl Search<'_> {
    #[expect(clippy::indexing_slicing, reason = "tables are numbered 0 and 1")]
    pub(super) fn run(&self) -> Option<Schedule> {
        let leader = usize::from(self.sizes[1] > self.sizes[0]);
        let (n_lead, n_follow) =
            (self.sizes[leader], self.sizes[1 - leader].min(self.sizes[leader]));
        let base = |t: usize, log_rows: u32, log_blowup: u32| Code {
            log_size: self.sizes[t],
            log_rows,
            log_blowup,
            n_queries: 0,
            field: CodeField::Base,
        };
        let blowups = |t: usize| self.costs().table_blowups(t, self.sizes[t]);
        let followers = blowups(1 - leader).map(|b| base(1 - leader, 0, b)).collect();
        let follow = Follower { log_size: n_follow, codes: followers };
        let mut memo = vec![None; 2 * (MAX_LOG_TABLE as usize + 2)];
        let mut best: Option<(Partial, Code)> = None;
        for log_rows in 2..=MAX_K.min(n_lead.saturating_sub(MIN_ROW)) {
            for log_blowup in blowups(leader) {
                let code = base(leader, log_rows, log_blowup);
                let Some(tail) = self.after_level(n_lead, code, Some(&follow), true, &mut memo)
                else {
                    continue;
                };
                if best.as_ref().is_none_or(|(b, _)| tail.cost < b.cost) {
                    best = Some((tail, code));
                }
            }
        }
        let (part, lead) = best?;
        let mut tables = [lead; 2];
        tables[1 - leader] = part.follower?;
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

    const fn costs(&self) -> Costs<'_> {
        Costs { profile: self.profile }
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
        if let Some(f) = follower
            && f.log_size >= rest + 2
            && f.log_size - rest <= MAX_K
        {
            for &code in &f.codes {
                let joined = Code { log_rows: f.log_size - rest, ..code };
                if let Some(cost) = self.cost(&joined) {
                    options.push((rest + 1, Some(joined), cost));
                }
            }
        }
        options.push((rest, None, 0));
        // The first folded table dominates the time of an opening: it is at most 1/32 of a large one.
        options.retain(|o| !first || n < 20 || o.0 + 5 <= n);
        for (size, joined, cost) in options {
            let pending = if joined.is_some() { None } else { follower };
            let Some(mut tail) = self.table(size, pending, memo) else { continue };
            tail.cost += own + cost + self.costs().round() * code.log_rows;
            if joined.is_some() {
                (tail.join, tail.follower) = (Some(0), joined);
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
        if n <= self.costs().max_clear() && follower.is_none() {
            let cost = self.costs().clear(n);
            best = Some(Partial { cost, folded: vec![], join: None, follower: None, log_clear: n });
        }
        let blowups = self.costs().folded_blowups(n);
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
                tail.cost += self.costs().level(n);
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

    /// Cost of the leaves and paths of a code; `None` if there is no such code.
    fn cost(&self, code: &Code) -> Option<u32> {
        let exists = code.log_row() >= MIN_ROW && code.log_domain() <= self.log_domain_cap;
        exists.then(|| self.costs().code(code))
    }
}

/// The table that has not joined yet.
struct Follower {
    log_size: u32,
    /// Its code, without row variables, at every blow-up that it may have.
    codes: Vec<Code>,
}
