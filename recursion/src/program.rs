//! The program: the Cairo verifier as an executable, and its hash, which is what a verifier of batches
//! trusts.

use std::fs;

use anyhow::{Context as _, Result, bail, ensure};
use cairo_lang_compiler::db::RootDatabase;
use cairo_lang_compiler::diagnostics::DiagnosticsReporter;
use cairo_lang_executable::compile::{
    CompileExecutableResult, ExecutableConfig, compile_executable_in_prepared_db,
};
use cairo_lang_executable::executable::{EntryPointKind, Executable, ExecutableEntryPoint};
use cairo_lang_executable_plugin::executable_plugin_suite;
use cairo_lang_filesystem::cfg::{Cfg, CfgSet};
use cairo_lang_filesystem::db::{
    CrateConfiguration, CrateSettings, DependencySettings, ExperimentalFeaturesConfig,
    init_dev_corelib,
};
use cairo_lang_filesystem::ids::{CrateInput, CrateLongId, Directory, SmolStrId};
use cairo_lang_filesystem::set_crate_config;
use cairo_lang_sierra_generator::replace_ids::{DebugReplacer, SierraIdReplacer as _};
use cairo_lang_utils::Intern;
use num_bigint::{BigInt, Sign};
use stwo_ml_cairo::Package;
use tempfile::TempDir;

use crate::cells::{Cells, Felt, release};
use crate::profile::Function;

/// The sources, by their path below `cairo/`.
const SOURCES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/sources.rs"));

/// The hash of the program of this release ([`Cells::hash`]); CI compiles the sources and compares.
pub const PROGRAM_HASH: [u8; 32] = parse(include_str!("../program_hash.txt").as_bytes());

/// 64 hexadecimal digits, at the beginning of a text.
pub(crate) const fn parse(text: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    let mut i = 0;
    while i < 32 {
        bytes[i] = 16 * digit(text[2 * i]) + digit(text[2 * i + 1]);
        i += 1;
    }
    bytes
}

const fn digit(c: u8) -> u8 {
    match c {
        b'0'..=b'9' => c - b'0',
        b'a'..=b'f' => c - b'a' + 10,
        _ => panic!("a hexadecimal digit"),
    }
}

/// Compiles the program from the sources that this crate carries.
///
/// # Errors
/// The compiler's messages.
pub fn compile() -> Result<Executable> {
    compile_to(|_, result| Executable::new(result.compiled_function))
}

/// The functions of the program, by the beginning of their code, ascending.
///
/// # Errors
/// The compiler's messages.
pub fn functions() -> Result<Vec<Function>> {
    compile_to(|db, result| {
        let header = result.compiled_function.wrapper.header.iter();
        let header: usize = header.map(|instruction| instruction.body.op_size()).sum();
        let names = DebugReplacer { db };
        let statements = &result.builder.casm_program().debug_info.sierra_statement_info;
        let functions = result.builder.sierra_program().funcs.iter().filter_map(|function| {
            let start = statements.get(function.entry_point.0)?.start_offset;
            let name = names.replace_function_id(&function.id).debug_name?;
            Some((header + start, name.to_string()))
        });
        let mut functions: Vec<_> = functions.collect();
        functions.sort();
        // In front of it all is the code that calls the program and then loops.
        let executable = Executable::new(result.compiled_function);
        let program = |e: &&ExecutableEntryPoint| e.kind == EntryPointKind::Bootloader;
        let before = executable.entrypoints.iter().find(program).map_or(0, |e| e.offset);
        functions.iter_mut().for_each(|(start, _)| *start += before);
        functions
    })
}

/// Compiles the program, and reads what is wanted from what the compiler gives.
fn compile_to<T>(
    read: impl for<'db> FnOnce(&'db RootDatabase, CompileExecutableResult<'db>) -> T,
) -> Result<T> {
    let folder = TempDir::new()?;
    for (path, text) in SOURCES {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().context("a file is in a folder")?)?;
        fs::write(path, text)?;
    }
    let package = Package::load(&folder.path().join("recursive"))?;
    let mut builder = RootDatabase::builder();
    builder
        .skip_auto_withdraw_gas()
        .with_cfg(CfgSet::from_iter([Cfg::kv("gas", "disabled")]))
        .with_default_plugin_suite(executable_plugin_suite());
    let mut db = builder.build()?;
    init_dev_corelib(&mut db, folder.path().join("corelib/src"));
    add(&mut db, &package, &[], true)?;
    let main = CrateInput::Real { name: package.name, discriminator: None };
    let crates = CrateInput::into_crate_ids(&db, vec![main]);
    let mut messages = String::new();
    let reporter = DiagnosticsReporter::write_to_string(&mut messages).allow_warnings();
    let config = ExecutableConfig::default();
    let compiled = compile_executable_in_prepared_db(&db, None, crates, reporter, config)
        .map(|result| read(&db, result));
    compiled.with_context(|| format!("compiling the program: {messages}"))
}

/// Adds a package, then those it depends on.
fn add(
    db: &mut RootDatabase,
    package: &Package,
    features: &[String],
    default_features: bool,
) -> Result<()> {
    let mut cfg = CfgSet::new();
    for feature in package.active_features(features, default_features)? {
        cfg.insert(Cfg::kv("feature", feature));
    }
    cfg.insert(Cfg::kv("gas", "disabled"));
    let dependencies = &package.dependencies;
    let settings = CrateSettings {
        name: Some(package.name.clone()),
        edition: package.edition,
        version: None,
        cfg_set: Some(cfg),
        dependencies: dependencies
            .iter()
            .map(|d| (d.package.name.clone(), DependencySettings { discriminator: None }))
            .collect(),
        experimental_features: ExperimentalFeaturesConfig::default(),
    };
    let root = Directory::Real(package.root.join("src"));
    let name = SmolStrId::from(db, package.name.as_str());
    let id = CrateLongId::Real { name, discriminator: None }.intern(db);
    set_crate_config!(db, id, Some(CrateConfiguration { root, settings, cache_file: None }));
    for dependency in dependencies {
        add(db, &dependency.package, &dependency.features, dependency.default_features)?;
    }
    Ok(())
}

/// The entry point that is proven: it runs by itself, and loops at its end.
///
/// # Errors
/// There is none, or more than one.
pub fn entry_point(executable: &Executable) -> Result<&ExecutableEntryPoint> {
    let mut standalone =
        executable.entrypoints.iter().filter(|e| e.kind == EntryPointKind::Standalone);
    match (standalone.next(), standalone.next()) {
        (Some(entry_point), None) => Ok(entry_point),
        _ => bail!("the program has not one entry point"),
    }
}

/// The program as the prover and the verifier see it: 256 bits a felt, little-endian words.
///
/// # Errors
/// An instruction does not fit.
pub fn felts(executable: &Executable) -> Result<Vec<Felt>> {
    let felt = |value| {
        let bytes = cairo_vm::Felt252::from(value).to_bytes_le();
        let words = bytes.as_chunks().0.iter().map(|&word| u32::from_le_bytes(word));
        let words: Vec<u32> = words.collect();
        words.try_into().map_err(|_| anyhow::anyhow!("a felt has 256 bits"))
    };
    executable.program.bytecode.iter().map(felt).collect()
}

/// What a release carries of its program: the cells, for all, and the rest of the executable, for
/// who proves.
pub struct Files {
    /// [`Cells`], compressed.
    pub cells: Vec<u8>,
    /// The executable without its cells, as compressed JSON.
    pub rest: Vec<u8>,
}

/// Level of the compression.
const LEVEL: i32 = 19;

impl Files {
    /// Those of a program.
    ///
    /// # Errors
    /// An instruction does not fit.
    pub fn of(mut executable: Executable) -> Result<Self> {
        let cells = bincode::serialize(&Cells::of(&felts(&executable)?))?;
        executable.program.bytecode.clear();
        let rest = serde_json::to_vec(&executable)?;
        let compress = |bytes: Vec<u8>| zstd::encode_all(bytes.as_slice(), LEVEL);
        Ok(Self { cells: compress(cells)?, rest: compress(rest)? })
    }
}

/// The constants of this release, as `stwo-ml-recurse constants --update` writes them.
pub const RELEASE: [&[u8]; 4] = [
    include_bytes!("../program_hash.txt"),
    include_bytes!("../preprocessed_root.txt"),
    include_bytes!("../program/cells.zst"),
    include_bytes!("../program/rest.zst"),
];

/// The program of this release.
///
/// # Errors
/// What the release carries of it is not what its hash says.
pub fn load() -> Result<Executable> {
    let hash = release().hash();
    ensure!(hash == PROGRAM_HASH, "the release has the program {}", hex::encode(hash));
    let rest = zstd::decode_all(RELEASE[3])?;
    let mut executable: Executable = serde_json::from_slice(&rest).context("the program")?;
    executable.program.bytecode =
        release().felts().map(|felt| BigInt::from_slice(Sign::Plus, &felt)).collect();
    Ok(executable)
}
