//! Building blocks: multilinear extensions, slots, layers of the lookups, keys and their digits.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rayon::prelude::*;
use stwo::core::fields::FieldExpOps;
use stwo_ml_adversary::cases;
use stwo_ml_adversary::lies::compile;
use stwo_ml_cairo::Arg;
use stwo_ml_calldata::{Felt, Poseidon, pack_digits, pack_model, pack_secure};
use stwo_ml_onchain_tests::{Cairo, felts};
use stwo_ml_verifier::channel::{Suite, Transcript};
use stwo_ml_verifier::encoding::decode;
use stwo_ml_verifier::field::{F, K, P, eq};
use stwo_ml_verifier::key::VerifyingKey;
use stwo_ml_verifier::layout::Slot;
use stwo_ml_verifier::lookup::{LayerProof, verify};
use stwo_ml_verifier::profile::Profile;

fn element(rng: &mut StdRng) -> K {
    K::from_m31_array(std::array::from_fn(|_| F::from(rng.random_range(0..P))))
}

fn point(rng: &mut StdRng, n: usize) -> Vec<K> {
    (0..n).map(|_| element(rng)).collect()
}

fn coordinates(values: &[K]) -> Vec<Felt> {
    values.iter().flat_map(|k| k.to_m31_array()).map(|c| Felt::from(c.0)).collect()
}

/// Each element as a felt of its own.
fn singles(values: &[K]) -> Vec<Felt> {
    values.iter().flat_map(|&k| pack_secure(&[k])).collect()
}

#[test]
fn equality_is_the_same() {
    let cairo = Cairo::compile_blocks();
    let mut rng = StdRng::seed_from_u64(5);
    for n in 1..20 {
        let (x, y) = (point(&mut rng, n), point(&mut rng, n));
        let got = cairo.call("equality", vec![felts(&singles(&x)), felts(&singles(&y))]);
        assert_eq!(got, Ok(coordinates(&[eq(&x, &y)])), "{n} variables");
    }
}

#[test]
fn slots_are_the_same() {
    let cairo = Cairo::compile_blocks();
    let mut rng = StdRng::seed_from_u64(6);
    for n_vars in 1..12u32 {
        for _ in 0..6 {
            // Counts by size that fill at most the table.
            let mut left = 1u64 << n_vars;
            let mut counts = vec![0u32; n_vars as usize + 1];
            for log_size in (0..=n_vars).rev() {
                let most = (left >> log_size).min(5);
                counts[log_size as usize] = rng.random_range(0..=most) as u32;
                left -= u64::from(counts[log_size as usize]) << log_size;
            }
            while counts.last() == Some(&0) {
                counts.pop();
            }
            let at = point(&mut rng, n_vars as usize);
            let mut by_size = vec![vec![]; counts.len()];
            let mut offset = 0;
            for (log_size, &count) in counts.iter().enumerate().rev() {
                for _ in 0..count {
                    let slot = Slot { offset, log_size: log_size as u32 };
                    by_size[log_size].push(slot.split(&at).0);
                    offset += 1 << log_size;
                }
            }
            let numbers: Vec<Felt> = counts.iter().map(|&c| Felt::from(c)).collect();
            let got = cairo.call("slot_weights", vec![felts(&numbers), felts(&singles(&at))]);
            assert_eq!(got, Ok(coordinates(&by_size.concat())), "{counts:?} in 2^{n_vars}");
            // One slot of size zero more than there is room for.
            let mut more = numbers;
            more.resize(more.len().max(1), Felt::ZERO);
            more[0] += Felt::from(left + 1);
            let got = cairo.call("slot_weights", vec![felts(&more), felts(&singles(&at))]);
            assert!(got.is_err_and(|e| e.contains("layout: ")), "{counts:?} in 2^{n_vars}");
        }
    }
}

/// Random layers that satisfy every equation: the last value of each mask is solved for.
fn layers(rng: &mut StdRng, n_vars: usize) -> Vec<LayerProof> {
    let mut transcript = Transcript::<Poseidon>::default();
    let (mut at, mut numerator, mut denominator) = (vec![], K::from(0), K::from(1));
    let mut proofs = vec![];
    for index in 0..n_vars {
        let rounds: Vec<[K; 2]> = (0..index).map(|_| [element(rng), element(rng)]).collect();
        let gamma = if index == 0 { K::from(0) } else { transcript.draw() };
        let mut claim = if index == 0 { K::from(0) } else { numerator + gamma * denominator };
        let mut next = vec![];
        for (&rho, &[h1, h2]) in at.iter().zip(&rounds) {
            transcript.absorb(&[h1, h2]);
            let r = transcript.draw();
            claim += r * (h1 + r * h2) - rho * (h1 + h2);
            next.push(r);
        }
        let [n0, n1, d0] = std::array::from_fn(|_| element(rng));
        let d1 = (claim - n1 * d0) * (n0 + gamma * d0).inverse();
        transcript.absorb(&[n0, n1, d0, d1]);
        let tau = transcript.draw();
        at = [&[tau], &next[..]].concat();
        numerator = n0 + tau * (n1 - n0);
        denominator = d0 + tau * (d1 - d0);
        proofs.push(LayerProof { rounds, mask: [n0, n1, d0, d1] });
    }
    proofs
}

fn pack_layers(layers: &[LayerProof]) -> Vec<Felt> {
    let of_layer = |layer: &LayerProof| {
        let rounds = layer.rounds.iter().flat_map(|round| pack_secure(round));
        rounds.chain(pack_secure(&layer.mask)).collect::<Vec<_>>()
    };
    layers.iter().flat_map(of_layer).collect()
}

#[test]
fn layers_of_lookups_are_the_same() {
    let cairo = Cairo::compile_blocks();
    let mut rng = StdRng::seed_from_u64(7);
    let call = |layers: &[LayerProof]| {
        let arguments = vec![Arg::Value(layers.len().into()), felts(&pack_layers(layers))];
        cairo.call("layers", arguments)
    };
    for n_vars in 1..14 {
        let honest = layers(&mut rng, n_vars);
        let leaf = verify(&mut Transcript::<Poseidon>::default(), n_vars, &honest).expect("layers");
        let values = [&[leaf.numerator, leaf.denominator], &leaf.point[..]].concat();
        assert_eq!(call(&honest), Ok(coordinates(&values)), "{n_vars} variables");
        // A coordinate of any message of any layer.
        for (index, layer) in honest.iter().enumerate() {
            for message in 0..2 * layer.rounds.len() + 4 {
                let mut other = honest.clone();
                let rounds = other[index].rounds.as_flattened_mut();
                let value = match message.checked_sub(rounds.len()) {
                    None => &mut rounds[message],
                    Some(i) => &mut other[index].mask[i],
                };
                let mut limbs = value.to_m31_array();
                limbs[rng.random_range(0..4)] += F::from(rng.random_range(1..P));
                *value = K::from_m31_array(limbs);
                let got = call(&other);
                assert!(verify(&mut Transcript::<Poseidon>::default(), n_vars, &other).is_err());
                let named = got.is_err_and(|e| e.contains("lookup: "));
                assert!(named, "layer {index} of {n_vars}, message {message}");
            }
        }
    }
}

/// The profile of keys that are registered.
fn profile() -> Profile {
    Profile::by_name("conjectured-96-poseidon252").expect("a release profile")
}

#[test]
fn keys_are_the_same() {
    let cairo = Cairo::compile_blocks();
    let mut rng = StdRng::seed_from_u64(8);
    for case in cases() {
        let circuit = compile(&case).circuit;
        let root = Poseidon::hash_from_bytes([3; 32]).expect("below the modulus");
        let vk = VerifyingKey::<Poseidon>::new(profile(), circuit, root, element(&mut rng));
        let vk = vk.expect("a valid circuit");
        let mut want = vec![Felt::from_bytes_be(&vk.model_id())];
        want.push(vk.layouts().stack.log_size.into());
        want.extend(coordinates(vk.ood().0));
        assert_eq!(cairo.call("model", vec![felts(&pack_model(&vk))]), Ok(want), "{}", case.0);
    }
}

/// What Rust reads from digits, Cairo reads too; what Cairo refuses, it refuses by name.
#[test]
fn changed_digits_are_refused_by_name() {
    let cairo = Cairo::compile_blocks();
    for name in ["dense", "strided convolution with padding", "softmax"] {
        let case = cases().into_iter().find(|c| c.0 == name).expect("a model of this name");
        let circuit = compile(&case).circuit;
        let root = Poseidon::hash_from_bytes([3; 32]).expect("below the modulus");
        let key = |circuit| VerifyingKey::<Poseidon>::new(profile(), circuit, root, K::from(5));
        let vk = key(circuit).expect("a valid circuit");
        let honest = pack_model(&vk);
        let n_before = honest.len() - pack_digits(vk.digits()).len();
        let digits = vk.digits().to_vec();
        let mut changed: Vec<Vec<u16>> = (0..digits.len()).map(|n| digits[..n].to_vec()).collect();
        changed.push([&digits[..], &[0]].concat());
        for at in 0..digits.len() {
            for value in [0, 1, digits[at] ^ 1, digits[at] ^ 2, digits[at] + 1, 0x3fff, 0x7fff] {
                let mut other = digits.clone();
                other[at] = value;
                if other != digits && value < 1 << 15 {
                    changed.push(other);
                }
            }
        }
        let accepted: usize = changed
            .par_iter()
            .map(|digits| {
                let read = decode(digits).ok().and_then(|circuit| key(circuit).ok());
                let model = match &read {
                    Some(vk) => pack_model(vk),
                    None => [&honest[..n_before], &pack_digits(digits)].concat(),
                };
                match (read, cairo.call("model", vec![felts(&model)])) {
                    (Some(vk), Ok(got)) => {
                        assert_eq!(got[0], Felt::from_bytes_be(&vk.model_id()));
                        1
                    }
                    (Some(_), Err(reason)) => panic!("{name}: Cairo refuses {digits:?}: {reason}"),
                    (None, Ok(_)) => 0,
                    (None, Err(reason)) => {
                        assert!(reason.contains(": "), "{name}: {digits:?}: {reason}");
                        0
                    }
                }
            })
            .sum();
        assert!(accepted > 0, "{name}: no change of a digit is another circuit");
    }
}
