//! Raises extents to powers of two where nothing that is read at real indices changes.
//!
//! Tensors are padded to powers of two anyway (PROTOCOL §2). For a verifier a variable whose extent
//! fills its bits is cheap: its weight is a product of `eq`, which views share. So the padding of
//! committed tensors becomes real entries, identities define them like all others, and variables
//! run over all of their bits. Maxima are not raised: a raised entry would have to be attained.
//!
//! **What is raised.** A *box variable* of an identity, if the tensors that the identity defines are
//! raised along. A dimension of a *witness tensor*, if its identity or lookup defines the raised part.
//! A dimension of a *model tensor*: its entries there are zeros, as they were. A *sum variable*, if
//! a factor is zero in the raised part. A *view* reads a raised dimension whole if it is indexed by a
//! raised variable alone; all other axes (sums, windows, slices, maps) keep their real extents and
//! read what they read before. Public tensors keep their shapes. A committed tensor all of whose extents
//! are powers of two in the end is a vector: its layout is the same.
//!
//! **Why the proof says the same.** Call an index real if it was one before. At a real index of its
//! box, every term of an identity has the value that it had: a view reads the same entries there,
//! since only dimensions that a single variable indexes were raised, and a raised sum has only gained
//! products with a factor that is zero, an entry of `M` or what lies outside a view. So a witness that
//! satisfies the raised circuit satisfies the identities of the original one at all their indices;
//! lookups always ran over the padding. Real entries, outputs among them, are bound as before, and
//! the raised entries are bound in addition.
//!
//! **Why an honest prover does not fail.** By induction over the steps of the program: the real
//! entries are those of the original execution, which depend on real entries only; the raised ones
//! are computed by the same step. What could fail is a key of a lookup outside its table: a step is
//! raised only if interval arithmetic over enforced ranges, zero included wherever a view might read
//! nothing, shows that its parts stay in the tables that they are looked up in (`intervals`).

mod apply;
mod decide;
mod intervals;

#[cfg(test)]
mod tests;

use crate::program::Compiled;
use stwo_ml_verifier::circuit::{Kind, log_ceil};

/// Raises all extents that can be.
#[must_use]
pub fn raise(compiled: &Compiled) -> Compiled {
    apply::apply(compiled, &decide::Raised::of(compiled))
}

/// The smallest power of two that is at least as large.
fn whole(extent: u32) -> u32 {
    1 << log_ceil(extent)
}

fn is_whole(extent: u32) -> bool {
    extent == whole(extent)
}

fn is_committed(kind: Kind) -> bool {
    matches!(kind, Kind::Model | Kind::Witness)
}

/// The index bits of each dimension, the least significant bit of the last one being bit 0.
fn bit_ranges(dims: &[u32]) -> Vec<std::ops::Range<u32>> {
    let mut end = dims.iter().map(|&d| log_ceil(d)).sum();
    let range = |&d: &u32| {
        let range = end - log_ceil(d)..end;
        end = range.start;
        range
    };
    dims.iter().map(range).collect()
}
