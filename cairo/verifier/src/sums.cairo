//! Sums of products `x S` of an element of `K` and a sum of scaled elements that is not reduced:
//! the weights of claims, `power * coefficient * prefix`. Part of the field's backend.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::upcast;
use crate::field::{K, Packed, reduce_felt};

const TWO_32: NonZero<u128> = 0x100000000;
const TWO_48: felt252 = 0x1000000000000;
const TWO_80: felt252 = 0x100000000000000000000;
const NZ_80: NonZero<u128> = 0x100000000000000000000;

/// `sum x_j S_i` for all coordinates `x_j` of `x` and pairs `S_i` of those of `S`: at most `2^16`
/// terms with coordinates of `S` below `2^70`.
#[derive(Copy, Drop)]
pub struct WeightedSum {
    s0: felt252,
    s1: felt252,
    s2: felt252,
    s3: felt252,
    t0: felt252,
    t1: felt252,
    t2: felt252,
    t3: felt252,
}

/// A multiple of `p` above `2^120`.
const BIAS: felt252 = 0x7fffffff00000000000000000000000;

#[generate_trait]
pub impl WeightedSumImpl of WeightedSumTrait {
    /// Zero.
    fn new() -> WeightedSum {
        WeightedSum { s0: 0, s1: 0, s2: 0, s3: 0, t0: 0, t1: 0, t2: 0, t3: 0 }
    }

    /// Adds `x s`.
    #[inline(always)]
    fn add(ref self: WeightedSum, x: K, s: Packed) {
        let Packed { low, high } = s;
        let (x0, x1): (felt252, felt252) = (upcast(x.c0), upcast(x.c1));
        let (x2, x3): (felt252, felt252) = (upcast(x.c2), upcast(x.c3));
        self.s0 += x0 * low;
        self.s1 += x1 * low;
        self.s2 += x2 * low;
        self.s3 += x3 * low;
        self.t0 += x0 * high;
        self.t1 += x1 * high;
        self.t2 += x2 * high;
        self.t3 += x3 * high;
    }

    /// The sum.
    fn reduce(self: WeightedSum) -> K {
        // p_ij = sum x_i y_j.
        let (p00, p01) = split(self.s0);
        let (p10, p11) = split(self.s1);
        let (p20, p21) = split(self.s2);
        let (p30, p31) = split(self.s3);
        let (p02, p03) = split(self.t0);
        let (p12, p13) = split(self.t1);
        let (p22, p23) = split(self.t2);
        let (p32, p33) = split(self.t3);
        // (x2 + x3 i)(y2 + y3 i), to be multiplied by 2 + i.
        let re = p22 - p33;
        let im = p23 + p32;
        K {
            c0: reduce_felt(p00 - p11 + 2 * re - im + BIAS),
            c1: reduce_felt(p01 + p10 + re + 2 * im + BIAS),
            c2: reduce_felt(p02 + p20 - p13 - p31 + BIAS),
            c3: reduce_felt(p03 + p30 + p12 + p21 + BIAS),
        }
    }
}

fn split(v: felt252) -> (felt252, felt252) {
    let v: u256 = v.into();
    (v.low.into(), v.high.into())
}

/// An element of `K`, coordinates `2^80` apart: `c0 + c1 2^80` and `c2 + c3 2^80`.
#[derive(Copy, Drop)]
pub struct Paired {
    low: felt252,
    high: felt252,
}

pub fn pair(k: K) -> Paired {
    let (c0, c1): (felt252, felt252) = (upcast(k.c0), upcast(k.c1));
    let (c2, c3): (felt252, felt252) = (upcast(k.c2), upcast(k.c3));
    Paired { low: c0 + c1 * TWO_80, high: c2 + c3 * TWO_80 }
}

/// A sum of at most `2^14` products of paired elements: of the lower parts, of the upper ones, of
/// one each. In a product of pairs, all cross products of their coordinates lie `2^80` apart.
#[derive(Copy, Drop)]
pub struct PairedSum {
    low: felt252,
    high: felt252,
    mixed: felt252,
}

#[generate_trait]
pub impl PairedSumImpl of PairedSumTrait {
    /// Zero.
    fn new() -> PairedSum {
        PairedSum { low: 0, high: 0, mixed: 0 }
    }

    /// Adds `x y`.
    #[inline(always)]
    fn add(ref self: PairedSum, x: Paired, y: Paired) {
        self.low += x.low * y.low;
        self.high += x.high * y.high;
        self.mixed += x.low * y.high + x.high * y.low;
    }

    /// The sum.
    fn reduce(self: PairedSum) -> K {
        let (a, b, c) = split_80(self.low);
        let (re, im) = (a - c, b);
        let (a, b, c) = split_80(self.high);
        // To be multiplied by 2 + i.
        let (upper_re, upper_im) = (a - c, b);
        let (a, b, c) = split_80(self.mixed);
        K {
            c0: reduce_felt(re + 2 * upper_re - upper_im + BIAS),
            c1: reduce_felt(im + upper_re + 2 * upper_im + BIAS),
            c2: reduce_felt(a - c + BIAS),
            c3: reduce_felt(b),
        }
    }
}

/// Three numbers, `2^80` apart.
fn split_80(v: felt252) -> (felt252, felt252, felt252) {
    let v: u256 = v.into();
    let (b_low, a) = DivRem::div_rem(v.low, NZ_80);
    let (c, b_high) = DivRem::div_rem(v.high, TWO_32);
    (a.into(), b_low.into() + b_high.into() * TWO_48, c.into())
}
