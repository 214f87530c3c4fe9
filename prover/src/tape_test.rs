//! A hash suite that notes what its channel is asked for, and can give recorded answers again.

use std::cell::RefCell;

use stwo::core::channel::{Blake2sChannel, Channel, MerkleChannel};
use stwo::core::vcs_lifted::blake2_merkle::Blake2sMerkleChannel;
use stwo_ml_verifier::channel::{Hash, Suite};
use stwo_ml_verifier::field::K;

/// What a channel was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Absorbed,
    Felts(Vec<K>),
    Words(Vec<u32>),
    Digest([u8; 32]),
}

/// What the channels of this thread did or, if frozen, give again.
#[derive(Default)]
struct Tape {
    frozen: bool,
    events: Vec<Event>,
    next: usize,
}

thread_local! {
    static TAPE: RefCell<Tape> = RefCell::default();
}

/// Notes an event or, if the tape is frozen, gives the recorded one.
fn note(live: impl FnOnce() -> Event) -> Event {
    TAPE.with_borrow_mut(|tape| {
        if tape.frozen {
            let event = tape.events[tape.next].clone();
            tape.next += 1;
            return event;
        }
        let event = live();
        tape.events.push(event.clone());
        event
    })
}

/// Runs with a new tape, and gives what was recorded.
pub(super) fn recorded<T>(run: impl FnOnce() -> T) -> (T, Vec<Event>) {
    TAPE.set(Tape::default());
    let result = run();
    (result, TAPE.take().events)
}

/// Runs against the challenges of a tape, from event `next` on.
pub(super) fn frozen<T>(events: &[Event], next: usize, run: impl FnOnce() -> T) -> T {
    TAPE.set(Tape { frozen: true, events: events.to_vec(), next });
    let result = run();
    TAPE.set(Tape::default());
    result
}

/// Blake2s with a tape.
#[derive(Clone, Debug, Default)]
pub(super) struct Taped;

#[derive(Clone, Debug, Default)]
pub(super) struct TapedChannel(Blake2sChannel);

impl Channel for TapedChannel {
    const BYTES_PER_HASH: usize = Blake2sChannel::BYTES_PER_HASH;

    fn verify_pow_nonce(&self, n_bits: u32, nonce: u64) -> bool {
        self.0.verify_pow_nonce(n_bits, nonce)
    }
    fn mix_u32s(&mut self, data: &[u32]) {
        self.0.mix_u32s(data);
        note(|| Event::Absorbed);
    }
    fn mix_felts(&mut self, felts: &[K]) {
        self.0.mix_felts(felts);
        note(|| Event::Absorbed);
    }
    fn mix_u64(&mut self, value: u64) {
        self.0.mix_u64(value);
        note(|| Event::Absorbed);
    }
    fn draw_secure_felt(&mut self) -> K {
        self.draw_secure_felts(1)[0]
    }
    fn draw_secure_felts(&mut self, n_felts: usize) -> Vec<K> {
        self.0.draw_secure_felts(n_felts)
    }
    fn draw_u32s(&mut self) -> Vec<u32> {
        self.0.draw_u32s()
    }
}

impl MerkleChannel for Taped {
    type C = TapedChannel;
    type H = <Blake2sMerkleChannel as MerkleChannel>::H;

    fn mix_root(channel: &mut TapedChannel, root: Hash<Self>) {
        Blake2sMerkleChannel::mix_root(&mut channel.0, root);
        note(|| Event::Absorbed);
    }
}

impl Suite for Taped {
    const NAME: &'static str = Blake2sMerkleChannel::NAME;
    const PACK_BITS: u32 = Blake2sMerkleChannel::PACK_BITS;

    fn mix_packed(channel: &mut TapedChannel, groups: &[[u64; 4]]) {
        Blake2sMerkleChannel::mix_packed(&mut channel.0, groups);
        note(|| Event::Absorbed);
    }
    fn draw(channel: &mut TapedChannel, fresh: bool, n: usize) -> Vec<K> {
        match note(|| Event::Felts(Blake2sMerkleChannel::draw(&mut channel.0, fresh, n))) {
            Event::Felts(felts) if felts.len() == n => felts,
            event => panic!("{n} felts are drawn, the tape has {event:?}"),
        }
    }
    fn draw_words(channel: &mut TapedChannel, fresh: bool) -> Vec<u32> {
        match note(|| Event::Words(Blake2sMerkleChannel::draw_words(&mut channel.0, fresh))) {
            Event::Words(words) => words,
            event => panic!("words are drawn, the tape has {event:?}"),
        }
    }
    fn digest(channel: &TapedChannel) -> [u8; 32] {
        match note(|| Event::Digest(Blake2sMerkleChannel::digest(&channel.0))) {
            Event::Digest(digest) => digest,
            event => panic!("the state is read, the tape has {event:?}"),
        }
    }
    fn hash_to_bytes(hash: &Hash<Self>) -> [u8; 32] {
        Blake2sMerkleChannel::hash_to_bytes(hash)
    }
    fn hash_from_bytes(bytes: [u8; 32]) -> Option<Hash<Self>> {
        Blake2sMerkleChannel::hash_from_bytes(bytes)
    }
}
