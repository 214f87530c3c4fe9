//! Sending: size check, simulation, bounds, balance, nonce, waiting for the receipt.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use starknet_rust::accounts::{Account as _, AccountError, ExecutionEncoder, single_owner};
use starknet_rust::core::types::{
    Call, ExecuteInvocation, ExecutionResult, FeeEstimate, Felt, FlattenedSierraClass,
    SimulatedTransaction, StarknetError, TransactionStatus, TransactionTrace,
};
use starknet_rust::signers::local_wallet;

use crate::account::Account;
use crate::fee::{Bound, FeePolicy, Resources};
use crate::limits::{MAX_CALLDATA, MAX_L2_GAS, MAX_L2_GAS_BOUND, MIN_L2_GAS_PRICE};
use crate::reason::Reason;
use crate::rpc::{Fault, Receipt, starknet_reason};
use crate::{Error, Result};

/// What a transaction does.
#[derive(Clone, Debug)]
pub enum Action {
    /// Calls a contract.
    Invoke(Call),
    /// Declares a class.
    Declare {
        /// The class.
        class: Arc<FlattenedSierraClass>,
        /// The hash of what it compiles to.
        compiled_class_hash: Felt,
    },
}

/// How to send.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// What it may cost.
    pub fee: FeePolicy,
    /// Sends although the simulation reverts: the network includes it as a reverted transaction, and
    /// charges for it.
    pub even_if_it_reverts: bool,
    /// How long to wait for the receipt.
    pub wait: Duration,
}

/// What a simulation says.
#[derive(Clone, Debug, Serialize)]
pub struct Estimate {
    /// Felts of calldata, the account's wrapper included.
    pub calldata: usize,
    /// What it uses, at the block's prices.
    pub resources: Resources,
    /// In fri.
    pub fee: u128,
    /// Why it reverts, if it does.
    pub reverted: Option<Reason>,
}

/// How often a transaction is sent at most, and the pause in between.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(500);
/// First pause between two looks for the receipt; grows to [`SLOWEST_POLL`].
const FIRST_POLL: Duration = Duration::from_millis(100);
const SLOWEST_POLL: Duration = Duration::from_secs(3);

/// Bounds of a simulation: those that a transaction may have, at a price that is not charged.
const WIDE: Resources = Resources {
    l1_gas: Bound { amount: 1_000_000, price: MIN_L2_GAS_PRICE },
    l1_data_gas: Bound { amount: 1_000_000, price: MIN_L2_GAS_PRICE },
    l2_gas: Bound { amount: MAX_L2_GAS_BOUND, price: MIN_L2_GAS_PRICE },
};

/// Sets nonce and bounds of a transaction of either kind.
macro_rules! bounded {
    ($transaction:expr, $nonce:expr, $bounds:expr) => {
        $transaction
            .nonce($nonce)
            .l1_gas($bounds.l1_gas.amount)
            .l1_gas_price($bounds.l1_gas.price)
            .l1_data_gas($bounds.l1_data_gas.amount)
            .l1_data_gas_price($bounds.l1_data_gas.price)
            .l2_gas($bounds.l2_gas.amount)
            .l2_gas_price($bounds.l2_gas.price)
            .tip(0)
    };
}

type SendError = AccountError<single_owner::SignError<local_wallet::SignError>>;

/// What is in the way when a transaction is handed over.
enum Handover {
    /// The nonce was taken by another transaction, or by this one when it was sent before.
    NonceTaken,
    /// No answer: the transaction may have arrived or not.
    Lost(Error),
    /// It was refused.
    Failed(Error),
}

impl Account {
    /// Simulates a transaction, signature check included.
    ///
    /// # Errors
    /// More calldata than the network takes, a bad signature, failures of the node.
    pub async fn simulate(&self, action: &Action) -> Result<Estimate> {
        let calldata = self.calldata(action);
        if calldata > MAX_CALLDATA {
            return Err(Error::Calldata { got: calldata, limit: MAX_CALLDATA });
        }
        let nonce = self.nonce().await?;
        let (with_signature, no_fee) = (false, true);
        let simulated = match action {
            Action::Invoke(call) => {
                let execution = self.signer.execute_v3(vec![call.clone()]);
                bounded!(execution, nonce, WIDE).simulate(with_signature, no_fee).await
            }
            Action::Declare { class, compiled_class_hash } => {
                let declaration = self.signer.declare_v3(Arc::clone(class), *compiled_class_hash);
                bounded!(declaration, nonce, WIDE).simulate(with_signature, no_fee).await
            }
        };
        let simulated = simulated.map_err(|e| self.sending_error(e, "the simulation", action))?;
        Ok(estimate(calldata, &simulated))
    }

    /// Sends a transaction and waits for its receipt.
    ///
    /// # Errors
    /// A simulation that reverts (unless it is sent all the same), limits of the network or the
    /// policy, not enough STRK, failures of the node, no receipt in time, a revert.
    pub async fn send(
        &self,
        action: &Action,
        estimate: &Estimate,
        options: &Options,
    ) -> Result<Receipt> {
        let bounds = self.bounds(action, estimate, options)?;
        let need = bounds.fee();
        let have = self.node.balance(self.address).await?;
        if have < need {
            return Err(Error::Balance { address: self.address, have, need });
        }
        let hash = self.hand_over(action, bounds).await?;
        let receipt = self.wait(hash, options.wait).await?;
        match receipt.reverted {
            None => Ok(receipt),
            Some(reason) => {
                Err(Error::Reverted { hash, reason, l2_gas: receipt.l2_gas, fee: receipt.fee })
            }
        }
    }

    /// The bounds of a simulated transaction.
    ///
    /// # Errors
    /// A simulation that reverts (unless it is sent all the same), limits of the network or the policy.
    pub fn bounds(
        &self,
        action: &Action,
        estimate: &Estimate,
        options: &Options,
    ) -> Result<Resources> {
        if let Some(reason) = &estimate.reverted
            && !options.even_if_it_reverts
        {
            return Err(Error::WouldRevert(reason.clone()));
        }
        // Declaring is metered by size, and not bounded.
        let most = match action {
            Action::Invoke(_) => MAX_L2_GAS_BOUND,
            Action::Declare { .. } => u64::MAX,
        };
        let used = estimate.resources.l2_gas.amount;
        if used > MAX_L2_GAS && most == MAX_L2_GAS_BOUND {
            return Err(Error::Gas { got: used, limit: MAX_L2_GAS });
        }
        options.fee.bounds(estimate.resources, most)
    }

    /// Felts of calldata, the account's wrapper included.
    fn calldata(&self, action: &Action) -> usize {
        match action {
            Action::Invoke(call) => self.signer.encode_calls(std::slice::from_ref(call)).len(),
            Action::Declare { .. } => 0,
        }
    }

    async fn nonce(&self) -> Result<Felt> {
        let network = self.node.network().to_string();
        let missing = || Error::NoAccount { address: self.address, network };
        self.node.nonce(self.address).await?.ok_or_else(missing)
    }

    /// Hands the transaction to the node: again after a lost connection, with the next nonce when
    /// another transaction was faster.
    async fn hand_over(&self, action: &Action, bounds: Resources) -> Result<Felt> {
        let mut nonce = self.nonce().await?;
        let mut lost = None;
        for _ in 0..ATTEMPTS {
            let (hash, sent) = self.broadcast(action, bounds, nonce).await;
            match sent {
                Ok(()) => return Ok(hash),
                Err(Handover::Failed(e)) => return Err(e),
                // Signed anew with the same nonce it is the same transaction: included at most once.
                Err(Handover::Lost(e)) => lost = Some((hash, e)),
                Err(Handover::NonceTaken) => {
                    if let Some((hash, _)) = lost
                        && self.node.status(hash).await?.is_some()
                    {
                        return Ok(hash);
                    }
                    lost = None;
                    nonce = self.nonce().await?;
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(lost.map_or(Error::Nonce(self.address, ATTEMPTS), |(_, e)| e))
    }

    /// Signs and sends once. Returns the hash of the transaction and whether it went.
    async fn broadcast(
        &self,
        action: &Action,
        bounds: Resources,
        nonce: Felt,
    ) -> (Felt, Result<(), Handover>) {
        let (hash, sent) = match action {
            Action::Invoke(call) => {
                let execution = bounded!(self.signer.execute_v3(vec![call.clone()]), nonce, bounds);
                let prepared = execution.prepared().expect("nonce, bounds and tip are set");
                (prepared.transaction_hash(false), prepared.send().await.map(drop))
            }
            Action::Declare { class, compiled_class_hash } => {
                let declaration = self.signer.declare_v3(Arc::clone(class), *compiled_class_hash);
                let declaration = bounded!(declaration, nonce, bounds);
                let prepared = declaration.prepared().expect("nonce, bounds and tip are set");
                (prepared.transaction_hash(false), prepared.send().await.map(drop))
            }
        };
        (hash, sent.map_err(|e| self.handover(e, action)))
    }

    fn handover(&self, error: SendError, action: &Action) -> Handover {
        match error {
            AccountError::Provider(e) => match self.node.fault("the transaction", e) {
                Fault::Transient(e) => Handover::Lost(e),
                Fault::Final(e) => Handover::Failed(e),
                Fault::Starknet(
                    StarknetError::DuplicateTx | StarknetError::InvalidTransactionNonce(_),
                ) => Handover::NonceTaken,
                Fault::Starknet(e) => Handover::Failed(self.refusal(e, "the transaction", action)),
            },
            e => Handover::Failed(self.sending_error(e, "the transaction", action)),
        }
    }

    fn sending_error(&self, error: SendError, what: &'static str, action: &Action) -> Error {
        match error {
            AccountError::Provider(e) => match self.node.fault(what, e) {
                Fault::Starknet(e) => self.refusal(e, what, action),
                Fault::Transient(e) | Fault::Final(e) => e,
            },
            e => Error::Refused { what, reason: e.to_string() },
        }
    }

    /// What a node's refusal of a transaction means.
    fn refusal(&self, error: StarknetError, what: &'static str, action: &Action) -> Error {
        let address = self.address;
        match (error, action) {
            (
                StarknetError::CompiledClassHashMismatch,
                Action::Declare { compiled_class_hash, .. },
            ) => Error::CompiledClassHash(*compiled_class_hash),
            (StarknetError::ValidationFailure(reason), _) => Error::Signature { address, reason },
            (StarknetError::TransactionExecutionError(data), _) => {
                let reason = Reason::new(&crate::rpc::innermost(&data.execution_error));
                if reason.report.contains("__validate__") || reason.report.contains("signature") {
                    return Error::Signature { address, reason: reason.to_string() };
                }
                Error::WouldRevert(reason)
            }
            (e, _) => Error::Refused { what, reason: starknet_reason(&e) },
        }
    }

    /// Waits until a transaction has a receipt.
    ///
    /// # Errors
    /// No receipt in time, failures of the node.
    pub async fn wait(&self, hash: Felt, limit: Duration) -> Result<Receipt> {
        let (start, mut pause) = (Instant::now(), FIRST_POLL);
        loop {
            if self.included(hash).await?
                && let Some(receipt) = self.node.receipt(hash).await?
            {
                return Ok(receipt);
            }
            if start.elapsed() + pause > limit {
                return Err(Error::Timeout { hash, seconds: limit.as_secs() });
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 3 / 2).min(SLOWEST_POLL);
        }
    }

    async fn included(&self, hash: Felt) -> Result<bool> {
        Ok(match self.node.status(hash).await? {
            None | Some(TransactionStatus::Received | TransactionStatus::Candidate) => false,
            Some(
                TransactionStatus::PreConfirmed(result)
                | TransactionStatus::AcceptedOnL2(result)
                | TransactionStatus::AcceptedOnL1(result),
            ) => matches!(result, ExecutionResult::Succeeded | ExecutionResult::Reverted { .. }),
        })
    }
}

fn estimate(calldata: usize, simulated: &SimulatedTransaction) -> Estimate {
    let reverted = match &simulated.transaction_trace {
        TransactionTrace::Invoke(trace) => match &trace.execute_invocation {
            ExecuteInvocation::Success(_) => None,
            ExecuteInvocation::Reverted(r) => Some(Reason::new(&r.revert_reason)),
        },
        _ => None,
    };
    let resources = resources(&simulated.fee_estimation);
    Estimate { calldata, resources, fee: simulated.fee_estimation.overall_fee, reverted }
}

fn resources(fee: &FeeEstimate) -> Resources {
    Resources {
        l1_gas: Bound { amount: fee.l1_gas_consumed, price: fee.l1_gas_price },
        l1_data_gas: Bound { amount: fee.l1_data_gas_consumed, price: fee.l1_data_gas_price },
        l2_gas: Bound { amount: fee.l2_gas_consumed, price: fee.l2_gas_price },
    }
}
