//! Formats from calibration: exponents, intervals, and which layers share a table.

use std::borrow::Cow;
use std::rc::Rc;

use super::bounds::{Format, Range, exponent_for, round_clamp, scale, width_log};
use super::chain::Chain;
use super::expr::Expr;
use super::lower::Lower;
use super::requantise::Map;
use crate::graph::{Array, DType, Graph, NodeId, Op, Unary};

/// How far below the maximum of its row an entry of a softmax may matter.
pub(crate) const SOFTMAX_REACH: f64 = 12.0;

/// Inputs of so many entries have fewer bits: each entry is calldata and gas.
const MANY_ENTRIES: usize = 4096;
/// Two more than a pixel has; a felt holds 24 of them, a divisor of many widths.
const IMAGE_BITS: u32 = 10;

/// Exponents and interval of the table of a chain.
#[derive(Clone, Debug)]
pub(crate) struct ChainTable {
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

impl Lower<'_> {
    /// Entries that a softmax makes zero (masks) do not count in the range of its operand.
    pub(super) fn forget_masks(&mut self) {
        for i in 0..self.graph.nodes.len() {
            let only_softmax = !self.users[i].is_empty()
                && !self.graph.outputs.contains(&i)
                && self.users[i]
                    .iter()
                    .all(|&u| matches!(self.graph.nodes[u].op, Op::Softmax { log: false, .. }));
            if !only_softmax {
                continue;
            }
            let lowest = self.users[i]
                .iter()
                .filter_map(|&u| match &self.graph.nodes[u].op {
                    Op::Softmax { axes, .. } => Some(self.row_maxima(i, axes).0),
                    _ => None,
                })
                .fold(f64::INFINITY, f64::min);
            let lo = self.smallest(i).max(lowest - SOFTMAX_REACH);
            let range = &mut self.ranges[i];
            range.lo = lo.min(range.hi);
        }
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
    pub(super) fn bits(&self, i: NodeId, range: Range, most: u32, least: u32) -> u32 {
        let Some(e) = self.balanced_exponent(i) else { return most };
        let exponent = Format::saturating(range, most).exponent;
        most - (exponent - e).clamp(0, most.saturating_sub(least) as i32) as u32
    }

    /// What calibration saw of an input; with room, unless the ends are met so often that they are
    /// the ends of its domain, as those of pixels are.
    pub(super) fn input_range(&self, i: NodeId) -> Range {
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

    /// Bits of a float input: fewer of an image, where rounding averages out over many entries.
    pub(super) fn input_bits(&self, i: NodeId) -> u32 {
        let n_entries: usize = self.graph.nodes[i].shape.iter().product();
        let most = self.options.input_bits;
        if n_entries >= MANY_ENTRIES { most.min(IMAGE_BITS) } else { most }
    }

    /// The interval of an integer input, where its use as an index decides it.
    pub(super) fn index_range(&self, i: NodeId) -> Option<(i64, i64)> {
        self.graph.nodes.iter().find_map(|node| match node.op {
            Op::Gather { axis } if node.inputs[1] == i => {
                let extent = self.graph.nodes[node.inputs[0]].shape[axis];
                Some((0, extent as i64 - 1))
            }
            _ => None,
        })
    }

    pub(super) fn chain_map(&self, i: NodeId, chain: &Chain, root: &Expr) -> Map {
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
    pub(super) fn share_tables(&mut self) {
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
}
