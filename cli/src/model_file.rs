//! Compiled models on disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use memmap2::Mmap;
use serde::{Deserialize, Serialize};
use stwo_ml_compiler::graph::Graph;
use stwo_ml_compiler::program::Compiled;
use stwo_ml_prover::commit::{Committed, ProverSuite};
use stwo_ml_prover::prove::ProvingKey;
use stwo_ml_verifier::key::VerifyingKey;
use stwo_ml_verifier::profile::SuiteName;

use crate::files::Output;

const MAGIC: [u8; 8] = *b"STWOMLMD";
const VERSION: u32 = 2;
/// Magic, version, and the lengths of three sections.
const HEADER: usize = 64;

/// What a compiled model holds besides its key and table.
#[derive(Debug, Serialize, Deserialize)]
pub struct Model {
    /// SHA-256 of the model file.
    pub source: [u8; 32],
    /// Circuit and program.
    pub compiled: Compiled,
    /// The float model, for the deviation report.
    pub graph: Graph,
}

/// A compiled model on disk, its table memory-mapped.
pub struct ModelFile {
    path: PathBuf,
    map: Arc<Mmap>,
    /// Circuit, program, float model.
    pub model: Model,
    key: std::ops::Range<usize>,
    table: usize,
}

impl ModelFile {
    /// Writes a compiled model.
    pub fn write<S: ProverSuite>(output: Output, model: &Model, pk: &ProvingKey<S>) -> Result<u64> {
        let body = postcard::to_stdvec(model).context("the model cannot be encoded")?;
        let key = pk.vk.to_bytes();
        let table = (HEADER + body.len() + key.len()).next_multiple_of(64);
        output.write(|out| {
            let mut header = [0u8; HEADER];
            header[..8].copy_from_slice(&MAGIC);
            header[8..12].copy_from_slice(&VERSION.to_le_bytes());
            for (i, n) in [body.len(), key.len(), table].into_iter().enumerate() {
                header[16 + 8 * i..24 + 8 * i].copy_from_slice(&(n as u64).to_le_bytes());
            }
            out.write_all(&header)?;
            out.write_all(&body)?;
            out.write_all(&key)?;
            out.write_all(&vec![0; table - HEADER - body.len() - key.len()])?;
            let mut sized = out;
            pk.model.write_to(&mut sized)
        })
    }

    /// Opens a compiled model.
    pub fn open(path: &Path) -> Result<Self> {
        let file =
            std::fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
        // SAFETY: the map is read-only. Compiled models are written once under a temporary name
        // and renamed, so no writer of ours changes a file that is mapped.
        let map = unsafe { Mmap::map(&file) }
            .with_context(|| format!("cannot map {}", path.display()))?;
        Self::parse(path, Arc::new(map))
            .with_context(|| format!("{} is not usable", path.display()))
    }

    fn parse(path: &Path, map: Arc<Mmap>) -> Result<Self> {
        let bytes = &map[..];
        let Some(header) = bytes.first_chunk::<HEADER>() else {
            bail!("it is shorter than a header");
        };
        if header[..8] != MAGIC {
            bail!("it is not a compiled model (`stwo-ml setup` makes one)");
        }
        let version = u32::from_le_bytes([header[8], header[9], header[10], header[11]]);
        if version != VERSION {
            bail!("it has version {version}, this program reads version {VERSION}");
        }
        let field = |i: usize| {
            let mut b = [0; 8];
            b.copy_from_slice(&header[16 + 8 * i..24 + 8 * i]);
            usize::try_from(u64::from_le_bytes(b)).unwrap_or(usize::MAX)
        };
        let (body, key, table) = (field(0), field(1), field(2));
        let key_start = HEADER.saturating_add(body);
        let key_end = key_start.saturating_add(key);
        if key_end > table || table > bytes.len() {
            bail!("it is truncated or damaged");
        }
        let model = postcard::from_bytes(&bytes[HEADER..key_start])
            .context("its description cannot be decoded")?;
        Ok(Self { path: path.to_path_buf(), key: key_start..key_end, table, model, map })
    }

    /// The suite of its key.
    pub fn suite(&self) -> Result<SuiteName> {
        Ok(stwo_ml_verifier::key::peek_profile(&self.map[self.key.clone()])?.suite())
    }

    /// Its verification key.
    pub fn vk<S: ProverSuite>(&self) -> Result<VerifyingKey<S>> {
        Ok(VerifyingKey::from_bytes(&self.map[self.key.clone()])?)
    }

    /// Its proving key, with the mapped table.
    pub fn proving_key<S: ProverSuite>(&self) -> Result<ProvingKey<S>> {
        self.damaged_or_key().with_context(|| format!("{} is not usable", self.path.display()))
    }

    fn damaged_or_key<S: ProverSuite>(&self) -> Result<ProvingKey<S>> {
        let vk = self.vk::<S>()?;
        if *vk.circuit() != self.model.compiled.circuit {
            bail!("it is damaged: its key is for another circuit");
        }
        let model = Committed::<S>::from_mmap(Arc::clone(&self.map), self.table)
            .context("its committed table is damaged")?;
        let code = vk.schedule().tables[0];
        if (model.log_size(), model.log_rows(), model.log_blowup())
            != (code.log_size, code.log_rows, code.log_blowup)
            || model.root() != *vk.root()
        {
            bail!("it is damaged: its table is not the one its key commits to");
        }
        Ok(ProvingKey { vk, model })
    }
}
