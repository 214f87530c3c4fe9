//! Walks over values.

mod traits;
pub use traits::{IntoIterator, Iterator};
