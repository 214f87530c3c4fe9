//! ONNX `Attention` (operator sets 23 to 25), spelled out in elementary operations.
//!
//! `softmax(softcap(scale q k^T) + bias) v`. Whatever the model file decides (causality, windows,
//! lengths, constant masks) becomes one boolean constant that chooses between a score and a large
//! negative number; a row without any key gives zero, as ONNX has it.

use tract_onnx::model::{Onnx, ParsingContext};
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_core::ops::array::TypedConcat;
use tract_onnx::tract_core::ops::change_axes::wire_with_rank_broadcast;
use tract_onnx::tract_core::ops::einsum::EinSum;
use tract_onnx::tract_core::ops::logic::Iff;
use tract_onnx::tract_core::ops::math;
use tract_onnx::tract_core::ops::nn::{Softmax, SoftmaxKind};
use tract_onnx::tract_hir::internal::*;

use super::tensor::integers;
use crate::graph::Array;

/// Entries of a float mask below this disable a key.
const DISABLED: f64 = -1e30;

/// What the node says.
#[derive(Debug, Clone)]
struct Attention {
    heads: Option<(usize, usize)>,
    causal: bool,
    scale: Option<f32>,
    softcap: f32,
    /// How many keys before and after its own position a query sees.
    window: [Option<i64>; 2],
    /// What the fourth output shows.
    shown: i64,
    /// Position among the inputs of the mask, the past keys, the past values and the lengths.
    optional: [Option<usize>; 4],
    /// Which of the four outputs are wanted.
    wanted: [bool; 4],
}

/// Registers the operation.
pub fn register(onnx: &mut Onnx) {
    onnx.op_register.insert("Attention", parse);
}

fn parse(_: &ParsingContext, node: &NodeProto) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let count = |name: &str| -> TractResult<Option<usize>> { node.get_attr_opt::<usize>(name) };
    let window = |name: &str| -> TractResult<Option<i64>> {
        Ok(node.get_attr_opt::<i64>(name)?.filter(|&n| n >= 0))
    };
    let present = |names: &[String], slot: usize| names.get(slot).is_some_and(|n| !n.is_empty());
    let mut next = 3;
    let optional = [3, 4, 5, 6].map(|slot| {
        present(&node.input, slot).then(|| {
            next += 1;
            next - 1
        })
    });
    ensure!(optional[1].is_some() == optional[2].is_some(), "past keys without past values");
    let op = Attention {
        heads: count("q_num_heads")?.zip(count("kv_num_heads")?),
        causal: node.get_attr_opt::<i64>("is_causal")?.unwrap_or(0) != 0,
        scale: node.get_attr_opt("scale")?,
        softcap: node.get_attr_opt("softcap")?.unwrap_or(0.0),
        window: [window("left_window_size")?, window("right_window_size")?],
        shown: node.get_attr_opt("qk_matmul_output_mode")?.unwrap_or(0),
        optional,
        wanted: [0, 1, 2, 3].map(|slot| present(&node.output, slot)),
    };
    Ok((expand(op), vec![]))
}

/// Which keys the queries see, as far as the model file decides: `[batch, heads, rows, columns]`,
/// where the first two may be one.
struct Visible {
    shape: [usize; 4],
    data: Vec<bool>,
}

impl Visible {
    fn new(shape: [usize; 4], visible: impl Fn([usize; 4]) -> bool) -> Self {
        let data = (0..shape.iter().product()).map(|at| visible(unravel(at, shape))).collect();
        Self { shape, data }
    }

    /// Both restrictions.
    fn and(&self, other: &Self) -> Self {
        let shape = std::array::from_fn(|d| self.shape[d].max(other.shape[d]));
        Self::new(shape, |index| self.at(index) && other.at(index))
    }

    fn at(&self, index: [usize; 4]) -> bool {
        let at = (0..4).fold(0, |at, d| at * self.shape[d] + index[d].min(self.shape[d] - 1));
        self.data[at]
    }

    /// Whether a row has any key.
    fn rows(&self) -> Self {
        let [b, h, m, n] = self.shape;
        Self::new([b, h, m, 1], |[b, h, m, _]| (0..n).any(|n| self.at([b, h, m, n])))
    }

    fn is_everything(&self) -> bool {
        self.data.iter().all(|&visible| visible)
    }

    fn tensor(&self) -> TractResult<Tensor> {
        Tensor::from_shape(&self.shape, &self.data)
    }
}

fn unravel(mut at: usize, shape: [usize; 4]) -> [usize; 4] {
    let mut index = [0; 4];
    for d in (0..4).rev() {
        index[d] = at % shape[d];
        at /= shape[d];
    }
    index
}

/// The typed model that the operation is written into.
struct Writer<'a> {
    prefix: &'a str,
    model: &'a mut TypedModel,
}

impl Writer<'_> {
    fn wire(
        &mut self,
        name: &str,
        op: impl Into<Box<dyn TypedOp>>,
        inputs: &[OutletId],
    ) -> TractResult<OutletId> {
        Ok(self.model.wire_node(format!("{}.{name}", self.prefix), op, inputs)?[0])
    }

    /// An operation entry by entry, of operands of different ranks.
    fn entries(
        &mut self,
        name: &str,
        op: impl Into<Box<dyn TypedOp>>,
        inputs: &[OutletId],
    ) -> TractResult<OutletId> {
        let name = format!("{}.{name}", self.prefix);
        Ok(wire_with_rank_broadcast(name, self.model, op, inputs)?[0])
    }

    fn shape(&self, outlet: OutletId) -> TractResult<Vec<usize>> {
        let fact = self.model.outlet_fact(outlet)?;
        fact.shape.as_concrete().map(<[usize]>::to_vec).context("a dynamic dimension")
    }

    fn constant(&mut self, name: &str, tensor: Tensor) -> TractResult<OutletId> {
        self.model.add_const(format!("{}.{name}", self.prefix), tensor)
    }

    fn float(&mut self, name: &str, value: f32, like: OutletId) -> TractResult<OutletId> {
        let kind = self.model.outlet_fact(like)?.datum_type;
        // The most negative number of half precision.
        let value = if kind == DatumType::F16 { value.max(-65504.0) } else { value };
        let tensor = tensor0(value).cast_to_dt(kind)?.into_owned();
        self.constant(name, tensor)
    }

    fn reshape(
        &mut self,
        name: &str,
        input: OutletId,
        at: usize,
        (from, to): (&[usize], &[usize]),
    ) -> TractResult<OutletId> {
        let dims = |list: &[usize]| list.iter().map(|d| d.to_dim()).collect();
        self.wire(name, AxisOp::Reshape(at, dims(from), dims(to)), &[input])
    }

    fn product(&mut self, name: &str, axes: &str, inputs: &[OutletId]) -> TractResult<OutletId> {
        let kind = self.model.outlet_fact(inputs[0])?.datum_type;
        self.wire(name, EinSum::new(axes.parse()?, kind), inputs)
    }

    /// `[batch, rows, heads * d]` as `[batch, heads, rows, d]`.
    fn heads(&mut self, name: &str, input: OutletId, heads: usize) -> TractResult<OutletId> {
        let width = self.shape(input)?[2];
        ensure!(heads > 0 && width % heads == 0, "{heads} heads of {width} entries");
        let split = self.reshape(name, input, 2, (&[width], &[heads, width / heads]))?;
        self.wire(&format!("{name}.move"), AxisOp::Move(2, 1), &[split])
    }

    /// The scores where keys are seen, else a large negative number.
    fn choose(
        &mut self,
        name: &str,
        condition: OutletId,
        value: OutletId,
        other: f32,
    ) -> TractResult<OutletId> {
        let other = self.float(&format!("{name}.other"), other, value)?;
        self.entries(name, Iff, &[condition, value, other])
    }
}

impl Attention {
    /// What the model file says about keys: positions and lengths.
    fn positions(
        &self,
        writer: &Writer<'_>,
        inputs: &[OutletId],
        past: usize,
        [b, m, n]: [usize; 3],
    ) -> TractResult<Visible> {
        let lengths = match self.optional[3] {
            None => None,
            Some(slot) => {
                let fact = writer.model.outlet_fact(inputs[slot])?;
                let tensor = fact.konst.as_ref().context("lengths that depend on the input")?;
                let lengths = integers(tensor).map_err(|reason| format_err!(reason))?;
                ensure!(lengths.len() == b, "{} lengths for {b} sequences", lengths.len());
                Some(lengths)
            }
        };
        let shape = [if lengths.is_some() { b } else { 1 }, 1, m, n];
        Ok(Visible::new(shape, |[b, _, row, column]| {
            let length = lengths.as_ref().map(|l| l[b]);
            let offset = length.map_or(past as i64, |l| l - m as i64);
            let (position, key) = (row as i64 + offset, column as i64);
            (!self.causal || key <= position)
                && self.window[0].is_none_or(|left| position - key <= left)
                && self.window[1].is_none_or(|right| key - position <= right)
                && length.is_none_or(|l| key < l)
        }))
    }

    /// The scores with the mask that is an operand, if there is one. A constant mask joins
    /// `visible`, as far as it disables keys.
    fn masked(
        &self,
        writer: &mut Writer<'_>,
        mask: OutletId,
        scores: OutletId,
        visible: &mut Visible,
        n: usize,
    ) -> TractResult<OutletId> {
        let fact = writer.model.outlet_fact(mask)?.clone();
        let shape = writer.shape(mask)?;
        let known = *shape.last().context("a mask without dimensions")?;
        let mut full = [1; 4];
        ensure!(shape.len() <= 4 && known <= n, "a mask of shape {shape:?}");
        full[4 - shape.len()..].copy_from_slice(&shape);
        if known < n && known > 1 {
            *visible = visible.and(&Visible::new([1, 1, 1, n], |index| index[3] < known));
        }
        let Some(tensor) = &fact.konst else {
            ensure!(known == n || known == 1, "a short mask that depends on the input");
            return match fact.datum_type {
                DatumType::Bool => writer.choose("masked", mask, scores, f32::MIN),
                _ => writer.entries("masked", math::add(), &[scores, mask]),
            };
        };
        let Array { data, .. } = super::tensor::array(tensor).map_err(|e| format_err!(e))?;
        let entry = |[b, h, m, n]: [usize; 4]| {
            let at = [b, h, m, n.min(full[3] - 1)];
            data[(0..4).fold(0, |acc, d| acc * full[d] + at[d].min(full[d] - 1))]
        };
        let wide = [full[0], full[1], full[2], n];
        if fact.datum_type == DatumType::Bool {
            *visible = visible.and(&Visible::new(wide, |index| entry(index) != 0.0));
            return Ok(scores);
        }
        *visible = visible.and(&Visible::new(wide, |index| entry(index) > DISABLED));
        let added = |at| Some(entry(unravel(at, wide))).filter(|x| *x > DISABLED).unwrap_or(0.0);
        let added: Vec<f32> = (0..wide.iter().product()).map(|at| added(at) as f32).collect();
        let added = Tensor::from_shape(&wide, &added)?.cast_to_dt(fact.datum_type)?.into_owned();
        let added = writer.constant("bias", added)?;
        writer.entries("masked", math::add(), &[scores, added])
    }
}

impl Expansion for Attention {
    fn name(&self) -> StaticName {
        "Attention".into()
    }

    fn nboutputs(&self) -> TractResult<usize> {
        Ok(self.wanted.iter().filter(|&&wanted| wanted).count())
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_input_arity(inputs, 3 + self.optional.iter().flatten().count())?;
        check_output_arity(outputs, self.nboutputs()?)?;
        for output in outputs {
            s.equals(&inputs[0].datum_type, &output.datum_type)?;
        }
        Ok(())
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        let mut writer = Writer { prefix, model };
        let flat = writer.shape(inputs[0])?.len() == 3;
        let [mut q, mut k, mut v] = [inputs[0], inputs[1], inputs[2]];
        if flat {
            let (q_heads, k_heads) = self.heads.context("the number of heads is missing")?;
            q = writer.heads("q", q, q_heads)?;
            k = writer.heads("k", k, k_heads)?;
            v = writer.heads("v", v, k_heads)?;
        }
        let mut past = 0;
        if let (Some(past_k), Some(past_v)) = (self.optional[1], self.optional[2]) {
            past = writer.shape(inputs[past_k])?[2];
            k = writer.wire("keys", TypedConcat { axis: 2 }, &[inputs[past_k], k])?;
            v = writer.wire("values", TypedConcat { axis: 2 }, &[inputs[past_v], v])?;
        }
        let [b, h, m, d] = writer.shape(q)?[..] else { bail!("queries of another rank") };
        let [_, groups, n, _] = writer.shape(k)?[..] else { bail!("keys of another rank") };
        let v_d = *writer.shape(v)?.last().context("values of another rank")?;
        ensure!(groups > 0 && h % groups == 0, "{h} heads in {groups} groups");
        let grouped = [groups, h / groups];

        // Scores; each head of the keys serves a group of heads of the queries.
        let q = writer.reshape("groups", q, 1, (&[h], &grouped))?;
        let scores = writer.product("products", "bhgmd,bhnd->bhgmn", &[q, k])?;
        let scores = writer.reshape("scores", scores, 1, (&grouped, &[h]))?;
        let scale = self.scale.unwrap_or(1.0 / (d as f32).sqrt());
        let scale = writer.float("scale", scale, scores)?;
        let raw = writer.entries("scaled", math::mul(), &[scores, scale])?;
        let mut capped = raw;
        if self.softcap > 0.0 {
            let inverse = writer.float("cap.inverse", 1.0 / self.softcap, raw)?;
            let cap = writer.float("cap", self.softcap, raw)?;
            capped = writer.entries("cap.of", math::mul(), &[raw, inverse])?;
            capped = writer.entries("cap.tanh", math::tanh(), &[capped])?;
            capped = writer.entries("capped", math::mul(), &[capped, cap])?;
        }

        // Masks.
        let mut visible = self.positions(&writer, inputs, past, [b, m, n])?;
        let mut biased = capped;
        if let Some(slot) = self.optional[0] {
            biased = self.masked(&mut writer, inputs[slot], capped, &mut visible, n)?;
        }
        if !visible.is_everything() {
            let condition = writer.constant("visible", visible.tensor()?)?;
            biased = writer.choose("biased", condition, biased, f32::MIN)?;
        }
        let softmax = Softmax { axes: tvec![3], quant_output_dt: None, kind: SoftmaxKind::Softmax };
        let mut weights = writer.wire("weights", softmax, &[biased])?;
        let rows = visible.rows();
        if !rows.is_everything() {
            let condition = writer.constant("rows", rows.tensor()?)?;
            weights = writer.choose("weights.rows", condition, weights, 0.0)?;
        }

        // Values.
        let shared = writer.reshape("weights.groups", weights, 1, (&[h], &grouped))?;
        let mut y = writer.product("mixed", "bhgmn,bhnv->bhgmv", &[shared, v])?;
        y = writer.reshape("mixed.heads", y, 1, (&grouped, &[h]))?;
        if flat {
            y = writer.wire("mixed.move", AxisOp::Move(1, 2), &[y])?;
            y = writer.reshape("mixed.flat", y, 2, (&[h, v_d], &[h * v_d]))?;
        }
        let shown = match self.shown {
            0 => raw,
            1 => capped,
            2 => biased,
            3 => weights,
            other => bail!("qk_matmul_output_mode {other}"),
        };
        let all = [y, k, v, shown].into_iter().zip(self.wanted);
        Ok(all.filter(|(_, wanted)| *wanted).map(|(outlet, _)| outlet).collect())
    }
}
