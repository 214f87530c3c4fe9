//! The float track: the model as the front end runs it in `f32`.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use tract_onnx::prelude::{IntoRunnable, TypedRunnableModel};
use tract_onnx::tract_core::internal::{OutletId, TVec};
use tract_onnx::tract_hir::internal::IntoTValue;

use super::load::guarded;
use super::tensor::{array, integer_range, tensor};
use super::{ImportError, Imported};
use crate::graph::{Array, DType, Graph, NodeId, Op};

/// What a run of the float track gives.
#[derive(Clone, Debug, Default)]
pub struct F32Run {
    /// The outputs, in the order of the model file.
    pub outputs: Vec<Array>,
    /// Values of the nodes of the graph that are also computed by the float track.
    pub values: HashMap<NodeId, Array>,
}

/// The plan that is run, made at the first run.
#[derive(Default)]
pub(super) struct Track(OnceLock<Plan>);

struct Plan {
    runnable: Arc<TypedRunnableModel>,
    /// The nodes whose values follow the outputs.
    nodes: Vec<NodeId>,
}

impl Imported {
    /// Runs the model in `f32`.
    ///
    /// # Errors
    ///
    /// [`ImportError::Run`], and those of [`Imported::check_inputs`].
    pub fn run_f32(&self, inputs: &[Array]) -> Result<F32Run, ImportError> {
        self.check_inputs(inputs)?;
        guarded(|| self.run_checked(inputs))
    }

    /// Checks number, shapes and entries of inputs.
    ///
    /// # Errors
    ///
    /// [`ImportError::InputCount`], [`ImportError::InputShape`], [`ImportError::InputValue`] and
    /// [`ImportError::InputBounds`].
    pub fn check_inputs(&self, inputs: &[Array]) -> Result<(), ImportError> {
        if inputs.len() != self.graph.inputs.len() {
            return Err(ImportError::InputCount {
                expected: self.graph.inputs.len(),
                names: self.input_names.join(", "),
                got: inputs.len(),
            });
        }
        for (slot, (array, &id)) in inputs.iter().zip(&self.graph.inputs).enumerate() {
            let (node, name) = (&self.graph.nodes[id], &self.input_names[slot]);
            let volume = array.shape.iter().product::<usize>();
            if array.shape != node.shape || volume != array.data.len() {
                return Err(ImportError::InputShape {
                    input: name.clone(),
                    expected: node.shape.clone(),
                    got: array.shape.clone(),
                });
            }
            let range = integer_range(self.input_types[slot]);
            let belongs = |x: f64| match node.dtype {
                DType::Float => x.is_finite(),
                DType::Bool => x == 0.0 || x == 1.0,
                DType::Int => {
                    x.fract() == 0.0
                        && range.is_none_or(|(lo, hi)| (lo..=hi).contains(&(x as i128)))
                }
            };
            if let Some(at) = array.data.iter().position(|&x| !belongs(x)) {
                return Err(ImportError::InputValue {
                    input: name.clone(),
                    index: index(&array.shape, at),
                    value: array.data[at],
                    dtype: node.dtype,
                });
            }
            if let Some((lo, hi)) = self.input_bounds[slot]
                && let Some(at) = array.data.iter().position(|&x| x < lo as f64 || x > hi as f64)
            {
                return Err(ImportError::InputBounds {
                    input: name.clone(),
                    index: index(&array.shape, at),
                    value: array.data[at],
                    lo,
                    hi,
                });
            }
        }
        Ok(())
    }

    fn run_checked(&self, inputs: &[Array]) -> Result<F32Run, ImportError> {
        let failed =
            |error: &dyn std::fmt::Display| ImportError::Run { reason: format!("{error:#}") };
        let plan = match self.track.0.get() {
            Some(plan) => plan,
            None => {
                let plan = self.plan().map_err(|e| failed(&e))?;
                self.track.0.get_or_init(|| plan)
            }
        };
        let tensors = inputs
            .iter()
            .zip(&self.input_types)
            .map(|(array, &datum_type)| tensor(array, datum_type).map(|t| t.into_tvalue()))
            .collect::<Result<TVec<_>, String>>()
            .map_err(|reason| ImportError::Run { reason })?;
        let results = plan.runnable.run(tensors).map_err(|e| failed(&e))?;
        let mut arrays = Vec::with_capacity(results.len());
        for result in &results {
            arrays.push(array(result).map_err(|reason| ImportError::Run { reason })?);
        }
        let values = arrays.split_off(self.output_names.len());
        Ok(F32Run { outputs: arrays, values: plan.nodes.iter().copied().zip(values).collect() })
    }

    fn plan(&self) -> tract_onnx::prelude::TractResult<Plan> {
        let mut outlets = self.model.output_outlets()?.to_vec();
        let wanted = correspondences(&self.graph, &self.values);
        outlets.extend(wanted.iter().map(|&(_, outlet)| outlet));
        let mut model = self.model.clone();
        model.select_output_outlets(&outlets)?;
        // Some operations are run as they are, but not optimised.
        let optimized = model.clone().into_optimized();
        let runnable = optimized.unwrap_or(model).into_runnable()?;
        Ok(Plan { runnable, nodes: wanted.into_iter().map(|(node, _)| node).collect() })
    }
}

/// Nodes whose value the front end computes too.
fn correspondences(graph: &Graph, values: &HashMap<String, OutletId>) -> Vec<(NodeId, OutletId)> {
    let nodes = graph.nodes.iter().enumerate();
    nodes
        .filter(|(_, node)| !matches!(node.op, Op::Const(_) | Op::Input))
        .filter_map(|(id, node)| Some((id, *values.get(&node.name)?)))
        .collect()
}

/// Index of entry `at`.
fn index(shape: &[usize], mut at: usize) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for axis in (0..shape.len()).rev() {
        index[axis] = at % shape[axis];
        at /= shape[axis];
    }
    index
}
