//! The felts of a statement: each public tensor as the transcript absorbs it.

use starknet_types_core::felt::Felt;
use stwo_ml_verifier::circuit::{Circuit, Kind, entry_width};
use stwo_ml_verifier::functional::offsets;
use stwo_ml_verifier::proof::Statement;

use crate::felt::{VALUE_BITS, pack_values, unpack_values};
use crate::unpack::{Cursor, UnpackError};

/// The input tensors of a statement that fits the circuit.
#[must_use]
pub fn pack_inputs(circuit: &Circuit, statement: &Statement) -> Vec<Felt> {
    pack_tensors(ports(circuit, is_input), &statement.inputs)
}

/// Its output tensors.
#[must_use]
pub fn pack_outputs(circuit: &Circuit, statement: &Statement) -> Vec<Felt> {
    pack_tensors(ports(circuit, is_output), &statement.outputs)
}

/// The tensors that `inputs` and `outputs` are the felts of. Entries may lie outside their interval
/// where it is not as wide as their bits.
pub(crate) fn unpack_statement(
    circuit: &Circuit,
    context: [u8; 32],
    inputs: &[Felt],
    outputs: &[Felt],
) -> Result<Statement, UnpackError> {
    Ok(Statement {
        inputs: unpack_tensors(ports(circuit, is_input), inputs, ["inputs", "an input tensor"])?,
        outputs: unpack_tensors(
            ports(circuit, is_output),
            outputs,
            ["outputs", "an output tensor"],
        )?,
        context,
    })
}

const fn is_input(kind: &Kind) -> bool {
    matches!(kind, Kind::Input { .. })
}

const fn is_output(kind: &Kind) -> bool {
    matches!(kind, Kind::Output { .. })
}

/// A public tensor: number of entries, smallest one, bits of each.
struct Port {
    n_entries: u64,
    lo: i32,
    width: u32,
}

fn ports(circuit: &Circuit, pick: fn(&Kind) -> bool) -> impl Iterator<Item = Port> + '_ {
    circuit.tensors.iter().filter(move |t| pick(&t.kind)).filter_map(|t| {
        let (lo, hi) = t.kind.interval()?;
        Some(Port { n_entries: t.n_entries(), lo, width: entry_width(lo, hi) })
    })
}

fn pack_tensors(ports: impl Iterator<Item = Port>, tensors: &[Vec<i32>]) -> Vec<Felt> {
    ports
        .zip(tensors)
        .flat_map(|(port, entries)| pack_values(&offsets(entries, port.lo, port.width), port.width))
        .collect()
}

fn unpack_tensors(
    ports: impl Iterator<Item = Port>,
    felts: &[Felt],
    [list, what]: [&'static str; 2],
) -> Result<Vec<Vec<i32>>, UnpackError> {
    let mut cursor = Cursor::new(list, felts);
    let tensors = ports
        .map(|port| {
            let per_felt = u64::from(VALUE_BITS / port.width);
            let mut left = port.n_entries;
            let mut entries = Vec::new();
            while left > 0 {
                let n = left.min(per_felt);
                let offsets =
                    cursor.unpack(what, |felt| unpack_values(felt, n as usize, port.width))?;
                entries.extend(offsets.iter().map(|v| port.lo.wrapping_add(v.cast_signed())));
                left -= n;
            }
            Ok(entries)
        })
        .collect::<Result<_, UnpackError>>()?;
    cursor.finish()?;
    Ok(tensors)
}
