//! Small compiled models, written by hand.

use stwo_ml_verifier::circuit::{
    Arg, Axis, Circuit, Identity, Kind, Lookup, Product, Table, Tensor, TensorId, Term, VarId, View,
};

use crate::program::{Compiled, Port, Step, TensorInfo};

/// A compiled model that grows.
#[derive(Default)]
pub struct Build {
    pub compiled: Compiled,
}

impl Build {
    pub fn tensor(&mut self, shape: &[u32], kind: Kind, model: &[i32], padding: i32) -> TensorId {
        let Compiled { circuit, program, model: models, info, .. } = &mut self.compiled;
        circuit.tensors.push(Tensor { shape: shape.to_vec(), kind });
        program.padding.push(padding);
        models.push(model.to_vec());
        let id = circuit.tensors.len() as TensorId - 1;
        info.push(TensorInfo { label: format!("t{id}"), ..TensorInfo::default() });
        id
    }

    pub fn witness(&mut self, shape: &[u32]) -> TensorId {
        self.tensor(shape, Kind::Witness, &[], 0)
    }

    pub fn input(&mut self, shape: &[u32]) -> TensorId {
        let tensor = self.tensor(shape, Kind::Input { lo: -1000, hi: 1000 }, &[], 0);
        let name = format!("x{tensor}");
        self.compiled.inputs.push(Port { name, shape: vec![], tensor, exponent: 0 });
        tensor
    }

    pub fn step(&mut self, step: Step) {
        self.compiled.program.steps.push(step);
    }

    pub fn identity(&mut self, dims: &[u32], linear: Vec<Term>, products: Vec<Product>) -> u32 {
        let identities = &mut self.compiled.circuit.identities;
        identities.push(Identity { dims: dims.to_vec(), linear, products });
        identities.len() as u32 - 1
    }

    /// A table of `2^log_size` entries from `lo` on.
    pub fn table(&mut self, log_size: u32, lo: i32, f: Option<fn(i32) -> i32>) -> u32 {
        let n = 1u32 << log_size;
        let entries: Vec<i32> = (0..n as i32).map(|i| f.map_or(0, |f| f(lo + i))).collect();
        let outputs = match f {
            Some(_) => vec![self.tensor(&[n], Kind::Model, &entries, 0)],
            None => vec![],
        };
        let multiplicity = self.witness(&[n]);
        let tables = &mut self.compiled.circuit.tables;
        tables.push(Table { log_size, lo, outputs, multiplicity });
        tables.len() as u32 - 1
    }

    pub fn lookup(&mut self, table: u32, key: Arg, values: Vec<Arg>) -> u32 {
        let lookups = &mut self.compiled.circuit.lookups;
        lookups.push(Lookup { table, key, values });
        lookups.len() as u32 - 1
    }

    pub fn circuit(&self) -> &Circuit {
        &self.compiled.circuit
    }
}

/// A view whose axes are variables.
pub fn view(tensor: TensorId, dims: &[u32], vars: &[VarId]) -> View {
    View { tensor, dims: dims.to_vec(), axes: vars.iter().map(|&v| Axis::Var(v)).collect() }
}

pub fn term(coef: i64, view: View) -> Term {
    Term { coef, view: Some(view) }
}

/// A generator of numbers.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }

    /// A number of `lo..=hi`.
    pub fn within(&mut self, lo: i32, hi: i32) -> i32 {
        lo + (self.next() % (i64::from(hi) - i64::from(lo) + 1) as u64) as i32
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        self.next().is_multiple_of(n)
    }

    pub fn entries(&mut self, n: usize, lo: i32, hi: i32) -> Vec<i32> {
        (0..n).map(|_| self.within(lo, hi)).collect()
    }
}
