//! Operators with more than one type.

mod arith;
mod deref;
mod function;
pub mod index;
mod range;
pub use arith::{AddAssign, DivAssign, MulAssign, RemAssign, SubAssign};
pub use deref::{Deref, DerefMut};
pub use function::{Fn, FnOnce};
pub use index::{Index, IndexView};
pub use range::{Range, RangeInclusive};
#[allow(unused_imports)]
use range::{RangeInclusiveOp, RangeOp};
