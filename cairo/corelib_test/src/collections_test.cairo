use core::dict::{Felt252Dict, SquashedFelt252DictTrait};
use core::nullable::{FromNullableResult, match_nullable};

#[test]
fn arrays() {
    let mut a = array![1, 2, 3];
    a.append(4);
    assert(a.len() == 4 && *a[3] == 4 && *a.at(0) == 1, 'elements');
    assert(a.pop_front() == Some(1) && a.len() == 3, 'front');
    assert(a.get(3).is_none() && *a.get(2).unwrap().unbox() == 4, 'get');
    a.append_span([5, 6].span());
    assert(a == array![2, 3, 4, 5, 6] && a != array![2], 'equality');
    let empty: Array<felt252> = Default::default();
    assert(empty.is_empty() && a.clone() == a, 'clone');
}

#[test]
fn spans() {
    let mut s = [1, 2, 3, 4, 5, 6].span();
    assert(s.pop_front() == Some(@1) && s.pop_back() == Some(@6), 'ends');
    assert(s.slice(1, 2) == [3, 4].span(), 'slice');
    let first: @Box<[felt252; 2]> = s.multi_pop_front().unwrap();
    let [a, b] = first.unbox();
    assert(a == 2 && b == 3 && s.len() == 2, 'several');
    let last: @Box<[felt252; 2]> = s.multi_pop_back().unwrap();
    assert(last.unbox() == [4, 5] && s.is_empty(), 'several');
    assert(s.pop_front().is_none() && s.multi_pop_front::<1>().is_none(), 'empty');
    let fixed: @Box<[u32; 3]> = array![7, 8, 9].span().try_into().unwrap();
    assert(fixed.unbox() == [7, 8, 9], 'fixed');
}

#[test]
#[should_panic(expected: 'Index out of bounds')]
fn indices_are_checked() {
    let a = array![1, 2, 3];
    let _x = a[3];
}

#[test]
#[should_panic(expected: 'Index out of bounds')]
fn slices_are_checked() {
    let _s = [1, 2, 3].span().slice(2, 2);
}

#[test]
fn dictionaries() {
    let mut dict: Felt252Dict<u32> = Default::default();
    dict.insert(5, 7);
    dict.insert(3, 1);
    dict.insert(5, 8);
    assert(dict.get(5) == 8 && dict[3] == 1 && dict.get(4) == 0, 'values');
    let (entry, before) = dict.entry(3);
    let mut dict = core::dict::Felt252DictEntryTrait::finalize(entry, before + 1);
    assert(dict.get(3) == 2, 'entry');
    let entries = dict.squash().into_entries();
    assert(entries.len() == 3, 'entries');
}

#[test]
fn dictionaries_of_boxes() {
    let mut dict: Felt252Dict<Nullable<Span<felt252>>> = Default::default();
    dict.insert(1, NullableTrait::new([1, 2].span()));
    match match_nullable(dict.get(1)) {
        FromNullableResult::NotNull(value) => assert(value.unbox().len() == 2, 'value'),
        FromNullableResult::Null => panic(array!['nothing']),
    }
    assert(dict.get(2).is_null(), 'null');
    assert(dict.get(2).deref_or([9].span()) == [9].span(), 'default');
}

#[derive(Copy, Drop, Serde, PartialEq)]
enum Shape {
    Point,
    Line: u32,
    Box: (u8, i16),
}

#[derive(Drop, Serde, PartialEq)]
struct Record {
    id: felt252,
    size: u256,
    parts: Array<u64>,
    shape: Option<Shape>,
    felts: Span<felt252>,
    flag: bool,
}

#[test]
fn serialization() {
    let record = Record {
        id: -1,
        size: 0x200000000000000000000000000000003,
        parts: array![4, 5],
        shape: Some(Shape::Box((6, -7))),
        felts: [8, 9].span(),
        flag: true,
    };
    let mut felts = array![];
    record.serialize(ref felts);
    assert(felts == array![-1, 3, 2, 2, 4, 5, 0, 2, 6, -7, 2, 8, 9, 1], 'felts');
    let mut span = felts.span();
    assert(Serde::deserialize(ref span) == Some(record) && span.is_empty(), 'back');
    let mut short = felts.span().slice(0, 5);
    let none: Option<Record> = Serde::deserialize(ref short);
    assert(none.is_none(), 'short');
    let mut wrong = [2].span();
    let none: Option<Shape> = Serde::deserialize(ref wrong);
    assert(none.is_none(), 'variant');
}

#[test]
fn options_and_results() {
    let some: Option<u32> = Some(3);
    let none: Option<u32> = None;
    assert(some.unwrap() == 3 && some.is_some() && none.is_none(), 'option');
    assert(none.unwrap_or(4) == 4 && some.or(Some(5)) == Some(3), 'default');
    assert(some.ok_or('none') == Ok(3) && none.ok_or('none') == Err('none'), 'result');
    let error: Result<u32, felt252> = Err('bad');
    assert(error.is_err() && error.unwrap_err() == 'bad' && error.ok().is_none(), 'error');
}

#[test]
#[should_panic(expected: 'Option::unwrap failed.')]
fn unwrapping_nothing_panics() {
    let mut nothing: Span<felt252> = [].span();
    let _x = nothing.pop_front().unwrap();
}
