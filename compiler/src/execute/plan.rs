//! Reading tensors through views at memory speed.
//!
//! The offset of an entry is a sum of one contribution per axis, and that of an axis a sum of one
//! contribution per variable. A [`Plan`] orders the variables as *outer*, *inner* and *summed*
//! loops and tabulates the contributions of each group, so that reading an entry is two additions.
//! An axis whose variables lie in one group is checked against its extent in the table; an axis
//! that joins groups (a convolution window) keeps its partial indices and is checked per row of
//! the outer loop, and per entry only where the row may leave the tensor.

use rayon::prelude::*;

/// Where a table entry reads nothing, whatever the other groups say.
const NOWHERE: i64 = i64::MIN;
/// Inner loops stop growing at this many entries.
const INNER: usize = 512;
/// Variables are joined to the inner loop up to this many entries.
const INNER_MAX: usize = 1 << 14;
/// Reads that one thread makes at least.
const GRAIN: usize = 1 << 14;

/// What a variable adds to the index of an axis.
#[derive(Clone, Debug)]
pub(crate) enum Contribution {
    /// A multiple of the variable.
    Stride(i64),
    /// One index for each value; negative is nowhere. Such an axis has no other variable.
    Map(Vec<i64>),
}

/// An axis: its index is `offset` plus the contributions, and it reads zero outside `0..extent`.
#[derive(Clone, Debug)]
pub(crate) struct AxisPlan {
    /// Real extent of the dimension.
    pub extent: i64,
    /// Distance of neighbours in the tensor.
    pub stride: i64,
    /// Constant part of the index.
    pub offset: i64,
    /// `(variable, contribution)`.
    pub terms: Vec<(usize, Contribution)>,
}

impl AxisPlan {
    /// `index = var`, for tensors that this module lays out itself.
    pub fn var(var: usize, extent: usize, stride: usize) -> Self {
        let terms = vec![(var, Contribution::Stride(1))];
        Self { extent: extent as i64, stride: stride as i64, offset: 0, terms }
    }
}

/// The contributions of one group of variables, row-major over their values.
#[derive(Clone, Debug)]
struct Part {
    /// Sum over axes, or [`NOWHERE`].
    offset: Vec<i64>,
    /// For each joint axis, the partial index; empty if no variable of this group is in it.
    joint: Vec<Vec<i64>>,
    /// Whether the offsets are consecutive.
    contiguous: bool,
}

impl Part {
    fn new(
        vars: &[usize],
        extents: &[usize],
        axes: &[(AxisPlan, Option<usize>)],
        last: bool,
    ) -> Self {
        let n: usize = vars.iter().map(|&v| extents[v]).product();
        let n_joint = axes.iter().filter(|(_, joint)| joint.is_some()).count();
        let mut part =
            Self { offset: vec![0; n], joint: vec![Vec::new(); n_joint], contiguous: false };
        for (axis, joint) in axes {
            let uses = |(var, _): &(usize, Contribution)| vars.contains(var);
            let constant = axis.terms.is_empty() && last;
            if !axis.terms.iter().any(uses) && !constant {
                continue;
            }
            // The constant belongs to the group of the axis, or, if joint, to that of its first term.
            let first = constant || axis.terms.first().is_some_and(uses);
            let start = if first || joint.is_none() { axis.offset } else { 0 };
            let index = tabulate(start, vars, extents, &axis.terms);
            for (offset, &index) in part.offset.iter_mut().zip(&index) {
                if joint.is_none() && !(0..axis.extent).contains(&index) {
                    *offset = NOWHERE;
                } else if *offset != NOWHERE {
                    // Partial offsets of joint axes may be anything; the sum is right where used.
                    *offset = offset.wrapping_add(index.wrapping_mul(axis.stride));
                }
            }
            if let Some(joint) = joint {
                part.joint[*joint] = index;
            }
        }
        part.contiguous = part.offset.first() != Some(&NOWHERE)
            && part.offset.windows(2).all(|w| w[1] != NOWHERE && w[1] == w[0].wrapping_add(1));
        part
    }

    fn len(&self) -> usize {
        self.offset.len()
    }

    fn joint(&self, axis: usize, entry: usize) -> i64 {
        self.joint[axis].get(entry).copied().unwrap_or(0)
    }

    /// Smallest and largest partial index of a joint axis.
    fn range(&self, axis: usize) -> (i64, i64) {
        let of = &self.joint[axis];
        (of.iter().copied().min().unwrap_or(0), of.iter().copied().max().unwrap_or(0))
    }
}

/// `start` plus the contributions, for all values of `vars`.
fn tabulate(
    start: i64,
    vars: &[usize],
    extents: &[usize],
    terms: &[(usize, Contribution)],
) -> Vec<i64> {
    let mut table = vec![start];
    for &var in vars {
        let extent = extents[var];
        let term = terms.iter().find(|(v, _)| *v == var).map(|(_, c)| c);
        if extent == 1 && term.is_none() {
            continue;
        }
        let mut next = Vec::with_capacity(table.len() * extent);
        for &at in &table {
            match term {
                None => next.extend(std::iter::repeat_n(at, extent)),
                Some(Contribution::Stride(s)) => {
                    next.extend((0..extent as i64).map(|i| at + s * i))
                }
                Some(Contribution::Map(map)) => next.extend(map[..extent].iter().map(|i| at + i)),
            }
        }
        table = next;
    }
    table
}

/// How to read a tensor at all values of some variables, summed over others.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    outer: Part,
    inner: Part,
    summed: Part,
    /// For each joint axis, its extent and the bounds of what inner and summed loops add.
    joints: Vec<(i64, i64, i64)>,
}

impl Plan {
    /// Reads in row-major order over `kept`, summing over `summed`. All variables that the axes use
    /// must be in one of the two; `kept` may have others, which do not matter to what is read.
    pub fn new(axes: Vec<AxisPlan>, extents: &[usize], kept: &[usize], summed: &[usize]) -> Self {
        let mut cut = kept.len();
        let mut inner = 1;
        while cut > 0 {
            let next = inner * extents[kept[cut - 1]];
            if inner > 1 && (inner >= INNER || next > INNER_MAX) {
                break;
            }
            (inner, cut) = (next, cut - 1);
        }
        let groups = [&kept[..cut], &kept[cut..], summed];
        let mut n_joint = 0;
        let mark = |axis: AxisPlan| {
            let in_group = |group: &&[usize]| axis.terms.iter().any(|(var, _)| group.contains(var));
            let joint = (groups.iter().filter(|g| in_group(g)).count() > 1).then(|| {
                n_joint += 1;
                n_joint - 1
            });
            (axis, joint)
        };
        let axes: Vec<(AxisPlan, Option<usize>)> = axes.into_iter().map(mark).collect();
        let [outer, inner, summed] =
            [0, 1, 2].map(|g| Part::new(groups[g], extents, &axes, g == 2));
        let joints = axes.iter().filter_map(|(axis, joint)| {
            let ((lo, hi), (sum_lo, sum_hi)) = (inner.range((*joint)?), summed.range((*joint)?));
            Some((axis.extent, lo + sum_lo, hi + sum_hi))
        });
        let joints = joints.collect();
        Self { outer, inner, summed, joints }
    }

    /// Number of entries that are read, sums counting once.
    pub fn len(&self) -> usize {
        self.outer.len() * self.inner.len()
    }

    /// Number of entries that are summed for each.
    pub fn n_summed(&self) -> usize {
        self.summed.len()
    }

    /// Calls `add(&mut out[i], x)` for every entry `x` that belongs to `i`. `out` has
    /// [`Self::len`] entries, `data` every offset of the tensor.
    pub fn read<D, T>(&self, data: &[D], out: &mut [T], add: impl Fn(&mut T, D) + Sync)
    where
        D: Copy + Sync,
        T: Send,
    {
        let (row, grain) = (self.inner.len(), GRAIN.div_ceil(self.summed.len()));
        out.par_chunks_mut(grain).enumerate().for_each(|(chunk, mut out)| {
            let mut at = chunk * grain;
            while !out.is_empty() {
                let (outer, inner) = (at / row, at % row);
                let n = out.len().min(row - inner);
                let (part, rest) = out.split_at_mut(n);
                self.read_row(data, outer, inner, part, &add);
                (at, out) = (at + n, rest);
            }
        });
    }

    /// Part of one row of the inner loop.
    fn read_row<D: Copy, T>(
        &self,
        data: &[D],
        outer: usize,
        inner: usize,
        out: &mut [T],
        add: &impl Fn(&mut T, D),
    ) {
        let base = self.outer.offset[outer];
        if base == NOWHERE {
            return;
        }
        let offsets = &self.inner.offset[inner..inner + out.len()];
        let at = |parts: &[i64]| parts.iter().fold(base, |x, &y| x.wrapping_add(y)) as usize;
        if !self.row_is_inside(outer) {
            for ((i, &offset), out) in offsets.iter().enumerate().zip(out) {
                if offset == NOWHERE {
                    continue;
                }
                for (s, &sum) in self.summed.offset.iter().enumerate() {
                    if sum != NOWHERE && self.is_inside(outer, inner + i, s) {
                        add(out, data[at(&[offset, sum])]);
                    }
                }
            }
        } else if let &[sum] = self.summed.offset.as_slice() {
            if sum == NOWHERE {
            } else if self.inner.contiguous {
                let from = at(&[offsets[0], sum]);
                let data = &data[from..from + out.len()];
                out.iter_mut().zip(data).for_each(|(out, &x)| add(out, x));
            } else {
                for (&offset, out) in offsets.iter().zip(out) {
                    if offset != NOWHERE {
                        add(out, data[at(&[offset, sum])]);
                    }
                }
            }
        } else {
            for (&offset, out) in offsets.iter().zip(out) {
                if offset == NOWHERE {
                } else if self.summed.contiguous {
                    let from = at(&[offset, self.summed.offset[0]]);
                    data[from..from + self.summed.len()].iter().for_each(|&x| add(out, x));
                } else {
                    let sums = self.summed.offset.iter().filter(|&&sum| sum != NOWHERE);
                    sums.for_each(|&sum| add(out, data[at(&[offset, sum])]));
                }
            }
        }
    }

    /// Whether no joint axis leaves its extent in this row of the outer loop.
    fn row_is_inside(&self, outer: usize) -> bool {
        self.joints.iter().enumerate().all(|(j, &(extent, lo, hi))| {
            let index = self.outer.joint(j, outer);
            index + lo >= 0 && index + hi < extent
        })
    }

    fn is_inside(&self, outer: usize, inner: usize, sum: usize) -> bool {
        self.joints.iter().enumerate().all(|(j, &(extent, ..))| {
            let index =
                self.outer.joint(j, outer) + self.inner.joint(j, inner) + self.summed.joint(j, sum);
            (0..extent).contains(&index)
        })
    }

    /// Calls `f(i, offset)` in order for every `i` at which the plan reads an entry, the first one
    /// if it sums.
    pub fn visit(&self, mut f: impl FnMut(usize, usize)) {
        let sum = self.summed.offset[0];
        for outer in 0..self.outer.len() {
            let base = self.outer.offset[outer];
            if base == NOWHERE || sum == NOWHERE {
                continue;
            }
            let row_is_inside = self.row_is_inside(outer);
            for (inner, &offset) in self.inner.offset.iter().enumerate() {
                if offset != NOWHERE && (row_is_inside || self.is_inside(outer, inner, 0)) {
                    let at = base.wrapping_add(offset).wrapping_add(sum);
                    f(outer * self.inner.len() + inner, at as usize);
                }
            }
        }
    }
}
