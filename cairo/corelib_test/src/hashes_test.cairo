use core::blake::{blake2s_compress, blake2s_finalize};
use core::hash::HashStateTrait;
use core::poseidon::{PoseidonTrait, hades_permutation, poseidon_hash_span};

#[test]
fn poseidon() {
    // The permutation of (0, 0, 0), from the reference parameters of Starknet's Poseidon.
    let (s0, s1, s2) = hades_permutation(0, 0, 0);
    assert(s0 == 0x79e8d1e78258000a28fc9d49e233bc6852357968577b1e386550ed6a9086133, 's0');
    assert(s1 == 0x3840d003d0f3f96dbb796ff6aa6a63be5b5404b91ccaabca256154cbb6fb984, 's1');
    assert(s2 == 0x1eb39da3f7d3b04142d0ac83d9da00c9325a61fb2ef326e50b70eaa8a3c7cc7, 's2');
    let (even, _, _) = hades_permutation(0 + 1, 0, 0);
    assert(poseidon_hash_span([].span()) == even, 'nothing');
    let (odd, _, _) = hades_permutation(5, 1, 0);
    assert(poseidon_hash_span([5].span()) == odd, 'one');
    let stepwise = PoseidonTrait::new().update(1).update(2).update(3).finalize();
    assert(poseidon_hash_span([1, 2, 3].span()) == stepwise, 'three');
}

#[test]
fn blake2s() {
    // The hash of "abc" (RFC 7693, Appendix B).
    let state = BoxTrait::new(
        [
            0x6b08e647, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab,
            0x5be0cd19,
        ],
    );
    let block = BoxTrait::new([0x00636261, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let digest = blake2s_finalize(state, 3, block).unbox();
    let expected = [
        0x8c5e8c50, 0xe2147c32, 0xa32ba7e1, 0x2f45eb4e, 0x208b4537, 0x293ad69e, 0x4c9b994d,
        0x82596786,
    ];
    assert(digest == expected, 'abc');
    assert(blake2s_compress(state, 64, block).unbox() != expected, 'not the last block');
}
