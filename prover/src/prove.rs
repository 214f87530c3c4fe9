//! The prover, top to bottom as PROTOCOL §5: mirror of the verifier's `verify`.

use rayon::prelude::*;
use stwo_ml_verifier::circuit::{Circuit, Kind};
use stwo_ml_verifier::codec::ProofFile;
use stwo_ml_verifier::error::KeyError;
use stwo_ml_verifier::field::F;
use stwo_ml_verifier::functional::{Public, padded_indices};
use stwo_ml_verifier::key::{KeyDraft, VerifyingKey};
use stwo_ml_verifier::layout::Layout;
use stwo_ml_verifier::lookup::{self as lookups, Challenges, LookupProof};
use stwo_ml_verifier::profile::Profile;
use stwo_ml_verifier::proof::{Proof, Statement};
use stwo_ml_verifier::verify::{Claims, seed};
use thiserror::Error;

use crate::commit::{Committed, ProverSuite, commit};
use crate::cost::{Cost, Stopwatch};
use crate::packed::{PackedF, pack};
use crate::product::Tables;
use crate::sender::{Adversary, Message, Sender};
use crate::{lookup, opening, product, weights};

/// Why a proof could not be made.
#[derive(Debug, Error)]
#[allow(missing_docs)]
pub enum ProveError {
    /// The trace is not of this circuit.
    #[error("tensor {tensor}: {got} entries in the trace, {expected} in the circuit")]
    Trace { tensor: usize, got: usize, expected: usize },
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// A model ready to be proven: its key and the committed table `M`.
#[allow(missing_debug_implementations)]
pub struct ProvingKey<S: ProverSuite> {
    /// What verifiers have.
    pub vk: VerifyingKey<S>,
    /// The table `M`.
    pub model: Committed<S>,
}

/// Parts of a proof's time, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Encoding and hashing the witness.
    Commit,
    /// Proof of work, all together.
    ProofOfWork,
    /// Lookups.
    Lookups,
    /// Identities.
    Identities,
    /// Opening, without its proofs of work.
    Opening,
}

impl Phase {
    /// Name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::ProofOfWork => "proof of work",
            Self::Lookups => "lookups",
            Self::Identities => "identities",
            Self::Opening => "opening",
        }
    }
}

/// A proof with its statement, and what each phase cost.
pub type Proven<S> = (ProofFile<S>, Vec<(Phase, Cost)>);

/// Registers a model: lays out and commits `M` and derives the key (PROTOCOL §4.1).
///
/// `model` has the real entries of every `Model` tensor, by tensor id.
///
/// # Errors
/// A malformed circuit, entries that do not fit it, or sizes that the profile cannot secure.
pub fn setup<S: ProverSuite>(
    profile: Profile,
    circuit: Circuit,
    model: &[Vec<i32>],
) -> Result<ProvingKey<S>, ProveError> {
    let draft = KeyDraft::<S>::new(profile, circuit)?;
    let layout = &draft.layouts().model;
    let mut table = vec![F::from_u32_unchecked(0); 1 << layout.log_size];
    for (id, tensor) in draft.circuit().tensors.iter().enumerate() {
        let Some(slot) = layout.slots[id] else { continue };
        let entries = model.get(id).map_or(&[][..], Vec::as_slice);
        if entries.len() as u64 != tensor.n_entries() {
            let expected = usize::try_from(tensor.n_entries()).unwrap_or(usize::MAX);
            return Err(ProveError::Trace { tensor: id, got: entries.len(), expected });
        }
        let start = slot.range().start;
        for (index, &v) in padded_indices(&tensor.shape).zip(entries) {
            table[start + index] = embed(v);
        }
    }
    let code = draft.schedule().tables[0];
    let model = commit::<S>(pack_table(&table), code.log_rows, code.log_blowup);
    let value = model.evaluate(&draft.ood_point(model.root()));
    let vk = draft.finish(model.root(), value);
    Ok(ProvingKey { vk, model })
}

/// Proves that the trace satisfies the circuit.
///
/// `trace` has every tensor in its padded layout (that of `Model` tensors is not read). It is not
/// checked: a wrong one gives a proof that the verifier rejects.
///
/// # Errors
/// A trace of another circuit.
pub fn prove<S: ProverSuite>(
    pk: &ProvingKey<S>,
    trace: &[Vec<i32>],
    context: [u8; 32],
    progress: &mut dyn FnMut(Phase),
) -> Result<Proven<S>, ProveError> {
    prove_as(pk, trace, context, progress, None)
}

/// [`prove`], by an adversary if there is one.
pub(crate) fn prove_as<S: ProverSuite>(
    pk: &ProvingKey<S>,
    trace: &[Vec<i32>],
    context: [u8; 32],
    progress: &mut dyn FnMut(Phase),
    adversary: Option<&mut dyn Adversary<S>>,
) -> Result<Proven<S>, ProveError> {
    let vk = &pk.vk;
    let (circuit, layouts) = (vk.circuit(), vk.layouts());
    let statement = statement(circuit, trace, context)?;
    let table = witness_table(circuit, &layouts.witness, trace)?;
    let model: &[F] = bytemuck::cast_slice(pk.model.values());
    let public = Public::new(circuit, &statement);
    let mut clock = Clock { costs: vec![], watch: Stopwatch::start(), progress };

    // Seed: protocol, model, statement.
    let mut sender = Sender::with(seed(vk, &statement), adversary);

    // Witness: its root, then a point that pins one table.
    clock.start(Phase::Commit);
    let code = vk.schedule().tables[1];
    let committed = commit::<S>(pack_table(&table), code.log_rows, code.log_blowup);
    let witness_root = sender.send_root(Message::WitnessRoot, committed.root());
    let ood_point = sender.transcript().draw_many(layouts.witness.log_size as usize);
    let [witness_ood] = sender.send(Message::WitnessOod, [committed.evaluate(&ood_point)]);
    let mut claims = Claims::new(vk, ood_point, witness_ood);

    // Lookups.
    clock.start(Phase::ProofOfWork);
    let nonce = sender.work(Message::LookupWork, lookups::POW_BITS);
    clock.start(Phase::Lookups);
    let challenges = Challenges::draw(sender.transcript());
    let leaves = lookup::leaves(circuit, layouts, model, &table, &challenges);
    let (layers, leaf) = lookup::prove(&mut sender, leaves);
    let zero = stwo_ml_verifier::field::ZERO;
    let shape = lookups::leaf_claims(circuit, layouts, &challenges, &leaf, zero);
    let model_columns = weights::apply(&shape.model.weights, model, &layouts.model, public);
    let [model_columns] = sender.send(Message::ModelColumns, [model_columns]);
    claims.add_leaves(lookups::leaf_claims(circuit, layouts, &challenges, &leaf, model_columns));
    let lookup = LookupProof { nonce, layers, model_columns };

    // Identities.
    clock.start(Phase::Identities);
    let tables = Tables { model, witness: &table };
    let (product, identity_claims) = product::prove(&mut sender, circuit, layouts, tables, public);
    claims.add_identities(identity_claims);

    // Opening.
    clock.start(Phase::Opening);
    let powers = claims.draw_powers(sender.transcript());
    let batched = [
        weights::batch(&claims.of[0], &powers[0], &layouts.model, public),
        weights::batch(&claims.of[1], &powers[1], &layouts.witness, public),
    ];
    let (opening, ground) = opening::prove(
        &mut sender,
        vk.schedule(),
        [&pk.model, &committed],
        batched.map(|v| v.words),
    );
    let costs = clock.stop(ground);
    let proof = Proof { witness_root, witness_ood, lookup, product, opening };
    Ok((ProofFile { statement, proof }, costs))
}

struct Clock<'a> {
    costs: Vec<(Phase, Cost)>,
    watch: Stopwatch,
    progress: &'a mut dyn FnMut(Phase),
}

impl Clock<'_> {
    fn start(&mut self, phase: Phase) {
        self.end();
        self.costs.push((phase, Cost::default()));
        self.watch = Stopwatch::start();
        (self.progress)(phase);
    }

    fn end(&mut self) {
        if let Some((_, cost)) = self.costs.last_mut() {
            *cost = self.watch.cost();
        }
    }

    /// Moves the proofs of work of the opening to their own line.
    fn stop(mut self, ground: Cost) -> Vec<(Phase, Cost)> {
        self.end();
        for (phase, cost) in &mut self.costs {
            match phase {
                Phase::Opening => *cost = *cost - ground,
                Phase::ProofOfWork => *cost += ground,
                Phase::Commit | Phase::Lookups | Phase::Identities => {}
            }
        }
        self.costs
    }
}

fn embed(v: i32) -> F {
    stwo_ml_verifier::field::embed(i64::from(v))
}

fn pack_table(table: &[F]) -> Vec<PackedF> {
    table.par_chunks(16).map(pack).collect()
}

/// The table `W` of a trace.
fn witness_table(
    circuit: &Circuit,
    layout: &Layout,
    trace: &[Vec<i32>],
) -> Result<Vec<F>, ProveError> {
    let mut table = vec![F::from_u32_unchecked(0); 1 << layout.log_size];
    for (id, slot) in layout.slots.iter().enumerate() {
        let Some(slot) = slot else { continue };
        let values = values(circuit, trace, id)?;
        table[slot.range()].par_iter_mut().zip(values).for_each(|(t, &v)| *t = embed(v));
    }
    Ok(table)
}

/// A tensor's entries in the trace, padding included.
fn values<'t>(
    circuit: &Circuit,
    trace: &'t [Vec<i32>],
    id: usize,
) -> Result<&'t [i32], ProveError> {
    let expected = 1usize << circuit.tensors[id].log_size();
    let values = trace.get(id).map_or(&[][..], Vec::as_slice);
    if values.len() != expected {
        return Err(ProveError::Trace { tensor: id, got: values.len(), expected });
    }
    Ok(values)
}

/// The public tensors of a trace.
fn statement(
    circuit: &Circuit,
    trace: &[Vec<i32>],
    context: [u8; 32],
) -> Result<Statement, ProveError> {
    let mut statement = Statement { inputs: vec![], outputs: vec![], context };
    for (id, tensor) in circuit.tensors.iter().enumerate() {
        let list = match tensor.kind {
            Kind::Input { .. } => &mut statement.inputs,
            Kind::Output { .. } => &mut statement.outputs,
            Kind::Model | Kind::Witness => continue,
        };
        let values = values(circuit, trace, id)?;
        list.push(padded_indices(&tensor.shape).map(|i| values[i]).collect());
    }
    Ok(statement)
}

#[cfg(test)]
#[path = "prove_test.rs"]
mod tests;
