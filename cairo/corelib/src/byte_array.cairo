//! Texts, as the messages of panics carry them.

use crate::internal::bounded_int::BoundedInt;
use crate::serde::Serde;

/// How a list of felts with a text begins.
pub const BYTE_ARRAY_MAGIC: felt252 =
    0x46a6158a16a947e5916b2a2ca68501a45e93d7110e81aa2d6438b1c57c879a3;

/// A text: words of 31 bytes, and a last word of fewer.
#[derive(Drop, Clone, PartialEq)]
pub struct ByteArray {
    pub(crate) data: Array<bytes31>,
    pub(crate) pending_word: felt252,
    pub(crate) pending_word_len: BoundedInt<0, 30>,
}

pub(crate) impl ByteArrayStringLiteral of crate::string::StringLiteral<ByteArray>;

impl ByteArraySerde of Serde<ByteArray> {
    fn serialize(self: @ByteArray, ref output: Array<felt252>) {
        self.data.serialize(ref output);
        output.append(self.pending_word);
        output.append(self.pending_word_len.into());
    }

    fn deserialize(ref serialized: Span<felt252>) -> Option<ByteArray> {
        let data = Serde::deserialize(ref serialized)?;
        let pending_word = Serde::deserialize(ref serialized)?;
        let pending_word_len = Serde::deserialize(ref serialized)?;
        Some(ByteArray { data, pending_word, pending_word_len })
    }
}

impl ByteArrayDefault of Default<ByteArray> {
    fn default() -> ByteArray {
        ByteArray { data: array![], pending_word: 0, pending_word_len: 0 }
    }
}

#[generate_trait]
pub impl ByteArrayImpl of ByteArrayTrait {
    /// Adds the last `len` bytes of a felt, at most 31.
    fn append_word(ref self: ByteArray, word: felt252, len: usize) {
        let pending_len: felt252 = self.pending_word_len.into();
        let pending_len: usize = pending_len.try_into().unwrap();
        let total = pending_len + len;
        if total < 31 {
            self.pending_word = self.pending_word * bytes_power(len) + word;
            self.set_pending_len(total);
            return;
        }
        let rest = total - 31;
        let divisor: u256 = bytes_power(rest).into();
        let (high, low) = DivRem::<u256>::div_rem(word.into(), divisor.try_into().unwrap());
        let high: felt252 = high.try_into().unwrap();
        let full = self.pending_word * bytes_power(31 - pending_len) + high;
        self.data.append(full.try_into().unwrap());
        self.pending_word = low.try_into().unwrap();
        self.set_pending_len(rest);
    }

    /// Adds a text.
    fn append(ref self: ByteArray, other: @ByteArray) {
        for word in other.data.span() {
            self.append_word((*word).into(), 31);
        }
        let len: felt252 = other.pending_word_len.into();
        self.append_word(other.pending_word, len.try_into().unwrap());
    }

    /// Sets the length of the last word, at most 30.
    fn set_pending_len(ref self: ByteArray, len: usize) {
        let len: felt252 = len.into();
        self.pending_word_len = len.try_into().unwrap();
    }
}

/// 256^n.
fn bytes_power(n: usize) -> felt252 {
    let mut power = 1;
    for _ in 0..n {
        power *= 256;
    }
    power
}
