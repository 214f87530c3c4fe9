#!/usr/bin/env bash
# The Cairo packages, with the core library and the toolchain of this repository: formatting, tests,
# and the contract against Starknet's limits and the class hash that is committed.
# scripts/cairo.sh --update writes the class hash again.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --release --locked --workspace --bins
lab="${CARGO_TARGET_DIR:-target}/release/cairo-lab"

echo "formatting"
"$lab" fmt --check cairo

for package in corelib verifier contract; do
  echo "$package compiles without warnings"
  "$lab" check "cairo/$package" --deny-warnings
done

for package in verifier contract; do
  echo "tests of $package"
  "$lab" test "cairo/$package" --deny-warnings
done

echo "contract"
"$lab" contract cairo/contract --deny-warnings --expect cairo/contract/class_hash.txt "$@"
