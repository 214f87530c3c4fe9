#!/usr/bin/env python3
"""Makes inputs for the demo models: files of many types, and pictures of lines of text.

usage: make_inputs.py FOLDER [COUNT]

FOLDER/files gets COUNT files for the file-type model, FOLDER/lines COUNT pictures (half of them
upside down, named *-0.png and *-180.png) for the text-direction model. The same every time.
Pictures need Pillow.
"""
import base64
import bz2
import csv
import gzip
import io
import json
import lzma
import pickle
import random
import sqlite3
import struct
import sys
import tarfile
import wave
import zipfile
import zlib
from pathlib import Path

WORDS = (
    "the of and to in is that it was for on are as with his they at be this from have or by one had "
    "not but what all were when we there can an your which their said if do will each about how up "
    "out them then she many some so these would other into has more her two like him see time could "
    "proof model tensor witness sumcheck field circuit lookup table commit verify prover number"
).split()


def sentence(rng, n):
    return " ".join(rng.choice(WORDS) for _ in range(n)).capitalize() + "."


def prose(rng, paragraphs=6):
    return "\n\n".join(
        " ".join(sentence(rng, rng.randint(6, 16)) for _ in range(5)) for _ in range(paragraphs)
    )


def rows(rng, n=60):
    return [[i, rng.choice(WORDS), round(rng.random() * 100, 2), rng.choice(WORDS)] for i in range(n)]


def png(rng):
    w, h = 64, 48
    raw = b"".join(b"\0" + rng.randbytes(3 * w) for _ in range(h))
    chunk = lambda t, d: struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d))
    head = struct.pack(">IIBBBBB", w, h, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")


def bmp(rng):
    w, h = 40, 30
    data = rng.randbytes(3 * w * h)
    return b"BM" + struct.pack("<IHHI", 54 + len(data), 0, 0, 54) + struct.pack(
        "<IiiHHIIiiII", 40, w, h, 1, 24, 0, len(data), 2835, 2835, 0, 0) + data


def sound(rng):
    out = io.BytesIO()
    with wave.open(out, "wb") as w:
        w.setnchannels(1), w.setsampwidth(2), w.setframerate(8000)
        w.writeframes(rng.randbytes(8000))
    return out.getvalue()


def archive(rng):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for i in range(4):
            z.writestr(f"{rng.choice(WORDS)}{i}.txt", prose(rng))
    return out.getvalue()


def tape(rng):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as t:
        for i in range(3):
            data = prose(rng).encode()
            info = tarfile.TarInfo(f"{rng.choice(WORDS)}{i}.txt")
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()


def table(rng):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["id", "name", "value", "group"])
    writer.writerows(rows(rng))
    return out.getvalue()


def database(rng):
    db = sqlite3.connect(":memory:")
    db.execute("create table t (id integer primary key, name text, value real, grp text)")
    db.executemany("insert into t values (?, ?, ?, ?)", rows(rng))
    db.commit()
    return db.serialize()


def html(rng):
    items = "".join(f"<li><a href='/{r[1]}'>{r[1]} {r[3]}</a></li>\n" for r in rows(rng, 20))
    return (f"<!DOCTYPE html>\n<html lang='en'>\n<head><title>{sentence(rng, 4)}</title></head>\n<body>"
            f"\n<h1>{sentence(rng, 3)}</h1>\n<p>{prose(rng, 2)}</p>\n<ul>\n{items}</ul>\n</body>\n</html>\n")


def xml(rng):
    items = "".join(f'  <item id="{r[0]}"><name>{r[1]}</name><value>{r[2]}</value></item>\n' for r in rows(rng))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<list>\n{items}</list>\n'


def python(rng):
    body = "".join(
        f"\n\ndef {r[1]}_{r[0]}(x, scale={r[2]}):\n    \"\"\"{sentence(rng, 6)}\"\"\"\n"
        f"    for i in range({r[0]}):\n        x += scale * i\n    return x\n" for r in rows(rng, 12))
    return "import math\nimport sys\n" + body + '\n\nif __name__ == "__main__":\n    print(math.pi)\n'


def c(rng):
    body = "".join(
        f"\nstatic int {r[1]}_{r[0]}(const char *s, size_t n) {{\n    int total = {r[0]};\n"
        f"    for (size_t i = 0; i < n; i++) total += s[i];\n    return total;\n}}\n" for r in rows(rng, 12))
    return '#include <stdio.h>\n#include <string.h>\n' + body + '\nint main(void) { printf("%d\\n", 1); return 0; }\n'


def javascript(rng):
    body = "".join(
        f"\nexport function {r[1]}{r[0]}(list) {{\n  const found = list.filter((x) => x.id !== {r[0]});\n"
        f"  return found.map((x) => ({{ ...x, name: '{r[3]}' }}));\n}}\n" for r in rows(rng, 12))
    return "'use strict';\nconst fs = require('fs');\n" + body


def shell(rng):
    body = "".join(f'\nif [ -f "{r[1]}.txt" ]; then\n  echo "{r[3]}" >> "$out"\nfi\n' for r in rows(rng, 15))
    return "#!/bin/bash\nset -euo pipefail\nout=$(mktemp)\n" + body


def rust(rng):
    body = "".join(
        f"\n/// {sentence(rng, 7)}\npub fn {r[1]}_{r[0]}(values: &[u32]) -> Option<u32> {{\n"
        f"    values.iter().copied().filter(|&v| v > {r[0]}).max()\n}}\n" for r in rows(rng, 12))
    return "use std::collections::HashMap;\n" + body


def sql(rng):
    return "".join(f"INSERT INTO items (id, name, value) VALUES ({r[0]}, '{r[1]}', {r[2]});\n" for r in rows(rng))


def ini(rng):
    return "".join(f"[{r[1]}{r[0]}]\nname = {r[3]}\nvalue = {r[2]}\n\n" for r in rows(rng, 30))


def markdown(rng):
    return "".join(f"## {sentence(rng, 3)}\n\n{prose(rng, 1)}\n\n- `{rng.choice(WORDS)}`\n- **{rng.choice(WORDS)}**\n\n" for _ in range(6))


def letter(rng):
    lines = [b"%PDF-1.4", b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
             b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj",
             b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R>>endobj"]
    text = zlib.compress(prose(rng).encode())
    lines += [b"4 0 obj<</Length %d/Filter/FlateDecode>>stream" % len(text), text, b"endstream endobj",
              b"xref", b"0 5", b"trailer<</Root 1 0 R/Size 5>>", b"startxref", b"9", b"%%EOF"]
    return b"\n".join(lines)


KINDS = {
    "txt": prose, "md": markdown, "html": html, "xml": xml, "csv": table, "ini": ini, "sql": sql,
    "py": python, "c": c, "js": javascript, "sh": shell, "rs": rust,
    "json": lambda r: json.dumps([dict(zip(("id", "name", "value", "group"), x)) for x in rows(r)], indent=1),
    "png": png, "bmp": bmp, "wav": sound, "zip": archive, "tar": tape, "sqlite": database, "pdf": letter,
    "gz": lambda r: gzip.compress(prose(r).encode(), mtime=0),
    "bz2": lambda r: bz2.compress(prose(r).encode()),
    "xz": lambda r: lzma.compress(prose(r).encode()),
    "pickle": lambda r: pickle.dumps(rows(r)),
    "b64": lambda r: base64.encodebytes(r.randbytes(2000)).decode(),
}


def files(folder, count):
    folder.mkdir(parents=True, exist_ok=True)
    names = list(KINDS)
    for i in range(count):
        kind = names[i % len(names)]
        data = KINDS[kind](random.Random(f"{kind}{i}"))
        (folder / f"{i:03}.{kind}").write_bytes(data.encode() if isinstance(data, str) else data)


def lines(folder, count):
    from PIL import Image, ImageDraw, ImageFont

    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        rng = random.Random(f"line{i}")
        text = " ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 4)))
        text = rng.choice([str.upper, str.lower, str.capitalize])(text) + rng.choice(["", "!", " 2026", " 17"])
        font = ImageFont.load_default(size=rng.randint(22, 40))
        box = font.getbbox(text)
        size = (box[2] - box[0] + rng.randint(6, 24), box[3] - box[1] + rng.randint(6, 14))
        paper, ink = rng.randint(190, 255), rng.randint(0, 70)
        image = Image.new("RGB", size, (paper, paper, rng.randint(180, 255)))
        ImageDraw.Draw(image).text((4 - box[0], 4 - box[1]), text, font=font, fill=(ink, rng.randint(0, 70), ink))
        turned = 180 * (i % 2)
        image.rotate(turned).save(folder / f"{i:03}-{turned}.png")


if __name__ == "__main__":
    target, n = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 60
    files(target / "files", n)
    lines(target / "lines", n)
