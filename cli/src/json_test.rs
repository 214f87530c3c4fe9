use stwo::core::vcs_lifted::blake2_merkle::Blake2sMerkleChannel as Blake2s;
use stwo::core::vcs_lifted::poseidon252_merkle::Poseidon252MerkleChannel as Poseidon252;
use stwo_ml_compiler::execute::execute;
use stwo_ml_compiler::graph::{Array, DType, Graph, Node, Op, Unary};
use stwo_ml_compiler::ports::quantise_inputs;
use stwo_ml_compiler::quantise::{QuantiseOptions, quantise};
use stwo_ml_prover::commit::ProverSuite;
use stwo_ml_prover::prove::{prove, setup};

use super::*;

/// A small model with its key and a proof; the key is of a release profile, the proof of none.
fn proven<S: ProverSuite>(suite: SuiteName) -> (VerifyingKey<S>, ProofFile<S>) {
    let shape = vec![3, 5];
    let node = |op, inputs| Node {
        name: "n".into(),
        op,
        inputs,
        shape: shape.clone(),
        dtype: DType::Float,
    };
    let graph = Graph {
        nodes: vec![node(Op::Input, vec![]), node(Op::Unary(Unary::Square), vec![0])],
        inputs: vec![0],
        outputs: vec![1],
    };
    let data = (0..15).map(|i| f64::from(i) / 8.0 - 1.0).collect();
    let inputs = vec![Array { shape, data }];
    let options = QuantiseOptions { bits: 8, input_bits: 8, ..Default::default() };
    let compiled = quantise(&graph, std::slice::from_ref(&inputs), &options).expect("lowers");
    let profile = Profile::test_insecure(suite);
    let pk = setup::<S>(profile, compiled.circuit.clone(), &compiled.model).expect("valid");
    let integers = quantise_inputs(&compiled, &inputs).expect("fits");
    let trace = execute(&compiled, &integers).expect("runs");
    let (file, _) = prove(&pk, &trace.values, [9; 32], &mut |_| ()).expect("proves");
    (pk.vk, file)
}

fn proofs_survive<S: ProverSuite>(suite: SuiteName) {
    let (vk, mut file) = proven::<S>(suite);
    let bytes = write_proof(&vk, &file).expect("encodes");
    assert!(is_json(&bytes) && !is_json(&file.to_bytes(&vk)));
    assert_eq!(read_proof(&vk, &bytes).expect("its own encoding"), file);
    // Any canonical values, not only those of a proof that holds.
    let mut state = 1u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as u32
    };
    for _ in 0..50 {
        let mut value = || K::from_m31_array(std::array::from_fn(|_| F::from(random() % P)));
        let proof = &mut file.proof;
        proof.witness_ood = value();
        proof.lookup.model_columns = value();
        proof.lookup.layers.iter_mut().for_each(|l| l.mask = std::array::from_fn(|_| value()));
        proof.product.factors.iter_mut().for_each(|f| *f = value());
        proof.opening.last.clear.iter_mut().for_each(|c| *c = value());
        proof.opening.last.tail.iter_mut().for_each(|r| *r = [value(), value()]);
        proof.lookup.nonce = u64::from(random()) << 33 | u64::from(random());
        proof.opening.last.nonce = u64::MAX - u64::from(random());
        file.statement.context = std::array::from_fn(|_| random() as u8);
        let bytes = write_proof(&vk, &file).expect("encodes");
        assert_eq!(read_proof(&vk, &bytes).expect("its own encoding"), file);
    }
}

#[test]
fn proofs_survive_both_suites() {
    proofs_survive::<Blake2s>(SuiteName::Blake2s);
    proofs_survive::<Poseidon252>(SuiteName::Poseidon252);
}

/// Every number and string of a proof, lists that are longer, shorter or elsewhere.
#[test]
fn nothing_but_the_canonical_form_is_read() {
    let (vk, file) = proven::<Blake2s>(SuiteName::Blake2s);
    let json: Value =
        serde_json::from_slice(&write_proof(&vk, &file).expect("encodes")).expect("JSON");
    let refused = |change: &dyn Fn(&mut Value), why: &str| {
        let mut changed = json.clone();
        change(&mut changed);
        assert!(changed != json, "nothing changed: {why}");
        let error = read_proof(&vk, changed.to_string().as_bytes()).expect_err(why);
        assert!(format!("{error:#}").contains(why), "{error:#}");
    };
    let at = |pointer: &'static str| {
        move |value: &mut Value, to: Value| *value.pointer_mut(pointer).expect("a field") = to
    };
    for (pointer, value, why) in [
        ("/format", Value::from("proof"), "not a proof"),
        ("/version", Value::from(VERSION + 1), "proof of version"),
        ("/model_id", Value::from("00".repeat(32)), "another model"),
        ("/context", Value::from("0A".repeat(32)), "context is not 64 lower-case"),
        ("/context", Value::from("0a"), "context is not 64 lower-case"),
        ("/witness_root", Value::from("xx".repeat(32)), "witness_root"),
        ("/witness_ood/0", Value::from(P), "witness_ood is not canonical"),
        ("/witness_ood/0", Value::from(u64::from(P) << 8), "not a proof in JSON"),
        ("/witness_ood/1", Value::from(1.5), "not a proof in JSON"),
        ("/witness_ood", Value::from(vec![1, 2, 3]), "not a proof in JSON"),
        ("/lookup/nonce", Value::from("07"), "nonce"),
        ("/lookup/nonce", Value::from("-7"), "nonce"),
        ("/lookup/nonce", Value::from("18446744073709551616"), "nonce"),
        ("/lookup/nonce", Value::from(7), "not a proof in JSON"),
        ("/inputs/0/0", Value::from(i32::MAX), "outside"),
        ("/inputs/0", Value::from(vec![1]), "entries"),
    ] {
        refused(&|json| at(pointer)(json, value.clone()), why);
    }
    refused(&|json| json["more"] = Value::from(1), "unknown field");
    refused(&|json| json["lookup"]["more"] = Value::from(1), "unknown field");
    refused(
        &|json| _ = json.as_object_mut().expect("an object").remove("opening"),
        "missing field",
    );
    // A round moved from one layer to the next: the same values in the same order.
    refused(
        &|json| {
            let layers = &mut json["lookup"]["layers"];
            let last = layers[3]["rounds"].as_array_mut().expect("a list").pop().expect("a round");
            layers[4]["rounds"].as_array_mut().expect("a list").insert(0, last);
        },
        "",
    );
    let mut bytes = write_proof(&vk, &file).expect("encodes");
    bytes.extend(b"{}");
    assert!(read_proof(&vk, &bytes).is_err());
    let twice = json.to_string().replacen("{", "{\"version\":1,", 1);
    assert!(read_proof(&vk, twice.as_bytes()).is_err());
    assert!(read_proof(&vk, "[".repeat(100_000).as_bytes()).is_err());
}

#[test]
fn keys_survive() {
    let (vk, _) = proven::<Blake2s>(SuiteName::Blake2s);
    // Keys with a profile for tests are not read, so this is one with another.
    let profile = Profile::by_name("conjectured-96-blake2s").expect("a profile");
    let key = VerifyingKey::<Blake2s>::new(profile, vk.circuit().clone(), *vk.root(), vk.ood().1)
        .expect("a key");
    let bytes = write_key(&key).expect("encodes");
    assert_eq!(key_suite(&bytes).expect("a key"), SuiteName::Blake2s);
    assert_eq!(read_key::<Blake2s>(&bytes).expect("its own encoding"), key);
    assert!(read_key::<Blake2s>(&write_key(&vk).expect("encodes")).is_err());
    let json: Value = serde_json::from_slice(&bytes).expect("JSON");
    for pointer in ["", "/circuit", "/circuit/tables/0", "/circuit/lookups/0/key"] {
        let mut changed = json.clone();
        changed.pointer_mut(pointer).expect("an object")["more"] = Value::from(1);
        assert!(read_key::<Blake2s>(changed.to_string().as_bytes()).is_err(), "{pointer}");
    }
    let mut changed = json;
    changed["circuit"]["lookups"] = Value::from(Vec::<Value>::new());
    assert!(read_key::<Blake2s>(changed.to_string().as_bytes()).is_err());
}
