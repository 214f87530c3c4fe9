//! Small graphs: quantised, executed, checked, and compared with the float track.

mod arithmetic;
mod layers;
mod maximum;
mod raised;
mod shapes;

use crate::evaluate::evaluate;
use stwo_ml_verifier::circuit::Kind;
use stwo_ml_verifier::functional::padded_indices;

use crate::execute::{Trace, check, check_bounds, execute, unpad};
use crate::graph::{Array, DType, Graph, Node, NodeId, Op};
use crate::program::Compiled;
use crate::quantise::raise::raise;
use crate::quantise::{QuantiseOptions, lower};

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In `-1..1`.
    pub fn real(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }

    pub fn array(&mut self, shape: &[usize], scale: f64) -> Array {
        let n = shape.iter().product();
        Array { shape: shape.to_vec(), data: (0..n).map(|_| scale * self.real()).collect() }
    }
}

/// A graph that grows.
#[derive(Default)]
pub struct Make(pub Graph);

impl Make {
    pub fn typed(&mut self, op: Op, inputs: &[NodeId], shape: &[usize], dtype: DType) -> NodeId {
        let name = format!("node{}", self.0.nodes.len());
        let node = Node { name, op, inputs: inputs.to_vec(), shape: shape.to_vec(), dtype };
        self.0.nodes.push(node);
        self.0.nodes.len() - 1
    }

    pub fn node(&mut self, op: Op, inputs: &[NodeId], shape: &[usize]) -> NodeId {
        self.typed(op, inputs, shape, DType::Float)
    }

    pub fn input(&mut self, shape: &[usize]) -> NodeId {
        let id = self.node(Op::Input, &[], shape);
        self.0.inputs.push(id);
        id
    }

    pub fn ids(&mut self, shape: &[usize]) -> NodeId {
        let id = self.typed(Op::Input, &[], shape, DType::Int);
        self.0.inputs.push(id);
        id
    }

    pub fn constant(&mut self, array: Array) -> NodeId {
        let shape = array.shape.clone();
        self.node(Op::Const(array), &[], &shape)
    }

    pub fn output(mut self, id: NodeId) -> Graph {
        self.0.outputs.push(id);
        self.0
    }
}

/// Runs a compiled model on real inputs; checks the trace.
pub fn trace(compiled: &Compiled, inputs: &[Array]) -> Trace {
    let integers: Vec<Vec<i32>> = compiled
        .inputs
        .iter()
        .zip(inputs)
        .map(|(port, array)| {
            let Kind::Input { lo, hi } = compiled.circuit.tensors[port.tensor as usize].kind else {
                unreachable!("a port of an input");
            };
            let scale = f64::exp2(f64::from(port.exponent));
            let round = |x: &f64| ((x * scale).round() as i64).clamp(lo.into(), hi.into()) as i32;
            array.data.iter().map(round).collect()
        })
        .collect();
    let trace = execute(compiled, &integers).expect("an honest prover never fails");
    check(compiled, &trace).expect("the trace satisfies the circuit");
    check_bounds(compiled, &trace).expect("sums are in bounds");
    trace
}

/// The outputs of both circuits, whose tensors agree on all entries of the model's computation.
pub fn run([plain, raised]: &[Compiled; 2], inputs: &[Array]) -> Vec<Vec<f64>> {
    let (trace, other) = (trace(raised, inputs), trace(plain, inputs));
    for (id, info) in raised.info.iter().enumerate() {
        let counts = raised.circuit.tables.iter().any(|t| t.multiplicity as usize == id);
        let of_shape = padded_indices(&plain.circuit.tensors[id].shape);
        assert!(padded_indices(&info.extents).eq(of_shape), "{}", info.label);
        for at in padded_indices(&info.extents).filter(|_| !counts) {
            assert_eq!(trace.values[id][at], other.values[id][at], "{} at {at}", info.label);
        }
    }
    raised
        .outputs
        .iter()
        .map(|port| {
            let shape = &raised.circuit.tensors[port.tensor as usize].shape;
            let scale = f64::exp2(-f64::from(port.exponent));
            unpad(&trace.values[port.tensor as usize], shape)
                .iter()
                .map(|&q| f64::from(q) * scale)
                .collect()
        })
        .collect()
}

/// Quantises, and compares with the float track on fresh inputs within `tolerance` times the
/// largest output; then runs on inputs at the ends of their intervals.
pub fn compare(
    graph: &Graph,
    inputs: &dyn Fn(&mut Random) -> Vec<Array>,
    tolerance: f64,
) -> Compiled {
    let mut random = Random(7);
    let calibration: Vec<_> = (0..64).map(|_| inputs(&mut random)).collect();
    let options = QuantiseOptions::default();
    let plain = lower(graph, &calibration, &options).expect("the graph is supported");
    let both = [plain.clone(), raise(&plain)];
    for compiled in &both {
        assert_eq!(compiled.info.len(), compiled.circuit.tensors.len());
        compiled.circuit.validate().expect("the circuit is well formed");
    }
    raised::says_the_same(&both);
    for round in 0..3 {
        let x = if round == 0 { calibration[0].clone() } else { inputs(&mut random) };
        let float = evaluate(graph, &x).expect("the float track");
        let got = run(&both, &x);
        for (&o, got) in graph.outputs.iter().zip(&got) {
            let want = &float[o].data;
            let most = want.iter().fold(0.0f64, |m, v| m.max(v.abs())).max(1e-6);
            for (k, (g, w)) in got.iter().zip(want).enumerate() {
                assert!(
                    (g - w).abs() <= tolerance * most,
                    "round {round}, entry {k}: {g} for {w} (largest {most})"
                );
            }
        }
    }
    extremes(graph, &both, inputs);
    let [_, compiled] = both;
    compiled
}

/// Inputs far outside of what calibration saw, so that everything saturates.
fn extremes(graph: &Graph, both: &[Compiled; 2], inputs: &dyn Fn(&mut Random) -> Vec<Array>) {
    let mut random = Random(1);
    let like = inputs(&mut random);
    for pattern in 0..4 {
        let x: Vec<Array> = like
            .iter()
            .zip(&graph.inputs)
            .map(|(array, &i)| {
                let float = graph.nodes[i].dtype == DType::Float;
                let mut big = |k: usize| match (pattern, float) {
                    (0, true) => 1e30,
                    (1, true) => -1e30,
                    (2, true) => {
                        if k.is_multiple_of(2) {
                            1e30
                        } else {
                            -1e30
                        }
                    }
                    (3, true) => {
                        if random.bits().is_multiple_of(2) {
                            1e30
                        } else {
                            -1e30
                        }
                    }
                    (0, false) => 0.0,
                    _ => 1e9,
                };

                Array {
                    shape: array.shape.clone(),
                    data: (0..array.data.len()).map(&mut big).collect(),
                }
            })
            .collect();
        run(both, &x);
    }
}
