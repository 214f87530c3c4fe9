//! Models built in memory, imported, run and evaluated.

use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension};
use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    TensorShapeProto, TypeProto, ValueInfoProto, attribute_proto::AttributeType, type_proto,
};

use super::*;
use crate::evaluate::evaluate;
use crate::graph::Array;
use crate::passes::testing::ops;

const FLOAT: i32 = 1;
const INT64: i32 = 7;
const STRING: i32 = 8;

/// A model file under construction.
struct File(GraphProto);

fn info(name: &str, datum_type: i32, dims: &[&str]) -> ValueInfoProto {
    let dim = dims
        .iter()
        .map(|dim| Dimension {
            value: Some(match dim.parse() {
                Ok(value) => dimension::Value::DimValue(value),
                Err(_) => dimension::Value::DimParam((*dim).to_string()),
            }),
            ..Default::default()
        })
        .collect();
    let tensor =
        type_proto::Tensor { elem_type: datum_type, shape: Some(TensorShapeProto { dim }) };
    let value = Some(type_proto::Value::TensorType(tensor));
    ValueInfoProto {
        name: name.into(),
        r#type: Some(TypeProto { value, ..Default::default() }),
        ..Default::default()
    }
}

impl File {
    fn new() -> Self {
        Self(GraphProto { name: "test".into(), ..Default::default() })
    }

    fn input(mut self, name: &str, datum_type: i32, dims: &[&str]) -> Self {
        self.0.input.push(info(name, datum_type, dims));
        self
    }

    fn weights(mut self, name: &str, dims: &[i64], data: &[f32]) -> Self {
        self.0.initializer.push(TensorProto {
            name: name.into(),
            dims: dims.to_vec(),
            data_type: FLOAT,
            float_data: data.to_vec(),
            ..Default::default()
        });
        self
    }

    fn integers(mut self, name: &str, dims: &[i64], data: &[i64]) -> Self {
        self.0.initializer.push(TensorProto {
            name: name.into(),
            dims: dims.to_vec(),
            data_type: INT64,
            int64_data: data.to_vec(),
            ..Default::default()
        });
        self
    }

    /// Adds a node with integer attributes.
    fn node(mut self, op: &str, inputs: &[&str], output: &str, ints: &[(&str, &[i64])]) -> Self {
        let attribute = ints
            .iter()
            .map(|(name, values)| AttributeProto {
                name: (*name).into(),
                r#type: if values.len() == 1 && !["kernel_shape", "axes"].contains(name) {
                    AttributeType::Int
                } else {
                    AttributeType::Ints
                } as i32,
                i: values[0],
                ints: values.to_vec(),
                ..Default::default()
            })
            .collect();
        self.0.node.push(NodeProto {
            input: inputs.iter().map(|name| (*name).to_string()).collect(),
            output: vec![output.into()],
            name: format!("{op}-{output}"),
            op_type: op.into(),
            attribute,
            ..Default::default()
        });
        self
    }

    fn bytes(self, output: &str) -> Vec<u8> {
        self.bytes_of_set(output, 13)
    }

    fn bytes_of_set(mut self, output: &str, version: i64) -> Vec<u8> {
        self.0.output.push(info(output, FLOAT, &[]));
        let model = ModelProto {
            ir_version: 8,
            opset_import: vec![OperatorSetIdProto { domain: String::new(), version }],
            graph: Some(self.0),
            ..Default::default()
        };
        prost::Message::encode_to_vec(&model)
    }
}

fn numbers(shape: &[usize]) -> Array {
    let volume: usize = shape.iter().product();
    let data = (0..volume).map(|i| ((i * 37 + 11) % 64) as f64 / 16.0 - 2.0).collect();
    Array { shape: shape.to_vec(), data }
}

/// Imports, runs both tracks on the same inputs, and compares every common value.
fn check(bytes: &[u8], inputs: &[Array]) -> Imported {
    let imported = import_bytes(bytes, &ImportOptions::default()).unwrap();
    let run = imported.run_f32(inputs).unwrap();
    let values = evaluate(&imported.graph, inputs).unwrap();
    let close = |a: &Array, b: &Array| {
        assert_eq!(a.shape, b.shape);
        for (x, y) in a.data.iter().zip(&b.data) {
            assert!((x - y).abs() <= 1e-4 * y.abs().max(1.0), "{x} {y}");
        }
    };
    for (output, &id) in run.outputs.iter().zip(&imported.graph.outputs) {
        close(output, &values[id]);
    }
    for (&id, value) in &run.values {
        close(value, &values[id]);
    }
    imported
}

fn convolution() -> Vec<u8> {
    let weights: Vec<f32> = (0..36).map(|i| ((i * 7) % 11) as f32 / 8.0 - 0.5).collect();
    File::new()
        .input("x", FLOAT, &["1", "4", "7", "6"])
        .weights("w", &[6, 2, 3, 1], &weights)
        .weights("b", &[6], &[0.5, -0.5, 0.25, 1.0, 0.0, -1.0])
        .node(
            "Conv",
            &["x", "w", "b"],
            "y",
            &[
                ("kernel_shape", &[3, 1]),
                ("group", &[2]),
                ("strides", &[2, 1]),
                ("dilations", &[2, 1]),
                ("pads", &[1, 0, 2, 1]),
            ],
        )
        .node("Relu", &["y"], "z", &[])
        .node(
            "MaxPool",
            &["z"],
            "p",
            &[("kernel_shape", &[2, 2]), ("strides", &[2, 2]), ("ceil_mode", &[1])],
        )
        .node("GlobalAveragePool", &["p"], "g", &[])
        .bytes("g")
}

#[test]
fn a_convolution_with_everything() {
    let imported = check(&convolution(), &[numbers(&[1, 4, 7, 6])]);
    assert_eq!(ops(&imported.graph), ["Input", "Conv", "Unary", "MaxPool", "Reduce"]);
    assert_eq!((&imported.input_names[0][..], &imported.output_names[0][..]), ("x", "g"));
    assert_ne!(imported.digest, [0; 32]);
}

#[test]
fn a_transposed_convolution() {
    let weights: Vec<f32> = (0..36).map(|i| ((i * 5) % 13) as f32 / 8.0 - 0.5).collect();
    for (group, channels) in [(1, 2), (2, 4)] {
        let bytes = File::new()
            .input("x", FLOAT, &["1", "2", "4", "5"])
            .weights("w", &[2, 2, 3, 3], &weights)
            .node(
                "ConvTranspose",
                &["x", "w"],
                "y",
                &[
                    ("group", &[group]),
                    ("strides", &[2, 3]),
                    ("pads", &[1, 0, 0, 2]),
                    ("output_padding", &[1, 0]),
                ],
            )
            .bytes("y");
        let imported = check(&bytes, &[numbers(&[1, 2, 4, 5])]);
        assert_eq!(imported.graph.nodes[imported.graph.outputs[0]].shape[1], channels);
    }
}

#[test]
fn products_and_movement() {
    let bytes = File::new()
        .input("x", FLOAT, &["2", "3", "4"])
        .weights("w", &[4, 5], &numbers(&[20]).data.iter().map(|&x| x as f32).collect::<Vec<_>>())
        .integers("starts", &[2], &[-1, 0])
        .integers("ends", &[2], &[-100, 5])
        .integers("axes", &[2], &[1, 2])
        .integers("steps", &[2], &[-2, 3])
        .node("MatMul", &["x", "w"], "y", &[])
        .node("Slice", &["y", "starts", "ends", "axes", "steps"], "s", &[])
        .node("Transpose", &["s"], "t", &[("perm", &[2, 0, 1])])
        .node("Softmax", &["t"], "z", &[("axis", &[-1])])
        .bytes("z");
    let imported = check(&bytes, &[numbers(&[2, 3, 4])]);
    assert_eq!(ops(&imported.graph), ["Input", "Einsum", "Slice", "Transpose", "Softmax"]);
}

#[test]
fn a_recurrent_layer_is_unrolled() {
    let weights = |n: usize, k: usize| -> Vec<f32> {
        (0..n).map(|i| ((i * k) % 17) as f32 / 16.0 - 0.5).collect()
    };
    let bytes = File::new()
        .input("x", FLOAT, &["3", "2", "4"])
        .weights("w", &[1, 20, 4], &weights(80, 5))
        .weights("r", &[1, 20, 5], &weights(100, 7))
        .weights("b", &[1, 40], &weights(40, 3))
        .node("LSTM", &["x", "w", "r", "b"], "y", &[("hidden_size", &[5])])
        .bytes("y");
    let imported = check(&bytes, &[numbers(&[3, 2, 4])]);
    let sigmoids = ops(&imported.graph).iter().filter(|op| *op == "Unary").count();
    assert_eq!(sigmoids, 3 * 5);
}

#[test]
fn dynamic_dimensions() {
    let file =
        || File::new().input("x", FLOAT, &["N", "3"]).node("Relu", &["x"], "y", &[]).bytes("y");
    let error = |options: &ImportOptions| import_bytes(&file(), options).err().unwrap().to_string();
    let mut options = ImportOptions::default();
    let message = error(&options);
    assert!(message.contains("input x: dimension 0 (N) is dynamic"), "{message}");
    assert!(message.contains("\"N=1\""), "{message}");
    options.set("x=2x4", &[]).unwrap();
    assert!(error(&options).contains("[N, 3]"));
    options.set("x=2x3", &[]).unwrap();
    assert_eq!(import_bytes(&file(), &options).unwrap().graph.nodes[0].shape, [2, 3]);
    let mut options = ImportOptions::default();
    options.set("N=5", &[]).unwrap();
    assert_eq!(import_bytes(&file(), &options).unwrap().graph.nodes[0].shape, [5, 3]);
    options.set("M=5", &[]).unwrap();
    assert!(error(&options).contains("no input or dimension \"M\""));
    assert!(options.set("N=x", &[]).is_err());
    let options = ImportOptions { batch_of_one: true, ..Default::default() };
    assert_eq!(import_bytes(&file(), &options).unwrap().graph.nodes[0].shape, [1, 3]);
}

#[test]
fn unsupported_operations_are_all_listed() {
    let bytes = File::new()
        .input("x", FLOAT, &["2", "3"])
        .node("Frobnicate", &["x"], "y", &[])
        .node("Relu", &["y"], "z", &[])
        .node("Defenestrate", &["z"], "t", &[])
        .bytes("t");
    let Err(ImportError::Unsupported(list)) = import_bytes(&bytes, &ImportOptions::default())
    else {
        panic!("imported")
    };
    let ops: Vec<&str> = list.iter().map(|u| &u.op[..]).collect();
    assert_eq!(ops, ["Frobnicate", "Defenestrate"]);
    let bytes =
        File::new().input("x", FLOAT, &["2", "3"]).node("NonZero", &["x"], "i", &[]).bytes("i");
    let error = import_bytes(&bytes, &ImportOptions::default()).err().unwrap();
    assert!(matches!(&error, ImportError::Unsupported(list) if list[0].op == "NonZero"), "{error}");
}

#[test]
fn inputs_are_checked() {
    let bytes = File::new()
        .input("x", FLOAT, &["2", "2"])
        .input("i", INT64, &["3"])
        .node("Gather", &["x", "i"], "y", &[("axis", &[0])])
        .bytes("y");
    let imported = import_bytes(&bytes, &ImportOptions::default()).unwrap();
    assert_eq!(imported.input_bounds, [None, Some((0, 1))]);
    let x = numbers(&[2, 2]);
    let i = Array { shape: vec![3], data: vec![0.0, 1.0, 1.0] };
    let error =
        |x: &Array, i: &Array| imported.run_f32(&[x.clone(), i.clone()]).err().unwrap().to_string();
    assert!(imported.run_f32(&[x.clone(), i.clone()]).is_ok());
    let mut nan = x.clone();
    nan.data[2] = f64::NAN;
    assert_eq!(error(&nan, &i), "input x: entry [1, 0] is NaN, which is not a finite number");
    let mut half = i.clone();
    half.data[1] = 0.5;
    assert!(error(&x, &half).contains("input i: entry [1] is 0.5"));
    half.data[1] = 2.0;
    assert!(error(&x, &half).contains("input i: entry [1] is 2, which is outside 0..=1"));
    assert!(error(&i, &i).contains("input x: expected shape [2, 2], got [3]"));
    assert!(imported.run_f32(&[x]).err().unwrap().to_string().contains("2 inputs (x, i), 1"));
}

#[test]
fn other_refusals() {
    let bytes =
        File::new().input("x", STRING, &["2"]).node("Identity", &["x"], "y", &[]).bytes("y");
    let error = import_bytes(&bytes, &ImportOptions::default()).err().unwrap();
    assert!(error.to_string().contains("string"), "{error}");
    let bytes =
        File::new().input("x", FLOAT, &["2"]).node("Relu", &["x"], "y", &[]).bytes_of_set("y", 6);
    let error = import_bytes(&bytes, &ImportOptions::default()).err().unwrap();
    assert!(matches!(error, ImportError::OperatorSet { version: 6 }));
    let missing = import(Path::new("/no/such/model.onnx"), &ImportOptions::default());
    assert!(matches!(missing, Err(ImportError::Read { .. })));
    // An output that nothing computes, and operands that do not fit.
    let bytes = File::new().input("x", FLOAT, &["2"]).node("Relu", &["x"], "y", &[]).bytes("z");
    assert!(import_bytes(&bytes, &ImportOptions::default()).is_err());
    let bytes = File::new()
        .input("x", FLOAT, &["2", "3"])
        .weights("w", &[4, 2], &[0.0; 8])
        .node("MatMul", &["x", "w"], "y", &[])
        .bytes("y");
    let error = import_bytes(&bytes, &ImportOptions::default()).err().unwrap();
    assert!(matches!(error, ImportError::Analysis { .. }), "{error}");
}

#[test]
fn malformed_files_are_errors() {
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let bytes = convolution();
    let options = ImportOptions::default();
    for length in 0..bytes.len() {
        // A prefix that ends between two fields may be a model without its operator set.
        assert!(import_bytes(&bytes[..length], &options).is_err(), "{length}");
    }
    let mut state = 1u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as u8
    };
    for length in [1, 2, 7, 64, 1000, 70_000] {
        let noise: Vec<u8> = (0..length).map(|_| random()).collect();
        assert!(import_bytes(&noise, &options).is_err());
    }
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] = random();
        // Damaged weights are still weights: only a panic would be wrong.
        let _ = import_bytes(&damaged, &options);
    }
    std::panic::set_hook(quiet);
}
