//! Axes that are one variable: the extension at `a` of the weights `eq(x, v)`, `v` below an extent.
//!
//! What a bit `x` of the variable and a bit `a` of the index contribute is bilinear in the two, so
//! nothing but products over many bits is kept: those of `eq` that begin at a pair of coordinates,
//! and those of constant bits. Views that differ in extent or size share them.
//!
//! Points are LEAST significant coordinate first.

use crate::field::{K, one_k, pow2};
use crate::functional::{KEY_FIXED, KEY_KINDS, KEY_SUFFIX, Reader, ReaderTrait, Var};
use crate::lazy::LazyTrait;
use crate::memo::MemoTrait;

/// Products of many `eq` are cut at the multiples of this in the table's point.
const EDGE: u32 = 8;

#[generate_trait]
pub impl RunsImpl of RunsTrait {
    /// `eq(x, a)` of the first 0, 1, .., at least `n` coordinates of the variable and those of the
    /// table from `low` on.
    fn run(ref self: Reader, var: Var, low: u32, n: u32) -> Span<K> {
        let key = place(var, low);
        let known = match self.runs.get(key) {
            Some(run) => run,
            None => array![one_k()].span(),
        };
        if known.len() > n {
            return known;
        }
        let first = known.len() - 1;
        let mut x = self.source(var).slice(var.low + first, n - first);
        let mut a = self.table(low + first, n - first);
        let mut last = *known[first];
        let mut run = array![];
        run.append_span(known);
        while let Some(x) = x.pop_front() {
            last = times_eq(last, *x, *a.pop_front().unwrap());
            run.append(last);
        }
        let run = run.span();
        self.runs.insert(key, run);
        run
    }

    /// `eq` of all coordinates of the variable and those of the table from `low` on: what is below
    /// the next edge times what is above, so that overlapping ranges share both.
    fn eq_all(ref self: Reader, var: Var, low: u32) -> K {
        let n = var.dim.bits;
        let (_, above_edge) = DivRem::div_rem(low, EDGE.try_into().unwrap());
        let to_edge = EDGE - above_edge;
        if above_edge == 0 || to_edge >= n {
            return *self.run(var, low, n)[n];
        }
        let Var { dim, source, low: var_low } = var;
        let upper = Var { dim, source, low: var_low + to_edge };
        let above = *self.run(upper, low + to_edge, n - to_edge)[n - to_edge];
        self.suffix(place(var, low), self.source(var).slice(var_low, to_edge), low) * above
    }

    /// `eq` of `x` and the table's coordinates from `low` to the next edge.
    fn suffix(ref self: Reader, place: felt252, mut x: Span<K>, low: u32) -> K {
        let Some(c) = x.pop_front() else {
            return one_k();
        };
        let key = KEY_SUFFIX + KEY_KINDS * place;
        if let Some(value) = self.memo.get(key) {
            return value;
        }
        let rest = self.suffix(place + NEXT, x, low + 1);
        let value = times_eq(rest, *c, *self.table(low, 1)[0]);
        self.memo.insert(key, value);
        value
    }

    /// `sum_{v < extent} eq(x, v) eq(a, v)`, `1 <= extent <= 2^bits`, `a` the table's coordinates
    /// from `low` on.
    fn restricted(ref self: Reader, var: Var, low: u32, extent: u32) -> K {
        let n = var.dim.bits;
        if extent == pow2(n) {
            return self.eq_all(var, low);
        }
        let run = self.run(var, low, n - 1);
        below_from(run, self.point(var), self.table(low, n), extent)
    }

    /// `eq(a, index)` for `bits` coordinates of the table from `low` on.
    fn fixed(ref self: Reader, low: u32, bits: u32, index: u32) -> K {
        if bits == 0 {
            return one_k();
        }
        let key = low.into() + 64 * (bits.into() + 64 * index.into());
        let key = KEY_FIXED + KEY_KINDS * key;
        if let Some(value) = self.memo.get(key) {
            return value;
        }
        let (above, bit) = DivRem::div_rem(index, 2);
        let upper = self.fixed(low + 1, bits - 1, above);
        let right = upper * *self.table(low, 1)[0];
        let value = if bit == 1 {
            right
        } else {
            upper - right
        };
        self.memo.insert(key, value);
        value
    }
}

/// The next pair of coordinates.
const NEXT: felt252 = 65;

/// The coordinates of a variable and of the table from `low` on.
fn place(var: Var, low: u32) -> felt252 {
    var.low.into() + 64 * low.into() + 4096 * var.source.into()
}

/// `sum_{v < extent} eq(x, v) eq(a, v)`, `1 <= extent < 2^len`; `lower` are the products of `eq` of
/// the first 0, 1, .. coordinates.
#[inline(never)]
fn below_from(mut lower: Span<K>, mut x: Span<K>, mut a: Span<K>, extent: u32) -> K {
    let mut rest = extent;
    // The weight of the lower parts below the extent's; none if all its lower bits are zero.
    let mut sum = None;
    while let (Some(lower), Some(x), Some(a)) = (lower.pop_front(), x.pop_front(), a.pop_front()) {
        let (next, bit) = DivRem::div_rem(rest, 2);
        rest = next;
        if bit == 1 {
            sum = Some(same_bit(*x, *a, *lower, sum));
        } else if let Some(zero) = sum {
            sum = Some(same_bit(*x, *a, zero, None));
        }
    }
    sum.expect('view: empty extent')
}

/// `zero (1 - x)(1 - a) + one x a`.
#[inline(never)]
fn same_bit(x: K, a: K, zero: K, one: Option<K>) -> K {
    let (x, a) = (LazyTrait::from(x), LazyTrait::from(a));
    let both = x.mul(a);
    let sum = both.sub(x.add(a)).add_int(1).mul(LazyTrait::from(zero));
    match one {
        Some(one) => sum.add(both.mul(LazyTrait::from(one))),
        None => sum,
    }.reduce()
}

/// `k eq(x, a)`.
#[inline(never)]
fn times_eq(k: K, x: K, a: K) -> K {
    let (x, a) = (LazyTrait::from(x), LazyTrait::from(a));
    let both = x.mul(a);
    both.add(both).sub(x.add(a)).add_int(1).mul(LazyTrait::from(k)).reduce()
}
