//! Calls of closures.

/// Closures that are called once.
pub trait FnOnce<T, Args> {
    type Output;
    fn call(self: T, args: Args) -> Self::Output;
}

/// Closures that may be called again.
pub trait Fn<T, Args> {
    type Output;
    fn call(self: @T, args: Args) -> Self::Output;
}

impl FnOnceImpl<T, Args, +Destruct<T>, +Fn<T, Args>> of FnOnce<T, Args> {
    type Output = Fn::<T, Args>::Output;
    fn call(self: T, args: Args) -> Self::Output {
        Fn::call(@self, args)
    }
}
