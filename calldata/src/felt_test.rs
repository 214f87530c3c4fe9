use super::*;

fn limb(i: u32) -> F {
    F::from_u32_unchecked(i.wrapping_mul(2_654_435_761) % P)
}

fn secure(i: u32) -> K {
    K::from_m31_array([limb(i), limb(i + 1), limb(i + 2), limb(i + 3)])
}

#[test]
fn elements_are_packed_below_a_leading_one() {
    let shift = Felt::TWO.pow(31u32);
    let fold =
        |first: Felt, limbs: &[F]| limbs.iter().fold(first, |acc, c| acc * shift + Felt::from(c.0));
    let (a, b) = (secure(1), secure(90));
    let limbs = [a.to_m31_array(), b.to_m31_array()].concat();
    assert_eq!(pack_secure(&[a, b]), [fold(Felt::ONE, &limbs)]);
    assert_eq!(pack_secure(&[a, b, a])[1], fold(Felt::ONE, &limbs[..4]));
    assert_eq!(pack_secure(&[]), Vec::<Felt>::new());
    // A short leaf is filled from the bottom, its length at bit 248.
    let short = fold(Felt::ZERO, &limbs[..3]) + Felt::THREE * Felt::TWO.pow(248u32);
    assert_eq!(pack_leaf(&limbs[..3]), [short]);
    assert_eq!(pack_leaf(&limbs), [fold(Felt::ZERO, &limbs)]);
}

#[test]
fn every_bit_of_a_felt_counts() {
    let values = [secure(5), secure(6)];
    let largest = [F::from_u32_unchecked(P - 1); 8];
    for felt in [pack_secure(&values)[0], pack_secure(&values[..1])[0], pack_leaf(&largest)[0]] {
        for bit in 0..251 {
            let changed = felt + Felt::TWO.pow(bit as u32);
            for n in [1, 2] {
                if let Ok(read) = unpack_secure(changed, n) {
                    assert_eq!(pack_secure(&read), [changed]);
                }
            }
            for n in 1..=8 {
                if let Ok(read) = unpack_leaf(changed, n) {
                    assert_eq!(pack_leaf(&read), [changed]);
                }
            }
            for (n, width) in [(22, 11), (8, 31), (7, 32), (1, 1), (16, 15)] {
                if let Ok(read) = unpack_values(changed, n, width) {
                    assert_eq!(pack_values(&read, width), [changed]);
                }
            }
        }
    }
    assert_eq!(unpack_leaf(pack_leaf(&largest)[0], 8).as_deref(), Ok(&largest[..]));
    assert_eq!(unpack_secure(pack_secure(&values)[0], 2).as_deref(), Ok(&values[..]));
    assert_eq!(unpack_secure(pack_secure(&values)[0], 1), Err(Fault::Above));
    let one = Felt::ONE;
    assert_eq!(unpack_leaf(pack_leaf(&largest)[0] + one, 8), Err(Fault::Limb));
    assert_eq!(unpack_values(Felt::TWO.pow(242u32), 22, 11), Err(Fault::Above));
}
