//! Verification keys: what pins a model (PROTOCOL §1, §4.1).

use std::marker::PhantomData;

use crate::channel::{Hash, Suite, Transcript};
use crate::circuit::Circuit;
use crate::encoding::{self, DIGIT_BITS, MAX_DIGITS};
use crate::error::KeyError;
use crate::field::K;
use crate::layout::Layouts;
use crate::lookup;
use crate::profile::{Profile, Schedule, SuiteName};
use crate::wire::{Reader, write_length, write_secure};

/// First bytes of a key file.
pub const MAGIC: [u8; 8] = *b"STWOMLVK";
/// Version of the key and proof formats, and of the protocol.
pub const VERSION: u32 = 4;

/// Everything about a model that a verifier needs. Built only through [`VerifyingKey::new`], which
/// validates the circuit and derives the rest.
pub struct VerifyingKey<S: Suite> {
    profile: Profile,
    circuit: Circuit,
    /// Its canonical encoding.
    digits: Vec<u16>,
    layouts: Layouts,
    schedule: Schedule,
    root: Hash<S>,
    ood_point: Vec<K>,
    ood_value: K,
    model_id: [u8; 32],
    suite: PhantomData<S>,
}

/// What a key is derived from before the value of `M` at its out-of-domain point is known.
pub struct KeyDraft<S: Suite> {
    profile: Profile,
    circuit: Circuit,
    /// Its canonical encoding.
    digits: Vec<u16>,
    layouts: Layouts,
    schedule: Schedule,
    suite: PhantomData<S>,
}

crate::plain::plain_data!(VerifyingKey {
    profile,
    circuit,
    digits,
    layouts,
    schedule,
    root,
    ood_point,
    ood_value,
    model_id,
    suite
});
crate::plain::plain_data!(KeyDraft { profile, circuit, digits, layouts, schedule, suite });

impl<S: Suite> KeyDraft<S> {
    /// Validates the circuit and derives layouts and schedule.
    ///
    /// # Errors
    /// A malformed circuit or one with too long an encoding, a profile of another suite, or tables
    /// that the profile cannot secure.
    pub fn new(profile: Profile, circuit: Circuit) -> Result<Self, KeyError> {
        if suite_name(profile.suite()) != S::NAME {
            return Err(KeyError::Suite { profile: profile.name(), suite: S::NAME });
        }
        circuit.validate()?;
        let digits = encoding::encode(&circuit)?;
        let mut layouts = Layouts::new(&circuit);
        let sizes = (layouts.model.log_size, layouts.witness.log_size);
        let schedule = Schedule::new(&profile, sizes.0, sizes.1)?;
        // The schedule may ask for a longer table; what is added is zero.
        layouts.model.log_size = schedule.tables[0].log_size;
        layouts.witness.log_size = schedule.tables[1].log_size;
        Ok(Self { profile, circuit, digits, layouts, schedule, suite: PhantomData })
    }

    /// The circuit.
    #[must_use]
    pub const fn circuit(&self) -> &Circuit {
        &self.circuit
    }

    /// Its layouts.
    #[must_use]
    pub const fn layouts(&self) -> &Layouts {
        &self.layouts
    }

    /// The schedule of the opening.
    #[must_use]
    pub const fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// The transcript of registration, up to and including the root of `M`.
    fn transcript(&self, root: Hash<S>) -> Transcript<S> {
        let mut transcript = Transcript::default();
        transcript.absorb_bytes(b"stwo-ml/model/v1");
        transcript.absorb_bytes(self.profile.name().as_bytes());
        transcript.absorb_words(&parameters(&self.schedule));
        transcript.absorb_words(&[u32::try_from(self.digits.len()).unwrap_or(u32::MAX)]);
        let digits: Vec<u32> = self.digits.iter().map(|&d| u32::from(d)).collect();
        transcript.absorb_packed(&digits, DIGIT_BITS);
        transcript.absorb_root(root);
        transcript
    }

    /// `zeta_M`: the point at which the registrant evaluates `M`.
    #[must_use]
    pub fn ood_point(&self, root: Hash<S>) -> Vec<K> {
        self.transcript(root).draw_many(self.layouts.model.log_size as usize)
    }

    /// The key, given `v_M = M(zeta_M)`.
    #[must_use]
    pub fn finish(self, root: Hash<S>, ood_value: K) -> VerifyingKey<S> {
        let mut transcript = self.transcript(root);
        let ood_point = transcript.draw_many(self.layouts.model.log_size as usize);
        transcript.absorb(&[ood_value]);
        let Self { profile, circuit, digits, layouts, schedule, suite } = self;
        let model_id = transcript.digest();
        VerifyingKey {
            profile,
            circuit,
            digits,
            layouts,
            schedule,
            root,
            ood_point,
            ood_value,
            model_id,
            suite,
        }
    }
}

impl<S: Suite> VerifyingKey<S> {
    /// Builds a key from its parts.
    ///
    /// # Errors
    /// As [`KeyDraft::new`].
    pub fn new(
        profile: Profile,
        circuit: Circuit,
        root: Hash<S>,
        ood_value: K,
    ) -> Result<Self, KeyError> {
        Ok(KeyDraft::new(profile, circuit)?.finish(root, ood_value))
    }

    /// The security profile.
    #[must_use]
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The circuit.
    #[must_use]
    pub const fn circuit(&self) -> &Circuit {
        &self.circuit
    }

    /// Where its tensors lie.
    #[must_use]
    pub const fn layouts(&self) -> &Layouts {
        &self.layouts
    }

    /// The schedule of the opening.
    #[must_use]
    pub const fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// Root of `M`.
    #[must_use]
    pub const fn root(&self) -> &Hash<S> {
        &self.root
    }

    /// The out-of-domain point of `M` and its value there.
    #[must_use]
    pub fn ood(&self) -> (&[K], K) {
        (&self.ood_point, self.ood_value)
    }

    /// The canonical encoding of the circuit.
    #[must_use]
    pub fn digits(&self) -> &[u16] {
        &self.digits
    }

    /// Identifier of the model: binds profile, parameters, circuit, root and out-of-domain value.
    #[must_use]
    pub const fn model_id(&self) -> [u8; 32] {
        self.model_id
    }

    /// The key as a file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend(VERSION.to_le_bytes());
        let name = self.profile.name().as_bytes();
        write_length(&mut out, name.len());
        out.extend(name);
        out.extend(S::hash_to_bytes(&self.root));
        write_secure(&mut out, self.ood_value);
        write_length(&mut out, self.digits.len());
        out.extend(self.digits.iter().flat_map(|d| d.to_le_bytes()));
        out
    }

    /// Reads a key file. Profiles for tests are refused, so whatever is verified with a key that was
    /// read has the bits of its schedule: 96, for `proven` perhaps fewer ([`Schedule::bits`]).
    ///
    /// # Errors
    /// What is malformed.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let mut reader = Reader::new(bytes);
        let profile = read_header(&mut reader)?;
        let root = reader.hash::<S>("root of the model")?;
        let ood_value = reader.secure("out-of-domain value")?;
        let n = reader.length(MAX_DIGITS, "circuit")?;
        let bytes = reader.slice(2 * n, "circuit")?;
        reader.finish()?;
        let digits: Vec<u16> =
            bytes.as_chunks().0.iter().map(|&digit| u16::from_le_bytes(digit)).collect();
        Self::new(profile, encoding::decode(&digits)?, root, ood_value)
    }
}

fn read_header(reader: &mut Reader<'_>) -> Result<Profile, KeyError> {
    if reader.array::<8>("magic number")? != MAGIC {
        return Err(KeyError::Magic);
    }
    let version = reader.u32("version")?;
    if version != VERSION {
        return Err(KeyError::Version { got: version });
    }
    let n = reader.length(64, "profile")?;
    let name = String::from_utf8_lossy(reader.slice(n, "profile")?).into_owned();
    Profile::by_name(&name).ok_or(KeyError::Profile { name })
}

/// The profile of a key file, to find out which suite to read it with.
///
/// # Errors
/// What is malformed in the first fields.
pub fn peek_profile(bytes: &[u8]) -> Result<Profile, KeyError> {
    read_header(&mut Reader::new(bytes))
}

/// [`Suite::NAME`] of the suite that a profile names.
#[must_use]
pub const fn suite_name(suite: SuiteName) -> &'static str {
    match suite {
        SuiteName::Blake2s => "blake2s",
        SuiteName::Poseidon252 => "poseidon252",
    }
}

/// What `model_id` absorbs of the parameters: for every code `log_size, log_rows, log_blowup,
/// n_queries`, then the bits of work of a level, the size of the clear table, the level of the join
/// and the bits of work before the lookups. The hash suite follows from the name of the profile.
#[must_use]
pub fn parameters(schedule: &Schedule) -> Vec<u32> {
    let word = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let codes = schedule.tables.iter().chain(&schedule.folded);
    codes
        .flat_map(|c| [c.log_size, c.log_rows, c.log_blowup, word(c.n_queries)])
        .chain([schedule.pow_bits, schedule.log_clear, word(schedule.join), lookup::POW_BITS])
        .collect()
}

#[cfg(test)]
#[path = "key_test.rs"]
mod tests;
