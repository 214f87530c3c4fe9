//! Shapes: merging and splitting the variables of expressions, and the normal form of identities.

use stwo_ml_verifier::circuit::{AffineTerm, Axis, Identity, Source, View, log_ceil};

use super::expr::{Expr, Sub, for_each_var, uses};

/// Longest map that a merged variable may need.
const MAX_MAP: usize = 1 << 21;

impl Expr {
    /// Merges the variables `first..first + count` into one, row-major.
    pub fn merge(&self, first: usize, count: usize) -> Option<Self> {
        if count == 1 {
            return Some(self.clone());
        }
        let group = &self.dims[first..first + count];
        let extent: usize = group.iter().product();
        let mut dims = self.dims.clone();
        dims.splice(first..first + count, [extent]);
        let mut out = Self { dims, ..self.clone() };
        let rank = self.dims.len();
        for term in &mut out.linear {
            if let Some(view) = &mut term.view {
                *view = merge_view(view, group, first, rank)?;
            }
        }
        for product in &mut out.products {
            product.a = merge_view(&product.a, group, first, rank)?;
            product.b = merge_view(&product.b, group, first, rank)?;
        }
        Some(out)
    }

    /// The first `extent` values of variable `v`, where this leaves as many index bits: the rest of
    /// a tensor is outside the dimensions of its views.
    pub fn first_of(&self, v: usize, extent: usize) -> Option<Self> {
        if extent == self.dims[v] {
            return Some(self.clone());
        }
        let mut out = self.clone();
        out.dims[v] = extent;
        let same_bits = log_ceil(extent as u32) == log_ceil(self.dims[v] as u32);
        let fix = |view: &mut View| {
            let at = view.axes.iter().position(|a| *a == Axis::Var(v as u16));
            match at {
                None => !uses(view, v),
                Some(at) if view.dims[at] as usize == self.dims[v] => {
                    view.dims[at] = extent as u32;
                    true
                }
                Some(_) => false,
            }
        };
        let fits = same_bits
            && out.linear.iter_mut().filter_map(|t| t.view.as_mut()).all(fix)
            && out.products.iter_mut().all(|p| fix(&mut p.a) && fix(&mut p.b));
        fits.then_some(out)
    }

    /// Splits variable `v` into variables of the given extents, row-major.
    pub fn split_var(&self, v: usize, extents: &[usize]) -> Option<Self> {
        if extents.len() == 1 {
            return Some(self.clone());
        }
        debug_assert_eq!(self.dims[v], extents.iter().product::<usize>());
        let mut regrouped = self.clone();
        let mut dims = self.dims.clone();
        dims.splice(v..=v, extents.iter().copied());
        // Bit-compatible: only the dimensions of the views change.
        let aligned = extents[1..].iter().all(|d| d.is_power_of_two());
        let shift = (extents.len() - 1) as u16;
        if aligned {
            let ok = |view: &View| {
                view.axes.iter().zip(&view.dims).all(|(axis, &dim)| match axis {
                    Axis::Var(var) if usize::from(*var) == v => dim as usize == self.dims[v],
                    _ => true,
                }) && (!uses(view, v) || view.axes.contains(&Axis::Var(v as u16)))
            };
            let all = regrouped.linear.iter().filter_map(|t| t.view.as_ref()).all(ok)
                && regrouped.products.iter().all(|p| ok(&p.a) && ok(&p.b));
            if all {
                let fix = |view: &mut View| {
                    for_each_var(view, |var| {
                        if usize::from(*var) > v {
                            *var += shift;
                        }
                    });
                    if let Some(at) = view.axes.iter().position(|a| *a == Axis::Var(v as u16)) {
                        let axes = (0..extents.len()).map(|j| Axis::Var((v + j) as u16));
                        view.axes.splice(at..=at, axes);
                        view.dims.splice(at..=at, extents.iter().map(|&d| d as u32));
                    }
                };
                regrouped.linear.iter_mut().filter_map(|t| t.view.as_mut()).for_each(fix);
                for p in &mut regrouped.products {
                    fix(&mut p.a);
                    fix(&mut p.b);
                }
                regrouped.dims = dims;
                return Some(regrouped);
            }
        }
        let subs: Vec<Sub> = (0..self.dims.len())
            .map(|d| match d {
                d if d < v => Sub::Var(d),
                d if d > v => Sub::Var(d + extents.len() - 1),
                _ => {
                    let mut stride = self.dims[v] as i64;
                    let terms = extents
                        .iter()
                        .enumerate()
                        .map(|(j, &e)| {
                            stride /= e as i64;
                            (v + j, stride)
                        })
                        .collect();
                    Sub::Affine { terms, offset: 0, clip: false }
                }
            })
            .collect();
        self.substitute(&dims, &subs)
    }

    /// Drops the dimensions of extent one.
    pub fn squeeze(&self) -> Option<Self> {
        let mut dims = Vec::new();
        let subs: Vec<Sub> = self
            .dims
            .iter()
            .map(|&d| {
                if d == 1 {
                    return Sub::Fixed(0);
                }
                dims.push(d);
                Sub::Var(dims.len() - 1)
            })
            .collect();
        self.substitute(&dims, &subs)
    }

    /// Adds dimensions of extent one: `dims` without them are those of the expression.
    pub fn unsqueeze(&self, dims: &[usize]) -> Self {
        let subs: Vec<Sub> = (0..dims.len()).filter(|&d| dims[d] != 1).map(Sub::Var).collect();
        self.substitute(dims, &subs).expect("renaming variables always has a form")
    }
}

fn merge_view(view: &View, group: &[usize], first: usize, rank: usize) -> Option<View> {
    let count = group.len();
    let extent: usize = group.iter().product();
    let used: Vec<usize> = (0..count).filter(|&j| uses(view, first + j)).collect();
    let renumber = |view: &mut View| {
        for_each_var(view, |var| {
            if usize::from(*var) >= first + count {
                *var -= (count - 1) as u16;
            }
        });
    };
    let mut out = view.clone();
    let Some(&j0) = used.first() else {
        renumber(&mut out);
        return Some(out);
    };
    if extent > MAX_MAP {
        return None;
    }
    let inner = |j: usize| group[j + 1..].iter().product::<usize>();
    let index = |j: usize, w: usize| w / inner(j) % group[j];
    if used.len() == 1 {
        // Any axis of one variable: by substitution, with the group's variables side by side.
        let map: Vec<u32> = (0..extent).map(|w| index(j0, w) as u32).collect();
        let extents: Vec<usize> = (0..rank)
            .map(|v| if (first..first + count).contains(&v) { group[v - first] } else { 1 })
            .collect();
        let subs: Vec<Sub> = (0..rank)
            .map(|v| match v {
                v if v == first + j0 => Sub::Map { var: first, map: map.clone() },
                v if v < first => Sub::Var(v),
                v if v >= first + count => Sub::Var(v - (count - 1)),
                _ => Sub::Fixed(0),
            })
            .collect();
        let mut new = vec![1; rank - (count - 1)];
        new[first] = extent;
        let probe = Expr {
            dims: extents,
            linear: vec![stwo_ml_verifier::circuit::Term { coef: 1, view: Some(out) }],
            products: vec![],
            exponent: 0,
            lo: 0,
            hi: 0,
        };
        let mut merged = probe.substitute(&new, &subs)?;
        return merged.linear.pop().and_then(|t| t.view);
    }
    // Several: side by side and in order.
    let position = |j: usize| out.axes.iter().position(|a| *a == Axis::Var((first + j) as u16));
    let p0 = position(j0)?;
    for (i, &j) in used.iter().enumerate() {
        if position(j)? != p0 + i || out.dims[p0 + i] as usize != group[j] {
            return None;
        }
    }
    let padded = |w: usize| {
        used.iter().fold(0usize, |acc, &j| (acc << log_ceil(group[j] as u32)) + index(j, w))
    };
    let last = padded(extent - 1) + 1;
    let axis = if (0..extent).all(|w| padded(w) == w) {
        Axis::Var(first as u16)
    } else {
        Axis::Map { var: first as u16, map: (0..extent).map(|w| padded(w) as u32).collect() }
    };
    renumber(&mut out);
    out.axes.splice(p0..p0 + used.len(), [axis]);
    out.dims.splice(p0..p0 + used.len(), [last as u32]);
    Some(out)
}

/// The normal form: no variable and no dimension of extent one, the simplest axis of each kind.
pub(crate) fn compress(mut identity: Identity) -> Identity {
    let rank = identity.dims.len();
    let public = |view: &View, v: usize| {
        view.axes.iter().any(|a| matches!(a, Axis::Public { var, .. } if usize::from(*var) == v))
    };
    let keep: Vec<bool> = (0..rank)
        .map(|v| {
            identity.dims[v] > 1
                || identity.linear.iter().filter_map(|t| t.view.as_ref()).any(|w| public(w, v))
                || identity.products.iter().any(|p| public(&p.a, v) || public(&p.b, v))
        })
        .collect();
    let outer = identity.dims.clone();
    identity.dims = outer.iter().zip(&keep).filter(|(_, k)| **k).map(|(&d, _)| d).collect();
    identity.linear.retain_mut(|term| {
        term.view.as_mut().is_none_or(|view| compress_view(view, &outer, &keep))
    });
    identity.products.retain_mut(|product| {
        let extents = [&outer[..], &product.sum[..]].concat();
        let mut keep = keep.clone();
        keep.extend(
            product.sum.iter().enumerate().map(|(j, &d)| {
                d > 1 || public(&product.a, rank + j) || public(&product.b, rank + j)
            }),
        );
        let alive = compress_view(&mut product.a, &extents, &keep)
            && compress_view(&mut product.b, &extents, &keep);
        let mut index = rank;
        product.sum.retain(|_| {
            index += 1;
            keep[index - 1]
        });
        alive
    });
    identity
}

/// Whether the view can read anything but zero.
fn compress_view(view: &mut View, extents: &[u32], keep: &[bool]) -> bool {
    let rename = |var: u16| keep[..usize::from(var)].iter().filter(|&&k| k).count() as u16;
    for (axis, &dim) in view.axes.iter_mut().zip(&view.dims) {
        let simple = match axis {
            Axis::Var(var) if !keep[usize::from(*var)] => Some(Axis::Fixed(0)),
            Axis::Var(var) => Some(Axis::Var(rename(*var))),
            Axis::Sum if dim == 1 => Some(Axis::Fixed(0)),
            Axis::Sum | Axis::Fixed(_) => None,
            Axis::Map { var, map } if !keep[usize::from(*var)] => {
                if map[0] == Axis::NOWHERE {
                    return false;
                }
                Some(Axis::Fixed(map[0]))
            }
            Axis::Map { var, map } => {
                *var = rename(*var);
                let var = *var;
                map_axis(var, map, dim)
            }
            Axis::Public { var, .. } => {
                *var = rename(*var);
                None
            }
            Axis::Affine { terms, offset } => {
                terms.retain(|t| match t.source {
                    Source::Var(var) => keep[usize::from(var)],
                    Source::Sum(n) => n > 1,
                });
                let mut whole = None;
                if let [AffineTerm { source, stride: 1 }] = terms[..]
                    && *offset == 0
                {
                    whole = match source {
                        Source::Var(var) if extents[usize::from(var)] == dim => {
                            Some(Axis::Var(rename(var)))
                        }
                        Source::Sum(n) if n == dim => Some(Axis::Sum),
                        _ => None,
                    };
                }
                if terms.is_empty() {
                    match u32::try_from(*offset) {
                        Ok(q) if q < dim => Some(Axis::Fixed(q)),
                        _ => return false,
                    }
                } else if whole.is_some() {
                    whole
                } else {
                    for t in terms {
                        if let Source::Var(var) = &mut t.source {
                            *var = rename(*var);
                        }
                    }
                    None
                }
            }
        };
        if let Some(simple) = simple {
            *axis = simple;
        }
    }
    let pairs: Vec<(Axis, u32)> = std::mem::take(&mut view.axes)
        .into_iter()
        .zip(std::mem::take(&mut view.dims))
        .filter(|(axis, dim)| !(*dim == 1 && *axis == Axis::Fixed(0)))
        .collect();
    (view.axes, view.dims) = pairs.into_iter().unzip();
    true
}

/// An affine form of a map, if it has one.
fn map_axis(var: u16, map: &[u32], dim: u32) -> Option<Axis> {
    let first = i64::from(*map.first()?);
    let stride = map.get(1).map_or(1, |&q| i64::from(q) - first);
    if map.contains(&Axis::NOWHERE)
        || map.iter().enumerate().any(|(i, &q)| i64::from(q) != first + stride * i as i64)
    {
        return None;
    }
    if first == 0 && stride == 1 && map.len() == dim as usize {
        return Some(Axis::Var(var));
    }
    let term = AffineTerm { source: Source::Var(var), stride: i32::try_from(stride).ok()? };
    Some(Axis::Affine { terms: vec![term], offset: i32::try_from(first).ok()? })
}

/// Whether the view reads a real entry at every index of the box, and sums nothing.
pub(crate) fn is_total(view: &View, dims: &[usize]) -> bool {
    view.axes.iter().zip(&view.dims).all(|(axis, &dim)| match axis {
        Axis::Var(var) => dims.get(usize::from(*var)) == Some(&(dim as usize)),
        Axis::Sum => false,
        Axis::Fixed(_) => true,
        Axis::Public { .. } => true,
        Axis::Map { map, .. } => !map.contains(&Axis::NOWHERE),
        Axis::Affine { terms, offset } => {
            let (mut lo, mut hi) = (i64::from(*offset), i64::from(*offset));
            for t in terms {
                let Source::Var(var) = t.source else { return false };
                let Some(&extent) = dims.get(usize::from(var)) else { return false };
                let reach = i64::from(t.stride) * (extent as i64 - 1);
                lo += reach.min(0);
                hi += reach.max(0);
            }
            lo >= 0 && hi < i64::from(dim)
        }
    })
}
