//! Functionals of opened leaves against their definition.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::upcast;
use crate::domain::{double_x, point_at};
use crate::field::{K, ONE, ZERO, divisor_p, from_int, pow2};
use crate::tensor::{factors, sum};
use crate::testing::k;

/// `prod_l (1 + r_l (t_l - 1))`, `t = (pi^(m-2)(x), .., pi(x), x, y)`.
fn product(position: u32, size: u32, r: Span<K>) -> K {
    let (x, y) = point_at(position, size, divisor_p());
    let mut r = r;
    let mut t = y;
    let mut next = x;
    let mut product = ONE;
    while let Some(r) = r.pop_back() {
        product = product * (ONE + *r * (from_int(upcast(t)) - ONE));
        t = next;
        next = double_x(next, divisor_p());
    }
    product
}

fn compare(n_vars: u32, n_positions: u32) {
    let (mut point, mut positions, mut powers) = (array![], array![], array![]);
    for i in 0..n_vars {
        point.append(k(-1 - i.into(), -1, 0x7ffffffe, 12345 * i.into()));
    }
    let size = pow2(n_vars + 3);
    let mut expected = ZERO;
    for i in 0..n_positions {
        let position = (size - 1) / (i + 1);
        let power = k(-1, -1, -i.into(), -1);
        expected = expected + power * product(position, size, point.span());
        positions.append(position);
        powers.append(power);
    }
    let factors = factors(point.span()).span();
    assert!(sum(positions.span(), powers.span(), size, factors) == expected);
}

#[test]
fn functionals() {
    for n_vars in 2..23_u32 {
        compare(n_vars, 5);
    }
}

#[test]
fn numbers_of_positions() {
    for n_positions in 0..10_u32 {
        compare(7, n_positions);
        compare(20, n_positions);
    }
}
