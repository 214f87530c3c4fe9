#!/usr/bin/env bash
# Fetches the crates that recursion/ needs in a patched form and applies recursion/patches to them.
# Nothing of them is under version control. Run it before cargo in recursion/; it does nothing
# where its work is done already.
set -euo pipefail
cd "$(dirname "$0")/../recursion"

for patch in "$PWD"/patches/*.patch; do
  name=$(basename "$patch" .patch)
  crate=${name%-*} version=${name##*-}
  target=patched/$crate
  stamp=$target/.patched-with
  want=$(sha256sum <"$patch")
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then continue; fi

  # Cargo fetches the crate and says where it is.
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir "$work/src" && touch "$work/src/lib.rs"
  printf '[workspace]\n[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2024"\n[dependencies]\n%s = "=%s"\n' \
    "$crate" "$version" >"$work/Cargo.toml"
  manifest=$(cargo metadata --format-version 1 --manifest-path "$work/Cargo.toml" |
    grep -oE '"manifest_path":"[^"]*/'"$crate-$version"'/Cargo\.toml"' | head -n 1 | cut -d'"' -f4)

  rm -rf "$target" "$target.new"
  mkdir -p patched
  cp -rL "$(dirname "$manifest")" "$target.new"
  chmod -R u+w "$target.new"
  patch --quiet --fuzz=0 -p1 -d "$target.new" <"$patch"
  printf '%s\n' "$want" >"$target.new/.patched-with"
  mv "$target.new" "$target"
  rm -rf "$work"
  trap - EXIT
  echo "patched $name"
done
