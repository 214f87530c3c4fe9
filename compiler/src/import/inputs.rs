//! Inputs from files: `.npy`, `.npz` and JSON.

use std::path::Path;

use serde_json::Value;

use super::{ImportError, npy};
use crate::graph::Array;

/// Reads the arrays of a file. Those of `.npz` files and JSON objects have names.
///
/// # Errors
///
/// [`ImportError::Read`] and [`ImportError::InputFile`].
pub fn read_inputs(path: &Path) -> Result<Vec<(Option<String>, Array)>, ImportError> {
    let bytes = std::fs::read(path)
        .map_err(|source| ImportError::Read { path: path.to_path_buf(), source })?;
    let origin = path.display().to_string();
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("npy") => {
            let array = npy::array(&bytes).map_err(|reason| file(&origin, &reason))?;
            Ok(vec![(None, array)])
        }
        Some("npz") => npy::unzip(&bytes)
            .map_err(|reason| file(&origin, &reason))?
            .into_iter()
            .map(|(name, data)| {
                let array = npy::array(&data)
                    .map_err(|reason| file(&format!("{origin}: {name}"), &reason))?;
                Ok((Some(name.trim_end_matches(".npy").to_string()), array))
            })
            .collect(),
        Some("json") => json(&bytes, &origin),
        _ => Err(file(&origin, "the name must end in .npy, .npz or .json")),
    }
}

/// Puts named arrays in the order of the model's inputs; arrays without names keep theirs.
///
/// # Errors
///
/// [`ImportError::InputFile`] if names do not match.
pub fn order_inputs(
    arrays: Vec<(Option<String>, Array)>,
    names: &[String],
) -> Result<Vec<Array>, ImportError> {
    if arrays.iter().all(|(name, _)| name.is_none()) {
        return Ok(arrays.into_iter().map(|(_, array)| array).collect());
    }
    let known = names.join(", ");
    if let Some(strange) =
        arrays.iter().filter_map(|(name, _)| name.as_ref()).find(|name| !names.contains(name))
    {
        let reason = format!("the model has no such input; it has {known}");
        return Err(file(&format!("input {strange}"), &reason));
    }
    let find = |name: &String| {
        let mut found = arrays.iter().filter(|(n, _)| n.as_ref() == Some(name));
        match (found.next(), found.next()) {
            (Some((_, array)), None) => Ok(array.clone()),
            (Some(_), Some(_)) => Err(file(&format!("input {name}"), "given twice")),
            _ => Err(file(&format!("input {name}"), "missing")),
        }
    };
    names.iter().map(find).collect()
}

fn file(origin: &str, reason: &str) -> ImportError {
    ImportError::InputFile { origin: origin.to_string(), reason: reason.to_string() }
}

fn json(bytes: &[u8], origin: &str) -> Result<Vec<(Option<String>, Array)>, ImportError> {
    let value: Value = serde_json::from_slice(bytes).map_err(|e| file(origin, &e.to_string()))?;
    match value {
        Value::Object(entries) => entries
            .into_iter()
            .map(|(name, value)| {
                let array = nested(&value, &format!("{origin}: {name}"))?;
                Ok((Some(name), array))
            })
            .collect(),
        value => Ok(vec![(None, nested(&value, origin)?)]),
    }
}

/// Nested lists of numbers or booleans.
fn nested(value: &Value, origin: &str) -> Result<Array, ImportError> {
    let mut shape = Vec::new();
    let mut first = value;
    while let Value::Array(entries) = first {
        shape.push(entries.len());
        first = entries.first().ok_or_else(|| file(origin, "an empty list"))?;
    }
    let mut data = Vec::new();
    flatten(value, &shape, &mut Vec::new(), &mut data).map_err(|reason| file(origin, &reason))?;
    Ok(Array { shape, data })
}

fn flatten(
    value: &Value,
    shape: &[usize],
    index: &mut Vec<usize>,
    data: &mut Vec<f64>,
) -> Result<(), String> {
    match (value, shape) {
        (Value::Array(entries), [extent, rest @ ..]) => {
            if entries.len() != *extent {
                let got = entries.len();
                return Err(format!("at {index:?}: {extent} entries expected, {got} found"));
            }
            for (i, entry) in entries.iter().enumerate() {
                index.push(i);
                flatten(entry, rest, index, data)?;
                index.pop();
            }
            Ok(())
        }
        (Value::Number(number), []) => {
            data.push(
                number.as_f64().ok_or_else(|| format!("at {index:?}: {number} is too large"))?,
            );
            Ok(())
        }
        (Value::Bool(flag), []) => {
            data.push(f64::from(u8::from(*flag)));
            Ok(())
        }
        (Value::Array(_), []) => Err(format!("at {index:?}: a list where a number is expected")),
        (Value::Number(_) | Value::Bool(_), _) => {
            Err(format!("at {index:?}: a number where a list is expected"))
        }
        (Value::Null | Value::String(_) | Value::Object(_), _) => {
            Err(format!("at {index:?}: {value} is not a number"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(name: &str, bytes: &[u8]) -> std::path::PathBuf {
        let directory = std::env::temp_dir().join(format!("stwo-ml-inputs-{}", std::process::id()));
        std::fs::create_dir_all(&directory).expect("a directory for the test");
        let path = directory.join(name);
        std::fs::write(&path, bytes).expect("a file for the test");
        path
    }

    #[test]
    fn json_lists_and_objects() {
        let path = write("a.json", b"[[1, 2.5], [true, -3e2]]");
        let arrays = read_inputs(&path).unwrap();
        let array = Array { shape: vec![2, 2], data: vec![1.0, 2.5, 1.0, -300.0] };
        assert_eq!(arrays, [(None, array.clone())]);
        let path = write("b.json", br#"{"y": [0], "x": [[1, 2.5], [1, -300]]}"#);
        let names = ["x".to_string(), "y".to_string()];
        let ordered = order_inputs(read_inputs(&path).unwrap(), &names).unwrap();
        assert_eq!(ordered[0], array);
        assert_eq!(ordered[1].data, [0.0]);
    }

    #[test]
    fn json_errors_name_the_place() {
        for (text, part) in [
            ("[[1, 2], [3]]", "at [1]: 2 entries expected, 1 found"),
            ("[[1, 2], [3, \"x\"]]", "at [1, 1]: \"x\" is not a number"),
            ("[[1, 2], 3]", "at [1]: a number where a list"),
            ("[1, [2]]", "at [1]: a list where a number"),
            ("[1, ", "EOF"),
        ] {
            let error = read_inputs(&write("c.json", text.as_bytes())).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
