//! What the compiler needs for itself.

pub mod bounded_int;
pub mod num;

pub extern fn revoke_ap_tracking() implicits() nopanic;
pub extern fn require_implicit<Implicit>() implicits(Implicit) nopanic;
extern type index_enum_type<const NUM_VARIANTS: felt252>;

/// An option whose first variant is `None`.
#[must_use]
#[derive(Copy, Drop, PartialEq)]
pub enum OptionRev<T> {
    None,
    Some: T,
}

/// Drops a value by a certain implementation.
pub struct DropWith<T, impl DropT: Drop<T>> {
    pub value: T,
}
impl DropWithDrop<T, impl DropT: Drop<T>> of Drop<DropWith<T, DropT>>;

/// Drops a value by the implementation that is in scope.
#[derive(Drop)]
pub struct InferDrop<T> {
    pub value: T,
}

/// Destructs a value by a certain implementation.
pub struct DestructWith<T, impl DestructT: Destruct<T>> {
    pub value: T,
}
impl DestructWithDestruct<T, impl DestructT: Destruct<T>> of Destruct<DestructWith<T, DestructT>> {
    fn destruct(self: DestructWith<T, DestructT>) nopanic {
        DestructT::destruct(self.value)
    }
}

/// Destructs a value by the implementation that is in scope.
#[derive(Destruct)]
pub struct InferDestruct<T> {
    pub value: T,
}

/// How a loop in a function ends.
pub enum LoopResult<N, E> {
    Normal: N,
    EarlyReturn: E,
}
