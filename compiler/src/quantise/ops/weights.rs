//! Constant factors: as many bits as the accumulator leaves (PROTOCOL §3).

use crate::graph::{Array, NodeId, Op};
use crate::quantise::bounds::{FILL, Format, LIMIT, exponent_for, log2_floor, round_clamp, scale};
use crate::quantise::lower::{Lower, Lowered};

/// Largest log2 of a quantised weight.
const MAX_WEIGHT_LOG: i32 = 22;

/// Quantised weights and the bounds of the sums in which they occur.
pub(crate) struct Weights {
    pub entries: Vec<i32>,
    pub exponent: i32,
    pub lo: i64,
    pub hi: i64,
}

/// Everything that bounds the sums `sum_k a_k w_k`.
pub(crate) struct Sums<'a> {
    /// The axes of the weights that the result keeps; the others are summed.
    pub kept: &'a [usize],
    /// How often each product occurs in a sum, beyond what the summed axes of the weights say.
    pub repeat: i64,
    /// Interval of `a`, zero included if some entries are read as padding.
    pub a: (i64, i64),
    /// Exponent of `a`.
    pub exponent: i32,
    /// Largest magnitude of what is added to the sums (a bias).
    pub extra: f64,
}

impl Lower<'_> {
    /// Chooses the exponent of weights for node `i`, and bounds its sums.
    pub(crate) fn weights(&self, i: NodeId, array: &Array, sums: &Sums<'_>) -> Lowered<Weights> {
        let rows = row_index(&array.shape, sums.kept);
        let n_rows: usize = sums.kept.iter().map(|&d| array.shape[d]).product();
        let a_max = sums.a.0.abs().max(sums.a.1.abs()).max(1) as f64;
        let mut totals = vec![0.0f64; n_rows];
        let mut w_max = 0.0f64;
        for (w, &row) in array.data.iter().zip(&rows) {
            if !w.is_finite() {
                return Err("a weight that is not finite".to_owned());
            }
            totals[row] += w.abs();
            w_max = w_max.max(w.abs());
        }
        let bound = totals.iter().fold(0.0f64, |m, &t| m.max(t)) * a_max * sums.repeat as f64
            + scale(sums.extra, sums.exponent);
        if w_max == 0.0 || bound == 0.0 {
            let entries = vec![0; array.data.len()];
            return Ok(Weights { entries, exponent: 0, lo: 0, hi: 0 });
        }
        let fill = self.fill(i);
        let mut exponent = log2_floor(fill as f64 / bound)
            .min(MAX_WEIGHT_LOG - 1 - log2_floor(w_max))
            .min(self.accumulator_exponent(i) - sums.exponent);
        // Integers stay integers.
        if array.data.iter().all(|w| libm::floor(*w) == *w) {
            exponent = exponent.min(0);
        }
        loop {
            let max = 1 << (MAX_WEIGHT_LOG + 1);
            let entries: Vec<i32> = array
                .data
                .iter()
                .map(|&w| round_clamp(scale(w, exponent), -max, max) as i32)
                .collect();
            let (lo, hi) = interval(&entries, &rows, n_rows, sums);
            let extra = scale(sums.extra, sums.exponent + exponent) as i64 + 1;
            if lo.abs().max(hi.abs()) + extra <= fill + fill / 32 {
                return Ok(Weights { entries, exponent, lo, hi });
            }
            exponent -= 1;
        }
    }

    /// The largest exponent that a sum of node `i` needs: that of the table or format that it ends
    /// in, and the bits of a remainder.
    pub(crate) fn accumulator_exponent(&self, i: NodeId) -> i32 {
        let mut at = i;
        while let [user] = self.users[at][..]
            && self.is_linear_user(user)
        {
            at = user;
        }
        if self.users[at].is_empty() {
            return 60;
        }
        let range = self.range(at);
        let width = (range.hi - range.lo).max(range.max_abs());
        exponent_for(width, self.sizes.bits + 1) + self.sizes.shift as i32
    }

    /// The exponent of activation `i` at which its rounding and that of the weights that multiply it
    /// disturb the sums equally, if the accumulator is too narrow for both to be fine.
    pub(crate) fn balanced_exponent(&self, i: NodeId) -> Option<i32> {
        let range = self.range(i);
        let a_max = range.max_abs();
        let squares: f64 = self.track.iter().flat_map(|run| &run[i].data).map(|x| x * x).sum();
        let count: usize = self.track.iter().map(|run| run[i].data.len()).sum();
        let rms = libm::sqrt(squares / count.max(1) as f64);
        let mut best: Option<i32> = None;
        for (array, kept) in self.multipliers(i) {
            let rows = row_index(&array.shape, &kept);
            let n_rows: usize = kept.iter().map(|&d| array.shape[d]).product();
            let mut sums = vec![(0.0f64, 0.0f64); n_rows.max(1)];
            for (w, &row) in array.data.iter().zip(&rows) {
                sums[row].0 += w.abs();
                sums[row].1 += w * w;
            }
            let most = sums.iter().fold(0.0f64, |m, s| m.max(s.0));
            let norms = sums.iter().map(|s| s.1).sum::<f64>() / sums.len() as f64;
            if most == 0.0 || a_max == 0.0 || norms == 0.0 || rms == 0.0 {
                continue;
            }
            let total = log2(LIMIT as f64 * 0.9 / (most * a_max));
            let length = (array.data.len() / n_rows.max(1)).max(1) as f64;
            let skew = log2(rms * libm::sqrt(length) / libm::sqrt(norms));
            let e = libm::floor((total - skew) / 2.0 + 0.5) as i32;
            best = Some(best.map_or(e, |b| b.max(e)));
        }
        best
    }

    /// Constant factors that multiply node `i`, directly or through data movement, and their kept
    /// axes. Empty if anything else reads it that may need its precision.
    fn multipliers(&self, i: NodeId) -> Vec<(&Array, Vec<usize>)> {
        let mut found = Vec::new();
        let mut stack = vec![i];
        while let Some(at) = stack.pop() {
            if self.graph.outputs.contains(&at) {
                return Vec::new();
            }
            for &user in &self.users[at] {
                let node = &self.graph.nodes[user];
                match &node.op {
                    _ if self.is_chain(user) => return Vec::new(),
                    Op::Conv { .. } if node.inputs[0] == at => {
                        if let Some(array) = &self.constants[node.inputs[1]] {
                            found.push((array, vec![0]));
                        }
                    }
                    Op::Einsum { a, b, out } => {
                        let (other, labels) = if node.inputs[0] == at {
                            (node.inputs[1], b)
                        } else {
                            (node.inputs[0], a)
                        };
                        let Some(array) = &self.constants[other] else { return Vec::new() };
                        let kept =
                            (0..labels.len()).filter(|&d| out.contains(&labels[d])).collect();
                        found.push((array, kept));
                    }
                    Op::Reshape
                    | Op::Transpose { .. }
                    | Op::Slice { .. }
                    | Op::Cast
                    | Op::MaxPool(_)
                    | Op::Concat { .. } => stack.push(user),
                    _ => return Vec::new(),
                }
            }
        }
        found
    }

    /// What a sum of node `i` may reach: less where more is added to it before it is committed.
    fn fill(&self, i: NodeId) -> i64 {
        let mut at = i;
        while let [user] = self.users[at][..] {
            let node = &self.graph.nodes[user];
            let both = node.inputs.iter().all(|&j| self.constants[j].is_none());
            match node.op {
                Op::Binary(_) if !self.is_chain(user) && both => return FILL,
                _ if self.is_linear_user(user) => at = user,
                _ => return LIMIT - LIMIT / 16,
            }
        }
        FILL
    }

    fn is_linear_user(&self, user: NodeId) -> bool {
        use crate::graph::Binary;
        !self.is_chain(user)
            && matches!(
                self.graph.nodes[user].op,
                Op::Binary(Binary::Add | Binary::Sub)
                    | Op::Reshape
                    | Op::Transpose { .. }
                    | Op::Cast
                    | Op::Slice { .. }
            )
    }

    /// A format for a product's factor, with fewer bits than usual.
    pub(crate) fn narrow_format(&self, i: NodeId, bits: u32) -> Format {
        Format::saturating(self.range(i), bits)
    }
}

/// For each entry, the row-major index among the kept axes.
fn row_index(shape: &[usize], kept: &[usize]) -> Vec<usize> {
    let n: usize = shape.iter().product();
    let mut stride = vec![0; shape.len()];
    let mut acc = 1;
    for &d in kept.iter().rev() {
        stride[d] = acc;
        acc *= shape[d];
    }
    (0..n)
        .map(|flat| {
            let mut rest = flat;
            let mut row = 0;
            for d in (0..shape.len()).rev() {
                row += rest % shape[d] * stride[d];
                rest /= shape[d];
            }
            row
        })
        .collect()
}

/// Exact interval arithmetic over the rows.
fn interval(entries: &[i32], rows: &[usize], n_rows: usize, sums: &Sums<'_>) -> (i64, i64) {
    let mut lo = vec![0i64; n_rows];
    let mut hi = vec![0i64; n_rows];
    for (&w, &row) in entries.iter().zip(rows) {
        let (x, y) = (i64::from(w) * sums.a.0, i64::from(w) * sums.a.1);
        lo[row] += x.min(y) * sums.repeat;
        hi[row] += x.max(y) * sums.repeat;
    }
    (lo.into_iter().min().unwrap_or(0), hi.into_iter().max().unwrap_or(0))
}

fn log2(x: f64) -> f64 {
    libm::log2(x)
}
