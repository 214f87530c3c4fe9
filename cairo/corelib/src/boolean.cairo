//! Helpers of truth values.

#[generate_trait]
pub impl BoolImpl<T, +Drop<T>> of BoolTrait<T> {
    /// `t` if true.
    #[inline]
    fn then_some(self: bool, t: T) -> Option<T> nopanic {
        if self {
            Some(t)
        } else {
            None
        }
    }
}
