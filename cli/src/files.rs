//! Files: written whole or not at all; compiled models.

use std::io::{BufWriter, Write};
use std::path::Path;
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

/// Writes a file under a temporary name beside it, then renames it: readers never see half a file.
pub fn write_atomically(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<u64> {
    let folder = match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    };
    let context = || format!("cannot write {}", path.display());
    let file =
        tempfile::Builder::new().prefix(".stwo-ml-").tempfile_in(folder).with_context(context)?;
    let mut out = BufWriter::with_capacity(1 << 20, file);
    write(&mut out).with_context(context)?;
    let file = out.into_inner().map_err(|e| e.into_error()).with_context(context)?;
    file.as_file().sync_all().with_context(context)?;
    let length = file.as_file().metadata().with_context(context)?.len();
    file.persist(path).map_err(|e| e.error).with_context(context)?;
    Ok(length)
}

/// Reads a file whole.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

const MAGIC: [u8; 8] = *b"STWOMLMD";
const VERSION: u32 = 1;
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
    map: Arc<Mmap>,
    /// Circuit, program, float model.
    pub model: Model,
    key: std::ops::Range<usize>,
    table: usize,
}

impl ModelFile {
    /// Writes a compiled model.
    pub fn write<S: ProverSuite>(path: &Path, model: &Model, pk: &ProvingKey<S>) -> Result<u64> {
        let body = postcard::to_stdvec(model).context("the model cannot be encoded")?;
        let key = pk.vk.to_bytes();
        let table = (HEADER + body.len() + key.len()).next_multiple_of(64);
        write_atomically(path, |out| {
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
        Self::parse(Arc::new(map)).with_context(|| format!("{} is not usable", path.display()))
    }

    fn parse(map: Arc<Mmap>) -> Result<Self> {
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
        Ok(Self { key: key_start..key_end, table, model, map })
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
        let vk = self.vk::<S>()?;
        if *vk.circuit() != self.model.compiled.circuit {
            bail!("the model file is damaged: its key is for another circuit");
        }
        let model = Committed::<S>::from_mmap(Arc::clone(&self.map), self.table)
            .context("the committed table of the model file is damaged")?;
        let code = vk.schedule().tables[0];
        if (model.log_size(), model.log_rows(), model.log_blowup())
            != (code.log_size, code.log_rows, code.log_blowup)
            || model.root() != *vk.root()
        {
            bail!("the model file is damaged: its table is not the one its key commits to");
        }
        Ok(ProvingKey { vk, model })
    }
}
