//! Liars about a maximum: each changes the maxima, the differences, the flags or the counts, and
//! whatever else makes as many equations as possible hold. One equation is always left (PROTOCOL §6).

use stwo::core::vcs_lifted::blake2_merkle::Blake2sMerkleChannel as Blake2s;
use stwo_ml_adversary::Net;
use stwo_ml_adversary::lies::compile;
use stwo_ml_compiler::execute::{Trace, check, execute};
use stwo_ml_compiler::graph::{Op, Reduce, Window};
use stwo_ml_compiler::ports::quantise_inputs;
use stwo_ml_compiler::program::{Compiled, Step};
use stwo_ml_prover::prove::{ProvingKey, prove, setup};
use stwo_ml_verifier::functional::padded_indices;
use stwo_ml_verifier::profile::{Profile, SuiteName};
use stwo_ml_verifier::verify::verify;

/// A model whose only operation is a maximum, and where its parts are.
struct Subject {
    compiled: Compiled,
    pk: ProvingKey<Blake2s>,
    honest: Trace,
    max: usize,
    difference: usize,
    flag: usize,
    count: usize,
    output: usize,
    /// For each maximum: its place, that of the output, and those of the entries.
    groups: Vec<(usize, usize, Vec<usize>)>,
}

impl Subject {
    /// `group` says to which maximum an entry belongs, both in row-major order.
    fn new(op: Op, from: &[usize], to: &[usize], group: &dyn Fn(usize) -> usize) -> Self {
        let mut net = Net::new(&[from]);
        let out = net.op(op, &[0], to);
        let (graph, mut inputs) = net.output(out);
        // The first group is all ties.
        for (flat, x) in inputs[0][0].data.iter_mut().enumerate() {
            *x = if group(flat) == 0 { -0.5 } else { *x };
        }
        let compiled = compile(&("maximum", graph, inputs.clone()));
        let profile = Profile::test_insecure(SuiteName::Blake2s);
        let pk = setup(profile, compiled.circuit.clone(), &compiled.model).expect("a circuit");
        let ints = quantise_inputs(&compiled, &inputs[0]).expect("inputs of the right shape");
        let honest = execute(&compiled, &ints).expect("an honest execution");
        let mut steps = compiled.program.steps.iter();
        let Some(Step::Max { max, difference, .. }) = steps.next() else { panic!("no maximum") };
        let Some(Step::Lookup { lookup }) = steps.next() else { panic!("no flag") };
        let flag = compiled.circuit.lookups[*lookup as usize].values[0].terms[0].1;
        let Some(Step::Split { parts, .. }) = steps.next() else { panic!("no count") };
        let [max, difference, flag, count, output] =
            [*max, *difference, flag, parts[0].0, compiled.outputs[0].tensor].map(|t| t as usize);
        let places = |id: usize| padded_indices(&compiled.circuit.tensors[id].shape);
        let mut groups: Vec<(usize, usize, Vec<usize>)> =
            places(max).zip(places(output)).map(|(m, o)| (m, o, vec![])).collect();
        places(difference).enumerate().for_each(|(flat, at)| groups[group(flat)].2.push(at));
        Self { compiled, pk, honest, max, difference, flag, count, output, groups }
    }

    /// Rows of a matrix.
    fn rows() -> Self {
        let op = Op::Reduce { kind: Reduce::Max, axes: vec![1], keep: false };
        Self::new(op, &[3, 5], &[3], &|flat| flat / 5)
    }

    /// Windows of an image.
    fn windows() -> Self {
        let two = || vec![2, 2];
        let window =
            Window { kernel: two(), stride: two(), dilation: vec![1; 2], pad_before: vec![0; 2] };
        let group = |flat: usize| flat / 12 * 3 + flat % 6 / 2;
        Self::new(Op::MaxPool(window), &[1, 1, 6, 6], &[1, 1, 3, 3], &group)
    }

    /// What a liar makes of the honest trace. Multiplicities count all keys that are in their table.
    fn lie(&self, change: &dyn Fn(&Self, &mut [Vec<i32>])) -> Trace {
        let mut values = self.honest.values.clone();
        change(self, &mut values);
        let circuit = &self.compiled.circuit;
        for (id, table) in circuit.tables.iter().enumerate() {
            let mut counts = vec![0; 1 << table.log_size];
            for lookup in circuit.lookups.iter().filter(|l| l.table as usize == id) {
                let n = values[lookup.key.terms[0].1 as usize].len();
                let key = |at: usize| {
                    let term = |&(c, t): &(i64, u32)| c * i64::from(values[t as usize][at]);
                    lookup.key.constant + lookup.key.terms.iter().map(term).sum::<i64>()
                };
                for key in (0..n).map(key) {
                    let place = usize::try_from(key - i64::from(table.lo)).ok();
                    if let Some(count) = place.and_then(|place| counts.get_mut(place)) {
                        *count += 1;
                    }
                }
            }
            values[table.multiplicity as usize] = counts;
        }
        Trace { values }
    }

    fn accepts(&self, trace: &Trace) -> bool {
        let (file, _) = prove(&self.pk, &trace.values, [0; 32], &mut |_| ()).expect("complete");
        let accepted = verify(&self.pk.vk, &file.statement, &file.proof).is_ok();
        assert_eq!(accepted, check(&self.compiled, trace).is_ok());
        accepted
    }

    /// Moves a maximum, its output and all differences from it; flags and count follow.
    fn shift(&self, values: &mut [Vec<i32>], group: usize, by: i32) {
        let (max, output, entries) = &self.groups[group];
        values[self.max][*max] += by;
        values[self.output][*output] += by;
        for &at in entries {
            values[self.difference][at] += by;
            values[self.flag][at] = i32::from(values[self.difference][at] == 0);
        }
        values[self.count][*max] = entries.iter().map(|&at| values[self.flag][at]).sum();
    }
}

type Change = fn(&Subject, &mut [Vec<i32>], usize);

/// Each breaks one equation.
const LIES: [(&str, Change); 8] = [
    ("too large, not attained", |s, v, g| s.shift(v, g, 1)),
    ("too large, a flag that the table does not give", |s, v, g| {
        s.shift(v, g, 1);
        v[s.flag][s.groups[g].2[0]] = 1;
        v[s.count][s.groups[g].0] = 1;
    }),
    ("too large, a count that is not the sum", |s, v, g| {
        s.shift(v, g, 1);
        v[s.count][s.groups[g].0] = 1;
    }),
    ("too large, a difference that is none", |s, v, g| {
        s.shift(v, g, 1);
        v[s.difference][s.groups[g].2[0]] = 0;
        v[s.flag][s.groups[g].2[0]] = 1;
        v[s.count][s.groups[g].0] = 1;
    }),
    ("too large, flags of padding", |s, v, g| {
        s.shift(v, g, 1);
        let real: Vec<usize> = s.groups.iter().flat_map(|group| group.2.clone()).collect();
        assert!(real.len() < v[s.flag].len(), "there is padding");
        assert!((0..v[s.flag].len()).any(|at| !real.contains(&at) && v[s.flag][at] == 1));
        v[s.count][s.groups[g].0] = 1;
    }),
    ("too small, negative differences", |s, v, g| {
        s.shift(v, g, -1);
        // Some entry may be one below: then this maximum is attained.
        let (max, _, entries) = &s.groups[g];
        v[s.flag][entries[0]] = 1;
        v[s.count][*max] = entries.iter().map(|&at| v[s.flag][at]).sum();
    }),
    ("too small, differences that are none", |s, v, g| {
        s.shift(v, g, -1);
        for &at in &s.groups[g].2 {
            v[s.difference][at] = v[s.difference][at].max(0);
            v[s.flag][at] = i32::from(v[s.difference][at] == 0);
        }
        v[s.count][s.groups[g].0] = s.groups[g].2.iter().map(|&at| v[s.flag][at]).sum();
    }),
    ("another output alone", |s, v, g| v[s.output][s.groups[g].1] -= 1),
];

#[test]
fn liars_about_a_maximum_are_rejected() {
    for subject in [Subject::rows(), Subject::windows()] {
        assert!(subject.accepts(&subject.honest), "an honest proof");
        let ties = subject.groups[0].2.len();
        assert_eq!(subject.honest.values[subject.count][subject.groups[0].0], ties as i32);
        assert_eq!(subject.lie(&|_, _| ()), subject.honest, "multiplicities as they are");
        for (what, change) in LIES {
            for group in [0, subject.groups.len() - 1] {
                let trace = subject.lie(&|s, values| change(s, values, group));
                let honest = subject.honest.values[subject.output].clone();
                assert_ne!(trace.values[subject.output], honest, "{what}: another output");
                assert!(!subject.accepts(&trace), "{what} (group {group}) was accepted");
            }
        }
    }
}
