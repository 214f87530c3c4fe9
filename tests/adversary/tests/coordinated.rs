//! Liars who change several results at once, so that the relation between them still holds, and
//! liars who change padding: what they may change, changes no output (PROTOCOL §2, §5.2).

use rayon::prelude::*;
use stwo::core::vcs_lifted::blake2_merkle::Blake2sMerkleChannel as Blake2s;
use stwo_ml_adversary::{Case, cases};
use stwo_ml_compiler::execute::{Trace, execute, execute_with};
use stwo_ml_compiler::ports::{outputs, quantise_inputs};
use stwo_ml_compiler::program::{Compiled, Step};
use stwo_ml_compiler::quantise::{QuantiseOptions, quantise};
use stwo_ml_prover::prove::{ProvingKey, prove, setup};
use stwo_ml_verifier::functional::padded_indices;
use stwo_ml_verifier::profile::{Profile, SuiteName};
use stwo_ml_verifier::verify::verify;

/// Amounts added to entries of tensors: `(tensor, entry, amount)`.
type Change = Vec<(usize, usize, i64)>;

/// A model with an honest execution.
struct Subject {
    name: &'static str,
    compiled: Compiled,
    pk: ProvingKey<Blake2s>,
    inputs: Vec<Vec<i32>>,
    honest: Trace,
}

impl Subject {
    fn new((name, graph, inputs): &Case) -> Self {
        let options = QuantiseOptions { bits: 8, input_bits: 8, ..Default::default() };
        let compiled = quantise(graph, inputs, &options).unwrap_or_else(|e| panic!("{name}: {e}"));
        let profile = Profile::test_insecure(SuiteName::Blake2s);
        let pk = setup(profile, compiled.circuit.clone(), &compiled.model).expect("a circuit");
        let inputs = quantise_inputs(&compiled, &inputs[0]).expect("inputs of the right shape");
        let honest = execute(&compiled, &inputs).expect("honest execution");
        Self { name, compiled, pk, inputs, honest }
    }

    /// The first entry of a tensor, the last one of the computation and the last one that is raised.
    fn ends(&self, tensor: u32) -> Vec<usize> {
        let last = |shape: &[u32]| padded_indices(shape).last().expect("an entry");
        let real = last(&self.compiled.info[tensor as usize].extents);
        let raised = last(&self.compiled.circuit.tensors[tensor as usize].shape);
        let mut ends = vec![0, real, raised];
        ends.dedup();
        ends
    }

    fn values(&self, tensor: u32) -> Vec<i64> {
        let mut values: Vec<i64> =
            self.honest.values[tensor as usize].iter().map(|&v| i64::from(v)).collect();
        values.sort_unstable();
        values.dedup();
        values.truncate(16);
        values
    }

    /// Changes after a step that keep what it solves for in balance.
    fn balanced(&self, step: &Step) -> Vec<Change> {
        let mut changes = vec![];
        match step {
            Step::Split { parts, .. } => {
                for (i, &(a, radix_a)) in parts.iter().enumerate() {
                    for &(b, radix_b) in &parts[i + 1..] {
                        for entry in self.ends(a) {
                            for sign in [1, -1] {
                                let (a, b) = (a as usize, b as usize);
                                let change =
                                    vec![(a, entry, sign * radix_b), (b, entry, -sign * radix_a)];
                                changes.push(change);
                            }
                        }
                    }
                }
            }
            Step::Divide { identity, quotient, remainder } => {
                let identity = &self.compiled.circuit.identities[*identity as usize];
                let divides = identity.products.iter().find(|p| p.b.tensor == *quotient);
                for divisor in divides.map_or(vec![], |p| self.values(p.a.tensor)) {
                    for entry in self.ends(*quotient) {
                        for sign in [1, -1] {
                            changes.push(vec![
                                (*quotient as usize, entry, sign),
                                (*remainder as usize, entry, -sign * divisor),
                            ]);
                        }
                    }
                }
            }
            Step::Max { max, difference, .. } => {
                let all = |tensor: u32, amount: i64| {
                    let shape = &self.compiled.circuit.tensors[tensor as usize].shape;
                    padded_indices(shape).map(move |entry| (tensor as usize, entry, amount))
                };
                for amount in [1, 7, -1] {
                    changes.push(all(*max, amount).chain(all(*difference, amount)).collect());
                }
            }
            Step::Lookup { .. } | Step::Scale { .. } => {}
        }
        changes
    }

    /// Changes of the padding that a step leaves.
    fn padding(&self, step: &Step) -> Vec<Change> {
        let results: Vec<u32> = match step {
            Step::Split { parts, .. } => parts.iter().map(|part| part.0).collect(),
            Step::Divide { quotient, remainder, .. } => vec![*quotient, *remainder],
            Step::Max { max, difference, .. } => vec![*max, *difference],
            Step::Scale { scale, .. } => vec![*scale],
            Step::Lookup { .. } => vec![],
        };
        let mut changes = vec![];
        for tensor in results {
            let id = tensor as usize;
            let shape = &self.compiled.circuit.tensors[id].shape;
            let mut padding = vec![true; self.honest.values[id].len()];
            padded_indices(shape).for_each(|entry| padding[entry] = false);
            let entries: Vec<usize> = (0..padding.len()).filter(|&entry| padding[entry]).collect();
            for entry in entries.first().into_iter().chain(entries.last()).copied() {
                changes.extend([1, -5].map(|amount| vec![(id, entry, amount)]));
            }
        }
        changes
    }

    /// The trace of a liar who goes on honestly, if one can.
    fn lie(&self, at: usize, change: &Change) -> Option<Trace> {
        let mut fits = true;
        let trace = execute_with(&self.compiled, &self.inputs, &mut |step, values| {
            if step == at {
                for &(tensor, entry, amount) in change {
                    let value = &mut values[tensor][entry];
                    match i32::try_from(i64::from(*value) + amount) {
                        Ok(changed) => *value = changed,
                        Err(_) => fits = false,
                    }
                }
            }
        });
        trace.ok().filter(|_| fits)
    }

    /// Tells lies; `(rejected, accepted with the outputs of an honest prover)`.
    fn tell(&self, lies: impl Fn(&Self, &Step) -> Vec<Change>) -> (usize, usize) {
        let (mut rejected, mut harmless) = (0, 0);
        let honest = outputs(&self.compiled, &self.honest);
        for (at, step) in self.compiled.program.steps.iter().enumerate() {
            for change in lies(self, step) {
                let Some(trace) = self.lie(at, &change) else {
                    rejected += 1;
                    continue;
                };
                let (file, _) =
                    prove(&self.pk, &trace.values, [0; 32], &mut |_| ()).expect("a complete trace");
                let accepted = verify(&self.pk.vk, &file.statement, &file.proof).is_ok();
                if accepted {
                    let got = outputs(&self.compiled, &trace);
                    assert_eq!(got, honest, "{}: {change:?} gives other outputs", self.name);
                    harmless += 1;
                } else {
                    rejected += 1;
                }
            }
        }
        (rejected, harmless)
    }
}

fn tell_all(lies: impl Fn(&Subject, &Step) -> Vec<Change> + Sync) -> (usize, usize) {
    let told = cases().par_iter().map(|case| Subject::new(case).tell(&lies)).collect::<Vec<_>>();
    told.into_iter().fold((0, 0), |sum, told| (sum.0 + told.0, sum.1 + told.1))
}

#[test]
fn balanced_lies_are_rejected() {
    let (rejected, harmless) = tell_all(Subject::balanced);
    assert!(rejected >= 20, "only {rejected} lies were told");
    assert_eq!(harmless, 0, "a relation has two solutions");
}

#[test]
fn padding_changes_no_output() {
    let (rejected, harmless) = tell_all(Subject::padding);
    assert!(rejected > 0 && harmless > 50, "{rejected} rejected, {harmless} harmless");
}
