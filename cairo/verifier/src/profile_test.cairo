use crate::field::TWO_248;
use crate::profile::{CodeTrait, Schedule, ScheduleTrait};

/// The felts of parameter words.
fn felts(words: Span<u32>) -> Array<felt252> {
    let mut words = words;
    let mut felts = array![];
    while !words.is_empty() {
        let mut felt: felt252 = 0;
        let mut n: felt252 = 0;
        for _ in 0..7_u32 {
            felt = felt * 0x100000000;
            if let Some(word) = words.pop_front() {
                felt += (*word).into();
                n += 1;
            }
        }
        felts.append(if n == 7 {
            felt
        } else {
            felt + n * TWO_248
        });
    }
    felts
}

fn read(words: Span<u32>) -> Schedule {
    ScheduleTrait::read(words.len(), felts(words).span())
}

/// The words of `M` of `2^18`, `W` of `2^15` entries, with the one at `index` replaced.
fn replaced(index: u32, by: u32) -> Array<u32> {
    let words = array![18, 6, 4, 19, 15, 3, 2, 39, 13, 3, 5, 16, 10, 4, 8, 10, 26, 6, 0, 16];
    let mut other = array![];
    for i in 0..words.len() {
        other.append(if i == index {
            by
        } else {
            *words[i]
        });
    }
    other
}

#[test]
fn reads_a_schedule() {
    let schedule = read(replaced(99, 0).span());
    assert!(schedule.model_leads());
    assert_eq!(schedule.model.log_domain(), 16);
    assert_eq!(schedule.witness.log_row(), 12);
    assert_eq!(schedule.witness.n_queries, 39);
    assert_eq!(schedule.folded.len(), 2);
    let last = *schedule.folded[1];
    assert!(last.extension && last.log_size == 10 && last.log_rows == 4 && last.log_blowup == 8);
    assert_eq!(schedule.pow_bits, 26);
    assert_eq!(schedule.log_clear, 6);
    assert_eq!(schedule.join, 0);
    assert_eq!(schedule.lookup_pow_bits, 16);
}

#[test]
#[should_panic(expected: 'profile: rows of a table')]
fn refuses_rows_of_the_leader() {
    read(replaced(1, 5).span());
}

#[test]
#[should_panic(expected: 'profile: rows of a table')]
fn refuses_rows_of_the_follower() {
    read(replaced(5, 4).span());
}

#[test]
#[should_panic(expected: 'profile: rows of a table')]
fn refuses_one_row_variable() {
    read(replaced(5, 1).span());
}

#[test]
#[should_panic(expected: 'profile: rows of a table')]
fn refuses_too_many_rows() {
    read(replaced(1, 11).span());
}

#[test]
#[should_panic(expected: 'profile: size of a fold')]
fn refuses_size_of_a_fold() {
    read(replaced(8, 14).span());
}

#[test]
#[should_panic(expected: 'profile: size of a fold')]
fn refuses_rows_of_a_fold() {
    read(replaced(9, 4).span());
}

#[test]
#[should_panic(expected: 'profile: queries of a code')]
fn refuses_no_queries() {
    read(replaced(3, 0).span());
}

#[test]
#[should_panic(expected: 'profile: queries of a code')]
fn refuses_too_many_queries() {
    read(replaced(3, 129).span());
}

#[test]
#[should_panic(expected: 'profile: domain of a code')]
fn refuses_a_large_domain() {
    read(replaced(2, 15).span());
}

#[test]
#[should_panic(expected: 'profile: domain of a code')]
fn refuses_no_blow_up() {
    read(replaced(2, 0).span());
}

#[test]
#[should_panic(expected: 'profile: size of a table')]
fn refuses_too_large_a_table() {
    read(replaced(0, 31).span());
}

#[test]
#[should_panic(expected: 'profile: size in clear')]
fn refuses_size_in_clear() {
    read(replaced(17, 5).span());
}

#[test]
#[should_panic(expected: 'profile: join')]
fn refuses_join_after_the_last_level() {
    read(replaced(18, 3).span());
}

#[test]
#[should_panic(expected: 'profile: bits of work')]
fn refuses_work() {
    read(replaced(16, 65).span());
}

#[test]
#[should_panic(expected: 'profile: bits of work')]
fn refuses_work_of_lookups() {
    read(replaced(19, 65).span());
}

#[test]
#[should_panic(expected: 'profile: number of words')]
fn refuses_a_number_of_words() {
    read(array![18, 6, 4, 19, 15, 3, 2, 39, 13, 3, 5, 16, 10].span());
}

#[test]
#[should_panic(expected: 'profile: number of felts')]
fn refuses_a_number_of_felts() {
    let words = replaced(99, 0);
    ScheduleTrait::read(words.len() - 8, felts(words.span()).span());
}

#[test]
#[should_panic(expected: 'profile: words')]
fn refuses_a_filling() {
    let felts = felts(replaced(99, 0).span());
    ScheduleTrait::read(20, array![*felts[0], *felts[1], *felts[2] + 1].span());
}

#[test]
#[should_panic(expected: 'profile: words')]
fn refuses_another_length() {
    let felts = felts(replaced(99, 0).span());
    ScheduleTrait::read(20, array![*felts[0], *felts[1], *felts[2] + TWO_248].span());
}
