//! The recursive opening of the two committed tables (PROTOCOL §4.2).
//!
//! Level `i` binds the row variables of the current table by sumcheck, reads the commitment to the
//! folded table (the last one in clear), and opens the code of the table that was folded. The
//! smaller table enters the sumcheck when as many variables are left as it has, and joins at the
//! end of level `schedule.join`. After the last level the sumcheck goes on to a single point, where
//! all functionals are evaluated at once.

use crate::channel::{Channel, ChannelTrait};
use crate::clear::Clear;
use crate::field::{K, eq, mul_add, mul_mul_add, one_k, pow2, quadratic_round, zero_k};
use crate::gauss::GaussTrait;
use crate::merkle::Hash;
use crate::profile::{Code, CodeTrait, Schedule, ScheduleTrait};
use crate::tensor::{self, Factor};
use crate::wire::{Wire, WireTrait};
use crate::{clear, leaf, merkle};

/// What the caller of [`verify`] still owes: that `sum_t factors[t] w_t(points[t]) = value`, where
/// `w_t` is the extension of the weights of the batched claim on table `t` (0 for `M`, 1 for `W`).
#[derive(Copy, Drop)]
pub struct OpeningClaim {
    /// A point for each table, with as many coordinates as it has variables.
    pub points: [Span<K>; 2],
    /// The factor of each table's weight.
    pub factors: [K; 2],
    /// The value of the sum.
    pub value: K,
}

/// The sumcheck that runs through all levels.
#[derive(Drop)]
struct Sumcheck {
    claim: K,
    /// All challenges so far.
    point: Array<K>,
    /// Variables of the current table that are not bound.
    left: u32,
    follower: Follower,
}

/// The smaller table.
#[derive(Copy, Drop)]
struct Follower {
    log_size: u32,
    value: K,
    /// When it has entered: the number of challenges before, and the factor of its claim.
    entry: Option<(u32, K)>,
}

/// The functionals of the opened leaves of one code: `sum_i powers_i tensor_i`.
#[derive(Copy, Drop)]
struct Queries {
    code: Code,
    positions: Span<u32>,
    /// The powers of `eta` of its equations.
    powers: Span<K>,
    side: Side,
}

/// The functional of an out-of-domain value: `factor eq(zeta, .)`.
#[derive(Copy, Drop)]
struct Ood {
    zeta: Span<K>,
    factor: K,
    side: Side,
}

/// How a functional depends on the selector.
#[derive(Copy, Drop, PartialEq)]
enum Side {
    /// It is one of the leading half, or of a table from before the join: factor `1 - s`.
    Lead,
    /// It is one of the following half: factor `s`.
    Follow,
    /// The selector is one of its variables, or is bound before.
    Neither,
}

/// Verifies an opening of `values[t] = <table_t, w_t>` for the tables with these roots (0 for `M`,
/// 1 for `W`). Roots, claims and their weights must be fixed by what `channel` has absorbed.
///
/// # Panics
/// Something is wrong with the opening.
pub fn verify(
    ref channel: Channel, schedule: @Schedule, roots: [Hash; 2], values: [K; 2], ref wire: Wire,
) -> OpeningClaim {
    let [root_m, root_w] = roots;
    let [value_m, value_w] = values;
    let (lead_root, lead_value, follow_root, follow_value) = if schedule.model_leads() {
        (root_m, value_m, root_w, value_w)
    } else {
        (root_w, value_w, root_m, value_m)
    };
    let (lead, follow) = schedule.lead_and_follow();
    let mut sumcheck = Sumcheck {
        claim: lead_value,
        point: array![],
        left: lead.log_size,
        follower: Follower { log_size: follow.log_size, value: follow_value, entry: None },
    };
    let mut queries = array![];
    let mut oods = array![];
    let mut folded = *schedule.folded;
    let (mut code, mut root) = (lead, lead_root);
    let mut level = 0;
    let mut join_at = 0;
    let clear = loop {
        sumcheck.rounds(ref channel, ref wire, code.log_rows);
        let joins = level == *schedule.join;
        if joins {
            join_at = sumcheck.point.len();
            sumcheck.left += 1;
        }
        let next = folded.pop_front();
        // What the level ends in.
        let mut next_root = merkle::no_root();
        let mut clear = array![].span();
        let mut ood = None;
        if next.is_some() {
            next_root = wire.root(ref channel);
            let zeta = channel.draw_many(sumcheck.left).span();
            ood = Some((zeta, wire.one(ref channel)));
        } else {
            clear = wire.clear(ref channel, *schedule.log_clear);
        }
        wire.nonce(ref channel, *schedule.pow_bits);
        let positions = channel.draw_positions(code.n_queries, code.log_domain());
        let follow_positions = if joins {
            channel.draw_positions(follow.n_queries, follow.log_domain())
        } else {
            array![].span()
        };
        let eta = channel.draw();

        let mut power = one_k();
        let side = if level > *schedule.join {
            Side::Neither
        } else {
            Side::Lead
        };
        if let Some((zeta, value)) = ood {
            power = eta;
            sumcheck.claim = mul_add(power, value, sumcheck.claim);
            let side = if joins {
                Side::Neither
            } else {
                side
            };
            oods.append(Ood { zeta, factor: power, side });
        }
        let powers = sumcheck.open(ref wire, code, root, positions, eta, ref power);
        queries.append(Queries { code, positions, powers, side });
        if joins {
            let powers = sumcheck
                .open(ref wire, follow, follow_root, follow_positions, eta, ref power);
            queries
                .append(
                    Queries {
                        code: follow, positions: follow_positions, powers, side: Side::Follow,
                    },
                );
        }
        let Some(next) = next else {
            break clear;
        };
        code = *next;
        root = next_root;
        level += 1;
    };
    sumcheck.rounds(ref channel, ref wire, *schedule.log_clear);
    sumcheck.finish(schedule, join_at, oods.span(), queries.span(), clear)
}

#[generate_trait]
impl SumcheckImpl of SumcheckTrait {
    /// Reads `n` rounds.
    fn rounds(ref self: Sumcheck, ref channel: Channel, ref wire: Wire, n: u32) {
        for _ in 0..n {
            if self.follower.entry.is_none() && self.left == self.follower.log_size {
                let gamma = channel.draw();
                self.follower.entry = Some((self.point.len(), gamma));
                self.claim = mul_add(gamma, self.follower.value, self.claim);
            }
            let (c0, c2, r) = wire.round(ref channel);
            self.claim = quadratic_round(self.claim, c0, c2, r);
            self.point.append(r);
            self.left -= 1;
        }
    }

    /// Reads and checks the opened leaves of a code, adds their equations to the claim, with powers
    /// of `eta` from `power eta` on, and returns these powers.
    fn open(
        ref self: Sumcheck,
        ref wire: Wire,
        code: Code,
        root: Hash,
        positions: Span<u32>,
        eta: K,
        ref power: K,
    ) -> Span<K> {
        let n_challenges = self.point.len();
        let row_point = self.point.span().slice(n_challenges - code.log_rows, code.log_rows);
        let weights = if code.extension {
            leaf::extension_weights(row_point)
        } else {
            leaf::base_weights(row_point)
        };
        let leaves = leaf::read(ref wire, positions.len(), weights);
        let mut powers = array![];
        let mut sum = GaussTrait::from(self.claim);
        for fold in leaves.folds {
            power = power * eta;
            powers.append(power);
            sum = sum.add(GaussTrait::from(power).mul(GaussTrait::from(fold)));
        }
        self.claim = sum.reduce();
        let opened = merkle::root(ref wire, code.log_domain(), positions, leaves.hashes.span());
        assert(opened == root, 'opening: merkle root');
        powers.span()
    }

    /// Checks all functionals at the final point, and leaves the caller's.
    fn finish(
        self: Sumcheck,
        schedule: @Schedule,
        join_at: u32,
        oods: Span<Ood>,
        queries: Span<Queries>,
        clear: Clear,
    ) -> OpeningClaim {
        let point = self.point.span();
        let (entry, gamma) = self.follower.entry.expect('opening: schedule');
        let selector = *point[join_at];
        let lead_half = one_k() - selector;
        // The tables' variables do not include the selector.
        let mut tables = array![];
        tables.append_span(point.slice(0, join_at));
        tables.append_span(point.slice(join_at + 1, point.len() - join_at - 1));
        let tables = tables.span();

        let factors = tensor::factors(tables).span();
        let (mut lead, mut follow, mut neither) = (zero_k(), zero_k(), zero_k());
        let mut oods = oods;
        while let Some(ood) = oods.pop_front() {
            let Ood { zeta, factor, side } = *ood;
            if side == Side::Neither {
                neither = mul_add(factor, eq(zeta, suffix(point, zeta.len())), neither);
            } else {
                lead = mul_add(factor, eq(zeta, suffix(tables, zeta.len())), lead);
            }
        }
        let mut queries = queries;
        while let Some(code_queries) = queries.pop_front() {
            let Queries { code, positions, powers, side } = *code_queries;
            let factors = factors_of(factors, suffix(tables, code.log_row()));
            let sum = tensor::sum(positions, powers, pow2(code.log_domain()), factors);
            match side {
                Side::Lead => lead = lead + sum,
                Side::Follow => follow = follow + sum,
                Side::Neither => neither = neither + sum,
            }
        }
        let known = neither + mul_mul_add(lead_half, lead, selector, follow);
        let u = clear::evaluate(clear, suffix(point, *schedule.log_clear));
        let value = self.claim - u * known;

        let lead = (tables, u * lead_half);
        let follow = (tables.slice(entry, tables.len() - entry), u * selector * gamma);
        let ((point_m, factor_m), (point_w, factor_w)) = if schedule.model_leads() {
            (lead, follow)
        } else {
            (follow, lead)
        };
        OpeningClaim { points: [point_m, point_w], factors: [factor_m, factor_w], value }
    }
}

/// The factors of `point`, the last variables of the point that `factors` belong to.
fn factors_of(factors: Span<Factor>, point: Span<K>) -> Span<Factor> {
    let n_full = point.len() / 3;
    if point.len() % 3 == 0 {
        return factors.slice(0, n_full);
    }
    let mut own = array![];
    own.append_span(factors.slice(0, n_full));
    for factor in tensor::factors(point.slice(0, point.len() % 3)) {
        own.append(factor);
    }
    own.span()
}

/// The last `n` coordinates.
fn suffix(point: Span<K>, n: u32) -> Span<K> {
    point.slice(point.len() - n, n)
}
