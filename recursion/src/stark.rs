//! What `cairo_air::verifier::verify_cairo` checks, of a proof whose program is known.
//!
//! A proof has its program in the public memory: the transcript hashes it, and the lookups sum over its
//! cells. Both are most of the time of `verify_cairo`. Here the hash is a constant of the release, and the sum
//! is over the release's cells, each value once. All other checks are the same.
//!
//! And some are missing there.
//! - `lookup_sum` adds sums that no constraint binds, those of components which the claim does not have, and a
//!   total of the large values beside its parts. With one of them the lookups of any trace balance. Here only
//!   sums of components count.
//! - The first address of a builtin's component is not in the transcript: only that it is where the program's
//!   pointers say binds it. Not so for a builtin that the program does not have, or does not use: there it could be
//!   chosen last, four or more of them such that the constraints hold of any trace. Here the program's builtins are
//!   the only ones, and their addresses always those of the pointers.
//! - Values out of the domain enter the transcript as one list, without the lengths of those that it is made of.
//!   Of a preprocessed column that no component takes there may be any number, which nothing reads. So which of
//!   them are those of the other columns could be chosen after the challenge that sums up all columns: as many
//!   choices as it takes for a sum of wrong values to be right. Here every list has the length that is read.
//! - Numbers that are read as elements of the field may be `p` or more, and the last polynomial of FRI may have
//!   another size than it says, which is the time that it takes. Here they may not.

use std::collections::HashMap;

use cairo_air::CairoProofForRustVerifier;
use cairo_air::air::{PublicData, SegmentRange};
use cairo_air::cairo_components::CairoComponents;
use cairo_air::claims::{CairoClaim, CairoInteractionClaim};
use cairo_air::components::memory_address_to_id::MEMORY_ADDRESS_TO_ID_SPLIT;
use cairo_air::relations::{
    CommonLookupElements, MEMORY_ADDRESS_TO_ID_RELATION_ID, MEMORY_ID_TO_BIG_RELATION_ID,
};
use cairo_air::utils::pack_into_secure_felts;
use cairo_air::verifier::{CairoVerificationError, INTERACTION_POW_BITS};
use stwo::core::air::{Component, Components};
use stwo::core::channel::{Blake2sChannel, Channel as _, MerkleChannel as _};
use stwo::core::circle::CirclePoint;
use stwo::core::fields::FieldExpOps as _;
use stwo::core::fields::m31::{BaseField, P};
use stwo::core::fields::qm31::{SECURE_EXTENSION_DEGREE, SecureField};
use stwo::core::pcs::{CommitmentSchemeVerifier, TreeVec};
use stwo::core::poly::line::LinePoly;
use stwo::core::vcs::blake2_hash::{Blake2sHash, Blake2sHasher};
use stwo::core::vcs_lifted::blake2_merkle::{Blake2sMerkleChannel, Blake2sMerkleHasher};
use stwo::core::verifier::verify_ex;
use stwo_cairo_common::builtins::{BITWISE_BUILTIN_MEMORY_CELLS, RANGE_CHECK_BUILTIN_MEMORY_CELLS};
use stwo_cairo_common::memory::{LARGE_MEMORY_VALUE_ID_BASE, LOG_MEMORY_ADDRESS_BOUND};
use stwo_cairo_common::preprocessed_columns::preprocessed_trace::PreProcessedTrace;
use stwo_cairo_common::prover_types::cpu::FELT252_N_WORDS;
use stwo_constraint_framework::{PREPROCESSED_TRACE_IDX, Relation as _};

use crate::cells::{Cells, limbs};
use crate::params::MAX_LOG_SIZE;

/// The program that a proof is of.
pub struct Program<'p> {
    /// Its cells.
    pub cells: &'p Cells,
    /// Their hash.
    pub hash: [u8; 32],
}

/// A part of the claim that is not as it must be.
fn require(holds: bool, what: &str) {
    assert!(holds, "{what}");
}

/// Verifies a proof without its program, with the one that it must be of. The parameters, the columns of
/// `preprocessed`, the output, and which builtins there are have been checked.
///
/// # Errors
/// The proof is wrong.
///
/// # Panics
/// The proof is malformed.
pub fn verify(
    proof: CairoProofForRustVerifier<Blake2sMerkleHasher>,
    program: &Program<'_>,
    preprocessed: &PreProcessedTrace,
) -> Result<(), CairoVerificationError> {
    let CairoProofForRustVerifier { claim, interaction_pow, interaction_claim, .. } = &proof;
    check_claim(claim);
    let channel = &mut Blake2sChannel::default();
    channel.mix_felts(&[proof.channel_salt.into()]);
    let config = proof.stark_proof.config;
    config.mix_into(channel);
    let scheme = &mut CommitmentSchemeVerifier::<Blake2sMerkleChannel>::new(config);
    let mut log_sizes = claim.log_sizes();
    log_sizes.insert(PREPROCESSED_TRACE_IDX, preprocessed.log_sizes());
    let commitments = &proof.stark_proof.commitments;

    scheme.commit(commitments[0], &log_sizes[0], channel);
    mix_claim(channel, claim, program);
    scheme.commit(commitments[1], &log_sizes[1], channel);

    if !channel.verify_pow_nonce(INTERACTION_POW_BITS, *interaction_pow) {
        return Err(CairoVerificationError::ProofOfWork);
    }
    channel.mix_u64(*interaction_pow);
    let elements = CommonLookupElements::draw(channel);
    let ids = preprocessed.ids();
    let generator = CairoComponents::new(claim, &elements, interaction_claim, &ids);
    let components = generator.components();
    let public = &claim.public_data;
    let sum = public.logup_sum(&elements)
        + program_sum(program.cells, public.initial_state.pc, &elements)
        + claimed_sum(interaction_claim, components.len());
    if sum != SecureField::default() {
        return Err(CairoVerificationError::InvalidLogupSum);
    }
    interaction_claim.mix_into(channel);
    scheme.commit(commitments[2], &log_sizes[2], channel);
    check_values(&components, preprocessed, &proof.stark_proof.sampled_values);
    let last = &proof.stark_proof.fri_proof.last_layer_poly;
    require(*last == LinePoly::new(last.to_vec()), "the size of the last polynomial");
    Ok(verify_ex(&components, channel, scheme, proof.stark_proof, false)?)
}

/// The sum of what the components claim. Each of them has taken its own claim, so that no claim is left over if
/// there are as many; the total of the large values is of them, and bound by nothing else.
fn claimed_sum(claim: &CairoInteractionClaim, n_components: usize) -> SecureField {
    let sums = claim.flatten_interaction_claim();
    require(sums.len() == n_components, "the sum of a component that is not there");
    let large = claim.memory_id_to_big.as_ref().expect("large values");
    let total: SecureField = large.big_claimed_sums.iter().copied().sum();
    require(large.claimed_sum == total, "the total of the large values");
    let mut coordinates = sums.iter().flat_map(|sum| sum.to_m31_array());
    require(coordinates.all(|coordinate| coordinate.0 < P), "the sum of a component");
    sums.into_iter().sum()
}

/// There are as many values out of the domain as the constraints read, of each column.
fn check_values(
    components: &[&dyn Component],
    preprocessed: &PreProcessedTrace,
    values: &TreeVec<Vec<Vec<SecureField>>>,
) {
    let n_preprocessed_columns = preprocessed.columns.len();
    let components = Components { components: components.to_vec(), n_preprocessed_columns };
    // Where the points are does not matter.
    let points = components.mask_points(CirclePoint::zero(), MAX_LOG_SIZE, false);
    let mut read = points.map_cols(|points| points.len());
    read.push(vec![1; 2 * SECURE_EXTENSION_DEGREE]);
    let there = values.as_cols_ref().map_cols(Vec::len);
    require(there.0 == read.0, "the number of values out of the domain");
}

/// The claim's consistency, as `verify_cairo` has it.
fn check_claim(claim: &CairoClaim) {
    let addresses = claim.memory_address_to_id.as_ref().expect("addresses").log_size;
    let n_addresses = (1u64 << addresses) * MEMORY_ADDRESS_TO_ID_SPLIT as u64;
    require(n_addresses <= 1 << LOG_MEMORY_ADDRESS_BOUND, "the number of addresses");
    let PublicData { public_memory, initial_state: first, final_state: last } = &claim.public_data;
    let segments = &public_memory.public_segments;
    require(segments.output.stop_ptr.value <= P, "the output's addresses");
    let others = [
        claim.add_mod_builtin.is_some(),
        claim.mul_mod_builtin.is_some(),
        claim.pedersen_builtin.is_some(),
        claim.pedersen_builtin_narrow_windows.is_some(),
        claim.poseidon_builtin.is_some(),
        claim.range_check96_builtin.is_some(),
        claim.ec_op_builtin.is_some(),
    ];
    require(!others.contains(&true), "the component of another builtin");
    check_builtin(
        claim
            .range_check_builtin
            .as_ref()
            .map(|c| (c.range_check_builtin_segment_start, c.log_size)),
        segments.range_check_128,
        RANGE_CHECK_BUILTIN_MEMORY_CELLS,
    );
    check_builtin(
        claim.bitwise_builtin.as_ref().map(|c| (c.bitwise_builtin_segment_start, c.log_size)),
        segments.bitwise,
        BITWISE_BUILTIN_MEMORY_CELLS,
    );
    let [one, two, five] = [1, 2, 5].map(BaseField::from);
    require(first.pc == one && last.pc == five, "the first and the last instruction");
    require(first.pc + two < first.ap && first.ap <= last.ap, "the allocation pointer");
    require(first.fp == first.ap && first.fp == last.fp, "the frame pointer");
    let mut uses = HashMap::new();
    claim.accumulate_relation_uses(&mut uses);
    require(uses.values().all(|&n| n < P.into()), "the uses of a relation");
    let large = claim.memory_id_to_big.as_ref().expect("large values");
    let n_large: u64 = large.big_log_sizes.iter().map(|&log_size| 1u64 << log_size).sum();
    require(n_large + u64::from(LARGE_MEMORY_VALUE_ID_BASE) - 1 < P.into(), "the large values");
}

/// A builtin's instances are where its pointers say: `component` has first address and log2 of the number
/// of instances, of `n_cells` each.
fn check_builtin(component: Option<(u32, u32)>, segment: Option<SegmentRange>, n_cells: usize) {
    let segment = segment.expect("the segment of a builtin");
    let Some((start, log_size)) = component else {
        return require(segment.is_empty(), "the component of a builtin");
    };
    let [used_start, used_stop] =
        [segment.start_ptr, segment.stop_ptr].map(|pointer| u64::from(pointer.value));
    let n_cells = n_cells as u64;
    let stop = u64::from(start) + (n_cells << log_size);
    require(used_start == u64::from(start), "the start of a builtin");
    require(used_start <= used_stop && used_stop <= stop, "the end of a builtin");
    require((used_stop - used_start).is_multiple_of(n_cells), "the instances of a builtin");
    require(stop <= P.into(), "the addresses of a builtin");
}

/// `CairoClaim::mix_into` of the claim with the program in it.
fn mix_claim(channel: &mut Blake2sChannel, claim: &CairoClaim, program: &Program<'_>) {
    let mut mix = |values: &[u32]| channel.mix_felts(&packed(values));
    let flat = claim.flatten_claim();
    let enabled: Vec<_> = flat.component_enable_bits.iter().map(|&bit| u32::from(bit)).collect();
    let length = |n: usize| u32::try_from(n).expect("a short list");
    mix(&[length(enabled.len())]);
    mix(&enabled);
    mix(&flat.component_log_sizes);
    mix(&[length(program.cells.ids.len())]);
    // The claim has no program, so that its identifiers are missing at the end.
    let (mut public, output, _) = claim.public_data.pack_into_u32s();
    public.extend(&program.cells.ids);
    require(public.iter().all(|&value| value < P), "a number of the public memory");
    mix(&public);
    let output: Vec<_> = output.iter().flat_map(|limb| limb.to_le_bytes()).collect();
    Blake2sMerkleChannel::mix_root(channel, Blake2sHasher::hash(&output));
    Blake2sMerkleChannel::mix_root(channel, Blake2sHash(program.hash));
}

fn packed(values: &[u32]) -> Vec<SecureField> {
    pack_into_secure_felts(values.iter().map(|&value| BaseField::from_u32_unchecked(value)))
}

/// The sum that `PublicData::logup_sum` has for the program's cells, from address `first` on: of each cell,
/// one over its address and identifier, and one over its identifier and value.
fn program_sum(cells: &Cells, first: BaseField, elements: &CommonLookupElements) -> SecureField {
    let combine = |values: &[BaseField]| -> SecureField { elements.combine(values) };
    // Powers of the challenge, from the second on, with which the entries of a tuple are summed.
    let powers = std::array::from_fn::<_, { FELT252_N_WORDS + 2 }, _>(|i| {
        let mut tuple = [BaseField::default(); FELT252_N_WORDS + 2];
        let none = combine(&tuple);
        tuple[i] = BaseField::from(1);
        combine(&tuple) - none
    });
    let [_, alpha, weights @ ..] = &powers;
    let mut at_address = combine(&[MEMORY_ADDRESS_TO_ID_RELATION_ID, first]);
    let addresses = cells.ids.iter().map(|&id| {
        let term = at_address + weights[0] * BaseField::from_u32_unchecked(id);
        at_address += *alpha;
        term
    });
    let mut terms: Vec<_> = addresses.collect();
    let values = combine(&[MEMORY_ID_TO_BIG_RELATION_ID]);
    let mut counts = vec![1; terms.len()];
    for (id, value, count) in cells.values() {
        let start = values + *alpha * BaseField::from_u32_unchecked(id);
        let limbs = limbs(value);
        terms.push(
            limbs.iter().zip(weights).fold(start, |sum, (&limb, &weight)| sum + weight * limb),
        );
        counts.push(count);
    }
    let inverses = SecureField::batch_inverse(&terms);
    inverses.iter().zip(counts).map(|(&term, n)| term * BaseField::from_u32_unchecked(n)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against stwo-cairo's own sum and hash, with a program in the public memory.
    #[test]
    fn program_is_as_in_public_memory() {
        let mut state = 1u64;
        let mut next = || {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            (state >> 33) as u32
        };
        let felts: Vec<_> = (0..500)
            .map(|i| match i % 3 {
                0 => [next() % 7, 0, 0, 0, 0, 0, 0, 0],
                1 => [next(), next(), next() % 256, 0, 0, 0, 0, 0],
                _ => [i % 5, 0, 1 << (i % 20), 1 + next(), 0, 0, 0, i],
            })
            .collect();
        let cells = Cells::of(&felts);
        assert!(cells.felts().eq(felts.iter().copied()));
        assert!(cells.values().map(|(_, _, n)| n).sum::<u32>() == 500);
        let mut data = PublicData::default();
        data.initial_state.pc = BaseField::from(1);
        data.initial_state.ap = BaseField::from(1000);
        data.final_state.ap = BaseField::from(2000);
        let elements = CommonLookupElements::draw(&mut Blake2sChannel::default());
        let without = data.logup_sum(&elements);
        let program = cells.ids.iter().copied().zip(felts.iter().copied());
        data.public_memory.program = program.collect();
        let sum = program_sum(&cells, data.initial_state.pc, &elements);
        assert_eq!(data.logup_sum(&elements), without + sum);
        let (_, _, limbs) = data.pack_into_u32s();
        let bytes: Vec<_> = limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect();
        assert_eq!(Blake2sHasher::hash(&bytes).0, cells.hash());
    }
}
