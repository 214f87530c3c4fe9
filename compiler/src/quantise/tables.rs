//! Lookup tables, shared by the whole model (PROTOCOL §3, §5.1).

use std::rc::Rc;

use stwo_ml_verifier::circuit::{Kind, Table};

use super::bounds::{round_clamp, scale, width_log};
use super::builder::{Builder, Tag};
use crate::evaluate::evaluate;
use crate::graph::{Array, Graph, Op};

/// What a table computes from its key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Function {
    /// No output: a range check.
    Range,
    /// `clamp(round(key 2^-shift))`.
    Clip { shift: i32, lo: i64, hi: i64 },
    /// `clamp(round(f(key 2^-exponent) 2^out))`; `f` is a graph with one input and, last, its output.
    Chain { graph: Rc<Graph>, exponent: i32, out: i32, lo: i64, hi: i64 },
    /// Class of an upper part: `clamp(key - first + 1, 0, n + 1)`.
    Class { first: i64, n: i64 },
    /// Second stage of a saturation: the key is `class 2^log + low`.
    Staged { inner: Box<Self>, log: u32, first: i64, n: i64 },
    /// `(round(2^bits exp(-key 2^-exponent)), [key = 0])`.
    Exp { exponent: i32, bits: u32 },
    /// `[key = 0]`.
    IsZero,
    /// Both halves of the square: `key^2 = 2^log high + low`.
    Square { log: u32 },
    /// `2^(first + step key)`, and half of it or `[key > 0]`, for keys up to `top`.
    Power { first: u32, step: u32, half: bool, top: u32 },
    /// `min(round(2^bits / key), cap)`; `cap` at zero and below.
    Reciprocal { bits: u32, cap: i64 },
    /// `min(round(numerator / sqrt(key)), cap)`; `cap` at zero and below.
    Rsqrt { numerator: i64, cap: i64 },
}

impl Function {
    /// Number of output columns.
    pub fn n_outputs(&self) -> usize {
        match self {
            Self::Range => 0,
            Self::Exp { .. } | Self::Square { .. } | Self::Power { .. } => 2,
            _ => 1,
        }
    }

    /// Bounds of the outputs, over any domain.
    pub fn intervals(&self) -> Vec<(i64, i64)> {
        match self {
            Self::Range => Vec::new(),
            Self::Clip { lo, hi, .. } | Self::Chain { lo, hi, .. } => vec![(*lo, *hi)],
            Self::Class { n, .. } => vec![(0, n + 1)],
            Self::Staged { inner, .. } => inner.intervals(),
            Self::Exp { bits, .. } => vec![(0, 1 << bits), (0, 1)],
            Self::IsZero => vec![(0, 1)],
            Self::Square { log } => vec![(0, 1 << (30 - log)), (0, (1 << log) - 1)],
            Self::Power { first, step, top, .. } => {
                let most = 1i64 << (first + step * top);
                vec![(1, most), (0, (most / 2).max(1))]
            }
            Self::Reciprocal { cap, .. } | Self::Rsqrt { cap, .. } => vec![(0, *cap)],
        }
    }

    /// The outputs for all keys, one vector per column.
    pub fn eval(&self, keys: &[i64]) -> Vec<Vec<i32>> {
        let one = |f: &dyn Fn(i64) -> i64| vec![keys.iter().map(|&k| f(k) as i32).collect()];
        match self {
            Self::Range => Vec::new(),
            Self::Clip { shift, lo, hi } => {
                one(&|k| round_clamp(scale(k as f64, -shift), *lo, *hi))
            }
            Self::Chain { graph, exponent, out, lo, hi } => {
                let data = keys.iter().map(|&k| scale(k as f64, -exponent)).collect();
                let values = eval_chain(graph, data);
                vec![values.iter().map(|&y| round_clamp(scale(y, *out), *lo, *hi) as i32).collect()]
            }
            Self::Class { first, n } => one(&|k| (k - first + 1).clamp(0, n + 1)),
            Self::Staged { inner, log, first, n } => {
                let (from, to) = (first << log, ((first + n) << log) - 1);
                let inner_keys: Vec<i64> = keys
                    .iter()
                    .map(|&k| {
                        let (class, low) = (k >> log, k & ((1 << log) - 1));
                        match class {
                            c if c <= 0 => from,
                            c if c > *n => to,
                            c => ((first + c - 1) << log) + low,
                        }
                    })
                    .collect();
                inner.eval(&inner_keys)
            }
            Self::Exp { exponent, bits } => {
                let e = |k: i64| {
                    let y = libm::exp(-scale(k.max(0) as f64, -exponent));
                    round_clamp(scale(y, *bits as i32), 0, 1 << bits)
                };
                vec![
                    keys.iter().map(|&k| e(k) as i32).collect(),
                    keys.iter().map(|&k| i32::from(k == 0)).collect(),
                ]
            }
            Self::IsZero => one(&|k| i64::from(k == 0)),
            Self::Square { log } => vec![
                keys.iter().map(|&k| ((k * k) >> log) as i32).collect(),
                keys.iter().map(|&k| ((k * k) & ((1 << log) - 1)) as i32).collect(),
            ],
            Self::Power { first, step, half, top } => {
                // Keys in the padding of the table mean 0.
                let key = |k: i64| if (0..=i64::from(*top)).contains(&k) { k } else { 0 };
                let power = |k: i64| 1i64 << (i64::from(*first) + i64::from(*step) * key(k));
                let second = |k: i64| if *half { power(k) / 2 } else { i64::from(key(k) > 0) };
                vec![
                    keys.iter().map(|&k| power(k) as i32).collect(),
                    keys.iter().map(|&k| second(k) as i32).collect(),
                ]
            }
            Self::Reciprocal { bits, cap } => one(&|k| {
                if k <= 0 {
                    *cap
                } else {
                    round_clamp(scale(1.0, *bits as i32) / k as f64, 0, *cap)
                }
            }),
            Self::Rsqrt { numerator, cap } => one(&|k| {
                if k <= 0 {
                    *cap
                } else {
                    round_clamp(*numerator as f64 / libm::sqrt(k as f64), 0, *cap)
                }
            }),
        }
    }
}

/// Evaluates a chain on a vector.
pub(crate) fn eval_chain(graph: &Graph, data: Vec<f64>) -> Vec<f64> {
    let n = data.len();
    let mut graph = graph.clone();
    for node in &mut graph.nodes {
        if !matches!(node.op, Op::Const(_)) {
            node.shape = vec![n];
        }
    }
    let input = Array { shape: vec![n], data };
    match evaluate(&graph, &[input]) {
        Ok(values) => values.last().map_or_else(Vec::new, |y| y.data.clone()),
        Err(error) => unreachable!("a chain is made of entry-by-entry operations: {error}"),
    }
}

#[derive(Debug)]
struct Entry {
    function: Function,
    lo: i64,
    hi: i64,
    /// Largest log2 of what multiplies a key of this table in the identity that defines it.
    s: u32,
}

/// The tables that have been asked for.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    entries: Vec<Entry>,
}

/// Largest log2 size of a table that is made here, but for those of [`Sizes::single`](super::requantise::Sizes).
pub(crate) const MAX_LOG: u32 = 18;

/// Largest log2 size of a table of a circuit (PROTOCOL §5).
const MAX_CIRCUIT_LOG: u32 = 20;

impl Tables {
    /// Why the tables cannot be in a circuit: one is too large.
    pub fn check(&self) -> Result<(), String> {
        let log = self.entries.iter().map(|e| width_log(e.lo, e.hi)).max().unwrap_or(0);
        if log <= MAX_CIRCUIT_LOG {
            return Ok(());
        }
        Err(format!("needs a table of 2^{log} entries, more than 2^{MAX_CIRCUIT_LOG}"))
    }

    /// Forgets what [`Self::check`] complains of, once that is reported.
    pub fn drop_oversized(&mut self) {
        self.entries.retain(|e| width_log(e.lo, e.hi) <= MAX_CIRCUIT_LOG);
    }

    /// A table of `function` whose keys include `lo..=hi`. `2^s` times its size stays within 2^30.
    pub fn request(&mut self, function: &Function, lo: i64, hi: i64, s: u32) -> u32 {
        let own = width_log(lo, hi);
        let found = self.entries.iter_mut().enumerate().find_map(|(i, e)| {
            if e.function != *function || *function == Function::Range {
                return None;
            }
            let (l, h, s) = (e.lo.min(lo), e.hi.max(hi), e.s.max(s));
            let log = width_log(l, h);
            let separate = (1u64 << own) + (1 << width_log(e.lo, e.hi));
            let most = MAX_LOG.max(own).max(width_log(e.lo, e.hi));
            if log > most || log + s > 30 || 1u64 << log > separate {
                return None;
            }
            (e.lo, e.hi, e.s) = (l, h, s);
            Some(i)
        });
        let index = found.unwrap_or_else(|| {
            self.entries.push(Entry { function: function.clone(), lo, hi, s });
            self.entries.len() - 1
        });
        index as u32
    }

    /// The range table of `2^log` entries.
    pub fn range(&mut self, log: u32) -> u32 {
        let hi = (1i64 << log) - 1;
        let same = |e: &Entry| e.function == Function::Range && e.hi == hi;
        let index = self.entries.iter().position(same).unwrap_or_else(|| {
            self.entries.push(Entry { function: Function::Range, lo: 0, hi, s: 0 });
            self.entries.len() - 1
        });
        index as u32
    }
}

impl Builder {
    /// Fills the tables, once all are known.
    pub fn finish_tables(&mut self) {
        for (index, entry) in std::mem::take(&mut self.tables).entries.into_iter().enumerate() {
            let log_size = width_log(entry.lo, entry.hi);
            let tag = |role: &str| Tag { label: format!("table{index}.{role}"), ..Tag::default() };
            let keys: Vec<i64> = (entry.lo..entry.lo + (1 << log_size)).collect();
            let shape = [1usize << log_size];
            let outputs = entry
                .function
                .eval(&keys)
                .into_iter()
                .map(|column| {
                    let exponent = 0;
                    self.public_model(&shape, column, &tag("output"), exponent)
                })
                .collect();
            let multiplicity = self.witness(&shape, &tag("multiplicity"), 0);
            self.circuit.tables.push(Table {
                log_size,
                lo: entry.lo as i32,
                outputs,
                multiplicity,
            });
        }
    }

    fn public_model(&mut self, shape: &[usize], data: Vec<i32>, tag: &Tag, exponent: i32) -> u32 {
        let id = self.public(shape, Kind::Model, tag, exponent);
        self.model[id as usize] = data;
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_no_circuit_can_have_is_refused() {
        let mut tables = Tables::default();
        tables.request(&Function::Range, 0, (1 << 20) - 1, 0);
        assert_eq!(tables.check(), Ok(()));
        tables.request(&Function::Class { first: 0, n: 4 }, 0, 1 << 35, 0);
        assert_eq!(tables.check(), Err("needs a table of 2^36 entries, more than 2^20".into()));
        tables.drop_oversized();
        assert_eq!(tables.check(), Ok(()));
    }
}
