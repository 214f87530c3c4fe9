//! Why a call reverted: the contract's own words out of the node's report.
//!
//! A node reports a revert as a stack of frames in prose, with the panic data of the innermost frame
//! as felts: `Execution failed. Failure reason: (0x6d.. ('merkle: root'), 0x45.. ('ENTRYPOINT_FAILED'))`.
//! The prose differs between nodes and versions; the felts do not. So we read the felts.

use std::fmt;

use serde::Serialize;

use crate::{parse_felt, text_of};

/// Why a call reverted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The contract's words, e.g. `merkle: root`; `None` if the node's report has none.
    pub words: Option<String>,
    /// The node's report.
    pub report: String,
}

/// What frames add to the panic data on its way up.
const FRAMES: [&str; 2] = ["ENTRYPOINT_FAILED", "argent/multicall-failed"];

impl Reason {
    /// Reads a node's report.
    #[must_use]
    pub fn new(report: &str) -> Self {
        let words = words(report).or_else(|| limit(report).map(str::to_string));
        Self { words, report: report.trim().to_string() }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.words {
            Some(words) => f.write_str(words),
            None => f.write_str(&self.report),
        }
    }
}

/// The short strings of the panic data, without what frames add.
fn words(report: &str) -> Option<String> {
    let felts = report.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| w.starts_with("0x"));
    // Addresses, class hashes and selectors are felts too, but are almost never printable, and
    // never short; panic data is at most 31 bytes, and texts have at least three letters.
    let texts = felts.filter_map(|w| text_of(parse_felt(w).ok()?)).filter(|t| t.len() >= 3);
    let mut kept: Vec<String> = Vec::new();
    for text in texts {
        if !FRAMES.contains(&text.as_str()) && !kept.contains(&text) {
            kept.push(text);
        }
    }
    (!kept.is_empty()).then(|| kept.join(", "))
}

/// Limits of the network that a node reports in prose only.
fn limit(report: &str) -> Option<&'static str> {
    let lower = report.to_lowercase();
    [
        ("out of gas", "out of gas: the bound of L2 gas was too low"),
        ("insufficient max l2gas", "out of gas: the bound of L2 gas was too low"),
        ("max steps", "out of steps: a contract or the account is compiled for an old Sierra"),
        (
            "no remaining steps",
            "out of steps: a contract or the account is compiled for an old Sierra",
        ),
    ]
    .into_iter()
    .find_map(|(needle, words)| lower.contains(needle).then_some(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contracts_words_are_found() {
        let report = "Transaction execution has failed:\n0: Error in the called contract (contract \
            address: 0x064b48806902a367c8598f4f95c305e8c1a1acba5f082d294a43793113115691, class hash: \
            0x05b4b537eaa2399e3aa99c4e2e0208ebd6c71bc1467938cd52c798c601e43564, selector: \
            0x015d40a3d6ca2ac30f4031e42be28da9b056fef9bb7357ac5e85627ee876e5ad):\nExecution failed. \
            Failure reason:\n(0x6d65726b6c653a20726f6f74 ('merkle: root'), \
            0x454e545259504f494e545f4641494c4544 ('ENTRYPOINT_FAILED')).";
        let reason = Reason::new(report);
        assert_eq!(reason.to_string(), "merkle: root");
        assert_eq!(reason.report, report);
    }

    #[test]
    fn a_report_without_words_is_shown_whole() {
        let reason = Reason::new(" something else \n");
        assert_eq!(
            (reason.words.as_deref(), reason.to_string().as_str()),
            (None, "something else")
        );
        assert!(Reason::new("Out of gas").to_string().contains("L2 gas"));
    }
}
