//! The pass over the graph.

use std::borrow::Cow;
use std::rc::Rc;

use stwo_ml_verifier::circuit::Kind;

use super::QuantiseOptions;
use super::bounds::{Format, LIMIT, Range, exponent_for, round_clamp, scale, width_log};
use super::builder::{Builder, Tag};
use super::chain::{self, Chain};
use super::expr::{Expr, Sub};
use super::requantise::{Map, Sizes};
use crate::graph::{Array, DType, Graph, NodeId, Op, Unary, Unsupported};
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
    chains: Vec<Option<Chain>>,
    shared: Vec<ChainTable>,
    uses: Vec<u32>,
    /// Nodes that read each node, once per lowering.
    pub users: Vec<Vec<NodeId>>,
    values: Vec<Option<Expr>>,
    inputs: Vec<Port>,
    outputs: Vec<Port>,
}

/// Exponents and interval of the table of a chain.
#[derive(Clone, Debug)]
struct ChainTable {
    graph: Rc<Graph>,
    exponent: i32,
    format: Format,
    domain: Range,
}

impl ChainTable {
    /// Whether one table can serve both.
    fn same(&self, other: &Self) -> bool {
        self.exponent == other.exponent
            && self.format.exponent == other.format.exponent
            && self.graph == other.graph
    }
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
            match self.node(i) {
                Ok(value) => self.values[i] = Some(value),
                Err(reason) => failed.push(self.unsupported(i, reason)),
            }
        }
        for &o in &self.graph.outputs {
            if (self.values[o].is_some() || self.constants[o].is_some())
                && let Err(reason) = self.output(o)
            {
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
        Ok(Compiled {
            circuit: self.builder.circuit,
            program: self.builder.program,
            model: self.builder.model,
            info: self.builder.info,
            inputs: self.inputs,
            outputs: self.outputs,
        })
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

    /// What calibration saw, with room.
    pub fn range(&self, i: NodeId) -> Range {
        self.ranges[i].widen(self.options.margin)
    }

    /// The format of a float activation.
    pub fn format(&self, i: NodeId) -> Format {
        Format::saturating(self.range(i), self.bits(i, self.range(i), self.sizes.bits, 9))
    }

    /// Bits of a node's value: fewer than `most` where the weights that multiply it need them more;
    /// at least `least`.
    fn bits(&self, i: NodeId, range: Range, most: u32, least: u32) -> u32 {
        let Some(e) = self.balanced_exponent(i) else { return most };
        let exponent = Format::saturating(range, most).exponent;
        most - (exponent - e).clamp(0, most.saturating_sub(least) as i32) as u32
    }

    fn input(&mut self, position: usize, i: NodeId) {
        let node = &self.graph.nodes[i];
        let given = self.options.input_ranges.get(position).copied().flatten();
        let format = if node.dtype == DType::Float {
            let range = given.map_or_else(|| self.input_range(i), |(lo, hi)| Range { lo, hi });
            let bits = self.bits(i, range, self.options.input_bits, 8);
            let mut f = Format::saturating(range, bits);
            f.lo = f.lo.max(libm::floor(scale(range.lo, f.exponent)) as i64);
            f.hi = f.hi.min(libm::ceil(scale(range.hi, f.exponent)) as i64);
            f
        } else {
            let range = given.map_or(self.ranges[i], |(lo, hi)| Range { lo, hi });
            let (lo, hi) = self.index_range(i).unwrap_or((range.lo as i64, range.hi as i64));
            Format { exponent: 0, lo: lo.min(0), hi: hi.max(0) }
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

    /// What calibration saw of an input; with room, unless the ends are met so often that they are
    /// the ends of its domain, as those of pixels are.
    fn input_range(&self, i: NodeId) -> Range {
        let range = self.ranges[i];
        let often = |end: f64| {
            let met = |run: &Vec<Cow<'_, Array>>| run[i].data.iter().filter(|&&x| x == end).count();
            self.track.iter().map(met).sum::<usize>() >= 8
        };
        let wide = self.range(i);
        Range {
            lo: if often(range.lo) { range.lo } else { wide.lo },
            hi: if often(range.hi) { range.hi } else { wide.hi },
        }
    }

    /// The interval of an integer input, where its use as an index decides it.
    fn index_range(&self, i: NodeId) -> Option<(i64, i64)> {
        self.graph.nodes.iter().find_map(|node| match node.op {
            Op::Gather { axis } if node.inputs[1] == i => {
                let extent = self.graph.nodes[node.inputs[0]].shape[axis];
                Some((0, extent as i64 - 1))
            }
            _ => None,
        })
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

    /// An array as a committed constant with `bits` bits (exact if they are integers that fit).
    pub fn constant(&mut self, array: &Array, bits: u32, tag: &Tag) -> Expr {
        let range = Range::of(array.data.iter().copied());
        let integers = array.data.iter().all(|x| libm::floor(*x) == *x && x.abs() < 65536.0);
        let exponent =
            if integers { 0 } else { super::bounds::exponent_for(range.max_abs().max(1e-9), bits) };
        self.constant_at(array, exponent, tag)
    }

    /// An array as a committed constant at an exponent; entries beyond the bound saturate.
    pub fn constant_at(&mut self, array: &Array, exponent: i32, tag: &Tag) -> Expr {
        let max = LIMIT / 4;
        let entries: Vec<i32> =
            array.data.iter().map(|&x| round_clamp(scale(x, exponent), -max, max) as i32).collect();
        if let Some(&first) = entries.first()
            && entries.iter().all(|&q| q == first)
        {
            return Expr::scalar(&array.shape, exponent, i64::from(first));
        }
        self.builder.constant_expr(&array.shape, entries, &tag.role("constant"), exponent)
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

    fn chain_map(&self, i: NodeId, chain: &Chain, root: &Expr) -> Map {
        let exact_in = self.is_exact(chain.root);
        let node = &self.graph.nodes[i];
        if exact_in || self.is_exact(i) {
            // Every integer of the domain counts.
            let out = self.chain_extremes(chain, root);
            let format = if self.is_exact(i) {
                Format { exponent: 0, lo: out.lo as i64, hi: out.hi as i64 }
            } else {
                Format::enclosing(out, self.sizes.bits)
            };
            let half = scale(root.bound().max(1) as f64, -root.exponent);
            let domain = Range { lo: -half, hi: half };
            let bits = if exact_in {
                width_log(-root.bound(), root.bound()).max(1)
            } else {
                self.sizes.bits + 2
            };
            let domain = if exact_in { domain } else { self.range(chain.root) };
            return Map::Chain { graph: chain.graph.clone(), domain, format, bits, exponent: None };
        }
        let nodes = &chain.graph.nodes;
        if let [_, only] = &nodes[..] {
            let format = self.format(i);
            match only.op {
                Op::Unary(Unary::Relu) => {
                    return Map::Wide(Format { lo: 0, ..format });
                }
                Op::Unary(Unary::Clip { lo, hi }) => {
                    let f = Format::saturating(self.range(i), self.sizes.bits);
                    let lo = round_clamp(scale(lo, f.exponent), f.lo, f.hi);
                    let hi = round_clamp(scale(hi, f.exponent), f.lo, f.hi);
                    return Map::Clip(Format { lo, hi, ..f });
                }
                _ => {}
            }
        }
        debug_assert_eq!(node.dtype, DType::Float);
        let own = self.chain_table(i, chain);
        let shared = self.shared.iter().find(|t| t.same(&own)).unwrap_or(&own);
        Map::Chain {
            graph: chain.graph.clone(),
            domain: shared.domain,
            format: shared.format,
            bits: 0,
            exponent: Some(shared.exponent),
        }
    }

    fn domain_width(&self, root: NodeId) -> f64 {
        let domain = self.range(root);
        (domain.hi - domain.lo).max(1e-9)
    }

    /// The table that a chain alone would have; exponents are rounded to even ones if several nodes
    /// apply the same function, so that they share tables.
    fn chain_table(&self, i: NodeId, chain: &Chain) -> ChainTable {
        let range = self.range(i);
        let bits = self.bits(i, range, self.sizes.bits, 9);
        let mut exponent = exponent_for(self.domain_width(chain.root), self.sizes.bits + 1);
        let mut format = Format::enclosing(range, bits);
        let alike = |c: &&Chain| c.graph == chain.graph;
        if self.chains.iter().flatten().filter(alike).count() > 2 {
            exponent += exponent & 1;
            format = Format::enclosing_at(range, (format.exponent + 1) & !1);
        }
        let domain = self.range(chain.root);
        ChainTable { graph: Rc::clone(&chain.graph), exponent, format, domain }
    }

    /// Merges the tables of equal functions and exponents.
    fn share_tables(&mut self) {
        let mut shared: Vec<ChainTable> = Vec::new();
        for i in 0..self.graph.nodes.len() {
            let Some(chain) = self.chains[i].clone().filter(|_| self.uses[i] > 0) else { continue };
            let own = self.chain_table(i, &chain);
            match shared.iter_mut().find(|t| t.same(&own)) {
                Some(t) => {
                    t.format.lo = t.format.lo.min(own.format.lo);
                    t.format.hi = t.format.hi.max(own.format.hi);
                    t.domain.lo = t.domain.lo.min(own.domain.lo);
                    t.domain.hi = t.domain.hi.max(own.domain.hi);
                }
                None => shared.push(own),
            }
        }
        self.shared = shared;
    }

    /// The extremes of a chain over the whole domain of an exact operand.
    fn chain_extremes(&self, chain: &Chain, root: &Expr) -> Range {
        let step = ((root.hi - root.lo) >> 18).max(1);
        let data = (0..=(root.hi - root.lo) / step)
            .map(|k| scale((root.lo + k * step) as f64, -root.exponent))
            .collect();
        let mut range = Range::of(super::tables::eval_chain(&chain.graph, data));
        range.lo = range.lo.min(0.0);
        range.hi = range.hi.max(0.0);
        range
    }

    /// Commits a pending value of node `i`: exactly where it is narrow, else requantised.
    pub fn settle(&mut self, i: NodeId, value: &Expr) -> Lowered<Expr> {
        self.settle_as(value, self.is_exact(i), self.format(i), &self.tag(i))
    }

    /// Commits a pending value in a format, or exactly.
    pub fn settle_as(
        &mut self,
        value: &Expr,
        exact: bool,
        format: Format,
        tag: &Tag,
    ) -> Lowered<Expr> {
        let fits = exact || width_log(value.lo, value.hi) <= self.sizes.bits + 3;
        if fits && value.as_view().is_some_and(|(coef, _)| coef == 1) {
            return Ok(value.clone());
        }
        let narrow = width_log(value.lo, value.hi) <= self.sizes.bits + 1;
        if exact || narrow {
            if value.bound() >= LIMIT {
                return Err(format!("integers of {}..={} are too wide", value.lo, value.hi));
            }
            return Ok(self.builder.copy(value, tag));
        }
        self.builder.requantise(value, &Map::Wide(format), self.sizes, tag)
    }

    /// The operand as one view with coefficient one, within the bits of an activation. What is
    /// committed here serves later consumers too.
    pub fn factor(&mut self, i: NodeId) -> Lowered<Expr> {
        let value = self.value(i)?;
        let wide = width_log(value.lo, value.hi) > self.sizes.bits + 3 && !self.is_exact(i);
        let settled = match value.as_view() {
            Some((1, _)) if !wide => return Ok(value),
            Some(_) if wide => {
                let (format, tag) = (self.format(i), self.tag(i));
                self.builder.requantise(&value, &Map::Clip(format), self.sizes, &tag)?
            }
            _ => self.settle(i, &value)?,
        };
        self.values[i] = Some(settled.clone());
        Ok(settled)
    }

    /// Replaces the variables, through a copy where there is no other way.
    pub fn substitute(
        &mut self,
        value: &Expr,
        dims: &[usize],
        subs: &[Sub],
        i: NodeId,
    ) -> Lowered<Expr> {
        if let Some(done) = value.substitute(dims, subs) {
            return Ok(done);
        }
        let copy = self.duplicate(value, i)?;
        copy.substitute(dims, subs).ok_or_else(|| "this way of reading a tensor".to_owned())
    }

    /// A tensor of its own, even where the value is one view already. `i` gives the format.
    pub fn duplicate(&mut self, value: &Expr, i: NodeId) -> Lowered<Expr> {
        let tag = self.tag(i).role("copy");
        if value.bound() < LIMIT
            && (self.is_exact(i) || width_log(value.lo, value.hi) <= self.sizes.bits + 3)
        {
            return Ok(self.builder.copy(value, &tag));
        }
        let format = self.format(i);
        let tag = tag.role("narrow");
        self.builder.requantise(value, &Map::Clip(format), self.sizes, &tag)
    }

    /// The same entries in row-major order, another shape.
    pub fn reshape(&mut self, value: &Expr, shape: &[usize], i: NodeId) -> Lowered<Expr> {
        if value.dims == shape {
            return Ok(value.clone());
        }
        let mut value = match value.squeeze() {
            Some(v) => v,
            None => self.duplicate(value, i)?.squeeze().ok_or("a shape of one entry")?,
        };
        let new: Vec<usize> = shape.iter().copied().filter(|&d| d != 1).collect();
        let (mut at, mut done) = (0, 0);
        while done < new.len() {
            // The smallest block of equal size on both sides.
            let (mut n_old, mut n_new) = (1, 1);
            let (mut a, mut b) = (value.dims[at], new[done]);
            while a != b {
                if a < b {
                    a *= value.dims[at + n_old];
                    n_old += 1;
                } else {
                    b *= new[done + n_new];
                    n_new += 1;
                }
            }
            if (n_old, n_new) != (1, 1) {
                let merged = match value.merge(at, n_old) {
                    Some(v) => v,
                    None => {
                        let copy = self.duplicate(&value, i)?;
                        copy.merge(at, n_old).ok_or("a block of dimensions that is too large")?
                    }
                };
                let extents = &new[done..done + n_new];
                value = match merged.split_var(at, extents) {
                    Some(v) => v,
                    None => {
                        let copy = self.duplicate(&merged, i)?;
                        copy.split_var(at, extents).ok_or("a block that cannot be split")?
                    }
                };
            }
            at += n_new;
            done += n_new;
        }
        Ok(value.unsqueeze(shape))
    }

    /// Brings two values to one exponent: the smaller is raised, where bounds allow.
    pub fn align(&mut self, a: &Expr, b: &Expr, i: NodeId) -> Lowered<(Expr, Expr)> {
        let e = a.exponent.max(b.exponent);
        let raised = |x: &Expr| {
            let ok = e - x.exponent < 29 && x.bound() << (e - x.exponent) < LIMIT;
            ok.then(|| x.raise(e))
        };
        if let (Some(x), Some(y)) = (raised(a), raised(b))
            && x.bound() + y.bound() < LIMIT - (1 << 20)
        {
            return Ok((x, y));
        }
        // The wide one is committed with a coarser exponent; if both are, both.
        let (tag, format) = (self.tag(i).role("operand"), self.format(i));
        let mut narrow = |x: &Expr| {
            if x.bound() < 1 << 20 {
                return Ok(x.clone());
            }
            let f = Format { exponent: format.exponent.min(x.exponent), ..format };
            let f = Format { lo: -(1 << 15), hi: (1 << 15) - 1, ..f };
            self.builder.requantise(x, &Map::Clip(f), self.sizes, &tag)
        };
        let (x, y) = (narrow(a)?, narrow(b)?);
        let e = x.exponent.max(y.exponent);
        let fits = |v: &Expr| e - v.exponent < 29 && v.bound() << (e - v.exponent) < LIMIT / 2;
        if fits(&x) && fits(&y) {
            return Ok((x.raise(e), y.raise(e)));
        }
        Err("two operands whose scales differ too much".to_owned())
    }
}
