//! Sums of products `x S` of an element of `K` and a sum of scaled elements that is not reduced:
//! the weights of claims, `power * coefficient * prefix`. Part of the field's backend.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::upcast;
use crate::field::{K, Packed, reduce_felt};

/// `sum x_j S_i` for all coordinates `x_j` of `x` and pairs `S_i` of those of `S`, which are sums
/// of products below `2^62`: a circuit has at most `2^20` of these (PROTOCOL §5), so that all sums
/// are below `2^113`.
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
