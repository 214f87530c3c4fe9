//! The steps of a program.

use std::collections::HashMap;

use rayon::prelude::*;
use stwo_ml_verifier::circuit::{Identity, Kind, TensorId, View};

use super::identity;
use super::plan::Plan;
use super::view::{self, Fault};
use super::{Column, ExecuteError, GRAIN, LookupFault, interval, keys, label};
use crate::program::{Compiled, Step};

/// The state between steps.
pub(super) struct Run<'c> {
    compiled: &'c Compiled,
    /// Entries of all tensors, in the padded layout.
    pub values: Vec<Vec<i32>>,
    /// Whether a tensor was filled, at least in part.
    filled: Vec<bool>,
}

impl<'c> Run<'c> {
    /// Model and input tensors are filled; all others hold their padding.
    pub fn new(compiled: &'c Compiled, inputs: &[Vec<i32>]) -> Result<Self, ExecuteError> {
        let circuit = &compiled.circuit;
        let n_steps = compiled.program.steps.len();
        let malformed = |reason| ExecuteError::Malformed { step: n_steps, reason };
        if inputs.len() != compiled.inputs.len() {
            return Err(ExecuteError::Inputs {
                expected: compiled.inputs.len(),
                got: inputs.len(),
            });
        }
        let n = circuit.tensors.len();
        if compiled.program.padding.len() != n || compiled.model.len() != n {
            return Err(malformed(
                "one padding and one list of model entries per tensor are needed",
            ));
        }
        let mut ports = HashMap::new();
        for (port, input) in compiled.inputs.iter().zip(inputs) {
            ports.insert(port.tensor, input);
        }
        let fill = |(id, tensor): (usize, &stwo_ml_verifier::circuit::Tensor)| {
            if tensor.shape.contains(&0) || tensor.log_size() > 30 {
                return Err(malformed("an empty tensor, or one that is too large"));
            }
            let id = id as TensorId;
            let (entries, padding) = match tensor.kind {
                Kind::Witness => {
                    let padding = compiled.program.padding[id as usize];
                    return Ok((vec![padding; 1 << tensor.log_size()], false));
                }
                Kind::Output { .. } => return Ok((vec![0; 1 << tensor.log_size()], false)),
                Kind::Model => {
                    (&compiled.model[id as usize], compiled.program.padding[id as usize])
                }
                Kind::Input { .. } => {
                    (*ports.get(&id).ok_or_else(|| malformed("an input without port"))?, 0)
                }
            };
            if let Some((lo, hi)) = interval(tensor.kind) {
                let outside = |&(_, x): &(usize, &i32)| !(lo..=hi).contains(x);
                if let Some((entry, &value)) = entries.iter().enumerate().find(outside) {
                    let label = label(compiled, id);
                    return Err(ExecuteError::InputRange {
                        tensor: id,
                        label,
                        entry,
                        value,
                        lo,
                        hi,
                    });
                }
            }
            let padded = view::pad(entries, &tensor.shape, padding);
            let padded = padded.ok_or_else(|| ExecuteError::Length {
                tensor: id,
                label: label(compiled, id),
                expected: tensor.n_entries(),
                got: entries.len(),
            })?;
            Ok((padded, true))
        };
        let filled = circuit.tensors.iter().enumerate().map(fill);
        let (values, filled) = filled.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        Ok(Self { compiled, values, filled })
    }

    /// Runs one step.
    pub fn step(&mut self, index: usize, step: &Step) -> Result<(), ExecuteError> {
        let run = match step {
            Step::Split { identity, parts } => self.split(index, *identity, parts),
            Step::Divide { identity, quotient, remainder } => {
                self.divide(index, *identity, *quotient, *remainder)
            }
            Step::Max { identity, max, difference } => {
                self.max(index, *identity, *max, *difference)
            }
            Step::Lookup { lookup } => self.lookup(index, *lookup),
            Step::Scale { x, scale, log_bound } => self.scale(*x, *scale, *log_bound),
        };
        run.map_err(|halt| match halt {
            Halt::Malformed(reason) => ExecuteError::Malformed { step: index, reason },
            Halt::Unsolved(tensor) => {
                ExecuteError::Unsolved { step: index, tensor, label: label(self.compiled, tensor) }
            }
            Halt::Error(error) => *error,
        })
    }

    fn identity(&self, identity: u32) -> Result<&'c Identity, Halt> {
        let identities = &self.compiled.circuit.identities;
        identities.get(identity as usize).ok_or(Halt::Malformed("no such identity"))
    }

    /// The value of the identity without the tensors that the step solves for.
    fn value(&self, step: usize, index: u32, unknown: &[TensorId]) -> Result<Vec<i64>, Halt> {
        let identity = self.identity(index)?;
        let linear = identity.linear.iter().filter_map(|t| t.view.as_ref().map(|v| vec![v]));
        let products = identity.products.iter().map(|p| vec![&p.a, &p.b]);
        for views in linear.chain(products) {
            if !views.iter().any(|view| unknown.contains(&view.tensor)) {
                views.into_iter().try_for_each(|view| self.check_known(view.tensor))?;
            }
        }
        identity::value(&self.compiled.circuit, identity, &self.values, unknown)
            .map_err(|fault| Halt::of(fault, step, index))
    }

    fn check_known(&self, tensor: TensorId) -> Result<(), Halt> {
        match self.filled.get(tensor as usize) {
            Some(true) => Ok(()),
            Some(false) => Err(Halt::Unsolved(tensor)),
            None => Err(Halt::Malformed("no such tensor")),
        }
    }

    /// The plan of the only linear term that reads `tensor`, which must have this coefficient.
    fn term(&self, identity: &Identity, tensor: TensorId, coef: i64) -> Result<Plan, Halt> {
        let reads = |view: &Option<View>| view.as_ref().is_some_and(|view| view.tensor == tensor);
        let mut terms = identity.linear.iter().filter(|term| reads(&term.view));
        match (terms.next(), terms.next()) {
            (Some(term), None) if term.coef == coef => match &term.view {
                Some(view) => self.plan(view, &identity.dims),
                None => Err(Halt::Malformed("no term of a tensor that is solved for")),
            },
            _ => Err(Halt::Malformed("one term of each tensor that is solved for is needed")),
        }
    }

    fn plan(&self, view: &View, dims: &[u32]) -> Result<Plan, Halt> {
        let plan = view::over_box(&self.compiled.circuit, &self.values, view, dims)
            .map_err(|_| Halt::Malformed("the view of a tensor that is solved for"))?;
        if plan.n_summed() == 1 {
            Ok(plan)
        } else {
            Err(Halt::Malformed("a tensor that is solved for through a sum"))
        }
    }

    /// Sets what the plan reads of a tensor.
    fn write(
        &mut self,
        tensor: TensorId,
        plan: &Plan,
        value: impl Fn(usize) -> i64,
    ) -> Result<(), Halt> {
        let (entries, filled) =
            match (self.values.get_mut(tensor as usize), self.filled.get_mut(tensor as usize)) {
                (Some(entries), Some(filled)) => (entries, filled),
                _ => return Err(Halt::Malformed("no such tensor")),
            };
        *filled = true;
        let mut overflow = None;
        plan.visit(|i, at| {
            let value = value(i);
            match i32::try_from(value) {
                Ok(value) => entries[at] = value,
                Err(_) => overflow = Some((at, value)),
            }
        });
        match overflow {
            None => Ok(()),
            Some((entry, value)) => {
                let label = label(self.compiled, tensor);
                Err(ExecuteError::Overflow { tensor, label, entry, value }.into())
            }
        }
    }

    fn split(&mut self, step: usize, index: u32, parts: &[(TensorId, i64)]) -> Result<(), Halt> {
        let identity = self.identity(index)?;
        let unknown: Vec<TensorId> = parts.iter().map(|part| part.0).collect();
        if parts.iter().any(|part| part.1 < 1) {
            return Err(Halt::Malformed("a radix below one"));
        }
        let mut rest = self.value(step, index, &unknown)?;
        for &(tensor, radix) in parts {
            let plan = self.term(identity, tensor, -radix)?;
            if radix == 1 {
                self.write(tensor, &plan, |i| rest[i])?;
                rest.par_iter_mut().with_min_len(GRAIN).for_each(|rest| *rest = 0);
            } else if radix.count_ones() == 1 {
                let (shift, mask) = (radix.trailing_zeros(), radix - 1);
                self.write(tensor, &plan, |i| rest[i] >> shift)?;
                rest.par_iter_mut().with_min_len(GRAIN).for_each(|rest| *rest &= mask);
            } else {
                self.write(tensor, &plan, |i| rest[i].div_euclid(radix))?;
                let rest = rest.par_iter_mut().with_min_len(GRAIN);
                rest.for_each(|rest| *rest = rest.rem_euclid(radix));
            }
        }
        Ok(())
    }

    fn divide(
        &mut self,
        step: usize,
        index: u32,
        quotient: TensorId,
        remainder: TensorId,
    ) -> Result<(), Halt> {
        let identity = self.identity(index)?;
        let mut products = identity.products.iter().filter(|p| p.b.tensor == quotient);
        let (Some(product), None) = (products.next(), products.next()) else {
            return Err(Halt::Malformed("one product of divisor and quotient is needed"));
        };
        if !product.sum.is_empty() {
            return Err(Halt::Malformed("a quotient under a sum"));
        }
        self.check_known(product.a.tensor)?;
        let circuit = &self.compiled.circuit;
        let mut divisor = identity::read_view(circuit, &self.values, &product.a, &identity.dims)
            .map_err(|fault| Halt::of(fault, step, index))?;
        for (entry, divisor) in divisor.iter_mut().enumerate() {
            *divisor = divisor.wrapping_mul(product.coef.wrapping_neg());
            if *divisor < 1 {
                let (identity, divisor) = (index, *divisor);
                return Err(ExecuteError::Divisor { identity, entry, divisor }.into());
            }
        }
        let value = self.value(step, index, &[quotient, remainder])?;
        let plans = [self.plan(&product.b, &identity.dims)?, self.term(identity, remainder, -1)?];
        self.write(quotient, &plans[0], |i| value[i].div_euclid(divisor[i]))?;
        self.write(remainder, &plans[1], |i| value[i].rem_euclid(divisor[i]))
    }

    fn max(
        &mut self,
        step: usize,
        index: u32,
        max: TensorId,
        difference: TensorId,
    ) -> Result<(), Halt> {
        let identity = self.identity(index)?;
        let value = self.value(step, index, &[max, difference])?;
        let plans = [self.term(identity, max, -1)?, self.term(identity, difference, 1)?];
        // The location that the term `-max` reads at each index; none reads zero.
        let size = self.values.get(max as usize).map_or(0, Vec::len);
        let mut location = vec![size; value.len()];
        let mut largest = vec![i64::MIN; size + 1];
        plans[0].visit(|i, at| {
            location[i] = at;
            largest[at] = largest[at].max(value[i]);
        });
        self.write(max, &plans[0], |i| largest[location[i]])?;
        largest[size] = 0;
        self.write(difference, &plans[1], |i| largest[location[i]] - value[i])
    }

    fn lookup(&mut self, step: usize, index: u32) -> Result<(), Halt> {
        let circuit = &self.compiled.circuit;
        let lookup =
            circuit.lookups.get(index as usize).ok_or(Halt::Malformed("no such lookup"))?;
        let table = circuit.tables.get(lookup.table as usize).ok_or(Halt::Malformed("no table"))?;
        if lookup.values.len() != table.outputs.len() {
            return Err(Halt::Malformed("as many values as the table has outputs are needed"));
        }
        lookup.key.terms.iter().try_for_each(|&(_, tensor)| self.check_known(tensor))?;
        let keys = keys(table);
        let key = Column::new(&self.values, &lookup.key);
        let key = key.ok_or(Halt::Malformed("the key of a lookup"))?;
        let place = |entry: usize| {
            let key = key.at(entry);
            keys.contains(&key).then_some((key - keys.start) as u32)
        };
        let places = (0..key.len()).into_par_iter().with_min_len(GRAIN).map(place);
        let Some(places) = places.collect::<Option<Vec<u32>>>() else {
            let entry = (0..key.len()).find(|&entry| place(entry).is_none()).unwrap_or(0);
            let fault = LookupFault::Key { lookup: index as usize, entry, key: key.at(entry) };
            return Err(fault.at(self.compiled, step).into());
        };
        for (value, &output) in lookup.values.iter().zip(&table.outputs) {
            let &[(1, tensor)] = value.terms.as_slice() else {
                return Err(Halt::Malformed("a looked-up value that is not a single tensor"));
            };
            let output = self.values.get(output as usize).ok_or(Halt::Malformed("no output"))?;
            if output.len() as i64 != keys.end - keys.start {
                return Err(Halt::Malformed("an output of another size than its table"));
            }
            let entry = |&place: &u32| {
                i64::from(output[place as usize]).wrapping_sub(value.constant) as i32
            };
            let column: Vec<i32> = places.par_iter().with_min_len(GRAIN).map(entry).collect();
            match self.values.get_mut(tensor as usize) {
                Some(slot) if slot.len() == column.len() => *slot = column,
                _ => return Err(Halt::Malformed("a looked-up value of another size than its key")),
            }
            self.filled[tensor as usize] = true;
        }
        Ok(())
    }

    fn scale(&mut self, x: TensorId, scale: TensorId, log_bound: u32) -> Result<(), Halt> {
        self.check_known(x)?;
        let tensors = &self.compiled.circuit.tensors;
        match (tensors.get(x as usize), tensors.get(scale as usize)) {
            (Some(x), Some(scale)) if x.shape == scale.shape => {}
            _ => return Err(Halt::Malformed("a scale of another shape than its tensor")),
        }
        let shape = &tensors[x as usize].shape;
        let entries = view::unpad(&self.values[x as usize], shape);
        self.write(scale, &view::real_entries(shape), |i| scale_of(entries[i], log_bound))
    }
}

/// The smallest `u >= 0` with `x < 4^u 2^log_bound`.
fn scale_of(x: i32, log_bound: u32) -> i64 {
    let bits = if x <= 0 { 0 } else { 32 - x.leading_zeros() };
    i64::from(bits.saturating_sub(log_bound).div_ceil(2))
}

/// Why a step stops.
enum Halt {
    Malformed(&'static str),
    Unsolved(TensorId),
    Error(Box<ExecuteError>),
}

impl Halt {
    fn of(fault: Fault, step: usize, identity: u32) -> Self {
        match fault {
            Fault::Malformed(reason) => Self::Malformed(reason),
            Fault::TooLarge => ExecuteError::TooLarge { step, identity }.into(),
        }
    }
}

impl From<ExecuteError> for Halt {
    fn from(error: ExecuteError) -> Self {
        Self::Error(Box::new(error))
    }
}
