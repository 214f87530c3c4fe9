//! Axes that follow one variable: the extension at `a` of the weights `eq(x, v)` at the indices
//! `offset + 2^k v`, `v` below an extent.
//!
//! What a bit `x` of the variable and a bit `a` of the index contribute is bilinear in the two, so
//! nothing but products over many bits is kept: those of `eq` that begin at a pair of coordinates,
//! the weights of the lower bits of a sum by what it carries, and those of constant upper bits.
//! Views that differ in extent, offset or size share them.
//!
//! Points are LEAST significant coordinate first.

use crate::affine::floor_div;
use crate::circuit::Dim;
use crate::field::{K, mul_mul_add, one_k, pow2, zero_k};
use crate::functional::{KEY_FIXED, KEY_KINDS, KEY_SUFFIX, Reader, ReaderTrait, Var};
use crate::lazy::{Lazy, LazyTrait};
use crate::memo::MemoTrait;

/// The weights of the lower parts that leave carry 0 and 1; `None` is zero.
#[derive(Copy, Drop)]
pub struct Carry {
    pub zero: Option<K>,
    pub one: Option<K>,
}

const NO_CARRY: Carry = Carry { zero: None, one: None };

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

    /// An axis whose index is `offset + 2^log_stride variable`: the low bits are those of the
    /// offset, the others a shift.
    fn slice(ref self: Reader, dim: Dim, low: u32, offset: i64, var: Var, log_stride: u32) -> K {
        let stride = pow2(log_stride);
        let (offset, first) = floor_div(offset, stride);
        if first >= dim.extent {
            return zero_k();
        }
        let n_indices = (dim.extent - first + stride - 1) / stride;
        let value = self.shift(dim.bits - log_stride, low + log_stride, offset, var, n_indices);
        if log_stride == 0 {
            value
        } else {
            value * self.fixed(low, log_stride, first)
        }
    }

    /// An axis whose index is `offset + variable`, with `bits` coordinates from `low` on, at least
    /// as many as of the variable, and below `n_indices`.
    fn shift(ref self: Reader, bits: u32, low: u32, offset: i64, var: Var, n_indices: u32) -> K {
        // The number of indices bounds the value: no comparison of indices is left.
        let room: i64 = n_indices.into() - offset;
        if room <= 0 {
            return zero_k();
        }
        let extent = if room < var.dim.extent.into() {
            room.try_into().unwrap()
        } else {
            var.dim.extent
        };
        // The bits above those of the variable are the offset's and a carry.
        let n = var.dim.bits;
        let (above, offset) = floor_div(offset, pow2(n));
        let Carry {
            zero, one,
        } =
            if extent == pow2(n) {
                self.all(var, low, n, offset)
            } else {
                self.below(var, low, n, offset, extent)
            };
        let (low, bits) = (low + n, bits - n);
        match (self.upper(zero, low, bits, above), self.upper(one, low, bits, above + 1)) {
            (Some((x, a)), Some((y, b))) => mul_mul_add(x, a, y, b),
            (Some((x, a)), None) | (None, Some((x, a))) => x * a,
            (None, None) => zero_k(),
        }
    }

    /// A weight that is not zero and that of the upper bits `index`, if there are such.
    fn upper(
        ref self: Reader, weight: Option<K>, low: u32, bits: u32, index: i64,
    ) -> Option<(K, K)> {
        let weight = weight?;
        let index: u32 = index.try_into()?;
        if index >= pow2(bits) {
            return None;
        }
        Some((weight, self.fixed(low, bits, index)))
    }

    /// The weights of all values of the lowest `n` bits of the variable, by what they and `offset`
    /// carry.
    fn all(ref self: Reader, var: Var, low: u32, n: u32, offset: u32) -> Carry {
        if offset == 0 {
            let var = Var { dim: Dim { extent: pow2(n), bits: n }, ..var };
            return Carry { zero: Some(self.eq_all(var, low)), one: None };
        }
        let key = place(var, low) + 0x4000 * (n.into() + 64 * offset.into());
        if let Some(carry) = self.runs.get(key) {
            return carry_of(carry);
        }
        let (n, rest, adds_one) = top_bit(n, offset);
        let any = self.all(var, low, n, rest);
        let carry = self.step(var, low, n, adds_one, any, any);
        self.runs.insert(key, values_of(carry));
        carry
    }

    /// The same, of the values below `extent < 2^n` of all `n` bits.
    fn below(ref self: Reader, var: Var, low: u32, n: u32, offset: u32, extent: u32) -> Carry {
        if n == 0 || extent == 0 {
            return NO_CARRY;
        }
        let (n, rest, adds_one) = top_bit(n, offset);
        // A bit of one is below only with a lower part that is.
        let (_, rest_extent, top) = top_bit(n + 1, extent);
        let below = self.below(var, low, n, rest, rest_extent);
        let (zero, one) = if top {
            (self.all(var, low, n, rest), below)
        } else {
            (below, NO_CARRY)
        };
        self.step(var, low, n, adds_one, zero, one)
    }

    /// Adds bit `n` of the variable and the index to lower parts: those that a zero of the variable
    /// goes with, and those for a one.
    fn step(
        self: @Reader, var: Var, low: u32, n: u32, adds_one: bool, zero: Carry, one: Carry,
    ) -> Carry {
        let x = *self.source(var)[var.low + n];
        next_carry(x, *self.table(low + n, 1)[0], adds_one, zero, one)
    }
}

/// The next pair of coordinates.
const NEXT: felt252 = 65;

/// The coordinates of a variable and of the table from `low` on.
fn place(var: Var, low: u32) -> felt252 {
    var.low.into() + 64 * low.into() + 4096 * var.source.into()
}

/// The highest of `n` bits: its place, those below and whether it is one.
#[inline(never)]
fn top_bit(n: u32, bits: u32) -> (u32, u32, bool) {
    let place = n - 1;
    let half = pow2(place);
    if bits >= half {
        (place, bits - half, true)
    } else {
        (place, bits, false)
    }
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

/// The values of `all`, whose weight of carry 0 is never missing.
fn values_of(carry: Carry) -> Span<K> {
    let zero = carry.zero.expect('view: no carry');
    match carry.one {
        Some(one) => array![zero, one].span(),
        None => array![zero].span(),
    }
}

fn carry_of(mut values: Span<K>) -> Carry {
    let zero = Some(*values.pop_front().expect('view: no carry'));
    let one = match values.pop_front() {
        Some(one) => Some(*one),
        None => None,
    };
    Carry { zero, one }
}

/// The weights with one more bit: `x` of the value, of which `zero` are the lower parts that go
/// with a zero and `one` those with a one, `a` of the index.
#[inline(never)]
fn next_carry(x: K, a: K, adds_one: bool, zero: Carry, one: Carry) -> Carry {
    let (x, a) = (LazyTrait::from(x), LazyTrait::from(a));
    let w11 = x.mul(a);
    let w00 = w11.sub(x.add(a)).add_int(1);
    let w01 = a.sub(w11);
    let w10 = x.sub(w11);
    if adds_one {
        let carried = plus(plus(None, w00, zero.one), w10, one.zero);
        Carry {
            zero: reduced(plus(None, w01, zero.zero)), one: reduced(plus(carried, w11, one.one)),
        }
    } else {
        let same = plus(plus(None, w00, zero.zero), w11, one.zero);
        Carry { zero: reduced(plus(same, w01, zero.one)), one: reduced(plus(None, w10, one.one)) }
    }
}

/// `sum + w k`.
#[inline(never)]
fn plus(sum: Option<Lazy>, w: Lazy, k: Option<K>) -> Option<Lazy> {
    let Some(k) = k else {
        return sum;
    };
    let product = w.mul(LazyTrait::from(k));
    Some(match sum {
        Some(sum) => sum.add(product),
        None => product,
    })
}

fn reduced(sum: Option<Lazy>) -> Option<K> {
    Some(sum?.reduce())
}

// A weight of a bit has at most 67 bits, so a product of one and an element of `K` 101.

/// `k eq(x, a)`.
#[inline(never)]
fn times_eq(k: K, x: K, a: K) -> K {
    let (x, a) = (LazyTrait::from(x), LazyTrait::from(a));
    let both = x.mul(a);
    both.add(both).sub(x.add(a)).add_int(1).mul(LazyTrait::from(k)).reduce()
}
