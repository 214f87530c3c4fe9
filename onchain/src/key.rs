//! The key that signs: read from a keystore or handed over as text, wiped when dropped, never shown.

use std::path::Path;

use starknet_rust::core::types::Felt;
use starknet_rust::signers::SigningKey;
use zeroize::Zeroizing;

use crate::{Error, Result, parse_felt};

/// A private key of the STARK curve.
pub struct Key(SigningKey);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Key {
    /// From hexadecimal digits; `source` names where they came from.
    ///
    /// # Errors
    /// Digits that are not a secret scalar. The message does not repeat them.
    pub fn from_hex(digits: &str, source: &str) -> Result<Self> {
        let bad = || Error::BadKey(source.to_string());
        Self::checked(SigningKey::from_secret_scalar(parse_felt(digits.trim()).map_err(|_| bad())?))
            .ok_or_else(bad)
    }

    /// From an encrypted keystore (Web3 Secret Storage, as Starknet's wallets and tools write it).
    ///
    /// # Errors
    /// A file that is missing or malformed, a wrong password, or a content that is no key.
    pub fn from_keystore(path: &Path, password: &Zeroizing<String>) -> Result<Self> {
        if let Err(source) = std::fs::metadata(path) {
            return Err(Error::Read { path: path.to_path_buf(), source });
        }
        let opened = SigningKey::from_keystore(path, password)
            .map_err(|e| Error::Keystore { path: path.to_path_buf(), reason: e.to_string() })?;
        Self::checked(opened)
            .ok_or_else(|| Error::BadKey(format!("the keystore {}", path.display())))
    }

    /// A key whose scalar is between 1 and the order of the curve.
    fn checked(key: SigningKey) -> Option<Self> {
        // Signing anything fails for a scalar that is zero or too large.
        let fits = key.secret_scalar() != Felt::ZERO && key.secret_scalar() < order();
        (fits && key.sign(&Felt::ONE).is_ok()).then_some(Self(key))
    }

    /// The key, to sign with.
    #[must_use]
    pub fn signing(&self) -> SigningKey {
        self.0.clone()
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> Felt {
        self.0.verifying_key().scalar()
    }
}

/// The order of the STARK curve's group.
const fn order() -> Felt {
    Felt::from_hex_unchecked("0x800000000000010ffffffffffffffffb781126dcae7b2321e66a241adc64d2f")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0x139fe4d6f02e666e86a6f58e65060f115cd3c185bd9e98bd829636931458f79";

    #[test]
    fn keys_are_checked_and_never_shown() {
        let key = Key::from_hex(SECRET, "the test").expect("it is a key");
        assert_eq!(format!("{key:?}"), "Key(..)");
        assert_eq!(
            key.public(),
            parse_felt("0x2c5dbad71c92a45cc4b40573ae661f8147869a91d57b8d9b8f48c8af7f83159")
                .expect("a felt")
        );
        let order = format!("{:#x}", order());
        for bad in ["0x0", "zz", "", &order] {
            let error = Key::from_hex(bad, "STWO_ML_PRIVATE_KEY").expect_err("no key").to_string();
            assert!(error.starts_with("STWO_ML_PRIVATE_KEY") && !error.contains("zz"), "{error}");
        }
    }

    #[test]
    fn keystores_open_with_their_password() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key.json");
        let key = Key::from_hex(SECRET, "the test").expect("it is a key");
        key.signing().save_as_keystore(&path, "right").expect("it is written");
        let open =
            |password: &str| Key::from_keystore(&path, &Zeroizing::new(password.to_string()));
        assert_eq!(open("right").expect("it opens").public(), key.public());
        assert!(matches!(open("wrong"), Err(Error::Keystore { .. })));
        std::fs::write(&path, "{}").expect("it is written");
        assert!(matches!(open("right"), Err(Error::Keystore { .. })));
        std::fs::remove_file(&path).expect("it was there");
        assert!(matches!(open("right"), Err(Error::Read { .. })));
    }
}
