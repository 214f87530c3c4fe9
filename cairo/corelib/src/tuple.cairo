//! Tuples: their elements decide what can be done with them.

impl UnitCopy of Copy<()>;
impl UnitDrop of Drop<()>;

impl UnitDefault of Default<()> {
    fn default() -> () {
        ()
    }
}

impl UnitPartialEq of PartialEq<()> {
    fn eq(lhs: @(), rhs: @()) -> bool {
        true
    }
}

impl UnitSerde of crate::serde::Serde<()> {
    fn serialize(self: @(), ref output: Array<felt252>) {}
    fn deserialize(ref serialized: Span<felt252>) -> Option<()> {
        Some(())
    }
}

impl Tuple1Copy<E0, +Copy<E0>> of Copy<(E0,)>;
impl Tuple1Drop<E0, +Drop<E0>> of Drop<(E0,)>;

impl Tuple1Destruct<E0, +Destruct<E0>, -Drop<(E0,)>> of Destruct<(E0,)> {
    fn destruct(self: (E0,)) nopanic {
        let (_e0,) = self;
    }
}

impl Tuple1PartialEq<E0, +PartialEq<E0>> of PartialEq<(E0,)> {
    fn eq(lhs: @(E0,), rhs: @(E0,)) -> bool {
        let (l0,) = lhs;
        let (r0,) = rhs;
        l0 == r0
    }
}

impl Tuple1Serde<E0, +crate::serde::Serde<E0>, +Drop<E0>> of crate::serde::Serde<(E0,)> {
    fn serialize(self: @(E0,), ref output: Array<felt252>) {
        let (e0,) = self;
        e0.serialize(ref output);
    }

    fn deserialize(ref serialized: Span<felt252>) -> Option<(E0,)> {
        let e0 = crate::serde::Serde::deserialize(ref serialized)?;
        Some((e0,))
    }
}

impl Tuple2Copy<E0, E1, +Copy<E0>, +Copy<E1>> of Copy<(E0, E1)>;
impl Tuple2Drop<E0, E1, +Drop<E0>, +Drop<E1>> of Drop<(E0, E1)>;

impl Tuple2Destruct<E0, E1, +Destruct<E0>, +Destruct<E1>, -Drop<(E0, E1)>> of Destruct<(E0, E1)> {
    fn destruct(self: (E0, E1)) nopanic {
        let (_e0, _e1) = self;
    }
}

impl Tuple2PartialEq<E0, E1, +PartialEq<E0>, +PartialEq<E1>> of PartialEq<(E0, E1)> {
    fn eq(lhs: @(E0, E1), rhs: @(E0, E1)) -> bool {
        let (l0, l1) = lhs;
        let (r0, r1) = rhs;
        l0 == r0 && l1 == r1
    }
}

impl Tuple2Serde<
    E0, E1, +crate::serde::Serde<E0>, +crate::serde::Serde<E1>, +Drop<E0>, +Drop<E1>,
> of crate::serde::Serde<(E0, E1)> {
    fn serialize(self: @(E0, E1), ref output: Array<felt252>) {
        let (e0, e1) = self;
        e0.serialize(ref output);
        e1.serialize(ref output);
    }

    fn deserialize(ref serialized: Span<felt252>) -> Option<(E0, E1)> {
        let e0 = crate::serde::Serde::deserialize(ref serialized)?;
        let e1 = crate::serde::Serde::deserialize(ref serialized)?;
        Some((e0, e1))
    }
}

impl Tuple3Copy<E0, E1, E2, +Copy<E0>, +Copy<E1>, +Copy<E2>> of Copy<(E0, E1, E2)>;
impl Tuple3Drop<E0, E1, E2, +Drop<E0>, +Drop<E1>, +Drop<E2>> of Drop<(E0, E1, E2)>;

impl Tuple3Destruct<
    E0, E1, E2, +Destruct<E0>, +Destruct<E1>, +Destruct<E2>, -Drop<(E0, E1, E2)>,
> of Destruct<(E0, E1, E2)> {
    fn destruct(self: (E0, E1, E2)) nopanic {
        let (_e0, _e1, _e2) = self;
    }
}

impl Tuple3PartialEq<
    E0, E1, E2, +PartialEq<E0>, +PartialEq<E1>, +PartialEq<E2>,
> of PartialEq<(E0, E1, E2)> {
    fn eq(lhs: @(E0, E1, E2), rhs: @(E0, E1, E2)) -> bool {
        let (l0, l1, l2) = lhs;
        let (r0, r1, r2) = rhs;
        l0 == r0 && l1 == r1 && l2 == r2
    }
}

impl Tuple3Serde<
    E0,
    E1,
    E2,
    +crate::serde::Serde<E0>,
    +crate::serde::Serde<E1>,
    +crate::serde::Serde<E2>,
    +Drop<E0>,
    +Drop<E1>,
    +Drop<E2>,
> of crate::serde::Serde<(E0, E1, E2)> {
    fn serialize(self: @(E0, E1, E2), ref output: Array<felt252>) {
        let (e0, e1, e2) = self;
        e0.serialize(ref output);
        e1.serialize(ref output);
        e2.serialize(ref output);
    }

    fn deserialize(ref serialized: Span<felt252>) -> Option<(E0, E1, E2)> {
        let e0 = crate::serde::Serde::deserialize(ref serialized)?;
        let e1 = crate::serde::Serde::deserialize(ref serialized)?;
        let e2 = crate::serde::Serde::deserialize(ref serialized)?;
        Some((e0, e1, e2))
    }
}

impl Tuple4Copy<
    E0, E1, E2, E3, +Copy<E0>, +Copy<E1>, +Copy<E2>, +Copy<E3>,
> of Copy<(E0, E1, E2, E3)>;
impl Tuple4Drop<
    E0, E1, E2, E3, +Drop<E0>, +Drop<E1>, +Drop<E2>, +Drop<E3>,
> of Drop<(E0, E1, E2, E3)>;

impl Tuple4Destruct<
    E0,
    E1,
    E2,
    E3,
    +Destruct<E0>,
    +Destruct<E1>,
    +Destruct<E2>,
    +Destruct<E3>,
    -Drop<(E0, E1, E2, E3)>,
> of Destruct<(E0, E1, E2, E3)> {
    fn destruct(self: (E0, E1, E2, E3)) nopanic {
        let (_e0, _e1, _e2, _e3) = self;
    }
}

impl Tuple4PartialEq<
    E0, E1, E2, E3, +PartialEq<E0>, +PartialEq<E1>, +PartialEq<E2>, +PartialEq<E3>,
> of PartialEq<(E0, E1, E2, E3)> {
    fn eq(lhs: @(E0, E1, E2, E3), rhs: @(E0, E1, E2, E3)) -> bool {
        let (l0, l1, l2, l3) = lhs;
        let (r0, r1, r2, r3) = rhs;
        l0 == r0 && l1 == r1 && l2 == r2 && l3 == r3
    }
}

impl Tuple4Serde<
    E0,
    E1,
    E2,
    E3,
    +crate::serde::Serde<E0>,
    +crate::serde::Serde<E1>,
    +crate::serde::Serde<E2>,
    +crate::serde::Serde<E3>,
    +Drop<E0>,
    +Drop<E1>,
    +Drop<E2>,
    +Drop<E3>,
> of crate::serde::Serde<(E0, E1, E2, E3)> {
    fn serialize(self: @(E0, E1, E2, E3), ref output: Array<felt252>) {
        let (e0, e1, e2, e3) = self;
        e0.serialize(ref output);
        e1.serialize(ref output);
        e2.serialize(ref output);
        e3.serialize(ref output);
    }

    fn deserialize(ref serialized: Span<felt252>) -> Option<(E0, E1, E2, E3)> {
        let e0 = crate::serde::Serde::deserialize(ref serialized)?;
        let e1 = crate::serde::Serde::deserialize(ref serialized)?;
        let e2 = crate::serde::Serde::deserialize(ref serialized)?;
        let e3 = crate::serde::Serde::deserialize(ref serialized)?;
        Some((e0, e1, e2, e3))
    }
}

impl Tuple5Copy<
    E0, E1, E2, E3, E4, +Copy<E0>, +Copy<E1>, +Copy<E2>, +Copy<E3>, +Copy<E4>,
> of Copy<(E0, E1, E2, E3, E4)>;
impl Tuple5Drop<
    E0, E1, E2, E3, E4, +Drop<E0>, +Drop<E1>, +Drop<E2>, +Drop<E3>, +Drop<E4>,
> of Drop<(E0, E1, E2, E3, E4)>;

impl Tuple6Copy<
    E0, E1, E2, E3, E4, E5, +Copy<E0>, +Copy<E1>, +Copy<E2>, +Copy<E3>, +Copy<E4>, +Copy<E5>,
> of Copy<(E0, E1, E2, E3, E4, E5)>;
impl Tuple6Drop<
    E0, E1, E2, E3, E4, E5, +Drop<E0>, +Drop<E1>, +Drop<E2>, +Drop<E3>, +Drop<E4>, +Drop<E5>,
> of Drop<(E0, E1, E2, E3, E4, E5)>;

impl Tuple7Copy<
    E0,
    E1,
    E2,
    E3,
    E4,
    E5,
    E6,
    +Copy<E0>,
    +Copy<E1>,
    +Copy<E2>,
    +Copy<E3>,
    +Copy<E4>,
    +Copy<E5>,
    +Copy<E6>,
> of Copy<(E0, E1, E2, E3, E4, E5, E6)>;
impl Tuple7Drop<
    E0,
    E1,
    E2,
    E3,
    E4,
    E5,
    E6,
    +Drop<E0>,
    +Drop<E1>,
    +Drop<E2>,
    +Drop<E3>,
    +Drop<E4>,
    +Drop<E5>,
    +Drop<E6>,
> of Drop<(E0, E1, E2, E3, E4, E5, E6)>;

impl Tuple8Copy<
    E0,
    E1,
    E2,
    E3,
    E4,
    E5,
    E6,
    E7,
    +Copy<E0>,
    +Copy<E1>,
    +Copy<E2>,
    +Copy<E3>,
    +Copy<E4>,
    +Copy<E5>,
    +Copy<E6>,
    +Copy<E7>,
> of Copy<(E0, E1, E2, E3, E4, E5, E6, E7)>;
impl Tuple8Drop<
    E0,
    E1,
    E2,
    E3,
    E4,
    E5,
    E6,
    E7,
    +Drop<E0>,
    +Drop<E1>,
    +Drop<E2>,
    +Drop<E3>,
    +Drop<E4>,
    +Drop<E5>,
    +Drop<E6>,
    +Drop<E7>,
> of Drop<(E0, E1, E2, E3, E4, E5, E6, E7)>;
