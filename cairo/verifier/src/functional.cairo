//! Linear functionals of tensors, the only kind of claim there is (PROTOCOL §4.2, §5.3).
//!
//! Reading a tensor through a view at a random point is the functional `sum_q w(q) T[q]` with one
//! factor per dimension. Its multilinear extension at the final point is the product of those of
//! the factors. The points of variables are slices of two points, that of the identities and that
//! of the products, and a dimension's coordinates are a slice of the final one: so a factor depends
//! on positions and extents only, and is computed once.
//!
//! In this module points are LEAST significant coordinate first.

use crate::circuit::{Affine, Axis, Dim, Form, FormAxis, Map, PublicIndex, Source};
use crate::field::{K, one_k, pow2, zero_k};
use crate::memo::{Memo, MemoTrait};
use crate::runs::RunsTrait;
use crate::statement::{Statement, StatementTrait};
pub use crate::tables::{below, reverse, table, table_below};
use crate::{affine, tokens, window};

/// The point at which identities are read, as [`Var::source`].
pub const OUTER: u32 = 0;
/// The point of the sumcheck of the products, as [`Var::source`].
pub const INNER: u32 = 1;

/// A variable of a view and where its point lies.
#[derive(Copy, Drop)]
pub struct Var {
    pub dim: Dim,
    /// Of which point it is a slice.
    pub source: u32,
    /// Position of its least significant coordinate there.
    pub low: u32,
}

/// All points that views are evaluated at, and what has been computed there.
pub struct Reader {
    pub points: Box<Points>,
    pub memo: Memo<K>,
    /// By position in the point of a variable and in the table's: what the bits from there on
    /// contribute.
    pub runs: Memo<Span<K>>,
}

impl ReaderDestruct of Destruct<Reader> {
    // One copy for all the places where a panic ends a function.
    #[inline(never)]
    fn destruct(self: Reader) nopanic {
        let Reader { points: _, memo, runs } = self;
        memo.destruct();
        runs.destruct();
    }
}

/// The points that views are evaluated at, least significant coordinate first.
#[derive(Copy, Drop)]
pub struct Points {
    pub statement: Statement,
    /// The point of the identities.
    pub outer: Span<K>,
    /// The point of the products.
    pub inner: Span<K>,
    /// The final point of the committed table that is being evaluated.
    pub table: Span<K>,
}

const KEY_BELOW: felt252 = 0;
const KEY_VAR: felt252 = 1;
const KEY_AFFINE: felt252 = 2;
/// Keys of values that do not belong to a single axis.
pub const KEY_BOX: felt252 = 3;
pub const KEY_VIEW: felt252 = 4;
pub const KEY_FIXED: felt252 = 5;
pub const KEY_SUFFIX: felt252 = 6;
/// Keys of `runs`, other than places, which are below 2^13.
const KEY_VALUES: felt252 = 0x2000;
/// Number of kinds of keys.
pub const KEY_KINDS: felt252 = 8;

#[generate_trait]
pub impl ReaderImpl of ReaderTrait {
    /// Nothing is known but the points.
    fn new(points: Box<Points>) -> Reader {
        Reader { points, memo: MemoTrait::new(), runs: MemoTrait::new() }
    }

    /// Adds the point of the products, which is also what variables are compared with until there
    /// is a committed table.
    fn at_products(ref self: Reader, inner: Span<K>) {
        let Points { statement, outer, .. } = self.points.unbox();
        self.points = BoxTrait::new(Points { statement, outer, inner, table: inner });
    }

    /// Goes on to a committed table, whose final point is `table`.
    fn at_table(ref self: Reader, table: Span<K>) {
        let Points { statement, outer, inner, .. } = self.points.unbox();
        self.points = BoxTrait::new(Points { statement, outer, inner, table });
        self.memo = MemoTrait::new();
        self.runs = MemoTrait::new();
    }

    /// A part of the final point.
    #[inline(always)]
    fn table(self: @Reader, low: u32, bits: u32) -> Span<K> {
        (*self.points).unbox().table.slice(low, bits)
    }

    /// The coordinates of a variable.
    fn point(self: @Reader, var: Var) -> Span<K> {
        self.source(var).slice(var.low, var.dim.bits)
    }

    /// The point of which those are a slice.
    #[inline(always)]
    fn source(self: @Reader, var: Var) -> Span<K> {
        if var.source == OUTER {
            (*self.points).unbox().outer
        } else {
            (*self.points).unbox().inner
        }
    }

    /// `sum_{v < extent} eq(point, v)`: what a view that ignores a variable contributes.
    fn indicator(ref self: Reader, var: Var) -> K {
        if var.dim.extent == pow2(var.dim.bits) {
            return one_k();
        }
        let place = var.low.into() + 64 * var.source.into();
        let key = KEY_BELOW + KEY_KINDS * (place + 128 * var.dim.extent.into());
        if let Some(value) = self.memo.get(key) {
            return value;
        }
        let value = below(self.point(var), var.dim.extent);
        self.memo.insert(key, value);
        value
    }

    /// The extension of a view's weights at the final point of the tensor's table.
    fn view(ref self: Reader, form: @Form, vars: Span<Var>) -> K {
        let mut axes = *form.axes;
        let mut low = 0;
        let mut product = None;
        while let Some(axis) = axes.pop_back() {
            let FormAxis { dim, axis } = *axis;
            if let Some(factor) = self.axis(dim, axis, low, vars) {
                product = match product {
                    Some(other) => Some(factor * other),
                    None => Some(factor),
                };
            }
            low += dim.bits;
        }
        match product {
            Some(product) => product,
            None => one_k(),
        }
    }

    /// The extension of the weights of an axis whose coordinates begin at `low`; `None` is one.
    fn axis(ref self: Reader, dim: Dim, axis: Axis, low: u32, vars: Span<Var>) -> Option<K> {
        match axis {
            Axis::Var(var) => self.var_axis(dim, low, *vars[var]),
            Axis::Sum => if dim.extent == pow2(dim.bits) {
                None
            } else {
                Some(self.sum_axis(dim, low))
            },
            Axis::Fixed(index) => Some(self.fixed(low, dim.bits, index)),
            Axis::Affine(affine) => Some(self.affine_axis(dim, low, affine, vars)),
            Axis::Map(map) => Some(self.map_axis(dim, low, map, vars)),
            Axis::Public(index) => Some(self.public_axis(dim, low, index, vars)),
        }
    }

    fn var_axis(ref self: Reader, dim: Dim, low: u32, var: Var) -> Option<K> {
        assert(var.dim.bits <= dim.bits, 'view: bits of a variable');
        if dim.bits == 0 {
            return None;
        }
        let extent = if var.dim.extent < dim.extent {
            var.dim.extent
        } else {
            dim.extent
        };
        let place = low.into() + 64 * (dim.bits.into() + 64 * var.low.into());
        let place = place + 0x40000 * (var.dim.bits.into() + 64 * var.source.into());
        let key = KEY_VAR + KEY_KINDS * (place + 0x2000000 * extent.into());
        if let Some(value) = self.memo.get(key) {
            return Some(value);
        }
        let mut value = self.restricted(var, low, extent);
        let n_upper = dim.bits - var.dim.bits;
        if n_upper != 0 {
            value = value * self.fixed(low + var.dim.bits, n_upper, 0);
        }
        self.memo.insert(key, value);
        Some(value)
    }

    fn sum_axis(ref self: Reader, dim: Dim, low: u32) -> K {
        let key = KEY_BELOW + KEY_KINDS * (low.into() + 64 * dim.extent.into() + TABLE_KEYS);
        if let Some(value) = self.memo.get(key) {
            return value;
        }
        let value = below(self.table(low, dim.bits), dim.extent);
        self.memo.insert(key, value);
        value
    }

    fn affine_axis(ref self: Reader, dim: Dim, low: u32, affine: Affine, vars: Span<Var>) -> K {
        let terms = affine_terms(affine, vars);
        // Two terms fit a key: 34 bits of the offset, 6 of the position, 30 of the extent; for each
        // term 8 bits of the source, 30 of its extent, 34 of the stride.
        let place = low.into() + 64 * dim.extent.into();
        let mut key = affine.offset.into() + SIGN + TWO_34 * place;
        let memoised = terms.len() <= 2;
        if memoised {
            let mut shift = TWO_70;
            for (term, var) in terms.span() {
                let source = match var {
                    Some(var) => 1 + 2 * (*var.source).into() + 4 * (*var.low).into(),
                    None => 0,
                };
                let value = source + 256 * (*term.extent).into();
                key += shift * (value + TWO_38 * ((*term.stride).into() + SIGN));
                shift *= TWO_38 * TWO_34;
            }
            key = KEY_AFFINE + KEY_KINDS * key;
            if let Some(value) = self.memo.get(key) {
                return value;
            }
        }
        let value = self.sum_of_terms(dim, low, affine.offset, split(terms.span(), dim));
        if memoised {
            self.memo.insert(key, value);
        }
        value
    }

    /// An affine axis from the values of all terms but the main one.
    fn sum_of_terms(ref self: Reader, dim: Dim, low: u32, offset: i64, terms: Terms) -> K {
        let Terms { main, log_stride, others } = terms;
        let sums = affine::sums(self.enumerated(others), offset);
        let (term, var) = main;
        let a = self.table(low, dim.bits);
        if let (Some(log_stride), Some(var)) = (log_stride, var) {
            if var.dim.extent == pow2(var.dim.bits) {
                let mut x = array![];
                for _ in 0..log_stride {
                    x.append(zero_k());
                }
                x.append_span(self.point(var));
                return window::evaluate(sums, x.span(), a, dim.extent);
            }
        }
        let point = match var {
            Some(var) => Some(self.point(var)),
            None => None,
        };
        let main = affine::Term { point, extent: term.extent, stride: term.stride };
        affine::evaluate(main, sums, dim.extent, a)
    }

    /// Terms with the weights of their values.
    fn enumerated(
        ref self: Reader, mut terms: Span<(AffineTerm, Option<Var>)>,
    ) -> Span<affine::Values> {
        let mut enumerated = array![];
        while let Some(entry) = terms.pop_front() {
            let (term, var) = *entry;
            let weights = match var {
                Some(var) => Some(self.values(var)),
                None => None,
            };
            let AffineTerm { extent, stride } = term;
            enumerated.append(affine::Values { weights, extent, stride });
        }
        enumerated.span()
    }

    /// The weights of all values of a variable.
    fn values(ref self: Reader, var: Var) -> Span<K> {
        let place = var.low.into() + 64 * (var.source.into() + 2 * var.dim.extent.into());
        let key = KEY_VALUES + KEY_KINDS * place;
        if let Some(values) = self.runs.get(key) {
            return values;
        }
        let values = table_below(self.point(var), var.dim.extent);
        self.runs.insert(key, values);
        values
    }

    fn map_axis(ref self: Reader, dim: Dim, low: u32, map: Map, vars: Span<Var>) -> K {
        let var = *vars[map.var];
        assert(var.dim.extent == map.entries.len(), 'view: length of a map');
        tokens::map_weight(map.entries, self.point(var), self.table(low, dim.bits), dim.extent)
    }

    /// `sum_v eq(x, v) eq(a, token_v)`.
    fn public_axis(ref self: Reader, dim: Dim, low: u32, index: PublicIndex, vars: Span<Var>) -> K {
        let var = *vars[index.var];
        let tokens = self.points.unbox().statement.input(index.input, dim.extent);
        assert(tokens.len() == var.dim.extent, 'view: number of public indices');
        tokens::weight(tokens, self.point(var), self.table(low, dim.bits), dim.extent)
    }
}

const TABLE_KEYS: felt252 = 0x100000000000000;
const TWO_34: felt252 = 0x400000000;
const TWO_38: felt252 = 0x4000000000;
const TWO_70: felt252 = 0x400000000000000000;
/// What makes integers of 32 bits positive.
const SIGN: felt252 = 0x100000000;

/// A term of an affine axis with the extent of what it runs over.
#[derive(Copy, Drop)]
struct AffineTerm {
    extent: u32,
    stride: i64,
}

fn affine_terms(affine: Affine, vars: Span<Var>) -> Array<(AffineTerm, Option<Var>)> {
    let mut terms = array![];
    let mut given = affine.terms;
    while let Some(term) = given.pop_front() {
        let stride = *term.stride;
        match *term.source {
            Source::Var(var) => {
                let var = *vars[var];
                terms.append((AffineTerm { extent: var.dim.extent, stride }, Some(var)));
            },
            Source::Sum(extent) => terms.append((AffineTerm { extent, stride }, None)),
        }
    }
    terms
}

/// The terms of an axis.
#[derive(Copy, Drop)]
struct Terms {
    /// The one that is not enumerated.
    main: (AffineTerm, Option<Var>),
    /// Set if `main` is `2^log_stride variable`, and the dimension has as many bits.
    log_stride: Option<u32>,
    others: Span<(AffineTerm, Option<Var>)>,
}

/// Chooses the main term: a large one, preferably one that `runs` can do.
fn split(mut terms: Span<(AffineTerm, Option<Var>)>, dim: Dim) -> Terms {
    // No term: a single value.
    let mut main = (AffineTerm { extent: 1, stride: 0 }, None);
    let mut log_stride = None;
    let mut others = array![];
    let mut largest = 0;
    while let Some(entry) = terms.pop_front() {
        let (term, var) = *entry;
        let log = log_stride_of(term, var, dim);
        let size = if log.is_some() {
            term.extent
        } else {
            term.extent / 4
        };
        if size > largest {
            if largest != 0 {
                others.append(main);
            }
            main = *entry;
            log_stride = log;
            largest = size;
        } else {
            others.append(*entry);
        }
    }
    Terms { main, log_stride, others: others.span() }
}

fn log_stride_of(term: AffineTerm, var: Option<Var>, dim: Dim) -> Option<u32> {
    let var = var?;
    let mut log_stride = 0;
    let mut stride = 1;
    while stride != term.stride && log_stride != dim.bits {
        stride += stride;
        log_stride += 1;
    }
    if stride == term.stride && var.dim.bits + log_stride <= dim.bits {
        Some(log_stride)
    } else {
        None
    }
}
