//! Operations on axes: permutations, reshapes, concatenation, padding, gathering.

use tract_onnx::tract_core::internal::TypedNode;
use tract_onnx::tract_core::ops::array::{CumSum, Gather, OneHot, Pad, PadMode as TractPad};
use tract_onnx::tract_hir::internal::AxisOp;

use super::{Lowered, Lowerer};
use crate::graph::{Array, Binary, DType, Op, PadMode, Reduce};
use crate::import::tensor::{array, integers};

impl Lowerer<'_> {
    pub(super) fn axis_op(&mut self, node: &TypedNode, op: &AxisOp) -> Lowered {
        let input = self.id(node.inputs[0])?;
        match op {
            AxisOp::Add(_) | AxisOp::Rm(_) | AxisOp::Reshape(..) => {
                self.emit(node, Op::Reshape, vec![input])
            }
            AxisOp::Move(from, to) => {
                let mut perm: Vec<usize> = (0..self.builder.shape(input).len()).collect();
                let axis = perm.remove(*from);
                perm.insert(*to, axis);
                self.emit(node, Op::Transpose { perm }, vec![input])
            }
        }
    }

    pub(super) fn concat(&mut self, node: &TypedNode, axis: usize) -> Lowered {
        let inputs = self.ids(&node.inputs)?;
        let inputs: Vec<_> =
            inputs.into_iter().filter(|&id| !self.builder.shape(id).contains(&0)).collect();
        match inputs[..] {
            [single] => Ok(vec![single]),
            _ => self.emit(node, Op::Concat { axis }, inputs),
        }
    }

    pub(super) fn pad(&mut self, node: &TypedNode, op: &Pad) -> Lowered {
        let mode = match &op.mode {
            TractPad::Constant(value) => {
                let value = array(value)?;
                PadMode::Constant(*value.data.first().ok_or("padding without a value")?)
            }
            TractPad::Reflect => PadMode::Reflect,
            TractPad::Edge => PadMode::Edge,
        };
        let before = op.pads.iter().map(|&(before, _)| before).collect();
        self.same_op(node, Op::Pad { before, mode }, &node.inputs[..1])
    }

    /// Constant indices are made positive; others must be, which the bounds of the input ensure.
    pub(super) fn gather(&mut self, node: &TypedNode, op: &Gather) -> Lowered {
        if op.output_type.is_some() {
            return Err("compressed table".into());
        }
        let data = self.id(node.inputs[0])?;
        let extent = self.builder.shape(data)[op.axis] as i64;
        let indices = match self.konst(node.inputs[1]).cloned() {
            Some(tensor) => {
                let data = integers(&tensor)?
                    .into_iter()
                    .map(|index| {
                        let positive = if index < 0 { index + extent } else { index };
                        ((0..extent).contains(&positive))
                            .then_some(positive as f64)
                            .ok_or_else(|| format!("index {index} of {extent}"))
                    })
                    .collect::<Result<_, _>>()?;
                let array = Array { shape: tensor.shape().to_vec(), data };
                let hint = self.hint("indices");
                self.builder.constant(&hint, array, DType::Int)
            }
            None => self.id(node.inputs[1])?,
        };
        self.emit(node, Op::Gather { axis: op.axis }, vec![data, indices])
    }

    /// `where(x == iota, on, off)`; a negative index counts from the end.
    pub(super) fn one_hot(&mut self, node: &TypedNode, op: &OneHot) -> Lowered {
        let (shape, dtype) = self.expected(&node.outputs[0].fact)?;
        let input = self.id(node.inputs[0])?;
        let mut extended = self.builder.shape(input).to_vec();
        extended.insert(op.axis, 1);
        let rank = shape.len();
        let hint = self.hint("hot");
        let x = self.builder.reshape(&hint, input, extended);
        let mut row = vec![1; rank];
        row[op.axis] = op.dim;
        let mut equals = |offset: f64| {
            let data = (0..op.dim).map(|i| i as f64 + offset).collect();
            let iota = Array { shape: row.clone(), data };
            let iota = self.builder.constant(&hint, iota, DType::Int);
            let op = Op::Binary(Binary::Equal);
            self.builder.helper(&hint, op, vec![x, iota], shape.clone(), DType::Bool)
        };
        let (positive, negative) = (equals(0.0), equals(-(op.dim as f64)));
        let either = Op::Binary(Binary::Or);
        let hot = self.builder.helper(&hint, either, vec![positive, negative], shape, DType::Bool);
        let (on, off) = (array(&op.on)?.data[0], array(&op.off)?.data[0]);
        let on = self.builder.scalar(&hint, on, rank, dtype);
        let off = self.builder.scalar(&hint, off, rank, dtype);
        self.emit(node, Op::Where, vec![hot, on, off])
    }

    /// A product with a triangle of ones.
    pub(super) fn cum_sum(&mut self, node: &TypedNode, op: &CumSum) -> Lowered {
        let input = self.id(node.inputs[0])?;
        let (shape, dtype) = self.expected(&node.outputs[0].fact)?;
        let n = shape[op.axis];
        let entry = |from: usize, to: usize| {
            let (from, to) = if op.reverse { (to, from) } else { (from, to) };
            f64::from(u8::from(from < to || (!op.exclusive && from == to)))
        };
        let data = (0..n * n).map(|i| entry(i / n, i % n)).collect();
        let hint = self.hint("triangle");
        let triangle = self.builder.constant(&hint, Array { shape: vec![n, n], data }, dtype);
        let a: Vec<u8> = (0..shape.len() as u8).collect();
        let (from, to) = (op.axis as u8, shape.len() as u8);
        let out = a.iter().map(|&label| if label == from { to } else { label }).collect();
        self.emit(node, Op::Einsum { a, b: vec![from, to], out }, vec![input, triangle])
    }

    /// Local response normalisation: `x / (bias + alpha / size * sum x^2)^beta`, the sum over a
    /// window of channels being a product with a band of ones.
    pub(super) fn local_response(
        &mut self,
        node: &TypedNode,
        op: &dyn tract_onnx::tract_core::ops::TypedOp,
    ) -> Option<Lowered> {
        use crate::graph::Unary;
        let op = op.downcast_ref::<tract_onnx_opl::lrn::Lrn>()?;
        Some((|| {
            let input = self.id(node.inputs[0])?;
            let (shape, dtype) = self.expected(&node.outputs[0].fact)?;
            let (channels, rank) = (shape[1], shape.len());
            let (below, above) = ((op.size - 1) / 2, op.size / 2);
            let scale = f64::from(op.alpha) / op.size as f64;
            let band = |i: usize| {
                let (from, to) = (i / channels, i % channels);
                if from + below >= to && from <= to + above { scale } else { 0.0 }
            };
            let data = (0..channels * channels).map(band).collect();
            let hint = self.hint("sum");
            let band = Array { shape: vec![channels, channels], data };
            let band = self.builder.constant(&hint, band, dtype);
            let square = self.builder.unary(&hint, Unary::Square, input);
            let a: Vec<u8> = (0..rank as u8).collect();
            let mut out = a.clone();
            out[1] = rank as u8;
            let einsum = Op::Einsum { a, b: vec![1, rank as u8], out };
            let inputs = vec![square, band];
            let sum = self.builder.helper(&hint, einsum, inputs, shape.clone(), dtype);
            let bias = self.builder.scalar(&hint, f64::from(op.bias), rank, dtype);
            let add = Op::Binary(Binary::Add);
            let sum = self.builder.helper(&hint, add, vec![sum, bias], shape.clone(), dtype);
            let beta = self.builder.scalar(&hint, f64::from(op.beta), rank, dtype);
            let pow = Op::Binary(Binary::Pow);
            let power = self.builder.helper(&hint, pow, vec![sum, beta], shape, dtype);
            self.emit(node, Op::Binary(Binary::Div), vec![input, power])
        })())
    }

    /// Sum over axes of one operand, then a permutation: an einsum of one operand.
    pub(super) fn sum_and_permute(
        &mut self,
        input: usize,
        labels: &[u8],
        out: &[u8],
    ) -> Result<usize, String> {
        let hint = self.hint("sum");
        let axes: Vec<usize> =
            (0..labels.len()).filter(|&axis| !out.contains(&labels[axis])).collect();
        let kept: Vec<u8> = labels.iter().copied().filter(|label| out.contains(label)).collect();
        let mut id = input;
        if !axes.is_empty() {
            id = self.builder.reduce(&hint, Reduce::Sum, id, axes);
            let extents: Vec<usize> = (0..labels.len())
                .filter(|&axis| out.contains(&labels[axis]))
                .map(|axis| self.builder.shape(id)[axis])
                .collect();
            id = self.builder.reshape(&hint, id, extents);
        }
        let perm = out
            .iter()
            .map(|label| kept.iter().position(|k| k == label).ok_or("an axis without an operand"))
            .collect::<Result<_, _>>()?;
        Ok(self.builder.transpose(&hint, id, perm))
    }
}
