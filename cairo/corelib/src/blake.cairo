//! The compression function of Blake2s.

use crate::internal::bounded_int::BoundedIntGuarantee;

/// Eight words of state.
type Blake2sState = Box<[u32; 8]>;
/// Sixteen words of message.
type Blake2sInput = Box<[u32; 16]>;
/// Sixteen words of message whose range is yet to be checked.
type Blake2sInputGuarantee = Box<[BoundedIntGuarantee<0, 0xffffffff>; 16]>;

/// Absorbs a block; `byte_count` bytes have been absorbed with it.
pub extern fn blake2s_compress(
    state: Blake2sState, byte_count: u32, msg: Blake2sInput,
) -> Blake2sState nopanic;
/// Absorbs the last block.
pub extern fn blake2s_finalize(
    state: Blake2sState, byte_count: u32, msg: Blake2sInput,
) -> Blake2sState nopanic;
