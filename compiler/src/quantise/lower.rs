//! The pass over the graph.

use std::borrow::Cow;

use stwo_ml_verifier::circuit::Kind;

use super::QuantiseOptions;
use super::bounds::{Format, LIMIT, Range, scale};
use super::builder::{Builder, Tag};
use super::chain::{self, Chain};
use super::expr::Expr;
use super::formats::ChainTable;
use super::requantise::Sizes;
use crate::graph::{Array, DType, Graph, NodeId, Op, Unsupported};
use crate::program::{Compiled, Port};

/// State of the lowering.
pub(crate) struct Lower<'a> {
    pub graph: &'a Graph,
    pub track: &'a [Vec<Cow<'a, Array>>],
    pub options: &'a QuantiseOptions,
    pub sizes: Sizes,
    pub builder: Builder,
    pub constants: Vec<Option<Array>>,
    pub ranges: Vec<Range>,
    /// Nodes that are one lookup of another.
    pub chains: Vec<Option<Chain>>,
    /// Tables that several chains share.
    pub shared: Vec<ChainTable>,
    pub uses: Vec<u32>,
    /// Nodes that read each node, once per lowering.
    pub users: Vec<Vec<NodeId>>,
    pub values: Vec<Option<Expr>>,
    inputs: Vec<Port>,
    outputs: Vec<Port>,
}

/// Result of lowering an operation: the reason, where there is none.
pub(crate) type Lowered<T> = Result<T, String>;

impl<'a> Lower<'a> {
    pub fn new(
        graph: &'a Graph,
        track: &'a [Vec<Cow<'a, Array>>],
        options: &'a QuantiseOptions,
        sizes: Sizes,
    ) -> Self {
        let n = graph.nodes.len();
        let mut constants: Vec<Option<Array>> = Vec::with_capacity(n);
        for (i, node) in graph.nodes.iter().enumerate() {
            let constant = match &node.op {
                Op::Const(_) => true,
                Op::Input => false,
                _ => !node.inputs.is_empty() && node.inputs.iter().all(|&j| constants[j].is_some()),
            };
            constants.push(constant.then(|| track[0][i].clone().into_owned()));
        }
        let ranges = (0..n)
            .map(|i| Range::of(track.iter().flat_map(|run| run[i].data.iter().copied())))
            .collect();
        let chains = chain::find(graph, &constants);
        let mut uses = vec![0; n];
        for &o in &graph.outputs {
            uses[o] += 1;
        }
        let mut lower = Self {
            graph,
            track,
            options,
            sizes,
            builder: Builder::default(),
            constants,
            ranges,
            chains,
            shared: Vec::new(),
            uses: Vec::new(),
            users: Vec::new(),
            values: vec![None; n],
            inputs: Vec::new(),
            outputs: Vec::new(),
        };
        let mut users = vec![Vec::new(); n];
        for i in (0..n).rev() {
            if uses[i] > 0 {
                for j in lower.operands(i) {
                    uses[j] += 1;
                    users[j].push(i);
                }
            }
        }
        lower.users = users;
        lower.uses = uses;
        lower.forget_masks();
        lower.share_tables();
        lower
    }

    /// Whether a node is one lookup of another.
    pub fn is_chain(&self, i: NodeId) -> bool {
        self.chains[i].is_some()
    }

    /// What the lowering of a node reads.
    fn operands(&self, i: NodeId) -> Vec<NodeId> {
        if self.constants[i].is_some() {
            return Vec::new();
        }
        match &self.chains[i] {
            Some(chain) => vec![chain.root],
            None => self.graph.nodes[i].inputs.clone(),
        }
    }

    /// Lowers everything that the outputs need.
    pub fn run(mut self) -> Result<Compiled, Vec<Unsupported>> {
        let mut failed = Vec::new();
        for (position, &i) in self.graph.inputs.iter().enumerate() {
            self.input(position, i);
        }
        for i in 0..self.graph.nodes.len() {
            if self.uses[i] == 0 || self.constants[i].is_some() || self.values[i].is_some() {
                continue;
            }
            let known = |&j: &NodeId| self.constants[j].is_some() || self.values[j].is_some();
            if !self.operands(i).iter().all(known) {
                continue;
            }
            let lowered = self.node(i);
            match self.small_tables(lowered) {
                Ok(value) => self.values[i] = Some(value),
                Err(reason) => failed.push(self.unsupported(i, reason)),
            }
        }
        for &o in &self.graph.outputs {
            if self.values[o].is_none() && self.constants[o].is_none() {
                continue;
            }
            let lowered = self.output(o);
            if let Err(reason) = self.small_tables(lowered) {
                failed.push(self.unsupported(o, reason));
            }
        }
        if !failed.is_empty() {
            return Err(failed);
        }
        if self.builder.circuit.lookups.is_empty() {
            // A proof has at least one lookup.
            let tag = Tag { label: "unused".to_owned(), ..Tag::default() };
            let unused = self.builder.witness(&[2], &tag, 0);
            self.builder.split(&Expr::scalar(&[2], 0, 0), 0, &[(unused, 1)]);
            self.builder.range(unused, 0, 1);
        }
        self.builder.finish_tables();
        let mut compiled = Compiled {
            circuit: self.builder.circuit,
            program: self.builder.program,
            model: self.builder.model,
            info: self.builder.info,
            inputs: self.inputs,
            outputs: self.outputs,
        };
        super::tidy::tidy(&mut compiled);
        Ok(compiled)
    }

    /// What was lowered, unless it needs a table that is too large.
    fn small_tables<T>(&mut self, lowered: Lowered<T>) -> Lowered<T> {
        let lowered = lowered.and_then(|value| self.builder.tables.check().map(|()| value));
        if lowered.is_err() {
            // One node's table is no fault of the next one.
            self.builder.tables.drop_oversized();
        }
        lowered
    }

    fn unsupported(&self, i: NodeId, reason: String) -> Unsupported {
        let node = &self.graph.nodes[i];
        let op = match &node.op {
            Op::Const(_) => "Const".to_owned(),
            op => format!("{op:?}").split(['(', ' ']).next().unwrap_or_default().to_owned(),
        };
        Unsupported { node: node.name.clone(), op, reason }
    }

    /// The tag of a node's value.
    pub fn tag(&self, i: NodeId) -> Tag {
        let node = &self.graph.nodes[i];
        Tag { label: node.name.clone(), node: Some((i, node.shape.clone())) }
    }

    /// Whether a node must be exact.
    pub fn is_exact(&self, i: NodeId) -> bool {
        self.graph.nodes[i].dtype != DType::Float
    }

    fn input(&mut self, position: usize, i: NodeId) {
        let node = &self.graph.nodes[i];
        let given = self.options.input_ranges.get(position).copied().flatten();
        let format = if node.dtype == DType::Float {
            let range = given.map_or_else(|| self.input_range(i), |(lo, hi)| Range { lo, hi });
            let bits = self.bits(i, range, self.input_bits(i), 8);
            let mut f = Format::saturating(range, bits);
            f.lo = f.lo.max(libm::floor(scale(range.lo.min(0.0), f.exponent)) as i64);
            f.hi = f.hi.min(libm::ceil(scale(range.hi.max(0.0), f.exponent)) as i64).max(1);
            f.in_whole_bits()
        } else {
            let range = given.map_or(self.ranges[i], |(lo, hi)| Range { lo, hi });
            let (lo, hi) = self.index_range(i).unwrap_or((range.lo as i64, range.hi as i64));
            let hi = if node.dtype == DType::Bool { 1 } else { hi.max(0) };
            Format { exponent: 0, lo: lo.min(0), hi }
        };
        let kind = Kind::Input { lo: format.lo as i32, hi: format.hi as i32 };
        let tag = self.tag(i);
        let tensor = self.builder.public(&node.shape, kind, &tag, format.exponent);
        self.values[i] =
            Some(Expr::tensor(tensor, &node.shape, format.exponent, format.lo, format.hi));
        self.inputs.push(Port {
            name: node.name.clone(),
            shape: node.shape.clone(),
            tensor,
            exponent: format.exponent,
        });
    }

    fn output(&mut self, o: NodeId) -> Lowered<()> {
        let node = &self.graph.nodes[o];
        let mut value = match &self.constants[o] {
            Some(array) => {
                let array = array.clone();
                self.constant(&array, 16, &self.tag(o))
            }
            None => self.value(o)?,
        };
        if value.bound() >= LIMIT {
            value = self.settle(o, &value)?;
        }
        let kind = Kind::Output { lo: value.lo as i32, hi: value.hi as i32 };
        let tag = self.tag(o);
        let tensor = self.builder.public(&node.shape, kind, &tag, value.exponent);
        self.builder.split(&value, 0, &[(tensor, 1)]);
        self.outputs.push(Port {
            name: node.name.clone(),
            shape: node.shape.clone(),
            tensor,
            exponent: value.exponent,
        });
        Ok(())
    }

    /// The value of a node that is not constant.
    pub fn value(&self, i: NodeId) -> Lowered<Expr> {
        self.values[i].clone().ok_or_else(|| "an operand has no lowering".to_owned())
    }

    /// Lowers one node.
    fn node(&mut self, i: NodeId) -> Lowered<Expr> {
        let value = match self.chains[i].clone() {
            Some(chain) => self.chain(i, &chain)?,
            None => self.op(i)?,
        };
        debug_assert_eq!(value.dims, self.graph.nodes[i].shape, "{}", self.graph.nodes[i].name);
        // What several consumers would expand is committed once.
        let heavy = !value.products.is_empty() || value.linear.len() > 3;
        if heavy && self.uses[i] > 1 {
            return self.settle(i, &value);
        }
        Ok(value)
    }

    /// A function of one operand: one lookup.
    fn chain(&mut self, i: NodeId, chain: &Chain) -> Lowered<Expr> {
        let root = self.value(chain.root)?;
        let tag = self.tag(i);
        let map = self.chain_map(i, chain, &root);
        let committed = self.builder.requantise(&root, &map, self.sizes, &tag)?;
        self.reshape(&committed, &self.graph.nodes[i].shape, i)
    }
}
