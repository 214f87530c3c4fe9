//! What makes a finished circuit shorter without changing what it says.

use stwo_ml_verifier::circuit::{Axis, Circuit, Identity, Kind, TensorId, Term, View};

use super::bounds::LIMIT;
use crate::program::Compiled;

/// Tidies the circuit: a verifier decodes and evaluates all of it for each proof.
pub(crate) fn tidy(compiled: &mut Compiled) {
    drop_single_extents(&mut compiled.circuit);
    constants_into_biases(compiled);
}

/// Committed tensors lose their dimensions of extent one: layout and views stay what they are, and
/// more tensors have the same shape.
fn drop_single_extents(circuit: &mut Circuit) {
    let committed = |kind| matches!(kind, Kind::Model | Kind::Witness);
    for tensor in circuit.tensors.iter_mut().filter(|tensor| committed(tensor.kind)) {
        tensor.shape.retain(|&extent| extent != 1);
    }
}

/// The constant of an identity, such as the half that makes a shift round, is added to the entries
/// of a bias that nothing else reads.
fn constants_into_biases(compiled: &mut Compiled) {
    let uses = uses(&compiled.circuit);
    let circuit = &mut compiled.circuit;
    for identity in &mut circuit.identities {
        let Some(at) = identity.linear.iter().position(|term| term.view.is_none()) else {
            continue;
        };
        let constant = identity.linear[at].coef;
        let bias = identity.linear.iter().find_map(|term| {
            let tensor = term.view.as_ref()?.tensor as usize;
            let model = circuit.tensors[tensor].kind == Kind::Model;
            (model && uses[tensor] == 1 && reads_everywhere(identity, term)).then_some(tensor)
        });
        let Some(entries) = bias.map(|tensor| &mut compiled.model[tensor]) else { continue };
        let moved = |entry: i32| i32::try_from(i64::from(entry) + constant).ok();
        let fits = |entry: i32| moved(entry).is_some_and(|sum| i64::from(sum).abs() < LIMIT);
        if entries.iter().all(|&entry| fits(entry)) {
            entries.iter_mut().for_each(|entry| *entry += constant as i32);
            identity.linear.remove(at);
        }
    }
}

/// Whether a term reads an entry of its tensor, with coefficient one, at every index of the box.
fn reads_everywhere(identity: &Identity, term: &Term) -> bool {
    let Some(View { dims, axes, .. }) = &term.view else { return false };
    term.coef == 1
        && dims.iter().zip(axes).all(|(&extent, axis)| match axis {
            Axis::Var(v) => {
                identity.dims.get(usize::from(*v)).is_some_and(|&of_box| of_box <= extent)
            }
            _ => false,
        })
}

/// How often each tensor is read.
fn uses(circuit: &Circuit) -> Vec<u32> {
    let mut uses = vec![0; circuit.tensors.len()];
    let mut read = |tensor: TensorId| uses[tensor as usize] += 1;
    for identity in &circuit.identities {
        identity.linear.iter().filter_map(|term| term.view.as_ref()).for_each(|v| read(v.tensor));
        for product in &identity.products {
            read(product.a.tensor);
            read(product.b.tensor);
        }
    }
    for table in &circuit.tables {
        table.outputs.iter().for_each(|&tensor| read(tensor));
    }
    uses
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantise::builder::full_view;
    use stwo_ml_verifier::circuit::Tensor;

    /// `bias[v0] + 8 - acc[v0, v1] = 0` over 3 x 2, the bias in the shape that is given.
    fn compiled(bias: &[u32], terms: Vec<Term>) -> Compiled {
        let tensor = |shape: &[u32], kind| Tensor { shape: shape.to_vec(), kind };
        let mut linear = vec![
            Term { coef: 8, view: None },
            Term { coef: -1, view: Some(full_view(1, &[3, 2])) },
        ];
        linear.extend(terms);
        let mut compiled = Compiled::default();
        compiled.circuit.tensors =
            vec![tensor(bias, Kind::Model), tensor(&[1, 3, 2], Kind::Witness)];
        compiled.circuit.identities = vec![Identity { dims: vec![3, 2], linear, products: vec![] }];
        compiled.model = vec![vec![1, -2, 30], vec![]];
        compiled
    }

    fn bias(coef: i64) -> Term {
        Term { coef, view: Some(full_view(0, &[3])) }
    }

    #[test]
    fn shapes_lose_extents_of_one() {
        let mut c = compiled(&[1, 3, 1], vec![bias(1)]);
        tidy(&mut c);
        assert_eq!(c.circuit.tensors[0].shape, [3]);
        assert_eq!(c.circuit.tensors[1].shape, [3, 2]);
    }

    #[test]
    fn a_bias_takes_the_constant() {
        let mut c = compiled(&[3], vec![bias(1)]);
        tidy(&mut c);
        assert_eq!(c.model[0], [9, 6, 38]);
        assert!(c.circuit.identities[0].linear.iter().all(|term| term.view.is_some()));
    }

    #[test]
    fn a_bias_that_is_scaled_shared_or_too_short_keeps_its_entries() {
        let short = Term { coef: 1, view: Some(full_view(0, &[2])) };
        for terms in [vec![bias(2)], vec![bias(1), bias(1)], vec![short], vec![]] {
            let mut c = compiled(&[3], terms);
            tidy(&mut c);
            assert_eq!(c.model[0], [1, -2, 30]);
            assert_eq!(c.circuit.identities[0].linear[0].coef, 8);
        }
        let mut c = compiled(&[3], vec![bias(1)]);
        c.model[0][1] = LIMIT as i32 - 5;
        tidy(&mut c);
        assert_eq!(c.model[0][0], 1);
    }
}
