//! Proof files: a statement and its proof (binary, versioned).
//!
//! Every length follows from the key, so a proof that is too short, too long or of another model is
//! refused while it is read.

use crate::channel::Suite;
use crate::circuit::{Kind, Tensor};
use crate::error::FileError;
use crate::field::K;
use crate::key::{VERSION, VerifyingKey};
use crate::lookup::{LayerProof, LookupProof};
use crate::opening::OpeningProof;
use crate::product::{Batch, ProductProof};
use crate::proof::{Proof, Statement};
use crate::wire::{Reader, WireError, write_secure};

/// First bytes of a proof file.
pub const MAGIC: [u8; 8] = *b"STWOMLPF";

/// A statement with its proof.
pub struct ProofFile<S: Suite> {
    /// What is proven.
    pub statement: Statement,
    /// The proof.
    pub proof: Proof<S>,
}

crate::plain::plain_data!(ProofFile { statement, proof });

/// The model that a proof file is for.
///
/// # Errors
/// Not a proof file, or one of another version.
pub fn peek_model_id(bytes: &[u8]) -> Result<[u8; 32], FileError> {
    read_header(&mut Reader::new(bytes))
}

fn read_header(reader: &mut Reader<'_>) -> Result<[u8; 32], FileError> {
    if reader.array::<8>("magic number")? != MAGIC {
        return Err(FileError::Magic);
    }
    let version = reader.u32("version")?;
    if version != VERSION {
        return Err(FileError::Version { got: version });
    }
    Ok(reader.array("model id")?)
}

impl<S: Suite> ProofFile<S> {
    /// The file's bytes.
    #[must_use]
    pub fn to_bytes(&self, vk: &VerifyingKey<S>) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend(VERSION.to_le_bytes());
        out.extend(vk.model_id());
        out.extend(self.statement.context);
        for v in self.statement.inputs.iter().chain(&self.statement.outputs).flatten() {
            out.extend(v.to_le_bytes());
        }
        self.proof.write(&mut out);
        out
    }

    /// Reads a file that is for the model of `vk`. The proof is not verified by this.
    ///
    /// # Errors
    /// What is malformed, and where.
    pub fn from_bytes(vk: &VerifyingKey<S>, bytes: &[u8]) -> Result<Self, FileError> {
        let mut reader = Reader::new(bytes);
        if read_header(&mut reader)? != vk.model_id() {
            return Err(FileError::Model);
        }
        let context = reader.array("context")?;
        let mut tensors = |pick: fn(&Kind) -> bool| -> Result<Vec<Vec<i32>>, WireError> {
            let of_kind = |t: &&Tensor| pick(&t.kind);
            vk.circuit()
                .tensors
                .iter()
                .filter(of_kind)
                .map(|t| {
                    let n = usize::try_from(t.n_entries()).unwrap_or(usize::MAX);
                    reader.many(n, |r| Ok(i32::from_le_bytes(r.array("public tensor")?)))
                })
                .collect()
        };
        let inputs = tensors(|k| matches!(k, Kind::Input { .. }))?;
        let outputs = tensors(|k| matches!(k, Kind::Output { .. }))?;
        let statement = Statement { inputs, outputs, context };
        statement.check(vk.circuit())?;
        let proof = Proof::read(vk, &mut reader)?;
        reader.finish()?;
        Ok(Self { statement, proof })
    }
}

/// Counts that follow from the circuit: rounds of the products, committed factors.
#[must_use]
pub fn product_shape<S: Suite>(vk: &VerifyingKey<S>) -> (usize, usize) {
    Batch::shape(vk.circuit())
}

impl<S: Suite> Proof<S> {
    /// Appends the proof.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend(S::hash_to_bytes(&self.witness_root));
        let mut felts = |values: &[K]| values.iter().for_each(|&v| write_secure(out, v));
        felts(&[self.witness_ood]);
        for layer in &self.lookup.layers {
            layer.rounds.iter().for_each(|round| felts(round));
            felts(&layer.mask);
        }
        felts(&[self.lookup.model_columns]);
        felts(&[self.product.witness_linear, self.product.model_linear]);
        self.product.rounds.iter().for_each(|round| felts(round));
        felts(&self.product.factors);
        out.extend(self.lookup.nonce.to_le_bytes());
        self.opening.write(out);
    }

    /// Reads a proof of the shape that the key gives.
    ///
    /// # Errors
    /// What is missing or not canonical.
    pub fn read(vk: &VerifyingKey<S>, reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let witness_root = reader.hash::<S>("root of the witness")?;
        let witness_ood = reader.secure("out-of-domain value")?;
        let n_layers = vk.layouts().stack.log_size as usize;
        let mut layers = Vec::with_capacity(n_layers);
        for index in 0..n_layers {
            let rounds = reader
                .many(index, |r| Ok([r.secure("lookup round")?, r.secure("lookup round")?]))?;
            layers.push(LayerProof { rounds, mask: array(reader, "lookup mask")? });
        }
        let model_columns = reader.secure("columns of the tables")?;
        let [witness_linear, model_linear] = array(reader, "linear part")?;
        let (n_rounds, n_factors) = product_shape(vk);
        let rounds = reader.many(n_rounds, |r| array(r, "product round"))?;
        let factors = reader.many(n_factors, |r| r.secure("factor"))?;
        let nonce = reader.u64("nonce of the lookups")?;
        let opening = OpeningProof::read(vk.schedule(), reader)?;
        Ok(Self {
            witness_root,
            witness_ood,
            lookup: LookupProof { nonce, layers, model_columns },
            product: ProductProof { witness_linear, model_linear, rounds, factors },
            opening,
        })
    }

    /// Size in felt252, as a chain reads it: two `K` or eight `F` to a felt, a felt for each hash and
    /// nonce; what the transcript absorbs at once, and each leaf, starts a felt.
    #[must_use]
    pub fn n_felts(&self, vk: &VerifyingKey<S>) -> usize {
        // Root, out-of-domain value, nonce, columns of the tables, linear parts.
        let layers: usize = self.lookup.layers.iter().map(|l| l.rounds.len() + 2).sum();
        let product = 2 * self.product.rounds.len() + self.product.factors.len().div_ceil(2);
        5 + layers + product + self.opening.n_felts(vk.schedule())
    }
}

fn array<const N: usize>(reader: &mut Reader<'_>, what: &'static str) -> Result<[K; N], WireError> {
    let mut values = [crate::field::ZERO; N];
    for v in &mut values {
        *v = reader.secure(what)?;
    }
    Ok(values)
}
