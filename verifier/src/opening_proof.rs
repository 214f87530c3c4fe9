//! What an opening consists of: shape, encoding, and the check of opened leaves.

use crate::channel::{Hash, Suite};
use crate::error::OpeningError;
use crate::field::{F, K, P, is_canonical};
use crate::merkle::{self, max_witness};
use crate::profile::{Code, Schedule};
use crate::wire::{Reader, WireError, write_base, write_hash, write_length, write_secure};

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

/// A level of either kind.
pub(super) struct Part<'a, S: Suite> {
    pub(super) rounds: &'a [Round],
    pub(super) end: End<'a, S>,
    pub(super) nonce: u64,
    pub(super) openings: &'a [CodeOpening<S>],
}

pub(super) enum End<'a, S: Suite> {
    Commitment { root: &'a Hash<S>, ood: K },
    Clear(&'a [K]),
}

/// An error of a code's opening, before it is known where.
pub(super) enum CodeError {
    Shape { expected: usize, got: usize },
    NotCanonical,
    Merkle(merkle::MerkleError),
}

impl CodeError {
    pub(super) const fn at(self, level: usize, code: usize) -> OpeningError {
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
    pub(super) fn check(
        &self,
        root: &Hash<S>,
        code: &Code,
        positions: &[usize],
    ) -> Result<(), CodeError> {
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

    fn n_felts(&self, code: &Code) -> usize {
        let width = code.leaf_width();
        (self.leaves.len() / width) * width.div_ceil(8) + self.witness.len()
    }
}

impl<S: Suite> OpeningProof<S> {
    pub(super) fn parts(&self) -> impl Iterator<Item = Part<'_, S>> {
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
    pub(super) fn check_shape(&self, schedule: &Schedule) -> Result<(), OpeningError> {
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

    /// Size in felts: two `K`, eight `F` of a leaf, one hash or one nonce to a felt.
    #[must_use]
    pub fn n_felts(&self, schedule: &Schedule) -> usize {
        let parts = self.parts().enumerate().map(|(level, part)| {
            let end = match part.end {
                End::Commitment { .. } => 2,
                End::Clear(clear) => clear.len().div_ceil(2),
            };
            let codes = schedule.opened(level);
            let openings = part.openings.iter().zip(&codes).map(|(o, code)| o.n_felts(code));
            part.rounds.len() + end + 1 + openings.sum::<usize>()
        });
        parts.sum::<usize>() + self.last.tail.len()
    }
}

fn canonical(what: &'static str, level: usize, values: &[K]) -> Result<(), OpeningError> {
    if is_canonical(values) { Ok(()) } else { Err(OpeningError::NotCanonical { what, level }) }
}
