//! Explanations of keywords, which this library has none of.
