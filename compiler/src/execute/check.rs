//! What a correct witness is: every relation of the circuit, over the integers.

use stwo_ml_verifier::circuit::{Circuit, Identity, Kind, TensorId};

use super::LookupFault;
use super::identity::{self, Sum};
use super::view::{self, Fault};
use super::{Column, Trace, counts, interval, keys, label, lookup_label};
use crate::program::Compiled;

/// The characteristic of the field.
const P: i64 = (1 << 31) - 1;
/// Partial sums stay below this (PROTOCOL §2).
const BOUND: u64 = 1 << 30;

/// The first relation that a trace violates.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// The circuit is malformed, so that it means nothing.
    #[error("malformed circuit: {0}")]
    Malformed(&'static str),
    /// A tensor has not the entries of its padded layout.
    #[error("{label} (tensor {tensor}): {got} entries, expected {expected}")]
    Layout {
        /// The tensor.
        tensor: TensorId,
        /// Its label.
        label: String,
        /// Entries of the padded layout.
        expected: u64,
        /// Entries of the trace.
        got: usize,
    },
    /// A model tensor is not that of the compiled model.
    #[error("{label} (tensor {tensor}): entry {entry} is not that of the model")]
    Model {
        /// The tensor.
        tensor: TensorId,
        /// Its label.
        label: String,
        /// Position in the padded layout.
        entry: usize,
    },
    /// A public entry is outside its interval, or padding is not zero.
    #[error("{label} (tensor {tensor}): public entry {entry} is {value}")]
    Public {
        /// The tensor.
        tensor: TensorId,
        /// Its label.
        label: String,
        /// Position in the padded layout.
        entry: usize,
        /// Its value.
        value: i32,
    },
    /// An identity does not hold.
    #[error("identity {identity} ({label}) sums to {sum} at {index:?}{}", suffix(*modular))]
    Identity {
        /// The identity.
        identity: usize,
        /// Labels of its tensors.
        label: String,
        /// Where, in its box.
        index: Vec<u32>,
        /// What it sums to.
        sum: i64,
        /// Whether the sum is a multiple of `p`: the proof would be accepted.
        modular: bool,
    },
    /// A sum might not fit 64 bits.
    #[error("identity {identity} ({label}) may be too large for 64 bits")]
    TooLarge {
        /// The identity.
        identity: usize,
        /// Labels of its tensors.
        label: String,
    },
    /// A partial sum of an identity is not below `2^30`.
    #[error("identity {identity} ({label}) has a partial sum of {sum} at {index:?}")]
    Bound {
        /// The identity.
        identity: usize,
        /// Labels of its tensors.
        label: String,
        /// Where, in its box.
        index: Vec<u32>,
        /// The sum of the first terms.
        sum: i64,
    },
    /// A key is not in its table.
    #[error("lookup {lookup} ({label}): entry {entry} has the key {key}, outside its table")]
    Key {
        /// The lookup.
        lookup: usize,
        /// Label of the first tensor of the key.
        label: String,
        /// Position in the padded layout.
        entry: usize,
        /// The key.
        key: i64,
    },
    /// A looked-up value is not that of the table.
    #[error("lookup {lookup} ({label}): value {output} of entry {entry} is {got}, not {expected}")]
    Value {
        /// The lookup.
        lookup: usize,
        /// Label of the first tensor of the key.
        label: String,
        /// Which value.
        output: usize,
        /// Position in the padded layout.
        entry: usize,
        /// Entry of the table.
        expected: i64,
        /// Entry of the trace.
        got: i64,
    },
    /// A multiplicity is not the number of lookups.
    #[error("table {table}: entry {entry} has the multiplicity {got}, not {expected}")]
    Multiplicity {
        /// The table.
        table: usize,
        /// The entry.
        entry: usize,
        /// Number of lookups.
        expected: i32,
        /// Entry of the trace.
        got: i32,
    },
}

fn suffix(modular: bool) -> &'static str {
    if modular { ", a multiple of p" } else { "" }
}

/// Checks a trace against the circuit and the model: layout, model and public entries, every
/// identity at every index of its box, every lookup and every multiplicity, padding included.
/// Identities are checked over the integers, not modulo `p`.
///
/// # Errors
/// The first violation.
pub fn check(compiled: &Compiled, trace: &Trace) -> Result<(), CheckError> {
    check_tensors(compiled, trace)?;
    let circuit = &compiled.circuit;
    for (index, identity) in circuit.identities.iter().enumerate() {
        let sums = identity::value(circuit, identity, &trace.values, &[])
            .map_err(|fault| identity_fault(compiled, index, fault))?;
        if let Some((at, &sum)) = sums.iter().enumerate().find(|(_, sum)| **sum != 0) {
            return Err(CheckError::Identity {
                identity: index,
                label: identity_label(compiled, identity),
                index: unravel(at, &identity.dims),
                sum,
                modular: sum % P == 0,
            });
        }
    }
    check_lookups(compiled, &trace.values)
}

/// Checks that at every index of every identity all partial sums of terms and products, in order,
/// are below `2^30` in magnitude, as those of an honest witness are (PROTOCOL §2).
///
/// # Errors
/// The first violation.
pub fn check_bounds(compiled: &Compiled, trace: &Trace) -> Result<(), CheckError> {
    check_tensors(compiled, trace)?;
    for (index, identity) in compiled.circuit.identities.iter().enumerate() {
        let fault = |fault| identity_fault(compiled, index, fault);
        let bounded = |sum: &Sum<'_>| {
            let large = |(_, sum): &(usize, &i64)| sum.unsigned_abs() >= BOUND;
            match sum.entries.iter().enumerate().find(large) {
                None => Ok(()),
                Some((at, &sum)) => Err(CheckError::Bound {
                    identity: index,
                    label: identity_label(compiled, identity),
                    index: unravel(at, &identity.dims),
                    sum,
                }),
            }
        };
        let mut sum = Sum::new(&compiled.circuit, &trace.values, &identity.dims);
        for term in &identity.linear {
            sum.add_term(term).map_err(fault)?;
            bounded(&sum)?;
        }
        for product in &identity.products {
            sum.add_product(product).map_err(fault)?;
            bounded(&sum)?;
        }
    }
    Ok(())
}

/// Layout of all tensors, entries of model and public tensors.
fn check_tensors(compiled: &Compiled, trace: &Trace) -> Result<(), CheckError> {
    let circuit = &compiled.circuit;
    let n = circuit.tensors.len();
    if trace.values.len() != n || [compiled.model.len(), compiled.program.padding.len()] != [n; 2] {
        return Err(CheckError::Malformed("as many traces, models and paddings as tensors"));
    }
    for (id, (tensor, values)) in circuit.tensors.iter().zip(&trace.values).enumerate() {
        let (id, label) = (id as TensorId, || label(compiled, id as TensorId));
        if tensor.shape.contains(&0) || tensor.log_size() > 30 {
            return Err(CheckError::Malformed("an empty tensor, or one that is too large"));
        }
        let (expected, got) = (1u64 << tensor.log_size(), values.len());
        if got as u64 != expected {
            return Err(CheckError::Layout { tensor: id, label: label(), expected, got });
        }
        if tensor.kind == Kind::Model {
            let padding = compiled.program.padding[id as usize];
            let model = view::pad(&compiled.model[id as usize], &tensor.shape, padding)
                .ok_or(CheckError::Malformed("a model tensor without its entries"))?;
            if let Some(entry) = model.iter().zip(values).position(|(x, y)| x != y) {
                return Err(CheckError::Model { tensor: id, label: label(), entry });
            }
        }
        if let Some((lo, hi)) = interval(tensor.kind) {
            let mut inside = values.iter().map(|&x| x == 0).collect::<Vec<_>>();
            view::real_entries(&tensor.shape)
                .visit(|_, at| inside[at] = (lo..=hi).contains(&values[at]));
            if let Some(entry) = inside.iter().position(|inside| !inside) {
                let value = values[entry];
                return Err(CheckError::Public { tensor: id, label: label(), entry, value });
            }
        }
    }
    Ok(())
}

fn check_lookups(compiled: &Compiled, values: &[Vec<i32>]) -> Result<(), CheckError> {
    let circuit = &compiled.circuit;
    for (index, lookup) in circuit.lookups.iter().enumerate() {
        let table = circuit.tables.get(lookup.table as usize);
        let table = table.ok_or(CheckError::Malformed("a lookup without table"))?;
        if lookup.values.len() != table.outputs.len() {
            return Err(CheckError::Malformed("as many values as the table has outputs"));
        }
        let columns = lookup
            .values
            .iter()
            .map(|value| Column::new(values, value))
            .collect::<Option<Vec<_>>>();
        let outputs = table.outputs.iter().map(|&id| values.get(id as usize));
        let (Some(key), Some(columns), Some(outputs)) =
            (Column::new(values, &lookup.key), columns, outputs.collect::<Option<Vec<_>>>())
        else {
            return Err(CheckError::Malformed("an argument of a lookup"));
        };
        let keys = keys(table);
        let size = (keys.end - keys.start) as usize;
        if columns.iter().any(|c| c.len() != key.len()) || outputs.iter().any(|o| o.len() != size) {
            return Err(CheckError::Malformed("an argument or output of another size"));
        }
        let label = || lookup_label(compiled, index);
        for entry in 0..key.len() {
            let key = key.at(entry);
            if !keys.contains(&key) {
                return Err(CheckError::Key { lookup: index, label: label(), entry, key });
            }
            for (output, (column, of_table)) in columns.iter().zip(&outputs).enumerate() {
                let expected = i64::from(of_table[(key - keys.start) as usize]);
                let got = column.at(entry);
                if got != expected {
                    let (lookup, label) = (index, label());
                    return Err(CheckError::Value { lookup, label, output, entry, expected, got });
                }
            }
        }
    }
    check_multiplicities(circuit, values)
}

fn check_multiplicities(circuit: &Circuit, values: &[Vec<i32>]) -> Result<(), CheckError> {
    for (index, table) in circuit.tables.iter().enumerate() {
        let counts = counts(circuit, values, index).map_err(|fault| match fault {
            LookupFault::Malformed(reason) => CheckError::Malformed(reason),
            LookupFault::Key { .. } => CheckError::Malformed("a key outside its table"),
        })?;
        let multiplicity = values.get(table.multiplicity as usize);
        let multiplicity = multiplicity.filter(|column| column.len() == counts.len());
        let multiplicity = multiplicity.ok_or(CheckError::Malformed("a multiplicity"))?;
        for (entry, (&expected, &got)) in counts.iter().zip(multiplicity).enumerate() {
            if got != expected {
                return Err(CheckError::Multiplicity { table: index, entry, expected, got });
            }
        }
    }
    Ok(())
}

fn identity_fault(compiled: &Compiled, index: usize, fault: Fault) -> CheckError {
    match fault {
        Fault::Malformed(reason) => CheckError::Malformed(reason),
        Fault::TooLarge => CheckError::TooLarge {
            identity: index,
            label: identity_label(compiled, &compiled.circuit.identities[index]),
        },
    }
}

/// Labels of the first tensors of an identity.
fn identity_label(compiled: &Compiled, identity: &Identity) -> String {
    let linear = identity.linear.iter().filter_map(|term| term.view.as_ref());
    let views = linear.chain(identity.products.iter().flat_map(|p| [&p.a, &p.b]));
    let mut labels: Vec<String> = Vec::new();
    for name in views.map(|view| label(compiled, view.tensor)) {
        if !labels.contains(&name) && labels.len() < 4 {
            labels.push(name);
        }
    }
    labels.join(", ")
}

/// The index of a row-major position.
fn unravel(mut at: usize, dims: &[u32]) -> Vec<u32> {
    let mut index: Vec<u32> = dims
        .iter()
        .rev()
        .map(|&d| {
            let i = at % d as usize;
            at /= d as usize;
            i as u32
        })
        .collect();
    index.reverse();
    index
}
