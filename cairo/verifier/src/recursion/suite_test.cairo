//! The suite against hashlib's `blake2s`.

use crate::blake::hash_words;
use crate::channel::{Channel, ChannelTrait};
use crate::field::{K, from_felt, from_words, i_k, one_k, u_k, zero_k};
use crate::merkle::Hash;
use crate::wire::WireTrait;

fn hash(words: [u32; 8]) -> Hash {
    Hash { words: BoxTrait::new(words) }
}

/// The hash of the words `0, 1, .., n - 1`.
fn check(n: u32, expected: [u32; 8]) {
    let mut words = array![];
    for i in 0..n {
        words.append(i);
    }
    assert(hash_words(words.span()) == hash(expected), 'hash');
}

#[test]
fn hashes_of_any_length() {
    check(
        0,
        [
            0x307a2169, 0x94809079, 0xd02111e1, 0x7c4a3542, 0x48b6551f, 0x1ea5a12c, 0xfd0d251b,
            0xf9eed01e,
        ],
    );
    check(
        1,
        [
            0xc00cd94c, 0xee3942d5, 0x98d93f5b, 0xcbf44e9b, 0x08ddbbeb, 0xcb580741, 0xfa91d2d2,
            0xd5824c36,
        ],
    );
    check(
        15,
        [
            0x91e4c470, 0x2cdb682f, 0x0701b330, 0x8fbc987a, 0x938ba268, 0xb82b58c0, 0xaf9fd4de,
            0x971be26b,
        ],
    );
    check(
        16,
        [
            0xc6449764, 0xa856e2f9, 0x1dd57ef7, 0x1f310eb0, 0xbd83507a, 0xa9b498d6, 0x387809a5,
            0x264a7830,
        ],
    );
    check(
        17,
        [
            0x5dc251e2, 0x70cc4dcc, 0x4eb2df01, 0x64bc61e2, 0xc62fe67d, 0xd7e61a2c, 0x67dfecc7,
            0xc5e8c904,
        ],
    );
    check(
        32,
        [
            0x0866e76d, 0x317b61ef, 0x8a8c9ffd, 0x70453351, 0xea80cd30, 0x33db63c8, 0xbf6e26a2,
            0x9aa475f7,
        ],
    );
    check(
        33,
        [
            0xc923a468, 0xccad70db, 0xb783ea83, 0x5508bb6f, 0xdf1244e8, 0x4046f140, 0x0c8a28a6,
            0x9aeec283,
        ],
    );
}

/// A transcript that has absorbed `(1, 2, 3, 4)`.
fn channel() -> Channel {
    let mut channel = ChannelTrait::new();
    let mut wire = WireTrait::new(array![1, 2, 3, 4].span());
    assert(wire.one(ref channel) == from_words(1, 2, 3, 4), 'element');
    wire.finish();
    channel
}

#[test]
fn absorptions() {
    assert(
        channel()
            .digest() == hash(
                [
                    0x5e8d16c6, 0x459415f1, 0x64a67310, 0x1994313a, 0xee7ff50c, 0x7808244f,
                    0x0ac308b3, 0x79e1fc09,
                ],
            ),
        'one',
    );
    let mut channel = ChannelTrait::new();
    channel.absorb_three([1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]);
    let three = hash(
        [
            0x7e26eb15, 0xc05fdbcc, 0x67932a06, 0x962013eb, 0x3fb4ca72, 0x6ec00669, 0x66a6bb05,
            0x83032a60,
        ],
    );
    assert(channel.digest() == three, 'three');
    let mut channel = ChannelTrait::new();
    channel.absorb_four([1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [13, 14, 15, 16]);
    let four = hash(
        [
            0x38098988, 0x50bf85f1, 0xa7dd90c2, 0x64c9be86, 0x0c883c38, 0xdf4ec640, 0x4fd18ae0,
            0xe02347ff,
        ],
    );
    assert(channel.digest() == four, 'four');
    let mut channel = ChannelTrait::new();
    let mut words = array![];
    for word in 1..17_u32 {
        words.append(word);
    }
    channel.absorb_words(words.span());
    assert(channel.digest() == four, 'words');
}

/// The state comes first, then hashes of it.
#[test]
fn draws() {
    let mut channel = channel();
    let drawn = channel.draw_many(3);
    assert(*drawn[0] == from_words(0x5e8d16c6, 0x459415f1, 0x64a67310, 0x1994313a), 'first');
    assert(*drawn[1] == from_words(0x6e7ff50d, 0x7808244f, 0xac308b3, 0x79e1fc09), 'second');
    assert(*drawn[2] == from_words(0x561821af, 0x20b09726, 0xa0f32d3, 0x126b34b3), 'third');
}

#[test]
fn positions() {
    let mut channel = channel();
    let expected = array![6, 9, 12, 15, 16, 18, 38, 46, 49, 51, 58];
    assert(channel.draw_positions(11, 6) == expected.span(), 'positions');
}

#[test]
fn proof_of_work() {
    let mut channel = channel();
    channel.check_pow(10, 25, 0);
    assert(channel.n_draws == 0, 'draws');
}

#[test]
#[should_panic(expected: 'channel: proof of work')]
fn no_work() {
    let mut channel = channel();
    channel.check_pow(10, 0, 0);
}

#[test]
#[should_panic(expected: 'wire: not canonical')]
fn coordinate_not_canonical() {
    let mut channel = ChannelTrait::new();
    let mut wire = WireTrait::new(array![1, 0x7fffffff, 3, 4].span());
    wire.one(ref channel);
}

#[test]
#[should_panic(expected: 'wire: word')]
fn word_too_large() {
    WireTrait::new(array![1, 2, 3, 4, 5, 6, 7, 0x100000000].span()).hash();
}

#[test]
#[should_panic(expected: 'wire: proof too short')]
fn hash_too_short() {
    WireTrait::new(array![1, 2, 3, 4, 5, 6, 7].span()).hash();
}

/// `u^2 = 2 + i`, `i^2 = -1`; integers beyond `p` are reduced.
#[test]
fn field() {
    let two: K = one_k() + one_k();
    assert(u_k() * u_k() == two + i_k(), 'u');
    assert(i_k() * i_k() == zero_k() - one_k(), 'i');
    assert(from_felt(0x7fffffff) == zero_k(), 'p');
    assert(from_felt(0x80000000) == one_k(), 'p + 1');
    assert(from_felt(0xffffffff) == one_k(), '2 p + 1');
}
