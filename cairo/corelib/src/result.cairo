//! Values, or the errors that they could not be computed for.

/// A value or an error.
#[must_use]
#[derive(Copy, Drop, Debug, Serde, PartialEq)]
pub enum Result<T, E> {
    Ok: T,
    Err: E,
}

#[generate_trait]
pub impl ResultTraitImpl<T, E> of ResultTrait<T, E> {
    /// The value; panics with `err` if there is none.
    const fn expect<+PanicDestruct<E>>(self: Result<T, E>, err: felt252) -> T {
        match self {
            Ok(value) => value,
            Err(_) => crate::panic_with_felt252(err),
        }
    }

    /// The value; panics if there is none.
    const fn unwrap<+Destruct<E>>(self: Result<T, E>) -> T {
        self.expect('Result::unwrap failed.')
    }

    /// The value, or `default`.
    const fn unwrap_or<+Destruct<T>, +Destruct<E>>(self: Result<T, E>, default: T) -> T {
        match self {
            Ok(value) => value,
            Err(_) => default,
        }
    }

    /// The error; panics with `err` if there is none.
    const fn expect_err<+PanicDestruct<T>>(self: Result<T, E>, err: felt252) -> E {
        match self {
            Ok(_) => crate::panic_with_felt252(err),
            Err(error) => error,
        }
    }

    /// The error; panics if there is none.
    const fn unwrap_err<+PanicDestruct<T>>(self: Result<T, E>) -> E {
        self.expect_err('Result::unwrap_err failed.')
    }

    /// Whether there is a value.
    #[inline]
    fn is_ok(self: @Result<T, E>) -> bool {
        match self {
            Ok(_) => true,
            Err(_) => false,
        }
    }

    /// Whether there is an error.
    #[inline]
    fn is_err(self: @Result<T, E>) -> bool {
        match self {
            Ok(_) => false,
            Err(_) => true,
        }
    }

    /// Whether there is a value; uses the result up.
    #[inline]
    fn into_is_ok<+Destruct<T>, +Destruct<E>>(self: Result<T, E>) -> bool {
        match self {
            Ok(_) => true,
            Err(_) => false,
        }
    }

    /// Whether there is an error; uses the result up.
    #[inline]
    fn into_is_err<+Destruct<T>, +Destruct<E>>(self: Result<T, E>) -> bool {
        match self {
            Ok(_) => false,
            Err(_) => true,
        }
    }

    /// The value, if there is one.
    fn ok<+Destruct<T>, +Destruct<E>>(self: Result<T, E>) -> Option<T> {
        match self {
            Ok(value) => Some(value),
            Err(_) => None,
        }
    }

    /// The error, if there is one.
    fn err<+Destruct<T>, +Destruct<E>>(self: Result<T, E>) -> Option<E> {
        match self {
            Ok(_) => None,
            Err(error) => Some(error),
        }
    }
}
