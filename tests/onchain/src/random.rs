//! Random circuits: views through every kind of axis, of tensors of every kind, in linear terms and
//! products, and what they come to by the definition of PROTOCOL §5.2.

use rand::Rng;
use rand::rngs::StdRng;
use stwo_ml_verifier::circuit::{
    AffineTerm, Arg, Axis, Circuit, Identity, Kind, Lookup, Product, Source, Table, Tensor, Term,
    View, log_ceil,
};
use stwo_ml_verifier::functional::padded_indices;

/// Largest entry of a tensor.
const MAX_ENTRY: i32 = 15;

/// A circuit with a trace that satisfies it.
#[derive(Clone, Debug)]
pub struct Example {
    /// The circuit.
    pub circuit: Circuit,
    /// The real entries of `Model` tensors, by tensor.
    pub model: Vec<Vec<i32>>,
    /// All tensors in their padded layout.
    pub trace: Vec<Vec<i32>>,
}

/// A random circuit with `n` identities, each the definition of an output, and a range table of
/// `2^log_size` entries, at least `2^8`.
///
/// # Panics
/// Never: a circuit that is not well-formed is made anew.
#[must_use]
pub fn example(rng: &mut StdRng, n: usize, log_size: u32) -> Example {
    loop {
        let mut maker = Maker::new(rng, log_size);
        for _ in 0..n {
            maker.identity();
        }
        let example = maker.finish();
        if example.circuit.validate().is_ok() {
            return example;
        }
    }
}

struct Maker<'r> {
    rng: &'r mut StdRng,
    circuit: Circuit,
    /// In padded layout.
    trace: Vec<Vec<i32>>,
}

impl<'r> Maker<'r> {
    /// Two witnesses, two weights and an input, the witnesses looked up.
    fn new(rng: &'r mut StdRng, log_size: u32) -> Self {
        let circuit = Circuit::default();
        let mut maker = Self { rng, circuit, trace: vec![] };
        let counts = maker.tensor(vec![1 << log_size], Kind::Witness, |_| 0);
        for kind in [Kind::Witness, Kind::Witness, Kind::Model, Kind::Model] {
            let shape = maker.shape();
            maker.tensor(shape, kind, |rng| rng.random_range(0..=MAX_ENTRY));
        }
        let (shape, lo) = (maker.shape(), maker.rng.random_range(-9..0));
        let kind = Kind::Input { lo, hi: MAX_ENTRY };
        maker.tensor(shape, kind, move |rng| rng.random_range(lo..=MAX_ENTRY));
        let table = Table { log_size, lo: 0, outputs: vec![], multiplicity: counts };
        maker.circuit.tables.push(table);
        for id in [1, 2] {
            // Some through a combination with a constant.
            let shift = maker.rng.random_range(0..100);
            let key = Arg { terms: vec![(2, id)], constant: shift };
            maker.circuit.lookups.push(Lookup { table: 0, key, values: vec![] });
            for &v in &maker.trace[id as usize].clone() {
                maker.trace[counts as usize][(2 * v + shift as i32) as usize] += 1;
            }
        }
        maker
    }

    fn shape(&mut self) -> Vec<u32> {
        (0..self.rng.random_range(1..=3)).map(|_| self.rng.random_range(1..=6)).collect()
    }

    fn tensor(
        &mut self,
        shape: Vec<u32>,
        kind: Kind,
        mut entry: impl FnMut(&mut StdRng) -> i32,
    ) -> u32 {
        let tensor = Tensor { shape, kind };
        let mut padded = vec![0; 1 << tensor.log_size()];
        for index in padded_indices(&tensor.shape) {
            padded[index] = entry(self.rng);
        }
        self.trace.push(padded);
        self.circuit.tensors.push(tensor);
        self.circuit.tensors.len() as u32 - 1
    }

    fn coef(&mut self) -> i64 {
        [-3, -1, 1, 2][self.rng.random_range(0..4)]
    }

    /// `output = sum of views, products and a constant`.
    fn identity(&mut self) {
        let dims = self.shape();
        let mut linear: Vec<Term> = (0..self.rng.random_range(0..=3))
            .map(|_| Term { coef: self.coef(), view: Some(self.view(&dims)) })
            .collect();
        if self.rng.random() {
            linear.push(Term { coef: self.coef(), view: None });
        }
        let products = (0..self.rng.random_range(0..=2))
            .map(|_| {
                let sum: Vec<u32> = (0..self.rng.random_range(0..=2))
                    .map(|_| self.rng.random_range(1..=4))
                    .collect();
                let all = [&dims[..], &sum[..]].concat();
                Product { coef: self.coef(), sum, a: self.view(&all), b: self.view(&all) }
            })
            .collect();
        let mut identity = Identity { dims: dims.clone(), linear, products };
        let entries: Vec<i64> = boxes(&dims).map(|at| self.value(&identity, &at)).collect();
        let bound = |v: Option<i64>| i32::try_from(v.unwrap_or(0)).unwrap_or(i32::MAX);
        let (lo, hi) = (bound(entries.iter().copied().min()), bound(entries.iter().copied().max()));
        let room = self.rng.random_range(0..3);
        let kind = Kind::Output { lo: lo - room, hi: hi + room };
        let mut entries = entries.into_iter();
        let output = self.tensor(dims.clone(), kind, |_| bound(entries.next()));
        let axes = (0..dims.len()).map(|v| Axis::Var(v as u16)).collect();
        let view = View { tensor: output, dims, axes };
        identity.linear.push(Term { coef: -1, view: Some(view) });
        self.circuit.identities.push(identity);
    }

    /// A tensor through random axes, each variable at most once.
    fn view(&mut self, extents: &[u32]) -> View {
        let tensor = self.rng.random_range(1..=5u32);
        let shape = self.circuit.tensors[tensor as usize].shape.clone();
        let dims = if self.rng.random_range(0..3) == 0 { self.regroup(&shape) } else { shape };
        let mut free: Vec<u16> = (0..extents.len() as u16).collect();
        let axes = dims.iter().map(|&dim| self.axis(dim, extents, &mut free)).collect();
        View { tensor, dims, axes }
    }

    /// Other dimensions of as many bits.
    fn regroup(&mut self, shape: &[u32]) -> Vec<u32> {
        let mut left: u32 = shape.iter().map(|&d| log_ceil(d)).sum();
        let mut dims = vec![];
        while left > 0 {
            let bits = self.rng.random_range(1..=left.min(4));
            let most = 1 << bits;
            dims.push(self.rng.random_range(most / 2 + 1..=most));
            left -= bits;
        }
        dims
    }

    fn take(&mut self, free: &mut Vec<u16>) -> Option<u16> {
        let n = free.len();
        (n > 0).then(|| free.remove(self.rng.random_range(0..n)))
    }

    fn axis(&mut self, dim: u32, extents: &[u32], free: &mut Vec<u16>) -> Axis {
        let kind = self.rng.random_range(0..8);
        if kind == 0 {
            return Axis::Sum;
        }
        if kind == 1 {
            return Axis::Fixed(self.rng.random_range(0..dim));
        }
        if kind == 2 {
            return self.affine(dim, free);
        }
        let Some(var) = self.take(free) else { return Axis::Sum };
        let extent = extents[usize::from(var)];
        match kind {
            3 => {
                let entry = |rng: &mut StdRng| match rng.random_range(0..4) {
                    0 => Axis::NOWHERE,
                    _ => rng.random_range(0..dim),
                };
                Axis::Map { var, map: (0..extent).map(|_| entry(self.rng)).collect() }
            }
            4 => {
                let kind = Kind::Input { lo: 0, hi: dim as i32 - 1 };
                let tensor = self.tensor(vec![extent], kind, |rng| rng.random_range(0..dim as i32));
                Axis::Public { var, tensor }
            }
            _ if log_ceil(extent) <= log_ceil(dim) => Axis::Var(var),
            _ => Axis::Affine {
                terms: vec![AffineTerm { source: Source::Var(var), stride: 1 }],
                offset: 0,
            },
        }
    }

    fn affine(&mut self, dim: u32, free: &mut Vec<u16>) -> Axis {
        let terms = (0..self.rng.random_range(0..=3))
            .map(|_| {
                let var = if self.rng.random() { self.take(free) } else { None };
                let source =
                    var.map_or_else(|| Source::Sum(self.rng.random_range(1..=3)), Source::Var);
                AffineTerm { source, stride: self.rng.random_range(-3..=3) }
            })
            .collect();
        Axis::Affine { terms, offset: self.rng.random_range(-3..=dim as i32) }
    }

    /// All but the output's term at an index of the box.
    fn value(&self, identity: &Identity, at: &[u32]) -> i64 {
        let linear = identity
            .linear
            .iter()
            .map(|t| t.coef * t.view.as_ref().map_or(1, |view| self.read(view, at)));
        let products = identity.products.iter().map(|p| {
            let at = |u: Vec<u32>| [at, &u].concat();
            let terms = boxes(&p.sum).map(at).map(|at| self.read(&p.a, &at) * self.read(&p.b, &at));
            p.coef * terms.sum::<i64>()
        });
        linear.chain(products).sum()
    }

    /// A view at values of its variables: the sum over all indices that its axes lead to.
    fn read(&self, view: &View, at: &[u32]) -> i64 {
        let mut indices = vec![0usize];
        for (axis, &dim) in view.axes.iter().zip(&view.dims) {
            let reached: Vec<usize> = self
                .indices(axis, dim, at)
                .into_iter()
                .filter(|q| (0..i64::from(dim)).contains(q))
                .map(|q| q as usize)
                .collect();
            let bits = log_ceil(dim);
            indices = indices
                .iter()
                .flat_map(|&high| reached.iter().map(move |&low| high << bits | low))
                .collect();
        }
        let entries = &self.trace[view.tensor as usize];
        indices.into_iter().map(|index| i64::from(entries[index])).sum()
    }

    /// The indices that an axis leads to, some perhaps outside the dimension.
    fn indices(&self, axis: &Axis, dim: u32, at: &[u32]) -> Vec<i64> {
        let value = |var: u16| at[usize::from(var)];
        match axis {
            Axis::Var(var) => vec![value(*var).into()],
            Axis::Sum => (0..dim.into()).collect(),
            Axis::Fixed(index) => vec![(*index).into()],
            Axis::Affine { terms, offset } => {
                let mut sums = vec![i64::from(*offset)];
                for term in terms {
                    let range = match term.source {
                        Source::Var(var) => value(var)..value(var) + 1,
                        Source::Sum(extent) => 0..extent,
                    };
                    let step = |sum: i64, v: u32| sum + i64::from(term.stride) * i64::from(v);
                    sums = sums
                        .iter()
                        .flat_map(|&sum| range.clone().map(move |v| step(sum, v)))
                        .collect();
                }
                sums
            }
            Axis::Map { var, map } => {
                let entry = map[value(*var) as usize];
                if entry == Axis::NOWHERE { vec![] } else { vec![entry.into()] }
            }
            Axis::Public { var, tensor } => {
                vec![self.trace[*tensor as usize][value(*var) as usize].into()]
            }
        }
    }

    fn finish(self) -> Example {
        let real = |(tensor, padded): (&Tensor, &Vec<i32>)| match tensor.kind {
            Kind::Model => padded_indices(&tensor.shape).map(|i| padded[i]).collect(),
            Kind::Witness | Kind::Input { .. } | Kind::Output { .. } => vec![],
        };
        let model = self.circuit.tensors.iter().zip(&self.trace).map(real).collect();
        Example { circuit: self.circuit, model, trace: self.trace }
    }
}

/// All indices of a box, row-major.
fn boxes(dims: &[u32]) -> impl Iterator<Item = Vec<u32>> + '_ {
    let n: u32 = dims.iter().product();
    (0..n).map(move |mut flat| {
        let mut at: Vec<u32> = dims
            .iter()
            .rev()
            .map(|&d| {
                let digit = flat % d;
                flat /= d;
                digit
            })
            .collect();
        at.reverse();
        at
    })
}
