//! Functions of one and of two numbers.

use rayon::prelude::*;

use crate::graph::{Binary, Unary};

/// Entries that one thread takes at least.
const GRAIN: usize = 1 << 12;

/// `f(x)`, the same on every platform: transcendental functions are those of `libm`, everything
/// else is an IEEE operation.
#[must_use]
pub fn unary(f: Unary, x: f64) -> f64 {
    match f {
        Unary::Abs => x.abs(),
        Unary::Neg => -x,
        Unary::Relu => x.max(0.0),
        Unary::LeakyRelu { alpha } => if_negative(x, alpha * x),
        Unary::Elu { alpha } => if_negative(x, alpha * libm::expm1(x)),
        Unary::Celu { alpha } => if_negative(x, alpha * libm::expm1(x / alpha)),
        Unary::Selu { alpha, gamma } => gamma * if_negative(x, alpha * libm::expm1(x)),
        Unary::Softplus => softplus(x),
        Unary::Softsign => x / (1.0 + x.abs()),
        Unary::ThresholdedRelu { alpha } => {
            if x > alpha {
                x
            } else {
                0.0
            }
        }
        Unary::Clip { lo, hi } => x.max(lo).min(hi),
        Unary::HardSigmoid { alpha, beta } => (alpha * x + beta).clamp(0.0, 1.0),
        Unary::HardSwish => x * (x / 6.0 + 0.5).clamp(0.0, 1.0),
        Unary::Sigmoid => sigmoid(x),
        Unary::Tanh => libm::tanh(x),
        // `1 + erf(t) = erfc(-t)` keeps its digits for negative `t`.
        Unary::Gelu => {
            zero_at_minus_infinity(x, || 0.5 * x * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2))
        }
        // `(1 + tanh(t)) / 2 = sigmoid(2t)`.
        Unary::GeluTanh => zero_at_minus_infinity(x, || {
            let sqrt_8_over_pi =
                2.0 * std::f64::consts::FRAC_2_SQRT_PI * std::f64::consts::FRAC_1_SQRT_2;
            x * sigmoid(sqrt_8_over_pi * (x + 0.044_715 * x * x * x))
        }),
        Unary::Erf => libm::erf(x),
        Unary::Silu => zero_at_minus_infinity(x, || x * sigmoid(x)),
        Unary::Mish => zero_at_minus_infinity(x, || x * libm::tanh(softplus(x))),
        Unary::Exp => libm::exp(x),
        Unary::Log => libm::log(x),
        Unary::Sqrt => x.sqrt(),
        Unary::Rsqrt => 1.0 / x.sqrt(),
        Unary::Reciprocal => 1.0 / x,
        Unary::Square => x * x,
        Unary::Sin => libm::sin(x),
        Unary::Cos => libm::cos(x),
        Unary::Tan => libm::tan(x),
        Unary::Asin => libm::asin(x),
        Unary::Acos => libm::acos(x),
        Unary::Atan => libm::atan(x),
        Unary::Sinh => libm::sinh(x),
        Unary::Cosh => libm::cosh(x),
        Unary::Asinh => libm::asinh(x),
        Unary::Acosh => libm::acosh(x),
        Unary::Atanh => libm::atanh(x),
        Unary::Floor => x.floor(),
        Unary::Ceil => x.ceil(),
        Unary::Round => x.round_ties_even(),
        Unary::Sign => {
            if x == 0.0 {
                0.0
            } else {
                x.signum()
            }
        }
        Unary::Not => truth(x == 0.0),
        Unary::IsNan => truth(x.is_nan()),
        Unary::Trunc => x.trunc(),
        Unary::NonZero => truth(x != 0.0),
    }
}

/// `f` of every entry.
pub(super) fn map(f: Unary, x: &[f64]) -> Vec<f64> {
    x.par_iter().with_min_len(GRAIN).map(|&x| unary(f, x)).collect()
}

/// `f(x, y)`; `integer` if the result's type is one.
pub(super) fn binary(f: Binary, integer: bool, x: f64, y: f64) -> f64 {
    match f {
        Binary::Add => x + y,
        Binary::Sub => x - y,
        Binary::Mul => x * y,
        Binary::Div if integer && y == 0.0 => 0.0,
        Binary::Div if integer => (x - libm::fmod(x, y)) / y,
        Binary::Div => x / y,
        Binary::Pow if integer => integer_power(x, y),
        Binary::Pow => libm::pow(x, y),
        Binary::Max => x.max(y),
        Binary::Min => x.min(y),
        Binary::Mod if integer && y == 0.0 => 0.0,
        Binary::Mod if integer => {
            let rest = libm::fmod(x, y);
            if rest != 0.0 && (rest < 0.0) != (y < 0.0) { rest + y } else { rest }
        }
        Binary::Mod => libm::fmod(x, y),
        Binary::Equal => truth(x == y),
        Binary::NotEqual => truth(x != y),
        Binary::Less => truth(x < y),
        Binary::LessEqual => truth(x <= y),
        Binary::Greater => truth(x > y),
        Binary::GreaterEqual => truth(x >= y),
        Binary::And => truth(x != 0.0 && y != 0.0),
        Binary::Or => truth(x != 0.0 || y != 0.0),
        Binary::Xor => truth((x != 0.0) != (y != 0.0)),
    }
}

fn truth(b: bool) -> f64 {
    f64::from(u8::from(b))
}

fn if_negative(x: f64, value: f64) -> f64 {
    if x < 0.0 { value } else { x }
}

/// `f() = x g(x)` with `g` falling faster than `1 / x`, without `-inf * 0`.
fn zero_at_minus_infinity(x: f64, f: impl Fn() -> f64) -> f64 {
    if x == f64::NEG_INFINITY { 0.0 } else { f() }
}

fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + libm::exp(-x))
    } else {
        let e = libm::exp(x);
        e / (1.0 + e)
    }
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + libm::log1p(libm::exp(-x.abs()))
}

/// Exact where the result is below `2^53`; negative exponents truncate.
fn integer_power(x: f64, y: f64) -> f64 {
    if !(0.0..=4096.0).contains(&y) {
        return libm::pow(x, y).trunc();
    }
    let (mut power, mut base, mut exponent) = (1.0, x, y as u32);
    while exponent > 0 {
        if exponent & 1 == 1 {
            power *= base;
        }
        base *= base;
        exponent >>= 1;
    }
    power
}
