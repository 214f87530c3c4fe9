//! The integer executor: from a compiled model and an input to the witness (PROTOCOL §3).
//!
//! The circuit is the single definition of what every operation means; a program only says in
//! which order its identities and lookups are solved. [`check`] is the definition of a correct
//! witness, and does not look at the program.

mod check;
pub(crate) mod identity;
mod plan;
mod steps;
pub(crate) mod view;

#[cfg(test)]
pub(crate) mod tests;

use rayon::prelude::*;
use stwo_ml_verifier::circuit::{Arg, Circuit, Kind, Table, TensorId};

use crate::program::Compiled;

pub use check::{CheckError, check, check_bounds};
pub(crate) use plan::Plan;
pub use view::{pad, unpad};

/// Entries that one thread takes at least.
const GRAIN: usize = 1 << 14;

/// The entries of every tensor of a circuit, in the padded layout: row-major, each dimension
/// padded to a power of two, `2^log_size` entries. Padding of public tensors is zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// One for each tensor.
    pub values: Vec<Vec<i32>>,
}

/// Why there is no witness.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExecuteError {
    /// The number of inputs is not that of the model.
    #[error("{got} inputs, expected {expected}")]
    Inputs {
        /// Inputs of the model.
        expected: usize,
        /// Inputs given.
        got: usize,
    },
    /// A public or model tensor has the wrong number of entries.
    #[error("{label} (tensor {tensor}): {got} entries, expected {expected}")]
    Length {
        /// The tensor.
        tensor: TensorId,
        /// Its label.
        label: String,
        /// Real entries of the tensor.
        expected: u64,
        /// Entries given.
        got: usize,
    },
    /// An input is outside its declared interval.
    #[error("{label} (tensor {tensor}): entry {entry} is {value}, outside {lo}..={hi}")]
    InputRange {
        /// The tensor.
        tensor: TensorId,
        /// Its label.
        label: String,
        /// Row-major position among the real entries.
        entry: usize,
        /// Its value.
        value: i32,
        /// Smallest admissible value.
        lo: i32,
        /// Largest admissible value.
        hi: i32,
    },
    /// The program or the circuit is malformed.
    #[error("step {step}: {reason}")]
    Malformed {
        /// The step; the number of steps, for what comes before and after them.
        step: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// A step reads a tensor that no earlier step fills.
    #[error("step {step} reads {label} (tensor {tensor}) before it is filled")]
    Unsolved {
        /// The step.
        step: usize,
        /// The tensor.
        tensor: TensorId,
        /// Its label.
        label: String,
    },
    /// An entry does not fit an `i32`.
    #[error("{label} (tensor {tensor}): entry {entry} would be {value}")]
    Overflow {
        /// The tensor.
        tensor: TensorId,
        /// Its label.
        label: String,
        /// Position in the padded layout.
        entry: usize,
        /// The value.
        value: i64,
    },
    /// A sum might not fit 64 bits.
    #[error("step {step}: the values of identity {identity} may be too large for 64 bits")]
    TooLarge {
        /// The step.
        step: usize,
        /// The identity.
        identity: u32,
    },
    /// The key of a lookup is not in its table.
    #[error("lookup {lookup} ({label}): entry {entry} has the key {key}, outside {lo}..={hi}")]
    Key {
        /// The lookup.
        lookup: u32,
        /// Label of the first tensor of the key.
        label: String,
        /// Position in the padded layout.
        entry: usize,
        /// The key.
        key: i64,
        /// Smallest key of the table.
        lo: i64,
        /// Largest key of the table.
        hi: i64,
    },
    /// A divisor is not positive.
    #[error("identity {identity}: the divisor at {entry} is {divisor}")]
    Divisor {
        /// The identity.
        identity: u32,
        /// Row-major position in the box of the identity.
        entry: usize,
        /// The divisor.
        divisor: i64,
    },
}

/// Runs the program: `inputs` are the real entries of the input tensors, in the order of
/// [`Compiled::inputs`].
///
/// # Errors
/// If the inputs do not fit the model, or the program does not fit the circuit. For a circuit whose
/// tables cover their domains (PROTOCOL §3), no input inside its interval makes this fail.
pub fn execute(compiled: &Compiled, inputs: &[Vec<i32>]) -> Result<Trace, ExecuteError> {
    execute_with(compiled, inputs, &mut |_, _| ())
}

/// [`execute`], with a hand in it: `after` sees, and may change, all values once each step is done.
/// What a lying prover does is to change one and to let everything downstream follow from it.
///
/// # Errors
/// As for [`execute`]; also where what was changed makes a later step impossible.
pub fn execute_with(
    compiled: &Compiled,
    inputs: &[Vec<i32>],
    after: &mut dyn FnMut(usize, &mut [Vec<i32>]),
) -> Result<Trace, ExecuteError> {
    let mut run = steps::Run::new(compiled, inputs)?;
    for (index, step) in compiled.program.steps.iter().enumerate() {
        run.step(index, step)?;
        after(index, &mut run.values);
    }
    let mut values = run.values;
    count_multiplicities(compiled, &mut values)?;
    Ok(Trace { values })
}

/// Sets the multiplicity of every table to the counts of all lookups, padding included
/// (PROTOCOL §5.1).
fn count_multiplicities(compiled: &Compiled, values: &mut [Vec<i32>]) -> Result<(), ExecuteError> {
    let circuit = &compiled.circuit;
    let counts: Vec<Vec<i32>> = (0..circuit.tables.len())
        .into_par_iter()
        .map(|table| counts(circuit, values, table).map_err(|fault| fault.at_end(compiled)))
        .collect::<Result<_, _>>()?;
    for (table, counts) in circuit.tables.iter().zip(counts) {
        let slot = values.get_mut(table.multiplicity as usize);
        match slot.filter(|slot| slot.len() == counts.len()) {
            Some(slot) => *slot = counts,
            None => return Err(malformed_end(compiled, "a multiplicity of another size")),
        }
    }
    Ok(())
}

fn malformed_end(compiled: &Compiled, reason: &'static str) -> ExecuteError {
    ExecuteError::Malformed { step: compiled.program.steps.len(), reason }
}

/// What is wrong with a lookup.
enum LookupFault {
    Malformed(&'static str),
    Key { lookup: usize, entry: usize, key: i64 },
}

impl LookupFault {
    fn at_end(self, compiled: &Compiled) -> ExecuteError {
        self.at(compiled, compiled.program.steps.len())
    }

    fn at(self, compiled: &Compiled, step: usize) -> ExecuteError {
        let circuit = &compiled.circuit;
        match self {
            Self::Malformed(reason) => ExecuteError::Malformed { step, reason },
            Self::Key { lookup, entry, key } => {
                let keys = table_of(circuit, lookup).map(keys).unwrap_or_default();
                ExecuteError::Key {
                    lookup: lookup as u32,
                    label: lookup_label(compiled, lookup),
                    entry,
                    key,
                    lo: keys.start,
                    hi: keys.end - 1,
                }
            }
        }
    }
}

fn table_of(circuit: &Circuit, lookup: usize) -> Option<&Table> {
    circuit.tables.get(circuit.lookups.get(lookup)?.table as usize)
}

/// The keys of a table.
fn keys(table: &Table) -> std::ops::Range<i64> {
    let lo = i64::from(table.lo);
    lo..lo + (1i64 << table.log_size.min(32))
}

/// How often each entry of a table is looked up.
fn counts(circuit: &Circuit, values: &[Vec<i32>], table: usize) -> Result<Vec<i32>, LookupFault> {
    let keys = keys(&circuit.tables[table]);
    let mut counts = vec![0i32; (keys.end - keys.start) as usize];
    for (index, lookup) in circuit.lookups.iter().enumerate() {
        if lookup.table as usize != table {
            continue;
        }
        let column = Column::new(values, &lookup.key);
        let column = column.ok_or(LookupFault::Malformed("the key of a lookup"))?;
        for entry in 0..column.len() {
            let key = column.at(entry);
            if !keys.contains(&key) {
                return Err(LookupFault::Key { lookup: index, entry, key });
            }
            counts[(key - keys.start) as usize] += 1;
        }
    }
    Ok(counts)
}

/// The entries of an argument, padding included.
struct Column<'v> {
    constant: i64,
    first: (i64, &'v [i32]),
    rest: Vec<(i64, &'v [i32])>,
}

impl<'v> Column<'v> {
    /// `None` if the tensors do not have one size.
    fn new(values: &'v [Vec<i32>], arg: &Arg) -> Option<Self> {
        let term =
            |&(coef, id): &(i64, TensorId)| Some((coef, values.get(id as usize)?.as_slice()));
        let terms: Vec<(i64, &[i32])> = arg.terms.iter().map(term).collect::<Option<_>>()?;
        let (&first, rest) = terms.split_first()?;
        let fits = rest.iter().all(|(_, x)| x.len() == first.1.len());
        fits.then(|| Self { constant: arg.constant, first, rest: rest.to_vec() })
    }

    fn len(&self) -> usize {
        self.first.1.len()
    }

    /// Coefficients are below `2^31` and terms at most 16 in a valid circuit: this cannot wrap.
    fn at(&self, entry: usize) -> i64 {
        let scaled = |&(coef, x): &(i64, &[i32])| coef.wrapping_mul(i64::from(x[entry]));
        let rest = self.rest.iter().map(scaled).fold(0, i64::wrapping_add);
        self.constant.wrapping_add(scaled(&self.first)).wrapping_add(rest)
    }
}

/// The label of a tensor, or a placeholder.
fn label(compiled: &Compiled, tensor: TensorId) -> String {
    let label = compiled.info.get(tensor as usize).map(|info| info.label.clone());
    label.unwrap_or_else(|| format!("tensor {tensor}"))
}

/// The label of the first tensor of a lookup's key.
fn lookup_label(compiled: &Compiled, lookup: usize) -> String {
    let first = compiled.circuit.lookups.get(lookup).and_then(|l| l.key.terms.first());
    first.map_or_else(String::new, |&(_, id)| label(compiled, id))
}

/// The interval of a public tensor.
fn interval(kind: Kind) -> Option<(i32, i32)> {
    match kind {
        Kind::Input { lo, hi } | Kind::Output { lo, hi } => Some((lo, hi)),
        Kind::Model | Kind::Witness => None,
    }
}
