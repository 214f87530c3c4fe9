//! Loops over a constant number of steps (recurrent layers), unrolled.

use std::collections::HashMap;

use tract_onnx::tract_core::internal::{OutletId, TypedNode};
use tract_onnx::tract_core::ops::scan::{InputMapping, Scan, ScanInfo};
use tract_onnx::tract_core::ops::source::TypedSource;

use super::{Lowered, Lowerer};
use crate::graph::{NodeId, Op};

impl Lowerer<'_> {
    pub(super) fn scan(&mut self, node: &TypedNode, op: &Scan) -> Lowered {
        if op.skip != 0 {
            return Err("a loop with warm-up steps".into());
        }
        let inputs = self.ids(&node.inputs)?;
        let steps = self.steps(op, &inputs)?;
        let mut state: Vec<NodeId> = Vec::new();
        for (&input, mapping) in inputs.iter().zip(&op.input_mapping) {
            if matches!(mapping, InputMapping::State) {
                state.push(input);
            }
        }
        let mut collected: Vec<Vec<NodeId>> = vec![Vec::new(); op.output_mapping.len()];
        let mut constants = HashMap::new();
        for step in 0..steps {
            let mut states = state.drain(..);
            let mut arguments = Vec::new();
            for (&input, mapping) in inputs.iter().zip(&op.input_mapping) {
                arguments.push(match mapping {
                    InputMapping::Full => input,
                    InputMapping::State => states.next().ok_or("a state is missing")?,
                    InputMapping::Scan(info) => self.chunk(input, info, step),
                });
            }
            drop(states);
            let results = self.body(op, step, &arguments, &mut constants)?;
            for (slot, (&result, mapping)) in results.iter().zip(&op.output_mapping).enumerate() {
                collected[slot].push(result);
                if mapping.state {
                    state.push(result);
                }
            }
        }
        let mut outputs = vec![None; node.outputs.len()];
        for (results, mapping) in collected.into_iter().zip(&op.output_mapping) {
            if let Some(slot) = mapping.last_value_slot {
                outputs[slot] = results.last().copied();
            }
            if let Some((slot, info)) = mapping.scan {
                outputs[slot] = Some(self.join(results, &info));
            }
        }
        outputs.into_iter().map(|id| id.ok_or_else(|| "an output is missing".into())).collect()
    }

    fn steps(&self, op: &Scan, inputs: &[NodeId]) -> Result<usize, String> {
        let mut counts = inputs.iter().zip(&op.input_mapping).filter_map(|(&input, mapping)| {
            let info = mapping.as_scan()?;
            let (extent, chunk) = (self.builder.shape(input)[info.axis], info.chunk.unsigned_abs());
            Some((extent.is_multiple_of(chunk)).then(|| extent / chunk))
        });
        let first = counts.next().ok_or("a loop over nothing")?.ok_or("an incomplete step")?;
        if counts.all(|count| count == Some(first)) {
            Ok(first)
        } else {
            Err("loops of different lengths".into())
        }
    }

    /// The part of an operand that a step reads; negative chunks go from the end.
    fn chunk(&mut self, input: NodeId, info: &ScanInfo, step: usize) -> NodeId {
        let mut shape = self.builder.shape(input).to_vec();
        let width = info.chunk.unsigned_abs();
        let mut begin = vec![0; shape.len()];
        begin[info.axis] =
            if info.chunk > 0 { step * width } else { shape[info.axis] - (step + 1) * width };
        shape[info.axis] = width;
        let (hint, dtype) = (self.hint("step"), self.builder.dtype(input));
        let slice = Op::Slice { step: vec![1; begin.len()], begin };
        self.builder.helper(&hint, slice, vec![input], shape, dtype)
    }

    /// Concatenates what the steps give.
    fn join(&mut self, mut results: Vec<NodeId>, info: &ScanInfo) -> NodeId {
        if info.chunk < 0 {
            results.reverse();
        }
        if let [single] = results[..] {
            return single;
        }
        let mut shape = self.builder.shape(results[0]).to_vec();
        shape[info.axis] = results.iter().map(|&r| self.builder.shape(r)[info.axis]).sum();
        let (hint, dtype) = (self.hint("steps"), self.builder.dtype(results[0]));
        self.builder.helper(&hint, Op::Concat { axis: info.axis }, results, shape, dtype)
    }

    /// One step; `constants` keeps those of the body from step to step.
    fn body(
        &mut self,
        op: &Scan,
        step: usize,
        arguments: &[NodeId],
        constants: &mut HashMap<OutletId, NodeId>,
    ) -> Result<Vec<NodeId>, String> {
        let text = |error: &dyn std::fmt::Display| format!("{error:#}");
        let mut inner = Lowerer {
            model: &op.body,
            builder: std::mem::take(&mut self.builder),
            nodes: constants.clone(),
            consts: HashMap::new(),
            node: String::new(),
        };
        let prefix = self.node.clone();
        let result = (|| {
            for (&outlet, &argument) in
                op.body.input_outlets().map_err(|e| text(&e))?.iter().zip(arguments)
            {
                inner.nodes.insert(outlet, argument);
            }
            for id in op.body.eval_order().map_err(|e| text(&e))? {
                let node = op.body.node(id);
                if !node.op_is::<TypedSource>() {
                    inner.node = format!("{prefix}.{step}.{}", node.name);
                    inner.node(node).map_err(|reason| format!("{}: {reason}", node.name))?;
                }
            }
            inner.ids(op.body.output_outlets().map_err(|e| text(&e))?)
        })();
        constants.extend(
            inner
                .nodes
                .iter()
                .filter(|(outlet, _)| inner.consts.contains_key(outlet))
                .map(|(&o, &n)| (o, n)),
        );
        self.builder = inner.builder;
        result
    }
}
