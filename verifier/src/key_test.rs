use stwo::core::vcs::blake2_hash::Blake2sHash;
use stwo::core::vcs_lifted::blake2_merkle::Blake2sMerkleChannel as Blake2s;

use super::*;
use crate::circuit::{Arg, Axis, Identity, Kind, Lookup, Table, Tensor, Term, View};
use crate::encoding::EncodingError;
use crate::field::ONE;
use crate::wire::WireError;

fn circuit() -> Circuit {
    let tensor = |shape: &[u32], kind| Tensor { shape: shape.to_vec(), kind };
    let term = |coef, tensor| {
        let view = View { tensor, dims: vec![4], axes: vec![Axis::Var(0)] };
        Term { coef, view: Some(view) }
    };
    Circuit {
        tensors: vec![
            tensor(&[4], Kind::Witness),
            tensor(&[1 << 12], Kind::Witness),
            tensor(&[4], Kind::Output { lo: 0, hi: 255 }),
        ],
        tables: vec![Table { log_size: 12, lo: 0, outputs: vec![], multiplicity: 1 }],
        lookups: vec![Lookup { table: 0, key: Arg::tensor(0), values: vec![] }],
        identities: vec![Identity {
            dims: vec![4],
            linear: vec![term(1, 0), term(-1, 2)],
            products: vec![],
        }],
    }
}

fn key() -> VerifyingKey<Blake2s> {
    let profile = Profile::by_name("conjectured-96-blake2s").unwrap();
    VerifyingKey::new(profile, circuit(), Blake2sHash([7; 32]), ONE).unwrap()
}

/// A change of these values is a change of the protocol: keys made before are of another model.
#[test]
fn the_identifier_is_pinned() {
    let key = key();
    // Codes of M, of W and of a folded table; then work, clear table, join, work of the lookups.
    let codes = [[8, 3, 4, 20], [13, 4, 2, 38], [9, 4, 8, 10]];
    assert_eq!(parameters(key.schedule()), [codes.as_flattened(), &[26, 6, 1, 16]].concat());
    let hex: String = key.model_id().iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(hex, "17849cece0232d72f00d2f588a244945b76b22530bf8c7e3d1f80b89d5fa7d9a");
}

#[test]
fn the_identifier_binds_the_parameters() {
    let draft = KeyDraft::<Blake2s>::new(*key().profile(), circuit()).unwrap();
    let id = |draft: &KeyDraft<Blake2s>| draft.clone().finish(Blake2sHash([7; 32]), ONE).model_id();
    assert_eq!(id(&draft), key().model_id());
    let changes: [fn(&mut Schedule); 7] = [
        |s| s.tables[0].n_queries -= 1,
        |s| s.tables[1].log_rows += 1,
        |s| s.tables[1].log_blowup += 1,
        |s| s.pow_bits -= 1,
        |s| s.log_clear += 1,
        |s| s.join += 1,
        |s| s.folded.truncate(0),
    ];
    for (i, change) in changes.into_iter().enumerate() {
        let mut other = draft.clone();
        change(&mut other.schedule);
        assert_ne!(id(&other), id(&draft), "change {i}");
    }
}

#[test]
fn key_files_have_one_encoding() {
    let key = key();
    let bytes = key.to_bytes();
    assert_eq!(VerifyingKey::<Blake2s>::from_bytes(&bytes).unwrap(), key);
    let at = bytes.len() - 2 * key.digits.len();
    let file = |digits: &[u16]| {
        let mut file = bytes[..at - 4].to_vec();
        write_length(&mut file, digits.len());
        file.extend(digits.iter().flat_map(|d| d.to_le_bytes()));
        VerifyingKey::<Blake2s>::from_bytes(&file)
    };
    assert_eq!(file(&key.digits), Ok(key.clone()));
    // A digit after the circuit; its first integer, the number of shapes, one digit longer; a digit
    // with a bit too many; a digit less; a shape that nothing uses; half a digit.
    let refused = |digits: &[u16], error| assert_eq!(file(digits), Err(KeyError::Encoding(error)));
    refused(&[&key.digits[..], &[0]].concat(), EncodingError::Trailing { n_digits: 1 });
    assert_eq!(key.digits[0], 2);
    let shape = "a shape";
    let longer = [&[2 | 1 << 14, 0], &key.digits[1..]].concat();
    refused(&longer, EncodingError::Integer { what: shape });
    let wide = [&[2 | 1 << 15], &key.digits[1..]].concat();
    refused(&wide, EncodingError::Digit { what: shape });
    let n = key.digits.len();
    refused(&key.digits[..n - 1], EncodingError::Missing { what: "an identity" });
    let unused = [&[3, 1, 9], &key.digits[1..]].concat();
    assert!(matches!(file(&unused), Err(KeyError::Encoding(_))));
    let half = VerifyingKey::<Blake2s>::from_bytes(&bytes[..bytes.len() - 1]).unwrap_err();
    assert_eq!(half, KeyError::Wire(WireError::Missing { what: "circuit" }));
}

#[test]
fn keys_of_test_profiles_are_not_read() {
    let profile = Profile::test_insecure(SuiteName::Blake2s);
    let key = VerifyingKey::<Blake2s>::new(profile, circuit(), Blake2sHash([7; 32]), ONE).unwrap();
    let error = VerifyingKey::<Blake2s>::from_bytes(&key.to_bytes()).unwrap_err();
    assert_eq!(error, KeyError::Profile { name: profile.name().into() });
}
