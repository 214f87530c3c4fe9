#!/usr/bin/env bash
# Builds starknet-devnet, the local node of `--network devnet`, once (some 20 CPU minutes), into a cache
# outside the repository. Prints the program's path.
set -euo pipefail
cd "$(dirname "$0")/.."
version=0.10.1
folder="${XDG_CACHE_HOME:-$HOME/.cache}/stwo-ml/starknet-devnet-$version"
if [ ! -x "$folder/bin/starknet-devnet" ]; then
  # In a folder of its own: the compiler flags of this repository are not for it, its compiler is.
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  cp rust-toolchain.toml "$scratch"
  (cd "$scratch" && cargo install "starknet-devnet@=$version" --locked --root "$folder" \
    --target-dir "$scratch/target") >&2
fi
echo "$folder/bin/starknet-devnet"
