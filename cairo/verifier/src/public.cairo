//! Views of public tensors, which the verifier evaluates itself (PROTOCOL §5.3).

use crate::basis::{products, sum};
use crate::circuit::{Affine, Axis, Dim, Form, FormAxis, Source};
use crate::field::{K, ProductSumTrait, embed, from_int, one_k, pow2, scale, zero_k};
use crate::fold;
use crate::functional::{OUTER, Points, Reader, Var, below, table, table_below};
use crate::progressions::{self, Values};
use crate::statement::{Entries, EntriesTrait, StatementTrait};

/// `<tensor, view functional>`: entries outside the real extents are zero.
pub fn evaluate(reader: @Reader, form: @Form, vars: Span<Var>, entries: Entries) -> K {
    let points = *reader.points;
    let axes = *form.axes;
    if same_order(entries.tensor.dims, axes) {
        in_order(points, axes, vars, entries)
    } else {
        regrouped(entries, axes, all_weights(points, axes, vars).span())
    }
}

/// The coordinates of a variable.
fn point(points: Box<Points>, var: Var) -> Span<K> {
    let source = if var.source == OUTER {
        points.unbox().outer
    } else {
        points.unbox().inner
    };
    source.slice(var.low, var.dim.bits)
}

/// The weights of all axes.
fn all_weights(points: Box<Points>, mut axes: Span<FormAxis>, vars: Span<Var>) -> Array<Span<K>> {
    let mut weights = array![];
    while let Some(axis) = axes.pop_front() {
        let FormAxis { dim, axis } = *axis;
        weights.append(axis_weights(points, dim, axis, vars));
    }
    weights
}

/// The view of a tensor whose real entries lie as the view reads them: entry `i` has the weight of
/// its row, from all axes but the last, times that of its column. The lower end of their interval
/// counts with the sum of all weights.
#[inline(never)]
fn in_order(points: Box<Points>, mut axes: Span<FormAxis>, vars: Span<Var>, entries: Entries) -> K {
    let lo = entries.tensor.lo;
    let one = array![one_k()].span();
    let mut rows = one;
    let mut total = one_k();
    let mut columns = one;
    // Axes of one index after the last with more are factors.
    let mut is_last = true;
    while let Some(axis) = axes.pop_back() {
        let FormAxis { dim, axis } = *axis;
        let mut weights = one;
        let mut weight = one_k();
        let is_only = entries.tensor.n_entries == dim.extent;
        let wide = if is_last {
            wide_variable(dim, axis, vars, is_only)
        } else {
            None
        };
        match wide {
            Some(var) => {
                let x = point(points, var);
                columns = table(x.slice(0, LOG_ROW));
                weights = table_below(x.slice(LOG_ROW, x.len() - LOG_ROW), (dim.extent + 31) / 32);
                if lo != 0 {
                    weight = below(x, dim.extent);
                }
                is_last = false;
            },
            None => {
                weights = axis_weights(points, dim, axis, vars);
                if lo != 0 {
                    weight = sum(weights);
                }
                if is_last && dim.extent != 1 {
                    columns = weights;
                    weights = one;
                    is_last = false;
                }
            },
        }
        rows = times(weights, rows);
        total = total * weight;
    }
    let value = fold::inner_product(entries, rows, columns);
    if lo == 0 {
        value
    } else {
        value + scale(total, embed(lo))
    }
}

/// log2 of the row length of a single dimension.
const LOG_ROW: u32 = 5;

/// The variable of an axis that reads a whole dimension, if this is worth laying out in rows of 32,
/// which must be full unless there is nothing after them.
#[inline(never)]
fn wide_variable(dim: Dim, axis: Axis, vars: Span<Var>, is_only: bool) -> Option<Var> {
    match axis {
        Axis::Var(var) => {
            let var = *vars[var];
            let whole = var.dim.bits == dim.bits && var.dim.extent >= dim.extent;
            if whole && dim.bits > LOG_ROW && (is_only || dim.extent % 32 == 0) {
                Some(var)
            } else {
                None
            }
        },
        _ => None,
    }
}

/// Whether the real entries of a tensor, one after the other, are those that a view sees: its
/// dimensions of more than one index are the same.
fn same_order(mut dims: Span<Dim>, mut axes: Span<FormAxis>) -> bool {
    loop {
        let dim = next_extent(ref dims);
        let mut axis = 1;
        while let Some(next) = axes.pop_front() {
            axis = *next.dim.extent;
            if axis != 1 {
                break;
            }
        }
        if dim != axis {
            break false;
        }
        if dim == 1 {
            break true;
        }
    }
}

/// The next extent that is not one; one if there is none.
fn next_extent(ref dims: Span<Dim>) -> u32 {
    let mut extent = 1;
    while let Some(dim) = dims.pop_front() {
        extent = *dim.extent;
        if extent != 1 {
            break;
        }
    }
    extent
}

/// The weights `w(0..extent)` of one axis.
#[inline(never)]
pub(crate) fn axis_weights(points: Box<Points>, dim: Dim, axis: Axis, vars: Span<Var>) -> Span<K> {
    match axis {
        Axis::Var(var) => {
            let var = *vars[var];
            assert(var.dim.bits <= dim.bits, 'view: bits of a variable');
            if var.dim.extent >= dim.extent {
                return table_below(point(points, var), dim.extent);
            }
            padded(0, table_below(point(points, var), var.dim.extent), dim.extent)
        },
        Axis::Sum => constant(one_k(), dim.extent),
        Axis::Fixed(index) => padded(index, constant(one_k(), 1), dim.extent),
        Axis::Affine(affine) => affine_weights(points, dim, affine, vars),
        Axis::Map(map) => {
            let var = *vars[map.var];
            assert(var.dim.extent == map.entries.len(), 'view: length of a map');
            let mut weights = table_below(point(points, var), var.dim.extent);
            let mut entries = map.entries;
            let mut weighted = array![];
            while let Some(entry) = entries.pop_front() {
                let weight = *weights.pop_front().unwrap();
                if *entry != 0 {
                    weighted.append((*entry - 1, weight));
                }
            }
            gather(weighted.span(), dim.extent)
        },
        Axis::Public(index) => {
            let var = *vars[index.var];
            let mut weights = table_below(point(points, var), var.dim.extent);
            let mut tokens = points.unbox().statement.input(index.input, dim.extent);
            assert(tokens.len() == var.dim.extent, 'view: number of public indices');
            let mut weighted = array![];
            while let Some(token) = tokens.pop_front() {
                weighted.append((*token, *weights.pop_front().unwrap()));
            }
            gather(weighted.span(), dim.extent)
        },
    }
}

/// The weights of an affine axis: for each index, those of the values of the longest term that make
/// it together with a sum of the others.
fn affine_weights(points: Box<Points>, dim: Dim, affine: Affine, vars: Span<Var>) -> Span<K> {
    let mut terms = affine.terms;
    let mut longest = Values { weights: constant(one_k(), 1), stride: 1 };
    let mut sums = array![(affine.offset, one_k())].span();
    while let Some(term) = terms.pop_front() {
        let weights = match *term.source {
            Source::Var(var) => {
                let var = *vars[var];
                table_below(point(points, var), var.dim.extent)
            },
            Source::Sum(extent) => constant(one_k(), extent),
        };
        let values = Values { weights, stride: *term.stride };
        let other = if values.stride > 0 && weights.len() > longest.weights.len() {
            let other = longest;
            longest = values;
            other
        } else {
            values
        };
        if other.weights.len() != 1 || other.stride != 1 {
            sums = spread(sums, other.weights, other.stride).span();
        }
    }
    progressions::weights(dim.extent, longest, sums)
}

/// Weights from the index `first` on, zeros before them and up to `extent`.
fn padded(first: u32, weights: Span<K>, extent: u32) -> Span<K> {
    let mut padded = array![];
    padded.append_span(constant(zero_k(), first));
    padded.append_span(weights);
    padded.append_span(constant(zero_k(), extent - padded.len()));
    padded.span()
}

/// A weight `n` times.
#[inline(never)]
fn constant(weight: K, n: u32) -> Span<K> {
    let mut weights = array![];
    for _ in 0..n {
        weights.append(weight);
    }
    weights.span()
}

/// All sums of one of `sums` and `stride` times a value.
fn spread(mut sums: Span<(i64, K)>, values: Span<K>, stride: i64) -> Array<(i64, K)> {
    let mut next = array![];
    while let Some(sum) = sums.pop_front() {
        let (mut index, weight) = *sum;
        let mut values = values;
        while let Some(value) = values.pop_front() {
            next.append((index, weight * *value));
            index += stride;
        }
    }
    next
}

/// The sums of the weights of each index below `extent`.
fn gather(mut weighted: Span<(u32, K)>, extent: u32) -> Span<K> {
    let mut memo = crate::memo::MemoTrait::new();
    while let Some(entry) = weighted.pop_front() {
        let (index, weight) = *entry;
        let key: felt252 = index.into();
        let weight = match crate::memo::MemoTrait::get(ref memo, key) {
            Some(other) => other + weight,
            None => weight,
        };
        crate::memo::MemoTrait::insert(ref memo, key, weight);
    }
    let mut weights = array![];
    for index in 0..extent {
        weights
            .append(
                match crate::memo::MemoTrait::get(ref memo, index.into()) {
                    Some(weight) => weight,
                    None => zero_k(),
                },
            );
    }
    weights.span()
}

/// All products of one of `a` and one of `b`, in this order.
#[inline(never)]
fn times(a: Span<K>, b: Span<K>) -> Span<K> {
    if a.len() == 1 && *a[0] == one_k() {
        b
    } else if b.len() == 1 && *b[0] == one_k() {
        a
    } else {
        products(a, b).span()
    }
}

/// A view that regroups index bits: each entry's padded index, read along the view's dimensions.
fn regrouped(entries: Entries, axes: Span<FormAxis>, weights: Span<Span<K>>) -> K {
    let mut values = entries.values();
    let mut sum = ProductSumTrait::new();
    let mut position = 0;
    while let Some(value) = values.pop_front() {
        let index = padded_index(position, entries.tensor.dims);
        if let Some(weight) = weight_at(index, axes, weights) {
            sum.add(weight, from_int(entries.tensor.lo + (*value).into()));
        }
        position += 1;
    }
    sum.reduce()
}

/// The index, in the padded layout, of the entry at a position of the real ones.
fn padded_index(position: u32, mut dims: Span<Dim>) -> u32 {
    let mut rest = position;
    let mut index = 0;
    let mut place = 1;
    while let Some(dim) = dims.pop_back() {
        let (quotient, here) = DivRem::div_rem(rest, (*dim.extent).try_into().unwrap());
        index += here * place;
        place *= pow2(*dim.bits);
        rest = quotient;
    }
    index
}

/// The weight of a padded index; `None` outside the extents of the view.
fn weight_at(index: u32, mut axes: Span<FormAxis>, mut weights: Span<Span<K>>) -> Option<K> {
    let mut rest = index;
    let mut product = one_k();
    let mut inside = true;
    while let Some(axis) = axes.pop_back() {
        let dim = *axis.dim;
        let (quotient, q) = DivRem::div_rem(rest, pow2(dim.bits).try_into().unwrap());
        rest = quotient;
        let axis_weights = *weights.pop_back().unwrap();
        if q >= dim.extent {
            inside = false;
            break;
        }
        product = product * *axis_weights[q];
    }
    if inside {
        Some(product)
    } else {
        None
    }
}
