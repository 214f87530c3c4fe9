//! Where the gas of a run goes, by Cairo function and by libfunc.

use std::collections::{HashMap, HashSet};

use cairo_lang_casm::instructions::{AssertEqInstruction, InstructionBody};
use cairo_lang_casm::operand::{CellRef, Register, ResOperand};
use cairo_lang_runnable_utils::builder::RunnableBuilder;
use cairo_lang_runner::casm_run::{RunFunctionResult, run_function};
use cairo_lang_runner::{Arg, StarknetState, initialize_vm};
use cairo_lang_sierra::program::{Function, GenStatement};
use cairo_lang_sierra_to_casm::metadata::MetadataComputationConfig;
use starknet_types_core::felt::Felt;

use crate::Error;
use crate::program::{Program, run_error};

/// Gas of one step of the virtual machine.
const STEP: u64 = 100;

/// Builtins: type name, cells of an instance, gas of an instance.
const BUILTINS: [(&str, usize, u64); 8] = [
    ("RangeCheck", 1, 70),
    ("RangeCheck96", 1, 56),
    ("Poseidon", 6, 491),
    ("Bitwise", 5, 583),
    ("Pedersen", 3, 4050),
    ("EcOp", 7, 4085),
    ("AddMod", 7, 230),
    ("MulMod", 7, 604),
];

/// Where the gas of one run went: steps at 100 gas, and builtin instances at their prices.
/// Memory holes and gas that branches pay for each other are not attributed, so that the sum is a
/// little below what the run is charged.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// Gas attributed in all.
    pub total: u64,
    /// By Cairo function (inlined ones are told apart): gas in its own code, and gas in it and in
    /// all that it calls.
    pub functions: Vec<(String, FunctionGas)>,
    /// By libfunc: gas, executions.
    pub libfuncs: Vec<(String, u64, u64)>,
}

/// Gas of a function.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct FunctionGas {
    /// In its own code.
    pub own: u64,
    /// In its own code and in what it calls.
    pub with_callees: u64,
}

impl Program {
    /// Runs a function as [`Program::run`] does and attributes its gas.
    ///
    /// # Errors
    /// As [`Program::run`].
    pub fn profile(&self, function: &str, args: Vec<Arg>, gas: usize) -> Result<Profile, Error> {
        let function = self.function(function)?;
        let failed = |e| run_error(function, e);
        let state = StarknetState::default();
        let (mut hints, context) = self
            .runner
            .prepare_starknet_context(function, args, Some(gas), state)
            .map_err(failed)?;
        let length = context.bytecode.len();
        let run = run_function(
            context.bytecode.iter(),
            context.builtins,
            |vm| initialize_vm(vm, length),
            &mut hints,
            context.hints_dict,
        )
        .map_err(|e| failed(e.into()))?;
        let builder =
            RunnableBuilder::new(self.sierra.clone(), Some(MetadataComputationConfig::default()))
                .map_err(|e| failed(e.into()))?;
        Ok(Walk::new(self, &builder, function, &run).profile())
    }
}

/// A walk over the trace of a run.
struct Walk<'a> {
    program: &'a Program,
    run: &'a RunFunctionResult,
    /// By position in the code: statement and instruction.
    code: Vec<Option<(usize, usize)>>,
    bodies: Vec<&'a InstructionBody>,
    load_offset: usize,
    builtins: Vec<Segment>,
    touched: HashSet<usize>,
    /// Functions on the stack: how often, and the total when the outermost call began.
    active: HashMap<&'a str, (usize, u64)>,
    stack: Vec<usize>,
    profile: Profile,
    functions: HashMap<&'a str, FunctionGas>,
    libfuncs: HashMap<String, (u64, u64)>,
}

/// The cells of a builtin that a run used.
struct Segment {
    start: usize,
    end: usize,
    cells: usize,
    gas: u64,
}

impl<'a> Walk<'a> {
    fn new(
        program: &'a Program,
        builder: &'a RunnableBuilder,
        function: &Function,
        run: &'a RunFunctionResult,
    ) -> Self {
        let casm = builder.casm_program();
        let infos = &casm.debug_info.sierra_statement_info;
        let length = infos.last().map_or(0, |info| info.end_offset);
        let mut code = vec![None; length];
        for (statement, info) in infos.iter().enumerate() {
            let mut at = info.start_offset;
            let mut index = info.instruction_idx;
            while at < info.end_offset {
                code[at] = Some((statement, index));
                at += casm.instructions[index].body.op_size();
                index += 1;
            }
        }
        let load_offset = run.relocated_trace.last().map_or(0, |step| step.pc + 1);
        Self {
            program,
            run,
            code,
            bodies: casm.instructions.iter().map(|i| &i.body).collect(),
            load_offset,
            builtins: segments(builder, function, run, load_offset),
            touched: HashSet::new(),
            active: HashMap::new(),
            stack: Vec::new(),
            profile: Profile::default(),
            functions: HashMap::new(),
            libfuncs: HashMap::new(),
        }
    }

    fn profile(mut self) -> Profile {
        let mut previous = None;
        for at in 0..self.run.relocated_trace.len() {
            let pc = self.run.relocated_trace[at].pc;
            let here = pc.checked_sub(self.load_offset).and_then(|pc| *self.code.get(pc)?);
            let Some((statement, instruction)) = here else {
                // Code of the runner around the function, or a tiny helper behind the program.
                previous = None;
                continue;
            };
            let gas = STEP + self.builtin_gas(at, instruction);
            let begins = previous != Some(statement);
            previous = Some(statement);
            self.charge(statement, gas, begins);
            self.follow(statement);
        }
        let mut functions: Vec<_> =
            self.functions.into_iter().map(|(name, gas)| (name.to_owned(), gas)).collect();
        functions.sort_by_key(|(_, gas)| std::cmp::Reverse(gas.own));
        let mut libfuncs: Vec<_> =
            self.libfuncs.into_iter().map(|(name, (gas, count))| (name, gas, count)).collect();
        libfuncs.sort_by_key(|(_, gas, _)| std::cmp::Reverse(*gas));
        Profile { functions, libfuncs, ..self.profile }
    }

    /// Attributes the gas of a step to its function, to all functions around it, and its libfunc.
    fn charge(&mut self, statement: usize, gas: u64, begins: bool) {
        self.profile.total += gas;
        let program = self.program;
        let origins = program.origins.get(&statement).map_or(&[][..], Vec::as_slice);
        if let Some(innermost) = origins.first() {
            self.functions.entry(innermost).or_default().own += gas;
        }
        for (i, name) in origins.iter().enumerate() {
            let name = name.as_str();
            if !origins[..i].iter().any(|n| n == name) && !self.active.contains_key(name) {
                self.functions.entry(name).or_default().with_callees += gas;
            }
        }
        let libfunc = match &program.sierra.statements[statement] {
            GenStatement::Invocation(i) => i.libfunc_id.to_string(),
            GenStatement::Return(_) => "return".into(),
        };
        let entry = self.libfuncs.entry(libfunc).or_default();
        entry.0 += gas;
        entry.1 += u64::from(begins);
    }

    /// Follows calls and returns.
    fn follow(&mut self, statement: usize) {
        let program = self.program;
        let origins = |statement: &usize| program.origins.get(statement).into_iter().flatten();
        match &program.sierra.statements[statement] {
            GenStatement::Invocation(i) => {
                let name = i.libfunc_id.to_string();
                if name.starts_with("function_call") || name.starts_with("coupon_call") {
                    self.stack.push(statement);
                    for name in origins(&statement) {
                        let total = self.profile.total;
                        self.active.entry(name).or_insert((0, total)).0 += 1;
                    }
                }
            }
            GenStatement::Return(_) => {
                let Some(call) = self.stack.pop() else { return };
                for name in origins(&call) {
                    let Some(entry) = self.active.get_mut(name.as_str()) else { continue };
                    entry.0 -= 1;
                    if entry.0 == 0 {
                        let gas = self.profile.total - entry.1;
                        self.active.remove(name.as_str());
                        self.functions.entry(name).or_default().with_callees += gas;
                    }
                }
            }
        }
    }

    /// Gas of the builtin instance that a step is the first to touch.
    fn builtin_gas(&mut self, at: usize, instruction: usize) -> u64 {
        let body = self.bodies[instruction];
        let InstructionBody::AssertEq(AssertEqInstruction {
            b: ResOperand::DoubleDeref(cell, offset),
            ..
        }) = body
        else {
            return 0;
        };
        let step = &self.run.relocated_trace[at];
        let Some(base) = address(&self.run.memory, cell_address(cell, step.ap, step.fp)) else {
            return 0;
        };
        let Some(address) = base.checked_add_signed(isize::from(*offset)) else { return 0 };
        let inside = |s: &&Segment| (s.start..s.end).contains(&address);
        let Some(segment) = self.builtins.iter().find(inside) else { return 0 };
        let instance = address - (address - segment.start) % segment.cells;
        if self.touched.insert(instance) { segment.gas } else { 0 }
    }
}

fn cell_address(cell: &CellRef, ap: usize, fp: usize) -> Option<usize> {
    let register = match cell.register {
        Register::AP => ap,
        Register::FP => fp,
    };
    register.checked_add_signed(isize::from(cell.offset))
}

/// The address that a cell holds.
fn address(memory: &[Option<Felt>], cell: Option<usize>) -> Option<usize> {
    let value: Felt = (*memory.get(cell?)?)?;
    usize::try_from(value).ok()
}

/// The builtin segments of a run: from the pointers that the function got to those it returned.
fn segments(
    builder: &RunnableBuilder,
    function: &Function,
    run: &RunFunctionResult,
    load_offset: usize,
) -> Vec<Segment> {
    let signature = &function.signature;
    let params = builder.generic_id_and_size_from_concrete(&signature.param_types);
    let returns = builder.generic_id_and_size_from_concrete(&signature.ret_types);
    let entry = run.relocated_trace.iter().find(|step| step.pc >= load_offset);
    let Some(entry) = entry else { return Vec::new() };
    // Parameters end two cells below the frame (return address and frame pointer of the caller).
    let first = pointers(&params, &run.memory, entry.fp.saturating_sub(2));
    let last = pointers(&returns, &run.memory, run.ap);
    let mut segments = Vec::new();
    for (name, cells, gas) in BUILTINS {
        if let (Some(&start), Some(&end)) = (first.get(name), last.get(name)) {
            segments.push(Segment { start, end, cells, gas });
        }
    }
    segments
}

/// The values of the one-cell types of a list that lies in memory up to `end`.
fn pointers(
    types: &[(cairo_lang_sierra::ids::GenericTypeId, i16)],
    memory: &[Option<Felt>],
    end: usize,
) -> HashMap<String, usize> {
    let mut at = end;
    let mut found = HashMap::new();
    for (name, size) in types.iter().rev() {
        at = at.saturating_sub(usize::try_from(*size).unwrap_or(0));
        if *size == 1
            && let Some(pointer) = address(memory, Some(at))
        {
            found.insert(name.0.to_string(), pointer);
        }
    }
    found
}
