#!/usr/bin/env bash
# All tests. Uses cargo-nextest where it is installed.
set -euo pipefail
cd "$(dirname "$0")/.."
if cargo nextest --version >/dev/null 2>&1; then
  cargo nextest run --release --locked --workspace
else
  cargo test --release --locked --workspace
fi
