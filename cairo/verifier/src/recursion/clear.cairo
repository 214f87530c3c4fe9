//! The table that is sent in clear (PROTOCOL §4.2).

use crate::field::{K, eq_table, inner_product};

/// The table.
pub(crate) type Clear = Span<K>;

/// The extension of the table at `point`.
pub(crate) fn evaluate(table: Clear, point: Span<K>) -> K {
    inner_product(eq_table(point).span(), table)
}
