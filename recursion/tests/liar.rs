//! A prover who has run nothing: all columns are zero. The first addresses of builtins' components are not in the
//! transcript of stwo-cairo, and are solved for in the end, so that the constraints hold.

use std::array;

use cairo_air::CairoProofForRustVerifier;
use cairo_air::air::{MemorySmallValue, PublicData, SegmentRange};
use cairo_air::cairo_components::CairoComponents;
use cairo_air::claims::{CairoClaim, CairoInteractionClaim};
use cairo_air::relations::CommonLookupElements;
use cairo_air::verifier::{INTERACTION_POW_BITS, verify_cairo};
use serde_json::{Value, json};
use stwo::core::air::Components;
use stwo::core::channel::{Blake2sChannel, Channel as _};
use stwo::core::circle::CirclePoint;
use stwo::core::fields::m31::BaseField;
use stwo::core::fields::qm31::SecureField;
use stwo::core::poly::circle::CanonicCoset;
use stwo::core::proof::StarkProof;
use stwo::core::proof_of_work::GrindOps as _;
use stwo::core::vcs_lifted::blake2_merkle::{Blake2sMerkleChannel, Blake2sMerkleHasher};
use stwo::prover::CommitmentSchemeProver;
use stwo::prover::backend::simd::SimdBackend;
use stwo::prover::backend::{Col, Column as _};
use stwo::prover::poly::BitReversedOrder;
use stwo::prover::poly::circle::{CircleEvaluation, PolyOps as _};
use stwo_ml_recursion::cells::release;
use stwo_ml_recursion::file::Group;
use stwo_ml_recursion::params::{MAX_LOG_SIZE, PCS, PREPROCESSED};
use stwo_ml_recursion::statement::{Statement, output};
use stwo_ml_recursion::verify::{Rejected, verify_group};

/// Builtins whose addresses are solved for: four coordinates of one equation.
const BUILTINS: [[&str; 2]; 6] = [
    ["add_mod_builtin", "add_mod_builtin_segment_start"],
    ["mul_mod_builtin", "mul_mod_builtin_segment_start"],
    ["pedersen_builtin", "pedersen_builtin_segment_start"],
    ["poseidon_builtin", "poseidon_builtin_segment_start"],
    ["range_check96_builtin", "range_check96_builtin_segment_start"],
    ["ec_op_builtin", "ec_op_builtin_segment_start"],
];

/// log2 of the rows of its components, but for the largest, a table.
const LOG_SIZE: u32 = 4;

/// log2 of the rows of that table, `range_check_20`.
const LARGEST: u32 = 20;

type Evaluation = CircleEvaluation<SimdBackend, BaseField, BitReversedOrder>;

fn zeros(log_size: u32) -> Evaluation {
    let column = Col::<SimdBackend, BaseField>::zeros(1 << log_size);
    CircleEvaluation::new(CanonicCoset::new(log_size).circle_domain(), column)
}

/// A run of the release's program that has this output.
fn public_data(statements: &[Statement]) -> PublicData {
    let mut data = PublicData::default();
    let [first, last] = [1 << 20, (1 << 20) + 100].map(BaseField::from);
    data.initial_state.pc = BaseField::from(1);
    data.initial_state.ap = first;
    data.initial_state.fp = first;
    data.final_state.pc = BaseField::from(5);
    data.final_state.ap = last;
    data.final_state.fp = first;
    let memory = &mut data.public_memory;
    let cells = release();
    memory.program = cells.ids.iter().copied().zip(cells.felts()).collect();
    let words = output(statements).map(|felt| {
        let bytes = felt.to_bytes_le();
        array::from_fn(|i| u32::from_le_bytes(array::from_fn(|j| bytes[4 * i + j])))
    });
    memory.output = words.map(|words| (0, words)).to_vec();
    let pointer = |value| MemorySmallValue { id: 0, value };
    let segments = &mut memory.public_segments;
    segments.output = SegmentRange { start_ptr: pointer(last.0), stop_ptr: pointer(last.0 + 3) };
    segments.range_check_128 = Some(SegmentRange::default());
    segments.bitwise = Some(SegmentRange::default());
    data
}

fn claim(data: &PublicData, starts: &[u32; 6]) -> CairoClaim {
    let mut claim = json!({
        "public_data": data,
        "memory_address_to_id": { "log_size": LOG_SIZE },
        "memory_id_to_big": { "big_log_sizes": [LOG_SIZE] },
        "range_check_20": {},
    });
    for ([name, start], value) in BUILTINS.into_iter().zip(starts) {
        claim[name] = json!({ "log_size": LOG_SIZE, start: value });
    }
    serde_json::from_value(claim).expect("a claim")
}

/// All sums are zero, but for one, which makes the total right.
fn interaction_claim(sum: SecureField) -> CairoInteractionClaim {
    let of = |sum: SecureField| json!({ "claimed_sum": sum });
    let zero = SecureField::default();
    let mut claim = json!({
        "memory_address_to_id": of(sum),
        "memory_id_to_big": { "big_claimed_sums": [zero], "claimed_sum": zero },
        "range_check_20": of(zero),
    });
    BUILTINS.into_iter().for_each(|[name, _]| claim[name] = of(zero));
    let claim: Value = claim;
    serde_json::from_value(claim).expect("a claim")
}

/// `x` with `sum_j x_j columns_j = target`, by elimination.
fn solve(columns: &[SecureField; 6], target: SecureField) -> [u32; 6] {
    let mut rows: [[BaseField; 7]; 4] = array::from_fn(|i| {
        let mut row = [BaseField::default(); 7];
        let all = columns.iter().chain([&target]);
        row.iter_mut().zip(all).for_each(|(entry, k)| *entry = k.to_m31_array()[i]);
        row
    });
    let mut pivots = [0; 4];
    for i in 0..4 {
        let zero = BaseField::default();
        let pivot = (0..6).find(|&j| rows[i][j] != zero).expect("independent equations");
        pivots[i] = pivot;
        let inverse = rows[i][pivot].inverse();
        rows[i].iter_mut().for_each(|entry| *entry *= inverse);
        let row = rows[i];
        for (_, other) in rows.iter_mut().enumerate().filter(|(k, _)| *k != i) {
            let factor = other[pivot];
            other.iter_mut().zip(row).for_each(|(entry, value)| *entry -= factor * value);
        }
    }
    let mut solution = [0; 6];
    pivots.iter().zip(rows).for_each(|(&j, row)| solution[j] = row[6].0);
    solution
}

/// A proof of these statements, whatever they are.
fn forge(statements: &[Statement]) -> CairoProofForRustVerifier<Blake2sMerkleHasher> {
    let data = public_data(statements);
    let preprocessed = PREPROCESSED.to_preprocessed_trace();
    let blowup = PCS.fri_config.log_blowup_factor;
    let domain = CanonicCoset::new(MAX_LOG_SIZE + blowup).circle_domain();
    let twiddles = SimdBackend::precompute_twiddles(domain.half_coset);
    let mut scheme =
        CommitmentSchemeProver::<SimdBackend, Blake2sMerkleChannel>::new(PCS, &twiddles);
    let channel = &mut Blake2sChannel::default();
    channel.mix_felts(&[SecureField::default()]);
    PCS.mix_into(channel);
    let commit = |scheme: &mut CommitmentSchemeProver<'_, _, _>, columns, channel: &mut _| {
        let mut builder = scheme.tree_builder();
        builder.extend_evals(columns);
        builder.commit(channel);
    };
    let columns = preprocessed.columns.iter().map(|column| column.gen_column_simd()).collect();
    commit(&mut scheme, columns, channel);
    let first = claim(&data, &[0; 6]);
    first.mix_into::<Blake2sMerkleChannel>(channel);
    let log_sizes = first.log_sizes();
    commit(&mut scheme, log_sizes[0].iter().map(|&n| zeros(n)).collect(), channel);
    let interaction_pow = SimdBackend::grind(channel, INTERACTION_POW_BITS);
    channel.mix_u64(interaction_pow);
    let elements = CommonLookupElements::draw(channel);
    let interaction_claim = interaction_claim(-data.logup_sum(&elements));
    interaction_claim.mix_into(channel);
    commit(&mut scheme, log_sizes[1].iter().map(|&n| zeros(n)).collect(), channel);
    let random = channel.draw_secure_felt();
    commit(&mut scheme, (0..8).map(|_| zeros(LARGEST)).collect(), channel);
    let point = CirclePoint::<SecureField>::get_random_point(channel);
    let ids = preprocessed.ids();
    let with = |starts: &[u32; 6], f: &mut dyn FnMut(&Components<'_>)| {
        let claim = claim(&data, starts);
        let all = CairoComponents::new(&claim, &elements, &interaction_claim, &ids);
        let components = all.components();
        f(&Components { components, n_preprocessed_columns: ids.len() });
    };
    let mut points = None;
    with(&[0; 6], &mut |c| points = Some(c.mask_points(point, LARGEST, false)));
    let mut points = points.expect("points");
    points.push(vec![vec![point]; 8]);
    let proof = scheme.prove_values(points, channel).proof;
    // All is proven but the constraints at the point, which are affine in the addresses.
    let constraints = |starts: &[u32; 6]| {
        let mut value = SecureField::default();
        let values = &proof.sampled_values;
        with(starts, &mut |c| {
            value = c.eval_composition_polynomial_at_point(point, values, random, LARGEST);
        });
        value
    };
    let constant = constraints(&[0; 6]);
    let columns =
        array::from_fn(|i| constraints(&array::from_fn(|j| u32::from(i == j))) - constant);
    let claim = claim(&data, &solve(&columns, -constant));
    CairoProofForRustVerifier {
        claim,
        interaction_pow,
        interaction_claim,
        stark_proof: StarkProof(proof),
        channel_salt: 0,
        preprocessed_trace_variant: PREPROCESSED,
    }
}

#[test]
fn a_proof_of_nothing() {
    let anything =
        Statement { model_id: [1; 32], inputs: [2; 32], outputs: [3; 32], context: [4; 32] };
    let mut proof = forge(&[anything]);
    // stwo-cairo's verifier accepts it.
    let theirs = verify_cairo::<Blake2sMerkleChannel>(proof.clone());
    assert!(theirs.is_ok(), "{theirs:?}");
    proof.claim.public_data.public_memory.program.clear();
    let group = Group { statements: vec![anything], proof };
    let ours = verify_group(&group.to_bytes().expect("bytes"));
    let Err(Rejected::Malformed(text)) = ours else { panic!("{ours:?}") };
    assert_eq!(text, "the component of another builtin");
}
