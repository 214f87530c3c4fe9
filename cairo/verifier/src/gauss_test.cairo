//! The arithmetic in the field of Starknet against that of `field.cairo`.

use crate::field::{K, P, ZERO};
use crate::gauss::{Gauss, GaussTrait};
use crate::testing::k;

fn pool() -> Array<K> {
    array![
        ZERO, k(1, 0, 0, 0), k(0, 1, 0, 0), k(0, 0, 1, 0), k(0, 0, 0, 1), k(P - 1, 0, P - 1, 0),
        k(0, P - 1, 0, P - 1), k(P - 1, P - 1, P - 1, P - 1),
        k(123456789, 987654321, 2000000000, 1234567890), k(1, P - 1, P - 2, 2),
    ]
}

fn minus(x: Gauss) -> Gauss {
    GaussTrait::from(ZERO).sub(x)
}

#[test]
fn products_and_sums() {
    for a in pool() {
        for b in pool() {
            let (x, y) = (GaussTrait::from(a), GaussTrait::from(b));
            assert!(x.add(y).reduce() == a + b);
            assert!(x.sub(y).reduce() == a - b);
            assert!(x.mul(y).reduce() == a * b);
            assert!(x.square().reduce() == a * a);
            assert!(x.mul(x).mul(y).reduce() == a * a * b);
            assert!(minus(x.square().mul(y)).reduce() == ZERO - a * a * b);
            assert!(x.add_products(x, y, y.square(), x).reduce() == a + a * b + b * b * a);
            assert!(x.mul(y).sub(y.mul(x)).is_zero());
            assert!(x.mul(y).sub(GaussTrait::from(a * b)).is_zero());
            assert!(x.sub(y).is_zero() == (a == b));
            assert!(x.mul(y).is_zero() == (a * b == ZERO));
        }
    }
}

/// The largest coordinates: `2^122 - 1` and its negative, in all places.
#[test]
fn largest() {
    let big = 0x3ffffffffffffffffffffffffffffff;
    // 2^122 - 1 = 2^29 - 1 mod p.
    let all = k(0x1fffffff, 0x1fffffff, 0x1fffffff, 0x1fffffff);
    let ones = GaussTrait::from(k(1, 1, 1, 1)).scaled(big);
    assert!(ones.reduce() == all);
    assert!(minus(ones).reduce() == ZERO - all);
    let signs = GaussTrait::from(k(1, 0, 1, 0)).sub(GaussTrait::from(k(0, 1, 0, 1))).scaled(big);
    let p = 0x7fffffff - 0x1fffffff;
    assert!(signs.reduce() == k(0x1fffffff, p, 0x1fffffff, p));
    assert!(!ones.is_zero() && !signs.is_zero());
}

/// A multiple of `p` in every coordinate is zero; one more in any of them is not.
#[test]
fn zero_modulo_p() {
    let multiple = GaussTrait::from(k(5, 7, 11, 13)).scaled(P * 0x100000000000000000000);
    assert!(multiple.is_zero() && minus(multiple).is_zero());
    for unit in array![k(1, 0, 0, 0), k(0, 1, 0, 0), k(0, 0, 1, 0), k(0, 0, 0, 1)] {
        assert!(!multiple.add(GaussTrait::from(unit)).is_zero());
        assert!(!multiple.sub(GaussTrait::from(unit)).is_zero());
    }
}
