//! The recursive opening of the two committed tables (PROTOCOL §4.2).
//!
//! Level `i` binds the row variables of the current table by sumcheck, reads the commitment to
//! the folded table (the last one in clear), and opens the code of the table that was folded:
//! `sum_b eq(a, b) leaf[b]` is the value of the folded table's code at the same point, a linear
//! functional of it. The smaller table enters the sumcheck when as many variables are left as it
//! has, and joins at the end of level `schedule.join`: the next table is the concatenation of both
//! folds. After the last level the sumcheck goes on to a single point, where all functionals are
//! evaluated at once.
//!
//! A round sends `c_0` and `c_2` of `c_0 + c_1 X + c_2 X^2`; `c_1 = claim - 2 c_0 - c_2`.

use stwo::core::fields::FieldExpOps;
use stwo::core::poly::circle::CanonicCoset;
use stwo::core::utils::bit_reverse_index;

use crate::channel::{Hash, Suite, Transcript};
use crate::error::OpeningError;
use crate::field::{F, K, ONE, ZERO, eq, eq_table, evaluate_mle};
use crate::profile::{Code, CodeField, Schedule};

#[path = "opening_proof.rs"]
mod proof;

use proof::End;
pub use proof::{CodeOpening, LastLevel, Level, OpeningProof, Round};

/// What the caller of [`verify`] still owes: that
/// `sum_t factors[t] * w_t(points[t]) = value`, where `w_t` is the multilinear extension of the
/// weights of the batched claim on table `t` (0 for `M`, 1 for `W`).
#[must_use = "an opening proves nothing until its weights are checked"]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpeningClaim {
    /// A point for each table, with as many coordinates as it has variables.
    pub points: [Vec<K>; 2],
    /// The factor of each table's weight.
    pub factors: [K; 2],
    /// The value of the sum.
    pub value: K,
}

/// Verifies an opening of `values[t] = <table_t, w_t>` for the tables with these roots.
///
/// Roots, claims and their weights must be fixed by what `transcript` has absorbed.
///
/// # Errors
/// One variant per check.
///
/// # Soundness
/// Accepted together with the [`OpeningClaim`], the values are those of the tables that the roots
/// and the out-of-domain values among the claims pin down, up to the error of the schedule.
pub fn verify<S: Suite>(
    transcript: &mut Transcript<S>,
    schedule: &Schedule,
    roots: [Hash<S>; 2],
    values: [K; 2],
    proof: &OpeningProof<S>,
) -> Result<OpeningClaim, OpeningError> {
    proof.check_shape(schedule)?;
    let [root_m, root_w] = roots;
    let [value_m, value_w] = values;
    let ((lead_root, lead_value), (follow_root, follow_value)) = match schedule.leader {
        0 => ((root_m, value_m), (root_w, value_w)),
        _ => ((root_w, value_w), (root_m, value_m)),
    };
    let (n_lead, n_follow) = schedule.log_sizes();
    let mut sumcheck = Sumcheck {
        claim: lead_value,
        point: Vec::new(),
        left: n_lead,
        follower: Follower { log_size: n_follow, value: follow_value, entry: None },
    };
    let mut functionals = Vec::new();
    let mut folded_root = lead_root;
    let mut join_at = 0;

    for (level, part) in proof.parts().enumerate() {
        sumcheck.rounds(transcript, part.rounds);
        let joins = level == schedule.join;
        if joins {
            sumcheck.left += 1;
            join_at = sumcheck.point.len();
        }
        let start = sumcheck.point.len();

        let ood_point = match part.end {
            End::Commitment { root, ood } => {
                transcript.absorb_root(*root);
                let zeta = transcript.draw_many(sumcheck.left as usize);
                transcript.absorb(&[ood]);
                Some((zeta, ood))
            }
            End::Clear(table) => {
                transcript.absorb(table);
                None
            }
        };
        if !transcript.check_pow(schedule.pow_bits, part.nonce) {
            return Err(OpeningError::ProofOfWork { level });
        }
        let opened = schedule.opened(level);
        let positions: Vec<_> = opened
            .iter()
            .map(|code| transcript.draw_positions(code.n_queries, code.log_domain()))
            .collect();
        let eta = transcript.draw();
        let mut power = ONE;
        if let Some((zeta, ood)) = ood_point {
            power *= eta;
            sumcheck.claim += power * ood;
            functionals.push(Functional { start, factor: power, weight: Weight::Eq(zeta) });
        }

        let roots = [&folded_root, &follow_root];
        for (index, (((code, positions), opening), root)) in
            opened.iter().zip(&positions).zip(part.openings).zip(roots).enumerate()
        {
            opening.check(root, code, positions).map_err(|e| e.at(level, index))?;
            let row_point = sumcheck.last(code.log_rows, start)?;
            let eq_row = eq_table(row_point);
            for (&position, leaf) in
                positions.iter().zip(opening.leaves.chunks_exact(code.leaf_width()))
            {
                power *= eta;
                sumcheck.claim += power * fold_leaf(code.field, &eq_row, leaf);
                let tensor = domain_tensor(code, position);
                let side = joins.then_some(index == 1);
                functionals.push(Functional {
                    start,
                    factor: power,
                    weight: Weight::Tensor { tensor, side },
                });
            }
        }
        if let End::Commitment { root, .. } = part.end {
            folded_root = *root;
        }
    }
    sumcheck.rounds(transcript, &proof.last.tail);
    sumcheck.finish(schedule, join_at, &functionals, &proof.last.clear)
}

/// The state of the sumcheck that runs through all levels.
struct Sumcheck {
    claim: K,
    /// All challenges so far.
    point: Vec<K>,
    /// Variables of the current table that are not bound.
    left: u32,
    follower: Follower,
}

/// The smaller table.
struct Follower {
    log_size: u32,
    value: K,
    /// When it has entered: the number of challenges before, and the factor of its claim.
    entry: Option<(usize, K)>,
}

impl Sumcheck {
    fn rounds<S: Suite>(&mut self, transcript: &mut Transcript<S>, rounds: &[Round]) {
        for &[c0, c2] in rounds {
            if self.follower.entry.is_none() && self.left == self.follower.log_size {
                let gamma = transcript.draw();
                self.follower.entry = Some((self.point.len(), gamma));
                self.claim += gamma * self.follower.value;
            }
            transcript.absorb(&[c0, c2]);
            let r = transcript.draw();
            let c1 = self.claim - c0 - c0 - c2;
            self.claim = c0 + r * (c1 + r * c2);
            self.point.push(r);
            self.left = self.left.saturating_sub(1);
        }
    }

    /// The `n` challenges before number `end`.
    fn last(&self, n: u32, end: usize) -> Result<&[K], OpeningError> {
        end.checked_sub(n as usize)
            .and_then(|start| self.point.get(start..end))
            .ok_or(OpeningError::Schedule)
    }

    /// Checks all functionals at the final point, and leaves the caller's.
    fn finish(
        self,
        schedule: &Schedule,
        join_at: usize,
        functionals: &[Functional],
        clear: &[K],
    ) -> Result<OpeningClaim, OpeningError> {
        let point = &self.point;
        let (entry, gamma) = self.follower.entry.ok_or(OpeningError::Schedule)?;
        let &selector = point.get(join_at).ok_or(OpeningError::Schedule)?;
        let u = evaluate_mle(clear, self.last(schedule.log_clear, point.len())?);

        // The variables of a table that was committed before the join do not include the selector.
        let mut tables = point.clone();
        tables.remove(join_at);
        let mut known = ZERO;
        for functional in functionals {
            let start = functional.start;
            let full = point.get(start..).ok_or(OpeningError::Schedule)?;
            let short = tables.get(start..).ok_or(OpeningError::Schedule)?;
            let value = match &functional.weight {
                Weight::Eq(zeta) if start < join_at => (ONE - selector) * eq(zeta, short),
                Weight::Eq(zeta) => eq(zeta, full),
                Weight::Tensor { tensor, side: Some(true) } => selector * tensor_at(tensor, short),
                Weight::Tensor { tensor, side } if side.is_some() || start < join_at => {
                    (ONE - selector) * tensor_at(tensor, short)
                }
                Weight::Tensor { tensor, .. } => tensor_at(tensor, full),
            };
            known += functional.factor * value;
        }

        let lead = (tables.clone(), u * (ONE - selector));
        let follow = (tables.split_off(entry.min(tables.len())), u * selector * gamma);
        let value = self.claim - u * known;
        let ((point_m, factor_m), (point_w, factor_w)) =
            if schedule.leader == 0 { (lead, follow) } else { (follow, lead) };
        Ok(OpeningClaim { points: [point_m, point_w], factors: [factor_m, factor_w], value })
    }
}

/// A linear functional of the table that was folded `start` challenges into the sumcheck.
struct Functional {
    start: usize,
    factor: K,
    weight: Weight,
}

enum Weight {
    /// `eq(point, .)`.
    Eq(Vec<K>),
    /// `prod_l (1 - X_l + X_l w_l)`, on one half of the table where `side` is given.
    Tensor { tensor: Vec<F>, side: Option<bool> },
}

/// `prod_l (1 + r_l (w_l - 1))`.
fn tensor_at(tensor: &[F], point: &[K]) -> K {
    tensor.iter().zip(point).fold(ONE, |acc, (&w, &r)| acc * (ONE + r * (w - F::from(1u32))))
}

/// The factors `(pi^(m-2)(x), ..., pi(x), x, y)` of a row's code at position `position`.
#[must_use]
pub fn domain_tensor(code: &Code, position: usize) -> Vec<F> {
    let log_domain = code.log_domain();
    let index = bit_reverse_index(position, log_domain);
    let point = CanonicCoset::new(log_domain).circle_domain().at(index);
    let mut tensor = vec![point.y];
    let mut x = point.x;
    for _ in 1..code.log_row() {
        tensor.push(x);
        x = x.square() + x.square() - F::from(1u32);
    }
    tensor.reverse();
    tensor
}

/// `sum_b eq_row[b] leaf[b]`.
fn fold_leaf(field: CodeField, eq_row: &[K], leaf: &[F]) -> K {
    match field {
        CodeField::Base => eq_row.iter().zip(leaf).fold(ZERO, |acc, (&e, &v)| acc + e * v),
        CodeField::Extension => leaf
            .as_chunks::<4>()
            .0
            .iter()
            .zip(eq_row)
            .fold(ZERO, |acc, (&v, &e)| acc + e * K::from_m31_array(v)),
    }
}
