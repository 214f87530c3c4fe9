//! From a model file to a [`Graph`]: the only place that names the front end.
//!
//! The front end analyses the model with concrete shapes; `lower` maps its operations, and the
//! passes simplify the graph. The float track stays with the result, for the deviation report.

mod activation;
mod attention;
mod error;
mod guard;
mod inputs;
mod load;
mod lower;
mod npy;
mod options;
mod run;
mod tensor;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::Path;

use tract_onnx::prelude::DatumType;
use tract_onnx::prelude::TypedModel;
use tract_onnx::tract_core::internal::OutletId;

pub use error::ImportError;
pub use inputs::{order_inputs, read_inputs};
pub use options::ImportOptions;
pub use run::F32Run;

use crate::graph::Graph;
use crate::passes;

/// An imported model.
pub struct Imported {
    /// The simplified graph.
    pub graph: Graph,
    /// SHA-256 of the model file and, if there are any, of the files with its weights, in the order
    /// of their names.
    pub digest: [u8; 32],
    /// Names of the inputs in the model file.
    pub input_names: Vec<String>,
    /// Names of the outputs in the model file.
    pub output_names: Vec<String>,
    /// For each input: smallest and largest entry that the model can read, if it is used as an
    /// index. Entries outside are refused.
    pub input_bounds: Vec<Option<(i64, i64)>>,
    input_types: Vec<DatumType>,
    model: TypedModel,
    values: HashMap<String, OutletId>,
    track: run::Track,
}

/// Imports a model file. Weights may be in files beside it.
///
/// # Errors
///
/// [`ImportError`]; [`ImportError::Unsupported`] lists every operation that is missing.
pub fn import(path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
    let error = |source| ImportError::Read { path: path.to_path_buf(), source };
    let length = std::fs::metadata(path).map_err(error)?.len();
    if length > i32::MAX as u64 {
        return Err(ImportError::TooLarge { bytes: length });
    }
    let bytes = std::fs::read(path).map_err(error)?;
    let directory =
        path.parent().map(|p| if p.as_os_str().is_empty() { Path::new(".") } else { p });
    import_from(&bytes, directory, options)
}

/// Imports a model from memory; its weights must be in it.
///
/// # Errors
///
/// As for [`import`].
pub fn import_bytes(bytes: &[u8], options: &ImportOptions) -> Result<Imported, ImportError> {
    import_from(bytes, None, options)
}

fn import_from(
    bytes: &[u8],
    directory: Option<&Path>,
    options: &ImportOptions,
) -> Result<Imported, ImportError> {
    let load::Loaded { model, digest, operations } = load::load(bytes, directory, options)?;
    let origin = |name: &str| {
        // Names of what a node is expanded to begin with its name.
        let ends = name.match_indices('.').map(|(at, _)| at).chain([name.len()]);
        ends.filter_map(|end| operations.get(&name[..end])).next_back().cloned()
    };
    let lower::Lowering { graph, values } = load::guarded(|| lower::lower(&model, &origin))?;
    let graph = passes::simplify(graph);
    let bounds = passes::bounds::of_inputs(&graph);
    load::guarded(|| {
        let analysis =
            |e: &dyn std::fmt::Display| ImportError::Analysis { reason: format!("{e:#}") };
        let outlets = model.output_outlets().map_err(|e| analysis(&e))?;
        let output_names = outlets
            .iter()
            .map(|&outlet| {
                let name = model.outlet_label(outlet);
                name.unwrap_or(&model.node(outlet.node).name).to_string()
            })
            .collect();
        let sources = model.input_outlets().map_err(|e| analysis(&e))?;
        let input_types = sources
            .iter()
            .map(|&outlet| model.outlet_fact(outlet).map(|fact| fact.datum_type))
            .collect::<Result<_, _>>()
            .map_err(|e| analysis(&e))?;
        let input_names = sources.iter().map(|o| model.node(o.node).name.clone()).collect();
        Ok(Imported {
            graph,
            digest,
            input_names,
            output_names,
            input_bounds: bounds,
            input_types,
            values,
            track: run::Track::default(),
            model,
        })
    })
}
