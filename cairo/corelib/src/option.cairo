//! Values that may be missing.

/// A value or nothing.
#[must_use]
#[derive(Copy, Drop, Debug, Serde, PartialEq)]
pub enum Option<T> {
    Some: T,
    None,
}

pub impl DestructOption<T, +Destruct<T>, -Drop<Option<T>>> of Destruct<Option<T>> {
    #[inline]
    fn destruct(self: Option<T>) nopanic {
        match self {
            Some(value) => value.destruct(),
            None => (),
        }
    }
}

/// What can be done with an `Option`.
pub trait OptionTrait<T> {
    const fn expect(self: Option<T>, err: felt252) -> T;
    const fn unwrap(self: Option<T>) -> T;
    fn ok_or<E, +Destruct<E>>(self: Option<T>, err: E) -> Result<T, E>;
    fn or<+Drop<T>>(self: Option<T>, optb: Option<T>) -> Option<T>;
    #[must_use]
    fn is_some(self: @Option<T>) -> bool;
    #[must_use]
    fn is_none(self: @Option<T>) -> bool;
    const fn unwrap_or<+Destruct<T>>(self: Option<T>, default: T) -> T;
    fn unwrap_or_default<+Default<T>>(self: Option<T>) -> T;
    fn map<U, F, +Destruct<F>, +crate::ops::FnOnce<F, (T,)>[Output: U]>(
        self: Option<T>, f: F,
    ) -> Option<U>;
    fn take(ref self: Option<T>) -> Option<T>;
}

pub impl OptionTraitImpl<T> of OptionTrait<T> {
    #[inline(always)]
    const fn expect(self: Option<T>, err: felt252) -> T {
        match self {
            Some(value) => value,
            None => crate::panic_with_felt252(err),
        }
    }

    #[inline(always)]
    const fn unwrap(self: Option<T>) -> T {
        self.expect('Option::unwrap failed.')
    }

    #[inline]
    fn ok_or<E, +Destruct<E>>(self: Option<T>, err: E) -> Result<T, E> {
        match self {
            Some(value) => Ok(value),
            None => Err(err),
        }
    }

    #[inline]
    fn or<+Drop<T>>(self: Option<T>, optb: Option<T>) -> Option<T> {
        match self {
            Some(value) => Some(value),
            None => optb,
        }
    }

    #[inline]
    fn is_some(self: @Option<T>) -> bool {
        match self {
            Some(_) => true,
            None => false,
        }
    }

    #[inline]
    fn is_none(self: @Option<T>) -> bool {
        match self {
            Some(_) => false,
            None => true,
        }
    }

    #[inline]
    const fn unwrap_or<+Destruct<T>>(self: Option<T>, default: T) -> T {
        match self {
            Some(value) => value,
            None => default,
        }
    }

    #[inline]
    fn unwrap_or_default<+Default<T>>(self: Option<T>) -> T {
        match self {
            Some(value) => value,
            None => Default::default(),
        }
    }

    #[inline]
    fn map<U, F, +Destruct<F>, +crate::ops::FnOnce<F, (T,)>[Output: U]>(
        self: Option<T>, f: F,
    ) -> Option<U> {
        match self {
            Some(value) => Some(f(value)),
            None => None,
        }
    }

    #[inline]
    fn take(ref self: Option<T>) -> Option<T> {
        let value = self;
        self = None;
        value
    }
}

impl OptionDefault<T> of Default<Option<T>> {
    fn default() -> Option<T> {
        None
    }
}
