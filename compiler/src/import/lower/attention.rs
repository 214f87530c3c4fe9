//! Scaled dot-product attention and recurrent cells, in elementary operations.

use tract_onnx::tract_core::internal::TypedNode;
use tract_onnx::tract_core::ops::TypedOp;
use tract_onnx::tract_core::ops::lstm_cell::LstmEpilogue;
use tract_transformers::ops::scaled_masked_softmax::ScaledMaskedSoftmax;
use tract_transformers::ops::sdpa::Sdpa;

use super::{Lowered, Lowerer};
use crate::graph::{Array, Binary, DType, NodeId, Op, Unary};
use crate::import::tensor::array;

impl Lowerer<'_> {
    /// `None` if the operation is another one.
    pub(super) fn composite(&mut self, node: &TypedNode, op: &dyn TypedOp) -> Option<Lowered> {
        if let Some(op) = op.downcast_ref::<Sdpa>() {
            return Some(self.attention(node, op));
        }
        if let Some(op) = op.downcast_ref::<ScaledMaskedSoftmax>() {
            return Some(self.masked_softmax(node, op));
        }
        let op = op.downcast_ref::<LstmEpilogue>()?;
        Some(self.lstm(node, op.hidden))
    }

    /// `softmax(scale q k^T + mask) v`; each head of `k` and `v` serves a group of heads of `q`.
    fn attention(&mut self, node: &TypedNode, op: &Sdpa) -> Lowered {
        let (shape, dtype) = self.expected(&node.outputs[0].fact)?;
        let inputs = self.ids(&node.inputs)?;
        let hint = self.hint("heads");
        // Batch, heads of k, group, rows, columns.
        let heads = |builder: &crate::passes::rewrite::Builder, id: NodeId| match *builder.shape(id)
        {
            [b, m, d] => Ok([b, 1, m, d]),
            [b, h, m, d] => Ok([b, h, m, d]),
            _ => Err("operands of another rank"),
        };
        let [b, q_heads, m, d] = heads(&self.builder, inputs[0])?;
        let [_, k_heads, n, _] = heads(&self.builder, inputs[1])?;
        let [_, _, _, v_d] = heads(&self.builder, inputs[2])?;
        let group = q_heads / k_heads;
        let q = self.builder.reshape(&hint, inputs[0], vec![b, k_heads, group, m, d]);
        let k = self.builder.reshape(&hint, inputs[1], vec![b, k_heads, n, d]);
        let v = self.builder.reshape(&hint, inputs[2], vec![b, k_heads, n, v_d]);
        let full = vec![b, k_heads, group, m, n];
        let einsum =
            Op::Einsum { a: vec![0, 1, 2, 3, 5], b: vec![0, 1, 4, 5], out: vec![0, 1, 2, 3, 4] };
        let hint = self.hint("scores");
        let mut scores = self.builder.helper(&hint, einsum, vec![q, k], full.clone(), dtype);
        let scale = match &op.scale {
            Some(scale) => *array(scale)?.data.first().ok_or("no scale")?,
            None => 1.0 / (d as f64).sqrt(),
        };
        let scale = self.builder.scalar(&hint, scale, 5, dtype);
        let mul = Op::Binary(Binary::Mul);
        scores = self.builder.helper(&hint, mul, vec![scores, scale], full.clone(), dtype);
        let mask = match inputs.get(3) {
            Some(&mask) => Some(self.mask(mask, k_heads, group)?),
            None => op.is_causal.then(|| self.causal(m, n)),
        };
        if let Some(mask) = mask {
            scores = self.masked(scores, mask, &full)?;
        }
        let hint = self.hint("weights");
        let softmax = Op::Softmax { axes: vec![4], log: false };
        let weights = self.builder.helper(&hint, softmax, vec![scores], full, dtype);
        let einsum =
            Op::Einsum { a: vec![0, 1, 2, 3, 5], b: vec![0, 1, 5, 4], out: vec![0, 1, 2, 3, 4] };
        let result = vec![b, k_heads, group, m, v_d];
        let hint = self.node.clone();
        let out = self.builder.helper(&hint, einsum, vec![weights, v], result, dtype);
        Ok(vec![self.builder.reshape(&hint, out, shape)])
    }

    /// A mask with its heads in groups.
    fn mask(&mut self, mask: NodeId, heads: usize, group: usize) -> Result<NodeId, String> {
        let shape = match *self.builder.shape(mask) {
            [b, m, n] => vec![b, 1, 1, m, n],
            [b, 1, m, n] => vec![b, 1, 1, m, n],
            [b, _, m, n] => vec![b, heads, group, m, n],
            _ => return Err("a mask of another rank".into()),
        };
        let hint = self.hint("mask");
        Ok(self.builder.reshape(&hint, mask, shape))
    }

    /// Row `i` of `m` sees the columns up to `i + n - m`.
    fn causal(&mut self, m: usize, n: usize) -> NodeId {
        let entry = |at: usize| {
            let (row, column) = (at / n, at % n);
            if column + m > row + n { f64::from(f32::MIN) } else { 0.0 }
        };
        let data = (0..m * n).map(entry).collect();
        let hint = self.hint("causal");
        self.builder.constant(&hint, Array { shape: vec![1, 1, 1, m, n], data }, DType::Float)
    }

    /// Scores with a mask that is added, or that chooses.
    fn masked(&mut self, scores: NodeId, mask: NodeId, shape: &[usize]) -> Result<NodeId, String> {
        let hint = self.hint("masked");
        let (op, inputs) = match self.builder.dtype(mask) {
            DType::Float => (Op::Binary(Binary::Add), vec![scores, mask]),
            DType::Bool => {
                let low = f64::from(f32::MIN);
                let low = self.builder.scalar(&hint, low, shape.len(), DType::Float);
                (Op::Where, vec![mask, scores, low])
            }
            DType::Int => return Err("a mask of integers".into()),
        };
        Ok(self.builder.helper(&hint, op, inputs, shape.to_vec(), DType::Float))
    }

    /// `softmax(scale x + mask)` over the last axis.
    fn masked_softmax(&mut self, node: &TypedNode, op: &ScaledMaskedSoftmax) -> Lowered {
        if op.post_softmax_mask {
            return Err("a mask after the softmax".into());
        }
        let (shape, dtype) = self.expected(&node.outputs[0].fact)?;
        let inputs = self.ids(&node.inputs)?;
        let hint = self.hint("scaled");
        let scale = *array(&op.scale)?.data.first().ok_or("no scale")?;
        let scale = self.builder.scalar(&hint, scale, shape.len(), dtype);
        let mul = Op::Binary(Binary::Mul);
        let scaled = self.builder.helper(&hint, mul, vec![inputs[0], scale], shape.clone(), dtype);
        let masked = self.masked(scaled, inputs[1], &shape)?;
        self.emit(node, Op::Softmax { axes: vec![shape.len() - 1], log: false }, vec![masked])
    }

    /// Gates `i, o, f, c` of `h` entries each: `c' = f c + i g`, `h' = o tanh c'`, with the sigmoid
    /// of `i`, `o`, `f` and `g = tanh` of the fourth.
    fn lstm(&mut self, node: &TypedNode, hidden: usize) -> Lowered {
        let inputs = self.ids(&node.inputs)?;
        let (shape, dtype) = self.expected(&node.outputs[0].fact)?;
        let gates = self.builder.shape(inputs[0]).to_vec();
        let last = gates.len() - 1;
        if gates[..last] != shape[..last] || gates[last] != 4 * hidden {
            return Err(format!("gates of shape {gates:?} for a state of shape {shape:?}"));
        }
        let hint = self.hint("cell");
        let mut gate = |index: usize, unary: Unary| {
            let mut begin = vec![0; shape.len()];
            begin[last] = index * hidden;
            let slice = Op::Slice { begin, step: vec![1; shape.len()] };
            let part = self.builder.helper(&hint, slice, vec![inputs[0]], shape.clone(), dtype);
            self.builder.unary(&hint, unary, part)
        };
        let [i, o, f] = [0, 1, 2].map(|index| gate(index, Unary::Sigmoid));
        let g = gate(3, Unary::Tanh);
        let mut binary = |kind, a, b| {
            self.builder.helper(&hint, Op::Binary(kind), vec![a, b], shape.clone(), dtype)
        };
        let (kept, new) = (binary(Binary::Mul, f, inputs[1]), binary(Binary::Mul, i, g));
        let cell = binary(Binary::Add, kept, new);
        let tanh = self.builder.unary(&hint, Unary::Tanh, cell);
        let state =
            self.builder.helper(&hint, Op::Binary(Binary::Mul), vec![o, tanh], shape, dtype);
        Ok(vec![state, cell])
    }
}
