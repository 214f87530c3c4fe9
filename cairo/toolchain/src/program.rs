//! A compiled package, ready to run.

use std::collections::HashMap;

use cairo_lang_compiler::db::RootDatabase;
use cairo_lang_compiler::{ensure_diagnostics, get_sierra_program_for_functions};
use cairo_lang_filesystem::db::FilesGroup;
use cairo_lang_filesystem::ids::CrateInput;
use cairo_lang_lowering::ids::ConcreteFunctionWithBodyId;
use cairo_lang_runner::casm_run::format_for_debug;
use cairo_lang_runner::short_string::as_cairo_short_string;
use cairo_lang_runner::{Arg, RunResultStarknet, RunResultValue, SierraCasmRunner, StarknetState};
use cairo_lang_sierra::extensions::gas::{CostTokenMap, CostTokenType};
use cairo_lang_sierra::ids::FunctionId;
use cairo_lang_sierra::program::{Function, Program as Sierra};
use cairo_lang_sierra_generator::db::SierraGenGroup;
use cairo_lang_sierra_generator::program_generator::find_all_free_function_ids;
use cairo_lang_sierra_generator::replace_ids::{DebugReplacer, replace_sierra_ids_in_program};
use cairo_lang_sierra_to_casm::metadata::MetadataComputationConfig;
use cairo_lang_starknet::contract::{
    ContractDeclaration, find_contracts, get_contract_abi_functions, get_contracts_info,
};
use cairo_lang_starknet::plugin::consts::{CONSTRUCTOR_MODULE, EXTERNAL_MODULE, L1_HANDLER_MODULE};
use cairo_lang_starknet_classes::casm_contract_class::ENTRY_POINT_COST;
use cairo_lang_utils::ordered_hash_map::OrderedHashMap;
use starknet_types_core::felt::Felt;

use crate::database::{Database, Options};
use crate::{Error, Package};

/// Gas that a run has when no budget is given: 100 times the limit of a Starknet transaction.
const AMPLE_GAS: usize = 111_000_000_000;

/// A compiled package. Compile once, run often: a run does not look at the sources again.
pub struct Program {
    pub(crate) runner: SierraCasmRunner,
    pub(crate) sierra: Sierra,
    /// By statement of `sierra`, the Cairo functions it comes from, innermost first.
    pub(crate) origins: HashMap<usize, Vec<String>>,
    warnings: String,
}

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The returned felts, or the panic data. A result that is one array or span of felts is given
    /// as its elements; other results as they lie in memory.
    pub result: Result<Vec<Felt>, Vec<Felt>>,
    /// Gas spent, in Sierra gas (Starknet's L2 gas), the cost of the call itself included.
    pub gas: u64,
    /// Steps of the virtual machine.
    pub steps: usize,
}

impl Program {
    /// Compiles a package: all its functions without generic parameters. With tests, its contracts
    /// and those of its dependencies are there, too: functions may deploy and call them.
    ///
    /// # Errors
    /// With the compiler's messages when it refuses the package.
    pub fn compile(package: &Package, options: &Options) -> Result<Self, Error> {
        let database = Database::new(package, options)?;
        let db = &database.db;
        let mut messages = String::new();
        let checked = ensure_diagnostics(db, &mut database.reporter(&mut messages));
        if let Err(e) = checked {
            return Err(database.refused(messages, &e));
        }
        let crates = CrateInput::into_crate_ids(db, vec![database.main.clone()]);
        let nothing = |_| database.refused(String::new(), &"the functions cannot be listed");
        let mut functions = find_all_free_function_ids(db, crates).map_err(nothing)?;
        let contracts = if options.tests { find_contracts(db, db.crates()) } else { Vec::new() };
        let entry_points = entry_points(db, &contracts);
        functions.extend(&entry_points);
        let compiled = get_sierra_program_for_functions(db, functions)
            .map_err(|e| database.refused(String::new(), &e))?;
        let origins = compiled.debug_info.statements_locations.extract_statements_functions(db);
        let sierra = replace_sierra_ids_in_program(db, &compiled.program);
        let origins = origins
            .statements_to_functions_map
            .into_iter()
            .map(|(at, names)| (at.0, names))
            .collect();
        let assemble = |what: String| Error::Assemble { package: package.name.clone(), what };
        let config = MetadataComputationConfig {
            function_set_costs: entry_point_costs(db, &entry_points),
            ..MetadataComputationConfig::default()
        };
        let contracts = get_contracts_info(db, contracts, &DebugReplacer { db })
            .map_err(|e| assemble(e.to_string()))?;
        let runner = SierraCasmRunner::new(sierra.clone(), Some(config), contracts, None)
            .map_err(|e| assemble(e.to_string()))?;
        Ok(Self { runner, sierra, origins, warnings: messages })
    }

    /// What the compiler warned of; nothing if empty.
    pub fn warnings(&self) -> &str {
        &self.warnings
    }

    /// Runs the function at a path, as `module::function` or with the package's name in front, with
    /// ample gas. An array argument stands for an `Array` or a `Span`; a `u256` is two values, low
    /// first; a struct, its members one after the other.
    ///
    /// # Errors
    /// When there is no such function or the arguments do not fit its parameters. A panic of the
    /// Cairo code is an [`Outcome`].
    pub fn run(&self, function: &str, args: Vec<Arg>) -> Result<Outcome, Error> {
        self.run_within(function, args, AMPLE_GAS)
    }

    /// As [`Program::run`], with a budget of gas; the code panics with `'Out of gas'` beyond it.
    ///
    /// # Errors
    /// As [`Program::run`], and when the budget does not even pay for the call.
    pub fn run_within(&self, function: &str, args: Vec<Arg>, gas: usize) -> Result<Outcome, Error> {
        let function = self.function(function)?;
        let result = self
            .runner
            .run_function_with_starknet_context(function, args, Some(gas), StarknetState::default())
            .map_err(|e| run_error(function, e))?;
        Ok(outcome(&self.runner, function, gas, result))
    }

    /// The paths of all functions that can be run.
    pub fn functions(&self) -> impl Iterator<Item = &str> {
        self.sierra.funcs.iter().filter_map(|f| f.id.debug_name.as_deref())
    }

    pub(crate) fn function(&self, path: &str) -> Result<&Function, Error> {
        let tail = format!("::{path}");
        let fits = |name: &str| name == path || name.ends_with(&tail);
        let found: Vec<&Function> = (self.sierra.funcs.iter())
            .filter(|f| f.id.debug_name.as_deref().is_some_and(fits))
            .collect();
        if let [function] = found[..] {
            return Ok(function);
        }
        let last = path.rsplit("::").next().unwrap_or(path);
        let near: Vec<&str> =
            self.functions().filter(|name| fits(name) || name.ends_with(last)).take(8).collect();
        let hint = if near.is_empty() { String::new() } else { format!(": {}", near.join(", ")) };
        Err(Error::Function { name: path.into(), found: found.len(), hint })
    }
}

/// The functions of contracts that can be called from outside.
fn entry_points<'db>(
    db: &'db RootDatabase,
    contracts: &[ContractDeclaration<'db>],
) -> Vec<ConcreteFunctionWithBodyId<'db>> {
    let modules = [EXTERNAL_MODULE, CONSTRUCTOR_MODULE, L1_HANDLER_MODULE];
    contracts
        .iter()
        .flat_map(|contract| modules.map(|module| get_contract_abi_functions(db, contract, module)))
        .flat_map(Result::unwrap_or_default)
        .map(|function| ConcreteFunctionWithBodyId::from_semantic(db, function.value))
        .collect()
}

/// What the network charges for a call, for each entry point.
fn entry_point_costs(
    db: &RootDatabase,
    entry_points: &[ConcreteFunctionWithBodyId<'_>],
) -> OrderedHashMap<FunctionId, CostTokenMap<i32>> {
    let cost = || CostTokenMap::from_iter([(CostTokenType::Const, ENTRY_POINT_COST)]);
    let id = |function: &ConcreteFunctionWithBodyId<'_>| {
        let sierra = db.function_with_body_sierra(*function).ok()?;
        Some((sierra.id.clone(), cost()))
    };
    entry_points.iter().filter_map(id).collect()
}

pub(crate) fn run_error(function: &Function, source: cairo_lang_runner::RunnerError) -> Error {
    Error::Run { function: function.id.to_string(), source: Box::new(source) }
}

/// Reads the outcome off a finished run that began with `budget` gas.
pub(crate) fn outcome(
    runner: &SierraCasmRunner,
    function: &Function,
    budget: usize,
    run: RunResultStarknet,
) -> Outcome {
    let gas = match run.gas_counter {
        Some(left) => u64::try_from(Felt::from(budget) - left).unwrap_or(u64::MAX),
        None => runner.initial_required_gas(function).unwrap_or(0) as u64,
    };
    let result = match run.value {
        RunResultValue::Success(felts) => Ok(elements(function, felts, &run.memory)),
        RunResultValue::Panic(data) => Err(data),
    };
    Outcome { result, gas, steps: run.used_resources.basic_resources.n_steps }
}

/// The elements of a result that is one array of felts; other results as they are.
fn elements(function: &Function, felts: Vec<Felt>, memory: &[Option<Felt>]) -> Vec<Felt> {
    const ARRAYS: [&str; 3] = [
        "Array<felt252>",
        "core::array::Array::<core::felt252>",
        "core::array::Span::<core::felt252>",
    ];
    let Some(returned) = function.signature.ret_types.last().map(ToString::to_string) else {
        return felts;
    };
    let bare = returned
        .strip_prefix("core::panics::PanicResult::<(")
        .and_then(|rest| rest.strip_suffix(",)>").or_else(|| rest.strip_suffix(")>")))
        .unwrap_or(&returned);
    if !ARRAYS.contains(&bare) {
        return felts;
    }
    let address = |felt: &Felt| usize::try_from(*felt).ok();
    let range = match &felts[..] {
        [start, end] => address(start).zip(address(end)),
        _ => None,
    };
    let cells = range.and_then(|(start, end)| memory.get(start..end));
    cells.and_then(|cells| cells.iter().copied().collect()).unwrap_or(felts)
}

/// Felts as text: short strings and byte arrays as strings, others as hexadecimal numbers.
pub fn short_strings(felts: &[Felt]) -> String {
    match felts {
        [one] => match as_cairo_short_string(one) {
            Some(text) => format!("'{text}'"),
            None => format!("{one:#x}"),
        },
        _ => {
            let owned = felts.to_vec();
            format_for_debug(owned.into_iter()).trim_end().to_owned()
        }
    }
}
