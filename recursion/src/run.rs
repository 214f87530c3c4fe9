//! A run of the program on the Cairo VM.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use anyhow::{Context as _, Result};
use cairo_lang_executable::executable::Executable;
use cairo_lang_execute_utils::program_and_hints_from_executable;
use cairo_lang_runner::Arg;
use cairo_lang_runner::casm_run::CairoHintProcessor;
use cairo_vm::cairo_run::{CairoRunConfig, cairo_run_program};
use cairo_vm::types::layout_name::LayoutName;
use starknet_types_core::felt::Felt;
use stwo_cairo_adapter::adapter::adapt;
use stwo_cairo_adapter::{ExecutionResources, ProverInput, PublicSegmentContext};

use crate::params::MAX_LOG_SIZE;
use crate::program::entry_point;

/// What a run takes.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    /// Steps of the machine.
    pub n_steps: usize,
    /// Of these, by opcode.
    pub opcodes: BTreeMap<String, usize>,
    /// Instances of the builtins.
    pub builtins: BTreeMap<String, usize>,
    /// Addresses of the memory.
    pub n_addresses: usize,
    /// Values in it: those below `2^72`, and the others.
    pub n_values: [usize; 2],
}

impl Resources {
    fn of(input: &ProverInput) -> Self {
        let resources = ExecutionResources::from_prover_input(input);
        let memory = &resources.memory_tables_sizes;
        let used = |counts: std::collections::HashMap<String, usize>| {
            counts.into_iter().filter(|(_, n)| *n != 0).collect::<BTreeMap<_, _>>()
        };
        let opcodes = used(resources.opcodes_instance_counter);
        Self {
            n_steps: opcodes.values().sum(),
            opcodes,
            builtins: used(resources.builtin_instance_counter),
            n_addresses: memory.memory_address_to_id,
            n_values: [memory.memory_id_to_small, memory.memory_id_to_big],
        }
    }

    /// How often an opcode is executed, by the beginning of its name.
    #[must_use]
    pub fn opcode(&self, name: &str) -> usize {
        let all = self.opcodes.iter().filter(|(opcode, _)| opcode.starts_with(name));
        all.map(|(_, n)| n).sum()
    }

    /// The share of the largest component that is used; above one, a run cannot be proven at once.
    #[must_use]
    pub fn fill(&self) -> f64 {
        let max = f64::from(1u32 << MAX_LOG_SIZE);
        let counts = self.opcodes.values().chain(self.builtins.values());
        // The addresses are in 16 columns.
        let columns = [self.n_addresses.div_ceil(16), self.n_values[0], self.n_values[1]];
        // The components of Blake2s pad compressions, ten rounds of them and eight steps of a round,
        // each to a power of two: 2^(MAX_LOG_SIZE - 7) compressions fill the last of them.
        let hashes = self.opcode("blake") << 7;
        let largest = counts.copied().chain(columns).chain([hashes]).max().unwrap_or(0);
        largest as f64 / max
    }
}

/// Those of two runs, one after the other: near to those of one run over both, and above them, since
/// both have the program in memory.
impl AddAssign<&Self> for Resources {
    fn add_assign(&mut self, other: &Self) {
        let add = |to: &mut BTreeMap<String, usize>, counts: &BTreeMap<String, usize>| {
            for (name, n) in counts {
                *to.entry(name.clone()).or_default() += n;
            }
        };
        self.n_steps += other.n_steps;
        add(&mut self.opcodes, &other.opcodes);
        add(&mut self.builtins, &other.builtins);
        self.n_addresses += other.n_addresses;
        self.n_values[0] += other.n_values[0];
        self.n_values[1] += other.n_values[1];
    }
}

/// Bytes of memory that a proof takes, whatever it is of, and those of a full batch beside them: an
/// upper bound on the measurements of docs/recursion.md.
const MEMORY: [f64; 2] = [3.3e9, 11.8e9];

impl Resources {
    /// Bytes of memory that proving takes, at most.
    #[must_use]
    pub fn memory(&self) -> f64 {
        MEMORY[0] + MEMORY[1] * self.fill()
    }

    /// The largest [`Resources::fill`] that these bytes of memory, and the rows of a batch, allow.
    #[must_use]
    pub fn max_fill(bytes: f64) -> f64 {
        ((bytes - MEMORY[0]) / MEMORY[1]).clamp(0.0, 1.0)
    }
}

/// A finished run.
pub struct Run {
    /// What the prover takes.
    pub input: ProverInput,
    /// What it took.
    pub resources: Resources,
}

/// Runs the program. What it panics with is in the error.
///
/// # Errors
/// The program panics: a proof of the batch is not valid.
pub fn run(executable: &Executable, arguments: &[Felt]) -> Result<Run> {
    let entry_point = entry_point(executable)?;
    let (program, string_to_hint) = program_and_hints_from_executable(executable, entry_point)?;
    let arguments = Arg::Array(arguments.iter().copied().map(Arg::Value).collect());
    let mut hints = CairoHintProcessor {
        runner: None,
        user_args: vec![vec![arguments]],
        string_to_hint,
        starknet_state: Default::default(),
        run_resources: Default::default(),
        syscalls_used_resources: Default::default(),
        no_temporary_segments: false,
        markers: Vec::new(),
        panic_traceback: Vec::new(),
    };
    let config = CairoRunConfig {
        layout: LayoutName::all_cairo_stwo,
        proof_mode: true,
        trace_enabled: true,
        relocate_trace: false,
        fill_holes: true,
        disable_trace_padding: true,
        allow_missing_builtins: Some(true),
        ..CairoRunConfig::default()
    };
    let runner =
        cairo_run_program(&program, &config, &mut hints).map_err(Box::new).with_context(|| {
            match hints.markers.last() {
                Some(panic) => {
                    format!("the program panics: {}", stwo_ml_cairo::short_strings(panic))
                }
                None => "the program does not run to its end".to_owned(),
            }
        })?;
    let mut input = adapt(&runner)?;
    input.public_segment_context = PublicSegmentContext::new(&entry_point.builtins);
    let resources = Resources::of(&input);
    Ok(Run { input, resources })
}
