//! What a verification on chain costs, from the key and the sizes of its calldata alone.
//!
//! L2 gas is a sum over what the verifier works through. Calldata has a price of its own (Starknet 0.14.4); the
//! other coefficients are fitted, without negative ones, to the measured gas of 16 verifications on a
//! local node, of dense and convolutional networks and two published models, and are within 9 % of
//! each; a test holds them against these measurements.

use serde::Serialize;
use stwo_ml_verifier::circuit::{Axis, Circuit, Kind};
use stwo_ml_verifier::key::VerifyingKey;

use crate::{Poseidon, Sizes};

/// What the verifier works through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Work {
    /// Felts of arguments.
    arguments: u64,
    /// Digits of the encoded circuit.
    digits: u64,
    /// Entries of the public tensors.
    public_entries: u64,
    /// Felts of opened leaves.
    leaves: u64,
    /// Siblings of the multi-proofs.
    siblings: u64,
    /// Affine axes of distinct forms of views.
    affine_axes: u64,
    /// Entries of the maps of distinct forms of views.
    map_entries: u64,
}

/// L2 gas of a verification, by what causes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Gas {
    /// Calldata.
    pub calldata: u64,
    /// The account, the call, rounds, storage, the event.
    pub fixed: u64,
    /// Reading the key.
    pub key: u64,
    /// Public tensors.
    pub statement: u64,
    /// Views: how the identities read their tensors.
    pub views: u64,
    /// Leaves and paths of the opening.
    pub opening: u64,
}

impl Gas {
    /// Predicts the gas of verifying a proof with these sizes.
    #[must_use]
    pub fn predict(vk: &VerifyingKey<Poseidon>, sizes: &Sizes) -> Self {
        Work::of(vk, sizes).gas()
    }

    /// All of it.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.calldata + self.fixed + self.key + self.statement + self.views + self.opening
    }
}

impl Work {
    fn of(vk: &VerifyingKey<Poseidon>, sizes: &Sizes) -> Self {
        let circuit = vk.circuit();
        let public = circuit.tensors.iter().filter(|t| is_public(t.kind));
        let mut work = Self {
            arguments: sizes.arguments() as u64,
            digits: vk.digits().len() as u64,
            public_entries: public.map(|t| entries(&t.shape)).sum(),
            leaves: sizes.leaves as u64,
            siblings: sizes.siblings as u64,
            ..Self::default()
        };
        for axis in distinct_axes(circuit) {
            match axis {
                Axis::Affine { .. } => work.affine_axes += 1,
                Axis::Map { map, .. } => work.map_entries += map.len() as u64,
                // Its indices are entries of a public tensor, and counted as such.
                Axis::Public { .. } | Axis::Var(_) | Axis::Sum | Axis::Fixed(_) => {}
            }
        }
        work
    }

    const fn gas(&self) -> Gas {
        Gas {
            calldata: 6_720 * self.arguments,
            fixed: 2_500_000,
            key: 6_500 * self.digits,
            statement: 3_340 * self.public_entries,
            views: 2_854_000 * self.affine_axes + 2_033 * self.map_entries,
            opening: 77_180 * self.leaves + 34_860 * self.siblings,
        }
    }
}

const fn is_public(kind: Kind) -> bool {
    matches!(kind, Kind::Input { .. } | Kind::Output { .. })
}

fn entries(shape: &[u32]) -> u64 {
    shape.iter().map(|&extent| u64::from(extent)).product()
}

/// The axes of all views, those of equal views once.
fn distinct_axes(circuit: &Circuit) -> impl Iterator<Item = &Axis> {
    let mut forms: Vec<(&[u32], &[Axis])> = vec![];
    for view in circuit.identities.iter().flat_map(|identity| identity.views()) {
        let form = (view.dims.as_slice(), view.axes.as_slice());
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms.into_iter().flat_map(|(_, axes)| axes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name; work in the order of its fields; L2 gas of the transaction, measured on a local node.
    const MEASURED: &[(&str, [u64; 7], u64)] = &[
        ("MLP", [1135, 147, 794, 255, 597, 0, 0], 50_074_985),
        ("LeNet", [1220, 594, 794, 300, 570, 4, 0], 71_557_892),
        ("magika", [2216, 983, 2262, 552, 1103, 1, 0], 125_624_208),
        ("text direction", [3817, 3651, 27650, 576, 1150, 18, 0], 258_570_680),
        ("LeNet, its extents not raised", [1207, 600, 794, 300, 557, 4, 0], 73_070_677),
        ("text direction, not raised", [3845, 3896, 27650, 576, 1163, 20, 0], 275_860_926),
        ("two convolutions, average pooling", [1171, 905, 794, 252, 550, 8, 588], 75_371_289),
        ("four convolutions, 64x64", [2078, 769, 12298, 418, 685, 8, 0], 154_362_878),
        ("one convolution", [1227, 1816, 794, 252, 548, 2, 1568], 79_136_608),
        ("three convolutions", [1411, 651, 3082, 316, 628, 6, 0], 86_291_620),
        ("dense, 9 layers of 128", [1161, 498, 138, 270, 597, 0, 0], 57_899_547),
        ("dense 8192-16-10", [1356, 142, 8202, 276, 540, 0, 0], 82_564_353),
        ("dense with sigmoids", [946, 212, 266, 328, 362, 0, 0], 45_293_020),
        ("dense 16-8-4", [798, 151, 20, 208, 361, 0, 0], 36_619_738),
        ("dense with softmax", [1234, 292, 266, 308, 625, 0, 0], 55_635_860),
        ("dense 2048-64-10", [1141, 147, 2058, 276, 546, 0, 0], 54_351_267),
    ];

    #[test]
    fn predictions_are_within_a_tenth_of_measurements() {
        for (name, work, measured) in MEASURED {
            let [arguments, digits, public_entries, leaves, siblings, affine, map] = *work;
            let work = Work {
                arguments,
                digits,
                public_entries,
                leaves,
                siblings,
                affine_axes: affine,
                map_entries: map,
            };
            let predicted = work.gas().total();
            let off = predicted.abs_diff(*measured);
            assert!(off * 10 <= *measured, "{name}: {predicted} predicted, {measured} measured");
        }
    }
}
