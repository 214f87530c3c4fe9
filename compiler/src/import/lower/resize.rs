//! Resampling to a constant size: a product with a constant matrix for each axis.

use tract_onnx::prelude::Tensor;
use tract_onnx::tract_core::internal::{TypedNode, tvec};
use tract_onnx::tract_core::ops::TypedOp;
use tract_onnx::tract_core::ops::nn::resize::Resize as CoreResize;
use tract_onnx_opl::resize::Resize as OnnxResize;

use super::{Lowered, Lowerer};
use crate::graph::{Array, DType, NodeId, Op};
use crate::import::tensor::array;

impl Lowerer<'_> {
    /// `None` if the operation is another one.
    pub(super) fn resize(&mut self, node: &TypedNode, op: &dyn TypedOp) -> Option<Lowered> {
        if !op.is::<CoreResize>() && !op.is::<OnnxResize>() {
            return None;
        }
        Some(self.resample(node, op))
    }

    /// Resampling acts on each axis by itself and is linear there up to an extrapolation value,
    /// so what it does to one axis is what it does to a unit vector that is constant in the other
    /// axes, minus what it does to zero. That it is separable is checked on the whole.
    fn resample(&mut self, node: &TypedNode, op: &dyn TypedOp) -> Lowered {
        let mut id = self.id(node.inputs[0])?;
        let from = self.builder.shape(id).to_vec();
        let (to, dtype) = self.expected(&node.outputs[0].fact)?;
        let zero = self.apply(node, op, &from, |_| 0.0)?;
        if zero.data.iter().any(|&x| x != 0.0) {
            return Err("an extrapolation value other than zero".into());
        }
        // Entries without a pattern, for the check that the axes are independent.
        let noise = |at: usize| ((at * 7919 + 13) % 101) as f64 / 101.0 - 0.5;
        let mut simulated =
            Array { shape: from.clone(), data: (0..from.iter().product()).map(noise).collect() };
        for axis in 0..from.len() {
            if from[axis] == to[axis] && self.keeps(node, op, &from, &to, axis)? {
                continue;
            }
            let (n, m) = (from[axis], to[axis]);
            let matrix =
                Array { shape: vec![n, m], data: self.axis_matrix(node, op, &from, &to, axis)? };
            simulated = multiply(&simulated, axis, &matrix);
            id = self.along(id, axis, matrix, dtype);
        }
        let real = self.apply(node, op, &from, noise)?;
        if real.data.iter().zip(&simulated.data).any(|(a, b)| (a - b).abs() > 1e-4) {
            return Err("a resampling whose axes depend on each other".into());
        }
        Ok(vec![id])
    }

    /// Whether an axis stays as it is.
    fn keeps(
        &self,
        node: &TypedNode,
        op: &dyn TypedOp,
        from: &[usize],
        to: &[usize],
        axis: usize,
    ) -> Result<bool, String> {
        let (n, inner) = (from[axis], from[axis + 1..].iter().product::<usize>());
        let stride: usize = to[axis + 1..].iter().product();
        let entry = |i: usize| ((i * 37 + 5) % 61) as f64 + 1.0;
        let result = self.apply(node, op, from, |at| entry((at / inner) % n))?;
        let middle = middle(to, axis);
        Ok((0..n).all(|i| result.data[middle + i * stride] == entry(i)))
    }

    /// Entry `[i, o]`: the weight of input `i` in output `o` along `axis`.
    fn axis_matrix(
        &self,
        node: &TypedNode,
        op: &dyn TypedOp,
        from: &[usize],
        to: &[usize],
        axis: usize,
    ) -> Result<Vec<f64>, String> {
        let (n, m) = (from[axis], to[axis]);
        let inner: usize = from[axis + 1..].iter().product();
        let stride: usize = to[axis + 1..].iter().product();
        let mut matrix = vec![0.0; n * m];
        let middle = middle(to, axis);
        for i in 0..n {
            let result =
                self.apply(node, op, from, |at| f64::from(u8::from((at / inner) % n == i)))?;
            for o in 0..m {
                matrix[i * m + o] = result.data[middle + o * stride];
            }
        }
        Ok(matrix)
    }

    fn apply(
        &self,
        node: &TypedNode,
        op: &dyn TypedOp,
        shape: &[usize],
        entry: impl Fn(usize) -> f64,
    ) -> Result<Array, String> {
        let volume = shape.iter().product();
        let data: Vec<f32> = (0..volume).map(|at| entry(at) as f32).collect();
        let probe = Tensor::from_shape(shape, &data).map_err(|error| format!("{error:#}"))?;
        let mut inputs = tvec!(probe);
        for &outlet in &node.inputs[1..] {
            let tensor = self.konst(outlet).ok_or("the size depends on the input")?;
            inputs.push(Tensor::clone(tensor));
        }
        let outputs = self.evaluate(op, inputs)?;
        array(outputs.first().ok_or("no result")?)
    }

    /// Multiplies by a matrix along one axis.
    fn along(&mut self, input: NodeId, axis: usize, matrix: Array, dtype: DType) -> NodeId {
        let mut shape = self.builder.shape(input).to_vec();
        shape[axis] = matrix.shape[1];
        let (from, to) = (axis as u8, shape.len() as u8);
        let hint = self.hint("resampled");
        if let Some(data) = selection(&matrix) {
            let indices = Array { shape: vec![matrix.shape[1]], data };
            let indices = self.builder.constant(&hint, indices, DType::Int);
            let op = Op::Gather { axis };
            return self.builder.helper(&hint, op, vec![input, indices], shape, dtype);
        }
        let matrix = self.builder.constant(&hint, matrix, dtype);
        let a: Vec<u8> = (0..to).collect();
        let out = a.iter().map(|&l| if l == from { to } else { l }).collect();
        let op = Op::Einsum { a, b: vec![from, to], out };
        self.builder.helper(&hint, op, vec![input, matrix], shape, dtype)
    }
}

/// Output in the middle of all axes but one: those at the ends may lie outside the input.
fn middle(to: &[usize], axis: usize) -> usize {
    (0..to.len())
        .filter(|&d| d != axis)
        .map(|d| (to[d] / 2) * to[d + 1..].iter().product::<usize>())
        .sum()
}

/// The index of the one in each column, if there is exactly one and the rest is zero.
fn selection(matrix: &Array) -> Option<Vec<f64>> {
    let (n, m) = (matrix.shape[0], matrix.shape[1]);
    (0..m)
        .map(|o| {
            let column = || (0..n).map(move |i| matrix.data[i * m + o]);
            let ones = column().filter(|&x| x == 1.0).count();
            let zeros = column().filter(|&x| x == 0.0).count();
            (ones == 1 && zeros == n - 1).then(|| column().position(|x| x == 1.0)).flatten()
        })
        .map(|index| index.map(|i| i as f64))
        .collect()
}

/// The product along an axis, in numbers.
fn multiply(array: &Array, axis: usize, matrix: &Array) -> Array {
    let (n, m) = (matrix.shape[0], matrix.shape[1]);
    let inner: usize = array.shape[axis + 1..].iter().product();
    let outer: usize = array.shape[..axis].iter().product();
    let mut shape = array.shape.clone();
    shape[axis] = m;
    let mut data = vec![0.0; outer * m * inner];
    for o in 0..outer {
        for to in 0..m {
            for i in 0..inner {
                data[(o * m + to) * inner + i] = (0..n)
                    .map(|from| array.data[(o * n + from) * inner + i] * matrix.data[from * m + to])
                    .sum();
            }
        }
    }
    Array { shape, data }
}
