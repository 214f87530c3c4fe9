//! The lowering of each operation (PROTOCOL §6).

mod compare;
mod conv;
mod einsum;
mod elementwise;
mod maximum;
mod movement;
mod norm;
mod pool;
mod reduce;
mod softmax;
mod weights;

#[cfg(test)]
pub(crate) mod tests;

use super::expr::Expr;
use super::lower::{Lower, Lowered};
use crate::graph::{Binary, NodeId, Op, Unary};

impl Lower<'_> {
    /// Lowers a node that is not a chain.
    pub(super) fn op(&mut self, i: NodeId) -> Lowered<Expr> {
        let node = &self.graph.nodes[i];
        match &node.op {
            Op::Input | Op::Const(_) => Err("a node without operands".to_owned()),
            Op::Unary(Unary::Neg) => {
                let x = self.value(node.inputs[0])?.times(-1);
                self.reshape(&x, &node.shape, i)
            }
            Op::Cast | Op::Reshape => {
                let x = self.value(node.inputs[0])?;
                self.reshape(&x, &node.shape, i)
            }
            Op::Unary(_) => Err("a function that has no table".to_owned()),
            Op::Binary(kind) => match kind {
                Binary::Add => self.sum_of(i, 1),
                Binary::Sub => self.sum_of(i, -1),
                Binary::Mul => self.product_of(i),
                Binary::Div => self.quotient_of(i),
                Binary::Max => self.extreme_of(i, 1),
                Binary::Min => self.extreme_of(i, -1),
                Binary::And | Binary::Or | Binary::Xor => self.logic_of(i, *kind),
                Binary::Equal
                | Binary::NotEqual
                | Binary::Less
                | Binary::LessEqual
                | Binary::Greater
                | Binary::GreaterEqual => self.comparison_of(i, *kind),
                Binary::Pow | Binary::Mod => {
                    Err("two operands, neither of them a scalar constant".to_owned())
                }
            },
            Op::Einsum { a, b, out } => self.einsum(i, a, b, out),
            Op::Conv { window, groups } => self.conv(i, window, *groups),
            Op::MaxPool(window) => self.max_pool(i, window),
            Op::AvgPool { window, count_padding } => self.avg_pool(i, window, *count_padding),
            Op::Reduce { kind, axes, keep } => self.reduce(i, *kind, axes, *keep),
            Op::Softmax { axes, log } => self.softmax(i, axes, *log),
            Op::LayerNorm { axes, epsilon } => self.norm(i, axes, *epsilon, true),
            Op::RmsNorm { axes, epsilon } => self.norm(i, axes, *epsilon, false),
            Op::Transpose { perm } => self.transpose(i, perm),
            Op::Slice { begin, step } => self.slice(i, begin, step),
            Op::Concat { axis } => self.concat(i, *axis),
            Op::Pad { before, mode } => self.pad(i, before, *mode),
            Op::Expand => {
                let x = self.value(node.inputs[0])?;
                Ok(x.broadcast(&node.shape))
            }
            Op::Tile => self.tile(i),
            Op::Gather { axis } => self.gather(i, *axis),
            Op::Where => self.select(i),
        }
    }
}
