//! Linear functionals of tensors, the only kind of claim there is (PROTOCOL §4.2, §5.3).
//!
//! Reading a tensor through a view at a random point is the functional `sum_q w(q) T[q]` with one
//! factor per dimension. Its multilinear extension at the final point is the product of those of
//! the factors. The points of variables are slices of two points, that of the identities and that
//! of the products, and a dimension's coordinates are a slice of the final one: so a factor depends
//! on positions and extents only, and is computed once.
//!
//! In this module points are LEAST significant coordinate first.

use crate::affine::{self, SliceTrait};
use crate::circuit::{Affine, Axis, Dim, Form, FormAxis, Map, PublicIndex, Source};
use crate::field::{K, ProductSumTrait, eq_table, mul_mul_add, one_k, pow2, zero_k};
use crate::lazy::LazyTrait;
use crate::memo::{Memo, MemoTrait};
use crate::statement::{Statement, StatementTrait};
use crate::sums::{Paired, PairedSumTrait, pair};

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
    /// By position in the point of a variable and in the table's: bits, and runs that begin there.
    bits: Memo<Bit>,
    runs: Memo<Span<Pair>>,
}

impl ReaderDestruct of Destruct<Reader> {
    // One copy for all the places where a panic ends a function.
    #[inline(never)]
    fn destruct(self: Reader) nopanic {
        let Reader { points: _, memo, bits, runs } = self;
        memo.destruct();
        bits.destruct();
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

/// What a bit of a variable and one of an index contribute, where both are the same.
#[derive(Copy, Drop)]
pub struct Bit {
    /// `(1 - x)(1 - a)`: both are zero.
    pub zero: K,
    /// `x a`: both are one.
    pub one: K,
    /// Their sum, `eq(x, a)`.
    pub eq: K,
}

/// A bit of a run.
#[derive(Copy, Drop)]
pub struct Pair {
    pub bit: Bit,
    /// The product of `eq` of the lower bits of the run.
    pub lower: K,
}

const KEY_BELOW: felt252 = 0;
const KEY_VAR: felt252 = 1;
const KEY_AFFINE: felt252 = 2;
/// Keys of values that do not belong to a single axis.
pub const KEY_BOX: felt252 = 3;
pub const KEY_VIEW: felt252 = 4;
/// Number of kinds of keys.
pub const KEY_KINDS: felt252 = 8;

#[generate_trait]
pub impl ReaderImpl of ReaderTrait {
    /// Nothing is known but the points.
    fn new(points: Box<Points>) -> Reader {
        Reader { points, memo: MemoTrait::new(), bits: MemoTrait::new(), runs: MemoTrait::new() }
    }

    /// Adds the point of the products.
    fn at_products(ref self: Reader, inner: Span<K>) {
        let Points { statement, outer, table, .. } = self.points.unbox();
        self.points = BoxTrait::new(Points { statement, outer, inner, table });
    }

    /// Goes on to a committed table, whose final point is `table`.
    fn at_table(ref self: Reader, table: Span<K>) {
        let Points { statement, outer, inner, .. } = self.points.unbox();
        self.points = BoxTrait::new(Points { statement, outer, inner, table });
        self.memo = MemoTrait::new();
        self.bits = MemoTrait::new();
        self.runs = MemoTrait::new();
    }

    /// A part of the final point.
    #[inline(always)]
    fn table(self: @Reader, low: u32, bits: u32) -> Span<K> {
        (*self.points).unbox().table.slice(low, bits)
    }

    /// The coordinates of a variable.
    fn point(self: @Reader, var: Var) -> Span<K> {
        let source = if var.source == OUTER {
            (*self.points).unbox().outer
        } else {
            (*self.points).unbox().inner
        };
        source.slice(var.low, var.dim.bits)
    }

    /// The pairs of the bits of a variable with those of an index whose coordinates begin at `low`.
    fn pairs(ref self: Reader, var: Var, low: u32) -> Span<Pair> {
        let key = var.low.into() + 64 * (low.into() + 64 * var.source.into());
        let known = match self.runs.get(key) {
            Some(run) => run,
            None => array![].span(),
        };
        if known.len() >= var.dim.bits {
            return known.slice(0, var.dim.bits);
        }
        let run = self.extend_run(known, self.point(var), self.table(low, var.dim.bits), key);
        self.runs.insert(key, run);
        run
    }

    /// A run as long as `x` and `a`, whose first bits are known.
    fn extend_run(
        ref self: Reader, known: Span<Pair>, x: Span<K>, a: Span<K>, key: felt252,
    ) -> Span<Pair> {
        let n = known.len();
        let mut x = x.slice(n, x.len() - n);
        let mut a = a.slice(n, a.len() - n);
        let mut lower = if n == 0 {
            one_k()
        } else {
            let Pair { bit, lower } = *known[n - 1];
            bit.eq * lower
        };
        let mut run = array![];
        run.append_span(known);
        // Positions one further in both points.
        let mut key = key + 65 * n.into();
        while let Some(c) = x.pop_front() {
            let a = a.pop_front().unwrap();
            let bit = match self.bits.get(key) {
                Some(bit) => bit,
                None => {
                    let bit = bit_pair(*c, *a);
                    self.bits.insert(key, bit);
                    bit
                },
            };
            run.append(Pair { bit, lower });
            if !x.is_empty() {
                lower = bit.eq * lower;
                key += 65;
            }
        }
        run.span()
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
            Axis::Fixed(index) => Some(fixed(self.table(low, dim.bits), index)),
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
        let mut value = restricted(self.pairs(var, low), extent);
        // The upper index bits are zero.
        let mut upper = self.table(low + var.dim.bits, dim.bits - var.dim.bits);
        while let Some(c) = upper.pop_front() {
            value = value * (one_k() - *c);
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
        let at = self.table(low, dim.bits);
        let value = match slice_of(terms.span(), dim) {
            Some((var, log_stride)) => self.slice(dim, low, affine.offset, var, log_stride),
            None => affine::evaluate(weighted(@self, terms), affine.offset, dim.extent, at),
        };
        if memoised {
            self.memo.insert(key, value);
        }
        value
    }

    /// An axis whose index is `offset + 2^log_stride variable`: the low bits are those of the
    /// offset, the others a slice.
    fn slice(ref self: Reader, dim: Dim, low: u32, offset: i64, var: Var, log_stride: u32) -> K {
        let stride = pow2(log_stride);
        let (offset, first) = affine::floor_div(offset, stride);
        if first >= dim.extent {
            return zero_k();
        }
        let n_indices = (dim.extent - first + stride - 1) / stride;
        let pairs = self.pairs(var, low + log_stride);
        let mut at = self.table(low + log_stride, dim.bits - log_stride);
        let value = if offset == 0 {
            let mut value = restricted(
                pairs, if var.dim.extent < n_indices {
                    var.dim.extent
                } else {
                    n_indices
                },
            );
            let mut upper = at.slice(var.dim.bits, at.len() - var.dim.bits);
            while let Some(c) = upper.pop_front() {
                value = value * (one_k() - *c);
            }
            value
        } else {
            let slice = affine::Slice { offset, extent: var.dim.extent, n_indices };
            slice.evaluate(pairs, self.point(var), at)
        };
        if log_stride == 0 {
            value
        } else {
            value * fixed(self.table(low, log_stride), first)
        }
    }

    fn map_axis(ref self: Reader, dim: Dim, low: u32, map: Map, vars: Span<Var>) -> K {
        let var = *vars[map.var];
        assert(var.dim.extent == map.entries.len(), 'view: length of a map');
        let mut weights = table_below(self.point(var), var.dim.extent);
        let at = table_below(self.table(low, dim.bits), dim.extent);
        let mut entries = map.entries;
        let mut sum = ProductSumTrait::new();
        while let Some(entry) = entries.pop_front() {
            let weight = *weights.pop_front().unwrap();
            if *entry != 0 {
                sum.add(weight, *at[*entry - 1]);
            }
        }
        sum.reduce()
    }

    /// `sum_v eq(x, v) eq(a, token_v)`: the tokens in rows of `2^k`, whose weights are the same in
    /// each row up to a factor.
    fn public_axis(ref self: Reader, dim: Dim, low: u32, index: PublicIndex, vars: Span<Var>) -> K {
        let var = *vars[index.var];
        let mut tokens = self.points.unbox().statement.input(index.input, dim.extent);
        assert(tokens.len() == var.dim.extent, 'view: number of public indices');
        let at = paired(table_below(self.table(low, dim.bits), dim.extent));
        let x = self.point(var);
        let n_low = x.len() / 2;
        let row = paired(table(x.slice(0, n_low)));
        let n_rows = (tokens.len() + row.len() - 1) / row.len();
        let mut rows = table_below(x.slice(n_low, x.len() - n_low), n_rows);
        let mut sum = ProductSumTrait::new();
        while let Some(weight) = rows.pop_front() {
            sum.add(*weight, token_row(ref tokens, row, at));
        }
        sum.reduce()
    }
}

/// The sum of the weights of a row, each times that of its token.
fn token_row(ref tokens: Span<u32>, mut row: Span<Paired>, at: Span<Paired>) -> K {
    let mut sum = PairedSumTrait::new();
    while let Some(weight) = row.pop_front() {
        match tokens.pop_front() {
            Some(token) => sum.add(*weight, *at[*token]),
            None => { break; },
        }
    }
    sum.reduce()
}

fn paired(mut values: Span<K>) -> Span<Paired> {
    let mut paired = array![];
    while let Some(value) = values.pop_front() {
        paired.append(pair(*value));
    }
    paired.span()
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

/// The variable of an axis that is `offset + 2^log_stride variable`, and `log_stride`, if the
/// dimension has as many bits.
fn slice_of(terms: Span<(AffineTerm, Option<Var>)>, dim: Dim) -> Option<(Var, u32)> {
    if terms.len() != 1 {
        return None;
    }
    let (term, var) = *terms[0];
    let var = var?;
    let mut log_stride = 0;
    let mut stride = 1;
    while stride != term.stride && log_stride != dim.bits {
        stride += stride;
        log_stride += 1;
    }
    if stride == term.stride && var.dim.bits + log_stride <= dim.bits {
        Some((var, log_stride))
    } else {
        None
    }
}

fn weighted(reader: @Reader, terms: Array<(AffineTerm, Option<Var>)>) -> Span<affine::Term> {
    let mut weighted = array![];
    for (term, var) in terms {
        let point = match var {
            Some(var) => Some(reader.point(var)),
            None => None,
        };
        weighted.append(affine::Term { point, extent: term.extent, stride: term.stride });
    }
    weighted.span()
}

/// All values `eq(x, b)`, `x` least significant coordinate first.
pub fn table(x: Span<K>) -> Span<K> {
    eq_table(reverse(x)).span()
}

/// The first `n` values `eq(x, b)`, `1 <= n <= 2^len`.
pub fn table_below(mut x: Span<K>, n: u32) -> Span<K> {
    let mut table = array![one_k()].span();
    while let Some(c) = x.pop_back() {
        // Twice as many, but no more than the first `n` values have prefixes of.
        let left = pow2(x.len());
        let n_prefixes = (n + left - 1) / left;
        let mut next = array![];
        while let Some(t) = table.pop_front() {
            let right = *t * *c;
            next.append(*t - right);
            if next.len() == n_prefixes {
                break;
            }
            next.append(right);
        }
        table = next.span();
    }
    table
}

/// The same elements, last first.
pub fn reverse(mut x: Span<K>) -> Span<K> {
    let mut reversed = array![];
    while let Some(c) = x.pop_back() {
        reversed.append(*c);
    }
    reversed.span()
}

/// `sum_{q < extent} eq(a, q)`, `1 <= extent <= 2^len`.
pub fn below(mut a: Span<K>, extent: u32) -> K {
    let mut rest = extent;
    let mut sum = None;
    while let Some(c) = a.pop_front() {
        let (next, bit) = DivRem::div_rem(rest, 2);
        rest = next;
        sum = match sum {
            // The lower bits are all zero: what is below is all of them, if this bit is one.
            None => if bit == 1 {
                Some(one_k() - *c)
            } else {
                None
            },
            Some(sum) => Some(if bit == 1 {
                // (1 - c) + c sum.
                one_k() - *c + *c * sum
            } else {
                sum - *c * sum
            }),
        };
    }
    match (rest, sum) {
        (0, Some(sum)) => sum,
        (_, _) => one_k(),
    }
}

/// The pair of two coordinates.
pub fn bit_pair(x: K, a: K) -> Bit {
    let (x, a) = (LazyTrait::from(x), LazyTrait::from(a));
    let both = x.mul(a);
    let neither = both.sub(x.add(a)).add_int(1);
    Bit { zero: neither.reduce(), one: both.reduce(), eq: neither.add(both).reduce() }
}

/// `sum_{q < extent} eq(x, q) eq(a, q)`, `1 <= extent <= 2^len`, from the pairs of the bits.
pub fn restricted(mut pairs: Span<Pair>, extent: u32) -> K {
    let mut rest = extent;
    // The weight of the lower parts below the extent's; none if all its lower bits are zero.
    let mut sum = None;
    let mut all = one_k();
    while let Some(pair) = pairs.pop_front() {
        let (next, is_one) = DivRem::div_rem(rest, 2);
        rest = next;
        if is_one == 1 {
            sum =
                Some(
                    match sum {
                        None => *pair.bit.zero * *pair.lower,
                        Some(sum) => mul_mul_add(*pair.bit.zero, *pair.lower, *pair.bit.one, sum),
                    },
                );
        } else if let Some(other) = sum {
            sum = Some(*pair.bit.zero * other);
        }
        if pairs.is_empty() && rest != 0 {
            // Every value is below.
            all = *pair.bit.eq * *pair.lower;
        }
    }
    match (rest, sum) {
        (0, Some(sum)) => sum,
        (_, _) => all,
    }
}

/// `eq(a, index)`.
pub fn fixed(mut a: Span<K>, index: u32) -> K {
    let mut rest = index;
    let mut product = one_k();
    while let Some(c) = a.pop_front() {
        let (next, bit) = DivRem::div_rem(rest, 2);
        rest = next;
        let right = product * *c;
        product = if bit == 1 {
            right
        } else {
            product - right
        };
    }
    product
}
