//! The compiler's database for one package.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cairo_lang_compiler::db::RootDatabase;
use cairo_lang_compiler::diagnostics::DiagnosticsReporter;
use cairo_lang_filesystem::cfg::{Cfg, CfgSet};
use cairo_lang_filesystem::db::{
    CORELIB_CRATE_NAME, CrateConfiguration, CrateSettings, DependencySettings,
    ExperimentalFeaturesConfig, init_dev_corelib,
};
use cairo_lang_filesystem::ids::{CrateInput, CrateLongId, Directory, SmolStrId};
use cairo_lang_filesystem::set_crate_config;
use cairo_lang_lowering::optimizations::config::Optimizations;
use cairo_lang_lowering::utils::InliningStrategy;
use cairo_lang_starknet::starknet_plugin_suite;
use cairo_lang_test_plugin::test_plugin_suite;
use cairo_lang_utils::Intern;

use crate::{Error, Package};

/// How a package is compiled.
#[derive(Clone, Debug)]
pub struct Options {
    /// The `src` folder of the core library; without one, `corelib/src` beside or above the package.
    pub corelib: Option<PathBuf>,
    /// Features of the package to switch on, beside its `default` ones.
    pub features: Vec<String>,
    /// Whether the package's `default` features are on.
    pub default_features: bool,
    /// Whether `#[cfg(test)]` code is part of the package.
    pub tests: bool,
    /// Whether warnings of the compiler are errors.
    pub deny_warnings: bool,
    /// How small functions are inlined, if not as the package's manifest says.
    pub inlining: Option<InliningStrategy>,
}

impl Default for Options {
    /// The default features, no tests.
    fn default() -> Self {
        Self {
            corelib: None,
            features: Vec::new(),
            default_features: true,
            tests: false,
            deny_warnings: false,
            inlining: None,
        }
    }
}

/// A database that is ready to compile one package.
pub(crate) struct Database {
    pub(crate) db: RootDatabase,
    /// The package itself, without those it depends on.
    pub(crate) main: CrateInput,
    name: String,
    deny_warnings: bool,
}

impl Database {
    /// Sets up the compiler: core library, plugins, the package and its dependencies. The package
    /// may be a core library itself.
    pub(crate) fn new(package: &Package, options: &Options) -> Result<Self, Error> {
        let corelib = match &options.corelib {
            Some(path) => path.canonicalize().map_err(Error::file(path))?,
            None if package.name == CORELIB_CRATE_NAME => package.root.join("src"),
            None => find_corelib(&package.root)?,
        };
        let strategy = options.inlining.unwrap_or(package.inlining);
        let optimizations = Optimizations::enabled_with_default_movable_functions(strategy);
        let mut db = RootDatabase::builder()
            .with_optimizations(optimizations)
            .with_default_plugin_suite(test_plugin_suite())
            .with_default_plugin_suite(starknet_plugin_suite())
            .build()
            .map_err(|e| Error::Assemble { package: package.name.clone(), what: e.to_string() })?;
        init_dev_corelib(&mut db, corelib);
        if package.name != CORELIB_CRATE_NAME {
            let mut known = BTreeMap::new();
            let (features, default) = (&options.features, options.default_features);
            let tests = if options.tests { Tests::Here } else { Tests::None };
            add(&mut db, package, features, default, tests, &mut known)?;
        }
        let name = package.name.clone();
        let main = CrateInput::Real { name: name.clone(), discriminator: None };
        Ok(Self { db, main, name, deny_warnings: options.deny_warnings })
    }

    /// A reporter of what the compiler says of the package, which adds it to `messages`.
    pub(crate) fn reporter<'a>(&self, messages: &'a mut String) -> DiagnosticsReporter<'a> {
        let reporter = DiagnosticsReporter::write_to_string(messages)
            .with_crates(std::slice::from_ref(&self.main));
        if self.deny_warnings { reporter } else { reporter.allow_warnings() }
    }

    /// The error for `messages` of the compiler; `other` when there are none.
    pub(crate) fn refused(&self, messages: String, other: &dyn std::fmt::Display) -> Error {
        let diagnostics = if messages.is_empty() { other.to_string() } else { messages };
        Error::Compile { package: self.name.clone(), diagnostics }
    }
}

/// Whether tests are compiled.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Tests {
    /// None.
    None,
    /// Those of this package.
    Here,
    /// Those of a package that depends on this one.
    Elsewhere,
}

/// Adds a package, then its dependencies. Features of a package that is reached twice add up only
/// when they are equal; anything else is refused.
fn add(
    db: &mut RootDatabase,
    package: &Package,
    features: &[String],
    default_features: bool,
    tests: Tests,
    known: &mut BTreeMap<String, (PathBuf, Vec<String>)>,
) -> Result<(), Error> {
    let features: Vec<String> =
        package.active_features(features, default_features)?.into_iter().collect();
    let this = (package.root.clone(), features.clone());
    match known.get(&package.name) {
        Some(before) if *before == this => return Ok(()),
        Some(_) => {
            return Err(Error::Manifest {
                path: package.root.join("Scarb.toml"),
                what: format!("two packages `{}`, or one with two sets of features", package.name),
            });
        }
        None => known.insert(package.name.clone(), this),
    };
    let mut cfg = CfgSet::new();
    for feature in features {
        cfg.insert(Cfg::kv("feature", feature));
    }
    if tests == Tests::Here {
        cfg.insert(Cfg::name("test"));
    }
    if tests != Tests::None {
        cfg.insert(Cfg::kv("target", "test"));
    }
    let dev = if tests == Tests::Here { package.dev_dependencies.as_slice() } else { &[] };
    let all = || package.dependencies.iter().chain(dev);
    let dependencies = all()
        .map(|d| (d.package.name.clone(), DependencySettings { discriminator: None }))
        .collect();
    let settings = CrateSettings {
        name: Some(package.name.clone()),
        edition: package.edition,
        version: None,
        cfg_set: Some(cfg),
        dependencies,
        experimental_features: ExperimentalFeaturesConfig::default(),
    };
    let root = Directory::Real(package.root.join("src"));
    let name = SmolStrId::from(db, package.name.as_str());
    let id = CrateLongId::Real { name, discriminator: None }.intern(db);
    set_crate_config!(db, id, Some(CrateConfiguration { root, settings, cache_file: None }));
    let below = if tests == Tests::None { Tests::None } else { Tests::Elsewhere };
    for d in all() {
        add(db, &d.package, &d.features, d.default_features, below, known)?;
    }
    Ok(())
}

/// The core library that belongs to a package: the nearest `corelib/src` above it.
fn find_corelib(root: &Path) -> Result<PathBuf, Error> {
    root.ancestors()
        .map(|folder| folder.join("corelib").join("src"))
        .find(|source| source.join("lib.cairo").is_file())
        .ok_or_else(|| Error::NoCorelib(root.to_owned()))
}
