//! From options to an account on a chain, and what a transaction came to.

use std::io::{IsTerminal, stdin};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueHint};
use serde_json::{Value, json};
use stwo_ml_onchain::account::Account;
use stwo_ml_onchain::devnet::{Devnet, prefunded};
use stwo_ml_onchain::events::Event;
use stwo_ml_onchain::fee::{FRI_PER_STRK, FeePolicy, parse_strk, strk};
use stwo_ml_onchain::key::Key;
use stwo_ml_onchain::network::{Network, Networks, endpoint, parse_url};
use stwo_ml_onchain::rpc::{Node, Patience, Receipt};
use stwo_ml_onchain::send::{Estimate, Options};
use stwo_ml_onchain::{Error, Felt, parse_felt};
use zeroize::Zeroizing;

use crate::Style;
use crate::output::thousands;

/// Which network, which account, what a transaction may cost.
#[derive(Debug, Args)]
pub struct Chain {
    /// The network: `devnet` (a node on this machine, started when there is none), `sepolia`, or one of
    /// the file of networks.
    #[arg(long, default_value = "devnet", env = "STWO_ML_NETWORK", help_heading = "Network")]
    pub network: String,
    /// URL of a node of the network.
    #[arg(
        long,
        value_name = "URL",
        env = "STWO_ML_RPC_URL",
        hide_env_values = true,
        help_heading = "Network"
    )]
    pub rpc: Option<String>,
    /// A TOML file with networks; `stwo-ml/networks.toml` in the configuration folder unless given.
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        env = "STWO_ML_NETWORKS",
        help_heading = "Network"
    )]
    pub networks: Option<PathBuf>,
    /// The account that pays; the first prefunded one on a devnet.
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "STWO_ML_ACCOUNT",
        value_parser = parse_felt,
        help_heading = "Network"
    )]
    pub account: Option<Felt>,
    /// The account's encrypted key. Its password is asked for, or taken from
    /// STWO_ML_KEYSTORE_PASSWORD. Without a keystore, the key is taken from STWO_ML_PRIVATE_KEY.
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        env = "STWO_ML_KEYSTORE",
        help_heading = "Network"
    )]
    pub keystore: Option<PathBuf>,
    /// Most STRK that a transaction may cost: 20 unless given, to declare a class 200.
    #[arg(long, value_name = "STRK", value_parser = parse_strk, help_heading = "Network")]
    pub max_fee: Option<u128>,
    /// Seconds to wait for a receipt.
    #[arg(long, value_name = "SECONDS", default_value_t = 180, help_heading = "Network")]
    pub timeout: u64,
    /// Simulates only: nothing is sent, nothing is paid.
    #[arg(long, help_heading = "Network")]
    pub dry_run: bool,
}

/// Where the local node and its program are: below the cache folder.
pub fn devnet() -> Result<Devnet> {
    let cache = folder("XDG_CACHE_HOME", ".cache")?.join("stwo-ml");
    let program = cache.join("starknet-devnet-0.10.1/bin/starknet-devnet");
    Ok(Devnet { program, folder: cache.join("devnet") })
}

/// A folder of the XDG base directories.
fn folder(variable: &str, below_home: &str) -> Result<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    set(variable)
        .filter(|path| path.is_absolute())
        .or_else(|| set("HOME").map(|home| home.join(below_home)))
        .with_context(|| format!("neither {variable} nor HOME is set"))
}

impl Chain {
    /// The network with what the options say.
    fn network(&self) -> Result<Network> {
        let mut networks = Networks::default();
        match &self.networks {
            Some(path) => networks.add_file(path)?,
            None => {
                if let Ok(folder) = folder("XDG_CONFIG_HOME", ".config")
                    && let path = folder.join("stwo-ml/networks.toml")
                    && path.is_file()
                {
                    networks.add_file(&path)?;
                }
            }
        }
        let mut network = networks.get(&self.network)?;
        if let Some(rpc) = &self.rpc {
            network.rpc = Some(parse_url(rpc)?);
        }
        network.account = self.account.or(network.account);
        network.keystore = self.keystore.clone().or(network.keystore);
        Ok(network)
    }

    /// Whether the network's node may be one of this machine.
    pub fn is_local(&self) -> Result<bool> {
        Ok(self.network()?.local)
    }

    /// Connects to the network's node, starting a local one when there is none, and opens the account.
    pub async fn open(&self, style: Style) -> Result<Account> {
        let network = self.network()?;
        let url = match &network.rpc {
            Some(url) => url.clone(),
            None if network.local => {
                let (running, new) = devnet()?.running_or_new().await?;
                if new {
                    style.note(&format!(
                        "started a local node at {}; `stwo-ml devnet stop` ends it",
                        endpoint(&running.url)
                    ));
                }
                running.url
            }
            None => return Err(Error::NoUrl(network.name).into()),
        };
        let named = match network.account {
            None if network.local => None,
            None => return Err(Error::NoAccountNamed(network.name).into()),
            Some(address) => Some((address, key(&network)?)),
        };
        let node = Node::connect(&network, &url, Patience::default()).await?;
        let (address, key) = match named {
            Some(named) => named,
            None => prefunded(&url).await?,
        };
        Ok(Account::open(&network, node, address, &key).await?)
    }

    /// How a transaction is sent that may cost up to `default` STRK unless the user says otherwise.
    pub fn options(&self, default: u128) -> Options {
        let wait = Duration::from_secs(self.timeout);
        let max_fee = self.max_fee.unwrap_or(default.saturating_mul(FRI_PER_STRK));
        Options { fee: FeePolicy::up_to(max_fee), even_if_it_reverts: false, wait }
    }
}

/// The key of a network's account, never from the command line.
fn key(network: &Network) -> Result<Key> {
    let secret =
        |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty()).map(Zeroizing::new);
    if let Some(path) = &network.keystore {
        let password = match secret("STWO_ML_KEYSTORE_PASSWORD") {
            Some(password) => password,
            None if stdin().is_terminal() => {
                let prompt = format!("Password of {}: ", path.display());
                Zeroizing::new(rpassword::prompt_password(prompt).context("no password")?)
            }
            None => {
                bail!("the keystore's password is needed: STWO_ML_KEYSTORE_PASSWORD, or a terminal")
            }
        };
        return Ok(Key::from_keystore(path, &password)?);
    }
    match secret("STWO_ML_PRIVATE_KEY") {
        Some(digits) => Ok(Key::from_hex(&digits, "STWO_ML_PRIVATE_KEY")?),
        None => Err(Error::NoKey(network.name.clone()).into()),
    }
}

/// An estimate, for machines.
pub fn estimate_json(estimate: &Estimate) -> Value {
    json!({
        "calldata_felts": estimate.calldata,
        "l2_gas": estimate.resources.l2_gas.amount,
        "l1_data_gas": estimate.resources.l1_data_gas.amount,
        "l2_gas_price_fri": estimate.resources.l2_gas.price,
        "fee_strk": strk(estimate.fee),
        "reverts": estimate.reverted.as_ref().map(ToString::to_string),
    })
}

/// An estimate, for people.
pub fn estimate_text(estimate: &Estimate) -> String {
    format!(
        "simulated: {} L2 gas, {} STRK; nothing was sent",
        thousands(estimate.resources.l2_gas.amount),
        strk(estimate.fee)
    )
}

/// A receipt, for machines.
pub fn receipt_json(receipt: &Receipt, events: &[Event]) -> Value {
    json!({
        "transaction": format!("{:#x}", receipt.hash),
        "block": receipt.block,
        "l2_gas": receipt.l2_gas,
        "l1_data_gas": receipt.l1_data_gas,
        "fee_strk": strk(receipt.fee),
        "events": events,
    })
}

/// A receipt, for people.
pub fn receipt_text(receipt: &Receipt) -> String {
    format!(
        "transaction {:#x}: {} L2 gas, {} STRK",
        receipt.hash,
        thousands(receipt.l2_gas),
        strk(receipt.fee)
    )
}
