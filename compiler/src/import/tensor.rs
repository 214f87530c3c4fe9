//! Tensors of the front end to [`Array`] and back.

use tract_onnx::prelude::{DatumType, Tensor};
use tract_onnx::tract_hir::internal::TDim;

use crate::graph::{Array, DType};

/// Integers beyond this are not exact in `f64`.
const EXACT: i64 = 1 << 53;

/// Our element type, or `None` if there is none.
pub fn dtype(datum_type: DatumType) -> Option<DType> {
    match datum_type {
        DatumType::F16 | DatumType::F32 | DatumType::F64 => Some(DType::Float),
        DatumType::I8
        | DatumType::I16
        | DatumType::I32
        | DatumType::I64
        | DatumType::U8
        | DatumType::U16
        | DatumType::U32
        | DatumType::U64
        | DatumType::TDim => Some(DType::Int),
        DatumType::Bool => Some(DType::Bool),
        _ => None,
    }
}

/// Smallest and largest value of an integer type.
pub fn integer_range(datum_type: DatumType) -> Option<(i128, i128)> {
    Some(match datum_type {
        DatumType::I8 => (i8::MIN.into(), i8::MAX.into()),
        DatumType::I16 => (i16::MIN.into(), i16::MAX.into()),
        DatumType::I32 => (i32::MIN.into(), i32::MAX.into()),
        DatumType::I64 | DatumType::TDim => (i64::MIN.into(), i64::MAX.into()),
        DatumType::U8 => (0, u8::MAX.into()),
        DatumType::U16 => (0, u16::MAX.into()),
        DatumType::U32 => (0, u32::MAX.into()),
        DatumType::U64 => (0, u64::MAX.into()),
        _ => return None,
    })
}

/// Name of an element type for messages.
pub fn type_name(datum_type: DatumType) -> String {
    format!("{datum_type:?}").to_lowercase()
}

/// Entries of a tensor, exactly.
pub fn array(tensor: &Tensor) -> Result<Array, String> {
    let shape = tensor.shape().to_vec();
    let text = |error: &dyn std::fmt::Display| format!("{error:#}");
    let kind = tensor.datum_type();
    let data = match dtype(kind).ok_or_else(|| format!("element type {}", type_name(kind)))? {
        DType::Float => {
            let cast = tensor.cast_to::<f64>().map_err(|e| text(&e))?;
            let plain = cast.try_as_plain_ram().map_err(|e| text(&e))?;
            plain.as_slice::<f64>().map_err(|e| text(&e))?.to_vec()
        }
        DType::Bool => {
            let plain = tensor.try_as_plain_ram().map_err(|e| text(&e))?;
            let entries = plain.as_slice::<bool>().map_err(|e| text(&e))?;
            entries.iter().map(|&b| f64::from(u8::from(b))).collect()
        }
        DType::Int => {
            if kind == DatumType::U64 {
                let plain = tensor.try_as_plain_ram().map_err(|e| text(&e))?;
                let entries = plain.as_slice::<u64>().map_err(|e| text(&e))?;
                if let Some(entry) = entries.iter().find(|&&e| e > EXACT as u64) {
                    return Err(format!("the integer {entry} exceeds 2^53"));
                }
            }
            integers(tensor)?.into_iter().map(exact).collect::<Result<_, _>>()?
        }
    };
    Ok(Array { shape, data })
}

/// The integer as `f64`. The ends of `i64` mean infinity in slices and clips, and are exact too.
fn exact(entry: i64) -> Result<f64, String> {
    if (-EXACT..=EXACT).contains(&entry) || entry == i64::MIN || entry == i64::MAX {
        Ok(entry as f64)
    } else {
        Err(format!("the integer {entry} exceeds 2^53"))
    }
}

/// Entries of an integer tensor.
pub fn integers(tensor: &Tensor) -> Result<Vec<i64>, String> {
    let text = |error: &dyn std::fmt::Display| format!("{error:#}");
    if tensor.datum_type() == DatumType::TDim {
        let plain = tensor.try_as_plain_ram().map_err(|e| text(&e))?;
        let dims = plain.as_slice::<TDim>().map_err(|e| text(&e))?;
        return dims.iter().map(|dim| dim.to_i64().map_err(|e| text(&e))).collect();
    }
    let cast = tensor.cast_to::<i64>().map_err(|e| text(&e))?;
    let plain = cast.try_as_plain_ram().map_err(|e| text(&e))?;
    Ok(plain.as_slice::<i64>().map_err(|e| text(&e))?.to_vec())
}

/// `0, 1, 2, ..` from `start` on.
pub fn counting(start: i64, shape: &[usize]) -> Result<Tensor, String> {
    let volume: usize = shape.iter().product();
    let entries: Vec<i64> = (start..).take(volume).collect();
    Tensor::from_shape(shape, &entries).map_err(|error| format!("{error:#}"))
}

/// The array as a tensor of a given element type.
pub fn tensor(array: &Array, datum_type: DatumType) -> Result<Tensor, String> {
    let text = |error: &dyn std::fmt::Display| format!("{error:#}");
    match dtype(datum_type) {
        Some(DType::Bool) => {
            let entries: Vec<bool> = array.data.iter().map(|&x| x != 0.0).collect();
            Tensor::from_shape(&array.shape, &entries).map_err(|e| text(&e))
        }
        Some(DType::Int) => {
            let entries: Vec<i64> = array.data.iter().map(|&x| x as i64).collect();
            let tensor = Tensor::from_shape(&array.shape, &entries).map_err(|e| text(&e))?;
            Ok(tensor.cast_to_dt(datum_type).map_err(|e| text(&e))?.into_owned())
        }
        Some(DType::Float) => {
            let tensor = Tensor::from_shape(&array.shape, &array.data).map_err(|e| text(&e))?;
            Ok(tensor.cast_to_dt(datum_type).map_err(|e| text(&e))?.into_owned())
        }
        None => Err(format!("element type {}", type_name(datum_type))),
    }
}
