//! The float reference: every operation of a [`Graph`] in `f64`, with numpy and ONNX semantics.
//!
//! Quantisation calibrates on it and accuracy is measured against it. It is deterministic across
//! platforms for [`unary`], the one definition of the lookup tables' functions.

mod contract;
mod layout;
mod reduce;
mod scalar;
mod window;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use crate::graph::{Array, DType, Graph, Node, NodeId, Op};

pub use scalar::unary;

/// Why a graph cannot be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluateError {
    /// A node has the wrong number of operands.
    #[error("{node}: {got} operands, expected {expected}")]
    Operands {
        /// Name of the node.
        node: String,
        /// Operands that the operation takes.
        expected: usize,
        /// Operands that it has.
        got: usize,
    },
    /// The shapes of operands, parameters and result do not fit together.
    #[error("{node}: {what} does not fit the shapes {inputs:?} -> {output:?}")]
    Shape {
        /// Name of the node.
        node: String,
        /// What does not fit.
        what: &'static str,
        /// Shapes of the operands.
        inputs: Vec<Vec<usize>>,
        /// Shape of the result.
        output: Vec<usize>,
    },
    /// A gathered index is outside its axis.
    #[error("{node}: index {index} is outside an axis of extent {extent}")]
    Index {
        /// Name of the node.
        node: String,
        /// The index, as a real number.
        index: String,
        /// Extent of the axis.
        extent: usize,
    },
    /// An operand of a node is not an earlier node.
    #[error("{node}: operand {operand} is not an earlier node")]
    Order {
        /// Name of the node.
        node: String,
        /// The operand.
        operand: NodeId,
    },
    /// The number of inputs is not that of the graph.
    #[error("{got} inputs, expected {expected}")]
    Inputs {
        /// Inputs of the graph.
        expected: usize,
        /// Inputs given.
        got: usize,
    },
    /// The value of an input is not a function of operands.
    #[error("{node}: an input has no definition")]
    Input {
        /// Name of the node.
        node: String,
    },
}

/// What is wrong, before the node is known.
enum Fault {
    Shape(&'static str),
    Index { index: f64, extent: usize },
}

type Partial<T> = Result<T, Fault>;

/// The values of all nodes, in order. Constants are borrowed from the graph.
///
/// # Errors
/// If `inputs` are not in number and shape those of the graph, or the graph is malformed.
pub fn evaluate<'g>(
    graph: &'g Graph,
    inputs: &[Array],
) -> Result<Vec<Cow<'g, Array>>, EvaluateError> {
    if inputs.len() != graph.inputs.len() {
        return Err(EvaluateError::Inputs { expected: graph.inputs.len(), got: inputs.len() });
    }
    let mut values: Vec<Cow<'g, Array>> = Vec::with_capacity(graph.nodes.len());
    for (id, node) in graph.nodes.iter().enumerate() {
        let value = match &node.op {
            Op::Input => {
                let position = graph.inputs.iter().position(|&input| input == id);
                let input = position
                    .and_then(|i| inputs.get(i))
                    .ok_or_else(|| EvaluateError::Input { node: node.name.clone() })?;
                Cow::Owned(finish(node, &[input], Ok(input.data.clone()))?)
            }
            Op::Const(array) if well_formed(array) && array.shape == node.shape => {
                Cow::Borrowed(array)
            }
            _ => {
                let operand = |&operand: &NodeId| {
                    let value = values.get(operand).map(AsRef::as_ref);
                    value.ok_or_else(|| EvaluateError::Order { node: node.name.clone(), operand })
                };
                let operands: Vec<&Array> =
                    node.inputs.iter().map(operand).collect::<Result<_, _>>()?;
                Cow::Owned(evaluate_node(node, &operands)?)
            }
        };
        values.push(value);
    }
    Ok(values)
}

/// The value of one node.
///
/// Integer nodes are exact below `2^53`: division truncates towards zero (and is zero for a zero
/// divisor), the modulus has the sign of the divisor, a mean truncates.
///
/// # Errors
/// If the operands do not fit the node, or it is an [`Op::Input`].
pub fn evaluate_node(node: &Node, inputs: &[&Array]) -> Result<Array, EvaluateError> {
    let expected = match &node.op {
        Op::Input => return Err(EvaluateError::Input { node: node.name.clone() }),
        Op::Const(_) => 0,
        Op::Binary(_) | Op::Einsum { .. } | Op::Gather { .. } => 2,
        Op::Conv { .. } => inputs.len().clamp(2, 3),
        Op::Where => 3,
        Op::Concat { .. } => inputs.len().max(1),
        _ => 1,
    };
    if inputs.len() != expected {
        let node = node.name.clone();
        return Err(EvaluateError::Operands { node, expected, got: inputs.len() });
    }
    let data = if inputs.iter().all(|x| well_formed(x)) {
        data_of(node, inputs)
    } else {
        Err(Fault::Shape("the length of an operand"))
    };
    finish(node, inputs, data)
}

/// The entries of a node's value; the number of operands is right.
fn data_of(node: &Node, inputs: &[&Array]) -> Partial<Vec<f64>> {
    let (shape, integer) = (node.shape.as_slice(), node.dtype == DType::Int);
    match &node.op {
        Op::Input => Err(Fault::Shape("an input")),
        Op::Const(array) => Ok(array.data.clone()),
        Op::Unary(f) => Ok(scalar::map(*f, &inputs[0].data)),
        Op::Binary(f) => layout::binary(*f, integer, inputs[0], inputs[1], shape),
        Op::Where => layout::select(inputs[0], inputs[1], inputs[2], shape),
        Op::Einsum { a, b, out } => contract::einsum((inputs[0], a), (inputs[1], b), (shape, out)),
        Op::Conv { window, groups } => window::conv(inputs, window, *groups, shape),
        Op::MaxPool(window) => window::pool(inputs[0], window, window::Pool::Max, shape),
        Op::AvgPool { window, count_padding } => {
            let kind = window::Pool::Mean { count_padding: *count_padding };
            window::pool(inputs[0], window, kind, shape)
        }
        Op::Reduce { kind, axes, .. } => reduce::reduce(*kind, integer, inputs[0], axes),
        Op::Softmax { axes, log } => reduce::rows(inputs[0], axes, |x| reduce::softmax(x, *log)),
        Op::LayerNorm { axes, epsilon } => {
            reduce::rows(inputs[0], axes, |x| reduce::layer_norm(x, *epsilon))
        }
        Op::RmsNorm { axes, epsilon } => {
            reduce::rows(inputs[0], axes, |x| reduce::rms_norm(x, *epsilon))
        }
        Op::Transpose { perm } => layout::transpose(inputs[0], perm),
        Op::Slice { begin, step } => layout::slice(inputs[0], begin, step, shape),
        Op::Concat { axis } => layout::concat(inputs, *axis, shape),
        Op::Pad { before, mode } => layout::pad(inputs[0], before, *mode, shape),
        Op::Expand => layout::expand(inputs[0], shape).map(Cow::into_owned),
        Op::Tile => layout::tile(inputs[0], shape),
        Op::Gather { axis } => layout::gather(inputs[0], inputs[1], *axis),
        Op::Reshape | Op::Cast => Ok(inputs[0].data.clone()),
    }
}

/// Checks the length of the result and names the node in an error.
fn finish(node: &Node, inputs: &[&Array], data: Partial<Vec<f64>>) -> Result<Array, EvaluateError> {
    let data = data.and_then(|data| {
        let fits = data.len() == node.shape.iter().product::<usize>();
        if fits { Ok(data) } else { Err(Fault::Shape("the length of the result")) }
    });
    let name = node.name.clone();
    match data {
        Ok(data) => Ok(Array { shape: node.shape.clone(), data }),
        Err(Fault::Shape(what)) => Err(EvaluateError::Shape {
            node: name,
            what,
            inputs: inputs.iter().map(|x| x.shape.clone()).collect(),
            output: node.shape.clone(),
        }),
        Err(Fault::Index { index, extent }) => {
            Err(EvaluateError::Index { node: name, index: index.to_string(), extent })
        }
    }
}

fn well_formed(array: &Array) -> bool {
    array.data.len() == array.shape.iter().product::<usize>()
}
