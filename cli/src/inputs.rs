//! From files to a model's inputs.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use stwo_ml_compiler::graph::Array;
use stwo_ml_compiler::import::{order_inputs, read_inputs};

use crate::args::Preprocess;
use crate::files;

/// What the inputs of a model look like.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Names.
    pub names: Vec<String>,
    /// Shapes.
    pub shapes: Vec<Vec<usize>>,
}

/// Reads the inputs of one run.
pub fn load(path: &Path, how: Preprocess, signature: &Signature) -> Result<Vec<Array>> {
    let arrays = || -> Result<Vec<Array>> {
        Ok(match how {
            Preprocess::None => order_inputs(read_inputs(path)?, &signature.names)?,
            Preprocess::FileType => vec![file_type(&files::read(path)?, single(signature)?)?],
            Preprocess::TextLine => vec![text_line(path, single(signature)?)?],
        })
    };
    arrays().with_context(|| format!("input {}", path.display()))
}

/// All files of the given files and folders, sorted by name.
pub fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = vec![];
    for path in paths {
        if path.is_dir() {
            let entries = std::fs::read_dir(path)
                .with_context(|| format!("cannot read the folder {}", path.display()))?;
            for entry in entries {
                let file = entry?.path();
                if file.is_file() {
                    files.push(file);
                }
            }
        } else {
            files.push(path.clone());
        }
    }
    files.sort();
    if files.is_empty() {
        bail!("no calibration inputs: the folder is empty");
    }
    Ok(files)
}

fn single(signature: &Signature) -> Result<&[usize]> {
    match &signature.shapes[..] {
        [shape] => Ok(shape),
        shapes => bail!("--preprocess is for models with one input, this one has {}", shapes.len()),
    }
}

/// First and last bytes of a file without surrounding white space, 256 where it is too short: the
/// features of `magika` (its `features_extractor`, version 3.3).
fn file_type(content: &[u8], shape: &[usize]) -> Result<Array> {
    const BLOCK: usize = 4096;
    const PADDING: f64 = 256.0;
    let n: usize = shape.iter().product();
    if n == 0 || !n.is_multiple_of(2) {
        bail!("this model does not read file contents: its input has shape {shape:?}");
    }
    if content.is_empty() {
        bail!("the file is empty");
    }
    let half = n / 2;
    let block = BLOCK.min(content.len());
    let is_space = |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c);
    let head = &content[..block];
    let head = &head[head.iter().position(|b| !is_space(b)).unwrap_or(head.len())..];
    let tail = &content[content.len() - block..];
    let tail = &tail[..tail.iter().rposition(|b| !is_space(b)).map_or(0, |i| i + 1)];
    let head = head.iter().take(half).map(|&b| f64::from(b));
    let mut data: Vec<f64> = head.collect();
    data.resize(half, PADDING);
    let kept = tail.len().min(half);
    data.resize(n - kept, PADDING);
    data.extend(tail[tail.len() - kept..].iter().map(|&b| f64::from(b)));
    Ok(Array { shape: shape.to_vec(), data })
}

/// An image scaled to the height of a `[1, 3, H, W]` input, blue first, in -1..1, zero to its right.
fn text_line(path: &Path, shape: &[usize]) -> Result<Array> {
    let &[1, 3, height, width] = shape else {
        bail!("this model does not read images: its input has shape {shape:?}");
    };
    let image = image::ImageReader::open(path)?.with_guessed_format()?.decode()?.to_rgb8();
    let ratio = f64::from(image.width()) / f64::from(image.height().max(1));
    let scaled = ((height as f64 * ratio).ceil() as usize).clamp(1, width);
    let filter = image::imageops::FilterType::Triangle;
    let image =
        image::imageops::resize(&image, u32::try_from(scaled)?, u32::try_from(height)?, filter);
    let mut data = vec![0.0; 3 * height * width];
    for (x, y, pixel) in image.enumerate_pixels() {
        for c in 0..3 {
            let value = f64::from(pixel.0[2 - c]) / 255.0;
            data[(c * height + y as usize) * width + x as usize] = (value - 0.5) / 0.5;
        }
    }
    Ok(Array { shape: shape.to_vec(), data })
}

/// Class names from a JSON list or a text file with one name a line.
pub fn labels(path: &Path) -> Result<Vec<String>> {
    let text = String::from_utf8(files::read(path)?)
        .with_context(|| format!("{} is not text", path.display()))?;
    if let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) {
        let list = value.as_array().or_else(|| value.get("target_labels_space")?.as_array());
        if let Some(list) = list {
            return Ok(list.iter().map(|v| v.as_str().map_or(v.to_string(), Into::into)).collect());
        }
    }
    Ok(text.lines().map(str::to_string).collect())
}

/// The largest entry of an output: its index and value.
pub fn top(output: &Array) -> Option<(usize, f64)> {
    let pairs = output.data.iter().copied().enumerate();
    pairs.fold(None, |best, (i, v)| match best {
        Some((_, b)) if b >= v => best,
        _ => Some((i, v)),
    })
}
