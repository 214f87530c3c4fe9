//! Arrays of fixed size.

impl FixedSizeArrayDrop<T, +Drop<T>, const N: usize> of Drop<[T; N]>;
impl FixedSizeArrayCopy<T, +Copy<T>, const N: usize> of Copy<[T; N]>;

impl FixedSizeArray1PartialEq<T, +PartialEq<T>> of PartialEq<[T; 1]> {
    fn eq(lhs: @[T; 1], rhs: @[T; 1]) -> bool {
        let [l0] = lhs;
        let [r0] = rhs;
        l0 == r0
    }
}

impl FixedSizeArray2PartialEq<T, +PartialEq<T>> of PartialEq<[T; 2]> {
    fn eq(lhs: @[T; 2], rhs: @[T; 2]) -> bool {
        let [l0, l1] = lhs;
        let [r0, r1] = rhs;
        l0 == r0 && l1 == r1
    }
}

impl FixedSizeArray3PartialEq<T, +PartialEq<T>> of PartialEq<[T; 3]> {
    fn eq(lhs: @[T; 3], rhs: @[T; 3]) -> bool {
        let [l0, l1, l2] = lhs;
        let [r0, r1, r2] = rhs;
        l0 == r0 && l1 == r1 && l2 == r2
    }
}

impl FixedSizeArray4PartialEq<T, +PartialEq<T>> of PartialEq<[T; 4]> {
    fn eq(lhs: @[T; 4], rhs: @[T; 4]) -> bool {
        let [l0, l1, l2, l3] = lhs;
        let [r0, r1, r2, r3] = rhs;
        l0 == r0 && l1 == r1 && l2 == r2 && l3 == r3
    }
}

impl FixedSizeArray5PartialEq<T, +PartialEq<T>> of PartialEq<[T; 5]> {
    fn eq(lhs: @[T; 5], rhs: @[T; 5]) -> bool {
        let [l0, l1, l2, l3, l4] = lhs;
        let [r0, r1, r2, r3, r4] = rhs;
        l0 == r0 && l1 == r1 && l2 == r2 && l3 == r3 && l4 == r4
    }
}

impl FixedSizeArray6PartialEq<T, +PartialEq<T>> of PartialEq<[T; 6]> {
    fn eq(lhs: @[T; 6], rhs: @[T; 6]) -> bool {
        let [l0, l1, l2, l3, l4, l5] = lhs;
        let [r0, r1, r2, r3, r4, r5] = rhs;
        l0 == r0 && l1 == r1 && l2 == r2 && l3 == r3 && l4 == r4 && l5 == r5
    }
}

impl FixedSizeArray7PartialEq<T, +PartialEq<T>> of PartialEq<[T; 7]> {
    fn eq(lhs: @[T; 7], rhs: @[T; 7]) -> bool {
        let [l0, l1, l2, l3, l4, l5, l6] = lhs;
        let [r0, r1, r2, r3, r4, r5, r6] = rhs;
        l0 == r0 && l1 == r1 && l2 == r2 && l3 == r3 && l4 == r4 && l5 == r5 && l6 == r6
    }
}

impl FixedSizeArray8PartialEq<T, +PartialEq<T>> of PartialEq<[T; 8]> {
    fn eq(lhs: @[T; 8], rhs: @[T; 8]) -> bool {
        let [l0, l1, l2, l3, l4, l5, l6, l7] = lhs;
        let [r0, r1, r2, r3, r4, r5, r6, r7] = rhs;
        l0 == r0 && l1 == r1 && l2 == r2 && l3 == r3 && l4 == r4 && l5 == r5 && l6 == r6 && l7 == r7
    }
}

impl FixedSizeArray16PartialEq<T, +PartialEq<T>> of PartialEq<[T; 16]> {
    fn eq(lhs: @[T; 16], rhs: @[T; 16]) -> bool {
        let [l0, l1, l2, l3, l4, l5, l6, l7, l8, l9, l10, l11, l12, l13, l14, l15] = lhs;
        let [r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, r12, r13, r14, r15] = rhs;
        l0 == r0
            && l1 == r1
            && l2 == r2
            && l3 == r3
            && l4 == r4
            && l5 == r5
            && l6 == r6
            && l7 == r7
            && l8 == r8
            && l9 == r9
            && l10 == r10
            && l11 == r11
            && l12 == r12
            && l13 == r13
            && l14 == r14
            && l15 == r15
    }
}
