//! Convolutions and pooling.

use tract_onnx::tract_core::internal::TypedNode;
use tract_onnx::tract_core::ops::cnn::{
    Conv, KernelFormat, MaxPool, PaddingSpec, PoolSpec, SumPool,
};
use tract_onnx::tract_core::ops::nn::DataFormat;

use super::{Lowered, Lowerer};
use crate::graph::{Binary, DType, NodeId, Op, PadMode, Window};

impl Lowerer<'_> {
    pub(super) fn conv(&mut self, node: &TypedNode, op: &Conv) -> Lowered {
        if op.q_params.is_some() {
            return Err("quantised convolution".into());
        }
        if op.kernel_fmt != KernelFormat::OIHW {
            return Err(format!("kernel layout {:?}", op.kernel_fmt));
        }
        let mut inputs = self.ids(&node.inputs[..2])?;
        let window = self.window(&op.pool_spec, inputs[0])?;
        if let Some(&bias) = node.inputs.get(2) {
            let bias = self.id(bias)?;
            inputs.extend(self.bias(bias, op.pool_spec.output_channels));
        }
        self.emit(node, Op::Conv { window, groups: op.group }, inputs)
    }

    /// The bias as one number a channel, or nothing if it is zero.
    pub(super) fn bias(&mut self, bias: NodeId, channels: usize) -> Option<NodeId> {
        if self.builder.constant_of(bias).is_some_and(|a| a.data.iter().all(|&x| x == 0.0)) {
            return None;
        }
        let hint = self.hint("bias");
        if self.builder.shape(bias).iter().product::<usize>() == channels {
            return Some(self.builder.reshape(&hint, bias, vec![channels]));
        }
        let dtype = self.builder.dtype(bias);
        Some(self.builder.helper(&hint, Op::Expand, vec![bias], vec![channels], dtype))
    }

    pub(super) fn max_pool(&mut self, node: &TypedNode, op: &MaxPool) -> Lowered {
        if op.with_index_outputs.is_some() {
            return Err("the indices of the maxima are an output".into());
        }
        let input = self.id(node.inputs[0])?;
        let window = self.window(&op.pool_spec, input)?;
        self.emit(node, Op::MaxPool(window), vec![input])
    }

    pub(super) fn sum_pool(&mut self, node: &TypedNode, op: &SumPool) -> Lowered {
        let input = self.id(node.inputs[0])?;
        let window = self.window(&op.pool_spec, input)?;
        let volume: usize = window.kernel.iter().product();
        if op.normalize
            && op.count_include_pad
            && let PaddingSpec::ExplicitOnnxPool(before, after, true) = &op.pool_spec.padding
        {
            return self.padded_mean(node, input, window, before, after);
        }
        if op.normalize {
            let count_padding = op.count_include_pad;
            return self.emit(node, Op::AvgPool { window, count_padding }, vec![input]);
        }
        let (shape, dtype) = self.expected(&node.outputs[0].fact)?;
        let hint = self.hint("mean");
        let rank = shape.len();
        let mean = Op::AvgPool { window, count_padding: true };
        let mean = self.builder.helper(&hint, mean, vec![input], shape, dtype);
        let volume = self.builder.scalar(&hint, volume as f64, rank, DType::Float);
        self.emit(node, Op::Binary(Binary::Mul), vec![mean, volume])
    }

    /// A mean that counts the padding, but not what lies behind it where the last window begins
    /// inside and ends outside: the padding becomes entries, and those are counted.
    fn padded_mean(
        &mut self,
        node: &TypedNode,
        input: NodeId,
        window: Window,
        before: &[usize],
        after: &[usize],
    ) -> Lowered {
        let mut shape = self.builder.shape(input).to_vec();
        for (extent, (before, after)) in shape[2..].iter_mut().zip(before.iter().zip(after)) {
            *extent += before + after;
        }
        let (hint, dtype) = (self.hint("padded"), self.builder.dtype(input));
        let before = [&[0, 0], before].concat();
        let pad = Op::Pad { before, mode: PadMode::Constant(0.0) };
        let padded = self.builder.helper(&hint, pad, vec![input], shape, dtype);
        let window = Window { pad_before: vec![0; window.kernel.len()], ..window };
        self.emit(node, Op::AvgPool { window, count_padding: false }, vec![padded])
    }

    /// The window of a pool over `[N, C, spatial..]`.
    fn window(&self, spec: &PoolSpec, input: NodeId) -> Result<Window, String> {
        if spec.data_format != DataFormat::NCHW {
            return Err(format!("data layout {:?}", spec.data_format));
        }
        let spatial = &self.builder.shape(input)[2..];
        let pad_before = spec.computed_padding(spatial).iter().map(|dim| dim.pad_before).collect();
        Ok(Window {
            kernel: spec.kernel_shape.to_vec(),
            stride: spec.strides().to_vec(),
            dilation: spec.dilations().to_vec(),
            pad_before,
        })
    }
}
