//! Values that are known not to be zero.

/// A value that is not zero.
pub extern type NonZero<T>;
impl NonZeroCopy<T> of Copy<NonZero<T>>;
impl NonZeroDrop<T> of Drop<NonZero<T>>;

/// Whether a value is zero.
pub(crate) enum IsZeroResult<T> {
    Zero,
    NonZero: NonZero<T>,
}

extern const fn unwrap_non_zero<T>(a: NonZero<T>) -> T nopanic;

pub(crate) impl NonZeroIntoImpl<T> of Into<NonZero<T>, T> {
    const fn into(self: NonZero<T>) -> T nopanic {
        unwrap_non_zero(self)
    }
}

impl NonZeroPartialEq<T, +PartialEq<T>, +Copy<T>, +Drop<T>> of PartialEq<NonZero<T>> {
    #[inline]
    fn eq(lhs: @NonZero<T>, rhs: @NonZero<T>) -> bool {
        let lhs: T = (*lhs).into();
        let rhs: T = (*rhs).into();
        lhs == rhs
    }
}
