//! Bounds of the bounded integers of `field.cairo`: what the compiler needs to know about every sum
//! and product. `p = 2^31 - 1`, `q = p^2`.

#[feature("bounded-int-utils")]
use core::internal::bounded_int::{
    AddHelper, BoundedInt, ConstrainHelper, DivRemHelper, MulHelper, SubHelper, TrimMaxHelper,
    UnitInt,
};

/// A coordinate, `0..=p` for the compiler; values are below `p`.
pub(crate) type Limb = BoundedInt<0, 0x7fffffff>;
/// A remainder of a division by `p`.
pub(crate) type Rem = BoundedInt<0, 0x7ffffffe>;
/// `0..=q`.
pub(crate) type Q1 = BoundedInt<0, 0x3fffffff00000001>;
/// `0..=2 q`.
pub(crate) type Q2 = BoundedInt<0, 0x7ffffffe00000002>;
/// `0..=4 q`.
pub(crate) type Q4 = BoundedInt<0, 0xfffffffc00000004>;
/// `0..=8 q`.
pub(crate) type Q8 = BoundedInt<0, 0x1fffffff800000008>;
/// `-q..=q`.
type D1 = BoundedInt<-0x3fffffff00000001, 0x3fffffff00000001>;
/// `-2 q..=2 q`.
type D2 = BoundedInt<-0x7ffffffe00000002, 0x7ffffffe00000002>;
/// `-3 q..=3 q`.
type D3 = BoundedInt<-0xbffffffd00000003, 0xbffffffd00000003>;
/// `-5 q..=3 q`.
type D53 = BoundedInt<-0x13ffffffb00000005, 0xbffffffd00000003>;
/// `-q..=3 q`.
type D13 = BoundedInt<-0x3fffffff00000001, 0xbffffffd00000003>;
/// `-q..=7 q`.
type D17 = BoundedInt<-0x3fffffff00000001, 0x1bffffff900000007>;
/// `q`.
pub(crate) type UnitQ1 = UnitInt<0x3fffffff00000001>;
/// `2 q`.
pub(crate) type UnitQ2 = UnitInt<0x7ffffffe00000002>;
/// `5 q`.
pub(crate) type UnitQ5 = UnitInt<0x13ffffffb00000005>;
/// `0..=2^100 - 1`: anything that is reduced.
pub(crate) type Sum = BoundedInt<0, 0xfffffffffffffffffffffffff>;
/// `p`.
pub(crate) type UnitP = UnitInt<0x7fffffff>;

pub(crate) impl LimbMul of MulHelper<Limb, Limb> {
    type Result = Q1;
}
pub(crate) impl Q1Add of AddHelper<Q1, Q1> {
    type Result = Q2;
}
pub(crate) impl Q1Sub of SubHelper<Q1, Q1> {
    type Result = D1;
}
pub(crate) impl D1Add of AddHelper<D1, D1> {
    type Result = D2;
}
pub(crate) impl D1AddD2 of AddHelper<D1, D2> {
    type Result = D3;
}
pub(crate) impl D3SubQ2 of SubHelper<D3, Q2> {
    type Result = D53;
}
pub(crate) impl D53AddQ5 of AddHelper<D53, UnitQ5> {
    type Result = Q8;
}
pub(crate) impl Q2Add of AddHelper<Q2, Q2> {
    type Result = Q4;
}
pub(crate) impl Q2AddD1 of AddHelper<Q2, D1> {
    type Result = D13;
}
pub(crate) impl D13AddQ4 of AddHelper<D13, Q4> {
    type Result = D17;
}
pub(crate) impl D17AddQ1 of AddHelper<D17, UnitQ1> {
    type Result = Q8;
}
pub(crate) impl Q2Sub of SubHelper<Q2, Q2> {
    type Result = D2;
}
pub(crate) impl D2AddQ2 of AddHelper<D2, UnitQ2> {
    type Result = Q4;
}
/// `8 q + p`.
pub(crate) impl Q8AddLimb of AddHelper<Q8, Limb> {
    type Result = BoundedInt<0, 0x1fffffff880000007>;
}
/// `16 q`.
pub(crate) impl Q8Add of AddHelper<Q8, Q8> {
    type Result = BoundedInt<0, 0x3fffffff000000010>;
}
/// `2 p`.
pub(crate) impl LimbAdd of AddHelper<Limb, Limb> {
    type Result = BoundedInt<0, 0xfffffffe>;
}
pub(crate) impl LimbSub of SubHelper<Limb, Limb> {
    type Result = BoundedInt<-0x7fffffff, 0x7fffffff>;
}
pub(crate) impl LimbAddConstrain of ConstrainHelper<BoundedInt<0, 0xfffffffe>, 0x7fffffff> {
    type LowT = BoundedInt<0, 0x7ffffffe>;
    type HighT = BoundedInt<0x7fffffff, 0xfffffffe>;
}
pub(crate) impl LimbAddSubP of SubHelper<BoundedInt<0x7fffffff, 0xfffffffe>, UnitP> {
    type Result = Limb;
}
pub(crate) impl LimbSubConstrain of ConstrainHelper<BoundedInt<-0x7fffffff, 0x7fffffff>, 0> {
    type LowT = BoundedInt<-0x7fffffff, -1>;
    type HighT = Limb;
}
pub(crate) impl LimbSubAddP of AddHelper<BoundedInt<-0x7fffffff, -1>, UnitP> {
    type Result = BoundedInt<0, 0x7ffffffe>;
}
pub(crate) impl PSubLimb of SubHelper<UnitP, Limb> {
    type Result = Limb;
}
pub(crate) impl SumDivP of DivRemHelper<Sum, UnitP> {
    type DivT = BoundedInt<0, 0x200000004000000080>;
    type RemT = Rem;
}
pub(crate) impl U128DivP of DivRemHelper<u128, UnitP> {
    type DivT = BoundedInt<0, 0x2000000040000000800000010>;
    type RemT = Rem;
}
/// `2^31`.
pub(crate) type Unit31 = UnitInt<0x80000000>;
pub(crate) impl U128Div31 of DivRemHelper<u128, Unit31> {
    type DivT = BoundedInt<0, 0x1ffffffffffffffffffffffff>;
    type RemT = Limb;
}
/// Quotients of 128 bits by `2^31`, `2^62`, `2^93`.
pub(crate) type Bits97 = BoundedInt<0, 0x1ffffffffffffffffffffffff>;
pub(crate) type Bits66 = BoundedInt<0, 0x3ffffffffffffffff>;
pub(crate) type Bits35 = BoundedInt<0, 0x7ffffffff>;
pub(crate) impl Bits97Div31 of DivRemHelper<Bits97, Unit31> {
    type DivT = Bits66;
    type RemT = Limb;
}
pub(crate) impl Bits66Div31 of DivRemHelper<Bits66, Unit31> {
    type DivT = Bits35;
    type RemT = Limb;
}
/// What is left of 128 bits above four limbs.
pub(crate) type Bits4 = BoundedInt<0, 0xf>;
pub(crate) impl Bits35Div31 of DivRemHelper<Bits35, Unit31> {
    type DivT = Bits4;
    type RemT = Limb;
}
/// `2^27`.
pub(crate) type Unit27 = UnitInt<0x8000000>;
pub(crate) type Bits27 = BoundedInt<0, 0x7ffffff>;
pub(crate) type Bits101 = BoundedInt<0, 0x1fffffffffffffffffffffffff>;
pub(crate) type Bits70 = BoundedInt<0, 0x3fffffffffffffffff>;
pub(crate) type Bits39 = BoundedInt<0, 0x7fffffffff>;
pub(crate) type Bits8 = BoundedInt<0, 0xff>;
pub(crate) impl U128Div27 of DivRemHelper<u128, Unit27> {
    type DivT = Bits101;
    type RemT = Bits27;
}
pub(crate) impl Bits101Div31 of DivRemHelper<Bits101, Unit31> {
    type DivT = Bits70;
    type RemT = Limb;
}
pub(crate) impl Bits70Div31 of DivRemHelper<Bits70, Unit31> {
    type DivT = Bits39;
    type RemT = Limb;
}
pub(crate) impl Bits39Div31 of DivRemHelper<Bits39, Unit31> {
    type DivT = Bits8;
    type RemT = Limb;
}
pub(crate) type Unit16 = UnitInt<16>;
pub(crate) impl Bits27Mul16 of MulHelper<Bits27, Unit16> {
    type Result = BoundedInt<0, 0x7ffffff0>;
}
pub(crate) impl Bits31Add4 of AddHelper<BoundedInt<0, 0x7ffffff0>, Bits4> {
    type Result = Limb;
}

// Centred elements of the base field.

/// `-2^30..=2^30`.
pub(crate) type Centred = BoundedInt<-0x40000000, 0x40000000>;
/// `2^30`.
pub(crate) type Unit30 = UnitInt<0x40000000>;
type C60 = BoundedInt<-0x1000000000000000, 0x1000000000000000>;
type C61 = BoundedInt<-0x2000000000000000, 0x2000000000000000>;
/// `p 2^31 + 2^30`: what makes a sum of two products positive, and its remainder one to centre.
pub(crate) type UnitCentre = UnitInt<0x3fffffffc0000000>;
/// `p 2^31 + 2^30 - 1`.
pub(crate) type UnitDouble = UnitInt<0x3fffffffbfffffff>;
pub(crate) impl CentredMul of MulHelper<Centred, Centred> {
    type Result = C60;
}
pub(crate) impl C60Add of AddHelper<C60, C60> {
    type Result = C61;
}
pub(crate) impl C60Sub of SubHelper<C60, C60> {
    type Result = C61;
}
pub(crate) impl C61AddCentre of AddHelper<C61, UnitCentre> {
    type Result = BoundedInt<0x1fffffffc0000000, 0x5fffffffc0000000>;
}
pub(crate) impl C61AddDouble of AddHelper<C61, UnitDouble> {
    type Result = BoundedInt<0x1fffffffbfffffff, 0x5fffffffbfffffff>;
}
pub(crate) impl RemSub30 of SubHelper<Rem, Unit30> {
    type Result = BoundedInt<-0x40000000, 0x3ffffffe>;
}
/// `-1`.
pub(crate) type UnitMinus1 = UnitInt<-1>;
pub(crate) impl CentredNeg of MulHelper<Centred, UnitMinus1> {
    type Result = Centred;
}
pub(crate) impl U32Div2 of DivRemHelper<u32, UnitInt<2>> {
    type DivT = BoundedInt<0, 0x7fffffff>;
    type RemT = BoundedInt<0, 1>;
}
pub(crate) impl U32DivTo32 of DivRemHelper<u32, UnitInt<32>> {
    type DivT = BoundedInt<0, 0x7ffffff>;
    type RemT = BoundedInt<0, 31>;
}
pub(crate) impl U32DivTo256 of DivRemHelper<u32, UnitInt<256>> {
    type DivT = BoundedInt<0, 0xffffff>;
    type RemT = BoundedInt<0, 255>;
}
pub(crate) impl U32DivTo512 of DivRemHelper<u32, UnitInt<512>> {
    type DivT = BoundedInt<0, 0x7fffff>;
    type RemT = BoundedInt<0, 511>;
}
pub(crate) impl HalfAddSize of AddHelper<BoundedInt<0, 0x7fffffff>, BoundedInt<0, 0x80000000>> {
    type Result = BoundedInt<0, 0xffffffff>;
}

pub(crate) impl U128Mul16 of MulHelper<u128, Unit16> {
    type Result = BoundedInt<0, 0xffffffffffffffffffffffffffffffff0>;
}
pub(crate) impl U128Mul16AddU128 of AddHelper<
    BoundedInt<0, 0xffffffffffffffffffffffffffffffff0>, u128,
> {
    type Result = BoundedInt<0, 0x10ffffffffffffffffffffffffffffffef>;
}
pub(crate) impl U128Mul17DivP of DivRemHelper<
    BoundedInt<0, 0x10ffffffffffffffffffffffffffffffef>, UnitP,
> {
    type DivT = BoundedInt<0, 0x22000000440000008800000110>;
    type RemT = Rem;
}

// Words of 32 bits and their order.

pub(crate) type Unit32 = UnitInt<0x100000000>;
type Bits96 = BoundedInt<0, 0xffffffffffffffffffffffff>;
type Bits64 = BoundedInt<0, 0xffffffffffffffff>;
type Bits32 = BoundedInt<0, 0xffffffff>;
pub(crate) impl U128Div32 of DivRemHelper<u128, Unit32> {
    type DivT = Bits96;
    type RemT = Bits32;
}
pub(crate) impl Bits96Div32 of DivRemHelper<Bits96, Unit32> {
    type DivT = Bits64;
    type RemT = Bits32;
}
pub(crate) impl Bits64Div32 of DivRemHelper<Bits64, Unit32> {
    type DivT = Bits32;
    type RemT = Bits32;
}
pub(crate) impl U32Sub of SubHelper<u32, u32> {
    type Result = BoundedInt<-0xffffffff, 0xffffffff>;
}
pub(crate) impl U32SubConstrain of ConstrainHelper<BoundedInt<-0xffffffff, 0xffffffff>, 0> {
    type LowT = BoundedInt<-0xffffffff, -1>;
    type HighT = BoundedInt<0, 0xffffffff>;
}
pub(crate) impl LimbTrim of TrimMaxHelper<Limb> {
    type Target = Rem;
}
