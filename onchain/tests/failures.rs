//! Every way a node can fail us gives its own sentence, and what may pass is tried again.

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use starknet_rust::core::types::Call;
use stwo_ml_onchain::account::Account;
use stwo_ml_onchain::contract::Verifier;
use stwo_ml_onchain::fee::{Bound, FeePolicy, Resources, parse_strk};
use stwo_ml_onchain::key::Key;
use stwo_ml_onchain::network::parse_url;
use stwo_ml_onchain::rpc::{Node, Patience, Receipt};
use stwo_ml_onchain::send::{Action, Estimate, Options};
use stwo_ml_onchain::{Error, Felt, Result, block_on};

use crate::support::{Reply, sepolia};

const PATIENCE: Patience = Patience {
    connect: Duration::from_secs(2),
    answer: Duration::from_secs(5),
    attempts: 3,
    pause: Duration::from_millis(1),
};

fn connect(node: &support::Node) -> Result<Node> {
    block_on(Node::connect(&sepolia(), &node.url, PATIENCE))
}

#[test]
fn no_node_another_service_another_chain() {
    let nowhere = parse_url("http://127.0.0.1:1/secret").expect("a URL");
    let error = block_on(Node::connect(&sepolia(), &nowhere, PATIENCE)).expect_err("no node");
    assert!(matches!(error, Error::NoNode { .. }));
    assert!(!error.to_string().contains("secret"), "{error}");

    let node = support::Node::start();
    node.on("starknet_chainId", [Reply::Text("<html>502</html>")]);
    let error = connect(&node).expect_err("no node");
    assert!(matches!(error, Error::NotANode { .. }), "{error}");
    assert_eq!(node.seen("starknet_chainId").len(), 3, "a gateway's page may pass");

    node.on("starknet_chainId", [Reply::Result(json!("0x534e5f4d41494e"))]);
    let error = connect(&node).expect_err("another chain").to_string();
    assert!(error.contains("SN_MAIN") && error.contains("SN_SEPOLIA"), "{error}");
}

#[test]
fn lost_connections_are_tried_again() {
    let node = support::Node::start();
    let chain = Reply::Result(json!("0x534e5f5345504f4c4941"));
    node.on("starknet_chainId", [Reply::Hangup, Reply::Hangup, chain]);
    assert!(connect(&node).is_ok());
    node.on("starknet_chainId", [Reply::Hangup]);
    let error = connect(&node).expect_err("it always hangs up");
    assert!(matches!(error, Error::NoNode { .. }));
    assert!(!error.to_string().contains("secret"), "{error}");
    node.on("starknet_chainId", [Reply::Error(429, "slow down", Value::Null)]);
    assert!(matches!(connect(&node), Err(Error::RateLimited(_))));
}

#[test]
fn contracts_that_are_missing_or_something_else() {
    let mock = support::Node::start();
    let node = connect(&mock).expect("a node");
    let ask = || {
        let verifier = Verifier { address: Felt::from(5u32) };
        block_on(verifier.is_registered(&node, Felt::ONE))
    };
    mock.on("starknet_call", [Reply::Error(20, "Contract not found", Value::Null)]);
    assert!(matches!(ask(), Err(Error::NoContract { .. })));
    mock.on(
        "starknet_call",
        [Reply::Error(21, "Requested entrypoint does not exist", Value::Null)],
    );
    assert!(matches!(ask(), Err(Error::NotTheVerifier { .. })));
    mock.on("starknet_call", [Reply::Result(json!(["0x1", "0x2"]))]);
    assert!(matches!(ask(), Err(Error::Answer { got: 2, .. })));
    mock.on("starknet_call", [Reply::Result(json!(["0x1"]))]);
    assert!(ask().expect("an answer"));
    let revert =
        json!({ "revert_error": "(0x72656769737472793a206e6f206b6579 ('registry: no key'))" });
    mock.on("starknet_call", [Reply::Error(40, "Contract error", revert)]);
    let error = ask().expect_err("it reverts").to_string();
    assert_eq!(error, "the contract refuses: registry: no key");
}

/// A node with an account that has an amount of fri.
fn with_account(fri: &str) -> (support::Node, Account) {
    let mock = support::Node::start();
    mock.on("starknet_getClassHashAt", [Reply::Result(json!("0x77"))]);
    let class = json!({
        "sierra_program": ["0x1", "0x7", "0x0"], "contract_class_version": "0.1.0", "abi": "[]",
        "entry_points_by_type": { "CONSTRUCTOR": [], "EXTERNAL": [], "L1_HANDLER": [] },
    });
    mock.on("starknet_getClass", [Reply::Result(class)]);
    mock.on("starknet_getNonce", [Reply::Result(json!("0x4"))]);
    mock.on("starknet_call", [Reply::Result(json!([fri, "0x0"]))]);
    let node = connect(&mock).expect("a node");
    let key = Key::from_hex("0x1234", "the test").expect("a key");
    let account = block_on(Account::open(&sepolia(), node, Felt::from(9u32), &key));
    (mock, account.expect("an account"))
}

fn send(account: &Account, wait: Duration) -> Result<Receipt> {
    let bound = |amount, price| Bound { amount, price };
    let resources = Resources {
        l1_gas: bound(0, 1),
        l1_data_gas: bound(200, 1),
        l2_gas: bound(1_000_000, 8_000_000_000),
    };
    let estimate = Estimate { calldata: 5, resources, fee: resources.fee(), reverted: None };
    let call = Call { to: Felt::ONE, selector: Felt::TWO, calldata: vec![Felt::THREE] };
    let max_fee = parse_strk("1").expect("an amount");
    let options = Options { fee: FeePolicy::up_to(max_fee), even_if_it_reverts: false, wait };
    block_on(account.send(&Action::Invoke(call), &estimate, &options))
}

const ENOUGH: &str = "0xde0b6b3a7640000";
const SOON: Duration = Duration::from_secs(5);

/// A node that has included what it was sent.
fn included(mock: &support::Node, execution: &Value) {
    let mut status = json!({ "finality_status": "ACCEPTED_ON_L2" });
    let mut receipt = json!({
        "type": "INVOKE", "transaction_hash": "0x99", "finality_status": "ACCEPTED_ON_L2",
        "actual_fee": { "amount": "0x64", "unit": "FRI" }, "messages_sent": [], "events": [],
        "execution_resources": { "l1_gas": 0, "l1_data_gas": 192, "l2_gas": 1_000_000 },
        "block_hash": "0x1", "block_number": 7,
    });
    for (name, value) in execution.as_object().expect("an object") {
        // A status and a receipt call the same thing by two names.
        status[name.replace("revert_reason", "failure_reason")] = value.clone();
        receipt[name] = value.clone();
    }
    mock.on("starknet_getTransactionStatus", [Reply::Result(status)]);
    mock.on("starknet_getTransactionReceipt", [Reply::Result(receipt)]);
}

#[test]
fn accounts_that_are_missing_or_poor() {
    let (mock, account) = with_account("0x1");
    assert!(matches!(send(&account, SOON), Err(Error::Balance { have: 1, .. })));
    mock.on("starknet_getClassHashAt", [Reply::Error(20, "Contract not found", Value::Null)]);
    let node = connect(&mock).expect("a node");
    let key = Key::from_hex("0x1234", "the test").expect("a key");
    let error = block_on(Account::open(&sepolia(), node, Felt::from(9u32), &key));
    assert!(matches!(error, Err(Error::NoAccount { .. })));
}

#[test]
fn a_taken_nonce_is_replaced() {
    let (mock, account) = with_account(ENOUGH);
    included(&mock, &json!({ "execution_status": "SUCCEEDED" }));
    let nonces = ["0x4", "0x5"].map(|n| Reply::Result(json!(n)));
    mock.on("starknet_getNonce", nonces);
    let sent = Reply::Result(json!({ "transaction_hash": "0x99" }));
    let taken = Reply::Error(52, "Invalid transaction nonce", json!("it is 5"));
    mock.on("starknet_addInvokeTransaction", [taken, sent]);
    let receipt = send(&account, SOON).expect("it is included");
    assert_eq!((receipt.block, receipt.fee, receipt.l2_gas), (Some(7), 100, 1_000_000));
    let sent = mock.seen("starknet_addInvokeTransaction");
    let nonces: Vec<_> = sent.iter().map(|s| s.to_string().contains("\"nonce\":\"0x5\"")).collect();
    assert_eq!(nonces, [false, true]);
    let always = Reply::Error(52, "Invalid transaction nonce", json!("no"));
    mock.on("starknet_addInvokeTransaction", [always]);
    assert!(matches!(send(&account, SOON), Err(Error::Nonce(_, 5))));
}

#[test]
fn a_lost_answer_does_not_send_twice() {
    let (mock, account) = with_account(ENOUGH);
    included(&mock, &json!({ "execution_status": "SUCCEEDED" }));
    let taken = Reply::Error(52, "Invalid transaction nonce", json!("it is 5"));
    mock.on("starknet_addInvokeTransaction", [Reply::Hangup, taken]);
    assert!(send(&account, SOON).is_ok(), "the first sending had arrived");
    let sent = mock.seen("starknet_addInvokeTransaction");
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0], sent[1], "the same transaction");
}

#[test]
fn reverts_refusals_and_silence() {
    let (mock, account) = with_account(ENOUGH);
    let sent = Reply::Result(json!({ "transaction_hash": "0x99" }));
    mock.on("starknet_addInvokeTransaction", [sent.clone()]);
    let reason = "Failure reason: (0x6d65726b6c653a20726f6f74 ('merkle: root'))";
    included(&mock, &json!({ "execution_status": "REVERTED", "revert_reason": reason }));
    let error = send(&account, SOON).expect_err("it reverted");
    assert!(matches!(error, Error::Reverted { fee: 100, .. }), "{error}");
    assert!(error.to_string().contains("reverted: merkle: root"), "{error}");

    mock.on(
        "starknet_getTransactionStatus",
        [Reply::Result(json!({ "finality_status": "RECEIVED" }))],
    );
    let error = send(&account, Duration::from_millis(300)).expect_err("it never comes");
    assert!(matches!(error, Error::Timeout { .. }), "{error}");

    let invalid = Reply::Error(55, "Account validation failed", json!("invalid signature"));
    mock.on("starknet_addInvokeTransaction", [invalid]);
    assert!(matches!(send(&account, SOON), Err(Error::Signature { .. })));
    let low = Reply::Error(53, "The transaction's resources don't cover validation", Value::Null);
    mock.on("starknet_addInvokeTransaction", [low]);
    let error = send(&account, SOON).expect_err("it is refused").to_string();
    assert!(error.contains("the node refused the transaction"), "{error}");
}

#[test]
fn too_much_calldata_is_not_even_simulated() {
    let (mock, account) = with_account(ENOUGH);
    let call = Call { to: Felt::ONE, selector: Felt::TWO, calldata: vec![Felt::ONE; 4_997] };
    let error = block_on(account.simulate(&Action::Invoke(call)));
    assert!(matches!(error, Err(Error::Calldata { got: 5_001, .. })));
    assert!(mock.seen("starknet_simulateTransactions").is_empty());
}
