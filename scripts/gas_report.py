#!/usr/bin/env python3
"""Prints the table "Gas by phase" of docs/onchain.md.

usage: gas_report.py CAIRO_LAB NAME=CALLDATA.json...

CAIRO_LAB is the built `cairo-lab`; the files are those of `stwo-ml calldata`. The whole is what a run of
`verify::verify` is charged; the parts are those of its profile, which counts no charge for branches that are
not taken (the last row of gas). A felt of calldata is 6,720 gas; four felts wrap the call.
"""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

CALLDATA = 6_720
PACKAGE = Path(__file__).resolve().parent.parent / "cairo" / "verifier"
# Row, functions whose gas it is (callees included), functions to take out of it again.
ROWS = [
    ("key: transcript, circuit", ["key::read"], []),
    ("statement: unpack, check, absorb", ["statement::StatementImpl::new", "statement::StatementImpl::absorb"], []),
    ("lookups: layers", ["lookup::verify"], []),
    ("identities: rounds, terms", ["product::verify"], ["public::evaluate"]),
    ("public tensors", ["public::evaluate"], []),
    ("opening: leaves", ["leaf::read"], []),
    ("opening: Merkle paths", ["merkle::root"], []),
    ("opening: functionals of leaves", ["tensor::sum"], []),
    ("opening: the rest", ["opening::verify"], ["leaf::read", "merkle::root", "tensor::sum"]),
    ("weights of all claims", ["verify::ClaimsImpl::weights"], []),
]


def lab(program, verb, arguments, *options):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(arguments, file)
        file.flush()
        command = [program, verb, PACKAGE, "verify::verify", f"@{file.name}", *options]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return done.stdout + done.stderr


def measure(program, path):
    felts = json.loads(Path(path).read_text())
    context = int(felts["context"], 16)
    arguments = [
        felts["model"],
        hex(context & (1 << 128) - 1),
        hex(context >> 128),
        felts["inputs"],
        felts["outputs"],
        felts["proof"],
    ]
    total = int(re.search(r"^gas (\d+)", lab(program, "run", arguments), re.M).group(1))
    profile = {}
    for line in lab(program, "profile", arguments, "--top", "100000").splitlines():
        words = line.split()
        if len(words) == 5 and words[4].startswith("stwo_ml_verifier::"):
            profile[words[4].removeprefix("stwo_ml_verifier::")] = int(words[2])
    column = []
    for name, plus, minus in ROWS:
        missing = [f for f in plus if f not in profile]
        if missing:
            sys.exit(f"gas_report: {path}: the profile has no {missing[0]} ({name})")
        column.append(sum(profile[f] for f in plus) - sum(profile.get(f, 0) for f in minus))
    column.append(profile["verify::verify"] - sum(column))
    column.append(total - profile["verify::verify"])
    n_felts = 10 + sum(len(felts[k]) for k in ("model", "inputs", "outputs", "proof"))
    column.append(n_felts * CALLDATA)
    return n_felts, column


def main():
    if len(sys.argv) < 3 or not all("=" in a for a in sys.argv[2:]):
        sys.exit(__doc__)
    names, columns = [], []
    for argument in sys.argv[2:]:
        name, path = argument.split("=", 1)
        names.append(name)
        columns.append(measure(sys.argv[1], path))
    labels = [row[0] for row in ROWS] + ["the rest", "branches not taken", "calldata"]
    print("| M gas | " + " | ".join(names) + " |")
    print("|---|" + "---|" * len(names))
    for i, label in enumerate(labels):
        print(f"| {label} | " + " | ".join(f"{c[i] / 1e6:.1f}" for _, c in columns) + " |")
    print("| **sum** | " + " | ".join(f"**{sum(c) / 1e6:.1f}**" for _, c in columns) + " |")
    print("| felts of calldata | " + " | ".join(f"{n:,}" for n, _ in columns) + " |")
    for price in (8, 3):
        fees = " | ".join(f"{sum(c) * price / 1e9:.2f}" for _, c in columns)
        print(f"| STRK at {price}e9 fri | {fees} |")


main()
