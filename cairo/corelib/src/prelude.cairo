//! Names that are in scope everywhere, by edition.

mod v2024_07;
