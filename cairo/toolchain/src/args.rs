//! Arguments of Cairo functions on the command line.

use anyhow::{Context, Result, bail};
use stwo_ml_cairo::{Arg, Felt};

/// Parses arguments; `@FILE` stands for all the arguments in a JSON file.
pub fn parse(texts: &[String]) -> Result<Vec<Arg>> {
    if let [one] = texts
        && let Some(path) = one.strip_prefix('@')
    {
        let text = std::fs::read_to_string(path).with_context(|| path.to_owned())?;
        let value: serde_json::Value =
            serde_json::from_str(&text).with_context(|| path.to_owned())?;
        let serde_json::Value::Array(values) = value else { bail!("{path}: not a JSON array") };
        return values.iter().map(from_json).collect();
    }
    texts.iter().map(|text| from_text(text)).collect()
}

fn from_json(value: &serde_json::Value) -> Result<Arg> {
    match value {
        serde_json::Value::Array(values) => {
            Ok(Arg::Array(values.iter().map(from_json).collect::<Result<_>>()?))
        }
        serde_json::Value::Number(number) => Ok(Arg::Value(felt(&number.to_string())?)),
        serde_json::Value::String(text) => Ok(Arg::Value(felt(text)?)),
        other => bail!("`{other}` is not a number, a text or an array"),
    }
}

fn from_text(text: &str) -> Result<Arg> {
    let text = text.trim();
    let Some(inner) = text.strip_prefix('[') else { return Ok(Arg::Value(felt(text)?)) };
    let Some(inner) = inner.strip_suffix(']') else { bail!("`{text}`: no `]` at the end") };
    let mut items = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (at, c) in inner.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            ',' if depth == 0 => {
                items.push(from_text(&inner[start..at])?);
                start = at + 1;
            }
            _ => {}
        }
    }
    if !inner[start..].trim().is_empty() {
        items.push(from_text(&inner[start..])?);
    }
    Ok(Arg::Array(items))
}

fn felt(text: &str) -> Result<Felt> {
    if let Some(string) = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')) {
        if string.len() > 31 || !string.is_ascii() {
            bail!("`{text}` is not a short string (at most 31 ASCII characters)");
        }
        return Ok(Felt::from_bytes_be_slice(string.as_bytes()));
    }
    let parsed = if let Some(digits) = text.strip_prefix('-') {
        Felt::from_dec_str(digits).map(|f| -f)
    } else if text.starts_with("0x") {
        Felt::from_hex(text)
    } else {
        Felt::from_dec_str(text)
    };
    parsed.map_err(|e| anyhow::anyhow!("`{text}` is not a felt: {e}"))
}
