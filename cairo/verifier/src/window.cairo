//! Slices and convolution windows: the extension at `a` of the weights of `offset + value` for all
//! values of a variable, and a few offsets, each with a weight (PROTOCOL §5.3).
//!
//! Value and index are read bit by bit together, least significant bits first; what is added is a
//! carry, and up to five neighbouring offsets are the carries that it begins with. The state is
//! the weight of all lower parts by what they carry, and of those alone whose index is below the
//! lower part of the extent. A weight of a bit has at most 67 bits, its product with one of a carry
//! 101, ten more for the sums that a walk begins with, and a carry comes from at most four.

use crate::affine::floor_div;
use crate::field::{K, one_k, zero_k};
use crate::gauss::{Gauss, GaussTrait};

/// Offsets of one walk, whose weights are not reduced before they are multiplied.
const MAX_SUMS: u32 = 1024;

/// Weights by carry, from -2 to 2. After one bit the outer two are zero.
#[derive(Copy, Drop)]
pub(crate) struct Carries {
    two_less: Gauss,
    one_less: Gauss,
    none: Gauss,
    one: Gauss,
    two: Gauss,
}

/// The extension at `a` of the weights of `offset + value` for all offsets with their weights,
/// indices below `extent`: `x` are the coordinates of the value, of which `a` has at least as many.
pub(crate) fn evaluate(mut sums: Span<(i64, K)>, x: Span<K>, a: Span<K>, extent: u32) -> K {
    let mut total = zero_k();
    while let Some(entry) = sums.get(0) {
        let (first, _) = *entry.unbox();
        // An even number, so that its lowest bit makes no carry larger.
        let (half, _) = floor_div(first + 2, 2);
        let base = half + half;
        let start = carries(ref sums, base);
        total = total + walk(base, start, x, a, extent);
    }
    total
}

fn no_carries() -> Carries {
    let zero = GaussTrait::zero();
    Carries { two_less: zero, one_less: zero, none: zero, one: zero, two: zero }
}

/// The weights of the next offsets less `base`, as far as they are between -2 and 2.
fn carries(ref sums: Span<(i64, K)>, base: i64) -> Carries {
    let mut carries = no_carries();
    let mut left = MAX_SUMS;
    while let Some(entry) = sums.get(0) {
        let (offset, weight) = *entry.unbox();
        let weight = GaussTrait::from(weight);
        let distance = offset - base;
        if left == 0 {
            break;
        }
        left -= 1;
        if distance == 0 {
            carries.none = carries.none.add(weight);
        } else if distance == 1 {
            carries.one = carries.one.add(weight);
        } else if distance == -1 {
            carries.one_less = carries.one_less.add(weight);
        } else if distance == 2 {
            carries.two = carries.two.add(weight);
        } else if distance == -2 {
            carries.two_less = carries.two_less.add(weight);
        } else {
            break;
        }
        sums = sums.slice(1, sums.len() - 1);
    }
    carries
}

/// The extension for the offsets `base` and some more, whose weights are those of the first
/// carries.
fn walk(base: i64, start: Carries, mut x: Span<K>, mut a: Span<K>, extent: u32) -> K {
    let none = BoxTrait::new(no_carries());
    let mut any = BoxTrait::new(start);
    let mut below = none;
    let mut is_below = false;
    let mut extent = extent;
    let mut base = base;
    while let Some(a) = a.pop_front() {
        if base != 0 {
            let (rest, bit) = floor_div(base, 2);
            base = rest;
            if bit == 1 {
                any = one_more(any);
                below = one_more(below);
            }
        }
        let x = match x.pop_front() {
            Some(x) => *x,
            None => zero_k(),
        };
        let bits = weights(x, *a);
        let (rest, bit) = DivRem::div_rem(extent, 2);
        extent = rest;
        if bit == 1 {
            below = step(bits, any, below);
            is_below = true;
        } else if is_below {
            below = step(bits, below, none);
        }
        any = step(bits, any, any);
    }
    // What is left of the extent: nothing, or one if all indices are below.
    let end = if extent == 0 {
        below
    } else {
        any
    };
    // Nothing is carried beyond the index.
    let Carries { two_less, one_less, none, one, two } = end.unbox();
    let last = if base == 0 {
        none
    } else if base == -1 {
        one
    } else if base == 1 {
        one_less
    } else if base == -2 {
        two
    } else if base == 2 {
        two_less
    } else {
        GaussTrait::zero()
    };
    last.reduce()
}

/// One is added to what is carried, which is less than two.
#[inline(never)]
fn one_more(carries: Box<Carries>) -> Box<Carries> {
    let Carries { two_less, one_less, none, one, .. } = carries.unbox();
    BoxTrait::new(
        Carries {
            two_less: GaussTrait::zero(), one_less: two_less, none: one_less, one: none, two: one,
        },
    )
}

/// The weights of a bit of the value and one of the index.
#[derive(Copy, Drop)]
struct Bits {
    w00: Gauss,
    w01: Gauss,
    w10: Gauss,
    w11: Gauss,
}

fn weights(x: K, a: K) -> Box<Bits> {
    let (x, a) = (GaussTrait::from(x), GaussTrait::from(a));
    let w11 = x.mul(a);
    let w01 = a.sub(w11);
    let one = GaussTrait::from(one_k());
    BoxTrait::new(Bits { w00: one.sub(x).sub(w01), w01, w10: x.sub(w11), w11 })
}

/// The weights with one more bit: `zero` are the lower parts that an index bit of zero goes with,
/// `one` those for a one. Carry and value less index are even.
#[inline(never)]
fn step(bits: Box<Bits>, zero: Box<Carries>, one: Box<Carries>) -> Box<Carries> {
    let Bits { w00, w01, w10, w11 } = bits.unbox();
    let (zero, one) = (zero.unbox(), one.unbox());
    let less = w01.mul(one.one_less).add_products(w00, zero.two_less, w11, one.two_less);
    let same = GaussTrait::zero().add_products(w00, zero.none, w11, one.none);
    let same = same.add_products(w10, zero.one_less, w01, one.one);
    let more = w10.mul(zero.one).add_products(w00, zero.two, w11, one.two);
    BoxTrait::new(
        Carries {
            two_less: GaussTrait::zero(),
            one_less: GaussTrait::from(less.reduce()),
            none: GaussTrait::from(same.reduce()),
            one: GaussTrait::from(more.reduce()),
            two: GaussTrait::zero(),
        },
    )
}
