#!/usr/bin/env bash
# Recursion, a workspace of its own: patches what has to be patched, builds, compares the constants of
# the release with the sources, proves, verifies and attacks a batch of two real inferences, and makes
# one with the main program.
# scripts/recursion.sh --update writes the constants again: after every change of cairo/verifier,
# cairo/recursive or cairo/corelib.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/patch_crates.sh
cd recursion
main_target=$(cd .. && realpath -m "${CARGO_TARGET_DIR:-target}")
# Other dependencies than the main workspace's.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/recursion"
cargo fmt --check -p stwo-ml-recursion -p stwo-ml-outer
cargo clippy --release --workspace --locked --all-targets -- -D warnings
cargo build --release --locked
bin="$CARGO_TARGET_DIR/release/stwo-ml-recurse"
if [ "${1:-}" = --update ]; then
  "$bin" constants --update .
  exit
fi
"$bin" constants
cargo test --release --locked

# The verbs of the main program, which finds the other one in PATH.
(cd .. && CARGO_TARGET_DIR=$main_target cargo build --release --locked --workspace --bin stwo-ml)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PATH=$(realpath "$CARGO_TARGET_DIR/release"):$PATH
"$main_target/release/stwo-ml" recurse tests/data/mlp.proof --vk tests/data/mlp.vk -o "$work/batch"
"$main_target/release/stwo-ml" --json verify "$work/batch" | grep -c model_id | grep -qx 1
[ "$(ls -A "$work")" = batch ]
