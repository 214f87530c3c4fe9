//! Simplifications of a [`Graph`]: what exporters spell out becomes one operation again.
//!
//! Every pass maps a graph to one that computes the same real function. A pattern that does not
//! match in every detail is left alone.

pub mod activation;
pub mod affine;
pub mod bounds;
pub mod canonical;
pub mod dead;
pub mod fold;
pub mod identity;
pub mod mask;
pub mod matching;
pub mod mean;
pub mod norm;
pub mod one_hot;
pub mod power;
pub mod rewrite;
pub mod scale;
pub mod softmax;
pub mod table;
#[cfg(test)]
pub(crate) mod testing;

use crate::graph::Graph;

/// Passes are repeated until nothing changes, but no more often than this.
const MAX_ROUNDS: usize = 16;

/// All passes, until nothing changes.
pub fn simplify(graph: Graph) -> Graph {
    let passes = [
        fold::constants,
        identity::remove,
        canonical::rewrite,
        one_hot::recognise,
        mask::recognise,
        mean::recognise,
        power::separate,
        softmax::recognise,
        activation::recognise,
        norm::recognise,
        affine::fold,
        scale::fold,
        table::apply,
    ];
    let mut graph = dead::remove(graph);
    for _ in 0..MAX_ROUNDS {
        let mut any = false;
        for pass in passes {
            let (next, changed) = pass(graph);
            graph = next;
            any |= changed;
        }
        if !any {
            break;
        }
    }
    graph
}
