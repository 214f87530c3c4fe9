#!/usr/bin/env bash
# Declares and deploys the verifier contract, as far as that was not done before; prints its address, and on
# stderr what it cost. Takes the options of `stwo-ml deploy`.
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
exec "$target/release/stwo-ml" deploy "$@"
