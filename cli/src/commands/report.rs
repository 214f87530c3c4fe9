//! Facts about a compiled model, predictions, and the HTML report.

use std::collections::BTreeMap;
use std::fmt::Write;

use stwo_ml_compiler::graph::Op;
use stwo_ml_compiler::import::Imported;
use stwo_ml_compiler::ports::Deviation;
use stwo_ml_compiler::program::Compiled;
use stwo_ml_prover::commit::ProverSuite;
use stwo_ml_verifier::circuit::Kind;
use stwo_ml_verifier::key::KeyDraft;
use stwo_ml_verifier::product::Batch;

use crate::output::thousands;

/// A lookup table of the circuit.
#[derive(Debug, serde::Serialize)]
pub struct TableFact {
    /// What it is.
    pub name: String,
    /// log2 of its length.
    pub log_size: u32,
    /// Lookups in it, padding included.
    pub lookups: u64,
}

/// What one layer commits to.
#[derive(Debug)]
pub struct Layer {
    /// Name of the layer.
    pub name: String,
    /// Witness entries, padding included.
    pub committed: u64,
    /// Lookups, padding included.
    pub lookups: u64,
}

/// What there is to say about a model.
#[derive(Debug)]
pub struct Facts {
    /// Count of each operation.
    pub operations: BTreeMap<String, usize>,
    /// Entries of all constants.
    pub parameters: u64,
    /// Inputs.
    pub inputs: Vec<(String, Vec<usize>)>,
    /// Outputs.
    pub outputs: Vec<(String, Vec<usize>)>,
    /// Lookup tables.
    pub tables: Vec<TableFact>,
    /// Layers, largest first.
    pub layers: Vec<Layer>,
    /// All lookups.
    pub lookups: u64,
    /// All witness entries.
    pub witness: u64,
    /// All entries of `M`.
    pub model: u64,
}

/// The name of an operation: the variant, and what it varies by.
fn op_name(op: &Op) -> String {
    let text = match op {
        Op::Unary(f) => format!("{f:?}"),
        Op::Binary(f) => format!("{f:?}"),
        Op::Reduce { kind, .. } => format!("Reduce{kind:?}"),
        other => format!("{other:?}"),
    };
    text.chars().take_while(char::is_ascii_alphanumeric).collect()
}

impl Facts {
    /// Collects them.
    pub fn gather(imported: &Imported, compiled: &Compiled) -> Self {
        let graph = &imported.graph;
        let mut operations = BTreeMap::new();
        let mut parameters = 0;
        for node in &graph.nodes {
            match &node.op {
                Op::Input => {}
                Op::Const(array) => parameters += array.data.len() as u64,
                op => *operations.entry(op_name(op)).or_insert(0) += 1,
            }
        }
        let circuit = &compiled.circuit;
        let size = |id: u32| 1u64 << circuit.tensors[id as usize].log_size();
        let of = |kind: Kind| -> u64 {
            let tensors = circuit.tensors.iter().filter(|t| t.kind == kind);
            tensors.map(|t| 1u64 << t.log_size()).sum()
        };
        // A layer is named by the label before its last dot.
        let layer = |id: u32| {
            let label = &compiled.info[id as usize].label;
            label.rsplit_once('.').map_or(label.clone(), |(name, _)| name.to_string())
        };
        let mut layers: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for (id, tensor) in circuit.tensors.iter().enumerate() {
            if tensor.kind == Kind::Witness {
                layers.entry(layer(id as u32)).or_default().0 += 1u64 << tensor.log_size();
            }
        }
        let mut tables: Vec<TableFact> = circuit
            .tables
            .iter()
            .map(|t| TableFact {
                name: match t.outputs.first() {
                    Some(&id) => compiled.info[id as usize].label.clone(),
                    None => format!("range {}..{}", t.lo, i64::from(t.lo) + (1i64 << t.log_size)),
                },
                log_size: t.log_size,
                lookups: 0,
            })
            .collect();
        for lookup in &circuit.lookups {
            let id = lookup.key.terms[0].1;
            layers.entry(layer(id)).or_default().1 += size(id);
            tables[lookup.table as usize].lookups += size(id);
        }
        let mut layers: Vec<Layer> = layers
            .into_iter()
            .map(|(name, (committed, lookups))| Layer { name, committed, lookups })
            .collect();
        layers.sort_by_key(|l| std::cmp::Reverse(l.committed));
        let shape = |id: &usize| graph.nodes[*id].shape.clone();
        let ports = |names: &[String], ids: &[usize]| {
            names.iter().cloned().zip(ids.iter().map(shape)).collect()
        };
        Self {
            operations,
            parameters,
            inputs: ports(&imported.input_names, &graph.inputs),
            outputs: ports(&imported.output_names, &graph.outputs),
            lookups: tables.iter().map(|t| t.lookups).sum(),
            tables,
            layers,
            witness: of(Kind::Witness),
            model: of(Kind::Model),
        }
    }
}

/// What a proof is expected to cost.
#[derive(Clone, Copy, Debug)]
pub struct Prediction {
    /// Size in felt252.
    pub felts: u64,
    /// CPU time of proving without proof of work, on a core like the one of `docs/performance.md`.
    pub cpu_seconds: f64,
    /// Bits of security of the opening.
    pub bits: u32,
    /// log2 sizes.
    pub log_model: u32,
    /// log2 sizes.
    pub log_witness: u32,
    /// log2 sizes.
    pub log_stack: u32,
}

/// Nanoseconds of CPU an entry: fitted to the measurements of `docs/performance.md`.
struct Rates {
    witness: f64,
    stack: f64,
    model: f64,
    fixed: f64,
}

const BLAKE2S: Rates = Rates { witness: 130.0, stack: 150.0, model: 60.0, fixed: 2e7 };
const POSEIDON: Rates = Rates { witness: 1000.0, stack: 150.0, model: 60.0, fixed: 2e8 };

/// Predicts from sizes alone.
pub fn predict<S: ProverSuite>(draft: &KeyDraft<S>) -> Prediction {
    let layouts = draft.layouts();
    let (n_rounds, n_factors) = Batch::shape(draft.circuit());
    let n = u64::from(layouts.stack.log_size);
    // Lookups: two values a round, four a layer. Identities: three a round. Two values a felt.
    let secure = n * (n - 1) + 4 * n + 3 * n_rounds as u64 + n_factors as u64 + 4;
    let felts = 2 + secure.div_ceil(2) + draft.schedule().expected_felts();
    let rates = if S::NAME == "blake2s" { BLAKE2S } else { POSEIDON };
    let size = |log: u32| (1u64 << log) as f64;
    let nanos = rates.fixed
        + rates.witness * size(layouts.witness.log_size)
        + rates.stack * size(layouts.stack.log_size)
        + rates.model * size(layouts.model.log_size);
    Prediction {
        felts,
        cpu_seconds: nanos * 1e-9,
        bits: draft.schedule().bits,
        log_model: layouts.model.log_size,
        log_witness: layouts.witness.log_size,
        log_stack: layouts.stack.log_size,
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Horizontal bars: label, value, text of the value.
fn bars(rows: &[(String, f64, String)]) -> String {
    let most = rows.iter().map(|r| r.1).fold(f64::MIN_POSITIVE, f64::max);
    let height = 22 * rows.len();
    let mut svg = format!("<svg viewBox=\"0 0 900 {height}\" role=\"img\">");
    for (i, (label, value, text)) in rows.iter().enumerate() {
        let (y, width) = (22 * i, 420.0 * value / most);
        let short: String =
            label.chars().rev().take(48).collect::<Vec<_>>().into_iter().rev().collect();
        let _ = write!(
            svg,
            "<g><title>{0}</title><text x=\"330\" y=\"{1}\" text-anchor=\"end\">{2}</text>\
             <rect x=\"340\" y=\"{3}\" width=\"{width:.1}\" height=\"14\"/>\
             <text x=\"{4:.1}\" y=\"{1}\">{5}</text></g>",
            escape(label),
            y + 15,
            escape(&short),
            y + 4,
            346.0 + width,
            escape(text)
        );
    }
    svg + "</svg>"
}

/// The report as one page without external resources.
pub fn html(facts: &Facts, predictions: &[(&str, Prediction)], deviations: &[Deviation]) -> String {
    let cost: Vec<_> = facts
        .layers
        .iter()
        .map(|l| (l.name.clone(), l.committed as f64, thousands(l.committed)))
        .collect();
    let deviation: Vec<_> = deviations
        .iter()
        .map(|d| {
            let relative = d.max / d.magnitude.max(f64::MIN_POSITIVE);
            (d.label.clone(), relative, format!("{:.3} %", 100.0 * relative))
        })
        .collect();
    let mut rows = String::new();
    for (name, p) in predictions {
        let _ = write!(
            rows,
            "<tr><td>{}</td><td>{}</td><td>{:.2} s</td><td>2^{}</td><td>2^{}</td><td>2^{}</td></tr>",
            escape(name),
            thousands(p.felts),
            p.cpu_seconds,
            p.log_model,
            p.log_witness,
            p.log_stack
        );
    }
    let ops: Vec<_> = facts.operations.iter().map(|(op, n)| format!("{op} × {n}")).collect();
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Model report</title><style>\
         body{{font:15px/1.5 system-ui,sans-serif;max-width:960px;margin:2rem auto;padding:0 1rem;\
         color:#1b1f24}}svg{{width:100%;font:12px system-ui,sans-serif}}rect{{fill:#3b6fd4}}\
         table{{border-collapse:collapse}}td,th{{padding:.3rem .8rem;border-bottom:1px solid #ddd;\
         text-align:right}}td:first-child,th:first-child{{text-align:left}}</style>\
         <h1>Model report</h1><p>{} parameters; {} committed entries; {} lookups.</p><p>{}</p>\
         <h2>Predicted cost</h2><table><tr><th>profile</th><th>felts</th><th>CPU</th><th>M</th>\
         <th>W</th><th>lookup stack</th></tr>{rows}</table>\
         <h2>Committed entries by layer</h2>{}\
         <h2>Largest deviation by layer, relative to the layer's largest value</h2>{}</html>\n",
        thousands(facts.parameters),
        thousands(facts.witness),
        thousands(facts.lookups),
        escape(&ops.join(", ")),
        bars(&cost),
        bars(&deviation)
    )
}
