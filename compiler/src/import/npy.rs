//! The `.npy` format, and `.npz`: zip archives of such files.

use crate::graph::Array;

/// Start of every `.npy` file.
const MAGIC: &[u8] = b"\x93NUMPY";

/// Reads a `.npy` file.
pub fn array(bytes: &[u8]) -> Result<Array, String> {
    let rest = bytes.strip_prefix(MAGIC).ok_or("not an .npy file")?;
    let (length, rest) = match rest {
        [1, _, a, b, rest @ ..] => (usize::from(u16::from_le_bytes([*a, *b])), rest),
        [2 | 3, _, a, b, c, d, rest @ ..] => (u32::from_le_bytes([*a, *b, *c, *d]) as usize, rest),
        _ => return Err("unknown version of the .npy format".into()),
    };
    let (header, data) = rest.split_at_checked(length).ok_or("the header is truncated")?;
    let header = std::str::from_utf8(header).map_err(|_| "the header is not text")?;
    let descr = field(header, "descr")?.trim_matches(['\'', '"']).to_string();
    let fortran = match field(header, "fortran_order")? {
        "False" => false,
        "True" => true,
        other => return Err(format!("fortran_order is {other}")),
    };
    let shape = field(header, "shape")?.trim_start_matches('(').trim_end_matches(')');
    let shape = shape
        .split(',')
        .map(str::trim)
        .filter(|extent| !extent.is_empty())
        .map(|extent| extent.parse().map_err(|_| format!("extent {extent:?}")))
        .collect::<Result<Vec<usize>, _>>()?;
    let volume = shape.iter().try_fold(1usize, |n, &extent| n.checked_mul(extent));
    let volume = volume.ok_or("the shape is too large")?;
    let mut entries = entries(&descr, data)?;
    if entries.len() != volume {
        return Err(format!("shape {shape:?} needs {volume} entries, {} found", entries.len()));
    }
    if fortran {
        entries = row_major(&entries, &shape);
    }
    Ok(Array { shape, data: entries })
}

/// A value of the header, a Python dictionary.
fn field<'a>(header: &'a str, key: &str) -> Result<&'a str, String> {
    let missing = || format!("the header has no {key}");
    let (_, rest) = header.split_once(&format!("'{key}':")).ok_or_else(missing)?;
    let rest = rest.trim_start();
    let end =
        if rest.starts_with('(') { rest.find(')').map(|at| at + 1) } else { rest.find([',', '}']) };
    Ok(rest[..end.ok_or_else(missing)?].trim())
}

/// Entries of the given type, which must be exact in `f64`.
fn entries(descr: &str, data: &[u8]) -> Result<Vec<f64>, String> {
    macro_rules! read {
        ($ty:ty, $big:expr, $entry:expr) => {{
            const SIZE: usize = size_of::<$ty>();
            if !data.chunks_exact(SIZE).remainder().is_empty() {
                return Err("the data are truncated".into());
            }
            data.chunks_exact(SIZE)
                .map(|chunk| {
                    let mut bytes = [0; SIZE];
                    bytes.copy_from_slice(chunk);
                    let x = if $big {
                        <$ty>::from_be_bytes(bytes)
                    } else {
                        <$ty>::from_le_bytes(bytes)
                    };
                    $entry(x)
                })
                .collect()
        }};
    }
    let exact = |x: i128| {
        let fits = x.unsigned_abs() <= 1 << 53;
        fits.then_some(x as f64).ok_or_else(|| format!("the integer {x} exceeds 2^53"))
    };
    let big = descr.starts_with('>');
    match descr.trim_start_matches(['<', '>', '|', '=']) {
        "f8" => read!(f64, big, Ok),
        "f4" => read!(f32, big, |x| Ok(f64::from(x))),
        "f2" => read!(u16, big, |x| Ok(half(x))),
        "i8" => read!(i64, big, |x: i64| exact(x.into())),
        "u8" => read!(u64, big, |x: u64| exact(x.into())),
        "i4" => read!(i32, big, |x| Ok(f64::from(x))),
        "u4" => read!(u32, big, |x| Ok(f64::from(x))),
        "i2" => read!(i16, big, |x| Ok(f64::from(x))),
        "u2" => read!(u16, big, |x| Ok(f64::from(x))),
        "i1" => read!(i8, big, |x| Ok(f64::from(x))),
        "u1" => read!(u8, big, |x| Ok(f64::from(x))),
        "b1" => read!(u8, big, |x| match x {
            0 | 1 => Ok(f64::from(x)),
            x => Err(format!("{x} is not a boolean")),
        }),
        _ => Err(format!("element type {descr:?} is neither a float, an integer nor a boolean")),
    }
}

/// A 16-bit float.
fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, mantissa) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    sign * match exponent {
        0 => mantissa * 2f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + mantissa) * 2f64.powi(exponent - 25),
    }
}

/// Entries in row-major order, from column-major order.
fn row_major(entries: &[f64], shape: &[usize]) -> Vec<f64> {
    let mut index = vec![0; shape.len()];
    let mut strides = vec![1; shape.len()];
    for axis in 1..shape.len() {
        strides[axis] = strides[axis - 1] * shape[axis - 1];
    }
    let mut sorted = Vec::with_capacity(entries.len());
    for _ in 0..entries.len() {
        sorted.push(entries[index.iter().zip(&strides).map(|(i, s)| i * s).sum::<usize>()]);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            if index[axis] < shape[axis] {
                break;
            }
            index[axis] = 0;
        }
    }
    sorted
}

/// Largest file that is read from an archive.
const MAX_FILE: usize = 1 << 32;

/// Names and contents of the files of a zip archive, stored or deflated.
pub fn unzip(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, String> {
    // The end record: at least 22 bytes, and a comment of at most 2^16.
    let last = bytes.len().checked_sub(22).ok_or("not a zip archive")?;
    let end = (last.saturating_sub(1 << 16)..=last)
        .rev()
        .find(|&at| bytes[at..].starts_with(b"PK\x05\x06"))
        .ok_or("not a zip archive")?;
    let count = usize::from(number(bytes, end + 10, 2)? as u16);
    let mut at = number(bytes, end + 16, 4)? as usize;
    let mut files = Vec::with_capacity(count);
    for _ in 0..count {
        if !bytes.get(at..).is_some_and(|rest| rest.starts_with(b"PK\x01\x02")) {
            return Err("the directory of the archive is damaged".into());
        }
        let [method, crc, packed, size] =
            [(10, 2), (16, 4), (20, 4), (24, 4)].map(|(offset, n)| number(bytes, at + offset, n));
        let (packed, size) = (packed? as usize, size? as usize);
        let [name, extra, comment] = [28, 30, 32].map(|offset| number(bytes, at + offset, 2));
        let name = slice(bytes, at + 46, name? as usize)?;
        let name = String::from_utf8(name.to_vec()).map_err(|_| "a name is not text")?;
        let header = number(bytes, at + 42, 4)? as usize;
        let skip = number(bytes, header + 26, 2)? + number(bytes, header + 28, 2)?;
        if packed.max(size).max(header) == u32::MAX as usize {
            return Err(format!("{name}: archives beyond 4 GiB are not supported"));
        }
        let data = slice(bytes, header + 30 + skip as usize, packed)?;
        let data = match method? {
            0 => data.to_vec(),
            8 => miniz_oxide::inflate::decompress_to_vec_with_limit(data, size.min(MAX_FILE))
                .map_err(|_| format!("{name}: the compressed data are damaged"))?,
            method => return Err(format!("{name}: compression method {method}")),
        };
        if data.len() != size || u64::from(checksum(&data)) != crc? {
            return Err(format!("{name}: the data are damaged"));
        }
        at += 46 + name.len() + extra? as usize + comment? as usize;
        files.push((name, data));
    }
    Ok(files)
}

fn slice(bytes: &[u8], at: usize, length: usize) -> Result<&[u8], String> {
    at.checked_add(length)
        .and_then(|end| bytes.get(at..end))
        .ok_or_else(|| "the archive is truncated".into())
}

/// A little-endian number of `length` bytes.
fn number(bytes: &[u8], at: usize, length: usize) -> Result<u64, String> {
    let bytes = slice(bytes, at, length)?;
    Ok(bytes.iter().rev().fold(0, |n, &byte| n << 8 | u64::from(byte)))
}

/// CRC-32 of zip archives.
fn checksum(data: &[u8]) -> u32 {
    let step = |mut crc: u32, &byte: &u8| {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = crc >> 1 ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 };
        }
        crc
    };
    !data.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A `.npy` file.
    pub fn file(descr: &str, fortran: bool, shape: &str, data: &[u8]) -> Vec<u8> {
        let order = if fortran { "True" } else { "False" };
        let header =
            format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
        let mut bytes = MAGIC.to_vec();
        bytes.extend([1, 0]);
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn types_and_orders() {
        let data: Vec<u8> = [1i32, -2, 3, 4, 5, 6].iter().flat_map(|x| x.to_le_bytes()).collect();
        let rows = array(&file("<i4", false, "(2, 3)", &data)).unwrap();
        assert_eq!(rows, Array { shape: vec![2, 3], data: vec![1.0, -2.0, 3.0, 4.0, 5.0, 6.0] });
        let columns = array(&file("<i4", true, "(2, 3)", &data)).unwrap();
        assert_eq!(columns.data, [1.0, 3.0, 5.0, -2.0, 4.0, 6.0]);
        let scalar = array(&file(">f8", false, "()", &2.5f64.to_be_bytes())).unwrap();
        assert_eq!(scalar, Array { shape: vec![], data: vec![2.5] });
        let half = array(&file("<f2", false, "(3,)", &[0, 0x3c, 0, 0xc4, 1, 0])).unwrap();
        assert_eq!(half.data, [1.0, -4.0, 2f64.powi(-24)]);
        assert_eq!(array(&file("|b1", false, "(2,)", &[0, 1])).unwrap().data, [0.0, 1.0]);
    }

    #[test]
    fn errors_are_precise() {
        let bytes = file("<f4", false, "(2, 2)", &[0; 16]);
        for length in 0..bytes.len() {
            assert!(array(&bytes[..length]).is_err());
        }
        let part = |bytes: &[u8]| array(bytes).unwrap_err();
        assert!(part(&file("<f4", false, "(2, 3)", &[0; 16])).contains("needs 6 entries, 4 found"));
        assert!(part(&file("<c8", false, "(2,)", &[0; 16])).contains("<c8"));
        assert!(part(&file("|b1", false, "(1,)", &[2])).contains("not a boolean"));
        let big = (1i64 << 53) + 1;
        assert!(part(&file("<i8", false, "(1,)", &big.to_le_bytes())).contains("2^53"));
    }

    /// An archive of one file, as numpy writes it.
    fn archive(name: &str, data: &[u8], deflate: bool) -> Vec<u8> {
        let packed =
            if deflate { miniz_oxide::deflate::compress_to_vec(data, 6) } else { data.to_vec() };
        let mut fields = vec![20, 0, 0, 0, if deflate { 8 } else { 0 }, 0, 0, 0, 0, 0];
        fields.extend(checksum(data).to_le_bytes());
        fields.extend((packed.len() as u32).to_le_bytes());
        fields.extend((data.len() as u32).to_le_bytes());
        fields.extend((name.len() as u16).to_le_bytes());
        fields.extend([0, 0]);
        let mut bytes = [b"PK\x03\x04", &fields[..], name.as_bytes(), &packed].concat();
        let directory = bytes.len() as u32;
        let central = [b"PK\x01\x02\x14\x00", &fields[..], &[0; 14], name.as_bytes()].concat();
        bytes.extend(&central);
        bytes.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
        bytes.extend((central.len() as u32).to_le_bytes());
        bytes.extend(directory.to_le_bytes());
        bytes.extend([0, 0]);
        bytes
    }

    #[test]
    fn archives() {
        assert_eq!(checksum(b"123456789"), 0xCBF4_3926);
        let data = file("<f4", false, "(2, 2)", &[7; 16]);
        for deflate in [false, true] {
            let bytes = archive("x.npy", &data, deflate);
            let files = unzip(&bytes).unwrap();
            assert_eq!(files, [("x.npy".to_string(), data.clone())]);
            for length in 0..bytes.len() {
                assert!(unzip(&bytes[..length]).is_err());
            }
            for at in 0..bytes.len() {
                let mut flipped = bytes.clone();
                flipped[at] ^= 0x11;
                let _ = unzip(&flipped);
            }
        }
    }
}
