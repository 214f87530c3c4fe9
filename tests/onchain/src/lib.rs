//! Rust and Cairo agree: the same calldata gets the same verdict from both, accepted or rejected,
//! and rejected by the same part of the protocol (PROTOCOL §7).

pub mod random;

use std::path::Path;

use stwo_ml_cairo::{Arg, Options, Package, Program, short_strings};
use stwo_ml_calldata::{Calldata, Felt, Poseidon, UnpackError, pack, unpack};
use stwo_ml_prover::prove::{ProvingKey, prove, setup};
use stwo_ml_verifier::circuit::Circuit;
use stwo_ml_verifier::codec::ProofFile;
use stwo_ml_verifier::error::{OpeningError, VerifyError};
use stwo_ml_verifier::key::VerifyingKey;
use stwo_ml_verifier::merkle::MerkleError;
use stwo_ml_verifier::profile::{Profile, SuiteName};
use stwo_ml_verifier::verify::verify;

/// The Cairo verifier, compiled.
pub struct Cairo {
    program: Program,
}

/// What both say of a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is one, of the statement and the model that it is given with.
    Accepted,
    /// It is none, for Cairo's reason.
    Rejected(String),
}

impl Cairo {
    /// Compiles the package, its tests among it: only they know the profile for tests.
    ///
    /// # Panics
    /// The compiler refuses it.
    #[must_use]
    pub fn compile() -> Self {
        Self::of("../../cairo/verifier", Options { tests: true, ..Options::default() })
    }

    /// Compiles the building blocks, functions of felts, with the verifier that they are part of.
    ///
    /// # Panics
    /// The compiler refuses them.
    #[must_use]
    pub fn compile_blocks() -> Self {
        let corelib = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cairo/corelib/src");
        Self::of("blocks", Options { corelib: Some(corelib), ..Options::default() })
    }

    fn of(package: &str, options: Options) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(package);
        let package = Package::load(&root).unwrap_or_else(|e| panic!("{e}"));
        let program = Program::compile(&package, &options).unwrap_or_else(|e| panic!("{e}"));
        Self { program }
    }

    /// The result of a function, or the panic data as text.
    ///
    /// # Panics
    /// There is no such function, or it takes other arguments.
    pub fn call(&self, function: &str, arguments: Vec<Arg>) -> Result<Vec<Felt>, String> {
        let outcome = self.program.run(function, arguments).unwrap_or_else(|e| panic!("{e}"));
        outcome.result.map_err(|data| short_strings(&data))
    }

    /// What Cairo says, as the contract would: the felts of the model must have the identifier.
    #[must_use]
    pub fn verdict(&self, calldata: &Calldata) -> Verdict {
        let (high, low) = calldata.context.split_at(16);
        let mut arguments = vec![felts(&calldata.model)];
        arguments.extend([low, high].map(|half| Arg::Value(Felt::from_bytes_be_slice(half))));
        arguments.extend([&calldata.inputs, &calldata.outputs, &calldata.proof].map(|f| felts(f)));
        match self.call("verify::verify", arguments) {
            Ok(id) if id == [calldata.model_id] => Verdict::Accepted,
            Ok(_) => Verdict::Rejected("another model".into()),
            Err(reason) => Verdict::Rejected(reason),
        }
    }

    /// Has Rust and Cairo read and verify the same felts.
    ///
    /// # Panics
    /// They disagree, or Cairo has no name for its reason to refuse a statement or a proof.
    #[must_use]
    pub fn agree(&self, vk: &VerifyingKey<Poseidon>, calldata: &Calldata, what: &str) -> Verdict {
        let cairo = self.verdict(calldata);
        let read = unpack(vk, calldata);
        let rust = read.as_ref().map(|file| verify(vk, &file.statement, &file.proof));
        let agree = match (&rust, &cairo) {
            (Ok(Ok(())), Verdict::Accepted) => true,
            (Ok(Ok(())), Verdict::Rejected(_)) | (_, Verdict::Accepted) => false,
            (Ok(Err(error)), Verdict::Rejected(reason)) => {
                part_of(error).is_some_and(|part| reason.starts_with(&format!("'{part}")))
            }
            // Malformed models are what registration is for: that they are refused is enough.
            (Err(UnpackError::Felt { list: "model", .. }), Verdict::Rejected(_)) => true,
            // Read in one pass and checked on the way, Cairo may find another fault first.
            (Err(_), Verdict::Rejected(reason)) => {
                reason.contains(": ") || reason == "another model"
            }
        };
        assert!(agree, "{what}: Rust says {rust:?}, Cairo says {cairo:?}");
        cairo
    }

    /// [`Cairo::agree`] on a proof in memory.
    ///
    /// # Panics
    /// As [`Cairo::agree`]; or the proof has no felts.
    #[must_use]
    pub fn agree_on(
        &self,
        vk: &VerifyingKey<Poseidon>,
        file: &ProofFile<Poseidon>,
        what: &str,
    ) -> Verdict {
        let (calldata, _) = pack(vk, file).unwrap_or_else(|e| panic!("{what}: {e}"));
        self.agree(vk, &calldata, what)
    }
}

/// How Cairo's reason begins where Rust gives this error for a proof that was unpacked.
fn part_of(error: &VerifyError) -> Option<&'static str> {
    match error {
        VerifyError::ProofOfWork { .. }
        | VerifyError::Commitment(OpeningError::ProofOfWork { .. }) => {
            Some("channel: proof of work")
        }
        VerifyError::Lookup { .. } => Some("lookup: "),
        VerifyError::Products { .. } => Some("identities: "),
        VerifyError::Opening { .. } => Some("opening: claims"),
        VerifyError::Commitment(OpeningError::Merkle { source: MerkleError::Root, .. }) => {
            Some("opening: merkle root")
        }
        // The other faults are found when felts are read.
        VerifyError::Statement(_)
        | VerifyError::NotCanonical { .. }
        | VerifyError::Commitment(_) => None,
    }
}

/// An argument that is a span of felts.
#[must_use]
pub fn felts(felts: &[Felt]) -> Arg {
    Arg::Array(felts.iter().copied().map(Arg::Value).collect())
}

/// A key for tests: four queries, two bits of work.
///
/// # Panics
/// The circuit or the model is malformed.
#[must_use]
pub fn test_key(circuit: &Circuit, model: &[Vec<i32>]) -> ProvingKey<Poseidon> {
    let profile = Profile::test_insecure(SuiteName::Poseidon252);
    setup(profile, circuit.clone(), model).expect("a valid circuit and its model")
}

/// A proof of a trace, true or false.
///
/// # Panics
/// The trace is incomplete.
#[must_use]
pub fn proof_of(pk: &ProvingKey<Poseidon>, trace: &[Vec<i32>]) -> ProofFile<Poseidon> {
    prove(pk, trace, [0x5a; 32], &mut |_| ()).expect("a complete trace").0
}
