//! Reductions, softmax and norms.

use tract_onnx::tract_core::internal::TypedNode;
use tract_onnx::tract_core::ops::nn::{
    Reduce as TractReduce, Reducer, RmsNorm, Softmax, SoftmaxKind,
};

use super::{Lowered, Lowerer};
use crate::graph::{DType, Op, Reduce, Unary};
use crate::import::tensor::array;

impl Lowerer<'_> {
    pub(super) fn reduce(&mut self, node: &TypedNode, op: &TractReduce) -> Lowered {
        let mut input = self.id(node.inputs[0])?;
        let kind = match (op.reducer, self.builder.dtype(input)) {
            (Reducer::ArgMax(false), _) => Reduce::ArgMax,
            (Reducer::ArgMin(false), _) => Reduce::ArgMin,
            (Reducer::ArgMax(true) | Reducer::ArgMin(true), _) => {
                return self.last_index(node, op);
            }
            (Reducer::Max, _) | (Reducer::Any, DType::Bool) => Reduce::Max,
            (Reducer::Min, _) | (Reducer::All, DType::Bool) => Reduce::Min,
            (Reducer::Prod, _) => Reduce::Prod,
            (Reducer::Sum, _) => Reduce::Sum,
            (Reducer::MeanOfSquares, DType::Float) => {
                let hint = self.hint("square");
                input = self.builder.unary(&hint, Unary::Square, input);
                Reduce::Mean
            }
            (reducer, dtype) => return Err(format!("{reducer:?} of {dtype:?}")),
        };
        if op.axes.is_empty() {
            return match kind {
                Reduce::ArgMax | Reduce::ArgMin => Err("no axis".into()),
                _ => Ok(vec![input]),
            };
        }
        self.emit(node, Op::Reduce { kind, axes: op.axes.to_vec(), keep: true }, vec![input])
    }

    /// The last of several equal extremes: the first one of the reversed tensor.
    fn last_index(&mut self, node: &TypedNode, op: &TractReduce) -> Lowered {
        use crate::graph::Binary;
        let [axis] = op.axes[..] else { return Err("several axes".into()) };
        let input = self.id(node.inputs[0])?;
        let (shape, dtype) = (self.builder.shape(input).to_vec(), self.builder.dtype(input));
        let mut begin = vec![0; shape.len()];
        let mut step = vec![1; shape.len()];
        (begin[axis], step[axis]) = (shape[axis] - 1, -1);
        let hint = self.hint("reversed");
        let last = begin[axis] as f64;
        let slice = Op::Slice { begin, step };
        let reversed = self.builder.helper(&hint, slice, vec![input], shape.clone(), dtype);
        let arg_max = matches!(op.reducer, Reducer::ArgMax(_));
        let kind = if arg_max { Reduce::ArgMax } else { Reduce::ArgMin };
        let (reduced, _) = self.expected(&node.outputs[0].fact)?;
        let reduce = Op::Reduce { kind, axes: vec![axis], keep: true };
        let index = self.builder.helper(&hint, reduce, vec![reversed], reduced, DType::Int);
        let last = self.builder.scalar(&hint, last, shape.len(), DType::Int);
        self.emit(node, Op::Binary(Binary::Sub), vec![last, index])
    }

    pub(super) fn softmax(&mut self, node: &TypedNode, op: &Softmax) -> Lowered {
        if op.quant_output_dt.is_some() {
            return Err("quantised softmax".into());
        }
        let log = match op.kind {
            SoftmaxKind::Softmax => false,
            SoftmaxKind::LogSoftmax => true,
        };
        let mut axes = op.axes.to_vec();
        axes.sort_unstable();
        self.same_op(node, Op::Softmax { axes, log }, &node.inputs)
    }

    pub(super) fn rms_norm(&mut self, node: &TypedNode, op: &RmsNorm) -> Lowered {
        let epsilon = *array(&op.eps)?.data.first().ok_or("no epsilon")?;
        self.same_op(node, Op::RmsNorm { axes: vec![op.axis], epsilon }, &node.inputs)
    }
}
