use core::poseidon::hades_permutation;
use helper::scale;

pub fn sum(mut felts: Span<felt252>) -> felt252 {
    let mut sum = 0;
    while let Some(felt) = felts.pop_front() {
        assert(*felt != 13, 'sums: unlucky');
        sum += *felt;
    }
    sum
}

pub fn scaled(x: felt252) -> felt252 {
    scale(x)
}

pub fn split(x: u256) -> (u128, u128) {
    (x.low, x.high)
}

pub fn twice(mut felts: Span<felt252>) -> Array<felt252> {
    let mut twice = array![];
    while let Some(felt) = felts.pop_front() {
        twice.append(*felt + *felt);
    }
    twice
}

pub fn hashes(n: u32) -> felt252 {
    let mut state = (0, 0, 0);
    for _ in 0..n {
        state = permute(state);
    }
    let (digest, _, _) = state;
    digest
}

#[inline(never)]
fn permute(state: (felt252, felt252, felt252)) -> (felt252, felt252, felt252) {
    let (a, b, c) = state;
    hades_permutation(a, b, c)
}

#[cfg(test)]
mod tests {
    use super::{sum, twice};

    #[test]
    fn passes() {
        assert(sum(twice([1, 2].span()).span()) == 6, 'sum');
    }

    #[test]
    fn fails() {
        assert(sum([1, 2].span()) == 4, 'sums: wrong');
    }

    #[test]
    #[should_panic(expected: 'sums: unlucky')]
    fn panics() {
        sum([13].span());
    }

    #[test]
    #[should_panic(expected: 'sums: unlucky')]
    fn does_not_panic() {
        sum([12].span());
    }

    #[test]
    #[should_panic(expected: 'sums: other')]
    fn panics_otherwise() {
        sum([13].span());
    }

    #[test]
    #[ignore]
    fn ignored() {}
}
