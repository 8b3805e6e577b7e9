"""What others wrote is as they published it, and travels with its licence."""

from __future__ import annotations

import hashlib
import re

from voicemon.report.render import STATIC, library


def test_every_vendored_file_has_the_hash_that_is_noted_and_a_licence_beside_it():
    noted = dict(re.findall(r"^\| `([\w.]+)` \|.*`([0-9a-f]{64})` \|$", (STATIC / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    scripts = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in STATIC.glob("*.js")}
    assert scripts and noted == scripts
    assert {path.name.split(".")[0] for path in STATIC.glob("*.LICENSE.txt")} == {name.split(".")[0] for name in scripts}


def test_a_page_carries_the_licence_with_the_library():
    carried = library("wavesurfer")
    assert carried.startswith("/*!") and "Redistributions in binary form must reproduce" in carried
    comment, code = carried.split("*/", 1)
    assert "*/" not in comment and (STATIC / "wavesurfer.min.js").read_text(encoding="utf-8") in code
    assert "</script" not in carried.lower() and "<!--" not in carried
