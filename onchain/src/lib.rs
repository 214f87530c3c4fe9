//! The way to Starknet: networks and keys, declaring and deploying the verifier contract, sending
//! registrations and proofs, and what came of them.
//!
//! Nothing here reads the environment: options are values that a caller fills. Every failure is a
//! variant of [`Error`] whose message is one sentence for the person at the terminal.
//!
//! - [`network`]: where a chain is and which account pays; [`key`]: what signs.
//! - [`rpc`]: a node, with retries and time limits; [`account`]: the account on that node.
//! - [`fee`]: bounds of what a transaction may cost; [`send`]: simulate, send, wait.
//! - [`class`], [`deploy`]: the contract's class and its address; [`contract`], [`events`]: its interface.
//! - [`reason`]: why a call reverted; [`limits`]: what the network refuses.
//! - [`devnet`]: a local node, started when there is none.

pub mod account;
pub mod class;
pub mod contract;
pub mod deploy;
pub mod devnet;
mod error;
pub mod events;
pub mod fee;
pub mod key;
pub mod limits;
pub mod network;
pub mod reason;
pub mod rpc;
pub mod send;

use std::future::Future;

pub use crate::error::Error;
pub use starknet_rust::core::types::Felt;

/// Result of what this crate does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Runs asynchronous code of this crate to its end on this thread.
///
/// # Errors
/// Those of the code, or that the operating system gives no timer or sockets.
pub fn block_on<T, E: From<Error>>(work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(Error::Runtime)?.block_on(work)
}

/// A felt from hexadecimal digits behind `0x`.
///
/// # Errors
/// What is wrong with the text, as the end of a sentence that names where it stands.
pub fn parse_felt(text: &str) -> Result<Felt, String> {
    let digits =
        text.strip_prefix("0x").ok_or_else(|| format!("`{text}` does not start with 0x"))?;
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(format!("`{text}` is not hexadecimal"));
    }
    let digits = digits.trim_start_matches('0');
    if digits.len() > 63 {
        return Err(format!("`{text}` is longer than a felt"));
    }
    // The modulus has 64 digits, so 63 are always below it.
    Felt::from_hex(&format!("0x{digits:0>1}")).map_err(|e| format!("`{text}` is no felt: {e}"))
}

/// At most 31 ASCII characters as a felt, as Cairo writes short strings.
///
/// # Errors
/// A longer or non-ASCII text.
pub fn short_string(text: &str) -> Result<Felt, String> {
    if text.len() > 31 || !text.is_ascii() {
        return Err(format!("`{text}` is not a short string (at most 31 ASCII characters)"));
    }
    Ok(Felt::from_bytes_be_slice(text.as_bytes()))
}

/// The printable ASCII text of a felt, if it is one.
#[must_use]
pub fn text_of(felt: Felt) -> Option<String> {
    let bytes = felt.to_bytes_be();
    let text = &bytes[bytes.iter().position(|&b| b != 0)?..];
    let printable = text.iter().all(|b| (b' '..=b'~').contains(b));
    printable.then(|| String::from_utf8_lossy(text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn felts_are_hexadecimal() {
        assert_eq!(parse_felt("0x0"), Ok(Felt::ZERO));
        assert_eq!(parse_felt("0x00ff"), Ok(Felt::from(255u32)));
        let most = format!("0x{}", "7".repeat(63));
        assert!(parse_felt(&most).is_ok());
        for (bad, needle) in
            [("ff", "0x"), ("0x", "hexadecimal"), ("0xzz", "hexadecimal"), ("0x+1", "hexadecimal")]
        {
            assert!(parse_felt(bad).is_err_and(|e| e.contains(needle)), "{bad}");
        }
        assert!(parse_felt(&format!("0x1{}", "0".repeat(63))).is_err_and(|e| e.contains("longer")));
    }

    #[test]
    fn short_strings_go_both_ways() {
        let felt = short_string("merkle: root").expect("it is short");
        assert_eq!(text_of(felt).as_deref(), Some("merkle: root"));
        assert_eq!(text_of(Felt::ZERO), None);
        assert_eq!(text_of(Felt::from(7u32)), None);
        assert!(short_string(&"x".repeat(32)).is_err());
        assert!(short_string("ä").is_err());
    }
}
