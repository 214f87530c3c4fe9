//! The circuit of every operation has one encoding (PROTOCOL Appendix C).

use stwo_ml_adversary::cases;
use stwo_ml_compiler::quantise::{QuantiseOptions, quantise};
use stwo_ml_verifier::encoding::{DIGIT_BITS, decode, encode};

#[test]
fn circuits_of_all_operations_survive_the_round_trip() {
    for (name, graph, inputs) in cases() {
        let options = QuantiseOptions { bits: 8, input_bits: 8, ..Default::default() };
        let circuit = quantise(&graph, &inputs, &options).expect("it lowers").circuit;
        circuit.validate().unwrap_or_else(|e| panic!("{name}: {e}"));
        let digits = encode(&circuit).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(digits.iter().all(|&d| d >> DIGIT_BITS == 0), "{name}");
        assert_eq!(decode(&digits), Ok(circuit), "{name}");
        // Any digit changed, the last one missing: an error or another circuit.
        for at in 0..digits.len() {
            let mut other = digits.clone();
            other[at] ^= 1;
            if let Ok(read) = decode(&other) {
                assert_eq!(encode(&read), Ok(other), "{name}, digit {at}");
            }
        }
        assert!(decode(&digits[..digits.len() - 1]).is_err(), "{name}");
    }
}
