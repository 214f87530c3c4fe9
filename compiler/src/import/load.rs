//! From bytes to the typed model of the front end.

use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use sha2::{Digest, Sha256};
use tract_onnx::model::{Onnx, ParseResult};
use tract_onnx::pb::{ModelProto, TensorProto, tensor_shape_proto::dimension, type_proto};
use tract_onnx::prelude::{Framework, InferenceModelExt, TypedModel};
use tract_onnx::tract_hir::infer::{Factoid, InferenceFact};

use super::tensor::{dtype, type_name};
use super::{ImportError, ImportOptions, activation, attention, guard};
use crate::graph::Unsupported;

/// A protobuf message has at most so many bytes.
const MAX_BYTES: u64 = i32::MAX as u64;

/// Oldest operator set: before it, broadcasting was an attribute.
const MIN_OPERATOR_SET: i64 = 7;

/// Newest operator set whose changes are known (see `guard`).
pub const MAX_OPERATOR_SET: i64 = 28;

/// A model that was read, with concrete inputs.
pub struct Loaded {
    /// The typed model.
    pub model: TypedModel,
    /// SHA-256 of the model file and, if there are any, of the files with its weights.
    pub digest: [u8; 32],
    /// Operations of the model file by node name.
    pub operations: HashMap<String, String>,
}

/// Runs the front end. It reports most errors, and panics on some malformed models (an output that
/// nothing computes, inconsistent shapes): a panic is a malformed model here, never ours to pass on.
pub fn guarded<T>(run: impl FnOnce() -> Result<T, ImportError>) -> Result<T, ImportError> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let reason = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_string()))
            .unwrap_or_else(|| "the front end stopped".into());
        Err(ImportError::Malformed { reason })
    })
}

/// Reads a model. `directory` holds external weights.
pub fn load(
    bytes: &[u8],
    directory: Option<&Path>,
    options: &ImportOptions,
) -> Result<Loaded, ImportError> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(ImportError::TooLarge { bytes: bytes.len() as u64 });
    }
    let mut onnx = tract_onnx::onnx()
        .with_ignore_value_info(true)
        .with_ignore_output_shapes(true)
        .with_ignore_output_types(true);
    activation::register(&mut onnx);
    attention::register(&mut onnx);
    let proto = decode(&onnx, bytes)?;
    let external = check(&onnx, &proto)?;
    let digest = digest(bytes, directory, &external)?;
    let operations = operations(&proto);
    let model = guarded(|| typed(&onnx, &proto, directory, options))?;
    Ok(Loaded { model, digest, operations })
}

fn decode(onnx: &Onnx, bytes: &[u8]) -> Result<ModelProto, ImportError> {
    guarded(|| {
        onnx.proto_model_for_read(&mut &bytes[..])
            .map_err(|error| ImportError::Malformed { reason: format!("{error:#}") })
    })
}

/// Checks everything that needs no analysis, and lists external files.
fn check(onnx: &Onnx, proto: &ModelProto) -> Result<BTreeSet<String>, ImportError> {
    let malformed = |reason: &str| ImportError::Malformed { reason: reason.to_string() };
    let graph = proto.graph.as_ref().ok_or_else(|| malformed("there is no graph"))?;
    if graph.output.is_empty() {
        return Err(malformed("the graph has no outputs"));
    }
    let version = proto
        .opset_import
        .iter()
        .find(|set| set.domain.is_empty() || set.domain == "ai.onnx")
        .map(|set| set.version)
        .ok_or_else(|| malformed("there is no operator set"))?;
    if !(MIN_OPERATOR_SET..=MAX_OPERATOR_SET).contains(&version) {
        return Err(ImportError::OperatorSet { version });
    }
    let mut unsupported = Vec::new();
    for node in &graph.node {
        let mut report = |reason: &str| {
            unsupported.push(Unsupported {
                node: name_of(node),
                op: node.op_type.clone(),
                reason: reason.to_string(),
            });
        };
        match node.domain.as_str() {
            "" | "ai.onnx" | "ai.onnx.ml" | "com.microsoft" => {
                if !onnx.op_register.0.contains_key(&node.op_type) {
                    report("the front end does not know this operation");
                } else if let Some(reason) = guard::misread(node) {
                    report(&reason);
                }
            }
            domain => report(&format!("operations of domain {domain:?} are not known")),
        }
    }
    if !unsupported.is_empty() {
        return Err(ImportError::Unsupported(unsupported));
    }
    let mut external = BTreeSet::new();
    for tensor in &graph.initializer {
        external.extend(external_file(tensor)?);
    }
    Ok(external)
}

/// Where the weights of an initializer are, if not in the model file.
fn external_file(tensor: &TensorProto) -> Result<Option<String>, ImportError> {
    let Some(entry) = tensor.external_data.iter().find(|entry| entry.key == "location") else {
        return Ok(None);
    };
    let path = Path::new(&entry.value);
    let beside = path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    if !beside || entry.value.is_empty() {
        return Err(ImportError::ExternalData {
            name: tensor.name.clone(),
            location: entry.value.clone(),
        });
    }
    Ok(Some(entry.value.clone()))
}

fn digest(
    bytes: &[u8],
    directory: Option<&Path>,
    external: &BTreeSet<String>,
) -> Result<[u8; 32], ImportError> {
    let mut hash = Sha256::new();
    hash.update(bytes);
    for name in external {
        let directory = directory.ok_or_else(|| ImportError::ExternalData {
            name: String::from("(bytes without a directory)"),
            location: name.clone(),
        })?;
        let path = directory.join(name);
        let mut file = std::fs::File::open(&path)
            .map_err(|source| ImportError::Read { path: path.clone(), source })?;
        std::io::copy(&mut file, &mut hash).map_err(|source| ImportError::Read { path, source })?;
    }
    Ok(hash.finalize().into())
}

fn name_of(node: &tract_onnx::pb::NodeProto) -> String {
    let output = node.output.first().cloned().unwrap_or_default();
    if node.name.is_empty() { output } else { node.name.clone() }
}

fn operations(proto: &ModelProto) -> HashMap<String, String> {
    let nodes = proto.graph.iter().flat_map(|graph| &graph.node);
    nodes.map(|node| (name_of(node), node.op_type.clone())).collect()
}

fn typed(
    onnx: &Onnx,
    proto: &ModelProto,
    directory: Option<&Path>,
    options: &ImportOptions,
) -> Result<TypedModel, ImportError> {
    let analysis =
        |error: &dyn std::fmt::Display| ImportError::Analysis { reason: format!("{error:#}") };
    let directory = directory.and_then(Path::to_str);
    let ParseResult { mut model, unresolved_inputs, .. } =
        onnx.parse(proto, directory).map_err(|e| analysis(&e))?;
    if !unresolved_inputs.is_empty() {
        let reason = format!("nothing computes {}", unresolved_inputs.join(", "));
        return Err(ImportError::Malformed { reason });
    }
    let sources = model.input_outlets().map_err(|e| analysis(&e))?.to_vec();
    let names: Vec<String> =
        sources.iter().map(|outlet| model.node(outlet.node).name.clone()).collect();
    check_options(proto, &names, options)?;
    for (slot, name) in names.iter().enumerate() {
        let fact = model.input_fact(slot).map_err(|e| analysis(&e))?;
        let datum_type = fact.datum_type.concretize();
        let datum_type = datum_type.filter(|&dt| dtype(dt).is_some()).ok_or_else(|| {
            let dtype = datum_type.map_or_else(|| "unknown".to_string(), type_name);
            ImportError::InputType { input: name.clone(), dtype }
        })?;
        let shape = shape(proto, name, options)?;
        let fact = InferenceFact::dt_shape(datum_type, &shape);
        model.set_input_fact(slot, fact).map_err(|e| analysis(&e))?;
    }
    model.into_typed().map_err(|e| analysis(&e))
}

/// A dimension in the model file.
enum Dimension {
    Known(usize),
    Symbol(Option<String>),
}

/// Dimensions of an input in the model file.
fn dimensions(proto: &ModelProto, input: &str) -> Option<Vec<Dimension>> {
    let graph = proto.graph.as_ref()?;
    let info = graph.input.iter().find(|info| info.name == input)?;
    let type_proto::Value::TensorType(tensor) = info.r#type.as_ref()?.value.as_ref()?;
    let dims = tensor.shape.as_ref()?.dim.iter();
    Some(
        dims.map(|dim| match &dim.value {
            Some(dimension::Value::DimValue(value)) => match usize::try_from(*value) {
                Ok(value) if value > 0 => Dimension::Known(value),
                _ => Dimension::Symbol(None),
            },
            Some(dimension::Value::DimParam(symbol)) if !symbol.is_empty() => {
                Dimension::Symbol(Some(symbol.clone()))
            }
            _ => Dimension::Symbol(None),
        })
        .collect(),
    )
}

fn shape(
    proto: &ModelProto,
    input: &str,
    options: &ImportOptions,
) -> Result<Vec<usize>, ImportError> {
    let dimensions = dimensions(proto, input);
    if let Some(shape) = options.shapes.get(input) {
        let fits = dimensions.as_ref().is_none_or(|dims| {
            dims.len() == shape.len()
                && dims.iter().zip(shape).all(|(dim, &n)| match dim {
                    Dimension::Known(value) => *value == n,
                    Dimension::Symbol(_) => true,
                })
        });
        return fits.then(|| shape.clone()).ok_or_else(|| ImportError::ShapeOption {
            input: input.to_string(),
            model: describe(&dimensions.unwrap_or_default()),
            option: shape.clone(),
        });
    }
    let dimensions = dimensions.ok_or_else(|| ImportError::NoShape { input: input.to_string() })?;
    let value = |(dimension, dim)| match dim {
        Dimension::Known(value) => Ok(value),
        Dimension::Symbol(symbol) => {
            let given = symbol.as_ref().and_then(|symbol| options.dimensions.get(symbol)).copied();
            let batch = (dimension == 0 && options.batch_of_one).then_some(1);
            given.or(batch).ok_or_else(|| ImportError::DynamicDimension {
                input: input.to_string(),
                dimension,
                symbol,
            })
        }
    };
    dimensions.into_iter().enumerate().map(value).collect()
}

fn describe(dimensions: &[Dimension]) -> String {
    let dims: Vec<String> = dimensions
        .iter()
        .map(|dim| match dim {
            Dimension::Known(value) => value.to_string(),
            Dimension::Symbol(symbol) => symbol.clone().unwrap_or_else(|| "?".into()),
        })
        .collect();
    format!("[{}]", dims.join(", "))
}

/// Every option must name something in the model.
fn check_options(
    proto: &ModelProto,
    inputs: &[String],
    options: &ImportOptions,
) -> Result<(), ImportError> {
    let mut symbols = BTreeSet::new();
    for dim in inputs.iter().flat_map(|input| dimensions(proto, input).unwrap_or_default()) {
        if let Dimension::Symbol(Some(symbol)) = dim {
            symbols.insert(symbol);
        }
    }
    let strange = options.shapes.keys().find(|name| !inputs.contains(name));
    let strange = strange.or_else(|| options.dimensions.keys().find(|s| !symbols.contains(*s)));
    let Some(name) = strange else { return Ok(()) };
    let symbols: Vec<&str> = symbols.iter().map(String::as_str).collect();
    let known = format!("inputs [{}] and dimensions [{}]", inputs.join(", "), symbols.join(", "));
    Err(ImportError::UnknownOption { name: name.clone(), known })
}
