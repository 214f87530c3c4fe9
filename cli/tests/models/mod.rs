//! Small model and input files.

use prost::Message;
use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension};
use tract_onnx::pb::{
    GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TensorShapeProto,
    TypeProto, ValueInfoProto, type_proto,
};

const FLOAT: i32 = 1;

/// `y = relu(x w)` on `x [1, 4]`, `w [4, 4]`, to be spoilt.
pub struct Model(GraphProto);

impl Model {
    /// As it should be.
    pub fn dense() -> Self {
        let known =
            |n| Dimension { value: Some(dimension::Value::DimValue(n)), ..Default::default() };
        let info = |name: &str, dims: &[i64]| {
            let shape = TensorShapeProto { dim: dims.iter().map(|&n| known(n)).collect() };
            let tensor = type_proto::Tensor { elem_type: FLOAT, shape: Some(shape) };
            let value = Some(type_proto::Value::TensorType(tensor));
            let r#type = Some(TypeProto { value, ..Default::default() });
            ValueInfoProto { name: name.into(), r#type, ..Default::default() }
        };
        let node = |op: &str, inputs: &[&str], output: &str| NodeProto {
            input: inputs.iter().map(|&name| name.into()).collect(),
            output: vec![output.into()],
            name: output.into(),
            op_type: op.into(),
            ..Default::default()
        };
        let weights = TensorProto {
            name: "w".into(),
            dims: vec![4, 4],
            data_type: FLOAT,
            float_data: (0..16).map(|i| (i * 7 % 11) as f32 / 8.0 - 0.5).collect(),
            ..Default::default()
        };
        Self(GraphProto {
            name: "test".into(),
            input: vec![info("x", &[1, 4])],
            output: vec![info("y", &[1, 4])],
            initializer: vec![weights],
            node: vec![node("MatMul", &["x", "w"], "p"), node("Relu", &["p"], "y")],
            ..Default::default()
        })
    }

    /// Another operation at the end.
    pub fn with_op(mut self, op: &str) -> Self {
        self.0.node[1].op_type = op.into();
        self
    }

    /// Another element type of the input.
    pub fn with_input_type(mut self, datum_type: i32) -> Self {
        self.tensor(|tensor| tensor.elem_type = datum_type);
        self
    }

    /// A dimension of the input without a value.
    pub fn with_dimension(mut self, index: usize, symbol: &str) -> Self {
        self.tensor(|tensor| {
            let shape = tensor.shape.as_mut().expect("a shape");
            shape.dim[index].value = Some(dimension::Value::DimParam(symbol.into()));
        });
        self
    }

    /// No shape of the input.
    pub fn without_shape(mut self) -> Self {
        self.tensor(|tensor| tensor.shape = None);
        self
    }

    /// Another shape of the weights than they have entries.
    pub fn with_weights_shape(mut self, dims: &[i64]) -> Self {
        self.0.initializer[0].dims = dims.to_vec();
        self
    }

    fn tensor(&mut self, change: impl FnOnce(&mut type_proto::Tensor)) {
        let value = self.0.input[0].r#type.as_mut().and_then(|t| t.value.as_mut());
        if let Some(type_proto::Value::TensorType(tensor)) = value {
            change(tensor);
        }
    }

    /// The file.
    pub fn bytes(self) -> Vec<u8> {
        let set = OperatorSetIdProto { domain: String::new(), version: 13 };
        let (graph, opset_import) = (Some(self.0), vec![set]);
        ModelProto { ir_version: 8, opset_import, graph, ..Default::default() }.encode_to_vec()
    }
}

/// A `.npy` file of 32-bit floats.
pub fn npy(shape: &[usize], data: &[f32]) -> Vec<u8> {
    let dims: Vec<String> = shape.iter().map(|d| format!("{d},")).collect();
    let header =
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", dims.join(" "));
    let header = format!("{header:<117}\n");
    let mut out = b"\x93NUMPY\x01\x00".to_vec();
    out.extend((header.len() as u16).to_le_bytes());
    out.extend(header.as_bytes());
    out.extend(data.iter().flat_map(|v| v.to_le_bytes()));
    out
}
