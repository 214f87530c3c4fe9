//! What the front end would read as something else, or cannot hold.
//!
//! It ignores some attributes; a model that sets one of them to anything but the default is
//! unsupported. The list comes from comparing the operator definitions up to
//! [`super::load::MAX_OPERATOR_SET`] with what the front end reads.
//!
//! It computes shapes from the numbers of a window without asking whether they make sense.

use tract_onnx::pb::{AttributeProto, NodeProto};

/// Largest number of a window: an extent, a stride, a dilation, padding.
const MAX_WINDOW: i64 = 1 << 22;

/// Why the node would be misread, if it would.
pub fn misread(node: &NodeProto) -> Option<String> {
    node.attribute
        .iter()
        .find(|attribute| !expected(&node.op_type, attribute))
        .map(|attribute| format!("attribute {} has a value that is not supported", attribute.name))
        .or_else(|| node.attribute.iter().find_map(|attribute| window(&node.op_type, attribute)))
}

/// What is wrong with a number of a window.
fn window(op: &str, attribute: &AttributeProto) -> Option<String> {
    let lowest = match (op, &attribute.name[..]) {
        (_, "kernel_shape" | "strides" | "dilations" | "output_shape") => 1,
        // What cuts.
        ("Pad", "pads") => -MAX_WINDOW,
        (_, "pads" | "output_padding") => 0,
        _ => return None,
    };
    let value = attribute.ints.iter().find(|value| !(lowest..=MAX_WINDOW).contains(value))?;
    Some(format!("{} has a value of {value}, not in {lowest} to {MAX_WINDOW}", attribute.name))
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
    fn numbers_of_a_window_make_sense() {
        let refused = |op: &str, name: &str, ints: &[i64]| {
            let mut node = node(op, name, "", 0);
            node.attribute[0].ints = ints.to_vec();
            misread(&node)
        };
        assert_eq!(refused("MaxPool", "kernel_shape", &[3, 1]), None);
        assert_eq!(refused("Conv", "pads", &[0, 4]), None);
        assert_eq!(refused("Pad", "pads", &[0, -4]), None);
        for (op, name, ints) in [
            ("MaxPool", "kernel_shape", &[2, i64::MAX][..]),
            ("Conv", "strides", &[0]),
            ("Conv", "dilations", &[1, -1]),
            ("AveragePool", "pads", &[i64::MIN]),
            ("Pad", "pads", &[i64::MAX]),
        ] {
            let reason = refused(op, name, ints).unwrap_or_else(|| panic!("{op} {name} passed"));
            assert!(reason.contains(name) && reason.contains(&ints[ints.len() - 1].to_string()));
        }
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
