//! A node that says what a test tells it to.

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use stwo_ml_onchain::network::{Network, Networks, parse_url};
use url::Url;

/// What the node does with a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Answers with a result.
    Result(Value),
    /// Answers with an error.
    Error(i64, &'static str, Value),
    /// Answers with something that is not JSON.
    Text(&'static str),
    /// Closes the connection without an answer.
    Hangup,
}

/// Replies by method, in order; the last one stays.
type Script = HashMap<&'static str, VecDeque<Reply>>;

/// A node on a port of this machine.
pub struct Node {
    script: Arc<Mutex<Script>>,
    seen: Arc<Mutex<Vec<(String, Value)>>>,
    /// Its address, with a path that must never be shown.
    pub url: Url,
}

impl Node {
    /// Starts a node that is on Sepolia and knows nothing else.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let url = parse_url(&format!("http://127.0.0.1:{port}/secret")).expect("a URL");
        let node = Self { script: Arc::default(), seen: Arc::default(), url };
        let (script, seen) = (Arc::clone(&node.script), Arc::clone(&node.seen));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // A client that goes away is no matter.
                let _ = serve(stream, &script, &seen);
            }
        });
        node.on("starknet_chainId", [Reply::Result(json!("0x534e5f5345504f4c4941"))]);
        node
    }

    /// Sets the replies to a method.
    pub fn on(&self, method: &'static str, replies: impl IntoIterator<Item = Reply>) {
        let mut script = self.script.lock().expect("no test panicked here");
        script.insert(method, replies.into_iter().collect());
    }

    /// The parameters of all requests of a method.
    pub fn seen(&self, method: &str) -> Vec<Value> {
        let seen = self.seen.lock().expect("no test panicked here");
        seen.iter().filter(|(m, _)| m == method).map(|(_, p)| p.clone()).collect()
    }
}

/// The public test network.
pub fn sepolia() -> Network {
    Networks::default().get("sepolia").expect("it is built in")
}

fn serve(
    stream: TcpStream,
    script: &Mutex<Script>,
    seen: &Mutex<Vec<(String, Value)>>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let request: Value = serde_json::from_slice(&body).expect("a JSON request");
    let method = request["method"].as_str().unwrap_or_default().to_string();
    let mut script = script.lock().expect("no test panicked here");
    seen.lock().expect("no test panicked here").push((method.clone(), request["params"].clone()));
    let reply = match script.get_mut(method.as_str()) {
        Some(replies) if replies.len() > 1 => replies.pop_front(),
        Some(replies) => replies.front().cloned(),
        None => None,
    };
    let mut stream = reader.into_inner();
    let text = match reply.unwrap_or(Reply::Error(-32601, "Method not found", Value::Null)) {
        Reply::Hangup => return Ok(()),
        Reply::Text(text) => text.to_string(),
        Reply::Result(result) => json!({ "jsonrpc": "2.0", "id": 1, "result": result }).to_string(),
        Reply::Error(code, message, data) => {
            let error = json!({ "code": code, "message": message, "data": data });
            json!({ "jsonrpc": "2.0", "id": 1, "error": error }).to_string()
        }
    };
    let (head, length) = ("HTTP/1.1 200 OK\r\nConnection: close\r\n", text.len());
    write!(stream, "{head}Content-Length: {length}\r\n\r\n{text}")
}
