//! Scarb packages: what the compiler has to know of a `Scarb.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cairo_lang_filesystem::db::Edition;
use cairo_lang_lowering::utils::InliningStrategy;
use serde::Deserialize;

use crate::Error;

/// Dependencies that the compiler brings along.
const BUILT_IN: [&str; 4] = ["core", "starknet", "cairo_test", "assert_macros"];

/// A package: its own code and that of the packages it depends on by path.
#[derive(Clone, Debug)]
pub struct Package {
    /// Its name, by which Cairo code refers to it.
    pub name: String,
    /// The folder of `Scarb.toml`; the code is in `src` below it.
    pub root: PathBuf,
    /// The edition of the language.
    pub edition: Edition,
    /// Its features, each with the features that it switches on.
    pub features: BTreeMap<String, Vec<String>>,
    /// The packages it depends on by path, each with the features asked of it.
    pub dependencies: Vec<Dependency>,
    /// The packages that only its tests depend on.
    pub dev_dependencies: Vec<Dependency>,
    /// How small functions are inlined (`[cairo] inlining-strategy`).
    pub inlining: InliningStrategy,
}

/// A dependency by path.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// The package.
    pub package: Package,
    /// Features that it is built with.
    pub features: Vec<String>,
    /// Whether its `default` features are on.
    pub default_features: bool,
}

#[derive(Deserialize)]
struct Manifest {
    package: Option<PackageTable>,
    workspace: Option<WorkspaceTable>,
    #[serde(default)]
    features: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    dependencies: BTreeMap<String, DependencyEntry>,
    #[serde(default, rename = "dev-dependencies")]
    dev_dependencies: BTreeMap<String, DependencyEntry>,
    #[serde(default)]
    cairo: CairoTable,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
struct CairoTable {
    inlining_strategy: Option<Inlining>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Inlining {
    Word(String),
    Weight(usize),
}

#[derive(Deserialize)]
struct PackageTable {
    name: String,
    edition: Option<Inherited>,
}

#[derive(Deserialize, Default)]
struct WorkspaceTable {
    package: Option<WorkspacePackage>,
    #[serde(default)]
    dependencies: BTreeMap<String, DependencyEntry>,
}

#[derive(Deserialize)]
struct WorkspacePackage {
    edition: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Inherited {
    Value(String),
    Workspace { workspace: bool },
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum DependencyEntry {
    /// A version alone: a package of a registry.
    Version(#[allow(dead_code, reason = "parsed to tell the two forms apart")] String),
    Table(DependencyTable),
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct DependencyTable {
    path: Option<PathBuf>,
    #[serde(default)]
    workspace: bool,
    #[serde(default)]
    features: Vec<String>,
    #[serde(default = "yes")]
    default_features: bool,
}

fn yes() -> bool {
    true
}

impl Package {
    /// Reads the package in a folder, with the packages it depends on.
    ///
    /// # Errors
    /// When a manifest is missing or malformed, names a dependency that is neither a path nor part
    /// of the compiler, or depends on itself.
    pub fn load(root: &Path) -> Result<Self, Error> {
        Self::load_below(root, &mut Vec::new())
    }

    fn load_below(root: &Path, above: &mut Vec<PathBuf>) -> Result<Self, Error> {
        let root = root.canonicalize().map_err(Error::file(root))?;
        let path = root.join("Scarb.toml");
        let wrong = |what: String| Error::Manifest { path: path.clone(), what };
        if above.contains(&root) {
            return Err(wrong("the package depends on itself".into()));
        }
        let manifest = read(&path)?;
        let package = manifest.package.ok_or_else(|| wrong("no [package] table".into()))?;
        let workspace = workspace_above(&root)?;
        let edition = match package.edition {
            None => return Err(wrong("no edition".into())),
            Some(Inherited::Value(edition)) => edition,
            Some(Inherited::Workspace { workspace: true }) => workspace
                .as_ref()
                .and_then(|(_, table)| table.package.as_ref()?.edition.clone())
                .ok_or_else(|| wrong("the workspace has no edition".into()))?,
            Some(Inherited::Workspace { workspace: false }) => {
                return Err(wrong("edition: `workspace = false`".into()));
            }
        };
        let edition = serde_json::from_value(serde_json::Value::String(edition.clone()))
            .map_err(|_| wrong(format!("unknown edition `{edition}`")))?;
        above.push(root.clone());
        let mut load_all = |entries: &BTreeMap<String, DependencyEntry>| {
            let mut dependencies = Vec::new();
            for (name, entry) in entries {
                let dependency = dependency(name, entry, &root, workspace.as_ref(), above);
                dependencies.extend(dependency.map_err(|e| match e {
                    DependencyError::What(what) => wrong(what),
                    DependencyError::Package(e) => e,
                })?);
            }
            Ok(dependencies)
        };
        let dependencies = load_all(&manifest.dependencies)?;
        let dev_dependencies = load_all(&manifest.dev_dependencies)?;
        above.pop();
        let inlining = match manifest.cairo.inlining_strategy {
            None => InliningStrategy::Default,
            Some(Inlining::Weight(weight)) => InliningStrategy::InlineSmallFunctions(weight),
            Some(Inlining::Word(word)) => match word.as_str() {
                "default" => InliningStrategy::Default,
                "avoid" => InliningStrategy::Avoid,
                _ => return Err(wrong(format!("unknown inlining strategy `{word}`"))),
            },
        };
        let features = manifest.features;
        Ok(Self {
            name: package.name,
            root,
            edition,
            features,
            dependencies,
            dev_dependencies,
            inlining,
        })
    }

    /// The features that are on when `asked` are asked for, with those that they switch on.
    ///
    /// # Errors
    /// When the package has no such feature.
    pub fn active_features(
        &self,
        asked: &[String],
        default_features: bool,
    ) -> Result<BTreeSet<String>, Error> {
        let mut open: Vec<&str> = asked.iter().map(String::as_str).collect();
        if default_features && self.features.contains_key("default") {
            open.push("default");
        }
        let mut on = BTreeSet::new();
        while let Some(name) = open.pop() {
            let Some(implied) = self.features.get(name) else {
                return Err(Error::Manifest {
                    path: self.root.join("Scarb.toml"),
                    what: format!("no feature `{name}`"),
                });
            };
            if on.insert(name.to_owned()) {
                open.extend(implied.iter().map(String::as_str));
            }
        }
        Ok(on)
    }
}

/// A wrong dependency entry, or an error in the manifest it leads to.
enum DependencyError {
    What(String),
    Package(Error),
}

type Workspace = (PathBuf, WorkspaceTable);

fn dependency(
    name: &str,
    entry: &DependencyEntry,
    root: &Path,
    workspace: Option<&Workspace>,
    above: &mut Vec<PathBuf>,
) -> Result<Option<Dependency>, DependencyError> {
    if BUILT_IN.contains(&name) {
        return Ok(None);
    }
    let missing = || DependencyError::What(format!("dependency `{name}` has no path"));
    let DependencyEntry::Table(table) = entry else { return Err(missing()) };
    let (base, path) = if table.workspace {
        let (base, shared) = workspace.ok_or_else(missing)?;
        match shared.dependencies.get(name) {
            Some(DependencyEntry::Table(DependencyTable { path: Some(path), .. })) => {
                (base.as_path(), path)
            }
            _ => return Err(missing()),
        }
    } else {
        (root, table.path.as_ref().ok_or_else(missing)?)
    };
    let package = Package::load_below(&base.join(path), above).map_err(DependencyError::Package)?;
    if package.name != name {
        return Err(DependencyError::What(format!(
            "dependency `{name}` leads to a package named `{}`",
            package.name
        )));
    }
    Ok(Some(Dependency {
        package,
        features: table.features.clone(),
        default_features: table.default_features,
    }))
}

fn read(path: &Path) -> Result<Manifest, Error> {
    let text = std::fs::read_to_string(path).map_err(Error::file(path))?;
    toml::from_str(&text)
        .map_err(|e| Error::Manifest { path: path.to_owned(), what: e.to_string() })
}

/// The workspace that a package belongs to: that of the nearest manifest above with one.
fn workspace_above(root: &Path) -> Result<Option<Workspace>, Error> {
    for folder in root.ancestors() {
        let path = folder.join("Scarb.toml");
        if path.is_file()
            && let Some(workspace) = read(&path)?.workspace
        {
            return Ok(Some((folder.to_owned(), workspace)));
        }
    }
    Ok(None)
}
