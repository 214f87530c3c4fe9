//! Both directions, on honest and on damaged proofs of small models.

use stwo_ml_adversary::cases;
use stwo_ml_calldata::{
    Calldata, Felt, MAX_ARGUMENTS, PackError, Poseidon, Problem, TooLong, UnpackError, pack, unpack,
};
use stwo_ml_compiler::execute::execute;
use stwo_ml_compiler::ports::quantise_inputs;
use stwo_ml_compiler::quantise::{QuantiseOptions, quantise};
use stwo_ml_prover::prove::{prove, setup};
use stwo_ml_verifier::codec::ProofFile;
use stwo_ml_verifier::field::{F, K, P};
use stwo_ml_verifier::key::VerifyingKey;
use stwo_ml_verifier::profile::{Profile, SuiteName};
use stwo_ml_verifier::verify::verify;

type Proven = (VerifyingKey<Poseidon>, ProofFile<Poseidon>);

/// The key of a small model and a proof of it.
fn proven(wanted: &str) -> Proven {
    let (_, graph, inputs) =
        cases().into_iter().find(|c| c.0 == wanted).expect("a model of this name");
    let options = QuantiseOptions { bits: 8, input_bits: 8, ..Default::default() };
    let compiled = quantise(&graph, &inputs, &options).expect("it lowers");
    let profile = Profile::test_insecure(SuiteName::Poseidon252);
    let pk = setup(profile, compiled.circuit.clone(), &compiled.model).expect("a valid circuit");
    let ints = quantise_inputs(&compiled, &inputs[0]).expect("inputs of the right shape");
    let trace = execute(&compiled, &ints).expect("it runs");
    let (file, _) = prove(&pk, &trace.values, [0xa5; 32], &mut |_| ()).expect("a complete trace");
    verify(&pk.vk, &file.statement, &file.proof).expect("an honest proof");
    (pk.vk, file)
}

#[test]
fn honest_proofs_survive_both_ways() {
    for name in ["dense", "softmax", "strided convolution with padding"] {
        let (vk, file) = proven(name);
        let (calldata, sizes) = pack(&vk, &file).expect("a proof of the key");
        assert_eq!(unpack(&vk, &calldata).expect("what was packed"), file);
        assert_eq!(calldata.model_id.to_bytes_be(), vk.model_id());
        assert_eq!(sizes.proof(), calldata.proof.len());
        assert_eq!(sizes.proof(), file.proof.n_felts(&vk));
        assert_eq!(sizes.arguments(), calldata.verify_arguments().len());
        let json = serde_json::to_string(&calldata).expect("it has a JSON form");
        assert_eq!(serde_json::from_str::<Calldata>(&json).expect("it reads back"), calldata);
    }
}

/// A felt, changed in a low, a middle and a high bit, to `p` in all limbs, and to the largest one.
fn changes(felt: Felt) -> Vec<Felt> {
    let bit = |n: u32| felt + Felt::TWO.pow(n);
    vec![bit(0), bit(40), bit(130), bit(250), felt - Felt::ONE, Felt::TWO.pow(251u32), -felt]
}

#[test]
fn a_changed_felt_is_refused_or_changes_the_proof() {
    let (vk, file) = proven("dense");
    let (honest, _) = pack(&vk, &file).expect("a proof of the key");
    let (mut refused, mut other) = (0, 0);
    let mut check = |calldata: &Calldata| match unpack(&vk, calldata) {
        Err(_) => refused += 1,
        Ok(read) => {
            assert_ne!(read, file);
            assert_eq!(&pack(&vk, &read).expect("what was unpacked").0, calldata);
            assert!(verify(&vk, &read.statement, &read.proof).is_err());
            other += 1;
        }
    };
    let lists: [fn(&mut Calldata) -> &mut Vec<Felt>; 4] =
        [|c| &mut c.model, |c| &mut c.inputs, |c| &mut c.outputs, |c| &mut c.proof];
    for list in lists {
        let n = list(&mut honest.clone()).len();
        for index in 0..n {
            for value in changes(list(&mut honest.clone())[index]) {
                let mut changed = honest.clone();
                if std::mem::replace(&mut list(&mut changed)[index], value) != value {
                    check(&changed);
                }
            }
            // Missing, twice.
            let mut changed = honest.clone();
            list(&mut changed).remove(index);
            check(&changed);
            let mut changed = honest.clone();
            let twice = list(&mut changed)[index];
            list(&mut changed).insert(index, twice);
            check(&changed);
        }
    }
    let mut changed = honest.clone();
    changed.context[31] ^= 1;
    check(&changed);
    let mut changed = honest.clone();
    changed.model_id += Felt::ONE;
    check(&changed);
    assert!(refused > 500 && other > 200, "{refused} refused, {other} of another proof");
}

#[test]
fn errors_name_the_felt() {
    let (vk, file) = proven("dense");
    let (honest, _) = pack(&vk, &file).expect("a proof of the key");
    let error = |change: &dyn Fn(&mut Calldata)| {
        let mut changed = honest.clone();
        change(&mut changed);
        unpack(&vk, &changed).expect_err("a change of one felt")
    };
    let felt = |list, index, what, problem| UnpackError::Felt { list, index, what, problem };
    // The proof starts with the root, the out-of-domain value, the nonce, the first mask.
    let ood = "the witness at its out-of-domain point";
    assert_eq!(
        error(&|c| c.proof[1] += Felt::TWO.pow(200u32)),
        felt("proof", 1, ood, Problem::Above)
    );
    let all_p = (0..4).fold(Felt::ONE, |acc, _| acc * Felt::TWO.pow(31u32) + Felt::from(P));
    assert_eq!(error(&|c| c.proof[1] = all_p), felt("proof", 1, ood, Problem::Limb));
    let nonce = "the nonce of the lookups";
    assert_eq!(
        error(&|c| c.proof[2] = Felt::TWO.pow(64u32)),
        felt("proof", 2, nonce, Problem::Nonce)
    );
    let mask = "a mask of the lookups";
    assert_eq!(error(&|c| c.proof.truncate(4)), felt("proof", 4, mask, Problem::Missing));
    let n = honest.proof.len();
    assert_eq!(
        error(&|c| c.proof.push(Felt::ZERO)),
        felt("proof", n, "nothing", Problem::Trailing)
    );
    assert_eq!(
        error(&|c| c.proof[1] += Felt::TWO.pow(200u32)).to_string(),
        format!("proof, felt 1 ({ood}): the bits above its values are wrong")
    );
    let what = "a felt of the model";
    assert_eq!(error(&|c| c.model[3] += Felt::ONE), felt("model", 3, what, Problem::Model));
    let what = "an input tensor";
    assert_eq!(
        error(&|c| c.inputs[0] = Felt::TWO.pow(249u32)),
        felt("inputs", 0, what, Problem::Above)
    );
    let outputs = honest.outputs.len();
    assert_eq!(
        error(&|c| c.outputs.push(Felt::ZERO)),
        felt("outputs", outputs, "nothing", Problem::Trailing)
    );
}

#[test]
fn damaged_proofs_survive_or_have_no_felts() {
    let (vk, file) = proven("softmax");
    let (mut packed, mut refused) = (0, 0);
    let mut check = |change: &dyn Fn(&mut ProofFile<Poseidon>)| {
        let mut changed = file.clone();
        change(&mut changed);
        assert_ne!(changed, file);
        match pack(&vk, &changed) {
            Ok((calldata, _)) => {
                assert_eq!(unpack(&vk, &calldata).expect("what was packed"), changed);
                packed += 1;
            }
            Err(error) => {
                assert!(matches!(
                    error,
                    PackError::Shape(_) | PackError::Ambiguous | PackError::Statement(_)
                ));
                refused += 1;
            }
        }
    };
    let one = K::from(F::from(1u32));
    // Values after the last position was drawn change nothing about the shape.
    check(&|f| f.proof.opening.last.tail[0][0] += one);
    check(&|f| f.proof.opening.last.openings[0].leaves[0] += F::from(1u32));
    check(&|f| f.proof.opening.last.openings[0].witness[0] = f.proof.witness_root);
    // Lists of another length, elements that are not canonical, entries outside their interval.
    check(&|f| {
        f.proof.opening.last.tail.pop();
    });
    check(&|f| f.proof.opening.last.openings[0].leaves.push(F::from(0u32)));
    check(&|f| {
        f.proof.opening.last.openings[0].witness.pop();
    });
    check(&|f| {
        f.proof.lookup.layers.pop();
    });
    check(&|f| {
        f.proof.lookup.layers[2].rounds.pop();
    });
    check(&|f| f.proof.product.factors.push(one));
    check(&|f| f.proof.product.rounds.clear());
    check(&|f| f.proof.opening.last.clear.truncate(1));
    check(&|f| {
        f.proof.opening.levels.pop();
    });
    check(&|f| f.proof.opening.last.openings[0].leaves[0] = F::from_u32_unchecked(P));
    check(&|f| f.statement.outputs[0][0] = i32::MAX);
    check(&|f| {
        f.statement.inputs.pop();
    });
    assert_eq!((packed, refused), (3, 12));
}

#[test]
fn the_arguments_are_those_of_the_interface() {
    let (vk, file) = proven("dense");
    let (mut calldata, mut sizes) = pack(&vk, &file).expect("a proof of the key");
    calldata.context = std::array::from_fn(|i| i as u8);
    let arguments = calldata.verify_arguments();
    let n = calldata.model.len();
    assert_eq!(arguments[0], calldata.model_id);
    assert_eq!(arguments[1], Felt::from(n));
    assert_eq!(arguments[2..2 + n], calldata.model);
    // Low, then high half of the big-endian context.
    assert_eq!(arguments[2 + n], Felt::from(0x1011_1213_1415_1617_1819_1a1b_1c1d_1e1f_u128));
    assert_eq!(arguments[3 + n], Felt::from(0x0001_0203_0405_0607_0809_0a0b_0c0d_0e0f_u128));
    assert_eq!(arguments[4 + n], Felt::from(calldata.inputs.len()));
    assert_eq!(arguments[arguments.len() - calldata.proof.len()..], calldata.proof);
    assert_eq!(calldata.register_arguments(), arguments[1..2 + n]);

    assert_eq!(calldata.check_verify(&sizes), Ok(()));
    assert_eq!(calldata.check_register(), Ok(()));
    let room = MAX_ARGUMENTS - arguments.len();
    calldata.inputs.extend(vec![Felt::ZERO; room]);
    sizes.inputs += room;
    assert_eq!(calldata.check_verify(&sizes), Ok(()));
    calldata.inputs.push(Felt::ZERO);
    sizes.inputs += 1;
    let error = calldata.check_verify(&sizes).expect_err("a felt too many");
    assert!(error.to_string().contains("this proof needs 4997 felts: model"), "{error}");
    calldata.model = vec![Felt::ZERO; MAX_ARGUMENTS];
    assert_eq!(calldata.check_register(), Err(TooLong::Register { got: MAX_ARGUMENTS + 1 }));
}
