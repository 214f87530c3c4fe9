//! Gas of the primitives: every test runs one of them [`N`] times, `loops` none. What one costs is
//! the difference to `loops`, divided by `N` (docs/onchain.md has the table).

use core::poseidon::hades_permutation;
use crate::channel::ChannelTrait;
use crate::domain::point_at;
use crate::field::{
    CutTrait, K, ONE, ProductSumTrait, ScaledSumTrait, ZERO, divisor_p, draw_single, eq1, limbs,
    mul_add, mul_mul_add, quadratic_round, unpack2,
};
use crate::gauss::GaussTrait;
use crate::lazy::LazyTrait;
use crate::leaf::{base_weights, read};
use crate::lookup::rounds;
use crate::mle::eq_table;
use crate::tensor::{factors, sum};
use crate::testing::{k, pack2};
use crate::wire::WireTrait;

const N: u32 = 100;

fn x() -> K {
    k(123456789, 987654321, 2000000000, 1234567890)
}

#[test]
fn loops() {
    let mut a = x();
    for _ in 0..N {
        a = K { c0: a.c1, c1: a.c2, c2: a.c3, c3: a.c0 };
    }
    assert!(a == x());
}

#[test]
fn product() {
    let mut a = x();
    for _ in 0..N {
        a = a * a;
    }
    assert!(a != x());
}

#[test]
fn sum_of_two() {
    let mut a = x();
    for _ in 0..N {
        a = a + a;
    }
    assert!(a != x());
}

#[test]
fn product_and_sum() {
    let mut a = x();
    for _ in 0..N {
        a = mul_add(a, a, a);
    }
    assert!(a != x());
}

#[test]
fn two_products() {
    let mut a = x();
    for _ in 0..N {
        a = mul_mul_add(a, a, a, a);
    }
    assert!(a != x());
}

/// Four factors and one reduction.
#[test]
fn lazy_product_of_four() {
    let mut a = x();
    for _ in 0..N {
        let lazy = LazyTrait::from(a);
        a = lazy.mul(lazy).mul(lazy.mul(lazy)).reduce_wide();
    }
    assert!(a != x());
}

#[test]
fn term_of_a_product_sum() {
    let a = x();
    let mut total = ProductSumTrait::new();
    for _ in 0..N {
        total.add(a, a);
    }
    assert!(total.reduce() == a * a * k(N.into(), 0, 0, 0));
}

#[test]
fn term_of_a_scaled_sum() {
    let a = ScaledSumTrait::pack(x());
    let mut total = ScaledSumTrait::new();
    for _ in 0..N {
        total.add(7, a);
    }
    assert!(total.reduce() == x() * k(7 * N.into(), 0, 0, 0));
}

#[test]
fn factor_of_eq() {
    let mut a = x();
    for _ in 0..N {
        a = eq1(a, a);
    }
    assert!(a != x());
}

#[test]
fn round_of_the_opening() {
    let mut a = x();
    for _ in 0..N {
        a = quadratic_round(a, a, a, a);
    }
    assert!(a != x());
}

/// With its message. More rounds than a proof can have: the value does not count.
#[test]
fn round_of_the_lookups() {
    let mut felts = array![];
    let mut rest = array![];
    for _ in 0..N {
        felts.append(pack2(x(), x()));
        rest.append(x());
    }
    let mut wire = WireTrait::new(felts.span());
    let mut channel = ChannelTrait::new();
    let a = GaussTrait::from(x());
    let _ = rest.pop_front();
    let (last, point) = rounds(ref channel, ref wire, a, a, rest.span());
    assert!(point.len() == N && last.reduce() != x());
}

/// Read, absorb, draw.
#[test]
fn message_of_a_round() {
    let mut channel = ChannelTrait::new();
    let felt = pack2(x(), ONE);
    let mut felts = array![];
    for _ in 0..N {
        felts.append(felt);
    }
    let mut wire = WireTrait::new(felts.span());
    let mut total = ZERO;
    for _ in 0..N {
        let (a, b) = wire.two(ref channel);
        let _ = channel.draw();
        total = if a == b {
            a
        } else {
            b
        };
    }
    assert!(total == ONE);
}

#[test]
fn unpack_two() {
    let felt = pack2(x(), x());
    let mut total = ZERO;
    for _ in 0..N {
        let (a, _) = unpack2(felt);
        total = a;
    }
    assert!(total == x());
}

/// Eight limbs, not checked against `p`.
#[test]
fn cut_a_felt() {
    let felt = pack2(x(), x()) - crate::field::TWO_248;
    let cut = CutTrait::new();
    let mut last = 0;
    for _ in 0..N {
        let (_, _, _, _, _, _, _, c7) = limbs(felt, cut);
        last = c7;
    }
    assert!(last == x().c3);
}

#[test]
fn draw_one() {
    let mut total = ZERO;
    for i in 0..N {
        total = draw_single(i.into());
    }
    assert!(total == k(99, 0, 0, 0));
}

#[test]
fn permutation() {
    let (mut a, mut b, mut c) = (1, 2, 3);
    for _ in 0..N {
        let (d, e, f) = hades_permutation(a, b, c);
        a = d;
        b = e;
        c = f;
    }
    assert!(a != 1);
}

/// Leaves of eight felts: read, hash, check, fold.
#[test]
fn leaf_of_64() {
    let point = array![x(), x(), x(), x(), x(), x()];
    let weights = base_weights(point.span());
    let mut felts = array![];
    for _ in 0..8 * N {
        felts.append(5);
    }
    let mut wire = WireTrait::new(felts.span());
    assert!(*read(ref wire, N, weights).folds[0] != ZERO);
}

/// The making of `leaf_of_64` without its leaves.
#[test]
fn leaf_of_64_without_leaves() {
    let point = array![x(), x(), x(), x(), x(), x()];
    assert_eq!(base_weights(point.span()).limbs.len(), 128);
    let mut felts = array![];
    for _ in 0..8 * N {
        felts.append(5);
    }
    assert_eq!(felts.len(), 800);
}

#[test]
fn point_of_a_code() {
    let p = divisor_p();
    let mut last = 0;
    for i in 0..N {
        let (x, _) = point_at(i, 0x10000, p);
        last = x;
    }
    assert!(last != 0);
}

/// The functional of an opened leaf in twelve variables.
#[test]
fn tensor_of_twelve() {
    let point = array![x(), x(), x(), x(), x(), x(), x(), x(), x(), x(), x(), x()];
    let factors = factors(point.span()).span();
    let power = x();
    let (mut positions, mut powers) = (array![], array![]);
    for i in 0..N {
        positions.append(i);
        powers.append(power);
    }
    assert!(sum(positions.span(), powers.span(), 0x10000, factors) != ZERO);
}

/// A table of `2^7`, less than 1.3 times `N` entries.
#[test]
fn table_of_eq() {
    assert_eq!(eq_table(array![x(), x(), x(), x(), x(), x(), x()].span()).len(), 128);
}

/// The making of `round_of_the_lookups` without its rounds.
#[test]
fn felts_of_the_lookups() {
    let mut felts = array![];
    let mut rest = array![];
    for _ in 0..N {
        felts.append(pack2(x(), x()));
        rest.append(x());
    }
    assert!(felts.len() == N && rest.len() == N);
}
