//! Behaviour of the core library that the packages rely on.

#[cfg(test)]
mod collections_test;
#[cfg(test)]
mod hashes_test;
#[cfg(test)]
mod integers_test;
#[cfg(test)]
mod language_test;
