use stwo::core::channel::{Blake2sChannel, Poseidon252Channel};
use stwo::core::vcs_lifted::poseidon252_merkle::Poseidon252MerkleChannel as Poseidon;

use super::*;

#[test]
fn packing_is_positional() {
    assert_eq!(pack(&[], 3, 248), Vec::<[u64; 4]>::new());
    // 22 values of 11 bits are 242 bits; the last group is short.
    let values: Vec<u32> = (0..23).map(|i| 2047 - 3 * i).collect();
    let packed = pack(&values, 11, 248);
    assert_eq!(packed.len(), 2);
    for (i, &value) in values[..22].iter().enumerate() {
        let bit = |b: usize| packed[0][b / 64] >> (b % 64) & 1;
        let read = (0..11).map(|b| bit(11 * i + b) << b).sum::<u64>();
        assert_eq!(read, u64::from(value));
    }
    assert_eq!(packed[0][3] >> (242 - 192), 0);
    assert_eq!(packed[1], [u64::from(values[22]), 0, 0, 0]);
    // Seven values of 32 bits; two of 15 to a word; one bit.
    assert_eq!(pack(&[u32::MAX; 7], 32, 248), [[u64::MAX, u64::MAX, u64::MAX, 0xffff_ffff]]);
    assert_eq!(pack(&[1, 2, 3], 15, 32), [[1 | 2 << 15, 0, 0, 0], [3, 0, 0, 0]]);
    assert_eq!(pack(&[1; 248], 1, 248), [[u64::MAX, u64::MAX, u64::MAX, u64::MAX >> 8]]);
}

#[test]
fn packed_values_are_absorbed_as_groups() {
    use starknet_ff::FieldElement;
    let values: Vec<u32> = (0..40).map(|i| i * 800).collect();
    let mut transcript = Transcript::<Poseidon>::default();
    transcript.absorb_words(&[5]);
    let mut channel = Poseidon252Channel::default();
    channel.mix_u32s(&[5]);
    let felt = |values: &[u32]| {
        let shift = FieldElement::from(1u64 << 15);
        values.iter().rev().fold(FieldElement::ZERO, |acc, &v| acc * shift + v.into())
    };
    let felts: Vec<FieldElement> = values.chunks(16).map(felt).collect();
    let hash = starknet_crypto::poseidon_hash_many(&[&[channel.digest()], &felts[..]].concat());
    transcript.absorb_packed(&values, 15);
    assert_eq!(transcript.digest(), hash.to_bytes_be());

    let mut transcript = Transcript::<Blake2sMerkleChannel>::default();
    let mut channel = Blake2sChannel::default();
    channel.mix_u32s(&[1 | 2 << 11, 3]);
    transcript.absorb_packed(&[1, 2, 3], 11);
    assert_eq!(transcript.digest(), channel.digest().0);
}

#[test]
fn nothing_is_absorbed_for_an_empty_list() {
    let mut transcript = Transcript::<Poseidon>::default();
    transcript.absorb_packed(&[], 15);
    assert_eq!(transcript.digest(), [0; 32]);
}

/// The same as in Cairo (`recursion/suite_test.cairo`), from hashlib's `blake2s`.
#[test]
fn the_state_is_the_first_output() {
    let transcript = || {
        let mut transcript = Transcript::<Blake2sMerkleChannel>::default();
        transcript.absorb(&[K::from_u32_unchecked(1, 2, 3, 4)]);
        transcript
    };
    let expected: [[u32; 4]; 5] = [
        [0x5e8d16c6, 0x459415f1, 0x64a67310, 0x1994313a],
        [0x6e7ff50d, 0x7808244f, 0x0ac308b3, 0x79e1fc09],
        [0x561821af, 0x20b09726, 0x0a0f32d3, 0x126b34b3],
        [0x5d85096a, 0x5a6dbc9e, 0x36f7c2b5, 0x41dad75e],
        [0x6f03ecbe, 0x5b84bc91, 0x6152e73c, 0x0e6db9ee],
    ];
    let expected = expected.map(|[a, b, c, d]| K::from_u32_unchecked(a, b, c, d));
    for n in 0..=5 {
        assert_eq!(transcript().draw_many(n), expected[..n]);
    }
    // What is left of an output is dropped.
    let mut drawn = transcript();
    assert_eq!([drawn.draw(), drawn.draw(), drawn.draw()], [expected[0], expected[2], expected[4]]);
    assert_eq!(transcript().draw_positions(11, 6), [6, 9, 12, 15, 16, 18, 38, 46, 49, 51, 58]);
    assert_eq!(drawn.draw_positions(0, 6), Vec::<usize>::new());
    drawn.absorb(&[]);
    assert_ne!(drawn.draw(), expected[0]);
}
