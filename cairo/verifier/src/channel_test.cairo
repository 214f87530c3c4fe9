use crate::channel::{Channel, ChannelTrait};
use crate::field::K;
use crate::testing::{k, pack1, pack2};

fn a() -> K {
    k(1, 2, 3, 4)
}

fn b() -> K {
    k(5, 6, 7, 8)
}

fn c() -> K {
    k(123456789, 987654321, 2000000000, 1234567890)
}

fn absorbed() -> Channel {
    let mut channel = ChannelTrait::new();
    // Three words of 32 bits, the others of the felt zero, and their number.
    let words = 0x000000010000000200000003 * 0x100000000000000000000000000000000;
    channel.absorb_felts(array![words + 3 * crate::field::TWO_248].span());
    assert_eq!(
        channel.digest(), 0x4f403052f90c6c200911b4146d2ef6d7bad1411340712592e1902b19565029d,
    );
    channel.absorb_felt(pack1(a()));
    assert_eq!(
        channel.digest(), 0x39e714453010300d93ea68a4b4cb2ea9292ffe04b7f00eddaf09f3a39b82bfd,
    );
    channel.absorb_felt(pack2(a(), b()));
    assert_eq!(
        channel.digest(), 0x3d6d41056aad65752977dbd434595718961875e4b57e5726d63fb2937346eae,
    );
    channel.absorb_two(pack2(a(), b()), pack1(c()));
    assert_eq!(
        channel.digest(), 0x18b8697fdd0a62df37b370d1318cf0688c688907c4fd1ca6c60c38b6ad7531b,
    );
    let five = array![
        pack2(k(1, 3, 0, -1), k(8, 4, 1000, -2)), pack2(k(15, 7, 2000, -3), k(22, 12, 3000, -4)),
        pack1(k(29, 19, 4000, -5)),
    ];
    channel.absorb_felts(five.span());
    assert_eq!(
        channel.digest(), 0x44e50d380dce51893024356328df35c831498a896102de8800703371fef8e76,
    );
    channel.absorb_root(5);
    assert_eq!(
        channel.digest(), 0x3cd9a992453f6156fe7b1b81d5ef9ecc0be6fa6ee9532606a4f7b2193460265,
    );
    channel
}

/// Values of the Rust verifier.
#[test]
fn challenges() {
    let mut channel = absorbed();
    assert!(channel.draw() == k(1445027120, 1962170930, 1141070704, 209989560));
    let three = channel.draw_many(3);
    assert_eq!(three.len(), 3);
    assert!(*three[0] == k(413706055, 341764289, 1080314964, 530488542));
    assert!(*three[1] == k(1583814651, 722338025, 261194122, 1707528236));
    assert!(*three[2] == k(1406661011, 1183046583, 2064756222, 661219538));
    assert!(channel.draw() == k(407585659, 63480600, 2008911074, 181149093));
}

fn check_positions(positions: Span<u32>, expected: Span<u32>) {
    let (mut positions, mut expected) = (positions, expected);
    while let Some(position) = positions.pop_front() {
        assert_eq!(position, expected.pop_front().unwrap());
    }
    assert!(expected.is_empty());
}

/// Values of the Rust verifier.
#[test]
fn positions_and_work() {
    let mut channel = absorbed();
    let _ = channel.draw();
    let _ = channel.draw_many(3);
    let _ = channel.draw();
    check_positions(
        channel.draw_positions(20, 6),
        array![1, 4, 13, 14, 19, 20, 23, 33, 36, 37, 39, 40, 42, 47, 51, 54, 55, 62].span(),
    );
    check_positions(
        channel.draw_positions(7, 16), array![3603, 9705, 12532, 12711, 19897, 30800, 42893].span(),
    );
    check_positions(channel.draw_positions(3, 26), array![7875350, 14047896, 61484901].span());
    channel.check_pow(9, 115);
    assert_eq!(
        channel.digest(), 0x478cfe13da2bb8366707457c980dca0d19aca3d7250733e2e0a2188451d110f,
    );
    channel.check_pow(9, 0x123456789abce032);
    assert_eq!(
        channel.digest(), 0x4bc0ad4e8ce67095846fec00082026d8879115c9b542020de0a7ba4bc2d7773,
    );
}

#[test]
#[should_panic(expected: 'channel: proof of work')]
fn refuses_another_nonce() {
    let mut channel = absorbed();
    channel.check_pow(9, 116);
}

#[test]
#[should_panic(expected: 'channel: proof of work')]
fn refuses_one_bit_less() {
    let mut channel = absorbed();
    let _ = channel.draw();
    // Has nine bits.
    channel.check_pow(10, 115);
}
