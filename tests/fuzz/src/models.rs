//! Structure-aware mutation of ONNX models: small valid ones, of which shapes, attributes,
//! initialisers, element types, edges and nodes are changed after decoding, so that many of them
//! pass the import and go on to the prover.

use prost::Message;
use rand::Rng;
use rand::rngs::StdRng;
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension};
use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    TensorShapeProto, TypeProto, ValueInfoProto, type_proto,
};

const FLOAT: i32 = 1;
const INT64: i32 = 7;

/// Operations that may take each other's place: as many inputs, the shape of the first kept.
const UNARY: [&str; 16] = [
    "Relu",
    "Sigmoid",
    "Tanh",
    "Abs",
    "Neg",
    "Exp",
    "Sqrt",
    "Erf",
    "Softplus",
    "HardSwish",
    "Floor",
    "LeakyRelu",
    "Softmax",
    "Identity",
    "Elu",
    "Log",
];
const BINARY: [&str; 8] = ["Add", "Sub", "Mul", "Div", "Max", "Min", "Pow", "MatMul"];

/// Numbers that are easily got wrong.
const INTEGERS: [i64; 14] = [0, 1, 2, 3, 4, 5, 7, 8, 16, 33, -1, -2, i64::MAX, i64::MIN];
const REALS: [f32; 12] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    1e-30,
    1e30,
    f32::NAN,
    f32::INFINITY,
    f32::NEG_INFINITY,
    100.0,
    f32::MIN_POSITIVE,
];

/// A graph under construction.
#[derive(Default)]
struct Net(GraphProto);

impl Net {
    fn input(mut self, name: &str, dims: &[i64]) -> Self {
        self.0.input.push(info(name, dims));
        self
    }

    fn weights(mut self, name: &str, dims: &[i64]) -> Self {
        let n: i64 = dims.iter().product();
        let float_data = (0..n).map(|i| ((i * 37 + 11) % 64) as f32 / 64.0 - 0.5).collect();
        self.0.initializer.push(TensorProto {
            name: name.into(),
            dims: dims.to_vec(),
            data_type: FLOAT,
            float_data,
            ..Default::default()
        });
        self
    }

    fn integers(mut self, name: &str, values: &[i64]) -> Self {
        self.0.initializer.push(TensorProto {
            name: name.into(),
            dims: vec![values.len() as i64],
            data_type: INT64,
            int64_data: values.to_vec(),
            ..Default::default()
        });
        self
    }

    fn node(mut self, op: &str, inputs: &[&str], output: &str, ints: &[(&str, &[i64])]) -> Self {
        let attribute = ints.iter().map(|(name, values)| attribute(name, values)).collect();
        self.0.node.push(NodeProto {
            input: inputs.iter().map(|&name| name.into()).collect(),
            output: vec![output.into()],
            name: output.into(),
            op_type: op.into(),
            attribute,
            ..Default::default()
        });
        self
    }

    fn model(mut self) -> ModelProto {
        self.0.name = "fuzz".into();
        self.0.output.push(info("out", &[]));
        ModelProto {
            ir_version: 8,
            opset_import: vec![OperatorSetIdProto { domain: String::new(), version: 13 }],
            graph: Some(self.0),
            ..Default::default()
        }
    }
}

/// A single number is an integer, unless the attribute is known to be a list.
fn attribute(name: &str, values: &[i64]) -> AttributeProto {
    let list = values.len() != 1 || matches!(name, "axes" | "perm");
    let kind = if list { AttributeType::Ints } else { AttributeType::Int };
    AttributeProto {
        name: name.into(),
        r#type: kind as i32,
        i: values[0],
        ints: if list { values.to_vec() } else { vec![] },
        ..Default::default()
    }
}

fn info(name: &str, dims: &[i64]) -> ValueInfoProto {
    let known =
        |&n: &i64| Dimension { value: Some(dimension::Value::DimValue(n)), ..Default::default() };
    let shape = Some(TensorShapeProto { dim: dims.iter().map(known).collect() });
    let tensor = type_proto::Tensor { elem_type: FLOAT, shape };
    let value = Some(type_proto::Value::TensorType(tensor));
    let r#type = Some(TypeProto { value, ..Default::default() });
    ValueInfoProto { name: name.into(), r#type, ..Default::default() }
}

/// Valid models, small enough to be proven in milliseconds.
pub fn seeds() -> Vec<ModelProto> {
    let dense = Net::default()
        .input("x", &[2, 5])
        .weights("w", &[5, 3])
        .weights("b", &[3])
        .node("MatMul", &["x", "w"], "p", &[])
        .node("Add", &["p", "b"], "s", &[])
        .node("Relu", &["s"], "r", &[])
        .node("Softmax", &["r"], "out", &[("axis", &[-1])]);
    let conv = Net::default()
        .input("x", &[1, 3, 7, 6])
        .weights("w", &[4, 3, 3, 3])
        .weights("b", &[4])
        .node(
            "Conv",
            &["x", "w", "b"],
            "c",
            &[
                ("kernel_shape", &[3, 3]),
                ("strides", &[2, 1]),
                ("pads", &[1, 1, 0, 1]),
                ("dilations", &[1, 1]),
                ("group", &[1]),
            ],
        )
        .node("Tanh", &["c"], "t", &[])
        .node(
            "MaxPool",
            &["t"],
            "m",
            &[("kernel_shape", &[2, 2]), ("strides", &[1, 2]), ("pads", &[0, 1, 1, 0])],
        )
        .node("AveragePool", &["m"], "out", &[("kernel_shape", &[2, 2]), ("strides", &[1, 1])]);
    let moves = Net::default()
        .input("x", &[3, 5, 2])
        .integers("shape", &[6, 5])
        .integers("starts", &[1, 0])
        .integers("ends", &[6, 4])
        .integers("axes", &[0, 1])
        .integers("steps", &[2, 1])
        .node("Transpose", &["x"], "t", &[("perm", &[2, 0, 1])])
        .node("Reshape", &["t", "shape"], "r", &[])
        .node("Slice", &["r", "starts", "ends", "axes", "steps"], "s", &[])
        .node("Sigmoid", &["s"], "g", &[])
        .node("Concat", &["g", "s"], "c", &[("axis", &[0])])
        .node("Mul", &["c", "c"], "out", &[]);
    let norm = Net::default()
        .input("x", &[3, 6])
        .weights("w", &[6])
        .node("ReduceMean", &["x"], "m", &[("axes", &[1]), ("keepdims", &[1])])
        .node("Sub", &["x", "m"], "d", &[])
        .node("Mul", &["d", "d"], "q", &[])
        .node("ReduceSum", &["q"], "v", &[("keepdims", &[1])])
        .node("Add", &["v", "w"], "a", &[])
        .node("Abs", &["a"], "e", &[])
        .node("Max", &["e", "d"], "out", &[]);
    let parts = Net::default()
        .input("x", &[2, 6])
        .input("y", &[2, 6])
        .integers("pads", &[0, 1, 0, 2])
        .integers("indices", &[2, 0, 4])
        .node("Sub", &["x", "y"], "d", &[])
        .node("Gather", &["d", "indices"], "g", &[("axis", &[1])])
        .node("Pad", &["g", "pads"], "p", &[])
        .node("Flatten", &["p"], "f", &[("axis", &[1])])
        .node("LeakyRelu", &["f"], "l", &[])
        .node("ReduceMax", &["l"], "out", &[("axes", &[1]), ("keepdims", &[0])]);
    [dense, conv, moves, norm, parts].map(Net::model).into()
}

/// One of a list, by its index.
fn pick(rng: &mut StdRng, n: usize) -> Option<usize> {
    (n > 0).then(|| rng.random_range(0..n))
}

/// Changes one to three things. Returns the file.
pub fn mutate(mut model: ModelProto, rng: &mut StdRng) -> Vec<u8> {
    for _ in 0..rng.random_range(1..=3) {
        if rng.random_range(0..40) == 0 {
            model.opset_import[0].version = rng.random_range(5..30);
        }
        if let Some(graph) = &mut model.graph {
            change(graph, rng);
        }
    }
    model.encode_to_vec()
}

fn change(graph: &mut GraphProto, rng: &mut StdRng) {
    match rng.random_range(0..10) {
        0 => input(graph, rng),
        1 => initialiser(graph, rng),
        2 | 3 => attributes(graph, rng),
        4 => edge(graph, rng),
        5 | 6 => operation(graph, rng),
        7 => insert(graph, rng),
        8 => remove(graph, rng),
        _ => values(graph, rng),
    }
}

fn integer(rng: &mut StdRng, near: i64) -> i64 {
    match rng.random_range(0..3) {
        0 => INTEGERS[rng.random_range(0..INTEGERS.len())],
        _ => near.saturating_add(rng.random_range(-2..=2)),
    }
}

fn input(graph: &mut GraphProto, rng: &mut StdRng) {
    let Some(i) = pick(rng, graph.input.len()) else { return };
    let value = graph.input[i].r#type.as_mut().and_then(|t| t.value.as_mut());
    let Some(type_proto::Value::TensorType(tensor)) = value else { return };
    if rng.random_range(0..4) == 0 {
        tensor.elem_type = rng.random_range(0..18);
        return;
    }
    let Some(shape) = &mut tensor.shape else { return };
    let Some(d) = pick(rng, shape.dim.len()) else { return };
    match rng.random_range(0..6) {
        0 => _ = shape.dim.remove(d),
        1 => shape.dim.insert(d, shape.dim[d].clone()),
        2 => shape.dim[d].value = Some(dimension::Value::DimParam("n".into())),
        _ => {
            // Large ones would only be slow.
            let n = integer(rng, 4).clamp(-2, 40);
            shape.dim[d].value = Some(dimension::Value::DimValue(n));
        }
    }
}

fn initialiser(graph: &mut GraphProto, rng: &mut StdRng) {
    let Some(i) = pick(rng, graph.initializer.len()) else { return };
    let tensor = &mut graph.initializer[i];
    match rng.random_range(0..5) {
        0 => tensor.data_type = rng.random_range(0..18),
        1 => {
            // Another shape with as many entries.
            tensor.dims.rotate_left(1);
        }
        2 => tensor.dims.push(1),
        3 => {
            let Some(d) = pick(rng, tensor.dims.len()) else { return };
            tensor.dims[d] = integer(rng, tensor.dims[d]);
        }
        _ => {
            // One entry more or fewer along the first dimension, with its data.
            let n = tensor.float_data.len().max(tensor.int64_data.len());
            let Some(first) = tensor.dims.first_mut().filter(|d| **d > 1) else { return };
            let row = n / *first as usize;
            *first -= 1;
            tensor.float_data.truncate(n - row);
            tensor.int64_data.truncate(n - row);
        }
    }
}

fn values(graph: &mut GraphProto, rng: &mut StdRng) {
    let Some(i) = pick(rng, graph.initializer.len()) else { return };
    let tensor = &mut graph.initializer[i];
    if let Some(at) = pick(rng, tensor.float_data.len()) {
        let value = REALS[rng.random_range(0..REALS.len())];
        if rng.random_range(0..4) == 0 {
            tensor.float_data.iter_mut().for_each(|v| *v *= value);
        } else {
            tensor.float_data[at] = value;
        }
    } else if let Some(at) = pick(rng, tensor.int64_data.len()) {
        tensor.int64_data[at] = integer(rng, tensor.int64_data[at]);
    }
}

fn attributes(graph: &mut GraphProto, rng: &mut StdRng) {
    let with: Vec<usize> =
        (0..graph.node.len()).filter(|&i| !graph.node[i].attribute.is_empty()).collect();
    let Some(i) = pick(rng, with.len()) else { return };
    let list = &mut graph.node[with[i]].attribute;
    let Some(a) = pick(rng, list.len()) else { return };
    match rng.random_range(0..8) {
        0 => _ = list.remove(a),
        1 => list.push(list[a].clone()),
        2 => list[a].r#type = rng.random_range(0..9),
        _ => {
            let attribute = &mut list[a];
            attribute.i = integer(rng, attribute.i);
            if let Some(at) = pick(rng, attribute.ints.len()) {
                match rng.random_range(0..6) {
                    0 => _ = attribute.ints.pop(),
                    1 => attribute.ints.push(1),
                    _ => attribute.ints[at] = integer(rng, attribute.ints[at]),
                }
            }
        }
    }
}

/// Every name that some node, input or initialiser gives.
fn names(graph: &GraphProto) -> Vec<String> {
    let nodes = graph.node.iter().flat_map(|node| node.output.iter().cloned());
    let inputs = graph.input.iter().map(|info| info.name.clone());
    nodes.chain(inputs).chain(graph.initializer.iter().map(|t| t.name.clone())).collect()
}

fn edge(graph: &mut GraphProto, rng: &mut StdRng) {
    let names = names(graph);
    let Some(i) = pick(rng, graph.node.len()) else { return };
    let inputs = &mut graph.node[i].input;
    let Some(at) = pick(rng, inputs.len()) else { return };
    match rng.random_range(0..6) {
        0 => _ = inputs.remove(at),
        1 => inputs.push(names[rng.random_range(0..names.len())].clone()),
        2 => inputs.swap(0, at),
        3 => inputs[at] = String::new(),
        _ => inputs[at] = names[rng.random_range(0..names.len())].clone(),
    }
}

fn operation(graph: &mut GraphProto, rng: &mut StdRng) {
    let Some(i) = pick(rng, graph.node.len()) else { return };
    let node = &mut graph.node[i];
    let of: &[&str] = match node.input.len() {
        1 => &UNARY,
        2 => &BINARY,
        _ => return,
    };
    node.op_type = of[rng.random_range(0..of.len())].into();
}

/// Puts a node behind another one.
fn insert(graph: &mut GraphProto, rng: &mut StdRng) {
    let Some(i) = pick(rng, graph.node.len()) else { return };
    let output = graph.node[i].output[0].clone();
    let inner = format!("{output}_{}", graph.node.len());
    graph.node[i].output[0].clone_from(&inner);
    let second = (rng.random_range(0..3) == 0).then(|| inner.clone());
    let of: &[&str] = if second.is_some() { &BINARY } else { &UNARY };
    graph.node.insert(
        i + 1,
        NodeProto {
            input: std::iter::once(inner).chain(second).collect(),
            name: format!("{output}_after"),
            output: vec![output],
            op_type: of[rng.random_range(0..of.len())].into(),
            ..Default::default()
        },
    );
}

/// Removes a node; who reads it reads its first input.
fn remove(graph: &mut GraphProto, rng: &mut StdRng) {
    let Some(i) = pick(rng, graph.node.len()) else { return };
    let node = graph.node.remove(i);
    let (Some(output), Some(input)) = (node.output.first(), node.input.first()) else { return };
    let mut read = false;
    for name in graph.node.iter_mut().flat_map(|node| &mut node.input).filter(|n| *n == output) {
        name.clone_from(input);
        read = true;
    }
    if !read && let Some(last) = graph.node.last_mut().and_then(|node| node.output.first_mut()) {
        last.clone_from(output);
    }
}
