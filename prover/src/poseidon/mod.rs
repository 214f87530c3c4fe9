//! Poseidon over the Starknet field, many hashes at a time: the trees of the `poseidon252` suite.
//!
//! The digests are those of stwo's `Poseidon252MerkleHasher`: a leaf is the sponge of its values,
//! eight to a field element, and a node the two-to-one hash of its children. An [`Engine`] computes
//! them with AVX-512 IFMA where the processor has it ([`ifma`]) and on 64-bit words elsewhere
//! ([`scalar`]).

mod constants;
#[cfg(target_arch = "x86_64")]
mod ifma;
mod scalar;
#[cfg(test)]
mod tests;

use rayon::prelude::*;
use starknet_ff::FieldElement;
use stwo::prover::backend::simd::column::BaseColumn;

/// Values of a leaf that make a field element.
const BLOCK: usize = 8;
/// Digests of a parallel task: a multiple of the lanes of every implementation.
const TASK: usize = 64;

/// An implementation of the hash.
#[derive(Clone, Copy, Debug)]
pub struct Engine(Kind);

#[derive(Clone, Copy, Debug)]
enum Kind {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Ifma(ifma::Ifma),
}

impl Engine {
    /// The portable implementation.
    pub const SCALAR: Self = Self(Kind::Scalar);

    /// The vector implementation, where the processor has it.
    #[must_use]
    pub fn vector() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        return ifma::Ifma::detect().map(|token| Self(Kind::Ifma(token)));
        #[cfg(not(target_arch = "x86_64"))]
        None
    }

    /// The fastest implementation on this processor.
    #[must_use]
    pub fn detect() -> Self {
        Self::vector().unwrap_or(Self::SCALAR)
    }

    /// Applies the Hades permutation to every state.
    pub fn permute(self, states: &mut [[FieldElement; 3]]) {
        match self.0 {
            Kind::Scalar => scalar::permute_all(states),
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma(token) => token.permute_all(states),
        }
    }

    /// The layers of the tree whose leaf `i` holds entry `i` of every column, from the root down.
    /// The columns have equal lengths, a power of two, and canonical values.
    #[must_use]
    pub fn tree(self, columns: &[BaseColumn]) -> Vec<Vec<FieldElement>> {
        let columns: Vec<&[u32]> =
            columns.iter().map(|column| bytemuck::cast_slice(column.as_slice())).collect();
        let n_leaves = columns.first().map_or(1, |column| column.len());
        let mut layers = vec![self.leaves(&columns, n_leaves)];
        while let Some(layer) = layers.last().filter(|layer| layer.len() > 1) {
            layers.push(self.nodes(layer));
        }
        layers.reverse();
        layers
    }

    fn leaves(self, columns: &[&[u32]], n_leaves: usize) -> Vec<FieldElement> {
        let mut digests = vec![FieldElement::ZERO; n_leaves];
        if columns.is_empty() {
            return digests;
        }
        digests.par_chunks_mut(TASK).enumerate().for_each(|(task, out)| match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma(token) if !is_few(out.len()) => token.leaves(columns, task * TASK, out),
            _ => scalar::leaves(columns, task * TASK, out),
        });
        digests
    }

    fn nodes(self, children: &[FieldElement]) -> Vec<FieldElement> {
        let mut digests = vec![FieldElement::ZERO; children.len() / 2];
        let tasks = digests.par_chunks_mut(TASK).zip(children.par_chunks(2 * TASK));
        tasks.for_each(|(out, children)| match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma(token) if !is_few(out.len()) => token.nodes(children.as_chunks().0, out),
            _ => scalar::nodes(children.as_chunks().0, out),
        });
        digests
    }
}

/// Whether so few digests take longer in one batch of vectors than one after the other.
#[cfg(target_arch = "x86_64")]
const fn is_few(n_digests: usize) -> bool {
    n_digests <= 2
}
