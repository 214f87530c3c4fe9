//! Convolution and pooling.

use rayon::prelude::*;

use super::{Fault, Partial};
use crate::gemm::{self, Factor};
use crate::graph::{Array, Window};

/// Positions that one im2col matrix holds at most.
const TILE: usize = 1 << 12;

/// For every tap of the kernel and every position of the result, the offset in a channel.
struct Taps {
    n_taps: usize,
    positions: usize,
    /// Entries of a channel of the operand.
    channel: usize,
    /// `[tap][position]`; [`Taps::OUTSIDE`] in the padding.
    offsets: Vec<u32>,
}

impl Taps {
    const OUTSIDE: u32 = u32::MAX;

    fn new(window: &Window, from: &[usize], to: &[usize]) -> Partial<Self> {
        let rank = from.len();
        let Window { kernel, stride, dilation, pad_before } = window;
        if [kernel, stride, dilation, pad_before].iter().any(|v| v.len() != rank)
            || to.len() != rank
        {
            return Err(Fault::Shape("the rank of the window"));
        }
        let channel: usize = from.iter().product();
        if u32::try_from(channel).is_err() {
            return Err(Fault::Shape("a channel of 2^32 entries"));
        }
        // offsets[tap][position], one spatial dimension after the other.
        let (mut n_taps, mut positions, mut offsets) = (1, 1, vec![0]);
        for d in 0..rank {
            let mut next = Vec::with_capacity(offsets.len() * kernel[d] * to[d]);
            for row in offsets.chunks_exact(positions) {
                for k in 0..kernel[d] {
                    for &at in row {
                        next.extend((0..to[d]).map(|p| {
                            let inside = (p * stride[d] + k * dilation[d])
                                .checked_sub(pad_before[d])
                                .filter(|&i| i < from[d] && at != Self::OUTSIDE);
                            inside.map_or(Self::OUTSIDE, |i| at * from[d] as u32 + i as u32)
                        }));
                    }
                }
            }
            n_taps *= kernel[d];
            positions *= to[d];
            offsets = next;
        }
        Ok(Self { n_taps, positions, channel, offsets })
    }

    /// Offsets of one tap at all positions.
    fn tap(&self, tap: usize) -> &[u32] {
        &self.offsets[tap * self.positions..][..self.positions]
    }
}

/// `[N, C, spatial..]`, split.
fn split(shape: &[usize]) -> Partial<(usize, usize, &[usize])> {
    match shape {
        [n, c, spatial @ ..] => Ok((*n, *c, spatial)),
        _ => Err(Fault::Shape("a rank below two")),
    }
}

pub(super) fn conv(
    inputs: &[&Array],
    window: &Window,
    groups: usize,
    shape: &[usize],
) -> Partial<Vec<f64>> {
    let (x, w) = (inputs[0], inputs[1]);
    let (batch, channels, from) = split(&x.shape)?;
    let (out_batch, features, to) = split(shape)?;
    let (w_features, w_channels, w_kernel) = split(&w.shape)?;
    let fits = groups > 0
        && out_batch == batch
        && w_features == features
        && features % groups == 0
        && w_channels * groups == channels
        && w_kernel == window.kernel;
    if !fits {
        return Err(Fault::Shape("the weight"));
    }
    let bias = inputs.get(2).map(|b| b.data.as_slice());
    if bias.is_some_and(|b| b.len() != features) {
        return Err(Fault::Shape("the bias"));
    }
    let mut out = vec![0.0; shape.iter().product()];
    if out.is_empty() || x.data.is_empty() {
        return Ok(out);
    }
    let taps = Taps::new(window, from, to)?;
    let (rows, positions) = (features / groups, taps.positions);
    let inner = w_channels * taps.n_taps;
    out.par_chunks_mut(rows * positions).enumerate().for_each(|(i, out)| {
        let (image, group) = (i / groups, i % groups);
        let x = &x.data[(image * groups + group) * w_channels * taps.channel..];
        let w = &w.data[group * rows * inner..][..rows * inner];
        for start in (0..positions).step_by(TILE) {
            let tile = TILE.min(positions - start);
            let mut columns = vec![0.0; inner * tile];
            for (row, columns) in columns.chunks_exact_mut(tile).enumerate() {
                let channel = &x[row / taps.n_taps * taps.channel..][..taps.channel];
                let offsets = &taps.tap(row % taps.n_taps)[start..start + tile];
                for (entry, &at) in columns.iter_mut().zip(offsets) {
                    *entry = channel.get(at as usize).copied().unwrap_or(0.0);
                }
            }
            let mut c = vec![0.0; rows * tile];
            let (a, b) =
                (Factor::row_major(w, rows, inner), Factor::row_major(&columns, inner, tile));
            gemm::batched([1, rows, inner, tile], a, b, &mut c);
            for (row, c) in c.chunks_exact(tile).enumerate() {
                let bias = bias.map_or(0.0, |b| b[group * rows + row]);
                let out = &mut out[row * positions + start..][..tile];
                out.iter_mut().zip(c).for_each(|(out, c)| *out = c + bias);
            }
        }
    });
    Ok(out)
}

/// What a pool takes of its window.
#[derive(Clone, Copy)]
pub(super) enum Pool {
    Max,
    Mean { count_padding: bool },
}

pub(super) fn pool(x: &Array, window: &Window, kind: Pool, shape: &[usize]) -> Partial<Vec<f64>> {
    let (batch, channels, from) = split(&x.shape)?;
    let (out_batch, out_channels, to) = split(shape)?;
    if (batch, channels) != (out_batch, out_channels) {
        return Err(Fault::Shape("the channels"));
    }
    let mut out = vec![0.0; shape.iter().product()];
    if out.is_empty() || x.data.is_empty() {
        return Ok(out);
    }
    let taps = Taps::new(window, from, to)?;
    let mut counts = vec![0.0; taps.positions];
    for tap in 0..taps.n_taps {
        for (count, &at) in counts.iter_mut().zip(taps.tap(tap)) {
            let counted = at != Taps::OUTSIDE || matches!(kind, Pool::Mean { count_padding: true });
            *count += f64::from(u8::from(counted));
        }
    }
    let channels = x.data.par_chunks(taps.channel);
    out.par_chunks_mut(taps.positions).zip(channels).for_each(|(out, channel)| {
        out.fill(if let Pool::Max = kind { f64::NEG_INFINITY } else { 0.0 });
        for tap in 0..taps.n_taps {
            for (out, &at) in out.iter_mut().zip(taps.tap(tap)) {
                let Some(&x) = channel.get(at as usize) else { continue };
                *out = if let Pool::Max = kind { out.max(x) } else { *out + x };
            }
        }
        if let Pool::Mean { .. } = kind {
            out.iter_mut().zip(&counts).for_each(|(out, count)| *out /= count.max(1.0));
        }
    });
    Ok(out)
}
