//! Random identities of every kind of axis, against the naive interpreter.

use stwo_ml_verifier::circuit::{
    AffineTerm, Axis, Circuit, Identity, Kind, Product, Source, Tensor, Term, VarId, View, log_ceil,
};

use super::build::{Random, term, view};
use super::naive;
use crate::execute::identity::value;
use crate::execute::view::Fault;

/// Tensors that were made for views.
struct Maker {
    random: Random,
    circuit: Circuit,
    values: Vec<Vec<i32>>,
    magnitude: i32,
}

impl Maker {
    fn tensor(&mut self, shape: Vec<u32>, kind: Kind, lo: i32, hi: i32) -> u32 {
        let tensor = Tensor { shape, kind };
        // Padding holds numbers, too: it is never read.
        self.values.push(self.random.entries(1 << tensor.log_size(), lo, hi));
        self.circuit.tensors.push(tensor);
        self.circuit.tensors.len() as u32 - 1
    }

    fn affine(&mut self, vars: &mut Vec<VarId>, extents: &[u32]) -> (Axis, u32) {
        let (mut terms, mut reach) = (Vec::new(), 0);
        for _ in 0..self.random.within(0, 3) {
            let source = match vars.pop() {
                Some(var) if !self.random.one_in(4) => Source::Var(var),
                Some(var) => {
                    vars.push(var);
                    Source::Sum(self.random.within(1, 3) as u32)
                }
                None => Source::Sum(self.random.within(1, 3) as u32),
            };
            let stride = self.random.within(-2, 4);
            reach += stride.unsigned_abs()
                * match source {
                    Source::Var(var) => extents[usize::from(var)],
                    Source::Sum(extent) => extent,
                };
            terms.push(AffineTerm { source, stride });
        }
        let (offset, dim) = (self.random.within(-3, 4), self.random.within(1, reach.max(2) as i32));
        (Axis::Affine { terms, offset }, dim as u32)
    }

    fn axis(&mut self, vars: &mut Vec<VarId>, extents: &[u32]) -> (Axis, u32) {
        let small = self.random.within(1, 5) as u32;
        match (self.random.within(0, 6), vars.pop()) {
            (0, var) => {
                vars.extend(var);
                (Axis::Sum, small)
            }
            (1, var) => {
                vars.extend(var);
                (Axis::Fixed(self.random.within(0, small as i32 - 1) as u32), small)
            }
            (2, Some(var)) => {
                let extent = extents[usize::from(var)];
                let dim = self.random.within(1, 8) as u32;
                let entry = |r: &mut Random| match r.one_in(4) {
                    true => Axis::NOWHERE,
                    false => r.within(0, dim as i32 - 1) as u32,
                };
                let map = (0..extent).map(|_| entry(&mut self.random)).collect();
                (Axis::Map { var, map }, dim)
            }
            (3, Some(var)) => {
                let dim = self.random.within(1, 8) as u32;
                let extent = extents[usize::from(var)];
                let shape =
                    if extent.is_multiple_of(3) { vec![extent / 3, 3] } else { vec![extent] };
                let (lo, hi) = (0, dim as i32 - 1);
                let tensor = self.tensor(shape, Kind::Input { lo, hi }, lo, hi);
                (Axis::Public { var, tensor }, dim)
            }
            (4, Some(var)) => {
                let extent = extents[usize::from(var)] as i32;
                (Axis::Var(var), self.random.within((extent - 1).max(1), extent + 2) as u32)
            }
            (5, Some(var)) => (Axis::Var(var), extents[usize::from(var)]),
            (_, var) => {
                vars.extend(var);
                self.affine(vars, extents)
            }
        }
    }

    /// A view that may use the variables; each with some probability.
    fn view(&mut self, extents: &[u32], must: &[VarId]) -> View {
        let mut vars: Vec<VarId> = (0..extents.len() as VarId)
            .filter(|var| must.contains(var) || !self.random.one_in(3))
            .collect();
        for i in (1..vars.len()).rev() {
            vars.swap(i, self.random.next() as usize % (i + 1));
        }
        let (mut axes, mut dims) = (Vec::new(), Vec::new());
        while !vars.is_empty() || axes.is_empty() {
            let (axis, dim) = self.axis(&mut vars, extents);
            axes.push(axis);
            dims.push(dim);
        }
        let log_size = dims.iter().map(|&d| log_ceil(d)).sum::<u32>();
        let shape = if self.random.one_in(2) { dims.clone() } else { vec![1 << log_size] };
        let max = self.magnitude;
        let tensor = self.tensor(shape, Kind::Witness, -max, max);
        View { tensor, dims, axes }
    }

    fn identity(&mut self, max_vars: i32, max_extent: i32) -> Identity {
        let extents = |n: i32, max: i32, random: &mut Random| -> Vec<u32> {
            (0..n).map(|_| random.within(1, max) as u32).collect()
        };
        let n_vars = self.random.within(0, max_vars);
        let dims = extents(n_vars, max_extent, &mut self.random);
        let mut linear = vec![Term { coef: i64::from(self.random.within(-9, 9)), view: None }];
        for _ in 0..self.random.within(0, 2) {
            let coef = i64::from(self.random.within(-3, 3));
            linear.push(term(coef, self.view(&dims, &[])));
        }
        let mut products = Vec::new();
        for _ in 0..self.random.within(0, 2) {
            let n_sums = self.random.within(0, 2);
            let sum = extents(n_sums, 5, &mut self.random);
            let all = [&dims[..], &sum[..]].concat();
            let sums: Vec<VarId> = (dims.len() as VarId..all.len() as VarId).collect();
            let coef = i64::from(self.random.within(-3, 3));
            let (a, b) = (self.view(&all, &sums), self.view(&all, &[]));
            let swap = self.random.one_in(2);
            let (a, b) = if swap { (b, a) } else { (a, b) };
            products.push(Product { coef, sum, a, b });
        }
        Identity { dims, linear, products }
    }
}

fn compare(seed: u64, max_vars: i32, max_extent: i32, magnitude: i32) {
    let random = Random(0x9e37_79b9_7f4a_7c15 ^ (seed << 20));
    let mut maker = Maker { random, circuit: Circuit::default(), values: vec![], magnitude };
    let identity = maker.identity(max_vars, max_extent);
    let got = value(&maker.circuit, &identity, &maker.values, &[]);
    let want = naive::value(&maker.circuit, &identity, &maker.values);
    assert_eq!(got, Ok(want), "seed {seed}: {identity:#?}");
}

#[test]
fn small_random_identities() {
    (1..4000).for_each(|seed| compare(seed, 3, 5, 100));
}

#[test]
fn random_identities_of_several_loops() {
    (5000..5060).for_each(|seed| compare(seed, 3, 23, 100));
    (6000..6020).for_each(|seed| compare(seed, 2, 90, 100));
}

#[test]
fn random_identities_above_the_range_of_floats() {
    // At this magnitude sums stay below 2^63.
    (7000..8000).for_each(|seed| compare(seed, 3, 5, 1 << 25));
}

#[test]
fn what_might_overflow_is_refused() {
    let tensor = |n: u32| Tensor { shape: vec![n], kind: Kind::Witness };
    let circuit = Circuit { tensors: vec![tensor(8)], ..Circuit::default() };
    let values = vec![vec![i32::MAX; 8]];
    let square = |sum| Product { coef: 1, sum, a: view(0, &[8], &[0]), b: view(0, &[8], &[0]) };
    let identity = |coef, dims: &[u32], sum: &[u32]| Identity {
        dims: dims.to_vec(),
        linear: vec![],
        products: vec![Product { coef, ..square(sum.to_vec()) }],
    };
    let got = value(&circuit, &identity(1, &[8], &[]), &values, &[]);
    assert_eq!(got, Ok(vec![i64::from(i32::MAX).pow(2); 8]));
    let got = value(&circuit, &identity(1, &[], &[8]), &values, &[]);
    assert_eq!(got, Err(Fault::TooLarge));
    assert_eq!(value(&circuit, &identity(-3, &[8], &[]), &values, &[]), Err(Fault::TooLarge));
}

#[test]
fn malformed_views_are_faults() {
    let tensors = vec![Tensor { shape: vec![3, 2], kind: Kind::Witness }];
    let circuit = Circuit { tensors, ..Circuit::default() };
    let values = vec![vec![1; 8]];
    let bad = [
        view(1, &[3, 2], &[0, 1]),
        view(0, &[3], &[0]),
        view(0, &[3, 2], &[0]),
        view(0, &[3, 2], &[0, 0]),
        view(0, &[3, 2], &[0, 2]),
        View { axes: vec![Axis::Map { var: 0, map: vec![0; 2] }], ..view(0, &[8], &[]) },
        View { axes: vec![Axis::Public { var: 0, tensor: 9 }], ..view(0, &[8], &[]) },
    ];
    for view in bad {
        let identity = Identity { dims: vec![3, 2], linear: vec![term(1, view)], products: vec![] };
        let got = value(&circuit, &identity, &values, &[]);
        assert!(matches!(got, Err(Fault::Malformed(_))), "{identity:?}");
    }
}
