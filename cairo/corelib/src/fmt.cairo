//! Values as text, for the messages of tests.

/// Nothing that is written here fails.
#[derive(Drop)]
pub struct Error {}

/// A text under construction.
#[derive(Default, Drop)]
pub struct Formatter {
    pub buffer: ByteArray,
}

/// Values as users read them.
pub trait Display<T> {
    fn fmt(self: @T, ref f: Formatter) -> Result<(), Error>;
}

/// Values as programmers read them.
pub trait Debug<T> {
    fn fmt(self: @T, ref f: Formatter) -> Result<(), Error>;
}

impl DisplayByteArray of Display<ByteArray> {
    fn fmt(self: @ByteArray, ref f: Formatter) -> Result<(), Error> {
        f.buffer.append(self);
        Ok(())
    }
}

impl DisplayBool of Display<bool> {
    fn fmt(self: @bool, ref f: Formatter) -> Result<(), Error> {
        if *self {
            write!(f, "true")
        } else {
            write!(f, "false")
        }
    }
}

impl DisplayU256 of Display<u256> {
    fn fmt(self: @u256, ref f: Formatter) -> Result<(), Error> {
        let (tens, digit) = DivRem::div_rem(*self, 10);
        if tens != 0 {
            Self::fmt(@tens, ref f)?;
        }
        f.buffer.append_word('0' + digit.low.into(), 1);
        Ok(())
    }
}

/// Integers that a `u256` holds.
mod unsigned {
    pub impl DisplayImpl<T, +Copy<T>, +Into<T, u256>> of super::Display<T> {
        fn fmt(self: @T, ref f: super::Formatter) -> Result<(), super::Error> {
            let value: u256 = (*self).into();
            super::DisplayU256::fmt(@value, ref f)
        }
    }
}

/// Integers by their felt: a negative one is its magnitude behind a sign.
mod signed {
    pub impl DisplayImpl<T, +Copy<T>, +Into<T, felt252>> of super::Display<T> {
        fn fmt(self: @T, ref f: super::Formatter) -> Result<(), super::Error> {
            let value: felt252 = (*self).into();
            let magnitude: u256 = value.into();
            if magnitude.high >= 0x10 {
                f.buffer.append_word('-', 1);
                let magnitude: u256 = (-value).into();
                return super::DisplayU256::fmt(@magnitude, ref f);
            }
            super::DisplayU256::fmt(@magnitude, ref f)
        }
    }
}

impl DisplayFelt252 = unsigned::DisplayImpl<felt252>;
impl DisplayU8 = unsigned::DisplayImpl<u8>;
impl DisplayU16 = unsigned::DisplayImpl<u16>;
impl DisplayU32 = unsigned::DisplayImpl<u32>;
impl DisplayU64 = unsigned::DisplayImpl<u64>;
impl DisplayU128 = unsigned::DisplayImpl<u128>;
impl DisplayI8 = signed::DisplayImpl<i8>;
impl DisplayI16 = signed::DisplayImpl<i16>;
impl DisplayI32 = signed::DisplayImpl<i32>;
impl DisplayI64 = signed::DisplayImpl<i64>;
impl DisplayI128 = signed::DisplayImpl<i128>;

/// What is read in the same way by all.
mod displayed {
    pub impl DebugImpl<T, +super::Display<T>> of super::Debug<T> {
        fn fmt(self: @T, ref f: super::Formatter) -> Result<(), super::Error> {
            super::Display::<T>::fmt(self, ref f)
        }
    }
}

impl DebugBool = displayed::DebugImpl<bool>;
impl DebugByteArray = displayed::DebugImpl<ByteArray>;
impl DebugFelt252 = displayed::DebugImpl<felt252>;
impl DebugU8 = displayed::DebugImpl<u8>;
impl DebugU16 = displayed::DebugImpl<u16>;
impl DebugU32 = displayed::DebugImpl<u32>;
impl DebugU64 = displayed::DebugImpl<u64>;
impl DebugU128 = displayed::DebugImpl<u128>;
impl DebugU256 = displayed::DebugImpl<u256>;
impl DebugI8 = displayed::DebugImpl<i8>;
impl DebugI16 = displayed::DebugImpl<i16>;
impl DebugI32 = displayed::DebugImpl<i32>;
impl DebugI64 = displayed::DebugImpl<i64>;
impl DebugI128 = displayed::DebugImpl<i128>;

impl DisplaySnapshot<T, +Display<T>> of Display<@T> {
    fn fmt(self: @@T, ref f: Formatter) -> Result<(), Error> {
        Display::<T>::fmt(*self, ref f)
    }
}

impl DebugSnapshot<T, +Debug<T>> of Debug<@T> {
    fn fmt(self: @@T, ref f: Formatter) -> Result<(), Error> {
        Debug::<T>::fmt(*self, ref f)
    }
}

impl DebugSpan<T, +Debug<T>> of Debug<Span<T>> {
    fn fmt(self: @Span<T>, ref f: Formatter) -> Result<(), Error> {
        write!(f, "[")?;
        let mut rest = *self;
        while let Some(value) = rest.pop_front() {
            Debug::<T>::fmt(value, ref f)?;
            if !rest.is_empty() {
                write!(f, ", ")?;
            }
        }
        write!(f, "]")
    }
}

impl DebugArray<T, +Debug<T>> of Debug<Array<T>> {
    fn fmt(self: @Array<T>, ref f: Formatter) -> Result<(), Error> {
        Debug::fmt(@self.span(), ref f)
    }
}

impl DebugBox<T, +Debug<T>> of Debug<Box<T>> {
    fn fmt(self: @Box<T>, ref f: Formatter) -> Result<(), Error> {
        Debug::<T>::fmt(self.as_snapshot().unbox(), ref f)
    }
}

impl DebugPair<A, B, +Debug<A>, +Debug<B>> of Debug<(A, B)> {
    fn fmt(self: @(A, B), ref f: Formatter) -> Result<(), Error> {
        let (a, b) = self;
        write!(f, "({a:?}, {b:?})")
    }
}

impl DebugFixedSizeArray<
    T, const N: usize, +Debug<T>, impl ToSpan: crate::array::ToSpanTrait<[T; N], T>,
> of Debug<[T; N]> {
    fn fmt(self: @[T; N], ref f: Formatter) -> Result<(), Error> {
        Debug::fmt(@ToSpan::span(self), ref f)
    }
}

impl DebugUnit of Debug<()> {
    fn fmt(self: @(), ref f: Formatter) -> Result<(), Error> {
        write!(f, "()")
    }
}
