use std::collections::BTreeSet;

use super::*;
use crate::circuit::{AffineTerm, Tensor};
use crate::functional::padded_indices;

/// A tensor of this shape, and a public one with indices in `0..=hi`.
fn circuit(shape: &[u32], hi: i32) -> Circuit {
    let tensor = |shape: &[u32], kind| Tensor { shape: shape.to_vec(), kind };
    let tensors = vec![tensor(shape, Kind::Witness), tensor(&[3], Kind::Input { lo: 0, hi })];
    Circuit { tensors, ..Circuit::default() }
}

/// All indices along a dimension, one by one.
fn indices(circuit: &Circuit, axis: &Axis, dim: u32, extents: &[u32]) -> BTreeSet<u64> {
    let extent = |var: u16| u64::from(extents[usize::from(var)]);
    let dim = u64::from(dim);
    let all: BTreeSet<u64> = match axis {
        Axis::Var(var) => (0..extent(*var)).collect(),
        Axis::Sum => (0..dim).collect(),
        Axis::Fixed(index) => [u64::from(*index)].into(),
        Axis::Map { map, .. } => map.iter().map(|&q| u64::from(q)).collect(),
        Axis::Public { tensor, .. } => match circuit.tensors[*tensor as usize].kind {
            Kind::Input { hi, .. } => (0..=hi as u64).collect(),
            _ => panic!("a public tensor"),
        },
        Axis::Affine { terms, offset } => {
            let mut reached = vec![i64::from(*offset)];
            for term in terms {
                let n = match term.source {
                    Source::Var(var) => extent(var),
                    Source::Sum(n) => u64::from(n),
                };
                reached = (0..n as i64)
                    .flat_map(|v| reached.iter().map(move |q| q + i64::from(term.stride) * v))
                    .collect();
            }
            reached.into_iter().filter_map(|q| u64::try_from(q).ok()).collect()
        }
    };
    all.into_iter().filter(|&q| q < dim).collect()
}

/// The entries that the view reads, by enumeration.
fn reads_padding_slowly(circuit: &Circuit, view: &View, extents: &[u32]) -> bool {
    let mut read = BTreeSet::from([0u64]);
    for (axis, &dim) in view.axes.iter().zip(&view.dims) {
        let along = indices(circuit, axis, dim, extents);
        let shifted = read.iter().flat_map(|&q| along.iter().map(move |&i| q << log_ceil(dim) | i));
        read = shifted.collect();
    }
    let real: BTreeSet<u64> = padded_indices(&circuit.tensors[0].shape).map(|i| i as u64).collect();
    !read.is_subset(&real)
}

/// A fixed sequence.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    /// An extent with so many bits.
    fn extent(&mut self, bits: u32) -> u32 {
        if bits == 0 { 1 } else { (1 << (bits - 1)) + 1 + self.below(1 << (bits - 1)) as u32 }
    }

    /// Extents with so many bits in sum.
    fn extents(&mut self, mut bits: u32) -> Vec<u32> {
        let mut out = vec![];
        while bits > 0 {
            let part = 1 + self.below(u64::from(bits)) as u32;
            out.push(self.extent(part));
            bits -= part;
        }
        out
    }

    fn axis(&mut self, var: u16, dim: u32, extents: &mut Vec<u32>) -> Axis {
        extents.push(1 + self.below(u64::from(dim)) as u32);
        let index = self.below(u64::from(dim)) as u32;
        match self.below(6) {
            0 => Axis::Sum,
            1 => Axis::Fixed(index),
            2 => Axis::Map { var, map: vec![index, Axis::NOWHERE, index / 2] },
            3 => Axis::Public { var, tensor: 1 },
            4 => {
                let stride = self.below(5) as i32 - 2;
                let terms = vec![
                    AffineTerm { source: Source::Var(var), stride },
                    AffineTerm { source: Source::Sum(2), stride: 1 },
                ];
                Axis::Affine { terms, offset: self.below(5) as i32 - 2 }
            }
            _ => Axis::Var(var),
        }
    }
}

#[test]
fn agrees_with_enumeration() {
    let mut random = Random(1);
    let mut found = [0, 0];
    for _ in 0..4000 {
        let bits = 1 + random.below(8) as u32;
        let (shape, dims) = (random.extents(bits), random.extents(bits));
        let (mut extents, mut axes) = (vec![], vec![]);
        let smallest = dims.iter().copied().min().unwrap_or(1);
        for (var, &dim) in dims.iter().enumerate() {
            axes.push(random.axis(var as u16, dim, &mut extents));
        }
        let circuit = circuit(&shape, random.below(u64::from(smallest)) as i32);
        let view = View { tensor: 0, dims, axes };
        let slowly = view.dims != shape && reads_padding_slowly(&circuit, &view, &extents);
        assert_eq!(
            reads_padding(&circuit, &view, &extents),
            slowly,
            "{shape:?} {view:?} {extents:?}"
        );
        found[usize::from(slowly)] += 1;
    }
    assert!(found.iter().all(|&n| n > 500), "{found:?}");
}

#[test]
fn what_is_regrouped_may_be_read() {
    // [6, 4] as [3, 8]: row-major order is kept where inner extents are powers of two.
    let axes = vec![Axis::Var(0), Axis::Var(1)];
    let view = |dims: &[u32]| View { tensor: 0, dims: dims.to_vec(), axes: axes.clone() };
    assert!(!reads_padding(&circuit(&[6, 4], 0), &view(&[3, 8]), &[3, 8]));
    assert!(reads_padding(&circuit(&[6, 4], 0), &view(&[4, 8]), &[4, 8]));
    assert!(!reads_padding(&circuit(&[6, 4], 0), &view(&[4, 8]), &[3, 8]));
    // [5, 3] as [20] reads the padding of each row.
    let flat = View { tensor: 0, dims: vec![20], axes: vec![Axis::Sum] };
    assert!(reads_padding(&circuit(&[5, 3], 0), &flat, &[]));
}
