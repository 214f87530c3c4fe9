use starknet_crypto::poseidon_permute_comp;
use stwo::core::vcs_lifted::poseidon252_merkle::Poseidon252MerkleHasher;
use stwo::prover::backend::simd::SimdBackend;
use stwo::prover::vcs_lifted::prover::MerkleProverLifted;
use stwo_ml_verifier::field::F;

use super::*;

/// A generator of words: SplitMix64.
fn words() -> impl FnMut() -> u64 {
    let mut state = 1u64;
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }
}

fn engines() -> Vec<Engine> {
    [Some(Engine::SCALAR), Engine::vector()].into_iter().flatten().collect()
}

fn assert_permutes(states: &[[FieldElement; 3]]) {
    let mut expected = states.to_vec();
    expected.iter_mut().for_each(poseidon_permute_comp);
    for engine in engines() {
        let mut got = states.to_vec();
        engine.permute(&mut got);
        assert_eq!(got, expected, "{engine:?}");
    }
}

/// Values with extreme words in either form.
fn edges() -> Vec<FieldElement> {
    let zero = FieldElement::ZERO;
    let power = constants::power_of_two;
    let mut edges = vec![zero, FieldElement::ONE, FieldElement::TWO, FieldElement::MAX];
    edges.extend([51, 52, 63, 64, 156, 192, 248, 250, 251].map(power));
    edges.extend([52, 64, 104, 128, 192, 250].map(|e| power(e) - FieldElement::ONE));
    // The integers from 0, and those up to P - 1, as stored words.
    let top = 0x0800_0000_0000_0011;
    edges.extend([1, u64::MAX].map(|word| FieldElement::from_mont([word, 0, 0, 0])));
    edges.extend(
        [[0, 0, 0, top], [u64::MAX, u64::MAX, u64::MAX, top - 1]].map(FieldElement::from_mont),
    );
    edges
}

#[test]
fn edge_states_permute() {
    let edges = edges();
    let mut states = vec![];
    for (i, &a) in edges.iter().enumerate() {
        states.push([a; 3]);
        for (j, &b) in edges.iter().enumerate() {
            states.push([a, b, edges[(i + j) % edges.len()]]);
        }
    }
    assert_permutes(&states);
    // Numbers of states that fill no batch.
    (1..20).for_each(|n| assert_permutes(&states[..n]));
}

/// States for which an S-box meets the extremes: the first constants taken off.
#[test]
fn edge_inputs_of_the_first_round_permute() {
    let edges = edges();
    let states: Vec<_> = edges
        .iter()
        .map(|&x| constants::ROUND_CONSTANTS.first[0].map(|constant| x - constant))
        .collect();
    assert_permutes(&states);
}

#[test]
fn random_states_permute() {
    let mut word = words();
    let mut element = || {
        let high = FieldElement::from(u128::from(word()) << 64 | u128::from(word()));
        high * high + FieldElement::from(word())
    };
    let mut states: Vec<_> = (0..2000).map(|_| [element(), element(), element()]).collect();
    assert_permutes(&states);
    let engine = Engine::detect();
    let mut expected = states.clone();
    for _ in 0..3 {
        engine.permute(&mut states);
        Engine::SCALAR.permute(&mut expected);
    }
    assert_eq!(states, expected);
}

#[test]
fn trees_are_those_of_stwo() {
    let mut word = words();
    for depth in 1..=10 {
        for width in [1, 3, 4, 7, 8, 9, 15, 16, 17, 20, 24, 25, 31, 32, 33, 64] {
            if depth > 7 && width % 4 == 3 {
                continue;
            }
            let columns: Vec<BaseColumn> = (0..width)
                .map(|c| {
                    let edge = [0, 1, (1 << 31) - 2];
                    (0..1usize << depth)
                        .map(|i| match (i + c) % 5 {
                            0 => F::from_u32_unchecked(edge[(i / 5 + c) % 3]),
                            _ => F::from_u32_unchecked((word() % ((1 << 31) - 1)) as u32),
                        })
                        .collect()
                })
                .collect();
            let expected = MerkleProverLifted::<SimdBackend, Poseidon252MerkleHasher>::commit(
                columns.iter().collect(),
                depth,
                0,
            );
            for engine in engines() {
                assert!(engine.tree(&columns) == expected.layers, "{engine:?} {depth} {width}");
            }
        }
    }
}

#[test]
fn leaves_of_the_largest_words() {
    for width in 1..=17 {
        let columns =
            vec![BaseColumn::from_cpu(&[F::from_u32_unchecked((1 << 31) - 2); 16]); width];
        let expected = MerkleProverLifted::<SimdBackend, Poseidon252MerkleHasher>::commit(
            columns.iter().collect(),
            4,
            0,
        );
        for engine in engines() {
            assert!(engine.tree(&columns) == expected.layers, "{engine:?} {width}");
        }
    }
}

#[test]
fn an_empty_tree_has_a_zero_root() {
    let expected = MerkleProverLifted::<SimdBackend, Poseidon252MerkleHasher>::commit(vec![], 0, 0);
    assert_eq!(Engine::detect().tree(&[]), expected.layers);
}
