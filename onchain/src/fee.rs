//! What a transaction may cost: bounds of amounts and prices from a simulation.

use serde::Serialize;

use crate::limits::MIN_L2_GAS_PRICE;
use crate::{Error, Result};

/// Amount and price of one resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bound {
    /// Units.
    pub amount: u64,
    /// In fri a unit.
    pub price: u128,
}

impl Bound {
    /// Amount times price, in fri.
    #[must_use]
    pub const fn fee(self) -> u128 {
        self.price.saturating_mul(self.amount as u128)
    }

    const fn raised(self, amount_percent: u64, price_percent: u64) -> Self {
        let amount = self.amount as u128 * (100 + amount_percent as u128) / 100;
        let amount = if amount > u64::MAX as u128 { u64::MAX } else { amount as u64 };
        let price = self.price.saturating_mul(100 + price_percent as u128) / 100;
        Self { amount, price }
    }
}

/// The three resources of a transaction: what it used, may use, or is expected to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Resources {
    /// Gas of Ethereum.
    pub l1_gas: Bound,
    /// Gas of Ethereum's data.
    pub l1_data_gas: Bound,
    /// Gas of Starknet: computation, calldata, events.
    pub l2_gas: Bound,
}

impl Resources {
    /// The whole fee, in fri.
    #[must_use]
    pub const fn fee(self) -> u128 {
        self.l1_gas.fee().saturating_add(self.l1_data_gas.fee()).saturating_add(self.l2_gas.fee())
    }
}

/// How far above a simulation the bounds are set, and what they may come to.
#[derive(Clone, Copy, Debug)]
pub struct FeePolicy {
    /// Amounts, in per cent above the simulation.
    pub amount_margin: u64,
    /// Prices, in per cent above the block's: prices move while a transaction waits.
    pub price_margin: u64,
    /// Most that the bounds may come to, in fri.
    pub max_fee: u128,
}

impl FeePolicy {
    /// Bounds 15 % above the simulated amounts and 50 % above the block's prices, at most `max_fee` fri.
    #[must_use]
    pub const fn up_to(max_fee: u128) -> Self {
        Self { amount_margin: 15, price_margin: 50, max_fee }
    }

    /// The bounds of a transaction that was simulated. L2 gas is bounded by at most `most_l2_gas`,
    /// so that the margin does not make the network refuse what it would execute.
    ///
    /// # Errors
    /// Bounds that come to more than the policy allows.
    pub fn bounds(&self, simulated: Resources, most_l2_gas: u64) -> Result<Resources> {
        let (amount, price) = (self.amount_margin, self.price_margin);
        let mut bounds = Resources {
            l1_gas: simulated.l1_gas.raised(amount, price),
            l1_data_gas: simulated.l1_data_gas.raised(amount, price),
            l2_gas: simulated.l2_gas.raised(amount, price),
        };
        bounds.l2_gas.amount = bounds.l2_gas.amount.min(most_l2_gas);
        bounds.l2_gas.price = bounds.l2_gas.price.max(MIN_L2_GAS_PRICE);
        let need = bounds.fee();
        if need > self.max_fee {
            return Err(Error::FeeTooHigh { need, allowed: self.max_fee });
        }
        Ok(bounds)
    }
}

/// Fri in a STRK.
pub const FRI_PER_STRK: u128 = 1_000_000_000_000_000_000;

/// An amount of fri in STRK, with six digits behind the point.
#[must_use]
pub fn strk(fri: u128) -> String {
    let micro = fri / (FRI_PER_STRK / 1_000_000);
    format!("{}.{:06}", micro / 1_000_000, micro % 1_000_000)
}

/// Fri from a decimal number of STRK.
///
/// # Errors
/// What is wrong with the number.
pub fn parse_strk(text: &str) -> Result<u128, String> {
    let bad = || format!("`{text}` is not an amount of STRK such as 1.5");
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && part.is_empty()) || !digits(whole) || !digits(part) || part.len() > 18 {
        return Err(bad());
    }
    let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| bad())? };
    let part: u128 = format!("{part:0<18}").parse().map_err(|_| bad())?;
    whole.checked_mul(FRI_PER_STRK).and_then(|w| w.checked_add(part)).ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_strk() {
        assert_eq!(parse_strk("1.5"), Ok(1_500_000_000_000_000_000));
        assert_eq!(parse_strk(".000000000000000001"), Ok(1));
        assert_eq!(parse_strk("20"), Ok(20 * FRI_PER_STRK));
        assert_eq!(strk(1_500_000_000_000_000_000), "1.500000");
        for bad in ["", ".", "-1", "1e3", "1.0000000000000000001", "340282366920938463464"] {
            assert!(parse_strk(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn bounds_have_margins_and_a_ceiling() {
        let bound = |amount, price| Bound { amount, price };
        let simulated = Resources {
            l1_gas: bound(0, 100),
            l1_data_gas: bound(200, 10),
            l2_gas: bound(100_000_000, 8_000_000_000),
        };
        let policy = FeePolicy::up_to(2 * FRI_PER_STRK);
        let bounds = policy.bounds(simulated, u64::MAX).expect("it is allowed");
        assert_eq!(bounds.l2_gas, bound(115_000_000, 12_000_000_000));
        assert_eq!(bounds.l1_data_gas, bound(230, 15));
        let tight = FeePolicy::up_to(FRI_PER_STRK);
        assert!(matches!(tight.bounds(simulated, u64::MAX), Err(Error::FeeTooHigh { .. })));
        let bounds = policy.bounds(simulated, 110_000_000).expect("it is allowed");
        assert_eq!(bounds.l2_gas.amount, 110_000_000);
        let cheap = Resources { l2_gas: bound(1, 1), ..simulated };
        let bounds = policy.bounds(cheap, u64::MAX).expect("it is allowed");
        assert_eq!(bounds.l2_gas.price, MIN_L2_GAS_PRICE);
    }
}
