//! Felts read as a statement and a proof, in one pass with the transcript: how many leaves and
//! siblings there are follows from the positions that it gives.

use starknet_types_core::felt::Felt;
use stwo_ml_verifier::channel::{Hash, Transcript};
use stwo_ml_verifier::circuit::{Identity, log_ceil};
use stwo_ml_verifier::codec::{ProofFile, product_shape};
use stwo_ml_verifier::error::StatementError;
use stwo_ml_verifier::field::{F, K, ZERO};
use stwo_ml_verifier::key::VerifyingKey;
use stwo_ml_verifier::lookup::{Challenges, LayerProof, LookupProof};
use stwo_ml_verifier::merkle::n_siblings;
use stwo_ml_verifier::opening::{CodeOpening, LastLevel, Level, OpeningProof, Round};
use stwo_ml_verifier::product::ProductProof;
use stwo_ml_verifier::profile::{Code, Schedule};
use stwo_ml_verifier::proof::Proof;
use stwo_ml_verifier::verify::seed;
use thiserror::Error;

use crate::felt::{Fault, LIMBS, unpack_hash, unpack_leaf, unpack_secure};
use crate::statement::unpack_statement;
use crate::{Calldata, Poseidon, pack_model};

/// Why felts are no calldata of a model.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UnpackError {
    /// A felt is at fault.
    #[error("{list}, felt {index} ({what}): {problem}")]
    Felt {
        /// Which list.
        list: &'static str,
        /// Its index in the list.
        index: usize,
        /// What it should hold.
        what: &'static str,
        /// What is wrong.
        problem: Problem,
    },
    /// The entries are not those of a statement of this model.
    #[error("statement: {0}")]
    Statement(#[from] StatementError),
}

/// What is wrong with a felt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    /// There is none.
    #[error("it is missing")]
    Missing,
    /// There should be none.
    #[error("it is left over")]
    Trailing,
    /// A limb of 31 bits is not below `p`.
    #[error("a limb is not below p")]
    Limb,
    /// The bits above the values are not what their number calls for.
    #[error("the bits above its values are wrong")]
    Above,
    /// A nonce is not below `2^64`.
    #[error("it is not below 2^64")]
    Nonce,
    /// It is not the model's.
    #[error("it differs from the key's")]
    Model,
}

/// The statement and the proof in the calldata of this model. The proof is not verified by this.
///
/// # Errors
/// Names the felt that is missing, left over or not the packing of anything.
pub fn unpack(
    vk: &VerifyingKey<Poseidon>,
    calldata: &Calldata,
) -> Result<ProofFile<Poseidon>, UnpackError> {
    check_model(vk, calldata)?;
    let Calldata { context, inputs, outputs, proof, .. } = calldata;
    let statement = unpack_statement(vk.circuit(), *context, inputs, outputs)?;
    statement.check(vk.circuit())?;
    let transcript = seed(vk, &statement);
    let mut reader = Reader { cursor: Cursor::new("proof", proof), transcript };
    let proof = reader.proof(vk)?;
    reader.cursor.finish()?;
    Ok(ProofFile { statement, proof })
}

fn check_model(vk: &VerifyingKey<Poseidon>, calldata: &Calldata) -> Result<(), UnpackError> {
    let differs = |list, index, what, problem| UnpackError::Felt { list, index, what, problem };
    if calldata.model_id.to_bytes_be() != vk.model_id() {
        return Err(differs("model identifier", 0, "the identifier", Problem::Model));
    }
    let mut cursor = Cursor::new("model", &calldata.model);
    for expected in pack_model(vk) {
        let what = "a felt of the model";
        let index = cursor.index;
        if cursor.next(what)? != expected {
            return Err(differs("model", index, what, Problem::Model));
        }
    }
    cursor.finish()
}

/// A cursor over untrusted felts.
pub(crate) struct Cursor<'f> {
    list: &'static str,
    felts: &'f [Felt],
    index: usize,
}

impl<'f> Cursor<'f> {
    pub(crate) const fn new(list: &'static str, felts: &'f [Felt]) -> Self {
        Self { list, felts, index: 0 }
    }

    fn error(&self, index: usize, what: &'static str, problem: Problem) -> UnpackError {
        UnpackError::Felt { list: self.list, index, what, problem }
    }

    fn next(&mut self, what: &'static str) -> Result<Felt, UnpackError> {
        let felt = self.felts.get(self.index);
        let felt = *felt.ok_or_else(|| self.error(self.index, what, Problem::Missing))?;
        self.index += 1;
        Ok(felt)
    }

    /// The next felt, as `read` reads it.
    pub(crate) fn unpack<T>(
        &mut self,
        what: &'static str,
        read: impl FnOnce(Felt) -> Result<T, Fault>,
    ) -> Result<T, UnpackError> {
        let felt = self.next(what)?;
        read(felt).map_err(|fault| {
            let problem = match fault {
                Fault::Limb => Problem::Limb,
                Fault::Above => Problem::Above,
            };
            self.error(self.index - 1, what, problem)
        })
    }

    pub(crate) fn finish(&self) -> Result<(), UnpackError> {
        match self.index == self.felts.len() {
            true => Ok(()),
            false => Err(self.error(self.index, "nothing", Problem::Trailing)),
        }
    }

    /// `n` elements that are absorbed at once.
    fn secure(&mut self, n: usize, what: &'static str) -> Result<Vec<K>, UnpackError> {
        let mut values = Vec::new();
        for at in (0..n).step_by(2) {
            values.extend(self.unpack(what, |felt| unpack_secure(felt, (n - at).min(2)))?);
        }
        Ok(values)
    }

    fn leaf(&mut self, width: usize) -> Result<Vec<F>, UnpackError> {
        let mut values = Vec::new();
        for at in (0..width).step_by(LIMBS) {
            let n = (width - at).min(LIMBS);
            values.extend(self.unpack("an opened leaf", |felt| unpack_leaf(felt, n))?);
        }
        Ok(values)
    }

    fn hash(&mut self, what: &'static str) -> Result<Hash<Poseidon>, UnpackError> {
        self.unpack(what, |felt| unpack_hash(felt).ok_or(Fault::Above))
    }

    fn nonce(&mut self, what: &'static str) -> Result<u64, UnpackError> {
        let felt = self.next(what)?;
        u64::try_from(felt).map_err(|_| self.error(self.index - 1, what, Problem::Nonce))
    }
}

/// A cursor with the transcript of what was read.
struct Reader<'f> {
    cursor: Cursor<'f>,
    transcript: Transcript<Poseidon>,
}

/// Which variables of the opening's sumcheck are left, and whether the following table has entered.
struct Variables {
    left: u32,
    follow: Option<u32>,
}

impl Reader<'_> {
    /// `N` elements, read and absorbed at once.
    fn absorb<const N: usize>(&mut self, what: &'static str) -> Result<[K; N], UnpackError> {
        let mut array = [ZERO; N];
        for (slot, value) in array.iter_mut().zip(self.absorb_many(N, what)?) {
            *slot = value;
        }
        Ok(array)
    }

    fn absorb_many(&mut self, n: usize, what: &'static str) -> Result<Vec<K>, UnpackError> {
        let values = self.cursor.secure(n, what)?;
        if !values.is_empty() {
            self.transcript.absorb(&values);
        }
        Ok(values)
    }

    fn root(&mut self, what: &'static str) -> Result<Hash<Poseidon>, UnpackError> {
        let root = self.cursor.hash(what)?;
        self.transcript.absorb_root(root);
        Ok(root)
    }

    /// Whether the work was done is for the verifier to check.
    fn nonce(&mut self, what: &'static str) -> Result<u64, UnpackError> {
        let nonce = self.cursor.nonce(what)?;
        let _ = self.transcript.check_pow(0, nonce);
        Ok(nonce)
    }

    fn proof(&mut self, vk: &VerifyingKey<Poseidon>) -> Result<Proof<Poseidon>, UnpackError> {
        let witness_root = self.root("the root of the witness")?;
        self.transcript.draw_many(vk.layouts().witness.log_size as usize);
        let [witness_ood] = self.absorb("the witness at its out-of-domain point")?;
        Ok(Proof {
            witness_root,
            witness_ood,
            lookup: self.lookup(vk.layouts().stack.log_size as usize)?,
            product: self.product(vk)?,
            opening: self.opening(vk.schedule())?,
        })
    }

    fn lookup(&mut self, n_layers: usize) -> Result<LookupProof, UnpackError> {
        let nonce = self.nonce("the nonce of the lookups")?;
        Challenges::draw(&mut self.transcript);
        let mut layers = Vec::with_capacity(n_layers);
        for index in 0..n_layers {
            if index > 0 {
                self.transcript.draw();
            }
            let rounds = (0..index)
                .map(|_| self.absorb_and_draw("a round of the lookups"))
                .collect::<Result<_, _>>()?;
            let mask = self.absorb_and_draw("a mask of the lookups")?;
            layers.push(LayerProof { rounds, mask });
        }
        let [model_columns] = self.absorb("the columns of the tables")?;
        Ok(LookupProof { nonce, layers, model_columns })
    }

    fn absorb_and_draw<const N: usize>(
        &mut self,
        what: &'static str,
    ) -> Result<[K; N], UnpackError> {
        let values = self.absorb(what)?;
        self.transcript.draw();
        Ok(values)
    }

    fn product(&mut self, vk: &VerifyingKey<Poseidon>) -> Result<ProductProof, UnpackError> {
        let bits = |i: &Identity| i.dims.iter().map(|&d| log_ceil(d) as usize).sum::<usize>();
        let n_bits = vk.circuit().identities.iter().map(bits).max().unwrap_or(0);
        self.transcript.draw_many(n_bits);
        self.transcript.draw();
        let (n_rounds, n_factors) = product_shape(vk);
        let [witness_linear, model_linear] = self.absorb("the linear parts")?;
        let rounds = (0..n_rounds)
            .map(|_| self.absorb_and_draw("a round of the identities"))
            .collect::<Result<_, _>>()?;
        let factors = self.absorb_many(n_factors, "the factors")?;
        Ok(ProductProof { witness_linear, model_linear, rounds, factors })
    }

    fn opening(&mut self, schedule: &Schedule) -> Result<OpeningProof<Poseidon>, UnpackError> {
        // The powers of the claims.
        self.transcript.draw();
        let (left, follow) = schedule.log_sizes();
        let mut variables = Variables { left, follow: Some(follow) };
        let mut levels = Vec::with_capacity(schedule.folded.len());
        for level in 0..schedule.folded.len() {
            let codes = schedule.opened(level);
            let rounds = self.level_rounds(&codes, level == schedule.join, &mut variables)?;
            let root = self.root("the root of a folded table")?;
            self.transcript.draw_many(variables.left as usize);
            let [ood] = self.absorb("a folded table at its out-of-domain point")?;
            let nonce = self.nonce("the nonce of a level")?;
            levels.push(Level { rounds, root, ood, nonce, openings: self.codes(&codes)? });
        }
        let codes = schedule.opened(levels.len());
        let joins = levels.len() == schedule.join;
        let rounds = self.level_rounds(&codes, joins, &mut variables)?;
        let clear = self.absorb_many(1 << schedule.log_clear, "the clear table")?;
        let nonce = self.nonce("the nonce of a level")?;
        let openings = self.codes(&codes)?;
        let tail = self.rounds(schedule.log_clear, &mut variables)?;
        Ok(OpeningProof { levels, last: LastLevel { rounds, clear, nonce, openings, tail } })
    }

    fn level_rounds(
        &mut self,
        codes: &[Code],
        joins: bool,
        variables: &mut Variables,
    ) -> Result<Vec<Round>, UnpackError> {
        let rounds = self.rounds(codes.first().map_or(0, |c| c.log_rows), variables)?;
        variables.left += u32::from(joins);
        Ok(rounds)
    }

    fn rounds(&mut self, n: u32, variables: &mut Variables) -> Result<Vec<Round>, UnpackError> {
        (0..n)
            .map(|_| {
                if variables.follow.take_if(|log_size| variables.left == *log_size).is_some() {
                    self.transcript.draw();
                }
                variables.left = variables.left.saturating_sub(1);
                self.absorb_and_draw("a round of the opening")
            })
            .collect()
    }

    /// The positions of all codes are drawn first, then the challenge that combines what is opened.
    fn codes(&mut self, codes: &[Code]) -> Result<Vec<CodeOpening<Poseidon>>, UnpackError> {
        let positions: Vec<Vec<usize>> = codes
            .iter()
            .map(|code| self.transcript.draw_positions(code.n_queries, code.log_domain()))
            .collect();
        self.transcript.draw();
        codes
            .iter()
            .zip(&positions)
            .map(|(code, positions)| {
                let mut leaves = Vec::new();
                for _ in positions {
                    leaves.extend(self.cursor.leaf(code.leaf_width())?);
                }
                let witness = (0..n_siblings(positions, code.log_domain()))
                    .map(|_| self.cursor.hash("a sibling of a Merkle path"))
                    .collect::<Result<_, _>>()?;
                Ok(CodeOpening { leaves, witness })
            })
            .collect()
    }
}
