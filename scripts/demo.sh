#!/usr/bin/env bash
# The whole demo: build, fetch two real models, set them up, prove what type a file has and which way
# up a line of text is, verify both proofs, and reject a forged one. Needs rustup, and Python with pip.
#
# usage: scripts/demo.sh [FILE]     the file whose type is proven; this script unless given
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
file=$(realpath "${1:-$0}")
cd "$root"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

say "Building"
cargo build --release --locked --workspace --bins
bin="${CARGO_TARGET_DIR:-target}/release/stwo-ml"

say "Fetching models and making calibration inputs"
models=$(scripts/fetch_models.sh)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0
"$work/venv/bin/python" scripts/make_inputs.py "$work/inputs" 50

say "1. What type is $(basename "$file")?"
"$bin" setup "$models/magika.onnx" --shape bytes=1x2048 --preprocess file-type \
  --calibrate "$work/inputs/files" -o "$work/magika.stwoml"
"$bin" prove "$work/magika.stwoml" --preprocess file-type --input "$file" \
  --labels "$models/magika.json" -o "$work/type.proof"
"$bin" verify "$work/type.proof" --vk "$work/magika.vk" --labels "$models/magika.json"

say "2. Which way up is this line of text?"
printf '0\n180\n' > "$work/directions"
"$bin" setup "$models/direction.onnx" --shape x=1x3x48x192 --preprocess text-line \
  --calibrate "$work/inputs/lines" -o "$work/direction.stwoml"
"$bin" prove "$work/direction.stwoml" --preprocess text-line --input "$work/inputs/lines/001-180.png" \
  --labels "$work/directions" -o "$work/direction.proof"
"$bin" verify "$work/direction.proof" --vk "$work/direction.vk" --labels "$work/directions"

say "3. A forged proof"
python3 - "$work/direction.proof" <<'PY'
import sys
path = sys.argv[1]
data = bytearray(open(path, "rb").read())
data[-1000] ^= 1
open(path, "wb").write(data)
PY
if "$bin" verify "$work/direction.proof" --vk "$work/direction.vk"; then
  echo "a forged proof was accepted" >&2
  exit 1
fi
