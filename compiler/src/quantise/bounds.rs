//! Exponents and intervals (PROTOCOL §2, §3).

/// Every pending integer stays below this, rounding included (PROTOCOL §2).
pub(crate) const LIMIT: i64 = 1 << 29;
/// What linear layers fill; the rest is left for what is added to them.
pub(crate) const FILL: i64 = 1 << 28;

/// Format of a committed value: `real = integer * 2^-exponent`, integer in `lo..=hi`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    pub exponent: i32,
    pub lo: i64,
    pub hi: i64,
}

impl Format {
    /// With `2^w` entries from `lo` on, if this makes the largest magnitude at most an eighth larger:
    /// then every packing of a public tensor in `w` bits has its entries in the interval.
    pub fn in_whole_bits(self) -> Self {
        let n_entries = (self.hi - self.lo + 1).unsigned_abs().next_power_of_two();
        let hi = self.lo + n_entries.cast_signed() - 1;
        let magnitude = |hi: i64| self.lo.abs().max(hi.abs());
        if 8 * magnitude(hi) <= 9 * magnitude(self.hi) { Self { hi, ..self } } else { self }
    }
}

/// Smallest and largest real value seen for a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Range {
    pub lo: f64,
    pub hi: f64,
}

impl Range {
    /// Of finite entries.
    pub fn of(data: impl IntoIterator<Item = f64>) -> Self {
        let mut range = Self { lo: f64::INFINITY, hi: f64::NEG_INFINITY };
        for x in data {
            if x.is_finite() {
                range.lo = range.lo.min(x);
                range.hi = range.hi.max(x);
            }
        }
        if range.lo > range.hi { Self { lo: 0.0, hi: 0.0 } } else { range }
    }

    /// The largest magnitude.
    pub fn max_abs(self) -> f64 {
        self.lo.abs().max(self.hi.abs())
    }

    /// Room for values that calibration has not seen.
    pub fn widen(self, margin: f64) -> Self {
        let room = (margin - 1.0) * self.max_abs();
        let lo = if self.lo >= 0.0 { (self.lo - room).max(0.0) } else { self.lo - room };
        let hi = if self.hi <= 0.0 { (self.hi + room).min(0.0) } else { self.hi + room };
        Self { lo, hi }
    }
}

/// `floor(log2(x))` of a positive real.
pub(crate) fn log2_floor(x: f64) -> i32 {
    debug_assert!(x > 0.0 && x.is_finite());
    let (mantissa, exponent) = libm::frexp(x);
    debug_assert!(mantissa >= 0.5);
    exponent - 1
}

/// `x * 2^e`.
pub(crate) fn scale(x: f64, e: i32) -> f64 {
    libm::scalbn(x, e)
}

/// `round(x)`, half up, clamped to `lo..=hi`; what is not a number is 0.
pub(crate) fn round_clamp(x: f64, lo: i64, hi: i64) -> i64 {
    if x.is_nan() {
        return 0i64.clamp(lo, hi);
    }
    let r = libm::floor(x + 0.5);
    if r <= lo as f64 {
        lo
    } else if r >= hi as f64 {
        hi
    } else {
        r as i64
    }
}

/// Bits of an interval: `2^bits` is at least the number of its entries.
pub(crate) fn width_log(lo: i64, hi: i64) -> u32 {
    let n = (hi - lo + 1) as u64;
    n.next_power_of_two().trailing_zeros()
}

/// The exponent at which a width of real values takes at most `2^bits` integers.
pub(crate) fn exponent_for(width: f64, bits: u32) -> i32 {
    if width <= 0.0 || !width.is_finite() {
        return 8;
    }
    let e = log2_floor(scale(1.0, bits as i32) / width);
    e.clamp(-64, 28)
}

impl Format {
    /// A power-of-two interval of `bits` bits, signed only if needed. Equal intervals let layers
    /// share their saturating tables.
    pub fn saturating(range: Range, bits: u32) -> Self {
        if range.lo >= 0.0 {
            let exponent = exponent_for(range.hi, bits);
            Self { exponent, lo: 0, hi: (1 << bits) - 1 }
        } else {
            let exponent = exponent_for(range.max_abs(), bits - 1);
            Self { exponent, lo: -(1 << (bits - 1)), hi: (1 << (bits - 1)) - 1 }
        }
    }

    /// The format of a function's results: both ends rounded out to powers of two.
    pub fn enclosing(range: Range, bits: u32) -> Self {
        let low = range.lo.min(0.0);
        let high = range.hi.max(0.0);
        Self::enclosing_at(range, exponent_for(high - low, bits))
    }

    /// The same at a given exponent.
    pub fn enclosing_at(range: Range, exponent: i32) -> Self {
        let low = range.lo.min(0.0);
        let high = range.hi.max(0.0);
        let up = |x: f64| {
            let n = (libm::ceil(scale(x, exponent)) as i64).min(1 << 24);
            if n == 0 { 0 } else { (n as u64).next_power_of_two() as i64 }
        };
        Self { exponent, lo: -up(-low), hi: up(high) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_widened_where_it_costs_little() {
        let hi = |lo, hi| Format { exponent: 3, lo, hi }.in_whole_bits().hi;
        assert_eq!(hi(-2032, 1920), 2063);
        assert_eq!(hi(0, 240), 255);
        assert_eq!(hi(0, 227), 255);
        assert_eq!(hi(-4, 3), 3);
        // By more than an eighth: as it is.
        assert_eq!(hi(0, 226), 226);
        assert_eq!(hi(0, 256), 256);
        assert_eq!(hi(0, 1280), 1280);
    }
}
