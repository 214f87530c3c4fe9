//! A small model for every operation, on extents that are no powers of two.

pub mod lies;

use stwo_ml_compiler::graph::{
    Array, Binary, DType, Graph, Node, NodeId, Op, PadMode, Reduce, Unary, Window,
};

/// A graph under construction.
#[derive(Clone, Debug, Default)]
pub struct Net {
    /// The graph.
    pub graph: Graph,
    state: u64,
}

impl Net {
    /// Starts with float inputs of the given shapes.
    #[must_use]
    pub fn new(inputs: &[&[usize]]) -> Self {
        let mut net = Self { graph: Graph::default(), state: 42 };
        for shape in inputs {
            let id = net.op(Op::Input, &[], shape);
            net.graph.inputs.push(id);
        }
        net
    }

    /// A number in -1..1, from a fixed sequence.
    pub fn random(&mut self) -> f64 {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) as f64 / f64::from(1u32 << 30) - 1.0
    }

    /// An array of such numbers.
    pub fn array(&mut self, shape: &[usize], scale: f64) -> Array {
        let n = shape.iter().product();
        Array { shape: shape.to_vec(), data: (0..n).map(|_| self.random() * scale).collect() }
    }

    /// Appends a float node.
    pub fn op(&mut self, op: Op, inputs: &[NodeId], shape: &[usize]) -> NodeId {
        let id = self.graph.nodes.len();
        let name = format!("n{id}");
        let (inputs, shape) = (inputs.to_vec(), shape.to_vec());
        self.graph.nodes.push(Node { name, op, inputs, shape, dtype: DType::Float });
        id
    }

    /// A constant.
    pub fn constant(&mut self, shape: &[usize], scale: f64) -> NodeId {
        let array = self.array(shape, scale);
        self.op(Op::Const(array), &[], shape)
    }

    /// Ends with an output; gives the graph and three sets of inputs.
    #[must_use]
    pub fn output(mut self, id: NodeId) -> (Graph, Vec<Vec<Array>>) {
        self.graph.outputs.push(id);
        let shapes: Vec<Vec<usize>> =
            self.graph.inputs.iter().map(|&i| self.graph.nodes[i].shape.clone()).collect();
        let sets = (0..3).map(|_| shapes.iter().map(|s| self.array(s, 1.0)).collect()).collect();
        (self.graph, sets)
    }
}

fn window(kernel: [usize; 2], stride: usize, dilation: usize, pad: usize) -> Window {
    Window {
        kernel: kernel.to_vec(),
        stride: vec![stride; 2],
        dilation: vec![dilation; 2],
        pad_before: vec![pad; 2],
    }
}

/// A model and its inputs.
pub type Case = (&'static str, Graph, Vec<Vec<Array>>);

/// One model for each operation.
#[must_use]
pub fn cases() -> Vec<Case> {
    let mut cases = vec![];
    let mut add = |name, (graph, inputs)| cases.push((name, graph, inputs));
    for (name, f) in [
        ("relu", Unary::Relu),
        ("leaky relu", Unary::LeakyRelu { alpha: 0.1 }),
        ("clip", Unary::Clip { lo: -0.5, hi: 0.25 }),
        ("sigmoid", Unary::Sigmoid),
        ("tanh", Unary::Tanh),
        ("gelu", Unary::Gelu),
        ("erf", Unary::Erf),
        ("silu", Unary::Silu),
        ("hard sigmoid", Unary::HardSigmoid { alpha: 0.2, beta: 0.5 }),
        ("hard swish", Unary::HardSwish),
        ("exp", Unary::Exp),
        ("square", Unary::Square),
        ("abs", Unary::Abs),
    ] {
        let mut net = Net::new(&[&[3, 5]]);
        let out = net.op(Op::Unary(f), &[0], &[3, 5]);
        add(name, net.output(out));
    }
    // Functions of positive numbers.
    for (name, f) in [
        ("log", Unary::Log),
        ("sqrt", Unary::Sqrt),
        ("reciprocal", Unary::Reciprocal),
        ("rsqrt", Unary::Rsqrt),
    ] {
        let mut net = Net::new(&[&[3, 5]]);
        let one = net.op(Op::Const(Array { shape: vec![], data: vec![1.5] }), &[], &[]);
        let shifted = net.op(Op::Binary(Binary::Add), &[0, one], &[3, 5]);
        let out = net.op(Op::Unary(f), &[shifted], &[3, 5]);
        add(name, net.output(out));
    }
    for (name, f) in [
        ("add", Binary::Add),
        ("sub", Binary::Sub),
        ("mul", Binary::Mul),
        ("max", Binary::Max),
        ("min", Binary::Min),
    ] {
        let mut net = Net::new(&[&[3, 5], &[1, 5]]);
        let out = net.op(Op::Binary(f), &[0, 1], &[3, 5]);
        add(name, net.output(out));
    }
    let mut net = Net::new(&[&[3, 5], &[3, 5]]);
    let two = net.op(Op::Const(Array { shape: vec![], data: vec![2.0] }), &[], &[]);
    let divisor = net.op(Op::Binary(Binary::Add), &[1, two], &[3, 5]);
    let out = net.op(Op::Binary(Binary::Div), &[0, divisor], &[3, 5]);
    add("div", net.output(out));

    let mut net = Net::new(&[&[3, 7]]);
    let w = net.constant(&[7, 5], 0.5);
    let spec = Op::Einsum { a: b"nk".to_vec(), b: b"km".to_vec(), out: b"nm".to_vec() };
    let product = net.op(spec, &[0, w], &[3, 5]);
    let bias = net.constant(&[1, 5], 0.5);
    let out = net.op(Op::Binary(Binary::Add), &[product, bias], &[3, 5]);
    add("dense", net.output(out));

    let mut net = Net::new(&[&[2, 3, 5], &[2, 5, 3]]);
    let spec = Op::Einsum { a: b"bik".to_vec(), b: b"bkj".to_vec(), out: b"bij".to_vec() };
    let out = net.op(spec, &[0, 1], &[2, 3, 3]);
    add("batched product of activations", net.output(out));

    let mut net = Net::new(&[&[1, 3, 7, 6]]);
    let (w, bias) = (net.constant(&[5, 3, 3, 2], 0.4), net.constant(&[5], 0.4));
    let conv = Op::Conv { window: window([3, 2], 2, 1, 1), groups: 1 };
    let conv = net.op(conv, &[0, w, bias], &[1, 5, 4, 4]);
    let out = net.op(Op::Unary(Unary::Relu), &[conv], &[1, 5, 4, 4]);
    add("strided convolution with padding", net.output(out));

    let mut net = Net::new(&[&[1, 3, 7, 7]]);
    let w = net.constant(&[3, 1, 3, 3], 0.4);
    let conv = Op::Conv { window: window([3, 3], 1, 2, 1), groups: 3 };
    let out = net.op(conv, &[0, w], &[1, 3, 5, 5]);
    add("dilated depthwise convolution", net.output(out));

    let mut net = Net::new(&[&[1, 3, 5, 5]]);
    let out = net.op(Op::MaxPool(window([3, 3], 2, 1, 1)), &[0], &[1, 3, 3, 3]);
    add("maximum pooling with padding", net.output(out));

    let mut net = Net::new(&[&[1, 3, 6, 7]]);
    let out = net.op(Op::MaxPool(window([2, 2], 2, 1, 0)), &[0], &[1, 3, 3, 3]);
    add("maximum pooling of windows that do not overlap", net.output(out));

    let mut net = Net::new(&[&[1, 3, 5, 5]]);
    let pool = Op::AvgPool { window: window([2, 2], 1, 1, 0), count_padding: false };
    let out = net.op(pool, &[0], &[1, 3, 4, 4]);
    add("average pooling", net.output(out));

    for (name, kind) in
        [("reduce sum", Reduce::Sum), ("reduce mean", Reduce::Mean), ("reduce max", Reduce::Max)]
    {
        let mut net = Net::new(&[&[3, 5, 2]]);
        let out = net.op(Op::Reduce { kind, axes: vec![1], keep: false }, &[0], &[3, 2]);
        add(name, net.output(out));
    }

    let mut net = Net::new(&[&[3, 5]]);
    let out = net.op(Op::Softmax { axes: vec![1], log: false }, &[0], &[3, 5]);
    add("softmax", net.output(out));

    let mut net = Net::new(&[&[3, 6]]);
    let out = net.op(Op::LayerNorm { axes: vec![1], epsilon: 1e-5 }, &[0], &[3, 6]);
    add("layer norm", net.output(out));

    let mut net = Net::new(&[&[3, 5]]);
    let t = net.op(Op::Transpose { perm: vec![1, 0] }, &[0], &[5, 3]);
    let s = net.op(Op::Slice { begin: vec![1, 0], step: vec![2, 1] }, &[t], &[2, 3]);
    let p = Op::Pad { before: vec![1, 0], mode: PadMode::Constant(0.0) };
    let p = net.op(p, &[s], &[3, 4]);
    let c = net.op(Op::Concat { axis: 0 }, &[p, p], &[6, 4]);
    let r = net.op(Op::Reshape, &[c], &[3, 8]);
    let out = net.op(Op::Unary(Unary::Relu), &[r], &[3, 8]);
    add("transpose, slice, pad, concat, reshape", net.output(out));
    cases
}
