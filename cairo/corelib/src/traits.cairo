//! The traits behind operators, moves and conversions.

use crate::panics::Panic;

/// Values that may be used more than once.
pub trait Copy<T>;
/// Values that may be thrown away.
pub trait Drop<T>;

impl SnapshotCopy<T> of Copy<@T>;
impl SnapshotDrop<T> of Drop<@T>;

/// `lhs + rhs`.
pub trait Add<T> {
    fn add(lhs: T, rhs: T) -> T;
}

/// `lhs - rhs`.
pub trait Sub<T> {
    fn sub(lhs: T, rhs: T) -> T;
}

/// `lhs * rhs`.
pub trait Mul<T> {
    fn mul(lhs: T, rhs: T) -> T;
}

/// `lhs / rhs`.
pub trait Div<T> {
    fn div(lhs: T, rhs: T) -> T;
}

/// `lhs % rhs`.
pub trait Rem<T> {
    fn rem(lhs: T, rhs: T) -> T;
}

/// Quotient and remainder.
pub trait DivRem<T> {
    fn div_rem(lhs: T, rhs: NonZero<T>) -> (T, T);
}

/// `-a`.
pub trait Neg<T> {
    fn neg(a: T) -> T;
}

/// `!a`.
pub trait Not<T> {
    fn not(a: T) -> T;
}

/// `lhs & rhs`.
pub trait BitAnd<T> {
    fn bitand(lhs: T, rhs: T) -> T;
}

/// `lhs | rhs`.
pub trait BitOr<T> {
    fn bitor(lhs: T, rhs: T) -> T;
}

/// `lhs ^ rhs`.
pub trait BitXor<T> {
    fn bitxor(lhs: T, rhs: T) -> T;
}

/// `~a`.
pub trait BitNot<T> {
    fn bitnot(a: T) -> T;
}

/// `==` and `!=`.
pub trait PartialEq<T> {
    fn eq(lhs: @T, rhs: @T) -> bool;

    fn ne(lhs: @T, rhs: @T) -> bool {
        !Self::eq(lhs, rhs)
    }
}

impl PartialEqSnap<T, +PartialEq<T>> of PartialEq<@T> {
    fn eq(lhs: @@T, rhs: @@T) -> bool {
        PartialEq::<T>::eq(*lhs, *rhs)
    }
}

/// `<`, `<=`, `>` and `>=`.
pub trait PartialOrd<T> {
    fn lt(lhs: T, rhs: T) -> bool;

    fn ge(lhs: T, rhs: T) -> bool {
        !Self::lt(lhs, rhs)
    }

    fn gt(lhs: T, rhs: T) -> bool {
        Self::lt(rhs, lhs)
    }

    fn le(lhs: T, rhs: T) -> bool {
        Self::ge(rhs, lhs)
    }
}

impl PartialOrdSnap<T, +PartialOrd<T>, +Copy<T>> of PartialOrd<@T> {
    fn lt(lhs: @T, rhs: @T) -> bool {
        PartialOrd::<T>::lt(*lhs, *rhs)
    }

    fn ge(lhs: @T, rhs: @T) -> bool {
        PartialOrd::<T>::ge(*lhs, *rhs)
    }

    fn gt(lhs: @T, rhs: @T) -> bool {
        PartialOrd::<T>::gt(*lhs, *rhs)
    }

    fn le(lhs: @T, rhs: @T) -> bool {
        PartialOrd::<T>::le(*lhs, *rhs)
    }
}

/// A conversion that always succeeds.
pub trait Into<T, S> {
    #[must_use]
    fn into(self: T) -> S;
}

impl TIntoT<T> of Into<T, T> {
    fn into(self: T) -> T {
        self
    }
}

/// A conversion that may fail.
pub trait TryInto<T, S> {
    fn try_into(self: T) -> Option<S>;
}

impl TryIntoFromInto<From, To, +Into<From, To>> of TryInto<From, To> {
    fn try_into(self: From) -> Option<To> {
        Some(self.into())
    }
}

/// What has to be done with values that cannot just be thrown away.
pub trait Destruct<T> {
    fn destruct(self: T) nopanic;
}

impl DestructFromDrop<T, +Drop<T>> of Destruct<T> {
    #[inline]
    fn destruct(self: T) nopanic {}
}

/// As `Destruct`, while the program panics.
pub trait PanicDestruct<T> {
    fn panic_destruct(self: T, ref panic: Panic) nopanic;
}

pub(crate) impl PanicDestructForDestruct<T, +Destruct<T>> of PanicDestruct<T> {
    #[inline]
    fn panic_destruct(self: T, ref panic: Panic) nopanic {
        Destruct::destruct(self);
    }
}

/// A value to begin with.
pub trait Default<T> {
    #[must_use]
    fn default() -> T;
}

impl SnapshotDefault<T, +Default<T>, +Drop<T>> of Default<@T> {
    #[inline]
    fn default() -> @T {
        @Default::default()
    }
}

/// Values of dictionaries: what a key without entry has.
pub trait Felt252DictValue<T> {
    #[must_use]
    fn zero_default() -> T nopanic;
}
