//! Axes of one variable against the sum over all values.

use crate::channel::ChannelTrait;
use crate::circuit::{Affine, AffineTerm, Dim, Source};
use crate::field::{K, ONE, pow2, zero_k};
use crate::functional::{INNER, OUTER, Points, Reader, ReaderTrait, Var, below, table, table_below};
use crate::runs::RunsTrait;
use crate::statement::Statement;

/// A point that depends on `seed`, least significant coordinate first.
fn point(seed: felt252, n: u32) -> Span<K> {
    let mut channel = ChannelTrait::new();
    channel.absorb_felt(seed);
    channel.draw_many(n).span()
}

fn reader() -> Reader {
    let statement = Statement { inputs: array![].span(), outputs: array![].span() };
    let (outer, inner) = (point('outer', 16), point('inner', 16));
    let mut reader = ReaderTrait::new(
        BoxTrait::new(Points { statement, outer, inner, table: array![].span() }),
    );
    reader.at_table(point('table', 20));
    reader
}

/// A variable of as many bits as the extent has, that begins at `low`.
fn var(extent: u32, source: u32, low: u32) -> Var {
    Var { dim: dim(extent), source, low }
}

fn dim(extent: u32) -> Dim {
    let mut bits = 0;
    while pow2(bits) < extent {
        bits += 1;
    }
    Dim { extent, bits }
}

/// `sum_{v < extent} eq(x, v) eq(a, offset + stride v)`, indices below the dimension's extent.
fn enumerate(self: @Reader, dim: Dim, low: u32, offset: i64, var: Var, stride: i64) -> K {
    let x = table(self.point(var));
    let a = table(self.table(low, dim.bits));
    let mut sum = zero_k();
    let mut index = offset;
    for v in 0..var.dim.extent {
        if index >= 0 && index < dim.extent.into() {
            sum = sum + *x[v] * *a[index.try_into().unwrap()];
        }
        index += stride;
    }
    sum
}

/// An axis of one term.
fn slice(ref self: Reader, dim: Dim, low: u32, offset: i64, var: Var, stride: i64) -> K {
    let terms = array![AffineTerm { source: Source::Var(0), stride }].span();
    self.affine_axis(dim, low, Affine { terms, offset }, array![var].span())
}

#[test]
fn shifts_of_all_offsets() {
    // One reader: later axes use what earlier ones have left.
    let mut reader = reader();
    for extent in array![1, 2, 3, 4, 6, 7, 8] {
        for n_indices in array![8_u32, 13, 16] {
            let (var, dim) = (var(extent, OUTER, 1), dim(n_indices));
            let mut offset: i64 = -9;
            while offset != 18 {
                let value = slice(ref reader, dim, 3, offset, var, 1);
                assert(value == enumerate(@reader, dim, 3, offset, var, 1), 'shift');
                offset += 1;
            }
        }
    }
}

/// Axes of several terms, through the memo and all.
#[test]
fn windows() {
    let mut reader = reader();
    for n in array![12, 16] {
        windows_of(ref reader, var(n, OUTER, 2));
    }
}

fn windows_of(ref reader: Reader, i: Var) {
    let k = var(5, INNER, 1);
    let vars = array![i, k].span();
    let inner = table(reader.point(k));
    for stride in array![1_i64, 2, 3] {
        for far in array![1_i64, 2, -1, 0x10000] {
            let terms = array![
                AffineTerm { source: Source::Var(0), stride },
                AffineTerm { source: Source::Var(1), stride: far },
            ];
            for offset in array![-2, -1, 0, 3, 20, -18] {
                let affine = Affine { terms: terms.span(), offset };
                let dim = dim(27);
                let mut sum = zero_k();
                for v in 0..5_u32 {
                    let offset = offset + far * v.into();
                    sum = sum + *inner[v] * enumerate(@reader, dim, 4, offset, i, stride);
                }
                assert(reader.affine_axis(dim, 4, affine, vars) == sum, 'window');
                assert(reader.affine_axis(dim, 4, affine, vars) == sum, 'window again');
            }
        }
    }
}

#[test]
fn a_single_index() {
    let mut reader = reader();
    for offset in array![-3, -2, -1, 0, 1, 2, 3] {
        let (var, dim) = (var(1, OUTER, 1), dim(1));
        let value = slice(ref reader, dim, 3, offset, var, 1);
        assert(value == enumerate(@reader, dim, 3, offset, var, 1), 'a single index');
    }
}

#[test]
fn many_equal_offsets() {
    // More than one walk takes; the stride of the second term is zero.
    let mut reader = reader();
    let i = var(8, OUTER, 2);
    let terms = array![
        AffineTerm { source: Source::Var(0), stride: 1 },
        AffineTerm { source: Source::Sum(1500), stride: 0 },
    ];
    let affine = Affine { terms: terms.span(), offset: 1 };
    let value = reader.affine_axis(dim(9), 4, affine, array![i].span());
    let once = enumerate(@reader, dim(9), 4, 1, i, 1);
    assert(value == once * K { c0: 1500, c1: 0, c2: 0, c3: 0 }, 'sum of equal ones');
}

#[test]
fn strides() {
    let mut reader = reader();
    for extent in array![1, 3, 4, 6] {
        for log_stride in 1..3_u32 {
            let (var, dim) = (var(extent, INNER, 2), dim(29));
            let mut offset: i64 = -11;
            while offset != 31 {
                let stride = pow2(log_stride).into();
                let value = slice(ref reader, dim, 6, offset, var, stride);
                assert(value == enumerate(@reader, dim, 6, offset, var, stride), 'stride');
                offset += 3;
            }
        }
    }
}

#[test]
fn ranges_across_edges() {
    let mut reader = reader();
    // The same pairs of coordinates in ranges that begin below, at and above an edge.
    for low in 4..11_u32 {
        for bits in array![0_u32, 1, 3, 9] {
            let var = var(pow2(bits), OUTER, low - 4);
            let value = reader.restricted(var, low, pow2(bits));
            assert(value == enumerate(@reader, var.dim, low, 0, var, 1), 'range');
        }
    }
}

#[test]
fn every_extent() {
    let mut reader = reader();
    for source in array![OUTER, INNER] {
        for extent in 1..33_u32 {
            let var = Var { dim: Dim { extent: 32, bits: 5 }, source, low: 3 };
            let value = reader.restricted(var, 6, extent);
            let cut = Dim { extent, bits: 5 };
            assert(value == enumerate(@reader, cut, 6, 0, var, 1), 'restricted');
        }
    }
}

#[test]
fn tables() {
    let mut reader = reader();
    let a = reader.table(2, 4);
    let all = table(a);
    for n in 1..17_u32 {
        let mut sum = zero_k();
        let first = table_below(a, n);
        assert(first.len() == n, 'length');
        for q in 0..n {
            sum = sum + *all[q];
            assert(*first[q] == *all[q], 'table below');
        }
        assert(below(a, n) == sum, 'below');
        assert(reader.fixed(2, 4, n - 1) == *all[n - 1], 'fixed');
    }
    assert(reader.fixed(5, 0, 0) == ONE, 'no coordinate');
}
