//! Proofs and keys as JSON, beside the binary format (docs/protocol.md, Appendix C).
//!
//! The same content under names: an element of `F` is a number, of `K` a list of four, a hash or
//! `model_id` a string of 64 hexadecimal digits, a nonce a string of decimal digits (64 bits are more
//! than a number of JSON holds everywhere). What is read must be what would be written, but for white
//! space and the order of names: it goes through the binary format, with all of its checks.

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stwo_ml_verifier::channel::{Hash, Suite};
use stwo_ml_verifier::circuit::Circuit;
use stwo_ml_verifier::codec::ProofFile;
use stwo_ml_verifier::field::{F, K, P};
use stwo_ml_verifier::key::{VERSION, VerifyingKey};
use stwo_ml_verifier::lookup::{LayerProof, LookupProof};
use stwo_ml_verifier::opening::{CodeOpening, LastLevel, Level, OpeningProof};
use stwo_ml_verifier::product::ProductProof;
use stwo_ml_verifier::profile::{Profile, SuiteName};
use stwo_ml_verifier::proof::{Proof, Statement};

const PROOF: &str = "stwo-ml proof";
const KEY: &str = "stwo-ml verification key";

/// Whether a file is JSON: the binary formats begin with a letter.
pub fn is_json(bytes: &[u8]) -> bool {
    bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{')
}

/// A proof file as JSON, one line.
pub fn write_proof<S: Suite>(vk: &VerifyingKey<S>, file: &ProofFile<S>) -> Result<Vec<u8>> {
    let json = JsonProof::new(vk, file);
    let mut bytes = serde_json::to_vec(&json).context("the proof cannot be encoded")?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads a proof of the model of `vk`. The proof is not verified by this.
pub fn read_proof<S: Suite>(vk: &VerifyingKey<S>, bytes: &[u8]) -> Result<ProofFile<S>> {
    let json: JsonProof = serde_json::from_slice(bytes).context("not a proof in JSON")?;
    ensure!(json.format == PROOF, "not a proof: its format is {:?}", json.format);
    ensure!(json.version == VERSION, "proof of version {}, not {VERSION}", json.version);
    ensure!(json.model_id == hex::encode(vk.model_id()), "the proof is for another model");
    let file = json.file::<S>()?;
    // The checks of the binary format: lengths by the key, canonical values, the statement's fit.
    let read = ProofFile::from_bytes(vk, &file.to_bytes(vk))?;
    ensure!(read == file, "the proof has lists of other lengths than its model's");
    Ok(read)
}

/// A key as JSON, indented.
pub fn write_key<S: Suite>(vk: &VerifyingKey<S>) -> Result<Vec<u8>> {
    let json = JsonKey {
        format: KEY.into(),
        version: VERSION,
        profile: vk.profile().name().into(),
        root: hash::<S>(vk.root()),
        ood_value: secure(vk.ood().1),
        circuit: vk.circuit().clone(),
    };
    let mut bytes = serde_json::to_vec_pretty(&json).context("the key cannot be encoded")?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads a key. Profiles for tests are refused, as in a binary file.
pub fn read_key<S: Suite>(bytes: &[u8]) -> Result<VerifyingKey<S>> {
    let json = parse_key(bytes)?;
    let profile = profile(&json)?;
    let root = parse_hash::<S>(&json.root, "root")?;
    let value = parse_secure(json.ood_value, "ood_value")?;
    Ok(VerifyingKey::new(profile, json.circuit, root, value)?)
}

/// The suite of a key.
pub fn key_suite(bytes: &[u8]) -> Result<SuiteName> {
    Ok(profile(&parse_key(bytes)?)?.suite())
}

fn parse_key(bytes: &[u8]) -> Result<JsonKey> {
    let json: JsonKey = serde_json::from_slice(bytes).context("not a key in JSON")?;
    ensure!(json.format == KEY, "not a key: its format is {:?}", json.format);
    ensure!(json.version == VERSION, "key of version {}, not {VERSION}", json.version);
    // Names that mean nothing, which would be passed over inside the circuit.
    let all: Value = serde_json::from_slice(bytes).context("not a key in JSON")?;
    ensure!(serde_json::to_value(&json)? == all, "the key has names that mean nothing");
    Ok(json)
}

fn profile(json: &JsonKey) -> Result<Profile> {
    let name = &json.profile;
    Profile::by_name(name).with_context(|| format!("unknown security profile `{name}`"))
}

type Secure = [u32; 4];

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonKey {
    format: String,
    version: u32,
    profile: String,
    root: String,
    ood_value: Secure,
    circuit: Circuit,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonProof {
    format: String,
    version: u32,
    model_id: String,
    context: String,
    inputs: Vec<Vec<i32>>,
    outputs: Vec<Vec<i32>>,
    witness_root: String,
    witness_ood: Secure,
    lookup: JsonLookup,
    identities: JsonIdentities,
    opening: JsonOpening,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonLookup {
    nonce: String,
    layers: Vec<JsonLayer>,
    model_columns: Secure,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonLayer {
    rounds: Vec<[Secure; 2]>,
    mask: [Secure; 4],
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonIdentities {
    witness_linear: Secure,
    model_linear: Secure,
    rounds: Vec<[Secure; 3]>,
    factors: Vec<Secure>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonOpening {
    levels: Vec<JsonLevel>,
    last: JsonLast,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonLevel {
    rounds: Vec<[Secure; 2]>,
    root: String,
    ood: Secure,
    nonce: String,
    openings: Vec<JsonCode>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonLast {
    rounds: Vec<[Secure; 2]>,
    clear: Vec<Secure>,
    nonce: String,
    openings: Vec<JsonCode>,
    tail: Vec<[Secure; 2]>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonCode {
    leaves: Vec<u32>,
    siblings: Vec<String>,
}

fn secure(value: K) -> Secure {
    value.to_m31_array().map(|c| c.0)
}

fn rows<const N: usize>(rows: &[[K; N]]) -> Vec<[Secure; N]> {
    rows.iter().map(|row| row.map(secure)).collect()
}

fn hash<S: Suite>(hash: &Hash<S>) -> String {
    hex::encode(S::hash_to_bytes(hash))
}

fn parse_base(word: u32, what: &str) -> Result<F> {
    ensure!(word < P, "{what} is not canonical: {word} is not below 2^31 - 1");
    Ok(F::from_u32_unchecked(word))
}

fn parse_secure(words: Secure, what: &str) -> Result<K> {
    let [a, b, c, d] = words.map(|word| parse_base(word, what));
    Ok(K::from_m31_array([a?, b?, c?, d?]))
}

fn parse_list(list: &[Secure], what: &str) -> Result<Vec<K>> {
    list.iter().map(|&words| parse_secure(words, what)).collect()
}

fn parse_rows<const N: usize>(rows: &[[Secure; N]], what: &str) -> Result<Vec<[K; N]>> {
    let row = |row: &[Secure; N]| {
        let values = parse_list(row, what)?;
        values.try_into().map_err(|_| anyhow::anyhow!("{what} has another length"))
    };
    rows.iter().map(row).collect()
}

/// 64 lower-case hexadecimal digits.
fn parse_bytes(text: &str, what: &str) -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    let parsed = hex::decode_to_slice(text, &mut bytes);
    if parsed.is_err() || hex::encode(bytes) != text {
        bail!("{what} is not 64 lower-case hexadecimal digits");
    }
    Ok(bytes)
}

fn parse_hash<S: Suite>(text: &str, what: &str) -> Result<Hash<S>> {
    S::hash_from_bytes(parse_bytes(text, what)?).with_context(|| format!("{what} is not canonical"))
}

fn parse_nonce(text: &str) -> Result<u64> {
    let nonce = text.parse().ok().filter(|nonce: &u64| nonce.to_string() == text);
    nonce.with_context(|| format!("the nonce {text:?} is not a number of 64 bits"))
}

impl JsonCode {
    fn new<S: Suite>(opening: &CodeOpening<S>) -> Self {
        Self {
            leaves: opening.leaves.iter().map(|v| v.0).collect(),
            siblings: opening.witness.iter().map(hash::<S>).collect(),
        }
    }

    fn parse<S: Suite>(&self) -> Result<CodeOpening<S>> {
        let leaves = self.leaves.iter().map(|&word| parse_base(word, "a leaf"));
        let siblings = self.siblings.iter().map(|text| parse_hash::<S>(text, "a sibling"));
        Ok(CodeOpening {
            leaves: leaves.collect::<Result<_>>()?,
            witness: siblings.collect::<Result<_>>()?,
        })
    }
}

fn parse_codes<S: Suite>(codes: &[JsonCode]) -> Result<Vec<CodeOpening<S>>> {
    codes.iter().map(JsonCode::parse).collect()
}

impl JsonProof {
    fn new<S: Suite>(vk: &VerifyingKey<S>, file: &ProofFile<S>) -> Self {
        let ProofFile { statement: Statement { inputs, outputs, context }, proof } = file;
        let Proof { witness_root, witness_ood, lookup, product, opening } = proof;
        let layer = |layer: &LayerProof| JsonLayer {
            rounds: rows(&layer.rounds),
            mask: layer.mask.map(secure),
        };
        let level = |level: &Level<S>| JsonLevel {
            rounds: rows(&level.rounds),
            root: hash::<S>(&level.root),
            ood: secure(level.ood),
            nonce: level.nonce.to_string(),
            openings: level.openings.iter().map(JsonCode::new).collect(),
        };
        let last = &opening.last;
        Self {
            format: PROOF.into(),
            version: VERSION,
            model_id: hex::encode(vk.model_id()),
            context: hex::encode(context),
            inputs: inputs.clone(),
            outputs: outputs.clone(),
            witness_root: hash::<S>(witness_root),
            witness_ood: secure(*witness_ood),
            lookup: JsonLookup {
                nonce: lookup.nonce.to_string(),
                layers: lookup.layers.iter().map(layer).collect(),
                model_columns: secure(lookup.model_columns),
            },
            identities: JsonIdentities {
                witness_linear: secure(product.witness_linear),
                model_linear: secure(product.model_linear),
                rounds: rows(&product.rounds),
                factors: product.factors.iter().copied().map(secure).collect(),
            },
            opening: JsonOpening {
                levels: opening.levels.iter().map(level).collect(),
                last: JsonLast {
                    rounds: rows(&last.rounds),
                    clear: last.clear.iter().copied().map(secure).collect(),
                    nonce: last.nonce.to_string(),
                    openings: last.openings.iter().map(JsonCode::new).collect(),
                    tail: rows(&last.tail),
                },
            },
        }
    }

    fn file<S: Suite>(&self) -> Result<ProofFile<S>> {
        let (lookup, identities) = (&self.lookup, &self.identities);
        let layer = |layer: &JsonLayer| {
            let [a, b, c, d] = layer.mask.map(|words| parse_secure(words, "lookup mask"));
            let rounds = parse_rows(&layer.rounds, "lookup round")?;
            Ok(LayerProof { rounds, mask: [a?, b?, c?, d?] })
        };
        let level = |level: &JsonLevel| {
            Ok(Level {
                rounds: parse_rows(&level.rounds, "a round")?,
                root: parse_hash::<S>(&level.root, "a root")?,
                ood: parse_secure(level.ood, "an out-of-domain value")?,
                nonce: parse_nonce(&level.nonce)?,
                openings: parse_codes(&level.openings)?,
            })
        };
        let last = &self.opening.last;
        let proof = Proof {
            witness_root: parse_hash::<S>(&self.witness_root, "witness_root")?,
            witness_ood: parse_secure(self.witness_ood, "witness_ood")?,
            lookup: LookupProof {
                nonce: parse_nonce(&lookup.nonce)?,
                layers: lookup.layers.iter().map(layer).collect::<Result<_>>()?,
                model_columns: parse_secure(lookup.model_columns, "model_columns")?,
            },
            product: ProductProof {
                witness_linear: parse_secure(identities.witness_linear, "witness_linear")?,
                model_linear: parse_secure(identities.model_linear, "model_linear")?,
                rounds: parse_rows(&identities.rounds, "a round of the identities")?,
                factors: parse_list(&identities.factors, "a factor")?,
            },
            opening: OpeningProof {
                levels: self.opening.levels.iter().map(level).collect::<Result<_>>()?,
                last: LastLevel {
                    rounds: parse_rows(&last.rounds, "a round")?,
                    clear: parse_list(&last.clear, "the clear table")?,
                    nonce: parse_nonce(&last.nonce)?,
                    openings: parse_codes(&last.openings)?,
                    tail: parse_rows(&last.tail, "a round of the tail")?,
                },
            },
        };
        let context = parse_bytes(&self.context, "context")?;
        let (inputs, outputs) = (self.inputs.clone(), self.outputs.clone());
        Ok(ProofFile { statement: Statement { inputs, outputs, context }, proof })
    }
}

#[cfg(test)]
#[path = "json_test.rs"]
mod tests;
