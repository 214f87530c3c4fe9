//! The cells of the program as the memory of a proof has them.
//!
//! stwo-cairo's memory maps addresses to identifiers, and identifiers to values: equal values have one
//! identifier, and values below `2^72` are counted by themselves. The program comes first in memory, so that
//! its identifiers depend on nothing else.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::LazyLock;

use blake2::{Blake2s256, Digest as _};
use serde::{Deserialize, Serialize};
use stwo::core::fields::m31::{BaseField, M31};
use stwo_cairo_common::memory::LARGE_MEMORY_VALUE_ID_BASE;
use stwo_cairo_common::prover_types::felt::split_f252;

/// 256 bits, little-endian words.
pub type Felt = [u32; 8];

/// Words of values that are counted by themselves: what is below `2^72`.
const SMALL_BITS: u32 = 72;

/// The cells of a program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cells {
    /// Identifier of each cell's value.
    pub ids: Vec<u32>,
    /// Values below `2^72`, by their identifiers.
    pub small: Vec<u128>,
    /// Other values, by their identifiers less [`LARGE_MEMORY_VALUE_ID_BASE`].
    pub large: Vec<Felt>,
}

/// The program of this release.
pub fn release() -> &'static Cells {
    static CELLS: LazyLock<Cells> = LazyLock::new(|| {
        let bytes = zstd::decode_all(include_bytes!("../program/cells.zst").as_slice());
        // An empty program has another hash than any, and no proof.
        bytes.ok().and_then(|bytes| bincode::deserialize(&bytes).ok()).unwrap_or_default()
    });
    &CELLS
}

impl Cells {
    /// Those of a program.
    #[must_use]
    pub fn of(felts: &[Felt]) -> Self {
        let (mut small, mut large) = (Values::default(), Values::default());
        let mut id = |felt: &Felt| match as_small(felt) {
            Some(value) => small.id(value),
            None => LARGE_MEMORY_VALUE_ID_BASE + large.id(*felt),
        };
        let ids = felts.iter().map(&mut id).collect();
        Self { ids, small: small.values, large: large.values }
    }

    /// The value with an identifier; 0 if there is none.
    #[must_use]
    pub fn value(&self, id: u32) -> Felt {
        match id.checked_sub(LARGE_MEMORY_VALUE_ID_BASE) {
            Some(id) => self.large.get(id as usize).copied().unwrap_or_default(),
            None => from_small(self.small.get(id as usize).copied().unwrap_or_default()),
        }
    }

    /// The cells' values.
    pub fn felts(&self) -> impl Iterator<Item = Felt> {
        self.ids.iter().map(|&id| self.value(id))
    }

    /// The identifiers, each with its value and how many cells have it.
    pub fn values(&self) -> impl Iterator<Item = (u32, Felt, u32)> {
        let mut counts: [Vec<u32>; 2] = [vec![0; self.small.len()], vec![0; self.large.len()]];
        for &id in &self.ids {
            let (list, id) = match id.checked_sub(LARGE_MEMORY_VALUE_ID_BASE) {
                Some(id) => (1, id),
                None => (0, id),
            };
            if let Some(count) = counts[list].get_mut(id as usize) {
                *count += 1;
            }
        }
        let [small, large] = counts;
        let ids = (0..).zip(small).chain((LARGE_MEMORY_VALUE_ID_BASE..).zip(large));
        ids.map(|(id, count)| (id, self.value(id), count))
    }

    /// The hash of the program: Blake2s of all cells, each as 28 limbs of 9 bits, a limb in 32 bits,
    /// little-endian. That is how the transcript of a proof takes them.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let mut hasher = Blake2s256::new();
        for felt in self.felts() {
            let limbs = split_f252(felt).map(|M31(limb)| limb.to_le_bytes());
            hasher.update(limbs.as_flattened());
        }
        hasher.finalize().into()
    }
}

/// The 9-bit limbs of a value, without zeros at the end.
#[must_use]
pub fn limbs(felt: Felt) -> Vec<BaseField> {
    let limbs = split_f252(felt);
    let length = limbs.iter().rposition(|limb| limb.0 != 0).map_or(0, |last| last + 1);
    limbs[..length].to_vec()
}

/// Values in the order in which they first occur.
struct Values<T> {
    values: Vec<T>,
    ids: HashMap<T, u32>,
}

impl<T> Default for Values<T> {
    fn default() -> Self {
        Self { values: Vec::new(), ids: HashMap::new() }
    }
}

impl<T: Copy + Eq + Hash> Values<T> {
    fn id(&mut self, value: T) -> u32 {
        *self.ids.entry(value).or_insert_with(|| {
            self.values.push(value);
            u32::try_from(self.values.len() - 1).expect("a program is short")
        })
    }
}

fn as_small(felt: &Felt) -> Option<u128> {
    let [w0, w1, w2, w3, high @ ..] = *felt;
    let words = [w3, w2, w1, w0];
    let value = words.iter().fold(0, |value, &word| value << 32 | u128::from(word));
    (high == [0; 4] && value < 1 << SMALL_BITS).then_some(value)
}

fn from_small(value: u128) -> Felt {
    #[expect(clippy::cast_possible_truncation, reason = "32 bits of it")]
    let word = |i: u32| (value >> (32 * i)) as u32;
    [word(0), word(1), word(2), word(3), 0, 0, 0, 0]
}
