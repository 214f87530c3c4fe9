//! Gas.

#[cfg(not(gas: "disabled"))]
use crate::RangeCheck;

/// What builtins cost.
#[cfg(not(gas: "disabled"))]
pub extern type BuiltinCosts;
#[cfg(gas: "disabled")]
pub struct BuiltinCosts {}
impl BuiltinCostsCopy of Copy<BuiltinCosts>;
impl BuiltinCostsDrop of Drop<BuiltinCosts>;

/// The gas that is left.
pub extern type GasBuiltin;

/// Pays for the code up to the next payment, if there is enough gas.
#[cfg(not(gas: "disabled"))]
pub extern fn withdraw_gas() -> Option<()> implicits(RangeCheck, GasBuiltin) nopanic;
#[cfg(gas: "disabled")]
pub fn withdraw_gas() -> Option<()> nopanic {
    Some(())
}

/// As `withdraw_gas`, for code with builtins whose costs are known already.
#[cfg(not(gas: "disabled"))]
pub extern fn withdraw_gas_all(
    costs: BuiltinCosts,
) -> Option<()> implicits(RangeCheck, GasBuiltin) nopanic;
#[cfg(gas: "disabled")]
pub fn withdraw_gas_all(costs: BuiltinCosts) -> Option<()> nopanic {
    Some(())
}

/// Gives back what a branch does not need.
pub extern fn redeposit_gas() implicits(GasBuiltin) nopanic;

/// The costs of the builtins.
#[cfg(not(gas: "disabled"))]
pub extern fn get_builtin_costs() -> BuiltinCosts nopanic;
#[cfg(gas: "disabled")]
pub fn get_builtin_costs() -> BuiltinCosts nopanic {
    BuiltinCosts {}
}
