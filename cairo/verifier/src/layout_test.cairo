use crate::channel::ChannelTrait;
use crate::field::eq_table;
use crate::layout::{add_counts, log_size, prefixes};

#[test]
fn prefixes_of_all_slots() {
    // Sizes 0 to 4: 3, 0, 5, 1, 2 slots, 32 + 8 + 20 + 3 entries in a table of 2^7.
    let counts = array![3, 0, 5, 1, 2].span();
    assert(log_size(counts, 1) == 6, 'size');
    let mut channel = ChannelTrait::new();
    let point = channel.draw_many(7).span();
    let prefixes = prefixes(counts, point);
    assert(prefixes.len() == 5, 'sizes');
    let mut offset: u32 = 0;
    let mut size = 5;
    let mut length: u32 = 16;
    while size != 0 {
        size -= 1;
        let table = eq_table(point.slice(0, 7 - size));
        let mut weights = *prefixes[size];
        assert(weights.len() == *counts[size], 'slots');
        while let Some(weight) = weights.pop_front() {
            assert(*weight == *table[offset / length], 'weight');
            offset += length;
        }
        length = length / 2;
    }
    assert(offset == 63, 'end');
}

#[test]
fn sizes() {
    assert(log_size(array![].span(), 8) == 8, 'empty');
    assert(log_size(array![1].span(), 0) == 0, 'one');
    assert(log_size(array![0, 0, 1, 1].span(), 1) == 4, 'twelve');
    assert(log_size(array![0, 0, 0, 2].span(), 1) == 4, 'sixteen');
    assert(
        add_counts(array![1, 2].span(), array![3, 4, 5].span()) == array![4, 6, 5].span(), 'sum',
    );
}

#[test]
#[should_panic(expected: 'layout: slots do not fit')]
fn too_many_slots() {
    let mut channel = ChannelTrait::new();
    prefixes(array![0, 5].span(), channel.draw_many(3).span());
}

#[test]
#[should_panic(expected: 'layout: table too large')]
fn too_large() {
    log_size(array![0x40000001].span(), 1);
}
