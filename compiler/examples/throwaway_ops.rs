use stwo_ml_compiler::graph::*;
use stwo_ml_compiler::import::*;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let mut options = ImportOptions::default();
    for a in &args[2..] {
        options.set(a, &["x".into(), "bytes".into()]).unwrap();
    }
    let t = std::time::Instant::now();
    let m = match import(std::path::Path::new(&args[1]), &options) {
        Ok(m) => m,
        Err(e) => {
            println!("ERR {e}");
            return;
        }
    };
    println!("{:?} import", t.elapsed());
    println!("{:?} {:?} {:?}", m.input_names, m.output_names, m.input_bounds);
    for (i, n) in m.graph.nodes.iter().enumerate() {
        if let Op::Const(_) = n.op {
            if std::env::var("C").is_err() {
                continue;
            }
        }
        let op = match &n.op {
            Op::Const(a) => format!("Const {:?}", &a.data[..a.data.len().min(4)]),
            o => format!("{o:?}"),
        };
        println!("{i} {} {op} {:?} {:?} {:?}", n.name, n.inputs, n.shape, n.dtype);
    }
}
