//! Products of tensors.

use tract_onnx::tract_core::internal::{InOut, TypedNode};
use tract_onnx::tract_core::ops::einsum::EinSum;

use super::{Lowered, Lowerer};
use crate::graph::{NodeId, Op};

/// An operand and the labels of its dimensions.
struct Operand {
    id: NodeId,
    labels: Vec<u8>,
}

impl Lowerer<'_> {
    pub(super) fn einsum(&mut self, node: &TypedNode, op: &EinSum) -> Lowered {
        if op.q_params.is_some() {
            return Err("quantised product".into());
        }
        let ids = self.ids(&node.inputs)?;
        let (shape, dtype) = self.expected(&node.outputs[0].fact)?;
        let axes: Vec<_> = op.axes.iter_all_axes().collect();
        if axes.len() > usize::from(u8::MAX) {
            return Err("more than 255 axes".into());
        }
        let labels = |io: InOut, rank: usize| -> Result<Vec<u8>, String> {
            let mut labels = vec![None; rank];
            for (label, axis) in axes.iter().enumerate() {
                let positions = match io {
                    InOut::In(slot) => &axis.inputs[slot],
                    InOut::Out(slot) => &axis.outputs[slot],
                };
                match positions[..] {
                    [] => {}
                    [position] => labels[position] = Some(label as u8),
                    _ => return Err("a diagonal".into()),
                }
            }
            labels.into_iter().map(|l| l.ok_or_else(|| "an axis without a label".into())).collect()
        };
        let out = labels(InOut::Out(0), shape.len())?;
        let mut operands = Vec::new();
        for (slot, &id) in ids.iter().enumerate() {
            let labels = labels(InOut::In(slot), self.builder.shape(id).len())?;
            operands.push(Operand { id, labels });
        }
        self.drop_broadcast(&mut operands, axes.len());
        // Axes of the result that no operand has are of extent one.
        let present: Vec<u8> = out
            .iter()
            .copied()
            .filter(|label| operands.iter().any(|o| o.labels.contains(label)))
            .collect();
        let mut operands = operands.into_iter();
        let mut first = operands.next().ok_or("a product of nothing")?;
        let rest: Vec<Operand> = operands.collect();
        if rest.is_empty() {
            first.id = self.sum_and_permute(first.id, &first.labels, &present)?;
        }
        for (i, second) in rest.iter().enumerate() {
            let later = &rest[i + 1..];
            let needed = |label: &u8| {
                present.contains(label) || later.iter().any(|o| o.labels.contains(label))
            };
            let mut labels: Vec<u8> = if later.is_empty() {
                present.clone()
            } else {
                first.labels.iter().chain(&second.labels).copied().filter(needed).collect()
            };
            if !later.is_empty() {
                let mut seen = Vec::new();
                labels.retain(|label| {
                    !seen.contains(label) && {
                        seen.push(*label);
                        true
                    }
                });
            }
            let extent = |label: &u8| {
                [&first, second].iter().find_map(|o| {
                    let position = o.labels.iter().position(|l| l == label)?;
                    Some(self.builder.shape(o.id)[position])
                })
            };
            let extents: Option<Vec<usize>> = labels.iter().map(extent).collect();
            let extents = extents.ok_or("an axis without an operand")?;
            let op = Op::Einsum {
                a: first.labels.clone(),
                b: second.labels.clone(),
                out: labels.clone(),
            };
            let hint = self.node.clone();
            let id = self.builder.helper(&hint, op, vec![first.id, second.id], extents, dtype);
            first = Operand { id, labels };
        }
        let hint = self.node.clone();
        Ok(vec![self.builder.reshape(&hint, first.id, shape)])
    }

    /// An operand of extent one along an axis that is longer elsewhere does not depend on it.
    fn drop_broadcast(&mut self, operands: &mut [Operand], axes: usize) {
        for label in 0..axes as u8 {
            let extents: Vec<Option<usize>> = operands
                .iter()
                .map(|o| {
                    let position = o.labels.iter().position(|&l| l == label)?;
                    Some(self.builder.shape(o.id)[position])
                })
                .collect();
            let longest = extents.iter().flatten().max().copied().unwrap_or(1);
            for (operand, extent) in operands.iter_mut().zip(extents) {
                if extent != Some(1) || longest == 1 {
                    continue;
                }
                let position = operand.labels.iter().position(|&l| l == label).unwrap_or_default();
                operand.labels.remove(position);
                let mut shape = self.builder.shape(operand.id).to_vec();
                shape.remove(position);
                let hint = self.hint("squeezed");
                operand.id = self.builder.reshape(&hint, operand.id, shape);
            }
        }
    }
}
