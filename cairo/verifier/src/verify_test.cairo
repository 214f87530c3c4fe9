use crate::verify::verify;
use crate::verify_vectors::*;

/// What a verifier is given.
#[derive(Drop)]
struct Given {
    model: Span<felt252>,
    context: u256,
    inputs: Span<felt252>,
    outputs: Span<felt252>,
    proof: Span<felt252>,
}

#[generate_trait]
impl GivenImpl of GivenTrait {
    fn verify(self: Given) -> felt252 {
        verify(self.model, self.context, self.inputs, self.outputs, self.proof)
    }
}

fn dense() -> Given {
    Given {
        model: DENSE_MODEL.span(),
        context: 0,
        inputs: DENSE_INPUTS.span(),
        outputs: DENSE_OUTPUTS.span(),
        proof: DENSE_PROOF.span(),
    }
}

fn views() -> Given {
    Given {
        model: VIEWS_MODEL.span(),
        context: 0,
        inputs: VIEWS_INPUTS.span(),
        outputs: VIEWS_OUTPUTS.span(),
        proof: VIEWS_PROOF.span(),
    }
}

fn maxpool() -> Given {
    Given {
        model: MAXPOOL_MODEL.span(),
        context: 0,
        inputs: MAXPOOL_INPUTS.span(),
        outputs: MAXPOOL_OUTPUTS.span(),
        proof: MAXPOOL_PROOF.span(),
    }
}

fn softmax() -> Given {
    Given {
        model: SOFTMAX_MODEL.span(),
        context: 0,
        inputs: SOFTMAX_INPUTS.span(),
        outputs: SOFTMAX_OUTPUTS.span(),
        proof: SOFTMAX_PROOF.span(),
    }
}

/// `felts` with `by` added to number `index`.
fn changed(mut felts: Span<felt252>, index: u32, by: felt252) -> Span<felt252> {
    let mut changed = array![];
    let mut position = 0;
    while let Some(felt) = felts.pop_front() {
        changed.append(if position == index {
            *felt + by
        } else {
            *felt
        });
        position += 1;
    }
    assert(index < position, 'test: index');
    changed.span()
}

fn without_last(felts: Span<felt252>) -> Span<felt252> {
    felts.slice(0, felts.len() - 1)
}

fn with(felts: Span<felt252>, more: felt252) -> Span<felt252> {
    let mut longer = array![];
    longer.append_span(felts);
    longer.append(more);
    longer.span()
}

/// Which proof, which part of it (0 model, 1 inputs, 2 outputs, 3 proof, 4 context), which felt,
/// and what is added. For runs over all felts.
pub fn verify_changed(proof: felt252, part: felt252, index: u32, by: felt252) -> felt252 {
    let mut given = if proof == 0 {
        dense()
    } else if proof == 1 {
        views()
    } else if proof == 2 {
        maxpool()
    } else {
        softmax()
    };
    if part == 0 {
        given.model = changed(given.model, index, by);
    } else if part == 1 {
        given.inputs = changed(given.inputs, index, by);
    } else if part == 2 {
        given.outputs = changed(given.outputs, index, by);
    } else if part == 3 {
        given.proof = changed(given.proof, index, by);
    } else {
        given.context += by.into();
    }
    given.verify()
}

#[test]
fn honest_proofs() {
    assert(dense().verify() == DENSE_ID, 'dense');
    assert(views().verify() == VIEWS_ID, 'views');
    assert(maxpool().verify() == MAXPOOL_ID, 'maxpool');
    assert(softmax().verify() == SOFTMAX_ID, 'softmax');
}

#[test]
#[should_panic(expected: 'wire: proof too long')]
fn trailing_felt() {
    let mut given = dense();
    given.proof = with(given.proof, 0);
    given.verify();
}

#[test]
#[should_panic(expected: 'wire: proof too short')]
fn missing_felt() {
    let mut given = dense();
    given.proof = without_last(given.proof);
    given.verify();
}

#[test]
#[should_panic(expected: 'channel: proof of work')]
fn other_context() {
    let mut given = dense();
    given.context = 0x100;
    given.verify();
}

#[test]
#[should_panic(expected: 'channel: proof of work')]
fn other_witness_root() {
    verify_changed(0, 3, 0, 1);
}
