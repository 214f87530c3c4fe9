//! Operations that only move entries: the front end moves the numbers of the entries, and where
//! they end up is the operation.

use tract_onnx::prelude::Tensor;
use tract_onnx::tract_core::internal::{TVec, TypedNode, tvec};
use tract_onnx::tract_core::ops::TypedOp;
use tract_onnx::tract_core::ops::array::{
    GatherElements, GatherNd, ScatterElements, ScatterNd, ScatterReduction, Slice, StridedSlice,
    Trilu,
};
use tract_onnx::tract_core::ops::downsample::Downsample;
use tract_onnx::tract_core::ops::nn::resize::NearestUpsample;

use super::{Lowered, Lowerer};
use crate::graph::{Array, DType, NodeId, Op};
use crate::import::tensor::{counting, integers};

impl Lowerer<'_> {
    /// `None` if the operation is not one of those.
    pub(super) fn movement(&mut self, node: &TypedNode, op: &dyn TypedOp) -> Option<Lowered> {
        let moved = |n: usize| -> Option<Vec<usize>> { Some((0..n).collect()) };
        let operands = if op.is::<Slice>()
            || op.is::<Downsample>()
            || op.is::<NearestUpsample>()
            || op.is::<StridedSlice>()
            || op.is::<GatherNd>()
            || op.is::<GatherElements>()
            || op.is::<Trilu>()
        {
            moved(1)?
        } else if let Some(op) = op.downcast_ref::<ScatterElements>() {
            (op.reduction == ScatterReduction::None).then(|| vec![0, 2])?
        } else if let Some(op) = op.downcast_ref::<ScatterNd>() {
            (op.reduction == ScatterReduction::None).then(|| vec![0, 2])?
        } else {
            return None;
        };
        Some(self.probe(node, op, &operands))
    }

    /// Numbers the entries of the operands at `moved` from one on (zero is what the operation
    /// itself puts in), runs it, and gathers accordingly.
    fn probe(&mut self, node: &TypedNode, op: &dyn TypedOp, moved: &[usize]) -> Lowered {
        let mut inputs: TVec<Tensor> = tvec!();
        let mut start = 1;
        for (slot, &outlet) in node.inputs.iter().enumerate() {
            if moved.contains(&slot) {
                let shape = self.shape(outlet)?;
                inputs.push(counting(start, &shape)?);
                start += shape.iter().product::<usize>() as i64;
            } else {
                let tensor = self.konst(outlet).ok_or("where entries go depends on the input")?;
                inputs.push(Tensor::clone(tensor));
            }
        }
        let result = self.evaluate(op, inputs)?;
        let numbers = integers(result.first().ok_or("no result")?)?;
        let sources: Vec<NodeId> =
            moved.iter().map(|&slot| self.id(node.inputs[slot])).collect::<Result<_, _>>()?;
        let (shape, dtype) = self.expected(&node.outputs[0].fact)?;
        if let [source] = sources[..]
            && let Some((begin, step)) = slice(self.builder.shape(source), &shape, &numbers)
        {
            return self.emit(node, Op::Slice { begin, step }, vec![source]);
        }
        let hint = self.hint("entries");
        let mut parts = Vec::new();
        for &source in &sources {
            let volume = self.builder.shape(source).iter().product();
            parts.push(self.builder.reshape(&hint, source, vec![volume]));
        }
        if numbers.contains(&0) {
            parts.push(self.builder.scalar(&hint, 0.0, 1, dtype));
        }
        let volume: usize = parts.iter().map(|&part| self.builder.shape(part)[0]).sum();
        let entries = match parts[..] {
            [single] => single,
            _ => self.builder.helper(&hint, Op::Concat { axis: 0 }, parts, vec![volume], dtype),
        };
        let last = volume as f64 - 1.0;
        let data = numbers.iter().map(|&n| if n == 0 { last } else { n as f64 - 1.0 }).collect();
        let hint = self.hint("indices");
        let indices = self.builder.constant(&hint, Array { shape, data }, DType::Int);
        self.emit(node, Op::Gather { axis: 0 }, vec![entries, indices])
    }
}

/// Whether entries numbered from one on were taken at regular distances in each dimension.
fn slice(from: &[usize], to: &[usize], numbers: &[i64]) -> Option<(Vec<usize>, Vec<isize>)> {
    if from.len() != to.len() || numbers.is_empty() {
        return None;
    }
    let coordinates = |number: i64| {
        let mut rest = usize::try_from(number - 1).ok()?;
        let mut coordinates = vec![0; from.len()];
        for axis in (0..from.len()).rev() {
            coordinates[axis] = rest % from[axis];
            rest /= from[axis];
        }
        Some(coordinates)
    };
    let begin = coordinates(numbers[0])?;
    let mut step = vec![1isize; from.len()];
    let mut stride = 1;
    for axis in (0..to.len()).rev() {
        if to[axis] > 1 {
            let next = coordinates(numbers[stride])?;
            step[axis] = next[axis] as isize - begin[axis] as isize;
        }
        stride *= to[axis];
    }
    let mut index = vec![0usize; to.len()];
    for &number in numbers {
        let expected = index.iter().zip(&begin).zip(&step);
        let expected = expected.map(|((&i, &b), &s)| b as isize + i as isize * s);
        if !coordinates(number)?.iter().map(|&c| c as isize).eq(expected) {
            return None;
        }
        for axis in (0..to.len()).rev() {
            index[axis] += 1;
            if index[axis] < to[axis] {
                break;
            }
            index[axis] = 0;
        }
    }
    Some((begin, step))
}
