#[feature("bounded-int-utils")]
use core::internal::bounded_int::upcast;
use crate::domain::{Point, double_x, point_at};
use crate::field::divisor_p;
use crate::windows::{WINDOW_0, WINDOW_1, WINDOW_2, WINDOW_3};

/// Coordinates below `p`.
type Felts = (felt252, felt252);

const P: u256 = 0x7fffffff;

fn modulo(v: felt252) -> felt252 {
    // Centred products are above -2^62.
    let v: u256 = (v + 0x7fffffff * 0x100000000).into();
    (v % P).try_into().unwrap()
}

fn felts(point: Point) -> Felts {
    let (x, y) = point;
    (modulo(upcast(x)), modulo(upcast(y)))
}

fn sum(a: Felts, b: Felts) -> Felts {
    let ((ax, ay), (bx, by)) = (a, b);
    (modulo(ax * bx - ay * by), modulo(ax * by + ay * bx))
}

/// The point of order `2^k`.
fn point_of_order(k: u32) -> Felts {
    let mut point = (2, 1268011823);
    for _ in k..31 {
        point = sum(point, point);
    }
    point
}

fn check_window(window: Span<Point>, first: u32) {
    let mut expected = array![(1, 0)];
    let mut k = first + 1;
    while expected.len() != window.len() {
        let order = point_of_order(k);
        for i in 0..expected.len() {
            expected.append(sum(*expected[i], order));
        }
        k += 1;
    }
    for i in 0..window.len() {
        assert!(felts(*window[i]) == *expected[i]);
    }
}

#[test]
fn windows() {
    check_window(WINDOW_0.span(), 0);
    check_window(WINDOW_1.span(), 9);
    check_window(WINDOW_2.span(), 17);
    check_window(WINDOW_3.span(), 22);
}

fn check_point(position: u32, size: u32, x2: felt252, x: felt252, y: felt252) {
    let point = point_at(position, size, divisor_p());
    assert!(felts(point) == (x, y));
    let (centred, _) = point;
    assert!(modulo(upcast(double_x(centred, divisor_p()))) == x2);
}

/// Values of the Rust verifier.
#[test]
fn points() {
    check_point(0, 0x100, 785043271, 13610297, 1064696601);
    check_point(1, 0x100, 785043271, 13610297, 1082787046);
    check_point(77, 0x100, 570012707, 509684486, 293249438);
    check_point(423456, 0x80000, 1570167026, 1919560628, 216017806);
    check_point(40000001, 0x4000000, 227019541, 559766225, 1620049451);
    check_point(67108863, 0x4000000, 1827909629, 1179671875, 1031913030);
}

/// The sum over the bits of half the position, offset and conjugate.
#[test]
fn points_of_all_sizes() {
    let mut size = 4;
    while size <= 0x4000000 {
        for position in array![0, 1, size / 3, size - 2, size - 1] {
            let (half, conjugate) = DivRem::div_rem(position, 2);
            let mut bits = half + size;
            let mut expected = (1, 0);
            let mut k = 1;
            while bits != 0 {
                let (rest, bit) = DivRem::div_rem(bits, 2);
                if bit == 1 {
                    expected = sum(expected, point_of_order(k));
                }
                bits = rest;
                k += 1;
            }
            let (x, y) = expected;
            let expected = if conjugate == 1 {
                (x, modulo(-y))
            } else {
                (x, y)
            };
            assert!(felts(point_at(position, size, divisor_p())) == expected);
        }
        size *= 2;
    }
}
