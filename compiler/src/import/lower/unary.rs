//! Functions of one tensor, entry by entry, and casts.

use tract_onnx::prelude::DatumType;
use tract_onnx::tract_core::internal::TypedNode;
use tract_onnx::tract_core::ops::element_wise::{ElementWiseMiniOp, ElementWiseOp};
use tract_onnx::tract_core::ops::{logic, math, nn};

use super::{Lowered, Lowerer};
use crate::graph::{Binary, DType, Op, Unary};
use crate::import::activation::Activation;
use crate::import::tensor::{dtype, integer_range, type_name};

impl Lowerer<'_> {
    pub(super) fn element_wise(&mut self, node: &TypedNode, op: &ElementWiseOp) -> Lowered {
        if let Some(to) = op.1 {
            return Err(format!("{} with results of type {}", op.0.name(), type_name(to)));
        }
        let mini: &dyn ElementWiseMiniOp = op.0.as_ref();
        let kind = self.builder_dtype(node)?;
        if let Some(op) = mini.downcast_ref::<math::IsInf>() {
            return self.is_inf(node, op);
        }
        if let Some(op) = mini.downcast_ref::<nn::LeakyRelu>() {
            return self.leaky_relu(node, op);
        }
        let unary = unary(mini, kind).ok_or_else(|| format!("no lowering for {}", mini.name()))?;
        self.same_op(node, Op::Unary(unary), &node.inputs)
    }

    fn builder_dtype(&mut self, node: &TypedNode) -> Result<DType, String> {
        let id = self.id(node.inputs[0])?;
        Ok(self.builder.dtype(id))
    }

    /// Infinite entries are those beyond the largest finite ones.
    fn is_inf(&mut self, node: &TypedNode, op: &math::IsInf) -> Lowered {
        let (shape, _) = self.expected(&node.outputs[0].fact)?;
        let input = self.id(node.inputs[0])?;
        let hint = self.hint("largest");
        let limit = match self.fact(node.inputs[0])?.datum_type {
            DatumType::F16 => 65504.0,
            DatumType::F32 => f64::from(f32::MAX),
            _ => f64::MAX,
        };
        let mut compare = |binary, bound| {
            let bound = self.builder.scalar(&hint, bound, shape.len(), DType::Float);
            let op = Op::Binary(binary);
            self.builder.helper(&self.node, op, vec![input, bound], shape.clone(), DType::Bool)
        };
        let above = op.detect_positive.then(|| compare(Binary::Greater, limit));
        let below = op.detect_negative.then(|| compare(Binary::Less, -limit));
        match (above, below) {
            (Some(above), Some(below)) => {
                self.emit(node, Op::Binary(Binary::Or), vec![above, below])
            }
            (Some(id), None) | (None, Some(id)) => Ok(vec![id]),
            (None, None) => Err("detects nothing".into()),
        }
    }

    fn leaky_relu(&mut self, node: &TypedNode, op: &nn::LeakyRelu) -> Lowered {
        let unary = Unary::LeakyRelu { alpha: f64::from(op.alpha) };
        self.same_op(node, Op::Unary(unary), &node.inputs)
    }
}

/// The function that a mini-operation of the front end is, on entries of type `kind`.
fn unary(op: &dyn ElementWiseMiniOp, kind: DType) -> Option<Unary> {
    if let Some(op) = op.downcast_ref::<Activation>() {
        return Some(op.unary);
    }
    if op.is::<logic::Not>() || (op.is::<logic::BitNot>() && kind == DType::Bool) {
        return Some(Unary::Not);
    }
    macro_rules! table {
        ($($ty:path => $unary:expr,)*) => {
            $(if op.is::<$ty>() { return Some($unary); })*
        };
    }
    table! {
        math::Abs => Unary::Abs,
        math::Neg => Unary::Neg,
        math::Sign => Unary::Sign,
    }
    if kind != DType::Float {
        return None;
    }
    table! {
        math::Exp => Unary::Exp,
        math::Ln => Unary::Log,
        math::Square => Unary::Square,
        math::Sqrt => Unary::Sqrt,
        math::Recip => Unary::Reciprocal,
        math::Rsqrt => Unary::Rsqrt,
        math::Ceil => Unary::Ceil,
        math::Floor => Unary::Floor,
        math::RoundHalfToEven => Unary::Round,
        math::Cos => Unary::Cos,
        math::Sin => Unary::Sin,
        math::Tan => Unary::Tan,
        math::Acos => Unary::Acos,
        math::Asin => Unary::Asin,
        math::Atan => Unary::Atan,
        math::Cosh => Unary::Cosh,
        math::Sinh => Unary::Sinh,
        math::Tanh => Unary::Tanh,
        math::Acosh => Unary::Acosh,
        math::Asinh => Unary::Asinh,
        math::Atanh => Unary::Atanh,
        math::Erf => Unary::Erf,
        math::IsNan => Unary::IsNan,
        nn::Sigmoid => Unary::Sigmoid,
        nn::HardSwish => Unary::HardSwish,
        nn::Silu => Unary::Silu,
        nn::GeluApproximate => Unary::GeluTanh,
    }
    None
}

/// The operation that casts between two element types.
pub(super) fn cast(from: DatumType, to: DatumType) -> Result<Op, String> {
    let wraps = || format!("a cast from {} to {} wraps around", type_name(from), type_name(to));
    match (dtype(from), dtype(to)) {
        (Some(_), Some(DType::Float)) => Ok(Op::Cast),
        (Some(DType::Bool), Some(_)) => Ok(Op::Cast),
        (Some(_), Some(DType::Bool)) => Ok(Op::Unary(Unary::NonZero)),
        (Some(DType::Float), Some(DType::Int)) => Ok(Op::Unary(Unary::Trunc)),
        (Some(DType::Int), Some(DType::Int)) => {
            let (from, to) = integer_range(from).zip(integer_range(to)).ok_or_else(wraps)?;
            // Integers of a circuit are below 2^31 in size, so 32 bits hold what 64 bits hold.
            let holds = (to.0 <= from.0 || to.0 <= i32::MIN.into())
                && (to.1 >= from.1 || to.1 >= i32::MAX.into());
            if holds { Ok(Op::Cast) } else { Err(wraps()) }
        }
        _ => Err(format!("a cast from {} to {}", type_name(from), type_name(to))),
    }
}
