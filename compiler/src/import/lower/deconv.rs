//! Transposed convolution: zeros between the entries, then a convolution with the flipped kernel.

use tract_onnx::tract_core::internal::TypedNode;
use tract_onnx::tract_core::ops::cnn::{Deconv, KernelFormat};
use tract_onnx::tract_core::ops::nn::DataFormat;

use super::{Lowered, Lowerer};
use crate::graph::{NodeId, Op, PadMode, Window};

impl Lowerer<'_> {
    pub(super) fn deconv(&mut self, node: &TypedNode, op: &Deconv) -> Lowered {
        let spec = &op.pool_spec;
        if spec.data_format != DataFormat::NCHW || op.kernel_format != KernelFormat::OIHW {
            return Err(format!("layout {:?}, {:?}", spec.data_format, op.kernel_format));
        }
        let (shape, _) = self.expected(&node.outputs[0].fact)?;
        let (input, kernel) = (self.id(node.inputs[0])?, self.id(node.inputs[1])?);
        let (strides, dilations) = (spec.strides().to_vec(), spec.dilations().to_vec());
        let spatial = self.builder.shape(input)[2..].to_vec();
        let padding = spec
            .padding
            .compute_for_deconv(&spatial, &spec.kernel_shape, &dilations, &strides, &op.adjustments)
            .map_err(|error| format!("{error:#}"))?;
        let spread = self.spread(input, &strides);
        // Output `o` reads input `(o + pad - tap * dilation) / stride`; in the spread input with
        // `field - 1 - pad` zeros before it, this is a convolution with the flipped kernel.
        let mut pad_before = Vec::new();
        let mut begin = vec![0; shape.len()];
        for (axis, dim) in padding.iter().enumerate() {
            let field = (spec.kernel_shape[axis] - 1) * dilations[axis];
            pad_before.push(field.saturating_sub(dim.pad_before));
            begin[axis + 2] = dim.pad_before.saturating_sub(field);
        }
        let spread = self.cut(spread, begin);
        let weights = self.flipped(kernel);
        let window = Window {
            kernel: spec.kernel_shape.to_vec(),
            stride: vec![1; spatial.len()],
            dilation: dilations,
            pad_before,
        };
        let mut inputs = vec![spread, weights];
        if let Some(&bias) = node.inputs.get(2) {
            let bias = self.id(bias)?;
            inputs.extend(self.bias(bias, shape[1]));
        }
        self.emit(node, Op::Conv { window, groups: op.group }, inputs)
    }

    /// Zeros between the entries: `stride - 1` of them.
    fn spread(&mut self, input: NodeId, strides: &[usize]) -> NodeId {
        let mut id = input;
        for (dimension, &stride) in strides.iter().enumerate() {
            if stride == 1 {
                continue;
            }
            let (axis, hint) = (dimension + 2, self.hint("spread"));
            let shape = self.builder.shape(id).to_vec();
            let mut columns = shape.clone();
            columns.insert(axis + 1, 1);
            id = self.builder.reshape(&hint, id, columns.clone());
            columns[axis + 1] = stride;
            let before = vec![0; columns.len()];
            let pad = Op::Pad { before, mode: PadMode::Constant(0.0) };
            let dtype = self.builder.dtype(id);
            id = self.builder.helper(&hint, pad, vec![id], columns, dtype);
            let mut merged = shape;
            merged[axis] *= stride;
            id = self.builder.reshape(&hint, id, merged.clone());
            merged[axis] -= stride - 1;
            let (begin, step) = (vec![0; merged.len()], vec![1; merged.len()]);
            id = self.builder.helper(&hint, Op::Slice { begin, step }, vec![id], merged, dtype);
        }
        id
    }

    /// Drops the first `begin` entries of each dimension.
    fn cut(&mut self, input: NodeId, begin: Vec<usize>) -> NodeId {
        if begin.iter().all(|&b| b == 0) {
            return input;
        }
        let (hint, dtype) = (self.hint("cut"), self.builder.dtype(input));
        let shape = self.builder.shape(input).iter().zip(&begin).map(|(n, b)| n - b).collect();
        let step = vec![1; begin.len()];
        self.builder.helper(&hint, Op::Slice { begin, step }, vec![input], shape, dtype)
    }

    /// The kernel, `[O, I / g, k..]` with the output channels first, with its taps in reverse order.
    fn flipped(&mut self, kernel: NodeId) -> NodeId {
        let shape = self.builder.shape(kernel).to_vec();
        let begin = shape.iter().enumerate().map(|(i, &n)| if i < 2 { 0 } else { n - 1 }).collect();
        let step = (0..shape.len()).map(|i| if i < 2 { 1 } else { -1 }).collect();
        let (hint, dtype) = (self.hint("flipped"), self.builder.dtype(kernel));
        self.builder.helper(&hint, Op::Slice { begin, step }, vec![kernel], shape, dtype)
    }
}
