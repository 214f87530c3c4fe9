//! The bulk of a proof: the lists of field elements and hashes that it consists of, in one order.
//!
//! They are as good as random, so that no compression shortens them. In a file they follow each other: all
//! elements, 31 bits each, then all hashes; how long each list is, is told by the rest of the proof.

use stwo::core::fields::m31::{BaseField, P};
use stwo::core::fields::qm31::SecureField;
use stwo::core::pcs::quotients::CommitmentSchemeProof;
use stwo::core::vcs::blake2_hash::Blake2sHash;
use stwo::core::vcs_lifted::blake2_merkle::Blake2sMerkleHasher;

use crate::file::FileError;

/// Bits of an element.
const BITS: u32 = 31;
/// Bytes of a hash.
const HASH: usize = 32;

/// The proof of the polynomial commitments, which has all lists.
type Opening = CommitmentSchemeProof<Blake2sMerkleHasher>;

/// What is done with each list.
trait Lists {
    fn base(&mut self, part: &'static str, list: &mut Vec<BaseField>) -> Result<(), FileError>;
    fn secure(&mut self, part: &'static str, list: &mut Vec<SecureField>) -> Result<(), FileError>;
    fn hashes(&mut self, part: &'static str, list: &mut Vec<Blake2sHash>) -> Result<(), FileError>;
}

/// All lists, in the order of the file.
fn visit(proof: &mut Opening, lists: &mut impl Lists) -> Result<(), FileError> {
    for values in proof.sampled_values.0.iter_mut().flatten() {
        lists.secure("values out of the domain", values)?;
    }
    for values in proof.queried_values.0.iter_mut().flatten() {
        lists.base("values at the queries", values)?;
    }
    for tree in &mut proof.decommitments.0 {
        lists.hashes("paths of the columns", &mut tree.hash_witness)?;
    }
    let fri = &mut proof.fri_proof;
    for layer in std::iter::once(&mut fri.first_layer).chain(&mut fri.inner_layers) {
        lists.secure("values of FRI", &mut layer.fri_witness)?;
        lists.hashes("paths of FRI", &mut layer.decommitment.hash_witness)?;
    }
    Ok(())
}

/// The lists of a proof, taken out of it.
#[derive(Default)]
pub struct Bulk {
    /// Lengths of the lists.
    pub lengths: Vec<u32>,
    elements: Vec<BaseField>,
    hashes: Vec<u8>,
    /// Elements and hashes by part of the proof.
    pub parts: Vec<(&'static str, [usize; 2])>,
}

impl Bulk {
    /// Takes all lists out of a proof.
    ///
    /// # Errors
    /// One is too long.
    pub fn take(proof: &mut Opening) -> Result<Self, FileError> {
        let mut bulk = Self::default();
        visit(proof, &mut bulk)?;
        Ok(bulk)
    }

    fn count(&mut self, part: &'static str, length: usize, n: [usize; 2]) -> Result<(), FileError> {
        self.lengths.push(u32::try_from(length)?);
        match self.parts.iter_mut().find(|(name, _)| *name == part) {
            Some((_, counts)) => counts.iter_mut().zip(n).for_each(|(count, n)| *count += n),
            None => self.parts.push((part, n)),
        }
        Ok(())
    }

    /// Elements and hashes as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let (mut word, mut n_bits) = (0u64, 0);
        for element in &self.elements {
            word |= u64::from(element.0 & P) << n_bits;
            n_bits += BITS;
            while n_bits >= 8 {
                bytes.push(word.to_le_bytes()[0]);
                word >>= 8;
                n_bits -= 8;
            }
        }
        if n_bits > 0 {
            bytes.push(word.to_le_bytes()[0]);
        }
        bytes.extend(&self.hashes);
        bytes
    }
}

/// Bytes of so many elements.
#[must_use]
pub fn packed_bytes(n_elements: usize) -> usize {
    (n_elements * BITS as usize).div_ceil(8)
}

impl Lists for Bulk {
    fn base(&mut self, part: &'static str, list: &mut Vec<BaseField>) -> Result<(), FileError> {
        self.count(part, list.len(), [list.len(), 0])?;
        self.elements.append(list);
        Ok(())
    }

    fn secure(&mut self, part: &'static str, list: &mut Vec<SecureField>) -> Result<(), FileError> {
        self.count(part, list.len(), [4 * list.len(), 0])?;
        self.elements.extend(list.drain(..).flat_map(|element| element.to_m31_array()));
        Ok(())
    }

    fn hashes(&mut self, part: &'static str, list: &mut Vec<Blake2sHash>) -> Result<(), FileError> {
        self.count(part, list.len(), [0, list.len()])?;
        self.hashes.extend(list.drain(..).flat_map(|hash| hash.0));
        Ok(())
    }
}

/// Puts the lists back into a proof that they were taken out of. Nothing is left over.
///
/// # Errors
/// `bytes` are not those of such lists.
pub fn put_back(proof: &mut Opening, lengths: &[u32], bytes: &[u8]) -> Result<(), FileError> {
    // How many elements there are says where the hashes begin.
    let mut counter = Counter { lengths: lengths.iter(), n_elements: 0, n_hashes: 0 };
    visit(proof, &mut counter)?;
    let Counter { lengths: mut rest, n_elements, n_hashes } = counter;
    if rest.next().is_some() {
        return Err(FileError::Lists);
    }
    let (elements, hashes) =
        bytes.split_at_checked(packed_bytes(n_elements)).ok_or(FileError::Truncated)?;
    match hashes.len().checked_sub(HASH * n_hashes) {
        None => return Err(FileError::Truncated),
        Some(0) => {}
        Some(n) => return Err(FileError::Trailing(n)),
    }
    let elements = Elements { bytes: elements.iter(), word: 0, n_bits: 0 };
    let hashes = hashes.as_chunks::<HASH>().0.iter();
    let mut filler = Filler { lengths: lengths.iter(), elements, hashes };
    visit(proof, &mut filler)?;
    // The bits behind the last element.
    match filler.elements.word {
        0 => Ok(()),
        _ => Err(FileError::Lists),
    }
}

/// Sums the lengths of the lists, which are empty.
struct Counter<'b> {
    lengths: std::slice::Iter<'b, u32>,
    n_elements: usize,
    n_hashes: usize,
}

impl Counter<'_> {
    fn next(&mut self, empty: bool) -> Result<usize, FileError> {
        let length = self.lengths.next().filter(|_| empty).ok_or(FileError::Lists)?;
        Ok(usize::try_from(*length)?)
    }
}

impl Lists for Counter<'_> {
    fn base(&mut self, _: &'static str, list: &mut Vec<BaseField>) -> Result<(), FileError> {
        self.n_elements += self.next(list.is_empty())?;
        Ok(())
    }

    fn secure(&mut self, _: &'static str, list: &mut Vec<SecureField>) -> Result<(), FileError> {
        self.n_elements += 4 * self.next(list.is_empty())?;
        Ok(())
    }

    fn hashes(&mut self, _: &'static str, list: &mut Vec<Blake2sHash>) -> Result<(), FileError> {
        self.n_hashes += self.next(list.is_empty())?;
        Ok(())
    }
}

/// Elements of 31 bits.
struct Elements<'b> {
    bytes: std::slice::Iter<'b, u8>,
    word: u64,
    n_bits: u32,
}

impl Elements<'_> {
    fn next(&mut self) -> Result<BaseField, FileError> {
        while self.n_bits < BITS {
            let byte = self.bytes.next().ok_or(FileError::Truncated)?;
            self.word |= u64::from(*byte) << self.n_bits;
            self.n_bits += 8;
        }
        #[expect(clippy::cast_possible_truncation, reason = "31 bits")]
        let value = self.word as u32 & P;
        self.word >>= BITS;
        self.n_bits -= BITS;
        // `P` has 31 bits too, and is no element.
        if value == P {
            return Err(FileError::Lists);
        }
        Ok(BaseField::from_u32_unchecked(value))
    }
}

/// Fills the lists, whose lengths have been counted.
struct Filler<'b> {
    lengths: std::slice::Iter<'b, u32>,
    elements: Elements<'b>,
    hashes: std::slice::Iter<'b, [u8; HASH]>,
}

impl Lists for Filler<'_> {
    fn base(&mut self, _: &'static str, list: &mut Vec<BaseField>) -> Result<(), FileError> {
        let length = *self.lengths.next().ok_or(FileError::Lists)?;
        *list = (0..length).map(|_| self.elements.next()).collect::<Result<_, _>>()?;
        Ok(())
    }

    fn secure(&mut self, _: &'static str, list: &mut Vec<SecureField>) -> Result<(), FileError> {
        let length = *self.lengths.next().ok_or(FileError::Lists)?;
        let mut next = || self.elements.next();
        let element = |_| Ok(SecureField::from_m31_array([next()?, next()?, next()?, next()?]));
        *list = (0..length).map(element).collect::<Result<_, FileError>>()?;
        Ok(())
    }

    fn hashes(&mut self, _: &'static str, list: &mut Vec<Blake2sHash>) -> Result<(), FileError> {
        let length = *self.lengths.next().ok_or(FileError::Lists)?;
        *list =
            self.hashes.by_ref().take(usize::try_from(length)?).map(|h| Blake2sHash(*h)).collect();
        Ok(())
    }
}
