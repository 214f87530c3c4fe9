//! Texts.

/// Types that a text in double quotes can have.
pub trait StringLiteral<T>;
