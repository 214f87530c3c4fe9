//! Small graphs for the tests of the passes.

use super::rewrite::Builder;
use crate::graph::{Array, DType, Graph, NodeId, Op};

/// A graph under construction, of floats.
pub struct Model(Builder);

impl Model {
    pub fn new() -> Self {
        Self(Builder::default())
    }

    pub fn input(&mut self, shape: &[usize]) -> NodeId {
        self.typed_input(shape, DType::Float)
    }

    pub fn typed_input(&mut self, shape: &[usize], dtype: DType) -> NodeId {
        let id = self.0.helper("input", Op::Input, vec![], shape.to_vec(), dtype);
        self.0.mark_input(id);
        id
    }

    pub fn constant(&mut self, shape: &[usize], data: &[f64]) -> NodeId {
        let array = Array { shape: shape.to_vec(), data: data.to_vec() };
        self.0.constant("constant", array, DType::Float)
    }

    pub fn scalar(&mut self, value: f64) -> NodeId {
        self.constant(&[], &[value])
    }

    pub fn op(&mut self, op: Op, inputs: &[NodeId], shape: &[usize]) -> NodeId {
        self.typed(op, inputs, shape, DType::Float)
    }

    pub fn typed(&mut self, op: Op, inputs: &[NodeId], shape: &[usize], dtype: DType) -> NodeId {
        self.0.helper("node", op, inputs.to_vec(), shape.to_vec(), dtype)
    }

    pub fn finish(self, output: NodeId) -> Graph {
        self.0.into_graph(vec![output])
    }
}

/// Names of the operations, constants left out.
pub fn ops(graph: &Graph) -> Vec<String> {
    graph
        .nodes
        .iter()
        .filter(|node| !matches!(node.op, Op::Const(_)))
        .map(|node| {
            let text = format!("{:?}", node.op);
            text.split(['(', ' ', '{']).next().unwrap_or_default().to_string()
        })
        .collect()
}
