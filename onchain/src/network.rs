//! Networks: where a chain is, and which account pays there.
//!
//! `devnet` (a node on this machine) and `sepolia` are built in. A TOML file adds others and fills in
//! what the built-in ones leave open:
//!
//! ```toml
//! [sepolia]
//! rpc = "https://node.example/v0_10"
//! account = "0x1234"
//! keystore = "sepolia.json"        # beside this file
//!
//! [staging]
//! chain = "SN_STAGING"
//! rpc = "http://10.0.0.7:9545/rpc"
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use starknet_rust::core::types::Felt;
use url::Url;

use crate::{Error, Result, parse_felt, short_string, text_of};

/// A chain, and which account pays there.
#[derive(Clone, PartialEq, Eq)]
pub struct Network {
    /// Its name.
    pub name: String,
    /// Its chain id, a short string.
    pub chain: Felt,
    /// The node. `None`: a node on this machine if [`Network::local`], unknown otherwise.
    pub rpc: Option<Url>,
    /// The account that pays. `None` on a local node: its first prefunded account.
    pub account: Option<Felt>,
    /// The file that holds the account's key, encrypted.
    pub keystore: Option<PathBuf>,
    /// Whether a node of this network may be started on this machine.
    pub local: bool,
}

impl std::fmt::Debug for Network {
    // Paths of node URLs may hold keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Network")
            .field("name", &self.name)
            .field("chain", &self.chain_name())
            .field("rpc", &self.rpc.as_ref().map(endpoint))
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

/// Scheme, host and port of a URL: its path, which may hold a key, is never shown.
#[must_use]
pub fn endpoint(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// A node's address.
///
/// # Errors
/// Something else than an http(s) URL.
pub fn parse_url(text: &str) -> Result<Url> {
    let url = Url::parse(text).map_err(|_| Error::BadUrl)?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(Error::BadUrl);
    }
    Ok(url)
}

impl Network {
    /// The name of the chain.
    #[must_use]
    pub fn chain_name(&self) -> String {
        chain_name(self.chain)
    }

    fn new(name: &str, chain: &str, local: bool) -> Self {
        let chain = Felt::from_bytes_be_slice(chain.as_bytes());
        Self { name: name.to_string(), chain, rpc: None, account: None, keystore: None, local }
    }
}

/// The name of a chain id.
#[must_use]
pub fn chain_name(chain: Felt) -> String {
    text_of(chain).unwrap_or_else(|| format!("{chain:#x}"))
}

/// The networks that are known.
#[derive(Clone, Debug)]
pub struct Networks(BTreeMap<String, Network>);

/// A network in a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    chain: Option<String>,
    rpc: Option<String>,
    account: Option<String>,
    keystore: Option<PathBuf>,
}

impl Default for Networks {
    /// The built-in ones.
    fn default() -> Self {
        // A starknet-devnet names its chain as the public test network does.
        let all = [
            Network::new("devnet", "SN_SEPOLIA", true),
            Network::new("sepolia", "SN_SEPOLIA", false),
        ];
        Self(all.into_iter().map(|n| (n.name.clone(), n)).collect())
    }
}

impl Networks {
    /// Adds and completes networks from a file.
    ///
    /// # Errors
    /// A file that is unreadable or malformed, with the network and the entry.
    pub fn add_file(&mut self, path: &Path) -> Result<()> {
        let read = |source| Error::Read { path: path.to_path_buf(), source };
        let text = std::fs::read_to_string(path).map_err(read)?;
        let malformed = |reason: String| Error::Networks { path: path.to_path_buf(), reason };
        // The line itself is not shown: somebody may have put a secret into it.
        let place = |e: &toml::de::Error| {
            let before = e.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            format!("line {}: {}", before.matches('\n').count() + 1, e.message())
        };
        let entries: BTreeMap<String, Entry> =
            toml::from_str(&text).map_err(|e| malformed(place(&e)))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        for (name, entry) in entries {
            self.add(&name, entry, folder).map_err(|e| malformed(format!("[{name}] {e}")))?;
        }
        Ok(())
    }

    fn add(&mut self, name: &str, entry: Entry, folder: &Path) -> Result<(), String> {
        let mut network = match (self.0.get(name), &entry.chain) {
            (Some(_), Some(_)) => return Err("this network's `chain` is built in".into()),
            (Some(known), None) => known.clone(),
            (None, Some(chain)) => {
                let mut network = Network::new(name, "", false);
                network.chain = short_string(chain)?;
                network
            }
            (None, None) => return Err("`chain` is missing".into()),
        };
        if let Some(rpc) = entry.rpc {
            network.rpc = Some(parse_url(&rpc).map_err(|e| e.to_string())?);
        }
        if let Some(account) = entry.account {
            network.account = Some(parse_felt(&account).map_err(|e| format!("account: {e}"))?);
        }
        if let Some(keystore) = entry.keystore {
            network.keystore = Some(folder.join(keystore));
        }
        self.0.insert(name.to_string(), network);
        Ok(())
    }

    /// The network of a name.
    ///
    /// # Errors
    /// A name that is not configured.
    pub fn get(&self, name: &str) -> Result<Network> {
        self.0.get(name).cloned().ok_or_else(|| Error::UnknownNetwork {
            name: name.to_string(),
            known: self.0.keys().cloned().collect::<Vec<_>>().join(", "),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str) -> Result<Networks> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("networks.toml");
        std::fs::write(&path, text).expect("a file");
        let mut networks = Networks::default();
        networks.add_file(&path)?;
        Ok(networks)
    }

    #[test]
    fn a_file_adds_and_completes() {
        let networks = with(
            "[sepolia]\nrpc = \"https://n.example/v1/secret\"\naccount = \"0x12\"\nkeystore = \"k.json\"\n\
             [staging]\nchain = \"SN_X\"\nrpc = \"http://h:1/rpc\"\n",
        )
        .expect("it is well formed");
        let sepolia = networks.get("sepolia").expect("built in");
        assert_eq!(sepolia.chain_name(), "SN_SEPOLIA");
        assert_eq!(sepolia.account, Some(Felt::from(0x12u32)));
        assert!(
            sepolia.keystore.as_ref().is_some_and(|k| k.is_absolute() && k.ends_with("k.json"))
        );
        assert!(!format!("{sepolia:?}").contains("secret"));
        assert_eq!(sepolia.rpc.as_ref().map(endpoint).as_deref(), Some("https://n.example"));
        assert_eq!(networks.get("staging").expect("added").chain_name(), "SN_X");
        assert!(networks.get("devnet").expect("built in").local);
        let unknown = networks.get("mainnet").expect_err("it is not there").to_string();
        assert!(unknown.contains("devnet, sepolia, staging"), "{unknown}");
    }

    #[test]
    fn malformed_files_are_refused_with_the_place() {
        for (text, needle) in [
            ("[x]\nrpc = \"http://h\"\n", "[x] `chain` is missing"),
            ("[sepolia]\nchain = \"SN_MAIN\"\n", "built in"),
            ("[sepolia]\nrpc = \"ftp://h\"\n", "http(s) URL"),
            ("[sepolia]\naccount = \"12\"\n", "account"),
            ("[sepolia]\nprivate_key = \"0x1\"\n", "private_key"),
            ("[sepolia]\nsecret = 1\n", "line 2"),
            ("[sepolia\n", "line 1"),
        ] {
            let error = with(text).expect_err("it is malformed").to_string();
            assert!(error.contains(needle), "{text}: {error}");
        }
    }
}
