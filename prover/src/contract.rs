//! Factors of a product as functions of the sumcheck variables (PROTOCOL §5.2, virtual im2col).
//!
//! `A(u)` is the tensor read through its view with the other variables at their points. Each
//! dimension of the view is either summed away against its weights, or turned into sumcheck
//! variables by a matrix (a convolution's `K x H` matrix, a selection), one dimension at a time, so
//! nothing of the size of an im2col matrix ever exists.

use rayon::prelude::*;
use stwo_ml_verifier::circuit::{Axis, Source, View, log_ceil};
use stwo_ml_verifier::field::{F, K, ONE, ZERO, eq_table};
use stwo_ml_verifier::functional::{Public, axis_weights};
use stwo_ml_verifier::product::Instance;

use crate::packed::{N_LANES, PackedK, lanes, pack};

/// A partially contracted tensor: `values` over `shape`, real extents, row-major.
struct Partial {
    base: Option<Vec<F>>,
    values: Vec<K>,
    shape: Vec<usize>,
}

/// What becomes of one dimension.
enum Role {
    /// Summed against weights.
    Contract(Vec<K>),
    /// Becomes the variable as it is.
    Keep(usize),
    /// Becomes these variables, through a matrix: row `v` (mixed radix over the variables' extents)
    /// has the entries `(index, weight)`.
    Matrix(Vec<usize>, Vec<Vec<(usize, K)>>),
}

fn role(axis: &Axis, dim: u32, instance: &Instance<'_>, public: Public<'_>) -> Role {
    let free = |var: u16| instance.vars.iter().any(|&(v, _)| v == usize::from(var));
    let extent = |var: usize| instance.at.extents[var] as usize;
    let selection = |var: u16, map: &mut dyn Iterator<Item = i64>| {
        let rows = map
            .map(|q| match usize::try_from(q) {
                Ok(q) if q < dim as usize => vec![(q, ONE)],
                _ => vec![],
            })
            .collect();
        Role::Matrix(vec![usize::from(var)], rows)
    };
    match axis {
        Axis::Var(var) if free(*var) => Role::Keep(usize::from(*var)),
        Axis::Map { var, map } if free(*var) => {
            selection(*var, &mut map.iter().map(|&q| i64::from(q)))
        }
        Axis::Public { var, tensor } if free(*var) => {
            selection(*var, &mut public.entries(*tensor).iter().map(|&q| i64::from(q)))
        }
        Axis::Affine { terms, offset }
            if terms.iter().any(|t| matches!(t.source, Source::Var(v) if free(v))) =>
        {
            // Rows: all values of the free variables; each row enumerates the other terms.
            let mut vars = vec![];
            let mut rows = vec![vec![(i64::from(*offset), ONE)]];
            for term in terms {
                let stride = i64::from(term.stride);
                match term.source {
                    Source::Var(var) if free(var) => {
                        vars.push(usize::from(var));
                        rows = rows
                            .iter()
                            .flat_map(|row| {
                                (0..extent(usize::from(var))).map(move |v| {
                                    row.iter().map(|&(q, w)| (q + stride * v as i64, w)).collect()
                                })
                            })
                            .collect();
                    }
                    source => {
                        let weights = match source {
                            Source::Var(var) => {
                                let mut w = eq_table(&instance.at.points[usize::from(var)]);
                                w.truncate(extent(usize::from(var)));
                                w
                            }
                            Source::Sum(n) => vec![ONE; n as usize],
                        };
                        for row in &mut rows {
                            *row = row
                                .iter()
                                .flat_map(|&(q, w)| {
                                    weights
                                        .iter()
                                        .enumerate()
                                        .map(move |(v, &x)| (q + stride * v as i64, w * x))
                                })
                                .collect();
                        }
                    }
                }
            }
            let keep = |row: Vec<(i64, K)>| {
                row.into_iter()
                    .filter_map(|(q, w)| Some((usize::try_from(q).ok()?, w)))
                    .filter(|&(q, _)| q < dim as usize)
                    .collect()
            };
            Role::Matrix(vars, rows.into_iter().map(keep).collect())
        }
        _ => Role::Contract(axis_weights(axis, dim, &instance.at, public)),
    }
}

/// `A(u)` for all `u`, in the order of the instance's variables, zero beyond the extents of those
/// that the view uses.
/// `padded` holds the tensor's slot.
#[must_use]
pub fn factor(view: &View, padded: &[F], instance: &Instance<'_>, public: Public<'_>) -> Vec<K> {
    let roles: Vec<Role> = view
        .axes
        .iter()
        .zip(&view.dims)
        .map(|(axis, &dim)| role(axis, dim, instance, public))
        .collect();
    let mut partial = Partial {
        base: Some(padded.to_vec()),
        values: vec![],
        shape: view.dims.iter().map(|&d| 1usize << log_ceil(d)).collect(),
    };
    // Dimensions that vanish first: they make everything after them cheaper. Outer ones are
    // contracted fastest, so each pass goes from the outside in.
    let mut vars: Vec<Vec<usize>> = vec![vec![]; roles.len()];
    for (d, role) in roles.iter().enumerate() {
        if let Role::Contract(weights) = role {
            partial.contract(d, weights);
        }
    }
    for (d, role) in roles.iter().enumerate() {
        match role {
            Role::Contract(_) => {}
            Role::Keep(var) => {
                let n = (instance.at.extents[*var].min(view.dims[d])) as usize;
                partial.truncate(d, n);
                vars[d] = vec![*var];
            }
            Role::Matrix(of, rows) => {
                partial.multiply(d, rows);
                vars[d].clone_from(of);
            }
        }
    }
    partial.arrange(&vars, instance)
}

impl Partial {
    fn around(&self, d: usize) -> (usize, usize, usize) {
        (self.shape[..d].iter().product(), self.shape[d], self.shape[d + 1..].iter().product())
    }

    fn contract(&mut self, d: usize, weights: &[K]) {
        let (pre, n, post) = self.around(d);
        self.shape[d] = 1;
        let out = if let Some(base) = self.base.take() {
            contract_base(&base, weights, pre, n, post)
        } else {
            let values = &self.values;
            let mut out = vec![ZERO; pre * post];
            out.par_chunks_mut(post).enumerate().for_each(|(i, row)| {
                for (q, &w) in weights.iter().enumerate() {
                    let from = &values[(i * n + q) * post..][..post];
                    row.iter_mut().zip(from).for_each(|(o, &v)| *o += w * v);
                }
            });
            out
        };
        self.values = out;
    }

    /// Keeps the first `len` indices of dimension `d`.
    fn truncate(&mut self, d: usize, len: usize) {
        let (pre, n, post) = self.around(d);
        if len == n {
            return;
        }
        fn cut<T: Copy>(v: &[T], pre: usize, n: usize, len: usize, post: usize) -> Vec<T> {
            (0..pre).flat_map(|i| v[i * n * post..][..len * post].iter().copied()).collect()
        }
        match &mut self.base {
            Some(base) => *base = cut(base, pre, n, len, post),
            None => self.values = cut(&self.values, pre, n, len, post),
        }
        self.shape[d] = len;
    }

    /// Applies a matrix given by sparse rows to dimension `d`.
    fn multiply(&mut self, d: usize, rows: &[Vec<(usize, K)>]) {
        let (pre, n, post) = self.around(d);
        let base = self.base.take();
        let values = std::mem::take(&mut self.values);
        let mut out = vec![ZERO; pre * rows.len() * post];
        out.par_chunks_mut(post).enumerate().for_each(|(index, row)| {
            let (i, v) = (index / rows.len(), index % rows.len());
            for &(q, w) in &rows[v] {
                let at = (i * n + q) * post;
                match &base {
                    Some(base) if w == ONE => {
                        row.iter_mut().zip(&base[at..at + post]).for_each(|(o, &x)| *o += x);
                    }
                    Some(base) => {
                        row.iter_mut().zip(&base[at..at + post]).for_each(|(o, &x)| *o += w * x);
                    }
                    None => {
                        row.iter_mut().zip(&values[at..at + post]).for_each(|(o, &x)| *o += w * x);
                    }
                }
            }
        });
        self.values = out;
        self.shape[d] = rows.len();
    }

    /// Reorders to the instance's variables and pads. Along those that the view does not use it
    /// repeats, padding included: the functional that is claimed for the factor ignores them.
    fn arrange(self, vars: &[Vec<usize>], instance: &Instance<'_>) -> Vec<K> {
        let values = match self.base {
            Some(base) => base.into_iter().map(K::from).collect(),
            None => self.values,
        };
        // Stride of every variable in `values`.
        let mut stride = 1usize;
        let mut strides = vec![None; instance.at.extents.len()];
        for (d, of) in vars.iter().enumerate().rev() {
            let mut inner = stride;
            for &var in of.iter().rev() {
                strides[var] = Some(inner);
                inner *= match of.len() {
                    1 => self.shape[d],
                    _ => instance.at.extents[var] as usize,
                };
            }
            stride *= self.shape[d];
        }
        let limits: Vec<usize> = instance
            .vars
            .iter()
            .map(|&(var, bits)| {
                if strides[var].is_none() {
                    return 1 << bits;
                }
                let full = instance.at.extents[var] as usize;
                let own = vars.iter().zip(&self.shape).find(|(of, _)| **of == [var]);
                own.map_or(full, |(_, &n)| n.min(full))
            })
            .collect();
        let mut out = vec![ZERO; 1 << instance.n_vars()];
        // Walk the outer variables; copy along the innermost one.
        let Some((&(last, last_bits), outer)) = instance.vars.split_last() else {
            out[0] = values[0];
            return out;
        };
        let step = strides[last];
        let inner = limits[limits.len() - 1];
        out.par_chunks_mut(1 << last_bits).enumerate().for_each(|(row, chunk)| {
            let (mut rest, mut from) = (row, 0);
            for (&(var, bits), &limit) in outer.iter().zip(&limits).rev() {
                let v = rest & ((1 << bits) - 1);
                rest >>= bits;
                if v >= limit {
                    return;
                }
                from += strides[var].map_or(0, |s| s * v);
            }
            for (v, o) in chunk.iter_mut().take(inner).enumerate() {
                *o = values[from + step.map_or(0, |s| s * v)];
            }
        });
        out
    }
}

/// `out[i, j] = sum_q w_q base[i, q, j]`.
fn contract_base(base: &[F], weights: &[K], pre: usize, n: usize, post: usize) -> Vec<K> {
    if post == 1 {
        let packed: Vec<PackedK> = weights
            .chunks(N_LANES)
            .map(|c| {
                let mut lanes = [ZERO; N_LANES];
                lanes[..c.len()].copy_from_slice(c);
                PackedK::from_array(lanes)
            })
            .collect();
        return base
            .par_chunks(n)
            .with_min_len(64)
            .map(|row| {
                let zero = PackedK::broadcast(ZERO);
                let sum =
                    row.chunks(N_LANES).zip(&packed).fold(zero, |acc, (v, &w)| acc + w * pack(v));
                lanes(sum)
            })
            .collect();
    }
    let block = 1024usize;
    let mut out = vec![ZERO; pre * post];
    out.par_chunks_mut(post).enumerate().for_each(|(i, row)| {
        row.par_chunks_mut(block).enumerate().for_each(|(b, part)| {
            let zero = PackedK::broadcast(ZERO);
            let mut acc = vec![zero; part.len().div_ceil(N_LANES)];
            for (q, &w) in weights.iter().enumerate() {
                let w = PackedK::broadcast(w);
                let from = &base[(i * n + q) * post + b * block..][..part.len()];
                for (a, v) in acc.iter_mut().zip(from.chunks(N_LANES)) {
                    *a += w * pack(v);
                }
            }
            for (o, a) in part.chunks_mut(N_LANES).zip(acc) {
                o.copy_from_slice(&a.to_array()[..o.len()]);
            }
        });
    });
    out
}

/// A public tensor's slot.
#[must_use]
pub fn public_slot(view: &View, shape: &[u32], public: Public<'_>) -> Vec<F> {
    stwo_ml_verifier::functional::pad(public.entries(view.tensor), shape)
}
