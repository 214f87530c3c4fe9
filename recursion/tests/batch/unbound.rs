//! Parts of a proof that the verifier of stwo-cairo does not bind: [`stwo_ml_recursion::stark`] does.

use cairo_air::air::PublicMemory;
use cairo_air::claims::CairoClaim;
use cairo_air::components::{
    add_mod_builtin, ec_op_builtin, mul_mod_builtin, pedersen_builtin,
    pedersen_builtin_narrow_windows, poseidon_builtin, range_check96_builtin,
};
use cairo_air::verifier::CairoVerificationError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use stwo::core::channel::Blake2sChannel;
use stwo::core::fields::m31::{BaseField, P};
use stwo::core::fields::qm31::SecureField;
use stwo::core::vcs_lifted::blake2_merkle::Blake2sMerkleChannel;
use stwo_ml_recursion::file::Group;
use stwo_ml_recursion::verify::Rejected;

use super::{changed, group};

/// What no component sums could balance the lookups of any trace: here it takes one from another sum, so that the
/// total is right.
#[test]
fn sums_that_nothing_binds() {
    let absent = |b: &mut Group, claimed_sum: u32| {
        assert!(b.proof.claim.pedersen_builtin.is_none());
        let claimed_sum = SecureField::from(BaseField::from(claimed_sum));
        let sums = &mut b.proof.interaction_claim;
        sums.pedersen_builtin = Some(pedersen_builtin::InteractionClaim { claimed_sum });
        sums.ret_opcode.as_mut().expect("returns").claimed_sum -= claimed_sum;
    };
    let total = |b: &mut Group| {
        let one = SecureField::from(BaseField::from(1));
        let sums = &mut b.proof.interaction_claim;
        sums.memory_id_to_big.as_mut().expect("large values").claimed_sum += one;
        sums.ret_opcode.as_mut().expect("returns").claimed_sum -= one;
    };
    let part = |b: &mut Group| {
        let large = b.proof.interaction_claim.memory_id_to_big.as_mut().expect("large values");
        large.big_claimed_sums.push(SecureField::default());
    };
    for (rejected, reason) in [
        (changed(|b| absent(b, 0)), "the sum of a component that is not there"),
        (changed(|b| absent(b, 1)), "the sum of a component that is not there"),
        (changed(total), "the total of the large values"),
        (changed(part), ""),
    ] {
        let Err(Rejected::Malformed(text)) = rejected else { panic!("{rejected:?}") };
        assert!(text.contains(reason), "{text}");
    }
}

/// The first address of a builtin's component is not in the transcript. If nothing else bound it either, it could be
/// chosen such that the constraints hold of any trace.
#[test]
fn addresses_of_builtins() {
    let group = Group::from_bytes(group()).expect("the group");
    let digest = |claim: &CairoClaim| {
        let mut channel = Blake2sChannel::default();
        claim.mix_into::<Blake2sMerkleChannel>(&mut channel);
        channel.digest()
    };
    let mut moved = group.proof.claim.clone();
    moved.bitwise_builtin.as_mut().expect("bitwise").bitwise_builtin_segment_start += 5;
    assert_eq!(digest(&moved), digest(&group.proof.claim));

    let changes: [(Change<'_>, &str); 11] = [
        (&|c| c.add_mod_builtin = Some(add_mod()), OTHER),
        (&|c| c.mul_mod_builtin = Some(mul_mod()), OTHER),
        (&|c| c.pedersen_builtin = Some(pedersen()), OTHER),
        (&|c| c.pedersen_builtin_narrow_windows = Some(narrow()), OTHER),
        (&|c| c.poseidon_builtin = Some(poseidon()), OTHER),
        (&|c| c.range_check96_builtin = Some(range_check96()), OTHER),
        (&|c| c.ec_op_builtin = Some(ec_op()), OTHER),
        // Without instances of the program, the component is bound all the same.
        (&|c| unused_bitwise(c, 5), "the start of a builtin"),
        (&|c| unused_range_check(c, 1), "the start of a builtin"),
        (&|c| c.bitwise_builtin = None, "the component of a builtin"),
        (&|c| c.range_check_builtin = None, "the component of a builtin"),
    ];
    for (change, reason) in changes {
        let rejected = changed(|b| change(&mut b.proof.claim));
        let Err(Rejected::Malformed(text)) = rejected else { panic!("{rejected:?}") };
        assert_eq!(text, reason);
    }
}

/// What a prover does to a claim.
type Change<'c> = &'c dyn Fn(&mut CairoClaim);

const OTHER: &str = "the component of another builtin";

/// A component of sixteen instances.
macro_rules! component {
    ($name:ident, $module:ident, $start:ident) => {
        fn $name() -> $module::Claim {
            $module::Claim { log_size: 4, $start: 1 }
        }
    };
}

component!(add_mod, add_mod_builtin, add_mod_builtin_segment_start);
component!(mul_mod, mul_mod_builtin, mul_mod_builtin_segment_start);
component!(pedersen, pedersen_builtin, pedersen_builtin_segment_start);
component!(narrow, pedersen_builtin_narrow_windows, pedersen_builtin_segment_start);
component!(poseidon, poseidon_builtin, poseidon_builtin_segment_start);
component!(range_check96, range_check96_builtin, range_check96_builtin_segment_start);
component!(ec_op, ec_op_builtin, ec_op_builtin_segment_start);

fn unused_bitwise(claim: &mut CairoClaim, by: u32) {
    let segment = claim.public_data.public_memory.public_segments.bitwise.as_mut();
    let segment = segment.expect("bitwise");
    segment.stop_ptr = segment.start_ptr;
    claim.bitwise_builtin.as_mut().expect("bitwise").bitwise_builtin_segment_start += by;
}

fn unused_range_check(claim: &mut CairoClaim, by: u32) {
    let segment = claim.public_data.public_memory.public_segments.range_check_128.as_mut();
    let segment = segment.expect("range checks");
    segment.stop_ptr = segment.start_ptr;
    let component = claim.range_check_builtin.as_mut().expect("range checks");
    component.range_check_builtin_segment_start += by;
}

/// A value more of a column that nothing reads would move the others: which is whose would not be bound by the
/// transcript, which takes them as one list.
#[test]
fn values_that_nothing_reads() {
    let unused = |b: &mut Group| -> usize {
        let columns = &b.proof.stark_proof.0.sampled_values[0];
        columns.iter().position(Vec::is_empty).expect("a column that no component takes")
    };
    let more = |b: &mut Group| {
        let i = unused(b);
        b.proof.stark_proof.0.sampled_values.0[0][i].push(SecureField::default());
    };
    // The transcript would be the same.
    let moved = |b: &mut Group| {
        let columns = &mut b.proof.stark_proof.0.sampled_values.0[0];
        let i = columns.windows(2).position(|w| w[0].len() + w[1].len() == 1).expect("neighbours");
        columns.swap(i, i + 1);
    };
    let last = |b: &mut Group| {
        let columns = b.proof.stark_proof.0.sampled_values.0.last_mut().expect("trees");
        columns[0].push(SecureField::default());
    };
    for rejected in [changed(more), changed(moved), changed(last)] {
        let Err(Rejected::Malformed(text)) = rejected else { panic!("{rejected:?}") };
        assert_eq!(text, "the number of values out of the domain");
    }
}

/// A polynomial with one coefficient that says 2^64, or 2^(2^32 - 64): both are 1 in 64 bits.
#[test]
fn a_size_that_wraps() {
    for log_size in [64u32, 0xffff_ffc0] {
        let rejected = changed(|b| {
            let last = &mut b.proof.stark_proof.0.fri_proof.last_layer_poly;
            let bytes = bincode::serialize(&(last.to_vec(), log_size)).expect("bytes");
            *last = bincode::deserialize(&bytes).expect("a polynomial");
        });
        let Err(Rejected::Malformed(text)) = rejected else { panic!("{rejected:?}") };
        assert_eq!(text, "the size of the last polynomial");
    }
}

/// The numbers in it, as JSON pointers.
fn numbers(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Number(_) => found.push(at.to_owned()),
        Value::Array(list) => {
            let entries = list.iter().enumerate();
            entries.for_each(|(i, entry)| numbers(entry, &format!("{at}/{i}"), found));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, field)| numbers(field, &format!("{at}/{name}"), found));
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// The same claim with another one of its numbers.
fn another<T: Serialize + DeserializeOwned>(claim: &T, at: &str) -> T {
    let mut value = serde_json::to_value(claim).expect("a claim");
    let number = value.pointer_mut(at).expect("a number");
    *number = (number.as_u64().expect("no sign") ^ 1).into();
    serde_json::from_value(value).expect("a claim")
}

/// Another number anywhere in what is claimed is refused before the constraints are looked at: in the end, they can be
/// satisfied by any number that is not in the transcript.
#[test]
fn every_number_is_bound() {
    let proof = Group::from_bytes(group()).expect("the group").proof;
    let early = |rejected: Result<_, Rejected>, at: &str| {
        use CairoVerificationError::{InvalidLogupSum, ProofOfWork};
        let rejected = rejected.expect_err(at);
        let late =
            matches!(&rejected, Rejected::Proof(e) if !matches!(e, InvalidLogupSum | ProofOfWork));
        assert!(!late, "{at}: {rejected:?}");
    };
    let list = |value: Value| {
        let mut found = Vec::new();
        numbers(&value, "", &mut found);
        assert!(found.len() > 50);
        found
    };
    for at in list(serde_json::to_value(&proof.claim).expect("a claim")) {
        early(changed(|b| b.proof.claim = another(&b.proof.claim, &at)), &at);
    }
    for at in list(serde_json::to_value(&proof.interaction_claim).expect("a claim")) {
        let claims = |b: &mut Group| {
            b.proof.interaction_claim = another(&b.proof.interaction_claim, &at);
        };
        early(changed(claims), &at);
    }
    early(changed(|b| b.proof.interaction_pow ^= 1), "work");
    early(changed(|b| b.proof.stark_proof.0.commitments[1].0[0] ^= 1), "columns");
}

/// What is read as an element of the field is one.
#[test]
fn numbers_that_are_no_elements() {
    let memory = |change: &dyn Fn(&mut PublicMemory)| {
        changed(|b| change(&mut b.proof.claim.public_data.public_memory))
    };
    let sum = changed(|b| {
        let sum = &mut b.proof.interaction_claim.ret_opcode.as_mut().expect("returns").claimed_sum;
        sum.0.0.0 += P;
    });
    for (rejected, reason) in [
        (memory(&|m| m.output[0].0 += P), "a number of the public memory"),
        (memory(&|m| m.safe_call_ids[1] += P), "a number of the public memory"),
        (memory(&|m| m.public_segments.output.stop_ptr.id += P), "a number of the public memory"),
        (sum, "the sum of a component"),
    ] {
        let Err(Rejected::Malformed(text)) = rejected else { panic!("{rejected:?}") };
        assert_eq!(text, reason);
    }
}
