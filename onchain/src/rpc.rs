//! A node: requests with time limits, retries where a request changes nothing, and clear failures.

use std::sync::Arc;
use std::time::Duration;

use starknet_rust::core::types::{
    BlockId, BlockTag, ContractClass, ContractErrorData, ContractExecutionError, ExecutionResult,
    Felt, FunctionCall, StarknetError, TransactionReceipt, TransactionReceiptWithBlockInfo,
    TransactionStatus,
};
use starknet_rust::core::utils::get_selector_from_name;
use starknet_rust::providers::jsonrpc::{HttpTransport, HttpTransportError, JsonRpcClientError};
use starknet_rust::providers::{JsonRpcClient, Provider, ProviderError};
use url::Url;

use crate::network::{Network, chain_name, endpoint};
use crate::reason::Reason;
use crate::{Error, Result};

/// The client of starknet-rust that we use.
pub type Rpc = Arc<JsonRpcClient<HttpTransport>>;

/// The state that queries look at: what is included, and what is about to be.
pub const PENDING: BlockId = BlockId::Tag(BlockTag::PreConfirmed);

/// The STRK token, the same on every Starknet chain.
const STRK: Felt =
    Felt::from_hex_unchecked("0x4718f5a0fc34cc1af16a1cdee98ffb20c31f5cd61d6ab07201858f4287c938d");

/// Codes with which nodes say that there were too many requests.
const TOO_MANY: [i64; 3] = [429, -32_005, -32_029];

/// Time limits and repetitions of requests.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Until a connection stands.
    pub connect: Duration,
    /// Until an answer is complete; simulating a verification takes seconds.
    pub answer: Duration,
    /// How often a request is sent at most.
    pub attempts: u32,
    /// Pause after the first failure; doubles each time.
    pub pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(120),
            attempts: 4,
            pause: Duration::from_millis(300),
        }
    }
}

/// Why a request failed.
#[derive(Debug)]
pub enum Fault {
    /// The node understood and refuses.
    Starknet(StarknetError),
    /// Asking again may help: no connection, no answer in time, too many requests.
    Transient(Error),
    /// Asking again does not help.
    Final(Error),
}

/// A node of a network.
#[derive(Clone, Debug)]
pub struct Node {
    rpc: Rpc,
    endpoint: String,
    network: String,
    patience: Patience,
}

impl Node {
    /// Connects, and checks that the node is on the network's chain.
    ///
    /// # Errors
    /// No node, something that is not one, or another chain.
    pub async fn connect(network: &Network, url: &Url, patience: Patience) -> Result<Self> {
        let client = reqwest::Client::builder()
            .connect_timeout(patience.connect)
            .timeout(patience.answer)
            .build();
        let endpoint = endpoint(url);
        let client = client.map_err(|e| Error::NoNode {
            url: endpoint.clone(),
            reason: e.without_url().to_string(),
        })?;
        let rpc = JsonRpcClient::new(HttpTransport::new_with_client(url.clone(), client));
        let node = Self { rpc: Arc::new(rpc), endpoint, network: network.name.clone(), patience };
        let chain = node.get("its chain", async || node.rpc.chain_id().await).await?;
        if chain != network.chain {
            return Err(Error::WrongChain {
                url: node.endpoint,
                expected: network.chain_name(),
                got: chain_name(chain),
            });
        }
        Ok(node)
    }

    /// The underlying client.
    #[must_use]
    pub fn rpc(&self) -> Rpc {
        Arc::clone(&self.rpc)
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The network's name.
    #[must_use]
    pub fn network(&self) -> &str {
        &self.network
    }

    /// Classifies the failure of a request.
    #[must_use]
    pub fn fault(&self, what: &'static str, error: ProviderError) -> Fault {
        let url = || self.endpoint.clone();
        let other = match error {
            ProviderError::StarknetError(e) => return Fault::Starknet(e),
            ProviderError::RateLimited => return Fault::Transient(Error::RateLimited(url())),
            ProviderError::ArrayLengthMismatch => {
                let reason = "an answer has another number of parts than the request".into();
                return Fault::Final(Error::NotANode { url: url(), reason });
            }
            ProviderError::Other(other) => other,
        };
        match other.as_any().downcast_ref::<JsonRpcClientError<HttpTransportError>>() {
            Some(JsonRpcClientError::JsonRpcError(e)) if TOO_MANY.contains(&e.code) => {
                Fault::Transient(Error::RateLimited(url()))
            }
            Some(JsonRpcClientError::JsonRpcError(e)) => {
                let data = e.data.as_ref().map(|d| format!(": {d}")).unwrap_or_default();
                let reason = format!("{}{data} (code {})", e.message, e.code);
                Fault::Final(Error::Refused { what, reason })
            }
            Some(JsonRpcClientError::TransportError(HttpTransportError::Reqwest(e))) => {
                let reason = transport_reason(e);
                Fault::Transient(Error::NoNode { url: url(), reason })
            }
            // A gateway's error page in place of an answer may pass.
            _ => Fault::Transient(Error::NotANode { url: url(), reason: other.to_string() }),
        }
    }

    /// Sends a request that changes nothing, again after transient failures.
    async fn ask<T>(
        &self,
        what: &'static str,
        request: impl AsyncFn() -> Result<T, ProviderError>,
    ) -> Result<Result<T, StarknetError>> {
        let mut pause = self.patience.pause;
        let mut attempt = 1;
        loop {
            match request().await.map_err(|e| self.fault(what, e)) {
                Ok(answer) => return Ok(Ok(answer)),
                Err(Fault::Starknet(e)) => return Ok(Err(e)),
                Err(Fault::Final(e)) => return Err(e),
                Err(Fault::Transient(e)) if attempt == self.patience.attempts => return Err(e),
                Err(Fault::Transient(_)) => {}
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
            attempt += 1;
        }
    }

    /// As [`Node::ask`], for requests that a node cannot refuse in the course of things.
    async fn get<T>(
        &self,
        what: &'static str,
        request: impl AsyncFn() -> Result<T, ProviderError>,
    ) -> Result<T> {
        self.ask(what, request)
            .await?
            .map_err(|e| Error::Refused { what, reason: starknet_reason(&e) })
    }

    /// The class of the contract at an address; `None` if there is no contract.
    ///
    /// # Errors
    /// Failures of the node.
    pub async fn class_hash_at(&self, address: Felt) -> Result<Option<Felt>> {
        let what = "the class of a contract";
        match self.ask(what, async || self.rpc.get_class_hash_at(PENDING, address).await).await? {
            Ok(hash) => Ok(Some(hash)),
            Err(StarknetError::ContractNotFound) => Ok(None),
            Err(e) => Err(Error::Refused { what, reason: starknet_reason(&e) }),
        }
    }

    /// A declared class; `None` if it is not declared.
    ///
    /// # Errors
    /// Failures of the node.
    pub async fn class(&self, hash: Felt) -> Result<Option<ContractClass>> {
        let what = "a class";
        match self.ask(what, async || self.rpc.get_class(PENDING, hash).await).await? {
            Ok(class) => Ok(Some(class)),
            Err(StarknetError::ClassHashNotFound) => Ok(None),
            Err(e) => Err(Error::Refused { what, reason: starknet_reason(&e) }),
        }
    }

    /// The next nonce of an account; `None` if there is no account.
    ///
    /// # Errors
    /// Failures of the node.
    pub async fn nonce(&self, address: Felt) -> Result<Option<Felt>> {
        let what = "the nonce of an account";
        match self.ask(what, async || self.rpc.get_nonce(PENDING, address).await).await? {
            Ok(nonce) => Ok(Some(nonce)),
            Err(StarknetError::ContractNotFound) => Ok(None),
            Err(e) => Err(Error::Refused { what, reason: starknet_reason(&e) }),
        }
    }

    /// Version of the Starknet rules that the node's next block follows.
    ///
    /// # Errors
    /// Failures of the node.
    pub async fn starknet_version(&self) -> Result<String> {
        self.get("its version", async || self.rpc.starknet_version(PENDING).await).await
    }

    /// Calls a function that changes nothing.
    ///
    /// # Errors
    /// No contract, no such function, a revert, failures of the node.
    pub async fn call(
        &self,
        address: Felt,
        function: &'static str,
        calldata: Vec<Felt>,
    ) -> Result<Vec<Felt>> {
        let entry_point_selector = get_selector_from_name(function)
            .map_err(|e| Error::Refused { what: function, reason: e.to_string() })?;
        let request = FunctionCall { contract_address: address, entry_point_selector, calldata };
        let answer = self.ask(function, async || self.rpc.call(&request, PENDING).await).await?;
        answer.map_err(|e| match e {
            StarknetError::ContractNotFound => {
                Error::NoContract { address, network: self.network.clone() }
            }
            StarknetError::EntrypointNotFound => Error::NotTheVerifier { address, function },
            StarknetError::ContractError(ContractErrorData { revert_error }) => {
                Error::WouldRevert(Reason::new(&innermost(&revert_error)))
            }
            e => Error::Refused { what: function, reason: starknet_reason(&e) },
        })
    }

    /// STRK of an account, in fri.
    ///
    /// # Errors
    /// Failures of the node.
    pub async fn balance(&self, account: Felt) -> Result<u128> {
        let answer = self.call(STRK, "balance_of", vec![account]).await?;
        let (Some(low), Some(high)) = (answer.first(), answer.get(1)) else {
            let (function, got) = ("balance_of", answer.len());
            return Err(Error::Answer { address: STRK, function, got });
        };
        // More than 2^128 fri do not exist, but a local node may pretend.
        Ok(if *high == Felt::ZERO { u128::try_from(*low).unwrap_or(u128::MAX) } else { u128::MAX })
    }

    /// What is known about a transaction; `None` if nothing.
    ///
    /// # Errors
    /// Failures of the node.
    pub async fn status(&self, hash: Felt) -> Result<Option<TransactionStatus>> {
        let what = "the status of a transaction";
        match self.ask(what, async || self.rpc.get_transaction_status(hash).await).await? {
            Ok(status) => Ok(Some(status)),
            Err(StarknetError::TransactionHashNotFound) => Ok(None),
            Err(e) => Err(Error::Refused { what, reason: starknet_reason(&e) }),
        }
    }

    /// The receipt of a transaction; `None` while there is none.
    ///
    /// # Errors
    /// Failures of the node.
    pub async fn receipt(&self, hash: Felt) -> Result<Option<Receipt>> {
        let what = "a receipt";
        match self.ask(what, async || self.rpc.get_transaction_receipt(hash).await).await? {
            Ok(receipt) => Ok(Some(Receipt::from(receipt))),
            Err(StarknetError::TransactionHashNotFound) => Ok(None),
            Err(e) => Err(Error::Refused { what, reason: starknet_reason(&e) }),
        }
    }
}

/// What a transaction did.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Its hash.
    pub hash: Felt,
    /// The block's number, if the block is complete.
    pub block: Option<u64>,
    /// What was paid, in fri.
    pub fee: u128,
    /// L2 gas.
    pub l2_gas: u64,
    /// Gas of Ethereum's data.
    pub l1_data_gas: u64,
    /// Gas of Ethereum.
    pub l1_gas: u64,
    /// Events, as (contract, keys, data).
    pub events: Vec<(Felt, Vec<Felt>, Vec<Felt>)>,
    /// Why it reverted, if it did.
    pub reverted: Option<Reason>,
}

impl From<TransactionReceiptWithBlockInfo> for Receipt {
    fn from(receipt: TransactionReceiptWithBlockInfo) -> Self {
        let block = (!receipt.block.is_pre_confirmed()).then(|| receipt.block.block_number());
        macro_rules! parts {
            ($r:expr) => {
                ($r.actual_fee, $r.execution_resources, $r.events, $r.execution_result)
            };
        }
        let hash = *receipt.receipt.transaction_hash();
        let (fee, used, events, result) = match receipt.receipt {
            TransactionReceipt::Invoke(r) => parts!(r),
            TransactionReceipt::L1Handler(r) => parts!(r),
            TransactionReceipt::Declare(r) => parts!(r),
            TransactionReceipt::Deploy(r) => parts!(r),
            TransactionReceipt::DeployAccount(r) => parts!(r),
        };
        Self {
            hash,
            block,
            fee: u128::try_from(fee.amount).unwrap_or(u128::MAX),
            l2_gas: used.l2_gas,
            l1_data_gas: used.l1_data_gas,
            l1_gas: used.l1_gas,
            events: events.into_iter().map(|e| (e.from_address, e.keys, e.data)).collect(),
            reverted: match result {
                ExecutionResult::Succeeded => None,
                ExecutionResult::Reverted { reason } => Some(Reason::new(&reason)),
            },
        }
    }
}

/// The message of the innermost frame of a failed call.
#[must_use]
pub fn innermost(error: &ContractExecutionError) -> String {
    let mut frame = error;
    loop {
        match frame {
            ContractExecutionError::Nested(outer) => frame = &outer.error,
            ContractExecutionError::Message(text) => return text.clone(),
        }
    }
}

/// What a Starknet error says, with its details.
#[must_use]
pub fn starknet_reason(error: &StarknetError) -> String {
    match error {
        StarknetError::ContractError(data) => {
            Reason::new(&innermost(&data.revert_error)).to_string()
        }
        StarknetError::TransactionExecutionError(data) => {
            Reason::new(&innermost(&data.execution_error)).to_string()
        }
        StarknetError::ValidationFailure(text)
        | StarknetError::InvalidTransactionNonce(text)
        | StarknetError::CompilationFailed(text)
        | StarknetError::UnexpectedError(text) => format!("{}: {text}", error.message()),
        other => other.message().to_string(),
    }
}

/// Why a transport failed, innermost cause included, without the URL.
fn transport_reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".into();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
