#!/usr/bin/env bash
# Compiles, declares and deploys the verifier contract, as far as that was not done before; prints its address, and on
# stderr what it cost. Takes the options of `stwo-ml deploy`, but --class.
#
# usage: scripts/deploy.sh [--network devnet|sepolia|..] [--rpc URL] [--account 0x..] [--dry-run] ..
#
# The account's key comes from a keystore (--keystore, password asked for or in STWO_ML_KEYSTORE_PASSWORD) or
# from STWO_ML_PRIVATE_KEY. A devnet is started when there is none.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
(cd "$root" && cargo build --release --locked --workspace --bins >&2)
target="${CARGO_TARGET_DIR:-$root/target}"
case " $* " in
  *" --network devnet "* | *" --network=devnet "*) "$root/scripts/devnet.sh" >/dev/null ;;
  *" --network"*) ;;
  *) [ "${STWO_ML_NETWORK:-devnet}" != devnet ] || "$root/scripts/devnet.sh" >/dev/null ;;
esac
classes=$(mktemp -d)
trap 'rm -rf "$classes"' EXIT
for name in contract opening; do
  "$target/release/cairo-lab" contract "$root/cairo/$name" --out "$classes/$name" >&2
done
"$target/release/stwo-ml" deploy --class "$classes/contract" --library "$classes/opening" "$@"
