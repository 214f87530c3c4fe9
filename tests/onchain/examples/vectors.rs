//! Prints `cairo/verifier/src/verify_vectors.cairo`: small proofs that Cairo's own tests verify.
//! Run it when the encoding of circuits or the protocol changes, and format what it prints.

use stwo_ml_adversary::cases;
use stwo_ml_adversary::lies::compile;
use stwo_ml_calldata::{Felt, pack};
use stwo_ml_compiler::execute::execute;
use stwo_ml_compiler::ports::quantise_inputs;
use stwo_ml_onchain_tests::test_key;
use stwo_ml_prover::prove::prove;

/// Names of the constants, and the models.
const MODELS: [(&str, &str); 4] = [
    ("DENSE", "dense"),
    ("VIEWS", "transpose, slice, pad, concat, reshape"),
    ("MAXPOOL", "maximum pooling with padding"),
    ("SOFTMAX", "softmax"),
];

fn list(name: &str, felts: &[Felt]) {
    let n = felts.len();
    println!("pub(crate) const {name}: [felt252; {n}] = [");
    felts.iter().for_each(|felt| println!("    {felt:#x},"));
    println!("];\n");
}

fn main() {
    println!(
        "//! Proofs made by the Rust prover with a profile for tests (4 queries, 2 bits of work), as"
    );
    println!(
        "//! calldata: the key, inputs, outputs and the proof; contexts are zero. The circuits are those of"
    );
    println!(
        "//! the tests with liars: a dense layer, views that slice and join, a pooling with comparisons, a"
    );
    println!("//! softmax. Printed by the example `vectors` of the tests on chain.\n");
    let all = cases();
    for (name, model) in MODELS {
        let case = all.iter().find(|case| case.0 == model).expect("a model of this name");
        let compiled = compile(case);
        let pk = test_key(&compiled.circuit, &compiled.model);
        let inputs = quantise_inputs(&compiled, &case.2[0]).expect("inputs of the right shape");
        let trace = execute(&compiled, &inputs).expect("an honest execution");
        let file = prove(&pk, &trace.values, [0; 32], &mut |_| ()).expect("a complete trace").0;
        let (calldata, _) = pack(&pk.vk, &file).expect("felts of the proof");
        println!("/// Identifier of `{}`.", name.to_lowercase());
        println!("pub(crate) const {name}_ID: felt252 = {:#x};\n", calldata.model_id);
        list(&format!("{name}_MODEL"), &calldata.model);
        list(&format!("{name}_INPUTS"), &calldata.inputs);
        list(&format!("{name}_OUTPUTS"), &calldata.outputs);
        list(&format!("{name}_PROOF"), &calldata.proof);
    }
}
