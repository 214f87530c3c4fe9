#!/usr/bin/env bash
# The Cairo packages, with the core library and the toolchain of this repository: formatting, tests,
# and the contracts against Starknet's limits and the class hashes that are committed.
# scripts/cairo.sh --update writes the class hashes again.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --release --locked --workspace --bins
lab="${CARGO_TARGET_DIR:-target}/release/cairo-lab"

echo "formatting"
"$lab" fmt --check cairo

for package in corelib verifier opening contract; do
  echo "$package compiles without warnings"
  "$lab" check "cairo/$package" --deny-warnings
done

# The suite for recursion; the entry point itself needs the compiler of executables (recursion/).
"$lab" check cairo/verifier --features recursion --deny-warnings
"$lab" check cairo/recursive --no-default-features --deny-warnings

for package in corelib_test verifier opening contract; do
  echo "tests of $package"
  "$lab" test "cairo/$package" --deny-warnings
done

"$lab" test cairo/verifier --features recursion --deny-warnings

echo "contracts"
"$lab" contracts cairo "$@"
