//! Batched dense products on `f64`. Integers stay exact as long as every partial sum is below
//! `2^53`; the caller owes that bound.

use rayon::prelude::*;

/// Products with fewer multiplications than this are not worth a second thread.
const PARALLEL_WORK: usize = 1 << 17;

/// One factor of a batch of products: entry `(batch, i, j)` is at
/// `batch * stride[0] + i * stride[1] + j * stride[2]`.
#[derive(Clone, Copy)]
pub(crate) struct Factor<'a> {
    /// Entries.
    pub data: &'a [f64],
    /// Strides of batch, row and column.
    pub stride: [usize; 3],
}

impl<'a> Factor<'a> {
    /// `[batch][rows][cols]`, row-major.
    pub fn row_major(data: &'a [f64], rows: usize, cols: usize) -> Self {
        Self { data, stride: [rows * cols, cols, 1] }
    }

    /// `[batch][rows][cols]`, read as its transpose `(batch, col, row)`.
    pub fn transposed(data: &'a [f64], rows: usize, cols: usize) -> Self {
        Self { data, stride: [rows * cols, 1, cols] }
    }

    /// Whether all indices of a batch of `rows x cols` matrices are inside the data.
    fn covers(&self, batch: usize, rows: usize, cols: usize) -> bool {
        let last = |extent: usize, stride: usize| (extent - 1) * stride;
        let [s0, s1, s2] = self.stride;
        last(batch, s0) + last(rows, s1) + last(cols, s2) < self.data.len()
    }
}

/// `c[batch][m][n] = sum_k a(batch, m, k) b(batch, k, n)`; `c` is row-major and overwritten.
///
/// # Panics
/// If a factor or `c` is too short for the extents.
pub(crate) fn batched([batch, m, k, n]: [usize; 4], a: Factor<'_>, b: Factor<'_>, c: &mut [f64]) {
    assert_eq!(c.len(), batch * m * n, "one entry of c for each (batch, m, n)");
    if c.is_empty() {
        return;
    }
    if k == 0 {
        c.fill(0.0);
        return;
    }
    assert!(a.covers(batch, m, k) && b.covers(batch, k, n), "factors cover the extents");
    let rows = batch * m;
    let threads = rayon::current_num_threads();
    if threads == 1 || rows * k * n < PARALLEL_WORK {
        return rows_of([m, k, n], a, b, 0, c);
    }
    if rows == 1 {
        let block = n.div_ceil(4 * threads);
        c.par_chunks_mut(block).enumerate().for_each(|(i, part)| {
            let b = Factor { data: &b.data[i * block * b.stride[2]..], ..b };
            matrix([1, k, part.len()], a, b, part);
        });
        return;
    }
    let block = rows.div_ceil(4 * threads).next_multiple_of(8).max(PARALLEL_WORK.div_ceil(k * n));
    c.par_chunks_mut(block * n)
        .enumerate()
        .for_each(|(i, part)| rows_of([m, k, n], a, b, i * block, part));
}

/// Rows `first..` of the stacked result `[batch * m][n]`, as many as `c` holds.
fn rows_of([m, k, n]: [usize; 3], a: Factor<'_>, b: Factor<'_>, first: usize, mut c: &mut [f64]) {
    let mut row = first;
    while !c.is_empty() {
        let (batch, i) = (row / m, row % m);
        let rows = (m - i).min(c.len() / n);
        let (part, rest) = c.split_at_mut(rows * n);
        let a = Factor { data: &a.data[batch * a.stride[0] + i * a.stride[1]..], ..a };
        let b = Factor { data: &b.data[batch * b.stride[0]..], ..b };
        matrix([rows, k, n], a, b, part);
        row += rows;
        c = rest;
    }
}

/// One matrix product; batch strides are ignored.
fn matrix([m, k, n]: [usize; 3], a: Factor<'_>, b: Factor<'_>, c: &mut [f64]) {
    let ([_, a_row, a_col], [_, b_row, b_col]) = (a.stride, b.stride);
    if b_col == 1 && n > 4 && (m < 4 || k < 4) {
        for (i, c) in c.chunks_exact_mut(n).enumerate() {
            c.fill(0.0);
            for l in 0..k {
                let x = a.data[i * a_row + l * a_col];
                let b = &b.data[l * b_row..l * b_row + n];
                c.iter_mut().zip(b).for_each(|(c, b)| *c += x * b);
            }
        }
    } else if m < 4 || n < 4 || k < 4 {
        for (i, c) in c.chunks_exact_mut(n).enumerate() {
            for (j, c) in c.iter_mut().enumerate() {
                *c = dot(k, &a.data[i * a_row..], a_col, &b.data[j * b_col..], b_row);
            }
        }
    } else {
        // SAFETY: `batched` checked that the largest index of each factor is inside its data, and
        // `c` has `m * n` entries, borrowed exclusively. Strides are below `isize::MAX` since they
        // were summed into an index of a slice (for extents above one; else they are not used).
        unsafe {
            matrixmultiply::dgemm(
                m,
                k,
                n,
                1.0,
                a.data.as_ptr(),
                a_row as isize,
                a_col as isize,
                b.data.as_ptr(),
                b_row as isize,
                b_col as isize,
                0.0,
                c.as_mut_ptr(),
                n as isize,
                1,
            );
        }
    }
}

/// Inner product of `k` strided entries.
fn dot(k: usize, a: &[f64], a_stride: usize, b: &[f64], b_stride: usize) -> f64 {
    if a_stride == 1 && b_stride == 1 {
        let (a, b) = (&a[..k], &b[..k]);
        let (mut lanes, cut) = ([0.0; 8], k - k % 8);
        for (a, b) in a[..cut].chunks_exact(8).zip(b[..cut].chunks_exact(8)) {
            for ((l, a), b) in lanes.iter_mut().zip(a).zip(b) {
                *l += a * b;
            }
        }
        let tail: f64 = a[cut..].iter().zip(&b[cut..]).map(|(a, b)| a * b).sum();
        return lanes.iter().sum::<f64>() + tail;
    }
    (0..k).map(|l| a[l * a_stride] * b[l * b_stride]).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_shapes_and_layouts_equal_the_definition() {
        for extents in [
            [1, 1, 1, 1],
            [3, 2, 5, 7],
            [2, 9, 3, 1],
            [1, 1, 70, 33],
            [2, 17, 40, 130],
            [1, 1, 900, 300],
        ] {
            let [batch, m, k, n] = extents;
            let fill = |len: usize, salt: usize| -> Vec<f64> {
                (0..len).map(|i| ((i * 7919 + salt) % 201) as f64 - 100.0).collect()
            };
            let (a, b) = (fill(batch * m * k, 3), fill(batch * k * n, 5));
            for layouts in 0..4 {
                let fa = if layouts & 1 == 0 {
                    Factor::row_major(&a, m, k)
                } else {
                    Factor::transposed(&a, k, m)
                };
                let fb = if layouts & 2 == 0 {
                    Factor::row_major(&b, k, n)
                } else {
                    Factor::transposed(&b, n, k)
                };
                let at = |f: Factor<'_>, x: usize, i: usize, j: usize| {
                    f.data[x * f.stride[0] + i * f.stride[1] + j * f.stride[2]]
                };
                let mut c = vec![f64::NAN; batch * m * n];
                batched(extents, fa, fb, &mut c);
                for (at_c, c) in c.iter().enumerate() {
                    let (x, i, j) = (at_c / (m * n), at_c / n % m, at_c % n);
                    let want: f64 = (0..k).map(|l| at(fa, x, i, l) * at(fb, x, l, j)).sum();
                    assert_eq!(*c, want);
                }
            }
        }
    }
}
