//! A local node: a starknet-devnet on a free port of this machine, found or started.
//!
//! A starknet-devnet meters a call in steps unless the class *file* of every contract on the way says
//! Sierra 1.7 or later, where a public network reads the version from the program. So the node is
//! started with its own account class, marked as such.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use starknet_rust::core::types::Felt;
use url::Url;

use crate::key::Key;
use crate::limits::MIN_L2_GAS_PRICE;
use crate::network::{endpoint, parse_url};
use crate::{Error, Result, parse_felt};

/// Where the program is and where it keeps its state.
#[derive(Clone, Debug)]
pub struct Devnet {
    /// The `starknet-devnet` program.
    pub program: PathBuf,
    /// Log, process number and address of a running node.
    pub folder: PathBuf,
}

/// A running node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// Its address.
    pub url: Url,
    /// Its process.
    pub pid: u32,
}

/// Until a node answers after its start.
const START: Duration = Duration::from_secs(60);
/// Until it answers a question of ours.
const ANSWER: Duration = Duration::from_secs(10);

impl Devnet {
    /// The running node, if there is one.
    ///
    /// # Errors
    /// An unreadable state file.
    pub async fn running(&self) -> Result<Option<Running>> {
        let path = self.state_file();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(Error::Read { path, source }),
        };
        let Ok(running) = serde_json::from_str::<Running>(&text) else { return Ok(None) };
        // The port may belong to another program by now.
        let alive = is_ours(running.pid) && prefunded(&running.url).await.is_ok();
        Ok(alive.then_some(running))
    }

    /// The running node, or a new one that keeps running when this program ends. True if it is new.
    ///
    /// # Errors
    /// No program, or a node that does not come up.
    pub async fn running_or_new(&self) -> Result<(Running, bool)> {
        let lock = self.lock()?;
        if let Some(running) = self.running().await? {
            return Ok((running, false));
        }
        let (child, url) = self.start().await?;
        let running = Running { url, pid: child.id() };
        let text = json!(running).to_string();
        write(&self.state_file(), text.as_bytes())?;
        drop(lock);
        Ok((running, true))
    }

    /// Ends the running node. False if there is none.
    ///
    /// # Errors
    /// A process that cannot be ended.
    pub async fn stop(&self) -> Result<bool> {
        let Some(running) = self.running().await? else { return Ok(false) };
        let ended = Command::new("kill").arg(running.pid.to_string()).status();
        if !ended.is_ok_and(|status| status.success()) {
            let reason = format!("process {} cannot be ended", running.pid);
            return Err(Error::DevnetStart { reason, log: self.log() });
        }
        let path = self.state_file();
        std::fs::remove_file(&path).map_err(|source| Error::Write { path, source })?;
        Ok(true)
    }

    /// Starts a node on a free port.
    async fn start(&self) -> Result<(Child, Url)> {
        if !self.program.is_file() {
            return Err(Error::NoDevnet(self.program.clone()));
        }
        let class = self.folder.join("account.sierra.json");
        if !class.is_file() {
            let (mut child, url) = self.spawn(None).await?;
            let fetched = account_class(&url).await;
            end(&mut child);
            write(&class, fetched?.to_string().as_bytes())?;
        }
        self.spawn(Some(&class)).await
    }

    /// Starts a process and waits until it answers.
    async fn spawn(&self, account_class: Option<&Path>) -> Result<(Child, Url)> {
        let log = self.log();
        let failed = |reason: String| Error::DevnetStart { reason, log: self.log() };
        let out =
            File::create(&log).map_err(|source| Error::Write { path: log.clone(), source })?;
        let err = out.try_clone().map_err(|source| Error::Write { path: log.clone(), source })?;
        let mut command = Command::new(&self.program);
        // The program takes its options from common names such as PORT, too.
        command.env_clear().stdin(Stdio::null()).stdout(out).stderr(err);
        command.args(["--port", "0", "--host", "127.0.0.1", "--seed", "0", "--accounts", "3"]);
        command.args(["--timeout", "600", "--state-archive-capacity", "none"]);
        command.args(["--l2-gas-price-fri", &MIN_L2_GAS_PRICE.to_string()]);
        if let Some(class) = account_class {
            command.arg("--account-class-custom").arg(class);
        }
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().map_err(|e| failed(e.to_string()))?;
        let start = Instant::now();
        loop {
            let text = std::fs::read(&log).unwrap_or_default();
            if let Some(url) = listening(&String::from_utf8_lossy(&text))
                && prefunded(&url).await.is_ok()
            {
                return Ok((child, url));
            }
            if let Ok(Some(status)) = child.try_wait() {
                return Err(failed(format!("it ended at once, {status}")));
            }
            if start.elapsed() > START {
                end(&mut child);
                return Err(failed(format!("no answer within {} s", START.as_secs())));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn lock(&self) -> Result<File> {
        let failed = |source| Error::Write { path: self.folder.clone(), source };
        std::fs::create_dir_all(&self.folder).map_err(failed)?;
        let file = File::create(self.folder.join("lock")).map_err(failed)?;
        file.lock().map_err(failed)?;
        Ok(file)
    }

    /// What the node prints.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    fn state_file(&self) -> PathBuf {
        self.folder.join("running.json")
    }
}

/// Writes a file under a temporary name, then renames it.
fn write(path: &Path, content: &[u8]) -> Result<()> {
    let failed = |source| Error::Write { path: path.to_path_buf(), source };
    let folder = path.parent().unwrap_or(Path::new("."));
    let file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    std::fs::write(file.path(), content).map_err(failed)?;
    file.persist(path).map_err(|e| failed(e.error))?;
    Ok(())
}

/// Ends a process of ours and collects it.
fn end(child: &mut Child) {
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}

/// Whether a process still is a starknet-devnet, where the system tells.
fn is_ours(pid: u32) -> bool {
    match std::fs::read(format!("/proc/{pid}/cmdline")) {
        Ok(line) => String::from_utf8_lossy(&line).contains("starknet-devnet"),
        Err(_) => !Path::new("/proc/self").exists(),
    }
}

/// The address in a node's log.
fn listening(log: &str) -> Option<Url> {
    let (_, rest) = log.split_once("listening on ")?;
    let (address, _) = rest.split_once('\n')?;
    let plain: String = address.trim().chars().filter(|c| !c.is_control()).collect();
    parse_url(&format!("http://{plain}/rpc")).ok()
}

/// A request that only a starknet-devnet answers, or one whose raw answer is needed.
async fn raw(url: &Url, method: &str, params: Value) -> Result<Value> {
    let bad = |reason: String| Error::NotADevnet { url: endpoint(url), reason };
    let gone = |e: reqwest::Error| Error::NoNode {
        url: endpoint(url),
        reason: e.without_url().to_string(),
    };
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let client = reqwest::Client::builder().timeout(ANSWER).build().map_err(gone)?;
    let request = client.post(url.clone()).header("Content-Type", "application/json");
    let answer = request.body(body.to_string()).send().await.map_err(gone)?;
    let text = answer.text().await.map_err(gone)?;
    let mut answer: Value = serde_json::from_str(&text)
        .map_err(|_| bad(format!("its answer to {method} is not JSON")))?;
    match answer.get_mut("result") {
        Some(result) => Ok(result.take()),
        None => Err(bad(format!("it does not answer {method}"))),
    }
}

/// The first prefunded account of a local node: address and key.
///
/// # Errors
/// A node that is no starknet-devnet, or without accounts.
pub async fn prefunded(url: &Url) -> Result<(Felt, Key)> {
    let bad = |reason: &str| Error::NotADevnet { url: endpoint(url), reason: reason.into() };
    let accounts = raw(url, "devnet_getPredeployedAccounts", json!({})).await?;
    let account = accounts.get(0).ok_or_else(|| bad("it has no prefunded account"))?;
    let text = |name: &str| account.get(name).and_then(Value::as_str).unwrap_or_default();
    let address = parse_felt(text("address")).map_err(|e| bad(&e))?;
    Ok((address, Key::from_hex(text("private_key"), "the local node")?))
}

/// The account class of a local node as a Sierra file, marked as metered in gas.
async fn account_class(url: &Url) -> Result<Value> {
    let bad = |reason: &str| Error::NotADevnet { url: endpoint(url), reason: reason.into() };
    let (address, _) = prefunded(url).await?;
    let params = json!({ "block_id": "latest", "contract_address": format!("{address:#x}") });
    let mut class = raw(url, "starknet_getClassAt", params).await?;
    let abi = class.get("abi").and_then(Value::as_str).unwrap_or("[]");
    let mut abi: Value = serde_json::from_str(abi).map_err(|_| bad("its account has no ABI"))?;
    // A class hash of its own: the node also declares the original class, and keeps one of a hash.
    let mark = json!({ "type": "struct", "name": "stwo_ml::MeteredInGas", "members": [] });
    abi.as_array_mut().ok_or_else(|| bad("its account has no ABI"))?.push(mark);
    let fields = class.as_object_mut().ok_or_else(|| bad("its account has no class"))?;
    fields.insert("abi".into(), abi);
    fields.insert("contract_class_version".into(), json!("1.7.0"));
    Ok(class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_in_the_log() {
        let log = "x\n2026 INFO starknet_devnet: Starknet Devnet listening on 127.0.0.1:41234\n";
        assert_eq!(
            listening(log).map(|u| u.to_string()).as_deref(),
            Some("http://127.0.0.1:41234/rpc")
        );
        assert_eq!(listening("Starknet Devnet listening on 127.0.0.1:41"), None);
    }

    #[test]
    fn a_missing_program_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let devnet =
            Devnet { program: folder.path().join("none"), folder: folder.path().join("d") };
        let error = crate::block_on(devnet.running_or_new()).expect_err("no program").to_string();
        assert!(error.contains("none") && error.contains("scripts/devnet.sh"), "{error}");
    }
}
