#!/usr/bin/env bash
# Measures ezkl (PyPI) and stwo-ml on the same ONNX files, one after the other, on this machine.
#
# usage: scripts/compare_ezkl.sh [mlp|lenet]...      both unless given; LeNet needs 11 GB for ezkl
set -euo pipefail
cd "$(dirname "$0")/.."
models=("${@:-mlp}")
[ $# -gt 0 ] || models=(mlp lenet)
cargo build --release --locked --workspace --bins
bin="${CARGO_TARGET_DIR:-target}/release/stwo-ml"
venv="${XDG_CACHE_HOME:-$HOME/.cache}/stwo-ml/venv-ezkl"
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check ezkl==23.0.5 onnx==1.23.2 numpy
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$venv/bin/python" scripts/make_models.py "$work"

for name in "${models[@]}"; do
  "$venv/bin/python" - "$work" "$name" "$bin" <<'PY'
import json, os, resource, subprocess, sys, time
folder, name, program = sys.argv[1:]
os.chdir(folder)

def run(label, code):
    """Runs Python in a process of its own; prints wall time, CPU time and peak memory."""
    start = time.time()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if child.returncode:
        sys.exit(f"ezkl {label}: {child.stderr[-2000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"ezkl     {name:6} {label:8} {time.time() - start:8.2f} s  {cpu:8.2f} CPU-s  {after.ru_maxrss / 1e6:6.2f} GB")

async_ = "import asyncio, inspect, ezkl\ndef call(f, *a, **k):\n    r = f(*a, **k)\n    return asyncio.run(r) if inspect.isawaitable(r) else r\n"
n = name
run("settings", async_ + f"call(ezkl.gen_settings, '{n}.onnx', '{n}.set')\ncall(ezkl.calibrate_settings, '{n}.json', '{n}.onnx', '{n}.set', 'resources')\ncall(ezkl.compile_circuit, '{n}.onnx', '{n}.ezkl', '{n}.set')")
logrows = json.load(open(f"{n}.set"))["run_args"]["logrows"]
run("srs", async_ + f"call(ezkl.gen_srs, '{n}.srs', {logrows})")
run("setup", async_ + f"call(ezkl.setup, '{n}.ezkl', '{n}.vk', '{n}.pk', '{n}.srs')")
run("witness", async_ + f"call(ezkl.gen_witness, '{n}.json', '{n}.ezkl', '{n}.wit')")
run("prove", async_ + f"call(ezkl.prove, '{n}.wit', '{n}.ezkl', '{n}.pk', '{n}.pf', '{n}.srs')")
run("verify", async_ + f"assert call(ezkl.verify, '{n}.pf', '{n}.set', '{n}.vk', '{n}.srs')")
for file in ("pk", "vk", "pf"):
    os.remove(f"{n}.{file}")

for suite in ("blake2s", "poseidon252"):
    subprocess.run([program, "setup", f"{n}.onnx", "--calibrate", n, "--profile", f"conjectured-96-{suite}",
                    "-o", f"{n}.stwoml", "--quiet"], check=True, stdout=subprocess.DEVNULL)
    out = subprocess.run([program, "prove", f"{n}.stwoml", "--input", f"{n}/0.npy", "-o", f"{n}.proof", "--json"],
                         check=True, capture_output=True, text=True)
    r = json.loads(out.stdout)
    print(f"stwo-ml  {n:6} {suite:11} prove {r['prove']['wall']:.3f} s, {r['prove']['cpu']:.3f} CPU-s, "
          f"proof of work {r['proof_of_work']['cpu']:.1f} CPU-s, {r['peak_memory'] / 1e9:.2f} GB, "
          f"verify {1e3 * r['verify']['wall']:.2f} ms, {r['felts']} felts")
PY
done
