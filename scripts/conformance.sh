#!/usr/bin/env bash
# Proves the ONNX backend node tests and writes docs/operators.md. Needs Python with pip; the
# packages and the tests are kept in a cache outside the repository.
#
# usage: scripts/conformance.sh [OPTION...]     options of the binary, such as --filter NAME
set -euo pipefail
cd "$(dirname "$0")/.."
cache="${XDG_CACHE_HOME:-$HOME/.cache}/stwo-ml"
venv="$cache/venv-conformance"
cases="$cache/conformance"
version=1.23.2

if ! "$venv/bin/python" -c "import onnx; assert onnx.__version__ == '$version'" 2>/dev/null; then
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "onnx==$version"
fi
"$venv/bin/python" scripts/conformance_cases.py "$cases"

# A partial run does not replace the report.
if [ $# -eq 0 ]; then set -- --report docs/operators.md --at-least 565; fi
cargo build --release --locked --workspace --bins
"${CARGO_TARGET_DIR:-target}/release/conformance" "$cases" "$@"
