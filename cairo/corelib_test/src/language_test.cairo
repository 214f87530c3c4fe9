use core::cmp::{max, min};

#[test]
fn loops() {
    let mut sum = 0;
    for i in 0..5_u32 {
        sum += i;
    }
    for i in 3..=4_u8 {
        sum += i.into();
    }
    for x in [10_u32, 20].span() {
        sum += *x;
    }
    for x in array![100_u32] {
        sum += x;
    }
    for _ in 5..5_u32 {
        sum += 1000;
    }
    for _ in 6..5_u32 {
        sum += 1000;
    }
    assert(sum == 10 + 7 + 30 + 100, 'for');
    let mut rest = [1, 2, 3].span();
    let mut count = 0_u32;
    while let Some(_) = rest.pop_front() {
        count += 1;
    }
    let found = loop {
        if count == 10 {
            break 'ten';
        }
        count += 1;
    };
    assert(found == 'ten', 'loop');
}

#[test]
fn felts() {
    assert(1 - 2 == -1 && -1 + 1 == 0 && 3 * -2 == -6, 'arithmetic');
    let seven: NonZero<felt252> = 7;
    let inverse = core::felt252_div(1, seven);
    assert(inverse * 7 == 1, 'division');
    let zero: Option<NonZero<felt252>> = (0).try_into();
    assert(zero.is_none(), 'zero');
    let mut x = 2;
    x += 3;
    x -= 1;
    x *= 5;
    assert(x == 20, 'assignment');
}

#[test]
fn truth() {
    assert((true & true) && (false | true) && (true ^ false) && !false, 'operators');
    assert(true != false && true == true, 'equality');
    let one: felt252 = true.into();
    assert(one == 1, 'felt');
}

#[test]
fn comparisons() {
    assert(min(3_u32, 5) == 3 && max(3_u32, 5) == 5, 'minimum');
    assert((1, 2_u8) == (1, 2) && (1, 2_u8, 'x') != (1, 2, 'y'), 'tuples');
    assert([1, 2] == [1, 2] && [1, 2] != [1, 3], 'fixed size');
    assert(@3_u32 < @4_u32 && @3_u32 == @3_u32, 'snapshots');
}

#[derive(Copy, Drop, Default, PartialEq)]
struct Pair {
    a: felt252,
    b: u32,
}

const TABLE: [Pair; 2] = [Pair { a: 1, b: 2 }, Pair { a: 3, b: 4 }];

#[test]
fn constants_and_structs() {
    assert(*TABLE.span()[1] == Pair { a: 3, b: 4 }, 'table');
    let pair = Pair { a: 7, ..Default::default() };
    assert(pair == Pair { a: 7, b: 0 }, 'update');
    let boxed = BoxTrait::new(pair);
    assert(boxed.a == 7 && boxed.unbox() == pair, 'box');
    let add = |x: u32| x + pair.b + 1;
    assert(add(2) == 3, 'closure');
}

#[test]
#[should_panic(expected: ('one', 'two'))]
fn panics_carry_felts() {
    panic(array!['one', 'two']);
}

#[test]
#[should_panic(expected: "a text that is longer than a felt holds: 42")]
fn panics_carry_texts() {
    panic!("a text that is longer than a felt holds: {}", 42_u32);
}

#[test]
#[available_gas(200000)]
#[should_panic(expected: 'Out of gas')]
fn gas_is_counted() {
    let mut i = 0_u32;
    loop {
        i += 1;
        if i == 1000000 {
            break;
        }
    }
}
