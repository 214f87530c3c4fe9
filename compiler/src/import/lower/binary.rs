//! Functions of two tensors, entry by entry.

use tract_onnx::tract_core::internal::TypedNode;
use tract_onnx::tract_core::ops::binary::{BinMiniOp, TypedBinOp};
use tract_onnx::tract_core::ops::{logic, math};

use super::{Lowered, Lowerer};
use crate::graph::{Binary, DType, Op};
use crate::import::tensor::type_name;

impl Lowerer<'_> {
    pub(super) fn binary(&mut self, node: &TypedNode, op: &TypedBinOp) -> Lowered {
        let mini: &dyn BinMiniOp = op.0.as_ref();
        if let Some(to) = op.1 {
            return Err(format!("{} with results of type {}", mini.name(), type_name(to)));
        }
        let mut inputs = self.ids(&node.inputs)?;
        let kind = self.builder.dtype(inputs[0]);
        if kind != self.builder.dtype(inputs[1]) {
            return Err("operands of different types".into());
        }
        if mini.is::<math::SubF>() {
            inputs.reverse();
            return self.emit(node, Op::Binary(Binary::Sub), inputs);
        }
        if mini.is::<math::Rem>() {
            return self.remainder(node, inputs, kind);
        }
        let binary = binary(mini, kind)
            .ok_or_else(|| format!("no lowering for {} of {kind:?}", mini.name()))?;
        self.emit(node, Op::Binary(binary), inputs)
    }

    /// The front end's remainder has the sign of the dividend, [`Binary::Mod`] of the divisor:
    /// `sign(a) (|a| mod |b|)` is the former.
    fn remainder(&mut self, node: &TypedNode, inputs: Vec<usize>, kind: DType) -> Lowered {
        use crate::graph::Unary;
        let (hint, sign) = (self.hint("abs"), self.hint("sign"));
        let a = self.builder.unary(&hint, Unary::Abs, inputs[0]);
        let b = self.builder.unary(&hint, Unary::Abs, inputs[1]);
        let (shape, _) = self.expected(&node.outputs[0].fact)?;
        let hint = self.hint("mod");
        let rest = self.builder.helper(&hint, Op::Binary(Binary::Mod), vec![a, b], shape, kind);
        let sign = self.builder.unary(&sign, Unary::Sign, inputs[0]);
        self.emit(node, Op::Binary(Binary::Mul), vec![rest, sign])
    }
}

fn binary(op: &dyn BinMiniOp, kind: DType) -> Option<Binary> {
    macro_rules! table {
        ($($ty:path => $binary:expr,)*) => {
            $(if op.is::<$ty>() { return Some($binary); })*
        };
    }
    table! {
        logic::CompEq => Binary::Equal,
        logic::CompNE => Binary::NotEqual,
        logic::CompLT => Binary::Less,
        logic::CompLTE => Binary::LessEqual,
        logic::CompGT => Binary::Greater,
        logic::CompGTE => Binary::GreaterEqual,
    }
    if kind == DType::Bool {
        table! {
            logic::And => Binary::And,
            logic::Or => Binary::Or,
            logic::Xor => Binary::Xor,
            logic::BitAnd => Binary::And,
            logic::BitOr => Binary::Or,
            logic::BitXor => Binary::Xor,
            math::Min => Binary::And,
            math::Max => Binary::Or,
        }
        return None;
    }
    table! {
        math::Add => Binary::Add,
        math::Sub => Binary::Sub,
        math::Mul => Binary::Mul,
        math::Div => Binary::Div,
        math::Pow => Binary::Pow,
        math::Max => Binary::Max,
        math::Min => Binary::Min,
    }
    None
}
