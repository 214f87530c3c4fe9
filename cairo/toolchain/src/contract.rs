//! The class of a Starknet contract: compiled, hashed, held against the limits of the network.

use std::collections::HashMap;
use std::fmt;

use cairo_lang_compiler::CompilerConfig;
use cairo_lang_filesystem::ids::CrateInput;
use cairo_lang_sierra::debug_info::DebugInfo;
use cairo_lang_sierra::program::{GenStatement, Program};
use cairo_lang_starknet::compile::compile_contract_in_prepared_db;
use cairo_lang_starknet_classes::allowed_libfuncs::{BUILTIN_AUDITED_LIBFUNCS_LIST, ListSelector};
use cairo_lang_starknet_classes::casm_contract_class::CasmContractClass;
use cairo_lang_starknet_classes::contract_class::{ContractClass, ContractEntryPoint};
use cairo_lang_starknet_classes::keccak::starknet_keccak;
use serde::Serialize;
use starknet_types_core::felt::Felt;
use starknet_types_core::hash::{Poseidon, StarkHash};

use crate::database::{Database, Options};
use crate::{Error, Package};

/// Most felts of a Sierra program, and of a CASM program, that Starknet takes (0.14.4).
pub const MAX_FELTS: usize = 81_920;
/// Most bytes of a class as JSON that Starknet takes (0.14.4).
pub const MAX_BYTES: usize = 4_089_446;
/// What a class of ours leaves free of each limit, in percent.
pub const MARGIN_PERCENT: usize = 15;

/// A compiled contract, as it is declared.
#[derive(Clone, Debug)]
pub struct ContractArtifacts {
    /// The class: Sierra program, entry points, ABI; without debug information.
    pub sierra_json: String,
    /// What the network compiles the class to.
    pub casm_json: String,
    /// The hash of the class.
    pub class_hash: Felt,
    /// The (Blake) hash of the compiled class, which a declaration names.
    pub compiled_class_hash: Felt,
    /// How large the class is.
    pub sizes: ClassSizes,
}

/// The sizes that Starknet limits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ClassSizes {
    /// Felts of the Sierra program.
    pub sierra_felts: usize,
    /// Felts of the CASM program.
    pub casm_felts: usize,
    /// Bytes of the class as JSON.
    pub json_bytes: usize,
}

impl ClassSizes {
    /// Checks that every size leaves [`MARGIN_PERCENT`] of its limit free.
    ///
    /// # Errors
    /// Names the size that does not.
    pub fn check(&self) -> Result<(), Error> {
        for (what, size, limit) in self.entries() {
            if size * 100 > limit * (100 - MARGIN_PERCENT) {
                return Err(Error::TooLarge { what, size, limit });
            }
        }
        Ok(())
    }

    fn entries(&self) -> [(&'static str, usize, usize); 3] {
        [
            ("felts of Sierra", self.sierra_felts, MAX_FELTS),
            ("felts of CASM", self.casm_felts, MAX_FELTS),
            ("bytes of JSON", self.json_bytes, MAX_BYTES),
        ]
    }
}

impl fmt::Display for ClassSizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (what, size, limit)) in self.entries().into_iter().enumerate() {
            let free = 100.0 - 100.0 * size as f64 / limit as f64;
            let end = if i < 2 { "\n" } else { "" };
            write!(f, "{what}: {size} of {limit} ({free:.1} % free){end}")?;
        }
        Ok(())
    }
}

/// Compiles the one contract of a package. The same sources, core library and compiler give the
/// same class, bit for bit.
///
/// # Errors
/// When the compiler refuses the package, it has no contract or several, uses a libfunc that is
/// not on the audited list, or is too large ([`ClassSizes::check`]).
pub fn contract(package: &Package, options: &Options) -> Result<ContractArtifacts, Error> {
    let artifacts = contract_of_any_size(package, options)?;
    artifacts.sizes.check()?;
    Ok(artifacts)
}

/// As [`contract`], whatever the sizes.
///
/// # Errors
/// As [`contract`], but for the sizes.
pub fn contract_of_any_size(
    package: &Package,
    options: &Options,
) -> Result<ContractArtifacts, Error> {
    let class = stripped(compile(package, options, false)?);
    let wrong = |what: String| Error::Assemble { package: package.name.clone(), what };
    let program = class.extract_sierra_program(false).map_err(|e| wrong(e.to_string()))?;
    program
        .validate_version_compatible(ListSelector::ListName(BUILTIN_AUDITED_LIBFUNCS_LIST.into()))
        .map_err(|e| wrong(e.to_string()))?;
    let casm = CasmContractClass::from_contract_class(class.clone(), program, false, usize::MAX)
        .map_err(|e| wrong(e.to_string()))?;
    let json = |value: Result<String, serde_json::Error>| value.map_err(|e| wrong(e.to_string()));
    let sierra_json = json(serde_json::to_string(&class))?;
    let casm_json = json(serde_json::to_string(&casm))?;
    let sizes = ClassSizes {
        sierra_felts: class.sierra_program.len(),
        casm_felts: casm.bytecode.len(),
        json_bytes: sierra_json.len(),
    };
    let class_hash = class_hash(&class).map_err(|e| wrong(e.to_string()))?;
    let compiled_class_hash = casm.compiled_class_hash();
    Ok(ContractArtifacts { sierra_json, casm_json, class_hash, compiled_class_hash, sizes })
}

/// Felts of CASM that a Cairo function takes in a contract, wherever it is inlined.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct CodeSize {
    /// Of its own code.
    pub own: usize,
    /// Of its own code and of what is inlined into it.
    pub with_inlined: usize,
}

/// What the CASM of a contract consists of.
#[derive(Clone, Debug, Default)]
pub struct CodeSizes {
    /// By Cairo function, largest first.
    pub functions: Vec<(String, CodeSize)>,
    /// By libfunc, largest first: felts, statements.
    pub libfuncs: Vec<(String, usize, usize)>,
}

/// The CASM of the contract of a package by Cairo function and by libfunc.
///
/// # Errors
/// As [`contract_of_any_size`].
pub fn contract_code_sizes(package: &Package, options: &Options) -> Result<CodeSizes, Error> {
    let class = compile(package, options, true)?;
    let wrong = |what: String| Error::Assemble { package: package.name.clone(), what };
    let origins = origins(&class);
    let program = class.extract_sierra_program(true).map_err(|e| wrong(e.to_string()))?;
    let names = libfunc_names(&program.program);
    let (_, layout) = CasmContractClass::from_contract_class_with_debug_info(
        stripped(class),
        program,
        false,
        usize::MAX,
    )
    .map_err(|e| wrong(e.to_string()))?;
    let mut functions: HashMap<&str, CodeSize> = HashMap::new();
    let mut libfuncs: HashMap<&str, (usize, usize)> = HashMap::new();
    for (statement, info) in layout.sierra_statement_info.iter().enumerate() {
        let felts = info.end_offset - info.start_offset;
        let chain = origins.get(&statement).map_or(&[][..], Vec::as_slice);
        functions.entry(chain.first().map_or("unknown", String::as_str)).or_default().own += felts;
        for (i, name) in chain.iter().enumerate() {
            if !chain[..i].contains(name) {
                functions.entry(name).or_default().with_inlined += felts;
            }
        }
        let libfunc = libfuncs.entry(names.get(statement).map_or("", String::as_str)).or_default();
        *libfunc = (libfunc.0 + felts, libfunc.1 + 1);
    }
    let mut functions: Vec<_> =
        functions.into_iter().map(|(n, size)| (n.to_owned(), size)).collect();
    functions.sort_by(|a, b| b.1.own.cmp(&a.1.own).then_with(|| a.0.cmp(&b.0)));
    let mut libfuncs: Vec<_> =
        libfuncs.into_iter().map(|(n, (felts, count))| (n.to_owned(), felts, count)).collect();
    libfuncs.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(CodeSizes { functions, libfuncs })
}

/// By statement, the Cairo functions it comes from, innermost first.
fn origins(class: &ContractClass) -> HashMap<usize, Vec<String>> {
    (class.sierra_program_debug_info.as_ref())
        .and_then(|info| info.annotations.get("github.com/software-mansion/cairo-profiler"))
        .and_then(|profiler| profiler.get("statements_functions"))
        .and_then(|map| serde_json::from_value(map.clone()).ok())
        .unwrap_or_default()
}

/// By statement, its libfunc.
fn libfunc_names(program: &Program) -> Vec<String> {
    let name = |statement: &GenStatement<_>| match statement {
        GenStatement::Invocation(i) => i.libfunc_id.to_string(),
        GenStatement::Return(_) => "return".into(),
    };
    program.statements.iter().map(name).collect()
}

fn stripped(class: ContractClass) -> ContractClass {
    ContractClass { sierra_program_debug_info: Some(DebugInfo::default()), ..class }
}

fn compile(package: &Package, options: &Options, with_names: bool) -> Result<ContractClass, Error> {
    let database = Database::new(package, options)?;
    let db = &database.db;
    let mut messages = String::new();
    let crates = CrateInput::into_crate_ids(db, vec![database.main.clone()]);
    let config = CompilerConfig {
        diagnostics_reporter: database.reporter(&mut messages),
        add_statements_functions: with_names,
        replace_ids: with_names,
        ..CompilerConfig::default()
    };
    let compiled = compile_contract_in_prepared_db(db, None, crates, config);
    match compiled {
        Ok(class) => Ok(class),
        Err(e) => Err(database.refused(messages, &e)),
    }
}

/// The hash of a class as Starknet defines it: version, entry points, ABI, program.
fn class_hash(class: &ContractClass) -> Result<Felt, serde_json::Error> {
    let entry_points = |points: &[ContractEntryPoint]| {
        let felts: Vec<Felt> = points
            .iter()
            .flat_map(|point| [Felt::from(&point.selector), Felt::from(point.function_idx)])
            .collect();
        Poseidon::hash_array(&felts)
    };
    let version = format!("CONTRACT_CLASS_V{}", class.contract_class_version);
    let program: Vec<Felt> = class.sierra_program.iter().map(|f| Felt::from(&f.value)).collect();
    let abi = match &class.abi {
        Some(abi) => python_json(&abi)?,
        None => String::new(),
    };
    let points = &class.entry_points_by_type;
    Ok(Poseidon::hash_array(&[
        Felt::from_bytes_be_slice(version.as_bytes()),
        entry_points(&points.external),
        entry_points(&points.l1_handler),
        entry_points(&points.constructor),
        Felt::from(&starknet_keccak(abi.as_bytes())),
        Poseidon::hash_array(&program),
    ]))
}

/// JSON as Python writes it, by which ABIs are hashed: a blank behind each comma and colon.
fn python_json(value: &impl Serialize) -> Result<String, serde_json::Error> {
    struct Python;
    impl serde_json::ser::Formatter for Python {
        fn begin_array_value<W: std::io::Write + ?Sized>(
            &mut self,
            writer: &mut W,
            first: bool,
        ) -> std::io::Result<()> {
            if first { Ok(()) } else { writer.write_all(b", ") }
        }

        fn begin_object_key<W: std::io::Write + ?Sized>(
            &mut self,
            writer: &mut W,
            first: bool,
        ) -> std::io::Result<()> {
            if first { Ok(()) } else { writer.write_all(b", ") }
        }

        fn begin_object_value<W: std::io::Write + ?Sized>(
            &mut self,
            writer: &mut W,
        ) -> std::io::Result<()> {
            writer.write_all(b": ")
        }
    }
    let mut bytes = Vec::new();
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, Python))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
