//! Values behind a pointer.

/// A pointer to a value.
pub extern type Box<T>;
impl BoxCopy<T, +Copy<T>> of Copy<Box<T>>;
impl BoxDrop<T, +Drop<T>> of Drop<Box<T>>;

extern fn into_box<T>(value: T) -> Box<T> nopanic;
extern fn unbox<T>(box: Box<T>) -> T nopanic;
extern fn box_forward_snapshot<T>(value: @Box<T>) -> Box<@T> nopanic;

/// Into a box, and out of it.
pub trait BoxTrait<T> {
    fn new(value: T) -> Box<T> nopanic;
    fn unbox(self: Box<T>) -> T nopanic;
    fn as_snapshot(self: @Box<T>) -> Box<@T> nopanic;
}

pub impl BoxImpl<T> of BoxTrait<T> {
    #[inline]
    #[must_use]
    fn new(value: T) -> Box<T> nopanic {
        into_box(value)
    }

    #[inline]
    #[must_use]
    fn unbox(self: Box<T>) -> T nopanic {
        unbox(self)
    }

    #[must_use]
    fn as_snapshot(self: @Box<T>) -> Box<@T> nopanic {
        box_forward_snapshot(self)
    }
}

impl BoxDeref<T> of crate::ops::Deref<Box<T>> {
    type Target = T;
    fn deref(self: Box<T>) -> T {
        self.unbox()
    }
}
