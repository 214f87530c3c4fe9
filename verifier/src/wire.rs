//! The binary encoding shared by proofs and keys: little-endian words, canonical field elements.
//!
//! A [`Reader`] never reads past its input, never allocates more than the input could fill, and
//! accepts one encoding of each value.

use thiserror::Error;

use crate::channel::{Hash, Suite};
use crate::field::{F, K, P};

/// Why bytes are not an encoding.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WireError {
    /// The input ends early.
    #[error("the input ends before {what}")]
    Missing {
        /// What was being read.
        what: &'static str,
    },
    /// A word or hash is not the canonical representative of its value.
    #[error("{what} is not canonical")]
    NotCanonical {
        /// What was being read.
        what: &'static str,
    },
    /// A length is above its bound.
    #[error("{what} has length {got}, more than {max}")]
    TooLong {
        /// What was being read.
        what: &'static str,
        /// The length in the input.
        got: usize,
        /// Its bound.
        max: usize,
    },
    /// Bytes are left over.
    #[error("{n_bytes} bytes are left over")]
    Trailing {
        /// How many.
        n_bytes: usize,
    },
}

/// A cursor over untrusted bytes.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// Number of bytes not read yet.
    #[must_use]
    pub const fn remaining(&self) -> usize {
        self.bytes.len()
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], WireError> {
        let (head, tail) =
            self.bytes.split_first_chunk::<N>().ok_or(WireError::Missing { what })?;
        self.bytes = tail;
        Ok(*head)
    }

    /// The next `n` bytes.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn slice(&mut self, n: usize, what: &'static str) -> Result<&'a [u8], WireError> {
        let (head, tail) = self.bytes.split_at_checked(n).ok_or(WireError::Missing { what })?;
        self.bytes = tail;
        Ok(head)
    }

    /// A `u32`.
    ///
    /// # Errors
    /// The input ends.
    pub fn u32(&mut self, what: &'static str) -> Result<u32, WireError> {
        self.array(what).map(u32::from_le_bytes)
    }

    /// A `u64`.
    ///
    /// # Errors
    /// The input ends.
    pub fn u64(&mut self, what: &'static str) -> Result<u64, WireError> {
        self.array(what).map(u64::from_le_bytes)
    }

    /// A length, as a `u32` of at most `max`.
    ///
    /// # Errors
    /// The input ends, or the length is above `max`.
    pub fn length(&mut self, max: usize, what: &'static str) -> Result<usize, WireError> {
        let got = self.u32(what)? as usize;
        if got > max { Err(WireError::TooLong { what, got, max }) } else { Ok(got) }
    }

    /// An element of `F`: a word below `p`.
    ///
    /// # Errors
    /// The input ends, or the word is not below `p`.
    pub fn base(&mut self, what: &'static str) -> Result<F, WireError> {
        let word = self.u32(what)?;
        if word < P {
            Ok(F::from_u32_unchecked(word))
        } else {
            Err(WireError::NotCanonical { what })
        }
    }

    /// An element of `K`: four words below `p`.
    ///
    /// # Errors
    /// As [`Reader::base`].
    pub fn secure(&mut self, what: &'static str) -> Result<K, WireError> {
        let mut coordinates = [F::from_u32_unchecked(0); 4];
        for c in &mut coordinates {
            *c = self.base(what)?;
        }
        Ok(K::from_m31_array(coordinates))
    }

    /// A node hash of suite `S`: 32 bytes.
    ///
    /// # Errors
    /// The input ends, or the bytes are not canonical.
    pub fn hash<S: Suite>(&mut self, what: &'static str) -> Result<Hash<S>, WireError> {
        S::hash_from_bytes(self.array(what)?).ok_or(WireError::NotCanonical { what })
    }

    /// `n` values. Nothing is allocated for values that the input cannot hold.
    ///
    /// # Errors
    /// Those of `read`.
    pub fn many<T>(
        &mut self,
        n: usize,
        mut read: impl FnMut(&mut Self) -> Result<T, WireError>,
    ) -> Result<Vec<T>, WireError> {
        let mut values = Vec::with_capacity(n.min(self.remaining() / 4));
        for _ in 0..n {
            values.push(read(self)?);
        }
        Ok(values)
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// Bytes are left over.
    pub const fn finish(self) -> Result<(), WireError> {
        match self.bytes.len() {
            0 => Ok(()),
            n_bytes => Err(WireError::Trailing { n_bytes }),
        }
    }
}

/// Appends a length; saturates above `u32::MAX`, which no reader accepts.
pub fn write_length(out: &mut Vec<u8>, n: usize) {
    out.extend(u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes());
}

/// Appends an element of `F`.
pub fn write_base(out: &mut Vec<u8>, value: F) {
    out.extend(value.0.to_le_bytes());
}

/// Appends an element of `K`.
pub fn write_secure(out: &mut Vec<u8>, value: K) {
    value.to_m31_array().into_iter().for_each(|c| write_base(out, c));
}

/// Appends a node hash.
pub fn write_hash<S: Suite>(out: &mut Vec<u8>, hash: &Hash<S>) {
    out.extend(S::hash_to_bytes(hash));
}
