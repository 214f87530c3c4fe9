//! LayerNorm and RMSNorm: exact sums, normalised reciprocal square root (PROTOCOL §3).

use stwo_ml_verifier::circuit::{Arg, Lookup, Product, TensorId, Term};

use super::softmax::{bits_of, spread};
use crate::graph::NodeId;
use crate::program::Step;
use crate::quantise::bounds::{FILL, Format, LIMIT, exponent_for, log2_floor, scale};
use crate::quantise::builder::{Tag, full_view};
use crate::quantise::expr::{Expr, Sub};
use crate::quantise::lower::{Lower, Lowered};
use crate::quantise::requantise::Map;
use crate::quantise::tables::{Function, MAX_LOG};

/// log2 of the smallest mantissa of a normalised value.
const MANTISSA: u32 = 12;
/// Bits of a reciprocal square root.
const INVERSE_LOG: i32 = 12;

/// `x = 4^u m + rest`.
pub(super) struct Normalised {
    /// `m`.
    pub mantissa: TensorId,
    /// `4^u`.
    pub power: TensorId,
    /// Largest `4^u`.
    pub power_max: i64,
    /// `u`.
    pub scale: TensorId,
    /// Largest `u`.
    pub scale_max: u32,
    /// Interval of `m`.
    pub m_lo: i64,
    pub m_hi: i64,
}

impl Lower<'_> {
    /// Normalises a tensor with entries `1..=hi`: `m` in `[2^k, 2^(k+2))`, or below if `u` is 0 and
    /// `m_lo` is not `2^k`.
    pub(super) fn normalised(
        &mut self,
        x: TensorId,
        dims: &[usize],
        hi: i64,
        k: u32,
        m_lo: i64,
        tag: &Tag,
    ) -> Lowered<Normalised> {
        let log = k + 2;
        let scale_max = bits_of(hi).saturating_sub(log).div_ceil(2);
        if 2 * scale_max + log > 30 {
            return Err("a value that is too large to normalise".to_owned());
        }
        let b = &mut self.builder;
        let scale = b.witness(dims, &tag.role("scale"), 0);
        b.program.steps.push(Step::Scale { x, scale, log_bound: log });
        let power = b.lookup(
            &Function::Power { first: 0, step: 2, half: false, top: scale_max },
            0,
            i64::from(scale_max),
            0,
            Arg::tensor(scale),
            dims,
            &[(tag.role("power"), 0), (tag.role("scaled"), 0)],
        );
        let (power, scaled) = (power[0], power[1]);
        let power_max = 1i64 << (2 * scale_max);
        // x = 4^u m + rest.
        let value = Expr::tensor(x, dims, 0, 0, hi);
        let m = b.witness(dims, &tag.role("mantissa"), 0);
        let rest = b.witness(dims, &tag.role("rest"), 0);
        self.divide(&value, (power, dims, power_max), m, rest, tag)?;
        // Above 2^k wherever u is positive: u is unique.
        let b = &mut self.builder;
        let table = b.tables.range(log);
        b.circuit.lookups.push(Lookup {
            table,
            key: Arg { terms: vec![(1, m), (-(1 << k), scaled)], constant: 0 },
            values: vec![],
        });
        b.range(m, 0, log);
        b.program.padding[m as usize] = 1;
        let m_hi = (1 << log) - 1;
        Ok(Normalised { mantissa: m, power, power_max, scale, scale_max, m_lo, m_hi })
    }

    /// The identity `value = divisor q + r` with `0 <= r < divisor`; the caller bounds `q`. The
    /// divisor has its own, broadcast, shape.
    pub(super) fn divide(
        &mut self,
        value: &Expr,
        (divisor, divisor_dims, divisor_max): (TensorId, &[usize], i64),
        q: TensorId,
        r: TensorId,
        tag: &Tag,
    ) -> Lowered<()> {
        let dims = value.dims.clone();
        let d = spread(&Expr::tensor(divisor, divisor_dims, 0, 0, divisor_max), &dims);
        let Some((_, d_view)) = d.as_view() else { return Err("a divisor".to_owned()) };
        let mut expr = value.clone();
        expr.products.push(Product {
            coef: -1,
            sum: vec![],
            a: d_view.clone(),
            b: full_view(q, &dims),
        });
        let b = &mut self.builder;
        let terms = vec![Term { coef: -1, view: Some(full_view(r, &dims)) }];
        let identity = b.identity(&expr, terms);
        b.program.steps.push(Step::Divide { identity, quotient: q, remainder: r });
        let log = bits_of(divisor_max - 1);
        if log > MAX_LOG {
            return Err("a divisor that is too large".to_owned());
        }
        b.range(r, 0, log);
        // r < divisor.
        let positive = b.intervals.get(&divisor).is_some_and(|&(lo, _)| lo > 0);
        if positive && divisor_dims == dims {
            let table = b.tables.range(log);
            let key = Arg { terms: vec![(1, divisor), (-1, r)], constant: -1 };
            b.circuit.lookups.push(Lookup { table, key, values: vec![] });
            return Ok(());
        }
        let rest = Expr::tensor(r, &dims, 0, 0, divisor_max - 1);
        let mut complement = d.plus(&rest.times(-1));
        (complement.lo, complement.hi) = (1, divisor_max);
        let c = b.copy(&complement, &tag.role("complement"));
        if let Some((_, view)) = c.as_view() {
            b.range(view.tensor, 1, log);
        }
        Ok(())
    }

    /// `floor(value / divisor)` and the remainder, for a divisor of the same shape and a quotient of
    /// `bits` bits.
    pub(super) fn divide_by(
        &mut self,
        value: &Expr,
        divisor: TensorId,
        divisor_max: i64,
        bits: u32,
        tag: &Tag,
    ) -> Lowered<(TensorId, TensorId)> {
        let b = &mut self.builder;
        let q = b.witness(&value.dims, tag, 0);
        let r = b.witness(&value.dims, &tag.role("rest"), 0);
        b.range(q, 0, bits + 1);
        if divisor_max.saturating_mul(2 << bits) > 1 << 30 {
            return Err("a quotient whose decomposition is not unique".to_owned());
        }
        self.divide(value, (divisor, &value.dims.clone(), divisor_max), q, r, tag)?;
        Ok((q, r))
    }

    /// `(x - mean) / sqrt(variance + epsilon)`, or without the mean.
    pub(super) fn norm(
        &mut self,
        i: NodeId,
        axes: &[usize],
        epsilon: f64,
        centre: bool,
    ) -> Lowered<Expr> {
        let x = self.graph.nodes[i].inputs[0];
        let shape = self.graph.nodes[i].shape.clone();
        let tag = self.tag(i);
        let rank = shape.len();
        let rows: Vec<usize> = (0..rank).filter(|d| !axes.contains(d)).collect();
        let perm: Vec<usize> = rows.iter().chain(axes).copied().collect();
        let moved: Vec<usize> = perm.iter().map(|&d| shape[d]).collect();
        let outer: Vec<usize> = rows.iter().map(|&d| shape[d]).collect();
        let n: usize = axes.iter().map(|&d| shape[d]).product();
        let mut flat = outer.clone();
        flat.push(n);
        let mut subs = vec![Sub::Fixed(0); rank];
        for (to, &from) in perm.iter().enumerate() {
            subs[from] = Sub::Var(to);
        }
        let value = self.factor(x)?;
        let value = self.substitute(&value, &moved, &subs, x)?;
        let value = self.reshape(&value, &flat, x)?;
        let y = self.centred(i, x, &value, axes, centre, &tag)?;
        let q = self.normalise_rows(i, &y, &outer, n, epsilon, &tag)?;
        let q = self.reshape(&q, &moved, i)?;
        let back: Vec<Sub> = perm.iter().map(|&d| Sub::Var(d)).collect();
        self.substitute(&q, &shape, &back, i)
    }

    /// `D x - sum x` (or `x`), rounded. The exponent is that of `x - mean` times a factor in
    /// `[1, 2)`, which [`Lower::normalise_rows`] undoes.
    fn centred(
        &mut self,
        i: NodeId,
        x: NodeId,
        value: &Expr,
        axes: &[usize],
        centre: bool,
        tag: &Tag,
    ) -> Lowered<Expr> {
        let last = value.dims.len() - 1;
        let n = value.dims[last] as i64;
        let _ = i;
        let mut pending = value.clone();
        let mut factor = 1.0;
        if centre {
            if value.hi - value.lo > FILL / n {
                let bits = (26 - log2_floor(n as f64)).clamp(6, self.sizes.bits as i32) as u32;
                let (format, tag) = (self.narrow_format(x, bits), self.tag(x).role("narrow"));
                pending = self.builder.requantise(value, &Map::Clip(format), self.sizes, &tag)?;
            }
            let sum = pending.sum_over(last);
            let sum = match sum {
                Some(s) => s,
                None => {
                    pending = self.duplicate(&pending, x)?;
                    pending.sum_over(last).ok_or("a sum")?
                }
            };
            let (lo, hi) = (pending.lo, pending.hi);
            pending = pending.times(n).plus(&spread(&sum, &value.dims).times(-1));
            (pending.lo, pending.hi) = ((n - 1) * (lo - hi), (n - 1) * (hi - lo));
            let log = log2_floor(n as f64);
            pending.exponent += log;
            factor = scale(n as f64, -log);
        }
        let reach = self.spread_of(x, axes, centre) * factor * self.options.margin;
        let bits = self.sizes.bits + 1;
        let exponent = exponent_for(reach, bits - 1);
        let format = Format { exponent, lo: -(1 << (bits - 1)), hi: (1 << (bits - 1)) - 1 };
        if pending.exponent <= exponent
            && pending.lo >= format.lo
            && pending.hi <= format.hi
            && pending.as_view().is_some_and(|(c, _)| c == 1)
        {
            // A tensor of its own for the lookup of squares.
            return Ok(self.builder.copy(&pending, &tag.role("centred")));
        }
        self.builder.requantise(&pending, &Map::Clip(format), self.sizes, &tag.role("centred"))
    }

    /// The largest distance from the mean (or zero) of a row, in calibration.
    fn spread_of(&self, x: NodeId, axes: &[usize], centre: bool) -> f64 {
        let shape = &self.graph.nodes[x].shape;
        let n: usize = axes.iter().map(|&d| shape[d]).product();
        let mut most = 0.0f64;
        for run in self.track {
            let mut row_of = Vec::with_capacity(run[x].data.len());
            let mut sums = std::collections::BTreeMap::new();
            for (flat, &v) in run[x].data.iter().enumerate() {
                let (mut rest, mut row, mut stride) = (flat, 0usize, 1);
                for d in (0..shape.len()).rev() {
                    if !axes.contains(&d) {
                        row += rest % shape[d] * stride;
                        stride *= shape[d];
                    }
                    rest /= shape[d];
                }
                row_of.push(row);
                *sums.entry(row).or_insert(0.0) += v;
            }
            for (&v, row) in run[x].data.iter().zip(&row_of) {
                let mean = if centre { sums[row] / n as f64 } else { 0.0 };
                most = most.max((v - mean).abs());
            }
        }
        if most == 0.0 { 1.0 } else { most }
    }

    /// `y sqrt(n) / sqrt(sum y^2 + eps)` over rows of length `n`.
    fn normalise_rows(
        &mut self,
        i: NodeId,
        y: &Expr,
        outer: &[usize],
        n: usize,
        epsilon: f64,
        tag: &Tag,
    ) -> Lowered<Expr> {
        let flat = y.dims.clone();
        let last = flat.len() - 1;
        let Some((1, view)) = y.as_view() else { return Err("centred values".to_owned()) };
        let y_id = view.tensor;
        if *view != full_view(y_id, &flat) {
            return Err("centred values that are not one tensor".to_owned());
        }
        let log_n = log2_floor(n as f64) + i32::from(!n.is_power_of_two());
        let y_log = bits_of(y.bound()) as i32 - i32::from(y.bound().count_ones() == 1);
        // The format of the result: at most sqrt(n), by Cauchy-Schwarz.
        let most = libm::sqrt(n as f64);
        let wanted = exponent_for(self.range(i).max_abs(), self.sizes.bits - 1);
        // u takes 0..=top, the shift of y / sqrt is c + u bits, and the quotient has q_log bits.
        let total = 2 * y_log + log_n;
        let widths = |inverse_log: i32, top: i32| {
            let sum_log = (MANTISSA as i32 + 2 + 2 * top).min(27);
            let k = (total - sum_log).max(1);
            let gamma = libm::sqrt(scale(n as f64, -k));
            let a = inverse_log + (MANTISSA / 2) as i32 - 1 - log2_floor(gamma);
            let e_out = wanted.min(a - 1);
            let q_log = bits_of(libm::ceil(most * 1.01 * scale(1.0, e_out)) as i64) as i32;
            (a, k, e_out, q_log, a - e_out + top + q_log)
        };
        let (inverse_log, top) = (8..=INVERSE_LOG)
            .rev()
            .flat_map(|inverse_log| (2..=7).rev().map(move |top| (inverse_log, top)))
            .find(|&(inverse_log, top)| widths(inverse_log, top).4 < 29)
            .ok_or("rows that are too long to normalise")?;
        let (a, k, e_out, q_log, _) = widths(inverse_log, top);
        let c = a - e_out;
        let gamma = libm::sqrt(scale(n as f64, -k));
        let factor = if self.is_centred(i) { scale(n as f64, -log2_floor(n as f64)) } else { 1.0 };
        // Squares in two columns.
        let b = &mut self.builder;
        let squares = b.lookup(
            &Function::Square { log: k as u32 },
            // The padding of the tensor is looked up too.
            y.lo.min(0),
            y.hi.max(0),
            0,
            Arg::tensor(y_id),
            &flat,
            &[(tag.role("square.high"), 0), (tag.role("square.low"), 0)],
        );
        let top_square = y.bound() * y.bound();
        let high = Expr::tensor(squares[0], &flat, 0, 0, top_square >> k);
        let low = Expr::tensor(squares[1], &flat, 0, 0, (1 << k) - 1);
        let high = high.sum_over(last).ok_or("a sum")?;
        let low = low.sum_over(last).ok_or("a sum")?;
        if high.hi >= FILL || low.hi >= FILL {
            return Err("rows whose sum of squares is too wide".to_owned());
        }
        let carry = b.witness(outer, &tag.role("carry"), 0);
        let rest = b.witness(outer, &tag.role("carry.rest"), 0);
        b.split(&low, 0, &[(carry, 1 << k), (rest, 1)]);
        b.range(rest, 0, k as u32);
        let carry_log = bits_of(low.hi >> k);
        b.range(carry, 0, carry_log);
        // epsilon in units of the sum.
        let unit = epsilon * factor * factor * n as f64;
        let eps = libm::floor(scale(unit, 2 * y.exponent - k) + 0.5);
        let eps = (eps as i64).clamp(1, 1 << 26);
        let carry = Expr::tensor(carry, outer, 0, 0, (1 << carry_log) - 1);
        let sum = high.plus(&carry).plus(&Expr::scalar(outer, 0, eps));
        if sum.bound() >= LIMIT {
            return Err("rows whose sum of squares is too wide".to_owned());
        }
        let variance = b.copy(&sum, &tag.role("variance"));
        let Some((_, v)) = variance.as_view() else { return Err("a variance".to_owned()) };
        let v_id = v.tensor;
        let norm = self.normalised(v_id, outer, sum.hi, MANTISSA, 0, tag)?;
        let b = &mut self.builder;
        let numerator = libm::floor(scale(gamma, a) + 0.5) as i64;
        let cap = 1i64 << (inverse_log + 3);
        let inverse = b.lookup(
            &Function::Rsqrt { numerator, cap },
            norm.m_lo,
            norm.m_hi,
            0,
            Arg::tensor(norm.mantissa),
            outer,
            &[(tag.role("inverse"), 0)],
        )[0];
        let shift = b.lookup(
            &Function::Power { first: c as u32, step: 1, half: true, top: norm.scale_max },
            0,
            i64::from(norm.scale_max),
            0,
            Arg::tensor(norm.scale),
            outer,
            &[(tag.role("divisor"), 0), (tag.role("half"), 0)],
        );
        let inverse = Expr::tensor(inverse, outer, 0, 0, cap);
        let mut product = self.product_in(&flat, y, &spread(&inverse, &flat))?;
        let divisor_max = 1i64 << (c as u32 + norm.scale_max);
        let half = Expr::tensor(shift[1], outer, 0, 0, divisor_max / 2);
        product.exponent = 0;
        product = product.plus(&spread(&half, &flat));
        if product.bound() >= LIMIT {
            return Err("a normalised product that is too wide".to_owned());
        }
        let b = &mut self.builder;
        let plain = self.graph.nodes[i].shape == flat;
        let own = if plain { tag.clone() } else { tag.role("normalised") };
        let q = b.witness(&flat, &own, e_out);
        let r = b.witness(&flat, &tag.role("remainder"), e_out);
        b.range(q, -(1 << q_log), q_log as u32 + 1);
        self.divide(&product, (shift[0], outer, divisor_max), q, r, tag)?;
        Ok(Expr::tensor(q, &flat, e_out, -(1 << q_log), (1 << q_log) - 1))
    }

    fn is_centred(&self, i: NodeId) -> bool {
        matches!(self.graph.nodes[i].op, crate::graph::Op::LayerNorm { .. })
    }
}
