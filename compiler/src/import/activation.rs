//! Activation functions of the model file that stay one operation.
//!
//! The front end would spell them out in several operations; here they are kept as they are, and
//! their float track is the function itself.

#![allow(missing_docs)]

use tract_onnx::model::{Onnx, ParsingContext};
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_core::element_wise;
use tract_onnx::tract_hir::internal::*;

use crate::graph::Unary;

element_wise!(activation, Activation { unary: Unary },
    [f32] => |op, xs| {
        xs.iter_mut().for_each(|x| *x = apply(op.unary, f64::from(*x)) as f32);
        Ok(())
    },
    [f16] => |op, xs| {
        xs.iter_mut().for_each(|x| *x = f16::from_f64(apply(op.unary, x.to_f64())));
        Ok(())
    },
    [f64] => |op, xs| {
        xs.iter_mut().for_each(|x| *x = apply(op.unary, *x));
        Ok(())
    }
);

/// The functions below, and no others.
fn apply(unary: Unary, x: f64) -> f64 {
    match unary {
        Unary::Relu if x.is_nan() => x,
        Unary::Relu => x.max(0.0),
        Unary::Elu { alpha } if x < 0.0 => alpha * libm::expm1(x),
        Unary::Celu { alpha } if x < 0.0 => alpha * libm::expm1(x / alpha),
        Unary::Selu { alpha, gamma } if x < 0.0 => gamma * alpha * libm::expm1(x),
        Unary::Selu { gamma, .. } => gamma * x,
        Unary::Elu { .. } | Unary::Celu { .. } => x,
        Unary::Softplus => softplus(x),
        Unary::Softsign => x / (1.0 + x.abs()),
        Unary::ThresholdedRelu { alpha } if x > alpha => x,
        Unary::ThresholdedRelu { .. } => 0.0,
        Unary::HardSigmoid { alpha, beta } => (alpha * x + beta).clamp(0.0, 1.0),
        Unary::Mish => x * libm::tanh(softplus(x)),
        Unary::Gelu => 0.5 * x * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2),
        _ => f64::NAN,
    }
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + libm::log1p(libm::exp(-x.abs()))
}

type Built = TractResult<(Box<dyn InferenceOp>, Vec<String>)>;

fn built(unary: Unary) -> Built {
    Ok((activation(unary).into_hir(), vec![]))
}

fn float(node: &NodeProto, name: &str, default: f32) -> TractResult<f64> {
    Ok(f64::from(node.get_attr_opt::<f32>(name)?.unwrap_or(default)))
}

/// Registers the activations.
pub fn register(onnx: &mut Onnx) {
    let table = &mut onnx.op_register;
    table.insert("Relu", |_, _| built(Unary::Relu));
    table.insert("Softplus", |_, _| built(Unary::Softplus));
    table.insert("Softsign", |_, _| built(Unary::Softsign));
    table.insert("Mish", |_, _| built(Unary::Mish));
    table.insert("Elu", |_: &ParsingContext, node| {
        built(Unary::Elu { alpha: float(node, "alpha", 1.0)? })
    });
    table.insert("Celu", |_, node| built(Unary::Celu { alpha: float(node, "alpha", 1.0)? }));
    table.insert("Selu", |_, node| {
        built(Unary::Selu {
            alpha: float(node, "alpha", 1.673_263_2)?,
            gamma: float(node, "gamma", 1.050_701)?,
        })
    });
    table.insert("ThresholdedRelu", |_, node| {
        built(Unary::ThresholdedRelu { alpha: float(node, "alpha", 1.0)? })
    });
    table.insert("HardSigmoid", |_, node| {
        built(Unary::HardSigmoid {
            alpha: float(node, "alpha", 0.2)?,
            beta: float(node, "beta", 0.5)?,
        })
    });
    table.insert("Gelu", |_, node| match node.get_attr_opt::<&str>("approximate")? {
        Some("tanh") => Ok((
            tract_onnx::tract_core::ops::nn::gelu_approximate::gelu_approximate(false).into_hir(),
            vec![],
        )),
        None | Some("none") => built(Unary::Gelu),
        Some(other) => bail!("Gelu with approximate={other}"),
    });
}
