//! What can go wrong on the way to the chain, a sentence each.

use std::path::PathBuf;

use starknet_rust::core::types::Felt;

use crate::fee::strk;
use crate::reason::Reason;

/// What can go wrong on the way to the chain.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system gives no timer or sockets.
    #[error("the network runtime cannot start: {0}")]
    Runtime(std::io::Error),
    /// A file that is missing or unreadable.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that cannot be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of networks that is not one.
    #[error("{path} is not a list of networks: {reason}")]
    Networks {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A network that is not configured.
    #[error("there is no network `{name}`; known are {known}")]
    UnknownNetwork {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A network without a node.
    #[error(
        "network `{0}` needs the URL of a node: --rpc, STWO_ML_RPC_URL, or `rpc` in the file of networks"
    )]
    NoUrl(String),
    /// An address of a node that is not a URL.
    #[error("the URL of the node is not an http(s) URL")]
    BadUrl,
    /// No account is named.
    #[error(
        "network `{0}` needs an account: --account, STWO_ML_ACCOUNT, or `account` in the file of networks"
    )]
    NoAccountNamed(String),
    /// No key is given.
    #[error(
        "network `{0}` needs a key: --keystore, STWO_ML_KEYSTORE, `keystore` in the file of networks, or STWO_ML_PRIVATE_KEY"
    )]
    NoKey(String),
    /// A key that is not a secret scalar.
    #[error("{0} does not hold a private key of the STARK curve")]
    BadKey(String),
    /// A keystore that cannot be opened.
    #[error("the keystore {path} cannot be opened: {reason}")]
    Keystore {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Nothing answers at the URL.
    #[error("no node answers at {url}: {reason}")]
    NoNode {
        /// Scheme and host, without path (which may hold a key).
        url: String,
        /// Why.
        reason: String,
    },
    /// Something answers that is not a Starknet node, or one with another RPC version.
    #[error("{url} does not answer as a Starknet node with RPC 0.10: {reason}")]
    NotANode {
        /// Scheme and host.
        url: String,
        /// What it said.
        reason: String,
    },
    /// The node answers for another chain.
    #[error("the node at {url} is on chain {got}, not on {expected}")]
    WrongChain {
        /// Scheme and host.
        url: String,
        /// The network's chain.
        expected: String,
        /// The node's chain.
        got: String,
    },
    /// The node limits requests, after retries.
    #[error("the node at {0} limits requests; try again later or use another node")]
    RateLimited(String),
    /// The node refused a request.
    #[error("the node refused {what}: {reason}")]
    Refused {
        /// The request.
        what: &'static str,
        /// What it said.
        reason: String,
    },
    /// The account contract is not there.
    #[error("there is no account at {address:#x} on {network}: deploy and fund it first")]
    NoAccount {
        /// The address.
        address: Felt,
        /// The network.
        network: String,
    },
    /// The account's signature check failed.
    #[error(
        "the account {address:#x} does not accept the signature; is the key the account's? ({reason})"
    )]
    Signature {
        /// The account.
        address: Felt,
        /// What it said.
        reason: String,
    },
    /// The account is compiled for an old Sierra, and would make every call step-metered.
    #[error(
        "the account {address:#x} is compiled to Sierra {major}.{minor}: calls through accounts older than \
         Sierra 1.7 are limited to 10 million steps, too few for a verification; use a newer account class"
    )]
    OldAccount {
        /// The account.
        address: Felt,
        /// Its Sierra version.
        major: u64,
        /// Its Sierra version.
        minor: u64,
    },
    /// A local node that meters the account in steps.
    #[error(
        "the local node meters the account {0:#x} in steps, which are too few for a verification; start the \
         node with `stwo-ml devnet start`"
    )]
    StepMetered(Felt),
    /// Not enough STRK.
    #[error(
        "account {address:#x} has {} STRK, but the transaction may cost up to {}: fund it, or lower the bounds",
        strk(*have), strk(*need)
    )]
    Balance {
        /// The account.
        address: Felt,
        /// In fri.
        have: u128,
        /// In fri.
        need: u128,
    },
    /// The bound of the fee is above what the caller allows.
    #[error("the transaction may cost up to {} STRK, more than the {} allowed (--max-fee)", strk(*need), strk(*allowed))]
    FeeTooHigh {
        /// In fri.
        need: u128,
        /// In fri.
        allowed: u128,
    },
    /// More calldata than the network takes.
    #[error("the transaction has {got} felts of calldata, {limit} is the network's limit")]
    Calldata {
        /// Felts, wrapper included.
        got: usize,
        /// The limit.
        limit: usize,
    },
    /// More gas than the network takes.
    #[error("the transaction uses {got} L2 gas, {limit} is the network's limit")]
    Gas {
        /// L2 gas.
        got: u64,
        /// The limit.
        limit: u64,
    },
    /// The contract is not there.
    #[error("there is no contract at {address:#x} on {network}")]
    NoContract {
        /// The address.
        address: Felt,
        /// The network.
        network: String,
    },
    /// The contract has no such function: it is another contract.
    #[error(
        "the contract at {address:#x} has no function `{function}`: it is not a verifier of this version"
    )]
    NotTheVerifier {
        /// The address.
        address: Felt,
        /// What was called.
        function: &'static str,
    },
    /// The contract answers, but not as the verifier does.
    #[error(
        "the contract at {address:#x} answers `{function}` with {got} felts, not as the verifier does"
    )]
    Answer {
        /// The address.
        address: Felt,
        /// What was called.
        function: &'static str,
        /// Length of the answer.
        got: usize,
    },
    /// The model is not registered.
    #[error("model {model_id:#x} is not registered at {contract:#x}; `stwo-ml register` does that")]
    NotRegistered {
        /// The model.
        model_id: Felt,
        /// The contract.
        contract: Felt,
    },
    /// The call would revert.
    #[error("the contract refuses: {0}")]
    WouldRevert(Reason),
    /// The transaction was included and reverted; its fee is paid.
    #[error("transaction {hash:#x} reverted: {reason} ({l2_gas} L2 gas, {} STRK paid)", strk(*fee))]
    Reverted {
        /// The transaction.
        hash: Felt,
        /// Why.
        reason: Reason,
        /// L2 gas that was charged.
        l2_gas: u64,
        /// In fri.
        fee: u128,
    },
    /// The transaction was sent, but no receipt came in time.
    #[error(
        "transaction {hash:#x} was sent, but no receipt came within {seconds} s; ask for it later"
    )]
    Timeout {
        /// The transaction.
        hash: Felt,
        /// How long we waited.
        seconds: u64,
    },
    /// Other transactions of the account kept taking the nonce.
    #[error(
        "the nonce of account {0:#x} was taken {1} times by other transactions; wait until they are done"
    )]
    Nonce(Felt, u32),
    /// A contract class that cannot be used.
    #[error("the contract class is not usable: {0}")]
    Class(String),
    /// A class beyond the limits.
    #[error("the contract's {what} is {got}, {limit} is the network's limit")]
    ClassSize {
        /// Of what.
        what: &'static str,
        /// How much.
        got: usize,
        /// The limit.
        limit: usize,
    },
    /// The network compiles the class to something else.
    #[error(
        "the network compiles the contract to another CASM than this compiler does (hash {0:#x}): \
         its compiler is older or newer"
    )]
    CompiledClassHash(Felt),
    /// No local node program.
    #[error("there is no starknet-devnet at {0}; scripts/devnet.sh builds it")]
    NoDevnet(PathBuf),
    /// The local node did not come up.
    #[error("the local node does not start: {reason} (log: {log})")]
    DevnetStart {
        /// Why.
        reason: String,
        /// Its log.
        log: PathBuf,
    },
    /// The answer of a local node lacks something.
    #[error("the node at {url} is no starknet-devnet: {reason}")]
    NotADevnet {
        /// Scheme and host.
        url: String,
        /// What is missing.
        reason: String,
    },
}
