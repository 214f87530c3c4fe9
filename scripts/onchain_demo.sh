#!/usr/bin/env bash
# Verification on chain, from nothing: starts a local node, deploys the verifier contract, registers four
# models, proves, submits the proofs and shows the events with their gas; then submits bad proofs of every kind, which
# must revert with the reason shown. Needs rustup, and Python with pip.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
fail() { echo "onchain_demo: $*" >&2; exit 1; }

say "Building"
cargo build --release --locked --workspace --bins
bin="$(realpath "${CARGO_TARGET_DIR:-target}")/release/stwo-ml"
devnet=$(scripts/devnet.sh)
models=$(scripts/fetch_models.sh)
venv="${XDG_CACHE_HOME:-$HOME/.cache}/stwo-ml/venv-onchain"
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0 onnx==1.23.2 numpy
work=$(mktemp -d)

# A node of our own, on a free port, that ends with this script.
mkdir -p "$work/cache/stwo-ml"
ln -s "$(dirname "$(dirname "$devnet")")" "$work/cache/stwo-ml/starknet-devnet-0.10.1"
export XDG_CACHE_HOME="$work/cache" STWO_ML_NETWORK=devnet
unset STWO_ML_RPC_URL STWO_ML_ACCOUNT STWO_ML_KEYSTORE STWO_ML_CONTRACT
trap '"$bin" --quiet devnet stop >/dev/null || true; rm -rf "$work"' EXIT

say "1. Deploying the verifier contract"
"$bin" devnet start
contract=$(scripts/deploy.sh)
echo "contract $contract"
again=$(scripts/deploy.sh --json)
[[ $again == *"$contract"*'"steps":[]'* ]] || fail "deploying twice did something: $again"
export STWO_ML_CONTRACT=$contract

say "2. Four models: set up, registered, proven, submitted"
"$venv/bin/python" scripts/make_models.py "$work"
"$venv/bin/python" scripts/make_inputs.py "$work/inputs" 50
profile=conjectured-96-poseidon252
# name, model file, calibration, further options
model() {
  local name=$1 file=$2 calibration=$3
  shift 3
  "$bin" --quiet setup "$file" --calibrate "$calibration" --profile $profile -o "$work/$name.stwoml" "$@"
}
model mlp "$work/mlp.onnx" "$work/mlp"
model lenet "$work/lenet.onnx" "$work/lenet"
model magika "$models/magika.onnx" "$work/inputs/files" --shape bytes=1x2048 --preprocess file-type
model direction "$models/direction.onnx" "$work/inputs/lines" --shape x=1x3x48x192 --preprocess text-line
prove() { "$bin" --quiet prove "$work/$1.stwoml" -o "$work/$1.proof" "${@:2}"; }
prove mlp --input "$(find "$work/mlp" -name '*.npy' | sort | head -1)"
prove lenet --input "$(find "$work/lenet" -name '*.npy' | sort | head -1)"
prove magika --preprocess file-type --input scripts/onchain_demo.sh
prove direction --preprocess text-line --input "$work/inputs/lines/001-180.png"
for name in mlp lenet magika direction; do
  say "$name"
  "$bin" calldata "$work/$name.proof" --vk "$work/$name.vk" -o "$work/$name.json"
  [ $name = lenet ] || "$bin" register "$work/$name.vk"
  [ $name = lenet ] || "$bin" submit "$work/$name.proof" --vk "$work/$name.vk"
done

say "3. Bad proofs"
"$venv/bin/python" - "$work" <<'PY'
import json, sys
folder = sys.argv[1]
good = json.load(open(f"{folder}/mlp.json"))
other = json.load(open(f"{folder}/magika.json"))

def bad(name, **changed):
    json.dump(good | changed, open(f"{folder}/bad-{name}.json", "w"))

def flipped(felts, at, bit=0):
    return [hex(int(f, 16) ^ 1 << bit) if i == at else f for i, f in enumerate(felts)]

bad("root-flipped", proof=flipped(good["proof"], 0))
bad("round-flipped", proof=flipped(good["proof"], 8))
bad("leaf-flipped", proof=flipped(good["proof"], len(good["proof"]) // 2))
bad("end-flipped", proof=flipped(good["proof"], len(good["proof"]) - 1))
bad("cut-short", proof=good["proof"][:-1])
bad("felt-too-many", proof=good["proof"] + ["0x0"])
bad("wrong-output", outputs=flipped(good["outputs"], 0))
bad("wrong-input", inputs=flipped(good["inputs"], 3))
bad("wrong-context", context="0x" + "0" * 63 + "1")
bad("proof-of-another-model", proof=other["proof"])
bad("key-of-another-model", model=other["model"])
PY
# Sends a bad proof all the same. It must be refused by the contract, in a transaction, for a reason.
refused() {
  local name=$1 file=$2 report
  if report=$("$bin" --json submit --calldata "$file" --even-if-refused); then fail "$name was accepted"; fi
  "$venv/bin/python" - "$name" "$report" <<'PY'
import json, sys
name, report = sys.argv[1], json.loads(sys.argv[2])
t = report.get("transaction")
if report.get("accepted") is not False or not t or ": " not in report["reason"]:
    sys.exit(f"onchain_demo: {name}: {sys.argv[2]}")
print(f"{name:24} reverted: {report['reason']:32} {t['l2_gas']:>12,} L2 gas  {t['fee_strk']} STRK")
PY
}
for file in "$work"/bad-*.json; do
  name=$(basename "$file" .json)
  refused "${name#bad-}" "$file"
done
refused model-not-registered "$work/lenet.json"

say "4. The fourth model, now that its proof was refused"
"$bin" register "$work/lenet.vk"
"$bin" submit "$work/lenet.proof" --vk "$work/lenet.vk"
