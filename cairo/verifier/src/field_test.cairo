use crate::field::{
    K, KAdd, KMul, KNeg, KSub, M31, ONE, ProductSumTrait, ScaledSumTrait, ZERO, cubic_round, embed,
    eq, eq1, eq_pair, eq_table, from_int, half_pow, inner_product, lerp, mul_add, mul_mul_add,
    quadratic_round, scale, unpack1, unpack2,
};
use crate::testing::{k, pack1, pack2};

fn examples() -> Array<(K, K)> {
    array![
        (k(1, 2, 3, 4), k(5, 6, 7, 8)), (k(-1, -1, -1, -1), k(-1, -1, -1, -1)),
        (k(0, -1, 0, -1), k(-1, 0, -1, 0)),
        (
            k(123456789, 987654321, 2000000000, 1234567890),
            k(1111111111, 1222222222, 1333333333, 1444444444),
        ),
    ]
}

/// Values of the Rust verifier.
#[test]
fn operations() {
    let products = array![
        k(2147483566, 109, 2147483629, 60), k(2147483645, 6, 0, 4), k(2147483646, 3, 0, 2),
        k(831072180, 1194434365, 1283243111, 1321306151),
    ];
    let sums = array![
        k(6, 8, 10, 12), k(-2, -2, -2, -2), k(-1, -1, -1, -1),
        k(1234567900, 62392896, 1185849686, 531528687)
    ];
    let differences = array![
        k(-4, -4, -4, -4), ZERO, k(1, -1, 1, -1), k(1159829325, 1912915746, 666666667, 1937607093),
    ];
    let factors = array![
        k(2147483480, 210, 2147483601, 108), k(2147483646, 14, 2, 10), k(0, 7, 1, 5),
        k(427576461, 178992187, 1380636536, 2111083615),
    ];
    for i in 0..4_u32 {
        let (a, b) = *examples()[i];
        assert!(a * b == *products[i]);
        assert!(a + b == *sums[i]);
        assert!(a - b == *differences[i]);
        assert!(eq1(a, b) == *factors[i]);
        assert!(-a + a == ZERO);
        assert!(a * ONE == a && a * ZERO == ZERO);
    }
}

#[test]
fn fused_operations() {
    for (a, b) in examples() {
        let c = k(7, 0, -3, 1000);
        assert!(mul_add(a, b, c) == a * b + c);
        assert!(mul_mul_add(a, b, c, a) == a * b + c * a);
        assert!(lerp(a, b, c) == a + c * (b - a));
        assert!(scale(a, embed(-5)) == a * from_int(-5));
        let (zero, one) = eq_pair(a, b);
        assert!(zero == (ONE - a) * (ONE - b) && one == a * b);
    }
}

#[test]
fn rounds() {
    for (a, b) in examples() {
        let (claim, r) = (k(-1, 5, 77, -9), k(1, -1, 123456789, 3));
        let c1 = claim - a - a - b;
        assert!(quadratic_round(claim, a, b, r) == a + r * (c1 + r * b));
        let c3 = k(-2, -2, 0, -1);
        let c1 = c1 - c3;
        assert!(cubic_round(claim, a, b, c3, r) == a + r * (c1 + r * (b + r * c3)));
    }
}

#[test]
fn sums() {
    let mut products = ProductSumTrait::new();
    let mut scaled = ScaledSumTrait::new();
    let (mut expected, mut expected_scaled) = (ZERO, ZERO);
    let (mut xs, mut ys) = (array![], array![]);
    for (a, b) in examples() {
        products.add(a, b);
        expected = expected + a * b;
        scaled.add(0x7ffffffe, ScaledSumTrait::pack(a));
        expected_scaled = expected_scaled - a;
        xs.append(a);
        ys.append(b);
        let [one, i, u, iu] = ScaledSumTrait::pack_basis(a);
        assert!(one.reduce() == a);
        assert!(i.reduce() == a * k(0, 1, 0, 0));
        assert!(u.reduce() == a * k(0, 0, 1, 0));
        assert!(iu.reduce() == a * k(0, 0, 0, 1));
        let (low, high) = ScaledSumTrait::split(a, b);
        assert!(low.reduce() == a - a * b && high.reduce() == a * b);
    }
    assert!(products.reduce() == expected);
    assert!(inner_product(xs.span(), ys.span()) == expected);
    assert!(scaled.reduce() == expected_scaled);
}

#[test]
fn embeds_integers() {
    let p: felt252 = 0x7fffffff;
    let reduced: M31 = embed(p);
    assert!(reduced == 0);
    assert!(embed(-1) == 0x7ffffffe);
    assert!(embed(-p * 5 - 3) == 0x7ffffffc);
    assert!(embed(0x4000000000000000) == 1);
    assert!(embed(-0x4000000000000000) == 0x7ffffffe);
    assert!(half_pow(5) == k(67108864, 0, 0, 0));
}

#[test]
fn halves() {
    let mut power = ONE;
    for n in 0..70_u32 {
        assert!(half_pow(n) == power);
        power = power * k(0x40000000, 0, 0, 0);
    }
}

/// Values of the Rust verifier.
#[test]
fn equality() {
    let (mut xs, mut ys) = (array![], array![]);
    for j in 0..5_u32 {
        let i: felt252 = j.into();
        xs.append(k(i * 7 + 1, i * i + 3, 1000 * i, -1 - i));
        ys.append(k(-1 - 11 * i, i + 9, i * 12345, 77));
    }
    assert!(eq(xs.span(), ys.span()) == k(1531659643, 1193003755, 1834351699, 95293963),);
    // sum_b eq(x, b) eq(y, b) = eq(x, y).
    let sum = inner_product(eq_table(xs.span()).span(), eq_table(ys.span()).span());
    assert!(sum == eq(xs.span(), ys.span()));
    let table = eq_table(xs.span());
    assert_eq!(table.len(), 32);
    assert!(*table[1] == eq(xs.span(), array![ZERO, ZERO, ZERO, ZERO, ONE].span()));
}

#[test]
fn unpacks_lists() {
    for (a, b) in examples() {
        assert!(unpack1(pack1(a)) == a);
        assert!(unpack2(pack2(a, b)) == (a, b));
    }
}


#[test]
#[should_panic(expected: 'field: not canonical')]
fn refuses_p_in_limb_0_of_two() {
    unpack2(
        pack2(ZERO, ZERO) + 0x7fffffff * 0x2000000000000000000000000000000000000000000000000000000,
    );
}

#[test]
#[should_panic(expected: 'field: not canonical')]
fn refuses_p_in_limb_1_of_two() {
    unpack2(pack2(ZERO, ZERO) + 0x7fffffff * 0x40000000000000000000000000000000000000000000000);
}

#[test]
#[should_panic(expected: 'field: not canonical')]
fn refuses_p_in_limb_2_of_two() {
    unpack2(pack2(ZERO, ZERO) + 0x7fffffff * 0x800000000000000000000000000000000000000);
}

#[test]
#[should_panic(expected: 'field: not canonical')]
fn refuses_p_in_limb_3_of_two() {
    unpack2(pack2(ZERO, ZERO) + 0x7fffffff * 0x10000000000000000000000000000000);
}

#[test]
#[should_panic(expected: 'field: not canonical')]
fn refuses_p_in_limb_4_of_two() {
    unpack2(pack2(ZERO, ZERO) + 0x7fffffff * 0x200000000000000000000000);
}

#[test]
#[should_panic(expected: 'field: not canonical')]
fn refuses_p_in_limb_5_of_two() {
    unpack2(pack2(ZERO, ZERO) + 0x7fffffff * 0x4000000000000000);
}

#[test]
#[should_panic(expected: 'field: not canonical')]
fn refuses_p_in_limb_6_of_two() {
    unpack2(pack2(ZERO, ZERO) + 0x7fffffff * 0x80000000);
}

#[test]
#[should_panic(expected: 'field: not canonical')]
fn refuses_p_in_limb_7_of_two() {
    unpack2(pack2(ZERO, ZERO) + 0x7fffffff * 0x1);
}

#[test]
#[should_panic(expected: 'field: not canonical')]
fn refuses_p_in_limb_0_of_one() {
    unpack1(pack1(ZERO) + 0x7fffffff * 0x200000000000000000000000);
}

#[test]
#[should_panic(expected: 'field: not canonical')]
fn refuses_p_in_limb_1_of_one() {
    unpack1(pack1(ZERO) + 0x7fffffff * 0x4000000000000000);
}

#[test]
#[should_panic(expected: 'field: not canonical')]
fn refuses_p_in_limb_2_of_one() {
    unpack1(pack1(ZERO) + 0x7fffffff * 0x80000000);
}

#[test]
#[should_panic(expected: 'field: not canonical')]
fn refuses_p_in_limb_3_of_one() {
    unpack1(pack1(ZERO) + 0x7fffffff * 0x1);
}

#[test]
#[should_panic(expected: 'field: not canonical')]
fn refuses_another_leading_digit_of_one() {
    unpack1(pack1(ZERO) + 0x10000000000000000000000000000000);
}

#[test]
#[should_panic(expected: 'field: not canonical')]
fn refuses_no_leading_digit_of_one() {
    unpack1(5);
}

#[test]
#[should_panic(expected: 'field: not canonical')]
fn refuses_another_leading_digit_of_two() {
    unpack2(2 * pack2(ZERO, ZERO));
}

#[test]
#[should_panic(expected: 'field: not canonical')]
fn refuses_no_leading_digit_of_two() {
    unpack2(5);
}
