use stwo_ml_compiler::evaluate::evaluate;
use stwo_ml_compiler::graph::*;
use stwo_ml_compiler::import::*;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let mut options = ImportOptions::default();
    for a in &args[2..] {
        options.set(a, &["x".into(), "bytes".into()]).unwrap();
    }
    let m = import(std::path::Path::new(&args[1]), &options).unwrap();
    let inputs: Vec<Array> = m
        .graph
        .inputs
        .iter()
        .map(|&i| {
            let n = &m.graph.nodes[i];
            let v: usize = n.shape.iter().product();
            Array {
                shape: n.shape.clone(),
                data: (0..v)
                    .map(|k| {
                        let r = ((k as u64).wrapping_mul(6364136223846793005) >> 33) % 1000;
                        if n.dtype == DType::Int {
                            (r % 257) as f64
                        } else {
                            r as f64 / 500.0 - 1.0
                        }
                    })
                    .collect(),
            }
        })
        .collect();
    let t = std::time::Instant::now();
    let run = m.run_f32(&inputs).unwrap();
    println!("f32 {:?}", t.elapsed());
    let t = std::time::Instant::now();
    let run = m.run_f32(&inputs).unwrap();
    println!("f32 again {:?}", t.elapsed());
    let vals = evaluate(&m.graph, &inputs).unwrap();
    let mut worst = 0f64;
    let mut c = 0;
    for (id, a) in &run.values {
        c += 1;
        let b = &vals[*id];
        let scale = b.data.iter().fold(0f64, |x, y| x.max(y.abs())).max(1e-9);
        let d = a.data.iter().zip(&b.data).fold(0f64, |w, (x, y)| w.max((x - y).abs())) / scale;
        if d > 1e-4 {
            println!("{} {} {d}", id, m.graph.nodes[*id].name)
        }
        worst = worst.max(d);
    }
    println!(
        "{c} values of {} nodes, worst {worst:e}",
        m.graph.nodes.iter().filter(|n| !matches!(n.op, Op::Const(_))).count()
    );
    for (o, id) in run.outputs.iter().zip(&m.graph.outputs) {
        println!(
            "{:?}\n{:?}",
            &o.data[..o.data.len().min(5)],
            &vals[*id].data[..o.data.len().min(5)]
        )
    }
}
