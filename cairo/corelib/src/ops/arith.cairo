//! Assignment operators: by the plain operator.

/// `self += rhs`.
pub trait AddAssign<Lhs, Rhs> {
    fn add_assign(ref self: Lhs, rhs: Rhs);
}

/// `self -= rhs`.
pub trait SubAssign<Lhs, Rhs> {
    fn sub_assign(ref self: Lhs, rhs: Rhs);
}

/// `self *= rhs`.
pub trait MulAssign<Lhs, Rhs> {
    fn mul_assign(ref self: Lhs, rhs: Rhs);
}

/// `self /= rhs`.
pub trait DivAssign<Lhs, Rhs> {
    fn div_assign(ref self: Lhs, rhs: Rhs);
}

/// `self %= rhs`.
pub trait RemAssign<Lhs, Rhs> {
    fn rem_assign(ref self: Lhs, rhs: Rhs);
}

/// Types of this library whose assignment operators follow from the plain ones.
trait Plain<T>;
impl PlainFelt252 of Plain<felt252>;
impl PlainU8 of Plain<u8>;
impl PlainU16 of Plain<u16>;
impl PlainU32 of Plain<u32>;
impl PlainU64 of Plain<u64>;
impl PlainU128 of Plain<u128>;
impl PlainU256 of Plain<u256>;
impl PlainI8 of Plain<i8>;
impl PlainI16 of Plain<i16>;
impl PlainI32 of Plain<i32>;
impl PlainI64 of Plain<i64>;
impl PlainI128 of Plain<i128>;

impl PlainAddAssign<T, +Plain<T>, +Add<T>> of AddAssign<T, T> {
    fn add_assign(ref self: T, rhs: T) {
        self = Add::add(self, rhs);
    }
}

impl PlainSubAssign<T, +Plain<T>, +Sub<T>> of SubAssign<T, T> {
    fn sub_assign(ref self: T, rhs: T) {
        self = Sub::sub(self, rhs);
    }
}

impl PlainMulAssign<T, +Plain<T>, +Mul<T>> of MulAssign<T, T> {
    fn mul_assign(ref self: T, rhs: T) {
        self = Mul::mul(self, rhs);
    }
}

impl PlainDivAssign<T, +Plain<T>, +Div<T>> of DivAssign<T, T> {
    fn div_assign(ref self: T, rhs: T) {
        self = Div::div(self, rhs);
    }
}

impl PlainRemAssign<T, +Plain<T>, +Rem<T>> of RemAssign<T, T> {
    fn rem_assign(ref self: T, rhs: T) {
        self = Rem::rem(self, rhs);
    }
}
