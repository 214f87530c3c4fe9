//! Where the steps of a run go, by function of the program.

use std::collections::BTreeMap;

use stwo_cairo_adapter::opcodes::CasmStatesByOpcode;

use crate::run::Run;

/// A function of the program: where its code begins, and its name.
pub type Function = (usize, String);

/// The steps that are spent in a function, without those in functions that it calls. What is inlined
/// counts for the caller.
#[derive(Clone, Debug, Default)]
pub struct Cost {
    /// The function.
    pub name: String,
    /// All steps.
    pub steps: usize,
    /// Compressions of Blake2s among them.
    pub hashes: usize,
    /// Sums and products in `K` among them.
    pub field: usize,
    /// Calls: how often its first instruction is executed.
    pub calls: usize,
}

/// The costs of all functions (ascending by their beginning) that a run executes, the largest first.
#[must_use]
pub fn costs(functions: &[Function], run: &Run) -> Vec<Cost> {
    let states = &run.input.state_transitions.casm_states_by_opcode;
    let mut costs = BTreeMap::<usize, Cost>::new();
    let mut add = |pcs: Vec<u32>, count: fn(&mut Cost)| {
        for pc in pcs {
            // The program begins at address 1.
            let offset = pc as usize - 1;
            let index = functions.partition_point(|f| f.0 <= offset);
            let function = index.checked_sub(1).and_then(|i| functions.get(i));
            let cost = costs.entry(index).or_insert_with(|| Cost {
                name: function.map_or("(entry)", |f| f.1.as_str()).to_owned(),
                ..Cost::default()
            });
            cost.steps += 1;
            cost.calls += usize::from(function.is_some_and(|f| f.0 == offset));
            count(cost);
        }
    };
    let pcs = |states: &[stwo_cairo_common::prover_types::cpu::CasmState]| {
        states.iter().map(|state| state.pc.0).collect::<Vec<_>>()
    };
    add(pcs(&states.blake_compress_opcode), |cost| cost.hashes += 1);
    add(pcs(&states.qm_31_add_mul_opcode), |cost| cost.field += 1);
    for other in others(states) {
        add(pcs(other), |_| ());
    }
    let mut costs: Vec<_> = costs.into_values().collect();
    costs.sort_by_key(|cost| std::cmp::Reverse(cost.steps));
    costs
}

/// The steps of all other opcodes.
fn others(states: &CasmStatesByOpcode) -> [&[stwo_cairo_common::prover_types::cpu::CasmState]; 18] {
    [
        &states.generic_opcode,
        &states.add_ap_opcode,
        &states.add_opcode,
        &states.add_opcode_small,
        &states.assert_eq_opcode,
        &states.assert_eq_opcode_double_deref,
        &states.assert_eq_opcode_imm,
        &states.call_opcode_abs,
        &states.call_opcode_rel_imm,
        &states.jnz_opcode_non_taken,
        &states.jnz_opcode_taken,
        &states.jump_opcode_rel_imm,
        &states.jump_opcode_rel,
        &states.jump_opcode_double_deref,
        &states.jump_opcode_abs,
        &states.mul_opcode_small,
        &states.mul_opcode,
        &states.ret_opcode,
    ]
}

/// A table in Markdown of the `top` largest costs.
#[must_use]
pub fn table(costs: &[Cost], top: usize) -> String {
    let total: usize = costs.iter().map(|cost| cost.steps).sum();
    let mut text =
        "| function | steps | % | calls | Blake2s | in `K` |\n|---|---|---|---|---|---|\n"
            .to_owned();
    for Cost { name, steps, hashes, field, calls } in costs.iter().take(top) {
        let share = 100.0 * *steps as f64 / total as f64;
        text += &format!("| `{name}` | {steps} | {share:.1} | {calls} | {hashes} | {field} |\n");
    }
    text
}
