//! Copies made on purpose.

/// Values that can be copied by a function.
pub trait Clone<T> {
    #[must_use]
    fn clone(self: @T) -> T;
}

impl TCopyClone<T, +Copy<T>> of Clone<T> {
    fn clone(self: @T) -> T {
        *self
    }
}

impl PairClone<A, B, +Clone<A>, +Clone<B>, +Destruct<A>, -Copy<(A, B)>> of Clone<(A, B)> {
    fn clone(self: @(A, B)) -> (A, B) {
        let (a, b) = self;
        (a.clone(), b.clone())
    }
}
