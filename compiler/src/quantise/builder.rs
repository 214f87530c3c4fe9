//! The circuit under construction.

use std::collections::BTreeMap;

use stwo_ml_verifier::circuit::{
    Arg, Axis, Circuit, Identity, Kind, Lookup, Tensor, TensorId, Term, View,
};

use super::bounds::LIMIT;
use super::expr::Expr;
use super::tables::{Function, Tables};
use crate::program::{Program, Step, TensorInfo};

/// Names what is being lowered: label of the tensors, and the node whose value they are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tag {
    /// Name of the node.
    pub label: String,
    /// The node and its shape, if the tensor is its value.
    pub node: Option<(usize, Vec<usize>)>,
}

impl Tag {
    /// The same node, a tensor that plays a role in it.
    pub fn role(&self, role: &str) -> Self {
        Self { label: format!("{}.{role}", self.label), node: None }
    }
}

/// Tensors, lookups, identities and steps so far.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    pub circuit: Circuit,
    pub program: Program,
    pub model: Vec<Vec<i32>>,
    pub info: Vec<TensorInfo>,
    pub tables: Tables,
    /// Enforced intervals of witness tensors, padding included.
    pub intervals: BTreeMap<TensorId, (i64, i64)>,
    constants: BTreeMap<(Vec<u32>, Vec<i32>), TensorId>,
}

/// Constants up to this many entries are shared when equal.
const SHARED_CONSTANT: usize = 1 << 14;

impl Builder {
    fn push(&mut self, shape: Vec<u32>, kind: Kind, tag: &Tag, exponent: i32) -> TensorId {
        let id = self.circuit.tensors.len() as TensorId;
        let extents = shape.clone();
        self.circuit.tensors.push(Tensor { shape, kind });
        self.program.padding.push(0);
        self.model.push(Vec::new());
        let (node, shape) = match &tag.node {
            Some((node, shape)) => (Some(*node), shape.clone()),
            None => (None, Vec::new()),
        };
        self.info.push(TensorInfo { label: tag.label.clone(), exponent, node, shape, extents });
        id
    }

    /// A new witness tensor.
    pub fn witness(&mut self, shape: &[usize], tag: &Tag, exponent: i32) -> TensorId {
        self.push(to_u32(shape), Kind::Witness, tag, exponent)
    }

    /// A new public tensor.
    pub fn public(&mut self, shape: &[usize], kind: Kind, tag: &Tag, exponent: i32) -> TensorId {
        self.push(to_u32(shape), kind, tag, exponent)
    }

    /// A committed constant; equal small ones are shared.
    pub fn constant(
        &mut self,
        shape: &[usize],
        entries: Vec<i32>,
        tag: &Tag,
        exponent: i32,
    ) -> TensorId {
        debug_assert_eq!(shape.iter().product::<usize>(), entries.len());
        let shape = to_u32(shape);
        if entries.len() > SHARED_CONSTANT {
            let id = self.push(shape, Kind::Model, tag, exponent);
            self.model[id as usize] = entries;
            return id;
        }
        let key = (shape, entries);
        if let Some(&id) = self.constants.get(&key) {
            return id;
        }
        let id = self.push(key.0.clone(), Kind::Model, tag, exponent);
        self.model[id as usize] = key.1.clone();
        self.constants.insert(key, id);
        id
    }

    /// A constant's expression.
    pub fn constant_expr(
        &mut self,
        shape: &[usize],
        entries: Vec<i32>,
        tag: &Tag,
        exponent: i32,
    ) -> Expr {
        let lo = entries.iter().copied().min().unwrap_or(0);
        let hi = entries.iter().copied().max().unwrap_or(0);
        let id = self.constant(shape, entries, tag, exponent);
        Expr::tensor(id, shape, exponent, i64::from(lo), i64::from(hi))
    }

    /// Adds the identity `expr + terms = 0` and returns its index.
    pub fn identity(&mut self, expr: &Expr, terms: Vec<Term>) -> u32 {
        let mut linear = expr.linear.clone();
        linear.extend(terms);
        let identity =
            Identity { dims: to_u32(&expr.dims), linear, products: expr.products.clone() };
        self.circuit.identities.push(super::layout::compress(identity));
        self.circuit.identities.len() as u32 - 1
    }

    /// Looks `key` up in the table of `function`, whose inputs are within `lo..=hi`. The tensors of
    /// the key have `shape`. `s` is the log2 of what multiplies the key in the identity that defines
    /// it, if there is one. Returns one new tensor per output.
    #[allow(clippy::too_many_arguments)]
    pub fn lookup(
        &mut self,
        function: &Function,
        lo: i64,
        hi: i64,
        s: u32,
        key: Arg,
        shape: &[usize],
        tags: &[(Tag, i32)],
    ) -> Vec<TensorId> {
        debug_assert_eq!(tags.len(), function.n_outputs());
        let table = self.tables.request(function, lo, hi, s);
        let outputs: Vec<TensorId> =
            tags.iter().map(|(tag, exponent)| self.witness(shape, tag, *exponent)).collect();
        self.circuit.lookups.push(Lookup {
            table,
            key,
            values: outputs.iter().map(|&id| Arg::tensor(id)).collect(),
        });
        for (id, (lo, hi)) in outputs.iter().zip(function.intervals()) {
            self.intervals.insert(*id, (lo, hi));
        }
        if !outputs.is_empty() {
            let lookup = self.circuit.lookups.len() as u32 - 1;
            self.program.steps.push(Step::Lookup { lookup });
        }
        outputs
    }

    /// Proves `lo <= tensor < lo + 2^log`.
    pub fn range(&mut self, tensor: TensorId, lo: i64, log: u32) {
        let table = self.tables.range(log);
        self.circuit.lookups.push(Lookup {
            table,
            key: Arg { terms: vec![(1, tensor)], constant: -lo },
            values: Vec::new(),
        });
        if lo > 0 || lo + (1i64 << log) <= 0 {
            self.program.padding[tensor as usize] = lo as i32;
        }
        self.intervals.insert(tensor, (lo, lo + (1 << log) - 1));
    }

    /// Assigns the parts of a mixed-radix split of `expr` (plus `constant`) to tensors.
    pub fn split(&mut self, expr: &Expr, constant: i64, parts: &[(TensorId, i64)]) {
        let mut terms = Vec::new();
        if constant != 0 {
            terms.push(Term { coef: constant, view: None });
        }
        for &(tensor, radix) in parts {
            terms.push(Term { coef: -radix, view: Some(full_view(tensor, &expr.dims)) });
        }
        let identity = self.identity(expr, terms);
        self.program.steps.push(Step::Split { identity, parts: parts.to_vec() });
    }

    /// A tensor equal to the expression, entry by entry; the expression is in bounds.
    pub fn copy(&mut self, expr: &Expr, tag: &Tag) -> Expr {
        debug_assert!(expr.bound() < LIMIT);
        let tensor = self.witness(&expr.dims, tag, expr.exponent);
        self.split(expr, 0, &[(tensor, 1)]);
        self.intervals.insert(tensor, (expr.lo.min(0), expr.hi.max(0)));
        Expr::tensor(tensor, &expr.dims, expr.exponent, expr.lo, expr.hi)
    }
}

/// The view of a tensor whose shape is the box of the identity.
pub(crate) fn full_view(tensor: TensorId, dims: &[usize]) -> View {
    View {
        tensor,
        dims: to_u32(dims),
        axes: (0..dims.len()).map(|d| Axis::Var(d as u16)).collect(),
    }
}

/// Extents of a descriptor.
pub(crate) fn to_u32(shape: &[usize]) -> Vec<u32> {
    shape.iter().map(|&d| d as u32).collect()
}
