use super::*;
use crate::circuit::{AffineTerm, Tensor};

struct Random(u64);

impl Random {
    fn below(&mut self, n: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        ((self.0 >> 33) as u32) % n
    }

    fn point(&mut self, bits: u32) -> Vec<K> {
        (0..bits)
            .map(|_| K::from_m31_array([0; 4].map(|_: u32| F::from(self.below(1 << 30)))))
            .collect()
    }
}

/// `w(q)` by its definition: the sum over all values of the variables that lead to `q`.
fn defined(axis: &Axis, dim: u32, at: &Assignment, public: Public<'_>) -> Vec<K> {
    let mut weights = vec![ZERO; dim as usize];
    let mut add = |q: i64, w: K| {
        if let Some(slot) = usize::try_from(q).ok().and_then(|q| weights.get_mut(q)) {
            *slot += w;
        }
    };
    let weight = |var: u16, value: u32| {
        let point = &at.points[usize::from(var)];
        let n = point.len();
        let bit = |i: usize| K::from(F::from(value >> (n - 1 - i) & 1));
        eq(point, &(0..n).map(bit).collect::<Vec<_>>())
    };
    let extent = |var: u16| at.extents[usize::from(var)];
    match axis {
        Axis::Var(var) => (0..extent(*var)).for_each(|v| add(v.into(), weight(*var, v))),
        Axis::Sum => (0..dim).for_each(|q| add(q.into(), ONE)),
        Axis::Fixed(q) => add((*q).into(), ONE),
        Axis::Map { var, map } => {
            (0..extent(*var)).for_each(|v| add(map[v as usize].into(), weight(*var, v)));
        }
        Axis::Public { var, tensor } => {
            let entries = public.entries(*tensor);
            (0..extent(*var)).for_each(|v| add(entries[v as usize].into(), weight(*var, v)));
        }
        Axis::Affine { terms, offset } => {
            let size = |t: &AffineTerm| match t.source {
                Source::Var(var) => extent(var),
                Source::Sum(n) => n,
            };
            for all in 0..terms.iter().map(size).product() {
                let (mut rest, mut q, mut w) = (all, i64::from(*offset), ONE);
                for term in terms {
                    let value = rest % size(term);
                    rest /= size(term);
                    q += i64::from(term.stride) * i64::from(value);
                    if let Source::Var(var) = term.source {
                        w *= weight(var, value);
                    }
                }
                add(q, w);
            }
        }
    }
    weights
}

#[test]
fn weights_and_extensions_of_every_axis_agree() {
    let mut random = Random(7);
    for round in 0..600 {
        let dim = 1 + random.below(20);
        // Variable 0 has at most the bits of the dimension, and often a smaller extent.
        let extents = vec![1 + random.below(1 << log_ceil(dim)), 1 + random.below(6)];
        let points = extents.iter().map(|&e| random.point(log_ceil(e))).collect();
        let entries = (0..extents[0]).map(|_| random.below(dim).cast_signed()).collect();
        let input = |shape: u32| Tensor {
            shape: vec![shape],
            kind: Kind::Input { lo: 0, hi: dim.cast_signed() - 1 },
        };
        let circuit = Circuit { tensors: vec![input(1), input(extents[0])], ..Circuit::default() };
        let statement = Statement { inputs: vec![vec![0], entries], ..Statement::default() };
        let public = Public::new(&circuit, &statement);
        let mut stride = || random.below(9).cast_signed() - 4;
        let affine = Axis::Affine {
            terms: vec![
                AffineTerm { source: Source::Var(0), stride: stride() },
                AffineTerm { source: Source::Sum(3), stride: stride() },
                AffineTerm { source: Source::Var(1), stride: stride() },
            ],
            offset: stride(),
        };
        let map = (0..extents[0])
            .map(|_| match random.below(4) {
                0 => Axis::NOWHERE,
                _ => random.below(dim),
            })
            .collect();
        let axes = [
            Axis::Var(0),
            Axis::Sum,
            Axis::Fixed(random.below(dim)),
            affine,
            Axis::Map { var: 0, map },
            Axis::Public { var: 0, tensor: 1 },
        ];
        let at = Assignment { extents, points };
        for axis in &axes {
            let weights = axis_weights(axis, dim, &at, public);
            assert_eq!(weights, defined(axis, dim, &at, public), "{round}: {axis:?}, {at:?}");
            let a = random.point(log_ceil(dim));
            let sum = weights.iter().zip(eq_table(&a)).fold(ZERO, |acc, (&w, e)| acc + w * e);
            assert_eq!(axis_mle(axis, dim, &at, public, &a), sum, "{round}: {axis:?}, {at:?}");
        }
    }
}
