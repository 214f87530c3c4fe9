//! What a prover sends, in the order of the transcript (PROTOCOL §5): every message is absorbed when
//! it is sent, and what is drawn afterwards depends on it.
//!
//! In tests an [`Adversary`] may change a message as it is sent. The prover goes on from what was
//! sent: its later messages follow from the lie, and so do all later challenges.

use stwo::prover::backend::simd::column::BaseColumn;
use stwo::prover::backend::simd::qm31::PackedQM31;
use stwo_ml_verifier::channel::{Hash, Suite, Transcript};
use stwo_ml_verifier::field::K;

use crate::grind::grind;

/// A message: a row of the transcript table of PROTOCOL §5, from the witness on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// Root of `W`.
    WitnessRoot,
    /// `W` at its out-of-domain point.
    WitnessOod,
    /// Nonce before the lookups.
    LookupWork,
    /// `h_1, h_2`.
    LayerRound {
        /// Layer of the lookups.
        layer: usize,
        /// Round of the layer.
        round: usize,
    },
    /// The four values at the end of a layer.
    LayerMask {
        /// Layer of the lookups.
        layer: usize,
    },
    /// `<M, table outputs>`.
    ModelColumns,
    /// Linear part of the identities on `W`, on `M`.
    LinearParts,
    /// `c_0, c_2, c_3`.
    IdentityRound {
        /// Round.
        round: usize,
    },
    /// All factors.
    Factors,
    /// `c_0, c_2`.
    OpeningRound {
        /// Level; those of the tail have the level after the last.
        level: usize,
        /// Round of the level.
        round: usize,
    },
    /// Root of a folded table.
    FoldedRoot {
        /// Level.
        level: usize,
    },
    /// A folded table at its out-of-domain point.
    FoldedOod {
        /// Level.
        level: usize,
    },
    /// The last folded table.
    ClearTable,
    /// Nonce at the end of a level.
    LevelWork {
        /// Level.
        level: usize,
    },
}

/// What the verifier checks about a list as soon as it has it: zero if the check holds.
pub(crate) type Check<'a> = &'a dyn Fn(&[K]) -> K;

/// Where a lying prover of the tests departs from the protocol. Everything after a lie is computed
/// from it as the protocol has it.
pub(crate) trait Adversary<S: Suite> {
    /// Before field elements are sent; `check` is what they must satisfy at once, if anything.
    fn felts(&mut self, _message: Message, _values: &mut [K], _check: Option<Check<'_>>) {}
    /// Before a root is sent; the tree stays what it is.
    fn root(&mut self, _message: Message, _root: &mut Hash<S>) {}
    /// Before the nonce of a proof of work over `seed` is sent.
    fn nonce(&mut self, _message: Message, _seed: &[u8; 32], _nonce: &mut u64) {}
    /// Before the folded table of a level is committed or sent; `weights` are those of its claims.
    fn folded(&mut self, _level: usize, _table: &mut Vec<PackedQM31>, _weights: &[PackedQM31]) {}
    /// Before the encoded folded table of a level is hashed.
    fn codeword(&mut self, _level: usize, _columns: &mut [BaseColumn]) {}
}

/// The prover's end of the transcript.
#[allow(missing_debug_implementations)]
pub struct Sender<'a, S: Suite> {
    transcript: Transcript<S>,
    adversary: Option<&'a mut dyn Adversary<S>>,
}

impl<S: Suite> From<Transcript<S>> for Sender<'_, S> {
    /// An honest sender.
    fn from(transcript: Transcript<S>) -> Self {
        Self { transcript, adversary: None }
    }
}

impl<'a, S: Suite> Sender<'a, S> {
    /// A sender whose messages the adversary, if there is one, may change.
    pub(crate) fn with(
        transcript: Transcript<S>,
        adversary: Option<&'a mut dyn Adversary<S>>,
    ) -> Self {
        Self { transcript, adversary }
    }

    /// The adversary, if there is one.
    pub(crate) fn adversary(&mut self) -> Option<&mut (dyn Adversary<S> + 'a)> {
        self.adversary.as_deref_mut()
    }

    /// The transcript, to draw from.
    pub const fn transcript(&mut self) -> &mut Transcript<S> {
        &mut self.transcript
    }

    /// Draws one challenge.
    pub fn draw(&mut self) -> K {
        self.transcript.draw()
    }

    /// Sends field elements. Returns what was sent.
    #[must_use = "later messages follow from what was sent"]
    pub fn send<const N: usize>(&mut self, message: Message, mut values: [K; N]) -> [K; N] {
        self.send_list(message, &mut values);
        values
    }

    /// Sends a list of field elements, and leaves in it what was sent.
    pub fn send_list(&mut self, message: Message, values: &mut [K]) {
        if let Some(adversary) = &mut self.adversary {
            adversary.felts(message, values, None);
        }
        self.transcript.absorb(values);
    }

    /// [`Sender::send_list`] of values that the verifier checks as soon as it has them.
    pub(crate) fn send_checked(&mut self, message: Message, values: &mut [K], check: Check<'_>) {
        if let Some(adversary) = &mut self.adversary {
            adversary.felts(message, values, Some(check));
        }
        self.transcript.absorb(values);
    }

    /// Sends a root. Returns what was sent.
    pub fn send_root(&mut self, message: Message, mut root: Hash<S>) -> Hash<S> {
        if let Some(adversary) = &mut self.adversary {
            adversary.root(message, &mut root);
        }
        self.transcript.absorb_root(root);
        root
    }

    /// Finds the nonce of a proof of work and sends it. Returns what was sent.
    pub fn work(&mut self, message: Message, n_bits: u32) -> u64 {
        let seed = self.transcript.pow_seed(n_bits);
        let mut nonce = grind(&seed, n_bits);
        if let Some(adversary) = &mut self.adversary {
            adversary.nonce(message, &seed, &mut nonce);
        }
        // An honest nonce is good; whether a lying prover's is, the verifier says.
        let _ = self.transcript.check_pow(n_bits, nonce);
        nonce
    }
}
