//! The typed model of the front end, node by node, to [`Graph`].
//!
//! Each operation is mapped by the type that implements it; one that is not listed is unsupported.
//! Whatever depends on constants only is computed by the front end itself.

mod attention;
mod axes;
mod binary;
mod conv;
mod deconv;
mod einsum;
mod movement;
mod reduce;
mod resize;
mod scan;
mod unary;

use std::collections::HashMap;
use std::sync::Arc;

use tract_onnx::prelude::{DatumType, Tensor, TypedFact, TypedModel};
use tract_onnx::tract_core::internal::{
    IntoArcTensor, IntoTensor, OutletId, TVec, TypedNode, TypedOp,
};
use tract_onnx::tract_core::ops;
use tract_onnx::tract_core::ops::element_wise::ElementWiseOp;
use tract_onnx::tract_hir::internal::IntoTValue;

use super::ImportError;
use super::tensor::{array, dtype, type_name};
use crate::graph::{DType, Graph, Node, NodeId, Op, Unsupported};
use crate::passes::rewrite::Builder;

/// What one node becomes: a node of the graph for each of its outputs, or the reason why not.
type Lowered = Result<Vec<NodeId>, String>;

/// Constants up to this size are computed even where an operation only repeats entries.
const FOLDED_REPETITIONS: usize = 1 << 16;

/// The graph, and the value of the typed model that each of its named values is.
pub struct Lowering {
    /// The graph.
    pub graph: Graph,
    /// Outlet with the same value, by name.
    pub values: HashMap<String, OutletId>,
}

/// Lowers the whole model. `origin` gives the operation in the model file for a node's name.
pub fn lower(
    model: &TypedModel,
    origin: &dyn Fn(&str) -> Option<String>,
) -> Result<Lowering, ImportError> {
    let analysis =
        |error: &dyn std::fmt::Display| ImportError::Analysis { reason: format!("{error:#}") };
    let mut lowerer = Lowerer {
        model,
        builder: Builder::default(),
        nodes: HashMap::new(),
        consts: HashMap::new(),
        node: String::new(),
    };
    let mut unsupported = Vec::new();
    let mut values = HashMap::new();
    let outputs = model.output_outlets().map_err(|e| analysis(&e))?.to_vec();
    for &outlet in model.input_outlets().map_err(|e| analysis(&e))? {
        lowerer.input(outlet)?;
        values.insert(model.node(outlet.node).name.clone(), outlet);
    }
    for id in model.eval_order().map_err(|e| analysis(&e))? {
        let node = model.node(id);
        if node.op_is::<ops::source::TypedSource>() {
            continue;
        }
        let label = outputs
            .iter()
            .any(|o| o.node == id && o.slot == 0)
            .then(|| model.outlet_label(id.into()))
            .flatten();
        lowerer.node = label.unwrap_or(&node.name).to_string();
        let first = lowerer.builder.graph().nodes.len();
        match lowerer.node(node) {
            Ok(()) => {
                for slot in 0..node.outputs.len() {
                    let outlet = OutletId::new(id, slot);
                    let Some(&new) = lowerer.nodes.get(&outlet) else { continue };
                    if new >= first {
                        let name = if slot == 0 {
                            lowerer.node.clone()
                        } else {
                            format!("{}.{slot}", lowerer.node)
                        };
                        lowerer.builder.rename(new, &name);
                        values.insert(lowerer.builder.node(new).name.clone(), outlet);
                    }
                }
            }
            Err(reason) => {
                let op = origin(&node.name).unwrap_or_else(|| node.op.name().to_string());
                unsupported.push(Unsupported { node: node.name.clone(), op, reason });
                lowerer.placeholder(node);
            }
        }
    }
    if !unsupported.is_empty() {
        return Err(ImportError::Unsupported(unsupported));
    }
    let mut ids = Vec::with_capacity(outputs.len());
    for &outlet in &outputs {
        lowerer.node = model.outlet_label(outlet).unwrap_or("output").to_string();
        let id = lowerer.id(outlet).map_err(|reason| ImportError::Analysis { reason })?;
        if lowerer.builder.shape(id).contains(&0) {
            let (name, shape) = (&lowerer.node, lowerer.builder.shape(id));
            let reason = format!("output {name} has no entries: its shape is {shape:?}");
            return Err(ImportError::Analysis { reason });
        }
        ids.push(id);
    }
    Ok(Lowering { graph: lowerer.builder.into_graph(ids), values })
}

struct Lowerer<'a> {
    model: &'a TypedModel,
    builder: Builder,
    nodes: HashMap<OutletId, NodeId>,
    consts: HashMap<OutletId, Arc<Tensor>>,
    /// Name for what is being lowered.
    node: String,
}

impl Lowerer<'_> {
    fn input(&mut self, outlet: OutletId) -> Result<(), ImportError> {
        let name = self.model.node(outlet.node).name.clone();
        let fact = self.fact(outlet).map_err(|reason| ImportError::Analysis { reason })?;
        let dtype = dtype(fact.datum_type).ok_or_else(|| ImportError::InputType {
            input: name.clone(),
            dtype: type_name(fact.datum_type),
        })?;
        let shape = shape_of(&fact).map_err(|reason| ImportError::Analysis { reason })?;
        let id = self.builder.push(Node { name, op: Op::Input, inputs: vec![], shape, dtype });
        self.builder.mark_input(id);
        self.nodes.insert(outlet, id);
        Ok(())
    }

    /// Stands in for a node that is not supported, so that the nodes after it are checked too.
    fn placeholder(&mut self, node: &TypedNode) {
        for (slot, output) in node.outputs.iter().enumerate() {
            let shape = shape_of(&output.fact).unwrap_or_default();
            let dtype = dtype(output.fact.datum_type).unwrap_or(DType::Float);
            let id = self.builder.helper("unsupported", Op::Input, vec![], shape, dtype);
            self.nodes.insert(OutletId::new(node.id, slot), id);
        }
    }

    /// Lowers one node.
    fn node(&mut self, node: &TypedNode) -> Result<(), String> {
        if let Some(tensors) = self.fold(node)? {
            for (slot, tensor) in tensors.into_iter().enumerate() {
                self.consts.insert(OutletId::new(node.id, slot), tensor);
            }
            return Ok(());
        }
        for output in &node.outputs {
            shape_of(&output.fact)?;
            if dtype(output.fact.datum_type).is_none() {
                return Err(format!("element type {}", type_name(output.fact.datum_type)));
            }
        }
        let ids = self.dispatch(node)?;
        for (slot, (&id, output)) in ids.iter().zip(&node.outputs).enumerate() {
            let (shape, dtype) = self.expected(&output.fact)?;
            if self.builder.shape(id) != shape {
                return Err(format!(
                    "the shape should be {shape:?}, not {:?}",
                    self.builder.shape(id)
                ));
            }
            if self.builder.dtype(id) != dtype {
                return Err(format!("the element type should be {dtype:?}"));
            }
            self.nodes.insert(OutletId::new(node.id, slot), id);
        }
        Ok(())
    }

    /// The outputs of a node that depends on constants only.
    fn fold(&self, node: &TypedNode) -> Result<Option<Vec<Arc<Tensor>>>, String> {
        if let Some(konst) = node.op_as::<ops::konst::Const>() {
            return Ok(Some(vec![konst.val().clone()]));
        }
        let facts: Option<Vec<_>> = node.outputs.iter().map(|o| o.fact.konst.clone()).collect();
        if let Some(tensors) = facts.filter(|tensors| !tensors.is_empty()) {
            return Ok(Some(tensors));
        }
        let Some(inputs) = node
            .inputs
            .iter()
            .map(|outlet| self.consts.get(outlet).cloned().map(|t| t.into_tvalue()))
            .collect::<Option<TVec<_>>>()
        else {
            return Ok(None);
        };
        let repeats =
            node.op_is::<ops::array::MultiBroadcastTo>() || node.op_is::<ops::array::Tile>();
        let volume = |fact: &TypedFact| shape_of(fact).map(|shape| shape.iter().product::<usize>());
        if repeats && volume(&node.outputs[0].fact)? > FOLDED_REPETITIONS {
            return Ok(None);
        }
        let outputs = node
            .op
            .eval_out_of_plan(inputs)
            .map_err(|error| format!("cannot be computed from its constants: {error:#}"))?;
        Ok(outputs.map(|values| values.into_iter().map(|v| v.into_arc_tensor()).collect()))
    }

    fn dispatch(&mut self, node: &TypedNode) -> Lowered {
        let op: &dyn TypedOp = node.op.as_ref();
        if let Some(op) = node.op_as::<ElementWiseOp>() {
            return self.element_wise(node, op);
        }
        if let Some(op) = node.op_as::<ops::binary::TypedBinOp>() {
            return self.binary(node, op);
        }
        if let Some(op) = node.op_as::<ops::einsum::EinSum>() {
            return self.einsum(node, op);
        }
        if let Some(op) = node.op_as::<ops::cnn::conv::Conv>() {
            return self.conv(node, op);
        }
        if let Some(op) = node.op_as::<ops::cnn::Deconv>() {
            return self.deconv(node, op);
        }
        if let Some(op) = node.op_as::<ops::cnn::MaxPool>() {
            return self.max_pool(node, op);
        }
        if let Some(op) = node.op_as::<ops::cnn::SumPool>() {
            return self.sum_pool(node, op);
        }
        if let Some(op) = node.op_as::<ops::nn::Reduce>() {
            return self.reduce(node, op);
        }
        if let Some(op) = node.op_as::<ops::nn::Softmax>() {
            return self.softmax(node, op);
        }
        if let Some(op) = node.op_as::<ops::nn::RmsNorm>() {
            return self.rms_norm(node, op);
        }
        if let Some(op) = node.op_as::<tract_onnx::tract_hir::internal::AxisOp>() {
            return self.axis_op(node, op);
        }
        if let Some(op) = node.op_as::<ops::cast::Cast>() {
            return self.cast(node, op.to);
        }
        if let Some(op) = node.op_as::<ops::array::TypedConcat>() {
            return self.concat(node, op.axis);
        }
        if let Some(op) = node.op_as::<ops::array::Pad>() {
            return self.pad(node, op);
        }
        if let Some(op) = node.op_as::<ops::array::Gather>() {
            return self.gather(node, op);
        }
        if node.op_is::<ops::array::MultiBroadcastTo>() {
            return self.same_op(node, Op::Expand, &node.inputs[..1]);
        }
        if node.op_is::<ops::array::Tile>() {
            return self.same_op(node, Op::Tile, &node.inputs[..1]);
        }
        if node.op_is::<ops::array::FiniteReshape>() {
            return self.same_op(node, Op::Reshape, &node.inputs[..1]);
        }
        if node.op_is::<ops::identity::Identity>() {
            return Ok(vec![self.id(node.inputs[0])?]);
        }
        if node.op_is::<ops::logic::Iff>() {
            return self.same_op(node, Op::Where, &node.inputs);
        }
        if let Some(op) = node.op_as::<ops::array::OneHot>() {
            return self.one_hot(node, op);
        }
        if let Some(op) = node.op_as::<ops::array::CumSum>() {
            return self.cum_sum(node, op);
        }
        if let Some(op) = node.op_as::<ops::scan::Scan>() {
            return self.scan(node, op);
        }
        if node.op.name() == "Dropout" && node.outputs.len() == 1 && node.inputs.len() <= 2 {
            // Without a training mode, dropout does nothing.
            return Ok(vec![self.id(node.inputs[0])?]);
        }
        if let Some(lowered) = self.composite(node, op) {
            return lowered;
        }
        if let Some(lowered) = self.movement(node, op) {
            return lowered;
        }
        if let Some(lowered) = self.resize(node, op) {
            return lowered;
        }
        if let Some(lowered) = self.local_response(node, op) {
            return lowered;
        }
        Err(format!("no lowering for {}", node.op.name()))
    }

    /// The node of the graph for an outlet; constants are added where they are used.
    fn id(&mut self, outlet: OutletId) -> Result<NodeId, String> {
        if let Some(&id) = self.nodes.get(&outlet) {
            return Ok(id);
        }
        let tensor = self.consts.get(&outlet).ok_or("an operand is missing")?;
        let kind = dtype(tensor.datum_type()).ok_or_else(|| {
            format!("a constant has element type {}", type_name(tensor.datum_type()))
        })?;
        let array = array(tensor)?;
        let name = self.model.node(outlet.node).name.clone();
        let id = self.builder.constant(&name, array, kind);
        self.nodes.insert(outlet, id);
        Ok(id)
    }

    fn ids(&mut self, outlets: &[OutletId]) -> Result<Vec<NodeId>, String> {
        outlets.iter().map(|&outlet| self.id(outlet)).collect()
    }

    fn fact(&self, outlet: OutletId) -> Result<TypedFact, String> {
        self.model.outlet_fact(outlet).cloned().map_err(|error| format!("{error:#}"))
    }

    fn shape(&self, outlet: OutletId) -> Result<Vec<usize>, String> {
        shape_of(&self.fact(outlet)?)
    }

    fn konst(&self, outlet: OutletId) -> Option<&Arc<Tensor>> {
        self.consts.get(&outlet)
    }

    /// Shape and element type of a result.
    fn expected(&self, fact: &TypedFact) -> Result<(Vec<usize>, DType), String> {
        let kind = dtype(fact.datum_type)
            .ok_or_else(|| format!("element type {}", type_name(fact.datum_type)))?;
        Ok((shape_of(fact)?, kind))
    }

    /// Adds a node with the shape and type of the first output.
    fn emit(&mut self, node: &TypedNode, op: Op, inputs: Vec<NodeId>) -> Lowered {
        let (shape, dtype) = self.expected(&node.outputs[0].fact)?;
        let hint = self.node.clone();
        Ok(vec![self.builder.helper(&hint, op, inputs, shape, dtype)])
    }

    fn same_op(&mut self, node: &TypedNode, op: Op, inputs: &[OutletId]) -> Lowered {
        let inputs = self.ids(inputs)?;
        self.emit(node, op, inputs)
    }

    /// Name for a helper node.
    fn hint(&self, suffix: &str) -> String {
        format!("{}.{suffix}", self.node)
    }

    /// Runs an operation of the front end on given tensors.
    fn evaluate(&self, op: &dyn TypedOp, inputs: TVec<Tensor>) -> Result<Vec<Tensor>, String> {
        let inputs = inputs.into_iter().map(|t| t.into_tvalue()).collect();
        let outputs = op.eval_out_of_plan(inputs).map_err(|error| format!("{error:#}"))?;
        let outputs = outputs.ok_or("the operation keeps a state")?;
        Ok(outputs.into_iter().map(|value| value.into_tensor()).collect())
    }

    fn cast(&mut self, node: &TypedNode, to: DatumType) -> Lowered {
        let from = self.fact(node.inputs[0])?.datum_type;
        let op = unary::cast(from, to)?;
        self.same_op(node, op, &node.inputs)
    }
}

/// The shape, if it does not depend on the input.
fn shape_of(fact: &TypedFact) -> Result<Vec<usize>, String> {
    fact.shape
        .as_concrete()
        .map(<[usize]>::to_vec)
        .ok_or_else(|| format!("the shape {:?} depends on the input's values", fact.shape))
}
