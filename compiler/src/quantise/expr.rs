//! Pending values: what is known to be a polynomial of committed tensors, but is not committed.

use stwo_ml_verifier::circuit::{AffineTerm, Axis, Product, Source, TensorId, Term, View};

use super::builder::full_view;

/// `real = (sum of terms and products) * 2^-exponent` at each index of the box `dims`. Variables of
/// the views are the dimensions of the box, then the sum variables of the product.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expr {
    pub dims: Vec<usize>,
    pub linear: Vec<Term>,
    pub products: Vec<Product>,
    pub exponent: i32,
    /// Bounds of the integer, by enforced ranges alone.
    pub lo: i64,
    pub hi: i64,
}

/// What a variable of an expression becomes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Sub {
    /// Another variable.
    Var(usize),
    /// A constant.
    Fixed(i64),
    /// `offset + sum stride * var`. If `clip`, values outside the extent read zero.
    Affine { terms: Vec<(usize, i64)>, offset: i64, clip: bool },
    /// `map[var]`; [`Axis::NOWHERE`] reads zero.
    Map { var: usize, map: Vec<u32> },
}

impl Sub {
    /// Whether some index reads zero whatever the term.
    fn clips(&self) -> bool {
        match self {
            Self::Var(_) | Self::Fixed(_) => false,
            Self::Affine { clip, .. } => *clip,
            Self::Map { map, .. } => map.contains(&Axis::NOWHERE),
        }
    }

    /// The value at `w`, if one variable decides it.
    fn at(&self, w: usize) -> Option<i64> {
        match self {
            Self::Var(_) => Some(w as i64),
            Self::Fixed(k) => Some(*k),
            Self::Affine { terms, offset, .. } => match terms[..] {
                [] => Some(*offset),
                [(_, stride)] => Some(offset + stride * w as i64),
                _ => None,
            },
            Self::Map { map, .. } => {
                Some(if map[w] == Axis::NOWHERE { -1 } else { i64::from(map[w]) })
            }
        }
    }

    /// The variable that decides the value, if it is one.
    fn var(&self) -> Option<usize> {
        match self {
            Self::Var(v) | Self::Map { var: v, .. } => Some(*v),
            Self::Affine { terms, .. } if terms.len() == 1 => Some(terms[0].0),
            _ => None,
        }
    }
}

impl Expr {
    /// A committed tensor whose shape is the box.
    pub fn tensor(id: TensorId, dims: &[usize], exponent: i32, lo: i64, hi: i64) -> Self {
        Self {
            dims: dims.to_vec(),
            linear: vec![Term { coef: 1, view: Some(full_view(id, dims)) }],
            products: Vec::new(),
            exponent,
            lo,
            hi,
        }
    }

    /// The same integer everywhere.
    pub fn scalar(dims: &[usize], exponent: i32, value: i64) -> Self {
        let linear = if value == 0 { Vec::new() } else { vec![Term { coef: value, view: None }] };
        Self { dims: dims.to_vec(), linear, products: vec![], exponent, lo: value, hi: value }
    }

    /// The largest magnitude.
    pub fn bound(&self) -> i64 {
        self.lo.abs().max(self.hi.abs())
    }

    /// The view and coefficient, if it is one view.
    pub fn as_view(&self) -> Option<(i64, &View)> {
        match (&self.linear[..], &self.products[..]) {
            ([Term { coef, view: Some(view) }], []) => Some((*coef, view)),
            _ => None,
        }
    }

    /// The constant, if it is one.
    pub fn as_constant(&self) -> Option<i64> {
        match (&self.linear[..], &self.products[..]) {
            ([], []) => Some(0),
            ([Term { coef, view: None }], []) => Some(*coef),
            _ => None,
        }
    }

    /// `c` times.
    pub fn times(&self, c: i64) -> Self {
        if c == 0 {
            return Self::scalar(&self.dims, self.exponent, 0);
        }
        let mut out = self.clone();
        out.linear.iter_mut().for_each(|t| t.coef *= c);
        out.products.iter_mut().for_each(|t| t.coef *= c);
        let (a, b) = (self.lo.saturating_mul(c), self.hi.saturating_mul(c));
        (out.lo, out.hi) = (a.min(b), a.max(b));
        out
    }

    /// The same reals at a larger exponent.
    pub fn raise(&self, exponent: i32) -> Self {
        debug_assert!(exponent >= self.exponent);
        let mut out = self.times(1i64 << (exponent - self.exponent).clamp(0, 40));
        out.exponent = exponent;
        out
    }

    /// The sum of expressions of one box and exponent.
    pub fn plus(&self, other: &Self) -> Self {
        debug_assert_eq!(self.dims, other.dims);
        debug_assert_eq!(self.exponent, other.exponent);
        let mut out = self.clone();
        out.linear.extend(other.linear.iter().cloned());
        out.products.extend(other.products.iter().cloned());
        out.lo += other.lo;
        out.hi += other.hi;
        // One constant term at most.
        let constant: i64 = out.linear.iter().filter(|t| t.view.is_none()).map(|t| t.coef).sum();
        out.linear.retain(|t| t.view.is_some());
        if constant != 0 {
            out.linear.push(Term { coef: constant, view: None });
        }
        out
    }

    /// Replaces every variable; `None` if the result has no such form, and a copy is needed.
    pub fn substitute(&self, dims: &[usize], subs: &[Sub]) -> Option<Self> {
        debug_assert_eq!(subs.len(), self.dims.len());
        let at = Substitution { subs, old: &self.dims, new: dims };
        let mut out = Self { dims: dims.to_vec(), linear: vec![], products: vec![], ..*self };
        for term in &self.linear {
            let view = match &term.view {
                None if subs.iter().any(Sub::clips) => return None,
                None => None,
                Some(view) => match at.view(view, &[])? {
                    Some(view) if at.covers(&[&term_view(term)?]) => Some(view),
                    Some(_) => return None,
                    None => continue,
                },
            };
            out.linear.push(Term { coef: term.coef, view });
        }
        for product in &self.products {
            if !at.covers(&[&product.a, &product.b]) {
                return None;
            }
            let (Some(a), Some(b)) =
                (at.view(&product.a, &product.sum)?, at.view(&product.b, &product.sum)?)
            else {
                continue;
            };
            out.products.push(Product { coef: product.coef, sum: product.sum.clone(), a, b });
        }
        if subs.iter().any(Sub::clips) {
            (out.lo, out.hi) = (self.lo.min(0), self.hi.max(0));
        }
        Some(out)
    }

    /// Sums over variable `v`, which disappears.
    pub fn sum_over(&self, v: usize) -> Option<Self> {
        let extent = self.dims[v];
        let rank = self.dims.len();
        let mut dims = self.dims.clone();
        dims.remove(v);
        let mut out = Self { dims, linear: vec![], products: vec![], ..*self };
        let renumber = |var: u16| if usize::from(var) > v { var - 1 } else { var };
        for term in &self.linear {
            let Some(view) = &term.view else {
                out.linear.push(Term { coef: term.coef * extent as i64, view: None });
                continue;
            };
            let mut view = view.clone();
            let mut seen = false;
            for (axis, &dim) in view.axes.iter_mut().zip(&view.dims) {
                match axis {
                    Axis::Var(var) if usize::from(*var) == v => {
                        seen = true;
                        *axis = if dim as usize == extent {
                            Axis::Sum
                        } else {
                            let source = Source::Sum(extent as u32);
                            Axis::Affine {
                                terms: vec![AffineTerm { source, stride: 1 }],
                                offset: 0,
                            }
                        };
                    }
                    Axis::Var(var) => *var = renumber(*var),
                    Axis::Affine { terms, .. } => {
                        for term in terms {
                            match &mut term.source {
                                Source::Var(var) if usize::from(*var) == v => {
                                    seen = true;
                                    term.source = Source::Sum(extent as u32);
                                }
                                Source::Var(var) => *var = renumber(*var),
                                Source::Sum(_) => {}
                            }
                        }
                    }
                    Axis::Map { var, .. } | Axis::Public { var, .. } => {
                        if usize::from(*var) == v {
                            return None;
                        }
                        *var = renumber(*var);
                    }
                    Axis::Sum | Axis::Fixed(_) => {}
                }
            }
            let coef = if seen { term.coef } else { term.coef * extent as i64 };
            out.linear.push(Term { coef, view: Some(view) });
        }
        for product in &self.products {
            // The variable becomes the last sum variable.
            let last = (rank + product.sum.len() - 1) as u16;
            let mut p = product.clone();
            let mut seen = false;
            for view in [&mut p.a, &mut p.b] {
                for_each_var(view, |var| {
                    if usize::from(*var) == v {
                        seen = true;
                        *var = last;
                    } else {
                        *var = renumber(*var);
                    }
                });
            }
            if seen {
                p.sum.push(extent as u32);
            } else {
                p.coef *= extent as i64;
            }
            out.products.push(p);
        }
        out.lo = self.lo.saturating_mul(extent as i64);
        out.hi = self.hi.saturating_mul(extent as i64);
        Some(out)
    }

    /// Numpy broadcasting to `dims`.
    pub fn broadcast(&self, dims: &[usize]) -> Self {
        if self.dims == dims {
            return self.clone();
        }
        let skip = dims.len() - self.dims.len();
        let subs: Vec<Sub> = (0..self.dims.len())
            .map(|d| if self.dims[d] == 1 { Sub::Fixed(0) } else { Sub::Var(d + skip) })
            .collect();
        self.substitute(dims, &subs).expect("renaming variables always has a form")
    }
}

fn term_view(term: &Term) -> Option<View> {
    term.view.clone()
}

/// Calls `f` on every variable of a view.
pub(crate) fn for_each_var(view: &mut View, mut f: impl FnMut(&mut u16)) {
    for axis in &mut view.axes {
        match axis {
            Axis::Var(var) | Axis::Map { var, .. } | Axis::Public { var, .. } => f(var),
            Axis::Affine { terms, .. } => {
                for term in terms {
                    if let Source::Var(var) = &mut term.source {
                        f(var);
                    }
                }
            }
            Axis::Sum | Axis::Fixed(_) => {}
        }
    }
}

/// Whether a view uses a variable.
pub(crate) fn uses(view: &View, v: usize) -> bool {
    view.axes.iter().any(|axis| match axis {
        Axis::Var(var) | Axis::Map { var, .. } | Axis::Public { var, .. } => usize::from(*var) == v,
        Axis::Affine { terms, .. } => {
            terms.iter().any(|t| matches!(t.source, Source::Var(var) if usize::from(var) == v))
        }
        Axis::Sum | Axis::Fixed(_) => false,
    })
}

struct Substitution<'a> {
    subs: &'a [Sub],
    old: &'a [usize],
    new: &'a [usize],
}

impl Substitution<'_> {
    /// Whether some factor vanishes wherever a clipping variable is outside its extent.
    fn covers(&self, views: &[&View]) -> bool {
        (0..self.subs.len())
            .all(|v| !self.subs[v].clips() || views.iter().any(|view| uses(view, v)))
    }

    /// The view after substitution; `Some(None)` if it reads nothing but zeros.
    #[allow(clippy::option_option)]
    fn view(&self, view: &View, sum: &[u32]) -> Option<Option<View>> {
        let mut axes = Vec::with_capacity(view.axes.len());
        for (axis, &dim) in view.axes.iter().zip(&view.dims) {
            match self.axis(axis, dim, sum)? {
                Some(axis) => axes.push(axis),
                None => return Some(None),
            }
        }
        Some(Some(View { tensor: view.tensor, dims: view.dims.clone(), axes }))
    }

    #[allow(clippy::option_option)]
    fn axis(&self, axis: &Axis, dim: u32, sum: &[u32]) -> Option<Option<Axis>> {
        let rank = self.old.len();
        let shift = |var: u16| (usize::from(var) - rank + self.new.len()) as u16;
        let is_sum = |var: u16| usize::from(var) >= rank;
        let in_dim = |q: i64| (0..i64::from(dim)).contains(&q).then_some(Axis::Fixed(q as u32));
        // A map of one new variable, for what has no better form.
        let mapped = |var: usize, f: &dyn Fn(usize) -> i64| {
            let map = (0..self.new[var])
                .map(|w| match f(w) {
                    q if (0..i64::from(dim)).contains(&q) => q as u32,
                    _ => Axis::NOWHERE,
                })
                .collect();
            Axis::Map { var: var as u16, map }
        };
        Some(match axis {
            Axis::Sum | Axis::Fixed(_) => Some(axis.clone()),
            Axis::Var(var) if is_sum(*var) => Some(Axis::Var(shift(*var))),
            Axis::Var(var) => match &self.subs[usize::from(*var)] {
                Sub::Var(w) => Some(Axis::Var(*w as u16)),
                Sub::Fixed(k) => in_dim(*k),
                Sub::Affine { terms, offset, .. } if terms.is_empty() => in_dim(*offset),
                Sub::Affine { terms, offset, .. } => {
                    Some(Axis::Affine { terms: affine(terms, 1), offset: *offset as i32 })
                }
                sub @ Sub::Map { var, .. } => Some(mapped(*var, &|w| sub.at(w).unwrap_or(-1))),
            },
            Axis::Affine { terms, offset } => {
                let simple = terms.iter().all(|t| match t.source {
                    Source::Var(var) if !is_sum(var) => match &self.subs[usize::from(var)] {
                        Sub::Map { .. } => false,
                        sub => !sub.clips(),
                    },
                    _ => true,
                });
                if simple {
                    let mut out = Vec::new();
                    let mut offset = i64::from(*offset);
                    for t in terms {
                        let stride = i64::from(t.stride);
                        match t.source {
                            Source::Var(var) if !is_sum(var) => {
                                match &self.subs[usize::from(var)] {
                                    Sub::Var(w) => out.extend(affine(&[(*w, 1)], stride)),
                                    Sub::Fixed(k) => offset += stride * k,
                                    Sub::Affine { terms, offset: o, .. } => {
                                        out.extend(affine(terms, stride));
                                        offset += stride * o;
                                    }
                                    Sub::Map { .. } => return None,
                                }
                            }
                            Source::Var(var) => out.push(AffineTerm {
                                source: Source::Var(shift(var)),
                                stride: t.stride,
                            }),
                            Source::Sum(_) => out.push(*t),
                        }
                    }
                    if out.is_empty() {
                        return Some(in_dim(offset));
                    }
                    return Some(Some(Axis::Affine { terms: out, offset: offset as i32 }));
                }
                // One variable, and nothing else.
                let [AffineTerm { source: Source::Var(var), stride }] = terms[..] else {
                    return None;
                };
                let sub = &self.subs[usize::from(var)];
                let w = sub.var()?;
                let extent = self.old[usize::from(var)] as i64;
                Some(mapped(w, &|w| match sub.at(w) {
                    Some(v) if (0..extent).contains(&v) => {
                        i64::from(*offset) + i64::from(stride) * v
                    }
                    _ => -1,
                }))
            }
            Axis::Map { var, map } if is_sum(*var) => {
                let _ = sum;
                Some(Axis::Map { var: shift(*var), map: map.clone() })
            }
            Axis::Map { var, map } => {
                let sub = &self.subs[usize::from(*var)];
                let read = |v: i64| {
                    usize::try_from(v)
                        .ok()
                        .and_then(|v| map.get(v))
                        .map_or(-1, |&q| if q == Axis::NOWHERE { -1 } else { i64::from(q) })
                };
                match sub {
                    Sub::Fixed(k) => in_dim(read(*k)),
                    _ => Some(mapped(sub.var()?, &|w| sub.at(w).map_or(-1, read))),
                }
            }
            Axis::Public { var, tensor } => match self.subs[usize::from(*var)] {
                Sub::Var(w) => Some(Axis::Public { var: w as u16, tensor: *tensor }),
                _ => return None,
            },
        })
    }
}

fn affine(terms: &[(usize, i64)], stride: i64) -> Vec<AffineTerm> {
    terms
        .iter()
        .map(|&(var, s)| AffineTerm {
            source: Source::Var(var as u16),
            stride: (s * stride) as i32,
        })
        .collect()
}
