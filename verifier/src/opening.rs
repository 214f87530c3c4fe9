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
use crate::field::{F, K, ONE, P, ZERO, eq, eq_table, evaluate_mle};
use crate::merkle::{self, max_witness};
use crate::profile::{Code, CodeField, Schedule};
use crate::wire::{Reader, WireError, write_base, write_hash, write_length, write_secure};

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

/// A round of sumcheck: the coefficients `c_0` and `c_2`.
pub type Round = [K; 2];

/// The opened leaves of one code.
pub struct CodeOpening<S: Suite> {
    /// The leaves in order of position, `leaf_width` values each.
    pub leaves: Vec<F>,
    /// The siblings of their Merkle multi-proof.
    pub witness: Vec<Hash<S>>,
}

/// One level that ends in a commitment.
pub struct Level<S: Suite> {
    /// One round for each row variable.
    pub rounds: Vec<Round>,
    /// Root of the folded table.
    pub root: Hash<S>,
    /// The folded table at the out-of-domain point.
    pub ood: K,
    /// Proof of work.
    pub nonce: u64,
    /// The codes of [`Schedule::opened`].
    pub openings: Vec<CodeOpening<S>>,
}

/// The level that ends in the clear table.
pub struct LastLevel<S: Suite> {
    /// One round for each row variable.
    pub rounds: Vec<Round>,
    /// The folded table.
    pub clear: Vec<K>,
    /// Proof of work.
    pub nonce: u64,
    /// The codes of [`Schedule::opened`].
    pub openings: Vec<CodeOpening<S>>,
    /// One round for each variable of the clear table.
    pub tail: Vec<Round>,
}

/// An opening of both tables.
pub struct OpeningProof<S: Suite> {
    /// All levels but the last.
    pub levels: Vec<Level<S>>,
    /// The last.
    pub last: LastLevel<S>,
}

crate::plain::plain_data!(CodeOpening { leaves, witness });
crate::plain::plain_data!(Level { rounds, root, ood, nonce, openings });
crate::plain::plain_data!(LastLevel { rounds, clear, nonce, openings, tail });
crate::plain::plain_data!(OpeningProof { levels, last });

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

/// A level of either kind.
struct Part<'a, S: Suite> {
    rounds: &'a [Round],
    end: End<'a, S>,
    nonce: u64,
    openings: &'a [CodeOpening<S>],
}

enum End<'a, S: Suite> {
    Commitment { root: &'a Hash<S>, ood: K },
    Clear(&'a [K]),
}

/// An error of a code's opening, before it is known where.
enum CodeError {
    Shape { expected: usize, got: usize },
    NotCanonical,
    Merkle(merkle::MerkleError),
}

impl CodeError {
    const fn at(self, level: usize, code: usize) -> OpeningError {
        match self {
            Self::Shape { expected, got } => {
                OpeningError::Shape { what: "leaves", level, expected, got }
            }
            Self::NotCanonical => OpeningError::NotCanonical { what: "leaves", level },
            Self::Merkle(source) => OpeningError::Merkle { level, code, source },
        }
    }
}

impl<S: Suite> CodeOpening<S> {
    fn check(&self, root: &Hash<S>, code: &Code, positions: &[usize]) -> Result<(), CodeError> {
        let (expected, got) = (positions.len() * code.leaf_width(), self.leaves.len());
        if got != expected {
            return Err(CodeError::Shape { expected, got });
        }
        if self.leaves.iter().any(|v| v.0 >= P) {
            return Err(CodeError::NotCanonical);
        }
        let width = code.leaf_width();
        merkle::verify::<S::H>(
            root,
            code.log_domain(),
            positions,
            width,
            &self.leaves,
            &self.witness,
        )
        .map_err(CodeError::Merkle)
    }

    fn write(&self, out: &mut Vec<u8>) {
        write_length(out, self.leaves.len());
        self.leaves.iter().for_each(|&v| write_base(out, v));
        write_length(out, self.witness.len());
        self.witness.iter().for_each(|h| write_hash::<S>(out, h));
    }

    fn read(code: &Code, reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let n_values = reader.length(code.n_queries * code.leaf_width(), "opened leaves")?;
        let leaves = reader.many(n_values, |r| r.base("a leaf"))?;
        let max_hashes = max_witness(code.n_queries, code.log_domain());
        let n_hashes = reader.length(max_hashes, "Merkle witness")?;
        let witness = reader.many(n_hashes, |r| r.hash::<S>("a Merkle sibling"))?;
        Ok(Self { leaves, witness })
    }

    fn n_felts(&self) -> usize {
        self.leaves.len().div_ceil(8) + self.witness.len()
    }
}

impl<S: Suite> OpeningProof<S> {
    fn parts(&self) -> impl Iterator<Item = Part<'_, S>> {
        let committed = self.levels.iter().map(|l| Part {
            rounds: &l.rounds,
            end: End::Commitment { root: &l.root, ood: l.ood },
            nonce: l.nonce,
            openings: &l.openings,
        });
        let last = &self.last;
        committed.chain([Part {
            rounds: &last.rounds,
            end: End::Clear(&last.clear),
            nonce: last.nonce,
            openings: &last.openings,
        }])
    }

    /// Checks all lengths that follow from the schedule, and that field elements are canonical.
    fn check_shape(&self, schedule: &Schedule) -> Result<(), OpeningError> {
        let same = |what, level, expected: usize, got: usize| {
            if expected == got {
                Ok(())
            } else {
                Err(OpeningError::Shape { what, level, expected, got })
            }
        };
        same("levels", 0, schedule.folded.len(), self.levels.len())?;
        for (level, part) in self.parts().enumerate() {
            let opened = schedule.opened(level);
            let log_rows = opened.first().ok_or(OpeningError::Schedule)?.log_rows;
            same("rounds", level, log_rows as usize, part.rounds.len())?;
            same("openings", level, opened.len(), part.openings.len())?;
            canonical("rounds", level, part.rounds.as_flattened())?;
            match part.end {
                End::Commitment { ood, .. } => canonical("out-of-domain value", level, &[ood])?,
                End::Clear(clear) => {
                    same("clear table", level, 1 << schedule.log_clear, clear.len())?;
                    canonical("clear table", level, clear)?;
                }
            }
        }
        let last = self.levels.len();
        same("tail", last, schedule.log_clear as usize, self.last.tail.len())?;
        canonical("tail", last, self.last.tail.as_flattened())
    }

    /// Appends the encoding that [`OpeningProof::read`] reads.
    pub fn write(&self, out: &mut Vec<u8>) {
        for part in self.parts() {
            part.rounds.as_flattened().iter().for_each(|&c| write_secure(out, c));
            match part.end {
                End::Commitment { root, ood } => {
                    write_hash::<S>(out, root);
                    write_secure(out, ood);
                }
                End::Clear(clear) => clear.iter().for_each(|&c| write_secure(out, c)),
            }
            out.extend(part.nonce.to_le_bytes());
            part.openings.iter().for_each(|o| o.write(out));
        }
        self.last.tail.as_flattened().iter().for_each(|&c| write_secure(out, c));
    }

    /// Reads an opening of this schedule.
    ///
    /// # Errors
    /// The input ends, a length is out of bounds, or a value is not canonical.
    pub fn read(schedule: &Schedule, reader: &mut Reader<'_>) -> Result<Self, WireError> {
        fn rounds(n: u32, reader: &mut Reader<'_>) -> Result<Vec<Round>, WireError> {
            reader.many(n as usize, |r| Ok([r.secure("a round")?, r.secure("a round")?]))
        }
        fn openings<S: Suite>(
            codes: &[Code],
            reader: &mut Reader<'_>,
        ) -> Result<Vec<CodeOpening<S>>, WireError> {
            codes.iter().map(|code| CodeOpening::read(code, reader)).collect()
        }
        let log_rows = |codes: &[Code]| codes.first().map_or(0, |c| c.log_rows);
        let mut levels = Vec::with_capacity(schedule.folded.len());
        for level in 0..schedule.folded.len() {
            let codes = schedule.opened(level);
            levels.push(Level {
                rounds: rounds(log_rows(&codes), reader)?,
                root: reader.hash::<S>("a root")?,
                ood: reader.secure("an out-of-domain value")?,
                nonce: reader.u64("a proof of work")?,
                openings: openings(&codes, reader)?,
            });
        }
        let codes = schedule.opened(levels.len());
        let last = LastLevel {
            rounds: rounds(log_rows(&codes), reader)?,
            clear: reader.many(1 << schedule.log_clear, |r| r.secure("the clear table"))?,
            nonce: reader.u64("a proof of work")?,
            openings: openings(&codes, reader)?,
            tail: rounds(schedule.log_clear, reader)?,
        };
        Ok(Self { levels, last })
    }

    /// Size in felts: two `K`, eight `F`, one hash or one nonce to a felt.
    #[must_use]
    pub fn n_felts(&self) -> usize {
        let parts = self.parts().map(|part| {
            let end = match part.end {
                End::Commitment { .. } => 2,
                End::Clear(clear) => clear.len().div_ceil(2),
            };
            let openings: usize = part.openings.iter().map(CodeOpening::n_felts).sum();
            part.rounds.len() + end + 1 + openings
        });
        parts.sum::<usize>() + self.last.tail.len()
    }
}

fn canonical(what: &'static str, level: usize, values: &[K]) -> Result<(), OpeningError> {
    if values.iter().all(|v| v.to_m31_array().iter().all(|c| c.0 < P)) {
        Ok(())
    } else {
        Err(OpeningError::NotCanonical { what, level })
    }
}
