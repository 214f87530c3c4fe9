//! Building blocks: field, transcript, trees, points of the codes.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use stwo::core::channel::MerkleChannel;
use stwo::core::fields::m31::BaseField;
use stwo::core::poly::circle::CanonicCoset;
use stwo::core::utils::bit_reverse_index;
use stwo::core::vcs_lifted::merkle_hasher::MerkleHasherLifted;
use stwo_ml_cairo::Arg;
use stwo_ml_calldata::{Felt, Poseidon, pack_hash, pack_secure};
use stwo_ml_onchain_tests::{Cairo, felts};
use stwo_ml_verifier::channel::{Hash, Suite, Transcript};
use stwo_ml_verifier::field::{K, P};
use stwo_ml_verifier::merkle::{n_siblings, verify};

type Hasher = <Poseidon as MerkleChannel>::H;

/// Mostly random, often an end of the range.
fn base(rng: &mut StdRng) -> BaseField {
    BaseField::from_u32_unchecked(match rng.random_range(0..6) {
        0 => 0,
        1 => P - 1,
        2 => rng.random_range(0..3),
        _ => rng.random_range(0..P),
    })
}

fn element(rng: &mut StdRng) -> K {
    K::from_m31_array(std::array::from_fn(|_| base(rng)))
}

fn hash(rng: &mut StdRng) -> Hash<Poseidon> {
    let mut bytes: [u8; 32] = rng.random();
    bytes[0] &= 7;
    bytes[0] = bytes[0].min(6);
    Poseidon::hash_from_bytes(bytes).expect("below the modulus")
}

fn coordinates(values: &[K]) -> Vec<Felt> {
    values.iter().flat_map(|k| k.to_m31_array()).map(|c| Felt::from(c.0)).collect()
}

#[test]
fn the_field_is_the_same() {
    let cairo = Cairo::compile_blocks();
    let mut rng = StdRng::seed_from_u64(1);
    for _ in 0..200 {
        let [a, b, c] = std::array::from_fn(|_| element(&mut rng));
        let arguments = [pack_secure(&[a, b])[0], pack_secure(&[c])[0]].map(Arg::Value);
        let got = cairo.call("arithmetic", arguments.to_vec()).expect("canonical felts");
        let lerp = a + c * (b - a);
        let want = [a * b, a * b + c, a * b + c * a, lerp, a - b, -a, a + b];
        assert_eq!(got, coordinates(&want), "{a} {b} {c}");
    }
}

#[test]
fn the_transcript_is_the_same() {
    let cairo = Cairo::compile_blocks();
    let mut rng = StdRng::seed_from_u64(2);
    for _ in 0..20 {
        let mut transcript = Transcript::<Poseidon>::default();
        let (mut steps, mut want) = (vec![], vec![]);
        for _ in 0..12 {
            match rng.random_range(0..7) {
                0 => {
                    let n = rng.random_range(1..8);
                    let values: Vec<K> = (0..n).map(|_| element(&mut rng)).collect();
                    let packed = pack_secure(&values);
                    steps.extend([Felt::ZERO, packed.len().into()]);
                    steps.extend(packed);
                    transcript.absorb(&values);
                }
                1 => {
                    let root = hash(&mut rng);
                    steps.extend([Felt::ONE, pack_hash(&root)]);
                    transcript.absorb_root(root);
                }
                2 => {
                    let nonce = rng.random();
                    steps.extend([Felt::TWO, Felt::from(nonce)]);
                    assert!(transcript.check_pow(0, nonce));
                }
                3 => {
                    steps.extend([Felt::THREE, Felt::ZERO]);
                    want.extend(coordinates(&[transcript.draw()]));
                }
                4 => {
                    let n = rng.random_range(1..9);
                    steps.extend([Felt::from(4), n.into()]);
                    want.extend(coordinates(&transcript.draw_many(n)));
                }
                5 => {
                    // 15 bits of each value, 16 to a felt: what digits are absorbed as.
                    let values: Vec<u32> = (0..rng.random_range(1..40))
                        .map(|_| rng.random_range(0..1 << 15))
                        .collect();
                    let packed: Vec<Felt> = values
                        .chunks(16)
                        .map(|group| {
                            let fold = |acc, &v: &u32| acc * Felt::from(1 << 15) + Felt::from(v);
                            group.iter().rev().fold(Felt::ZERO, fold)
                        })
                        .collect();
                    steps.extend([Felt::ZERO, packed.len().into()]);
                    steps.extend(packed);
                    transcript.absorb_packed(&values, 15);
                }
                _ => {
                    let (n, log_size) = (rng.random_range(1..60usize), rng.random_range(3..=26u32));
                    steps.extend([Felt::from(5), n.into(), log_size.into()]);
                    let positions = transcript.draw_positions(n, log_size);
                    want.extend(positions.into_iter().map(Felt::from));
                }
            }
            want.push(Felt::from_bytes_be(&transcript.digest()));
        }
        let got = cairo.call("transcript", vec![felts(&steps)]).expect("known steps");
        assert_eq!(got, want);
    }
}

#[test]
fn trees_are_the_same() {
    let cairo = Cairo::compile_blocks();
    let mut rng = StdRng::seed_from_u64(3);
    for depth in 5..=11u32 {
        let leaves: Vec<[BaseField; 4]> =
            (0..1 << depth).map(|_| std::array::from_fn(|_| base(&mut rng))).collect();
        let leaf = |values: &[BaseField; 4]| {
            let mut hasher = Hasher::default();
            hasher.update_leaf(values);
            hasher.finalize()
        };
        let mut levels = vec![leaves.iter().map(leaf).collect::<Vec<_>>()];
        for level in 0..depth as usize {
            let pairs = levels[level].as_chunks::<2>().0;
            levels.push(pairs.iter().map(|&[l, r]| Hasher::hash_children((l, r))).collect());
        }
        let root = levels[depth as usize][0];
        for n in [1, 2, 5, 30] {
            let mut positions: Vec<usize> =
                (0..n).map(|_| rng.random_range(0..1 << depth)).collect();
            positions.sort_unstable();
            positions.dedup();
            let siblings = siblings(&levels, &positions);
            assert_eq!(siblings.len(), n_siblings(&positions, depth));
            let values: Vec<BaseField> = positions.iter().flat_map(|&p| leaves[p]).collect();
            verify::<Hasher>(&root, depth, &positions, 4, &values, &siblings).expect("a tree");
            let hashes: Vec<Felt> = positions.iter().map(|&p| pack_hash(&levels[0][p])).collect();
            let packed: Vec<Felt> = siblings.iter().map(pack_hash).collect();
            let call = |hashes: &[Felt], siblings: &[Felt]| {
                let positions: Vec<Felt> = positions.iter().map(|&p| Felt::from(p)).collect();
                let depth = Arg::Value(depth.into());
                let arguments = vec![depth, felts(&positions), felts(hashes), felts(siblings)];
                cairo.call("tree_root", arguments)
            };
            assert_eq!(call(&hashes, &packed), Ok(vec![pack_hash(&root)]), "depth {depth}");
            let mut other = packed.clone();
            other[0] += Felt::ONE;
            assert_ne!(call(&hashes, &other), Ok(vec![pack_hash(&root)]));
            assert!(call(&hashes, &packed[1..]).is_err());
            assert!(call(&hashes, &[&packed[..], &[Felt::ZERO]].concat()).is_err());
        }
    }
}

/// The siblings that opened nodes do not determine, level by level.
fn siblings(levels: &[Vec<Hash<Poseidon>>], positions: &[usize]) -> Vec<Hash<Poseidon>> {
    let mut nodes = positions.to_vec();
    let mut siblings = vec![];
    for level in &levels[..levels.len() - 1] {
        let opened = nodes.clone();
        let alone = opened.iter().filter(|&&node| !opened.contains(&(node ^ 1)));
        siblings.extend(alone.map(|&node| level[node ^ 1]));
        nodes = opened.iter().map(|node| node >> 1).collect();
        nodes.dedup();
    }
    siblings
}

#[test]
fn the_points_of_codes_are_the_same() {
    let cairo = Cairo::compile();
    let mut rng = StdRng::seed_from_u64(4);
    let modulus = |felt: Felt| {
        // Cairo's coordinates are centred: between minus and plus 2^30.
        let shifted = u64::try_from(felt + Felt::from(P)).expect("a small integer");
        (shifted % u64::from(P)) as u32
    };
    for log_size in 5..=26u32 {
        for _ in 0..12 {
            let position = rng.random_range(0..1usize << log_size);
            let domain = CanonicCoset::new(log_size).circle_domain();
            let want = domain.at(bit_reverse_index(position, log_size));
            let arguments = [position, 1 << log_size, P as usize];
            let arguments = arguments.map(|v| Arg::Value(Felt::from(v)));
            let got = cairo.call("domain::point_at", arguments.to_vec()).expect("a position");
            let got: Vec<u32> = got.into_iter().map(modulus).collect();
            assert_eq!(got, [want.x.0, want.y.0], "position {position} of 2^{log_size}");
        }
    }
}
