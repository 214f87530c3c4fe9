//! What the front end would read as something else.
//!
//! It ignores some attributes; a model that sets one of them to anything but the default is
//! unsupported. The list comes from comparing the operator definitions up to
//! [`super::load::MAX_OPERATOR_SET`] with what the front end reads.

use tract_onnx::pb::{AttributeProto, NodeProto};

/// Why the node would be misread, if it would.
pub fn misread(node: &NodeProto) -> Option<String> {
    node.attribute
        .iter()
        .find(|attribute| !expected(&node.op_type, attribute))
        .map(|attribute| format!("attribute {} has a value that is not supported", attribute.name))
}

/// Whether the front end computes what the attribute asks for.
fn expected(op: &str, attribute: &AttributeProto) -> bool {
    let text = &attribute.s[..];
    match (op, &attribute.name[..]) {
        ("RNN" | "GRU" | "LSTM", "direction") => text != b"reverse",
        ("RNN" | "GRU" | "LSTM", "clip" | "activation_alpha" | "activation_beta") => false,
        ("LSTM", "input_forget") => attribute.i == 0,
        ("RNN", "activations") => standard(attribute, &["tanh"]),
        ("GRU", "activations") => standard(attribute, &["sigmoid", "tanh"]),
        ("LSTM", "activations") => standard(attribute, &["sigmoid", "tanh", "tanh"]),
        ("BatchNormalization", "training_mode") => attribute.i == 0,
        ("SpaceToDepth", "mode") => text == b"DCR",
        ("Scan", "directions") => attribute.ints.iter().all(|&direction| direction == 0),
        _ => true,
    }
}

/// The default activations, once for each direction.
fn standard(attribute: &AttributeProto, expected: &[&str]) -> bool {
    attribute
        .strings
        .iter()
        .zip(expected.iter().cycle())
        .all(|(got, expected)| got.to_ascii_lowercase() == expected.as_bytes())
}

#[cfg(test)]
mod tests {
    use tract_onnx::pb::attribute_proto::AttributeType;

    use super::*;

    fn node(op: &str, name: &str, text: &str, i: i64) -> NodeProto {
        let attribute = AttributeProto {
            name: name.into(),
            s: text.into(),
            strings: text.split(' ').map(Into::into).collect(),
            i,
            r#type: AttributeType::String as i32,
            ..Default::default()
        };
        NodeProto { op_type: op.into(), attribute: vec![attribute], ..Default::default() }
    }

    #[test]
    fn only_what_is_computed_passes() {
        for (op, name, text, i) in [
            ("LSTM", "direction", "bidirectional", 0),
            ("GRU", "activations", "Sigmoid Tanh Sigmoid Tanh", 0),
            ("SpaceToDepth", "mode", "DCR", 0),
            ("BatchNormalization", "training_mode", "", 0),
            ("Relu", "direction", "reverse", 0),
        ] {
            assert_eq!(misread(&node(op, name, text, i)), None, "{op} {name}");
        }
        for (op, name, text, i) in [
            ("LSTM", "direction", "reverse", 0),
            ("RNN", "activations", "Relu", 0),
            ("GRU", "clip", "", 0),
            ("LSTM", "input_forget", "", 1),
            ("SpaceToDepth", "mode", "CRD", 0),
            ("BatchNormalization", "training_mode", "", 1),
        ] {
            assert!(misread(&node(op, name, text, i)).is_some(), "{op} {name}");
        }
    }
}
