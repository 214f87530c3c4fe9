//! Panics: the end of a run, with felts that say why.

/// A panic on its way.
pub struct Panic {}

/// What a function that may panic returns.
pub enum PanicResult<T> {
    Ok: T,
    Err: (Panic, Array<felt252>),
}

pub extern fn panic(data: Array<felt252>) -> crate::never;
extern fn unsafe_panic() -> crate::never nopanic;

/// Panics with a text.
#[inline(never)]
pub fn panic_with_byte_array(err: @ByteArray) -> crate::never {
    let mut data = array![crate::byte_array::BYTE_ARRAY_MAGIC];
    err.serialize(ref data);
    panic(data)
}
