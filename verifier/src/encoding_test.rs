use super::*;

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        self.0 >> 20
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// Small numbers, and those around the ends of digits.
    fn number(&mut self) -> u32 {
        let bits = [2, 7, 14, 15, 28, 29, 32][self.below(7) as usize];
        let around = (1u64 << bits) - 2 + self.below(4);
        let value = if self.below(2) == 0 { self.below(1 << bits) } else { around };
        u32::try_from(value).unwrap_or(u32::MAX)
    }

    fn signed(&mut self) -> i32 {
        self.number().cast_signed()
    }

    /// A coefficient: the encoding takes those below `2^41`.
    fn coef(&mut self) -> i64 {
        i64::from(self.signed()) * [1, -256, 511][self.below(3) as usize]
    }

    fn list<T>(&mut self, max: u64, mut f: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(max + 1)).map(|_| f(self)).collect()
    }

    fn axis(&mut self) -> Axis {
        let var = self.next() as u16;
        match self.below(6) {
            0 => Axis::Var(var),
            1 => Axis::Sum,
            2 => Axis::Fixed(self.number()),
            3 => {
                let terms = self.list(3, |r| {
                    let source = match r.below(2) {
                        0 => Source::Var(r.next() as u16),
                        _ => Source::Sum(r.number()),
                    };
                    AffineTerm { source, stride: r.signed() }
                });
                Axis::Affine { terms, offset: self.signed() }
            }
            4 => {
                let entry = |r: &mut Self| match r.below(3) {
                    0 => Axis::NOWHERE,
                    _ => r.number().min(u32::MAX - 2),
                };
                Axis::Map { var, map: self.list(5, entry) }
            }
            _ => Axis::Public { var, tensor: self.number() },
        }
    }

    fn view(&mut self) -> View {
        // Often one that was there before.
        if self.below(3) == 0 {
            return View { tensor: self.number(), dims: vec![4], axes: vec![Axis::Var(0)] };
        }
        let axes = self.list(3, Self::axis);
        View { tensor: self.number(), dims: axes.iter().map(|_| self.number()).collect(), axes }
    }

    fn arg(&mut self) -> Arg {
        let terms = self.list(3, |r| (r.coef(), r.number()));
        Arg { terms, constant: self.coef() }
    }

    /// Any circuit, most of them invalid.
    fn circuit(&mut self) -> Circuit {
        let tensors = self.list(5, |r| {
            let shape = r.list(3, |r| r.number() % 3);
            let kind = match r.below(4) {
                0 => Kind::Model,
                1 => Kind::Witness,
                2 => Kind::Input { lo: r.signed(), hi: r.signed() },
                _ => Kind::Output { lo: r.signed(), hi: r.signed() },
            };
            Tensor { shape, kind }
        });
        let mut tables = self.list(3, |r| Table {
            log_size: r.number(),
            lo: r.signed(),
            outputs: r.list(2, Self::number),
            multiplicity: r.number(),
        });
        tables.push(Table { log_size: 1, lo: i32::MIN, outputs: vec![1], multiplicity: 0 });
        let lookups = self.list(4, |r| {
            let table = r.below(tables.len() as u64);
            let outputs = &tables[table as usize].outputs;
            let (key, values) = (r.arg(), outputs.iter().map(|_| r.arg()).collect());
            Lookup { table: table as u32, key, values }
        });
        let identities = self.list(4, |r| Identity {
            dims: r.list(3, Self::number),
            linear: r.list(3, |r| {
                let view = (r.below(4) > 0).then(|| r.view());
                Term { coef: r.coef(), view }
            }),
            products: r.list(3, |r| Product {
                coef: r.coef(),
                sum: r.list(2, Self::number),
                a: r.view(),
                b: r.view(),
            }),
        });
        Circuit { tensors, tables, lookups, identities }
    }
}

#[test]
fn circuits_survive_the_round_trip() {
    let mut random = Random(1);
    for _ in 0..2000 {
        let circuit = random.circuit();
        let digits = encode(&circuit).unwrap();
        assert!(digits.iter().all(|&d| d >> DIGIT_BITS == 0));
        assert_eq!(decode(&digits).as_ref(), Ok(&circuit));
    }
}

/// Whatever is accepted is the encoding of what it decodes to, and a digit changed, missing or
/// added is noticed.
#[test]
fn digits_have_one_meaning() {
    let mut random = Random(2);
    let (mut refused, mut other) = (0, 0);
    for _ in 0..400 {
        let circuit = random.circuit();
        let digits = encode(&circuit).unwrap();
        for _ in 0..50 {
            let mut changed = digits.clone();
            let at = random.below(digits.len() as u64) as usize;
            match random.below(5) {
                0 => changed[at] ^= 1 << random.below(16),
                1 => changed[at] = random.next() as u16,
                2 => changed.truncate(at),
                3 => changed.insert(at, random.below(1 << 15) as u16),
                _ => drop(changed.remove(at)),
            }
            match decode(&changed) {
                Ok(read) if changed != digits => {
                    assert_ne!(read, circuit);
                    assert_eq!(encode(&read).as_ref(), Ok(&changed));
                    other += 1;
                }
                Ok(read) => assert_eq!(read, circuit),
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > 4000 && other > 1000, "{refused} refused, {other} of another circuit");
}

#[test]
fn random_digits_do_no_harm() {
    let mut random = Random(3);
    for _ in 0..20_000 {
        let n = random.below(60);
        let bound = [4, 20, 1 << 15, 1 << 16][random.below(4) as usize];
        let digits: Vec<u16> = (0..n).map(|_| random.below(bound) as u16).collect();
        if let Ok(circuit) = decode(&digits) {
            assert_eq!(encode(&circuit), Ok(digits));
        }
    }
}

/// One shape `[4]`, a witness and an output of it, a table, a lookup, a view, an identity.
fn small() -> Circuit {
    let view = |tensor| View { tensor, dims: vec![4], axes: vec![Axis::Var(0)] };
    let term = |coef, tensor| Term { coef, view: Some(view(tensor)) };
    let tensor = |kind| Tensor { shape: vec![4], kind };
    Circuit {
        tensors: vec![
            tensor(Kind::Witness),
            tensor(Kind::Witness),
            tensor(Kind::Output { lo: -1, hi: 200 }),
        ],
        tables: vec![Table { log_size: 2, lo: 0, outputs: vec![], multiplicity: 1 }],
        lookups: vec![Lookup { table: 0, key: Arg::tensor(0), values: vec![] }],
        identities: vec![Identity {
            dims: vec![4],
            linear: vec![term(1, 0), term(-1, 2)],
            products: vec![Product { coef: 20_000, sum: vec![], a: view(0), b: view(0) }],
        }],
    }
}

/// A change of these values is a change of the protocol.
const SMALL: &[u16] = &[
    1,
    1,
    4, // one shape: [4]
    3,
    1,
    1,
    3,
    1,
    400, // three tensors: kinds; -1 and 200
    1,
    2,
    0,
    0,
    1, // one table
    1,
    0,
    0, // one lookup: table, tensor 0 itself
    1,
    1,
    4,
    0, // one view: one dimension of 4, variable 0
    1,
    1,
    4, // one identity of [4]
    2,
    2,
    1,
    0,
    1,
    1,
    2, // two terms: 1 * view 0 of tensor 0, -1 * view 0 of tensor 2
    1,
    MORE | 7232,
    2,
    0, // one product: 40,000 = 7,232 + 2 * 2^14; no sums
    0,
    0,
    0,
    0, // view, tensor; view, tensor
];

#[test]
fn the_encoding_is_pinned() {
    assert_eq!(encode(&small()).unwrap(), SMALL);
}

#[test]
fn malformed_digits_are_refused() {
    let digits = encode(&small()).unwrap();
    let refused = |want: EncodingError, change: &dyn Fn(&mut Vec<u16>)| {
        let mut digits = digits.clone();
        change(&mut digits);
        assert_eq!(decode(&digits), Err(want));
    };
    for n in 0..digits.len() {
        assert!(matches!(decode(&digits[..n]), Err(EncodingError::Missing { .. })), "{n} digits");
    }
    refused(EncodingError::Trailing { n_digits: 1 }, &|d| d.push(0));
    refused(EncodingError::Digit { what: "a shape" }, &|d| d[0] |= 1 << 15);
    // The number of shapes, with a second digit of zero; with four digits.
    refused(EncodingError::Integer { what: "a shape" }, &|d| {
        d.splice(0..1, [MORE | 1, 0]);
    });
    refused(EncodingError::Integer { what: "a shape" }, &|d| {
        d.splice(0..1, [MORE | 1, MORE, MORE, 1]);
    });
    // Lists that the digits cannot hold.
    refused(EncodingError::Missing { what: "a shape" }, &|d| {
        d.splice(0..1, [MORE, MORE, MORE - 1]);
    });
    refused(EncodingError::Missing { what: "an argument" }, &|d| d[16] = 101);
    // A tensor whose index is no `u32`.
    refused(EncodingError::Range { what: "an argument" }, &|d| {
        d.splice(16..17, [MORE, MORE, 32]);
    });
    refused(EncodingError::Missing { what: "an identity" }, &|d| d[21] = 20);
    // Shape 1, view 1, table 1 do not exist.
    refused(EncodingError::Reference { what: "a tensor", index: 1 }, &|d| d[4] = 5);
    refused(EncodingError::Reference { what: "a lookup", index: 1 }, &|d| d[15] = 1);
    refused(EncodingError::Reference { what: "an identity", index: 1 }, &|d| d[26] = 2);
    // Entry -1 of a shape does not exist; an interval that is no `i32`; a sum with a variable.
    refused(EncodingError::Range { what: "a tensor" }, &|d| {
        d.splice(7..8, [MORE, MORE, 16]);
    });
    refused(EncodingError::Range { what: "an axis" }, &|d| d[20] = 7);
    // A variable above 2^16.
    refused(EncodingError::Range { what: "an axis" }, &|d| {
        d.splice(20..21, [MORE, 24]);
    });
}

#[test]
fn other_encodings_are_refused() {
    let digits = encode(&small()).unwrap();
    let refused = |change: &dyn Fn(&mut Vec<u16>)| {
        let mut digits = digits.clone();
        change(&mut digits);
        assert_eq!(decode(&digits), Err(EncodingError::NotCanonical));
    };
    // A shape twice, a shape that nothing uses, shapes in another order.
    refused(&|d| {
        d.splice(0..3, [2, 1, 4, 1, 4]);
    });
    refused(&|d| {
        d.splice(0..3, [2, 1, 4, 1, 5]);
    });
    refused(&|d| {
        d.splice(0..3, [2, 1, 5, 1, 4]);
        (d[6], d[7], d[8]) = (5, 1, 7);
    });
    // The view twice; a view that nothing uses.
    refused(&|d| {
        d.splice(17..21, [2, 1, 4, 0, 1, 4, 0]);
    });
    refused(&|d| {
        d.splice(17..21, [2, 1, 4, 0, 1, 4, 1]);
    });
    // A tensor itself, as a sum of one term and no constant.
    refused(&|d| {
        d.splice(16..17, [3, 2, 0, 0]);
    });
}

/// A short list of digits whose views, spelled out, would fill the memory.
#[test]
fn shared_views_are_bounded() {
    let map = Axis::Map { var: 0, map: vec![0; 1 << 16] };
    let view = View { tensor: 0, dims: vec![1 << 16], axes: vec![map] };
    let term = Term { coef: 1, view: Some(view) };
    let identity =
        |n| Identity { dims: vec![1 << 16], linear: vec![term.clone(); n], products: vec![] };
    let circuit = |n| Circuit { identities: vec![identity(n)], ..Circuit::default() };
    let digits = encode(&circuit(255)).unwrap();
    assert_eq!(decode(&digits), Ok(circuit(255)));
    let digits = encode(&circuit(256)).unwrap();
    assert_eq!(decode(&digits), Err(EncodingError::Shared));
    let error = circuit(256).validate().unwrap_err();
    assert_eq!(error.to_string(), "shapes and views has 16777728 entries, more than 16777216");
}

#[test]
fn malformed_circuits_have_no_encoding() {
    let refused = |change: &dyn Fn(&mut Circuit)| {
        let mut circuit = small();
        change(&mut circuit);
        assert!(matches!(encode(&circuit), Err(EncodingError::Inexpressible { .. })));
    };
    refused(&|c| c.identities[0].linear[0].coef = 1 << 41);
    refused(&|c| c.identities[0].linear[0].coef = i64::MIN);
    refused(&|c| c.identities[0].linear[0].coef = i64::MAX);
    refused(&|c| c.lookups[0].table = 1);
    refused(&|c| c.lookups[0].values.push(Arg::tensor(0)));
    refused(&|c| drop(c.identities[0].products[0].a.axes.pop()));
}
