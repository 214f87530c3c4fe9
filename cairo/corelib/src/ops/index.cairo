//! `container[index]`.

/// Reads an element of a container.
pub trait IndexView<C, I> {
    type Target;
    fn index(self: @C, index: I) -> Self::Target;
}

/// Reads an element of a container that changes by it.
pub trait Index<C, I> {
    type Target;
    fn index(ref self: C, index: I) -> Self::Target;
}
