pub mod sums;

#[cfg(feature: 'three')]
pub fn three() -> felt252 {
    3
}

#[cfg(feature: 'four')]
pub fn four() -> felt252 {
    4
}
