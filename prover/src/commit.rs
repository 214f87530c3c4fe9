//! Commitments to tables (PROTOCOL §4.1): encoding, Merkle trees, and their storage in files.
//!
//! Row `r` of a table is `f[r 2^m .. (r + 1) 2^m]`, the coefficients of a circle polynomial in
//! stwo's FFT basis; leaf `j` of the tree holds the values of all rows at point `j`, in bit-reversed
//! order, of the canonic coset of size `2^(m + b)`.

use std::io::{self, Write};
use std::sync::Arc;

use memmap2::Mmap;
use rayon::prelude::*;
use stwo::core::channel::MerkleChannel;
use stwo::core::poly::circle::CanonicCoset;
use stwo::core::vcs_lifted::blake2_merkle::Blake2sMerkleChannel;
use stwo::core::vcs_lifted::merkle_hasher::MerkleHasherLifted;
use stwo::core::vcs_lifted::poseidon252_merkle::Poseidon252MerkleChannel;
use stwo::prover::backend::simd::SimdBackend;
use stwo::prover::backend::simd::column::BaseColumn;
use stwo::prover::backend::simd::fft::{CACHED_FFT_LOG_SIZE, transpose_vecs};
use stwo::prover::backend::simd::m31::{LOG_N_LANES, N_LANES, PackedM31};
use stwo::prover::backend::simd::qm31::PackedQM31;
use stwo::prover::backend::{Column, ColumnOps};
use stwo::prover::poly::circle::{CircleCoefficients, PolyOps};
use stwo::prover::vcs_lifted::ops::MerkleOpsLifted;
use stwo::prover::vcs_lifted::prover::MerkleProverLifted;
use stwo_ml_verifier::channel::{Hash, Suite};
use stwo_ml_verifier::field::{F, K};
use stwo_ml_verifier::opening::CodeOpening;
use stwo_ml_verifier::profile::{MAX_LOG_TABLE, MIN_LOG_TABLE};
use thiserror::Error;

use crate::{mle, poseidon};

/// A suite whose trees the prover can build.
pub trait ProverSuite: Suite {
    /// The layers of the tree over columns of `2^depth` reduced values, from the root down.
    fn build_tree(columns: &[BaseColumn], depth: u32) -> Vec<Vec<Hash<Self>>>;
}

impl ProverSuite for Blake2sMerkleChannel {
    fn build_tree(columns: &[BaseColumn], depth: u32) -> Vec<Vec<Hash<Self>>> {
        build_tree::<<Self as MerkleChannel>::H>(columns, depth)
    }
}

impl ProverSuite for Poseidon252MerkleChannel {
    fn build_tree(columns: &[BaseColumn], _: u32) -> Vec<Vec<Hash<Self>>> {
        poseidon::Engine::detect().tree(columns)
    }
}

fn build_tree<H: MerkleHasherLifted>(columns: &[BaseColumn], depth: u32) -> Vec<Vec<H::Hash>>
where
    SimdBackend: MerkleOpsLifted<H> + ColumnOps<H::Hash, Column = Vec<H::Hash>>,
{
    MerkleProverLifted::<SimdBackend, H>::commit(columns.iter().collect(), depth, 0).layers
}

/// Encodes rows of `2^m` coefficients over `2^(m + log_blowup)` points, bit-reversed, reduced.
/// A row of zeros costs no transform.
pub(crate) fn encode(rows: Vec<BaseColumn>, log_blowup: u32) -> Vec<BaseColumn> {
    let m = rows.first().map_or(0, |row| row.len().ilog2());
    let domain = CanonicCoset::new(m + log_blowup).circle_domain();
    let twiddles = SimdBackend::precompute_twiddles(domain.half_coset);
    rows.into_par_iter()
        .map(|mut row| {
            let is_zero = |v: &PackedM31| v.to_array().iter().all(|x| x.0 == 0);
            if row.data.iter().all(is_zero) {
                return BaseColumn::zeros(1 << (m + log_blowup));
            }
            if m > CACHED_FFT_LOG_SIZE {
                // SAFETY: the column holds 2^m aligned words, which is 2^(m - 4) vectors.
                unsafe {
                    transpose_vecs(row.data.as_mut_ptr().cast(), (m - LOG_N_LANES) as usize);
                }
            }
            let code = CircleCoefficients::<SimdBackend>::new(row)
                .evaluate_with_twiddles(domain, &twiddles);
            let mut values = code.values;
            // The transform leaves values in [0, p]; a leaf is hashed in canonical form.
            values.data.iter_mut().for_each(|v| *v = PackedM31::reduce_simd(v.into_simd()));
            values
        })
        .collect()
}

/// The rows of a table of `F`.
fn base_rows(table: &[PackedM31], log_size: u32, log_rows: u32) -> Vec<BaseColumn> {
    let row_len = 1usize << (log_size - log_rows);
    if row_len >= N_LANES {
        let rows = table.par_chunks(row_len / N_LANES);
        return rows.map(|row| BaseColumn { data: row.to_vec(), length: row_len }).collect();
    }
    let values: Vec<F> = table.iter().flat_map(|v| v.to_array()).take(1 << log_size).collect();
    values.chunks(row_len).map(BaseColumn::from_cpu).collect()
}

/// The rows of a table of `K`, four columns each: row `4 r + c` is coordinate `c` of row `r`.
pub(crate) fn extension_rows(
    table: &[PackedQM31],
    log_size: u32,
    log_rows: u32,
) -> Vec<BaseColumn> {
    let coordinates: [Vec<PackedM31>; 4] =
        std::array::from_fn(|c| table.par_iter().map(|v| v.into_packed_m31s()[c]).collect());
    let mut columns = coordinates.map(|c| base_rows(&c, log_size, log_rows).into_iter());
    (0..4usize << log_rows).filter_map(|i| columns[i % 4].next()).collect()
}

/// An encoded table and its tree, in memory.
pub(crate) struct Codeword<S: Suite> {
    columns: Vec<BaseColumn>,
    layers: Vec<Vec<Hash<S>>>,
}

impl<S: ProverSuite> Codeword<S> {
    pub(crate) fn new(columns: Vec<BaseColumn>) -> Self {
        let depth = columns.first().map_or(0, |c| c.len().ilog2());
        let layers = S::build_tree(&columns, depth);
        Self { columns, layers }
    }

    pub(crate) fn root(&self) -> Hash<S> {
        self.layers[0][0]
    }

    fn leaf(&self, position: usize) -> impl Iterator<Item = F> + '_ {
        self.columns.iter().map(move |column| column.as_slice()[position])
    }

    pub(crate) fn open(&self, positions: &[usize]) -> CodeOpening<S> {
        CodeOpening {
            leaves: positions.iter().flat_map(|&p| self.leaf(p)).collect(),
            witness: siblings(positions, self.layers.len() - 1, |depth, i| self.layers[depth][i]),
        }
    }
}

/// The siblings of a multi-proof in the order of `merkle::verify`; `node(depth, index)` is a node.
fn siblings<T>(positions: &[usize], depth: usize, node: impl Fn(usize, usize) -> T) -> Vec<T> {
    let mut witness = Vec::new();
    let mut level = positions.to_vec();
    for d in (1..=depth).rev() {
        for pair in level.chunk_by(|a, b| a ^ 1 == *b) {
            if let [single] = pair {
                witness.push(node(d, single ^ 1));
            }
        }
        level.iter_mut().for_each(|p| *p >>= 1);
        level.dedup();
    }
    witness
}

/// A committed table of `F`, with all that opening it takes.
pub struct Committed<S: Suite> {
    shape: Shape,
    root: Hash<S>,
    store: Store<S>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shape {
    log_size: u32,
    log_rows: u32,
    log_blowup: u32,
}

enum Store<S: Suite> {
    Memory { values: Vec<PackedM31>, code: Codeword<S> },
    Mapped { map: Arc<Mmap>, start: usize },
}

/// Commits to a table of `2^log_size` packed entries with `2^log_rows` rows at `2^log_blowup`.
///
/// # Panics
/// The number of entries is not a power of two in the supported range, or the rows are too short
/// for the blow-up: both follow from a `Schedule`.
#[must_use]
pub fn commit<S: ProverSuite>(
    values: Vec<PackedM31>,
    log_rows: u32,
    log_blowup: u32,
) -> Committed<S> {
    let log_size = (values.len() * N_LANES).ilog2();
    let shape = Shape { log_size, log_rows, log_blowup };
    assert_eq!(values.len() * N_LANES, 1 << log_size, "tables are padded to a power of two");
    assert!(shape.is_valid(), "a schedule gives valid shapes: {shape:?}");
    let code = Codeword::new(encode(base_rows(&values, log_size, log_rows), log_blowup));
    Committed { shape, root: code.root(), store: Store::Memory { values, code } }
}

impl Shape {
    fn is_valid(self) -> bool {
        (MIN_LOG_TABLE..=MAX_LOG_TABLE).contains(&self.log_size)
            && self.log_rows < self.log_size
            && (LOG_N_LANES + 1..=28).contains(&self.log_domain())
    }

    fn log_domain(self) -> u32 {
        self.log_size - self.log_rows + self.log_blowup
    }

    /// Bytes of a file's header, values, leaves, and nodes.
    fn sections(self) -> [usize; 4] {
        let width = 4 << self.log_rows;
        [HEADER, 4 << self.log_size, width << self.log_domain(), 64 << self.log_domain()]
    }
}

/// Why a file is not a committed table of the expected kind.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MapError {
    /// The offset is not a multiple of 64 bytes.
    #[error("offset {offset} of a committed table is not a multiple of 64")]
    Alignment {
        /// The offset.
        offset: usize,
    },
    /// The file ends early.
    #[error("a committed table takes {expected} bytes, the file has {got}")]
    Length {
        /// Bytes needed from the offset on.
        expected: usize,
        /// Bytes there.
        got: usize,
    },
    /// The header is not one of this version and suite, or its parameters are out of range.
    #[error("not a committed table of suite {suite}")]
    Header {
        /// The suite asked for.
        suite: &'static str,
    },
}

const MAGIC: [u8; 16] = *b"stwo-ml/table/1\0";
/// Bytes of a header: magic, suite, three parameters and a zero as words, root, zeros.
const HEADER: usize = 128;

impl<S: ProverSuite> Committed<S> {
    /// The root of its tree.
    #[must_use]
    pub fn root(&self) -> Hash<S> {
        self.root
    }

    /// log2 of the number of entries.
    #[must_use]
    pub const fn log_size(&self) -> u32 {
        self.shape.log_size
    }

    /// log2 of the number of rows.
    #[must_use]
    pub const fn log_rows(&self) -> u32 {
        self.shape.log_rows
    }

    /// log2 of the blow-up.
    #[must_use]
    pub const fn log_blowup(&self) -> u32 {
        self.shape.log_blowup
    }

    /// The entries, packed.
    #[must_use]
    pub fn values(&self) -> &[PackedM31] {
        match &self.store {
            Store::Memory { values, .. } => values,
            Store::Mapped { map, start } => {
                let [header, values, ..] = self.shape.sections();
                bytemuck::cast_slice(&map[start + header..][..values])
            }
        }
    }

    /// Opens leaves at sorted positions without duplicates.
    pub(crate) fn open(&self, positions: &[usize]) -> CodeOpening<S> {
        let (map, start) = match &self.store {
            Store::Memory { code, .. } => return code.open(positions),
            Store::Mapped { map, start } => (map, *start),
        };
        let [header, values, leaves, _] = self.shape.sections();
        let leaves_at = start + header + values;
        let nodes_at = leaves_at + leaves;
        let width = 4usize << self.shape.log_rows;
        CodeOpening {
            leaves: positions
                .iter()
                .flat_map(|p| map[leaves_at + p * width..][..width].as_chunks::<4>().0)
                .map(|bytes| F::from_u32_unchecked(u32::from_le_bytes(*bytes)))
                .collect(),
            witness: siblings(positions, self.shape.log_domain() as usize, |depth, index| {
                let mut bytes = [0; 32];
                bytes.copy_from_slice(&map[nodes_at + 32 * ((1 << depth) - 1 + index)..][..32]);
                // A damaged file gives a proof that does not verify, not a panic.
                S::hash_from_bytes(bytes).unwrap_or_default()
            }),
        }
    }

    /// Bytes that [`Committed::write_to`] writes.
    #[must_use]
    pub fn stored_len(&self) -> usize {
        self.shape.sections().iter().sum()
    }

    /// Writes the table, its leaves (each contiguous) and its tree. The offset in a file that is to
    /// be mapped must be a multiple of 64.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_to(&self, out: &mut impl Write) -> io::Result<()> {
        let (values, code) = match &self.store {
            Store::Memory { values, code } => (values, code),
            Store::Mapped { map, start } => {
                return out.write_all(&map[*start..][..self.stored_len()]);
            }
        };
        let mut header = Vec::with_capacity(HEADER);
        header.extend(MAGIC);
        header.extend(suite_tag::<S>());
        let Shape { log_size, log_rows, log_blowup } = self.shape;
        header.extend([log_size, log_rows, log_blowup, 0].map(u32::to_le_bytes).as_flattened());
        header.extend(S::hash_to_bytes(&self.root));
        header.resize(HEADER, 0);
        out.write_all(&header)?;
        for chunk in values.chunks(1 << 12) {
            let reduced: Vec<_> =
                chunk.iter().map(|v| PackedM31::reduce_simd(v.into_simd())).collect();
            out.write_all(bytemuck::cast_slice(&reduced))?;
        }
        let columns: Vec<&[F]> = code.columns.iter().map(BaseColumn::as_slice).collect();
        let n_leaves = 1usize << self.shape.log_domain();
        for start in (0..n_leaves).step_by(N_LANES) {
            let leaves = start..(start + N_LANES).min(n_leaves);
            let words: Vec<u32> =
                leaves.flat_map(|p| columns.iter().map(move |c| c[p].0)).collect();
            out.write_all(bytemuck::cast_slice(&words))?;
        }
        for layer in &code.layers {
            let bytes: Vec<[u8; 32]> = layer.par_iter().map(S::hash_to_bytes).collect();
            out.write_all(bytes.as_flattened())?;
        }
        // The tree has one node less than twice its leaves.
        out.write_all(&[0; 32])
    }

    /// Opens what [`Committed::write_to`] has written at `offset` of a mapped file. Values, leaves
    /// and nodes are read when they are needed and are not checked against the root here: whoever
    /// trusts a file compares [`Committed::root`] and, once, its contents.
    ///
    /// # Errors
    /// One variant per check.
    pub fn from_mmap(map: Arc<Mmap>, offset: usize) -> Result<Self, MapError> {
        if !offset.is_multiple_of(64) {
            return Err(MapError::Alignment { offset });
        }
        let bytes = map.get(offset..).unwrap_or_default();
        let header = bytes
            .first_chunk::<HEADER>()
            .ok_or(MapError::Length { expected: HEADER, got: bytes.len() })?;
        let (shape, root) = parse_header::<S>(header).ok_or(MapError::Header { suite: S::NAME })?;
        let expected: usize = shape.sections().iter().sum();
        if bytes.len() < expected {
            return Err(MapError::Length { expected, got: bytes.len() });
        }
        Ok(Self { shape, root, store: Store::Mapped { map, start: offset } })
    }

    /// The extension of the table at `point`.
    #[must_use]
    pub fn evaluate(&self, point: &[K]) -> K {
        mle::evaluate(self.values(), point)
    }

    /// A liar's table: other values, the same code.
    #[cfg(test)]
    pub(crate) fn with_values(self, values: Vec<PackedM31>) -> Self {
        match self.store {
            Store::Memory { code, .. } => Self { store: Store::Memory { values, code }, ..self },
            Store::Mapped { .. } => unreachable!("tests lie in memory"),
        }
    }
}

fn suite_tag<S: Suite>() -> [u8; 16] {
    let mut tag = [0; 16];
    for (to, from) in tag.iter_mut().zip(S::NAME.bytes()) {
        *to = from;
    }
    tag
}

fn parse_header<S: Suite>(header: &[u8; HEADER]) -> Option<(Shape, Hash<S>)> {
    let (magic, rest) = header.split_first_chunk::<16>()?;
    let (suite, rest) = rest.split_first_chunk::<16>()?;
    let (words, rest) = rest.split_first_chunk::<16>()?;
    let (root, zeros) = rest.split_first_chunk::<32>()?;
    let word = |i: usize| words.as_chunks::<4>().0.get(i).copied().map(u32::from_le_bytes);
    let shape = Shape { log_size: word(0)?, log_rows: word(1)?, log_blowup: word(2)? };
    let known = *magic == MAGIC && *suite == suite_tag::<S>() && word(3)? == 0;
    let in_range = shape.log_blowup <= 16 && shape.is_valid() && zeros.iter().all(|&b| b == 0);
    (known && in_range).then_some(())?;
    Some((shape, S::hash_from_bytes(*root)?))
}

#[cfg(test)]
#[path = "commit_test.rs"]
mod tests;
