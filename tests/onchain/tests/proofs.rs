//! Whole proofs: of every operation's model, honest ones and lies; with changed fields and felts.

use rayon::prelude::*;
use stwo_ml_adversary::lies::{compile, lies};
use stwo_ml_adversary::{Case, cases};
use stwo_ml_calldata::{Calldata, Felt, Poseidon, pack};
use stwo_ml_compiler::execute::execute;
use stwo_ml_compiler::ports::quantise_inputs;
use stwo_ml_onchain_tests::{Cairo, Verdict, proof_of, test_key};
use stwo_ml_prover::prove::{ProvingKey, setup};
use stwo_ml_verifier::field::{F, K};
use stwo_ml_verifier::profile::Profile;
use stwo_ml_verifier::proof::Proof;

/// The model of an operation.
fn case(name: &str) -> Case {
    cases().into_iter().find(|c| c.0 == name).expect("a model of this name")
}

#[test]
fn rust_and_cairo_agree_on_models_and_lies() {
    let cairo = Cairo::compile();
    let told: usize = cases().par_iter().map(|case| lie_about(&cairo, case)).sum();
    assert!(told > 300, "only {told} lies were told");
}

/// The honest proof, every lie, a proof of another model under the key. How many were no proofs.
fn lie_about(cairo: &Cairo, case: &Case) -> usize {
    let (name, _, inputs) = case;
    let compiled = compile(case);
    let pk = test_key(&compiled.circuit, &compiled.model);
    let ints = quantise_inputs(&compiled, &inputs[0]).expect("inputs of the right shape");
    let honest = execute(&compiled, &ints).expect("an honest execution");
    let verdict = cairo.agree_on(&pk.vk, &proof_of(&pk, &honest.values), name);
    assert_eq!(verdict, Verdict::Accepted, "{name}");
    let mut told = 0;
    for lie in lies(&compiled, &ints) {
        let file = proof_of(&pk, &lie.trace.values);
        let what = format!("{name}: {}", lie.what);
        // What is outside its declared interval cannot even be written down.
        if file.statement.check(pk.vk.circuit()).is_ok() {
            let verdict = cairo.agree_on(&pk.vk, &file, &what);
            assert_ne!(verdict, Verdict::Accepted, "{what}");
        }
        told += 1;
    }
    let Some(id) = compiled.model.iter().position(|entries| !entries.is_empty()) else {
        return told;
    };
    let mut other = compiled.clone();
    other.model[id][0] += 1;
    let Ok(trace) = execute(&other, &ints) else { return told };
    let mixed =
        ProvingKey { vk: pk.vk.clone(), model: test_key(&other.circuit, &other.model).model };
    let what = format!("{name}: another model under the key");
    let verdict = cairo.agree_on(&pk.vk, &proof_of(&mixed, &trace.values), &what);
    assert_ne!(verdict, Verdict::Accepted, "{what}");
    told + 1
}

/// Every change of a field element, a hash, a nonce of a proof; every phase catches some.
#[test]
fn rust_and_cairo_agree_on_changed_fields() {
    let cairo = Cairo::compile();
    let (pk, honest) = honest("softmax");
    let one = F::from(1u32);
    type Change = fn(&mut Proof<Poseidon>);
    fn bump(value: &mut K) {
        *value += K::from(F::from(1u32));
    }
    let changes: [(&str, Change); 20] = [
        ("witness root", |p| p.witness_root = p.opening.levels[0].root),
        ("witness value", |p| bump(&mut p.witness_ood)),
        ("lookup nonce", |p| p.lookup.nonce ^= 1),
        ("first mask", |p| bump(&mut p.lookup.layers[0].mask[0])),
        ("first round", |p| bump(&mut p.lookup.layers[1].rounds[0][0])),
        ("second coefficient", |p| bump(&mut p.lookup.layers[3].rounds[1][1])),
        ("last mask", |p| bump(&mut p.lookup.layers.last_mut().expect("one").mask[3])),
        ("columns of the tables", |p| bump(&mut p.lookup.model_columns)),
        ("linear part on the witness", |p| bump(&mut p.product.witness_linear)),
        ("linear part on the model", |p| bump(&mut p.product.model_linear)),
        ("round of the identities", |p| bump(&mut p.product.rounds[0][2])),
        ("factor", |p| bump(&mut p.product.factors[0])),
        ("round of the opening", |p| bump(&mut p.opening.levels[0].rounds[0][0])),
        ("folded root", |p| p.opening.levels[0].root = p.witness_root),
        ("folded value", |p| bump(&mut p.opening.levels[0].ood)),
        ("level nonce", |p| p.opening.levels[0].nonce ^= 1),
        ("round of the last level", |p| bump(&mut p.opening.last.rounds[0][1])),
        ("clear table", |p| bump(&mut p.opening.last.clear[0])),
        ("last nonce", |p| p.opening.last.nonce ^= 1),
        ("tail", |p| bump(&mut p.opening.last.tail[1][0])),
    ];
    let mut reasons = vec![];
    let mut check = |what: &str, proof: Proof<Poseidon>| {
        let mut file = honest.clone();
        file.proof = proof;
        // Changes before positions are drawn mostly call for other leaves, so pack unchecked.
        let (mut calldata, _) = pack(&pk.vk, &honest).expect("an honest proof");
        calldata.proof = stwo_ml_calldata::pack_proof(&pk.vk, &file.proof).0;
        match cairo.agree(&pk.vk, &calldata, what) {
            Verdict::Accepted => panic!("{what}: accepted"),
            Verdict::Rejected(reason) => reasons.push(reason),
        }
    };
    for (what, change) in changes {
        let mut proof = honest.proof.clone();
        change(&mut proof);
        check(what, proof);
    }
    // Leaves and siblings of every code.
    let openings = |p: &Proof<Poseidon>| {
        p.opening
            .levels
            .iter()
            .map(|l| l.openings.len())
            .chain([p.opening.last.openings.len()])
            .collect::<Vec<_>>()
    };
    for (level, n) in openings(&honest.proof).into_iter().enumerate() {
        for code in 0..n {
            for sibling in [false, true] {
                let mut proof = honest.proof.clone();
                let root = proof.witness_root;
                let last = proof.opening.levels.len() == level;
                let opening = if last {
                    &mut proof.opening.last.openings[code]
                } else {
                    &mut proof.opening.levels[level].openings[code]
                };
                if sibling {
                    opening.witness[0] = root;
                } else {
                    opening.leaves[0] += one;
                }
                check(&format!("level {level}, code {code}, sibling {sibling}"), proof);
            }
        }
    }
    for part in
        ["lookup: ", "identities: ", "channel: proof of work", "opening: merkle", "opening: claims"]
    {
        assert!(reasons.iter().any(|r| r.contains(part)), "nothing was caught by {part}");
    }
}

/// Calldata with a felt changed, missing, twice, left over.
#[test]
fn rust_and_cairo_agree_on_changed_felts() {
    let cairo = Cairo::compile();
    let (pk, file) = honest("dense");
    let (honest, _) = pack(&pk.vk, &file).expect("an honest proof");
    type List = fn(&mut Calldata) -> &mut Vec<Felt>;
    let lists: [(&str, List); 4] = [
        ("model", |c| &mut c.model),
        ("inputs", |c| &mut c.inputs),
        ("outputs", |c| &mut c.outputs),
        ("proof", |c| &mut c.proof),
    ];
    let mut changed: Vec<(String, Calldata)> = vec![];
    for (name, list) in lists {
        let n = list(&mut honest.clone()).len();
        for index in 0..n {
            let mut change = |what: &str, f: &dyn Fn(&mut Vec<Felt>)| {
                let mut other = honest.clone();
                f(list(&mut other));
                if other != honest {
                    changed.push((format!("{name}, felt {index}, {what}"), other));
                }
            };
            change("plus one", &|felts| felts[index] += Felt::ONE);
            change("a high bit", &|felts| felts[index] += Felt::TWO.pow(249u32));
            change("the largest", &|felts| felts[index] = -Felt::ONE);
            if index % 8 == 0 {
                change("missing", &|felts| {
                    felts.remove(index);
                });
                change("twice", &|felts| felts.insert(index, felts[index]));
            }
        }
        let mut longer = honest.clone();
        list(&mut longer).push(Felt::ZERO);
        changed.push((format!("{name}, a felt more"), longer));
        let mut empty = honest.clone();
        list(&mut empty).clear();
        changed.push((format!("{name}, none"), empty));
    }
    let mut other = honest.clone();
    other.context[0] ^= 1;
    changed.push(("context".into(), other));
    let mut other = honest.clone();
    other.model_id += Felt::ONE;
    changed.push(("identifier".into(), other));
    changed.par_iter().for_each(|(what, calldata)| {
        assert_ne!(cairo.agree(&pk.vk, calldata, what), Verdict::Accepted, "{what}");
    });
    assert!(changed.len() > 300, "only {} changes", changed.len());
}

type Honest = (ProvingKey<Poseidon>, stwo_ml_verifier::codec::ProofFile<Poseidon>);

/// The honest proof of a model, under the profile for tests.
fn honest(name: &str) -> Honest {
    let case = case(name);
    let compiled = compile(&case);
    let pk = test_key(&compiled.circuit, &compiled.model);
    let ints = quantise_inputs(&compiled, &case.2[0]).expect("inputs of the right shape");
    let trace = execute(&compiled, &ints).expect("an honest execution");
    let file = proof_of(&pk, &trace.values);
    (pk, file)
}

/// The profiles of releases.
#[test]
fn rust_and_cairo_agree_at_96_bits() {
    let cairo = Cairo::compile();
    for (name, profile) in
        [("softmax", "conjectured-96-poseidon252"), ("relu", "proven-poseidon252")]
    {
        let case = case(name);
        let compiled = compile(&case);
        let profile = Profile::by_name(profile).expect("a profile of releases");
        let pk =
            setup(profile, compiled.circuit.clone(), &compiled.model).expect("a valid circuit");
        let ints = quantise_inputs(&compiled, &case.2[0]).expect("inputs of the right shape");
        let trace = execute(&compiled, &ints).expect("an honest execution");
        let file = proof_of(&pk, &trace.values);
        let (honest, _) = pack(&pk.vk, &file).expect("an honest proof");
        assert_eq!(cairo.agree(&pk.vk, &honest, name), Verdict::Accepted);
        for index in (0..honest.proof.len()).step_by(honest.proof.len() / 8) {
            let mut changed = honest.clone();
            changed.proof[index] += Felt::ONE;
            let what = format!("{name}, felt {index}");
            assert_ne!(cairo.agree(&pk.vk, &changed, &what), Verdict::Accepted);
        }
    }
}
