//! The schedule of an opening (PROTOCOL §4.3), from the parameters that `model_id` covers.

const TWO_248: felt252 = 0x100000000000000000000000000000000000000000000000000000000000000;

/// One committed table: `2^log_rows` rows, each encoded over `2^(log_row + log_blowup)` points.
#[derive(Copy, Drop, PartialEq)]
pub struct Code {
    /// log2 of the number of entries, the number of variables.
    pub log_size: u32,
    /// log2 of the number of rows: the variables that the next rounds bind.
    pub log_rows: u32,
    /// log2 of the blow-up.
    pub log_blowup: u32,
    /// Positions drawn, with replacement.
    pub n_queries: u32,
    /// Whether the entries are in `K` (a folded table), not in `F`.
    pub extension: bool,
}

#[generate_trait]
pub impl CodeImpl of CodeTrait {
    /// Variables of a row.
    fn log_row(self: @Code) -> u32 {
        *self.log_size - *self.log_rows
    }

    /// log2 of the number of points of the code: the depth of its tree.
    fn log_domain(self: @Code) -> u32 {
        self.log_row() + *self.log_blowup
    }
}

/// Every parameter of an opening, and the work before the lookups.
#[derive(Copy, Drop)]
pub struct Schedule {
    /// The code of `M`.
    pub model: Code,
    /// The code of `W`.
    pub witness: Code,
    /// The folded tables that are committed, in order.
    pub folded: Span<Code>,
    /// Bits of proof of work of every level.
    pub pow_bits: u32,
    /// log2 of the size of the table that is sent in clear.
    pub log_clear: u32,
    /// Index of the level whose end concatenates the folds of both tables.
    pub join: u32,
    /// Bits of proof of work before the lookups.
    pub lookup_pow_bits: u32,
}

#[generate_trait]
pub impl ScheduleImpl of ScheduleTrait {
    /// Reads a schedule from the felts that `model_id` absorbs for its `n_words` parameters: seven
    /// words to a felt, first most significant; a short last felt is filled with zeros and has its
    /// number of words in bits 248 to 250.
    ///
    /// # Panics
    /// The felts are not the encoding of `n_words` words, or the parameters do not fit together.
    fn read(n_words: u32, felts: Span<felt252>) -> Schedule {
        assert(n_words % 4 == 0 && n_words >= 12, 'profile: number of words');
        assert(felts.len() == (n_words + 6) / 7, 'profile: number of felts');
        let mut words = unpack_words(n_words, felts).span();
        let model = read_code(ref words, false);
        let witness = read_code(ref words, false);
        let mut folded = array![];
        while words.len() > 4 {
            folded.append(read_code(ref words, true));
        }
        let schedule = Schedule {
            model,
            witness,
            folded: folded.span(),
            pow_bits: *words[0],
            log_clear: *words[1],
            join: *words[2],
            lookup_pow_bits: *words[3],
        };
        check(@schedule);
        schedule
    }

    /// Whether `M` leads the sumcheck: the larger table, `M` if equal.
    fn model_leads(self: @Schedule) -> bool {
        *self.model.log_size >= *self.witness.log_size
    }

    /// The codes of the table that leads and of the one that follows.
    fn lead_and_follow(self: @Schedule) -> (Code, Code) {
        if self.model_leads() {
            (*self.model, *self.witness)
        } else {
            (*self.witness, *self.model)
        }
    }
}

fn read_code(ref words: Span<u32>, extension: bool) -> Code {
    let [log_size, log_rows, log_blowup, n_queries] = (*words.multi_pop_front::<4>().unwrap())
        .unbox();
    Code { log_size, log_rows, log_blowup, n_queries, extension }
}

/// What the arithmetic of the opening relies on: sizes that fit together.
fn check(schedule: @Schedule) {
    assert(*schedule.pow_bits <= 64 && *schedule.lookup_pow_bits <= 64, 'profile: bits of work');
    let (lead, follow) = schedule.lead_and_follow();
    assert(lead.log_size <= 30, 'profile: size of a table');
    assert(*schedule.join <= schedule.folded.len(), 'profile: join');
    check_code(lead);
    check_code(follow);
    // The variables left of the current table; the code that is folded.
    let mut left = lead.log_size;
    let mut code = lead;
    let mut level = 0;
    let mut folded = *schedule.folded;
    loop {
        left -= code.log_rows;
        if level == *schedule.join {
            assert(follow.log_row() == left, 'profile: rows of a table');
            left += 1;
        }
        let Some(next) = folded.pop_front() else {
            break;
        };
        code = *next;
        assert(code.log_size == left, 'profile: size of a fold');
        check_code(code);
        level += 1;
    }
    assert(*schedule.log_clear == left && left >= 1, 'profile: size in clear');
}

fn check_code(code: Code) {
    assert(code.log_rows >= 2 && code.log_rows <= 10, 'profile: rows of a table');
    assert(code.log_size >= code.log_rows + 2, 'profile: size of a table');
    assert(code.log_blowup >= 1 && code.log_domain() <= 26, 'profile: domain of a code');
    assert(code.n_queries >= 1 && code.n_queries <= 128, 'profile: queries of a code');
}

/// The words.
pub(crate) fn unpack_words(n_words: u32, mut felts: Span<felt252>) -> Array<u32> {
    let mut words = array![];
    while let Some(felt) = felts.pop_front() {
        let left = n_words - words.len();
        let (n, length) = if left < 7 {
            (left, left.into())
        } else {
            (7, 0)
        };
        let value: u256 = (*felt - length * TWO_248).into();
        let mut digits = array![];
        let rest = push_digits(ref digits, value.low, 4);
        assert(rest == 0, 'profile: words');
        let rest = push_digits(ref digits, value.high, 3);
        assert(rest == 0, 'profile: words');
        let mut digits = digits.span();
        for _ in 0..n {
            words.append(*digits.pop_back().unwrap());
        }
        // The filling.
        while let Some(digit) = digits.pop_front() {
            assert(*digit == 0, 'profile: words');
        }
    }
    words
}

/// Appends `n` digits of 32 bits, least significant first; returns what is left.
fn push_digits(ref digits: Array<u32>, value: u128, n: u32) -> u128 {
    let mut rest = value;
    for _ in 0..n {
        let (quotient, digit) = DivRem::div_rem(rest, 0x100000000);
        digits.append(digit.try_into().unwrap());
        rest = quotient;
    }
    rest
}
