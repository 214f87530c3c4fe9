//! The traits of walks.

mod collect;
mod iterator;
pub use collect::IntoIterator;
pub use iterator::Iterator;
