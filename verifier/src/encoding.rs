//! The canonical encoding of a circuit: a list of digits below `2^15` (PROTOCOL Appendix C).
//!
//! It is what `model_id` covers, and what a verifier without a file format, on chain, reads. An
//! unsigned integer is written in base `2^14`, least significant digit first; every digit but the
//! last has the bit `2^14` set, and an integer is as short as it can be. Signed integers are
//! zigzag: `2 v` for `v >= 0`, `-2 v - 1` below.
//!
//! Shapes of tensors and forms of views (their dimensions and axes) are written once each, in the
//! order in which they are used first, and referred to by index. So a circuit has one encoding, and
//! a reader compares: it decodes, encodes and finds the same digits.

use std::collections::HashMap;
use std::hash::Hash;

use thiserror::Error;

use crate::circuit::{
    AffineTerm, Arg, Axis, Circuit, Identity, Kind, Lookup, MAX_TOTAL_SHARED, Product, Source,
    Table, Tensor, Term, View,
};

/// Bits of a digit.
pub const DIGIT_BITS: u32 = 15;
/// Most digits of an encoding.
pub const MAX_DIGITS: usize = 1 << 27;
/// Bits of an integer that a digit holds.
const PAYLOAD_BITS: u32 = 14;
/// Set in every digit of an integer but its last.
const MORE: u16 = 1 << PAYLOAD_BITS;
/// Most digits of an integer.
const MAX_INTEGER_DIGITS: u32 = 3;
/// Integers are below this.
const INTEGER_BOUND: u64 = 1 << (PAYLOAD_BITS * MAX_INTEGER_DIGITS);

/// Why a circuit has no encoding, or digits are none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs)]
pub enum EncodingError {
    /// The digits end early, or announce more entries than they could hold.
    #[error("the digits end inside {what}")]
    Missing { what: &'static str },
    /// A digit is not below `2^15`.
    #[error("a digit of {what} is not below 2^15")]
    Digit { what: &'static str },
    /// An integer is longer than it need be, or than three digits.
    #[error("an integer of {what} is not as short as it can be, or too long")]
    Integer { what: &'static str },
    /// A number is outside what it can be in a circuit.
    #[error("a number of {what} is out of range")]
    Range { what: &'static str },
    /// Something refers to an entry that does not exist.
    #[error("{what} refers to entry {index}, which does not exist")]
    Reference { what: &'static str, index: u64 },
    /// Shared shapes and forms would fill more than a circuit may hold.
    #[error("shapes and views hold more than {MAX_TOTAL_SHARED} numbers")]
    Shared,
    /// Digits are left over.
    #[error("{n_digits} digits are left over")]
    Trailing { n_digits: usize },
    /// The circuit has another encoding, its canonical one.
    #[error("the circuit is not encoded canonically")]
    NotCanonical,
    /// A malformed circuit: the encoding cannot say it.
    #[error("{what} cannot be encoded")]
    Inexpressible { what: &'static str },
    /// The encoding is too long.
    #[error("the circuit has {n_digits} digits, more than {MAX_DIGITS}")]
    TooLong { n_digits: usize },
}

/// The digits of a circuit.
///
/// # Errors
/// The circuit is malformed in a way that the encoding cannot say, which no valid one is, or longer
/// than [`MAX_DIGITS`].
pub fn encode(circuit: &Circuit) -> Result<Vec<u16>, EncodingError> {
    let mut writer = Writer::default();
    writer.tensors(&circuit.tensors);
    writer.list(&circuit.tables, Writer::table);
    writer.list(&circuit.lookups, |w, lookup| w.lookup(lookup, &circuit.tables));
    writer.identities(&circuit.identities);
    if let Some(what) = writer.inexpressible {
        return Err(EncodingError::Inexpressible { what });
    }
    let n_digits = writer.digits.len();
    if n_digits > MAX_DIGITS { Err(EncodingError::TooLong { n_digits }) } else { Ok(writer.digits) }
}

/// The circuit with these digits. It need not be valid ([`Circuit::validate`]). What is allocated is
/// bounded by the number of digits and by [`MAX_TOTAL_SHARED`].
///
/// # Errors
/// What is malformed; digits that are not those of [`encode`].
pub fn decode(digits: &[u16]) -> Result<Circuit, EncodingError> {
    let mut reader = Reader { digits, shared: 0 };
    let shapes = reader.list("a shape", |r| r.numbers("a shape"))?;
    let tensors = reader.list("a tensor", |r| r.tensor(&shapes))?;
    let tables = reader.list("a table", Reader::table)?;
    let lookups = reader.list("a lookup", |r| r.lookup(&tables))?;
    let forms = reader.list("a view", Reader::form)?;
    let identities = reader.list("an identity", |r| r.identity(&forms))?;
    if !reader.digits.is_empty() {
        return Err(EncodingError::Trailing { n_digits: reader.digits.len() });
    }
    let circuit = Circuit { tensors, tables, lookups, identities };
    if encode(&circuit)? == digits { Ok(circuit) } else { Err(EncodingError::NotCanonical) }
}

/// Dimensions and axes of a view.
type Form<'c> = (&'c [u32], &'c [Axis]);

fn form(view: &View) -> Form<'_> {
    (&view.dims, &view.axes)
}

/// Distinct items in the order of their first use.
struct Distinct<T> {
    items: Vec<T>,
    index: HashMap<T, u64>,
}

impl<T: Copy + Eq + Hash> Distinct<T> {
    fn new(all: impl Iterator<Item = T>) -> Self {
        let mut this = Self { items: vec![], index: HashMap::new() };
        for item in all {
            let next = this.items.len() as u64;
            this.index.entry(item).or_insert_with(|| {
                this.items.push(item);
                next
            });
        }
        this
    }

    /// The index of one of the items.
    fn index(&self, item: &T) -> u64 {
        self.index.get(item).copied().unwrap_or(u64::MAX)
    }
}

#[derive(Default)]
struct Writer {
    digits: Vec<u16>,
    inexpressible: Option<&'static str>,
}

impl Writer {
    #[expect(clippy::cast_possible_truncation, reason = "a digit is below 2^15")]
    fn unsigned(&mut self, value: impl Into<u64>) {
        let mut rest: u64 = value.into();
        if rest >= INTEGER_BOUND {
            self.inexpressible = Some("an integer of 42 bits or more");
            return;
        }
        while rest >= u64::from(MORE) {
            self.digits.push(MORE | (rest as u16 & (MORE - 1)));
            rest >>= PAYLOAD_BITS;
        }
        self.digits.push(rest as u16);
    }

    fn signed(&mut self, value: impl Into<i64>) {
        let value: i64 = value.into();
        let magnitude = value.unsigned_abs().saturating_mul(2);
        self.unsigned(if value < 0 { magnitude - 1 } else { magnitude });
    }

    fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.unsigned(items.len() as u64);
        items.iter().for_each(|item| write(self, item));
    }

    fn numbers(&mut self, numbers: &[u32]) {
        self.list(numbers, |w, &n| w.unsigned(n));
    }

    fn tensors(&mut self, tensors: &[Tensor]) {
        let shapes = Distinct::new(tensors.iter().map(|t| t.shape.as_slice()));
        self.list(&shapes.items, |w, shape| w.numbers(shape));
        self.list(tensors, |w, tensor| {
            let (kind, interval) = match tensor.kind {
                Kind::Model => (0, None),
                Kind::Witness => (1, None),
                Kind::Input { lo, hi } => (2, Some((lo, hi))),
                Kind::Output { lo, hi } => (3, Some((lo, hi))),
            };
            w.unsigned(4 * shapes.index(&tensor.shape.as_slice()) + kind);
            if let Some((lo, hi)) = interval {
                w.signed(lo);
                w.signed(hi);
            }
        });
    }

    fn table(&mut self, table: &Table) {
        self.unsigned(table.log_size);
        self.signed(table.lo);
        self.numbers(&table.outputs);
        self.unsigned(table.multiplicity);
    }

    fn lookup(&mut self, lookup: &Lookup, tables: &[Table]) {
        let table = tables.get(lookup.table as usize);
        if table.is_none_or(|t| t.outputs.len() != lookup.values.len()) {
            self.inexpressible = Some("a lookup with another number of values than its table");
        }
        self.unsigned(lookup.table);
        self.arg(&lookup.key);
        lookup.values.iter().for_each(|arg| self.arg(arg));
    }

    /// A tensor is `2 tensor`; anything else `2 n + 1`, `n` terms and the constant.
    fn arg(&mut self, arg: &Arg) {
        if let (&[(1, tensor)], 0) = (&arg.terms[..], arg.constant) {
            return self.unsigned(2 * u64::from(tensor));
        }
        self.unsigned(2 * arg.terms.len() as u64 + 1);
        for &(coef, tensor) in &arg.terms {
            self.signed(coef);
            self.unsigned(tensor);
        }
        self.signed(arg.constant);
    }

    fn identities(&mut self, identities: &[Identity]) {
        let forms = Distinct::new(identities.iter().flat_map(Identity::views).map(form));
        self.list(&forms.items, |w, (dims, axes)| {
            if dims.len() != axes.len() {
                w.inexpressible = Some("a view with another number of axes than dimensions");
            }
            w.unsigned(dims.len() as u64);
            for (&extent, axis) in dims.iter().zip(*axes) {
                w.unsigned(extent);
                w.axis(axis);
            }
        });
        let view = |w: &mut Self, offset: u64, view: &View| {
            w.unsigned(forms.index(&form(view)) + offset);
            w.unsigned(view.tensor);
        };
        self.list(identities, |w, identity| {
            w.numbers(&identity.dims);
            w.list(&identity.linear, |w, term| {
                w.signed(term.coef);
                match &term.view {
                    Some(v) => view(w, 1, v),
                    None => w.unsigned(0u64),
                }
            });
            w.list(&identity.products, |w, product| {
                w.signed(product.coef);
                w.numbers(&product.sum);
                view(w, 0, &product.a);
                view(w, 0, &product.b);
            });
        });
    }

    fn axis(&mut self, axis: &Axis) {
        let mut head = |x: u64, tag: u64| self.unsigned(6 * x + tag);
        match axis {
            Axis::Var(var) => head(u64::from(*var), 0),
            Axis::Sum => head(0, 1),
            Axis::Fixed(index) => head(u64::from(*index), 2),
            Axis::Affine { terms, offset } => {
                head(terms.len() as u64, 3);
                self.signed(*offset);
                for term in terms {
                    self.unsigned(match term.source {
                        Source::Var(var) => 2 * u64::from(var),
                        Source::Sum(extent) => 2 * u64::from(extent) + 1,
                    });
                    self.signed(term.stride);
                }
            }
            Axis::Map { var, map } => {
                head(u64::from(*var), 4);
                self.list(map, |w, &q| {
                    w.unsigned(if q == Axis::NOWHERE { 0 } else { u64::from(q) + 1 });
                });
            }
            Axis::Public { var, tensor } => {
                head(u64::from(*var), 5);
                self.unsigned(*tensor);
            }
        }
    }
}

/// A cursor over untrusted digits.
struct Reader<'d> {
    digits: &'d [u16],
    /// Numbers that were copied from shared shapes and forms.
    shared: u64,
}

impl Reader<'_> {
    fn unsigned(&mut self, what: &'static str) -> Result<u64, EncodingError> {
        let mut value = 0;
        for index in 0..MAX_INTEGER_DIGITS {
            let (&digit, rest) =
                self.digits.split_first().ok_or(EncodingError::Missing { what })?;
            self.digits = rest;
            if digit >> DIGIT_BITS != 0 {
                return Err(EncodingError::Digit { what });
            }
            value |= u64::from(digit & (MORE - 1)) << (PAYLOAD_BITS * index);
            if digit & MORE == 0 {
                return match digit == 0 && index > 0 {
                    true => Err(EncodingError::Integer { what }),
                    false => Ok(value),
                };
            }
        }
        Err(EncodingError::Integer { what })
    }

    fn narrow<T: TryFrom<u64>>(&mut self, what: &'static str) -> Result<T, EncodingError> {
        narrow(self.unsigned(what)?, what)
    }

    fn signed<T: TryFrom<i64>>(&mut self, what: &'static str) -> Result<T, EncodingError> {
        let value = self.unsigned(what)?;
        // Below 2^41 in absolute value.
        let half = (value >> 1).cast_signed();
        let value = if value & 1 == 0 { half } else { -half - 1 };
        T::try_from(value).map_err(|_| EncodingError::Range { what })
    }

    /// A list whose entries take a digit at least.
    fn list<T>(
        &mut self,
        what: &'static str,
        read: impl FnMut(&mut Self) -> Result<T, EncodingError>,
    ) -> Result<Vec<T>, EncodingError> {
        let n = self.unsigned(what)?;
        self.many(n, what, read)
    }

    fn many<T>(
        &mut self,
        n: u64,
        what: &'static str,
        mut read: impl FnMut(&mut Self) -> Result<T, EncodingError>,
    ) -> Result<Vec<T>, EncodingError> {
        if n > self.digits.len() as u64 {
            return Err(EncodingError::Missing { what });
        }
        (0..n).map(|_| read(self)).collect()
    }

    fn numbers(&mut self, what: &'static str) -> Result<Vec<u32>, EncodingError> {
        self.list(what, |r| r.narrow(what))
    }

    /// Accounts for a copy of `n` numbers.
    fn share(&mut self, n: u64) -> Result<(), EncodingError> {
        self.shared = self.shared.saturating_add(n);
        if self.shared > MAX_TOTAL_SHARED { Err(EncodingError::Shared) } else { Ok(()) }
    }

    fn tensor(&mut self, shapes: &[Vec<u32>]) -> Result<Tensor, EncodingError> {
        let what = "a tensor";
        let head = self.unsigned(what)?;
        let (index, kind) = (head / 4, head % 4);
        let shape = get(shapes, index).ok_or(EncodingError::Reference { what, index })?;
        self.share(shape.len() as u64)?;
        let mut interval = || Ok((self.signed(what)?, self.signed(what)?));
        let kind = match kind {
            0 => Kind::Model,
            1 => Kind::Witness,
            2 => interval().map(|(lo, hi)| Kind::Input { lo, hi })?,
            _ => interval().map(|(lo, hi)| Kind::Output { lo, hi })?,
        };
        Ok(Tensor { shape: shape.clone(), kind })
    }

    fn table(&mut self) -> Result<Table, EncodingError> {
        let what = "a table";
        Ok(Table {
            log_size: self.narrow(what)?,
            lo: self.signed(what)?,
            outputs: self.numbers(what)?,
            multiplicity: self.narrow(what)?,
        })
    }

    fn lookup(&mut self, tables: &[Table]) -> Result<Lookup, EncodingError> {
        let what = "a lookup";
        let table: u32 = self.narrow(what)?;
        let index = u64::from(table);
        let outputs = &get(tables, index).ok_or(EncodingError::Reference { what, index })?.outputs;
        let key = self.arg()?;
        let values = self.many(outputs.len() as u64, what, Self::arg)?;
        Ok(Lookup { table, key, values })
    }

    fn arg(&mut self) -> Result<Arg, EncodingError> {
        let what = "an argument";
        let head = self.unsigned(what)?;
        if head.is_multiple_of(2) {
            return Ok(Arg::tensor(narrow(head / 2, what)?));
        }
        let terms = self.many(head / 2, what, |r| Ok((r.signed(what)?, r.narrow(what)?)))?;
        Ok(Arg { terms, constant: self.signed(what)? })
    }

    fn form(&mut self) -> Result<(Vec<u32>, Vec<Axis>), EncodingError> {
        let what = "a view";
        let dims = self.list(what, |r| Ok((r.narrow::<u32>(what)?, r.axis()?)))?;
        Ok(dims.into_iter().unzip())
    }

    fn axis(&mut self) -> Result<Axis, EncodingError> {
        let what = "an axis";
        let head = self.unsigned(what)?;
        let x = head / 6;
        match head % 6 {
            0 => Ok(Axis::Var(narrow(x, what)?)),
            1 if x == 0 => Ok(Axis::Sum),
            1 => Err(EncodingError::Range { what }),
            2 => Ok(Axis::Fixed(narrow(x, what)?)),
            3 => {
                let offset = self.signed(what)?;
                let terms = self.many(x, what, |r| {
                    let head = r.unsigned(what)?;
                    let source = match head & 1 {
                        0 => Source::Var(narrow(head >> 1, what)?),
                        _ => Source::Sum(narrow(head >> 1, what)?),
                    };
                    Ok(AffineTerm { source, stride: r.signed(what)? })
                })?;
                Ok(Axis::Affine { terms, offset })
            }
            4 => {
                let var = narrow(x, what)?;
                let map = self.list(what, |r| match r.narrow::<u32>(what)? {
                    0 => Ok(Axis::NOWHERE),
                    q => Ok(q - 1),
                })?;
                Ok(Axis::Map { var, map })
            }
            _ => Ok(Axis::Public { var: narrow(x, what)?, tensor: self.narrow(what)? }),
        }
    }

    fn identity(&mut self, forms: &[(Vec<u32>, Vec<Axis>)]) -> Result<Identity, EncodingError> {
        let what = "an identity";
        let dims = self.numbers(what)?;
        let linear = self.list(what, |r| {
            let coef = r.signed(what)?;
            let view = match r.unsigned(what)? {
                0 => None,
                form => Some(r.view(forms, form - 1)?),
            };
            Ok(Term { coef, view })
        })?;
        let products = self.list(what, |r| {
            let (coef, sum) = (r.signed(what)?, r.numbers(what)?);
            let mut factor = || {
                let form = r.unsigned(what)?;
                r.view(forms, form)
            };
            Ok(Product { coef, sum, a: factor()?, b: factor()? })
        })?;
        Ok(Identity { dims, linear, products })
    }

    fn view(&mut self, forms: &[(Vec<u32>, Vec<Axis>)], index: u64) -> Result<View, EncodingError> {
        let what = "an identity";
        let (dims, axes) = get(forms, index).ok_or(EncodingError::Reference { what, index })?;
        self.share(View::n_numbers(dims, axes))?;
        Ok(View { tensor: self.narrow(what)?, dims: dims.clone(), axes: axes.clone() })
    }
}

fn get<T>(items: &[T], index: u64) -> Option<&T> {
    items.get(usize::try_from(index).ok()?)
}

fn narrow<T: TryFrom<u64>>(value: u64, what: &'static str) -> Result<T, EncodingError> {
    T::try_from(value).map_err(|_| EncodingError::Range { what })
}

#[cfg(test)]
#[path = "encoding_test.rs"]
mod tests;
