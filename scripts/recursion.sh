#!/usr/bin/env bash
# Recursion, a workspace of its own: patches what has to be patched, builds, compares the constants of
# the release with the sources, and proves, verifies and attacks a batch of two real inferences.
# scripts/recursion.sh --update writes the constants again: after every change of cairo/verifier,
# cairo/recursive or cairo/corelib.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/patch_crates.sh
cd recursion
# Other dependencies than the main workspace's.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/recursion"
cargo fmt --check
cargo clippy --release --locked --all-targets -- -D warnings
cargo build --release --locked
bin="$CARGO_TARGET_DIR/release/stwo-ml-recurse"
if [ "${1:-}" = --update ]; then
  "$bin" constants --update .
  exit
fi
"$bin" constants
cargo test --release --locked
