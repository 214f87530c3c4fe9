//! What a verification on chain costs, from the key and the sizes of its calldata alone.
//!
//! L2 gas is a sum over what the verifier works through. Calldata has a price of its own (Starknet 0.14.4); the
//! other coefficients are fitted, without negative ones, to the measured gas of 14 verifications on a
//! local node, of dense and convolutional networks and two published models, and are within 5 % of
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
            fixed: 5_403_000,
            key: 8_570 * self.digits,
            statement: 4_990 * self.public_entries,
            views: 1_427_000 * self.affine_axes + 6_570 * self.map_entries,
            opening: 47_770 * self.leaves + 33_900 * self.siblings,
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
        ("MLP", [1391, 163, 794, 335, 772, 0, 0], 59_652_986),
        ("LeNet", [1522, 807, 794, 376, 783, 12, 0], 89_640_033),
        ("magika", [2503, 2202, 2262, 656, 1210, 45, 0], 182_940_131),
        ("text direction", [4166, 5312, 27650, 686, 1286, 23, 0], 310_604_489),
        ("two convolutions, average pooling", [1499, 935, 794, 336, 792, 8, 588], 88_006_786),
        ("four convolutions, 64x64", [2360, 1100, 12298, 532, 853, 24, 0], 188_868_787),
        ("one convolution", [1530, 1894, 794, 336, 762, 6, 1568], 93_650_921),
        ("three convolutions", [1679, 909, 3082, 376, 820, 18, 0], 106_648_680),
        ("dense, 9 layers of 128", [1428, 633, 138, 374, 752, 0, 0], 67_386_857),
        ("dense 8192-16-10", [1587, 158, 8202, 436, 610, 0, 0], 99_556_984),
        ("dense with sigmoids", [1189, 250, 266, 244, 684, 0, 0], 54_043_813),
        ("dense 16-8-4", [1090, 168, 20, 370, 490, 0, 0], 47_880_000),
        ("dense with softmax", [1496, 347, 266, 358, 834, 0, 0], 65_370_301),
        ("dense 2048-64-10", [1382, 165, 2058, 436, 626, 0, 0], 65_573_865),
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
