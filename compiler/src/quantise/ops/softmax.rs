//! Softmax (PROTOCOL §6).

use stwo_ml_verifier::circuit::Arg;

use super::maximum::{DifferenceTable, Maximum};
use crate::graph::NodeId;
use crate::quantise::bounds::{Format, Range, exponent_for, log2_floor, scale, width_log};
use crate::quantise::builder::Tag;
use crate::quantise::expr::{Expr, Sub};
use crate::quantise::formats::SOFTMAX_REACH;
use crate::quantise::lower::{Lower, Lowered};
use crate::quantise::requantise::Map;
use crate::quantise::tables::{Function, MAX_LOG};

/// Bits of the exponentials.
const EXP_BITS: u32 = 12;
/// Largest log2 of a row's sum that is looked up directly.
const DIRECT_LOG: u32 = 16;
/// log2 of the smallest normalised sum.
const MANTISSA: u32 = EXP_BITS;

impl Lower<'_> {
    pub(super) fn softmax(&mut self, i: NodeId, axes: &[usize], log: bool) -> Lowered<Expr> {
        let x = self.graph.nodes[i].inputs[0];
        let shape = self.graph.nodes[i].shape.clone();
        let tag = self.tag(i);
        // The axes last, as one.
        let rank = shape.len();
        let rows: Vec<usize> = (0..rank).filter(|d| !axes.contains(d)).collect();
        let perm: Vec<usize> = rows.iter().chain(axes).copied().collect();
        let outer: Vec<usize> = rows.iter().map(|&d| shape[d]).collect();
        let n: usize = axes.iter().map(|&d| shape[d]).product();
        let mut flat = outer.clone();
        flat.push(n);
        let value = self.scores(i, x, axes)?;
        let mut subs = vec![Sub::Fixed(0); rank];
        for (to, &from) in perm.iter().enumerate() {
            subs[from] = Sub::Var(to);
        }
        let moved: Vec<usize> = perm.iter().map(|&d| shape[d]).collect();
        let value = self.substitute(&value, &moved, &subs, x)?;
        let value = self.reshape(&value, &flat, x)?;

        // d = max - x, which is zero somewhere in each row.
        let table = DifferenceTable {
            function: Function::Exp { exponent: value.exponent, bits: EXP_BITS },
            outputs: vec![("exp", EXP_BITS as i32), ("attained", 0)],
        };
        let Maximum { id: max, columns, .. } =
            self.maximum(&value, &[outer.len()], &table, &tag.role("max"))?;
        let e = columns.into_iter().next().ok_or("exponentials")?;
        let mut sum = e.sum_over(outer.len()).ok_or("a sum")?;
        // The maximum is attained: proven by the count.
        sum.lo = 1 << EXP_BITS;
        let out = if log {
            self.log_softmax(i, &value, max, &sum, &outer, &flat, &tag)?
        } else {
            let r = self.row_reciprocal(&sum, n, &tag)?;
            let mut row = r.clone();
            row = spread(&row, &flat);
            let product = self.product_in(&flat, &e, &row)?;
            let bits = self.sizes.bits.min(15);
            let format = Format { exponent: bits as i32, lo: 0, hi: 1 << bits };
            let plain = perm.iter().enumerate().all(|(a, &b)| a == b) && axes.len() == 1;
            let own = if plain { tag.clone() } else { tag.role("probability") };
            if self.is_output(i) {
                // No need to round: what is public is exact.
                product
            } else {
                self.builder.requantise(&product, &Map::Clip(format), self.sizes, &own)?
            }
        };
        let out = self.reshape(&out, &moved, i)?;
        let back: Vec<Sub> = perm.iter().map(|&d| Sub::Var(d)).collect();
        self.substitute(&out, &shape, &back, i)
    }

    /// The operand as a tensor whose interval the table of exponentials covers: entries far below
    /// the smallest maximum of a row saturate.
    fn scores(&mut self, i: NodeId, x: NodeId, axes: &[usize]) -> Lowered<Expr> {
        let value = self.value(x)?;
        let (lowest, highest) = self.row_maxima(x, axes);
        let room = (self.options.margin - 1.0) * (highest.abs().max(lowest.abs()) + 1.0);
        let hi = highest + room;
        let lo = (lowest - room - SOFTMAX_REACH).max(self.smallest(x) - room).min(hi - 1.0);
        let bits = (self.sizes.bits + 1).max(13);
        let exponent = exponent_for(hi - lo, bits).min(10);
        let f = Format {
            exponent,
            lo: libm::floor(scale(lo, exponent)) as i64,
            hi: libm::ceil(scale(hi, exponent)) as i64,
        };
        let fits = width_log(value.lo, value.hi) <= bits && value.exponent <= 12;
        if fits && (value.as_view().is_some_and(|(c, _)| c == 1) || value.linear.len() <= 2) {
            return Ok(value);
        }
        let tag = self.tag(i).role("score");
        self.builder.requantise(&value, &Map::Clip(f), self.sizes, &tag)
    }

    /// The smallest entry in calibration, masks included.
    pub(crate) fn smallest(&self, x: NodeId) -> f64 {
        let entries = self.track.iter().flat_map(|run| run[x].data.iter().copied());
        entries.fold(f64::INFINITY, f64::min)
    }

    /// The smallest and largest maximum of a row in calibration.
    pub(crate) fn row_maxima(&self, x: NodeId, axes: &[usize]) -> (f64, f64) {
        let shape = &self.graph.nodes[x].shape;
        let mut all = Vec::new();
        for run in self.track {
            let mut rows = std::collections::BTreeMap::new();
            for (flat, &v) in run[x].data.iter().enumerate() {
                let (mut rest, mut row, mut stride) = (flat, 0, 1);
                for d in (0..shape.len()).rev() {
                    if !axes.contains(&d) {
                        row += rest % shape[d] * stride;
                        stride *= shape[d];
                    }
                    rest /= shape[d];
                }
                let m = rows.entry(row).or_insert(f64::NEG_INFINITY);
                *m = v.max(*m);
            }
            all.extend(rows.into_values().filter(|m| *m > -1e4));
        }
        let range = Range::of(all);
        (range.lo, range.hi)
    }

    /// `2^15 2^12 / sum` of each row, at most 2^15.
    fn row_reciprocal(&mut self, sum: &Expr, n: usize, tag: &Tag) -> Lowered<Expr> {
        let bits = 15 + EXP_BITS;
        let log_n = width_log(0, n as i64 - 1);
        let b = &mut self.builder;
        let s = b.copy(sum, &tag.role("sum"));
        let s_id = s.linear[0].view.as_ref().map_or(0, |v| v.tensor);
        if EXP_BITS + log_n <= DIRECT_LOG {
            b.program.padding[s_id as usize] = 1 << EXP_BITS;
            let r = b.lookup(
                &Function::Reciprocal { bits, cap: 1 << 15 },
                sum.lo,
                sum.hi,
                0,
                Arg::tensor(s_id),
                &sum.dims,
                &[(tag.role("reciprocal"), 15)],
            )[0];
            return Ok(Expr::tensor(r, &sum.dims, 15, 0, 1 << 15));
        }
        // sum = 4^u m + rest, m in [2^12, 2^14), u from the table that gives 4^u.
        let norm = self.normalised(s_id, &sum.dims, sum.hi, MANTISSA, 0, tag)?;
        let b = &mut self.builder;
        let inverse = b.lookup(
            &Function::Reciprocal { bits: 14 + MANTISSA, cap: 1 << 14 },
            norm.m_lo,
            norm.m_hi,
            0,
            Arg::tensor(norm.mantissa),
            &sum.dims,
            &[(tag.role("inverse"), 0)],
        )[0];
        // 2^27 / sum = 2 (2^26 / m) / 4^u: divided per row, rounded down.
        let two = Expr::tensor(inverse, &sum.dims, 0, 0, 1 << 14).times(2);
        let (q, _) =
            self.divide_by(&two, norm.power, norm.power_max, 15, &tag.role("reciprocal"))?;
        Ok(Expr::tensor(q, &sum.dims, 15, 0, 1 << 15))
    }

    #[allow(clippy::too_many_arguments)]
    fn log_softmax(
        &mut self,
        i: NodeId,
        value: &Expr,
        max: u32,
        sum: &Expr,
        outer: &[usize],
        flat: &[usize],
        tag: &Tag,
    ) -> Lowered<Expr> {
        // x - max - ln(sum 2^-12).
        let n = self.graph.nodes[i].shape.iter().product::<usize>();
        let _ = n;
        if width_log(sum.lo, sum.hi) > MAX_LOG {
            return Err("a log-softmax over rows that are too long".to_owned());
        }
        let map = Map::Chain {
            graph: crate::quantise::chain::unary_graph(crate::graph::Unary::Log),
            domain: Range { lo: 1.0, hi: scale(sum.hi as f64, -(EXP_BITS as i32)) },
            format: Format { exponent: 12, lo: 0, hi: 1 << 16 },
            bits: MAX_LOG,
            exponent: None,
        };
        let mut s = self.builder.copy(sum, &tag.role("sum"));
        let id = s.linear[0].view.as_ref().map_or(0, |v| v.tensor);
        self.builder.program.padding[id as usize] = 1 << EXP_BITS;
        s.lo = sum.lo;
        let sizes = crate::quantise::requantise::Sizes { single: MAX_LOG, ..self.sizes };
        let ln = self.builder.requantise(&s, &map, sizes, &tag.role("log"))?;
        let m = Expr::tensor(max, outer, value.exponent, value.lo, value.hi);
        let (m, ln) = self.align(&m, &ln, i)?;
        let row = spread(&m.plus(&ln), flat);
        let (v, row) = self.align(value, &row, i)?;
        Ok(v.plus(&row.times(-1)))
    }

    fn is_output(&self, i: NodeId) -> bool {
        self.graph.outputs.contains(&i) && self.users[i].len() <= 1
    }
}

/// A value per row, at every index of the row.
pub(super) fn spread(row: &Expr, flat: &[usize]) -> Expr {
    let subs: Vec<Sub> = (0..row.dims.len()).map(Sub::Var).collect();
    row.substitute(flat, &subs).expect("renaming variables always has a form")
}

/// Bits that hold `0..=hi`.
pub(super) fn bits_of(hi: i64) -> u32 {
    log2_floor(hi.max(1) as f64) as u32 + 1
}
